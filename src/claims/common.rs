//! Shared by the claims that are exact at every N: laws, signals, words, cells.

mod moments;
mod random_measure;
mod resolvent;

pub(super) use moments::EntryMoments;
pub(super) use random_measure::random_measure;
pub(super) use resolvent::{CheckedResolvent, minor, resolved, shifted_column};

use crate::design::{
    Cell, Estimator, Experiment, Input, LOOKS, Observable, Replicate, ReplicateError, Rival,
    RivalCell, Side, Tail,
};
use crate::ensemble::{Deformed, Ensemble, EntryLaw, Signal, SignalShape};
use crate::free::FreeConvolution;
use crate::measure::{SpectralMeasure, UpperHalf};
use crate::spectrum::{Hermitian, Tridiagonal};
use crate::suite::budget;
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;

/// Identities are compared at this resolution. Every replicate proves that its own rounding error
/// is smaller, or fails as refused; so the number is a choice, not a fit.
pub(super) const RESOLUTION: f64 = 1e-9;

/// Six laws; σ ≠ 1 and v_d ≠ 2 somewhere, so that a wrong power of σ or a wrong diagonal is seen.
pub(super) fn ensembles() -> [Ensemble; 6] {
    let wigner = |law, diagonal_variance, sigma| Ensemble::Wigner {
        law,
        diagonal_variance,
        sigma,
    };
    [
        Ensemble::goe(),
        Ensemble::gue(),
        wigner(EntryLaw::Uniform, 2.0, 0.8),
        wigner(EntryLaw::HalfNormal, 2.0, 1.0),
        wigner(EntryLaw::Rademacher, 2.0, 1.0),
        wigner(EntryLaw::SkewedTwoPoint, 1.0, 0.8),
    ]
}

/// ¾ δ_{−0.4} + ¼ δ_{1.2}: mean 0, no symmetry.
pub(super) fn two_atom() -> Signal {
    Signal::diagonal(SignalShape::Atoms(vec![(-0.4, 0.75), (1.2, 0.25)]))
}

/// S = 0, two atoms, uniform; all diagonal, the last two of full rank.
pub(super) fn signals() -> [Signal; 3] {
    [
        Signal::zero(),
        two_atom(),
        Signal::diagonal(SignalShape::Uniform { lo: -1.0, hi: 1.0 }),
    ]
}

/// [`signals`], and the two atoms in a Haar distributed basis.
pub(super) fn signals_and_rotated() -> Vec<Signal> {
    let mut all = signals().to_vec();
    all.push(Signal {
        basis: crate::ensemble::Basis::Haar,
        ..two_atom()
    });
    all
}

/// S_11 ≥ … ≥ S_NN of a diagonal signal (the eigenvalues of any).
pub(super) fn eigenvalues(signal: &Signal, n: usize) -> Vec<f64> {
    signal
        .eigenvalues(n)
        .expect("claims use signals that exist at every N ≥ 1")
}

/// Such as `0.5+1.5i`.
pub(super) fn point(z: Complex64) -> String {
    if z.re == 0.0 {
        format!("{}i", z.im)
    } else {
        format!("{}+{}i", z.re, z.im)
    }
}

/// ω(z) and s_μ(z) for ν_N, where rivals need to know how large a wrong term is.
pub(super) fn limit(ensemble: &Ensemble, signal: &Signal, n: usize, z: Complex64) -> Limit {
    let known = "the claims' own laws have a free convolution at the claims' points";
    let nu = SpectralMeasure::empirical(eigenvalues(signal, n)).expect(known);
    let mu = FreeConvolution::new(nu, ensemble.sigma()).expect(known);
    let z = UpperHalf::new(z).expect(known);
    let solved = mu.subordination(z).expect(known);
    Limit {
        s: solved.s,
        omega: solved.omega,
        omega_prime: mu.omega_prime(z).expect(known),
    }
}

/// Limits of s_N(z) and of its subordination function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub s: Complex64,
    pub omega: Complex64,
    pub omega_prime: Complex64,
}

/// An observable about every replicate: the largest value counts.
pub(super) fn certain(name: impl Into<String>) -> Observable {
    Observable {
        name: name.into(),
        tail: Tail::Certain,
        typical: 0.0,
    }
}

/// An observable whose mean is judged, Var ≤ `bound`.
pub(super) fn bounded_variance(name: impl Into<String>, bound: f64, typical: f64) -> Observable {
    Observable {
        name: name.into(),
        tail: Tail::Variance { bound },
        typical,
    }
}

/// An experiment about limit objects, drawn at random: the largest value of each residual counts.
pub(super) fn on_limits(
    replicates: usize,
    names: &[&str],
    residuals: impl Fn(&mut ChaCha8Rng) -> Result<Vec<f64>, ReplicateError> + Send + Sync + 'static,
) -> Experiment {
    Experiment {
        law: "limit".into(),
        signal: "random".into(),
        n: 0,
        replicates,
        observables: names.iter().copied().map(certain).collect(),
        replicate: Replicate::alone(move |rng, _| residuals(rng)),
    }
}

