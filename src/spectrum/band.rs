//! Eigenvalues of band matrices by inertia, with a rounding bound found on the way.

use super::{LocateError, Located};
use crate::ensemble::{Band, BandEntries};
use num_complex::Complex64;

/// 2⁻⁵³.
const UNIT: f64 = f64::EPSILON / 2.0;

/// An entry: real or complex, with how much worse than a real one its operations are rounded.
trait Entry: Copy + std::ops::SubAssign {
    /// Complex products are right to √2·γ₂ < 3u, sums and quotients by reals to u.
    const ROUNDINGS: f64;
    const ZERO: Self;
    fn conj(self) -> Self;
    fn times(self, other: Self) -> Self;
    fn over(self, real: f64) -> Self;
    fn modulus(self) -> f64;
    fn real(self) -> f64;
}

impl Entry for f64 {
    const ROUNDINGS: f64 = 1.0;
    const ZERO: Self = 0.0;
    fn conj(self) -> Self {
        self
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn over(self, real: f64) -> Self {
        self / real
    }
    fn modulus(self) -> f64 {
        self.abs()
    }
    fn real(self) -> f64 {
        self
    }
}

impl Entry for Complex64 {
    const ROUNDINGS: f64 = 3.0;
    const ZERO: Self = Complex64::new(0.0, 0.0);
    fn conj(self) -> Self {
        Complex64::conj(&self)
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn over(self, real: f64) -> Self {
        Complex64::new(self.re / real, self.im / real)
    }
    fn modulus(self) -> f64 {
        // |re| + |im| ≥ |z|, and no root.
        self.re.abs() + self.im.abs()
    }
    fn real(self) -> f64 {
        self.re
    }
}

/// #{λ(B) > x} and η, from B − x = LDL* without pivoting; O(r²N) operations, O(r²) memory.
///
/// Column k: d_k = s_kk, l_ik = s_ik/d_k, s_ij ← s_ij − l_ik s̄_jk for k < j ≤ i ≤ k + r; as many d_k are positive as there are
/// eigenvalues above x (Sylvester).
///
/// **Rounding.** An entry of B − x goes through one subtraction of x (on the diagonal), at most r updates s − l s̄, each with a rounding
/// of the product and one of the difference, and s_ik = l_ik d_k(1 + δ). Dividing the whole history of s_ij by its last 1 + δ's, as one
/// does for LU, B − x + E = L̂D̂L̂* exactly with
///
/// ```text
/// |E_ij| ≤ γ Σ_k |l_ik||d_k||l_jk|,   γ = 1.01(r + 4)u for real entries, 3 times that for complex ones,
/// ```
///
/// hence ‖E‖ ≤ η = γ max_i Σ_k |l_ik||d_k|Λ_k with Λ_k = Σ_j |l_jk|, l_kk = 1 (largest sum over a row), which is summed up as the elimination goes. By Weyl's inequality
/// #{λ > x + η} ≤ count ≤ #{λ > x − η}. Unlike for r = 1, where products b²/d can be blamed on b, there is no bound in advance: a small pivot makes
/// η large, of the order u‖B‖²/|d_k|, and then it says so.
fn count_above<T: Entry>(band: &BandEntries<T>, x: f64) -> (usize, f64) {
    let (r, n) = (band.half_width, band.diagonal.len());
    // Schur complement of rows k, …, k + r: s[i][j], j ≤ i, both from k.
    let width = r + 1;
    let mut schur = vec![T::ZERO; width * width];
    let mut diagonal = vec![0.0; width];
    // Σ over the columns so far of |l_ik||d_k|Λ_k for rows k, …, k + r.
    let mut sums = vec![0.0; width];
    let entry = |row: usize, column: usize| band.below[column * r + (row - column - 1)];
    for i in 0..width.min(n) {
        diagonal[i] = band.diagonal[i] - x;
        for j in 0..i {
            schur[i * width + j] = entry(i, j);
        }
    }
    let (mut count, mut largest) = (0, 0.0f64);
    let (mut column, mut multipliers) = (vec![T::ZERO; r], vec![T::ZERO; r]);
    for k in 0..n {
        let reach = r.min(n - 1 - k);
        let mut pivot = diagonal[0];
        let mut replaced = 0.0;
        for (i, s) in column[..reach].iter_mut().enumerate() {
            *s = schur[(i + 1) * width];
        }
        if pivot == 0.0 {
            // Counts as negative. The change, u times `replaced`, is covered by γ·`replaced`.
            let moduli = column[..reach].iter().map(|s| s.modulus());
            replaced = band.diagonal[k].abs() + x.abs() + moduli.sum::<f64>();
            pivot = -(UNIT * replaced).max(f64::MIN_POSITIVE);
        }
        count += usize::from(pivot > 0.0);
        let mut length = 1.0;
        for (l, s) in multipliers.iter_mut().zip(&column[..reach]) {
            *l = s.over(pivot);
            length += l.modulus();
        }
        let size = pivot.abs() * length;
        largest = largest.max(sums[0] + size + replaced);
        // Updated, and moved up by one row and column.
        for i in 0..reach {
            let l = multipliers[i];
            for j in 0..i {
                let mut s = schur[(i + 1) * width + j + 1];
                s -= l.times(column[j].conj());
                schur[i * width + j] = s;
            }
            diagonal[i] = diagonal[i + 1] - l.times(column[i].conj()).real();
            sums[i] = sums[i + 1] + l.modulus() * size;
        }
        // The row that enters.
        let row = k + width;
        if row < n {
            diagonal[r] = band.diagonal[row] - x;
            sums[r] = 0.0;
            for j in 0..r {
                schur[r * width + j] = entry(row, k + 1 + j);
            }
        }
    }
    let gamma = 1.01 * (r + 4) as f64 * T::ROUNDINGS * UNIT;
    let eta = gamma * largest + 4.0 * f64::MIN_POSITIVE;
    (count, if eta.is_nan() { f64::INFINITY } else { eta })
}

impl Band {
    /// #{i : λ_i > x} of a matrix that differs from B by at most the returned distance in norm.
    ///
    /// # Value    (count, η) with #{λ > x + η} ≤ count ≤ #{λ > x − η}; η is a few ulp of ‖B‖ + |x| unless a leading
    /// block has an eigenvalue very close to x, and is found out, not estimated
    ///
    /// # Errors
    /// [`LocateError::NotFinite`].
    pub fn count_above(&self, x: f64) -> Result<(usize, f64), LocateError> {
        self.check()?;
        Ok(self.counted(x))
    }

