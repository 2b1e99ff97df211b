//! Spikes of a population covariance.

use super::TraceFluctuation;
use crate::equivalent::{EquivalentError, SampleCovariance};
use crate::measure::Certified;
use num_complex::Complex64;
use std::cmp::Ordering;

/// One eigenvalue α of C right of the bulk H: the sample eigenvalue that it pulls out.
///
/// ```text
/// ψ(α) = α(1 + c∫λ/(α − λ) dH),   ψ′(α) = 1 − c∫λ²/(α − λ)² dH;   if ψ′(α) > 0:
/// λ_max → ψ(α),   |⟨û, u⟩|² → αψ′(α)/ψ(α),   √n(λ_max − ψ) → N(0, α²ψ′(2 + κ₄ψ′)).
/// ```
///
/// # Domain   α > sup supp H; κ₄ as if u were a coordinate vector
/// # Source   J. Baik, G. Ben Arous and S. Péché (2005); D. Paul (2007); Z. Bai and J. Yao (2012);
/// [`mean_shift`](Self::mean_shift): `docs/derivations/covariance_orders.md`
/// # Examples
/// ```
/// use rmt_verify::equivalent::{Population, SampleCovariance, covariance::CovarianceSpike};
/// let bulk = SampleCovariance::new(Population::isotropic(), 0.5)?;
/// // C = I + 2uuᵀ: (1 + ℓ)(1 + c/ℓ) = 3.75 and (1 − c/ℓ²)/(1 + c/ℓ) = 0.7.
/// let spike = CovarianceSpike::new(&bulk, 3.0)?;
/// assert!((spike.location() - 3.75).abs() < 1e-14);
/// assert!((spike.overlap() - 0.7).abs() < 1e-15);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CovarianceSpike {
    bulk: SampleCovariance,
    alpha: f64,
}

impl CovarianceSpike {
    /// The spike α on the bulk.
    ///
    /// # Errors   α not right of the bulk, or not finite
    pub fn new(bulk: &SampleCovariance, alpha: f64) -> Result<Self, EquivalentError> {
        if alpha > bulk.population().largest() && alpha.is_finite() {
            Ok(Self {
                bulk: bulk.clone(),
                alpha,
            })
        } else {
            Err(EquivalentError::OutOfRange {
                name: "spike α",
                value: alpha,
                allowed: "finite and larger than every eigenvalue of the bulk",
            })
        }
    }

    /// The α above which spikes separate: c∫λ²/(α − λ)² dH = 1.
    ///
    /// # Accuracy the bound is proved: the left side decreases on the right of H, and its values at both ends of
    /// value ± error lie on different sides of 1
    #[must_use]
    pub fn threshold(bulk: &SampleCovariance) -> Certified<f64> {
        let edge = bulk.population().largest();
        let pull = |x: f64| bulk.ratio() * bulk.population().integral(|l| (l / (x - l)).powi(2));
        // Rounding of the sum: a few units a term, and the cancellation in α − λ.
        let unit = 4.0 * f64::EPSILON * (bulk.population().atoms().len() as f64 + 8.0);
        let side = |x: f64| {
            let (value, slack) = (pull(x), unit * (1.0 + x / (x - edge)));
            if value * (1.0 - slack) > 1.0 {
                Ordering::Less
            } else if value * (1.0 + slack) < 1.0 {
                Ordering::Greater
            } else {
                Ordering::Equal
            }
        };
        // c∫λ²/(α − λ)² ≤ c·edge²/(α − edge)².
        let reach = edge * bulk.ratio().sqrt();
        let (mut lo, mut hi) = (edge, edge + 2.0 * reach);
        loop {
            let middle = 0.5 * (lo + hi);
            match side(middle) {
                Ordering::Less => lo = middle,
                Ordering::Greater => hi = middle,
                Ordering::Equal => break,
            }
        }
        let value = 0.5 * (lo + hi);
        let mut error = f64::EPSILON * value;
        while side(value - error) != Ordering::Less || side(value + error) != Ordering::Greater {
            error *= 2.0;
            if error > hi - lo {
                error = hi - lo;
                break;
            }
        }
        Certified { value, error }
    }

