//! Pruning of a weight matrix to the part that noise does not explain.
//!
//! W = S + R with a signal S of low rank and noise R of entry variance σ²/max(n, m). A singular
//! value y of W that lies beyond the edge is not the signal's: noise has pushed it outwards, and
//! its singular vectors have turned away from the signal's. [`hard`] keeps y as it is; [`shrink`]
//! lowers it to what makes ‖Ŝ − S‖_F least. Both give a [`LowRank`] matrix, which is stored whole or,
//! when that takes fewer numbers, as two factors.

mod file;

pub use file::{Fate, Method, PrunedFile, PrunedTensor, Pruner};

use faer::{Mat, MatRef};
use thiserror::Error;

/// Why a matrix could not be pruned.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PruneError {
    /// No rows or no columns.
    #[error("a matrix of {rows} × {columns} has nothing to prune")]
    Empty {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// NaN or an infinity.
    #[error("entry ({row}, {column}) is {value}")]
    EntryNotFinite {
        /// Row.
        row: usize,
        /// Column.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// The edge or σ is no length.
    #[error("{what} is {value}; it must be finite and at least 0")]
    NotALength {
        /// Which.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// The solver did not converge.
    #[error("the singular value decomposition of a {rows} × {columns} matrix did not converge")]
    NotConverged {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
}

/// Σ ηᵢ uᵢ vᵢᵀ, its terms by descending ηᵢ > 0.
#[derive(Debug, Clone)]
pub struct LowRank {
    left: Mat<f64>,
    values: Vec<f64>,
    right: Mat<f64>,
    energy: f64,
}

/// W with its singular values up to the edge set to zero.
///
/// # Domain   finite W, edge ≥ 0; a value at the edge goes
/// # Accuracy that of the singular value decomposition: backward stable, about ‖W‖ · 1e-15
/// # Errors   [`PruneError`]
/// # Examples
/// ```
/// use faer::mat;
/// use rmt_verify::network::prune::hard;
/// let w = mat![[3.0, 0.0], [0.0, 1.0]];
/// let kept = hard(w.as_ref(), 2.0).unwrap();
/// assert_eq!(kept.rank(), 1);
/// assert!((kept.matrix()[(0, 0)] - 3.0).abs() < 1e-12);
/// assert!((kept.energy_kept() - 0.9).abs() < 1e-12);
/// ```
pub fn hard(w: MatRef<'_, f64>, edge: f64) -> Result<LowRank, PruneError> {
    length("the edge", edge)?;
    map_values(w, |y| if y > edge { y } else { 0.0 })
}

/// W with its singular values y lowered to σ η(y/σ), the best ones for ‖Ŝ − S‖_F as the size grows:
/// η(y) = √((y² − β − 1)² − 4β)/y beyond the edge 1 + √β, else 0; β = min(n, m)/max(n, m).
///
/// # Domain   finite W, σ ≥ 0; the noise has entry variance σ²/max(n, m)
/// # Source   M. Gavish and D. Donoho, IEEE Trans. Inf. Theory 63 (2017) 2137, (7)
/// # Errors   [`PruneError`]
pub fn shrink(w: MatRef<'_, f64>, sigma: f64) -> Result<LowRank, PruneError> {
    length("σ", sigma)?;
    let (rows, columns) = (w.nrows(), w.ncols());
    let ratio = rows.min(columns) as f64 / rows.max(columns).max(1) as f64;
    map_values(w, |y| shrunken(y, sigma, ratio))
}

/// σ η(y/σ) for the ratio β.
///
/// # Examples
/// ```
/// use rmt_verify::network::prune::shrunken;
/// // β = 1: η(y) = √(y² − 4), the edge is 2.
/// assert!((shrunken(2.5, 1.0, 1.0) - 1.5).abs() < 1e-15);
/// assert_eq!(shrunken(2.0, 1.0, 1.0), 0.0);
/// // Without noise nothing is lowered.
/// assert_eq!(shrunken(2.5, 0.0, 1.0), 2.5);
/// ```
#[must_use]
pub fn shrunken(y: f64, sigma: f64, ratio: f64) -> f64 {
    let root = ratio.sqrt();
    let (upper, lower) = (sigma * (1.0 + root), sigma * (1.0 - root));
    if y <= upper {
        return 0.0;
    }
    // (y² − β − 1)² − 4β = (y² − (1 + √β)²)(y² − (1 − √β)²): no cancellation next to the edge, and no squares.
    let outer = ((1.0 - upper / y) * (1.0 + upper / y)).sqrt();
    let inner = ((1.0 - lower / y) * (1.0 + lower / y)).sqrt();
    y * outer * inner
}

/// The factors of a low-rank matrix when they have fewer entries than it has, else `None`.
///
/// # Value    (rows × k, k × columns); each carries the root of the singular values, so that both are of one scale
#[must_use]
pub fn factored(matrix: &LowRank) -> Option<(Mat<f64>, Mat<f64>)> {
    (matrix.factored_parameters() < matrix.rows() * matrix.columns()).then(|| matrix.factors())
}

impl LowRank {
    /// n.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.left.nrows()
    }

    /// m.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.right.nrows()
    }

    /// The number of terms.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.values.len()
    }

    /// η₁ ≥ η₂ ≥ … > 0.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// ‖Ŝ‖²_F/‖W‖²_F; 1 for W = 0.
    #[must_use]
    pub fn energy_kept(&self) -> f64 {
        self.energy
    }

    /// Entries of the two factors, k(n + m).
    #[must_use]
    pub fn factored_parameters(&self) -> usize {
        self.rank() * (self.rows() + self.columns())
    }

    /// The matrix itself.
    #[must_use]
    pub fn matrix(&self) -> Mat<f64> {
        let (left, right) = self.factors();
        left * right
    }

    /// What was taken away: W − Ŝ.
    #[must_use]
    pub fn removed_from(&self, w: MatRef<'_, f64>) -> Mat<f64> {
        w - self.matrix()
    }

    fn factors(&self) -> (Mat<f64>, Mat<f64>) {
        let root: Vec<f64> = self.values.iter().map(|value| value.sqrt()).collect();
        (
            Mat::from_fn(self.rows(), self.rank(), |i, k| self.left[(i, k)] * root[k]),
            Mat::from_fn(self.rank(), self.columns(), |k, j| {
                self.right[(j, k)] * root[k]
            }),
        )
    }
}

