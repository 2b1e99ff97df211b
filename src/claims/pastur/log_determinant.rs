//! The mean of Tr log(W − z): N∫log(x − z)μ(dx) and the terms of order 1 and 1/N.
#![doc = include_str!("../../../docs/derivations/log_determinant.md")]

use crate::free::FreeConvolution;
use crate::free::finite_size::{EntryStatistics, Expansion, FiniteSize};
use crate::measure::{SpectralMeasure, UpperHalf};
use num_complex::Complex64;

/// E Tr log(W − z), as N times the potential of μ = ν_N ⊞ semicircle(σ²) and a correction.
#[derive(Debug, Clone, Copy)]
pub(in crate::claims) struct LogDeterminant {
    /// N∫log(x − z)μ(dx).
    pub potential: Complex64,
    /// E Tr log(W − z) − N∫log(x − z)μ(dx).
    pub correction: Expansion,
}

/// Nodes of the integral over the ray; 48 change no value by 1e-12 (test below).
const NODES: usize = 24;

impl LogDeterminant {
    /// At the eigenvalues of S_N, σ and the cumulants of a law.
    ///
    /// # Panics   when the subordination equation is not solved: our bug for the literals in use
    pub fn with(signal: &[f64], sigma: f64, law: EntryStatistics, z: UpperHalf) -> Self {
        Self::by_quadrature(signal, sigma, law, z, NODES)
    }

    fn by_quadrature(
        signal: &[f64],
        sigma: f64,
        law: EntryStatistics,
        z: UpperHalf,
        nodes: usize,
    ) -> Self {
        let nu = SpectralMeasure::empirical(signal.to_vec()).expect("eigenvalues are finite");
        let mu = FreeConvolution::new(nu, sigma).expect("claims use σ > 0");
        let omega = |z: UpperHalf| solved(&mu, z).0;

        // y = ηt/(1 − t): the integrand falls like y⁻⁵ or faster, so that nothing is singular at t = 1.
        let height = z.get().im;
        let (mut higher, mut rest) = (Complex64::ZERO, 0.0);
        for (t, weight) in gauss_legendre(nodes) {
            let step = weight * height / ((1.0 - t) * (1.0 - t));
            let above = z.get() + Complex64::new(0.0, height * t / (1.0 - t));
            let at = UpperHalf::new(above).expect("the ray goes up");
            let finite = FiniteSize::new(signal, sigma, omega(at));
            assert!(finite.order_ratio(law) <= 0.5, "too close to the axis");
            let shift = finite.mean_shift(law);
            let known = finite.omega_prime() * (finite.leading(law) + finite.skewness_term(law));
            higher += Complex64::i() * (shift.value - known) * step;
            rest += shift.remainder * step;
        }
        let (omega, s) = solved(&mu, z);
        Self {
            potential: potential(signal, sigma, omega, s),
            correction: Expansion {
                value: leading(signal, sigma, law, omega) + higher,
                remainder: rest,
            },
        }
    }

    /// E Tr log(W − z).
    pub fn mean(&self) -> Complex64 {
        self.potential + self.correction.value
    }
}

/// N∫log(x − z)μ(dx) = Σ log(t_i − ω) + ½Nσ²s².
pub(in crate::claims) fn potential(
    signal: &[f64],
    sigma: f64,
    omega: Complex64,
    s: Complex64,
) -> Complex64 {
    let logarithms: Complex64 = signal.iter().map(|t| (t - omega).ln()).sum();
    logarithms + 0.5 * signal.len() as f64 * (sigma * s).powi(2)
}

/// ½ log(1 − a) − ½(v_d − 2)a − ¼κ₄a² + κ₃,d S₃/(3√N), a = S₂ = σ²s_ν′(ω); 0 for the GUE.
pub(in crate::claims) fn leading(
    signal: &[f64],
    sigma: f64,
    law: EntryStatistics,
    omega: Complex64,
) -> Complex64 {
    let EntryStatistics::Real {
        diagonal_variance,
        third,
        fourth,
        ..
    } = law
    else {
        return Complex64::ZERO;
    };
    let n = signal.len() as f64;
    let (mut a, mut cube) = (Complex64::ZERO, Complex64::ZERO);
    for t in signal {
        let g = sigma / (t - omega);
        a += g * g / n;
        cube += g * g * g / n;
    }
    let third_diagonal = diagonal_variance.powf(1.5) * third;
    0.5 * (1.0 - a).ln() - 0.5 * (diagonal_variance - 2.0) * a - 0.25 * fourth * a * a
        + third_diagonal / (3.0 * n.sqrt()) * cube
}

/// ω(z) and s_μ(z).
fn solved(mu: &FreeConvolution, z: UpperHalf) -> (Complex64, Complex64) {
    let solved = mu
        .subordination(z)
        .expect("claims use points where the equation is solved");
    (solved.omega, solved.s)
}

