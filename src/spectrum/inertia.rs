//! Eigenvalues above a point, counted by the inertia of W − x, with a proof in the result.
//!
//! For a triangular L with units on its diagonal and a block diagonal B, LBL* has as many positive
//! eigenvalues as B (Sylvester). If ‖P(W − x)P* − LBL*‖ ≤ η for a permutation P, then by Weyl's inequality
//!
//! #{λ > x + η} ≤ #{positive eigenvalues of B} ≤ #{λ > x − η}.
//!
//! Nothing is assumed of how L and B came about: η is computed from them, and a wrong factor cannot pass
//! for a right one.

mod bound;
mod pivoted;
mod unpivoted;

use super::certify::Field;
use super::{Hermitian, HermitianError};
use nalgebra::DMatrix;
use thiserror::Error;

/// A number of eigenvalues above x, and how far x may have to move for it to be exact.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Counted {
    /// #{λ > x + distance} ≤ count ≤ #{λ > x − distance}.
    pub count: usize,
    /// η, a proved bound, rounding included.
    pub distance: f64,
    /// How the factors were found.
    pub route: Route,
}

/// How W − x was factored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// LDL* in the order of the rows.
    Unpivoted,
    /// Bunch and Kaufman's diagonal pivoting, with blocks of order 1 and 2 in B.
    Pivoted,
}

/// Why eigenvalues cannot be counted.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CountError {
    /// x is infinite or NaN.
    #[error("eigenvalues cannot be counted above {x}")]
    NotFinite {
        /// The point.
        x: f64,
    },
    /// Entries near the ends of the range of `f64`.
    #[error("the factors of W − {x} leave the range of double precision")]
    OutOfRange {
        /// The point.
        x: f64,
    },
    /// Not a self-adjoint matrix.
    #[error(transparent)]
    Hermitian(#[from] HermitianError),
}

/// #{i : λ_i > x}, up to eigenvalues within η of x, by the inertia of W − x.
///
/// Factors without pivoting come first: they are the fastest, and stable enough above the bulk, where
/// all but a few pivots are negative. They grow where x comes close to an eigenvalue of a leading minor;
/// when that leaves η > `tolerance`, or a pivot vanishes, pivoted factors are computed too, and the
/// smaller η is returned. It may still exceed `tolerance`: compare
/// [`distance`](Counted::distance).
///
/// # Value    see [`Counted`]; η about N²·2⁻⁵³(‖W‖ + |x|) above the bulk
/// # Errors
/// [`CountError`].
///
/// # Examples
/// ```
/// use nalgebra::dmatrix;
/// use rmt_verify::spectrum::{Hermitian, inertia};
/// let w = Hermitian::real(dmatrix![0.0, 2.0; 2.0, 0.0])?; // λ = ±2
/// for (x, count) in [(1.9, 1), (2.1, 0), (-2.1, 2)] {
///     let found = inertia::count_above(&w, x, 1e-12)?;
///     assert!(found.count == count && found.distance < 1e-12);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn count_above(w: &Hermitian, x: f64, tolerance: f64) -> Result<Counted, CountError> {
    w.check()?;
    if !x.is_finite() {
        return Err(CountError::NotFinite { x });
    }
    match w {
        Hermitian::Real(m) => count(m, x, tolerance, Field::REAL),
        Hermitian::Complex(m) => count(m, x, tolerance, Field::COMPLEX),
    }
}

/// Real or complex entries, for faer and for nalgebra.
trait Entry: faer::traits::ComplexField + nalgebra::ComplexField<RealField = f64> + Copy {}

impl<T: faer::traits::ComplexField + nalgebra::ComplexField<RealField = f64> + Copy> Entry for T {}

fn count<T: Entry>(
    m: &DMatrix<T>,
    x: f64,
    tolerance: f64,
    field: Field,
) -> Result<Counted, CountError> {
    let mut best: Option<Counted> = None;
    for route in [Route::Unpivoted, Route::Pivoted] {
        let found = match route {
            Route::Unpivoted => unpivoted::count(m, x, field),
            Route::Pivoted => pivoted::count(m, x, field),
        };
        let Some((count, distance)) = found else {
            continue;
        };
        if distance.is_finite() && best.is_none_or(|b| distance < b.distance) {
            best = Some(Counted {
                count,
                distance,
                route,
            });
        }
        if distance <= tolerance {
            break;
        }
    }
    best.ok_or(CountError::OutOfRange { x })
}
