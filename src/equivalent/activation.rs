//! Activations of networks: their Gaussian moments, Hermite coefficients and exact kernels.
//!
//! ξ is standard normal throughout, and derivatives are those of distributions: E s″(τξ) = E(ξ² − 1)s(τξ)/τ², which
//! for the ReLU is the mass of its kink.

mod closed;
mod quadrature;
#[cfg(test)]
mod reference;

use super::EquivalentError;
use std::f64::consts::{FRAC_2_SQRT_PI, PI};

/// An activation s, applied entry by entry.
///
/// # Examples
/// ```
/// use rmt_verify::equivalent::activation::Activation;
/// // ReLU at scale 1: E s = 1/√(2π), E s′ = ½, Var s = ½ − 1/(2π).
/// let relu = Activation::Relu.moments(1.0)?;
/// assert_eq!(relu.slope, 0.5);
/// assert!((relu.variance - 0.5 + 0.5 / std::f64::consts::PI).abs() < 1e-15);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// t.
    Linear,
    /// max(t, 0).
    Relu,
    /// erf t = (2/√π)∫₀ᵗ e^{−x²}dx.
    Erf,
    /// cos t.
    Cos,
    /// sin t.
    Sin,
    /// −1, 0 or 1.
    Sign,
    /// t².
    Square,
    /// erf t + κt², neither odd nor even.
    ErfSquare(f64),
    /// tanh t.
    Tanh,
    /// ln(1 + eᵗ).
    Softplus,
}

/// Gaussian moments of s at a scale τ, argument τξ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// E s.
    pub mean: f64,
    /// E s′.
    pub slope: f64,
    /// E s″.
    pub curvature: f64,
    /// Var s.
    pub variance: f64,
    /// E s′²; infinite for a jump.
    pub slope_square: f64,
    /// E[((s − E s)²)″].
    pub square_curvature: f64,
}

impl Activation {
    /// One of every kind; κ = 0.4.
    pub const ALL: [Self; 10] = [
        Self::Linear,
        Self::Relu,
        Self::Erf,
        Self::Cos,
        Self::Sin,
        Self::Sign,
        Self::Square,
        Self::ErfSquare(0.4),
        Self::Tanh,
        Self::Softplus,
    ];

    /// Name for tables and stream keys.
    #[must_use]
    pub fn name(&self) -> String {
        let name = match self {
            Self::Linear => "linear",
            Self::Relu => "relu",
            Self::Erf => "erf",
            Self::Cos => "cos",
            Self::Sin => "sin",
            Self::Sign => "sign",
            Self::Square => "square",
            Self::ErfSquare(weight) => return format!("erf+{weight}t²"),
            Self::Tanh => "tanh",
            Self::Softplus => "softplus",
        };
        name.into()
    }

    /// s(t).
    #[must_use]
    pub fn value(&self, t: f64) -> f64 {
        match self {
            Self::Linear => t,
            Self::Relu => t.max(0.0),
            Self::Erf => libm::erf(t),
            Self::Cos => libm::cos(t),
            Self::Sin => libm::sin(t),
            Self::Sign if t == 0.0 => 0.0,
            Self::Sign => t.signum(),
            Self::Square => t * t,
            Self::ErfSquare(weight) => libm::erf(t) + weight * t * t,
            Self::Tanh => libm::tanh(t),
            Self::Softplus => t.max(0.0) + libm::log1p(libm::exp(-t.abs())),
        }
    }

    /// s′(t), the derivative where there is one: ½ at the kink of the ReLU, 0 at the jump of the sign.
    #[must_use]
    pub fn slope(&self, t: f64) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Relu => 0.5 + 0.5 * Self::Sign.value(t),
            Self::Erf => FRAC_2_SQRT_PI * libm::exp(-t * t),
            Self::Cos => -libm::sin(t),
            Self::Sin => libm::cos(t),
            Self::Sign => 0.0,
            Self::Square => 2.0 * t,
            Self::ErfSquare(weight) => Self::Erf.slope(t) + 2.0 * weight * t,
            Self::Tanh => libm::cosh(t).powi(-2),
            Self::Softplus => 1.0 / (1.0 + libm::exp(-t)),
        }
    }

    /// sup|s′|; `None` when s is not Lipschitz.
    #[must_use]
    pub fn lipschitz(&self) -> Option<f64> {
        match self {
            Self::Erf => Some(FRAC_2_SQRT_PI),
            Self::Sign | Self::Square => None,
            Self::ErfSquare(weight) => (*weight == 0.0).then_some(FRAC_2_SQRT_PI),
            _ => Some(1.0),
        }
    }

    /// Gaussian moments at the scale τ.
    ///
    /// # Accuracy rounding (1e-13 relative, see `fixtures/reference/equivalent/activation.py`) for the closed forms; tanh and softplus by the
    /// trapezoidal rule, 1e-12 for τ ≤ 10
    /// # Errors   τ not in (0, ∞)
    pub fn moments(&self, tau: f64) -> Result<Moments, EquivalentError> {
        if !(tau > 0.0 && tau.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name: "τ",
                value: tau,
                allowed: "a scale is positive and finite",
            });
        }
        Ok(match self {
            Self::Tanh | Self::Softplus => quadrature::moments(self, tau),
            _ => closed::moments(self, tau),
        })
    }

    /// a_k = E s(ξ)He_k(ξ)/√k!, so that Σa_k² = E s².
    #[must_use]
    pub fn hermite(&self, k: u32) -> f64 {
        match self {
            Self::Tanh | Self::Softplus => quadrature::hermite(self, k),
            _ => closed::hermite(self, k),
        }
    }

    /// E s(u)s(v) for normal (u, v) with Var u = a, Var v = b, E uv = r.
    ///
    /// # Accuracy as [`moments`](Self::moments); tanh and softplus by a double sum of some 10⁴ terms
    /// # Errors   a covariance that is none: a < 0, b < 0 or r² > ab beyond rounding
    pub fn kernel(&self, a: f64, b: f64, r: f64) -> Result<f64, EquivalentError> {
        let r = covariance(a, b, r)?;
        Ok(match self {
            Self::Tanh | Self::Softplus => quadrature::kernel(self, a, b, r, Self::value),
            _ => closed::kernel(self, a, b, r),
        })
    }

    /// E s′(u)s′(v), the derivative of [`kernel`](Self::kernel) in r.
    ///
    /// # Value    infinite for the sign at r² = ab
    /// # Errors   as [`kernel`](Self::kernel)
    pub fn slope_kernel(&self, a: f64, b: f64, r: f64) -> Result<f64, EquivalentError> {
        let r = covariance(a, b, r)?;
        Ok(match self {
            Self::Tanh | Self::Softplus => quadrature::kernel(self, a, b, r, Self::slope),
            _ => closed::slope_kernel(self, a, b, r),
        })
    }

    /// Distance of the nearest singularity of s from the real axis.
    fn strip(&self) -> f64 {
        match self {
            Self::Tanh => 0.5 * PI,
            Self::Softplus => PI,
            _ => f64::INFINITY,
        }
    }
}

