//! Counts of eigenvalues of tridiagonal matrices above given points (Sturm).

use super::Tridiagonal;
use super::locate::LocateError;
use std::borrow::Cow;

/// Points at which one pass counts: two vectors of eight, so that one can divide while the other waits.
/// With a single one a pass takes nearly as long.
pub(super) const POINTS: usize = 16;
/// Rows between two looks at whether the rest can be left out.
const BLOCK: usize = 16;
/// 2⁻⁵³.
const UNIT: f64 = f64::EPSILON / 2.0;
/// 2^400: squares of entries up to there, and of those of its reciprocal, have room on both sides.
const LARGE: f64 = f64::from_bits((1023 + 400) << 52);

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
/// **Range.** Let M be the largest entry. Outside of 2^±400 everything is multiplied by a power of two, which
/// is exact. So b² underflows only for b < 2⁻⁵¹¹ ≤ 2⁻¹¹¹M, and a pivot so small that b²/d overflows is
/// followed by one beyond 2^1024, whose own quotient is below 2⁻⁶²⁴M whether it is kept or lost: both
/// disappear in the margin of η.
///
/// **Rows left out.** Let x − a_i − b_i ≥ b_{i−1} for all rows i > m, and d_m ≤ −b_m. Then
/// d_{m+1} = a_{m+1} − x + b_m²/|d_m| ≤ a_{m+1} − x + b_m ≤ −b_{m+1}, and so on: all further pivots are
/// negative and need not be computed. For eigenvalues above or near the edge of the bulk of a
/// [`TridiagonalModel`](crate::ensemble::TridiagonalModel) that spares all but the first few per cent of the rows.
/// That a_i + b_{i−1} + b_i is rounded moves a_i by 2ub at most in rows that have no other error: within η.
pub(super) struct Sturm<'a> {
    diagonal: Cow<'a, [f64]>,
    /// b_i²; 0 at the end.
    squares: Vec<f64>,
    off_diagonal: Cow<'a, [f64]>,
    /// max over j ≥ i of a_j + b_{j−1} + b_j, one more entry −∞ at the end.
    reach: Vec<f64>,
    /// min over all rows of a_j − b_{j−1} − b_j.
    least: f64,
    largest_diagonal: f64,
    largest_modulus: f64,
    largest_off_diagonal: f64,
    /// The power of two that T was multiplied by.
    scale: f64,
}

impl<'a> Sturm<'a> {
    pub(super) fn new(t: &'a Tridiagonal) -> Result<Self, LocateError> {
        let largest = |v: &[f64]| v.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        let largest = largest(&t.diagonal).max(largest(&t.off_diagonal));
        // Up or down to about 1; the reciprocal of a power of two is exact.
        let scale = match largest {
            0.0 => 1.0,
            m if m > LARGE => 1.0 / (LARGE * LARGE),
            m if m < 1.0 / LARGE => LARGE * LARGE,
            _ => 1.0,
        };
        let scaled = |v: &'a [f64]| match scale {
            1.0 => Cow::Borrowed(v),
            _ => v.iter().map(|x| x * scale).collect(),
        };
        let n = t.n();
        let (diagonal, off_diagonal) = (scaled(&t.diagonal), scaled(&t.off_diagonal));
        let b = |i: usize| off_diagonal.get(i).copied().unwrap_or(0.0).abs();
        let squares = (0..n).map(|i| b(i) * b(i)).collect();
        let mut reach = vec![f64::NEG_INFINITY; n + 1];
        let mut least = f64::INFINITY;
        let mut largest_diagonal = f64::NEG_INFINITY;
        let (mut largest_modulus, mut largest_off_diagonal) = (0.0f64, 0.0f64);
        for i in (0..n).rev() {
            let a = diagonal[i];
            let radius = b(i) + if i > 0 { b(i - 1) } else { 0.0 };
            if !(a + radius).is_finite() {
                return Err(LocateError::NotFinite { index: i });
            }
            reach[i] = reach[i + 1].max((a + radius).next_up().next_up());
            least = least.min(a - radius);
            largest_diagonal = largest_diagonal.max(a);
            largest_modulus = largest_modulus.max(a.abs());
            largest_off_diagonal = largest_off_diagonal.max(b(i));
        }
        Ok(Self {
            squares,
            reach,
            least,
            largest_diagonal,
            largest_modulus,
            largest_off_diagonal,
            scale,
            diagonal,
            off_diagonal,
        })
    }

    /// x in the units in which T is kept.
    pub(super) fn to_scale(&self, x: f64) -> f64 {
        x * self.scale
    }

    /// A length or a point in the units of the caller.
    pub(super) fn unscaled(&self, x: f64) -> f64 {
        x / self.scale
    }

    /// Gershgorin's interval, up to η; the largest eigenvalue is at least the largest diagonal entry.
    pub(super) fn bracket(&self, index: usize) -> (f64, f64) {
        let lo = match index {
            0 => self.largest_diagonal,
            _ => self.least.next_down().next_down(),
        };
        (lo, self.reach[0])
    }

    /// η of the type's documentation, with a margin for its own rounding.
    pub(super) fn rounding(&self, x: f64) -> f64 {
        1.01 * UNIT * (self.largest_modulus + x.abs() + 4.0 * self.largest_off_diagonal)
            + 4.0 * f64::MIN_POSITIVE
    }

    /// Positive pivots at each x. The least x decides which rows are left out, no count depends on it.
    pub(super) fn counts<const L: usize>(&self, x: [f64; L]) -> [usize; L] {
        pulp::Arch::new().dispatch(Pass { sturm: self, x })
    }
}

