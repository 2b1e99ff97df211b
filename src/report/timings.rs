//! How long a run took. Kept apart from the ledger, which is the same on every machine.

use crate::ledger::Ledger;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why timings cannot be read back.
#[derive(Debug, Error)]
#[error("cannot read {}: {reason}", path.display())]
pub struct NotTimings {
    /// The file.
    path: PathBuf,
    /// What the parser says.
    reason: serde_json::Error,
}

/// Times of one run. Format of `timings.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Threads used.
    pub jobs: usize,
    /// Samples (matrices or other random objects) drawn.
    pub samples: u64,
    /// Wall time of the whole run in seconds.
    pub seconds: f64,
    /// One entry a claim, in the order of the ledger.
    pub claims: Vec<ClaimTiming>,
}

/// What one claim cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimTiming {
    /// Claim id.
    pub id: String,
    /// Core-seconds, rivals included: claims overlap in time.
    pub seconds: f64,
}

impl Timings {
    /// Their name in the folder of a run.
    pub(super) const FILE: &str = "timings.json";

    /// The timings of the run in a folder, if they were kept.
    ///
    /// # Errors
    /// When the file is there but is not what a run writes.
    pub fn read(folder: &Path) -> Result<Option<Self>, NotTimings> {
        let path = folder.join(Self::FILE);
        let Ok(text) = std::fs::read_to_string(&path) else {
            return Ok(None);
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|reason| NotTimings { path, reason })
    }

    /// Those of runs that were put together into this ledger, as if one had followed the other.
    #[must_use]
    pub fn one_after_another(runs: &[Self], ledger: &Ledger) -> Self {
        let of = |id: &String| {
            let seconds = runs.iter().find_map(|run| run.of(id))?;
            let id = id.clone();
            Some(ClaimTiming { id, seconds })
        };
        Self {
            jobs: runs.iter().map(|run| run.jobs).max().unwrap_or(1),
            samples: runs.iter().map(|run| run.samples).sum(),
            seconds: runs.iter().map(|run| run.seconds).sum(),
            claims: ledger.claims.iter().filter_map(|c| of(&c.id)).collect(),
        }
    }

    /// The core-seconds of a claim, if they were measured.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<f64> {
        self.claims
            .iter()
            .find(|claim| claim.id == id)
            .map(|claim| claim.seconds)
    }
}
