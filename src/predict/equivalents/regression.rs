//! Linear models.

use crate::equivalent::EquivalentError;
use crate::equivalent::regression::{Regression, Risk};
use crate::measure::SpectralMeasure;
use crate::predict::PredictError;
use serde::Serialize;

/// What is asked about linear regression y = Xᵀβ + ε.
#[derive(Debug, Clone, PartialEq)]
pub struct RegressionQuery {
    /// The law of the eigenvalues of C as a SPEC; its quantiles at (j − ½)/p are used.
    pub population: String,
    /// p.
    pub features: usize,
    /// n.
    pub samples: usize,
    /// E|β|², spread evenly over the features.
    pub signal: f64,
    /// s² = Var ε.
    pub noise: f64,
    /// Ridges γ > 0 for which the risks are wanted.
    pub ridges: Vec<f64>,
    /// Times t ≥ 0 of gradient flow from 0 for which the risks are wanted.
    pub times: Vec<f64>,
}

/// The answer to a [`RegressionQuery`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegressionLimits {
    /// As given.
    pub population: String,
    /// p.
    pub features: usize,
    /// n.
    pub samples: usize,
    /// E|β|².
    pub signal: f64,
    /// s².
    pub noise: f64,
    /// The risk of w = 0.
    pub null_risk: f64,
    /// The best ridge s²p/(n E|β|²), with its risks; none without signal or noise.
    pub optimal: Option<RidgeRisk>,
    /// Risks at γ → 0, the solution of least norm; none where they are infinite.
    pub ridgeless: Option<RidgeRisk>,
    /// One entry a ridge.
    pub ridge: Vec<RidgeRisk>,
    /// One entry a time.
    pub flow: Vec<FlowRisks>,
}

/// Risks at one ridge, see [`Risk`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RidgeRisk {
    /// γ.
    pub gamma: f64,
    /// Part of the excess risk.
    pub bias: f64,
    /// The other part.
    pub variance: f64,
    /// E(xᵀ(w − β))² at a new x.
    pub excess: f64,
    /// |y − Xᵀw|²/n.
    pub train: f64,
    /// |Xᵀ(w − β)|²/n.
    pub in_sample: f64,
}

/// Risks at one time of gradient flow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowRisks {
    /// t.
    pub time: f64,
    /// Part of the excess risk.
    pub bias: f64,
    /// The other part.
    pub variance: f64,
    /// E(xᵀ(w − β))² at a new x.
    pub excess: f64,
    /// |y − Xᵀw|²/n.
    pub train: f64,
}

impl RidgeRisk {
    fn new(gamma: f64, risk: &Risk) -> Self {
        Self {
            gamma,
            bias: risk.bias.value,
            variance: risk.variance.value,
            excess: risk.excess(),
            train: risk.train.value,
            in_sample: risk.in_sample.value,
        }
    }
}

impl RegressionQuery {
    /// The limits.
    ///
    /// # Errors   a law with mass below 0; p, n, a variance, γ or t out of range
    pub fn answer(&self) -> Result<RegressionLimits, PredictError> {
        let law = SpectralMeasure::parse(&self.population)?;
        let p = self.features;
        let share = self.signal / p as f64;
        let quantile = |j: usize| law.quantile((j as f64 + 0.5) / p as f64);
        let features: Vec<(f64, f64)> = (0..p).map(|j| (quantile(j), share)).collect();
        let model = Regression::new(&features, self.samples as f64, self.noise)?;
        let at = |gamma: f64| Ok(RidgeRisk::new(gamma, &model.ridge(gamma)?));
        let optimal = if self.signal > 0.0 && self.noise > 0.0 {
            Some(at(model.optimal_ridge()?)?)
        } else {
            None
        };
        let flow = |&time: &f64| {
            let risk = model.flow(time)?;
            Ok(FlowRisks {
                time,
                bias: risk.bias,
                variance: risk.variance,
                excess: risk.bias + risk.variance,
                train: risk.train,
            })
        };
        let ridge = self.ridges.iter().map(|&gamma| at(gamma));
        Ok(RegressionLimits {
            population: self.population.clone(),
            features: p,
            samples: self.samples,
            signal: self.signal,
            noise: self.noise,
            null_risk: model.null_risk(),
            optimal,
            ridgeless: model
                .ridgeless()
                .ok()
                .map(|risk| RidgeRisk::new(0.0, &risk)),
            ridge: ridge.collect::<Result<_, EquivalentError>>()?,
            flow: self
                .times
                .iter()
                .map(flow)
                .collect::<Result<_, EquivalentError>>()?,
        })
    }
}
