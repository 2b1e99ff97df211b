//! One claim on the bench: its trials as their units come in, then its record.

use super::clock::CoreClock;
use super::plans::Planned;
use super::task::Task;
use super::{Failure, budget, record};
use crate::confidence::Summary;
use crate::design::{Cell, LOOKS, Levels, Rival};
use crate::evidence::{Evidence, EvidenceError, Unit};
use crate::ledger::ClaimRecord;
use crate::verdict::{Judged, Looked, Trial, TrialError, Verdict, judge_all};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// A claim whose trials are under way.
#[derive(Debug)]
pub(super) struct Bench {
    claim: usize,
    planned: Arc<Planned>,
    record: ClaimRecord,
    failures: Vec<Failure>,
    drawing: BTreeMap<usize, Drawing>,
    decided: BTreeMap<usize, Result<Trial, TrialError>>,
    opened: Instant,
    seconds: f64,
}

/// A trial in the middle of a look.
#[derive(Debug)]
struct Drawing {
    look: u32,
    missing: usize,
    evidence: Evidence,
    /// Of the first unit that failed, in the order of the units.
    failed: Option<(Unit, EvidenceError)>,
}

/// What became of a claim.
#[derive(Debug)]
pub(super) struct Closed {
    pub record: ClaimRecord,
    pub failures: Vec<Failure>,
    pub replicates: u64,
    /// Core-seconds.
    pub seconds: f64,
    pub opened: Instant,
}

impl Bench {
    /// A claim with the tasks of its first look; none when its design does not hold. `opened` and
    /// `clock` are from before its plan was made.
    pub fn open(
        claim: usize,
        planned: Arc<Planned>,
        (opened, clock): (Instant, CoreClock),
    ) -> (Self, Vec<Task>) {
        let alpha = budget::share();
        let plan = &planned.plan;
        let (levels, rivals) = match planned.planted {
            Some(rival) => {
                let rival = &plan.rivals[rival];
                (
                    rival.levels(alpha, LOOKS, plan.experiments_of(rival)),
                    &[][..],
                )
            }
            None => (
                Levels::new(alpha, LOOKS, &plan.cells, &plan.experiments),
                &plan.rivals[..],
            ),
        };
        let mut bench = Self {
            claim,
            record: record::undrawn(&planned.claim.statement, levels.spent(), rivals),
            failures: vec![],
            drawing: BTreeMap::new(),
            decided: BTreeMap::new(),
            opened,
            seconds: 0.0,
            planned: Arc::clone(&planned),
        };
        if let Err(source) = plan.check(alpha, LOOKS) {
            let claim = bench.record.id.clone();
            bench.failures.push(Failure::Design { claim, source });
            return (bench, vec![]);
        }
        let mut tasks = vec![];
        for trial in planned.trials() {
            let evidence = Evidence::none(planned.experiments(trial));
            tasks.extend(bench.begin(trial, 1, evidence));
        }
        bench.seconds = clock.seconds();
        (bench, tasks)
    }

    fn begin(&mut self, trial: usize, look: u32, evidence: Evidence) -> Vec<Task> {
        let tasks = self.planned.tasks(self.claim, trial, look);
        let drawing = Drawing {
            look,
            missing: tasks.len(),
            evidence,
            failed: None,
        };
        self.drawing.insert(trial, drawing);
        tasks
    }

    /// The result of a task, and the core-seconds that it took; the tasks of the next look, if this
    /// one was the last that the trial waited for and left it undecided.
    ///
    /// # Panics   when the task was not handed out
    pub fn add(
        &mut self,
        task: &Task,
        result: Result<Vec<Summary>, EvidenceError>,
        seconds: f64,
    ) -> Vec<Task> {
        self.seconds += seconds;
        let drawing = self.drawing.get_mut(&task.trial);
        let drawing = drawing.expect("a task belongs to a trial that is drawing");
        drawing.missing -= 1;
        match result {
            Ok(summaries) => drawing.evidence.add(task.unit, summaries),
            Err(error) => match &drawing.failed {
                Some((first, _)) if *first < task.unit => {}
                _ => drawing.failed = Some((task.unit, error)),
            },
        }
        if drawing.missing > 0 {
            return vec![];
        }
        let clock = CoreClock::start();
        let drawing = self.drawing.remove(&task.trial).expect("it is there");
        let (look, looked) = (drawing.look, self.look(task.trial, drawing));
        let tasks = match looked {
            Ok(Looked::Again(evidence)) => self.begin(task.trial, look + 1, evidence),
            Ok(Looked::Decided(trial)) => {
                self.decided.insert(task.trial, Ok(trial));
                vec![]
            }
            Err(error) => {
                self.decided.insert(task.trial, Err(error));
                vec![]
            }
        };
        self.seconds += clock.seconds();
        tasks
    }

