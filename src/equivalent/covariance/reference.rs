//! Every limit object against 30 digits of another route (`fixtures/reference/equivalent/covariance.py`).

use super::*;
use crate::equivalent::{Population, SampleCovariance};
use num_complex::Complex64;
use serde_json::Value;

/// Relative agreement of values that the library solves for.
const SOLVED: f64 = 1e-12;
/// Of closed forms.
const CLOSED: f64 = 1e-13;

fn rows(object: &str) -> Vec<Vec<Value>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/reference/equivalent/covariance.json"
    );
    let text = std::fs::read_to_string(path).expect("the fixture is checked in");
    let all: Value = serde_json::from_str(&text).expect("the fixture is JSON");
    let rows = all[object].as_array().expect("every object has rows");
    let rows: Vec<_> = rows
        .iter()
        .map(|row| row.as_array().expect("rows are lists").clone())
        .collect();
    assert!(!rows.is_empty());
    rows
}

fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().expect("numbers are decimal strings"),
        other => other.as_f64().expect("or plain numbers"),
    }
}

fn complex(value: &Value) -> Complex64 {
    Complex64::new(number(&value[0]), number(&value[1]))
}

fn population(name: &Value) -> Population {
    let atoms: &[(f64, f64)] = match name.as_str().expect("populations have names") {
        "two" => &[(0.5, 0.5), (2.0, 0.5)],
        "three" => &[(0.25, 0.25), (1.0, 0.5), (3.0, 0.25)],
        other => panic!("{other} is no population of the fixture"),
    };
    Population::from_atoms(atoms).unwrap()
}

fn limit(name: &Value, ratio: &Value) -> SampleCovariance {
    SampleCovariance::new(population(name), number(ratio)).unwrap()
}

#[track_caller]
fn close(ours: f64, exact: &Value, tolerance: f64) {
    let exact = number(exact);
    assert!(
        (ours - exact).abs() <= tolerance * exact.abs(),
        "{ours} {exact}: {:e}",
        ours / exact - 1.0
    );
}

#[test]
fn companions_are_the_roots_and_their_bounds_hold() {
    for row in rows("companion") {
        let exact = complex(&row[3]);
        let ours = limit(&row[0], &row[1]).companion(complex(&row[2])).unwrap();
        let gap = (ours.value - exact).norm();
        assert!(gap <= ours.error + 1e-15 * exact.norm() && gap <= SOLVED * exact.norm());
    }
}

#[test]
fn biases_and_variances_of_traces() {
    for row in rows("fluctuation") {
        let z = Complex64::new(-number(&row[2]), 0.0);
        let at = TraceFluctuation::new(&limit(&row[0], &row[1]), z).unwrap();
        close(at.trace_bias(|_| 1.0, 0.0).re, &row[3], SOLVED);
        close(at.trace_bias(|_| 1.0, -2.0).re, &row[4], SOLVED);
        close(at.trace_bias(|x| x, 0.0).re, &row[5], SOLVED);
        close(at.trace_bias(|x| x, -2.0).re, &row[6], SOLVED);
        close(at.covariance(&at, 0.0).re, &row[7], SOLVED);
        close(at.covariance(&at, -2.0).re, &row[8], SOLVED);
    }
}

#[test]
fn products_of_two_resolvents() {
    for row in rows("product") {
        let z = Complex64::new(-number(&row[2]), 0.0);
        let both = TwoPoint::new(&limit(&row[0], &row[1]), z, z).unwrap();
        close(both.trace(|x| x * x, |x| 1.0 / x).re, &row[3], SOLVED);
    }
    for row in rows("two-point") {
        let z = |i: usize| Complex64::new(-number(&row[i]), 0.0);
        let both = TwoPoint::new(&limit(&row[0], &row[1]), z(2), z(3)).unwrap();
        close(both.trace(|x| x, |_| 1.0).re, &row[4], SOLVED);
        close(both.trace(|_| 1.0, |_| 1.0).re, &row[5], SOLVED);
    }
}

#[test]
fn log_determinants() {
    for row in rows("log-determinant") {
        let ours = LogDeterminant::new(&limit(&row[0], &row[1]), number(&row[2])).unwrap();
        close(ours.limit(), &row[3], SOLVED);
        close(ours.bias(0.0), &row[4], SOLVED);
        close(ours.variance(-2.0), &row[5], SOLVED);
    }
}

#[test]
fn overlaps_and_densities_in_the_bulk() {
    for row in rows("overlap") {
        let at = OverlapProfile::at(&limit(&row[0], &row[1]), number(&row[2])).unwrap();
        close(at.quadratic_form(), &row[3], SOLVED);
        close(at.density(), &row[4], SOLVED);
    }
}

#[test]
fn spikes_of_a_covariance() {
    for row in rows("spike") {
        let bulk = limit(&row[0], &row[1]);
        let spike = CovarianceSpike::new(&bulk, number(&row[2])).unwrap();
        close(spike.location(), &row[3], CLOSED);
        close(spike.overlap(), &row[4], CLOSED);
        close(spike.variance(0.0), &row[5], CLOSED);
        close(spike.variance(-2.0), &row[6], CLOSED);
        close(spike.mean_shift(0.0), &row[7], SOLVED);
        close(spike.mean_shift(-2.0), &row[8], SOLVED);
        let threshold = CovarianceSpike::threshold(&bulk);
        close(threshold.value, &row[9], SOLVED);
        assert!((threshold.value - number(&row[9])).abs() <= threshold.error);
    }
}

#[test]
fn a_signal_in_rectangular_noise() {
    for row in rows("information-noise") {
        let ours = InformationNoise::new(number(&row[0]), number(&row[1])).unwrap();
        close(ours.location(), &row[2], CLOSED);
        close(ours.left_overlap(), &row[3], CLOSED);
        close(ours.right_overlap(), &row[4], CLOSED);
    }
}

#[test]
fn separable_covariances_and_their_bounds() {
    for row in rows("separable") {
        let (c, gamma) = (number(&row[2]), number(&row[3]));
        let ours = Separable::new(&population(&row[0]), &population(&row[1]), c, gamma).unwrap();
        for (ours, exact) in [(ours.delta(), &row[4]), (ours.companion(), &row[5])] {
            close(ours.value, exact, SOLVED);
            assert!((ours.value - number(exact)).abs() <= ours.error);
        }
    }
}

#[test]
fn moments_of_marchenko_and_pastur() {
    for row in rows("moments") {
        let k = row[1].as_u64().expect("orders are whole") as u32;
        close(marchenko_pastur_moment(number(&row[0]), k), &row[2], CLOSED);
    }
}
