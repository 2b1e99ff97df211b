//! Units of work: ranges of replicates that are drawn and summed as a whole.

use super::{EvidenceError, Generators, Place};
use crate::confidence::Summary;
use crate::design::{Experiment, ReplicateError, Tail};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Units that one look of one experiment is cut into at most: many times the processes that share
/// the work, so that none waits long for the last unit.
const MOST: u64 = 1 << 10;

/// Replicates of size N a unit holds at least: this over N. Handing out a unit costs microseconds,
/// a replicate at N = 16 hardly more.
const LEAST: u64 = 1 << 12;

/// The replicates `first`, …, `first + count − 1` of one experiment.
///
/// Where units begin and end follows from the experiment and the look. It must not depend on
/// anything else: sums are added up unit by unit, and another cut would round otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unit {
    /// Index of the experiment.
    pub experiment: usize,
    /// First replicate.
    pub first: u64,
    /// Number of replicates, at least 1.
    pub count: u64,
}

/// Replicates of an experiment up to a look; none at look 0.
pub(super) fn replicates_to(experiment: &Experiment, look: u32) -> u64 {
    match look {
        0 => 0,
        _ => (experiment.replicates as u64) << (look - 1),
    }
}

/// Empty summaries, one an observable.
pub(super) fn nothing(experiment: &Experiment) -> Vec<Summary> {
    let summary = |tail: &Tail| match tail {
        Tail::Variance { .. } => Summary::keeping_samples(),
        _ => Summary::new(),
    };
    let tails = experiment.observables.iter().map(|o| &o.tail);
    tails.map(summary).collect()
}

impl Unit {
    /// The units that a look (1, 2, …) adds, experiment by experiment in the order of the replicates.
    #[must_use]
    pub fn all(experiments: &[Experiment], look: u32) -> Vec<Self> {
        let mut units = vec![];
        for (index, experiment) in experiments.iter().enumerate() {
            let end = replicates_to(experiment, look);
            let mut first = replicates_to(experiment, look - 1);
            let length = Self::length(experiment, end - first);
            while first < end {
                let count = length.min(end - first);
                units.push(Self {
                    experiment: index,
                    first,
                    count,
                });
                first += count;
            }
        }
        units
    }

    /// Replicates of a unit, a multiple of those that are worth evaluating together.
    fn length(experiment: &Experiment, replicates: u64) -> u64 {
        let together = experiment.replicate.group_size(experiment.n).max(1) as u64;
        let least = LEAST / (experiment.n as u64).max(1);
        replicates
            .div_ceil(MOST)
            .max(least)
            .max(1)
            .next_multiple_of(together)
    }

    /// Draws the replicates: the summary of every observable, or the error of the first replicate
    /// that has one.
    ///
    /// `advanced` hears how many more replicates are done; `cancelled` is asked in between.
    pub fn draw(
        self,
        experiment: &Experiment,
        generator: &Generators<'_>,
        advanced: &(dyn Fn(u64) + Sync),
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Summary>, EvidenceError> {
        let mut summaries = nothing(experiment);
        let together = experiment.replicate.group_size(experiment.n).max(1);
        let indices: Vec<u64> = (self.first..self.first + self.count).collect();
        for group in indices.chunks(together) {
            if cancelled() {
                return Err(EvidenceError::Cancelled);
            }
            for values in draw_together(experiment, group, generator) {
                for (summary, value) in summaries.iter_mut().zip(values?) {
                    summary.push(value);
                }
            }
            advanced(group.len() as u64);
        }
        Ok(summaries)
    }
}

fn draw_together(
    experiment: &Experiment,
    indices: &[u64],
    generator: &Generators<'_>,
) -> Vec<Result<Vec<f64>, EvidenceError>> {
    let fresh = indices.iter().map(|&index| (generator(index), index));
    let mut units: Vec<(ChaCha8Rng, u64)> = fresh.collect();
    let starts: Vec<u128> = units.iter().map(|(rng, _)| rng.get_word_pos()).collect();
    let values = experiment.replicate.values(&mut units);
    let judged = units.iter().zip(starts).zip(values);
    judged
        .map(|(((rng, index), start), values)| {
            checked(experiment, *index, values, start != rng.get_word_pos())
        })
        .collect()
}

fn checked(
    experiment: &Experiment,
    replicate: u64,
    values: Result<Vec<f64>, ReplicateError>,
    drew: bool,
) -> Result<Vec<f64>, EvidenceError> {
    let place = || Place::of(experiment, replicate);
    let values = values.map_err(|source| EvidenceError::Replicate {
        place: place(),
        source,
    })?;
    if values.len() != experiment.observables.len() {
        return Err(EvidenceError::WrongLength {
            place: place(),
            found: values.len(),
            expected: experiment.observables.len(),
        });
    }
    for (observable, &value) in experiment.observables.iter().zip(&values) {
        if !value.is_finite() {
            return Err(EvidenceError::NotFinite {
                place: place(),
                observable: observable.name.clone(),
                value,
            });
        }
    }
    let random = experiment
        .observables
        .iter()
        .any(|observable| observable.tail != Tail::Certain);
    if random && !drew {
        return Err(EvidenceError::IgnoresGenerator { place: place() });
    }
    Ok(values)
}
