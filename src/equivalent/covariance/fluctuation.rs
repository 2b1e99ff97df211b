//! Means and variances of resolvent traces at the order 1/n.

use crate::equivalent::{EquivalentError, SampleCovariance};
use num_complex::Complex64;

/// What the trace tr Q(z) does around its equivalent: with m = m̃(z), J_k = c∫λ²m^k/(1 + λm)^k dH (k = 2, 3),
///
/// ```text
/// E tr Q − tr Q̄   → J₃/(1 − J₂)² + κ₄J₃/(1 − J₂),
/// Cov(tr Q(z₁), tr Q(z₂)) → ∂₁∂₂[−2 log(1 − J) + κ₄J],   J = c∫λ²m₁m₂/((1 + λm₁)(1 + λm₂)) dH.
/// ```
///
/// # Domain   Z with independent real entries (0, 1) and fourth cumulant κ₄; C diagonal where κ₄ ≠ 0
/// # Accuracy 1e-12 relative against 40 digits (`fixtures/reference/equivalent/covariance.py`)
/// # Source   Z. Bai and J. Silverstein (2004); G. Pan and W. Zhou (2008) for κ₄; [`trace_bias`](Self::trace_bias):
/// `docs/derivations/covariance_orders.md`
/// # Examples
/// ```
/// use num_complex::Complex64;
/// use rmt_verify::equivalent::{Population, SampleCovariance, covariance::TraceFluctuation};
/// // c = γ = ½, C = I: κ² = ½, so J₂ = ½/(1 + κ)² and J₃ = ½/(1 + κ)³.
/// let limit = SampleCovariance::new(Population::isotropic(), 0.5)?;
/// let at = TraceFluctuation::new(&limit, Complex64::new(-0.5, 0.0))?;
/// let r = 1.0 / (1.0 + 0.5f64.sqrt());
/// let mean = 0.5 * r.powi(3) / (1.0 - 0.5 * r * r).powi(2);
/// assert!((at.trace_bias(|_| 1.0, 0.0).re - mean).abs() < 1e-14);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TraceFluctuation {
    limit: SampleCovariance,
    z: Complex64,
    companion: Complex64,
    /// J₂.
    loss: Complex64,
}

impl TraceFluctuation {
    /// At z.
    ///
    /// # Errors   z on [0, ∞); an equation that was not solved
    pub fn new(limit: &SampleCovariance, z: Complex64) -> Result<Self, EquivalentError> {
        let companion = limit.companion(z)?.value;
        Ok(Self::with(limit, z, companion))
    }

    /// At the z whose m̃ is given: z = −1/m + c∫λ/(1 + λm) dH.
    ///
    /// # Domain   m with m̃(z) = m, such as m = −1/α for a spike α that separates
    #[must_use]
    pub fn of_companion(limit: &SampleCovariance, m: Complex64) -> Self {
        let pull = limit.population().complex_integral(|x| x / (1.0 + m * x));
        Self::with(limit, pull * limit.ratio() - m.inv(), m)
    }

    fn with(limit: &SampleCovariance, z: Complex64, m: Complex64) -> Self {
        let square = |x: f64| (m * x / (1.0 + m * x)).powi(2);
        let loss = limit.population().complex_integral(square) * limit.ratio();
        Self {
            limit: limit.clone(),
            z,
            companion: m,
            loss,
        }
    }

    /// z.
    #[must_use]
    pub fn z(&self) -> Complex64 {
        self.z
    }

    /// m̃(z).
    #[must_use]
    pub fn companion(&self) -> Complex64 {
        self.companion
    }

    /// J₂.
    #[must_use]
    pub fn loss(&self) -> Complex64 {
        self.loss
    }

    /// m̃′(z) = m²/(1 − J₂).
    #[must_use]
    pub fn companion_slope(&self) -> Complex64 {
        self.companion * self.companion / (1.0 - self.loss)
    }

    /// m̃″(z) = −z″(m)m̃′³, z″(m) = −2/m³ + 2c∫λ³/(1 + λm)³ dH.
    #[must_use]
    pub fn companion_curvature(&self) -> Complex64 {
        let m = self.companion;
        let cube = self.mean(|x, r| (r * x).powi(3));
        let second = 2.0 * cube - 2.0 * m.powi(-3);
        -second * self.companion_slope().powi(3)
    }

    /// (1/n)tr AQ̄ for A = a(C).
    #[must_use]
    pub fn trace(&self, a: impl Fn(f64) -> f64) -> Complex64 {
        self.mean(|x, r| r * a(x)) * -self.z.inv()
    }

    /// lim E tr AQ − tr AQ̄ for A = a(C): with θ = −zm, S = (1/n)tr AC²Q̄³, T = (1/n)tr ACQ̄² and b the value for A = I,
    /// (θ²/(1 − J₂) + κ₄θ²)S + zbT.
    ///
    /// # Value    for A = I: J₃/(1 − J₂)² + κ₄J₃/(1 − J₂)
    #[must_use]
    pub fn trace_bias(&self, a: impl Fn(f64) -> f64, fourth: f64) -> Complex64 {
        let (m, z) = (self.companion, self.z);
        let kept = 1.0 - self.loss;
        let third = m.powi(3) * self.mean(|x, r| r.powi(3) * (x * x));
        let own = third / (kept * kept) + third / kept * fourth;
        let theta = -z * m;
        let pull = theta * theta * (kept.inv() + fourth);
        // Q̄ = −r/z with r = 1/(1 + λm).
        let cubic = self.mean(|x, r| r.powi(3) * (a(x) * x * x)) * -z.powi(-3);
        let square = self.mean(|x, r| r * r * (a(x) * x)) * z.powi(-2);
        pull * cubic + z * own * square
    }

