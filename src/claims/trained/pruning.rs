//! What is left of a net when the random bulk of its square layer is taken away.

use super::nets::{Kind, MIDDLE, Net, data};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{cell, certain, on_own_samples};
use crate::design::{Experiment, Plan, Replicate, ReplicateError, Rival, RivalCell, Side, Tier};
use crate::network::bulk::{Options, SingularValues, analyse};
use crate::network::prune::hard;
use faer::Mat;
use rand_chacha::rand_core::Rng;

/// Hard thresholding at the fitted edge.
pub(in crate::claims) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/pruning",
            title: "Pruning at the edge of the bulk",
            statement: "W a trained square layer, Ŝ what is left of it when the singular values up to the edge of the fitted Marchenko–Pastur bulk are set \
                        to zero. In every net: with Ŝ for W at most 5 of 100 test images are lost; with W − Ŝ for W less than half of the net's skill is \
                        left; Ŝ has rank at most 0.15 N.",
            formula: r"a(W)-a(\hat S)\le 0.05,\qquad \frac{a(W-\hat S)-0.1}{a(W)-0.1}\le\tfrac12,\qquad \operatorname{rank}\hat S\le 0.15\,N",
            meaning: "The few singular values beyond the edge carry what the layer learned. a is the accuracy on the test images, skill a − 0.1. Seen in \
                      every net that was trained for this; evidence, not a theorem.",
            source: Source {
                work: "abk",
                locus: "Appendix A",
            },
            strength: Strength::Trend,
        },
        plan,
    }
}

/// Share of the test images that may be lost.
const LOSS: f64 = 0.05;
/// Share of the skill that the removed part may have.
const LEFT: f64 = 0.5;
/// Rank over N.
const RANK: f64 = 0.15;
/// Accuracy of guessing.
const CHANCE: f64 = 0.1;

/// What is put in place of W.
#[derive(Clone, Copy)]
enum Cut {
    /// Singular values up to this multiple of the edge set to zero.
    Edge(f64),
    /// What [`Cut::Edge`] of 1 takes away.
    Removed,
}

/// Loss, skill left in what was taken away, rank over N, of one net.
fn judge(net: &Net, cut: Cut) -> Result<Vec<f64>, ReplicateError> {
    let n = net.trained.nrows();
    let w = Mat::from_fn(n, n, |i, j| net.trained[(i, j)]);
    let options = Options {
        // The edge is asked for, not its uncertainty.
        replicates: 19,
        ..Options::default()
    };
    let fit = analyse(&SingularValues::of(w.as_ref())?, &options)?.fit;
    let edge = fit.ok_or("no bulk was found")?.edge.value;
    let factor = match cut {
        Cut::Edge(factor) => factor,
        Cut::Removed => 1.0,
    };
    let pruned = hard(w.as_ref(), factor * edge)?;
    let (spikes, bulk) = (pruned.matrix(), pruned.removed_from(w.as_ref()));
    let (kept, rest, rank) = match cut {
        Cut::Edge(_) => (spikes, bulk, pruned.rank()),
        Cut::Removed => (bulk, spikes, n - pruned.rank()),
    };
    let accuracy = |w: &Mat<f64>| {
        let weights = (0..n * n).map(|k| w[(k / n, k % n)] as f32).collect();
        let net = net.mlp.clone().with_weights(MIDDLE, weights);
        net.score(&data().test).accuracy()
    };
    let whole = accuracy(&w);
    Ok(vec![
        (whole - accuracy(&kept)).max(0.0),
        ((accuracy(&rest) - CHANCE) / (whole - CHANCE)).max(0.0),
        rank as f64 / n as f64,
    ])
}

fn experiment(cut: Cut, name: &str, n: usize, nets: usize) -> Experiment {
    Experiment {
        law: Kind::Square.name().into(),
        signal: name.into(),
        n,
        replicates: nets,
        observables: vec![
            certain("accuracy lost"),
            certain("skill left in what was taken away"),
            certain("rank / N"),
        ],
        replicate: Replicate::alone(move |rng, _| {
            judge(&Net::train(Kind::Square, n, rng.next_u64())?, cut)
        }),
    }
}

/// Wrong in one of the three.
fn rival(cut: Cut, name: &str, n: usize, at: usize, (expected, uncertainty): (f64, f64)) -> Rival {
    let experiments = vec![experiment(cut, name, n, 1)];
    let bound = [LOSS, LEFT, RANK][at];
    let cells = vec![RivalCell {
        cell: cell(&experiments, (0, at), 0.0, bound, bound),
        expected,
        uncertainty,
    }];
    on_own_samples(name, Side::Data, experiments, cells)
}

fn plan(tier: Tier) -> Plan {
    let (sizes, nets): (&[usize], usize) = match tier {
        Tier::Quick => (&[128], 6),
        Tier::Standard => (&[128, 256], 24),
        // Not wider: a random layer keeps some of the skill, the more the wider it is.
        Tier::Deep => (&[128, 256], 128),
    };
    let name = "trained layer, pruned at the edge";
    let experiments: Vec<Experiment> = sizes
        .iter()
        .map(|&n| experiment(Cut::Edge(1.0), name, n, nets))
        .collect();
    let mut cells = vec![];
    for e in 0..sizes.len() {
        for (o, bound) in [LOSS, LEFT, RANK].into_iter().enumerate() {
            cells.push(cell(&experiments, (e, o), 0.0, bound, bound));
        }
    }
    let n = sizes[0];
    Plan {
        experiments,
        cells,
        rivals: vec![
            // The quarter circle law on [0, 2] has 0.391 beyond 1, and spikes come on top.
            rival(Cut::Edge(0.5), "half of the edge", n, 2, (0.4, 0.2)),
            // Beyond all values but the largest ones: the net guesses.
            rival(Cut::Edge(2.0), "twice the edge", n, 0, (0.75, 0.3)),
            rival(
                Cut::Removed,
                "the bulk in place of the spikes",
                n,
                0,
                (0.75, 0.35),
            ),
        ],
    }
}
