//! Random matrices with streams of their own: W = R/√N + S.
//!
//! Randomness flows from a [`StreamKey`] through one generator per replicate into uniforms
//! ([`open_uniform`]), entries by inverse CDF ([`EntryLaw`], [`normal_quantile`]), noise
//! ([`Ensemble`]), signal ([`Signal`]) and their sum ([`Deformed`]), stored or made anew whenever
//! it is used ([`ImplicitWigner`]).

mod band;
mod deformed;
mod fill;
mod hermitian;
mod implicit;
mod keystream;
mod law;
mod normal;
mod samples;
mod signal;
mod stream;
mod tridiagonal;
mod violation;

pub use band::{Band, BandEntries, BandError, BandModel};
pub use deformed::{Deformed, Interpolation, InterpolationPath};
pub use hermitian::{Hermitian, HermitianError};
pub use implicit::{ImplicitError, ImplicitWigner, Row, WIDTH};
pub use law::EntryLaw;
pub use normal::{normal_quantile, standard_normal};
pub use samples::Samples;
pub use signal::{Basis, Signal, SignalShape, haar_orthogonal, haar_unitary};
pub(crate) use stream::digest;
pub use stream::{StreamKey, open_uniform, open_uniforms};
pub use tridiagonal::{
    TridiagonalEntries, TridiagonalError, TridiagonalModel, TridiagonalRow, TridiagonalRows,
};
pub use violation::{Profile, Violation, ViolationError};

use rand_chacha::ChaCha8Rng;
use thiserror::Error;

/// Law of the noise R/√N.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ensemble {
    /// Real symmetric, independent for i ≤ j: R_ij = σX_ij off the diagonal, R_ii = σ√v_d·X_ii,
    /// X_ij with the entry law.
    Wigner {
        /// Law of the entries, before scaling.
        law: EntryLaw,
        /// v_d = E R_ii²/σ²; 2 in the paper.
        diagonal_variance: f64,
        /// σ, the standard deviation off the diagonal.
        sigma: f64,
    },
    /// Complex Hermitian Gaussian: R_ij = σ(a + ib)/√2 off the diagonal, R_ii = σa, with a, b
    /// standard normals. E|R_ij|² = σ², E R_ij² = 0.
    Gue {
        /// σ.
        sigma: f64,
    },
}

