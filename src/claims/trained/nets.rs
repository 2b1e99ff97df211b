//! Nets trained on the digits that ship with the crate, and the square layer before and after.

use crate::design::{Replicate, ReplicateError};
use crate::ensemble::open_uniforms;
use crate::network::data::Dataset;
use crate::network::mlp::Mlp;
use crate::network::training::{Protocol, Training, TrainingError};
use crate::spectrum::{Hermitian, SpectrumError, Tridiagonal};
use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use std::sync::LazyLock;

/// Times every image is shown, as in Appendix A.
const EPOCHS: usize = 25;
/// The square layer.
pub(super) const MIDDLE: usize = 1;

static DIGITS: LazyLock<Dataset> = LazyLock::new(Dataset::digits);

/// The images.
pub(super) fn data() -> &'static Dataset {
    &DIGITS
}

/// How the square layer of a net makes a matrix with a real spectrum.
///
/// W(0) has entries uniform on ±1/√N: σ² = 1/3 for R = √N W(0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// W of a common net; singular values, as eigenvalues ±y of the matrix with blocks W and Wᵀ.
    Square,
    /// W of a net whose square layer is symmetric from the start and stays so; eigenvalues.
    Symmetric,
    /// (W + Wᵀ)/√2 of a common net; eigenvalues.
    Symmetrised,
}

/// σ² of [`Kind`].
pub(super) const VARIANCE: f64 = 1.0 / 3.0;

impl Kind {
    /// In words, part of stream keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Square => "uniform noise, square",
            Self::Symmetric => "uniform noise, symmetric",
            Self::Symmetrised => "uniform noise, symmetrised",
        }
    }

    /// In words, part of stream keys.
    pub fn signal(self) -> &'static str {
        match self {
            Self::Square => "trained layer",
            Self::Symmetric => "trained symmetric layer",
            Self::Symmetrised => "trained layer, symmetrised",
        }
    }

    /// A variance proxy of one eigenvalue (or singular value) times N; of a mean of k of them it is the k-th part.
    ///
    /// An entry is the map g ↦ (2Φ(g) − 1)/√N of a standard normal, with slope at most √(2/π)/√N. Singular values move by
    /// no more than the entries in the Frobenius norm; a pair of mirrored entries counts twice in its square, and so do
    /// (W_ij + W_ji)/√2.
    pub fn proxy(self) -> f64 {
        let slope_squared = std::f64::consts::FRAC_2_PI;
        match self {
            Self::Square => slope_squared,
            Self::Symmetric | Self::Symmetrised => 2.0 * slope_squared,
        }
    }

    /// Independent noise of the law of the initial weights, `scale` times as large.
    pub fn noise(self, n: usize, scale: f64, rng: &mut ChaCha8Rng) -> DMatrix<f64> {
        let mut entries = vec![0.0; n * n];
        open_uniforms(rng, &mut entries);
        let half_width = scale / (n as f64).sqrt();
        let mut w = DMatrix::from_vec(n, n, entries);
        w.apply(|u| *u = (2.0 * *u - 1.0) * half_width);
        match self {
            Self::Symmetric => w.fill_upper_triangle_with_lower_triangle(),
            _ => w = self.real_spectrum(w),
        }
        w
    }

    /// The matrix itself, or symmetrised.
    fn real_spectrum(self, w: DMatrix<f64>) -> DMatrix<f64> {
        match self {
            Self::Symmetrised => (&w + w.transpose()) * std::f64::consts::FRAC_1_SQRT_2,
            _ => w,
        }
    }

    /// A symmetric matrix from which [`spectrum`](Self::spectrum) gets what is asked for.
    pub fn hermitian(self, w: &DMatrix<f64>) -> Hermitian {
        match self {
            Self::Square => {
                let mut gram = w.transpose() * w;
                // Products in another order may differ in the last bit.
                gram.fill_upper_triangle_with_lower_triangle();
                Hermitian::Real(gram)
            }
            _ => Hermitian::Real(w.clone()),
        }
    }

    /// Singular values or eigenvalues of a matrix, descending.
    pub fn values(self, w: &DMatrix<f64>) -> Result<Vec<f64>, SpectrumError> {
        self.spectrum(&Tridiagonal::reduce(&self.hermitian(w))?)
    }

    /// [`values`](Self::values) of a matrix from the tridiagonal form of [`hermitian`](Self::hermitian), descending.
    pub fn spectrum(self, t: &Tridiagonal) -> Result<Vec<f64>, SpectrumError> {
        let values = t.eigenvalues()?;
        let root = |&x: &f64| match self {
            Self::Square => x.max(0.0).sqrt(),
            _ => x,
        };
        Ok(values.eigenvalues().iter().map(root).collect())
    }
}