/// Nodes and weights of Gauss–Legendre quadrature on [0, 1], by Newton's iteration on P_n.
pub(in crate::claims) fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let count = n as f64;
    (0..n)
        .map(|i| {
            // P_n and P_n′ by the three-term recurrence.
            let legendre = |x: f64| {
                let (mut before, mut now) = (1.0, x);
                for k in 2..=n {
                    let k = k as f64;
                    (before, now) = (now, ((2.0 * k - 1.0) * x * now - (k - 1.0) * before) / k);
                }
                (now, count * (x * now - before) / (x * x - 1.0))
            };
            let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (count + 0.5)).cos();
            // Quadratic from this start: six steps reach rounding at every n in use.
            for _ in 0..6 {
                let (value, slope) = legendre(x);
                x -= value / slope;
            }
            let slope = legendre(x).1;
            let weight = 2.0 / ((1.0 - x * x) * slope * slope);
            (0.5 * (1.0 + x), 0.5 * weight)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::common::{eigenvalues, ensembles, signals};
    use crate::claims::stieltjes_equation::z;

    /// Everything at (signal, σ, law) that a derivative in z needs.
    fn finite(signal: &[f64], sigma: f64, at: UpperHalf) -> (FiniteSize, Complex64, Complex64) {
        let nu = SpectralMeasure::empirical(signal.to_vec()).unwrap();
        let mu = FreeConvolution::new(nu, sigma).unwrap();
        let (omega, s) = solved(&mu, at);
        (FiniteSize::new(signal, sigma, omega), omega, s)
    }

    #[test]
    fn derivative_of_the_potential_is_minus_the_stieltjes_transform() {
        for signal in signals() {
            let (signal, sigma, h) = (eigenvalues(&signal, 12), 0.8, 1e-4);
            let value = |y: f64| {
                let (_, omega, s) = finite(&signal, sigma, z(0.4, y));
                potential(&signal, sigma, omega, s)
            };
            // d/dy = i d/dz.
            let slope = (value(1.1 + h) - value(1.1 - h)) / (2.0 * h) / Complex64::i();
            let s = finite(&signal, sigma, z(0.4, 1.1)).2;
            assert!((slope + 12.0 * s).norm() < 1e-6, "{slope}, {s}");
        }
    }

    #[test]
    fn derivative_of_the_leading_terms_is_minus_the_shift_of_the_trace() {
        for ensemble in ensembles() {
            let law = EntryStatistics::of(&ensemble);
            for signal in signals() {
                let (signal, sigma, h) = (eigenvalues(&signal, 12), ensemble.sigma(), 1e-4);
                let value = |y: f64| {
                    let (_, omega, _) = finite(&signal, sigma, z(0.4, y));
                    leading(&signal, sigma, law, omega)
                };
                let slope = (value(1.1 + h) - value(1.1 - h)) / (2.0 * h) / Complex64::i();
                let (finite, ..) = finite(&signal, sigma, z(0.4, 1.1));
                let shift =
                    finite.omega_prime() * (finite.leading(law) + finite.skewness_term(law));
                assert!((slope + shift).norm() < 1e-6, "{}", ensemble.name());
            }
        }
    }

    /// −(5/4)K²S₄ − (7/6)K³S₃² and −¼K²S₄ − (1/6)K³S₃², over N.
    #[test]
    fn order_one_over_n_of_gaussian_matrices_is_its_closed_form() {
        let at = z(0.4, 1.3);
        for signal in signals() {
            let signal = eigenvalues(&signal, 4000);
            let (finite, omega, _) = finite(&signal, 1.0, at);
            let k = finite.omega_prime();
            let sum = |power: i32| {
                signal
                    .iter()
                    .map(|t| (t - omega).powi(-power))
                    .sum::<Complex64>()
                    / 4000.0
            };
            let (fourth, square) = (k * k * sum(4), k.powi(3) * sum(3) * sum(3));
            for (law, expected) in [
                (EntryStatistics::goe(), -1.25 * fourth - 7.0 / 6.0 * square),
                (EntryStatistics::Unitary, -0.25 * fourth - square / 6.0),
            ] {
                let whole = LogDeterminant::with(&signal, 1.0, law, at).correction.value;
                let found = 4000.0 * (whole - leading(&signal, 1.0, law, omega));
                // c₂/N is left.
                assert!((found - expected).norm() < 2e-3, "{found}, {expected}");
            }
        }
    }

    #[test]
    fn twice_the_nodes_change_nothing() {
        for ensemble in ensembles() {
            let law = EntryStatistics::of(&ensemble);
            for signal in signals() {
                let signal = eigenvalues(&signal, 16);
                let of = |nodes| {
                    let at = z(0.5, 1.2);
                    LogDeterminant::by_quadrature(&signal, ensemble.sigma(), law, at, nodes)
                };
                let (once, twice) = (of(NODES).correction, of(2 * NODES).correction);
                assert!((once.value - twice.value).norm() < 1e-12);
                assert!((once.remainder - twice.remainder).abs() < 1e-2 * twice.remainder);
            }
        }
    }

    #[test]
    fn gauss_legendre_is_exact_up_to_degree_2n_minus_1() {
        let rule = gauss_legendre(5);
        for degree in 0..10 {
            let sum: f64 = rule.iter().map(|(x, w)| w * x.powi(degree)).sum();
            assert!((sum - 1.0 / f64::from(degree + 1)).abs() < 1e-15);
        }
        let eleventh: f64 = rule.iter().map(|(x, w)| w * x.powi(10)).sum();
        assert!((eleventh - 1.0 / 11.0).abs() > 1e-7);
    }
}