    /// α.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Whether ψ′(α) > 0, so that the spike leaves the bulk.
    #[must_use]
    pub fn separates(&self) -> bool {
        self.slope() > 0.0
    }

    /// ψ(α), the limit of the sample eigenvalue of a spike that separates.
    #[must_use]
    pub fn location(&self) -> f64 {
        let pull = self.bulk.population().integral(|l| l / (self.alpha - l));
        self.alpha * (1.0 + self.bulk.ratio() * pull)
    }

    /// ψ′(α).
    #[must_use]
    pub fn slope(&self) -> f64 {
        let pull = |l: f64| (l / (self.alpha - l)).powi(2);
        1.0 - self.bulk.ratio() * self.bulk.population().integral(pull)
    }

    /// lim |⟨û, u⟩|²: αψ′/ψ, or 0 for a spike that does not separate.
    #[must_use]
    pub fn overlap(&self) -> f64 {
        (self.alpha * self.slope() / self.location()).max(0.0)
    }

    /// lim Var √n λ_max = α²ψ′(2 + κ₄ψ′), for a spike that separates.
    #[must_use]
    pub fn variance(&self, fourth: f64) -> f64 {
        let slope = self.slope();
        self.alpha * self.alpha * slope * (2.0 + fourth * slope)
    }

    /// lim n(E λ_max − ψ(α)), the bulk taken without the spike and c = (p − 1)/n.
    ///
    /// With h = −m̃(ψ) and b the bias of tr Q̃ there: b/h′ − [½h″v/h′² − w/h′]/h′, v = 2m̃′ + κ₄m̃², w = ½v′ + … = m̃″ + κ₄m̃m̃′;
    /// for κ₄ = 0 the bracket vanishes.
    #[must_use]
    pub fn mean_shift(&self, fourth: f64) -> f64 {
        let m = Complex64::new(-1.0 / self.alpha, 0.0);
        let at = TraceFluctuation::of_companion(&self.bulk, m);
        let (m, slope, curvature) = (m.re, at.companion_slope().re, at.companion_curvature().re);
        let bias = at.trace_bias(|_| 1.0, fourth).re;
        let variance = 2.0 * slope + fourth * m * m;
        let joint = curvature + fourth * m * slope;
        // h′ = −m̃′, h″ = −m̃″, ε = −(form − m̃): E ε = −b/n, E ε² = v/n, E εε′ = w/n.
        let second = -0.5 * curvature * variance / (slope * slope) + joint / slope;
        (second - bias) / slope
    }

    /// E f(λ_max) to order 1/n, from f, f′, f″ at ψ.
    fn mean_of(&self, n: usize, fourth: f64, jet: impl Fn(f64) -> [f64; 3]) -> f64 {
        let [f, first, second] = jet(self.location());
        let shift = self.mean_shift(fourth) * first + 0.5 * self.variance(fourth) * second;
        f + shift / n as f64
    }

    /// E √λ_max to order 1/n: the largest singular value of X/√n.
    #[must_use]
    pub fn mean_singular_value(&self, n: usize, fourth: f64) -> f64 {
        self.mean_of(n, fourth, |x| {
            let root = x.sqrt();
            [root, 0.5 / root, -0.25 / (x * root)]
        })
    }

