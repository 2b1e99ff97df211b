//! How the eigenvectors of Ĉ lie to those of C.

use crate::equivalent::{EquivalentError, SampleCovariance};
use num_complex::Complex64;

/// m̃(x + i0) inside the bulk, and with it u_iᵀCu_i for the sample eigenvectors with λ_i near x:
///
/// ```text
/// d(x) = 1/(x|m̃(x + i0)|²),    density of the law of Ĉ: Im m̃(x + i0)/(πc).
/// ```
///
/// # Source   O. Ledoit and S. Péché (2011)
/// # Examples
/// ```
/// use rmt_verify::equivalent::{Population, SampleCovariance, covariance::OverlapProfile};
/// // C = I: every quadratic form is 1.
/// let white = SampleCovariance::new(Population::isotropic(), 0.5)?;
/// assert!((OverlapProfile::at(&white, 1.2)?.quadratic_form() - 1.0).abs() < 1e-12);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverlapProfile {
    x: f64,
    ratio: f64,
    companion: Complex64,
}

/// Height above the axis from which Newton's steps start.
const HEIGHT: f64 = 1e-3;

impl OverlapProfile {
    /// At x > 0 inside the bulk.
    ///
    /// # Errors   [`EquivalentError::NotSolved`] where the density is 0 or too close to an edge to tell
    pub fn at(limit: &SampleCovariance, x: f64) -> Result<Self, EquivalentError> {
        if !(x > 0.0 && x.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name: "x",
                value: x,
                allowed: "finite and positive",
            });
        }
        let z = |height: f64| Complex64::new(x, height * x);
        let mut m = limit.companion(z(HEIGHT))?.value;
        // Halve the height, each time from the last root; then on the axis itself.
        let heights = (1..40).map(|k| HEIGHT * 0.5f64.powi(k));
        for height in heights.chain([0.0; 3]) {
            m = newton(limit, z(height), m);
        }
        let residual = equation(limit, z(0.0), m).0.norm();
        if m.im > 1e-7 * m.norm() && residual <= 1e-12 * x {
            Ok(Self {
                x,
                ratio: limit.ratio(),
                companion: m,
            })
        } else {
            Err(EquivalentError::NotSolved { residual })
        }
    }

    /// m̃(x + i0).
    #[must_use]
    pub fn companion(&self) -> Complex64 {
        self.companion
    }

    /// d(x).
    #[must_use]
    pub fn quadratic_form(&self) -> f64 {
        (self.x * self.companion.norm_sqr()).recip()
    }

    /// Density of the limit law of Ĉ at x.
    #[must_use]
    pub fn density(&self) -> f64 {
        self.companion.im / (std::f64::consts::PI * self.ratio)
    }
}

/// r(m) = −1/m + c∫λ/(1 + λm) dH − z and r′(m).
fn equation(limit: &SampleCovariance, z: Complex64, m: Complex64) -> (Complex64, Complex64) {
    let population = limit.population();
    let pull = population.complex_integral(|x| x / (1.0 + m * x)) * limit.ratio();
    let slope = population.complex_integral(|x| (x / (1.0 + m * x)).powi(2)) * limit.ratio();
    (pull - m.inv() - z, m.powi(-2) - slope)
}

fn newton(limit: &SampleCovariance, z: Complex64, mut m: Complex64) -> Complex64 {
    for _ in 0..8 {
        let (residual, slope) = equation(limit, z, m);
        let next = m - residual / slope;
        if !next.is_finite() {
            break;
        }
        m = next;
    }
    m
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equivalent::Population;
    use crate::measure::SpectralMeasure;

    #[test]
    fn white_noise_has_the_density_of_marchenko_and_pastur() {
        for c in [0.3, 2.5] {
            let white = SampleCovariance::new(Population::isotropic(), c).unwrap();
            let law = SpectralMeasure::marchenko_pastur(c, 1.0).unwrap();
            for x in [0.9, 1.5, 2.2] {
                let at = OverlapProfile::at(&white, x).unwrap();
                let known = law.stieltjes(Complex64::new(x, 1e-12)).im / std::f64::consts::PI;
                assert!((at.density() - known).abs() < 1e-9, "{c} {x}");
                assert!((at.quadratic_form() - 1.0).abs() < 1e-11);
            }
        }
    }

    /// Σ u_iᵀCu_i f(λ_i)/n at f = 1/(x − z) is δ(z) = −1 − 1/(zm̃): its boundary value is c·d(x)·density·π.
    #[test]
    fn the_profile_is_the_boundary_value_of_the_weighted_trace() {
        let population = Population::from_atoms(&[(0.5, 0.5), (2.0, 0.5)]).unwrap();
        let limit = SampleCovariance::new(population, 0.5).unwrap();
        for x in [0.4, 1.0, 2.5] {
            let at = OverlapProfile::at(&limit, x).unwrap();
            let delta = -1.0 - (at.companion() * x).inv();
            let weighted = std::f64::consts::PI * 0.5 * at.quadratic_form() * at.density();
            assert!((delta.im - weighted).abs() < 1e-12);
        }
    }

    #[test]
    fn points_outside_the_bulk_are_refused() {
        let white = SampleCovariance::new(Population::isotropic(), 0.5).unwrap();
        assert!(OverlapProfile::at(&white, 4.0).is_err());
        assert!(OverlapProfile::at(&white, -1.0).is_err());
    }
}
