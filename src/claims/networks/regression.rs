//! Linear regression: risks of ridge, least norm and gradient flow, scaling laws, a linear classifier in time.

mod ridge_risk;
mod setting;

use crate::claims::Claim;

/// All of them, in the order of the report.
pub(crate) fn claims() -> Vec<Claim> {
    vec![ridge_risk::claim()]
}
