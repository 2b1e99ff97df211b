//! Linear regression in high dimension: ridge, least norm, gradient flow, power laws and the flow of a linear classifier.
//!
//! y = Xᵀβ + ε with Var ε_i = s², X = C^{1/2}Z of size p × n. The ridge estimator w = QXy/n of ridge γ minimises
//! |y − Xᵀw|²/n + γ|w|². The excess risk of w is E(xᵀ(w − β))² = (w − β)ᵀC(w − β) for a new sample x; it is the sum of a bias, what is
//! left without noise, and a variance, what the noise adds.

mod classification;
mod contour;
mod finite_size;
mod flow;
mod inverse_wishart;
mod isotropic_flow;
mod power_law;
mod ridge;
mod stopping;
mod two_resolvents;
mod zeta;

pub use classification::{Classification, Margin};
pub use finite_size::RiskShift;
pub use flow::{FlowRisk, FlowShift};
pub use inverse_wishart::{InverseWishart, least_norm_risk};
pub use isotropic_flow::isotropic_flow;
pub use power_law::{PowerLaw, ScalingLaw};
pub use ridge::{Regression, Risk};
pub use stopping::{EARLY_STOPPING, early_stopping_constant};

#[cfg(test)]
mod reference;
