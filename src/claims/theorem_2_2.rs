//! Theorem 2.2: k_N → ∞ spikes, and their eigenvalues at Φ(θ), on average and one by one.

mod twins;

use super::Claim;
use super::common::cell;
use super::outliers::{Row, Spiked, Study, Watched, crowded, root, spread, two_atoms, uniform};
use super::power::sized;
use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Estimator, Experiment, Input, Plan, RivalCell, Tier};
use crate::ensemble::{Ensemble, EntryLaw, SignalShape};

/// The average over k_N = ⌊√N⌋ spikes with its 1/√N term, and a single spike.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/theorem-2.2",
            title: "Outliers of many spikes lie at Φ(θ)",
            statement: "k_N → ∞ eigenvalues θ of S lie off supp ν, k_N/N → 0, Φ′ > 0 there: then λ_l(W) − \
                        Φ(λ_l(S)) → 0, Φ(θ) = θ + σ²∫ν(dt)/(θ − t). Judged at k_N = ⌊√N⌋: the average over \
                        spikes with a density on [a, b], whose deviation from Φ is −(k_N/N)σ²∫ν(dt)/(θ − t) \
                        on average and nothing else of that order; and a single spike left of the bulk (Remark 1).",
            formula: r"\frac1{k}\sum_{j\le k}\mathbb{E}\bigl[\lambda_j-\Phi(\theta_j)\bigr]=-\frac{k}{N}\,\frac1k\sum_{j\le k}\sigma^2\!\int\frac{\nu(dt)}{\theta_j-t}+\frac1{kN}\sum_{j\le k}c_1(\theta_j)+O\Bigl(\frac{k}{N^2}\Bigr)",
            meaning: "The average over the spikes does not see that they repel each other: at the sizes N listed \
                      it is right to a fraction of the pull Φ(θ) − θ, and even its bias of order k_N/N is. For \
                      the eigenvalues one by one see abk/theorem-2.2-worst.",
            source: Source {
                work: "abk",
                locus: "Theorem 2.2, (2.5), and Remark 1",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// Spikes on ½δ₋₁ + ½δ₁ (Φ′ > 0 beyond √3) and on U[−1, 1] (beyond √2). Closer to the threshold the group
/// would have no gap to the bulk at N = 64.
const BESIDE_ATOMS: (f64, f64) = (2.3, 3.3);
const BESIDE_UNIFORM: (f64, f64) = (2.0, 3.0);
/// With N/5 spikes there is a gap only here.
const MANY: (f64, f64) = (2.6, 3.6);
/// The single spike.
const LEFT: f64 = -2.2;
/// λ below Φ(LEFT) by this much is an event of the heavy tail.
const FAR: f64 = 0.6;

fn group(bulk: &SignalShape) -> (f64, f64) {
    if *bulk == uniform() {
        BESIDE_UNIFORM
    } else {
        BESIDE_ATOMS
    }
}

/// ⌊√N⌋ spikes, one of them on the left.
fn row(ensemble: Ensemble, bulk: SignalShape, n: usize) -> Row {
    let (lo, hi) = group(&bulk);
    let mut spikes = spread(root(n) - 1, lo, hi);
    spikes.push(LEFT);
    let mut watched = vec![Watched::Mean { lo, hi }, Watched::One(LEFT)];
    if ensemble == Ensemble::goe() {
        let (theta, margin) = (LEFT, FAR);
        watched.push(Watched::Below { theta, margin });
    }
    Row::new(Spiked::new(ensemble, bulk, spikes, n), watched)
}

fn plan(tier: Tier) -> Plan {
    let wigner = Ensemble::wigner;
    // Fractions of the pull and of the bias that are called agreement.
    let (goe_sizes, sizes, fraction, of_bias): (&[usize], &[usize], f64, f64) = match tier {
        Tier::Quick => (&[100], &[64], 0.4, 0.9),
        Tier::Standard => (&[100, 512], &[100, 512], 0.15, 0.55),
        Tier::Deep => (&[256, 1024], &[256, 1024], 0.06, 0.3),
    };
    let mut rows = vec![];
    for &n in goe_sizes {
        rows.push(row(Ensemble::goe(), two_atoms(), n));
    }
    for &n in sizes {
        rows.push(row(wigner(EntryLaw::Uniform), uniform(), n));
        rows.push(row(wigner(EntryLaw::HalfNormal), two_atoms(), n));
        rows.push(row(wigner(EntryLaw::Rademacher), two_atoms(), n));
    }
    let study = Study { rows, fraction };
    let mut plan = study.plan();
    let biases: Vec<Cell> = goe_rows(&study)
        .map(|(e, row)| bias(&plan.experiments, e, row, of_bias))
        .collect();
    let events: Vec<Cell> = goe_rows(&study)
        .map(|(e, row)| event(&plan.experiments, e, row))
        .collect();
    plan.cells.extend(biases);
    plan.cells.extend(events);
    let mut plan = sized(plan);
    add_rivals(&mut plan, &study, of_bias);
    plan.rivals
        .push(crowded(two_atoms(), MANY.0, MANY.1, goe_sizes[0]));
    plan.rivals.extend(twins::all(tier));
    plan
}

fn goe_rows(study: &Study) -> impl Iterator<Item = (usize, &Row)> {
    let rows = study.rows.iter().enumerate();
    rows.filter(|(_, row)| row.model.ensemble == Ensemble::goe())
}

/// (1/k) Σ (λ_j − Φ(θ_j)), Φ of the limit ν, as the paper centres it.
///
/// Theory: the prediction of the mean minus (1/k) Σ Φ(θ_j), which is −(k_N/N)·avg σ²∫ν(dt)/(θ − t), the
/// single spike's share of 1/N and c₁/N. Agreement: a fraction of that.
fn bias(experiments: &[Experiment], e: usize, row: &Row, fraction: f64) -> Cell {
    let Watched::Mean { lo, hi } = row.watched[0] else {
        unreachable!("the mean comes first");
    };
    let right = row.model.predicted(row.watched[0]);
    let limit = row.model.limit_mean(lo, hi);
    let outer = right.remainder + fraction * (right.location - limit).abs();
    let k = row.model.indices(lo, hi).len();
    Cell {
        point: format!("mean of λ − Φ(θ) over [{lo}, {hi}], k = {k}"),
        estimator: Estimator::affine(Input::new(e, 0), 1.0, -limit),
        ..cell(
            experiments,
            (e, 0),
            right.value - limit,
            right.remainder,
            outer,
        )
    }
}

/// P(λ_N < Φ_N(θ) − margin) ≤ exp(−N(margin − |E λ − Φ_N|)²/(2v)), the Chernoff bound of its proxy v/N.
fn event(experiments: &[Experiment], e: usize, row: &Row) -> Cell {
    let right = row.model.predicted(row.watched[1]);
    let shift = (right.value - right.location).abs() + right.remainder;
    let inner = (-(FAR - shift).powi(2) / (2.0 * row.proxy(1))).exp();
    cell(experiments, (e, 2), 0.0, inner, inner + 0.3)
}

fn add_rivals(plan: &mut Plan, study: &Study, of_bias: f64) {
    let scaled = |name: &str, factor: f64| study.other_pull(&plan.experiments, name, factor);
    let semicircle = |model: &Spiked, watched: Watched| {
        let (lo, hi) = match watched {
            Watched::Mean { lo, hi } => (lo, hi),
            Watched::One(theta) => (theta, theta),
            _ => return None,
        };
        let s = model.eigenvalues();
        let group = model.indices(lo, hi);
        let k = group.len() as f64;
        let share = 1.0 - k / model.n as f64;
        let map = |l: usize| s[l] + share / s[l];
        Some(group.map(map).sum::<f64>() / k)
    };
    let mut rivals = vec![
        scaled("identity, Φ(θ) = θ", 0.0),
        scaled("wrong sign, Φ(θ) = θ − σ²∫ν(dt)/(θ − t)", -1.0),
        scaled("variance 1.1 for 1", 1.1),
        study.other_value(
            &plan.experiments,
            "semicircle bulk, Φ(θ) = θ + 1/θ",
            |model, watched, _| semicircle(model, watched),
        ),
    ];
    // The bias left out, or of the other sign.
    for (name, factor) in [
        ("no bias of order k/N", 0.0),
        ("bias of the other sign", -1.0),
    ] {
        let cells = goe_rows(study).map(|(e, row)| {
            let right = bias(&plan.experiments, e, row, of_bias);
            let expected = right.theory;
            RivalCell {
                uncertainty: right.inner,
                cell: Cell {
                    theory: factor * expected,
                    ..right
                },
                expected,
            }
        });
        rivals.push(super::common::on_same_samples(name, cells.collect()));
    }
    plan.rivals.extend(rivals);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_have_a_gap_to_the_bulk_at_every_size() {
        for n in [64, 100, 256, 512, 1024] {
            for bulk in [two_atoms(), uniform()] {
                let (lo, hi) = group(&bulk);
                let row = row(Ensemble::goe(), bulk, n);
                assert!(row.model.separated(lo, hi), "{n}");
            }
            let many = spread(n / 5, MANY.0, MANY.1);
            let many = Spiked::new(Ensemble::goe(), two_atoms(), many, n);
            assert!(many.separated(MANY.0, MANY.1), "{n}");
        }
    }

    #[test]
    fn bias_is_the_share_of_the_spikes_in_the_pull() {
        // All N − k of the others are bulk: −(k/N)·avg ∫ν(dt)/(θ − t), and the left spike's 1/N.
        let row = row(Ensemble::goe(), two_atoms(), 100);
        let (lo, hi) = BESIDE_ATOMS;
        let right = row.model.predicted(row.watched[0]);
        let mean = |f: &dyn Fn(f64) -> f64| {
            let spikes = spread(9, lo, hi);
            spikes.iter().map(|&t| f(t) / 9.0).sum::<f64>()
        };
        let pull = mean(&|t| 0.5 * ((t - 1.0).recip() + (t + 1.0).recip()));
        let left = mean(&|t| (t - LEFT).recip());
        let expected = -0.1 * pull + 0.01 * left;
        let found = right.location - row.model.limit_mean(lo, hi);
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}
