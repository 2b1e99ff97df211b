//! Spectra of population covariances.

use super::EquivalentError;
use crate::measure::{Component, SpectralMeasure};
use crate::tracy_widom::gauss_legendre;
use num_complex::Complex64;
use std::f64::consts::PI;

/// Spectrum H = Σ w_j δ(λ_j) of a population covariance C, λ_j ≥ 0, Σ w_j = 1.
///
/// # Value    atoms in increasing order, equal ones merged
/// # Examples
/// ```
/// use rmt_verify::equivalent::Population;
/// let two = Population::eigenvalues(&[4.0, 1.0, 1.0, 4.0])?;
/// assert_eq!(two.atoms(), [(1.0, 0.5), (4.0, 0.5)]);
/// assert_eq!(two.moment(1), 2.5);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// (λ_j, w_j).
    atoms: Vec<(f64, f64)>,
}

/// Points of the quadrature that stands for a law with a density.
const POINTS: usize = 256;

impl Population {
    /// C = I.
    #[must_use]
    pub fn isotropic() -> Self {
        Self {
            atoms: vec![(1.0, 1.0)],
        }
    }

    /// Σ w_j δ(λ_j) from pairs (λ_j, w_j).
    ///
    /// # Errors
    /// No pair, a negative λ, all λ = 0, weights that do not sum to 1 within 1e-12.
    pub fn from_atoms(pairs: &[(f64, f64)]) -> Result<Self, EquivalentError> {
        let invalid = |pair: &&(f64, f64)| !(pair.0 >= 0.0 && pair.0.is_finite());
        if let Some(&(eigenvalue, _)) = pairs.iter().find(invalid) {
            return Err(EquivalentError::EigenvalueInvalid { eigenvalue });
        }
        if pairs.is_empty() {
            return Err(EquivalentError::PopulationEmpty);
        }
        let law = SpectralMeasure::atoms(pairs)?;
        Self::checked(law.point_masses().to_vec())
    }

    /// (1/p)Σ δ(λ_j), the spectrum of a p × p covariance.
    ///
    /// # Errors
    /// As [`from_atoms`](Self::from_atoms).
    pub fn eigenvalues(lambda: &[f64]) -> Result<Self, EquivalentError> {
        let weight = 1.0 / lambda.len() as f64;
        let pairs: Vec<(f64, f64)> = lambda.iter().map(|&x| (x, weight)).collect();
        Self::from_atoms(&pairs)
    }

    /// Any law on [0, ∞). Laws with a density are replaced by the 256 nodes of their Gauss quadrature,
    /// itself a population of rank 256: integrals of functions that are analytic near the support change by less
    /// than rounding, those with a pole at a distance d from a support of length l by a factor of order e^{−1024√(d/l)}.
    ///
    /// # Errors
    /// A law with mass below 0.
    pub fn from_law(law: &SpectralMeasure) -> Result<Self, EquivalentError> {
        let mut pairs = Vec::new();
        for (weight, component) in law.components() {
            let nodes = quadrature(&component).into_iter();
            pairs.extend(nodes.map(|(x, w)| (x, weight * w)));
        }
        // Nodes are sums of rounded numbers: the total is 1 up to rounding only.
        let total: f64 = pairs.iter().map(|pair| pair.1).sum();
        pairs.iter_mut().for_each(|pair| pair.1 /= total);
        Self::from_atoms(&pairs)
    }

    fn checked(atoms: Vec<(f64, f64)>) -> Result<Self, EquivalentError> {
        if atoms.iter().all(|atom| atom.0 == 0.0) {
            return Err(EquivalentError::PopulationZero);
        }
        Ok(Self { atoms })
    }

    /// Pairs (λ_j, w_j), λ increasing.
    #[must_use]
    pub fn atoms(&self) -> &[(f64, f64)] {
        &self.atoms
    }

    /// ∫λᵏ dH.
    #[must_use]
    pub fn moment(&self, k: i32) -> f64 {
        self.integral(|x| x.powi(k))
    }