    /// E |⟨û, u⟩|² to order 1/n, u a coordinate vector.
    ///
    /// At every n, |⟨û, u⟩|² = d log λ_max/d log α; so this is α(d/dα)E log λ_max.
    ///
    /// # Accuracy a central difference: 1e-8
    #[must_use]
    pub fn mean_overlap(&self, n: usize, fourth: f64) -> f64 {
        let step = 1e-5;
        let log = |alpha: f64| {
            let moved = Self {
                bulk: self.bulk.clone(),
                alpha,
            };
            moved.mean_of(n, fourth, |x| [x.ln(), x.recip(), -(x * x).recip()])
        };
        let (up, down) = (self.alpha * f64::exp(step), self.alpha * f64::exp(-step));
        (log(up) - log(down)) / (2.0 * step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equivalent::Population;

    fn bulk() -> SampleCovariance {
        let population = Population::from_atoms(&[(0.5, 0.5), (2.0, 0.5)]).unwrap();
        SampleCovariance::new(population, 0.75).unwrap()
    }

    #[test]
    fn one_spike_on_white_noise_is_the_law_of_baik_ben_arous_and_peche() {
        for (c, ell) in [(0.5, 2.0), (2.0, 3.0), (0.1, 0.5)] {
            let white = SampleCovariance::new(Population::isotropic(), c).unwrap();
            let spike = CovarianceSpike::new(&white, 1.0 + ell).unwrap();
            assert!((spike.location() - (1.0 + ell) * (1.0 + c / ell)).abs() < 1e-13);
            let overlap = (1.0 - c / (ell * ell)) / (1.0 + c / ell);
            assert!((spike.overlap() - overlap).abs() < 1e-13);
            let variance = 2.0 * (1.0 + ell).powi(2) * (1.0 - c / (ell * ell));
            assert!((spike.variance(0.0) - variance).abs() < 1e-12);
            let threshold = CovarianceSpike::threshold(&white);
            assert!((threshold.value - 1.0 - c.sqrt()).abs() <= threshold.error);
            assert!(threshold.error < 1e-11, "{threshold:?}");
        }
    }

    #[test]
    fn the_location_is_where_the_companion_is_minus_one_over_alpha() {
        let spike = CovarianceSpike::new(&bulk(), 5.0).unwrap();
        assert!(spike.separates());
        // From above the axis, which the boundary value at a point off the support equals up to the step.
        let z = Complex64::new(spike.location(), 1e-7);
        let m = bulk().companion(z).unwrap().value;
        assert!((m.re + 0.2).abs() < 1e-9, "{m}");
    }

    #[test]
    fn the_slope_is_the_derivative_and_changes_sign_at_the_threshold() {
        let at = |alpha: f64| CovarianceSpike::new(&bulk(), alpha).unwrap();
        let difference = (at(5.0 + 1e-5).location() - at(5.0 - 1e-5).location()) / 2e-5;
        assert!((difference - at(5.0).slope()).abs() < 1e-9);
        let threshold = CovarianceSpike::threshold(&bulk());
        assert!(at(threshold.value + 2.0 * threshold.error).separates());
        assert!(!at(threshold.value - 2.0 * threshold.error).separates());
        assert_eq!(at(threshold.value - 0.1).overlap(), 0.0);
    }

    /// Gaussian entries: E λ − ψ is −b/(m̃′n), the fluctuations of the form cancel.
    #[test]
    fn the_gaussian_shift_of_the_mean_is_that_of_the_bulk_alone() {
        let spike = CovarianceSpike::new(&bulk(), 5.0).unwrap();
        let cube = 0.75 * bulk().population().integral(|l| l * l / (5.0 - l).powi(3));
        let direct = 25.0 * cube / spike.slope();
        assert!((spike.mean_shift(0.0) - direct).abs() < 1e-12 * direct);
    }

    #[test]
    fn the_mean_overlap_tends_to_the_limit() {
        let spike = CovarianceSpike::new(&bulk(), 5.0).unwrap();
        let gap = |n: usize| spike.mean_overlap(n, -2.0) - spike.overlap();
        assert!(gap(100_000).abs() < 1e-4);
        // What is left is of order 1/n, nothing else.
        assert!((gap(1000) / gap(2000) - 2.0).abs() < 1e-4);
    }

    #[test]
    fn spikes_inside_the_bulk_are_refused() {
        assert!(CovarianceSpike::new(&bulk(), 2.0).is_err());
        assert!(CovarianceSpike::new(&bulk(), f64::NAN).is_err());
    }
}
