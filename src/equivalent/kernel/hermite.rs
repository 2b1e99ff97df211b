//! Inner product kernels with arguments of order 1.

use crate::equivalent::EquivalentError;
use crate::equivalent::activation::Activation;
use crate::free::FreeConvolution;
use crate::measure::{Certified, SpectralMeasure, UpperHalf};
use num_complex::Complex64;

/// Limit spectrum of K_ij = f(x_iᵀx_j/√p)/√p for i ≠ j, K_ii = 0, x_i ~ N(0, I_p), p/n = c, E f(ξ) = 0.
///
/// ```text
/// −1/m(z) = z + a₁²m/(c + a₁m) + (ν − a₁²)m/c,   a₁ = E ξf(ξ),   ν = E f(ξ)²
/// ```
///
/// The first term is the law of a₁(XᵀX/p − 1), Marchenko–Pastur of ratio 1/c moved by −a₁; the second adds a free semicircle of
/// variance (ν − a₁²)/c, as if the higher Hermite terms of f were independent noise.
///
/// # Source   X. Cheng and A. Singer (2013); our C0b
/// # Examples
/// ```
/// use num_complex::Complex64;
/// use rmt_verify::equivalent::{activation::Activation, kernel::HermiteKernel};
/// // t² − 1 has a₁ = 0: a semicircle of variance ν/c = 2/c, −1/m = z + 2m/c.
/// let kernel = HermiteKernel::new(Activation::Square, 0.5)?;
/// let z = Complex64::new(0.3, 1.0);
/// let m = kernel.stieltjes(z)?.value;
/// assert!((m.inv() + z + 4.0 * m).norm() < 1e-12);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone)]
pub struct HermiteKernel {
    linear: f64,
    second: f64,
    ratio: f64,
    law: FreeConvolution,
}

impl HermiteKernel {
    /// f = s − E s(ξ) and c = p/n.
    ///
    /// # Errors
    /// [`EquivalentError::RatioInvalid`]; f linear, where there is no noise to add.
    pub fn new(s: Activation, ratio: f64) -> Result<Self, EquivalentError> {
        let moments = s.moments(1.0)?;
        Self::with(s.hermite(1), moments.variance, ratio)
    }

    /// From a₁ and ν > a₁².
    ///
    /// # Errors   as [`new`](Self::new)
    pub fn with(linear: f64, second: f64, ratio: f64) -> Result<Self, EquivalentError> {
        if !(ratio > 0.0 && ratio.is_finite()) {
            return Err(EquivalentError::RatioInvalid { ratio });
        }
        let rest = second - linear * linear;
        if !(rest > 0.0 && rest.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name: "ν − a₁²",
                value: rest,
                allowed: "f has a part that is not linear",
            });
        }
        let base = if linear == 0.0 {
            SpectralMeasure::atoms(&[(0.0, 1.0)])?
        } else {
            SpectralMeasure::marchenko_pastur(1.0 / ratio, 1.0)?
                .scaled(linear)?
                .shifted(-linear)?
        };
        let law = FreeConvolution::new(base, (rest / ratio).sqrt())
            .map_err(|_| EquivalentError::NotSolved { residual: rest })?;
        Ok(Self {
            linear,
            second,
            ratio,
            law,
        })
    }

    /// a₁.
    #[must_use]
    pub fn linear(&self) -> f64 {
        self.linear
    }

    /// ν.
    #[must_use]
    pub fn second(&self) -> f64 {
        self.second
    }

    /// c = p/n.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.ratio
    }

    /// The limit law, as a free convolution.
    #[must_use]
    pub fn law(&self) -> &FreeConvolution {
        &self.law
    }

    /// m(z).
    ///
    /// # Domain   Im z > 0
    /// # Accuracy the bound is proved, see [`FreeConvolution::subordination`]
    /// # Errors   z not above the real axis; no finite bound
    pub fn stieltjes(&self, z: Complex64) -> Result<Certified<Complex64>, EquivalentError> {
        let above = UpperHalf::new(z).map_err(|_| EquivalentError::OnSpectrum { z })?;
        let solved = self
            .law
            .subordination(above)
            .map_err(|_| EquivalentError::NotSolved {
                residual: f64::INFINITY,
            })?;
        Ok(Certified {
            value: solved.s,
            error: solved.error_bound,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_solves_the_cubic() {
        for (s, ratio) in [
            (Activation::Relu, 0.5),
            (Activation::Sign, 2.0),
            (Activation::Square, 0.7),
        ] {
            let kernel = HermiteKernel::new(s, ratio).unwrap();
            let (a, nu) = (kernel.linear(), kernel.second());
            for z in [Complex64::new(1.0, 0.3), Complex64::new(-2.0, 0.1)] {
                let m = kernel.stieltjes(z).unwrap().value;
                let linear = a * a * m / (ratio + a * m);
                let residual = m.inv() + z + linear + (nu - a * a) * m / ratio;
                assert!(residual.norm() < 1e-11, "{} {z}: {residual}", s.name());
            }
        }
    }

    #[test]
    fn linear_functions_and_real_points_are_refused() {
        assert!(HermiteKernel::new(Activation::Linear, 0.5).is_err());
        assert!(HermiteKernel::new(Activation::Relu, 0.0).is_err());
        let kernel = HermiteKernel::new(Activation::Relu, 0.5).unwrap();
        assert!(kernel.stieltjes(Complex64::new(1.0, 0.0)).is_err());
    }
}
