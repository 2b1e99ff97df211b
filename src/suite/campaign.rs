//! A suite in progress: hands out tasks, takes their results in any order, judges what is complete.
//!
//! Nothing here computes or communicates; [`super::threads`] and the cluster do. Results are added up
//! in an order of their own ([`crate::evidence::Evidence::add`]), so who computed what, and when,
//! leaves no trace in the ledger.

use super::bench::{Bench, Closed};
use super::clock::CoreClock;
use super::plans::Plans;
use super::store::Store;
use super::task::{Done, Shard, Task};
use super::{Hooks, Outcome, Settings, SuiteError, Timing, budget, lock};
use crate::claims::Claim;
use crate::confidence::Summary;
use crate::evidence::EvidenceError;
use crate::ledger::{Budget, Ledger};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Which tasks of a suite are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All, look by look, until every claim is judged.
    All,
    /// Those of one shard at the first look. Nothing is judged.
    Shard(Shard),
    /// None: what is known must do.
    Known,
}

pub(super) struct Campaign<'a> {
    pub plans: Plans<'a>,
    scope: Scope,
    /// In which order claims are opened.
    order: Vec<usize>,
    hooks: &'a dyn Hooks,
    store: Store,
    known: Mutex<HashMap<Task, Done>>,
    benches: Vec<Mutex<Option<Bench>>>,
    state: Mutex<State>,
    replicates_done: AtomicU64,
    replicates_due: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Queued>,
    /// Claims that were opened, or are being opened.
    opened: usize,
    closed: HashMap<usize, Closed>,
    /// Claims that are being opened and tasks that are not completed.
    out: usize,
    /// Tasks that are not known, where none is handed out.
    missing: u64,
    error: Option<SuiteError>,
}

#[derive(Debug)]
struct Queued {
    task: Task,
    /// Name of the trial that begins with this task.
    begins: Option<String>,
}

impl<'a> Campaign<'a> {
    pub fn new(
        claims: &'a [Claim],
        settings: &'a Settings,
        (scope, order): (Scope, Vec<usize>),
        hooks: &'a dyn Hooks,
        store: Store,
        known: HashMap<Task, Done>,
    ) -> Self {
        Self {
            order,
            plans: Plans::new(claims, settings),
            scope,
            hooks,
            store,
            known: Mutex::new(known),
            benches: claims.iter().map(|_| Mutex::default()).collect(),
            state: Mutex::default(),
            replicates_done: AtomicU64::new(0),
            replicates_due: AtomicU64::new(0),
        }
    }

    /// The next task to compute; `None` when there is none now. Further ones may come of results
    /// that are still out.
    pub fn take(&self) -> Option<Task> {
        loop {
            let opening = {
                let mut state = lock(&self.state);
                if state.error.is_some() || self.hooks.cancelled() {
                    return None;
                }
                if let Some(next) = state.queue.pop_front() {
                    if let Some(stage) = next.begins {
                        let id = self.plans.claims[next.task.claim].statement.id;
                        self.hooks.stage_started(id, &stage);
                    }
                    state.out += 1;
                    return Some(next.task);
                }
                if state.opened == self.plans.claims.len() {
                    return None;
                }
                state.opened += 1;
                state.out += 1;
                self.order[state.opened - 1]
            };
            self.open(opening);
            lock(&self.state).out -= 1;
        }
    }

    /// Tasks that wait to be taken, as far as claims are opened.
    pub fn waiting(&self) -> usize {
        lock(&self.state).queue.len()
    }

    /// Whether nothing is left to take and every result is in, or the run has to end.
    #[cfg(feature = "mpi")]
    pub fn is_over(&self) -> bool {
        let state = lock(&self.state);
        let all =
            state.opened == self.plans.claims.len() && state.queue.is_empty() && state.out == 0;
        all || state.error.is_some() || self.hooks.cancelled()
    }

    /// Whether it ends by an error.
    #[cfg(feature = "mpi")]
    pub fn has_failed(&self) -> bool {
        lock(&self.state).error.is_some()
    }

    fn open(&self, claim: usize) {
        let claims = self.plans.claims;
        self.hooks
            .claim_started(claims[claim].statement.id, claim, claims.len());
        let opened = (Instant::now(), CoreClock::start());
        let planned = self.plans.of(claim);
        if let Err(error) = self.store.agree(claim, &planned) {
            return self.fail(error);
        }
        let (bench, tasks) = Bench::open(claim, planned, opened);
        *lock(&self.benches[claim]) = Some(bench);
        self.hand_out(tasks, false);
        self.close_if_finished(claim);
    }

