//! Against `fixtures/reference/equivalent/kernel.py`, which takes other routes with 40 digits.

use super::{DeepKernel, FiniteWidth, HermiteKernel, TangentFlow};
use crate::equivalent::activation::Activation;
use num_complex::Complex64;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Row {
    what: String,
    at: Value,
    values: Vec<String>,
}

impl Row {
    fn number(&self, name: &str) -> f64 {
        self.at[name].as_f64().unwrap()
    }

    fn activation(&self) -> Activation {
        let name = self.at["activation"].as_str().unwrap();
        let mut known = Activation::ALL.into_iter();
        known
            .find(|s| s.name() == name)
            .expect("the script knows our activations only")
    }

    fn width(&self) -> FiniteWidth {
        let ratios = self.at["ratios"].as_array().unwrap().iter();
        let ratios = ratios.map(|x| x.as_f64().unwrap()).collect();
        FiniteWidth::new(self.number("slope"), ratios).unwrap()
    }

    fn deep(&self) -> DeepKernel {
        let names = self.at["activations"].as_array().unwrap().iter();
        let activations: Vec<Activation> = names
            .map(|name| {
                let known = Activation::ALL.into_iter();
                let mut found = known.filter(|s| s.name() == name.as_str().unwrap());
                found.next().expect("the script knows our activations only")
            })
            .collect();
        DeepKernel::new(self.number("square").sqrt(), &activations).unwrap()
    }

    fn ours(&self) -> Vec<f64> {
        match self.what.as_str() {
            "conjugate" | "tangent" => {
                let kernel = self.deep();
                let found = if self.what == "tangent" {
                    kernel.tangent()
                } else {
                    kernel.conjugate()
                };
                vec![found.gram, found.norm, found.cross, found.diagonal]
            }
            "hermite" => {
                let kernel = HermiteKernel::new(self.activation(), self.number("ratio")).unwrap();
                let z = Complex64::new(self.number("re"), self.number("im"));
                let m = kernel.stieltjes(z).unwrap();
                assert!(m.error < 1e-10 * m.value.norm());
                vec![m.value.re, m.value.im]
            }
            "width" => {
                let layer = self.number("layer") as usize;
                let m = self.width().stieltjes(layer, self.number("ridge")).unwrap();
                vec![m.value]
            }
            "width_moments" => self.width().moments(self.number("layer") as usize).to_vec(),
            "spike" => {
                let path = self.width().spike(self.number("theta")).unwrap();
                let path = path.iter();
                path.flat_map(|layer| [layer.location, layer.overlap])
                    .collect()
            }
            "flow" => {
                let [a, b, rho, h] =
                    ["gram", "identity", "signal", "shape"].map(|k| self.number(k));
                let flow = TangentFlow::new(a, b, rho, h).unwrap();
                vec![flow.training(self.number("time")).unwrap()]
            }
            other => panic!("unknown quantity {other}"),
        }
    }

    /// Relative agreement asked for.
    fn tolerance(&self) -> f64 {
        match self.what.as_str() {
            "conjugate" | "tangent" | "width_moments" => 1e-13,
            _ => 1e-10,
        }
    }
}

#[test]
fn values_agree_with_high_precision() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/reference/equivalent/kernel.json"
    ))
    .unwrap();
    let rows: Vec<Row> = serde_json::from_str(&text).unwrap();
    assert!(rows.len() >= 80);
    for row in &rows {
        let ours = row.ours();
        assert_eq!(ours.len(), row.values.len());
        for (k, (found, truth)) in ours.iter().zip(&row.values).enumerate() {
            let truth: f64 = truth.parse().unwrap();
            // Coefficients that vanish are compared on the scale 1; the script's differences leave 1e-25 of them.
            let scale = if truth.abs() < 1e-20 {
                1.0
            } else {
                truth.abs()
            };
            let off = (found - truth).abs() / scale;
            assert!(
                off <= row.tolerance(),
                "{} {} [{k}]: {found} {truth}, off by {off:e}",
                row.what,
                row.at
            );
        }
    }
}
