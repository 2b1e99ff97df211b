//! Every interval grade covers at its level on synthetic data with known mean, and the same check
//! catches intervals that are too narrow.
//!
//! Repetitions miss independently with probability ≤ α if an interval covers. A count of misses
//! whose probability is then ≤ 1e-6 (Chernoff) is a failure: a correct interval fails such a test
//! with probability ≤ 1e-6.

use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;
use rmt_verify::confidence::{
    Confidence, Disc, Grade, Summary, binomial_upper_tail, catoni, dkw, empirical_bernstein,
    interval, planned_halfwidth, sub_gaussian,
};
use rmt_verify::design::Tail;
use rmt_verify::ensemble::{StreamKey, open_uniform, standard_normal};

const REPETITIONS: u64 = 3000;
const SURPRISE: f64 = 1e-6;

/// Generator of one repetition; every test has streams of its own.
fn generator(test: &str, repetition: u64) -> ChaCha8Rng {
    StreamKey {
        epoch: 0,
        claim: format!("tests/coverage/{test}"),
        law: String::new(),
        n: 0,
        signal: String::new(),
    }
    .generator(repetition)
}

/// How often `misses` returns true.
fn count_misses(test: &str, mut misses: impl FnMut(&mut ChaCha8Rng) -> bool) -> u64 {
    (0..REPETITIONS)
        .filter(|&repetition| misses(&mut generator(test, repetition)))
        .count() as u64
}

fn misses_more_often_than(alpha: f64, misses: u64) -> bool {
    binomial_upper_tail(misses, REPETITIONS, alpha) <= SURPRISE
}

fn samples(m: usize, rng: &mut ChaCha8Rng, law: fn(&mut ChaCha8Rng) -> f64) -> Vec<f64> {
    (0..m).map(|_| law(rng)).collect()
}

/// A law with its mean, what is known about it, and the number of replicates it is tried with.
struct Trial {
    name: &'static str,
    law: fn(&mut ChaCha8Rng) -> f64,
    mean: f64,
    tail: Tail,
    m: usize,
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    5.0 + 2.0 * standard_normal(rng)
}

fn sign(rng: &mut ChaCha8Rng) -> f64 {
    if open_uniform(rng) < 0.5 { -1.0 } else { 1.0 }
}

fn rare(rng: &mut ChaCha8Rng) -> f64 {
    f64::from(u8::from(open_uniform(rng) < 0.02))
}

fn even(rng: &mut ChaCha8Rng) -> f64 {
    f64::from(u8::from(open_uniform(rng) < 0.5))
}

fn squared_uniform(rng: &mut ChaCha8Rng) -> f64 {
    open_uniform(rng).powi(2)
}

/// Density 3x⁻⁴ on [1, ∞): mean 3/2, variance 3/4, no third moment.
fn pareto(rng: &mut ChaCha8Rng) -> f64 {
    open_uniform(rng).powf(-1.0 / 3.0)
}

/// 10 with probability 1 %, else 0: mean 0.1, variance 0.99.
fn rare_and_large(rng: &mut ChaCha8Rng) -> f64 {
    if open_uniform(rng) < 0.01 { 10.0 } else { 0.0 }
}

fn exponential(rng: &mut ChaCha8Rng) -> f64 {
    -open_uniform(rng).ln()
}

fn trial(
    name: &'static str,
    law: fn(&mut ChaCha8Rng) -> f64,
    mean: f64,
    tail: Tail,
    m: usize,
) -> Trial {
    Trial {
        name,
        law,
        mean,
        tail,
        m,
    }
}

fn trials() -> Vec<Trial> {
    let proxy = |variance_proxy| Tail::SubGaussian { variance_proxy };
    let variance = |bound| Tail::Variance { bound };
    let unit = |design_variance| Tail::Bounded {
        lo: 0.0,
        hi: 1.0,
        design_variance,
    };
    vec![
        trial("normal", normal, 5.0, proxy(4.0), 1),
        trial("sign", sign, 0.0, proxy(1.0), 30),
        trial("rare-bounded", rare, 0.02, unit(0.02), 2000),
        trial(
            "squared-uniform",
            squared_uniform,
            1.0 / 3.0,
            unit(4.0 / 45.0),
            1000,
        ),
        trial("pareto", pareto, 1.5, variance(0.75), 200),
        trial("rare-and-large", rare_and_large, 0.1, variance(0.99), 50),
        trial("rare-indicator", rare, 0.02, Tail::Indicator, 60),
        trial("even-indicator", even, 0.5, Tail::Indicator, 200),
    ]
}