/// An experiment on W = R/√N + S; `values` turns one W into the observables.
pub(super) fn on_matrices(
    ensemble: Ensemble,
    signal: &Signal,
    n: usize,
    replicates: usize,
    observables: Vec<Observable>,
    values: impl Fn(&Hermitian, u64) -> Result<Vec<f64>, ReplicateError> + Send + Sync + 'static,
) -> Experiment {
    on_model(ensemble, signal, n, replicates, observables, {
        move |model, rng, index| values(&model.sample(n, rng)?, index)
    })
}

/// [`on_matrices`] with the tridiagonal form of each W.
pub(super) fn on_reduced(
    ensemble: Ensemble,
    signal: &Signal,
    n: usize,
    replicates: usize,
    observables: Vec<Observable>,
    values: impl Fn(&Hermitian, &Tridiagonal, u64) -> Result<Vec<f64>, ReplicateError>
    + Send
    + Sync
    + 'static,
) -> Experiment {
    of_model(ensemble, signal, n, replicates, observables, |model| {
        Replicate::reduced(move |rng| Ok(model.sample(n, rng)?), values)
    })
}

/// An experiment on the model W = R/√N + S; `replicate` draws from it as often as it needs.
pub(super) fn on_model(
    ensemble: Ensemble,
    signal: &Signal,
    n: usize,
    replicates: usize,
    observables: Vec<Observable>,
    replicate: impl Fn(&Deformed, &mut ChaCha8Rng, u64) -> Result<Vec<f64>, ReplicateError>
    + Send
    + Sync
    + 'static,
) -> Experiment {
    of_model(ensemble, signal, n, replicates, observables, |model| {
        Replicate::alone(move |rng, index| replicate(&model, rng, index))
    })
}

fn of_model(
    ensemble: Ensemble,
    signal: &Signal,
    n: usize,
    replicates: usize,
    observables: Vec<Observable>,
    replicate: impl FnOnce(Deformed) -> Replicate,
) -> Experiment {
    Experiment {
        law: ensemble.name(),
        signal: signal.name(),
        n,
        replicates,
        observables,
        replicate: replicate(Deformed {
            ensemble,
            signal: signal.clone(),
        }),
    }
}

/// Observable `o` of experiment `e` against `theory`, named by both.
pub(super) fn cell(
    experiments: &[Experiment],
    (e, o): (usize, usize),
    theory: f64,
    inner: f64,
    outer: f64,
) -> Cell {
    let experiment = &experiments[e];
    Cell {
        law: experiment.law.clone(),
        signal: experiment.signal.clone(),
        n: experiment.n,
        point: experiment.observables[o].name.clone(),
        theory,
        inner,
        outer,
        estimator: Estimator::mean(Input::new(e, o)),
    }
}

/// 0 ≤ X ≤ `bound` in every replicate, X ≥ 0 by construction, up to [`RESOLUTION`].
pub(super) fn at_most(experiments: &[Experiment], at: (usize, usize), bound: f64) -> Cell {
    cell(experiments, at, 0.0, bound + RESOLUTION, bound + RESOLUTION)
}

/// A cell that judges one mean by another theory value: it is expected where the right theory is, up to its remainder.
pub(super) fn mistaken(cell: &Cell, wrong: f64) -> RivalCell {
    mistaken_by(cell, wrong, Estimator::mean(cell.estimator.inputs[0]))
}

/// [`mistaken`] for a cell with this estimator, which cannot be copied.
pub(super) fn mistaken_by(cell: &Cell, wrong: f64, estimator: Estimator) -> RivalCell {
    RivalCell {
        expected: cell.theory,
        uncertainty: cell.inner,
        cell: Cell {
            law: cell.law.clone(),
            signal: cell.signal.clone(),
            point: cell.point.clone(),
            theory: wrong,
            estimator,
            ..*cell
        },
    }
}

/// A rival judged on the claim's samples.
pub(super) fn on_same_samples(name: impl Into<String>, cells: Vec<RivalCell>) -> Rival {
    Rival {
        name: name.into(),
        side: Side::Theory,
        experiments: vec![],
        cells,
    }
}

/// A rival judged on data of its own, or on the claim's samples if it draws none.
pub(super) fn on_own_samples(
    name: &str,
    side: Side,
    experiments: Vec<Experiment>,
    cells: Vec<RivalCell>,
) -> Rival {
    Rival {
        name: name.into(),
        side,
        experiments,
        cells,
    }
}

/// A wrong identity: its residual is of the order of `size` instead of 0.
///
/// The largest residual of all replicates is a random number; it is expected within a factor 10 of
/// the size of the wrong term.
pub(super) fn wrong_identity(
    experiments: &[Experiment],
    at: (usize, usize),
    size: f64,
) -> RivalCell {
    RivalCell {
        cell: at_most(experiments, at, 0.0),
        expected: size,
        uncertainty: 0.9 * size,
    }
}

/// Replicates with which `cells` Catoni intervals of variance `bound` are half as wide as `margin`.
///
/// From h = √(2vl/(M − 2l)) with l = ln(2/α_cell) and 2h ≤ margin: M ≥ 8vl/margin² + 2l.
pub(super) fn replicates(bound: f64, margin: f64, cells: usize) -> usize {
    let parts = cells as f64 * f64::from(LOOKS);
    let l = (2.0 * parts / budget::share()).ln();
    let least = 8.0 * bound * l / (margin * margin) + 2.0 * l + 2.0;
    // One per cent pays for the rounding of all of this.
    ((1.01 * least).ceil() as usize).next_multiple_of(64)
}