    fn look(&self, trial: usize, drawing: Drawing) -> Result<Looked, TrialError> {
        if let Some((_, error)) = drawing.failed {
            return Err(error.into());
        }
        let planned = &self.planned;
        let experiments = planned.experiments(trial);
        let look = drawing.look;
        let streams = planned.streams(trial);
        drawing.evidence.check(experiments, look, &streams)?;
        let alpha = budget::share();
        let (cells, levels) = match trial.checked_sub(1) {
            None => {
                let cells: Vec<&Cell> = planned.plan.cells.iter().collect();
                (
                    cells,
                    Levels::new(alpha, LOOKS, &planned.plan.cells, experiments),
                )
            }
            Some(rival) => {
                let rival = &planned.plan.rivals[rival];
                (cells_of(rival), rival.levels(alpha, LOOKS, experiments))
            }
        };
        let last = look >= LOOKS;
        Trial::look(&cells, experiments, &levels, (look, last), drawing.evidence)
    }

    /// Whether nothing is drawn any more.
    pub fn is_finished(&self) -> bool {
        self.drawing.is_empty()
    }

    /// The verdicts.
    pub fn close(mut self) -> Closed {
        let clock = CoreClock::start();
        let decided = std::mem::take(&mut self.decided);
        let replicates = decided
            .values()
            .flatten()
            .map(|trial| trial.evidence.total_replicates())
            .sum();
        let planned = Arc::clone(&self.planned);
        match planned.planted {
            Some(rival) => self.judge_planted(&planned.plan.rivals[rival], decided),
            None => self.judge(&planned, decided),
        }
        Closed {
            record: self.record,
            failures: self.failures,
            replicates,
            seconds: self.seconds + clock.seconds(),
            opened: self.opened,
        }
    }

    fn judge_planted(
        &mut self,
        rival: &Rival,
        decided: BTreeMap<usize, Result<Trial, TrialError>>,
    ) {
        let trial = decided.into_values().next();
        if let Some(trial) = trial.and_then(|trial| self.accept(trial, Some(rival))) {
            fill(&mut self.record, &cells_of(rival), &trial);
        }
    }

    fn judge(
        &mut self,
        planned: &Planned,
        mut decided: BTreeMap<usize, Result<Trial, TrialError>>,
    ) {
        let trial = decided.remove(&0);
        let Some(trial) = trial.and_then(|trial| self.accept(trial, None)) else {
            return;
        };
        let cells: Vec<&Cell> = planned.plan.cells.iter().collect();
        fill(&mut self.record, &cells, &trial);
        let mut records = Vec::with_capacity(planned.plan.rivals.len());
        for (index, rival) in planned.plan.rivals.iter().enumerate() {
            let judged = match decided.remove(&(1 + index)) {
                Some(own) => own.map(|trial| trial.cells),
                None => judge_all(
                    &cells_of(rival),
                    &planned.plan.experiments,
                    &trial.evidence,
                    &rival.levels(budget::share(), LOOKS, &planned.plan.experiments),
                ),
            };
            let (verdict, judged) = self.rival(rival, judged);
            records.push(record::of_rival(rival, verdict, &judged));
        }
        self.record.rivals = records;
    }

    /// The verdict on a rival and its cells; anything but REFUTED is a failure.
    fn rival(
        &mut self,
        rival: &Rival,
        judged: Result<Vec<Judged>, TrialError>,
    ) -> (Verdict, Vec<Judged>) {
        // Without cells its trial failed, which `accept` has noted.
        let Some(judged) = self.accept(judged, Some(rival)) else {
            return (Verdict::Undecided, Vec::new());
        };
        let verdict = Verdict::of_claim(judged.iter().map(|cell| cell.verdict));
        if verdict != Verdict::Refuted {
            self.failures.push(Failure::RivalSurvived {
                claim: self.record.id.clone(),
                rival: rival.name.clone(),
                verdict,
            });
        }
        (verdict, judged)
    }

    /// The value, or `None` after noting the error.
    fn accept<T>(&mut self, result: Result<T, TrialError>, rival: Option<&Rival>) -> Option<T> {
        result
            .map_err(|source| {
                self.failures.push(Failure::Trial {
                    claim: self.record.id.clone(),
                    rival: rival.map(|rival| rival.name.clone()),
                    source,
                });
            })
            .ok()
    }
}

fn cells_of(rival: &Rival) -> Vec<&Cell> {
    rival.cells.iter().map(|c| &c.cell).collect()
}

fn fill(record: &mut ClaimRecord, cells: &[&Cell], trial: &Trial) {
    record.verdict = trial.verdict;
    record.looks = trial.looks;
    record.cells = cells
        .iter()
        .zip(&trial.cells)
        .map(|(cell, judged)| record::of_cell(cell, judged))
        .collect();
}
