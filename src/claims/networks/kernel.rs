//! Kernels of networks: linear equivalents, finite width, spikes and training.

mod contrast;
mod deep;
mod deep_ck;
mod deep_ntk;
mod events;
mod finite_width_ck;
mod finite_width_ntk;
mod hermite_kernel;
mod layers;
mod norm;
mod ntk_flow;
mod spike_propagation;
mod taylor_kernel;
mod uncentred_spike;

use crate::claims::Claim;

/// All of them, in the order of the report.
pub(crate) fn claims() -> Vec<Claim> {
    vec![
        taylor_kernel::claim(),
        hermite_kernel::claim(),
        uncentred_spike::claim(),
        deep_ck::claim(),
        deep_ntk::claim(),
        finite_width_ck::claim(),
        finite_width_ntk::claim(),
        spike_propagation::claim(),
        ntk_flow::claim(),
    ]
}
