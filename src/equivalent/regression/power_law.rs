//! Power-law populations and the scaling laws they give.

use super::zeta::{decayed, filtered, hurwitz};
use crate::equivalent::EquivalentError;
use crate::measure::Certified;
use std::f64::consts::PI;

/// Infinitely many features with λ_i = i^{−a} and λ_iβ_i² = i^{−b}: capacity a > 1, source b > 1.
///
/// # Value    all sums over i ≥ 1 are taken to the end, with proved bounds
/// # Source   \[LM\] B4; J. Simon, M. Dickens, D. Karkada and M. DeWeese (2021); A. Maloney, D. Roberts and J. Sully (2022)
/// # Examples
/// ```
/// use rmt_verify::equivalent::regression::PowerLaw;
/// // Data scaling: the error of the interpolator falls like 1/n at a = b = 2, slower than 1/n² at a = 2, b = 3.
/// let slow = PowerLaw::new(2.0, 2.0)?;
/// assert_eq!(slow.data_law().exponent, 1.0);
/// let ratio = slow.least_norm(800.0)?.0.value / slow.data_law().at(800.0);
/// assert!((ratio - 1.0).abs() < 0.003);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerLaw {
    capacity: f64,
    source: f64,
}

/// x ↦ prefactor·x^{−exponent}, x large.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScalingLaw {
    /// Prefactor.
    pub prefactor: f64,
    /// Exponent.
    pub exponent: f64,
}

impl ScalingLaw {
    /// Its value at x.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        self.prefactor * libm::pow(x, -self.exponent)
    }
}

impl PowerLaw {
    /// Capacity a and source b.
    ///
    /// # Errors   unless 1 < a ≤ 8 and 1 < b ≤ 32
    pub fn new(capacity: f64, source: f64) -> Result<Self, EquivalentError> {
        for (name, value, most) in [("capacity", capacity, 8.0), ("source", source, 32.0)] {
            if !(value > 1.0 && value <= most) {
                return Err(EquivalentError::OutOfRange {
                    name,
                    value,
                    allowed: "above 1; capacity up to 8, source up to 32",
                });
            }
        }
        Ok(Self { capacity, source })
    }

    /// The first p features, as (λ_i, β_i²).
    #[must_use]
    pub fn features(&self, p: usize) -> Vec<(f64, f64)> {
        let feature = |i: usize| {
            let lambda = libm::pow(i as f64, -self.capacity);
            (lambda, libm::pow(i as f64, -self.source) / lambda)
        };
        (1..=p).map(feature).collect()
    }

    /// θ = (b − 1)/a.
    #[must_use]
    pub fn theta(&self) -> f64 {
        (self.source - 1.0) / self.capacity
    }

    /// tr C(C + κ)⁻¹ = Σ1/(1 + κiᵃ).
    ///
    /// # Domain   κ > 0
    #[must_use]
    pub fn effective_dimension(&self, kappa: f64) -> Certified<f64> {
        filtered(0.0, self.capacity, 1, kappa)
    }

    /// κ(0+): tr C(C + κ)⁻¹ = n.
    ///
    /// # Accuracy the bound is proved: the effective dimension decreases, and its sign against n at value ± error is certain
    /// # Errors   n < 1 or above 1e6
    pub fn ridgeless_kappa(&self, samples: f64) -> Result<Certified<f64>, EquivalentError> {
        if !(1.0..=1e6).contains(&samples) {
            return Err(EquivalentError::OutOfRange {
                name: "samples",
                value: samples,
                allowed: "from 1 to 1e6",
            });
        }
        let mut log = libm::log(self.effective_ridge_law().at(samples));
        // log tr is convex and decreasing in log κ; Newton's steps in the logarithms settle in a few rounds.
        for _ in 0..60 {
            let kappa = libm::exp(log);
            let first = self.effective_dimension(kappa).value;
            let second = filtered(0.0, self.capacity, 2, kappa).value;
            let step = libm::log(first / samples) * first / (first - second);
            log += step.clamp(-2.0, 2.0);
            if step.abs() < 1e-15 {
                break;
            }
        }
        let kappa = libm::exp(log);
        let mut error = 4.0 * f64::EPSILON * kappa;
        for _ in 0..40 {
            let (low, high) = (
                self.effective_dimension(kappa - error),
                self.effective_dimension(kappa + error),
            );
            if low.value - low.error > samples && high.value + high.error < samples {
                return Ok(Certified {
                    value: kappa,
                    error,
                });
            }
            error *= 2.0;
        }
        Err(EquivalentError::NotSolved {
            residual: (self.effective_dimension(kappa).value - samples).abs(),
        })
    }

