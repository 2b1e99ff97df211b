//! Early stopping against ridge.

/// sup_{x > 0}((1 − e⁻ˣ)(1 + x)/x)², rounded up in the last place kept: no risk of gradient flow at time t exceeds
/// that of the ridge 1/t by more than this factor, for every X, β and s².
///
/// # Source   A. Ali, J. Z. Kolter and R. Tibshirani (2019), Theorem 1; \[LM\] B5 (iii)
pub const EARLY_STOPPING: f64 = 1.685_909_1;

/// The supremum and the x where it is reached.
///
/// With h = (1 − e⁻ˣ)(1 + x)/x, h′ = 0 is e⁻ˣ(1 + x + x²) = 1, whose left side increases up to x = 1 and decreases from there;
/// it is solved by bisection on [1, 3]. h is flat at its top, so the value is right to rounding.
#[must_use]
pub fn early_stopping_constant() -> (f64, f64) {
    let above = |x: f64| libm::exp(-x) * (1.0 + x + x * x) > 1.0;
    let (mut lo, mut hi) = (1.0, 3.0);
    while hi - lo > 1e-15 {
        let middle: f64 = 0.5 * (lo + hi);
        if middle <= lo || middle >= hi {
            break;
        }
        if above(middle) {
            lo = middle;
        } else {
            hi = middle;
        }
    }
    let value = -libm::expm1(-lo) * (1.0 + lo) / lo;
    (value * value, lo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constant_is_the_largest_ratio_on_a_grid() {
        let ratio = |x: f64| (-libm::expm1(-x) * (1.0 + x) / x).powi(2);
        let (top, at) = early_stopping_constant();
        assert!((ratio(at) - top).abs() < 1e-15);
        for k in 1..200_000 {
            assert!(ratio(1e-3 * f64::from(k)) <= top + 1e-15);
        }
        assert!(top < EARLY_STOPPING && EARLY_STOPPING < top + 1e-6);
    }
}
