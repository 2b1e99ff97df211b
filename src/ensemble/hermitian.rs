//! Self-adjoint matrices, checked once.

use nalgebra::DMatrix;
use num_complex::Complex64;
use thiserror::Error;

/// N × N self-adjoint matrix, real symmetric or complex Hermitian.
///
/// Made by [`real`](Self::real) and [`complex`](Self::complex), which check it, or by
/// [`from_lower`](Self::from_lower). The variants are open for reading; a matrix put into one by
/// hand is checked again by whatever solves it ([`check`](Self::check)).
#[derive(Debug, Clone, PartialEq)]
pub enum Hermitian {
    /// W = Wᵀ.
    Real(DMatrix<f64>),
    /// W = W*.
    Complex(DMatrix<Complex64>),
}

/// Why a matrix is no [`Hermitian`].
#[derive(Debug, Clone, PartialEq, Error)]
pub enum HermitianError {
    /// N = 0.
    #[error("a matrix of size N = 0 has no spectrum")]
    Empty,
    /// Not square.
    #[error("{rows} × {columns} matrix is not square")]
    NotSquare {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },
    /// An entry is infinite or NaN.
    #[error("entry ({row}, {column}) = {value} is not finite")]
    NotFinite {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The entry.
        value: Complex64,
    },
    /// W_ij ≠ conj W_ji.
    #[error("entry ({row}, {column}) = {value} but entry ({column}, {row}) = {mirrored}")]
    NotSelfAdjoint {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The entry.
        value: Complex64,
        /// The entry that should be its conjugate.
        mirrored: Complex64,
    },
}

impl Hermitian {
    /// W, if it is square, not empty, finite, and symmetric to the bit.
    pub fn real(w: DMatrix<f64>) -> Result<Self, HermitianError> {
        let w = Self::Real(w);
        w.check()?;
        Ok(w)
    }

    /// W, if it is square, not empty, finite, and self-adjoint to the bit.
    pub fn complex(w: DMatrix<Complex64>) -> Result<Self, HermitianError> {
        let w = Self::Complex(w);
        w.check()?;
        Ok(w)
    }

    /// The self-adjoint matrix whose lower triangle is that of `w`; its upper triangle is ignored
    /// and so are imaginary parts on the diagonal.
    pub fn from_lower(mut w: Self) -> Result<Self, HermitianError> {
        let (rows, columns) = w.shape();
        if rows == columns {
            match &mut w {
                Self::Real(m) => m.fill_upper_triangle_with_lower_triangle(),
                Self::Complex(m) => {
                    for i in 0..rows {
                        for j in 0..i {
                            m[(j, i)] = m[(i, j)].conj();
                        }
                        m[(i, i)].im = 0.0;
                    }
                }
            }
        }
        w.check()?;
        Ok(w)
    }

    /// Checks what the constructors promise.
    pub fn check(&self) -> Result<(), HermitianError> {
        let (rows, columns) = self.shape();
        if rows != columns {
            return Err(HermitianError::NotSquare { rows, columns });
        }
        if rows == 0 {
            return Err(HermitianError::Empty);
        }
        match self {
            Self::Real(m) => check_entries(m, |x| x.is_finite(), |x| x, |x| x.into()),
            Self::Complex(m) => check_entries(m, |z| z.is_finite(), |z| z.conj(), |z| z),
        }
    }

    fn shape(&self) -> (usize, usize) {
        match self {
            Self::Real(m) => m.shape(),
            Self::Complex(m) => m.shape(),
        }
    }

    /// N.
    #[must_use]
    pub fn n(&self) -> usize {
        self.shape().0
    }

    /// Tr W = Σ W_ii.
    #[must_use]
    pub fn trace(&self) -> f64 {
        match self {
            Self::Real(m) => m.diagonal().iter().sum(),
            Self::Complex(m) => m.diagonal().iter().map(|z| z.re).sum(),
        }
    }

    /// ‖W‖_F² = Σ |W_ij|² = Tr W².
    #[must_use]
    pub fn frobenius_squared(&self) -> f64 {
        match self {
            Self::Real(m) => m.norm_squared(),
            Self::Complex(m) => m.norm_squared(),
        }
    }

    /// max_i Σ_j |W_ij|, which bounds ‖W‖ and ‖|W|‖.
    #[must_use]
    pub fn row_sum_norm(&self) -> f64 {
        // Columns and rows have the same sums, and columns are contiguous.
        let largest = |sums: &mut dyn Iterator<Item = f64>| sums.fold(0.0, f64::max);
        match self {
            Self::Real(m) => largest(
                &mut m
                    .column_iter()
                    .map(|c| c.iter().map(|x| x.abs()).sum::<f64>()),
            ),
            Self::Complex(m) => largest(
                &mut m
                    .column_iter()
                    .map(|c| c.iter().map(|z| z.norm()).sum::<f64>()),
            ),
        }
    }

    /// W with complex entries.
    #[must_use]
    pub fn to_complex(&self) -> DMatrix<Complex64> {
        match self {
            Self::Real(m) => m.map(Complex64::from),
            Self::Complex(m) => m.clone(),
        }
    }

    /// a·self + b·other, complex if either is.
    ///
    /// Panics if the sizes differ.
    #[must_use]
    pub fn combined(&self, a: f64, b: f64, other: &Self) -> Self {
        assert_eq!(self.n(), other.n(), "sizes of the summands");
        match (self, other) {
            (Self::Real(x), Self::Real(y)) => Self::Real(x.zip_map(y, |x, y| a * x + b * y)),
            _ => Self::Complex(
                self.to_complex()
                    .zip_map(&other.to_complex(), |x, y| x * a + y * b),
            ),
        }
    }

    /// Adds diag(d) in place.
    pub(crate) fn add_diagonal(&mut self, d: &[f64]) {
        match self {
            Self::Real(m) => d.iter().enumerate().for_each(|(i, x)| m[(i, i)] += x),
            Self::Complex(m) => d.iter().enumerate().for_each(|(i, x)| m[(i, i)].re += x),
        }
    }
}

/// Rows and columns checked together: the mirrored entries, one in each column, stay in the cache.
const TILE: usize = 32;

fn check_entries<T: Copy + PartialEq + nalgebra::Scalar>(
    m: &DMatrix<T>,
    finite: impl Fn(T) -> bool,
    conj: impl Fn(T) -> T,
    show: impl Fn(T) -> Complex64,
) -> Result<(), HermitianError> {
    let n = m.nrows();
    let check = |row: usize, column: usize| {
        let (value, mirrored) = (m[(row, column)], m[(column, row)]);
        // The diagonal is compared with its own conjugate.
        if finite(value) && finite(mirrored) && value == conj(mirrored) {
            return Ok(());
        }
        let at = |row, column, value: T| HermitianError::NotFinite {
            row,
            column,
            value: show(value),
        };
        Err(if !finite(value) {
            at(row, column, value)
        } else if !finite(mirrored) {
            at(column, row, mirrored)
        } else {
            HermitianError::NotSelfAdjoint {
                row,
                column,
                value: show(value),
                mirrored: show(mirrored),
            }
        })
    };
    for left in (0..n).step_by(TILE) {
        for top in (left..n).step_by(TILE) {
            for column in left..(left + TILE).min(n) {
                for row in top.max(column)..(top + TILE).min(n) {
                    check(row, column)?;
                }
            }
        }
    }
    Ok(())
}
