//! From plans to a ledger.

use crate::{cell, experiment, mean_cell, shifted_normal};
use rand_chacha::ChaCha8Rng;
use rmt_verify::claim::{Source, Statement, Strength};
use rmt_verify::claims::Claim;
use rmt_verify::confidence::Grade;
use rmt_verify::design::{
    Cell, DesignError, Estimator, Experiment, Input, LOOKS, Levels, Observable, Plan, Replicate,
    Rival, RivalCell, Side, Tail, Tier,
};
use rmt_verify::ensemble::open_uniform;
use rmt_verify::evidence::{Progress, Silent, streams};
use rmt_verify::suite::{Failure, Hooks, Outcome, Settings, Suite, SuiteError, budget};
use rmt_verify::verdict::{Trial, TrialError, Verdict};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const fn statement(id: &'static str) -> Statement {
    Statement {
        id,
        title: "Synthetic",
        statement: "The mean is what it is.",
        formula: "\\mathbb{E} X = \\theta",
        meaning: "The machinery works.",
        source: Source {
            work: "tests",
            locus: "tests/verdicts",
        },
        strength: Strength::Sharp,
    }
}

pub fn claim(id: &'static str, plan: fn(Tier) -> Plan) -> Claim {
    Claim {
        statement: statement(id),
        plan,
    }
}

/// A rival on the claim's samples: its theory value is off by `error`.
fn wrong_theory(name: &str, error: f64) -> Rival {
    Rival {
        name: name.into(),
        side: Side::Theory,
        experiments: vec![],
        cells: vec![RivalCell {
            cell: mean_cell(3.0 + error, 0.05, 0.4),
            expected: 3.0,
            uncertainty: 0.0,
        }],
    }
}

/// A rival with data of its own: their mean is off by `error`.
fn wrong_data(name: &str, error: f64) -> Rival {
    Rival {
        name: name.into(),
        side: Side::Data,
        experiments: vec![shifted_normal("normal", 3.0 + error, 2000)],
        cells: vec![RivalCell {
            cell: mean_cell(3.0, 0.05, 0.4),
            expected: 3.0 + error,
            uncertainty: 0.0,
        }],
    }
}

pub fn sound(_: Tier) -> Plan {
    Plan {
        experiments: vec![shifted_normal("normal", 3.0, 2000)],
        cells: vec![mean_cell(3.0, 0.05, 0.4)],
        rivals: vec![wrong_theory("theory + 1", 1.0), wrong_data("data + 1", 1.0)],
    }
}

/// Three means in one experiment, an identity, a contrast and an inequality.
pub fn varied(_: Tier) -> Plan {
    let three = Experiment {
        law: "three".into(),
        signal: "none".into(),
        n: 7,
        replicates: 4000,
        observables: vec![
            Observable {
                name: "bounded".into(),
                tail: Tail::Bounded {
                    lo: 0.0,
                    hi: 1.0,
                    design_variance: 1.0 / 12.0,
                },
                typical: 0.5,
            },
            Observable {
                name: "variance".into(),
                tail: Tail::Variance { bound: 1.0 / 12.0 },
                typical: 0.5,
            },
            Observable {
                name: "residual".into(),
                tail: Tail::Certain,
                typical: 0.0,
            },
            Observable {
                name: "event".into(),
                tail: Tail::Indicator,
                typical: 0.25,
            },
        ],
        replicate: Replicate::alone(|rng, _| {
            let (u, v) = (open_uniform(rng), open_uniform(rng));
            Ok(vec![
                u,
                v,
                (u + v - v - u).abs(),
                f64::from(u8::from(u < 0.25)),
            ])
        }),
    };
    let contrast = Estimator::contrast(&[(Input::new(0, 0), 1.0), (Input::new(0, 1), -1.0)]);
    let rival = |name: &str, theory: f64| Rival {
        name: name.into(),
        side: Side::Theory,
        experiments: vec![],
        cells: vec![RivalCell {
            cell: mean_cell(theory, 0.01, 0.2),
            expected: 0.5,
            uncertainty: 0.0,
        }],
    };
    let cells = vec![
        mean_cell(0.5, 0.01, 0.2),
        cell(0.0, 0.0, 0.3, contrast),
        cell(0.0, 0.0, 0.2, Estimator::excess(Input::new(0, 3), 0.3)),
        cell(2.0, 0.0, 0.3, Estimator::affine(Input::new(0, 1), 2.0, 1.0)),
        Cell::identity(std::slice::from_ref(&three), Input::new(0, 2), 1e-15),
    ];
    Plan {
        experiments: vec![three],
        cells,
        rivals: vec![rival("0.2", 0.2), rival("0.8", 0.8)],
    }
}