    /// Puts tasks into the queue, those of further looks at its head. What is known is taken from
    /// there instead.
    fn hand_out(&self, tasks: Vec<Task>, first: bool) {
        let mut news: Vec<Queued> = vec![];
        let mut known = vec![];
        let mut missing = 0;
        let (mut trial, mut place) = (None, 0);
        let mut before = lock(&self.known);
        for task in tasks {
            if trial != Some(task.trial) {
                (trial, place) = (Some(task.trial), 0);
            }
            let here = place;
            place += 1;
            let done = before.remove(&task);
            match self.scope {
                _ if done.is_some() => {}
                Scope::Shard(shard) if !shard.has(&task, here) => continue,
                Scope::Known => {
                    missing += 1;
                    continue;
                }
                _ => {}
            }
            self.replicates_due
                .fetch_add(task.unit.count, Ordering::Relaxed);
            if let Some(done) = done {
                known.push(done);
                continue;
            }
            let planned = || self.plans.of(task.claim).stage(task.trial).to_owned();
            news.push(Queued {
                task,
                begins: (here == 0 && !first).then(planned),
            });
        }
        drop(before);
        {
            let mut state = lock(&self.state);
            state.missing += missing;
            if first {
                news.into_iter()
                    .rev()
                    .for_each(|new| state.queue.push_front(new));
            } else {
                state.queue.extend(news);
            }
        }
        for done in known {
            self.advanced(done.task.unit.count);
            self.add(&done.task, Ok(done.summaries), done.seconds);
        }
    }

    /// More replicates are done.
    pub fn advanced(&self, count: u64) {
        let before = self.replicates_done.fetch_add(count, Ordering::Relaxed);
        let due = self.replicates_due.load(Ordering::Relaxed);
        self.hooks.advanced(before + count, due);
    }

    pub fn cancelled(&self) -> bool {
        self.hooks.cancelled()
    }

    /// The result of a task that was taken, with its core-seconds. A cancelled one is dropped.
    pub fn complete(&self, task: &Task, result: Result<Vec<Summary>, EvidenceError>, seconds: f64) {
        self.take_in(task, result, seconds);
        lock(&self.state).out -= 1;
    }

    fn take_in(&self, task: &Task, result: Result<Vec<Summary>, EvidenceError>, seconds: f64) {
        let result = match result {
            Err(EvidenceError::Cancelled) => return,
            Ok(summaries) => {
                let done = Done {
                    task: *task,
                    summaries,
                    seconds,
                };
                if let Err(error) = self.store.keep(&done) {
                    return self.fail(error);
                }
                Ok(done.summaries)
            }
            // Not kept: a run that goes on tries it again.
            Err(error) => Err(error),
        };
        self.add(task, result, seconds);
    }

    fn add(&self, task: &Task, result: Result<Vec<Summary>, EvidenceError>, seconds: f64) {
        let more = {
            let mut bench = lock(&self.benches[task.claim]);
            let bench = bench.as_mut().expect("its claim is open");
            bench.add(task, result, seconds)
        };
        if !more.is_empty() {
            self.hand_out(more, true);
        }
        self.close_if_finished(task.claim);
    }

    fn close_if_finished(&self, claim: usize) {
        let mut bench = lock(&self.benches[claim]);
        if !bench.as_ref().is_some_and(Bench::is_finished) {
            return;
        }
        let closed = bench.take().expect("it was just there").close();
        self.hooks
            .claim_finished(&closed.record, closed.opened.elapsed());
        lock(&self.state).closed.insert(claim, closed);
    }

    /// Ends the run.
    pub fn fail(&self, error: SuiteError) {
        lock(&self.state).error.get_or_insert(error);
    }

    /// What was found, when nothing is handed out any more and every result is in.
    pub fn finish(self) -> Result<Outcome, SuiteError> {
        let state = self.state.into_inner();
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        self.store.finish()?;
        if let Some(error) = state.error {
            return Err(error);
        }
        if self.hooks.cancelled() {
            return Err(SuiteError::Cancelled);
        }
        if let Scope::Shard(_) = self.scope {
            return Ok(Outcome::nothing(self.plans.settings));
        }
        if state.missing > 0 {
            return Err(SuiteError::Missing {
                units: state.missing,
            });
        }
        let mut outcome = Outcome::nothing(self.plans.settings);
        for claim in 0..self.plans.claims.len() {
            let closed = state.closed.remove(&claim).expect("every claim is judged");
            outcome.timings.push(Timing {
                claim: closed.record.id.clone(),
                seconds: closed.seconds,
                replicates: closed.replicates,
            });
            outcome.failures.extend(closed.failures);
            outcome.ledger.claims.push(closed.record);
        }
        let levels = outcome.ledger.claims.iter().map(|claim| claim.alpha);
        outcome.ledger.budget.spent = budget::spent(levels);
        Ok(outcome)
    }
}

impl Outcome {
    fn nothing(settings: &Settings) -> Self {
        Self {
            ledger: Ledger {
                version: env!("CARGO_PKG_VERSION").into(),
                epoch: settings.epoch,
                tier: settings.tier.name().into(),
                budget: Budget {
                    suite: budget::SUITE,
                    spent: 0.0,
                },
                claims: vec![],
            },
            timings: vec![],
            failures: vec![],
        }
    }
}
