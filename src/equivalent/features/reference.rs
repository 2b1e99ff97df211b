//! Against `fixtures/reference/equivalent/features.py`: 40 digits, other routes.

use super::{FixedFeatures, NonlinearCovariance, RandomFeatures, Task, TestSet};
use nalgebra::DMatrix;
use serde_json::Value;

const JSON: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/reference/equivalent/features.json"
));

fn rows(values: &Value) -> &Vec<Value> {
    values.as_array().expect("the script writes lists")
}

fn number(value: &Value) -> f64 {
    let text = value
        .as_str()
        .expect("the script writes numbers as strings");
    text.parse().expect("the script writes numbers")
}

fn numbers(values: &Value) -> Vec<f64> {
    rows(values).iter().map(number).collect()
}

fn matrix(values: &Value) -> DMatrix<f64> {
    let rows: Vec<Vec<f64>> = rows(values).iter().map(numbers).collect();
    DMatrix::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j])
}

fn agree(ours: f64, reference: &Value, tolerance: f64, row: &Value) {
    let exact = number(reference);
    let gap = (ours / exact - 1.0).abs();
    assert!(gap <= tolerance, "{row}: {ours} off by {gap:e}");
}

fn random(row: &Value) -> (RandomFeatures, Task) {
    let at = |key: &str| number(&row[key]);
    let features = RandomFeatures::new(at("psi1"), at("psi2"), at("mu1"), at("mustar"));
    let task = Task {
        signal: at("signal"),
        noise: at("noise"),
    };
    (features.expect("the script's parameters are valid"), task)
}

#[test]
fn spectra_agree_with_the_quartic() {
    let all: Value = serde_json::from_str(JSON).unwrap();
    assert_eq!(rows(&all["spectrum"]).len(), 36);
    for row in rows(&all["spectrum"]) {
        let at = |key: &str| number(&row[key]);
        let law = NonlinearCovariance::new(at("eta"), at("zeta"), at("phi"), at("psi")).unwrap();
        agree(
            law.trace(at("gamma")).unwrap().value,
            &row["trace"],
            1e-10,
            row,
        );
    }
}

#[test]
fn risks_of_random_features_agree_by_both_routes() {
    let all: Value = serde_json::from_str(JSON).unwrap();
    assert_eq!(rows(&all["random"]).len(), 30);
    for row in rows(&all["random"]) {
        let (features, task) = random(row);
        let lambda = number(&row["lambda"]);
        agree(
            features.overlap(lambda).unwrap().value,
            &row["overlap"],
            1e-12,
            row,
        );
        agree(
            features.risk(lambda, task).unwrap(),
            &row["test"],
            1e-10,
            row,
        );
        let risk = features.equivalent(lambda, task).unwrap();
        agree(risk.test, &row["test"], 1e-10, row);
        agree(risk.train, &row["train"], 1e-10, row);
    }
}

#[test]
fn risks_along_the_flow_agree_with_another_contour() {
    let all: Value = serde_json::from_str(JSON).unwrap();
    for row in rows(&all["random_flow"]) {
        let (features, task) = random(row);
        let risk = features.flow(number(&row["t"]), task).unwrap();
        agree(risk, &row["risk"], 1e-10, row);
    }
}

#[test]
fn errors_on_fixed_data_agree_with_the_matrix_formulas() {
    let all: Value = serde_json::from_str(JSON).unwrap();
    let kernel = matrix(&all["kernel"]);
    let labels = numbers(&all["labels"]);
    let test = TestSet {
        cross: matrix(&all["cross"]),
        trace: number(&all["test_trace"]),
        labels: numbers(&all["test_labels"]),
    };
    let features = |row: &Value| {
        let neurons = row["neurons"].as_u64().expect("a count") as usize;
        FixedFeatures::new(&kernel, neurons).unwrap()
    };
    for row in rows(&all["fixed"]) {
        let (features, gamma) = (features(row), number(&row["gamma"]));
        let trace = features.trace(gamma).unwrap();
        agree(trace.value, &row["trace"], 1e-12, row);
        assert!((trace.value - number(&row["trace"])).abs() <= trace.error);
        let ridge = gamma * 4.0 / features.neurons() as f64;
        agree(
            features.kappa(gamma).unwrap().value / ridge - 1.0,
            &row["delta"],
            1e-10,
            row,
        );
        agree(
            features.train(gamma, &labels).unwrap(),
            &row["train"],
            1e-10,
            row,
        );
        agree(
            features.test(gamma, &labels, &test).unwrap(),
            &row["test"],
            1e-10,
            row,
        );
    }
    for row in rows(&all["fixed_flow"]) {
        let train = features(row).flow(number(&row["t"]), &labels).unwrap();
        agree(train, &row["train"], 1e-10, row);
    }
}
