//! Verdicts: CONFIRMED, REFUTED, UNDECIDED.

use serde::{Deserialize, Serialize};

/// What was judged about a cell or a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every interval lies inside θ ± τ.
    Confirmed,
    /// Some interval misses θ ± τ0.
    Refuted,
    /// Neither.
    Undecided,
}
