//! Rademacher entries and a spike along e₁: the law of R₁₁ stays visible for ever.

use super::super::common::cell;
use super::super::rank_one::{Draw, SIGNAL, normal_cdf, rank_one, spike};
use crate::design::{Cell, Experiment, Observable, Replicate, Rival, RivalCell, Side, Tail};
use crate::ensemble::{Ensemble, EntryLaw, Hermitian, Signal, SignalShape};
use crate::spectrum::Tridiagonal;

/// Where the share of R₁₁ in λ is measured.
pub(super) const SHARE: f64 = 1.5;
/// Where the two modes of the law stand apart.
pub(super) const MODES: f64 = 3.0;
/// Half the width of the window between the modes.
const WINDOW: f64 = 0.5;

/// v_d = 2, σ = 1: R₁₁ = √2 ξ with a sign ξ.
pub(super) fn ensemble() -> Ensemble {
    Ensemble::wigner(EntryLaw::Rademacher)
}

const CORNER: f64 = std::f64::consts::SQRT_2;

/// E √N λξ₁₁, P(√N|λ − Eλ| < ½) and P(√N(λ − Eλ) ≤ −½), with τ0.
pub(super) struct Theory {
    pub share: (f64, f64),
    pub between: (f64, f64),
    pub below: (f64, f64),
    /// lim N Var λ at [`MODES`].
    pub variance: f64,
    /// Φ_N′ at [`MODES`].
    pub slope: f64,
}

impl Theory {
    pub fn at(n: usize) -> Self {
        let size = n as f64;
        let at = |theta: f64| spike(&ensemble(), n, theta);
        // E[√Nλξ] = ½√N E[λ₊ − λ₋], where θ ± √(2/N) replaces θ: √2 dEλ/dθ and a third difference.
        let step = 1e-3;
        let [below, here, above] = [-step, 0.0, step].map(|h| at(SHARE + h));
        let third = (above.slope - 2.0 * here.slope + below.slope) / (step * step);
        let moved = (above.shift - below.shift) / (2.0 * step);
        let share_remainder =
            CORNER.powi(3) / 6.0 * third.abs() / size + 2.0 * CORNER * moved.abs();
        // The modes at ±a, the rest of the variance, and how far the modes may be off.
        let modes = at(MODES);
        let a = CORNER * modes.slope;
        let rest = modes.variance - a * a;
        let off = (at(MODES + step).slope - at(MODES - step).slope) / (2.0 * step) / size.sqrt();
        let missed = 1.5 * rest / (a - WINDOW - off.abs()).powi(2);
        let cdf = |x: f64| normal_cdf(x / rest.sqrt());
        Self {
            share: (CORNER * here.slope, share_remainder),
            between: (cdf(WINDOW - a) - cdf(-WINDOW - a), missed),
            // Each mode has probability ½, whatever the entries beyond R₁₁ do.
            below: (0.5 * (cdf(a - WINDOW) + cdf(-WINDOW - a)), 0.5 * missed),
            variance: modes.variance,
            slope: modes.slope,
        }
    }

    /// P(|Z| < ½) for Z ~ N(0, `variance`): what a Gaussian law would give.
    pub fn gaussian(variance: f64) -> f64 {
        1.0 - 2.0 * normal_cdf(-WINDOW / variance.sqrt())
    }
}

fn observables(n: usize) -> Vec<Observable> {
    let theory = Theory::at(n);
    vec![
        Observable {
            name: format!("E √N λξ₁₁, θ = {SHARE}"),
            // 0 ≤ dλ/dR₁₁ ≤ 1/√N. The variance is that of √2|⟨u, e₁⟩|², of order 1/N: a guess.
            tail: Tail::Bounded {
                lo: -1e-6,
                hi: CORNER + 1e-6,
                design_variance: 6.0 / n as f64,
            },
            typical: theory.share.0,
        },
        Observable {
            name: format!("P(√N|λ − Eλ| < ½), θ = {MODES}"),
            tail: Tail::Indicator,
            typical: theory.between.0,
        },
        Observable {
            name: format!("P(√N(λ − Eλ) ≤ −½), θ = {MODES}"),
            tail: Tail::Indicator,
            typical: theory.below.0,
        },
    ]
}

