//! Twins of the claims about resolvent traces, with noise that breaks a hypothesis.

use super::stieltjes_equation::Model;
use crate::design::{Experiment, Observable, Replicate, Tail};
use crate::ensemble::{Profile, Violation};
use crate::measure::UpperHalf;
use crate::statistic::{Part, controlled_trace, lipschitz};
use nalgebra::DMatrix;
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;

/// Steps of a fixed-point iteration; each is a contraction at the claims' points.
const STEPS: usize = 2000;

/// N·lim E s_N(z), to leading order, of R/√N + diag(s) with Gaussian noise that breaks a hypothesis.
///
/// Profile: g_i = 1/(s_i − z − (1/N) Σ_j σ²_ij g_j), the quadratic vector equation. Correlated,
/// R = c C X Cᵀ with Γ = CCᵀ: E R M R = c² CCᵀ Tr(CᵀMC) + …, so G = (S − z − c² t Γ)⁻¹ with
/// t = (1/N) Tr ΓG, solved by Newton's method.
///
/// # Panics   when an iteration does not converge, or for heavy tails, whose limit is that of σ = 1
pub(super) fn leading_trace(violation: Violation, signal: &[f64], z: Complex64) -> Complex64 {
    let n = signal.len();
    let variance = |i: usize, j: usize| {
        violation
            .entry_variance(i, j, n)
            .expect("claims use literals")
    };
    match violation {
        Violation::VarianceProfile { .. } => {
            let half = n.div_ceil(2);
            // Off-diagonal variances of the three kinds of pairs.
            let within = [variance(0, 1), variance(n - 1, n - 2)];
            let across = variance(0, n - 1);
            let mut t = [Complex64::i(); 2];
            for _ in 0..STEPS {
                let own = [
                    within[0] * t[0] + across * t[1],
                    across * t[0] + within[1] * t[1],
                ];
                let mut next = [Complex64::ZERO; 2];
                for (i, s) in signal.iter().enumerate() {
                    let h = usize::from(i >= half);
                    next[h] += (s - z - own[h]).inv() / n as f64;
                }
                let moved = (next[0] - t[0]).norm() + (next[1] - t[1]).norm();
                t = [0.5 * (t[0] + next[0]), 0.5 * (t[1] + next[1])];
                if moved < 1e-13 {
                    return (t[0] + t[1]) * n as f64;
                }
            }
            panic!("no solution of the vector equation at z = {z}");
        }
        Violation::Correlated { neighbour } => {
            let rho = neighbour / (1.0 + neighbour * neighbour);
            let scale = 0.5 * variance(0, 0);
            let gamma = DMatrix::from_fn(n, n, |i, j| {
                let distance = i.abs_diff(j).min(n - i.abs_diff(j));
                Complex64::from([1.0, rho, 0.0][distance.min(2)])
            });
            let mut t = Complex64::i();
            for _ in 0..60 {
                let mut shifted = gamma.map(|x| -x * scale * t);
                for (i, s) in signal.iter().enumerate() {
                    shifted[(i, i)] += s - z;
                }
                let g = shifted.try_inverse().expect("Im z > 0 and Im t > 0");
                let product = &gamma * &g;
                let value = product.trace() / n as f64 - t;
                if value.norm() < 1e-12 {
                    return g.trace();
                }
                let slope = (&product * &product).trace() * scale / n as f64 - 1.0;
                let newton = t - value / slope;
                // Newton's steps are kept in the half-plane; the plain step always is.
                t = if newton.im > 0.0 {
                    newton
                } else {
                    t + 0.5 * value
                };
            }
            panic!("no solution of the self-energy equation at z = {z}");
        }
        Violation::Heavy { .. } => panic!("heavy tails have the limit of σ = 1"),
    }
}

