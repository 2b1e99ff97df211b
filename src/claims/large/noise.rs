//! GOE and GUE without a signal: the limit and the orders 1, 1/N of its traces in closed form.

use crate::ensemble::Ensemble;
use crate::free::finite_size::Expansion;
use crate::measure::UpperHalf;
use num_complex::Complex64;

/// R/√N at one N and z. Everything below is in s = σs_μ(z), the root of s = −1/(z/σ + s) with Im s > 0.
///
/// With S = 0 the sums S_k of docs/derivations/stieltjes_remainder.md are sᵏ, K = 1/(1 − s²), and with y = Ks²
///
/// ```text
/// σN Δ_N = s³K + s(5y² + 12y³ + 6y⁴)/N + c₂/N² + …   (GOE),   s y²(1 + y)²/N + c₃/N³ + …   (GUE).
/// ```
///
/// What is left out is taken to be at most twice the next order, sizes without credit for cancellation; `new` refuses points at
/// which the orders do not fall by half.
#[derive(Debug, Clone, Copy)]
pub(in crate::claims) struct Noise {
    n: f64,
    sigma: f64,
    /// Real symmetric?
    real: bool,
    z: UpperHalf,
    s: Complex64,
    k: Complex64,
}

/// Σ count·|y|^power.
fn size(y: f64, first: i32, counts: &[f64]) -> f64 {
    let terms = (first..).zip(counts);
    terms.map(|(power, count)| count * y.powi(power)).sum()
}

impl Noise {
    /// # Panics   for noise that is not GOE or GUE, and too close to the real axis for this N: our bug for
    /// the literals in use
    pub fn new(ensemble: &Ensemble, n: usize, z: UpperHalf) -> Self {
        assert!(
            ensemble.is_invariant(),
            "closed forms are those of GOE and GUE"
        );
        let sigma = ensemble.sigma();
        let at = z.get() / sigma;
        let root = (at * at - 4.0).sqrt();
        // Of the two roots the one with |s| < 1, without cancellation.
        let larger = if (root * at.conj()).re > 0.0 {
            -0.5 * (at + root)
        } else {
            -0.5 * (at - root)
        };
        let s = larger.inv();
        assert!(s.im > 0.0 && s.norm() < 1.0, "s = {s} at z = {at}");
        let noise = Self {
            n: n as f64,
            sigma,
            real: matches!(ensemble, Ensemble::Wigner { .. }),
            z,
            s,
            k: (1.0 - s * s).inv(),
        };
        let ratio = noise.order_ratio();
        assert!(ratio <= 0.5, "the orders fall only by {ratio} at z = {at}");
        noise
    }

    /// Size of the second unknown order over that of r, rooted.
    fn order_ratio(&self) -> f64 {
        let y = (self.k * self.s * self.s).norm();
        (self.second_size(y) / (self.s.norm() * y)).sqrt() / self.n
    }

    /// Majorant of |c₂| of the GOE.
    fn second_size(&self, y: f64) -> f64 {
        self.s.norm() * size(y, 3, &[41.0, 239.0, 473.0, 388.0, 114.0])
    }

    /// r(z) = ½σ²s_ν″ω′; 0 for the GUE.
    pub fn leading(&self) -> Complex64 {
        match self.real {
            true => self.goe_leading(),
            false => Complex64::ZERO,
        }
    }

    /// r(z) of the GOE with the same σ: what is called large and small.
    pub fn goe_leading(&self) -> Complex64 {
        self.s.powi(3) * self.k / self.sigma
    }

    /// r(z) with v_d in place of 2.
    pub fn leading_with_diagonal(&self, v_d: f64) -> Complex64 {
        self.s.powi(3) * (self.k + (v_d - 2.0)) / self.sigma
    }

    /// N Δ_N(z), Δ_N = E s_N + 1/(z + σ²E s_N).
    pub fn defect(&self) -> Expansion {
        let y = self.k * self.s * self.s;
        let (first, rest) = if self.real {
            let first = self.s * y * y * (5.0 + y * (12.0 + 6.0 * y));
            (first, self.second_size(y.norm()) / (self.n * self.n))
        } else {
            let counts = [21.0, 189.0, 650.0, 1130.0, 1065.0, 521.0, 104.0];
            let third = self.s.norm() * size(y.norm(), 4, &counts);
            (self.s * (y * (1.0 + y)).powi(2), third / self.n.powi(3))
        };
        Expansion {
            value: self.leading() + first / (self.n * self.sigma),
            remainder: 2.0 * rest / self.sigma,
        }
    }

