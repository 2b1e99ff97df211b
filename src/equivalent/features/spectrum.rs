//! The spectrum of nonlinear random features.

use super::{not_negative, positive};
use crate::equivalent::{EquivalentError, Population, SampleCovariance};
use crate::measure::{Certified, SpectralMeasure};

/// The limit of M = YYᵀ/m, Y = f(WX), with W n₁ × n₀ of variance 1/n₀ and X n₀ × m of variance 1, all entries independent, E f(ξ) = 0.
///
/// ```text
/// η = E f²,  ζ = (E f′)²,  φ = n₀/m,  ψ = n₀/n₁:
/// M has the spectrum of a sample covariance matrix of m samples with population ζ·MP(1/ψ) + (η − ζ), c = n₁/m = φ/ψ.
/// ```
///
/// # Value    equals the root of the quartic of Pennington and Worah: G = ψP/z + (1 − ψ)/z,
/// P = 1 + (η − ζ)tP_φP_ψ + P_φP_ψtζ/(1 − P_φP_ψtζ), t = 1/(zψ), P_φ = 1 + (P − 1)φ, P_ψ = 1 + (P − 1)ψ
/// # Source   J. Pennington and P. Worah (2017), Theorem 1; practical form: S. Péché (2019)
/// # Examples
/// ```
/// use rmt_verify::equivalent::features::NonlinearCovariance;
/// // ζ = 0 is Marchenko–Pastur: c = 1, γm² + γm − 1 = 0.
/// let law = NonlinearCovariance::new(1.0, 0.0, 1.0, 1.0)?;
/// assert!((law.trace(2.0)?.value - 0.5 * (3f64.sqrt() - 1.0)).abs() < 1e-14);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NonlinearCovariance {
    limit: SampleCovariance,
}

impl NonlinearCovariance {
    /// From η, ζ, φ and ψ.
    ///
    /// # Errors
    /// η, φ or ψ not in (0, ∞); ζ not in [0, η].
    pub fn new(eta: f64, zeta: f64, phi: f64, psi: f64) -> Result<Self, EquivalentError> {
        let (eta, zeta) = (positive("η", eta)?, not_negative("ζ", zeta)?);
        let (phi, psi) = (positive("φ", phi)?, positive("ψ", psi)?);
        if zeta > eta {
            return Err(EquivalentError::OutOfRange {
                name: "ζ",
                value: zeta,
                allowed: "at most η",
            });
        }
        let weights = SpectralMeasure::marchenko_pastur(1.0 / psi, 1.0)?;
        let weights = Population::from_law(&weights)?;
        let pairs = weights.atoms().iter();
        let pairs: Vec<(f64, f64)> = pairs.map(|&(x, w)| (zeta * x + (eta - zeta), w)).collect();
        Ok(Self {
            limit: SampleCovariance::new(Population::from_atoms(&pairs)?, phi / psi)?,
        })
    }

    /// The sample covariance matrix with this spectrum.
    #[must_use]
    pub fn covariance(&self) -> &SampleCovariance {
        &self.limit
    }

    /// m(−γ) = lim (1/n₁)tr(M + γ)⁻¹ = (κ/γ)∫dH/(λ + κ).
    ///
    /// # Accuracy the bound is proved for the population of rank 256 that stands for MP(1/ψ), see [`Population::from_law`]
    /// # Errors   γ not in (0, ∞)
    pub fn trace(&self, gamma: f64) -> Result<Certified<f64>, EquivalentError> {
        let kappa = self.limit.kappa(gamma)?;
        let k = kappa.value;
        let population = self.limit.population();
        let value = population.integral(|x| k / (gamma * (x + k)));
        let rounding = (population.atoms().len() as f64 + 8.0) * f64::EPSILON;
        Ok(Certified {
            value,
            error: value * (kappa.error / k + rounding),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G = −m(−γ) at z = −γ must leave no residual in the quartic.
    #[test]
    fn the_practical_form_solves_the_quartic_of_pennington_and_worah() {
        for (eta, zeta) in [(1.0, 0.0), (0.7, 0.25), (1.0, 1.0), (2.0, 0.4)] {
            for (phi, psi) in [(1.0, 1.0), (0.5, 2.0), (1.6, 0.8), (0.3, 0.7)] {
                for gamma in [0.1, 1.0, 5.0] {
                    let law = NonlinearCovariance::new(eta, zeta, phi, psi).unwrap();
                    let m = law.trace(gamma).unwrap();
                    let (z, g) = (-gamma, -m.value);
                    let p = (g * z - (1.0 - psi)) / psi;
                    let t = 1.0 / (z * psi);
                    let product = (1.0 + (p - 1.0) * phi) * (1.0 + (p - 1.0) * psi) * t;
                    let linear = product * zeta;
                    let residual = 1.0 + (eta - zeta) * product + linear / (1.0 - linear) - p;
                    assert!(
                        residual.abs() < 1e-12 * (1.0 + p.abs()) / psi.min(1.0),
                        "{eta} {zeta} {phi} {psi} {gamma}: {residual:e}"
                    );
                    assert!(m.error < 1e-12 * m.value);
                }
            }
        }
    }

    #[test]
    fn moments_that_no_activation_has_are_refused() {
        for (eta, zeta, phi, psi) in [
            (1.0, 1.1, 1.0, 1.0),
            (0.0, 0.0, 1.0, 1.0),
            (1.0, -0.1, 1.0, 1.0),
            (1.0, 0.5, 0.0, 1.0),
            (1.0, 0.5, 1.0, f64::NAN),
        ] {
            assert!(NonlinearCovariance::new(eta, zeta, phi, psi).is_err());
        }
    }
}
