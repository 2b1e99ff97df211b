//! Work that is cut into units: every replicate once, the same sums in any order, runs in pieces.

use crate::suite::{claim, overoptimistic, sound, varied};
use crate::{experiment, shifted_normal};
use proptest::prelude::*;
use rmt_verify::claims::Claim;
use rmt_verify::design::{Experiment, Input, Replicate, Tail};
use rmt_verify::ensemble::open_uniform;
use rmt_verify::evidence::{Evidence, Progress, Silent, Unit, streams};
use rmt_verify::ledger::Ledger;
use rmt_verify::suite::{Hooks, Run, Settings, Shard, SuiteError, costs, journal_of};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

fn of_size(n: usize, replicates: usize) -> Experiment {
    let mut experiment = shifted_normal("sized", 0.0, replicates);
    experiment.n = n;
    experiment
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn units_are_every_replicate_once_and_not_too_many(
        sizes in prop::collection::vec((1usize..5000, 1usize..200_000), 1..4),
        look in 1u32..4,
    ) {
        let experiments: Vec<_> = sizes.iter().map(|&(n, m)| of_size(n, m)).collect();
        let units = Unit::all(&experiments, look);
        for (index, &(_, m)) in sizes.iter().enumerate() {
            let own: Vec<_> = units.iter().filter(|unit| unit.experiment == index).collect();
            prop_assert!(own.len() <= 1024);
            let (begin, end) = if look == 1 { (0, m) } else { (m << (look - 2), m << (look - 1)) };
            let mut next = begin as u64;
            for unit in own {
                prop_assert_eq!(unit.first, next);
                prop_assert!(unit.count >= 1);
                next += unit.count;
            }
            prop_assert_eq!(next, end as u64);
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn units_that_come_in_any_order_give_the_same_bits(
        replicates in 5000usize..20_000,
        keys in prop::collection::vec(any::<u32>(), 64),
    ) {
        let uniform = experiment("uniform", replicates, Tail::Variance { bound: 1.0 }, 0.5, |rng, _| {
            open_uniform(rng)
        });
        let experiments = [shifted_normal("normal", 1e3, replicates), uniform];
        let streams = streams(0, "any order");
        let whole = Evidence::collect(&experiments, 1, &streams, &Silent).unwrap();

        let units = Unit::all(&experiments, 1);
        let mut order: Vec<usize> = (0..units.len()).collect();
        order.sort_by_key(|&i| (keys[i % keys.len()], i));
        let mut pieces = Evidence::none(&experiments);
        for unit in order.into_iter().map(|i| units[i]) {
            let experiment = &experiments[unit.experiment];
            let generators = streams(experiment);
            let drawn = unit.draw(experiment, &generators, &|_| (), &|| false).unwrap();
            pieces.add(unit, drawn);
        }
        pieces.check(&experiments, 1, &streams).unwrap();
        for index in 0..2 {
            prop_assert_eq!(pieces.summary(Input::new(index, 0)), whole.summary(Input::new(index, 0)));
        }
    }
}

#[test]
#[should_panic(expected = "added twice")]
fn a_unit_counts_once() {
    let experiments = [shifted_normal("twice", 0.0, 10)];
    let unit = Unit::all(&experiments, 1)[0];
    let generators = streams(0, "twice")(&experiments[0]);
    let drawn = unit
        .draw(&experiments[0], &generators, &|_| (), &|| false)
        .unwrap();
    let mut evidence = Evidence::none(&experiments);
    evidence.add(unit, drawn.clone());
    evidence.add(unit, drawn);
}

fn claims() -> Vec<Claim> {
    vec![claim("tests/sound", sound), claim("tests/varied", varied)]
}

fn whole() -> Ledger {
    let run = Run::new(claims(), Settings::default()).unwrap();
    run.execute(&Silent).unwrap().ledger
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn begun(folder: &tempfile::TempDir) -> Run {
    let run = Run::new(claims(), Settings::default()).unwrap();
    run.kept_in(folder.path()).unwrap()
}

/// Asks to stop after so many replicates.
struct Impatient {
    heard: AtomicU64,
    patience: u64,
}

impl Progress for Impatient {
    fn advanced(&self, _: u64, _: u64) {
        self.heard.fetch_add(1, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.heard.load(Ordering::Relaxed) >= self.patience
    }
}

impl Hooks for Impatient {}

/// The claims here have N of 1 and 7, hence few units: a run needs more than one session when it stops
/// in the second or a later unit.
#[test]
fn a_run_of_several_sessions_ends_as_one_does() {
    let folder = folder();
    let mut run = begun(&folder);
    let mut sessions = 1;
    let ledger = loop {
        let hooks = Impatient {
            heard: AtomicU64::new(0),
            patience: 5000,
        };
        match run.execute(&hooks) {
            Ok(outcome) => break outcome.ledger,
            Err(SuiteError::Cancelled) => {}
            Err(error) => panic!("{error}"),
        }
        sessions += 1;
        run = Run::resumed(folder.path(), &claims()).unwrap();
        assert!(run.known() > 0);
    };
    assert!(sessions > 1);
    assert_eq!(ledger, whole());
}

#[test]
fn shards_hold_every_unit_once_and_merge() {
    let folders: Vec<_> = (0..4).map(|_| folder()).collect();
    for (index, folder) in folders.iter().enumerate() {
        let shard = Shard {
            index: index + 1,
            of: 4,
        };
        let run = Run::new(claims(), Settings::default()).unwrap();
        let run = run.sharded(shard).kept_in(folder.path()).unwrap();
        assert_eq!(run.shard(), Some(shard));
        assert!(run.execute(&Silent).unwrap().ledger.claims.is_empty());
    }
    let paths: Vec<PathBuf> = folders.iter().map(|f| f.path().to_owned()).collect();
    let merged = Run::merged(&paths, &claims()).unwrap();
    assert_eq!(merged.execute(&Silent).unwrap().ledger, whole());
    for missing in 0..4 {
        let mut some = paths.clone();
        some.remove(missing);
        let merged = Run::merged(&some, &claims()).unwrap();
        let all = Run::merged(&paths, &claims()).unwrap().known();
        let units = (all - merged.known()) as u64;
        if units > 0 {
            let error = merged.execute(&Silent).unwrap_err();
            assert!(matches!(error, SuiteError::Missing { units: u } if u == units));
        }
    }
}

/// A claim that is undecided at first, cut into several units.
fn undecided_at_first(tier: rmt_verify::design::Tier) -> rmt_verify::design::Plan {
    let mut plan = overoptimistic(tier);
    plan.experiments[0].n = 7;
    plan
}

#[test]
fn shards_take_further_looks_round_by_round() {
    let claims = [claim("tests/optimist", undecided_at_first)];
    let begin = || Run::new(claims.to_vec(), Settings::default()).unwrap();
    let whole = begin().execute(&Silent).unwrap().ledger;
    let looks = whole.claims[0].looks;
    assert!(looks > 1);
    let mut known: Option<tempfile::TempDir> = None;
    let mut stopped = 0;
    for round in 1..=looks {
        let parts = [1, 2, 3].map(|index| {
            let shard = Shard { index, of: 3 };
            let run = match &known {
                None => begin().sharded(shard),
                Some(whole) => Run::shard_of(whole.path(), shard, &claims).unwrap(),
            };
            let part = folder();
            let hooks = Impatient {
                heard: AtomicU64::new(0),
                patience: 300 * (round as u64 + index as u64),
            };
            // Some are stopped on the way and resumed.
            let run = run.kept_in(part.path()).unwrap();
            if let Err(error) = run.execute(&hooks) {
                assert!(matches!(error, SuiteError::Cancelled), "{error}");
                stopped += 1;
                let run = Run::resumed(part.path(), &claims).unwrap();
                assert_eq!(run.continues().is_some(), round > 1);
                let _ = run.execute(&Silent).unwrap();
            }
            part
        });
        let folders = known.iter().chain(&parts);
        let paths: Vec<PathBuf> = folders.map(|f| f.path().to_owned()).collect();
        let merged = Run::merged(&paths, &claims).unwrap();
        let all = folder();
        merged.copied_to(all.path()).unwrap();
        match merged.execute(&Silent) {
            Ok(outcome) => {
                assert_eq!((outcome.ledger, round), (whole, looks));
                assert!((1..3 * looks).contains(&stopped), "{stopped}");
                return;
            }
            Err(error) => assert!(matches!(error, SuiteError::Missing { .. }), "{error}"),
        }
        known = Some(all);
    }
    panic!("no verdict after {looks} looks");
}

#[test]
fn the_order_in_which_claims_begin_changes_no_byte() {
    let mut costs = costs(&claims(), &Settings::default(), &Silent).unwrap();
    let [sound, varied] = &mut costs[..] else {
        panic!("two claims, {} costs", costs.len())
    };
    assert_eq!((sound.units(), sound.replicates()), (2, 4000));
    assert_eq!((varied.units(), varied.replicates()), (7, 4000));
    for (cost, seconds) in [(sound, 1e-3), (varied, 1.0)] {
        cost.experiments
            .iter_mut()
            .for_each(|e| e.seconds = seconds);
    }
    assert_eq!(costs[1].longest_unit(), 572.0);
    let one_by_one = Settings {
        jobs: Some(1),
        ..Settings::default()
    };
    let run = Run::new(claims(), one_by_one).unwrap();
    let recorder = Begun(Mutex::default());
    let outcome = run.costliest_first(&costs).execute(&recorder).unwrap();
    assert_eq!(outcome.ledger, whole());
    assert_eq!(
        recorder.0.into_inner().unwrap(),
        ["tests/varied", "tests/sound"]
    );
}

/// Ids of the claims in the order in which they begin.
struct Begun(Mutex<Vec<String>>);

impl Progress for Begun {}

impl Hooks for Begun {
    fn claim_started(&self, id: &str, _: usize, _: usize) {
        self.0.lock().unwrap().push(id.into());
    }
}

#[test]
fn results_of_another_plan_are_refused() {
    fn fewer(tier: rmt_verify::design::Tier) -> rmt_verify::design::Plan {
        let mut plan = sound(tier);
        plan.experiments[0].replicates += 1;
        plan
    }
    let folder = folder();
    let hooks = Impatient {
        heard: AtomicU64::new(0),
        patience: 5000,
    };
    let error = begun(&folder).execute(&hooks).unwrap_err();
    assert!(matches!(error, SuiteError::Cancelled));
    let changed = [claim("tests/sound", fewer), claim("tests/varied", varied)];
    let run = Run::resumed(folder.path(), &changed).unwrap();
    let error = run.execute(&Silent).unwrap_err();
    assert!(
        matches!(&error, SuiteError::OtherPlan { claim } if claim == "tests/sound"),
        "{error}"
    );
    let unknown = Run::resumed(folder.path(), &changed[..1]).unwrap_err();
    assert!(matches!(unknown, SuiteError::UnknownClaim { .. }));
}

#[test]
fn a_folder_that_holds_a_run_or_none_is_told() {
    let folder = folder();
    let none = Run::resumed(folder.path(), &claims()).unwrap_err();
    assert!(matches!(none, SuiteError::NothingToResume { .. }));
    let run = begun(&folder);
    assert!(journal_of(folder.path()).exists());
    let locked = Run::resumed(folder.path(), &claims()).unwrap_err();
    assert!(locked.to_string().contains("another run"), "{locked}");
    drop(run);
    let again = Run::new(claims(), Settings::default()).unwrap();
    let unfinished = again.kept_in(folder.path()).unwrap_err();
    assert!(matches!(unfinished, SuiteError::Unfinished { .. }));
    assert!(Run::resumed(folder.path(), &claims()).is_ok());
}

/// A unit that failed is not kept: a resumed run tries it again.
#[test]
fn errors_are_not_kept() {
    fn failing(tier: rmt_verify::design::Tier) -> rmt_verify::design::Plan {
        let mut plan = sound(tier);
        plan.experiments[0].replicate = Replicate::alone(|_, _| Err("no memory".into()));
        plan
    }
    let folder = folder();
    let run = Run::new(vec![claim("tests/failing", failing)], Settings::default()).unwrap();
    let outcome = run
        .kept_in(folder.path())
        .unwrap()
        .execute(&Silent)
        .unwrap();
    assert!(outcome.failures[0].to_string().contains("no memory"));
    let run = Run::resumed(folder.path(), &[claim("tests/failing", sound)]).unwrap();
    // The rival's data were drawn and kept, the claim's were not.
    assert!(run.known() > 0);
    assert!(run.execute(&Silent).unwrap().passed());
}
