//! One claim after the other: design check, trial, rivals, record.

use super::{Failure, Hooks, Outcome, Settings, SuiteError, Timing, budget, names, record};
use crate::claims::Claim;
use crate::confidence::rounding::add_up;
use crate::design::{Cell, LOOKS, Levels, Plan, Rival};
use crate::evidence::{EvidenceError, streams};
use crate::ledger::{Budget, ClaimRecord, Ledger};
use crate::verdict::{Judged, Trial, TrialError, Verdict, judge_all};
use std::time::Instant;

pub(super) fn run(
    claims: &[Claim],
    settings: &Settings,
    hooks: &dyn Hooks,
) -> Result<Outcome, SuiteError> {
    if let Some(name) = &settings.plant {
        check_planted(claims, settings, name)?;
    }
    let mut outcome = Outcome {
        ledger: Ledger {
            version: env!("CARGO_PKG_VERSION").into(),
            epoch: settings.epoch,
            tier: settings.tier.name().into(),
            budget: Budget {
                suite: budget::SUITE,
                spent: 0.0,
            },
            claims: Vec::with_capacity(claims.len()),
        },
        timings: Vec::with_capacity(claims.len()),
        failures: Vec::new(),
    };
    for (position, claim) in claims.iter().enumerate() {
        let started = Instant::now();
        hooks.claim_started(claim.statement.id, position, claims.len());
        let plan = (claim.plan)(settings.tier);
        let mut bench = Bench {
            claim,
            plan: &plan,
            alpha: budget::share(),
            epoch: settings.epoch,
            hooks,
            replicates: 0,
            failures: &mut outcome.failures,
        };
        let planted = settings
            .plant
            .as_ref()
            .and_then(|name| plan.rivals.iter().find(|rival| rival.name == *name));
        let record = match planted {
            Some(rival) => bench.plant(rival),
            None => bench.claim(),
        };
        let replicates = bench.replicates;
        if hooks.cancelled() {
            return Err(SuiteError::Cancelled);
        }
        hooks.claim_finished(&record, started.elapsed());
        let spent = &mut outcome.ledger.budget.spent;
        *spent = add_up(*spent, record.alpha).min(budget::SUITE);
        outcome.timings.push(Timing {
            claim: record.id.clone(),
            elapsed: started.elapsed(),
            replicates,
        });
        outcome.ledger.claims.push(record);
    }
    Ok(outcome)
}

fn check_planted(claims: &[Claim], settings: &Settings, name: &str) -> Result<(), SuiteError> {
    let rivals: Vec<String> = claims
        .iter()
        .flat_map(|claim| (claim.plan)(settings.tier).rivals)
        .map(|rival| rival.name)
        .collect();
    if rivals.iter().any(|rival| rival == name) {
        return Ok(());
    }
    Err(SuiteError::UnknownRival {
        name: name.into(),
        near: names::near(name, rivals.iter().map(String::as_str)),
    })
}

/// A claim on the bench, with what its judgement adds up to.
struct Bench<'a> {
    claim: &'a Claim,
    plan: &'a Plan,
    alpha: f64,
    epoch: u64,
    hooks: &'a dyn Hooks,
    replicates: u64,
    failures: &'a mut Vec<Failure>,
}

impl Bench<'_> {
    fn claim(&mut self) -> ClaimRecord {
        let plan = self.plan;
        let levels = Levels::new(self.alpha, LOOKS, &plan.cells, &plan.experiments);
        let mut record = record::undrawn(&self.claim.statement, levels.spent(), &plan.rivals);
        if let Err(source) = plan.check(self.alpha, LOOKS) {
            self.failures.push(Failure::Design {
                claim: record.id.clone(),
                source,
            });
            return record;
        }
        let cells: Vec<&Cell> = plan.cells.iter().collect();
        let id = self.claim.statement.id;
        self.hooks.stage_started(id, "claim");
        let trial = Trial::run(
            &cells,
            &plan.experiments,
            &levels,
            LOOKS,
            &streams(self.epoch, id),
            self.hooks,
        );
        let Some(trial) = self.accept(trial, None) else {
            return record;
        };
        self.replicates += trial.evidence.total_replicates();
        fill(&mut record, &cells, &trial);
        record.rivals = plan
            .rivals
            .iter()
            .map(|rival| {
                let (verdict, judged) = self.rival(rival, &trial);
                record::of_rival(rival, verdict, &judged)
            })
            .collect();
        record
    }

    /// Runs a rival as if it were the claim: its comparisons, its data.
    fn plant(&mut self, rival: &Rival) -> ClaimRecord {
        let levels = rival.levels(self.alpha, LOOKS, self.plan.experiments_of(rival));
        let mut record = record::undrawn(&self.claim.statement, levels.spent(), &[]);
        if let Err(source) = self.plan.check(self.alpha, LOOKS) {
            self.failures.push(Failure::Design {
                claim: record.id.clone(),
                source,
            });
            return record;
        }
        if let Some(trial) = self.run_rival(rival) {
            fill(&mut record, &cells_of(rival), &trial);
        }
        record
    }

    /// The verdict on a rival and its cells; anything but REFUTED is a failure.
    fn rival(&mut self, rival: &Rival, claim_trial: &Trial) -> (Verdict, Vec<Judged>) {
        let judged = if rival.experiments.is_empty() {
            let experiments = &self.plan.experiments;
            let levels = rival.levels(self.alpha, LOOKS, experiments);
            let judged = judge_all(
                &cells_of(rival),
                experiments,
                &claim_trial.evidence,
                &levels,
            );
            self.accept(judged, Some(rival))
        } else {
            self.run_rival(rival).map(|trial| trial.cells)
        };
        // Without cells its trial failed, which `accept` has noted.
        let Some(judged) = judged else {
            return (Verdict::Undecided, Vec::new());
        };
        let verdict = Verdict::of_claim(judged.iter().map(|cell| cell.verdict));
        if verdict != Verdict::Refuted {
            self.failures.push(Failure::RivalSurvived {
                claim: self.claim.statement.id.into(),
                rival: rival.name.clone(),
                verdict,
            });
        }
        (verdict, judged)
    }

    /// A rival's own looks: on data of its own, or on the claim's streams.
    fn run_rival(&mut self, rival: &Rival) -> Option<Trial> {
        let id = self.claim.statement.id;
        let stream = if rival.experiments.is_empty() {
            id.to_owned()
        } else {
            format!("{id}#{}", rival.name)
        };
        let experiments = self.plan.experiments_of(rival);
        self.hooks.stage_started(id, &rival.name);
        let trial = Trial::run(
            &cells_of(rival),
            experiments,
            &rival.levels(self.alpha, LOOKS, experiments),
            LOOKS,
            &streams(self.epoch, &stream),
            self.hooks,
        );
        let trial = self.accept(trial, Some(rival))?;
        self.replicates += trial.evidence.total_replicates();
        Some(trial)
    }

    /// The value, or `None` after noting the error. Cancelling is no failure of the claim.
    fn accept<T>(&mut self, result: Result<T, TrialError>, rival: Option<&Rival>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(TrialError::Evidence(EvidenceError::Cancelled)) => None,
            Err(source) => {
                self.failures.push(Failure::Trial {
                    claim: self.claim.statement.id.into(),
                    rival: rival.map(|rival| rival.name.clone()),
                    source,
                });
                None
            }
        }
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
