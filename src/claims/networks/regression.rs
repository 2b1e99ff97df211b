//! Linear regression: risks of ridge, least norm and gradient flow, scaling laws, a linear classifier in time.

mod classification;
mod early_stopping;
mod flow;
mod optimal_ridge;
mod ridge_risk;
mod ridgeless_exact;
mod ridgeless_general;
mod scaling_laws;
mod setting;

use crate::claims::Claim;

/// All of them, in the order of the report.
pub(crate) fn claims() -> Vec<Claim> {
    vec![
        ridge_risk::claim(),
        ridgeless_exact::claim(),
        ridgeless_general::claim(),
        optimal_ridge::claim(),
        flow::claim(),
        early_stopping::claim(),
        scaling_laws::claim(),
        classification::claim(),
    ]
}
