//! Twins of Theorem 2.2: one hypothesis dropped in the data, judged as if it held.

use crate::claims::common::{cell, eigenvalues, on_own_samples};
use crate::claims::outliers::{
    Row, Spiked, Watched, checked_largest, refuting, root, spread, two_atoms,
};
use crate::design::{Experiment, Observable, Replicate, Rival, RivalCell, Side, Tail, Tier};
use crate::ensemble::{Ensemble, Profile, Violation};
use crate::free::FreeConvolution;
use nalgebra::{DMatrix, DVector};

/// Size of the twins: their failure is not a matter of N.
const N: usize = 64;

/// `correlated` takes a second and more.
pub(super) fn all(tier: Tier) -> Vec<Rival> {
    let mut all = vec![absorbed(), profile(), heavy()];
    if tier != Tier::Quick {
        all.push(correlated());
    }
    all
}

/// The theorem's cell for `watched`, and `expected` where the data will be.
///
/// τ₀ is the remainder of the theorem at this N.
fn judged(
    name: &str,
    model: &Spiked,
    watched: Watched,
    theory: (f64, f64),
    expected: (f64, f64),
    drawn: impl FnOnce(Observable, usize) -> Experiment,
    variance_proxy: f64,
) -> Rival {
    let gap = (theory.0 - expected.0).abs() - theory.1 - expected.1;
    let observable = Observable {
        tail: Tail::SubGaussian { variance_proxy },
        ..model.observable(watched)
    };
    let experiments = vec![drawn(observable, refuting(variance_proxy, gap))];
    let cells = vec![RivalCell {
        cell: cell(&experiments, (0, 0), theory.0, theory.1, 2.0 * theory.1),
        expected: expected.0,
        uncertainty: expected.1,
    }];
    on_own_samples(name, Side::Hypothesis, experiments, cells)
}

/// Spikes where Φ′ ≤ 0 (two atoms: up to √3): they do not separate, and the largest eigenvalues are those
/// of the bulk, the quantiles of ν_N ⊞ semicircle up to O(1/N).
fn absorbed() -> Rival {
    let (lo, hi) = (1.2, 1.5);
    let k = root(N);
    let model = Spiked::new(Ensemble::goe(), two_atoms(), spread(k, lo, hi), N);
    let watched = Watched::Mean { lo, hi };
    let known = "ν_N is a measure, and σ > 0";
    let mu = FreeConvolution::new(model.signal().esd(N).expect(known), 1.0).expect(known);
    let quantile = |j: usize| {
        let below = 1.0 - (j as f64 + 0.5) / N as f64;
        mu.quantile(below).expect("a probability")
    };
    let expected = (0..k).map(quantile).sum::<f64>() / k as f64;
    let theory = model.limit_mean(lo, hi);
    let pull = theory - 0.5 * (lo + hi);
    let proxy = 2.0 / (N * k) as f64;
    let row = Row::new(model.clone(), vec![watched]);
    judged(
        "Φ′(θ) ≤ 0",
        &model,
        watched,
        // o(1) at this N: the share k/N of the pull.
        (theory, pull * k as f64 / N as f64),
        (expected, 2.0 / N as f64),
        |_, replicates| row.experiment(replicates),
        proxy,
    )
}

/// Variances ∝ u_i u_j, u = 1.3 for the spikes and the upper half of the bulk, 0.7 below.
///
/// With v = (1/N)Σ u_j/(x − t_j − c u_j v) over the bulk, an outlier solves x = θ + c u_θ v(x): the same
/// expansion as for equal variances. Corrections are c/N as there, c < 1; we allow 1/N.
fn profile() -> Rival {
    let (lo, hi) = super::BESIDE_ATOMS;
    let contrast = 0.3;
    let noise = Violation::VarianceProfile {
        profile: Profile::Rows,
        contrast,
    };
    let k = root(N);
    let model = Spiked::new(Ensemble::goe(), two_atoms(), spread(k, lo, hi), N);
    let s = eigenvalues(&model.signal(), N);
    let n = N as f64;
    // σ²_ij = E R_ij² off the diagonal: c u_i u_j.
    let variance = |i: usize, j: usize| noise.entry_variance(i, j, N).expect("|a| < 1, N ≥ 1");
    let upper = variance(0, 1).sqrt();
    let lower = variance(N - 2, N - 1).sqrt();
    let weight = |j: usize| if j < N.div_ceil(2) { upper } else { lower };
    let outlier = |theta: f64| {
        let (mut x, mut v) = (theta + 1.0, 0.0);
        for _ in 0..2000 {
            let term = |j: usize| weight(j) / (x - s[j] - weight(j) * v);
            v = (k..N).map(term).sum::<f64>() / n;
            x += 0.5 * (theta + weight(0) * v - x);
        }
        x
    };
    let expected = s[..k].iter().map(|&t| outlier(t)).sum::<f64>() / k as f64;
    let watched = Watched::Mean { lo, hi };
    let right = model.predicted(watched);
    let proxy = noise.variance_proxy(N).expect("|a| < 1").expect("normals") / (N * k) as f64;
    judged(
        "variance profile",
        &model,
        watched,
        (right.value, right.remainder),
        (expected, 1.0 / n),
        |observable, replicates| violated(noise, &model, watched, observable, replicates),
        proxy,
    )
}

