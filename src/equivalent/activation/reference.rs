//! Against `fixtures/reference/equivalent/activation.py`, which integrates the definitions with 40 digits.

use super::Activation;
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    activation: String,
    what: String,
    at: Vec<f64>,
    value: String,
}

fn activation(name: &str) -> Activation {
    let found = Activation::ALL.into_iter().find(|s| s.name() == name);
    found.unwrap_or_else(|| panic!("the script knows {name}, we do not"))
}

fn ours(s: Activation, row: &Row) -> f64 {
    let at = &row.at;
    match row.what.as_str() {
        "hermite" => return s.hermite(at[0] as u32),
        "kernel" => return s.kernel(at[0], at[1], at[2]).unwrap(),
        "slope_kernel" => return s.slope_kernel(at[0], at[1], at[2]).unwrap(),
        _ => {}
    }
    let moments = s.moments(at[0]).unwrap();
    match row.what.as_str() {
        "mean" => moments.mean,
        "slope" => moments.slope,
        "curvature" => moments.curvature,
        "variance" => moments.variance,
        "slope_square" => moments.slope_square,
        "square_curvature" => moments.square_curvature,
        other => panic!("unknown quantity {other}"),
    }
}

#[test]
fn moments_coefficients_and_kernels_agree_with_high_precision() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/reference/equivalent/activation.json"
    ))
    .unwrap();
    let rows: Vec<Row> = serde_json::from_str(&text).unwrap();
    assert!(rows.len() > 200);
    for row in &rows {
        let s = activation(&row.activation);
        let truth: f64 = row.value.parse().unwrap();
        let found = ours(s, row);
        let tolerance = match s {
            Activation::Tanh | Activation::Softplus => 1e-12,
            _ => 1e-13,
        };
        // Quantities that vanish by symmetry are compared on the scale 1.
        let scale = if truth.abs() < 1e-25 {
            1.0
        } else {
            truth.abs()
        };
        assert!(
            (found - truth).abs() <= tolerance * scale,
            "{} {} {:?}: {found} {truth}, off by {:e}",
            row.activation,
            row.what,
            row.at,
            (found - truth).abs() / scale
        );
    }
}
