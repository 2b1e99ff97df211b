//! Equivalents of kernel matrices: of one kernel, of deep networks at infinite width and at finite width.
//!
//! Data are the columns x_i of X, p × n, scaled so that |x_i|² is of order 1; K_ij is a function of |x_i|², |x_j|² and
//! x_iᵀx_j. The *linear equivalent* K̃ is linear in XᵀX, but for the identity and a matrix of low rank, and ‖K − K̃‖ → 0.
//!
//! - [`DeepKernel`]: the conjugate and the tangent kernel of a network of infinite width, exactly and by [`LinearEquivalent`].
//! - [`TaylorKernel`]: f(x_iᵀx_j), where off the diagonal the arguments are small.
//! - [`HermiteKernel`]: f(√p·x_iᵀx_j)/√p, where they are of order 1.
//! - [`FiniteWidth`]: the conjugate kernel of a network with widths of the order of n; spikes through its layers.
//! - [`TangentFlow`]: training by gradient flow with a tangent kernel.

mod deep;
mod flow;
mod hermite;
#[cfg(test)]
mod reference;
mod taylor;
mod width;

pub use deep::{DeepKernel, LinearEquivalent, Mixture};
pub use flow::TangentFlow;
pub use hermite::HermiteKernel;
pub use taylor::TaylorKernel;
pub use width::{FiniteWidth, Propagated};
