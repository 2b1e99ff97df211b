//! Trained networks: data, training, what the theory says about the singular values of weights, and
//! what is left without the random bulk.

pub mod data;

pub mod mlp;

pub mod tensors;

pub mod training;

pub mod bulk;

pub mod weights;

pub mod layers;

pub mod prune;
