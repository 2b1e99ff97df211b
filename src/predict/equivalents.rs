//! Predictions from high-dimensional equivalents.

use super::PredictError;
use crate::equivalent::activation::Activation;
use crate::equivalent::covariance::CovarianceSpike;
use crate::equivalent::features::{RandomFeatures, Task};
use crate::equivalent::kernel::{DeepKernel, LinearEquivalent};
use crate::equivalent::regression::{Regression, Risk};
use crate::equivalent::{EquivalentError, Population, SampleCovariance};
use crate::free::Fate;
use crate::measure::SpectralMeasure;
use num_complex::Complex64;
use serde::Serialize;

/// What is asked about sample covariance matrices Ĉ = XXᵀ/n, X = C^{1/2}Z.
#[derive(Debug, Clone, PartialEq)]
pub struct CovarianceQuery {
    /// The law of the eigenvalues of C as a SPEC, see [`SpectralMeasure::parse`].
    pub population: String,
    /// c = p/n.
    pub ratio: f64,
    /// Ridges γ > 0.
    pub ridges: Vec<f64>,
    /// Points z = (Re z, Im z) off [0, ∞).
    pub at: Vec<(f64, f64)>,
    /// Eigenvalues of C beyond that law.
    pub spikes: Vec<f64>,
}

/// The answer to a [`CovarianceQuery`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CovarianceLimits {
    /// As given.
    pub population: String,
    /// c.
    pub ratio: f64,
    /// Spikes above this separate.
    pub spike_threshold: f64,
    /// One entry a ridge.
    pub ridge: Vec<RidgeLimits>,
    /// One entry a point.
    pub stieltjes: Vec<CovarianceAt>,
    /// One entry a spike.
    pub spikes: Vec<PopulationSpike>,
}

/// Limits at one ridge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RidgeLimits {
    /// γ.
    pub gamma: f64,
    /// The effective ridge κ = 1/m̃(−γ).
    pub kappa: f64,
    /// (1/n)tr CQ̄.
    pub delta: f64,
    /// (1/n)tr C(C + κ)⁻¹.
    pub df1: f64,
    /// (1/n)tr C²(C + κ)⁻².
    pub df2: f64,
    /// Proved bound on the error of κ.
    pub error_bound: f64,
}

/// Transforms at one point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CovarianceAt {
    /// (Re z, Im z).
    pub z: [f64; 2],
    /// The limit of (1/p)tr(Ĉ − z)⁻¹.
    pub s: [f64; 2],
    /// m̃(z), that of (1/n)tr(XᵀX/n − z)⁻¹.
    pub companion: [f64; 2],
    /// Proved bound on the error of s.
    pub error_bound: f64,
}

/// The fate of one eigenvalue of C.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PopulationSpike {
    /// α.
    pub alpha: f64,
    /// Whether it shows.
    pub fate: Fate,
    /// ψ(α), where it shows; none for an absorbed one.
    pub location: Option<f64>,
    /// ψ′(α).
    pub slope: f64,
    /// The limit of |⟨û, u⟩|².
    pub overlap: f64,
    /// The limit of n·Var for Gaussian data; none for an absorbed one.
    pub gaussian_variance: Option<f64>,
}