fn underpowered(tier: Tier) -> Plan {
    let mut plan = sound(tier);
    plan.experiments[0].replicates = 20;
    plan
}

/// The second rival says that its data are off, but they are not: nothing can refute it.
fn toothless(tier: Tier) -> Plan {
    let mut plan = sound(tier);
    plan.rivals[1].experiments = vec![shifted_normal("normal", 3.0, 2000)];
    plan
}

fn broken(tier: Tier) -> Plan {
    let mut plan = sound(tier);
    plan.experiments[0].replicate = Replicate::alone(|_, _| Err("no convergence".into()));
    plan
}

/// Says that the variance is a hundredth of what it is: the first intervals are too wide.
pub fn overoptimistic(tier: Tier) -> Plan {
    let tail = Tail::Bounded {
        lo: 0.0,
        hi: 6.0,
        design_variance: 0.09,
    };
    let mut plan = sound(tier);
    let draw = |rng: &mut ChaCha8Rng, _| if open_uniform(rng) < 0.5 { 0.0 } else { 6.0 };
    plan.experiments = vec![experiment("coin", 3600, tail, 3.0, draw)];
    plan.rivals = vec![wrong_theory("+ 2", 2.0), wrong_theory("- 2", -2.0)];
    plan
}

fn run(claims: &[Claim], settings: &Settings) -> Outcome {
    Suite::run(claims, settings, &Silent).unwrap()
}

#[test]
fn sound_claims_are_confirmed_and_their_rivals_refuted() {
    let claims = [claim("tests/sound", sound), claim("tests/varied", varied)];
    let outcome = run(&claims, &Settings::default());
    assert!(outcome.passed(), "{:?}", outcome.failures);
    for record in &outcome.ledger.claims {
        assert_eq!(record.verdict, Verdict::Confirmed);
        assert_eq!(record.looks, 1);
        assert_eq!(record.alpha, budget::share());
        assert!(record.rivals.iter().all(|r| r.verdict == Verdict::Refuted));
    }
    let sound = &outcome.ledger.claims[0];
    assert_eq!(sound.rivals[0].distance, 1.0);
    assert_eq!(sound.cells[0].replicates, 2000);
    assert_eq!(outcome.timings[0].replicates, 4000);
    let grades: Vec<Grade> = outcome.ledger.claims[1]
        .cells
        .iter()
        .map(|c| c.grade)
        .collect();
    assert_eq!(
        grades,
        [
            Grade::Bounded,
            Grade::VarianceBound,
            Grade::Exact,
            Grade::VarianceBound,
            Grade::Identity
        ]
    );
    assert!(outcome.ledger.budget.spent <= outcome.ledger.budget.suite);
    assert!(outcome.ledger.budget.spent >= 2.0 * budget::share());
}

#[test]
fn the_ledger_has_the_same_bytes_on_one_two_and_seven_threads() {
    let claims = [claim("tests/sound", sound), claim("tests/varied", varied)];
    let bytes = |jobs| {
        let settings = Settings {
            jobs: Some(jobs),
            ..Settings::default()
        };
        serde_json::to_string(&run(&claims, &settings).ledger).unwrap()
    };
    let alone = bytes(1);
    assert_eq!(alone, bytes(2));
    assert_eq!(alone, bytes(7));
    assert!(!alone.contains("null"), "a number that JSON cannot hold");
}

