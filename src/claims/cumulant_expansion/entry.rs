//! Means over one entry ξ = X/√N: exact sums or quadrature.

use crate::claims::pastur::gauss_legendre;
use crate::ensemble::EntryLaw;
use num_complex::Complex64;
use std::f64::consts::{FRAC_2_PI, PI};

/// A smooth function with bounded derivatives, or a power.
#[derive(Debug, Clone, Copy)]
pub(super) enum TestFunction {
    /// 1/(x − z), Im z > 0.
    Resolvent(Complex64),
    /// e^{itx}, t > 0.
    Exponential(f64),
    /// x^m.
    Power(usize),
}

impl TestFunction {
    /// F^{(a)}(x).
    fn derivative(self, a: usize, x: f64) -> Complex64 {
        match self {
            Self::Resolvent(z) => {
                let sign = if a.is_multiple_of(2) { 1.0 } else { -1.0 };
                sign * factorial(a) * (x - z).powi(-(a as i32) - 1)
            }
            Self::Exponential(t) => {
                Complex64::new(0.0, t).powi(a as i32) * Complex64::from_polar(1.0, t * x)
            }
            Self::Power(m) if a > m => Complex64::ZERO,
            Self::Power(m) => {
                let factor = factorial(m) / factorial(m - a);
                Complex64::from(factor * x.powi((m - a) as i32))
            }
        }
    }

    /// sup |F^{(a)}| over the line; infinite for powers of degree > a.
    pub fn largest(self, a: usize) -> f64 {
        match self {
            Self::Resolvent(z) => factorial(a) / z.im.powi(a as i32 + 1),
            Self::Exponential(t) => t.powi(a as i32),
            Self::Power(m) if m < a => 0.0,
            Self::Power(m) if m == a => factorial(m),
            Self::Power(_) => f64::INFINITY,
        }
    }
}

fn factorial(k: usize) -> f64 {
    (1..=k).product::<usize>() as f64
}

/// ξ = X/√N with X of mean 0 and variance 1, as points and weights.
pub(super) struct Entry {
    points: Vec<(f64, f64)>,
    /// κ_1, …, κ_4 of ξ.
    cumulants: [f64; 4],
}

impl Entry {
    /// # Domain   a law with four moments that is two-point, uniform, Gaussian or half-normal
    pub fn new(law: EntryLaw, n: usize) -> Self {
        let scale = (n as f64).sqrt().recip();
        let known = |k| law.cumulant(k).expect("four moments");
        let cumulants = [0.0, 1.0, known(3), known(4)];
        Self {
            points: quadrature(law)
                .into_iter()
                .map(|(x, w)| (scale * x, w))
                .collect(),
            cumulants: std::array::from_fn(|j| cumulants[j] * scale.powi(j as i32 + 1)),
        }
    }

    fn mean(&self, f: impl Fn(f64) -> Complex64) -> Complex64 {
        self.points.iter().map(|&(x, w)| w * f(x)).sum()
    }

    /// E ξ^k.
    pub fn moment(&self, k: i32) -> f64 {
        self.mean(|x| x.powi(k).into()).re
    }

    /// E|ξ|^k.
    pub fn absolute_moment(&self, k: i32) -> f64 {
        self.mean(|x| x.abs().powi(k).into()).re
    }

    /// E F^{(a)}(ξ).
    pub fn mean_derivative(&self, f: TestFunction, a: usize) -> Complex64 {
        self.mean(|x| f.derivative(a, x))
    }

    /// κ_{a+1}/a!, a = 0, …, p.
    pub fn coefficients(&self, p: usize) -> Vec<f64> {
        (0..=p).map(|a| self.cumulants[a] / factorial(a)).collect()
    }

    /// E ξF(ξ) − Σ_a c_a E F^{(a)}(ξ).
    ///
    /// E ξ = 0, so F(0) is subtracted from F: the sum then has no term larger than the result needs.
    pub fn remainder(&self, f: TestFunction, coefficients: &[f64]) -> Complex64 {
        let origin = f.derivative(0, 0.0);
        let mean = self.mean(|x| x * (f.derivative(0, x) - origin));
        let sum: Complex64 = coefficients
            .iter()
            .enumerate()
            .skip(1)
            .map(|(a, c)| c * self.mean_derivative(f, a))
            .sum();
        // a = 0: κ₁ = 0 for every law.
        mean - sum
    }
}

