//! The right edge of ν_N ⊞ semicircle(σ²): where it is, and the scale of fluctuations there.

use crate::ensemble::Ensemble;

/// Right edge E = Φ_N(ω*), Φ_N′(ω*) = 0, ω* right of the eigenvalues t_i of S, Φ_N(x) = x + (σ²/N)Σ 1/(x − t_i).
///
/// All from ν_N, the ESD of S_N itself, so that no distance between ν_N and its limit enters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    /// E.
    pub location: f64,
    /// a = (2/(σ⁴Φ″(ω*)))^{1/3}: (λ₁ − E) a N^{2/3} → TW.
    pub scale: f64,
    /// δ, the displacement of order 1/N: (λ₁ − E − δ) a N^{2/3} = TW in law up to O(N^{−2/3}).
    pub displacement: f64,
    /// Envelope of sup_x |P(… ≤ x) − F(x)|·N^{2/3}, see docs/derivations/edge_scale.md.
    pub remainder: f64,
    n: usize,
}

/// Twice sup_x (x²f/20 + 0.075|f′|) for the GUE, where it is largest, rounded up: S = 0 has κ = 1.
const ENVELOPE: f64 = 0.35;

impl Edge {
    /// The edge of R/√N + diag(`signal`), R from the GOE or the GUE.
    pub fn of(ensemble: &Ensemble, signal: &[f64]) -> Self {
        let (sigma, n) = (ensemble.sigma(), signal.len());
        let scaled: Vec<f64> = signal.iter().map(|t| t / sigma).collect();
        let mean = |power: i32, x: f64| -> f64 {
            let terms = scaled.iter().map(|u| (x - u).powi(-power));
            terms.sum::<f64>() / n as f64
        };
        // Φ′ = 1 − mean(2) is at most 0 at max u + N^{−1/2}, increases and is concave: Newton's method
        // climbs to the root without passing it.
        let start = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut omega = start + (n as f64).powf(-0.5);
        for _ in 0..200 {
            let step = (mean(2, omega) - 1.0) / (2.0 * mean(3, omega));
            omega += step;
            if step.abs() <= 4.0 * f64::EPSILON * omega.abs().max(1.0) {
                break;
            }
        }
        // Φ″, Φ‴ and Φ⁗ at ω*, in units with σ = 1.
        let second = 2.0 * mean(3, omega);
        let third = -6.0 * mean(4, omega);
        let fourth = 24.0 * mean(5, omega);
        let scale = (2.0 / second).cbrt();
        Self {
            location: sigma * (omega + mean(1, omega)),
            scale: scale / sigma,
            displacement: sigma * displacement(ensemble, second, third) / n as f64,
            remainder: ENVELOPE * curvature(second, third, fourth, scale),
            n,
        }
    }

    /// λ = E + δ + x/(a N^{2/3}).
    pub fn level(&self, x: f64) -> f64 {
        self.location + self.displacement + x / (self.scale * self.zoom())
    }

    /// N^{2/3}.
    pub fn zoom(&self) -> f64 {
        (self.n as f64).powf(2.0 / 3.0)
    }

    /// τ0, the envelope of the remainder at this N.
    pub fn inner(&self) -> f64 {
        self.remainder / self.zoom()
    }
}

/// N δ at σ = 1: Φ‴/(6Φ″) for the GOE, 0 for the GUE.
fn displacement(ensemble: &Ensemble, second: f64, third: f64) -> f64 {
    assert!(
        ensemble.is_invariant(),
        "other entries displace the edge further"
    );
    match ensemble {
        Ensemble::Gue { .. } => 0.0,
        Ensemble::Wigner { .. } => third / (6.0 * second),
    }
}

/// κ, the largest of the three numbers that the N^{−2/3} term is made of; each is 1 for the semicircle.
///
/// c/a, the curvature of the density, ρ ~ √(E − x)(1 + c(E − x)), in units of −1/8; Φ‴²/(aΦ″³) and
/// Φ⁗/(aΦ″²) in units of 9/2 and 6.
fn curvature(second: f64, third: f64, fourth: f64, scale: f64) -> f64 {
    let (q, r) = (third / second, fourth / second);
    let c = -2.0 / second * (5.0 / 72.0 * q * q - r / 24.0);
    let unit = second * scale;
    (8.0 * c.abs() / scale)
        .max(2.0 / 9.0 * q * q / unit)
        .max(r / (6.0 * unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::free::FreeConvolution;
    use crate::measure::SpectralMeasure;

    fn two_atoms() -> Vec<f64> {
        [vec![-0.4; 48], vec![1.2; 16]].concat()
    }

    #[test]
    fn semicircle_has_edge_2_sigma_scale_1_and_displacement_minus_half() {
        for sigma in [1.0, 0.8] {
            let goe = Ensemble::goe().with_sigma(sigma);
            let edge = Edge::of(&goe, &[0.0; 10]);
            assert!((edge.location - 2.0 * sigma).abs() < 1e-14);
            assert!((edge.scale - 1.0 / sigma).abs() < 1e-14);
            // 2√(1 − 1/(2N)) = 2 − 1/(2N) + …
            assert!((edge.displacement + 0.05 * sigma).abs() < 1e-14);
            assert!((edge.remainder - ENVELOPE).abs() < 1e-12);
            let gue = Edge::of(&Ensemble::gue().with_sigma(sigma), &[0.0; 10]);
            assert_eq!(gue.displacement, 0.0);
        }
    }

    #[test]
    fn edge_and_scale_are_those_of_the_free_convolution() {
        for sigma in [1.0, 0.8] {
            let edge = Edge::of(&Ensemble::gue().with_sigma(sigma), &two_atoms());
            let nu = SpectralMeasure::empirical(two_atoms()).unwrap();
            let mu = FreeConvolution::new(nu, sigma).unwrap();
            let known = mu.support().last().unwrap().hi;
            assert!((edge.location - known).abs() < 1e-12);
            // ρ(E − h) = a^{3/2}√h/π·(1 + O(h))
            let h = 1e-8;
            let density = mu.density(known - h).unwrap().value;
            let expected = edge.scale.powf(1.5) * h.sqrt() / std::f64::consts::PI;
            assert!(
                (density / expected - 1.0).abs() < 1e-5,
                "{density} {expected}"
            );
        }
    }

    #[test]
    fn curvature_of_the_density_is_the_derived_one() {
        let edge = Edge::of(&Ensemble::gue(), &two_atoms());
        let nu = SpectralMeasure::empirical(two_atoms()).unwrap();
        let mu = FreeConvolution::new(nu, 1.0).unwrap();
        let end = mu.support().last().unwrap().hi;
        let relative = |h: f64| {
            let rho = mu.density(end - h).unwrap().value;
            (rho * std::f64::consts::PI / (edge.scale.powf(1.5) * h.sqrt()) - 1.0) / h
        };
        // Two steps cancel the next order.
        let c = 2.0 * relative(1e-4) - relative(2e-4);
        // In units of −a/8, which must not exceed κ.
        assert!(8.0 * c.abs() / edge.scale <= edge.remainder / ENVELOPE * (1.0 + 1e-3));
        assert!(c < 0.0);
    }

    #[test]
    fn levels_are_shifted_and_scaled() {
        let edge = Edge::of(&Ensemble::gue(), &[0.0; 1000]);
        assert!((edge.level(0.0) - 2.0).abs() < 1e-13);
        assert!((edge.level(-1.0) - 1.99).abs() < 1e-13);
    }
}