/// W with its singular values mapped, terms with value 0 left out.
fn map_values(w: MatRef<'_, f64>, map: impl Fn(f64) -> f64) -> Result<LowRank, PruneError> {
    let (rows, columns) = (w.nrows(), w.ncols());
    if rows == 0 || columns == 0 {
        return Err(PruneError::Empty { rows, columns });
    }
    check_finite(w)?;
    let svd = w
        .thin_svd()
        .map_err(|_| PruneError::NotConverged { rows, columns })?;
    let all: Vec<f64> = svd.S().column_vector().iter().copied().collect();
    let values: Vec<f64> = all
        .iter()
        .map(|y| map(*y))
        .take_while(|eta| *eta > 0.0)
        .collect();
    Ok(LowRank {
        left: svd.U().subcols(0, values.len()).to_owned(),
        right: svd.V().subcols(0, values.len()).to_owned(),
        energy: energy_ratio(&values, &all),
        values,
    })
}

/// Σ η²/Σ y², in units of the largest value so that no square over- or underflows.
fn energy_ratio(kept: &[f64], all: &[f64]) -> f64 {
    let unit = all.first().copied().unwrap_or(0.0);
    if unit == 0.0 {
        return 1.0;
    }
    let energy = |values: &[f64]| values.iter().map(|y| (y / unit).powi(2)).sum::<f64>();
    energy(kept) / energy(all)
}

fn length(what: &'static str, value: f64) -> Result<(), PruneError> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(PruneError::NotALength { what, value })
    }
}

fn check_finite(w: MatRef<'_, f64>) -> Result<(), PruneError> {
    for column in 0..w.ncols() {
        for row in 0..w.nrows() {
            let value = w[(row, column)];
            if !value.is_finite() {
                return Err(PruneError::EntryNotFinite { row, column, value });
            }
        }
    }
    Ok(())
}
