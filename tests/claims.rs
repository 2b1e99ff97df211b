//! Every claim at the tier of `RMT_TIER` (default quick): its design, its cells, its rivals.
//!
//! Each test names what it asserts: `proposition_3_1::sharp::goe_n64`,
//! `rivals::proposition_3_1::variance_1_05`, `design::proposition_3_1`. A claim is judged once, when
//! the first of its tests runs.

use libtest_mimic::{Arguments, Failed, Trial};
use rayon::prelude::*;
use rmt_verify::claim::Strength;
use rmt_verify::claims::{self, Claim};
use rmt_verify::design::{LOOKS, Plan, Tier};
use rmt_verify::evidence::Silent;
use rmt_verify::ledger::{CellRecord, ClaimRecord};
use rmt_verify::suite::{Settings, Suite, budget};
use rmt_verify::verdict::Verdict;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// A claim with the record of its one run.
struct Judged {
    claim: Claim,
    tier: Tier,
    record: OnceLock<Result<ClaimRecord, String>>,
}

impl Judged {
    fn record(&self) -> Result<&ClaimRecord, Failed> {
        let run = || {
            let settings = Settings {
                tier: self.tier,
                ..Settings::default()
            };
            let outcome =
                Suite::run(&[self.claim], &settings, &Silent).map_err(|e| e.to_string())?;
            // Surviving rivals are the business of their own tests.
            let record = outcome.ledger.claims[0].clone();
            match outcome.failures.first() {
                Some(failure) if record.cells.is_empty() => Err(failure.to_string()),
                _ => Ok(record),
            }
        };
        self.record
            .get_or_init(run)
            .as_ref()
            .map_err(|e| Failed::from(e.as_str()))
    }
}

/// `proposition-3.1` → `proposition_3_1`, `k/N → 0.2` → `k_n_0_2`.
fn identifier(name: &str) -> String {
    let mut identifier = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() {
            identifier.extend(c.to_lowercase());
        } else if !identifier.is_empty() && !identifier.ends_with('_') {
            identifier.push('_');
        }
    }
    identifier.trim_end_matches('_').to_owned()
}

fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Exact => "exact",
        Strength::Sharp => "sharp",
        Strength::Trend => "trend",
    }
}

/// The ensembles and sizes that a plan's cells speak of, in order.
fn groups(plan: &Plan) -> Vec<(String, usize)> {
    let mut groups = vec![];
    for cell in &plan.cells {
        let group = (cell.law.clone(), cell.n);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

/// Tests of a claim that run nothing: the designs of its tiers.
const DESIGNS: usize = 3;

/// The designs of a claim, then what is judged.
fn trials_of(claim: Claim, tier: Tier) -> Vec<Trial> {
    let id = claim.statement.id;
    let name = identifier(id.split_once('/').map_or(id, |(_, short)| short));
    let plan = Arc::new((claim.plan)(tier));
    let judged = Arc::new(Judged {
        claim,
        tier,
        record: OnceLock::new(),
    });
    let mut trials = vec![];
    for designed in [Tier::Quick, Tier::Standard, Tier::Deep] {
        let test = if designed == tier {
            format!("design::{name}")
        } else {
            format!("design::{name}::{designed}")
        };
        let plan = Arc::clone(&plan);
        trials.push(Trial::test(test, move || {
            let checked = if designed == tier {
                plan.check(budget::share(), LOOKS)
            } else {
                (claim.plan)(designed).check(budget::share(), LOOKS)
            };
            checked.map_err(|e| e.to_string().into())
        }));
    }
    for (law, n) in groups(&plan) {
        let test = format!(
            "{name}::{}::{}_n{n}",
            strength(claim.statement.strength),
            identifier(&law)
        );
        let judged = Arc::clone(&judged);
        trials.push(Trial::test(test, move || {
            let record = judged.record()?;
            let cells = record.cells.iter().filter(|c| c.law == law && c.n == n);
            all_confirmed(cells)
        }));
    }
    for (index, rival) in plan.rivals.iter().enumerate() {
        let test = format!("rivals::{name}::{}", identifier(&rival.name));
        let judged = Arc::clone(&judged);
        trials.push(Trial::test(test, move || {
            let rival = &judged.record()?.rivals[index];
            match rival.verdict {
                Verdict::Refuted => Ok(()),
                verdict => Err(format!("\"{}\" is {verdict}", rival.name).into()),
            }
        }));
    }
    trials
}

fn all_confirmed<'a>(cells: impl Iterator<Item = &'a CellRecord>) -> Result<(), Failed> {
    let bad: Vec<String> = cells
        .filter(|cell| cell.verdict != Verdict::Confirmed)
        .map(|c| {
            format!(
                "{} {} N = {} {}: {} ± {} against {} within {} to {}: {}",
                c.law,
                c.signal,
                c.n,
                c.point,
                c.estimate,
                c.halfwidth,
                c.theory,
                c.inner,
                c.outer,
                c.verdict
            )
        })
        .collect();
    if bad.is_empty() {
        Ok(())
    } else {
        Err(bad.join("\n").into())
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tier = match Tier::from_environment() {
        Ok(tier) => tier,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let (mut first, mut others) = (vec![], vec![]);
    // Some plans compute for a second.
    let claims = claims::registry();
    let trials: Vec<_> = claims.par_iter().map(|&c| trials_of(c, tier)).collect();
    for mut trials in trials {
        // The first test that is judged runs the claim and the others wait for it: one of each claim
        // first, so that no thread of the harness waits while another claim could run.
        others.extend(trials.drain(..DESIGNS));
        let mut trials = trials.into_iter();
        first.extend(trials.next());
        others.extend(trials);
    }
    first.extend(others);
    libtest_mimic::run(&arguments, first).exit_code()
}