fn find(name: &str) -> Trial {
    trials().into_iter().find(|t| t.name == name).unwrap()
}

fn misses_of(trial: &Trial, alpha: f64, narrowing: f64) -> u64 {
    count_misses(trial.name, |rng| {
        let summary = Summary::of(&samples(trial.m, rng, trial.law));
        let honest = interval(&trial.tail, &summary, alpha).unwrap();
        let narrowed = Confidence {
            halfwidth: narrowing * honest.halfwidth,
            ..honest
        };
        !narrowed.covers(trial.mean)
    })
}

#[test]
fn every_grade_covers_at_its_level() {
    for trial in trials() {
        for alpha in [0.05, 0.2] {
            let misses = misses_of(&trial, alpha, 1.0);
            println!(
                "{:16} m = {:4}, alpha = {alpha:4}: missed {:.4}",
                trial.name,
                trial.m,
                misses as f64 / REPETITIONS as f64
            );
            assert!(
                !misses_more_often_than(alpha, misses),
                "{}: {misses} of {REPETITIONS} intervals at level {alpha} missed",
                trial.name
            );
        }
    }
}

#[test]
fn intervals_of_three_tenths_the_width_are_caught_in_every_grade() {
    // One trial a grade, those whose intervals are nearly as wide as a normal approximation's.
    for name in ["normal", "squared-uniform", "pareto", "even-indicator"] {
        let misses = misses_of(&find(name), 0.1, 0.3);
        println!("{name:16} times 0.3: missed {misses} of {REPETITIONS}");
        assert!(
            misses_more_often_than(0.1, misses),
            "{name}: {misses} misses passed for level 0.1"
        );
    }
}

#[test]
fn an_interval_that_ignores_alpha_is_caught() {
    // x̄ ± √(2v/M), whatever the level: P(|Z| > √2) = 0.157.
    let misses = count_misses("ignores-alpha", |rng| {
        let mean = Summary::of(&samples(20, rng, normal)).mean();
        let at_fixed_level = sub_gaussian(mean, 4.0, 20, 2.0 / std::f64::consts::E).unwrap();
        !at_fixed_level.covers(5.0)
    });
    assert!(misses_more_often_than(0.05, misses), "{misses} misses");
}

#[test]
fn studentised_intervals_of_few_skewed_values_are_caught() {
    // x̄ ± 2 s/√M claims level 0.05; with five exponential values it misses about 15 %.
    let misses = count_misses("studentised", |rng| {
        let summary = Summary::of(&samples(5, rng, exponential));
        let error = (summary.squared_deviations() / 4.0 / 5.0).sqrt();
        (summary.mean() - 1.0).abs() > 2.0 * error
    });
    assert!(misses_more_often_than(0.05, misses), "{misses} misses");
}

#[test]
fn bernstein_without_its_range_term_is_caught() {
    // All 100 values are 0 with probability 0.98¹⁰⁰ = 0.13, and then so is the sample variance.
    let misses = count_misses("no-range-term", |rng| {
        let summary = Summary::of(&samples(100, rng, rare));
        let variance = summary.squared_deviations() / 99.0;
        let h = (2.0 * variance * (3.0f64 / 0.05).ln() / 100.0).sqrt();
        (summary.mean() - 0.02).abs() > h
    });
    assert!(misses_more_often_than(0.05, misses), "{misses} misses");
}

#[test]
fn catoni_with_a_tenth_of_the_variance_is_caught() {
    let misses = count_misses("catoni-tenth", |rng| {
        let values = samples(400, rng, normal);
        !catoni(&values, 0.4, 0.2).unwrap().covers(5.0)
    });
    assert!(misses_more_often_than(0.2, misses), "{misses} misses");
}

/// sup_x |F_M(x) − x| of a sample from the uniform law.
fn kolmogorov_distance(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let m = values.len() as f64;
    values
        .iter()
        .enumerate()
        .map(|(i, &x)| ((i as f64 + 1.0) / m - x).max(x - i as f64 / m))
        .fold(0.0, f64::max)
}

