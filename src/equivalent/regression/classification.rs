//! Gradient flow of a linear classifier on a mixture of two Gaussians.

use super::isotropic_flow::{marchenko_pastur, mean_over_circle, nodes};
use crate::equivalent::EquivalentError;

/// x = yμ + z with y = ±1, |μ|² = ρ, z ~ N(0, I_p); labels are regressed on by gradient flow from w(0) ~ N(0, s₀I/p).
///
/// # Source   Z. Liao and R. Couillet (2018); \[LM\] F1
/// # Examples
/// ```
/// use rmt_verify::equivalent::regression::Classification;
/// // Late and at c → 0 the classifier knows μ: |μᵀw|²/|w|² → ρ and the error is Φ(−√ρ).
/// let late = Classification::new(1e-4, 2.0, 0.1)?.at(200.0)?;
/// let bayes = 0.5 * libm::erfc(1.0);
/// assert!((late.test_error - bayes).abs() < 1e-4);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Classification {
    ratio: f64,
    strength: f64,
    initial: f64,
}

/// Limits at one time of the margins yxᵀw, normal both for new samples and for those trained on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// E = lim μᵀw, the mean margin of a new sample.
    pub mean: f64,
    /// V = lim |w|², the variance of that margin.
    pub variance: f64,
    /// E′, the mean margin of the training samples.
    pub train_mean: f64,
    /// V′, the variance of the margins of the training samples.
    pub train_variance: f64,
    /// Φ(−E/√V).
    pub test_error: f64,
    /// Φ(−E′/√V′).
    pub train_error: f64,
}

impl Classification {
    /// c = p/n, ρ = |μ|² and s₀.
    ///
    /// # Errors   c not positive or within 2e-4 of 1, ρ not positive, s₀ negative; ρ² within 1e-6 of c, where the spike leaves the bulk
    pub fn new(ratio: f64, strength: f64, initial: f64) -> Result<Self, EquivalentError> {
        if !(ratio > 0.0 && ratio.is_finite() && (1.0 - ratio).abs() > 2e-4) {
            return Err(EquivalentError::RatioInvalid { ratio });
        }
        let refuse = |name, value, allowed| EquivalentError::OutOfRange {
            name,
            value,
            allowed,
        };
        if !(strength > 0.0 && strength.is_finite() && (strength * strength - ratio).abs() > 1e-6) {
            return Err(refuse("ρ", strength, "positive, ρ² not c"));
        }
        if !(initial >= 0.0 && initial.is_finite()) {
            return Err(refuse("s₀", initial, "finite and not negative"));
        }
        Ok(Self {
            ratio,
            strength,
            initial,
        })
    }

    /// λ_s = c + 1 + ρ + c/ρ, where the spike lies if ρ² > c.
    #[must_use]
    pub fn spike(&self) -> f64 {
        self.ratio + 1.0 + self.strength + self.ratio / self.strength
    }

    /// The margins at time t.
    ///
    /// With f = e^{−tx} and ω = √((x − a)(b − x))/(2π(λ_s − x))dx + (ρ² − c)₊/ρ·δ(λ_s), μ = MP(c):
    ///
    /// ```text
    /// E  = ∫(1 − f)/x dω,           V  = (1 + c/ρ)∫(1 − f)²/x² dω + s₀∫f² dμ,
    /// E′ = (1 + c/ρ)E,              V′ = (1 + c/ρ)∫(1 − f)²/x dω + s₀∫xf² dμ − E′².
    /// ```
    ///
    /// # Accuracy 1e-12: the midpoint rule in θ, x = 1 + c + 2√c cos θ, converges geometrically
    /// # Errors   t negative or not finite
    pub fn at(&self, time: f64) -> Result<Margin, EquivalentError> {
        if !(time >= 0.0 && time.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name: "time",
                value: time,
                allowed: "finite and not negative",
            });
        }
        let learnt = |x: f64| -libm::expm1(-time * x) / x;
        let mean = self.signal_integral(time, learnt);
        let square = self.signal_integral(time, |x| learnt(x).powi(2));
        let fitted = self.signal_integral(time, |x| x * learnt(x).powi(2));
        let gap = (1.0 - self.ratio.sqrt()).powi(2);
        let points = nodes(self.ratio, time, gap);
        let left = |x: f64| libm::exp(-2.0 * time * x);
        let gain = 1.0 + self.ratio / self.strength;
        let kept = marchenko_pastur(self.ratio, points, left);
        let variance = gain * square + self.initial * kept;
        let train_mean = gain * mean;
        let moved = marchenko_pastur(self.ratio, points, |x| x * left(x));
        let train_variance = gain * fitted + self.initial * moved - train_mean * train_mean;
        Ok(Margin {
            mean,
            variance,
            train_mean,
            train_variance,
            test_error: below_zero(mean, variance),
            train_error: below_zero(train_mean, train_variance),
        })
    }

    /// ∫g dω.
    fn signal_integral(&self, time: f64, g: impl Fn(f64) -> f64) -> f64 {
        let (c, rho, spike) = (self.ratio, self.strength, self.spike());
        let top = (1.0 + c.sqrt()).powi(2);
        let gap = (spike - top).min((1.0 - c.sqrt()).powi(2));
        let points = nodes(c, time, gap);
        let bulk = mean_over_circle(c, points, |x, sine| {
            2.0 * c * sine * sine / (spike - x) * g(x)
        });
        let atom = (rho * rho - c).max(0.0) / rho;
        bulk + if atom > 0.0 { atom * g(spike) } else { 0.0 }
    }
}

/// P(N(mean, variance) < 0); ½ at the start, where nothing is known.
fn below_zero(mean: f64, variance: f64) -> f64 {
    if mean == 0.0 {
        return 0.5;
    }
    0.5 * libm::erfc(mean / (2.0 * variance.max(0.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At t → 0: w = tμ̂ with μ̂ = Xy/n = μ + N(0, I/n), so E = tρ, V = t²(ρ + c) + s₀.
    #[test]
    fn early_the_classifier_is_the_mean_of_the_classes() {
        for (c, rho, s0) in [(0.5, 1.2, 0.3), (2.0, 3.0, 0.0), (0.7, 0.4, 1.0)] {
            let model = Classification::new(c, rho, s0).unwrap();
            let t = 1e-5;
            let early = model.at(t).unwrap();
            assert!((early.mean / (t * rho) - 1.0).abs() < 1e-4);
            let variance = t * t * (rho + c) + s0 * (1.0 - 2.0 * t);
            assert!((early.variance / variance - 1.0).abs() < 1e-3, "{c} {rho}");
            assert!((early.train_mean / (t * (rho + c)) - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn below_the_threshold_of_the_spike_the_mixture_is_learnt_all_the_same() {
        let weak = Classification::new(2.0, 1.0, 0.0).unwrap().at(1.0).unwrap();
        assert!(weak.mean > 0.0 && weak.test_error < 0.5 && weak.train_error < weak.test_error);
        assert!(weak.train_variance > 0.0);
    }

    #[test]
    fn questions_without_an_answer_are_refused() {
        assert!(Classification::new(1.0, 1.0, 0.0).is_err());
        assert!(Classification::new(0.25, 0.5, 0.0).is_err());
        assert!(Classification::new(0.5, 0.0, 0.0).is_err());
        assert!(Classification::new(0.5, 1.0, -0.1).is_err());
        assert!(
            Classification::new(0.5, 1.0, 0.1)
                .unwrap()
                .at(-1.0)
                .is_err()
        );
    }
}
