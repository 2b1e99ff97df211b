//! One replicate: a matrix, its minor, and fresh columns for it.

use super::{COLUMNS, Model, Z};
use crate::claims::common::{CheckedResolvent, minor, resolved};
use crate::design::Replicate;
use crate::ensemble::{Deformed, Ensemble, standard_normal};
use crate::spectrum::resolvent;
use nalgebra::{DMatrix, DVector};
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;

/// i = 1: S_11 is the largest eigenvalue of S.
const INDEX: usize = 0;

/// The observables of [`Model::observables`], in order; `claimed` is the σ of the claim.
pub(super) fn replicate(model: &Model, claimed: f64) -> Replicate {
    let ensemble = model.ensemble;
    let n = model.n;
    let deformed = Deformed {
        ensemble,
        signal: model.signal.clone(),
    };
    Replicate::alone(move |rng, index| {
        let w = deformed.sample(n, rng)?;
        let part = minor(&w, INDEX);
        let g = resolvent(&part, Z);
        let whole = resolvent(&w, Z);
        if index == 0 {
            for (a, computed) in [(&part, &g), (&w, &whole)] {
                let checked = CheckedResolvent::new(a, Z)?;
                let error = checked.error + (&checked.g - computed).norm();
                resolved("resolvent", 0.0, error)?;
            }
        }
        let norms = Norms::of(&g, n);
        let mut values = columns(&ensemble, &g, &norms, claimed, n, rng);

        let other = resolvent(&deformed.sample(n, rng)?, Z).trace();
        let (trace, part_trace) = (whole.trace(), g.trace());
        let size = n as f64;
        values.push((trace - other).norm_sqr() / (2.0 * size));
        let shift = part_trace - trace;
        let sums = Z.im.powi(2) * (norms.off + norms.diagonal);
        values.push((Z.im * shift.norm()).max(sums));
        values.extend([shift.re, shift.im]);
        Ok(values)
    })
}

/// (1/N)Σ_{j≠k}|G_jk|² and (1/N)Σ_j|G_jj|².
struct Norms {
    off: f64,
    diagonal: f64,
}

impl Norms {
    fn of(g: &DMatrix<Complex64>, n: usize) -> Self {
        let diagonal = g.diagonal().norm_squared();
        let off = (0..g.ncols())
            .flat_map(|k| (0..g.nrows()).map(move |j| (j, k)))
            .filter(|(j, k)| j != k)
            .map(|at| g[at].norm_sqr())
            .sum::<f64>();
        Self {
            off: off / n as f64,
            diagonal: diagonal / n as f64,
        }
    }
}

/// Averages over fresh columns: means of γ₁, γ₂, γ₅ and their second moments, all scaled.
fn columns(
    ensemble: &Ensemble,
    g: &DMatrix<Complex64>,
    norms: &Norms,
    sigma: f64,
    n: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<f64> {
    let mut sums = [0.0; 8];
    let variance = sigma * sigma;
    for _ in 0..COLUMNS {
        let r = column(ensemble, g.nrows(), rng);
        let form = r.dotc(&(g * &r));
        let (mut diagonal, mut centre) = (Complex64::ZERO, Complex64::ZERO);
        for (j, x) in r.iter().enumerate() {
            diagonal += x.norm_sqr() * g[(j, j)];
            centre += (x.norm_sqr() - variance) * g[(j, j)];
        }
        // √N γ_k over σ²√norm: N^{-1/2} in place of 1/N.
        let scale = 1.0 / (n as f64).sqrt() / variance;
        let first = (form - diagonal) * (scale / norms.off.sqrt());
        let second = centre * (scale / norms.diagonal.sqrt());
        let fifth = diagonal_entry(ensemble, rng) / sigma;
        let all = [
            first.re,
            first.im,
            second.re,
            second.im,
            fifth,
            first.norm_sqr(),
            second.norm_sqr(),
            fifth * fifth,
        ];
        for (sum, x) in sums.iter_mut().zip(all) {
            *sum += x / COLUMNS as f64;
        }
    }
    sums.to_vec()
}

/// r: entries of R off the diagonal.
fn column(ensemble: &Ensemble, length: usize, rng: &mut ChaCha8Rng) -> DVector<Complex64> {
    DVector::from_fn(length, |_, _| match ensemble {
        Ensemble::Wigner { law, sigma, .. } => (law.sample(rng) * sigma).into(),
        Ensemble::Gue { sigma } => {
            let part = sigma * std::f64::consts::FRAC_1_SQRT_2;
            Complex64::new(standard_normal(rng) * part, standard_normal(rng) * part)
        }
    })
}

/// R_ii.
fn diagonal_entry(ensemble: &Ensemble, rng: &mut ChaCha8Rng) -> f64 {
    match ensemble {
        Ensemble::Wigner {
            law,
            diagonal_variance,
            sigma,
        } => law.sample(rng) * diagonal_variance.sqrt() * sigma,
        Ensemble::Gue { sigma } => standard_normal(rng) * sigma,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{EntryLaw, StreamKey};

    fn rng() -> ChaCha8Rng {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "columns".into(),
            n: 3,
            signal: "zero".into(),
        };
        key.generator(0)
    }

    #[test]
    fn norms_split_the_squared_frobenius_norm() {
        let g = DMatrix::from_fn(3, 3, |i, j| Complex64::new(i as f64, 2.0 * j as f64));
        let norms = Norms::of(&g, 4);
        assert!((4.0 * (norms.off + norms.diagonal) - g.norm_squared()).abs() < 1e-12);
        assert!((4.0 * norms.diagonal - (5.0 + 20.0)).abs() < 1e-12);
    }

    #[test]
    fn second_error_term_vanishes_for_signs() {
        let g = DMatrix::from_fn(3, 3, |i, j| Complex64::new(1.0 + i as f64 + j as f64, 0.5));
        let ensemble = Ensemble::wigner(EntryLaw::Rademacher);
        let all = columns(&ensemble, &g, &Norms::of(&g, 4), 1.0, 4, &mut rng());
        assert_eq!((all[2], all[3], all[6]), (0.0, 0.0, 0.0));
        // γ₅ = ±√2/√N.
        assert!((all[7] - 2.0).abs() < 1e-12);
    }
}
