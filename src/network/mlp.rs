//! Fully connected nets with rectifiers, and what they say about images.

mod products;

pub use products::Real;
pub(super) use products::{Products, block, product};

use super::data::Labelled;
use crate::ensemble::{StreamKey, open_uniforms};
use rayon::prelude::*;
use thiserror::Error;

/// Why there is no net of the sizes asked for.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MlpError {
    /// A net needs an input and an output.
    #[error("a net needs at least two sizes, not {sizes:?}")]
    TooFewSizes {
        /// As given.
        sizes: Vec<usize>,
    },
    /// A layer without units, or more weights than an address space.
    #[error("sizes of layers must be positive and their products must be numbers: {sizes:?}")]
    SizeInvalid {
        /// As given.
        sizes: Vec<usize>,
    },
    /// A symmetric weight matrix is square.
    #[error("layer {layer} is {outputs} × {inputs} and cannot be symmetric")]
    NotSquare {
        /// From 0.
        layer: usize,
        /// Rows.
        outputs: usize,
        /// Columns.
        inputs: usize,
    },
}

/// x ↦ W x + b.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer<T> {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) weights: Vec<T>,
    pub(super) biases: Vec<T>,
}

impl<T> Layer<T> {
    /// Columns of W.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Rows of W.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// W, row by row.
    #[must_use]
    pub fn weights(&self) -> &[T] {
        &self.weights
    }

    /// b.
    #[must_use]
    pub fn biases(&self) -> &[T] {
        &self.biases
    }
}

/// x ↦ W_L ρ(… ρ(W₁ x + b₁) …) + b_L with ρ(t) = max(t, 0).
#[derive(Debug, Clone, PartialEq)]
pub struct Mlp<T> {
    pub(super) layers: Vec<Layer<T>>,
    /// The layer whose W is symmetric, if one is.
    pub(super) symmetric: Option<usize>,
}

/// How a net does on a set of labelled images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Images whose largest output is that of their label; of equal outputs the first counts.
    pub right: usize,
    /// Images.
    pub count: usize,
    /// Mean of −ln p(label).
    pub loss: f64,
}

impl Score {
    /// Share of the images that were classified right.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.count as f64
    }
}

impl<T: Real> Mlp<T> {
    /// A net with sizes d, N₁, …, classes; weights and biases of each layer uniform on
    /// ±1/√(its inputs), drawn from a stream of (`seed`, N₁, `replicate`).
    ///
    /// # Errors
    /// When there are fewer than two sizes, or one is 0.
    pub fn new(sizes: &[usize], seed: u64, replicate: u64) -> Result<Self, MlpError> {
        let invalid = || MlpError::SizeInvalid {
            sizes: sizes.to_vec(),
        };
        if sizes.len() < 2 {
            return Err(MlpError::TooFewSizes {
                sizes: sizes.to_vec(),
            });
        }
        let mut layers = Vec::with_capacity(sizes.len() - 1);
        for (index, pair) in sizes.windows(2).enumerate() {
            let (inputs, outputs) = (pair[0], pair[1]);
            if inputs == 0 || outputs == 0 {
                return Err(invalid());
            }
            let count = inputs
                .checked_mul(outputs)
                .filter(|count| *count <= isize::MAX as usize / 64)
                .ok_or_else(invalid)?;
            let mut rng = StreamKey {
                epoch: seed,
                claim: "network/training".into(),
                law: format!("initial weights of layer {index}"),
                n: sizes[1],
                signal: "none".into(),
            }
            .generator(replicate);
            let half_width = 1.0 / (inputs as f64).sqrt();
            let mut draw = |count: usize| -> Vec<T> {
                let mut uniforms = vec![0.0; count];
                open_uniforms(&mut rng, &mut uniforms);
                let scaled = uniforms.iter().map(|u| (2.0 * u - 1.0) * half_width);
                scaled.map(T::of).collect()
            };
            layers.push(Layer {
                inputs,
                outputs,
                weights: draw(count),
                biases: draw(outputs),
            });
        }
        Ok(Self {
            layers,
            symmetric: None,
        })
    }

    /// The same net with the lower triangle of a square W mirrored, and W kept symmetric by
    /// training.
    ///
    /// # Errors
    /// When W is not square.
    pub fn with_symmetric(mut self, layer: usize) -> Result<Self, MlpError> {
        let Layer {
            inputs, outputs, ..
        } = self.layers[layer];
        if inputs != outputs {
            return Err(MlpError::NotSquare {
                layer,
                outputs,
                inputs,
            });
        }
        let weights = &mut self.layers[layer].weights;
        for i in 0..inputs {
            for j in i + 1..inputs {
                weights[i * inputs + j] = weights[j * inputs + i];
            }
        }
        self.symmetric = Some(layer);
        Ok(self)
    }

    /// The layers, from the input on.
    #[must_use]
    pub fn layers(&self) -> &[Layer<T>] {
        &self.layers
    }

    /// The layers, when the net is no longer needed.
    #[must_use]
    pub fn into_layers(self) -> Vec<Layer<T>> {
        self.layers
    }

    /// The index of the layer whose W is kept symmetric.
    #[must_use]
    pub fn symmetric(&self) -> Option<usize> {
        self.symmetric
    }

    /// Replaces W of one layer, row by row: to judge a pruned or otherwise changed net.
    ///
    /// # Panics
    /// When there is no such layer or `weights` has another length.
    #[must_use]
    pub fn with_weights(mut self, layer: usize, weights: Vec<T>) -> Self {
        assert_eq!(weights.len(), self.layers[layer].weights.len());
        self.layers[layer].weights = weights;
        self
    }

    /// d, N₁, …, classes.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        let outputs = self.layers.iter().map(|layer| layer.outputs);
        std::iter::once(self.layers[0].inputs)
            .chain(outputs)
            .collect()
    }

    /// How the net does on labelled images, batch by batch.
    ///
    /// # Panics
    /// When the images have another size than the input.
    #[must_use]
    pub fn score(&self, set: &Labelled) -> Score {
        const BATCH: usize = 512;
        let mut work = Products::new(self, BATCH.min(set.count()));
        let mut right = 0;
        let mut loss = 0.0;
        let indices: Vec<u32> = (0..set.count() as u32).collect();
        for batch in indices.chunks(BATCH) {
            work.forward(self, set, batch);
            let (batch_right, batch_loss) = work.judge(set, batch, |_, _, _| {});
            right += batch_right;
            loss += batch_loss;
        }
        Score {
            right,
            count: set.count(),
            loss: loss / set.count() as f64,
        }
    }

    /// The outputs before the softmax, image after image.
    ///
    /// # Panics
    /// As [`Mlp::score`].
    #[must_use]
    pub fn outputs(&self, set: &Labelled) -> Vec<Vec<f64>> {
        let mut work = Products::new(self, set.count());
        let indices: Vec<u32> = (0..set.count() as u32).collect();
        work.forward(self, set, &indices);
        let (count, outputs) = (set.count(), work.outputs());
        (0..count)
            .into_par_iter()
            .map(|image| {
                let column = outputs[image..].iter().step_by(count);
                column.map(|x| x.value()).collect()
            })
            .collect()
    }
}