    /// The largest λ, ‖C‖.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.atoms.last().expect("a population has atoms").0
    }

    /// H(0, ∞), the rank of C over p.
    #[must_use]
    pub fn rank(&self) -> f64 {
        let positive = self.atoms.iter().filter(|atom| atom.0 > 0.0);
        positive.map(|atom| atom.1).sum()
    }

    /// ∫f dH.
    pub fn integral(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.atoms.iter().map(|&(x, w)| w * f(x)).sum()
    }

    /// ∫f dH for complex f.
    pub fn complex_integral(&self, f: impl Fn(f64) -> Complex64) -> Complex64 {
        self.atoms.iter().map(|&(x, w)| f(x) * w).sum()
    }
}

/// Nodes and weights of an elementary law.
fn quadrature(component: &Component) -> Vec<(f64, f64)> {
    let support = component.support();
    let (centre, half) = (
        0.5 * (support.lo + support.hi),
        0.5 * (support.hi - support.lo),
    );
    // The midpoint rule in θ, x = centre + half·cos θ, for densities that are smooth in θ.
    let angles = (0..POINTS).map(|k| PI * (k as f64 + 0.5) / POINTS as f64);
    let over = |weight: &dyn Fn(f64, f64) -> f64| -> Vec<(f64, f64)> {
        let pairs = angles.clone().map(|theta| {
            let x = centre + half * libm::cos(theta);
            (x, weight(theta, x) / POINTS as f64)
        });
        pairs.collect()
    };
    match *component {
        Component::Atom(location) => vec![(location, 1.0)],
        Component::Uniform { .. } => gauss_legendre(POINTS)
            .into_iter()
            .map(|(t, w)| (centre + half * t, 0.5 * w))
            .collect(),
        Component::Arcsine { .. } => over(&|_, _| 1.0),
        Component::Semicircle { .. } => over(&|theta, _| 2.0 * libm::sin(theta).powi(2)),
        Component::MarchenkoPastur {
            ratio,
            variance,
            origin,
            ..
        } => over(&|theta, x| {
            // √((b − x)(x − a)) = half·sin θ, and dx = half·sin θ dθ.
            let root = half * libm::sin(theta);
            root * root / (2.0 * variance * ratio.min(1.0) * (x - origin).abs())
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laws_with_a_density_keep_their_moments_and_transforms() {
        let laws = [
            SpectralMeasure::uniform(0.25, 3.0).unwrap(),
            SpectralMeasure::semicircle(3.0, 0.5).unwrap(),
            SpectralMeasure::arcsine(0.5, 1.5).unwrap(),
            SpectralMeasure::marchenko_pastur(0.4, 2.0).unwrap(),
            SpectralMeasure::marchenko_pastur(1.0, 1.0).unwrap(),
            SpectralMeasure::marchenko_pastur(2.5, 1.0).unwrap(),
        ];
        for law in laws {
            let population = Population::from_law(&law).unwrap();
            for k in [1, 2, 5] {
                let (ours, exact) = (population.moment(k), law.moment(k as u32));
                assert!(
                    (ours / exact - 1.0).abs() < 1e-12,
                    "{law:?} {k}: {ours} {exact}"
                );
            }
            let ours = population.integral(|x| 1.0 / (x + 0.3));
            let exact = law.stieltjes(Complex64::new(-0.3, 0.0)).re;
            assert!(
                (ours / exact - 1.0).abs() < 1e-12,
                "{law:?}: {ours} {exact}"
            );
        }
    }

    #[test]
    fn spectra_of_no_covariance_are_refused() {
        use EquivalentError as E;
        let error = |l: &[f64]| Population::eigenvalues(l).unwrap_err();
        assert_eq!(error(&[]), E::PopulationEmpty);
        assert_eq!(error(&[0.0, 0.0]), E::PopulationZero);
        assert_eq!(
            error(&[1.0, -0.5]),
            E::EigenvalueInvalid { eigenvalue: -0.5 }
        );
        assert!(matches!(error(&[f64::NAN]), E::EigenvalueInvalid { .. }));
        let law = SpectralMeasure::semicircle(0.0, 1.0).unwrap();
        assert!(Population::from_law(&law).is_err());
    }
}
