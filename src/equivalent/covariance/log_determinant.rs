//! log det(I + Ĉ/γ).

use super::TraceFluctuation;
use crate::equivalent::{EquivalentError, SampleCovariance};
use num_complex::Complex64;

/// L = log det(I + XXᵀ/(nγ)), with κ = κ(γ) and J₂ = df₂(κ):
///
/// ```text
/// L/n → c∫log(1 + λ/κ) dH + log(κ/γ) − (1 − γ/κ),
/// E L − n·limit → ½log(1 − J₂) − ½κ₄J₂,   Var L → −2 log(1 − J₂) + κ₄J₂.
/// ```
///
/// # Source   A. Tulino and S. Verdú (2004), section 2.2; Z. Bai and J. Silverstein (2004); the integrals over γ of the mean and
/// covariance of tr Q: `docs/derivations/covariance_orders.md`
/// # Examples
/// ```
/// use rmt_verify::equivalent::{Population, SampleCovariance, covariance::LogDeterminant};
/// // C = I, c = γ = ½: κ² = ½.
/// let limit = SampleCovariance::new(Population::isotropic(), 0.5)?;
/// let kappa = 0.5f64.sqrt();
/// let known = 0.5 * (1.0 + 1.0 / kappa).ln() + (2.0 * kappa).ln() - 1.0 + 0.5 / kappa;
/// assert!((LogDeterminant::new(&limit, 0.5)?.limit() - known).abs() < 1e-14);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogDeterminant {
    limit: f64,
    /// J₂.
    loss: f64,
}

impl LogDeterminant {
    /// At γ.
    ///
    /// # Errors   γ not in (0, ∞)
    pub fn new(of: &SampleCovariance, gamma: f64) -> Result<Self, EquivalentError> {
        let kappa = of.kappa(gamma)?.value;
        let volume = of.ratio() * of.population().integral(|x| (x / kappa).ln_1p());
        let at = TraceFluctuation::new(of, Complex64::new(-gamma, 0.0))?;
        // 1 − γ/κ = df₁(κ), without cancellation; log(κ/γ) = −log(1 − df₁).
        let freedom = of.degrees_of_freedom(1, kappa);
        Ok(Self {
            limit: volume + (kappa / gamma).ln() - freedom,
            loss: at.loss().re,
        })
    }

    /// lim L/n.
    #[must_use]
    pub fn limit(&self) -> f64 {
        self.limit
    }

    /// lim E L − n·limit.
    #[must_use]
    pub fn bias(&self, fourth: f64) -> f64 {
        0.5 * (-self.loss).ln_1p() - 0.5 * fourth * self.loss
    }

    /// lim Var L.
    #[must_use]
    pub fn variance(&self, fourth: f64) -> f64 {
        fourth * self.loss - 2.0 * (-self.loss).ln_1p()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equivalent::Population;

    /// d/dγ log det(Ĉ + γ) = tr Q, for the limit, the bias and (twice) the variance.
    #[test]
    fn its_derivatives_in_the_ridge_are_those_of_the_trace() {
        let population = Population::from_atoms(&[(0.5, 0.5), (2.0, 0.5)]).unwrap();
        let limit = SampleCovariance::new(population, 0.75).unwrap();
        let at = |gamma: f64| LogDeterminant::new(&limit, gamma).unwrap();
        let (gamma, h) = (0.6, 1e-4);
        let slope =
            |f: &dyn Fn(LogDeterminant) -> f64| (f(at(gamma + h)) - f(at(gamma - h))) / (2.0 * h);
        let trace = TraceFluctuation::new(&limit, Complex64::new(-gamma, 0.0)).unwrap();
        // log det(I + Ĉ/γ) = log det(Ĉ + γ) − p log γ.
        let first = slope(&|l| l.limit()) + 0.75 / gamma;
        assert!((first - trace.trace(|_| 1.0).re).abs() < 1e-7);
        for fourth in [0.0, -2.0] {
            let bias = slope(&|l| l.bias(fourth));
            assert!((bias - trace.trace_bias(|_| 1.0, fourth).re).abs() < 1e-7);
        }
    }
}
