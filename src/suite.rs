//! The suite: all claims under one error budget, from registry to ledger.

mod bench;
pub mod budget;
mod campaign;
mod clock;
#[cfg(feature = "mpi")]
mod cluster;
mod cost;
pub mod journal;
mod names;
mod parts;
mod plans;
mod record;
mod run;
pub mod simulate;
mod store;
mod task;
mod threads;

#[cfg(feature = "mpi")]
pub use cluster::{Cluster, Traffic};
pub use cost::{ClaimCost, ExperimentCost, cluster_of, costs, work};
pub use parts::together;
pub use run::Run;
pub use store::journal_of;
pub use task::{Shard, ShardError};

use crate::claims::Claim;
use crate::design::{DesignError, Tier};
use crate::evidence::{EvidenceError, Progress, Silent};
use crate::ledger::{ClaimRecord, Ledger};
use crate::verdict::{TrialError, Verdict};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;

/// Panics in a replicate end the run; what is behind a lock is not touched after one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a suite is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which designs.
    pub tier: Tier,
    /// Root of all seeds.
    pub epoch: u64,
    /// Threads; `None` for as many as the machine has. No number depends on it.
    pub jobs: Option<usize>,
    /// Name of a rival that is run in place of each claim that lists it. It must be refuted.
    pub plant: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tier: Tier::Quick,
            epoch: 0,
            jobs: None,
            plant: None,
        }
    }
}

/// Told what the suite is doing, from many threads. Claims overlap: the next one begins when all work
/// of those before it is handed out. `advanced` counts the replicates of the claims that began.
pub trait Hooks: Progress {
    /// Claim `position` of `total` (from 0) begins.
    fn claim_started(&self, id: &str, position: usize, total: usize) {
        let _ = (id, position, total);
    }

    /// What begins to be drawn: `claim`, or the name of a rival with data of its own.
    fn stage_started(&self, id: &str, stage: &str) {
        let _ = (id, stage);
    }

    /// The claim is judged, so long after it began.
    fn claim_finished(&self, record: &ClaimRecord, elapsed: Duration) {
        let _ = (record, elapsed);
    }
}

impl Hooks for Silent {}

/// What kept a claim from being judged, or a rival from being refuted.
#[derive(Debug, Error)]
pub enum Failure {
    /// The design check refused the plan; nothing was drawn.
    #[error("{claim}: {source}")]
    Design {
        /// The claim.
        claim: String,
        /// Why.
        source: DesignError,
    },
    /// A replicate, an interval or an estimator failed.
    #[error("{claim}{}: {source}", of_rival(rival))]
    Trial {
        /// The claim.
        claim: String,
        /// The rival whose trial it was, if it was one.
        rival: Option<String>,
        /// Why.
        source: TrialError,
    },
    /// A wrong version was not refuted.
    #[error("{claim}: rival \"{rival}\" survived with verdict {verdict}")]
    RivalSurvived {
        /// The claim.
        claim: String,
        /// The rival.
        rival: String,
        /// Its verdict.
        verdict: Verdict,
    },
}

fn of_rival(rival: &Option<String>) -> String {
    match rival {
        Some(name) => format!(", rival \"{name}\""),
        None => String::new(),
    }
}

/// What one claim cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// Claim id.
    pub claim: String,
    /// Core-seconds, rivals included.
    pub seconds: f64,
    /// Replicates drawn, rivals included.
    pub replicates: u64,
}

/// Everything a run yields.
#[derive(Debug)]
#[must_use]
pub struct Outcome {
    /// What was judged: same bits for any number of threads.
    pub ledger: Ledger,
    /// What it cost; not in the ledger.
    pub timings: Vec<Timing>,
    /// What went wrong, in order.
    pub failures: Vec<Failure>,
}

impl Outcome {
    /// What finished runs found, as far as their ledger tells: with the rivals that survived, without
    /// the reasons why something could not be judged.
    pub fn of_ledger(ledger: Ledger) -> Self {
        let survived = |claim: &ClaimRecord| -> Vec<Failure> {
            let survivors = claim
                .surviving_rivals()
                .map(|rival| Failure::RivalSurvived {
                    claim: claim.id.clone(),
                    rival: rival.name.clone(),
                    verdict: rival.verdict,
                });
            survivors.collect()
        };
        Self {
            failures: ledger.claims.iter().flat_map(survived).collect(),
            ledger,
            timings: vec![],
        }
    }

