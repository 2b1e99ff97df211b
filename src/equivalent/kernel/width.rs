//! Conjugate kernels of networks whose widths are of the order of the number of samples.

use crate::equivalent::EquivalentError;
use crate::equivalent::activation::Activation;
use crate::measure::Certified;

/// Limit spectra of X_lᵀX_l, X_l = s(W_lX_{l−1})/√d_l, W_l Gaussian, for a normalised activation, E s(ξ) = 0 and E s(ξ)² = 1.
///
/// X_0 = Z/√d_0 has independent standard entries; γ_l = n/d_l for l = 0, …, L; b = (E s′(ξ))². Given layer l − 1, X_lᵀX_l is a sample
/// covariance of d_l samples with population (1 − b)I + bX_{l−1}ᵀX_{l−1}:
///
/// ```text
/// m_l(z) = ∫1/(λu − z)H_l(dλ),   u = 1 − γ_l − γ_l z m_l,   H_l = law of (1 − b) + bλ, λ ~ μ_{l−1},   μ_0 = MP(γ_0)
/// ```
///
/// # Source   Z. Fan and Z. Wang (2020); our E3 and E5
/// # Examples
/// ```
/// use rmt_verify::equivalent::kernel::FiniteWidth;
/// // b = 0: the layer is pure noise, Marchenko–Pastur of ratio γ₁ = 1, zm² + zm + 1 = 0.
/// let network = FiniteWidth::new(0.0, vec![2.0, 1.0])?;
/// let m = network.stieltjes(1, 0.5)?.value;
/// assert!((-0.5 * m * m - 0.5 * m + 1.0).abs() < 1e-14);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FiniteWidth {
    slope: f64,
    ratios: Vec<f64>,
}

/// A spike after a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Propagated {
    /// The eigenvalue that leaves the bulk.
    pub location: f64,
    /// Squared overlap of its eigenvector with the signal.
    pub overlap: f64,
}

impl FiniteWidth {
    /// b and γ_0, …, γ_L.
    ///
    /// # Errors
    /// b not in [0, 1]; no ratio, or one that is not positive and finite.
    pub fn new(slope: f64, ratios: Vec<f64>) -> Result<Self, EquivalentError> {
        if !(0.0..=1.0).contains(&slope) {
            return Err(EquivalentError::OutOfRange {
                name: "b",
                value: slope,
                allowed: "(E s′)² ≤ E s² = 1",
            });
        }
        let invalid = |x: &&f64| !(**x > 0.0 && x.is_finite());
        if let Some(&ratio) = ratios.iter().find(invalid) {
            return Err(EquivalentError::RatioInvalid { ratio });
        }
        if ratios.is_empty() {
            return Err(EquivalentError::RatioInvalid { ratio: f64::NAN });
        }
        Ok(Self { slope, ratios })
    }

    /// b of an activation after it is centred and scaled, (E s′)²/Var s.
    ///
    /// # Errors   as [`Activation::moments`]
    pub fn slope_of(s: Activation) -> Result<f64, EquivalentError> {
        let moments = s.moments(1.0)?;
        Ok(moments.slope * moments.slope / moments.variance)
    }

    /// b.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// γ_0, …, γ_L.
    #[must_use]
    pub fn ratios(&self) -> &[f64] {
        &self.ratios
    }

    /// m_l(−g), the limit of (1/n)tr(X_lᵀX_l + g)⁻¹.
    ///
    /// # Accuracy the bound is proved up to rounding: G(u) = (u − 1 + γ)/(γg) − ∫1/(λu + g)dH increases with slope at least 1/(γg), so m, which is
    /// affine in u with this slope, errs by at most |G(u)| and the error of the layer below
    /// # Errors   l > L; g not in (0, ∞)
    pub fn stieltjes(&self, layer: usize, ridge: f64) -> Result<Certified<f64>, EquivalentError> {
        if layer >= self.ratios.len() {
            return Err(EquivalentError::OutOfRange {
                name: "layer",
                value: layer as f64,
                allowed: "layers are counted from 0 to L",
            });
        }
        if !(ridge > 0.0 && ridge.is_finite()) {
            return Err(EquivalentError::RidgeInvalid { gamma: ridge });
        }
        Ok(self.solve(layer, ridge))
    }

