//! Kernels of networks: linear equivalents, finite width, spikes and training.

mod deep;
mod deep_ck;
mod deep_ntk;
mod events;
mod finite_width_ck;
mod layers;
mod norm;

use crate::claims::Claim;

/// All of them, in the order of the report.
pub(crate) fn claims() -> Vec<Claim> {
    vec![
        deep_ck::claim(),
        deep_ntk::claim(),
        finite_width_ck::claim(),
    ]
}
