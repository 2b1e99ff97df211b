//! Rows and columns of unequal variance.

use crate::equivalent::{EquivalentError, Population};
use crate::measure::Certified;

/// X = C^{1/2}ZD^{1/2}, Z p × n, at z = −γ, c = p/n, H_C and H_D the spectra of C and D:
///
/// ```text
/// Q̄ = (1/γ)(I + δ̃C)⁻¹,  Q̃̄ = (1/γ)(I + δD)⁻¹,  δ = (c/γ)∫λ/(1 + δ̃λ) dH_C,  δ̃ = (1/γ)∫μ/(1 + δμ) dH_D.
/// ```
///
/// # Accuracy the bounds are proved: δ = T(δ) for an increasing T with T(sδ) < sT(δ), s > 1, so the root is unique, and
/// the signs of δ − T(δ) at both ends of value ± error are certain; δ̃ decreases in δ
/// # Source   L. Zhang (2006); R. Couillet and M. Debbah (2011), section 6.2
/// # Examples
/// ```
/// use rmt_verify::equivalent::{Population, SampleCovariance, covariance::Separable};
/// // D = I is a sample covariance: γδ̃ = γ/κ.
/// let population = Population::from_atoms(&[(0.5, 0.5), (2.0, 0.5)])?;
/// let plain = SampleCovariance::new(population.clone(), 0.5)?.kappa(0.3)?.value;
/// let both = Separable::new(&population, &Population::isotropic(), 0.5, 0.3)?;
/// assert!((both.companion().value * plain - 1.0).abs() < 1e-13);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Separable {
    rows: Population,
    columns: Population,
    ratio: f64,
    gamma: f64,
    delta: Certified<f64>,
    companion: Certified<f64>,
}

impl Separable {
    /// H_C, H_D, c and γ.
    ///
    /// # Errors   c or γ not in (0, ∞)
    pub fn new(
        rows: &Population,
        columns: &Population,
        ratio: f64,
        gamma: f64,
    ) -> Result<Self, EquivalentError> {
        if !(ratio > 0.0 && ratio.is_finite()) {
            return Err(EquivalentError::RatioInvalid { ratio });
        }
        if !(gamma > 0.0 && gamma.is_finite()) {
            return Err(EquivalentError::RidgeInvalid { gamma });
        }
        let companion = |d: f64| columns.integral(|x| x / (1.0 + d * x)) / gamma;
        let next = |d: f64| {
            let t = companion(d);
            ratio * rows.integral(|x| x / (1.0 + t * x)) / gamma
        };
        // Relative rounding of T: sums of positive terms, and T moves by at most the factor by which δ̃ does.
        let units = (rows.atoms().len() + columns.atoms().len()) as f64 + 16.0;
        let slack = units * f64::EPSILON;
        // T ≤ T with δ̃ = 0.
        let (mut lo, mut hi) = (0.0, ratio * rows.moment(1) / gamma * (1.0 + slack));
        loop {
            let middle = 0.5 * (lo + hi);
            let value = next(middle);
            if value * (1.0 - slack) > middle {
                lo = middle;
            } else if value * (1.0 + slack) < middle {
                hi = middle;
            } else {
                break;
            }
        }
        // The undecided middle: each end moves in as far as its sign stays certain.
        let value = 0.5 * (lo + hi);
        let mut error = slack * value;
        let decided = |error: f64| {
            let (left, right) = (value - error, value + error);
            next(left) * (1.0 - slack) > left && next(right) * (1.0 + slack) < right
        };
        while !decided(error) && error < hi - lo {
            error *= 2.0;
        }
        let error = error.min(hi - lo);
        let own = companion(value);
        let spread = companion(value - error) - companion(value + error);
        Ok(Self {
            rows: rows.clone(),
            columns: columns.clone(),
            ratio,
            gamma,
            delta: Certified { value, error },
            companion: Certified {
                value: own,
                error: spread + 2.0 * slack * own,
            },
        })
    }

    /// δ = (1/n)tr CQ̄.
    #[must_use]
    pub fn delta(&self) -> Certified<f64> {
        self.delta
    }

    /// δ̃ = (1/n)tr DQ̃̄.
    #[must_use]
    pub fn companion(&self) -> Certified<f64> {
        self.companion
    }

    /// (1/n)tr AQ̄ for A = a(C).
    #[must_use]
    pub fn trace(&self, a: impl Fn(f64) -> f64) -> f64 {
        let t = self.companion.value;
        self.ratio * self.rows.integral(|x| a(x) / (1.0 + t * x)) / self.gamma
    }

    /// (1/n)tr BQ̃̄ for B = b(D).
    #[must_use]
    pub fn companion_trace(&self, b: impl Fn(f64) -> f64) -> f64 {
        let d = self.delta.value;
        self.columns.integral(|x| b(x) / (1.0 + d * x)) / self.gamma
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Separable {
        let rows = Population::from_atoms(&[(0.5, 0.5), (2.0, 0.5)]).unwrap();
        let columns = Population::from_atoms(&[(0.2, 0.5), (1.8, 0.5)]).unwrap();
        Separable::new(&rows, &columns, 0.5, 0.4).unwrap()
    }

    #[test]
    fn both_equations_hold_and_the_bounds_are_small() {
        let s = sample();
        assert!((s.trace(|x| x) - s.delta().value).abs() < 1e-14);
        assert!((s.companion_trace(|x| x) - s.companion().value).abs() < 1e-14);
        assert!(s.delta().error < 1e-13 * s.delta().value, "{:?}", s.delta());
        assert!(s.companion().error < 1e-12 * s.companion().value);
    }

    /// tr Q̃ = tr Q + (n − p)/γ.
    #[test]
    fn traces_differ_by_the_difference_of_the_sizes() {
        let s = sample();
        let gap = s.companion_trace(|_| 1.0) - s.trace(|_| 1.0) - 0.5 / 0.4;
        assert!(gap.abs() < 1e-13, "{gap}");
    }

    #[test]
    fn impossible_parameters_are_refused() {
        let white = Population::isotropic();
        assert!(Separable::new(&white, &white, 0.0, 1.0).is_err());
        assert!(Separable::new(&white, &white, 1.0, 0.0).is_err());
    }
}
