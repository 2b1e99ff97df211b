//! Plans of claims, built when they are needed and forgotten when others are.

use super::clock::CoreClock;
use super::task::Task;
use super::{Settings, lock};
use crate::claims::Claim;
use crate::confidence::Summary;
use crate::design::{Experiment, Plan};
use crate::ensemble::digest;
use crate::evidence::{EvidenceError, Generators, Unit, streams};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock};

/// Plans that are held at a time: their closures own signals and tables of theory.
const HELD: usize = 8;

/// The plan of a claim and the trials that it is judged by.
#[derive(Debug)]
pub(super) struct Planned {
    /// The claim.
    pub claim: Claim,
    /// Its plan.
    pub plan: Plan,
    /// Index of the rival that stands in for the claim.
    pub planted: Option<usize>,
    epoch: u64,
}

impl Planned {
    fn new(claim: Claim, settings: &Settings) -> Self {
        let plan = (claim.plan)(settings.tier);
        let planted = settings
            .plant
            .as_ref()
            .and_then(|name| plan.rivals.iter().position(|rival| rival.name == *name));
        Self {
            claim,
            plan,
            planted,
            epoch: settings.epoch,
        }
    }

    /// The trials that draw something.
    pub fn trials(&self) -> Vec<usize> {
        if let Some(rival) = self.planted {
            return vec![1 + rival];
        }
        let rivals = self.plan.rivals.iter().enumerate();
        let drawing = rivals.filter(|(_, rival)| !rival.experiments.is_empty());
        let drawing = drawing.map(|(index, _)| 1 + index);
        std::iter::once(0).chain(drawing).collect()
    }

    /// `claim`, or the name of the rival.
    pub fn stage(&self, trial: usize) -> &str {
        match trial.checked_sub(1) {
            None => "claim",
            Some(rival) => &self.plan.rivals[rival].name,
        }
    }

    /// What a trial draws.
    pub fn experiments(&self, trial: usize) -> &[Experiment] {
        match trial.checked_sub(1) {
            None => &self.plan.experiments,
            Some(rival) => self.plan.experiments_of(&self.plan.rivals[rival]),
        }
    }

    /// Where a trial's random numbers come from: a rival without data of its own has the claim's.
    pub fn streams(
        &self,
        trial: usize,
    ) -> impl Fn(&Experiment) -> Generators<'static> + Sync + use<> {
        let id = self.claim.statement.id;
        let rival = trial.checked_sub(1).map(|rival| &self.plan.rivals[rival]);
        match rival {
            Some(rival) if !rival.experiments.is_empty() => {
                streams(self.epoch, &format!("{id}#{}", rival.name))
            }
            _ => streams(self.epoch, id),
        }
    }

    /// The tasks that a look adds to a trial, in order.
    pub fn tasks(&self, claim: usize, trial: usize, look: u32) -> Vec<Task> {
        Unit::all(self.experiments(trial), look)
            .into_iter()
            .map(|unit| Task { claim, trial, unit })
            .collect()
    }

    /// Hash of everything that says what a task means: two plans of one digest cut the same work.
    pub fn digest(&self) -> [u8; 32] {
        let mut text = self.claim.statement.id.to_owned();
        for trial in self.trials() {
            text += &format!("\n{}", self.stage(trial));
            for experiment in self.experiments(trial) {
                let Experiment { law, signal, n, .. } = experiment;
                text += &format!("\n{law}\t{signal}\t{n}\t{}", experiment.replicates);
                for observable in &experiment.observables {
                    text += &format!("\t{}", observable.name);
                }
            }
            for task in self.tasks(0, trial, 1) {
                text += &format!(" {}", task.unit.count);
            }
        }
        digest(text.as_bytes())
    }
}

/// The plans of a suite.
#[derive(Debug)]
pub(super) struct Plans<'a> {
    pub claims: &'a [Claim],
    pub settings: &'a Settings,
    /// The latest last.
    held: Mutex<VecDeque<(usize, Cell)>>,
}

type Cell = Arc<OnceLock<Arc<Planned>>>;

impl<'a> Plans<'a> {
    pub fn new(claims: &'a [Claim], settings: &'a Settings) -> Self {
        Self {
            claims,
            settings,
            held: Mutex::default(),
        }
    }

    /// The plan of the claim at this index.
    pub fn of(&self, claim: usize) -> Arc<Planned> {
        let cell = {
            let mut held = lock(&self.held);
            let found = held.iter().position(|(index, _)| *index == claim);
            let entry = match found {
                Some(place) => held.remove(place).expect("it was just found"),
                None => (claim, Cell::default()),
            };
            let cell = Arc::clone(&entry.1);
            held.push_back(entry);
            if held.len() > HELD {
                held.pop_front();
            }
            cell
        };
        // Outside the lock: some plans compute for a second.
        Arc::clone(cell.get_or_init(|| Arc::new(Planned::new(self.claims[claim], self.settings))))
    }

    /// Draws a task: the result, and core-seconds without those for the plan.
    pub fn draw(
        &self,
        task: &Task,
        advanced: &(dyn Fn(u64) + Sync),
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> (Result<Vec<Summary>, EvidenceError>, f64) {
        let planned = self.of(task.claim);
        let clock = CoreClock::start();
        let experiment = &planned.experiments(task.trial)[task.unit.experiment];
        let generators = planned.streams(task.trial)(experiment);
        let result = task.unit.draw(experiment, &generators, advanced, cancelled);
        (result, clock.seconds())
    }
}
