//! Trained networks: their weights, the random bulk in them, and what is left without it.

pub mod bulk;
pub mod layers;
pub mod prune;
pub mod weights;