    /// E Tr(W − z)⁻¹ = N s_μ + ω′x + ½σ⁴s_ν″ω′³x²/N + …, x = N Δ_N.
    pub fn mean_trace(&self) -> Expansion {
        let defect = self.defect();
        let (k, s) = (self.k, self.s);
        let (x, rest) = (defect.value * self.sigma, defect.remainder * self.sigma);
        let curvature = s.powi(3) * k.powi(3) / self.n;
        let cubic = (2.0 * s.norm().powi(6) * k.norm().powi(5) + (s * k).norm().powi(4))
            * (x.norm() + rest).powi(3)
            / (self.n * self.n);
        Expansion {
            value: (s * self.n + k * x + curvature * x * x) / self.sigma,
            remainder: (k.norm() * rest
                + curvature.norm() * rest * (2.0 * x.norm() + rest)
                + 2.0 * cubic)
                / self.sigma,
        }
    }

    /// N∫log(x − z)μ(dx) = N(log σ − log s + ½s²), −log s principal.
    pub fn potential(&self) -> Complex64 {
        self.n * (self.sigma.ln() + self.s.inv().ln() + 0.5 * self.s * self.s)
    }

    /// D of docs/derivations/log_determinant.md: ½ log(1 − s²), 0 for the GUE.
    pub fn leading_correction(&self) -> Complex64 {
        match self.real {
            true => 0.5 * (1.0 - self.s * self.s).ln(),
            false => Complex64::ZERO,
        }
    }

    /// E Tr log(W − z) − N∫log(x − z)μ(dx), the order 1/N as its remainder too.
    pub fn correction(&self) -> Expansion {
        let fourth = self.k.powi(2) * self.s.powi(4);
        let sixth = self.k.powi(3) * self.s.powi(6);
        let (a, b) = if self.real {
            (-1.25 * fourth, -7.0 / 6.0 * sixth)
        } else {
            (-0.25 * fourth, -sixth / 6.0)
        };
        Expansion {
            value: self.leading_correction() + (a + b) / self.n,
            remainder: (a.norm() + b.norm()) / self.n,
        }
    }

    /// E Tr log(W − z).
    pub fn mean_log_determinant(&self) -> Expansion {
        let correction = self.correction();
        Expansion {
            value: self.potential() + correction.value,
            remainder: correction.remainder,
        }
    }

    /// s_μ(z).
    pub fn s(&self) -> Complex64 {
        self.s / self.sigma
    }

    /// z.
    pub fn z(&self) -> UpperHalf {
        self.z
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::pastur::LogDeterminant;
    use crate::claims::stieltjes_equation::{Model, Theory, z};
    use crate::ensemble::Signal;
    use crate::free::finite_size::EntryStatistics;

    const SIZE: usize = 400;

    fn ensembles() -> [Ensemble; 2] {
        [
            Ensemble::goe().with_sigma(0.8),
            Ensemble::gue().with_sigma(1.3),
        ]
    }

    fn points() -> [UpperHalf; 4] {
        [z(0.5, 1.5), z(0.0, 2.0), z(-1.9, 0.6), z(3.0, 0.5)]
    }

    #[test]
    fn closed_forms_are_the_general_orders_at_zero_signal() {
        for ensemble in ensembles() {
            let model = Model::new(ensemble, Signal::zero(), SIZE);
            for point in points() {
                let (noise, theory) = (
                    Noise::new(&ensemble, SIZE, point),
                    Theory::of(&model, point),
                );
                assert!((noise.s() - theory.s).norm() < 1e-12);
                let (own, general) = (noise.defect(), theory.defect());
                let gap = (own.value - general.value).norm();
                assert!(
                    gap <= own.remainder + 1e-10,
                    "{gap:e} > {:e}",
                    own.remainder
                );
                // c₂ is known there and left out here.
                assert!(own.remainder < 3.0 * general.remainder.max(gap) + 1e-12);
                let (own, general) = (noise.mean_trace(), theory.mean_trace());
                assert!((own.value - general.value).norm() <= own.remainder + 1e-9);
            }
        }
    }

    #[test]
    fn log_determinants_are_the_general_ones_at_zero_signal() {
        for ensemble in ensembles() {
            for point in points() {
                let noise = Noise::new(&ensemble, SIZE, point);
                let law = EntryStatistics::of(&ensemble);
                let general = LogDeterminant::with(&[0.0; SIZE], ensemble.sigma(), law, point);
                assert!((noise.potential() - general.potential).norm() < 1e-9);
                let (own, general) = (noise.correction(), general.correction);
                let gap = (own.value - general.value).norm();
                assert!(gap <= own.remainder, "{gap:e} > {:e}", own.remainder);
                assert!(gap <= 0.1 * own.remainder + 1e-9);
            }
        }
    }
}
