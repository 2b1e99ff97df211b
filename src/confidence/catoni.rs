//! Catoni's M-estimator of a mean, when only a bound of the variance is known.

use super::mean::check_variance;
use super::rounding::{add_up, div_up, ln_up, mul_up, sqrt_up};
use super::{Confidence, ConfidenceError, Grade, check_level, check_replicates};

/// √(2 v l/(M − 2l)), l = ln(2/α): halfwidth of Catoni's estimator.
///
/// # Domain   Var X ≤ v, M > 2(1 + l), 0 < α < 1
/// # Source   Catoni (2012), Proposition 2.4; derived again in `docs/derivations/confidence.md`
pub fn catoni_halfwidth(variance: f64, m: u64, alpha: f64) -> Result<f64, ConfidenceError> {
    check_level(alpha)?;
    check_replicates(m, 1)?;
    check_variance(variance)?;
    let l = ln_up(div_up(2.0, alpha));
    let needed = 2.0 * (1.0 + l);
    if m as f64 <= needed {
        return Err(ConfidenceError::TooFewForCatoni {
            m,
            needed: needed as u64 + 1,
        });
    }
    let rest = (m as f64 - 2.0 * l).next_down();
    Ok(sqrt_up(div_up(mul_up(mul_up(2.0, variance), l), rest)))
}

/// The root θ̂ of Σ ψ(a(x_i − θ)) = 0, ψ(x) = sign(x) ln(1 + |x| + x²/2),
/// a² = 2l(M − 2l)/(M² v), with halfwidth √(2 v l/(M − 2l)), l = ln(2/α). Grade *variance-bound*.
///
/// # Domain   as [`catoni_halfwidth`]; v = 0 means a constant
/// # Source   as [`catoni_halfwidth`]
pub fn catoni(samples: &[f64], variance: f64, alpha: f64) -> Result<Confidence, ConfidenceError> {
    let m = samples.len() as u64;
    let halfwidth = catoni_halfwidth(variance, m, alpha)?;
    let min = samples.iter().copied().fold(f64::INFINITY, f64::min);
    let max = samples.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (estimate, error) = if min == max {
        (min, 0.0)
    } else if variance == 0.0 {
        return Err(ConfidenceError::VariesDespiteZeroVariance { min, max });
    } else {
        let l = libm::log(2.0 / alpha);
        let count = m as f64;
        let scale = (2.0 * l * (count - 2.0 * l) / variance).sqrt() / count;
        influence_root(samples, scale, min, max)
    };
    Ok(Confidence {
        estimate,
        // The scale is the optimal one up to a few ulp, and so is the halfwidth it gives.
        halfwidth: add_up(mul_up(halfwidth, 1.0 + 16.0 * f64::EPSILON), error),
        grade: Grade::VarianceBound,
    })
}

/// The root of the decreasing function θ ↦ Σ ψ(a(x_i − θ)) in [min, max], and a bound of its error.
fn influence_root(samples: &[f64], scale: f64, min: f64, max: f64) -> (f64, f64) {
    // Invariant: the sum is ≥ 0 at `lo` and ≤ 0 at `hi`. Newton steps that leave the bracket, or
    // shrink it slowly, are replaced by bisection.
    let (mut lo, mut hi) = (min, max);
    let tolerance = 1e-13 * (max - min) + 4.0 * f64::EPSILON * min.abs().max(max.abs());
    let mut theta = 0.5 * (lo + hi);
    for _ in 0..200 {
        let (value, slope) = influence_sum(samples, scale, theta);
        if value > 0.0 {
            lo = theta;
        } else {
            hi = theta;
        }
        if hi - lo <= tolerance {
            break;
        }
        let newton = theta + value / slope;
        let step = (newton - theta).abs();
        theta = if step <= 0.25 * tolerance {
            // Converged from one side: probe beyond the root, so that the bracket closes on it.
            if value > 0.0 {
                (newton + 0.5 * tolerance).min(hi)
            } else {
                (newton - 0.5 * tolerance).max(lo)
            }
        } else if newton > lo && newton < hi {
            newton
        } else {
            0.5 * (lo + hi)
        };
    }
    // Rounding moves each ψ by a few ulp of its argument or value: in θ, ulps of the spread and of x.
    let rounding = 64.0 * f64::EPSILON * (min.abs().max(max.abs()) + (max - min));
    (0.5 * (lo + hi), (hi - lo) + rounding)
}

