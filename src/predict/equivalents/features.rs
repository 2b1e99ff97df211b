//! Random features.

use super::activation;
use crate::equivalent::EquivalentError;
use crate::equivalent::features::{RandomFeatures, Task};
use crate::predict::PredictError;
use serde::Serialize;

/// What is asked about ridge regression on random features s(Θx/√d), inputs and weights on spheres of radius √d.
#[derive(Debug, Clone, PartialEq)]
pub struct FeaturesQuery {
    /// Name of s, which is centred.
    pub activation: String,
    /// N/d.
    pub neurons: f64,
    /// n/d.
    pub samples: f64,
    /// F₁² = |β|².
    pub signal: f64,
    /// Var ε.
    pub noise: f64,
    /// λ > 0, with the penalty (Nλ/d)|a|².
    pub penalties: Vec<f64>,
}

/// The answer to a [`FeaturesQuery`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeaturesLimits {
    /// Name of s.
    pub activation: String,
    /// N/d.
    pub neurons: f64,
    /// n/d.
    pub samples: f64,
    /// F₁².
    pub signal: f64,
    /// Var ε.
    pub noise: f64,
    /// E ξ s(ξ).
    pub mu_1: f64,
    /// √(Var s(ξ) − μ₁²).
    pub mu_star: f64,
    /// One entry a penalty.
    pub risks: Vec<FeatureRisk>,
}

/// Errors at one penalty.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureRisk {
    /// λ.
    pub lambda: f64,
    /// Excess test error by the linear equivalent.
    pub test: f64,
    /// Training error.
    pub train: f64,
    /// The test error by the formula of Mei and Montanari: the same number by another route.
    pub mei_montanari: f64,
}

impl FeaturesQuery {
    /// The limits.
    ///
    /// # Errors   an unknown activation; ratios, variances or λ out of range
    pub fn answer(&self) -> Result<FeaturesLimits, PredictError> {
        let activation = activation(&self.activation)?;
        let linear = activation.hermite(1);
        let rest = activation.moments(1.0)?.variance - linear * linear;
        let nonlinear = rest.max(0.0).sqrt();
        let model = RandomFeatures::new(self.neurons, self.samples, linear, nonlinear)?;
        let task = Task {
            signal: self.signal,
            noise: self.noise,
        };
        let risk = |&lambda: &f64| {
            let risk = model.equivalent(lambda, task)?;
            Ok(FeatureRisk {
                lambda,
                test: risk.test,
                train: risk.train,
                mei_montanari: model.risk(lambda, task)?,
            })
        };
        Ok(FeaturesLimits {
            activation: self.activation.clone(),
            neurons: self.neurons,
            samples: self.samples,
            signal: self.signal,
            noise: self.noise,
            mu_1: linear,
            mu_star: nonlinear,
            risks: self
                .penalties
                .iter()
                .map(risk)
                .collect::<Result<_, EquivalentError>>()?,
        })
    }
}
