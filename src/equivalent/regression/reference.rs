//! Against fixtures/reference/equivalent/regression.json: 30 digits from polynomial roots, quadrature on the cut, other contours, sums of mpmath.

use super::*;
use serde_json::Value;

const TEXT: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/reference/equivalent/regression.json"
));

fn json() -> Value {
    serde_json::from_str(TEXT).expect("a script wrote it")
}

fn float(value: &Value) -> f64 {
    match value {
        Value::String(digits) => digits.parse().expect("digits"),
        other => other.as_f64().expect("a number"),
    }
}

fn floats(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(float)
        .collect()
}

fn rows(name: &str) -> Vec<Value> {
    json()[name].as_array().expect("a list").clone()
}

#[track_caller]
fn agree(what: &str, ours: f64, reference: f64, relative: f64) {
    let scale = reference.abs();
    assert!(
        (ours - reference).abs() <= relative * scale,
        "{what}: {ours} {reference}: {:e}",
        (ours / reference - 1.0).abs()
    );
}

fn model(name: &Value) -> Regression {
    let all = json();
    let model = &all["models"][name.as_str().expect("a name")];
    let mut features = vec![];
    for group in model["groups"].as_array().expect("groups") {
        let group = floats(group);
        features.extend(vec![(group[0], group[2] / group[1]); group[1] as usize]);
    }
    Regression::new(&features, float(&model["samples"]), float(&model["noise"])).unwrap()
}

#[test]
fn ridge_risks_and_their_bounds_hold_the_reference_values() {
    for row in rows("ridge") {
        let model = model(&row["model"]);
        let gamma = float(&row["gamma"]);
        let kappa = model.covariance().kappa(gamma).unwrap();
        agree("κ", kappa.value, float(&row["kappa"]), 1e-13);
        let (risk, limit) = (model.ridge(gamma).unwrap(), floats(&row["limit"]));
        let ours = [risk.bias, risk.variance, risk.train, risk.in_sample];
        for (ours, limit) in ours.into_iter().zip(limit) {
            agree("risk", ours.value, limit, 1e-12);
            assert!((ours.value - limit).abs() <= ours.error + 1e-16 * limit);
        }
    }
}

#[test]
fn shifts_of_ridge_risks_are_the_second_differences_of_the_log_determinant() {
    for row in rows("ridge") {
        let model = model(&row["model"]);
        for (law, kurtosis) in [("gaussian", 0.0), ("uniform", -1.25)] {
            let shift = model.ridge_shift(float(&row["gamma"]), kurtosis).unwrap();
            let ours = [shift.bias, shift.variance, shift.train, shift.in_sample];
            for (ours, reference) in ours.into_iter().zip(floats(&row[law])) {
                agree("shift", ours, reference, 1e-10);
            }
        }
    }
}

#[test]
fn isotropic_flow_is_the_quadrature_on_the_cut() {
    for row in rows("flow_isotropic") {
        let flow = isotropic_flow(float(&row["ratio"]), 1.25, 0.75, float(&row["time"])).unwrap();
        let ours = [flow.bias, flow.variance, flow.train];
        for (ours, reference) in ours.into_iter().zip(floats(&row["values"])) {
            agree("flow", ours, reference, 1e-12);
        }
    }
}

#[test]
fn flow_of_a_general_population_is_the_integral_over_another_contour() {
    for row in rows("flow_general") {
        let flow = model(&row["model"]).flow(float(&row["time"])).unwrap();
        let ours = [flow.bias, flow.variance, flow.train];
        for (ours, reference) in ours.into_iter().zip(floats(&row["values"])) {
            agree("flow", ours, reference, 1e-10);
        }
    }
}

#[test]
fn power_laws_and_their_asymptotics_hold_the_reference_values() {
    for row in rows("power_laws") {
        let law = PowerLaw::new(float(&row["capacity"]), float(&row["source"])).unwrap();
        let samples = float(&row["samples"]);
        let kappa = law.ridgeless_kappa(samples).unwrap();
        let (bias, variance) = law.least_norm(samples).unwrap();
        let flow = law.population_flow(25.0);
        for (what, ours) in [
            ("kappa", kappa),
            ("bias", bias),
            ("variance", variance),
            ("flow", flow),
        ] {
            agree(what, ours.value, float(&row[what]), 1e-12);
            assert!(
                (ours.value - float(&row[what])).abs() <= ours.error,
                "{what}: {ours:?}"
            );
        }
        let residual = law.width_residual(samples).unwrap();
        agree("residual", residual, float(&row["residual"]), 1e-12);
        agree(
            "data law",
            law.data_law().prefactor,
            float(&row["data"]),
            1e-13,
        );
        agree(
            "time law",
            law.time_law().prefactor,
            float(&row["time"]),
            1e-13,
        );
        if !row["width"].is_null() {
            agree(
                "width law",
                law.width_law().prefactor,
                float(&row["width"]),
                1e-13,
            );
        }
    }
}

#[test]
fn shifts_of_two_resolvents_are_the_second_differences_of_the_log_determinant_of_blocks() {
    for row in rows("products") {
        let model = model(&row["model"]);
        let [first, second] = ["a", "b"].map(|name| {
            let z = num_complex::Complex64::from(-float(&row[name]));
            contour::Node {
                z,
                companion: model.covariance().companion(z).unwrap().value,
                weight: num_complex::Complex64::ONE,
            }
        });
        let ours = model.product_shift(&first, &second, float(&row["kurtosis"]));
        agree("Q₁CQ₂", ours.re, float(&row["value"]), 1e-10);
    }
}

#[test]
fn classifier_margins_are_the_quadratures_of_their_densities() {
    for row in rows("classification") {
        let at = |name: &str| float(&row[name]);
        let model = Classification::new(at("ratio"), at("strength"), at("initial")).unwrap();
        let m = model.at(at("time")).unwrap();
        let ours = [
            m.mean,
            m.variance,
            m.train_mean,
            m.train_variance,
            m.test_error,
            m.train_error,
        ];
        for (ours, reference) in ours.into_iter().zip(floats(&row["values"])) {
            agree("margin", ours, reference, 1e-11);
        }
    }
}

#[test]
fn the_constant_of_early_stopping_is_the_reference_value() {
    let all = json();
    let (value, at) = early_stopping_constant();
    agree("constant", value, float(&all["stopping"]["value"]), 1e-14);
    agree("argument", at, float(&all["stopping"]["at"]), 1e-14);
}
