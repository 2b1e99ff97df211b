//! What makes a question about an equivalent ill posed.

use crate::measure::MeasureError;
use num_complex::Complex64;
use thiserror::Error;

/// Ill-posed question, or a solver that did not converge.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EquivalentError {
    /// No eigenvalue.
    #[error("the population has no eigenvalue")]
    PopulationEmpty,
    /// An eigenvalue of a covariance that is negative, infinite or NaN.
    #[error(
        "{eigenvalue} is not an eigenvalue of a covariance: it must be finite and not negative"
    )]
    EigenvalueInvalid {
        /// The eigenvalue.
        eigenvalue: f64,
    },
    /// All eigenvalues are 0.
    #[error("the population covariance is 0")]
    PopulationZero,
    /// Weights of the population that do not make a law.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// 0 < c < ∞ fails.
    #[error("ratio c = p/n = {ratio} must be positive and finite")]
    RatioInvalid {
        /// c.
        ratio: f64,
    },
    /// 0 < γ < ∞ fails.
    #[error("ridge γ = {gamma} must be positive and finite")]
    RidgeInvalid {
        /// γ.
        gamma: f64,
    },
    /// z on [0, ∞), where the spectrum may lie, or not finite.
    #[error("z = {z} lies on [0, ∞) or is not finite")]
    OnSpectrum {
        /// z.
        z: Complex64,
    },
    /// No solution was found.
    #[error("the equation of the equivalent was not solved: residual {residual:e}")]
    NotSolved {
        /// What is left of it.
        residual: f64,
    },
    /// A parameter out of its range.
    #[error("{name} = {value} is out of range: {allowed}")]
    OutOfRange {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
}
