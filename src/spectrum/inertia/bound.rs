//! What η is put together from, row by row.

use super::Entry;
use crate::spectrum::certify::{Field, INFLATE};

/// Row sums over the matrices in the bound of ‖A − LBL*‖, A = P(W − x)P*.
///
/// A residual R̂ computed in floating point has |R̂ − (A − LBL*)| ≤ γ(|A| + |L||B||L*|) entry by entry,
/// γ = γ_{N+6}: at most N + 1 summands in whatever order, fused or not; two roundings and a sum in LB; one in
/// W_ii − x. The norm of a self-adjoint matrix is at most its largest sum of moduli over a row, so
///
/// η = max_i Σ_j [|R̂_ij| + γ(|A| + |L||B||L*|)_ij].
///
/// Only the lower triangle of R̂ and A is looked at: both are self-adjoint.
pub(super) struct Bound {
    /// Σ_j |R̂_ij|.
    residual: Vec<f64>,
    /// Σ_j |W_ij|.
    entries: Vec<f64>,
    /// Σ_j (|L||B||L*|)_ij.
    products: Vec<f64>,
    /// Σ_j |L_ij|.
    growth: Vec<f64>,
}

/// 2⁻¹⁰⁷⁰: an underflow is off by 2⁻¹⁰⁷⁵, and a product of complex numbers takes four of real ones.
const UNDERFLOW: f64 = 16.0 * f64::from_bits(1);

impl Bound {
    pub(super) fn new(n: usize) -> Self {
        Self {
            residual: vec![0.0; n],
            entries: vec![0.0; n],
            products: vec![0.0; n],
            growth: vec![0.0; n],
        }
    }

    /// Column j of PWP*, from the diagonal down.
    pub(super) fn add_entries<T: Entry>(&mut self, j: usize, below: &[T]) {
        add_self_adjoint(below, &mut self.entries[j..]);
    }

    /// Column j of R̂, from the diagonal down.
    pub(super) fn add_residual<T: Entry>(&mut self, j: usize, below: &[T]) {
        add_self_adjoint(below, &mut self.residual[j..]);
    }

    /// Column k of L from its unit down, and |B||L*|e at k, e all ones.
    pub(super) fn add_factor<T: Entry>(&mut self, k: usize, below: &[T], scaled: f64) {
        let rows = self.products[k..].iter_mut().zip(&mut self.growth[k..]);
        for (l, (product, growth)) in below.iter().zip(rows) {
            let modulus = l.norm1();
            *product += modulus * scaled;
            *growth += modulus;
        }
    }

    /// η, with what sums and underflow may add; NaN or infinite if anything left the range.
    ///
    /// An underflow in a product of two entries is off by [`UNDERFLOW`] at most; in LB it is then multiplied by a
    /// row of L, in the product there is one a summand.
    pub(super) fn distance(&self, x: f64, field: Field) -> f64 {
        let n = self.residual.len() as f64;
        let gamma = field.gamma(n + 6.0);
        let (mut largest, mut growth) = (0.0f64, 0.0f64);
        for i in 0..self.residual.len() {
            let sum = self.residual[i] + gamma * (self.entries[i] + x.abs() + self.products[i]);
            if sum.is_nan() {
                return sum;
            }
            largest = largest.max(sum);
            growth = growth.max(self.growth[i]);
        }
        INFLATE * (largest + n * (n + growth) * UNDERFLOW)
    }
}

/// Σ |x_i|, with |Re| + |Im| for the modulus.
pub(super) fn sum_of_moduli<T: Entry>(x: &[T]) -> f64 {
    let (chunks, rest) = x.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for x in chunks {
        for l in 0..8 {
            sums[l] += x[l].norm1();
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|x| x.norm1()).sum::<f64>()
}

/// Adds the row sums of moduli of a self-adjoint matrix that come from one column, from the diagonal down.
fn add_self_adjoint<T: Entry>(below: &[T], sums: &mut [f64]) {
    // The entries of the column stand in the row of its diagonal too.
    sums[0] += sum_of_moduli(below);
    for (x, sum) in below[1..].iter().zip(&mut sums[1..]) {
        *sum += x.norm1();
    }
}
