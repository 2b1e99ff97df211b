//! `predict`: tables and JSON.

use super::{Value, run};

fn object(arguments: &[&str]) -> Value {
    let ran = run(arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.err, "");
    serde_json::from_str(&ran.out).expect("one JSON object")
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn json_has_the_fields_of_the_design() {
    let mut arguments = vec!["predict", "--nu", "atoms:-1=0.5,1=0.5", "--sigma", "0.5"];
    arguments.extend([
        "--at", "-0.5,1", "--at", "0,0", "--spike", "-1.2", "--spike", "4",
    ]);
    arguments.extend(["--density", "-2,2,5", "--json"]);
    let answer = object(&arguments);
    for key in ["nu", "sigma", "support", "stieltjes", "spikes", "density"] {
        assert!(keys(&answer).contains(&key), "{key} is missing");
    }
    assert_eq!(answer["nu"], "atoms:-1=0.5,1=0.5");
    assert_eq!(answer["sigma"], 0.5);
    assert_eq!(answer["support"].as_array().unwrap().len(), 2);
    assert_eq!(answer["stieltjes"].as_array().unwrap().len(), 2);
    let first = &answer["stieltjes"][0];
    assert_eq!(first["z"], serde_json::json!([-0.5, 1.0]));
    for key in ["s", "omega", "error_bound"] {
        assert!(keys(first).contains(&key), "{key} is missing");
    }
    let spikes = answer["spikes"].as_array().unwrap();
    assert_eq!(spikes[0]["theta"], -1.2);
    for key in ["fate", "location", "slope", "overlap", "goe_variance"] {
        assert!(keys(&spikes[0]).contains(&key), "{key} is missing");
    }
    assert_eq!(answer["density"].as_array().unwrap().len(), 5);
    assert_eq!(answer["density"][0][0], -2.0);
}

/// S = 0, σ = 1: support [−2, 2], s(i) = i(√5 − 1)/2, Φ(2) = 2.5, overlap 1 − 1/4, variance 2(1 − 1/4).
#[test]
fn semicircle_comes_out_as_by_hand() {
    let mut arguments = vec!["predict", "--nu", "atoms:0=1", "--at", "0,1"];
    arguments.extend(["--spike", "2", "--spike", "0.5", "--json"]);
    let answer = object(&arguments);
    let near = |value: &Value, wanted: f64| {
        let value = value.as_f64().unwrap();
        assert!((value - wanted).abs() < 1e-12, "{value} is not {wanted}");
    };
    near(&answer["support"][0][0], -2.0);
    near(&answer["support"][0][1], 2.0);
    near(&answer["stieltjes"][0]["s"][1], (5f64.sqrt() - 1.0) / 2.0);
    assert_eq!(answer["spikes"][0]["fate"], "separates");
    near(&answer["spikes"][0]["location"], 2.5);
    near(&answer["spikes"][0]["slope"], 0.75);
    near(&answer["spikes"][0]["overlap"], 0.75);
    near(&answer["spikes"][0]["goe_variance"], 1.5);
    assert_eq!(answer["spikes"][1]["fate"], "absorbed");
    near(&answer["spikes"][1]["location"], 2.0);
}

#[test]
fn sigma_is_the_standard_deviation() {
    let answer = object(&["predict", "--nu", "atoms:0=1", "--sigma", "3", "--json"]);
    let edge = answer["support"][0][1].as_f64().unwrap();
    assert!((edge - 6.0).abs() < 1e-11);
}

#[test]
fn text_is_for_people() {
    let ran = run(&["predict", "--nu", "atoms:0=1", "--spike", "2"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.out.contains("separates") && ran.out.contains("2.5"),
        "{}",
        ran.out
    );
    assert!(ran.out.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn eigenvalues_come_from_a_file() {
    let folder = super::fresh_folder("eigenvalues");
    let path = folder.join("ones.txt");
    std::fs::write(&path, "1\n1\n").unwrap();
    let spec = format!("file:{}", path.display());
    let answer = object(&["predict", "--nu", &spec, "--json"]);
    assert!((answer["support"][0][1].as_f64().unwrap() - 3.0).abs() < 1e-12);
}
