//! Resolvent traces of tridiagonal matrices from their pivots: O(N) a point, no eigenvalues.
//!
//! **From both ends.** Eliminating rows from above gives pivots d_i = a_i − z − b_{i−1}²/d_{i−1}, from
//! below e_i = a_i − z − b_i²/e_{i+1}. Above a row m take the first, below it the second, and in row m
//! itself
//!
//! f = a_m − z − b_{m−1}²/d_{m−1} − b_m²/e_{m+1}, so that det(T − z) = (Π_{i<m} d_i) f (Π_{i>m} e_i).
//!
//! The two recursions know nothing of each other until they meet: they are run in turns, and each fills
//! the time in which the other waits for its division.
//!
//! **Derivatives.** Tr (T − z)⁻¹ = −(log det(T − z))′ is the sum of p = −d′/d over all pivots, and
//! Tr (T − z)⁻² = −(log det(T − z))″ that of p² + q, q = −d″/d. With g = b²/d, the term handed on to the
//! next row, g′ = gp and g″ = g(2p² + q); and there p = (1 + Σg′)/d, q = Σg″/d.
//!
//! **Lanes.** Eight points are taken through the same operations side by side. Each uses its own lane
//! only, products and sums are fused where it is written, so the bits of a point depend neither on its
//! companions nor on the processor.

use super::Tridiagonal;
use num_complex::Complex64;

/// Points taken together.
const LANES: usize = 8;

impl Tridiagonal {
    /// Tr (T − z)⁻¹.
    ///
    /// # Domain   as for [`resolvent_traces_at`](Self::resolvent_traces_at)
    /// # Accuracy as there
    #[must_use]
    pub fn resolvent_trace(&self, z: Complex64) -> Complex64 {
        self.resolvent_traces(z).0
    }

    /// Tr (T − z)⁻¹ and its derivative Tr (T − z)⁻².
    ///
    /// # Domain   as for [`resolvent_traces_at`](Self::resolvent_traces_at)
    /// # Accuracy as there
    #[must_use]
    pub fn resolvent_traces(&self, z: Complex64) -> (Complex64, Complex64) {
        let [traces] = pulp::Arch::new().dispatch(Pass { t: self, z: [z] });
        traces
    }

    /// (Tr (T − z)⁻¹, Tr (T − z)⁻²) at each z, in O(N) operations a point.
    ///
    /// # Domain   Im z ≠ 0, panics otherwise; |Im z| ≥ 1e-150 and |a_i|, b_i, |z| ≤ 1e150, beyond which
    /// squares leave the range of `f64` and the values mean nothing
    /// # Value    in the order of the points; the bits of one do not depend on the others
    /// # Accuracy |Im d| ≥ |Im z| and |d′| ≤ |Im d|/|Im z| for all pivots, so none vanishes and
    /// no term of the sum exceeds 1/|Im z|; relative difference from the eigenvalue route ≤ 1e-12
    /// at |Im z| ≥ 0.1, N ≤ 256 (tests/spectrum/tridiagonal.rs)
    ///
    /// # Examples
    /// ```
    /// use num_complex::Complex64;
    /// use rmt_verify::spectrum::Tridiagonal;
    /// let t = Tridiagonal { diagonal: vec![0.0; 2], off_diagonal: vec![1.0] };
    /// let i = Complex64::i();
    /// // 1/(1 − z) + 1/(−1 − z) = 2z/(1 − z²)
    /// for (z, (first, _)) in [i, 2.0 * i].into_iter().zip(t.resolvent_traces_at(&[i, 2.0 * i])) {
    ///     assert!((first - 2.0 * z / (1.0 - z * z)).norm() < 1e-15);
    /// }
    /// ```
    #[must_use]
    pub fn resolvent_traces_at(&self, points: &[Complex64]) -> Vec<(Complex64, Complex64)> {
        let arch = pulp::Arch::new();
        let mut all = Vec::with_capacity(points.len());
        let (chunks, rest) = points.as_chunks::<LANES>();
        for &z in chunks {
            all.extend(arch.dispatch(Pass { t: self, z }));
        }
        if let Some(first) = rest.first() {
            // Lanes to spare repeat the first point.
            let z = std::array::from_fn::<_, LANES, _>(|l| *rest.get(l).unwrap_or(first));
            all.extend(&arch.dispatch(Pass { t: self, z })[..rest.len()]);
        }
        all
    }
}

/// One pass over the rows for L points.
struct Pass<'a, const L: usize> {
    t: &'a Tridiagonal,
    z: [Complex64; L],
}

