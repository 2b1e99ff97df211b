//! Kernels of networks: linear equivalents, finite width, spikes and training.

mod deep;
mod deep_ck;
mod deep_ntk;
mod events;
mod finite_width_ck;
mod hermite_kernel;
mod layers;
mod norm;
mod spike_propagation;
mod uncentred_spike;

use crate::claims::Claim;

/// All of them, in the order of the report.
pub(crate) fn claims() -> Vec<Claim> {
    vec![
        deep_ck::claim(),
        deep_ntk::claim(),
        finite_width_ck::claim(),
        hermite_kernel::claim(),
        spike_propagation::claim(),
        uncentred_spike::claim(),
    ]
}
