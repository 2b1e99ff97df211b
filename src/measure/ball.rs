//! Complex discs for running error bounds, and real numbers of twice the precision.

use num_complex::Complex64;

/// Unit roundoff u = 2⁻⁵³ of binary64.
pub(super) const UNIT: f64 = f64::EPSILON / 2.0;
/// Exceeds every error that gradual underflow adds to one of the operations below.
const TINY: f64 = 1e-321;

/// Rounds a bound up: covers the rounding of the few operations that computed it.
fn up(bound: f64) -> f64 {
    bound * (1.0 + 8.0 * f64::EPSILON) + TINY
}

/// Disc {w : |w − centre| ≤ radius} that is known to contain the exact value.
///
/// Every operation returns a disc that contains all exact results, its own rounding included
/// (see [`super::rounding`]). An operation that can certify nothing has an infinite radius.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ball {
    /// The computed value.
    pub centre: Complex64,
    /// Bound on its distance from the exact value.
    pub radius: f64,
}

impl Ball {
    /// An exactly known complex number.
    #[must_use]
    pub fn exact(centre: Complex64) -> Self {
        Self {
            centre,
            radius: 0.0,
        }
    }

    /// A real number known up to `radius`.
    #[must_use]
    pub fn real(centre: f64, radius: f64) -> Self {
        Self {
            centre: Complex64::new(centre, 0.0),
            radius,
        }
    }

    fn new(centre: Complex64, radius: f64) -> Self {
        // A centre that overflowed, or a radius that is not a number, certifies nothing.
        let radius = if centre.is_finite() && !radius.is_nan() {
            radius
        } else {
            f64::INFINITY
        };
        Self { centre, radius }
    }

    fn modulus(self) -> f64 {
        self.centre.norm()
    }

    /// a·w for an exactly known real a.
    #[must_use]
    pub fn scale(self, a: f64) -> Self {
        let centre = self.centre * a;
        Self::new(centre, up(a.abs() * self.radius + UNIT * centre.norm()))
    }

    /// 1/w. Infinite radius when the disc contains 0.
    #[must_use]
    pub fn recip(self) -> Self {
        let modulus = self.modulus() * (1.0 - 4.0 * UNIT);
        let centre = recip(self.centre);
        if modulus <= self.radius {
            return Self::new(centre, f64::INFINITY);
        }
        let spread = self.radius / modulus / (modulus - self.radius);
        Self::new(centre, up(spread + RECIP_ERROR * UNIT / modulus))
    }

    /// √w in the closed first quadrant, for a disc whose centre and exact value both have Im ≥ 0.
    ///
    /// Two points of the first quadrant satisfy |a − b| ≤ |a + b| and |a + b| ≥ |b|, hence
    /// |√w − √c| ≤ min(r/|√c|, √r): no smallness of r against |c| is needed.
    #[must_use]
    pub fn sqrt_upper(self) -> Self {
        debug_assert!(self.centre.im >= 0.0);
        let centre = sqrt_upper(self.centre);
        let modulus = centre.norm();
        // The modulus is known to 5u, for which `up` pays. 0/0 at an exact 0 is no number: `min` takes √0.
        let spread = (self.radius / modulus).min(self.radius.sqrt());
        Self::new(centre, up(spread + 6.0 * UNIT * modulus))
    }
}

impl std::ops::Add for Ball {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let centre = self.centre + other.centre;
        Self::new(
            centre,
            up(self.radius + other.radius + UNIT * centre.norm()),
        )
    }
}

impl std::ops::Neg for Ball {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            centre: -self.centre,
            radius: self.radius,
        }
    }
}

impl std::ops::Sub for Ball {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + (-other)
    }
}

impl std::ops::Mul for Ball {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let (a, b) = (self.modulus(), other.modulus());
        // The four-product formula errs by at most √5·u·|ab| (Brent, Percival, Zimmermann 2007).
        let radius =
            a * other.radius + b * self.radius + self.radius * other.radius + 3.0 * UNIT * a * b;
        Self::new(self.centre * other.centre, up(radius))
    }
}

/// Bound, in units of u, on the relative error of [`recip`].
pub(super) const RECIP_ERROR: f64 = 9.0;

/// 1/w, each part to relative error 9u, without overflow in between.
pub(super) fn recip(w: Complex64) -> Complex64 {
    let size = w.re.abs().max(w.im.abs());
    if (1e-140..1e140).contains(&size) {
        let inverse = 1.0 / (w.re * w.re + w.im * w.im);
        Complex64::new(w.re * inverse, -w.im * inverse)
    } else {
        let (a, b) = (w.re / size, w.im / size);
        let square = a * a + b * b;
        Complex64::new(a / square / size, -b / square / size)
    }
}