    fn solve(&self, layer: usize, g: f64) -> Certified<f64> {
        let ratio = self.ratios[layer];
        if layer == 0 {
            return marchenko_pastur(ratio, g);
        }
        let excess = |u: f64| {
            let below = self.mixed(layer - 1, u, g);
            ((u - 1.0 + ratio) / (ratio * g) - below.value, below.error)
        };
        // G(0+) < 0 < G(1); the Illinois rule halves the value at an end that stays.
        let (mut lo, mut hi) = (0.0, 1.0);
        let (mut at_lo, mut at_hi) = (-1.0 / (ratio * g), excess(1.0).0);
        let (mut u, mut last) = (1.0, at_hi);
        for _ in 0..200 {
            if hi - lo <= f64::EPSILON || last == 0.0 {
                break;
            }
            let next = (lo * at_hi - hi * at_lo) / (at_hi - at_lo);
            u = if next > lo && next < hi {
                next
            } else {
                0.5 * (lo + hi)
            };
            let (value, _) = excess(u);
            if value > 0.0 {
                (hi, at_hi) = (u, value);
                at_lo *= if last > 0.0 { 0.5 } else { 1.0 };
            } else {
                (lo, at_lo) = (u, value);
                at_hi *= if last < 0.0 { 0.5 } else { 1.0 };
            }
            if value.abs() <= 4.0 * f64::EPSILON / g {
                break;
            }
            last = value;
        }
        let (left, error) = excess(u);
        // ∫1/(λu + g)dH is the better of the two expressions of m: it does not cancel.
        let value = self.mixed(layer - 1, u, g).value;
        Certified {
            value,
            error: left.abs() + error + 8.0 * f64::EPSILON * value,
        }
    }

    /// ∫1/(λu + g)dH with H the law of (1 − b) + bλ over the layer `below`.
    fn mixed(&self, below: usize, u: f64, g: f64) -> Certified<f64> {
        let b = self.slope;
        if b * u == 0.0 {
            return Certified {
                value: 1.0 / (u + g),
                error: f64::EPSILON / g,
            };
        }
        let m = self.solve(below, (g + (1.0 - b) * u) / (b * u));
        Certified {
            value: m.value / (b * u),
            error: m.error / (b * u),
        }
    }

    /// ∫λ²dμ_l and ∫λ³dμ_l (∫λdμ_l = 1).
    ///
    /// # Panics   for l > L
    #[must_use]
    pub fn moments(&self, layer: usize) -> [f64; 2] {
        let b = self.slope;
        let rest = 1.0 - b;
        let first = self.ratios[0];
        let start = [1.0 + first, 1.0 + 3.0 * first + first * first];
        self.ratios[1..=layer]
            .iter()
            .fold(start, |[m2, m3], &ratio| {
                let s2 = rest * rest + 2.0 * b * rest + b * b * m2;
                let s3 =
                    rest.powi(3) + 3.0 * rest * rest * b + 3.0 * rest * b * b * m2 + b.powi(3) * m3;
                [s2 + ratio, s3 + 3.0 * ratio * s2 + ratio * ratio]
            })
    }

    /// The spike θ of X_0 = Z/√d_0 + √θuvᵀ through all layers: the outlier of X_lᵀX_l and its overlap with v, l = 0, 1, ….
    ///
    /// ```text
    /// L_0 = (1 + θ)(γ_0 + θ)/θ,   A = (1 − b) + bL_{l−1},   L_l = ψ(A) = A(1 + γ_l∫t/(A − t)dH_l)
    /// overlap_0 = 1 − γ_0(1 + θ)/(θ(θ + γ_0)),   overlap_l = overlap_{l−1}·Aψ′(A)/ψ(A)
    /// ```
    ///
    /// # Value    ends before the first layer in which the spike is lost, ψ′(A) ≤ 0
    /// # Errors   θ not in (0, ∞)
    pub fn spike(&self, theta: f64) -> Result<Vec<Propagated>, EquivalentError> {
        if !(theta > 0.0 && theta.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name: "θ",
                value: theta,
                allowed: "a spike is positive and finite",
            });
        }
        let (ratio, b) = (self.ratios[0], self.slope);
        let mut all = vec![];
        if theta <= ratio.sqrt() {
            return Ok(all);
        }
        let mut here = Propagated {
            location: (1.0 + theta) * (ratio + theta) / theta,
            overlap: 1.0 - ratio * (1.0 + theta) / (theta * (theta + ratio)),
        };
        // m and m′ of the bulk at the outlier, right of it: ∫1/(x − L) and ∫1/(x − L)².
        let (mut m, mut slope) = outside_marchenko_pastur(ratio, here.location);
        all.push(here);
        for &ratio in &self.ratios[1..] {
            if b == 0.0 {
                break;
            }
            let a = (1.0 - b) + b * here.location;
            // ∫t/(A − t) = −1 − Am/b and ∫t²/(A − t)² = 1 + 2Am/b + A²m′/b².
            let pull = -1.0 - a * m / b;
            let square = 1.0 + 2.0 * a * m / b + a * a * slope / (b * b);
            let (psi, growth) = (a * (1.0 + ratio * pull), 1.0 - ratio * square);
            if growth <= 0.0 {
                break;
            }
            here = Propagated {
                location: psi,
                overlap: here.overlap * a * growth / psi,
            };
            // m̃(ψ(A)) = −1/A, and m = (m̃ + (1 − γ)/z)/γ.
            m = (-1.0 / a + (1.0 - ratio) / psi) / ratio;
            slope = (1.0 / (a * a * growth) - (1.0 - ratio) / (psi * psi)) / ratio;
            all.push(here);
        }
        Ok(all)
    }
}

