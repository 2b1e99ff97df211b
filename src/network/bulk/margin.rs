//! How far beyond the edge a singular value of pure noise may lie: Tracy–Widom.

use super::noise::Uncertainty;
use crate::tracy_widom::TracyWidom;

/// Mean and variance of the Tracy–Widom law F₁ (F. Bornemann 2010, table 5).
const MEAN: f64 = -1.206_533_574_582_093_8;
const VARIANCE: f64 = 1.607_781_034_581_204_6;

/// Centre μ and scale s of λ₁ = y₁², for n × m noise with entries of variance 1:
/// (λ₁ − μ)/s → F₁.
///
/// ```text
/// a = √(n − ½), b = √(m − ½):   μ = (a + b)²,   s = (a + b)(1/a + 1/b)^{1/3}.
/// ```
///
/// With γ = m/n, s ≈ n^{1/3} γ^{−1/6} (1 + √γ)^{4/3}: the exponent is 4/3, also when it is printed as
/// (1 + √γ)^4/3.
///
/// # Value    the error of the law is O(m^{−2/3}); with n and m for n − ½ and m − ½, O(m^{−1/3})
/// # Source   I. Johnstone, Ann. Statist. 29 (2001) 295; Z. Ma, Bernoulli 18 (2012) 322
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeLaw {
    /// μ.
    pub centre: f64,
    /// s.
    pub scale: f64,
}

impl EdgeLaw {
    /// The law for n × m noise, n, m ≥ 1.
    #[must_use]
    pub fn new(n: usize, m: usize) -> Self {
        let (a, b) = ((n as f64 - 0.5).sqrt(), (m as f64 - 0.5).sqrt());
        Self {
            centre: (a + b) * (a + b),
            scale: (a + b) * libm::cbrt(1.0 / a + 1.0 / b),
        }
    }

    /// The t with P(λ₁ > t) ≈ 1 − F₁(q): μ + s q.
    ///
    /// q is [`upper_quantile`] of a level: a Fredholm determinant a step, so it is asked for once.
    #[must_use]
    pub fn threshold(&self, quantile: f64) -> f64 {
        self.centre + self.scale * quantile
    }

    /// The t with P(λ₁/σ̂² > t) ≤ 1 − F₁(q), when σ̂² is estimated from the same matrix.
    ///
    /// λ₁/σ̂² has the relative variance (s/μ)²·Var F₁ + v − 2 Cov, v that of σ̂². A large λ₁ comes with a
    /// large σ̂² (the correlation is 0.1 to 0.3 for BEMA), so leaving the covariance out widens the
    /// margin: q is stretched about the mean of F₁ by √(1 + v μ²/(s² Var F₁)). At 10 × 10 the plain
    /// margin has 3.4 % of alarms at level 1 %, this one 0.9 %.
    pub(super) fn studentised(&self, quantile: f64, sigma: &Uncertainty) -> f64 {
        self.threshold(sigma.stretched(quantile, self.centre / self.scale))
    }
}

impl Uncertainty {
    /// E F₁ + (q − E F₁)√(1 + v r²/Var F₁): q stretched by an edge of relative variance v, r the edge over its scale.
    pub(super) fn stretched(&self, quantile: f64, relative: f64) -> f64 {
        let share = self.variance * relative.powi(2) / VARIANCE;
        MEAN + (quantile - MEAN) * (1.0 + share).sqrt()
    }
}

/// The q with 1 − F₁(q) = `level`.
///
/// # Domain   0 < level < 1; panics otherwise
#[must_use]
pub fn upper_quantile(level: f64) -> f64 {
    TracyWidom::goe()
        .upper_quantile(level)
        .unwrap_or_else(|error| panic!("level of a margin: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first moments that the stretched quantile uses, from F₁ itself: E X = −∫_{x<0}F + ∫_{x>0}(1 − F).
    #[test]
    fn mean_and_variance_are_those_of_f1() {
        let law = TracyWidom::goe();
        let step = 0.01;
        let (mut mean, mut square) = (0.0, 0.0);
        for i in 0..1200 {
            let x = step * (i as f64 + 0.5);
            let (upper, lower) = (law.complement(x), law.cdf(-x));
            mean += step * (upper - lower);
            square += step * 2.0 * x * (upper + lower);
        }
        assert!((mean - MEAN).abs() < 1e-5, "{mean}");
        assert!((square - mean * mean - VARIANCE).abs() < 1e-4);
    }

    #[test]
    fn the_margin_grows_with_the_exponent_four_thirds() {
        // At γ = 0.24 the two happen to agree.
        for gamma in [0.01f64, 0.1, 1.0] {
            let n = 4_000_000;
            let m = (gamma * n as f64) as usize;
            let nf = n as f64;
            let scale = EdgeLaw::new(n, m).scale;
            let expected =
                nf.cbrt() * gamma.powf(-1.0 / 6.0) * (1.0 + gamma.sqrt()).powf(4.0 / 3.0);
            assert!((scale / expected - 1.0).abs() < 1e-5, "{scale} {expected}");
            // The misprint is (1 + √γ)⁴/3.
            let wrong = nf.cbrt() * gamma.powf(-1.0 / 6.0) * (1.0 + gamma.sqrt()).powi(4) / 3.0;
            assert!((scale / wrong - 1.0).abs() > 0.3, "{scale} {wrong}");
        }
    }
}