    /// (bias, variance/s²) of the interpolator of least norm for n samples, p = ∞.
    ///
    /// # Accuracy the bounds are proved, as those of [`super::Regression::ridge`]
    /// # Errors   as [`ridgeless_kappa`](Self::ridgeless_kappa)
    pub fn least_norm(
        &self,
        samples: f64,
    ) -> Result<(Certified<f64>, Certified<f64>), EquivalentError> {
        let kappa = self.ridgeless_kappa(samples)?;
        let [low, here, high] = [
            kappa.value - kappa.error,
            kappa.value,
            kappa.value + kappa.error,
        ]
        .map(|kappa| self.factors(samples, kappa));
        let bias = |missed: f64, second: f64| missed / (1.0 - second);
        let variance = |second: f64| second / (1.0 - second);
        let (missed, second) = (here.0, here.1);
        let certified = |value: f64, lo: f64, hi: f64| Certified {
            value,
            error: (hi - value).max(value - lo) + 8.0 * f64::EPSILON * hi,
        };
        let most = low.1.value + low.1.error;
        let least = high.1.value - high.1.error;
        Ok((
            certified(
                bias(missed.value, second.value),
                bias(low.0.value - low.0.error, least),
                bias(high.0.value + high.0.error, most),
            ),
            certified(variance(second.value), variance(least), variance(most)),
        ))
    }

    /// The smallest risk over all ridges at noise s², and its ridge (0 when least norm is best).
    ///
    /// # Accuracy 1e-12 relative for the risk at a positive ridge, 1e-6 for the ridge itself: the risk is flat there
    /// # Errors   as [`ridgeless_kappa`](Self::ridgeless_kappa); s² negative or not finite
    pub fn optimal_ridge(&self, samples: f64, noise: f64) -> Result<(f64, f64), EquivalentError> {
        if !(noise >= 0.0 && noise.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name: "noise",
                value: noise,
                allowed: "finite and not negative",
            });
        }
        let start = libm::log(self.ridgeless_kappa(samples)?.value);
        let risk = |log: f64| {
            let (missed, second) = self.factors(samples, libm::exp(log));
            (missed.value + noise * second.value) / (1.0 - second.value)
        };
        // κ from κ(0+) up to where nothing is learnt; the golden section.
        let (mut lo, mut hi) = (start, start.max(0.0) + 12.0);
        let golden = 0.5 * (5f64.sqrt() - 1.0);
        let (mut left, mut right) = (hi - golden * (hi - lo), lo + golden * (hi - lo));
        let (mut at_left, mut at_right) = (risk(left), risk(right));
        while hi - lo > 1e-7 {
            if at_left <= at_right {
                hi = right;
                (right, at_right) = (left, at_left);
                left = hi - golden * (hi - lo);
                at_left = risk(left);
            } else {
                lo = left;
                (left, at_left) = (right, at_right);
                right = lo + golden * (hi - lo);
                at_right = risk(right);
            }
        }
        let best = 0.5 * (lo + hi);
        let kappa = libm::exp(best);
        let ridge = kappa * (1.0 - self.effective_dimension(kappa).value / samples);
        Ok((ridge.max(0.0), risk(best)))
    }

    /// κ²βᵀC(C + κ)⁻²β and df₂ = (1/n)tr C²(C + κ)⁻².
    fn factors(&self, samples: f64, kappa: f64) -> (Certified<f64>, Certified<f64>) {
        let scaled = |sum: Certified<f64>, by: f64| Certified {
            value: sum.value * by,
            error: sum.error * by,
        };
        let missed = filtered(self.source - 2.0 * self.capacity, self.capacity, 2, kappa);
        let second = filtered(0.0, self.capacity, 2, kappa);
        (scaled(missed, kappa * kappa), scaled(second, 1.0 / samples))
    }

    /// κβᵀC(C + κ)⁻¹β at tr C(C + κ)⁻¹ = N: what N Gaussian projections of the features cannot express.
    ///
    /// # Errors   as [`ridgeless_kappa`](Self::ridgeless_kappa)
    pub fn width_residual(&self, width: f64) -> Result<f64, EquivalentError> {
        let kappa = self.ridgeless_kappa(width)?.value;
        Ok(kappa * filtered(self.source - self.capacity, self.capacity, 1, kappa).value)
    }

    /// Σλ_iβ_i²e^{−2λ_it}, the risk of gradient flow on the population.
    ///
    /// # Domain   0 ≤ t ≤ 1e12
    #[must_use]
    pub fn population_flow(&self, time: f64) -> Certified<f64> {
        decayed(self.source, self.capacity, 2.0 * time)
    }

    /// κ(0+) ~ (π/(a sin(π/a)))ᵃ n^{−a}.
    #[must_use]
    pub fn effective_ridge_law(&self) -> ScalingLaw {
        let a = self.capacity;
        ScalingLaw {
            prefactor: libm::pow(PI / (a * libm::sin(PI / a)), a),
            exponent: a,
        }
    }

    /// Bias of least norm in n: Γ(2 − θ)Γ(θ)K^θ n^{−(b−1)} for b < 2a + 1, aK²ζ(b − 2a)n^{−2a} for b > 2a + 1.
    #[must_use]
    pub fn data_law(&self) -> ScalingLaw {
        let (k, theta) = (self.effective_ridge_law().prefactor, self.theta());
        if theta < 2.0 {
            return ScalingLaw {
                prefactor: libm::tgamma(2.0 - theta) * libm::tgamma(theta) * libm::pow(k, theta),
                exponent: self.source - 1.0,
            };
        }
        let zeta = hurwitz(self.source - 2.0 * self.capacity, 1).value;
        ScalingLaw {
            prefactor: self.capacity * k * k * zeta,
            exponent: 2.0 * self.capacity,
        }
    }

    /// [`width_residual`](Self::width_residual) in N: K^θ(π/a)/sin(πθ)·N^{−(b−1)} for b < a + 1, Kζ(b − a)N^{−a} for b > a + 1.
    #[must_use]
    pub fn width_law(&self) -> ScalingLaw {
        let (k, theta) = (self.effective_ridge_law().prefactor, self.theta());
        if theta < 1.0 {
            return ScalingLaw {
                prefactor: libm::pow(k, theta) * PI / (self.capacity * libm::sin(PI * theta)),
                exponent: self.source - 1.0,
            };
        }
        ScalingLaw {
            prefactor: k * hurwitz(self.source - self.capacity, 1).value,
            exponent: self.capacity,
        }
    }

    /// [`population_flow`](Self::population_flow) in t: Γ(θ)/(a2^θ)·t^{−θ}.
    #[must_use]
    pub fn time_law(&self) -> ScalingLaw {
        let theta = self.theta();
        ScalingLaw {
            prefactor: libm::tgamma(theta) / (self.capacity * libm::pow(2.0, theta)),
            exponent: theta,
        }
    }

    /// lim variance/s² of least norm = a − 1.
    #[must_use]
    pub fn tempered_variance(&self) -> f64 {
        self.capacity - 1.0
    }

    /// Exponent of the risk in n at the best ridge, with noise: (b − 1)/b for b < 2a + 1, 2a/(2a + 1) beyond.
    #[must_use]
    pub fn noisy_exponent(&self) -> f64 {
        let source = self.source.min(2.0 * self.capacity + 1.0);
        (source - 1.0) / source
    }
}

