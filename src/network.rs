//! Trained networks: data, training, and what the theory says about the singular values of weights.

pub mod data;

pub mod mlp;

pub mod tensors;

pub mod training;

pub mod bulk;

pub mod appendix_a;