/// r, put back to |r| ≤ √(ab) when rounding took it out.
fn covariance(a: f64, b: f64, r: f64) -> Result<f64, EquivalentError> {
    if !(a >= 0.0 && b >= 0.0 && a.is_finite() && b.is_finite()) {
        let value = if a >= 0.0 && a.is_finite() { b } else { a };
        return Err(EquivalentError::OutOfRange {
            name: "variance",
            value,
            allowed: "a variance is finite and not negative",
        });
    }
    let most = a.sqrt() * b.sqrt();
    if r.abs() <= most * (1.0 + 1e-12) {
        Ok(r.clamp(-most, most))
    } else {
        Err(EquivalentError::OutOfRange {
            name: "r",
            value: r,
            allowed: "a covariance is at most √(ab)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hermite_coefficients_sum_to_the_second_moment() {
        for s in Activation::ALL {
            let moments = s.moments(1.0).unwrap();
            let second = moments.variance + moments.mean * moments.mean;
            let sum: f64 = (0..120).map(|k| s.hermite(k).powi(2)).sum();
            // Σ_{k ≥ 120} a_k² is of order k^{−3/2} after a kink, k^{−1/2} after a jump.
            let left = match s {
                Activation::Sign => 0.08,
                Activation::Relu => 1e-3,
                _ => 1e-12,
            };
            assert!((second - sum).abs() <= left, "{}: {sum} {second}", s.name());
            assert!((s.hermite(0) - moments.mean).abs() < 1e-13);
            assert!((s.hermite(1) - moments.slope).abs() < 1e-13);
            assert!((s.hermite(2) - moments.curvature / 2f64.sqrt()).abs() < 1e-13);
        }
    }

    #[test]
    fn kernel_on_the_diagonal_is_the_second_moment() {
        for s in Activation::ALL {
            for tau in [0.5, 1.0, 1.7] {
                let moments = s.moments(tau).unwrap();
                let v = tau * tau;
                let second = moments.variance + moments.mean * moments.mean;
                assert!((s.kernel(v, v, v).unwrap() - second).abs() < 1e-12 * second);
                let slope = s.slope_kernel(v, v, v).unwrap();
                assert!(
                    slope == moments.slope_square
                        || (slope - moments.slope_square).abs() < 1e-11 * slope
                );
            }
        }
    }

    /// Price's theorem.
    #[test]
    fn slope_kernel_is_the_derivative_of_the_kernel() {
        for s in Activation::ALL {
            let at = |r: f64| s.kernel(0.8, 1.3, r).unwrap();
            let h = 1e-4;
            let difference = (at(0.3 - 2.0 * h) - at(0.3 + 2.0 * h)
                + 8.0 * (at(0.3 + h) - at(0.3 - h)))
                / (12.0 * h);
            let slope = s.slope_kernel(0.8, 1.3, 0.3).unwrap();
            assert!(
                (difference - slope).abs() < 1e-9,
                "{}: {difference} {slope}",
                s.name()
            );
        }
    }

    #[test]
    fn slopes_are_the_derivatives_of_the_values() {
        for s in Activation::ALL {
            for t in [-2.3, -0.4, 0.7, 1.9] {
                let difference = (s.value(t + 1e-5) - s.value(t - 1e-5)) / 2e-5;
                assert!(
                    (difference - s.slope(t)).abs() < 1e-8,
                    "{} at {t}",
                    s.name()
                );
                if let Some(lipschitz) = s.lipschitz() {
                    assert!(s.slope(t).abs() <= lipschitz);
                }
            }
        }
    }

    #[test]
    fn questions_without_an_answer_are_refused() {
        let s = Activation::Erf;
        for tau in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(s.moments(tau).is_err());
        }
        assert!(s.kernel(-1.0, 1.0, 0.0).is_err());
        assert!(s.kernel(1.0, 1.0, 1.1).is_err());
        assert!(s.slope_kernel(1.0, f64::NAN, 0.0).is_err());
        // Rounding of a Gram matrix is no error.
        assert!(s.kernel(1.0, 1.0, 1.0 + 1e-15).is_ok());
    }
}
