//! Products of two resolvents.

use crate::equivalent::{EquivalentError, SampleCovariance};
use num_complex::Complex64;

/// Q(z₁)AQ(z₂) ↔ Q̄₁AQ̄₂ + T_A/(1 − T_C)·Q̄₁CQ̄₂, T_A = (1/n)tr(AQ̄₂CQ̄₁)/((1 + δ₁)(1 + δ₂)).
///
/// Here A = a(C), so that all matrices are functions of C; z₁ = z₂ is allowed.
///
/// # Accuracy 1e-12 relative against 40 digits (`fixtures/reference/equivalent/covariance.py`)
/// # Source   \[LM\], our A3; R. Couillet and Z. Liao (2022), section 2.2
/// # Examples
/// ```
/// use num_complex::Complex64;
/// use rmt_verify::equivalent::{Population, SampleCovariance, covariance::TwoPoint};
/// let limit = SampleCovariance::new(Population::isotropic(), 0.5)?;
/// let z = Complex64::new(-0.5, 0.0);
/// // A = B = I, c = γ = ½: (1/n)tr Q² = −d/dγ (1/n)tr Q, tr Q/n = δ = κ/γ − 1, κ² = γ·1 at γ = ½.
/// let twice = TwoPoint::new(&limit, z, z)?.trace(|_| 1.0, |_| 1.0);
/// let kappa = 0.5f64.sqrt();
/// let slope = 1.0 / (1.0 - 0.5 / (1.0 + kappa).powi(2));
/// assert!((twice.re - (kappa / 0.25 - slope / 0.5)).abs() < 1e-13);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TwoPoint {
    limit: SampleCovariance,
    z: [Complex64; 2],
    companion: [Complex64; 2],
}

impl TwoPoint {
    /// At z₁, z₂.
    ///
    /// # Errors   one of them on [0, ∞); an equation that was not solved
    pub fn new(
        limit: &SampleCovariance,
        first: Complex64,
        second: Complex64,
    ) -> Result<Self, EquivalentError> {
        Ok(Self {
            limit: limit.clone(),
            z: [first, second],
            companion: [
                limit.companion(first)?.value,
                limit.companion(second)?.value,
            ],
        })
    }

    /// T_A/(1 − T_C), the weight of Q̄₁CQ̄₂.
    #[must_use]
    pub fn coefficient(&self, a: impl Fn(f64) -> f64) -> Complex64 {
        // 1/(1 + δ) = −zm, so T_A = m₁m₂·c∫aλ/((1 + λm₁)(1 + λm₂)).
        let [m, w] = self.companion;
        let t = |a: &dyn Fn(f64) -> f64| self.pair(&|x| a(x) * x) * m * w;
        t(&a) / (1.0 - t(&|x| x))
    }

    /// (1/n)tr(BQ(z₁)AQ(z₂)) in the limit, B = b(C).
    #[must_use]
    pub fn trace(&self, a: impl Fn(f64) -> f64, b: impl Fn(f64) -> f64) -> Complex64 {
        let uncorrected = self.uncorrected(&a, &b);
        let scale = (self.z[0] * self.z[1]).inv();
        uncorrected + self.coefficient(&a) * self.pair(&|x| b(x) * x) * scale
    }

    /// (1/n)tr(BQ̄₁AQ̄₂), what is left when each resolvent is replaced by its equivalent. It is not the limit.
    #[must_use]
    pub fn uncorrected(&self, a: impl Fn(f64) -> f64, b: impl Fn(f64) -> f64) -> Complex64 {
        self.pair(&|x| a(x) * b(x)) * (self.z[0] * self.z[1]).inv()
    }

    /// c∫f/((1 + λm₁)(1 + λm₂)) dH.
    fn pair(&self, f: &dyn Fn(f64) -> f64) -> Complex64 {
        let [m, w] = self.companion;
        let sum = self
            .limit
            .population()
            .complex_integral(|x| f(x) / ((1.0 + m * x) * (1.0 + w * x)));
        sum * self.limit.ratio()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equivalent::Population;

    fn limit() -> SampleCovariance {
        let population = Population::from_atoms(&[(0.5, 0.5), (2.0, 0.5)]).unwrap();
        SampleCovariance::new(population, 0.5).unwrap()
    }

    /// Q(z₁)Q(z₂) = (Q(z₁) − Q(z₂))/(z₁ − z₂).
    #[test]
    fn the_resolvent_identity_holds_for_the_equivalents() {
        let (z, w) = (Complex64::new(-0.3, 0.0), Complex64::new(0.4, 0.7));
        let both = TwoPoint::new(&limit(), z, w).unwrap();
        let single = |z: Complex64, b: &dyn Fn(f64) -> f64| {
            let m = limit().companion(z).unwrap().value;
            let of = |x: f64| limit().resolvent(z, m, x) * b(x);
            limit().population().complex_integral(of) * 0.5
        };
        for b in [|_: f64| 1.0, |x: f64| x, |x: f64| 1.0 / (1.0 + x)] {
            let direct = (single(z, &b) - single(w, &b)) / (z - w);
            let ours = both.trace(|_| 1.0, b);
            assert!(
                (ours - direct).norm() < 1e-12 * direct.norm(),
                "{ours} {direct}"
            );
        }
    }

    #[test]
    fn the_two_factors_may_change_places() {
        let (z, w) = (Complex64::new(-0.3, 0.0), Complex64::new(-1.1, 0.0));
        let (one, other) = (
            TwoPoint::new(&limit(), z, w).unwrap(),
            TwoPoint::new(&limit(), w, z).unwrap(),
        );
        let (a, b) = (|x: f64| x * x, |x: f64| 1.0 / x);
        // tr(BQ₁AQ₂) = tr(AQ₂BQ₁)
        let gap = one.trace(a, b) - other.trace(b, a);
        assert!(gap.norm() < 1e-13);
    }
}
