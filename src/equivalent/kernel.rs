//! Equivalents of kernel matrices: of one kernel, of deep networks at infinite width and at finite width.
//!
//! Data are the columns x_i of X, p × n, scaled so that |x_i|² is of order 1; K_ij is a function of |x_i|², |x_j|² and
//! x_iᵀx_j. The *linear equivalent* K̃ is linear in XᵀX, but for the identity and a matrix of low rank, and ‖K − K̃‖ → 0.
//!
//! - [`DeepKernel`]: the conjugate and the tangent kernel of a network of infinite width, exactly and by [`LinearEquivalent`].

mod deep;
#[cfg(test)]
mod reference;

pub use deep::{DeepKernel, LinearEquivalent, Mixture};
