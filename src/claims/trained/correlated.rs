//! S = W − W(0) plus W(0) does not obey the outlier map.

use super::nets::{Kind, Net, on_own_nets};
use super::top::Top;
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{cell, certain, on_own_samples};
use crate::design::{Experiment, Plan, Rival, RivalCell, Side, Tier};
use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;

/// W = S + W(0) lies above what independent noise gives.
pub(in crate::claims) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/correlated-noise",
            title: "Initial weights are no independent noise",
            statement: "W = W(0) + S a trained square layer: the mean of its k largest singular values lies above where noise of the law of W(0) that is \
                        independent of S puts it, by at least three of the proved standard deviations of that noise.",
            formula: r"\frac1k\sum_{j\le k}\bigl(y_j(W)-\Phi_N(\theta_j(S))\bigr)\;\ge\;3\sqrt{\frac{v}{kN}}",
            meaning: "Training moves W along what W(0) already had: S and W(0) are correlated, and the outlier map must not be used with S = W − W(0) \
                      and R = W(0). Seen in every net that was trained for this; evidence, not a theorem.",
            source: Source {
                work: "abk",
                locus: "Appendix A",
            },
            strength: Strength::Trend,
        },
        plan,
    }
}

/// Of the proved ones, a net has to lie as many above the prediction.
const DEVIATIONS: f64 = 3.0;

/// What is added to S in place of W(0).
#[derive(Clone, Copy)]
enum Added {
    /// W(0) itself.
    Initial,
    /// Fresh noise of the same law.
    Fresh,
    /// W(0) with its rows in reverse order.
    Reversed,
}

impl Added {
    fn to(self, net: &Net, rng: &mut ChaCha8Rng) -> DMatrix<f64> {
        match self {
            Self::Initial => net.trained.clone(),
            Self::Fresh => net.signal() + Kind::Square.noise(net.initial.nrows(), 1.0, rng),
            Self::Reversed => {
                let n = net.initial.nrows();
                let reversed = DMatrix::from_fn(n, n, |i, j| net.initial[(n - 1 - i, j)]);
                net.signal() + reversed
            }
        }
    }
}

/// By how many standard deviations the mean of the top falls short, the largest of some nets.
fn experiment(added: Added, name: &str, n: usize, nets: usize) -> Experiment {
    let kind = Kind::Square;
    Experiment {
        law: kind.name().into(),
        signal: name.into(),
        n,
        replicates: nets,
        observables: vec![certain("missing of 3 standard deviations above Φ_N(θ)")],
        replicate: on_own_nets(
            kind,
            n,
            move |net, rng| added.to(net, rng),
            move |signal, sum| {
                let top = Top::of(kind, signal)?;
                let above = top.off(sum, top.prediction);
                Ok(vec![(DEVIATIONS - above).max(0.0)])
            },
        ),
    }
}

fn rival(added: Added, name: &str, n: usize) -> Rival {
    let experiments = vec![experiment(added, name, n, 2)];
    // The mean is predicted to one standard deviation, of which independent noise shows one or so.
    let cells = vec![RivalCell {
        cell: cell(&experiments, (0, 0), 0.0, 0.0, 0.0),
        expected: DEVIATIONS,
        uncertainty: 2.5,
    }];
    on_own_samples(name, Side::Data, experiments, cells)
}

fn plan(tier: Tier) -> Plan {
    let (sizes, nets): (&[usize], usize) = match tier {
        Tier::Quick => (&[128], 8),
        Tier::Standard => (&[128, 256], 32),
        Tier::Deep => (&[128, 256, 512], 64),
    };
    let experiments: Vec<Experiment> = sizes
        .iter()
        .map(|&n| {
            experiment(
                Added::Initial,
                "trained layer and its initial weights",
                n,
                nets,
            )
        })
        .collect();
    let cells = (0..sizes.len())
        .map(|e| cell(&experiments, (e, 0), 0.0, 0.0, 0.0))
        .collect();
    Plan {
        cells,
        experiments,
        rivals: vec![
            rival(Added::Fresh, "fresh noise", sizes[0]),
            rival(Added::Reversed, "rows of W(0) reversed", sizes[0]),
        ],
    }
}
