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

/// 2^{−k}W and k; W itself and 0 unless its largest entry is below 2⁻⁴⁰⁰ or above 2⁴⁰⁰, or not finite.
pub(super) fn moderate(w: &Hermitian) -> (Cow<'_, Hermitian>, i32) {
    let largest = match w {
        Hermitian::Real(m) => largest(m.as_slice()),
        Hermitian::Complex(m) => m
            .iter()
            .fold(0.0, |a: f64, z| a.max(z.re.abs().max(z.im.abs()))),
    };
    let k = exponent(largest);
    if k.abs() <= MODERATE || !largest.is_finite() {
        return (Cow::Borrowed(w), 0);
    }
    (Cow::Owned(scaled(w, -k)), k)
}

/// max |x_i|, NaN ignored.
fn largest(x: &[f64]) -> f64 {
    // Eight maxima side by side: a single one is a chain of comparisons.
    let (chunks, rest) = x.as_chunks::<8>();
    let mut maxima = [0.0; 8];
    for chunk in chunks {
        for (maximum, x) in maxima.iter_mut().zip(chunk) {
            *maximum = if x.abs() > *maximum {
                x.abs()
            } else {
                *maximum
            };
        }
    }
    let all = maxima.iter().chain(rest);
    all.fold(0.0, |a: f64, x| a.max(x.abs()))
}

/// 2^k W.
fn scaled(w: &Hermitian, k: i32) -> Hermitian {
    let factor = PowerOfTwo::new(k);
    match w {
        Hermitian::Real(m) => Hermitian::Real(m.map(|x| factor.times(x))),
        Hermitian::Complex(m) => Hermitian::Complex(
            m.map(|z| num_complex::Complex64::new(factor.times(z.re), factor.times(z.im))),
        ),
    }
}