/// A net after its last epoch.
#[derive(Debug)]
pub(super) struct Net {
    /// The square layer before the first epoch.
    pub initial: DMatrix<f64>,
    /// The square layer after the last epoch.
    pub trained: DMatrix<f64>,
    /// All of it.
    pub mlp: Mlp<f32>,
}

impl Net {
    /// d × N, N × N, N × 10, by the protocol of Appendix A.
    pub fn train(kind: Kind, width: usize, seed: u64) -> Result<Self, TrainingError> {
        let data = data();
        let sizes = [data.inputs(), width, width, data.classes()];
        let mut mlp = Mlp::<f32>::new(&sizes, seed, 0)?;
        if kind == Kind::Symmetric {
            mlp = mlp.with_symmetric(MIDDLE)?;
        }
        let initial = middle(kind, &mlp);
        let mut training = Training::new(mlp, Protocol::default(), seed, 0)?;
        for _ in 0..EPOCHS {
            training.epoch(data, |_, _| {})?;
        }
        let mlp = training.into_net();
        Ok(Self {
            initial,
            trained: middle(kind, &mlp),
            mlp,
        })
    }

    /// [`train`](Self::train) in a thread of its own.
    ///
    /// Whoever waits for a lock that is held while a net is trained must not hold up the threads that train it: so
    /// they are none of the pool's.
    pub fn train_apart(kind: Kind, width: usize, seed: u64) -> Result<Self, ReplicateError> {
        let train = move || -> Result<Self, ReplicateError> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
            Ok(pool.install(|| Self::train(kind, width, seed))?)
        };
        let outcome = std::thread::spawn(train).join();
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// W − W(0).
    pub fn signal(&self) -> DMatrix<f64> {
        &self.trained - &self.initial
    }
}

/// Every replicate trains a net of its own: the values of S = W − W(0) and of what `sum` makes of the net, to `measure`.
pub(super) fn on_own_nets(
    kind: Kind,
    n: usize,
    sum: impl Fn(&Net, &mut ChaCha8Rng) -> DMatrix<f64> + Send + Sync + 'static,
    measure: impl Fn(&[f64], &[f64]) -> Result<Vec<f64>, ReplicateError> + Send + Sync + 'static,
) -> Replicate {
    Replicate::Reduced {
        draw: Box::new(move |rng, _| {
            let net = Net::train(kind, n, rng.next_u64())?;
            let sum = sum(&net, rng);
            Ok([net.signal(), sum].map(|w| kind.hermitian(&w)).into())
        }),
        measure: Box::new(move |drawn, _| {
            let [(_, signal), (_, sum)] = drawn else {
                unreachable!("two matrices are drawn")
            };
            measure(&kind.spectrum(signal)?, &kind.spectrum(sum)?)
        }),
    }
}

fn middle(kind: Kind, mlp: &Mlp<f32>) -> DMatrix<f64> {
    let layer = &mlp.layers()[MIDDLE];
    let weights = layer.weights().iter().map(|&w| f64::from(w));
    let w = DMatrix::from_row_iterator(layer.outputs(), layer.inputs(), weights);
    kind.real_spectrum(w)
}
