//! Exact scaling by powers of two, against overflow and underflow of squares.

use super::Hermitian;
use std::borrow::Cow;

/// k with x ∈ [2^{k−1}, 2^k) for finite x > 0; 0 for x = 0.
pub(super) fn exponent(x: f64) -> i32 {
    libm::frexp(x).1
}

/// 2^k as a product of two factors in range, |k| ≤ 2000.
#[derive(Debug, Clone, Copy)]
pub(super) struct PowerOfTwo(f64, f64);

impl PowerOfTwo {
    /// 2^k.
    pub(super) fn new(k: i32) -> Self {
        Self(libm::ldexp(1.0, k / 2), libm::ldexp(1.0, k - k / 2))
    }

    /// 2^k x, exact unless it over- or underflows.
    #[inline(always)]
    pub(super) fn times(self, x: f64) -> f64 {
        x * self.0 * self.1
    }
}

/// Entries within 2^{±MODERATE} have squares whose sums neither overflow nor lose anything that
/// matters to underflow.
const MODERATE: i32 = 400;

/// 2^{−k}W and k; W itself and 0 unless its largest entry is below 2⁻⁴⁰⁰ or above 2⁴⁰⁰.
pub(super) fn moderate(w: &Hermitian) -> (Cow<'_, Hermitian>, i32) {
    let largest = match w {
        Hermitian::Real(m) => m.iter().fold(0.0, |a: f64, x| a.max(x.abs())),
        Hermitian::Complex(m) => m
            .iter()
            .fold(0.0, |a: f64, z| a.max(z.re.abs()).max(z.im.abs())),
    };
    let k = exponent(largest);
    if k.abs() <= MODERATE {
        return (Cow::Borrowed(w), 0);
    }
    (Cow::Owned(scaled(w, -k)), k)
}

/// 2^k W.
pub(super) fn scaled(w: &Hermitian, k: i32) -> Hermitian {
    let factor = PowerOfTwo::new(k);
    match w {
        Hermitian::Real(m) => Hermitian::Real(m.map(|x| factor.times(x))),
        Hermitian::Complex(m) => Hermitian::Complex(
            m.map(|z| num_complex::Complex64::new(factor.times(z.re), factor.times(z.im))),
        ),
    }
}
