//! F of ν ⊞ semicircle(σ²) for ν with finitely many atoms, as a finite sum.

use crate::ensemble::Signal;
use crate::free::{FreeConvolution, FreeError};
use crate::measure::SpectralMeasure;
use std::f64::consts::PI;

/// μ = ν ⊞ semicircle(σ²), ν = Σ w_i δ(t_i).
pub(super) struct Distribution {
    mu: FreeConvolution,
}

impl Distribution {
    /// With ν the ESD of S_N.
    pub fn of(signal: &Signal, n: usize, sigma: f64) -> Self {
        Self::new(signal.esd(n).expect("signals exist at every N"), sigma)
    }

    /// # Domain   σ > 0; all but [`length`](Self::length) need ν to have atoms only
    pub fn new(nu: SpectralMeasure, sigma: f64) -> Self {
        let mu = FreeConvolution::new(nu, sigma).expect("claims use σ > 0");
        Self { mu }
    }

    /// F(x) = (1/π)[Σ w_i arg⁺(t_i − ω̄) − ½σ² Im s²], ω and s at x + i0.
    ///
    /// −(1/π) Im of the potential ∫log(t − ω)dν + ½σ²s² (`log_determinant.md`): −Im log(t − ω) is the angle in [0, π]
    /// of (t − Re ω, Im ω), also where ω is real.
    pub fn cdf(&self, x: f64) -> Result<f64, FreeError> {
        let at = self.mu.on_axis(x)?;
        let atoms = self.mu.nu().point_masses().iter();
        let angles: f64 = atoms
            .map(|&(t, weight)| weight * at.omega.im.atan2(t - at.omega.re))
            .sum();
        let square = 0.5 * self.mu.sigma().powi(2) * (at.s * at.s).im;
        Ok(((angles - square) / PI).clamp(0.0, 1.0))
    }

    /// γ_l, l = 1, …, N, descending: F(γ_l) = 1 − (l − ½)/N.
    ///
    /// # Panics   when the subordination equation is not solved: our bug for the laws in use
    pub fn classical_locations(&self, n: usize) -> Vec<f64> {
        let support = self.mu.support();
        let (lo, hi) = (support[0].lo, support[support.len() - 1].hi);
        (0..n)
            .map(|l| {
                let level = 1.0 - (l as f64 + 0.5) / n as f64;
                // F(below) < level ≤ F(above); 48 halvings leave a part in 10¹⁴ of the support.
                let (mut below, mut above) = (lo, hi);
                for _ in 0..48 {
                    let middle = 0.5 * (below + above);
                    if self.cdf(middle).expect("the claims' laws are solved") < level {
                        below = middle;
                    } else {
                        above = middle;
                    }
                }
                above
            })
            .collect()
    }

    /// Length of supp μ.
    pub fn length(&self) -> f64 {
        self.mu.support().iter().map(|piece| piece.width()).sum()
    }

    /// c = √(2/π)∫√(F(1 − F))dx: E N·W₁ → c√N for N independent points with law μ.
    pub fn independent_constant(&self) -> f64 {
        let support = self.mu.support();
        let (lo, hi) = (support[0].lo, support[support.len() - 1].hi);
        let steps = 400;
        let width = (hi - lo) / f64::from(steps);
        let integral: f64 = (0..steps)
            .map(|i| lo + (f64::from(i) + 0.5) * width)
            .map(|x| self.cdf(x).expect("the claims' laws are solved"))
            .map(|f| (f * (1.0 - f)).sqrt() * width)
            .sum();
        (2.0 / PI).sqrt() * integral
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::common::signals;

    #[test]
    fn finite_sum_is_the_distribution_function_by_quadrature() {
        for signal in signals() {
            for sigma in [0.4, 1.0] {
                let law = Distribution::new(signal.esd(12).unwrap(), sigma);
                for i in -15..=15 {
                    let x = 0.2 * f64::from(i) + 0.013;
                    let (sum, quadrature) = (law.cdf(x).unwrap(), law.mu.cdf(x).unwrap());
                    assert!((sum - quadrature).abs() < 1e-10, "{x}: {sum}, {quadrature}");
                }
            }
        }
    }

    #[test]
    fn classical_locations_of_the_semicircle_are_symmetric_quantiles() {
        let law = Distribution::new(SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap(), 1.0);
        let gamma = law.classical_locations(5);
        // F(x) = ½ + x√(4 − x²)/(4π) + asin(x/2)/π.
        for (l, x) in gamma.iter().enumerate() {
            let f = 0.5 + x * (4.0 - x * x).sqrt() / (4.0 * PI) + (0.5 * x).asin() / PI;
            assert!((f - (1.0 - (l as f64 + 0.5) / 5.0)).abs() < 1e-11);
            assert!((x + gamma[4 - l]).abs() < 1e-10);
        }
        assert!((law.length() - 4.0).abs() < 1e-12);
    }
}