#[test]
fn a_claim_alone_is_judged_as_in_the_suite_and_an_epoch_draws_anew() {
    let claims = [claim("tests/varied", varied), claim("tests/sound", sound)];
    let both = run(&claims, &Settings::default()).ledger;
    let alone = run(&claims[1..], &Settings::default()).ledger;
    assert_eq!(both.claims[1], alone.claims[0]);
    let later = Settings {
        epoch: 1,
        ..Settings::default()
    };
    let later = run(&claims[1..], &later).ledger;
    assert_ne!(
        later.claims[0].cells[0].estimate,
        alone.claims[0].cells[0].estimate
    );
}

#[test]
fn an_underpowered_claim_draws_nothing_and_fails() {
    let outcome = run(
        &[claim("tests/underpowered", underpowered)],
        &Settings::default(),
    );
    assert!(!outcome.passed());
    let record = &outcome.ledger.claims[0];
    assert_eq!((record.verdict, record.looks), (Verdict::Undecided, 0));
    assert_eq!(outcome.replicates(), 0);
    assert!(matches!(
        &outcome.failures[..],
        [Failure::Design {
            source: DesignError::Underpowered { .. },
            ..
        }]
    ));
}

#[test]
fn a_rival_that_is_not_refuted_fails_the_suite() {
    let outcome = run(&[claim("tests/toothless", toothless)], &Settings::default());
    assert!(!outcome.passed());
    assert_eq!(outcome.ledger.claims[0].verdict, Verdict::Confirmed);
    assert_eq!(
        outcome.ledger.claims[0].rivals[1].verdict,
        Verdict::Confirmed
    );
    assert_eq!(
        outcome.failures[0].to_string(),
        "tests/toothless: rival \"data + 1\" survived with verdict CONFIRMED"
    );
}

#[test]
fn an_error_in_a_replicate_leaves_the_claim_undecided_and_fails_the_suite() {
    let claims = [claim("tests/broken", broken), claim("tests/sound", sound)];
    let outcome = run(&claims, &Settings::default());
    assert!(!outcome.passed());
    assert_eq!(outcome.ledger.claims[0].verdict, Verdict::Undecided);
    assert_eq!(outcome.ledger.claims[1].verdict, Verdict::Confirmed);
    assert_eq!(
        outcome.failures[0].to_string(),
        "tests/broken: normal, none, N = 1, replicate 0: no convergence"
    );
}

#[test]
fn wrong_design_values_cost_looks_and_no_coverage() {
    let outcome = run(
        &[claim("tests/optimist", overoptimistic)],
        &Settings::default(),
    );
    let record = &outcome.ledger.claims[0];
    assert!(record.looks > 1);
    assert_eq!(record.cells[0].replicates, 3600 << (record.looks - 1));
    assert_ne!(record.verdict, Verdict::Refuted);
}

#[test]
fn a_planted_rival_is_refuted_in_place_of_its_claim() {
    for name in ["theory + 1", "data + 1"] {
        let settings = Settings {
            plant: Some(name.into()),
            ..Settings::default()
        };
        let outcome = run(&[claim("tests/sound", sound)], &settings);
        assert!(!outcome.passed());
        assert!(outcome.failures.is_empty());
        assert_eq!(outcome.ledger.claims[0].verdict, Verdict::Refuted);
    }
}

#[test]
fn misuse_is_one_clear_error() {
    let registry = [claim("tests/sound", sound), claim("tests/varied", varied)];
    let unknown = Suite::select(&registry, &["tests/suond".into()]).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "unknown claim \"tests/suond\"; did you mean tests/sound?"
    );
    let settings = |plant: Option<&str>, jobs| Settings {
        plant: plant.map(Into::into),
        jobs,
        ..Settings::default()
    };
    let error = |settings| Suite::run(&registry, &settings, &Silent).unwrap_err();
    assert_eq!(
        error(settings(Some("data + 2"), None)).to_string(),
        "no claim lists the rival \"data + 2\"; did you mean data + 1?"
    );
    assert!(matches!(error(settings(None, Some(0))), SuiteError::NoJobs));
    let twice = [registry[0], registry[0]];
    assert!(matches!(
        Suite::run(&twice, &Settings::default(), &Silent).unwrap_err(),
        SuiteError::ClaimNamedTwice { .. }
    ));
    assert_eq!(
        "fast".parse::<Tier>().unwrap_err().to_string(),
        "unknown tier \"fast\": use quick, standard or deep"
    );
}