/// Neighbours in a row or column correlated by ½: R = CXCᵀ and E[R M R] = c²Γ Tr(ΓM), Γ = CCᵀ, to the
/// leading order.
///
/// With u = (1/N)Tr Γ(x − S − c²uΓ)⁻¹ over the bulk, x is the largest eigenvalue of S + c²u(x)Γ. The
/// corrections are of order 1/N times the noise's proxy (4 that of the GOE); we allow a quarter of the pull's
/// change and 1/N.
fn correlated() -> Rival {
    let (theta, n) = (2.4, 100);
    let noise = Violation::Correlated { neighbour: 1.0 };
    let model = Spiked::new(Ensemble::goe(), two_atoms(), vec![theta, 2.1], n);
    let watched = Watched::One(theta);
    let right = model.predicted(watched);
    let expected = correlated_top(&model, noise);
    let proxy = noise.variance_proxy(n).expect("N ≥ 3").expect("normals") / n as f64;
    let allowed = 0.25 * (expected - right.value).abs() + (n as f64).recip();
    judged(
        "correlated entries",
        &model,
        watched,
        (right.value, right.remainder),
        (expected, allowed),
        |observable, replicates| violated(noise, &model, watched, observable, replicates),
        proxy,
    )
}

fn correlated_top(model: &Spiked, noise: Violation) -> f64 {
    let s = model.eigenvalues();
    let (n, k) = (model.n, model.spikes.len());
    let known = "N ≥ 3";
    // c² = E R_ij² for indices that are no neighbours, ρ² from those that are.
    let scale = noise.entry_variance(0, 2, n).expect(known);
    let rho = (noise.entry_variance(0, 1, n).expect(known) / scale - 1.0).sqrt();
    let gamma = DMatrix::from_fn(n, n, |i, j| {
        let distance = i.abs_diff(j);
        match distance.min(n - distance) {
            0 => 1.0,
            1 => rho,
            _ => 0.0,
        }
    });
    let signal = DMatrix::from_diagonal(&DVector::from_vec(s));
    let bulk = |m: &DMatrix<f64>| m.view((k, k), (n - k, n - k)).into_owned();
    let (gamma_bulk, signal_bulk) = (bulk(&gamma), bulk(&signal));
    let identity = DMatrix::identity(n - k, n - k);
    let (mut x, mut u) = (model.spikes[0] + 1.0, 0.5);
    for _ in 0..30 {
        let inverse = (&identity * x - &signal_bulk - &gamma_bulk * (scale * u))
            .cholesky()
            .expect("x lies above the bulk");
        u = inverse.solve(&gamma_bulk).trace() / n as f64;
        let top = (&signal + &gamma * (scale * u))
            .symmetric_eigenvalues()
            .max();
        x += 0.5 * (top - x);
    }
    x
}

/// Tail index 2.2: the largest of N²/2 entries is of the order of √N or more, and is an eigenvalue by itself.
///
/// −λ_N(W) ≥ |W_ij| − (W_ii + W_jj)/2 (a 2 × 2 minor), so P(λ_N < −x) ≥ 1 − Π_{i<j} P(|R_ij| ≤ √N(x +
/// (s_i + s_j)/2)); the noise of the diagonal is symmetric and the tail convex, so leaving it out is safe.
fn heavy() -> Rival {
    let (theta, margin) = (super::LEFT, super::FAR);
    let tail_index = 2.2;
    let noise = Violation::Heavy { tail_index };
    let model = Spiked::new(Ensemble::goe(), two_atoms(), vec![theta], N);
    let watched = Watched::Below { theta, margin };
    let s = model.eigenvalues();
    let right = model.predicted(Watched::One(theta));
    let x = margin - right.location;
    let tail = |y: f64| (1.0 + 2.0 * y * y / (tail_index - 2.0)).powf(-0.5 * tail_index);
    let mut none = 1.0;
    for i in 0..N {
        for j in i + 1..N {
            let entry = x + 0.5 * (s[i] + s[j]);
            none *= 1.0 - tail((N as f64).sqrt() * entry);
        }
    }
    let least = 1.0 - none;
    let shift = (right.value - right.location).abs() + right.remainder;
    // What it would be for the GOE, at most: proxy 2/N.
    let inner = (-0.25 * N as f64 * (margin - shift).powi(2)).exp();
    let observable = Observable {
        typical: least,
        ..model.observable(watched)
    };
    // An event of probability p has variance < p; a quarter more pays for the skewness of its interval.
    let replicates = refuting(1.25 * least, least - inner);
    let experiments = vec![violated(noise, &model, watched, observable, replicates)];
    let cells = vec![RivalCell {
        cell: cell(&experiments, (0, 0), 0.0, inner, inner + 0.05),
        expected: 0.5 * (1.0 + least),
        uncertainty: 0.5 * (1.0 - least),
    }];
    on_own_samples("no fourth moment", Side::Hypothesis, experiments, cells)
}

fn violated(
    noise: Violation,
    model: &Spiked,
    watched: Watched,
    observable: Observable,
    replicates: usize,
) -> Experiment {
    let signal = model.signal();
    let (measured, reach) = (model.measured(watched), model.reach(watched));
    let n = model.n;
    Experiment {
        law: noise.name(),
        signal: signal.name(),
        n,
        replicates,
        observables: vec![observable],
        replicate: Replicate::alone(move |rng, index| {
            let w = noise.sample(&signal, n, rng)?;
            Ok(vec![measured(&checked_largest(&w, reach, index)?)])
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_correlation_the_matrix_equation_gives_phi() {
        let model = Spiked::new(Ensemble::goe(), two_atoms(), vec![2.4, 2.1], N);
        let top = correlated_top(&model, Violation::Correlated { neighbour: 0.0 });
        // Φ over the bulk alone: the other spike's 1/N does not enter u.
        let s = model.eigenvalues();
        let pull: f64 = s[2..].iter().map(|t| (2.4 - t).recip()).sum();
        assert!((top - (2.4 + pull / N as f64)).abs() < 1e-7, "{top}");
    }
}