/// Values of one replicate; `corner` is R₁₁/√N, the last argument θ of a spike that `w` has already.
fn values(
    w: &mut Draw,
    n: usize,
    corner: f64,
    has: [f64; 2],
) -> Result<Vec<f64>, crate::design::ReplicateError> {
    let size = (n as f64).sqrt();
    let with = w.largest(SHARE - has[0])?;
    let flipped = w.largest(SHARE - has[0] - 2.0 * corner)?;
    let outlier = w.largest(MODES - has[1])?;
    let centred = size * (outlier - spike(&ensemble(), n, MODES).mean());
    Ok(vec![
        0.5 * size * (with - flipped) * corner.signum(),
        f64::from(u8::from(centred.abs() < WINDOW)),
        f64::from(u8::from(centred <= -WINDOW)),
    ])
}

/// λ with R₁₁ of both signs; what depends on the sign is averaged exactly.
pub(super) fn experiment(n: usize) -> Experiment {
    Experiment {
        law: ensemble().name(),
        signal: SIGNAL.into(),
        n,
        replicates: 1,
        observables: observables(n),
        replicate: Replicate::alone(move |rng, _| {
            let noise = ensemble().noise(n, rng)?;
            let corner = first_entry(&noise);
            let mut w = Draw::of(Tridiagonal::reduce(&noise)?);
            values(&mut w, n, corner, [0.0; 2])
        }),
    }
}

pub(super) fn cells(experiments: &[Experiment], e: usize, margins: [f64; 2]) -> Vec<Cell> {
    let theory = Theory::at(experiments[e].n);
    let [of_share, of_law] = margins;
    [
        (theory.share, of_share),
        (theory.between, of_law),
        (theory.below, of_law),
    ]
    .into_iter()
    .enumerate()
    .map(|(o, ((value, inner), margin))| cell(experiments, (e, o), value, inner, inner + margin))
    .collect()
}

/// The spike along a Haar distributed vector: the law is N(0, 2Φ′), R₁₁ has no part in it.
pub(super) fn rotated(margins: [f64; 2]) -> Rival {
    const N: usize = 32;
    let haar = |theta| Signal::haar(SignalShape::Prescribed(rank_one(N, theta)));
    let experiments = vec![Experiment {
        law: ensemble().name(),
        signal: format!("{SIGNAL} haar"),
        n: N,
        replicates: 600,
        observables: observables(N),
        replicate: Replicate::alone(move |rng, _| {
            let noise = ensemble().noise(N, rng)?;
            let corner = first_entry(&noise);
            // Two spikes along the same vector, by turns.
            let direction = haar(1.0).matrix(N, rng)?;
            let [mut share, mut modes] = [SHARE, MODES].map(|theta| {
                let w = noise.combined(1.0, theta, &direction);
                Tridiagonal::reduce(&w).map(Draw::of)
            });
            let share = share.as_mut().map_err(|e| e.clone())?;
            let first = values(share, N, corner, [SHARE, MODES])?[0];
            let modes = modes.as_mut().map_err(|e| e.clone())?;
            let law = values(modes, N, corner, [SHARE, MODES])?;
            Ok(vec![first, law[1], law[2]])
        }),
    }];
    let judged = cells(&experiments, 0, margins);
    // √2 E|⟨u, e₁⟩|² = √2/N; P(|Z| < ½), Z ~ N(0, 2Φ′), off by what is of order N^{-1/2} in mean and law.
    let gaussian = Theory::gaussian(2.0 * Theory::at(N).slope);
    let expected = [
        (CORNER / N as f64, CORNER / N as f64),
        (gaussian, 0.08),
        (0.5 * (1.0 - gaussian), 0.08),
    ];
    let pairs = judged.into_iter().zip(expected);
    Rival {
        name: "localised spike".into(),
        side: Side::Hypothesis,
        cells: pairs
            .map(|(cell, (expected, uncertainty))| RivalCell {
                cell,
                expected,
                uncertainty,
            })
            .collect(),
        experiments,
    }
}

fn first_entry(w: &Hermitian) -> f64 {
    match w {
        Hermitian::Real(m) => m[(0, 0)],
        Hermitian::Complex(m) => m[(0, 0)].re,
    }
}
