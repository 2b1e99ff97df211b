//! Features of a network with random weights: ridge regression on them, its gradient flow, their spectrum.
//!
//! N neurons with Gaussian weights, n samples, inputs of dimension d. Three settings:
//!
//! - [`FixedFeatures`]: the inputs are fixed and the answer depends on their exact kernel;
//! - [`RandomFeatures`]: the inputs are random too and the answer depends on N/d, n/d and two moments of the activation;
//! - [`NonlinearCovariance`]: the spectrum of f(WX)f(WX)ᵀ/m itself.
//!
//! Each is a sample covariance matrix in disguise, see [`SampleCovariance`](super::SampleCovariance).

mod contour;
mod fixed;
mod random;
mod random_flow;
#[cfg(test)]
mod reference;
mod spectrum;

pub use fixed::{FixedFeatures, TestSet};
pub use random::{RandomFeatures, Risk, Task};
pub use spectrum::NonlinearCovariance;

use super::EquivalentError;

/// 0 < value < ∞, or the error that says so.
fn positive(name: &'static str, value: f64) -> Result<f64, EquivalentError> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(EquivalentError::OutOfRange {
            name,
            value,
            allowed: "positive and finite",
        })
    }
}

/// 0 ≤ value < ∞, or the error that says so.
fn not_negative(name: &'static str, value: f64) -> Result<f64, EquivalentError> {
    if value >= 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(EquivalentError::OutOfRange {
            name,
            value,
            allowed: "finite and not negative",
        })
    }
}