/// Ill-posed question about an ensemble or a signal.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EnsembleError {
    /// N = 0.
    #[error("matrix size N = 0: N must be at least 1")]
    SizeZero,
    /// σ < 0, infinite, or NaN. σ = 0 is no error: the noise vanishes and W = S.
    #[error("σ = {sigma} must be finite and not negative")]
    SigmaNegative {
        /// σ.
        sigma: f64,
    },
    /// v_d < 0, infinite, or NaN.
    #[error("diagonal variance v_d = {diagonal_variance} must be finite and not negative")]
    DiagonalVarianceNegative {
        /// v_d.
        diagonal_variance: f64,
    },
    /// A weight that is not positive.
    #[error("atom at {location} has weight {weight}, which is not positive")]
    WeightNotPositive {
        /// Location of the atom.
        location: f64,
        /// Its weight.
        weight: f64,
    },
    /// Weights that do not sum to 1.
    #[error("weights sum to {sum}, not to 1")]
    WeightsNotOne {
        /// Their sum.
        sum: f64,
    },
    /// lo ≥ hi.
    #[error("interval [{lo}, {hi}] is empty or not finite")]
    IntervalEmpty {
        /// Left end.
        lo: f64,
        /// Right end.
        hi: f64,
    },
    /// Prescribed eigenvalues whose number is not N.
    #[error("{found} prescribed eigenvalues for a matrix of size {n}")]
    WrongNumber {
        /// N.
        n: usize,
        /// Number of prescribed eigenvalues.
        found: usize,
    },
    /// No eigenvalue is left for the bulk.
    #[error("{spikes} spikes in a matrix of size {n} leave no bulk")]
    NoBulk {
        /// N.
        n: usize,
        /// k.
        spikes: usize,
    },
    /// A prescribed eigenvalue or location that is infinite or NaN.
    #[error("eigenvalue {value} is not finite")]
    EigenvalueNotFinite {
        /// The value.
        value: f64,
    },
    /// A population eigenvalue that is negative, infinite or NaN.
    #[error("{value} is not an eigenvalue of a covariance: it must be finite and not negative")]
    NotACovariance {
        /// The value.
        value: f64,
    },
    /// t outside [0, 1].
    #[error("interpolation time t = {t} lies outside [0, 1]")]
    TimeOutside {
        /// t.
        t: f64,
    },
    /// Ensembles that do not read their streams alike cannot be coupled entry by entry.
    #[error("{left} and {right} cannot be made from the same uniforms")]
    NotCoupled {
        /// Name of the first.
        left: String,
        /// Name of the second.
        right: String,
    },
    /// Not a self-adjoint matrix.
    #[error(transparent)]
    Hermitian(#[from] HermitianError),
    /// The eigenvalues of the signal do not make a measure.
    #[error(transparent)]
    Measure(#[from] crate::measure::MeasureError),
}

impl Ensemble {
    /// GOE: Gaussian, v_d = 2, σ = 1.
    #[must_use]
    pub fn goe() -> Self {
        Self::wigner(EntryLaw::Gaussian)
    }

    /// GUE with σ = 1.
    #[must_use]
    pub fn gue() -> Self {
        Self::Gue { sigma: 1.0 }
    }

    /// Wigner matrices with this law, v_d = 2, σ = 1.
    #[must_use]
    pub fn wigner(law: EntryLaw) -> Self {
        Self::Wigner {
            law,
            diagonal_variance: 2.0,
            sigma: 1.0,
        }
    }

    /// Name for ledgers and stream keys: `goe`, `gue`, `wigner-uniform`, …, with `-vd1` appended
    /// when v_d = 1 (any v_d ≠ 2) and `-sigma0.5` when σ = 0.5 (any σ ≠ 1).
    #[must_use]
    pub fn name(&self) -> String {
        let (mut name, diagonal_variance) = match self {
            Self::Wigner {
                law,
                diagonal_variance,
                ..
            } => match law {
                EntryLaw::Gaussian => ("goe".to_owned(), *diagonal_variance),
                law => (format!("wigner-{}", law.name()), *diagonal_variance),
            },
            Self::Gue { .. } => ("gue".to_owned(), 2.0),
        };
        if diagonal_variance != 2.0 {
            name += &format!("-vd{diagonal_variance}");
        }
        if self.sigma() != 1.0 {
            name += &format!("-sigma{}", self.sigma());
        }
        name
    }

    /// σ.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        match self {
            Self::Wigner { sigma, .. } | Self::Gue { sigma } => *sigma,
        }
    }

    /// The same with another σ.
    #[must_use]
    pub fn with_sigma(mut self, sigma: f64) -> Self {
        match &mut self {
            Self::Wigner { sigma: own, .. } | Self::Gue { sigma: own } => *own = sigma,
        }
        self
    }

    /// Whether U R U* has the law of R for every orthogonal (GUE: unitary) U.
    #[must_use]
    pub fn is_invariant(&self) -> bool {
        match self {
            Self::Wigner {
                law,
                diagonal_variance,
                ..
            } => *law == EntryLaw::Gaussian && *diagonal_variance == 2.0,
            Self::Gue { .. } => true,
        }
    }

    /// One R/√N, N × N.
    ///
    /// Reads the stream down the columns of the lower triangle, diagonal included; one uniform an
    /// entry, two (real, imaginary part) for an entry of the GUE off its diagonal. Ensembles with
    /// different laws fed with the same stream are therefore coupled entry by entry.
    pub fn noise(&self, n: usize, rng: &mut ChaCha8Rng) -> Result<Hermitian, EnsembleError> {
        self.check()?;
        if n == 0 {
            return Err(EnsembleError::SizeZero);
        }
        let scale = self.sigma() / (n as f64).sqrt();
        Ok(match self {
            Self::Wigner {
                law,
                diagonal_variance,
                ..
            } => {
                let diagonal_scale = diagonal_variance.sqrt() * scale;
                Hermitian::Real(fill::symmetric(n, *law, diagonal_scale, scale, rng))
            }
            Self::Gue { .. } => Hermitian::Complex(fill::hermitian(n, scale, rng)),
        })
    }

    fn check(&self) -> Result<(), EnsembleError> {
        let sigma = self.sigma();
        if !(sigma >= 0.0 && sigma.is_finite()) {
            return Err(EnsembleError::SigmaNegative { sigma });
        }
        match *self {
            Self::Wigner {
                diagonal_variance, ..
            } if !(diagonal_variance >= 0.0 && diagonal_variance.is_finite()) => {
                Err(EnsembleError::DiagonalVarianceNegative { diagonal_variance })
            }
            _ => Ok(()),
        }
    }

    /// v such that Tr f(R/√N + S) is sub-Gaussian about its mean with variance proxy v·sup|f′|²,
    /// for every N, every fixed S and every real Lipschitz f.
    ///
    /// # Value    real symmetric: max(2, v_d)·L²σ²; GUE: σ²; `None` if the law is no Lipschitz image
    /// of a normal. Any F that is K-Lipschitz in Frobenius norm has proxy K²v/N; one
    /// eigenvalue has K = 1
    #[doc = include_str!("../docs/derivations/lipschitz_entries.md")]
    #[must_use]
    pub fn variance_proxy(&self) -> Option<f64> {
        match self {
            Self::Wigner {
                law,
                diagonal_variance,
                sigma,
            } => {
                let l = law.lipschitz()?;
                Some(diagonal_variance.max(2.0) * (l * sigma).powi(2))
            }
            Self::Gue { sigma } => Some(sigma * sigma),
        }
    }
}
