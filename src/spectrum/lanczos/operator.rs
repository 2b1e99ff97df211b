//! What [`top_eigenvalues`](super::top_eigenvalues) needs to know of a matrix.

use super::Hermitian;
use crate::ensemble::{ImplicitWigner, Row, WIDTH};
use nalgebra::DMatrix;
use pulp::{Arch, Simd, WithSimd};
use std::fmt::Debug;

/// A real symmetric N × N matrix W, known by its products.
pub trait SymmetricOperator: Debug + Sync {
    /// N.
    fn n(&self) -> usize;

    /// Y = WX; both have N rows, what Y held is lost.
    fn apply(&self, x: &[Row], y: &mut [Row]);

    /// c with ‖fl(Wx) − Wx‖ ≤ c‖x‖ for every column x, fl(Wx) what [`apply`](Self::apply) returns.
    fn rounding(&self) -> f64;
}

/// |fl(Wx) − Wx| ≤ γ_d |W||x| with sums of depth d, and ‖|W|‖ ≤ ‖W‖_F. Inflated for the rounding of
/// the norm.
fn rounding(depth: usize, n: usize, frobenius: f64) -> f64 {
    let du = (depth + 2) as f64 * f64::EPSILON / 2.0;
    let of_norm = 1.0 + (n as f64 + 4.0) * f64::EPSILON;
    // The last term: products that underflow.
    du / (1.0 - du) * frobenius * of_norm + n as f64 * f64::MIN_POSITIVE
}

impl SymmetricOperator for ImplicitWigner {
    fn n(&self) -> usize {
        self.n()
    }

    fn apply(&self, x: &[Row], y: &mut [Row]) {
        self.multiply(x, y);
    }

    /// Makes all entries once more, for ‖W‖_F.
    fn rounding(&self) -> f64 {
        rounding(self.depth(), self.n(), self.frobenius())
    }
}

/// A real symmetric matrix that is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dense<'a>(&'a DMatrix<f64>);

impl<'a> Dense<'a> {
    /// W; `None` if it is complex.
    #[must_use]
    pub fn new(w: &'a Hermitian) -> Option<Self> {
        match w {
            Hermitian::Real(m) => Some(Self(m)),
            Hermitian::Complex(_) => None,
        }
    }
}

impl SymmetricOperator for Dense<'_> {
    fn n(&self) -> usize {
        self.0.nrows()
    }

    fn apply(&self, x: &[Row], y: &mut [Row]) {
        assert!(
            x.len() == self.n() && y.len() == self.n(),
            "rows of X and Y"
        );
        y.fill([0.0; WIDTH]);
        Arch::new().dispatch(Product {
            entries: self.0.as_slice(),
            x,
            y,
        });
    }

    fn rounding(&self) -> f64 {
        // Column after column into the same sum.
        let squares: f64 = self.0.column_iter().map(|c| c.norm_squared()).sum();
        rounding(self.n(), self.n(), squares.sqrt())
    }
}

struct Product<'a> {
    entries: &'a [f64],
    x: &'a [Row],
    y: &'a mut [Row],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (column, x) in self.entries.chunks_exact(self.x.len()).zip(self.x) {
            for (&w, y) in column.iter().zip(self.y.iter_mut()) {
                for c in 0..WIDTH {
                    y[c] = w.mul_add(x[c], y[c]);
                }
            }
        }
    }
}
