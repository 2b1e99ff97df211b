//! Trained networks: data, training, and what the spectra of weights say.

pub mod appendix_a;

pub mod data;

pub mod mlp;

pub mod tensors;

pub mod training;
