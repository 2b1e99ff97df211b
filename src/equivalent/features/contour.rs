//! Contour integrals of functions of a sample covariance matrix.

use crate::equivalent::{EquivalentError, SampleCovariance};
use num_complex::Complex64;
use std::f64::consts::TAU;

/// Least number of nodes on the upper half of the ellipse.
const LEAST: usize = 24;

/// A node in the upper half-plane: z, its weight dz/(2πi), m̃(z). Its conjugate is a node with the conjugates of both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub z: Complex64,
    pub weight: Complex64,
    pub companion: Complex64,
}

/// An ellipse around the limiting spectrum of Ĉ and 0, for integrands with a factor e^{−sz}.
///
/// Its foci are 0 and a bound b of the right edge, b = (1 + √c)²‖C‖. It reaches 4/s, or b/2 if less, beyond them. In the
/// variable w of z = b/2 + b(w + 1/w)/4 the ellipse is |w| = 1 + r with r = 4/√(sb) or a little less, and a factor analytic off the
/// spectrum is analytic for |w| > 1; the rule with M nodes leaves e^{−Mr} from inside. From outside it leaves the least of
/// e^{sbx²/4 − M(x − r)} over x, e^{Mr − M²/(sb)}. With M = 10√(sb) these are e^{−40} and e^{−60}.
#[derive(Debug, Clone)]
pub(super) struct Contour {
    nodes: Vec<Node>,
}

impl Contour {
    /// # Errors   sb > 1e6, which would take thousands of nodes; the solver's own
    pub fn around(limit: &SampleCovariance, s: f64) -> Result<Self, EquivalentError> {
        let edge = limit.population().largest() * (1.0 + limit.ratio().sqrt()).powi(2);
        if s * edge > 1e6 {
            return Err(EquivalentError::OutOfRange {
                name: "time times the largest eigenvalue",
                value: s * edge,
                allowed: "at most 1e6",
            });
        }
        let reach = if s * edge > 8.0 { 4.0 / s } else { 0.5 * edge };
        let half = 0.5 * edge;
        let long = half + reach;
        let short = (long * long - half * half).sqrt();
        let count = LEAST.max((5.0 * (s * edge).sqrt()).ceil() as usize);
        let nodes = (0..count).map(|k| {
            // Half a step of offset keeps the nodes off the axis.
            let step = TAU / (2 * count) as f64;
            let angle = (k as f64 + 0.5) * step;
            let (sin, cos) = (libm::sin(angle), libm::cos(angle));
            let z = Complex64::new(half + long * cos, short * sin);
            let tangent = Complex64::new(-long * sin, short * cos) * step;
            Ok(Node {
                z,
                weight: tangent / Complex64::new(0.0, TAU),
                companion: limit.companion(z)?.value,
            })
        });
        let nodes: Result<Vec<Node>, EquivalentError> = nodes.collect();
        Ok(Self { nodes: nodes? })
    }

    /// The nodes above the axis.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// (1/2πi)∮f dz for f(z̄) the conjugate of f(z).
    pub fn integral(&self, f: impl Fn(&Node) -> Complex64) -> f64 {
        let upper = self.nodes.iter().map(|node| (f(node) * node.weight).re);
        2.0 * upper.sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equivalent::Population;

    /// −(1/2πi)∮ g(z) m(z) dz = ∫g dMP, whose first two moments are 1 and 1 + c.
    #[test]
    fn contours_return_moments_and_mass_of_marchenko_pastur() {
        for ratio in [0.5, 2.0] {
            let limit = SampleCovariance::new(Population::isotropic(), ratio).unwrap();
            for s in [0.1, 3.0, 40.0] {
                let contour = Contour::around(&limit, s).unwrap();
                let mean = |k: i32| {
                    -contour.integral(|node| {
                        limit.resolvent(node.z, node.companion, 1.0) * node.z.powi(k)
                    })
                };
                for (k, exact) in [(0, 1.0), (1, 1.0), (2, 1.0 + ratio)] {
                    let found = mean(k);
                    assert!(
                        (found - exact).abs() < 1e-12 * (1.0 + exact),
                        "{ratio} {s} {k}: {found}"
                    );
                }
            }
        }
    }
}
