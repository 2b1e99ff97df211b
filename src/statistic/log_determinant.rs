//! log det(W − z) as a linear statistic.

use crate::measure::UpperHalf;
use crate::spectrum::Tridiagonal;
use num_complex::Complex64;

/// Tr log(W − z) = Σ log(λ_i − z), principal logarithms, −π < Im log(λ_i − z) < 0; in O(N).
///
/// With the pivots d_i of [`Tridiagonal::resolvent_traces`], det(T − z) = Π d_i, and Im d_i ≤ −Im z for all i.
/// So Σ log d_i, principal logarithms too, is analytic in z on the upper half-plane and equals Σ log(λ_i − z) up
/// to a multiple of 2πi, constant in z; at z = iy, y → ∞, both are N log(−z) + o(1), so the multiple is 0.
///
/// # Accuracy   as the eigenvalue route: tests compare both
#[must_use]
pub fn log_determinant(t: &Tridiagonal, z: UpperHalf) -> Complex64 {
    let z = z.get();
    let mut carried = Complex64::ZERO;
    let mut sum = Complex64::ZERO;
    for (i, a) in t.diagonal.iter().enumerate() {
        let pivot = a - z - carried;
        sum += pivot.ln();
        let b = t.off_diagonal.get(i).copied().unwrap_or(0.0);
        carried = pivot.inv() * (b * b);
    }
    sum
}

/// Tr log(W − z) − (i/(2 Im z))(Tr W − Tr S), from log det and Tr W − Tr S.
///
/// Tr W − Tr S has mean 0 exactly. d/dx log(x − z) = 1/(x − z) has its real part in [−1, 1]/(2 Im z) and its
/// imaginary part in (0, 1/Im z]: with this control both parts are Σ f(λ_i) for an f with the smallest
/// Lipschitz constant, [`log_lipschitz`].
#[must_use]
pub fn controlled_log_determinant(
    log_determinant: Complex64,
    z: UpperHalf,
    noise_trace: f64,
) -> Complex64 {
    log_determinant - Complex64::i() * (noise_trace / (2.0 * z.get().im))
}

/// sup |f′| = 1/(2 Im z) for either part of [`controlled_log_determinant`] written as Σ f(λ_i).
#[must_use]
pub fn log_lipschitz(z: UpperHalf) -> f64 {
    0.5 / z.get().im
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{Deformed, Ensemble, Signal, StreamKey};
    use crate::spectrum::{Eigensolver, Faer};
    use crate::statistic::Part;

    fn z(re: f64, im: f64) -> UpperHalf {
        UpperHalf::new(Complex64::new(re, im)).unwrap()
    }

    #[test]
    fn pivots_give_the_sum_of_principal_logarithms() {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "log-determinant".into(),
            n: 40,
            signal: "zero".into(),
        };
        for (replicate, ensemble) in [Ensemble::goe(), Ensemble::gue()].into_iter().enumerate() {
            let model = Deformed {
                ensemble,
                signal: Signal::zero(),
            };
            let w = model
                .sample(40, &mut key.generator(replicate as u64))
                .unwrap();
            let t = Tridiagonal::reduce(&w).unwrap();
            let spectrum = Faer.eigenvalues(&w).unwrap();
            for point in [z(0.0, 0.02), z(-1.3, 0.3), z(2.5, 4.0), z(-9.0, 0.1)] {
                let direct: Complex64 = spectrum
                    .eigenvalues()
                    .iter()
                    .map(|x| (x - point.get()).ln())
                    .sum();
                let pivots = log_determinant(&t, point);
                assert!((pivots - direct).norm() < 1e-10, "{point:?}");
            }
        }
    }

    /// One eigenvalue x, so that the statistic is f(x); its slope by finite differences.
    #[test]
    fn lipschitz_constants_of_the_logarithm_are_attained_and_not_exceeded() {
        let at = z(0.3, 0.7);
        let value = |x: f64, part: Part| {
            let t = Tridiagonal {
                diagonal: vec![x],
                off_diagonal: vec![],
            };
            part.of(controlled_log_determinant(log_determinant(&t, at), at, x))
        };
        for part in Part::BOTH {
            let h = 1e-4;
            let steepest = (-40_000..40_000)
                .map(|i| f64::from(i) * h)
                .map(|x| ((value(x + h, part) - value(x, part)) / h).abs())
                .fold(0.0, f64::max);
            assert!(steepest <= log_lipschitz(at) * (1.0 + 1e-9), "{part:?}");
            assert!(steepest >= log_lipschitz(at) * (1.0 - 1e-6), "{part:?}");
        }
    }
}
