//! Sample covariance matrices.

use crate::equivalent::covariance::CovarianceSpike;
use crate::equivalent::{EquivalentError, Population, SampleCovariance};
use crate::free::Fate;
use crate::measure::SpectralMeasure;
use crate::predict::PredictError;
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
