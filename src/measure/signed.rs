//! Signed measures: differences of probability measures and their images under monotone maps.

use super::{Certified, Interval, SpectralMeasure};
use num_complex::Complex64;
use std::fmt;
use std::sync::Arc;

type RealMap = Arc<dyn Fn(f64) -> f64 + Send + Sync>;

/// Strictly increasing map of an interval of the line onto another, with its inverse.
#[derive(Clone)]
pub struct MonotoneMap {
    forward: RealMap,
    inverse: RealMap,
    domain: Interval,
}

impl MonotoneMap {
    /// The map x ↦ forward(x) of `domain` onto [forward(lo), forward(hi)], with its inverse.
    ///
    /// The closures must be increasing and inverse to each other on `domain`; they are evaluated
    /// nowhere else.
    pub fn new(
        domain: Interval,
        forward: impl Fn(f64) -> f64 + Send + Sync + 'static,
        inverse: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self {
            forward: Arc::new(forward),
            inverse: Arc::new(inverse),
            domain,
        }
    }

    /// Image of a point of the domain.
    #[must_use]
    pub fn forward(&self, x: f64) -> f64 {
        (self.forward)(x)
    }

    /// Where the map is defined.
    #[must_use]
    pub fn domain(&self) -> Interval {
        self.domain
    }

    /// The part of an interval's preimage in the domain, `None` when it is empty.
    fn preimage(&self, image: Interval) -> Option<Interval> {
        let (first, last) = (self.forward(self.domain.lo), self.forward(self.domain.hi));
        if image.hi < first || image.lo > last {
            return None;
        }
        let lo = if image.lo <= first {
            self.domain.lo
        } else {
            (self.inverse)(image.lo)
        };
        let hi = if image.hi >= last {
            self.domain.hi
        } else {
            (self.inverse)(image.hi)
        };
        Some(Interval { lo, hi })
    }
}

impl fmt::Debug for MonotoneMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonotoneMap")
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

/// Finite signed measure κ = Σ aᵢ νᵢ with probability measures νᵢ and real aᵢ.
///
/// # Examples
/// κ = N/k·(ν_N − ν) of one spike at 3 among N = 4 eigenvalues and k = 1:
/// ```
/// # use rmt_verify::measure::{Interval, SignedMeasure, SpectralMeasure};
/// let esd = SpectralMeasure::empirical(vec![0.0, 0.0, 0.0, 3.0])?;
/// let limit = SpectralMeasure::atoms(&[(0.0, 1.0)])?;
/// let kappa = SignedMeasure::difference(4.0, esd, 4.0, limit);
/// assert_eq!(kappa.total_mass(), 0.0);
/// assert_eq!(kappa.mass(Interval { lo: 2.0, hi: 4.0 }), 1.0);
/// # Ok::<(), rmt_verify::measure::MeasureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SignedMeasure {
    parts: Vec<(f64, SpectralMeasure)>,
}

impl SignedMeasure {
    /// Σ aᵢ νᵢ.
    #[must_use]
    pub fn combination(parts: Vec<(f64, SpectralMeasure)>) -> Self {
        Self { parts }
    }

    /// a ν − b ρ.
    #[must_use]
    pub fn difference(a: f64, nu: SpectralMeasure, b: f64, rho: SpectralMeasure) -> Self {
        Self::combination(vec![(a, nu), (-b, rho)])
    }

    /// κ(ℝ) = Σ aᵢ.
    #[must_use]
    pub fn total_mass(&self) -> f64 {
        self.parts.iter().map(|part| part.0).sum()
    }

    /// κ([lo, hi]).
    #[must_use]
    pub fn mass(&self, interval: Interval) -> f64 {
        self.parts
            .iter()
            .map(|(factor, nu)| factor * mass(nu, interval))
            .sum()
    }

    /// κ([lo, hi]) for the image of κ, restricted to the map's domain, under the map.
    #[must_use]
    pub fn pushed_mass(&self, map: &MonotoneMap, image: Interval) -> f64 {
        map.preimage(image)
            .map_or(0.0, |interval| self.mass(interval))
    }

