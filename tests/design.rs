//! Design arithmetic against brute force: what the check promises is what happens.

use proptest::prelude::*;
use rmt_verify::confidence::{Grade, Summary, interval, planned_halfwidth};
use rmt_verify::design::{
    Cell, DesignError, Estimator, Experiment, FALSE_PASS, Input, LOOKS, Levels, Observable, Plan,
    Replicate, Rival, RivalCell, Side, Tail,
};
use rmt_verify::ensemble::standard_normal;
use rmt_verify::evidence::{Silent, streams};
use rmt_verify::verdict::{Trial, Verdict};

const ALPHA: f64 = 1e-8;

/// Two independent normals with these means and variance 1.
fn experiment(replicates: usize, means: [f64; 2]) -> Experiment {
    let observable = |name: &str, typical| Observable {
        name: name.into(),
        tail: Tail::SubGaussian {
            variance_proxy: 1.0,
        },
        typical,
    };
    Experiment {
        law: "normal".into(),
        signal: "none".into(),
        n: 1,
        replicates,
        observables: vec![observable("x", means[0]), observable("y", means[1])],
        replicate: Replicate::alone(move |rng, _| {
            Ok(means.iter().map(|m| m + standard_normal(rng)).collect())
        }),
    }
}

fn cell(theory: f64, inner: f64, outer: f64, estimator: Estimator) -> Cell {
    Cell {
        law: "normal".into(),
        signal: "none".into(),
        n: 1,
        point: "x".into(),
        theory,
        inner,
        outer,
        estimator,
    }
}

fn x() -> Estimator {
    Estimator::mean(Input::new(0, 0))
}

fn contrast() -> Estimator {
    Estimator::contrast(&[(Input::new(0, 0), 2.0), (Input::new(0, 1), -3.0)])
}

fn rival(name: &str, theory: f64, expected: f64, uncertainty: f64) -> Rival {
    Rival {
        name: name.into(),
        side: Side::Theory,
        experiments: vec![],
        cells: vec![RivalCell {
            cell: cell(theory, 0.1, 10.0, x()),
            expected,
            uncertainty,
        }],
    }
}

/// Sound: x with mean 0 and the contrast 2x − 3y with mean −3.
fn plan(replicates: usize) -> Plan {
    Plan {
        experiments: vec![experiment(replicates, [0.0, 1.0])],
        cells: vec![
            cell(0.0, 0.1, 0.5, x()),
            Cell {
                point: "2x - 3y".into(),
                ..cell(-3.0, 0.0, 2.0, contrast())
            },
        ],
        rivals: vec![
            rival("far", 50.0, 0.0, 0.0),
            rival("further", 90.0, 0.0, 1.0),
        ],
    }
}

fn error(change: impl FnOnce(&mut Plan)) -> DesignError {
    let mut plan = plan(4000);
    assert_eq!(plan.check(ALPHA, LOOKS), Ok(()));
    change(&mut plan);
    plan.check(ALPHA, LOOKS).unwrap_err()
}

#[test]
fn levels_of_all_looks_cells_and_inputs_add_up_to_alpha_and_not_more() {
    let mut plan = plan(4000);
    plan.experiments[0].observables.push(Observable {
        name: "residual".into(),
        tail: Tail::Certain,
        typical: 0.0,
    });
    let identity = Cell::identity(&plan.experiments, Input::new(0, 2), 1e-12);
    plan.cells.push(identity);
    let levels = Levels::new(ALPHA, LOOKS, &plan.cells, &plan.experiments);
    let level = |cell: &Cell| levels.input(cell, &plan.experiments);
    // One input of the first cell, two of the second; the identity needs nothing.
    let total = f64::from(LOOKS) * (level(&plan.cells[0]) + 2.0 * level(&plan.cells[1]));
    assert!(total <= ALPHA);
    assert!(total > ALPHA * (1.0 - 1e-12));
    assert_eq!(levels.spent(), ALPHA);
    let certain = Levels::new(ALPHA, LOOKS, &plan.cells[2..], &plan.experiments);
    assert_eq!(certain.spent(), 0.0);
}

