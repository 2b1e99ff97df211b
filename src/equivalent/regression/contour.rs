//! Cauchy integrals around the spectrum of Ĉ.

use crate::equivalent::{EquivalentError, SampleCovariance};
use num_complex::Complex64;

/// Growth e^{2t·overshoot} of e^{−2tz} left of 0 that is let in: about e³.
const GROWTH: f64 = 1.5;

/// Nodes of the trapezoidal rule on an ellipse with the foci 0 and (1 + √c)²‖C‖, which hold the spectrum.
///
/// Only the upper half is kept: F(z̄) is the conjugate of F(z) in all that is integrated.
#[derive(Debug, Clone)]
pub(super) struct Contour {
    /// z, m̃(z), and w with (1/2πi)∮F dz ≈ 2 Re Σ wF(z).
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub z: Complex64,
    pub companion: Complex64,
    pub weight: Complex64,
}

impl Contour {
    /// For integrands that grow left of 0 like e^{−2tz}, t ≥ 0.
    ///
    /// z = (b/2)(1 + cosh(ρ + iθ)). The rule errs by about e^{−Kρ} times the largest value between the cut and twice ρ;
    /// ρ is such that e^{−2tz} grows by e³ at most on the ellipse and by e¹³ on the wider one, and Kρ = 52.
    pub fn new(covariance: &SampleCovariance, time: f64) -> Result<Self, EquivalentError> {
        let edge = (1.0 + covariance.ratio().sqrt()).powi(2) * covariance.population().largest();
        let overshoot = (GROWTH / time.max(1e-300)).min(0.25 * edge);
        let rho = (1.0 + 2.0 * overshoot / edge).acosh();
        let half = (26.0 / rho).ceil();
        let nodes = (0..half as usize).map(|k| {
            let theta = std::f64::consts::PI * (k as f64 + 0.5) / half;
            let at = Complex64::new(rho, theta);
            let z = 0.5 * edge * (1.0 + at.cosh());
            // dz/dθ = i(b/2)sinh, and 1/(2πi)·2π/K = 1/(iK).
            let weight = 0.5 * edge * at.sinh() / (2.0 * half);
            let companion = covariance.companion(z)?.value;
            Ok(Node {
                z,
                companion,
                weight,
            })
        });
        Ok(Self {
            nodes: nodes.collect::<Result<_, EquivalentError>>()?,
        })
    }

    /// (1/2πi)∮F dz.
    pub fn integral(&self, f: impl Fn(&Node) -> Complex64) -> f64 {
        2.0 * self
            .nodes
            .iter()
            .map(|node| (node.weight * f(node)).re)
            .sum::<f64>()
    }

    /// (1/2πi)²∮∮F(z₁, z₂)dz₁dz₂ for symmetric F.
    pub fn double_integral(&self, f: impl Fn(&Node, &Node) -> Complex64) -> f64 {
        let mut sum = 0.0;
        for (k, first) in self.nodes.iter().enumerate() {
            for (l, second) in self.nodes[..=k].iter().enumerate() {
                let below = Node {
                    z: second.z.conj(),
                    companion: second.companion.conj(),
                    weight: second.weight.conj(),
                };
                let pair = second.weight * f(first, second) + below.weight * f(first, &below);
                let times = if l == k { 2.0 } else { 4.0 };
                sum += times * (first.weight * pair).re;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equivalent::Population;

    #[test]
    fn poles_inside_give_their_residues() {
        let limit = SampleCovariance::new(Population::isotropic(), 0.5).unwrap();
        for time in [0.0, 0.3, 4.0, 40.0] {
            let contour = Contour::new(&limit, time).unwrap();
            for pole in [0.0, 0.7, 2.9] {
                let residue = contour.integral(|n| (-2.0 * time * n.z).exp() / (n.z - pole));
                let exact = (-2.0 * time * pole).exp();
                assert!(
                    (residue - exact).abs() < 1e-11,
                    "{time} {pole}: {residue} {exact}"
                );
            }
            let double = contour.double_integral(|a, b| (a.z * b.z).inv());
            assert!((double - 1.0).abs() < 1e-11);
        }
    }
}