    /// s_κ(z) = Σ aᵢ s_{νᵢ}(z), z off the supports.
    #[must_use]
    pub fn stieltjes(&self, z: Complex64) -> Certified<Complex64> {
        let mut value = Complex64::new(0.0, 0.0);
        let mut error = 0.0;
        for (factor, nu) in &self.parts {
            let jet = nu.stieltjes_jet(z);
            let term = jet.value * factor;
            value += term;
            error += factor.abs() * jet.error + f64::EPSILON * (term.norm() + value.norm());
        }
        Certified {
            value,
            error: error * (1.0 + 8.0 * f64::EPSILON),
        }
    }

    /// Upper bound on the total variation |κ|(ℝ): atoms at the same place cancel, everything
    /// else counts in full.
    #[must_use]
    pub fn total_variation_bound(&self) -> f64 {
        let mut atoms: Vec<(f64, f64)> = Vec::new();
        let mut densities = 0.0;
        for (factor, nu) in &self.parts {
            let points = nu.point_masses();
            let carried: f64 = points.iter().map(|pair| pair.1).sum();
            densities += factor.abs() * (1.0 - carried).max(0.0);
            atoms.extend(points.iter().map(|&(t, weight)| (t, factor * weight)));
        }
        atoms.sort_by(|a, b| a.0.total_cmp(&b.0));
        let points: f64 = atoms
            .chunk_by(|a, b| a.0 == b.0)
            .map(|equal| equal.iter().map(|pair| pair.1).sum::<f64>().abs())
            .sum();
        points + densities
    }
}

/// ν([lo, hi]), 0 when hi < lo.
fn mass(nu: &SpectralMeasure, interval: Interval) -> f64 {
    if interval.hi < interval.lo {
        return 0.0;
    }
    nu.cdf(interval.hi) - nu.cdf(interval.lo) + nu.mass_at(interval.lo)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ|aᵢ|eᵢ, and ε for the product and the sum of each part.
    #[test]
    fn bounds_of_signed_measures_add_over_their_parts() {
        for unit in [1e-5, 1.0, 1e7] {
            let parts = vec![
                (2.0, SpectralMeasure::semicircle(0.0, unit * unit).unwrap()),
                (
                    -0.3,
                    SpectralMeasure::atoms(&[(unit, 0.5), (3.0 * unit, 0.5)]).unwrap(),
                ),
                (40.0, SpectralMeasure::uniform(-unit, unit).unwrap()),
            ];
            let z = Complex64::new(0.3, 0.4) * unit;
            let (mut sum, mut error) = (Complex64::ZERO, 0.0);
            for (factor, nu) in &parts {
                let jet = nu.stieltjes_jet(z);
                sum += jet.value * *factor;
                error += factor.abs() * jet.error;
                error += f64::EPSILON * ((jet.value * *factor).norm() + sum.norm());
            }
            let found = SignedMeasure::combination(parts).stieltjes(z);
            assert!((found.value - sum).norm() <= found.error);
            assert!(
                found.error >= error * (1.0 + f64::EPSILON) && found.error <= error * (1.0 + 1e-9)
            );
        }
    }

    #[test]
    fn intervals_of_signed_measures_are_closed_and_empty_ones_have_no_mass() {
        let nu = SpectralMeasure::atoms(&[(0.0, 0.25), (1.0, 0.75)]).unwrap();
        let kappa = SignedMeasure::combination(vec![(2.0, nu)]);
        let mass = |lo, hi| kappa.mass(Interval { lo, hi });
        assert_eq!(
            (mass(0.0, 1.0), mass(0.0, 0.5), mass(0.5, 1.0)),
            (2.0, 0.5, 1.5)
        );
        assert_eq!(
            (mass(1.0, 1.0), mass(0.5, 0.5), mass(1.0, 0.0)),
            (1.5, 0.0, 0.0)
        );
        // Of a map of [0, 1] onto [0, 2] the preimages that touch an end are not empty.
        let double = MonotoneMap::new(Interval { lo: 0.0, hi: 1.0 }, |x| 2.0 * x, |y| 0.5 * y);
        let pushed = |lo, hi| kappa.pushed_mass(&double, Interval { lo, hi });
        assert_eq!(
            (pushed(-1.0, 0.0), pushed(2.0, 5.0), pushed(0.5, 1.5)),
            (0.5, 1.5, 0.0)
        );
        assert_eq!(
            (pushed(-1.0, -0.5), pushed(2.5, 3.0), pushed(-1.0, 3.0)),
            (0.0, 0.0, 2.0)
        );
        assert_eq!((double.domain().lo, double.domain().hi), (0.0, 1.0));
    }
}
