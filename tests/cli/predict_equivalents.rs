//! The subcommands of `predict`: tables, JSON and misuse.

use super::{Value, assert_misuse, run};

fn object(arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    let ran = run(&arguments);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    serde_json::from_str(&ran.out).expect("one JSON object")
}

fn near(value: &Value, wanted: f64) {
    let value = value.as_f64().unwrap();
    assert!(
        (value - wanted).abs() < 1e-10 * wanted.abs().max(1.0),
        "{value} is not {wanted}"
    );
}

/// C = I, c = ½: κ(½) = √½, the spike 3 shows at 3(1 + ½/2).
#[test]
fn covariance_comes_out_as_by_hand() {
    let mut arguments = vec!["predict", "covariance", "--ratio", "0.5", "--ridge", "0.5"];
    arguments.extend(["--spike", "3", "--spike", "1.5", "--at", "-0.5,0"]);
    let answer = object(&arguments);
    near(&answer["ridge"][0]["kappa"], 0.5f64.sqrt());
    near(&answer["stieltjes"][0]["companion"][0], 2f64.sqrt());
    near(&answer["spikes"][0]["location"], 3.75);
    assert_eq!(answer["spikes"][1]["fate"], "absorbed");
    assert_eq!(answer["spikes"][1]["location"], Value::Null);
}

/// C = I, p = 20, n = 40, |β|² = s² = 1: γ* = ½, its risk s²(κ/γ − 1) = √2 − 1; ridgeless variance c/(1 − c) = 1.
#[test]
fn ridge_and_gradient_flow_come_out_as_by_hand() {
    let model = ["--features", "20", "--samples", "40"];
    let ridge = object(&[&["predict", "ridge", "--ridge", "0.5"][..], &model].concat());
    near(&ridge["optimal"]["gamma"], 0.5);
    near(&ridge["optimal"]["excess"], 2f64.sqrt() - 1.0);
    near(&ridge["ridge"][0]["excess"], 2f64.sqrt() - 1.0);
    near(&ridge["ridgeless"]["variance"], 1.0);
    let flow = object(&[&["predict", "gradient-flow", "--time", "0"][..], &model].concat());
    near(&flow["flow"][0]["excess"], 1.0);
    near(&flow["flow"][0]["train"], 2.0);
}

#[test]
fn random_features_agree_along_both_routes() {
    let mut arguments = vec!["predict", "random-features", "--neurons", "1.5"];
    arguments.extend(["--samples", "3", "--noise", "0.2", "--lambda", "0.01"]);
    let answer = object(&arguments);
    let risk = &answer["risks"][0];
    near(&risk["test"], risk["mei_montanari"].as_f64().unwrap());
}

/// One ReLU layer: α₁ = ¼, α₃ = 1/(4π), diagonal (1 − 1/π)/2.
#[test]
fn deep_kernel_has_a_table_and_the_known_coefficients() {
    let arguments = ["predict", "deep-kernel", "--layers", "2"];
    let answer = object(&arguments);
    near(&answer["conjugate"][0]["gram"], 0.25);
    near(
        &answer["conjugate"][0]["cross"],
        0.25 / std::f64::consts::PI,
    );
    near(
        &answer["conjugate"][0]["diagonal"],
        0.5 - 0.5 / std::f64::consts::PI,
    );
    let ran = run(&arguments);
    assert!(
        ran.out.contains("tangent") && ran.out.contains("identity"),
        "{}",
        ran.out
    );
}

#[test]
fn questions_without_an_answer_are_one_clear_line() {
    let covariance = |rest: &[&'static str]| [&["predict", "covariance"][..], rest].concat();
    assert_misuse(&covariance(&["--ratio", "0"]), &["0"]);
    assert_misuse(&covariance(&["--ratio", "0.5", "--ridge", "-1"]), &["-1"]);
    assert_misuse(&covariance(&["--ratio", "0.5", "--at", "1,0"]), &["1"]);
    assert_misuse(&covariance(&["--ratio", "0.5", "--spike", "0.5"]), &["0.5"]);
    let law = ["--ratio", "0.5", "--population", "semicircle:0,1"];
    assert_misuse(&covariance(&law), &["not negative"]);
    assert_misuse(
        &["predict", "ridge", "--features", "0", "--samples", "3"],
        &[],
    );
    assert_misuse(
        &["predict", "deep-kernel", "--activation", "swish"],
        &["swish", "relu"],
    );
    assert_misuse(&["predict", "deep-kernel", "--layers", "0"], &["layer"]);
    assert_misuse(&["predict"], &["--nu"]);
}
