//! Claims about networks with random weights: errors of ridge regression on their features, in N, n and time, and their spectrum.

mod bench;
mod cells;
mod double_descent;
mod draws;
mod fixed_flow;
mod pennington_worah;
mod random_flow;
mod random_inputs;

mod random_features;

use crate::claims::Claim;

/// All of them, in the order of the report.
pub(crate) fn claims() -> Vec<Claim> {
    vec![
        random_features::claim(),
        double_descent::claim(),
        pennington_worah::claim(),
        fixed_flow::claim(),
        random_flow::claim(),
    ]
}