    /// λ_{index + 1}, the eigenvalue with `index` others above it, to within `tolerance`, by bisection with proved brackets.
    ///
    /// # Errors
    /// [`LocateError`].
    pub fn eigenvalue(&self, index: usize, tolerance: f64) -> Result<Located, LocateError> {
        let n = self.n();
        if index >= n {
            return Err(LocateError::NoSuchIndex { index, n });
        }
        let radius = self.check()?;
        // λ ∈ [lo, hi], proved.
        let (mut lo, mut hi) = (-radius, radius);
        // Beside the middle in case a leading block has an eigenvalue there.
        const CUTS: [f64; 3] = [0.5, 0.437, 0.571];
        'halving: while hi - lo > tolerance {
            let width = hi - lo;
            for cut in CUTS {
                let x = lo + cut * (hi - lo);
                let (count, eta) = self.counted(x);
                if count > index {
                    lo = lo.max(x - eta);
                } else {
                    hi = hi.min(x + eta);
                }
                if hi - lo < 0.75 * width {
                    continue 'halving;
                }
            }
            // Rounding says no more.
            break;
        }
        Ok(Located {
            value: 0.5 * (lo + hi),
            error_bound: 0.5 * (hi - lo) * (1.0 + 4.0 * f64::EPSILON)
                + f64::EPSILON * lo.abs().max(hi.abs()),
        })
    }

    /// λ₁, see [`eigenvalue`](Self::eigenvalue).
    ///
    /// # Errors
    /// [`LocateError`].
    pub fn largest(&self, tolerance: f64) -> Result<Located, LocateError> {
        self.eigenvalue(0, tolerance)
    }

    fn counted(&self, x: f64) -> (usize, f64) {
        match self {
            Self::Real(b) => count_above(b, x),
            Self::Complex(b) => count_above(b, x),
        }
    }

    /// A bound of ‖B‖ by Gershgorin, if all entries are finite.
    fn check(&self) -> Result<f64, LocateError> {
        let radius = match self {
            Self::Real(b) => radius(b),
            Self::Complex(b) => radius(b),
        };
        radius.map_err(|index| LocateError::NotFinite { index })
    }
}

/// max_i Σ_j |B_ij|, rounded up; the first row that is not finite as an error.
fn radius<T: Entry>(band: &BandEntries<T>) -> Result<f64, usize> {
    let (r, n) = (band.half_width, band.diagonal.len());
    let mut rows: Vec<f64> = band.diagonal.iter().map(|a| a.abs()).collect();
    for (index, x) in band.below.iter().enumerate() {
        let (column, row) = (index / r, index / r + index % r + 1);
        if row < n {
            rows[column] += x.modulus();
            rows[row] += x.modulus();
        }
    }
    match rows.iter().position(|sum| !sum.is_finite()) {
        Some(index) => Err(index),
        None => {
            let largest = rows.into_iter().fold(0.0, f64::max);
            Ok(largest * (1.0 + (2 * r + 2) as f64 * f64::EPSILON))
        }
    }
}
