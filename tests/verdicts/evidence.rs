//! Replicates: same bits for any threads, streams that are fresh, errors that say where.

use crate::{experiment, shifted_normal};
use num_complex::Complex64;
use rmt_verify::design::{Experiment, Input, Replicate, Tail};
use rmt_verify::ensemble::{Ensemble, StreamKey, open_uniform, standard_normal};
use rmt_verify::evidence::{Evidence, EvidenceError, Generators, Silent, streams};

fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

#[test]
fn evidence_has_the_same_bits_on_one_two_and_seven_threads() {
    let bits = |threads| {
        in_pool(threads, || {
            let experiments = [
                // Two looks of 9000 are more than one wave of 2¹⁴.
                shifted_normal("a", 1e3, 9000),
                experiment("b", 333, Tail::Variance { bound: 1.0 }, 0.0, |rng, _| {
                    open_uniform(rng)
                }),
            ];
            let evidence =
                Evidence::collect(&experiments, 2, &streams(0, "threads"), &Silent).unwrap();
            [Input::new(0, 0), Input::new(1, 0)].map(|input| {
                let summary = evidence.summary(input);
                (
                    summary.count(),
                    summary.mean().to_bits(),
                    summary.squared_deviations().to_bits(),
                    summary.samples().map(<[f64]>::to_vec),
                )
            })
        })
    };
    let alone = bits(1);
    assert_eq!(alone[0].0, 18_000);
    assert_eq!(alone[1].3.as_ref().unwrap().len(), 666);
    assert_eq!(alone, bits(2));
    assert_eq!(alone, bits(7));
}

#[test]
fn looking_twice_draws_what_one_long_look_draws() {
    let experiments = [shifted_normal("twice", 0.0, 50)];
    let streams = streams(0, "twice");
    let mut twice = Evidence::collect(&experiments, 1, &streams, &Silent).unwrap();
    twice.extend(&experiments, 2, &streams, &Silent).unwrap();
    let once = Evidence::collect(&experiments, 2, &streams, &Silent).unwrap();
    assert_eq!(
        twice.summary(Input::new(0, 0)),
        once.summary(Input::new(0, 0))
    );
}

fn error_of(experiment: Experiment) -> EvidenceError {
    Evidence::collect(&[experiment], 1, &streams(0, "errors"), &Silent).unwrap_err()
}

const UNIT: Tail = Tail::SubGaussian {
    variance_proxy: 1.0,
};

#[test]
fn the_first_failing_replicate_is_named_whatever_the_threads() {
    for threads in [1, 2, 7] {
        let message = in_pool(threads, || {
            let mut failing = shifted_normal("goe", 0.0, 200);
            failing.n = 64;
            failing.replicate = Replicate::alone(|rng, index| {
                let x = standard_normal(rng);
                if index >= 37 && index % 3 == 1 {
                    Err("trace check failed".into())
                } else {
                    Ok(vec![x])
                }
            });
            error_of(failing).to_string()
        });
        assert_eq!(
            message,
            "goe, none, N = 64, replicate 37: trace check failed"
        );
    }
}

#[test]
fn values_that_are_not_finite_or_not_as_many_as_announced_are_errors() {
    let nan = experiment("nan", 4, UNIT, 0.0, |rng, index| {
        let x = standard_normal(rng);
        if index == 2 { f64::NAN } else { x }
    });
    assert!(matches!(
        error_of(nan),
        EvidenceError::NotFinite { place, .. } if place.replicate == 2
    ));
    let mut short = shifted_normal("short", 0.0, 4);
    short.replicate = Replicate::alone(|_, _| Ok(vec![]));
    assert!(matches!(
        error_of(short),
        EvidenceError::WrongLength {
            found: 0,
            expected: 1,
            ..
        }
    ));
}

#[test]
fn a_replicate_that_ignores_its_generator_is_caught() {
    let own_seed = experiment("own-seed", 4, UNIT, 0.0, |_, _| {
        let key = StreamKey {
            epoch: 0,
            claim: "own".into(),
            law: String::new(),
            n: 0,
            signal: String::new(),
        };
        standard_normal(&mut key.generator(0))
    });
    assert!(matches!(
        error_of(own_seed),
        EvidenceError::IgnoresGenerator { .. }
    ));
    // A residual that must vanish in every replicate may be free of chance.
    let residual = experiment("residual", 4, Tail::Certain, 0.0, |_, _| 0.0);
    assert!(Evidence::collect(&[residual], 1, &streams(0, "errors"), &Silent).is_ok());
}

#[test]
fn a_stream_that_repeats_is_caught() {
    let honest = streams(0, "repeat");
    let repeating = |experiment: &Experiment| -> Generators<'_> {
        let honest = honest(experiment);
        Box::new(move |replicate| honest(replicate % 64))
    };
    let error = |replicates| {
        let experiments = [shifted_normal("repeat", 0.0, replicates)];
        Evidence::collect(&experiments, 1, &repeating, &Silent)
    };
    assert!(error(64).is_ok());
    assert!(matches!(
        error(65).unwrap_err(),
        EvidenceError::RepeatedStream { place, earlier: 0 } if place.replicate == 64
    ));
}

#[test]
fn replicates_that_are_reduced_together_have_the_values_they_have_alone() {
    let replicate = Replicate::reduced(
        |rng| Ok(Ensemble::goe().noise(12, rng)?),
        |w, t, index| {
            Ok(vec![
                t.resolvent_trace(Complex64::i()).im + w.trace(),
                index as f64,
            ])
        },
    );
    let generator = streams(0, "together")(&shifted_normal("goe", 0.0, 1));
    let unit = |index: u64| (generator(index), index);
    let mut units: Vec<_> = (0..19).map(unit).collect();
    let together = replicate.values(&mut units);
    for (index, values) in (0..).zip(together) {
        let alone = replicate.values(&mut [unit(index)]).remove(0);
        assert_eq!(values.unwrap(), alone.unwrap());
    }
}