// A type, not a closure: only what is `inline(always)` down to the last loop is compiled for the
// instruction set that `pulp` finds.
impl<const L: usize> pulp::WithSimd for Pass<'_, L> {
    type Output = [(Complex64, Complex64); L];

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Self::Output {
        let z = self.z;
        assert!(
            z.iter().all(|z| z.im != 0.0),
            "the resolvent is taken off the real axis"
        );
        let z = Lanes {
            re: z.map(|z| z.re),
            im: z.map(|z| z.im),
        };
        let (a, b) = (&self.t.diagonal, &self.t.off_diagonal);
        let mut sums = [Lanes::ZERO; 2];
        let (mut above, mut below) = ([Lanes::ZERO; 3], [Lanes::ZERO; 3]);
        let Some(last) = a.len().checked_sub(1) else {
            return [(Complex64::ZERO, Complex64::ZERO); L];
        };
        let middle = last / 2;
        // As many rows on both sides of the middle, or one more below.
        let (upper, lower) = (&a[..middle], &a[middle + 1..]);
        let ends = upper
            .iter()
            .zip(b)
            .zip(lower.iter().zip(&b[middle..]).rev());
        for ((&a0, &b0), (&a1, &b1)) in ends {
            above = step(a0, b0 * b0, z, above, &mut sums);
            below = step(a1, b1 * b1, z, below, &mut sums);
        }
        if lower.len() > upper.len() {
            below = step(lower[0], b[middle] * b[middle], z, below, &mut sums);
        }
        let met = [
            above[0].plus(below[0]),
            above[1].plus(below[1]),
            above[2].plus(below[2]),
        ];
        step(a[middle], 0.0, z, met, &mut sums);
        let [first, second] = sums;
        std::array::from_fn(|l| {
            let of = |x: &Lanes<L>| Complex64::new(x.re[l], x.im[l]);
            (of(&first), of(&second))
        })
    }
}

/// One row: adds p and p² + q to the sums and returns g, g′, g″, from those of the row before.
#[inline(always)]
fn step<const L: usize>(
    a: f64,
    b_squared: f64,
    z: Lanes<L>,
    [g, g1, g2]: [Lanes<L>; 3],
    [first, second]: &mut [Lanes<L>; 2],
) -> [Lanes<L>; 3] {
    let mut d = Lanes::ZERO;
    for l in 0..L {
        d.re[l] = (a - z.re[l]) - g.re[l];
        d.im[l] = -z.im[l] - g.im[l];
    }
    let inverse = d.inverse();
    let p = g1.plus_one().times(inverse);
    let q = g2.times(inverse);
    let square = p.times(p);
    let term = square.plus(q);
    *first = first.plus(p);
    *second = second.plus(term);
    let g = inverse.scaled(b_squared);
    [g, g.times(p), g.times(square.plus(term))]
}

/// Complex numbers, one a lane.
#[derive(Clone, Copy)]
struct Lanes<const L: usize> {
    re: [f64; L],
    im: [f64; L],
}

impl<const L: usize> Lanes<L> {
    const ZERO: Self = Self {
        re: [0.0; L],
        im: [0.0; L],
    };

    #[inline(always)]
    fn plus(mut self, other: Self) -> Self {
        for l in 0..L {
            self.re[l] += other.re[l];
            self.im[l] += other.im[l];
        }
        self
    }

    #[inline(always)]
    fn plus_one(mut self) -> Self {
        for l in 0..L {
            self.re[l] += 1.0;
        }
        self
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        let mut product = Self::ZERO;
        for l in 0..L {
            product.re[l] = self.re[l].mul_add(other.re[l], -(self.im[l] * other.im[l]));
            product.im[l] = self.re[l].mul_add(other.im[l], self.im[l] * other.re[l]);
        }
        product
    }

    #[inline(always)]
    fn scaled(mut self, by: f64) -> Self {
        for l in 0..L {
            self.re[l] *= by;
            self.im[l] *= by;
        }
        self
    }

    /// conj(x)/|x|², one division a lane.
    #[inline(always)]
    fn inverse(self) -> Self {
        let mut inverse = Self::ZERO;
        for l in 0..L {
            let squared = self.re[l].mul_add(self.re[l], self.im[l] * self.im[l]);
            let reciprocal = 1.0 / squared;
            inverse.re[l] = self.re[l] * reciprocal;
            inverse.im[l] = -self.im[l] * reciprocal;
        }
        inverse
    }
}
