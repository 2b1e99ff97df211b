//! Claims of the second paper: high-dimensional equivalents of linear models and networks.

mod covariance;
mod features;
mod kernel;
mod regression;

use super::Claim;

/// All of them, in the order of the report.
pub(super) fn claims() -> Vec<Claim> {
    let parts = [
        covariance::claims(),
        regression::claims(),
        features::claims(),
        kernel::claims(),
    ];
    parts.concat()
}