#[test]
fn selected_claims_keep_the_order_of_the_registry() {
    let registry = [claim("tests/sound", sound), claim("tests/varied", varied)];
    let ids = ["tests/varied".to_owned(), "tests/sound".to_owned()];
    let selected = Suite::select(&registry, &ids).unwrap();
    assert_eq!(selected[0].statement.id, "tests/sound");
    assert_eq!(Suite::select(&registry, &[]).unwrap().len(), 2);
}

#[test]
fn an_estimator_that_leaves_the_finite_numbers_is_an_error() {
    let experiments = [shifted_normal("infinite", 0.0, 10)];
    let infinite = Estimator::general(
        vec![Input::new(0, 0)],
        Box::new(|c| c[0].affine(f64::INFINITY, 0.0)),
    );
    let cell = cell(0.0, 0.0, 1.0, infinite);
    let levels = Levels::new(0.1, LOOKS, [&cell], &experiments);
    let trial = Trial::run(
        &[&cell],
        &experiments,
        &levels,
        LOOKS,
        &streams(0, "infinite"),
        &Silent,
    );
    assert!(matches!(
        trial.unwrap_err(),
        TrialError::EstimatorNotFinite { .. }
    ));
}

/// Writes down what it is told and asks to stop after so many replicates.
struct Recorder {
    stages: Mutex<Vec<String>>,
    finished: AtomicU64,
    patience: u64,
}

impl Recorder {
    fn new(patience: u64) -> Self {
        Self {
            stages: Mutex::new(Vec::new()),
            finished: AtomicU64::new(0),
            patience,
        }
    }

    fn note(&self, line: String) {
        self.stages.lock().unwrap().push(line);
    }
}

impl Progress for Recorder {
    fn advanced(&self, done: u64, total: u64) {
        assert!(1 <= done && done <= total);
        self.finished.fetch_add(1, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.finished.load(Ordering::Relaxed) >= self.patience
    }
}

impl Hooks for Recorder {
    fn claim_started(&self, id: &str, position: usize, total: usize) {
        self.note(format!("{id}, {} of {total}", position + 1));
    }

    fn stage_started(&self, _: &str, stage: &str) {
        self.note(stage.into());
    }

    fn claim_finished(&self, record: &rmt_verify::ledger::ClaimRecord, _: std::time::Duration) {
        self.note(record.verdict.to_string());
    }
}

#[test]
fn hooks_hear_every_stage_and_every_replicate() {
    let hooks = Recorder::new(u64::MAX);
    let claims = [claim("tests/sound", sound)];
    let outcome = Suite::run(&claims, &Settings::default(), &hooks).unwrap();
    assert_eq!(
        *hooks.stages.lock().unwrap(),
        ["tests/sound, 1 of 1", "claim", "data + 1", "CONFIRMED"]
    );
    assert_eq!(hooks.finished.into_inner(), outcome.replicates());
}

#[test]
fn a_cancelled_suite_stops_early_and_yields_no_ledger() {
    let hooks = Recorder::new(100);
    let claims = [claim("tests/sound", sound), claim("tests/varied", varied)];
    let error = Suite::run(&claims, &Settings::default(), &hooks).unwrap_err();
    assert!(matches!(error, SuiteError::Cancelled));
    // Units behind the first cancelled one are skipped: far fewer than 2000 + 2000 + 4000 ran.
    assert!(hooks.finished.into_inner() < 4000);
}