    /// All claims confirmed, all rivals refuted, nothing went wrong.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
            && self
                .ledger
                .claims
                .iter()
                .all(|claim| claim.verdict == Verdict::Confirmed)
    }

    /// Replicates drawn by the whole run.
    #[must_use]
    pub fn replicates(&self) -> u64 {
        self.timings.iter().map(|timing| timing.replicates).sum()
    }
}

/// Why a suite does not run at all.
#[derive(Debug, Error)]
pub enum SuiteError {
    /// No such claim.
    #[error("unknown claim \"{id}\"{}", names::suggestion(near))]
    UnknownClaim {
        /// What was asked for.
        id: String,
        /// Claims with similar names.
        near: Vec<String>,
    },
    /// None of the claims lists such a rival.
    #[error("no claim lists the rival \"{name}\"{}", names::suggestion(near))]
    UnknownRival {
        /// What was asked for.
        name: String,
        /// Rivals with similar names.
        near: Vec<String>,
    },
    /// Two claims with one id would share their streams.
    #[error("two claims are called \"{id}\"")]
    ClaimNamedTwice {
        /// The id.
        id: String,
    },
    /// More claims than shares.
    #[error(transparent)]
    OverBudget(#[from] budget::OverBudget),
    /// `jobs` is 0.
    #[error("the number of jobs must be at least 1")]
    NoJobs,
    /// The operating system gave no threads.
    #[error("no threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The hooks asked to stop. What a journal holds by then is kept.
    #[error("cancelled")]
    Cancelled,
    /// A replicate failed when the cost of the claim was measured.
    #[error("{claim}: {source}")]
    NotTimed {
        /// The claim.
        claim: String,
        /// Why.
        source: EvidenceError,
    },
    /// The processes of an MPI job cannot work together.
    #[error("{0}")]
    Cluster(String),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
    /// A new run would bury one that can go on.
    #[error(
        "{} holds an unfinished run: `rmt-verify verify --resume {}` continues it; remove {} to begin again",
        folder.display(), folder.display(), journal_of(folder).display()
    )]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no journal.
    #[error("{} holds no unfinished run{}", folder.display(), if *complete { ": the ledger in it is complete" } else { "" })]
    NothingToResume {
        /// The folder.
        folder: PathBuf,
        /// Whether it holds a ledger.
        complete: bool,
    },
    /// The journal is that of another version of the crate.
    #[error(
        "{} was begun by version {found}; this is {}",
        folder.display(), env!("CARGO_PKG_VERSION")
    )]
    OtherVersion {
        /// The folder.
        folder: PathBuf,
        /// The version that began it.
        found: String,
    },
    /// Results were drawn by another plan: the program changed since.
    #[error(
        "{claim}: the results that were kept belong to another plan of this claim, of a program that differs from this one"
    )]
    OtherPlan {
        /// The claim.
        claim: String,
    },
    /// Folders that are to be merged are of different runs.
    #[error("{} and {} hold different runs", first.display(), other.display())]
    OtherRun {
        /// One folder.
        first: PathBuf,
        /// One that does not fit to it.
        other: PathBuf,
    },
    /// Finished runs that are to be put together have a claim in common.
    #[error("{claim} is judged both in {} and in {}", first.display(), other.display())]
    JudgedTwice {
        /// The claim.
        claim: String,
        /// One folder.
        first: PathBuf,
        /// Another one.
        other: PathBuf,
    },
    /// Not all of the work is there.
    #[error("{units} units of work are missing")]
    Missing {
        /// How many.
        units: u64,
    },
}

/// Runs claims.
#[derive(Debug, Clone, Copy)]
pub struct Suite;

impl Suite {
    /// The claims with these ids in the order of the registry; all of them when `ids` is empty.
    pub fn select(registry: &[Claim], ids: &[String]) -> Result<Vec<Claim>, SuiteError> {
        for id in ids {
            if !registry.iter().any(|claim| claim.statement.id == id) {
                return Err(SuiteError::UnknownClaim {
                    id: id.clone(),
                    near: names::near(id, registry.iter().map(|claim| claim.statement.id)),
                });
            }
        }
        Ok(registry
            .iter()
            .filter(|claim| ids.is_empty() || ids.iter().any(|id| id == claim.statement.id))
            .copied()
            .collect())
    }

    /// Judges the claims in memory: [`Run::new`] and [`Run::execute`].
    pub fn run(
        claims: &[Claim],
        settings: &Settings,
        hooks: &dyn Hooks,
    ) -> Result<Outcome, SuiteError> {
        Run::new(claims.to_vec(), settings.clone())?.execute(hooks)
    }
}