/// Points and weights of X. Densities: Gauss–Legendre on panels of length ≤ ¼ that end at 0, where |x|^k has a corner.
///
/// Poles at distance ½ lie on an ellipse of parameter ρ = 4 + √17 about a panel, so the error is of order ρ⁻³²; the
/// normal densities are cut at 13 standard deviations.
fn quadrature(law: EntryLaw) -> Vec<(f64, f64)> {
    let gaussian = |x: f64| (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
    // Half-normal: X = (|g| − a)/b.
    let (a, b) = (FRAC_2_PI.sqrt(), (1.0 - FRAC_2_PI).sqrt());
    match law {
        EntryLaw::Rademacher => vec![(-1.0, 0.5), (1.0, 0.5)],
        EntryLaw::SkewedTwoPoint => vec![(-0.5, 0.8), (2.0, 0.2)],
        EntryLaw::Uniform => {
            let end = 3f64.sqrt();
            panels(&[-end, 0.0, end], |_| 0.5 / end)
        }
        EntryLaw::Gaussian => panels(&[-13.0, 0.0, 13.0], gaussian),
        EntryLaw::HalfNormal => panels(&[-a / b, 0.0, (13.0 - a) / b], |x| {
            2.0 * b * gaussian(a + b * x)
        }),
        EntryLaw::HeavyTailed => unreachable!("no fifth moment, so no C_3"),
    }
}

fn panels(ends: &[f64], density: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let rule = gauss_legendre(16);
    let mut points = vec![];
    for pair in ends.windows(2) {
        let count = ((pair[1] - pair[0]) / 0.25).ceil();
        let width = (pair[1] - pair[0]) / count;
        for panel in 0..count as usize {
            let left = pair[0] + panel as f64 * width;
            for &(t, w) in &rule {
                let x = left + t * width;
                points.push((x, w * width * density(x)));
            }
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quadrature_has_the_moments_and_cumulants_of_the_laws() {
        for law in super::super::LAWS {
            let entry = Entry::new(law, 1);
            assert!((entry.moment(0) - 1.0).abs() < 1e-14, "{law:?}");
            assert!(entry.moment(1).abs() < 1e-14, "{law:?}");
            assert!((entry.moment(2) - 1.0).abs() < 1e-13, "{law:?}");
            let k3 = law.cumulant(3).unwrap();
            let k4 = law.cumulant(4).unwrap();
            assert!((entry.moment(3) - k3).abs() < 1e-12, "{law:?}");
            assert!((entry.moment(4) - 3.0 - k4).abs() < 1e-12, "{law:?}");
        }
    }

    /// E 1/(g − z) at z = i/2: i√(π/2) e^{1/8} erfc(1/√8), erfc(1/√8) = 0.617075077451973….
    #[test]
    fn poles_close_to_the_line_are_integrated_to_rounding() {
        let entry = Entry::new(EntryLaw::Gaussian, 1);
        let f = TestFunction::Resolvent(Complex64::new(0.0, 0.5));
        let expected = (PI / 2.0).sqrt() * 0.125f64.exp() * libm::erfc(0.125f64.sqrt());
        let found = entry.mean_derivative(f, 0);
        assert!((found - Complex64::new(0.0, expected)).norm() < 1e-13);
    }

    #[test]
    fn derivatives_are_those_of_finite_differences() {
        let h = 1e-5;
        for f in [
            TestFunction::Resolvent(Complex64::new(0.3, 0.8)),
            TestFunction::Exponential(1.7),
            TestFunction::Power(3),
        ] {
            for a in 0..4 {
                let x = 0.4;
                let slope = (f.derivative(a, x + h) - f.derivative(a, x - h)) / (2.0 * h);
                assert!((slope - f.derivative(a + 1, x)).norm() < 1e-6 * (1.0 + slope.norm()));
                let grid = (-300..300).map(|i| f.derivative(a, 0.3 + 0.01 * f64::from(i)).norm());
                let seen = grid.fold(0.0, f64::max);
                assert!(seen <= f.largest(a) * (1.0 + 1e-12));
            }
        }
    }
}
