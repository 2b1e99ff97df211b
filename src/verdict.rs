//! Verdicts: CONFIRMED, REFUTED, UNDECIDED.
//!
//! Rules and the proof of their two error rates: `docs/derivations/verdicts.md`.

use crate::confidence::rounding::{add_down, add_up};
use crate::confidence::{Confidence, ConfidenceError, Grade, interval};
use crate::design::{Cell, Experiment, Levels, grade_of};
use crate::evidence::{Evidence, EvidenceError, Progress, Streams};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

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

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Confirmed => "CONFIRMED",
            Self::Refuted => "REFUTED",
            Self::Undecided => "UNDECIDED",
        })
    }
}

impl Verdict {
    /// The verdict on one cell: REFUTED when I misses θ ± τ0, else CONFIRMED when I ⊂ θ ± τ.
    ///
    /// With d = |x̂ − θ|: misses means d − h > τ0, inside means d + h ≤ τ, both rounded towards
    /// UNDECIDED.
    #[must_use]
    pub fn of_cell(theory: f64, inner: f64, outer: f64, interval: &Confidence) -> Self {
        if !interval.is_valid() {
            return Self::Undecided;
        }
        let (x, h) = (interval.estimate, interval.halfwidth);
        let (above, below) = (add_down(x, -theory), add_down(theory, -x));
        let (most_above, most_below) = (add_up(x, -theory), add_up(theory, -x));
        if add_down(above.max(below), -h) > inner {
            Self::Refuted
        } else if add_up(most_above.max(most_below), h) <= outer {
            Self::Confirmed
        } else {
            Self::Undecided
        }
    }

    /// The verdict on a claim: REFUTED if any cell is, CONFIRMED if all are, else UNDECIDED.
    #[must_use]
    pub fn of_claim(cells: impl IntoIterator<Item = Self>) -> Self {
        cells
            .into_iter()
            .fold(Self::Confirmed, |so_far, cell| match (so_far, cell) {
                (Self::Refuted, _) | (_, Self::Refuted) => Self::Refuted,
                (Self::Undecided, _) | (_, Self::Undecided) => Self::Undecided,
                _ => Self::Confirmed,
            })
    }
}

/// A cell with its interval and verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The interval of the cell's quantity.
    pub confidence: Confidence,
    /// Replicates (the smallest number among the inputs).
    pub replicates: u64,
    /// The verdict.
    pub verdict: Verdict,
}

/// Why a cell could not be judged.
#[derive(Debug, Error)]
pub enum TrialError {
    /// No evidence.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// No interval.
    #[error("cell {cell}: {source}")]
    Confidence {
        /// The cell.
        cell: String,
        /// Why.
        source: ConfidenceError,
    },
    /// The estimator's map left the finite numbers.
    #[error("cell {cell}: the estimator returned {estimate} ± {halfwidth}")]
    EstimatorNotFinite {
        /// The cell.
        cell: String,
        /// Its estimate.
        estimate: f64,
        /// Its halfwidth.
        halfwidth: f64,
    },
}

/// Judges one cell on the evidence at hand.
pub fn judge(
    cell: &Cell,
    experiments: &[Experiment],
    evidence: &Evidence,
    levels: &Levels,
) -> Result<Judged, TrialError> {
    let level = levels.input(cell, experiments);
    let inputs = cell
        .estimator
        .inputs
        .iter()
        .map(|&input| {
            let tail = &experiments[input.experiment].observables[input.observable].tail;
            interval(tail, evidence.summary(input), level)
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| TrialError::Confidence {
            cell: cell.label(),
            source,
        })?;
    let confidence = cell.estimator.estimate(&inputs);
    if !confidence.is_valid() {
        return Err(TrialError::EstimatorNotFinite {
            cell: cell.label(),
            estimate: confidence.estimate,
            halfwidth: confidence.halfwidth,
        });
    }
    let weakest = cell
        .estimator
        .inputs
        .iter()
        .map(|&input| grade_of(&experiments[input.experiment].observables[input.observable].tail))
        .max()
        .unwrap_or(Grade::Identity);
    Ok(Judged {
        // A map cannot make an interval better than the ones it came from.
        confidence: Confidence {
            grade: confidence.grade.max(weakest),
            ..confidence
        },
        replicates: cell
            .estimator
            .inputs
            .iter()
            .map(|input| evidence.replicates(input.experiment))
            .min()
            .unwrap_or(0),
        verdict: Verdict::of_cell(cell.theory, cell.inner, cell.outer, &confidence),
    })
}

/// A finished sequence of looks.
#[derive(Debug)]
pub struct Trial {
    /// The verdict over all cells, at the last look.
    pub verdict: Verdict,
    /// Looks taken.
    pub looks: u32,
    /// The cells at the last look, in order.
    pub cells: Vec<Judged>,
    /// What was drawn.
    pub evidence: Evidence,
}

/// What a look led to.
#[derive(Debug)]
pub enum Looked {
    /// A verdict, or no look is left.
    Decided(Trial),
    /// Undecided: the next look adds to this evidence.
    Again(Evidence),
}

impl Trial {
    /// Looks until confirmed or refuted, at most `looks` times; replicates double each time.
    pub fn run(
        cells: &[&Cell],
        experiments: &[Experiment],
        levels: &Levels,
        looks: u32,
        streams: &Streams<'_>,
        progress: &dyn Progress,
    ) -> Result<Self, TrialError> {
        let mut evidence = Evidence::none(experiments);
        for look in 1.. {
            evidence.extend(experiments, look, streams, progress)?;
            let last = look >= looks;
            match Self::look(cells, experiments, levels, (look, last), evidence)? {
                Looked::Decided(trial) => return Ok(trial),
                Looked::Again(so_far) => evidence = so_far,
            }
        }
        unreachable!("looks are finite")
    }

    /// Judges evidence that is complete to a look; `last` when no further one is planned.
    pub fn look(
        cells: &[&Cell],
        experiments: &[Experiment],
        levels: &Levels,
        (look, last): (u32, bool),
        evidence: Evidence,
    ) -> Result<Looked, TrialError> {
        let judged = judge_all(cells, experiments, &evidence, levels)?;
        let verdict = Verdict::of_claim(judged.iter().map(|cell| cell.verdict));
        Ok(if verdict == Verdict::Undecided && !last {
            Looked::Again(evidence)
        } else {
            Looked::Decided(Self {
                verdict,
                looks: look,
                cells: judged,
                evidence,
            })
        })
    }
}

/// Judges a list of cells in order.
pub fn judge_all(
    cells: &[&Cell],
    experiments: &[Experiment],
    evidence: &Evidence,
    levels: &Levels,
) -> Result<Vec<Judged>, TrialError> {
    cells
        .iter()
        .map(|cell| judge(cell, experiments, evidence, levels))
        .collect()
}