impl CovarianceQuery {
    /// The limits.
    ///
    /// # Errors   a law with mass below 0, c, γ or z out of range, a spike inside the law
    pub fn answer(&self) -> Result<CovarianceLimits, PredictError> {
        let population = Population::from_law(&SpectralMeasure::parse(&self.population)?)?;
        let limit = SampleCovariance::new(population, self.ratio)?;
        let ridge = |&gamma: &f64| {
            let kappa = limit.kappa(gamma)?;
            Ok(RidgeLimits {
                gamma,
                kappa: kappa.value,
                delta: limit.delta(gamma)?.value,
                df1: limit.degrees_of_freedom(1, kappa.value),
                df2: limit.degrees_of_freedom(2, kappa.value),
                error_bound: kappa.error,
            })
        };
        let at = |&(re, im): &(f64, f64)| {
            let z = Complex64::new(re, im);
            let (s, companion) = (limit.stieltjes(z)?, limit.companion(z)?);
            Ok(CovarianceAt {
                z: [re, im],
                s: [s.value.re, s.value.im],
                companion: [companion.value.re, companion.value.im],
                error_bound: s.error,
            })
        };
        let spike = |&alpha: &f64| {
            let spike = CovarianceSpike::new(&limit, alpha)?;
            let separates = spike.separates();
            Ok(PopulationSpike {
                alpha,
                fate: if separates {
                    Fate::Separates
                } else {
                    Fate::Absorbed
                },
                location: separates.then(|| spike.location()),
                slope: spike.slope(),
                overlap: if separates { spike.overlap() } else { 0.0 },
                gaussian_variance: separates.then(|| spike.variance(0.0)),
            })
        };
        let asked = |result: Result<_, EquivalentError>| result.map_err(PredictError::from);
        Ok(CovarianceLimits {
            population: self.population.clone(),
            ratio: self.ratio,
            spike_threshold: CovarianceSpike::threshold(&limit).value,
            ridge: asked(self.ridges.iter().map(ridge).collect())?,
            stieltjes: self
                .at
                .iter()
                .map(at)
                .collect::<Result<_, EquivalentError>>()?,
            spikes: self
                .spikes
                .iter()
                .map(spike)
                .collect::<Result<_, EquivalentError>>()?,
        })
    }
}

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

/// What is asked about the kernels of an infinitely wide network.
#[derive(Debug, Clone, PartialEq)]
pub struct DeepKernelQuery {
    /// Name of the activation of every layer.
    pub activation: String,
    /// L ≥ 1.
    pub layers: usize,
    /// τ₀, the limit of |x|.
    pub scale: f64,
}

/// The answer to a [`DeepKernelQuery`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeepKernelLimits {
    /// Name of the activation.
    pub activation: String,
    /// L.
    pub layers: usize,
    /// τ₀.
    pub scale: f64,
    /// Conjugate kernel: one entry a depth.
    pub conjugate: Vec<LayerEquivalent>,
    /// Neural tangent kernel: one entry a depth.
    pub tangent: Vec<LayerEquivalent>,
}

/// Coefficients of [`LinearEquivalent`] at one depth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerEquivalent {
    /// l.
    pub depth: usize,
    /// Weight of XᵀX.
    pub gram: f64,
    /// Weight of the fluctuations of |x|².
    pub norm: f64,
    /// Weight of T/p.
    pub cross: f64,
    /// Weight of I.
    pub identity: f64,
    /// Limit of the diagonal of the kernel.
    pub diagonal: f64,
}

impl DeepKernelQuery {
    /// The coefficients.
    ///
    /// # Errors   an unknown activation, L = 0, τ₀ out of range
    pub fn answer(&self) -> Result<DeepKernelLimits, PredictError> {
        let activation = activation(&self.activation)?;
        let depths = 1..=self.layers.max(1);
        let kernels = depths.map(|depth| {
            let layers = vec![activation; if self.layers == 0 { 0 } else { depth }];
            DeepKernel::new(self.scale, &layers)
        });
        let kernels: Vec<DeepKernel> = kernels.collect::<Result<_, EquivalentError>>()?;
        let rows = |of: &dyn Fn(&DeepKernel) -> LinearEquivalent| {
            let row = |(index, kernel): (usize, &DeepKernel)| {
                let e = of(kernel);
                LayerEquivalent {
                    depth: index + 1,
                    gram: e.gram,
                    norm: e.norm,
                    cross: e.cross,
                    identity: e.identity(),
                    diagonal: e.diagonal,
                }
            };
            kernels.iter().enumerate().map(row).collect()
        };
        Ok(DeepKernelLimits {
            activation: self.activation.clone(),
            layers: self.layers,
            scale: self.scale,
            conjugate: rows(&DeepKernel::conjugate),
            tangent: rows(&DeepKernel::tangent),
        })
    }
}

/// The activation of a name.
fn activation(name: &str) -> Result<Activation, PredictError> {
    use Activation as A;
    let all = [
        A::Linear,
        A::Relu,
        A::Erf,
        A::Cos,
        A::Sin,
        A::Sign,
        A::Square,
        A::Tanh,
        A::Softplus,
    ];
    let found = all.into_iter().find(|a| a.name() == name);
    found.ok_or_else(|| PredictError::ActivationUnknown {
        name: name.into(),
        known: all.map(|a| a.name()).join(", "),
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
