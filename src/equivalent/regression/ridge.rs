//! Risks of ridge regression and of the interpolator of least norm.

use crate::equivalent::{EquivalentError, Population, SampleCovariance};
use crate::measure::Certified;

/// Unit roundoff.
const UNIT: f64 = 0.5 * f64::EPSILON;

/// A linear model y = Xᵀβ + ε with p features, n samples, C = diag(λ_1, …, λ_p) and Var ε_i = s².
///
/// Only λ_j and β_j² enter: Gaussian data do not know the signs of β. Features of equal λ are merged.
///
/// # Source   T. Hastie, A. Montanari, S. Rosset and R. Tibshirani (2019); E. Dobriban and S. Wager (2018)
/// # Examples
/// ```
/// use rmt_verify::equivalent::regression::Regression;
/// // C = I and c = ½: κ(½)² = ½, df₂ = ½/(1 + κ)², and the risk at the ridge s²p/(n|β|²) = ½ is s²(κ/γ − 1) = √2 − 1.
/// let model = Regression::new(&[(1.0, 0.05); 20], 40.0, 1.0)?;
/// let risk = model.ridge(0.5)?;
/// assert!((risk.excess() - (2f64.sqrt() - 1.0)).abs() < 1e-14);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Regression {
    pub(super) covariance: SampleCovariance,
    pub(super) groups: Vec<Group>,
    samples: f64,
    noise: f64,
}

/// The features of one λ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Group {
    pub lambda: f64,
    /// Their number over n.
    pub share: f64,
    /// Σβ_j² over them.
    pub energy: f64,
}

/// Limits of the risks at one ridge; averages over the noise and, by symmetry, over the signs of β.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    /// κ²βᵀC(C + κ)⁻²β/(1 − df₂).
    pub bias: Certified<f64>,
    /// s² df₂/(1 − df₂).
    pub variance: Certified<f64>,
    /// |y − Xᵀw|²/n → (γ/κ)²(bias + variance + s²).
    pub train: Certified<f64>,
    /// |Xᵀ(w − β)|²/n → (γ/κ)²(bias + variance) + s²(1 − γ/κ)².
    pub in_sample: Certified<f64>,
}

impl Risk {
    /// bias + variance.
    #[must_use]
    pub fn excess(&self) -> f64 {
        self.bias.value + self.variance.value
    }
}

impl Regression {
    /// Pairs (λ_j, β_j²), n and s².
    ///
    /// # Errors
    /// A spectrum of no covariance; β_j², n or s² negative or not finite, n = 0.
    pub fn new(features: &[(f64, f64)], samples: f64, noise: f64) -> Result<Self, EquivalentError> {
        let lambda: Vec<f64> = features.iter().map(|f| f.0).collect();
        let population = Population::eigenvalues(&lambda)?;
        let number = |name, value: f64, least: f64| {
            if value >= least && value.is_finite() {
                return Ok(value);
            }
            Err(EquivalentError::OutOfRange {
                name,
                value,
                allowed: "finite and not negative, samples at least 1",
            })
        };
        let samples = number("samples", samples, 1.0)?;
        let noise = number("noise", noise, 0.0)?;
        for feature in features {
            number("β²", feature.1, 0.0)?;
        }
        let groups = population.atoms().iter().map(|&(lambda, _)| {
            let own = features.iter().filter(|f| f.0 == lambda);
            Group {
                lambda,
                share: own.clone().count() as f64 / samples,
                energy: own.map(|f| f.1).sum(),
            }
        });
        Ok(Self {
            groups: groups.collect(),
            covariance: SampleCovariance::new(population, features.len() as f64 / samples)?,
            samples,
            noise,
        })
    }

    /// The limit of Ĉ.
    #[must_use]
    pub fn covariance(&self) -> &SampleCovariance {
        &self.covariance
    }

    /// n.
    #[must_use]
    pub fn samples(&self) -> f64 {
        self.samples
    }

    /// s².
    #[must_use]
    pub fn noise(&self) -> f64 {
        self.noise
    }

