//! Predictions from high-dimensional equivalents.

mod covariance;
mod deep_kernel;
mod features;
mod regression;

pub use covariance::{CovarianceLimits, CovarianceQuery};
pub use deep_kernel::{DeepKernelLimits, DeepKernelQuery};
pub use features::{FeaturesLimits, FeaturesQuery};
pub use regression::{RegressionLimits, RegressionQuery};

use super::PredictError;
use crate::equivalent::activation::Activation;

/// The activation of a name.
fn activation(name: &str) -> Result<Activation, PredictError> {
    // erf t + κt² has a parameter, and no name of its own.
    let mut named = Activation::ALL.to_vec();
    named.retain(|a| !matches!(a, Activation::ErfSquare(_)));
    let names = || named.iter().map(Activation::name);
    let found = names().position(|known| known == name);
    found
        .map(|at| named[at])
        .ok_or_else(|| PredictError::ActivationUnknown {
            name: name.into(),
            known: names().collect::<Vec<_>>().join(", "),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C = I: κ² + (c − 1 − γ … )κ: at c = ½, γ = ½ κ = √½; the threshold is 1 + √c, ψ(3) = 3(1 + ½/2).
    #[test]
    fn covariance_limits_are_those_of_marchenko_and_pastur() {
        let query = CovarianceQuery {
            population: "atoms:1=1".into(),
            ratio: 0.5,
            ridges: vec![0.5],
            at: vec![(-0.5, 0.0)],
            spikes: vec![3.0, 1.5],
        };
        let answer = query.answer().unwrap();
        assert!((answer.ridge[0].kappa - 0.5f64.sqrt()).abs() < 1e-14);
        assert!((answer.stieltjes[0].companion[0] - 2f64.sqrt()).abs() < 1e-14);
        assert!((answer.spike_threshold - 1.0 - 0.5f64.sqrt()).abs() < 1e-12);
        assert_eq!(answer.spikes[0].location, Some(3.75));
        assert_eq!(answer.spikes[1].location, None);
    }

    /// The best ridge is no worse than those beside it, and flow begins at the null risk.
    #[test]
    fn regression_limits_fit_together() {
        let query = RegressionQuery {
            population: "uniform:0.25,3".into(),
            features: 60,
            samples: 120,
            signal: 2.0,
            noise: 0.5,
            ridges: vec![0.1, 0.15],
            times: vec![0.0, 2.0],
        };
        let answer = query.answer().unwrap();
        let best = answer.optimal.unwrap();
        assert!((best.gamma - 0.5 * 60.0 / (120.0 * 2.0)).abs() < 1e-15);
        assert!(answer.ridge.iter().all(|risk| risk.excess > best.excess));
        assert!((answer.flow[0].excess - answer.null_risk).abs() < 1e-9);
        assert!(answer.flow[1].excess < answer.null_risk);
    }

    #[test]
    fn both_routes_to_random_features_give_one_number() {
        let query = FeaturesQuery {
            activation: "relu".into(),
            neurons: 1.5,
            samples: 3.0,
            signal: 1.0,
            noise: 0.2,
            penalties: vec![0.01, 1.0],
        };
        for risk in query.answer().unwrap().risks {
            assert!((risk.test / risk.mei_montanari - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn questions_out_of_range_are_errors() {
        let kernel = |activation: &str, layers| {
            let activation = activation.into();
            DeepKernelQuery {
                activation,
                layers,
                scale: 1.0,
            }
            .answer()
        };
        assert!(kernel("relu", 3).is_ok());
        assert!(kernel("relu", 0).is_err());
        let error = kernel("swish", 1).unwrap_err().to_string();
        assert!(error.contains("swish") && error.contains("relu"), "{error}");
    }
}
