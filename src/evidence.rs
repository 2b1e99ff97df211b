//! Evidence: what the replicates said. The only loop over sizes and replicates is here.
//!
//! Every replicate has a generator of its own. Replicates are drawn in [`Unit`]s, whose bounds are a
//! function of the experiment alone; a unit is summed replicate by replicate, and the units are added
//! up in their order, in whatever order they arrive. So no number depends on threads, processes or
//! machines.

mod streams;
mod unit;

pub use streams::{Generators, Streams, streams};
pub use unit::Unit;

use crate::confidence::Summary;
use crate::design::{Experiment, Input, ReplicateError};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use thiserror::Error;

/// Where one replicate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Law of its experiment.
    pub law: String,
    /// Signal of its experiment.
    pub signal: String,
    /// Matrix size.
    pub n: usize,
    /// Index of the replicate.
    pub replicate: u64,
}

impl Place {
    fn of(experiment: &Experiment, replicate: u64) -> Self {
        Self {
            law: experiment.law.clone(),
            signal: experiment.signal.clone(),
            n: experiment.n,
            replicate,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}, {}, N = {}, replicate {}",
            self.law, self.signal, self.n, self.replicate
        )
    }
}

/// Why there is no evidence.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// The replicate itself failed.
    #[error("{place}: {source}")]
    Replicate {
        /// Which.
        place: Place,
        /// Why.
        source: ReplicateError,
    },
    /// More or fewer values than observables.
    #[error("{place}: {found} values for {expected} observables")]
    WrongLength {
        /// Which.
        place: Place,
        /// Values returned.
        found: usize,
        /// Observables declared.
        expected: usize,
    },
    /// NaN or an infinity.
    #[error("{place}: {observable} = {value}")]
    NotFinite {
        /// Which.
        place: Place,
        /// Name of the observable.
        observable: String,
        /// Its value.
        value: f64,
    },
    /// A replicate that draws nothing is no random variable, so M of them are not M.
    #[error("{place}: nothing was drawn from the generator")]
    IgnoresGenerator {
        /// Which.
        place: Place,
    },
    /// Two replicates got the same random numbers.
    #[error("{place}: same random numbers as replicate {earlier}")]
    RepeatedStream {
        /// The later one.
        place: Place,
        /// Index of the earlier one.
        earlier: u64,
    },
    /// What another process said of its failure.
    #[error("{message}")]
    Elsewhere {
        /// Its error in words.
        message: String,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// Told about progress from many threads at once.
pub trait Progress: Sync {
    /// `done` of `total` replicates of this look are finished.
    fn advanced(&self, done: u64, total: u64) {
        let _ = (done, total);
    }

    /// Whether to stop before the next replicate.
    fn cancelled(&self) -> bool {
        false
    }
}

/// No progress is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}

/// Summaries of all observables of all experiments.
#[derive(Debug, Clone)]
pub struct Evidence {
    collected: Vec<Collected>,
}

#[derive(Debug, Clone)]
struct Collected {
    /// Replicates that are summed: 0, …, this − 1.
    replicates: u64,
    /// One an observable.
    summaries: Vec<Summary>,
    /// Units that arrived before one that comes first, by their first replicate.
    early: BTreeMap<u64, (u64, Vec<Summary>)>,
}

impl Collected {
    /// Adds up what has no gap before it.
    fn settle(&mut self) {
        while let Some((count, summaries)) = self.early.remove(&self.replicates) {
            self.replicates += count;
            for (sum, later) in self.summaries.iter_mut().zip(&summaries) {
                sum.merge(later);
            }
        }
    }
}

impl Evidence {
    /// Nothing drawn yet.
    #[must_use]
    pub fn none(experiments: &[Experiment]) -> Self {
        let collected = experiments
            .iter()
            .map(|experiment| Collected {
                replicates: 0,
                summaries: unit::nothing(experiment),
                early: BTreeMap::new(),
            })
            .collect();
        Self { collected }
    }

    /// All replicates up to this look (1, 2, …): look l has 2^{l−1} times the first one's.
    pub fn collect(
        experiments: &[Experiment],
        look: u32,
        streams: &Streams<'_>,
        progress: &dyn Progress,
    ) -> Result<Self, EvidenceError> {
        let mut evidence = Self::none(experiments);
        for look in 1..=look {
            evidence.extend(experiments, look, streams, progress)?;
        }
        Ok(evidence)
    }

    /// The replicates that this look adds; indices go on, so the streams are fresh.
    ///
    /// # Panics   when the look before it is missing
    pub fn extend(
        &mut self,
        experiments: &[Experiment],
        look: u32,
        streams: &Streams<'_>,
        progress: &dyn Progress,
    ) -> Result<(), EvidenceError> {
        let units = Unit::all(experiments, look);
        let total = units.iter().map(|unit| unit.count).sum();
        let done = AtomicU64::new(0);
        let advanced = |count| {
            let before = done.fetch_add(count, Ordering::Relaxed);
            progress.advanced(before + count, total);
        };
        let generators: Vec<_> = experiments.iter().map(streams).collect();
        let drawn: Vec<_> = units
            .par_iter()
            .map(|unit| {
                let index = unit.experiment;
                let cancelled = || progress.cancelled();
                unit.draw(
                    &experiments[index],
                    &generators[index],
                    &advanced,
                    &cancelled,
                )
            })
            .collect();
        for (unit, summaries) in units.iter().zip(drawn) {
            self.add(*unit, summaries?);
        }
        self.check(experiments, look, streams)
    }

    /// What a unit yielded. Units may come in any order, each of them once.
    ///
    /// # Panics   when the unit is there already
    pub fn add(&mut self, unit: Unit, summaries: Vec<Summary>) {
        let collected = &mut self.collected[unit.experiment];
        let before = collected.early.insert(unit.first, (unit.count, summaries));
        assert!(
            before.is_none() && unit.first >= collected.replicates,
            "{unit:?} was added twice"
        );
        collected.settle();
    }

    /// That a look is complete and no two of its replicates got the same random numbers.
    ///
    /// # Panics   when replicates are missing
    pub fn check(
        &self,
        experiments: &[Experiment],
        look: u32,
        streams: &Streams<'_>,
    ) -> Result<(), EvidenceError> {
        for (experiment, collected) in experiments.iter().zip(&self.collected) {
            let expected = unit::replicates_to(experiment, look);
            assert_eq!(collected.replicates, expected, "replicates are missing");
            streams::check(experiment, expected, &streams(experiment))?;
        }
        Ok(())
    }

    /// Summary of an observable.
    ///
    /// # Panics   when the input is not one of the experiments' (the design check sees to it)
    #[must_use]
    pub fn summary(&self, input: Input) -> &Summary {
        &self.collected[input.experiment].summaries[input.observable]
    }

    /// Replicates of one experiment.
    #[must_use]
    pub fn replicates(&self, experiment: usize) -> u64 {
        self.collected[experiment].replicates
    }

    /// Replicates of all experiments.
    #[must_use]
    pub fn total_replicates(&self) -> u64 {
        self.collected.iter().map(|c| c.replicates).sum()
    }
}
