//! The expansions of F₁ and F₂ at −∞, from Painlevé II.

use super::{Beta, Values};
use std::f64::consts::LN_2;
use std::sync::OnceLock;

/// ζ′(−1), by mpmath.
const ZETA_PRIME: f64 = -0.165_421_143_700_450_94;
/// Terms of the expansions. At |s| = 12 the eighth is below 10⁻¹⁵.
const TERMS: usize = 9;

/// ln F at s = −t, t ≥ 12, from the Hastings–McLeod function q(s) ~ √(t/2) Σ a_n t^{−3n}.
///
/// (ln F₂)″ = −q² and ln F₁ = ½(ln F₂ − ∫_s^∞ q). With q² = (t/2) Σ b_n t^{−3n}, b₁ = −¼:
///
/// ```text
/// ln F₂ = −t³/12 − (1/8) ln t + (1/24) ln 2 + ζ′(−1) − ½ Σ_{n≥2} b_n t^{3−3n}/((3n − 2)(3n − 3))
/// ∫_s^∞ q = (√2/3) t^{3/2} + ½ ln 2 − (1/√2) Σ_{n≥1} a_n t^{3/2−3n}/(3n − 3/2)
/// ```
///
/// # Accuracy   q has a correction of relative order e^{−(2√2/3)t^{3/2}} beyond all powers, 10⁻¹⁷ at t = 12
/// # Source     J. Baik, R. Buckingham, J. DiFranco, Comm. Math. Phys. 280 (2008) 463 (the constants)
pub(super) fn by_expansion(beta: Beta, s: f64) -> Values {
    let t = -s;
    let (a, b) = coefficients();
    let step = t.powi(-3);
    let two = -t * t * t / 12.0 - t.ln() / 8.0 + LN_2 / 24.0 + ZETA_PRIME
        - 0.5
            * t.powi(3)
            * series(step, 2, |n| {
                b[n] / ((3.0 * n as f64 - 2.0) * (3.0 * n as f64 - 3.0))
            });
    let ln_cdf = match beta {
        Beta::Two => two,
        Beta::One => {
            let rest = series(step, 1, |n| a[n] / (3.0 * n as f64 - 1.5));
            let integral = t.powf(1.5) * (2f64.sqrt() / 3.0 - rest / 2f64.sqrt()) + LN_2 / 2.0;
            0.5 * (two - integral)
        }
    };
    let cdf = libm::exp(ln_cdf);
    Values {
        cdf,
        complement: 1.0 - cdf,
        ln_cdf,
    }
}

/// Σ_{n ≥ first} c(n) xⁿ.
fn series(x: f64, first: usize, c: impl Fn(usize) -> f64) -> f64 {
    (first..TERMS).map(|n| c(n) * x.powi(n as i32)).sum()
}

/// (a_n) and (b_n) = coefficients of p = Σ a_n xⁿ and of p².
///
/// q″ = sq + 2q³ becomes p³ − p = Σ a_n (9n² − ¼) x^{n+1}: a₀ = 1, a₁ = −1/8, a₂ = −73/128.
fn coefficients() -> &'static ([f64; TERMS], [f64; TERMS]) {
    static TABLE: OnceLock<([f64; TERMS], [f64; TERMS])> = OnceLock::new();
    TABLE.get_or_init(|| {
        let (mut a, mut b) = ([0.0; TERMS], [0.0; TERMS]);
        (a[0], b[0]) = (1.0, 1.0);
        let convolve = |a: &[f64; TERMS], b: &[f64; TERMS], n: usize| -> f64 {
            (0..=n).map(|k| a[k] * b[n - k]).sum()
        };
        for n in 1..TERMS {
            // With a_n = 0 for now; [p³]_n = 3a_n + the rest.
            let square = convolve(&a, &a, n);
            b[n] = square;
            let rest = convolve(&a, &b, n);
            let m = (n - 1) as f64;
            a[n] = ((9.0 * m * m - 0.25) * a[n - 1] - rest) / 2.0;
            b[n] = square + 2.0 * a[n];
        }
        (a, b)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_of_the_hastings_mcleod_function_are_the_known_ones() {
        let (a, b) = coefficients();
        assert_eq!(a[..3], [1.0, -1.0 / 8.0, -73.0 / 128.0]);
        assert_eq!(a[3], -10657.0 / 1024.0);
        assert_eq!(b[1], -0.25);
    }

    #[test]
    fn last_term_kept_is_negligible_where_the_expansion_begins() {
        let (a, b) = coefficients();
        let n = TERMS - 1;
        let size = 12f64.powi(-3 * n as i32);
        let m = 3.0 * n as f64;
        assert!((a[n] * size * 12f64.powf(1.5) / (m - 1.5)).abs() < 1e-14);
        assert!((b[n] * size * 12f64.powi(3) / ((m - 2.0) * (m - 3.0))).abs() < 2e-14);
    }
}
