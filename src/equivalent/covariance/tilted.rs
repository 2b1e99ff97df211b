//! Resolvents with a ridge that depends on the direction, and their 1/n term.

use crate::equivalent::{EquivalentError, SampleCovariance};

/// (Ĉ + Γ)⁻¹ with Γ = γ + tA, A = a(C), and its mean up to o(1/n):
///
/// ```text
/// Q̄ = (Γ + θC)⁻¹, θ = 1/(1 + (1/n)tr CQ̄),   χ = θ²/(1 − θ²(1/n)tr(CQ̄)²),
/// E tr BQ = tr BQ̄ + (χ + κ₄θ²)(1/n)tr BC²Q̄³ − dθ·tr BCQ̄²,   dθ = (1/n)(E tr ΓQ − tr ΓQ̄).
/// ```
///
/// Since tr(BQAQ) = −(d/dt)tr BQ, the derivative at t = 0 is the 1/n term of the second-order equivalents.
///
/// # Source   `docs/derivations/covariance_orders.md`
#[derive(Debug, Clone, PartialEq)]
pub struct Tilted {
    /// (λ, weight times c, Γ).
    rows: Vec<(f64, f64, f64)>,
    theta: f64,
}

impl Tilted {
    /// Γ = ridge(λ) on the eigenspace of λ.
    ///
    /// # Errors   a ridge that is not positive
    pub fn new(
        limit: &SampleCovariance,
        ridge: impl Fn(f64) -> f64,
    ) -> Result<Self, EquivalentError> {
        let atoms = limit.population().atoms().iter();
        let rows: Vec<_> = atoms
            .map(|&(x, w)| (x, w * limit.ratio(), ridge(x)))
            .collect();
        if let Some(&(_, _, gamma)) = rows.iter().find(|row| !(row.2 > 0.0 && row.2.is_finite())) {
            return Err(EquivalentError::RidgeInvalid { gamma });
        }
        // θ(1 + Σwλ/(Γ + θλ)) = 1: the left side increases from 0, and is above 1 at θ = 1.
        let excess = |t: f64| {
            let sum: f64 = rows.iter().map(|&(x, w, g)| w * x / (g + t * x)).sum();
            t * (1.0 + sum) - 1.0
        };
        let (mut lo, mut hi) = (0.0f64, 1.0f64);
        while hi - lo > f64::EPSILON * hi {
            let middle = 0.5 * (lo + hi);
            if middle <= lo || middle >= hi {
                break;
            }
            if excess(middle) > 0.0 {
                hi = middle;
            } else {
                lo = middle;
            }
        }
        Ok(Self {
            rows,
            theta: 0.5 * (lo + hi),
        })
    }

    /// (1/n)tr BQ̄, B = b(C).
    #[must_use]
    pub fn trace(&self, b: impl Fn(f64) -> f64) -> f64 {
        self.sum(|x, q, _| b(x) * q)
    }

    /// lim E tr BQ − tr BQ̄.
    #[must_use]
    pub fn trace_bias(&self, b: impl Fn(f64) -> f64, fourth: f64) -> f64 {
        let square = self.theta * self.theta;
        let slope = square / (1.0 - square * self.sum(|x, q, _| (x * q).powi(2)));
        let pull = slope + fourth * square;
        let direct =
            |b: &dyn Fn(f64, f64) -> f64| pull * self.sum(|x, q, g| b(x, g) * x * x * q.powi(3));
        let through = |b: &dyn Fn(f64, f64) -> f64| self.sum(|x, q, g| b(x, g) * x * q * q);
        // n·dθ = tr ΓE(Q − Q̄) holds dθ on both sides.
        let shift = direct(&|_, g| g) / (1.0 + through(&|_, g| g));
        direct(&|x, _| b(x)) - shift * through(&|x, _| b(x))
    }

    /// Σ over the rows of c·w·f(λ, Q̄, Γ).
    fn sum(&self, f: impl Fn(f64, f64, f64) -> f64) -> f64 {
        let of = |&(x, w, g): &(f64, f64, f64)| w * f(x, 1.0 / (g + self.theta * x), g);
        self.rows.iter().map(of).sum()
    }

    /// lim E tr(BQAQ) − n·(1/n)tr of its equivalent, for Γ = γ: −(d/dt) of [`trace_bias`](Self::trace_bias).
    ///
    /// # Accuracy  1e-6 relative: a central difference
    /// # Errors    γ not in (0, ∞)
    pub fn product_bias(
        limit: &SampleCovariance,
        gamma: f64,
        a: impl Fn(f64) -> f64,
        b: impl Fn(f64) -> f64,
        fourth: f64,
    ) -> Result<f64, EquivalentError> {
        let step = 1e-3 * gamma / limit.population().largest().max(1.0);
        let at = |t: f64| -> Result<f64, EquivalentError> {
            let tilted = Self::new(limit, |x| gamma + t * a(x))?;
            Ok(tilted.trace_bias(&b, fourth))
        };
        Ok((at(-step)? - at(step)?) / (2.0 * step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equivalent::Population;
    use crate::equivalent::covariance::{TraceFluctuation, TwoPoint};
    use num_complex::Complex64;

    fn limit() -> SampleCovariance {
        let population = Population::from_atoms(&[(0.5, 0.5), (2.0, 0.5)]).unwrap();
        SampleCovariance::new(population, 0.75).unwrap()
    }

    #[test]
    fn without_a_tilt_it_is_the_resolvent_and_its_bias() {
        let z = Complex64::new(-0.6, 0.0);
        let tilted = Tilted::new(&limit(), |_| 0.6).unwrap();
        let known = TraceFluctuation::new(&limit(), z).unwrap();
        for a in [|_: f64| 1.0, |x: f64| x * x] {
            assert!((tilted.trace(a) - known.trace(a).re).abs() < 1e-14);
            for fourth in [0.0, -2.0] {
                let (ours, theirs) = (tilted.trace_bias(a, fourth), known.trace_bias(a, fourth).re);
                assert!((ours - theirs).abs() < 1e-13, "{ours} {theirs}");
            }
        }
    }

    #[test]
    fn the_derivative_in_the_tilt_is_the_second_order_equivalent() {
        let (a, b) = (|x: f64| x, |x: f64| 1.0 / x);
        let z = Complex64::new(-0.6, 0.0);
        let product = TwoPoint::new(&limit(), z, z).unwrap().trace(a, b).re;
        let h = 1e-4;
        let at = |t: f64| Tilted::new(&limit(), |x| 0.6 + t * a(x)).unwrap().trace(b);
        let slope = (at(-h) - at(h)) / (2.0 * h);
        assert!(
            (slope - product).abs() < 1e-6 * product,
            "{slope} {product}"
        );
    }

    #[test]
    fn ridges_that_are_not_positive_are_refused() {
        assert!(Tilted::new(&limit(), |x| 1.0 - x).is_err());
    }
}