#[test]
fn planned_halfwidths_are_those_of_the_formula_and_of_a_run() {
    let plan = plan(4000);
    let planned = plan.planned_halfwidths(ALPHA, LOOKS);
    // √(2 ln(2/α')/M), α' = α/(3·2) for x, half of it for each input of 2x − 3y: factor 5.
    let h = |level: f64| (2.0 * (2.0 / level).ln() / 4000.0).sqrt();
    assert!((planned[0] / h(ALPHA / 6.0) - 1.0).abs() < 1e-14);
    assert!((planned[1] / (5.0 * h(ALPHA / 12.0)) - 1.0).abs() < 1e-14);

    let cells: Vec<&Cell> = plan.cells.iter().collect();
    let levels = Levels::new(ALPHA, LOOKS, &plan.cells, &plan.experiments);
    let trial = Trial::run(
        &cells,
        &plan.experiments,
        &levels,
        LOOKS,
        &streams(0, "tests/design/run"),
        &Silent,
    )
    .unwrap();
    for (judged, planned) in trial.cells.iter().zip(planned) {
        assert!((judged.confidence.halfwidth / planned - 1.0).abs() < 1e-12);
        assert_eq!(judged.confidence.grade, Grade::Proved);
    }
}

#[test]
fn the_number_of_replicates_that_would_do_is_the_smallest_multiple_that_does() {
    let DesignError::Underpowered {
        cell,
        halfwidth,
        margin,
        replicates,
        needed_replicates,
    } = error(|plan| plan.experiments[0].replicates = 7)
    else {
        panic!("seven replicates passed")
    };
    // The contrast is the worse of the two: 5 halfwidths at a smaller level, on a margin of 2
    // where x has one on 0.4. What does for it does for the plan.
    assert_eq!(cell, "normal, none, N = 1, 2x - 3y");
    assert_eq!(replicates, 7);
    assert!(2.0 * halfwidth > margin && margin == 2.0);
    let brute_force = (1..1000)
        .find(|&factor| plan(7 * factor).check(ALPHA, LOOKS).is_ok())
        .unwrap();
    assert_eq!(needed_replicates, Some(7 * brute_force));
}

#[test]
fn a_cell_without_margin_says_that_no_number_would_do() {
    let underpowered = error(|plan| plan.cells[0].inner = plan.cells[0].outer);
    assert!(underpowered.to_string().ends_with("no number would do)"));
}

#[test]
fn a_plan_that_passes_is_never_undecided_at_its_first_look() {
    // The sharpest plan that passes, at truths from 0 to beyond τ: every trial has a verdict.
    let half = planned_halfwidth(
        &Tail::SubGaussian {
            variance_proxy: 1.0,
        },
        0.0,
        50,
        ALPHA / 3.0,
        FALSE_PASS,
    )
    .unwrap();
    for step in 0..40u32 {
        let truth = 0.05 * f64::from(step) * half * 2.0;
        let experiments = vec![experiment(50, [truth, 0.0])];
        let sharpest = cell(0.0, 0.3, (0.3 + 2.0 * half) * (1.0 + 1e-15), x());
        let plan = Plan {
            experiments,
            cells: vec![sharpest],
            rivals: vec![
                rival("far", 90.0, truth, 0.0),
                rival("too", -90.0, truth, 0.0),
            ],
        };
        assert_eq!(plan.check(ALPHA, LOOKS), Ok(()));
        let levels = Levels::new(ALPHA, LOOKS, &plan.cells, &plan.experiments);
        let trial = Trial::run(
            &[&plan.cells[0]],
            &plan.experiments,
            &levels,
            LOOKS,
            &streams(step.into(), "tests/design/sharpest"),
            &Silent,
        );
        let trial = trial.unwrap();
        assert_ne!(trial.verdict, Verdict::Undecided, "truth {truth}");
        assert_eq!(trial.looks, 1);
    }
}

