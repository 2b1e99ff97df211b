//! What a run will cost, before it starts: designs tell the replicates, a few of them the seconds.

use super::clock::CoreClock;
use super::plans::{Planned, Plans};
use super::simulate::{Batch, ClaimWork, Machine, Work};
use super::{Hooks, Settings, SuiteError};
use crate::claims::Claim;
use crate::design::Experiment;
use crate::evidence::{EvidenceError, Unit, streams};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// An experiment is timed for so many seconds, if its first replicates do not take longer.
const PROBE: f64 = 0.2;

/// Replicates that are timed at most.
const MOST_PROBED: u64 = 1024;

/// Cost of one claim at its first look. Each further look doubles the replicates drawn so far; few
/// claims ever need one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimCost {
    /// Claim id.
    pub id: String,
    /// Core-seconds to build and check the plan, once a process.
    pub planning: f64,
    /// What is drawn, rivals included.
    pub experiments: Vec<ExperimentCost>,
}

/// Cost of one experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExperimentCost {
    /// `claim`, or the name of the rival that draws it.
    pub stage: String,
    /// Law.
    pub law: String,
    /// Signal.
    pub signal: String,
    /// Matrix size N.
    pub n: usize,
    /// Replicates.
    pub replicates: u64,
    /// Units of work that they are cut into.
    pub units: u64,
    /// Core-seconds of a replicate, as timed.
    pub seconds: f64,
    /// Replicates that were timed.
    pub timed: u64,
}

impl ExperimentCost {
    /// Core-seconds in all.
    #[must_use]
    pub fn core_seconds(&self) -> f64 {
        self.replicates as f64 * self.seconds
    }

    /// Core-seconds of its largest unit.
    #[must_use]
    pub fn unit_seconds(&self) -> f64 {
        self.replicates.div_ceil(self.units.max(1)) as f64 * self.seconds
    }
}

impl ClaimCost {
    /// Core-seconds in all.
    #[must_use]
    pub fn core_seconds(&self) -> f64 {
        self.planning
            + self
                .experiments
                .iter()
                .map(ExperimentCost::core_seconds)
                .sum::<f64>()
    }

    /// Units of work.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.experiments.iter().map(|e| e.units).sum()
    }

    /// Replicates.
    #[must_use]
    pub fn replicates(&self) -> u64 {
        self.experiments.iter().map(|e| e.replicates).sum()
    }

    /// Core-seconds of its largest unit.
    #[must_use]
    pub fn longest_unit(&self) -> f64 {
        let units = self.experiments.iter().map(ExperimentCost::unit_seconds);
        units.fold(0.0, f64::max)
    }
}

/// The work that a run of these costs has to do, the claim of the costliest units first, for [`simulate`](super::simulate::simulate).
#[must_use]
pub fn work(costs: &[ClaimCost]) -> Work {
    let batch = |experiment: &ExperimentCost| Batch {
        units: experiment.units,
        seconds: experiment.core_seconds() / experiment.units.max(1) as f64,
    };
    let claim = |cost: &ClaimCost| ClaimWork {
        opening: cost.planning,
        trials: cost
            .experiments
            .chunk_by(|a, b| a.stage == b.stage)
            .map(|trial| trial.iter().map(batch).collect())
            .collect(),
        judging: 0.0,
    };
    let mut costs: Vec<&ClaimCost> = costs.iter().collect();
    costs.sort_by(|a, b| b.longest_unit().total_cmp(&a.longest_unit()));
    Work {
        claims: costs.into_iter().map(claim).collect(),
    }
}

/// Processes of an MPI job with overheads as measured (`docs/scaling.md`, section 6), doubled.
#[must_use]
pub fn cluster_of(ranks: usize) -> Machine {
    Machine {
        latency: 400e-6,
        handling: 40e-6,
        per_unit: 40e-6,
        ..Machine::ideal(ranks)
    }
}

/// The cost of claims at a tier, with replicates timed on all threads of the current pool, as a run
/// would use them.
///
/// The replicates that are timed have streams of their own: nothing that the run will see is drawn.
///
/// # Errors
/// When a replicate fails, or the hooks ask to stop.
pub fn costs(
    claims: &[Claim],
    settings: &Settings,
    hooks: &dyn Hooks,
) -> Result<Vec<ClaimCost>, SuiteError> {
    let plans = Plans::new(claims, settings);
    let mut costs = vec![];
    for (index, claim) in claims.iter().enumerate() {
        hooks.claim_started(claim.statement.id, index, claims.len());
        hooks.stage_started(claim.statement.id, "claim");
        let clock = CoreClock::start();
        let planned = plans.of(index);
        let planning = clock.seconds();
        let drawn: Vec<(usize, usize)> = planned
            .trials()
            .into_iter()
            .flat_map(|trial| {
                (0..planned.experiments(trial).len()).map(move |experiment| (trial, experiment))
            })
            .collect();
        let experiments = drawn
            .par_iter()
            .map(|&(trial, experiment)| cost(&planned, trial, experiment, hooks))
            .collect::<Result<_, _>>();
        costs.push(ClaimCost {
            id: claim.statement.id.into(),
            planning,
            experiments: experiments.map_err(|error| match error {
                EvidenceError::Cancelled => SuiteError::Cancelled,
                source => SuiteError::NotTimed {
                    claim: claim.statement.id.into(),
                    source,
                },
            })?,
        });
    }
    Ok(costs)
}

fn cost(
    planned: &Planned,
    trial: usize,
    index: usize,
    hooks: &dyn Hooks,
) -> Result<ExperimentCost, EvidenceError> {
    let experiments = planned.experiments(trial);
    let experiment = &experiments[index];
    let units = Unit::all(experiments, 1);
    let units = units.iter().filter(|unit| unit.experiment == index);
    let (seconds, timed) = time(planned, experiment, hooks)?;
    let Experiment { law, signal, n, .. } = experiment;
    Ok(ExperimentCost {
        stage: planned.stage(trial).into(),
        law: law.clone(),
        signal: signal.clone(),
        n: *n,
        replicates: experiment.replicates as u64,
        units: units.count() as u64,
        seconds,
        timed,
    })
}

/// Core-seconds of a replicate, and of how many this is the mean.
fn time(
    planned: &Planned,
    experiment: &Experiment,
    hooks: &dyn Hooks,
) -> Result<(f64, u64), EvidenceError> {
    let stream = format!("{}, timed", planned.claim.statement.id);
    let generators = streams(0, &stream)(experiment);
    let together = experiment.replicate.group_size(experiment.n).max(1) as u64;
    // Replicate 0 is certified, which costs more and happens once.
    let (mut first, mut seconds, mut timed) = (1, 0.0, 0);
    while timed == 0 || (seconds < PROBE && timed < MOST_PROBED) {
        let unit = Unit {
            experiment: 0,
            first,
            count: together,
        };
        let clock = CoreClock::start();
        unit.draw(experiment, &generators, &|_| (), &|| hooks.cancelled())?;
        let spent = clock.seconds();
        // The first draws pay for memory and caches that the others find ready.
        if first > 1 || spent > PROBE {
            seconds += spent;
            timed += together;
        }
        first += together;
    }
    Ok((seconds / timed as f64, timed))
}
