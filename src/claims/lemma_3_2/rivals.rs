//! Wrong versions of Lemma 3.2.

use super::{COLUMNS, Margins, Model, SMALL, at, draw};
use crate::claims::common::{cell, ensembles, limit, on_same_samples, two_atom};
use crate::design::{Experiment, Rival, RivalCell, Side, Tail};
use crate::ensemble::{Ensemble, EntryLaw};
use num_complex::Complex64;

/// Laws with a second, larger size.
pub(super) fn judged_at_large_n() -> [Ensemble; 3] {
    let [goe, gue, uniform, ..] = ensembles();
    [goe, gue, uniform]
}

pub(super) fn all(experiments: &[Experiment], large: usize, margins: Margins) -> Vec<Rival> {
    let [goe, gue, uniform, half_normal, rademacher, skewed] = ensembles();
    let small = |ensemble| Model::new(ensemble, &two_atom(), SMALL);
    let square = |model: &Model, observable: usize, claimed: f64, truth: f64| RivalCell {
        cell: cell(
            experiments,
            (find(experiments, model), observable),
            claimed,
            0.0,
            margins.around(truth),
        ),
        expected: truth,
        uncertainty: 0.0,
    };
    let kappa = |ensemble: Ensemble, sign: f64| {
        let model = small(ensemble);
        let truth = model.second();
        square(&model, at::SQUARE_2, 2.0 + sign * (truth - 2.0), truth)
    };
    let first = |ensemble: Ensemble, claimed: f64| {
        let model = small(ensemble);
        square(&model, at::SQUARE_1, claimed, model.first())
    };
    let sigma2 = uniform.sigma().powi(2);
    let mut rivals = vec![
        on_same_samples(
            "factor 1 for 2 in E|γ₁|²",
            vec![first(goe, 1.0), first(rademacher, 1.0)],
        ),
        on_same_samples("GUE: factor 2 for 1 in E|γ₁|²", vec![first(gue, 2.0)]),
        on_same_samples(
            "κ₄ omitted in E|γ₂|²",
            vec![kappa(uniform, 0.0), kappa(rademacher, 0.0)],
        ),
        on_same_samples(
            "κ₄ with the wrong sign in E|γ₂|²",
            vec![
                kappa(uniform, -1.0),
                kappa(half_normal, -1.0),
                kappa(rademacher, -1.0),
            ],
        ),
        // σ⁴ is divided out: σ² in its place claims 2/σ², σ⁶ claims 2σ².
        on_same_samples(
            "σ² in place of σ⁴ in E|γ₁|²",
            vec![first(uniform, 2.0 / sigma2)],
        ),
        on_same_samples(
            "v_d = 2 in place of 1",
            vec![square(&small(skewed), at::SQUARE_5, 2.0, 1.0)],
        ),
        on_same_samples(
            "v_d = 1 in place of 2",
            vec![square(&small(goe), at::SQUARE_5, 1.0, 2.0)],
        ),
    ];
    rivals.push(on_same_samples(
        "E γ₃ = 0",
        no_shift(experiments, goe, large, margins),
    ));
    rivals.push(louder(large, margins));
    rivals
}

fn find(experiments: &[Experiment], model: &Model) -> usize {
    let (law, signal) = (model.ensemble.name(), model.signal.name());
    experiments
        .iter()
        .position(|x| x.law == law && x.signal == signal && x.n == model.n)
        .expect("rivals are judged where the claim has cells")
}

/// N E γ₃ = −E (G²)_ii/G_ii → −ω′/(S_ii − ω), S_ii = 1.2, within a fifth of its modulus at this N.
fn no_shift(
    experiments: &[Experiment],
    ensemble: Ensemble,
    n: usize,
    margins: Margins,
) -> Vec<RivalCell> {
    let limit = limit(&ensemble, &two_atom(), n, super::Z);
    let truth = limit.omega_prime / (limit.omega - 1.2);
    let model = Model::new(ensemble, &two_atom(), n);
    let e = find(experiments, &model);
    [truth.re, truth.im]
        .into_iter()
        .enumerate()
        .map(|(part, expected)| RivalCell {
            cell: cell(experiments, (e, at::MEAN_3 + part), 0.0, 0.0, margins.mean),
            expected,
            uncertainty: truth.norm() / 5.0,
        })
        .collect()
}

/// Entries of variance 1.05·σ²: √N γ₂ gets the mean 0.05 √N (1/N)Tr G⁽ⁱ⁾ over its scale.
fn louder(n: usize, margins: Margins) -> Rival {
    let uniform = Ensemble::wigner(EntryLaw::Uniform);
    let loud = Ensemble::Wigner {
        law: EntryLaw::Uniform,
        diagonal_variance: 2.0,
        sigma: 1.05f64.sqrt(),
    };
    let model = Model::new(loud, &two_atom(), n);
    let mut one = model.experiment(margins);
    one.replicate = draw::replicate(&model, uniform.sigma());
    let size = n as f64;
    // Given the minor: variance 1.05²(2 + κ₄)/16 and a mean of modulus at most 0.05√N; the second
    // moments are not judged here.
    let shift = 0.05 * size.sqrt();
    let bound = 1.05f64.powi(2) * model.second() / COLUMNS as f64 + shift * shift;
    for observable in [at::MEAN_2, at::MEAN_2 + 1] {
        one.observables[observable].tail = Tail::Variance { bound };
    }
    let limit = limit(&loud, &two_atom(), n, super::Z);
    // (1/N)Tr G⁽ⁱ⁾ and (1/N)Σ|G_jj|² with G_jj → 1/(S_jj − ω), weights ¾ and ¼.
    let g = [(-0.4, 0.75), (1.2, 0.25)].map(|(s, weight)| (weight, (s - limit.omega).inv()));
    let trace: Complex64 = g.iter().map(|(weight, x)| x * *weight).sum();
    let squares: f64 = g.iter().map(|(weight, x)| weight * x.norm_sqr()).sum();
    let expected = shift * trace.im / squares.sqrt();
    let experiments = vec![one];
    let judged = cell(&experiments, (0, at::MEAN_2 + 1), 0.0, 0.0, margins.mean);
    Rival {
        name: "variance 1.05".into(),
        side: Side::Data,
        experiments,
        cells: vec![RivalCell {
            cell: judged,
            expected,
            uncertainty: 0.15 * expected.abs(),
        }],
    }
}