/// The smallest gap between expected and theory that passes for `rival` in the plan of 4000.
fn smallest_gap() -> f64 {
    let gap_passes = |gap: f64| {
        let mut plan = plan(4000);
        plan.rivals[0] = rival("near", gap, 0.0, 0.0);
        plan.check(ALPHA, LOOKS).is_ok()
    };
    let (mut close, mut far) = (0.0, 10.0);
    while far - close > 1e-12 {
        let middle = 0.5 * (close + far);
        if gap_passes(middle) {
            far = middle;
        } else {
            close = middle;
        }
    }
    far
}

#[test]
fn a_rival_is_far_enough_at_inner_plus_both_halfwidths() {
    // One cell with one input: level α/3; β is halved between estimate and width.
    let h = |level: f64| (2.0 * (2.0 / level).ln() / 4000.0).sqrt();
    let formula = 0.1 + h(ALPHA / 3.0) + h(FALSE_PASS / 2.0);
    assert!((smallest_gap() - formula).abs() < 1e-9);
}

#[test]
fn the_closest_rival_that_passes_is_refuted_in_every_one_of_many_epochs() {
    let near = rival("near", smallest_gap(), 0.0, 0.0);
    let experiments = [experiment(4000, [0.0, 1.0])];
    let levels = near.levels(ALPHA, LOOKS, &experiments);
    for epoch in 0..25 {
        let trial = Trial::run(
            &[&near.cells[0].cell],
            &experiments,
            &levels,
            LOOKS,
            &streams(epoch, "tests/design/near"),
            &Silent,
        );
        assert_eq!(trial.unwrap().verdict, Verdict::Refuted, "epoch {epoch}");
    }
}

#[test]
fn a_rival_that_is_too_close_or_too_uncertain_is_named() {
    let too_close = error(|plan| plan.rivals[1] = rival("near", 0.2, 0.0, 0.0));
    assert!(
        matches!(&too_close, DesignError::RivalTooClose { rival, gap, .. }
            if rival == "near" && (gap - 0.1).abs() < 1e-15),
        "{too_close}"
    );
    let uncertain = error(|plan| plan.rivals[1] = rival("vague", 50.0, 0.0, 49.9));
    assert!(matches!(uncertain, DesignError::RivalTooClose { .. }));
}

#[test]
fn a_rival_in_a_certain_cell_needs_a_gap_and_nothing_else() {
    let check = |expected: f64| {
        let mut plan = plan(4000);
        plan.experiments[0].observables.push(Observable {
            name: "residual".into(),
            tail: Tail::Certain,
            typical: 0.0,
        });
        plan.rivals[0] = Rival {
            name: "residual".into(),
            side: Side::Theory,
            experiments: vec![],
            cells: vec![RivalCell {
                cell: Cell::identity(&plan.experiments, Input::new(0, 2), 1e-10),
                expected,
                uncertainty: 0.0,
            }],
        };
        plan.check(ALPHA, LOOKS).is_ok()
    };
    assert!(check(1e-9));
    assert!(!check(1e-10));
}

