//! The ledger: everything that was judged, as data. Format of `ledger.json`.

use crate::claim::Strength;
use crate::confidence::Grade;
use crate::design::Side;
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};

/// One run of the suite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Version of the crate.
    pub version: String,
    /// Epoch: the root of all seeds.
    pub epoch: u64,
    /// `quick`, `standard` or `deep`.
    pub tier: String,
    /// Error budget.
    pub budget: Budget,
    /// One record a claim, in the order of the registry.
    pub claims: Vec<ClaimRecord>,
}

/// The error budget of the suite and what this run spent of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Probability that a run of the whole suite refutes any true claim.
    pub suite: f64,
    /// Sum of the levels of the claims that ran.
    pub spent: f64,
}

/// Where a statement is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// Citation key.
    pub work: String,
    /// Place inside the work.
    pub locus: String,
}

/// A judged claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimRecord {
    /// Claim id.
    pub id: String,
    /// The statement in plain text.
    pub statement: String,
    /// Its source.
    pub source: SourceRecord,
    /// Its strength.
    pub strength: Strength,
    /// The verdict over all cells.
    pub verdict: Verdict,
    /// Looks taken (0 when the design check failed and nothing was drawn).
    pub looks: u32,
    /// Level spent on the claim.
    pub alpha: f64,
    /// Cells.
    pub cells: Vec<CellRecord>,
    /// Rivals.
    pub rivals: Vec<RivalRecord>,
}

/// A judged cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellRecord {
    /// Ensemble.
    pub law: String,
    /// Signal.
    pub signal: String,
    /// Matrix size.
    pub n: usize,
    /// Spectral point, part, or spike.
    pub point: String,
    /// Theory value.
    pub theory: f64,
    /// Estimate.
    pub estimate: f64,
    /// Halfwidth of the confidence interval.
    pub halfwidth: f64,
    /// Inner tolerance.
    pub inner: f64,
    /// Outer tolerance.
    pub outer: f64,
    /// Replicates drawn (the smallest number among the inputs).
    pub replicates: u64,
    /// Grade of the interval.
    pub grade: Grade,
    /// Verdict.
    pub verdict: Verdict,
}

/// A judged rival.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RivalRecord {
    /// Name.
    pub name: String,
    /// What it gets wrong.
    pub side: Side,
    /// Largest distance between where its estimate is and its theory value, over its cells.
    pub distance: f64,
    /// Its verdict; anything but REFUTED fails the suite.
    pub verdict: Verdict,
}