/// m(−g) of Marchenko–Pastur: γgm² + (1 − γ + g)m − 1 = 0, the positive root.
fn marchenko_pastur(ratio: f64, g: f64) -> Certified<f64> {
    let b = 1.0 - ratio + g;
    let root = b.hypot(2.0 * (ratio * g).sqrt());
    let value = if b > 0.0 {
        2.0 / (b + root)
    } else {
        (root - b) / (2.0 * ratio * g)
    };
    Certified {
        value,
        error: 8.0 * f64::EPSILON * value,
    }
}

/// m(x) and m′(x) of Marchenko–Pastur right of the bulk: γxm² − (1 − γ − x)m + 1 = 0, the root that vanishes at infinity.
fn outside_marchenko_pastur(ratio: f64, x: f64) -> (f64, f64) {
    let b = x + ratio - 1.0;
    let root = (b * b - 4.0 * ratio * x).sqrt();
    // The other root is −(b + root)/(2γx); their product is 1/(γx).
    let m = -2.0 / (b + root);
    (m, -(ratio * m * m + m) / (2.0 * ratio * x * m + b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_ridges_give_the_moments_back() {
        let network = FiniteWidth::new(0.7, vec![1.25, 0.8, 1.5]).unwrap();
        for layer in 0..3 {
            let [m2, m3] = network.moments(layer);
            let g = 1e3;
            // g·m(−g) = 1 − 1/g + m₂/g² − m₃/g³ + O(g⁻⁴)
            let m = network.stieltjes(layer, g).unwrap().value;
            let series = 1.0 - 1.0 / g + m2 / g.powi(2) - m3 / g.powi(3);
            assert!((g * m - series).abs() < 2e3 / g.powi(4), "layer {layer}");
        }
    }

    #[test]
    fn bounds_of_the_solver_are_small() {
        let network = FiniteWidth::new(0.9, vec![1.25, 0.8, 1.5, 0.6]).unwrap();
        for layer in 0..4 {
            for g in [1e-3, 0.1, 0.3, 1.0, 10.0] {
                let m = network.stieltjes(layer, g).unwrap();
                assert!(
                    m.error < 1e-12 * m.value / g.min(1.0),
                    "{layer} {g}: {:e}",
                    m.error
                );
            }
        }
    }

    #[test]
    fn slopes_outside_the_bulk_are_derivatives() {
        let at = |x: f64| outside_marchenko_pastur(0.8, x).0;
        let slope = outside_marchenko_pastur(0.8, 5.0).1;
        assert!(((at(5.0 + 1e-5) - at(5.0 - 1e-5)) / 2e-5 - slope).abs() < 1e-9);
    }

    #[test]
    fn weak_spikes_are_lost_on_the_way() {
        let network = FiniteWidth::new(0.9, vec![1.0; 40]).unwrap();
        assert!(network.spike(0.9).unwrap().is_empty());
        let path = network.spike(1.5).unwrap();
        assert!(!path.is_empty() && path.len() < 40);
        assert!(path.windows(2).all(|w| w[1].overlap < w[0].overlap));
    }

    #[test]
    fn networks_that_are_none_are_refused() {
        assert!(FiniteWidth::new(1.1, vec![1.0]).is_err());
        assert!(FiniteWidth::new(0.5, vec![]).is_err());
        assert!(FiniteWidth::new(0.5, vec![1.0, -1.0]).is_err());
        let network = FiniteWidth::new(0.5, vec![1.0]).unwrap();
        assert!(network.stieltjes(1, 0.3).is_err());
        assert!(network.stieltjes(0, 0.0).is_err());
        assert!(network.spike(-1.0).is_err());
    }
}