/// √w with arg in [0, π/2], for Im w ≥ 0; each part to a relative error of at most 4u.
pub(super) fn sqrt_upper(w: Complex64) -> Complex64 {
    if w.re == 0.0 && w.im == 0.0 {
        return Complex64::new(0.0, 0.0);
    }
    // Halving before the sum keeps |w| near the overflow threshold finite.
    let large = (0.5 * w.re.abs() + 0.5 * w.norm()).sqrt();
    let small = 0.5 * w.im / large;
    if w.re >= 0.0 {
        Complex64::new(large, small)
    } else {
        Complex64::new(small, large)
    }
}

/// a + b = sum + rest exactly (Knuth).
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let c = sum - a;
    (sum, (a - (sum - c)) + (b - c))
}

/// Real number hi + lo, |lo| ≤ u·|hi|, at most `error` away from the exact value; a value of
/// about twice the working precision, or exact with error 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Double {
    pub(super) hi: f64,
    pub(super) lo: f64,
    pub(super) error: f64,
}

/// Relative error of each rounded operation on [`Double`]; the sharp constants are below 16u²
/// (Joldes, Muller, Popescu 2017).
const SECOND_ORDER: f64 = 16.0 * UNIT * UNIT;

impl Double {
    pub(super) fn new(hi: f64) -> Self {
        Self::sum(hi, 0.0)
    }

    /// a + b exactly.
    pub(super) fn sum(a: f64, b: f64) -> Self {
        let (hi, lo) = two_sum(a, b);
        Self { hi, lo, error: 0.0 }
    }

    fn with_error(self, error: f64) -> Self {
        Self {
            error: up(error + SECOND_ORDER * self.hi.abs()),
            ..self
        }
    }

    pub(super) fn sqrt(a: f64) -> Self {
        let root = a.sqrt();
        // One Newton step from the correctly rounded root: a − root² is exact in an fma.
        let rest = (-root).mul_add(root, a);
        if rest == 0.0 {
            return Self::new(root);
        }
        Self::sum(root, rest / (2.0 * root)).with_error(0.0)
    }

    pub(super) fn add(self, other: Self) -> Self {
        let (hi, hi_rest) = two_sum(self.hi, other.hi);
        if self.lo == 0.0 && other.lo == 0.0 {
            return Self {
                hi,
                lo: hi_rest,
                error: self.error + other.error,
            };
        }
        let (lo, lo_rest) = two_sum(self.lo, other.lo);
        let (hi, lo) = two_sum(hi, hi_rest + lo);
        Self::sum(hi, lo + lo_rest).with_error(self.error + other.error)
    }

    pub(super) fn neg(self) -> Self {
        Self {
            hi: -self.hi,
            lo: -self.lo,
            error: self.error,
        }
    }

    /// Half of the number; exact.
    pub(super) fn half(self) -> Self {
        Self {
            hi: 0.5 * self.hi,
            lo: 0.5 * self.lo,
            error: 0.5 * self.error,
        }
    }

    pub(super) fn mul(self, other: Self) -> Self {
        let product = self.hi * other.hi;
        let rest = self.hi.mul_add(other.hi, -product);
        let error = 1.1 * (self.error * other.hi.abs() + other.error * self.hi.abs());
        Self::sum(product, rest + (self.hi * other.lo + self.lo * other.hi)).with_error(error)
    }

    pub(super) fn div(self, other: Self) -> Self {
        let first = self.hi / other.hi;
        let rest = self.add(other.mul(Self::new(first)).neg());
        let second = rest.hi / other.hi;
        let error = 1.1 * (self.error + other.error * first.abs()) / other.hi.abs();
        Self::sum(first, second).with_error(error)
    }

    /// x − origin − self and a bound on its error: cancellation loses nothing, because the
    /// leading differences are exact.
    pub(super) fn subtracted_from(self, x: f64, origin: f64) -> (f64, f64) {
        let (offset, offset_rest) = two_sum(x, -origin);
        let (main, main_rest) = two_sum(offset, -self.hi);
        let small = offset_rest - self.lo;
        let rest = main_rest + small;
        let value = main + rest;
        let rounding = if rest == 0.0 { 0.0 } else { value.abs() };
        let error = UNIT * (rounding + rest.abs() + small.abs()) + self.error;
        (value, if error == 0.0 { 0.0 } else { up(error) })
    }
}

#[cfg(test)]
mod tests;
