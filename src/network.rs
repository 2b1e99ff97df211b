//! Trained networks: what the theory says about the singular values of weight matrices.

pub mod bulk;