/// Re and Im of Tr(W − z)⁻¹ at each z as [`Model::traces`], with `violation` in place of the model's
/// noise.
pub(super) fn traces(
    violation: Violation,
    model: &Model,
    zs: &[UpperHalf],
    replicates: usize,
) -> Experiment {
    let n = model.n;
    let signal = model.signal.clone();
    let values = model.signal_eigenvalues();
    let proxy = violation
        .variance_proxy(n)
        .ok()
        .flatten()
        .expect("Gaussian twins");
    let observables = zs
        .iter()
        .flat_map(|&z| {
            let mean = leading_trace(violation, &values, z.get());
            Part::BOTH.map(|part| Observable {
                name: format!("{} Tr G({})", part.name(), super::common::point(z.get())),
                tail: Tail::SubGaussian {
                    variance_proxy: proxy * lipschitz(part, z).powi(2),
                },
                typical: part.of(mean),
            })
        })
        .collect();
    let signal_trace: f64 = values.iter().sum();
    let zs = zs.to_vec();
    let draw = move |rng: &mut ChaCha8Rng| Ok(violation.sample(&signal, n, rng)?);
    Experiment {
        law: violation.name(),
        signal: model.signal.name(),
        n,
        replicates,
        observables,
        replicate: Replicate::reduced(draw, move |w, t, _| {
            let noise_trace = w.trace() - signal_trace;
            let points: Vec<_> = zs.iter().map(|z| z.get()).collect();
            Ok(zs
                .iter()
                .zip(t.resolvent_traces_at(&points))
                .flat_map(|(&z, (trace, _))| [controlled_trace(trace, z, noise_trace).re, trace.im])
                .collect())
        }),
    }
}

/// Variances u_i u_j with u = 1.6 and 0.4: sums over rows that differ by a factor 4.
pub(super) const UNEQUAL_ROWS: Violation = Violation::VarianceProfile {
    profile: Profile::Rows,
    contrast: 0.6,
};

/// Variances 0.1 within the halves of the index set and 1.9 across: equal sums over rows.
pub(super) const EQUAL_ROWS: Violation = Violation::VarianceProfile {
    profile: Profile::Blocks,
    contrast: -0.9,
};

/// Neighbouring entries with correlation ½.
pub(super) const CORRELATED: Violation = Violation::Correlated { neighbour: 1.0 };

#[cfg(test)]
mod tests {
    use super::*;

    const Z: Complex64 = Complex64::new(0.3, 1.0);

    /// s of the semicircle law of variance v: v s² + z s + 1 = 0.
    fn semicircle(v: f64) -> Complex64 {
        let root = (Z * Z - 4.0 * v).sqrt();
        let s = |root: Complex64| (root - Z) / (2.0 * v);
        if s(root).im > 0.0 { s(root) } else { s(-root) }
    }

    /// Without contrast every entry has variance (N + 1)/(N + 1) = 1, and so with a = 0.
    #[test]
    fn without_a_violation_the_semicircle_law_remains() {
        let flat = Violation::VarianceProfile {
            profile: Profile::Rows,
            contrast: 0.0,
        };
        let independent = Violation::Correlated { neighbour: 0.0 };
        for violation in [flat, independent] {
            let trace = leading_trace(violation, &[0.0; 8], Z);
            assert!((trace / 8.0 - semicircle(1.0)).norm() < 1e-11);
        }
    }

    /// Equal sums over rows leave a semicircle law when S = 0, of variance their sum over N; unequal ones
    /// do not.
    #[test]
    fn equal_row_sums_are_invisible_without_a_signal() {
        let n = 64;
        let row: f64 = (1..n)
            .map(|j| EQUAL_ROWS.entry_variance(0, j, n).unwrap())
            .sum::<f64>()
            + 0.5 * EQUAL_ROWS.entry_variance(0, 0, n).unwrap();
        let own = semicircle(row / n as f64);
        let blocks = leading_trace(EQUAL_ROWS, &vec![0.0; n], Z) / n as f64;
        assert!((blocks - own).norm() < 1e-11);
        let rows = leading_trace(UNEQUAL_ROWS, &vec![0.0; n], Z) / n as f64;
        assert!((rows - semicircle(1.0)).norm() > 0.02);
    }

    /// For S = 0 the Fourier basis diagonalises Γ: t = (1/N) Σ u/(−z − c² t u), u = 1 + 2ρ cos(2πk/N).
    #[test]
    fn correlated_trace_solves_its_equation_in_the_fourier_basis() {
        let n = 16;
        let trace = leading_trace(CORRELATED, &vec![0.0; n], Z);
        let scale = 0.5 * CORRELATED.entry_variance(0, 0, n).unwrap();
        let u: Vec<f64> = (0..n)
            .map(|k| 1.0 + (std::f64::consts::TAU * k as f64 / n as f64).cos())
            .collect();
        let mut t = Complex64::i();
        for _ in 0..500 {
            let next: Complex64 = u.iter().map(|u| u / (-Z - scale * t * u)).sum();
            t = 0.5 * (t + next / n as f64);
        }
        let expected: Complex64 = u.iter().map(|u| (-Z - scale * t * u).inv()).sum();
        assert!((trace - expected).norm() < 1e-9);
    }
}
