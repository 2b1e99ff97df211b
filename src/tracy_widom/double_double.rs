//! Unevaluated sums of two doubles: about 31 digits, for determinants that are nearly singular.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// hi + lo with |lo| ≤ ulp(hi)/2.
///
/// # Accuracy   sums, products, quotients and roots within a relative 2⁻¹⁰⁰ while nothing over- or
/// underflows; a sum of opposite signs, relative to its larger term
/// # Source     T. J. Dekker, Numer. Math. 18 (1971) 224–242
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Double {
    pub hi: f64,
    pub lo: f64,
}

impl Double {
    pub const ZERO: Self = Self::exact(0.0);
    pub const ONE: Self = Self::exact(1.0);

    pub const fn exact(x: f64) -> Self {
        Self { hi: x, lo: 0.0 }
    }

    /// For |a| ≥ |b|.
    fn quick(a: f64, b: f64) -> Self {
        let hi = a + b;
        Self {
            hi,
            lo: b - (hi - a),
        }
    }

    fn sum(a: f64, b: f64) -> Self {
        let hi = a + b;
        let c = hi - a;
        Self {
            hi,
            lo: (a - (hi - c)) + (b - c),
        }
    }

    /// By splitting into halves: `mul_add` is a slow call where the processor has no such unit.
    fn product(a: f64, b: f64) -> Self {
        const SPLITTER: f64 = 134_217_729.0; // 2²⁷ + 1
        let split = |x: f64| {
            let c = SPLITTER * x;
            let high = c - (c - x);
            (high, x - high)
        };
        let hi = a * b;
        let ((a1, a2), (b1, b2)) = (split(a), split(b));
        Self {
            hi,
            lo: ((a1 * b1 - hi) + a1 * b2 + a2 * b1) + a2 * b2,
        }
    }

    pub fn sqrt(self) -> Self {
        if self.hi == 0.0 {
            return Self::ZERO;
        }
        // One step of Newton's method from the rounded root.
        let root = self.hi.sqrt();
        let rest = self - Self::product(root, root);
        Self::quick(root, rest.hi / (2.0 * root))
    }

    pub fn value(self) -> f64 {
        self.hi + self.lo
    }
}

impl From<f64> for Double {
    fn from(x: f64) -> Self {
        Self::exact(x)
    }
}

impl Neg for Double {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            hi: -self.hi,
            lo: -self.lo,
        }
    }
}

impl Add for Double {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (high, low) = (Self::sum(self.hi, other.hi), Self::sum(self.lo, other.lo));
        let high = Self::quick(high.hi, high.lo + low.hi);
        Self::quick(high.hi, high.lo + low.lo)
    }
}

impl Sub for Double {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Double {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.hi, other.hi);
        let cross = self.hi * other.lo + self.lo * other.hi;
        Self::quick(product.hi, product.lo + cross)
    }
}

impl Div for Double {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let first = self.hi / other.hi;
        let rest = self - other * Self::exact(first);
        let second = rest.hi / other.hi;
        let rest = rest - other * Self::exact(second);
        Self::quick(first, second) + Self::exact(rest.hi / other.hi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: Double, b: Double) {
        let error = (a - b).value().abs();
        assert!(error <= 2f64.powi(-100) * b.hi.abs(), "{a:?} {b:?}");
    }

    #[test]
    fn a_third_times_three_is_one() {
        close(
            Double::ONE / Double::exact(3.0) * Double::exact(3.0),
            Double::ONE,
        );
    }

    #[test]
    fn square_of_a_root_is_the_number() {
        for x in [2.0, 1e-20, 0.3, 7e15] {
            let x = Double::exact(x) + Double::exact(x * 1e-18);
            close(x.sqrt() * x.sqrt(), x);
        }
    }

    #[test]
    fn a_sum_keeps_what_a_double_loses() {
        let sum = Double::ONE + Double::exact(1e-25);
        assert_eq!((sum - Double::ONE).value(), 1e-25);
    }

    #[test]
    fn product_is_exact_to_twice_the_digits() {
        // (1 + ε)(1 − ε) = 1 − ε², which one double rounds to 1.
        let e = f64::EPSILON;
        let product = Double::exact(1.0 + e) * Double::exact(1.0 - e);
        assert_eq!((product - Double::ONE).value(), -e * e);
    }
}