/// One pass over the rows for L points.
struct Pass<'a, const L: usize> {
    sturm: &'a Sturm<'a>,
    x: [f64; L],
}

impl<const L: usize> pulp::WithSimd for Pass<'_, L> {
    type Output = [usize; L];

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> [usize; L] {
        let Self { sturm, x } = self;
        let least = x.into_iter().fold(f64::INFINITY, f64::min);
        let (mut counts, mut carried, mut pivots) = ([0u64; L], [0.0; L], [0.0; L]);
        let rows = sturm.diagonal.len();
        let mut start = 0;
        while start < rows {
            let end = (start + BLOCK).min(rows);
            for (&a, &square) in sturm.diagonal[start..end]
                .iter()
                .zip(&sturm.squares[start..end])
            {
                for l in 0..L {
                    let d = (a - x[l]) - carried[l];
                    // A pivot 0 counts as negative: a change of a_i by less than 1e-307.
                    let d = if d == 0.0 { -f64::MIN_POSITIVE } else { d };
                    counts[l] += u64::from(d > 0.0);
                    carried[l] = square / d;
                    pivots[l] = d;
                }
            }
            if end < rows && sturm.reach[end] < least {
                let b = sturm.off_diagonal[end - 1].abs();
                // Twice what is needed, so that the pivots' own rounding does not matter.
                if pivots.iter().all(|&d| d <= -2.0 * b) || b == 0.0 {
                    break;
                }
            }
            start = end;
        }
        counts.map(|count| count as usize)
    }
}

impl Tridiagonal {
    /// #{i : λ_i > x} of a matrix that differs from T by at most the returned distance in norm.
    ///
    /// # Value    (count, η) with #{λ > x + η} ≤ count ≤ #{λ > x − η}; η a few ulp of ‖T‖ + |x|
    ///
    /// # Errors
    /// [`LocateError::NotFinite`], [`LocateError::PointNotFinite`].
    pub fn count_above(&self, x: f64) -> Result<(usize, f64), LocateError> {
        Ok(self.counts_above(&[x])?[0])
    }

    /// [`count_above`](Self::count_above) at each x, up to sixteen in one pass over the rows.
    ///
    /// # Errors
    /// [`LocateError::NotFinite`], [`LocateError::PointNotFinite`].
    ///
    /// # Examples
    /// ```
    /// use rmt_verify::spectrum::Tridiagonal;
    /// let t = Tridiagonal { diagonal: vec![0.0; 3], off_diagonal: vec![1.0; 2] };
    /// // λ = √2, 0, −√2
    /// let counts = t.counts_above(&[1.5, 1.4, -0.1, -1.5])?;
    /// assert!(counts.iter().map(|c| c.0).eq([0, 1, 2, 3]));
    /// # Ok::<(), rmt_verify::spectrum::LocateError>(())
    /// ```
    pub fn counts_above(&self, points: &[f64]) -> Result<Vec<(usize, f64)>, LocateError> {
        if let Some(&x) = points.iter().find(|x| !x.is_finite()) {
            return Err(LocateError::PointNotFinite { x });
        }
        let sturm = Sturm::new(self)?;
        let mut all = Vec::with_capacity(points.len());
        let add = |all: &mut Vec<_>, scaled: f64, count| {
            all.push((count, sturm.unscaled(sturm.rounding(scaled))));
        };
        if let [x] = points {
            let x = sturm.to_scale(*x);
            add(&mut all, x, sturm.counts([x])[0]);
            return Ok(all);
        }
        for chunk in points.chunks(POINTS) {
            // Lanes to spare repeat the first point.
            let x = std::array::from_fn::<_, POINTS, _>(|l| {
                sturm.to_scale(*chunk.get(l).unwrap_or(&chunk[0]))
            });
            let counts = sturm.counts(x);
            for l in 0..chunk.len() {
                add(&mut all, x[l], counts[l]);
            }
        }
        Ok(all)
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
