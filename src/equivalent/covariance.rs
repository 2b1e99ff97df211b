//! Sample covariance matrices beyond the first order: products of resolvents, fluctuations, spikes, overlaps.
//!
//! [`SampleCovariance`](super::SampleCovariance) holds the first-order equivalent; its law is also the free multiplicative convolution
//! of the population H with the Marchenko–Pastur law of ratio c, so that convolution has no object of its own.
//! Here stand the limits that need more than m̃: [`TwoPoint`] for Q(z₁)AQ(z₂), [`TraceFluctuation`] and [`LogDeterminant`] for
//! means and variances at the order 1/n, [`CovarianceSpike`] and [`InformationNoise`] for outliers, [`Separable`] for
//! columns of unequal variance, [`OverlapProfile`] for u_iᵀCu_i, [`wishart_moment`] for exact moments.
//! The 1/n terms that the claims use are derived in `docs/derivations/covariance_orders.md`.

mod fluctuation;
mod information_noise;
mod log_determinant;
mod moments;
mod overlap;
mod second_order;
mod separable;
mod spike;
mod tilted;

#[cfg(test)]
mod reference;

pub use fluctuation::TraceFluctuation;
pub use information_noise::{FiniteInformationNoise, InformationNoise};
pub use log_determinant::LogDeterminant;
pub use moments::{marchenko_pastur_moment, wishart_moment};
pub use overlap::OverlapProfile;
pub use second_order::TwoPoint;
pub use separable::Separable;
pub use spike::CovarianceSpike;
pub use tilted::Tilted;
