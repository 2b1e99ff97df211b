//! How long a run took. Kept apart from the ledger, which is the same on every machine.

use serde::{Deserialize, Serialize};

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
    /// The core-seconds of a claim, if they were measured.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<f64> {
        self.claims
            .iter()
            .find(|claim| claim.id == id)
            .map(|claim| claim.seconds)
    }
}
