//! Standard normals by inverse CDF.

mod coefficients;
mod lanes;

pub(super) use lanes::{ln, normal_quantiles};

use super::stream::open_uniform;
use coefficients::{A, B, C, D, E, F};
use rand_chacha::ChaCha8Rng;

/// g = Φ⁻¹(u), u = [`open_uniform`].
///
/// Takes exactly 8 bytes of the stream, whatever the value.
#[inline]
pub fn standard_normal(rng: &mut ChaCha8Rng) -> f64 {
    normal_quantile(open_uniform(rng))
}

/// Normal quantile Φ⁻¹(p).
///
/// # Domain   0 ≤ p ≤ 1 (−∞ and ∞ at the ends); NaN otherwise
/// # Value    non-decreasing on the grid of [`open_uniform`]; Φ⁻¹(1 − p) = −Φ⁻¹(p) to the bit
/// whenever 1 − p is exact, as it is on that grid
/// # Accuracy relative error ≤ 1e-15 against 40-digit values in
/// `fixtures/reference/normal_quantile.json` (made by the script beside it)
/// # Source   \[Wichura 1988\] AS 241, coefficient set PPND16
///
/// Only IEEE operations and `libm::log`: the same bits on every platform.
///
/// # Examples
/// ```
/// use rmt_verify::ensemble::normal_quantile;
/// assert_eq!(normal_quantile(0.5), 0.0);
/// assert!((normal_quantile(0.975) - 1.959963984540054).abs() < 1e-15);
/// ```
#[inline]
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= CENTRE {
        return central_quantile(q);
    }
    tail_quantile(p, q)
}

const CENTRE: f64 = 0.425;

#[inline(always)]
fn central_quantile(q: f64) -> f64 {
    q * ratio(&A, &B, CENTRE * CENTRE - q * q)
}

/// The same for |p − ½| > 0.425: 15 % of the draws.
#[inline(never)]
fn tail_quantile(p: f64, q: f64) -> f64 {
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 || tail.is_nan() {
        let end = if tail == 0.0 { f64::INFINITY } else { f64::NAN };
        return end.copysign(q);
    }
    let r = (-libm::log(tail)).sqrt();
    let x = if r <= 5.0 {
        ratio(&C, &D, r - 1.6)
    } else {
        ratio(&E, &F, r - 5.0)
    };
    x.copysign(q)
}

/// Σ numerator_i rⁱ / Σ denominator_i rⁱ by Horner's scheme.
#[inline(always)]
fn ratio(numerator: &[f64; 8], denominator: &[f64; 8], r: f64) -> f64 {
    let horner = |c: &[f64; 8]| {
        ((((((c[7] * r + c[6]) * r + c[5]) * r + c[4]) * r + c[3]) * r + c[2]) * r + c[1]) * r
            + c[0]
    };
    horner(numerator) / horner(denominator)
}
