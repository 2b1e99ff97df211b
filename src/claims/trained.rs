//! Claims about trained nets: where fresh noise pulls the spikes of what training added, and where the independence of
//! signal and noise that the theorems assume ends.
//!
//! W(0) is a square layer as it was initialised, W the trained one, S = W − W(0). Nets are trained on the digits that
//! ship with the crate, N as listed, 25 epochs, by the protocol of Appendix A. Bits of trained weights depend on the SIMD
//! width of the processor, so do the estimates.

mod correlated;
mod fresh_noise;
mod nets;
mod pruning;
mod top;

pub(super) use correlated::claim as correlated_noise;
pub(super) use fresh_noise::{claim as fresh_noise, symmetric_claim as symmetric_weights};
pub(super) use pruning::claim as pruning;
