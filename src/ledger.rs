//! The ledger: everything that was judged, as data. Format of `ledger.json`.
//!
//! A ledger holds nothing that depends on the machine, the clock or the number of threads, so
//! that two runs of one epoch give the same bytes. Timings live in
//! [`Timings`](crate::report::Timings).

use crate::claim::Strength;
use crate::confidence::Grade;
use crate::design::Side;
use crate::verdict::Verdict;
use serde::{Deserialize, Deserializer, Serialize};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a ledger cannot be read.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The file cannot be opened or read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The file is not a ledger.
    #[error("{} is not a ledger of this version: {reason}", path.display())]
    NotALedger {
        /// The file.
        path: PathBuf,
        /// What the parser says, with line and column.
        reason: serde_json::Error,
    },
}

impl Ledger {
    /// Claims with this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let has = |claim: &&ClaimRecord| claim.verdict == verdict;
        self.claims.iter().filter(has).count()
    }

    /// Rivals of all claims, and how many of them were not refuted.
    #[must_use]
    pub fn rivals_and_survivors(&self) -> (usize, usize) {
        let rivals = self.claims.iter().map(|claim| claim.rivals.len()).sum();
        let surviving = |claim: &ClaimRecord| claim.surviving_rivals().count();
        (rivals, self.claims.iter().map(surviving).sum())
    }

    /// The ledger as JSON text, indented, with a newline at the end.
    ///
    /// # Panics
    /// Never: every field has a JSON form (a number that is not finite becomes `null`).
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a ledger has only plain fields");
        text.push('\n');
        text
    }

    /// Reads `ledger.json`.
    ///
    /// # Errors
    /// When the file cannot be read, or does not have the fields of a ledger.
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        let text = std::fs::read_to_string(path).map_err(|reason| LedgerError::Unreadable {
            path: path.to_owned(),
            reason,
        })?;
        serde_json::from_str(&text).map_err(|reason| LedgerError::NotALedger {
            path: path.to_owned(),
            reason,
        })
    }
}

impl ClaimRecord {
    /// Whether the claim holds and every rival of it fails.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.verdict == Verdict::Confirmed && self.surviving_rivals().next().is_none()
    }

    /// The rivals that were not refuted.
    pub fn surviving_rivals(&self) -> impl Iterator<Item = &RivalRecord> {
        self.rivals
            .iter()
            .filter(|rival| rival.verdict != Verdict::Refuted)
    }

    /// The smallest margin of the cells, with the cell that has it; `None` when nothing was judged.
    #[must_use]
    pub fn tightest(&self) -> Option<(f64, &CellRecord)> {
        self.cells
            .iter()
            .filter(|cell| !cell.margin().is_nan())
            .map(|cell| (cell.margin(), cell))
            .min_by(|a, b| a.0.total_cmp(&b.0))
    }
}

impl CellRecord {
    /// 1 − (|x̂ − θ| + h)/τ: the way from the confidence interval to the bounds of agreement, as a
    /// share of τ.
    ///
    /// # Value   1 when a vanishing interval sits on θ, 0 at the bound, negative beyond it, NaN when
    /// nothing was estimated
    #[must_use]
    pub fn margin(&self) -> f64 {
        1.0 - self.in_tolerances((self.estimate - self.theory).abs() + self.halfwidth)
    }

    /// (|x̂ − θ| − h − τ0)/τ: how far the interval misses the inner tolerance, as a share of τ.
    /// Positive exactly when the cell refutes, up to rounding.
    #[must_use]
    pub fn miss(&self) -> f64 {
        self.in_tolerances((self.estimate - self.theory).abs() - self.halfwidth - self.inner)
    }

    /// A tolerance of 0 asks for equality: then any difference is infinitely far off.
    fn in_tolerances(&self, x: f64) -> f64 {
        if x == 0.0 { 0.0 } else { x / self.outer }
    }
}

/// JSON has no NaN: a cell that was never estimated (design check failed) holds `null`.
fn number_or_null<'de, D: Deserializer<'de>>(source: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(source)?.unwrap_or(f64::NAN))
}

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
    #[serde(deserialize_with = "number_or_null")]
    pub estimate: f64,
    /// Halfwidth of the confidence interval.
    #[serde(deserialize_with = "number_or_null")]
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
    #[serde(deserialize_with = "number_or_null")]
    pub distance: f64,
    /// Its verdict; anything but REFUTED fails the suite.
    pub verdict: Verdict,
    /// The cell in which it was refuted most clearly, or came nearest to it; `None` when it was
    /// not judged (or the ledger is older than this field).
    #[serde(default)]
    pub witness: Option<WitnessRecord>,
}

/// The clearest evidence against a rival.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WitnessRecord {
    /// Where the estimate converges to, by the right theory for the data that were drawn.
    #[serde(deserialize_with = "number_or_null")]
    pub expected: f64,
    /// How far off `expected` may be; large where only a bound is known.
    #[serde(default)]
    pub uncertainty: f64,
    /// The rival's comparison, with its estimate.
    pub cell: CellRecord,
}