#[test]
fn ill_posed_plans_are_refused_with_the_value() {
    assert_eq!(error(|plan| plan.cells.clear()), DesignError::NoCells);
    assert_eq!(
        error(|plan| plan.rivals.truncate(1)),
        DesignError::TooFewRivals { found: 1 }
    );
    assert!(matches!(
        error(|plan| plan.rivals[0].cells.clear()),
        DesignError::RivalWithoutCells { .. }
    ));
    assert!(matches!(
        error(|plan| plan.rivals[1].name = "far".into()),
        DesignError::RivalNamedTwice { .. }
    ));
    assert!(matches!(
        error(|plan| plan.experiments[0].replicates = 0),
        DesignError::EmptyExperiment { .. }
    ));
    assert!(matches!(
        error(|plan| plan.cells[0].estimator = Estimator::mean(Input::new(0, 2))),
        DesignError::NoSuchInput { observable: 2, .. }
    ));
    assert!(matches!(
        error(|plan| plan.cells[1].estimator = Estimator::contrast(&[])),
        DesignError::NoInputs { .. }
    ));
    assert!(matches!(
        error(|plan| plan.cells[0].theory = f64::NAN),
        DesignError::NotFinite { what: "theory", .. }
    ));
    assert!(matches!(
        error(|plan| plan.rivals[0].cells[0].expected = f64::INFINITY),
        DesignError::NotFinite {
            what: "expected",
            ..
        }
    ));
    assert!(matches!(
        error(|plan| plan.cells[0].inner = 0.6),
        DesignError::TolerancesOutOfOrder { inner: 0.6, .. }
    ));
    assert!(matches!(
        error(|plan| plan.cells[0].inner = -0.1),
        DesignError::TolerancesOutOfOrder { .. }
    ));
    assert!(matches!(
        error(
            |plan| plan.experiments[0].observables[0].tail = Tail::SubGaussian {
                variance_proxy: -1.0
            }
        ),
        DesignError::Underpowered {
            needed_replicates: None,
            ..
        }
    ));
}

/// One tail of each kind that has a width, with a value of its own.
fn tails() -> impl Strategy<Value = (Tail, f64)> {
    prop_oneof![
        (0.0..10.0f64).prop_map(|variance_proxy| (Tail::SubGaussian { variance_proxy }, 0.0)),
        (0.0..10.0f64).prop_map(|bound| (Tail::Variance { bound }, 0.0)),
        (0.0..0.25f64).prop_map(|design_variance| {
            let tail = Tail::Bounded {
                lo: 0.0,
                hi: 1.0,
                design_variance,
            };
            (tail, 0.5)
        }),
        (0.0..=1.0f64).prop_map(|p| (Tail::Indicator, p)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn planned_halfwidth_falls_with_replicates_and_grows_with_certainty(
        (tail, typical) in tails(),
        m in 100u64..10_000,
        factor in 2u64..20,
        alpha in 1e-12..0.1f64,
    ) {
        let h = |m, alpha| planned_halfwidth(&tail, typical, m, alpha, 1e-6).unwrap();
        prop_assert!(h(factor * m, alpha) <= h(m, alpha));
        prop_assert!(h(m, alpha / 10.0) >= h(m, alpha));
    }

    #[test]
    fn interval_grows_with_certainty_and_keeps_its_sample_inside(
        (tail, _) in tails(),
        bits in prop::collection::vec(any::<bool>(), 100..300),
        alpha in 1e-12..0.1f64,
    ) {
        let values: Vec<f64> = bits.iter().map(|&bit| f64::from(u8::from(bit))).collect();
        let summary = Summary::of(&values);
        // A variance bound below the sample's is fine here: no coverage is asked for.
        let tail = match tail {
            Tail::Variance { bound } => Tail::Variance { bound: bound + 0.25 },
            other => other,
        };
        let wide = interval(&tail, &summary, alpha / 10.0).unwrap();
        let narrow = interval(&tail, &summary, alpha).unwrap();
        prop_assert!(wide.halfwidth >= narrow.halfwidth);
        if tail == Tail::Indicator {
            prop_assert!(narrow.covers(summary.mean()));
        }
    }

    #[test]
    fn levels_of_nonsense_are_errors(alpha in prop_oneof![Just(0.0), Just(1.0), Just(f64::NAN), -5.0..0.0f64, 1.0..5.0f64]) {
        for tail in [Tail::Indicator, Tail::SubGaussian { variance_proxy: 1.0 }] {
            prop_assert!(planned_halfwidth(&tail, 0.5, 100, alpha, 1e-6).is_err());
            prop_assert!(interval(&tail, &Summary::of(&[0.0, 1.0]), alpha).is_err());
        }
    }
}
