//! Training by stochastic gradient descent: the same bits for any number of threads, and after any
//! interruption.
//!
//! The order of the images in epoch e is drawn from stream e of its own key, so that the state
//! between two epochs is weights, velocities and the number of the epoch, nothing else.
//!
//! Bits may differ between processors of different SIMD width, which sum in another order.

mod checkpoint;
mod step;

pub use checkpoint::CheckpointError;
pub(crate) use checkpoint::{extract, insert};

use super::data::{Dataset, below};
use super::mlp::{Layer, Mlp, MlpError, Real, Score};
use crate::ensemble::StreamKey;
use serde::{Deserialize, Serialize};
use step::Descent;
use thiserror::Error;

/// How a net is trained.
///
/// The default is the protocol of the published pruning experiments: η = 0.02, μ = 0.9, batches of
/// 128, no weight decay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// η: factor of the velocity in a step.
    pub rate: f64,
    /// μ: share of the velocity that is kept.
    pub momentum: f64,
    /// Images a step; the last step of an epoch takes what is left.
    pub batch: usize,
}

impl Default for Protocol {
    fn default() -> Self {
        Self {
            rate: 0.02,
            momentum: 0.9,
            batch: 128,
        }
    }
}

/// Why a net cannot be trained that way.
#[derive(Debug, Error, PartialEq)]
pub enum TrainingError {
    /// Steps would lead nowhere.
    #[error("the rate must be positive and finite, not {rate}")]
    RateInvalid {
        /// As given.
        rate: f64,
    },
    /// Velocities would grow for ever.
    #[error("the momentum must be in [0, 1), not {momentum}")]
    MomentumInvalid {
        /// As given.
        momentum: f64,
    },
    /// A step needs images.
    #[error("a batch of no images")]
    BatchEmpty,
    /// There is no such net.
    #[error(transparent)]
    Net(#[from] MlpError),
    /// The net is for other images or classes.
    #[error(
        "a net from {inputs} pixels to {outputs} classes and images of {pixels} pixels in {classes} classes"
    )]
    DataDiffer {
        /// Inputs of the net.
        inputs: usize,
        /// Outputs of the net.
        outputs: usize,
        /// Pixels of an image.
        pixels: usize,
        /// Classes of the data.
        classes: usize,
    },
    /// The steps were too long.
    #[error("the weights are no longer finite after epoch {epoch}")]
    Diverged {
        /// Epochs done, this one counted.
        epoch: usize,
    },
}

impl Protocol {
    fn check(&self) -> Result<(), TrainingError> {
        if !(self.rate > 0.0 && self.rate.is_finite()) {
            return Err(TrainingError::RateInvalid { rate: self.rate });
        }
        if !(0.0..1.0).contains(&self.momentum) {
            return Err(TrainingError::MomentumInvalid {
                momentum: self.momentum,
            });
        }
        if self.batch == 0 {
            return Err(TrainingError::BatchEmpty);
        }
        Ok(())
    }
}

/// What one epoch did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochRecord {
    /// Mean of −ln p(label) over the training images, each before the step that took it.
    pub training_loss: f64,
    /// Share of the training images classified right, likewise.
    pub training_accuracy: f64,
    /// Mean of −ln p(label) over the test images, after the epoch.
    pub test_loss: f64,
    /// Share of the test images classified right, after the epoch.
    pub test_accuracy: f64,
}

/// A net on its way.
///
/// f32 is for use, f64 to test against independent results.
#[derive(Debug)]
pub struct Training<T = f32> {
    net: Mlp<T>,
    velocity: Vec<Layer<T>>,
    protocol: Protocol,
    seed: u64,
    replicate: u64,
    history: Vec<EpochRecord>,
}

impl<T: Real> Training<T> {
    /// A net before its first epoch, with velocities 0. `seed` and `replicate` choose the order of
    /// the images.
    ///
    /// # Errors
    /// When the protocol is no way to train.
    pub fn new(
        net: Mlp<T>,
        protocol: Protocol,
        seed: u64,
        replicate: u64,
    ) -> Result<Self, TrainingError> {
        protocol.check()?;
        let still = |layer: &Layer<T>| Layer {
            inputs: layer.inputs,
            outputs: layer.outputs,
            weights: vec![T::default(); layer.weights.len()],
            biases: vec![T::default(); layer.biases.len()],
        };
        Ok(Self {
            velocity: net.layers.iter().map(still).collect(),
            net,
            protocol,
            seed,
            replicate,
            history: Vec::new(),
        })
    }

    /// The net as it is now.
    #[must_use]
    pub fn net(&self) -> &Mlp<T> {
        &self.net
    }

    /// The net, when training is over.
    #[must_use]
    pub fn into_net(self) -> Mlp<T> {
        self.net
    }

    /// Epochs done.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.history.len()
    }

    /// What each epoch did.
    #[must_use]
    pub fn history(&self) -> &[EpochRecord] {
        &self.history
    }

    /// Takes every training image once, in a new order, and then looks at the test images.
    ///
    /// `advanced` is told the images done and all there are, at every step.
    ///
    /// # Errors
    /// When the data are not for this net, or the weights grow beyond all bounds; the net is not fit
    /// for use then.
    pub fn epoch(
        &mut self,
        data: &Dataset,
        mut advanced: impl FnMut(usize, usize),
    ) -> Result<EpochRecord, TrainingError> {
        let (sizes, count) = (self.net.sizes(), data.train.count());
        let (inputs, outputs) = (sizes[0], sizes[sizes.len() - 1]);
        if inputs != data.inputs() || outputs != data.classes() {
            return Err(TrainingError::DataDiffer {
                inputs,
                outputs,
                pixels: data.inputs(),
                classes: data.classes(),
            });
        }
        let order = self.order(count);
        let most = self.protocol.batch.min(count);
        let mut descent = Descent::new(&self.net, std::mem::take(&mut self.velocity), most);
        let (mut right, mut loss, mut done) = (0, 0.0, 0);
        for batch in order.chunks(most) {
            let (batch_right, batch_loss) =
                descent.step(&mut self.net, &data.train, batch, &self.protocol);
            right += batch_right;
            loss += batch_loss;
            done += batch.len();
            advanced(done, count);
        }
        self.velocity = descent.into_velocity();
        let test: Score = self.net.score(&data.test);
        if !(loss.is_finite() && test.loss.is_finite()) {
            return Err(TrainingError::Diverged {
                epoch: self.history.len() + 1,
            });
        }
        let record = EpochRecord {
            training_loss: loss / count as f64,
            training_accuracy: right as f64 / count as f64,
            test_loss: test.loss,
            test_accuracy: test.accuracy(),
        };
        self.history.push(record);
        Ok(record)
    }

    /// The order of the images in the next epoch: all orders are equally likely, and independent
    /// from one epoch to the next.
    #[must_use]
    pub fn order(&self, count: usize) -> Vec<u32> {
        let mut rng = StreamKey {
            epoch: self.seed,
            claim: "network/training".into(),
            law: format!("order of images, replicate {}", self.replicate),
            n: self.net.layers[0].outputs,
            signal: "none".into(),
        }
        .generator(self.history.len() as u64);
        let mut order: Vec<u32> = (0..count as u32).collect();
        for last in (1..count).rev() {
            order.swap(last, below(&mut rng, last as u64 + 1) as usize);
        }
        order
    }
}
