//! The Airy function Ai.

use super::double_double::Double;
use std::f64::consts::PI;
use std::sync::OnceLock;
use thiserror::Error;

/// Ai(x) was asked for where this module does not compute it.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("Ai is computed for x >= {LEAST}, not for x = {x}")]
pub struct AiryError {
    /// The offending x (too small, or NaN).
    pub x: f64,
}

/// Smallest argument.
const LEAST: f64 = -40.0;
/// From here on the asymptotic series, whose smallest term is e^{−2ζ} ≈ 10⁻³⁷ here, is summed.
const LARGE: f64 = 16.0;
/// Patches a unit length.
const PATCHES: f64 = 8.0;
/// Taylor coefficients kept: the n-th term is at most (√|x|/16)ⁿ/n! of the largest.
const TERMS: usize = 24;
/// From this term on a double's digits do.
const SINGLE: usize = 13;

/// Ai(x), the solution of y″ = xy that decays at +∞.
///
/// # Domain   x ≥ −40, +∞ included
/// # Accuracy relative 4e-16 up to x = 16, and 1e-15 beyond (Ai ≥ 10⁻³⁰⁸ up to x = 103);
/// measured against 50-digit values, relative to √(Ai² + Ai′²/|x|) for x < 0 (`tests/reference_tracy_widom.rs`)
///
/// # Errors
/// [`AiryError`] left of −40, and for NaN.
pub fn airy(x: f64) -> Result<f64, AiryError> {
    if x >= LEAST {
        Ok(airy_double(Double::exact(x)).value())
    } else {
        Err(AiryError { x })
    }
}

/// Ai(x), to about 30 digits for −40 ≤ x ≤ 16, and as a double beyond.
pub(super) fn airy_double(x: Double) -> Double {
    if x.hi > LARGE {
        return Double::exact(asymptotic(x.hi));
    }
    static TABLE: OnceLock<Vec<[Double; TERMS]>> = OnceLock::new();
    let table = TABLE.get_or_init(patches);
    let index = ((LARGE - x.hi) * PATCHES).round();
    let h = x - Double::exact(LARGE - index / PATCHES);
    let jet = &table[index as usize];
    let tail = jet[SINGLE..]
        .iter()
        .rev()
        .fold(0.0, |sum, a| sum * h.hi + a.hi);
    let head = jet[..SINGLE].iter().rev();
    head.fold(Double::exact(tail), |sum, &a| sum * h + a)
}

/// Taylor coefficients round 16, 15⅞, …, −40.
///
/// Ai grows to the left of 16 while the other solution Bi falls, and both oscillate left of 0: the march
/// to the left forgets its errors.
fn patches() -> Vec<[Double; TERMS]> {
    // Ai(16) and Ai′(16), by mpmath in 60 digits.
    let mut value = Double {
        hi: 4.156_888_828_917_024_4e-20,
        lo: -1.406_050_723_917_339_8e-37,
    };
    let mut slope = Double {
        hi: -1.669_188_676_838_181e-19,
        lo: -1.414_423_416_321_947_8e-36,
    };
    let count = ((LARGE - LEAST) * PATCHES) as usize + 1;
    (0..count)
        .map(|k| {
            let centre = LARGE - k as f64 / PATCHES;
            let jet = taylor::<40>(centre, value, slope);
            let step = Double::exact(-1.0 / PATCHES);
            (value, slope) = (Double::ZERO, Double::ZERO);
            for &a in jet.iter().rev() {
                slope = slope * step + value;
                value = value * step + a;
            }
            std::array::from_fn(|n| jet[n])
        })
        .collect()
}

/// y = Σ aₙhⁿ with y″ = (c + h)y: (n + 1)(n + 2)a_{n+2} = c aₙ + a_{n−1}.
fn taylor<const M: usize>(centre: f64, value: Double, slope: Double) -> [Double; M] {
    let mut a = [Double::ZERO; M];
    (a[0], a[1]) = (value, slope);
    for n in 0..M - 2 {
        let before = if n > 0 { a[n - 1] } else { Double::ZERO };
        let divisor = ((n + 1) * (n + 2)) as f64;
        a[n + 2] = (Double::exact(centre) * a[n] + before) / Double::exact(divisor);
    }
    a
}

/// e^{−ζ}/(2√π x^{1/4})·Σ (−1)ᵏu_k ζ⁻ᵏ, ζ = ⅔x^{3/2}, u_k/u_{k−1} = (6k − 5)(6k − 1)/(72k).
fn asymptotic(x: f64) -> f64 {
    if x == f64::INFINITY {
        return 0.0;
    }
    // The exponential multiplies the relative error of ζ by ζ, up to 700: ζ needs its second double.
    let root = x.sqrt();
    let exact_root = Double {
        hi: root,
        lo: (-root).mul_add(root, x) / (2.0 * root),
    };
    let exact_zeta = Double::exact(2.0) * Double::exact(x) * exact_root / Double::exact(3.0);
    let zeta = exact_zeta.hi;
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..12 {
        let k = f64::from(k);
        term *= -(6.0 * k - 5.0) * (6.0 * k - 1.0) / (72.0 * k * zeta);
        sum += term;
    }
    libm::exp(-zeta) * (1.0 - exact_zeta.lo) * sum / (2.0 * PI.sqrt() * root.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ai_at_zero_has_its_closed_form() {
        // 3^{−2/3}/Γ(2/3) = 0.355028053887817239260063186004183…, to all digits of a double-double.
        let known = Double {
            hi: 0.355_028_053_887_817_2,
            lo: 2.052_336_324_362_12e-17,
        };
        let error = (airy_double(Double::ZERO) - known).value().abs();
        assert!(error < 1e-30, "{error:e}");
    }

    #[test]
    fn neighbouring_patches_agree_to_double_doubles_accuracy() {
        for k in -310..120 {
            let border = f64::from(k) / 8.0 + 0.0625;
            let left = airy_double(Double::exact(border) - Double::exact(1e-30));
            let right = airy_double(Double::exact(border) + Double::exact(1e-30));
            let jump = (left - right).value().abs();
            let scale = left.hi.abs().max(if border < 0.0 { 0.1 } else { 0.0 });
            assert!(jump < 1e-28 * scale, "at {border}: {jump:e}");
        }
    }

    #[test]
    fn asymptotic_series_continues_the_patches() {
        let (below, above) = (airy_double(Double::exact(15.9)).hi, asymptotic(15.9));
        assert!((below / above - 1.0).abs() < 1e-14);
    }

    #[test]
    fn arguments_out_of_reach_are_refused() {
        assert_eq!(airy(-41.0), Err(AiryError { x: -41.0 }));
        assert!(airy(f64::NAN).is_err());
        assert_eq!(airy(f64::INFINITY), Ok(0.0));
    }
}
