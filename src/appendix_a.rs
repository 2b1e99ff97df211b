//! Appendix A: singular values of a trained middle layer outside the noise bulk, against its width.
//!
//! Nets d × N, N × N, N × classes are trained by one [`Protocol`]; counted are the singular values of
//! the N × N matrix beyond the threshold of [`bulk`](crate::network::bulk), before training and after. The
//! claim is that the count grows with N, so that theory for a signal of fixed rank does not suffice.
//!
//! The count depends on the protocol and the number of epochs, so they stand with every count.

mod count;
mod growth;
mod output;
mod sweep;

pub use count::Counted;
pub use growth::{
    Growth, GrowthError, LEVEL, Observation, Slope, growth, least_level, passing_shuffles,
};
pub use output::{csv, json, picture, text};
pub use sweep::{Hooks, NetRecord, Quiet, Sweep, SweepError, run};

use crate::network::training::Protocol;
use serde::Serialize;
use thiserror::Error;

/// Wider layers would not fit into the memory of the machines this is for: weights, velocities and
/// what is computed with them take some 50 bytes an entry, 5 GB.
pub const WIDEST: usize = 10_000;

/// What is trained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    widths: Vec<usize>,
    epochs: usize,
    seeds: usize,
    protocol: Protocol,
    epoch: u64,
}

/// Why a sweep is none.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SettingsError {
    /// Nothing to train.
    #[error("no widths given")]
    NoWidths,
    /// A width that no layer has.
    #[error("a width must be in 2, …, {WIDEST}, not {width}")]
    WidthInvalid {
        /// As given.
        width: usize,
    },
    /// A width twice.
    #[error("width {width} is given twice; --seeds trains more than one net of each width")]
    WidthRepeated {
        /// As given.
        width: usize,
    },
    /// Untrained nets are looked at anyway.
    #[error("at least one epoch is needed")]
    NoEpochs,
    /// Nothing to train.
    #[error("at least one seed is needed")]
    NoSeeds,
}

impl Settings {
    /// Nets of each width, in ascending order, `seeds` of each; `epoch` is the root of all streams.
    ///
    /// # Errors
    /// When nothing is to be trained, or a width is no width.
    pub fn new(
        mut widths: Vec<usize>,
        epochs: usize,
        seeds: usize,
        protocol: Protocol,
        epoch: u64,
    ) -> Result<Self, SettingsError> {
        widths.sort_unstable();
        if widths.is_empty() {
            return Err(SettingsError::NoWidths);
        }
        if let Some(width) = widths.iter().find(|width| !(2..=WIDEST).contains(*width)) {
            return Err(SettingsError::WidthInvalid { width: *width });
        }
        if let Some(pair) = widths.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(SettingsError::WidthRepeated { width: pair[0] });
        }
        if epochs == 0 {
            return Err(SettingsError::NoEpochs);
        }
        if seeds == 0 {
            return Err(SettingsError::NoSeeds);
        }
        Ok(Self {
            widths,
            epochs,
            seeds,
            protocol,
            epoch,
        })
    }

    /// Widths N, ascending.
    #[must_use]
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// Epochs of each net.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// Nets of each width.
    #[must_use]
    pub fn seeds(&self) -> usize {
        self.seeds
    }

    /// How nets are trained.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Root of all streams.
    #[must_use]
    pub fn root(&self) -> u64 {
        self.epoch
    }
}
