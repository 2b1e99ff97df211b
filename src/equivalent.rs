//! High-dimensional equivalents: deterministic limits of resolvents, risks and kernels.
//!
//! A matrix M̄ is an equivalent of the random M for an observation f when f(M) − f(M̄) → 0 as n, p → ∞
//! with p/n → c. Conventions of this module, after \[LM\]: n samples, p features, c = p/n; X is p × n with the
//! samples as columns; Ĉ = XXᵀ/n and Q(z) = (Ĉ − z)⁻¹; a ridge γ > 0 stands for z = −γ. The population covariance
//! C has the spectrum H = (1/p)Σ δ(λ_j), see [`Population`]. Nothing here knows a seed or a replicate.

pub mod activation;
pub mod covariance;
pub mod features;
pub mod kernel;
pub mod regression;

mod error;
mod population;
mod silverstein;

pub use error::EquivalentError;
pub use population::Population;
pub use silverstein::SampleCovariance;
