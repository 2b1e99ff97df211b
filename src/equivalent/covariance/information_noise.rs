//! A rank-one signal in rectangular noise.

use crate::equivalent::EquivalentError;

/// X₀ = Z/√d + √θ uvᵀ, d × n, h = n/d: the largest singular value and its vectors, for θ > √h.
///
/// ```text
/// λ_max(X₀ᵀX₀) → (1 + θ)(h + θ)/θ,  |⟨v̂, v⟩|² → 1 − h(1 + θ)/(θ(θ + h)),  |⟨û, u⟩|² → 1 − (h + θ)/(θ(θ + 1)),
/// ```
///
/// v in ℝⁿ, u in ℝᵈ. For θ ≤ √h: (1 + √h)², 0 and 0.
///
/// # Source   F. Benaych-Georges and R. Nadakuditi (2012), section 3.1
/// # Examples
/// ```
/// use rmt_verify::equivalent::covariance::InformationNoise;
/// // h = 2, θ = 4.
/// let limit = InformationNoise::new(2.0, 4.0)?;
/// assert_eq!(limit.location(), 7.5);
/// assert!((limit.left_overlap() - 0.7).abs() < 1e-15);
/// assert!((limit.right_overlap() - 7.0 / 12.0).abs() < 1e-15);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InformationNoise {
    ratio: f64,
    strength: f64,
}

impl InformationNoise {
    /// h = n/d and θ.
    ///
    /// # Errors   h not in (0, ∞); θ not in [0, ∞)
    pub fn new(ratio: f64, strength: f64) -> Result<Self, EquivalentError> {
        if !(ratio > 0.0 && ratio.is_finite()) {
            return Err(EquivalentError::RatioInvalid { ratio });
        }
        if !(strength >= 0.0 && strength.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name: "strength θ",
                value: strength,
                allowed: "finite and not negative",
            });
        }
        Ok(Self { ratio, strength })
    }

    /// θ > √h.
    #[must_use]
    pub fn separates(&self) -> bool {
        self.strength * self.strength > self.ratio
    }

    /// lim λ_max(X₀ᵀX₀).
    #[must_use]
    pub fn location(&self) -> f64 {
        let (h, t) = (self.ratio, self.strength);
        if self.separates() {
            (1.0 + t) * (h + t) / t
        } else {
            (1.0 + h.sqrt()).powi(2)
        }
    }

    /// lim |⟨û, u⟩|², u in ℝᵈ.
    #[must_use]
    pub fn left_overlap(&self) -> f64 {
        let (h, t) = (self.ratio, self.strength);
        if self.separates() {
            (t * t - h) / (t * (t + 1.0))
        } else {
            0.0
        }
    }

    /// lim |⟨v̂, v⟩|², v in ℝⁿ.
    #[must_use]
    pub fn right_overlap(&self) -> f64 {
        let (h, t) = (self.ratio, self.strength);
        if self.separates() {
            (t * t - h) / (t * (t + h))
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_the_formulas_of_the_source() {
        for (h, t) in [(2.0, 4.0), (0.5, 1.3), (1.0, 9.0)] {
            let limit = InformationNoise::new(h, t).unwrap();
            let right = 1.0 - h * (1.0 + t) / (t * (t + h));
            let left = 1.0 - (h + t) / (t * (t + 1.0));
            assert!((limit.right_overlap() - right).abs() < 1e-15);
            assert!((limit.left_overlap() - left).abs() < 1e-15);
        }
    }

    /// X₀ᵀ has the strength θ/h and the ratio 1/h in its own units √n: the eigenvalue is multiplied by d/n = 1/h.
    #[test]
    fn transposition_exchanges_the_overlaps() {
        let (h, t) = (2.0, 4.0);
        let (one, other) = (
            InformationNoise::new(h, t).unwrap(),
            InformationNoise::new(1.0 / h, t / h).unwrap(),
        );
        assert!((one.location() / h - other.location()).abs() < 1e-14);
        assert!((one.left_overlap() - other.right_overlap()).abs() < 1e-14);
    }

    #[test]
    fn all_is_continuous_at_the_threshold() {
        let at = |t: f64| InformationNoise::new(2.0, t).unwrap();
        let edge = 2f64.sqrt();
        assert!((at(edge + 1e-7).location() - at(edge - 1e-7).location()).abs() < 1e-12);
        assert!(at(edge + 1e-7).left_overlap() < 1e-6);
        assert_eq!(at(1.0).right_overlap(), 0.0);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert!(InformationNoise::new(0.0, 1.0).is_err());
        assert!(InformationNoise::new(1.0, -1.0).is_err());
    }
}
