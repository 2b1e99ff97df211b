//! Eigensolvers behind two traits, one for values and one for vectors as well, and two independent
//! implementations of both by other libraries.

use super::{Hermitian, Spectrum, SpectrumError};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Mat, MatMut, MatRef, Par};
use nalgebra::{DMatrix, SymmetricEigen};
use num_complex::Complex64;
use std::fmt::Debug;

/// Eigenvectors in columns; column k belongs to λ_k of the spectrum beside it.
#[derive(Debug, Clone, PartialEq)]
pub enum Eigenvectors {
    /// Orthogonal matrix.
    Real(DMatrix<f64>),
    /// Unitary matrix.
    Complex(DMatrix<Complex64>),
}

/// W ≈ V Λ V*.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// Λ.
    pub spectrum: Spectrum,
    /// V.
    pub vectors: Eigenvectors,
}

/// Computes eigenvalues of self-adjoint matrices.
///
/// Implementations check their input ([`Hermitian::check`]), use one thread, and return values
/// whose bits depend on the matrix and the processor's SIMD width only.
pub trait Eigensolver: Debug + Send + Sync {
    /// Name for tables.
    fn name(&self) -> &'static str;

    /// λ₁ ≥ … ≥ λ_N.
    fn eigenvalues(&self, w: &Hermitian) -> Result<Spectrum, SpectrumError>;

    /// [`eigenvalues`](Self::eigenvalues) of every matrix, to the bit, on one thread.
    fn eigenvalues_of(&self, batch: &[Hermitian]) -> Vec<Result<Spectrum, SpectrumError>> {
        batch.iter().map(|w| self.eigenvalues(w)).collect()
    }
}

/// An eigensolver that has eigenvectors too.
pub trait Eigendecomposition: Eigensolver {
    /// Eigenvalues and eigenvectors.
    fn eigen(&self, w: &Hermitian) -> Result<Eigen, SpectrumError>;
}

/// faer: blocked Householder tridiagonalisation, QR iteration for values, divide and conquer for
/// vectors. Reads the lower triangle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faer;

/// nalgebra: Householder tridiagonalisation and implicit QR steps. Reads the lower triangle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Nalgebra;

impl Eigensolver for Faer {
    fn name(&self) -> &'static str {
        "faer"
    }

    fn eigenvalues(&self, w: &Hermitian) -> Result<Spectrum, SpectrumError> {
        w.check()?;
        match w {
            Hermitian::Real(m) => faer_values(m, |x| x),
            Hermitian::Complex(m) => faer_values(m, |z| z.re),
        }
    }
}

impl Eigendecomposition for Faer {
    fn eigen(&self, w: &Hermitian) -> Result<Eigen, SpectrumError> {
        w.check()?;
        Ok(match w {
            Hermitian::Real(m) => {
                let (spectrum, vectors) = faer_eigen(m, |x| x)?;
                let vectors = Eigenvectors::Real(vectors);
                Eigen { spectrum, vectors }
            }
            Hermitian::Complex(m) => {
                let (spectrum, vectors) = faer_eigen(m, |z| z.re)?;
                let vectors = Eigenvectors::Complex(vectors);
                Eigen { spectrum, vectors }
            }
        })
    }
}

impl Eigensolver for Nalgebra {
    fn name(&self) -> &'static str {
        "nalgebra"
    }

    fn eigenvalues(&self, w: &Hermitian) -> Result<Spectrum, SpectrumError> {
        w.check()?;
        let values = match w {
            Hermitian::Real(m) => m.symmetric_eigenvalues(),
            Hermitian::Complex(m) => m.symmetric_eigenvalues(),
        };
        Spectrum::from_unsorted(values.as_slice().to_vec())
    }
}

impl Eigendecomposition for Nalgebra {
    fn eigen(&self, w: &Hermitian) -> Result<Eigen, SpectrumError> {
        w.check()?;
        let failed = || SpectrumError::NoConvergence {
            solver: "nalgebra",
            n: w.n(),
        };
        // LAPACK allows 30 steps an eigenvalue; this is far beyond.
        let steps = 1000 + 100 * w.n();
        Ok(match w {
            Hermitian::Real(m) => {
                let e = SymmetricEigen::try_new(m.clone(), f64::EPSILON, steps);
                let e = e.ok_or_else(failed)?;
                let (spectrum, vectors) = sorted(e.eigenvalues.as_slice(), &e.eigenvectors)?;
                let vectors = Eigenvectors::Real(vectors);
                Eigen { spectrum, vectors }
            }
            Hermitian::Complex(m) => {
                let e = SymmetricEigen::try_new(m.clone(), f64::EPSILON, steps);
                let e = e.ok_or_else(failed)?;
                let (spectrum, vectors) = sorted(e.eigenvalues.as_slice(), &e.eigenvectors)?;
                let vectors = Eigenvectors::Complex(vectors);
                Eigen { spectrum, vectors }
            }
        })
    }
}

/// nalgebra's columns, viewed by faer without a copy.
pub(super) fn view<T>(m: &DMatrix<T>) -> MatRef<'_, T> {
    MatRef::from_column_major_slice(m.as_slice(), m.nrows(), m.ncols())
}

fn faer_values<T: faer::traits::ComplexField + Copy>(
    m: &DMatrix<T>,
    real: impl Fn(T) -> f64,
) -> Result<Spectrum, SpectrumError> {
    let n = m.nrows();
    let mut values = Mat::<T>::zeros(n, 1);
    faer_evd(m, values.as_mut(), None)?;
    // Ascending from faer, real by construction.
    Spectrum::from_unsorted((0..n).map(|i| real(values[(i, 0)])).collect())
}

fn faer_eigen<T: faer::traits::ComplexField + Copy + nalgebra::Scalar>(
    m: &DMatrix<T>,
    real: impl Fn(T) -> f64,
) -> Result<(Spectrum, DMatrix<T>), SpectrumError> {
    let n = m.nrows();
    let mut values = Mat::<T>::zeros(n, 1);
    let mut vectors = m.clone();
    let u = MatMut::from_column_major_slice_mut(vectors.as_mut_slice(), n, n);
    faer_evd(m, values.as_mut(), Some(u))?;
    let values: Vec<f64> = (0..n).map(|i| real(values[(i, 0)])).collect();
    sorted(&values, &vectors)
}

fn faer_evd<T: faer::traits::ComplexField>(
    m: &DMatrix<T>,
    values: MatMut<'_, T>,
    vectors: Option<MatMut<'_, T>>,
) -> Result<(), SpectrumError> {
    let n = m.nrows();
    let compute = match vectors {
        Some(_) => ComputeEigenvectors::Yes,
        None => ComputeEigenvectors::No,
    };
    // One thread: with more, the bits would depend on their number.
    let scratch = self_adjoint_evd_scratch::<T>(n, compute, Par::Seq, Default::default());
    self_adjoint_evd(
        view(m),
        values.col_mut(0).as_diagonal_mut(),
        vectors,
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    )
    .map_err(|_| SpectrumError::NoConvergence { solver: "faer", n })
}

/// Eigenpairs in descending order of the values.
fn sorted<T: nalgebra::Scalar>(
    values: &[f64],
    vectors: &DMatrix<T>,
) -> Result<(Spectrum, DMatrix<T>), SpectrumError> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[j].total_cmp(&values[i]));
    let spectrum = Spectrum::new(order.iter().map(|&i| values[i]).collect())?;
    Ok((spectrum, vectors.select_columns(&order)))
}
