//! Single eigenvalues of tridiagonal matrices by Sturm counts, with proved brackets.

use super::Tridiagonal;
use thiserror::Error;

/// An eigenvalue with a proved bound of its error.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Located {
    /// The value.
    pub value: f64,
    /// |value − λ| ≤ `error_bound`, rounding included.
    pub error_bound: f64,
}

/// Why an eigenvalue cannot be located.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum LocateError {
    /// There is no eigenvalue with this index.
    #[error("a matrix of size {n} has no eigenvalue with index {index}")]
    NoSuchIndex {
        /// The index, from 0.
        index: usize,
        /// N.
        n: usize,
    },
    /// An entry is infinite or NaN.
    #[error("entry {index} of the diagonal or beside it is not finite")]
    NotFinite {
        /// Row of the entry, from 0.
        index: usize,
    },
}

/// Points at which one pass counts.
const LANES: usize = 8;
/// Rows between two looks at whether the rest can be left out.
const BLOCK: usize = 16;
/// 2⁻⁵³.
const UNIT: f64 = f64::EPSILON / 2.0;

/// T with what the counts at all points share.
///
/// The pivots of T − x = LDLᵀ are d_1 = a_1 − x, d_i = a_i − x − b²_{i−1}/d_{i−1}; as many are positive as
/// there are eigenvalues above x (Sylvester).
///
/// **Rounding.** The computed pivot is [(a_i − x)(1 + δ_1) − b²(1 + δ_2)(1 + δ_3)/d̂_{i−1}](1 + δ_4). Divided
/// by 1 + δ_4, which keeps all signs, it is the exact pivot of a matrix whose diagonal is off by u|a_i − x| and
/// whose off-diagonal by 2ub, u = 2⁻⁵³: so the computed count is the exact one of T + E − x with
/// ‖E‖ ≤ η = u(max|a_i − x| + 4 max b) and, by Weyl's inequality, #{λ > x + η} ≤ count ≤ #{λ > x − η}.
///
/// **Rows left out.** Let x − a_i − b_i ≥ b_{i−1} for all rows i > m, and d_m ≤ −b_m. Then
/// d_{m+1} = a_{m+1} − x + b_m²/|d_m| ≤ a_{m+1} − x + b_m ≤ −b_{m+1}, and so on: all further pivots are
/// negative and need not be computed. For eigenvalues above or near the edge of the bulk of a
/// [`TridiagonalModel`](crate::ensemble::TridiagonalModel) that spares all but the first few per cent of the rows.
struct Sturm<'a> {
    diagonal: &'a [f64],
    /// b_i²; 0 at the end.
    squares: Vec<f64>,
    off_diagonal: &'a [f64],
    /// max over j ≥ i of a_j + b_{j−1} + b_j, one more entry −∞ at the end.
    reach: Vec<f64>,
    /// min over all rows of a_j − b_{j−1} − b_j.
    least: f64,
    largest_diagonal: f64,
    largest_modulus: f64,
    largest_off_diagonal: f64,
}

impl<'a> Sturm<'a> {
    fn new(t: &'a Tridiagonal) -> Result<Self, LocateError> {
        let n = t.n();
        let b = |i: usize| t.off_diagonal.get(i).copied().unwrap_or(0.0).abs();
        let mut reach = vec![f64::NEG_INFINITY; n + 1];
        let mut sturm = Self {
            diagonal: &t.diagonal,
            squares: (0..n).map(|i| b(i) * b(i)).collect(),
            off_diagonal: &t.off_diagonal,
            reach: vec![],
            least: f64::INFINITY,
            largest_diagonal: f64::NEG_INFINITY,
            largest_modulus: 0.0,
            largest_off_diagonal: 0.0,
        };
        for i in (0..n).rev() {
            let a = t.diagonal[i];
            let radius = b(i) + if i > 0 { b(i - 1) } else { 0.0 };
            if !(a + radius).is_finite() {
                return Err(LocateError::NotFinite { index: i });
            }
            // Rounded up: the dominance that lets rows out must hold exactly.
            reach[i] = reach[i + 1].max((a + radius).next_up().next_up());
            sturm.least = sturm.least.min(a - radius);
            sturm.largest_diagonal = sturm.largest_diagonal.max(a);
            sturm.largest_modulus = sturm.largest_modulus.max(a.abs());
            sturm.largest_off_diagonal = sturm.largest_off_diagonal.max(b(i));
        }
        sturm.reach = reach;
        Ok(sturm)
    }

    /// η of the type's documentation, with a margin for its own rounding.
    fn rounding(&self, x: f64) -> f64 {
        1.01 * UNIT * (self.largest_modulus + x.abs() + 4.0 * self.largest_off_diagonal)
            + 4.0 * f64::MIN_POSITIVE
    }

    /// Positive pivots at each x; the least x decides which rows are left out.
    fn counts<const L: usize>(&self, x: [f64; L]) -> [usize; L] {
        let least = x.into_iter().fold(f64::INFINITY, f64::min);
        let (mut counts, mut carried, mut pivots) = ([0; L], [0.0; L], [0.0; L]);
        let rows = self.diagonal.len();
        let mut start = 0;
        while start < rows {
            let end = (start + BLOCK).min(rows);
            for i in start..end {
                let (a, square) = (self.diagonal[i], self.squares[i]);
                for l in 0..L {
                    let d = a - x[l] - carried[l];
                    // A pivot 0 counts as negative: a change of a_i by less than 1e-307.
                    let d = if d == 0.0 { -f64::MIN_POSITIVE } else { d };
                    counts[l] += usize::from(d > 0.0);
                    carried[l] = square / d;
                    pivots[l] = d;
                }
            }
            if end < rows && self.reach[end] < least {
                let b = self.off_diagonal[end - 1].abs();
                // Twice what is needed, so that the pivots' own rounding does not matter.
                if pivots.iter().all(|&d| d <= -2.0 * b) || b == 0.0 {
                    break;
                }
            }
            start = end;
        }
        counts
    }
}