/// Σ ψ(a(x_i − θ)) and minus its derivative in θ, with a compensated sum.
fn influence_sum(samples: &[f64], scale: f64, theta: f64) -> (f64, f64) {
    let (mut sum, mut compensation, mut slope) = (0.0f64, 0.0, 0.0);
    for &x in samples {
        let y = scale * (x - theta);
        let size = y.abs();
        let inner = size + 0.5 * y * y;
        let psi = libm::log1p(inner).copysign(y);
        slope += (1.0 + size) / (1.0 + inner);
        let next = sum + psi;
        compensation += if sum.abs() >= psi.abs() {
            (sum - next) + psi
        } else {
            (psi - next) + sum
        };
        sum = next;
    }
    (sum + compensation, scale * slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symmetric_samples_have_their_centre_as_root() {
        let samples: Vec<f64> = (0..=200)
            .map(|i| 3.0 + (f64::from(i) - 100.0) / 10.0)
            .collect();
        let interval = catoni(&samples, 40.0, 0.05).unwrap();
        assert!((interval.estimate - 3.0).abs() < 1e-11);
    }

    #[test]
    fn one_wild_value_moves_the_estimate_less_than_the_mean() {
        let mut samples = vec![0.0; 999];
        samples.push(1e6);
        let interval = catoni(&samples, 1.0, 0.05).unwrap();
        // The mean is 1000; the root is about ln(a²·10¹²/2)/(999 a) = 0.25.
        assert!(interval.estimate > 0.0 && interval.estimate < 0.5);
    }

    /// ψ is odd: the large terms cancel and the small ones are left, of which a plain sum would keep no digit.
    #[test]
    fn influences_of_opposite_values_cancel_and_leave_the_others() {
        let small = 1e-15;
        let (sum, slope) = influence_sum(&[1e8, small, -1e8, small], 1.0, 0.0);
        assert!((sum - 2.0 * small).abs() <= 1e-29, "{sum:e}");
        // ψ′(y) = (1 + |y|)/(1 + |y| + y²/2): 1 at 0, and nearly 2/|y| far out.
        assert!((slope - 2.0).abs() <= 1e-7, "{slope}");
        let (sum, slope) = influence_sum(&[2.0, 2.0], 0.5, 0.0);
        assert!((sum - 2.0 * 2.5f64.ln()).abs() <= 1e-15);
        assert!((slope - 0.8).abs() <= 1e-15);
    }

    #[test]
    fn root_solves_the_equation_on_either_side() {
        let samples: Vec<f64> = (0..500)
            .map(|i| libm::exp(f64::from(i % 37) / 9.0))
            .collect();
        let (min, max) = (1.0, libm::exp(4.0));
        for scale in [1e-4, 0.03, 1.0, 40.0] {
            let (root, error) = influence_root(&samples, scale, min, max);
            assert!(error < 1e-10, "scale {scale}: error {error}");
            // The bracket is closed to 1e-13 of the spread; rounding adds 64ε(max|x| + spread).
            let (spread, rounding) = (max - min, 64.0 * f64::EPSILON * (2.0 * max - min));
            assert!(error >= rounding && error <= 1.1e-13 * spread + 1.1 * rounding);
            assert!(influence_sum(&samples, scale, root - error).0 > 0.0);
            assert!(influence_sum(&samples, scale, root + error).0 < 0.0);
        }
    }

    #[test]
    fn too_few_samples_are_an_error_and_say_how_many_are_needed() {
        // 2(1 + ln 40) = 9.38.
        let error = catoni(&[0.0; 9], 1.0, 0.05).unwrap_err();
        assert_eq!(error, ConfidenceError::TooFewForCatoni { m: 9, needed: 10 });
        assert!(catoni(&[0.0; 10], 1.0, 0.05).is_ok());
    }
}