    /// lim Cov(tr Q(z), tr Q(z′)); at z = z′ real the variance.
    #[must_use]
    pub fn covariance(&self, other: &Self, fourth: f64) -> Complex64 {
        let (m, w) = (self.companion, other.companion);
        let over = |f: &dyn Fn(f64, Complex64, Complex64) -> Complex64| {
            let sum = self
                .limit
                .population()
                .complex_integral(|x| f(x, (1.0 + m * x).inv(), (1.0 + w * x).inv()));
            sum * self.limit.ratio()
        };
        // d/dz (λm/(1 + λm)) = λm̃′/(1 + λm)².
        let (first, second) = (self.companion_slope(), other.companion_slope());
        let joint = over(&|x, r, s| r * s * m * w * (x * x));
        let left = over(&|x, r, s| r * r * s * w * (x * x)) * first;
        let right = over(&|x, r, s| r * s * s * m * (x * x)) * second;
        let mixed = over(&|x, r, s| (r * s).powi(2) * (x * x)) * first * second;
        let kept = 1.0 - joint;
        2.0 * (mixed / kept + left * right / (kept * kept)) + mixed * fourth
    }

    /// c∫f(λ, 1/(1 + λm)) dH.
    fn mean(&self, f: impl Fn(f64, Complex64) -> Complex64) -> Complex64 {
        let m = self.companion;
        let sum = self
            .limit
            .population()
            .complex_integral(|x| f(x, (1.0 + m * x).inv()));
        sum * self.limit.ratio()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equivalent::Population;

    fn limit() -> SampleCovariance {
        let population = Population::from_atoms(&[(0.5, 0.5), (2.0, 0.5)]).unwrap();
        SampleCovariance::new(population, 0.75).unwrap()
    }

    fn at(gamma: f64) -> TraceFluctuation {
        TraceFluctuation::new(&limit(), Complex64::new(-gamma, 0.0)).unwrap()
    }

    /// The Schwarzian of m̃, through derivatives of the inverse map z(m).
    #[test]
    fn the_variance_is_a_third_of_the_schwarzian_of_the_companion() {
        let (one, c) = (at(0.6), 0.75);
        let m = one.companion().re;
        let sum = |f: &dyn Fn(f64) -> f64| c * limit().population().integral(f);
        let z1 = m.powi(-2) - sum(&|x| (x / (1.0 + x * m)).powi(2));
        let z2 = -2.0 * m.powi(-3) + 2.0 * sum(&|x| (x / (1.0 + x * m)).powi(3));
        let z3 = 6.0 * m.powi(-4) - 6.0 * sum(&|x| (x / (1.0 + x * m)).powi(4));
        let gauss = -(z3 / z1 - 1.5 * (z2 / z1).powi(2)) / (3.0 * z1 * z1);
        let extra = sum(&|x| x * x / (1.0 + x * m).powi(4)) / (z1 * z1);
        for fourth in [0.0, -2.0, 3.0] {
            let ours = one.covariance(&one, fourth).re;
            assert!(
                (ours - gauss - fourth * extra).abs() < 1e-12 * gauss,
                "{ours}"
            );
        }
    }

    #[test]
    fn derivatives_of_the_companion_are_its_derivatives() {
        let (h, mid) = (1e-4, at(0.6));
        let (lo, hi) = (at(0.6 + h).companion().re, at(0.6 - h).companion().re);
        assert!(((hi - lo) / (2.0 * h) - mid.companion_slope().re).abs() < 1e-6);
        let second = (hi - 2.0 * mid.companion().re + lo) / (h * h);
        assert!((second - mid.companion_curvature().re).abs() < 1e-5);
        let again = TraceFluctuation::of_companion(&limit(), mid.companion());
        assert!((again.z() - mid.z()).norm() < 1e-14);
    }

    /// (1/n)tr ĈQ = (p − γ tr Q)/n and E tr CQ: the Stein identity E tr Q Ĉ = E[tr(QC)(1 − tr(QĈ)/n)] − E tr(QĈQC)/n ties
    /// the biases of A = I and of A = C to order 1/n: with t = (1/n)tr CQ̄ and θ = 1/(1 + t),
    /// −γb_I = θb_C + γtb_I − (1/n)tr(Q ĈQ C), the last by dQ/dγ.
    #[test]
    fn biases_of_two_matrices_satisfy_the_stein_identity() {
        let (gamma, h) = (0.6, 1e-4);
        let one = at(gamma);
        let (own, with_c) = (
            one.trace_bias(|_| 1.0, 0.0).re,
            one.trace_bias(|x| x, 0.0).re,
        );
        let t = one.trace(|x| x).re;
        // QĈQ = Q − γQ² = d(γQ)/dγ.
        let weighted = |g: f64| g * at(g).trace(|x| x).re;
        let product = (weighted(gamma + h) - weighted(gamma - h)) / (2.0 * h);
        let theta = 1.0 / (1.0 + t);
        let gap = -gamma * own - (theta * with_c + gamma * t * own - product);
        assert!(gap.abs() < 1e-7, "{gap}");
    }

    #[test]
    fn the_bias_of_the_trace_is_that_of_bai_and_silverstein() {
        let one = at(0.6);
        let m = one.companion().re;
        let third = 0.75
            * limit()
                .population()
                .integral(|x| x * x * (m / (1.0 + x * m)).powi(3));
        let kept = 1.0 - one.loss().re;
        for fourth in [0.0, -2.0] {
            let known = third / (kept * kept) + fourth * third / kept;
            let ours = one.trace_bias(|_| 1.0, fourth).re;
            assert!((ours - known).abs() < 1e-13, "{ours} {known}");
        }
    }
}
