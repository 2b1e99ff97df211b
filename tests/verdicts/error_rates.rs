//! Rates of wrong verdicts, at a level loose enough to measure them.

use crate::{cell, mean_cell, shifted_normal};
use rmt_verify::confidence::{Confidence, binomial_upper_tail};
use rmt_verify::design::{Cell, Estimator, Input, LOOKS, Levels};
use rmt_verify::evidence::{Silent, streams};
use rmt_verify::verdict::{Trial, Verdict};

const TRIALS: u64 = 2000;
const LOOSE: f64 = 0.2;

/// How often trials of one cell on normal data end with this verdict, at level [`LOOSE`].
fn count(name: &str, truth: f64, verdict: Verdict, cell: &Cell) -> u64 {
    let experiments = [shifted_normal(name, truth, 20)];
    let levels = Levels::new(LOOSE, LOOKS, [cell], &experiments);
    (0..TRIALS)
        .filter(|&epoch| {
            let trial = Trial::run(
                &[cell],
                &experiments,
                &levels,
                LOOKS,
                &streams(epoch, name),
                &Silent,
            );
            trial.unwrap().verdict == verdict
        })
        .count() as u64
}

fn happens_more_often_than(alpha: f64, count: u64) -> bool {
    binomial_upper_tail(count, TRIALS, alpha) <= 1e-6
}

#[test]
fn a_true_theory_is_refuted_with_probability_at_most_alpha() {
    for (name, truth) in [("true", 0.0), ("true-at-inner-tolerance", 0.5)] {
        let refuted = count(name, truth, Verdict::Refuted, &mean_cell(0.0, 0.5, 1.3));
        println!("{name}: refuted {refuted} of {TRIALS} at level {LOOSE}");
        assert!(
            !happens_more_often_than(LOOSE, refuted),
            "{name}: {refuted}"
        );
    }
}

#[test]
fn a_verdict_that_forgets_the_remainder_is_caught() {
    let refuted = count("no-inner", 0.5, Verdict::Refuted, &mean_cell(0.0, 0.0, 1.3));
    assert!(happens_more_often_than(LOOSE, refuted), "{refuted}");
}

#[test]
fn a_false_theory_just_beyond_tau_is_confirmed_with_probability_at_most_alpha() {
    let confirmed = count(
        "false",
        1.0f64.next_up(),
        Verdict::Confirmed,
        &mean_cell(0.0, 0.1, 1.0),
    );
    println!("false: confirmed {confirmed} of {TRIALS} at level {LOOSE}");
    assert!(!happens_more_often_than(LOOSE, confirmed), "{confirmed}");
}

#[test]
fn a_verdict_on_intervals_of_a_tenth_the_width_is_caught() {
    let narrow = Estimator::general(
        vec![Input::new(0, 0)],
        Box::new(|c| Confidence {
            halfwidth: 0.1 * c[0].halfwidth,
            ..c[0]
        }),
    );
    // Both tolerances are 1: truth at the border, so that half the estimates lie on either side.
    let confirmed = count(
        "narrow",
        1.0,
        Verdict::Confirmed,
        &cell(0.0, 1.0, 1.0, narrow),
    );
    assert!(happens_more_often_than(LOOSE, confirmed), "{confirmed}");
}

#[test]
fn an_undecided_trial_doubles_its_replicates_and_stops_after_three_looks() {
    // The outer tolerance is never reached by an interval of halfwidth > 0 around it.
    let experiments = [shifted_normal("undecided", 0.0, 16)];
    let hopeless = mean_cell(0.0, 0.05, 0.051);
    let levels = Levels::new(1e-3, LOOKS, [&hopeless], &experiments);
    let run = Trial::run(
        &[&hopeless],
        &experiments,
        &levels,
        LOOKS,
        &streams(0, "undecided"),
        &Silent,
    );
    let trial = run.unwrap();
    assert_eq!(trial.verdict, Verdict::Undecided);
    assert_eq!(trial.looks, 3);
    assert_eq!(trial.cells[0].replicates, 64);
}
