//! Eigenvalues with checks, resolvents, and what bounds their errors.
//!
//! Three independent solvers of eigenvalues stand behind one trait, [`Eigensolver`]: [`Native`] is our own, [`Faer`]
//! and [`Nalgebra`] have eigenvectors too ([`Eigendecomposition`]).
//! Every spectrum can be tested against the traces of its matrix ([`trace_checks`]), and a full
//! eigendecomposition can be certified ([`certify`]). Traces of resolvents do not need
//! eigenvalues at all ([`Tridiagonal`]), nor do counts above a point ([`inertia`]); the largest
//! eigenvalues do not need the matrix ([`top_eigenvalues`]). With the feature
//! `lapack`, LAPACK from a shared library joins the solvers.

mod band;
mod band_corner;
mod certify;
mod corner;
pub mod inertia;
mod lanczos;
#[cfg(feature = "lapack")]
mod lapack;
mod native;
mod resolvent;
mod scaling;
mod solver;
mod stream;
mod tridiagonal;

pub use crate::ensemble::{Hermitian, HermitianError};
pub use band_corner::BandCorner;
pub use certify::{TraceResidual, certify, trace_checks};
pub use corner::{Corner, CornerError, Enclosed};
pub use lanczos::{
    Dense, SymmetricOperator, TopEigenvalues, TopError, TopOptions, TopProgress, top_eigenvalues,
};
#[cfg(feature = "lapack")]
pub use lapack::{Lapack, LapackError};
pub use native::Native;
pub use resolvent::resolvent;
pub use solver::{Eigen, Eigendecomposition, Eigensolver, Eigenvectors, Faer, Nalgebra};
pub use stream::TraceStream;
pub use tridiagonal::{LocateError, Located, Reduction, ReductionWorkspace, Tridiagonal};

use num_complex::Complex64;
use thiserror::Error;

/// Eigenvalues λ₁ ≥ … ≥ λ_N, all finite, N ≥ 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum(Vec<f64>);

/// A spectrum could not be computed, or is not one.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SpectrumError {
    /// No eigenvalues.
    #[error("a spectrum needs at least one eigenvalue")]
    Empty,
    /// An eigenvalue is infinite or NaN.
    #[error("eigenvalue {index} = {value} is not finite")]
    NotFinite {
        /// Position, from 0.
        index: usize,
        /// The eigenvalue.
        value: f64,
    },
    /// An entry of a tridiagonal matrix is infinite or NaN.
    #[error("entry {value} in row {index} of a tridiagonal matrix is not finite")]
    EntryNotFinite {
        /// Row of the entry, from 0; the entry beside the diagonal counts to the upper of its two.
        index: usize,
        /// The entry.
        value: f64,
    },
    /// λ_index < λ_{index + 1}.
    #[error("eigenvalue {index} = {value} is smaller than the next, {next}")]
    NotSorted {
        /// Position, from 0.
        index: usize,
        /// The eigenvalue.
        value: f64,
        /// Its successor.
        next: f64,
    },
    /// The number of eigenvalues is not the size of the matrix.
    #[error("{found} eigenvalues of a matrix of size {n}")]
    WrongNumber {
        /// N.
        n: usize,
        /// Number of eigenvalues.
        found: usize,
    },
    /// Σλ is too far from Tr W.
    #[error("trace check failed: |Σλ − Tr W| = {residual:e} > {bound:e}")]
    TraceMismatch {
        /// |Σλ − Tr W|.
        residual: f64,
        /// What a backward stable solver stays below.
        bound: f64,
    },
    /// Σλ² is too far from ‖W‖_F².
    #[error("trace check failed: |Σλ² − ‖W‖_F²| = {residual:e} > {bound:e}")]
    SquareMismatch {
        /// |Σλ² − ‖W‖_F²|.
        residual: f64,
        /// What a backward stable solver stays below.
        bound: f64,
    },
    /// The solver's iteration did not converge.
    #[error("{solver}: no convergence at N = {n}")]
    NoConvergence {
        /// Name of the solver.
        solver: &'static str,
        /// N.
        n: usize,
    },
    /// Not a self-adjoint matrix.
    #[error(transparent)]
    Hermitian(#[from] HermitianError),
}

impl Spectrum {
    /// `eigenvalues`, if they are finite and descending and at least one.
    pub fn new(eigenvalues: Vec<f64>) -> Result<Self, SpectrumError> {
        if eigenvalues.is_empty() {
            return Err(SpectrumError::Empty);
        }
        if let Some(index) = eigenvalues.iter().position(|x| !x.is_finite()) {
            return Err(SpectrumError::NotFinite {
                index,
                value: eigenvalues[index],
            });
        }
        if let Some(index) = eigenvalues.windows(2).position(|w| w[0] < w[1]) {
            return Err(SpectrumError::NotSorted {
                index,
                value: eigenvalues[index],
                next: eigenvalues[index + 1],
            });
        }
        Ok(Self(eigenvalues))
    }

    /// As [`new`](Self::new), after sorting.
    pub fn from_unsorted(mut eigenvalues: Vec<f64>) -> Result<Self, SpectrumError> {
        eigenvalues.sort_unstable_by(|a, b| b.total_cmp(a));
        Self::new(eigenvalues)
    }

    /// λ₁ ≥ … ≥ λ_N.
    #[must_use]
    pub fn eigenvalues(&self) -> &[f64] {
        &self.0
    }

    /// N.
    #[must_use]
    pub fn n(&self) -> usize {
        self.0.len()
    }

    /// Tr (W − z)⁻¹ = Σ 1/(λ_i − z).
    ///
    /// # Domain   z no eigenvalue
    #[must_use]
    pub fn resolvent_trace(&self, z: Complex64) -> Complex64 {
        self.0.iter().map(|x| (x - z).inv()).sum()
    }

    /// s_N(z) = (1/N) Tr (W − z)⁻¹, with Im s_N > 0 for Im z > 0.
    ///
    /// # Examples
    /// ```
    /// use num_complex::Complex64;
    /// use rmt_verify::spectrum::Spectrum;
    /// let s = Spectrum::new(vec![1.0, -1.0])?;
    /// let i = Complex64::i();
    /// assert_eq!(s.stieltjes(i), i / 2.0); // −z/(z² − 1) at z = i
    /// # Ok::<(), rmt_verify::spectrum::SpectrumError>(())
    /// ```
    #[must_use]
    pub fn stieltjes(&self, z: Complex64) -> Complex64 {
        self.resolvent_trace(z) / self.n() as f64
    }

    /// max_i |λ_i − λ′_i|; infinite if the sizes differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f64 {
        if self.n() != other.n() {
            return f64::INFINITY;
        }
        let pairs = self.0.iter().zip(&other.0);
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }
}