impl Tridiagonal {
    /// #{i : λ_i > x} of a matrix that differs from T by at most the returned distance in norm.
    ///
    /// # Value    (count, η) with #{λ > x + η} ≤ count ≤ #{λ > x − η}; η a few ulp of ‖T‖ + |x|
    ///
    /// # Errors
    /// [`LocateError::NotFinite`].
    pub fn count_above(&self, x: f64) -> Result<(usize, f64), LocateError> {
        let sturm = Sturm::new(self)?;
        Ok((sturm.counts([x])[0], sturm.rounding(x)))
    }

    /// λ_{index + 1}, the eigenvalue with `index` others above it, to within `tolerance`.
    ///
    /// # Value    its bracket is proved: no convergence is assumed, and rounding is part of the bound, which
    /// is therefore never smaller than a few ulp of ‖T‖, whatever the tolerance
    ///
    /// # Errors
    /// [`LocateError`].
    ///
    /// # Examples
    /// ```
    /// use rmt_verify::spectrum::Tridiagonal;
    /// let t = Tridiagonal { diagonal: vec![0.0; 3], off_diagonal: vec![1.0; 2] };
    /// // 2cos(kπ/4)
    /// let largest = t.eigenvalue(0, 1e-14)?;
    /// assert!((largest.value - 2f64.sqrt()).abs() <= largest.error_bound);
    /// assert!(t.eigenvalue(1, 1e-14)?.value.abs() < 1e-14);
    /// # Ok::<(), rmt_verify::spectrum::LocateError>(())
    /// ```
    pub fn eigenvalue(&self, index: usize, tolerance: f64) -> Result<Located, LocateError> {
        let n = self.n();
        if index >= n {
            return Err(LocateError::NoSuchIndex { index, n });
        }
        let sturm = Sturm::new(self)?;
        // Gershgorin; the largest eigenvalue is at least the largest diagonal entry.
        let mut hi = sturm.reach[0];
        let mut lo = match index {
            0 => sturm.largest_diagonal,
            _ => sturm.least.next_down().next_down(),
        };
        while hi - lo > tolerance {
            let step = (hi - lo) / (LANES + 1) as f64;
            let points: [f64; LANES] = std::array::from_fn(|l| lo + step * (l + 1) as f64);
            if !(points[0] > lo && points[LANES - 1] < hi) {
                break;
            }
            let counts = sturm.counts(points);
            // More than `index` eigenvalues above a point: λ lies above it, up to rounding.
            let (low, high) = (lo, hi);
            for (x, count) in points.into_iter().zip(counts) {
                if count > index {
                    lo = lo.max(x);
                } else {
                    hi = hi.min(x);
                }
            }
            // Counts are monotone but for rounding, and then a bracket may turn over by that much.
            if lo > hi {
                (lo, hi) = (hi, lo);
            }
            if lo == low && hi == high {
                break;
            }
        }
        let value = 0.5 * (lo + hi);
        let eta = sturm.rounding(lo).max(sturm.rounding(hi));
        Ok(Located {
            value,
            error_bound: (0.5 * (hi - lo) + eta) * (1.0 + 4.0 * f64::EPSILON),
        })
    }

    /// λ₁, see [`eigenvalue`](Self::eigenvalue).
    ///
    /// # Errors
    /// [`LocateError`].
    pub fn largest(&self, tolerance: f64) -> Result<Located, LocateError> {
        self.eigenvalue(0, tolerance)
    }

    /// |⟨u, e₁⟩|² for the normalised eigenvector u of λ₁ = `largest`: the residue of −((T − x)⁻¹)_11 there, and
    /// dλ₁/dθ for T + θe₁e₁ᵀ.
    ///
    /// Pivots from below, d_N = a_N − x, d_i = a_i − x − b_i²/d_{i+1}, give ((T − x)⁻¹)_11 = 1/d_1, hence
    /// |⟨u, e₁⟩|² = −1/d_1′ with −d_i′ = 1 + (b_i/d_{i+1})²(−d′_{i+1}): the ratios b_i/|d_{i+1}| are those of
    /// neighbouring entries of u.
    ///
    /// # Domain   `largest` within rounding of λ₁
    /// # Value    in (0, 1]
    /// # Accuracy 1e-9 relative for outliers, against dense eigenvectors (tests/tridiagonal.rs); the
    /// pivots lose accuracy where λ₁ comes close to the largest eigenvalue of T without its first row
    #[must_use]
    pub fn first_weight(&self, largest: f64) -> f64 {
        let (mut pivot, mut slope) = (f64::NEG_INFINITY, 1.0);
        for (i, a) in self.diagonal.iter().enumerate().rev() {
            let b = self.off_diagonal.get(i).copied().unwrap_or(0.0);
            let ratio = b / pivot;
            slope = 1.0 + ratio * ratio * slope;
            pivot = a - largest - b * ratio;
        }
        slope.recip()
    }
}

impl From<crate::ensemble::TridiagonalEntries> for Tridiagonal {
    fn from(entries: crate::ensemble::TridiagonalEntries) -> Self {
        Self {
            diagonal: entries.diagonal,
            off_diagonal: entries.off_diagonal,
        }
    }
}