#[cfg(test)]
mod tests {
    use super::super::Regression;
    use super::*;

    #[test]
    fn finitely_many_features_tend_to_all_of_them() {
        let law = PowerLaw::new(2.0, 3.0).unwrap();
        let (bias, variance) = law.least_norm(20.0).unwrap();
        let finite = Regression::new(&law.features(20_000), 20.0, 1.0)
            .unwrap()
            .ridgeless()
            .unwrap();
        // The missing features hold 1/p of tr C and 1/(2p²) of the signal.
        assert!((finite.bias.value / bias.value - 1.0).abs() < 5e-3);
        assert!((finite.variance.value / variance.value - 1.0).abs() < 5e-3);
        assert!(bias.error < 1e-11 * bias.value && variance.error < 1e-11 * variance.value);
    }

    #[test]
    fn the_laws_are_approached_from_the_exact_sums() {
        for (a, b) in [(2.0, 2.0), (2.0, 3.5), (1.5, 5.0), (2.0, 7.0)] {
            let law = PowerLaw::new(a, b).unwrap();
            let off = |n: f64| {
                let (bias, variance) = law.least_norm(n).unwrap();
                [
                    bias.value / law.data_law().at(n) - 1.0,
                    variance.value / law.tempered_variance() - 1.0,
                    law.width_residual(n).unwrap() / law.width_law().at(n) - 1.0,
                    law.population_flow(n.powf(a)).value / law.time_law().at(n.powf(a)) - 1.0,
                ]
            };
            let (near, far) = (off(100.0), off(10_000.0));
            for (near, far) in near.into_iter().zip(far) {
                assert!(
                    far.abs() < 0.4 * near.abs() + 1e-9 && far.abs() < 0.05,
                    "{a} {b}: {near} {far}"
                );
            }
        }
    }

    #[test]
    fn the_best_ridge_beats_its_neighbours_and_follows_its_exponent() {
        let law = PowerLaw::new(2.0, 2.0).unwrap();
        let at = |n: f64| law.optimal_ridge(n, 1.0).unwrap().1;
        let slope = (at(20_000.0) / at(2_000.0)).log10();
        assert!((slope + law.noisy_exponent()).abs() < 0.01, "{slope}");
        // Without noise no ridge is best.
        let (ridge, risk) = law.optimal_ridge(50.0, 0.0).unwrap();
        let (bias, _) = law.least_norm(50.0).unwrap();
        assert!(ridge < 1e-6 && (risk / bias.value - 1.0).abs() < 1e-6);
    }

    #[test]
    fn heavy_spectra_of_infinite_trace_are_refused() {
        assert!(PowerLaw::new(1.0, 2.0).is_err());
        assert!(PowerLaw::new(2.0, 0.9).is_err());
        assert!(PowerLaw::new(2.0, 2.0).unwrap().least_norm(0.5).is_err());
    }
}
