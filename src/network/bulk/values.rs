//! Singular values of one matrix, checked and scaled.

use faer::MatRef;
use thiserror::Error;

/// Singular values y₁ ≥ … ≥ y_m ≥ 0 of a rows × columns matrix, m = min(rows, columns) ≥ 1, all finite.
#[derive(Debug, Clone, PartialEq)]
pub struct SingularValues {
    values: Vec<f64>,
    rows: usize,
    columns: usize,
}

/// Why there is nothing to analyse.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum BulkError {
    /// rows or columns is 0.
    #[error("a {rows} × {columns} matrix has no singular values")]
    Empty {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// Not min(rows, columns) values.
    #[error("{found} singular values of a matrix that has {expected}")]
    WrongNumber {
        /// min(rows, columns).
        expected: usize,
        /// Values given.
        found: usize,
    },
    /// A value is infinite, NaN or negative.
    #[error("singular value {index} = {value} is not a finite number ≥ 0")]
    ValueInvalid {
        /// Position, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// An entry of the matrix is infinite or NaN.
    #[error("entry ({row}, {column}) = {value} is not finite")]
    EntryNotFinite {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// A singular value exceeds the largest number.
    #[error("the largest singular value exceeds the largest number")]
    Overflow,
    /// The singular value decomposition did not converge.
    #[error("no singular values of a {rows} × {columns} matrix: the iteration did not converge")]
    NoConvergence {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// A probability of the options is not inside (0, 1).
    #[error("{name} = {value} is not inside (0, 1)")]
    ProbabilityInvalid {
        /// Which.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// BEMA's α is not in [0, 0.45].
    #[error("α = {alpha} leaves no middle of the spectrum: it must be in [0, 0.45]")]
    TrimInvalid {
        /// α.
        alpha: f64,
    },
    /// A spectrum given to an analyser of another shape.
    #[error("a spectrum of a {found:?} matrix, where {expected:?} was expected")]
    ShapeMismatch {
        /// Rows and columns of the analyser.
        expected: (usize, usize),
        /// Rows and columns of the spectrum.
        found: (usize, usize),
    },
    /// Too few replicates for an interval.
    #[error("{replicates} replicates are fewer than {needed}")]
    TooFewReplicates {
        /// Asked for.
        replicates: usize,
        /// Least number.
        needed: usize,
    },
}

impl SingularValues {
    /// `values` in any order.
    ///
    /// # Errors
    /// [`BulkError`] unless there are min(rows, columns) ≥ 1 finite values ≥ 0.
    pub fn new(mut values: Vec<f64>, rows: usize, columns: usize) -> Result<Self, BulkError> {
        let expected = rows.min(columns);
        if expected == 0 {
            return Err(BulkError::Empty { rows, columns });
        }
        let found = values.len();
        if found != expected {
            return Err(BulkError::WrongNumber { expected, found });
        }
        if let Some(index) = values.iter().position(|x| !(x.is_finite() && *x >= 0.0)) {
            let value = values[index];
            return Err(BulkError::ValueInvalid { index, value });
        }
        values.sort_unstable_by(|a, b| b.total_cmp(a));
        Ok(Self {
            values,
            rows,
            columns,
        })
    }

    /// The singular values of W, by faer on one thread: the bits do not depend on how many there are.
    ///
    /// W is scaled by a power of two, so that no square over- or underflows.
    ///
    /// # Errors
    /// [`BulkError`]: an entry that is not finite, an empty matrix, no convergence.
    pub fn of(w: MatRef<'_, f64>) -> Result<Self, BulkError> {
        let (rows, columns) = (w.nrows(), w.ncols());
        if rows.min(columns) == 0 {
            return Err(BulkError::Empty { rows, columns });
        }
        let mut largest = 0.0f64;
        for column in 0..columns {
            for row in 0..rows {
                let value = w[(row, column)];
                if !value.is_finite() {
                    return Err(BulkError::EntryNotFinite { row, column, value });
                }
                largest = largest.max(value.abs());
            }
        }
        let scale = Scale::of(largest);
        let scaled = faer::Mat::from_fn(rows, columns, |i, j| scale.down(w[(i, j)]));
        let mut values =
            singular_values(scaled.as_ref()).ok_or(BulkError::NoConvergence { rows, columns })?;
        for value in &mut values {
            // A value that should be 0 may come out as −0 or a rounding error of either sign.
            *value = scale.up(value.abs());
            if !value.is_finite() {
                return Err(BulkError::Overflow);
            }
        }
        Self::new(values, rows, columns)
    }

    /// y₁ ≥ … ≥ y_m.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Rows of the matrix.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns of the matrix.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// m, the smaller dimension.
    #[must_use]
    pub fn small(&self) -> usize {
        self.values.len()
    }

    /// n, the larger dimension.
    #[must_use]
    pub fn large(&self) -> usize {
        self.rows.max(self.columns)
    }

    /// The power of two that brings y₁ into [½, 1).
    pub(super) fn scale(&self) -> Scale {
        Scale::of(self.values[0])
    }
}

/// Singular values on the calling thread.
fn singular_values(w: MatRef<'_, f64>) -> Option<Vec<f64>> {
    use faer::dyn_stack::{MemBuffer, MemStack};
    use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
    let (rows, columns) = (w.nrows(), w.ncols());
    let mut s = faer::Mat::<f64>::zeros(rows.min(columns), 1);
    let no = ComputeSvdVectors::No;
    let scratch = svd_scratch::<f64>(rows, columns, no, no, faer::Par::Seq, Default::default());
    svd(
        w,
        s.as_mut().col_mut(0).as_diagonal_mut(),
        None,
        None,
        faer::Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    )
    .ok()?;
    Some((0..s.nrows()).map(|i| s[(i, 0)]).collect())
}

/// A power of two 2^k, applied in two steps so that neither factor over- or underflows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    exponent: i32,
}

impl Scale {
    /// 2^k with x/2^k ∈ [½, 1); k = 0 for x = 0.
    fn of(x: f64) -> Self {
        Self {
            exponent: libm::frexp(x).1,
        }
    }

    /// x/2^k, exact short of underflow.
    pub(super) fn down(self, x: f64) -> f64 {
        libm::scalbn(x, -self.exponent)
    }

    /// 2^k x, exact short of overflow and underflow.
    pub(super) fn up(self, x: f64) -> f64 {
        libm::scalbn(x, self.exponent)
    }
}