    /// |β|².
    #[must_use]
    pub fn energy(&self) -> f64 {
        self.groups.iter().map(|g| g.energy).sum()
    }

    /// βᵀCβ, the risk of w = 0.
    #[must_use]
    pub fn null_risk(&self) -> f64 {
        self.groups.iter().map(|g| g.lambda * g.energy).sum()
    }

    /// The risks of the ridge γ.
    ///
    /// # Accuracy the bounds are proved: every factor is monotone in κ, whose bound is
    /// # Source   \[LM\] B1
    /// # Errors   γ not in (0, ∞)
    pub fn ridge(&self, gamma: f64) -> Result<Risk, EquivalentError> {
        let kappa = self.covariance.kappa(gamma)?;
        Ok(self.risk(kappa, |kappa| gamma / kappa))
    }

    /// The risks of least squares (p < n) or of the interpolator of least norm (p > n).
    ///
    /// # Accuracy as [`ridge`](Self::ridge)
    /// # Source   \[LM\] B3
    /// # Errors   as many features with λ > 0 as samples, where the variance is infinite
    pub fn ridgeless(&self) -> Result<Risk, EquivalentError> {
        let filled = self.covariance.degrees_of_freedom(1, 0.0);
        if (filled - 1.0).abs() < 1e-9 {
            return Err(EquivalentError::OutOfRange {
                name: "features of positive variance over samples",
                value: filled,
                allowed: "any ratio but 1",
            });
        }
        let kappa = self.covariance.ridgeless_kappa()?;
        Ok(self.risk(kappa, |_| (1.0 - filled).max(0.0)))
    }

    /// γ* = s²p/(n|β|²), the best ridge for β with independent N(0, |β|²/p) entries.
    ///
    /// # Errors   β = 0
    pub fn optimal_ridge(&self) -> Result<f64, EquivalentError> {
        let ridge = self.noise * self.covariance.ratio() / self.energy();
        if ridge.is_finite() {
            return Ok(ridge);
        }
        Err(EquivalentError::OutOfRange {
            name: "|β|²",
            value: self.energy(),
            allowed: "positive",
        })
    }

    /// From κ and γ/κ, which decreases in κ.
    fn risk(&self, kappa: Certified<f64>, shrinkage: impl Fn(f64) -> f64) -> Risk {
        let [low, here, high] = [
            (kappa.value - kappa.error).max(0.0),
            kappa.value,
            kappa.value + kappa.error,
        ]
        .map(|kappa| Factors::new(self, kappa, shrinkage(kappa)));
        // bias: the numerator increases in κ, 1/(1 − df₂) decreases; all else decreases in κ.
        let bias = [
            low.bias * high.inflation,
            here.bias * here.inflation,
            high.bias * low.inflation,
        ];
        let variance = [high, here, low].map(|f| self.noise * f.second * f.inflation);
        let excess = [0, 1, 2].map(|i| bias[i] + variance[i]);
        let ends = [high, here, low];
        let train = [0, 1, 2].map(|i| ends[i].shrinkage.powi(2) * (excess[i] + self.noise));
        let in_sample = [0, 1, 2]
            .map(|i| ends[i].shrinkage.powi(2) * excess[i] + self.noise * ends[i].first.powi(2));
        // Sums of positive terms; 1 − df₂ loses a factor 1/(1 − df₂).
        let units = (self.groups.len() as f64 + 32.0) * UNIT * (1.0 + low.inflation);
        let certified = |[lo, value, hi]: [f64; 3]| Certified {
            value,
            error: (hi - value).max(value - lo) + units * hi,
        };
        Risk {
            bias: certified(bias),
            variance: certified(variance),
            train: certified(train),
            in_sample: certified(in_sample),
        }
    }
}

/// What the risks are made of at one κ.
#[derive(Debug, Clone, Copy)]
struct Factors {
    /// κ²Σβ_j²λ_j/(λ_j + κ)².
    bias: f64,
    /// df₁ = 1 − γ/κ.
    first: f64,
    /// df₂.
    second: f64,
    /// 1/(1 − df₂).
    inflation: f64,
    /// γ/κ.
    shrinkage: f64,
}