#[test]
fn dkw_band_covers_and_a_narrow_band_is_caught() {
    let alpha = 0.1;
    let exceed = |factor: f64| {
        count_misses("dkw", |rng| {
            let mut values = samples(40, rng, open_uniform);
            kolmogorov_distance(&mut values) > factor * dkw(40, alpha).unwrap()
        })
    };
    let (honest, narrow) = (exceed(1.0), exceed(0.3));
    println!("dkw: missed {:.4}", honest as f64 / REPETITIONS as f64);
    assert!(!misses_more_often_than(alpha, honest), "{honest} misses");
    assert!(misses_more_often_than(alpha, narrow), "{narrow} misses");
}

#[test]
fn disc_of_two_intervals_covers_a_nonlinear_function_of_the_mean() {
    // m = 1 + 2i from parts with variance 1; f(m) = 1/m and f(m) = m².
    let alpha = 0.1;
    let truth = Complex64::new(1.0, 2.0);
    let run = |narrowing: f64| {
        count_misses("disc", |rng| {
            let mut part = |mean: f64| {
                let values: Vec<f64> = (0..50).map(|_| mean + standard_normal(rng)).collect();
                let mean = Summary::of(&values).mean();
                let honest = sub_gaussian(mean, 1.0, 50, alpha / 2.0).unwrap();
                Confidence {
                    halfwidth: narrowing * honest.halfwidth,
                    ..honest
                }
            };
            let (re, im) = (part(1.0), part(2.0));
            let disc = Disc::from_parts(&re, &im);
            assert_eq!(disc.grade, Grade::Proved);
            let square = disc.image(disc.centre * disc.centre, 2.0 * disc.centre, 2.0);
            let inverse = disc.reciprocal().expect("0 is 8 halfwidths away");
            !square.covers(truth * truth) || !inverse.covers(truth.inv())
        })
    };
    let (honest, narrow) = (run(1.0), run(0.3));
    println!("disc: missed {:.4}", honest as f64 / REPETITIONS as f64);
    assert!(!misses_more_often_than(alpha, honest), "{honest} misses");
    assert!(misses_more_often_than(alpha, narrow), "{narrow} misses");
}

#[test]
fn planned_widths_are_kept_with_the_promised_probability() {
    let (alpha, miss) = (0.01, 0.05);
    for name in [
        "rare-bounded",
        "squared-uniform",
        "rare-indicator",
        "even-indicator",
    ] {
        let trial = find(name);
        let planned =
            planned_halfwidth(&trial.tail, trial.mean, trial.m as u64, alpha, miss).unwrap();
        let wider = count_misses(&format!("planned-{name}"), |rng| {
            let summary = Summary::of(&samples(trial.m, rng, trial.law));
            interval(&trial.tail, &summary, alpha).unwrap().halfwidth > planned
        });
        assert!(
            !misses_more_often_than(miss, wider),
            "{name}: {wider} wider"
        );
    }
}

#[test]
fn planned_widths_of_sure_tails_are_the_widths_that_come_out() {
    for name in ["normal", "sign", "pareto"] {
        let trial = find(name);
        let m = 100;
        let planned = planned_halfwidth(&trial.tail, trial.mean, m as u64, 0.01, 1e-6).unwrap();
        let values = samples(m, &mut generator("sure", 0), trial.law);
        let real = interval(&trial.tail, &Summary::of(&values), 0.01).unwrap();
        assert!(
            (real.halfwidth - planned).abs() <= 1e-11 * planned,
            "{name}"
        );
    }
}

#[test]
fn empirical_bernstein_of_a_constant_has_only_the_range_term() {
    // 7 l (hi − lo)/(3(M − 1)) with l = ln(3/α) = 4, M = 8, range 2.
    let alpha = 3.0 * (-4.0f64).exp();
    let interval = empirical_bernstein(&Summary::of(&[0.5; 8]), -1.0, 1.0, alpha).unwrap();
    assert!((interval.halfwidth - 2.0 * 4.0 / 3.0).abs() < 1e-6);
    assert_eq!(interval.estimate, 0.5);
}