impl Factors {
    fn new(model: &Regression, kappa: f64, shrinkage: f64) -> Self {
        let second = model.covariance.degrees_of_freedom(2, kappa);
        let kept = |g: &Group| {
            if g.lambda == 0.0 {
                return 0.0;
            }
            let left = kappa / (g.lambda + kappa);
            g.energy * g.lambda * left * left
        };
        Self {
            bias: model.groups.iter().map(kept).sum(),
            first: model.covariance.degrees_of_freedom(1, kappa),
            second,
            inflation: 1.0 / (1.0 - second),
            shrinkage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Strong features carry most of β.
    fn aligned(samples: f64) -> Regression {
        let features: Vec<(f64, f64)> = (0..30)
            .map(|j| if j % 3 == 0 { (2.5, 0.08) } else { (0.5, 0.01) })
            .collect();
        Regression::new(&features, samples, 0.7).unwrap()
    }

    #[test]
    fn the_optimal_ridge_has_the_risk_that_its_effective_ridge_says() {
        for samples in [15.0, 30.0, 60.0] {
            let features: Vec<(f64, f64)> =
                (0..30).map(|j| (0.2 + 0.1 * f64::from(j), 0.03)).collect();
            let model = Regression::new(&features, samples, 0.7).unwrap();
            let best = model.optimal_ridge().unwrap();
            let at = |ridge: f64| model.ridge(ridge).unwrap();
            let delta = model.covariance().delta(best).unwrap().value;
            assert!((at(best).excess() / (0.7 * delta) - 1.0).abs() < 1e-13);
            let train = 0.7 / (1.0 + delta);
            assert!((at(best).train.value / train - 1.0).abs() < 1e-13);
            for factor in [0.8, 0.99, 1.01, 1.3] {
                assert!(at(factor * best).excess() > at(best).excess());
            }
        }
    }

    #[test]
    fn no_ridge_is_the_limit_of_small_ridges() {
        for samples in [12.0, 75.0] {
            let model = aligned(samples);
            let (zero, small) = (model.ridgeless().unwrap(), model.ridge(1e-10).unwrap());
            for (a, b) in [
                (zero.bias, small.bias),
                (zero.variance, small.variance),
                (zero.train, small.train),
                (zero.in_sample, small.in_sample),
            ] {
                assert!((a.value - b.value).abs() < 1e-8, "{samples}: {a:?} {b:?}");
            }
        }
    }

    #[test]
    fn bounds_hold_the_value_of_the_same_model_with_its_features_apart() {
        // λ moved by 1e-13 of itself moves κ and the risks by as much, and takes another path through the sums.
        let apart: Vec<(f64, f64)> = (0..30)
            .map(|j| if j % 3 == 0 { (2.5, 0.08) } else { (0.5, 0.01) })
            .enumerate()
            .map(|(j, (l, b))| (l * (1.0 + 1e-15 * j as f64), b))
            .collect();
        let other = Regression::new(&apart, 40.0, 0.7).unwrap();
        let (a, b) = (aligned(40.0).ridge(0.3).unwrap(), other.ridge(0.3).unwrap());
        for (a, b) in [
            (a.bias, b.bias),
            (a.variance, b.variance),
            (a.train, b.train),
        ] {
            assert!(a.error < 1e-12 * a.value && b.error < 1e-12 * b.value);
            assert!((a.value - b.value).abs() < a.error + b.error + 1e-13);
        }
    }

    #[test]
    fn questions_without_an_answer_are_refused() {
        assert!(Regression::new(&[], 5.0, 1.0).is_err());
        assert!(Regression::new(&[(1.0, -1.0)], 5.0, 1.0).is_err());
        assert!(Regression::new(&[(1.0, 1.0)], 0.0, 1.0).is_err());
        assert!(Regression::new(&[(1.0, 1.0)], 5.0, f64::NAN).is_err());
        assert!(aligned(30.0).ridgeless().is_err());
        assert!(aligned(20.0).ridge(0.0).is_err());
    }
}
