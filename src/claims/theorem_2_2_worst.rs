//! Theorem 2.2, uniformly: the worst of k_N spikes, over N, under an envelope that goes to 0.

use super::Claim;
use super::common::{cell, on_own_samples, on_same_samples};
use super::outliers::{Centre, Row, Spiked, Watched, refuting, root, spread};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Estimator, Experiment, Input, Plan, Rival, RivalCell, Side, Tier};
use crate::ensemble::{Ensemble, EntryLaw, SignalShape};
use crate::free::FreeConvolution;

/// The worst spike.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/theorem-2.2-worst",
            title: "The worst of many spikes",
            statement: "k_N → ∞ spikes with a density on Δ = [1.65, 2.45] ∪ [−2.45, −1.65], k_N/N → 0, Φ′ > 0 on Δ: \
                        max |λ_l(W) − Φ(λ_l(S))| → 0 in probability, over the l with λ_l(S) ∈ Δ. Judged at k_N \
                        = ⌊√N⌋: the mean of the maximum is under B_N → 0, with Φ_N (sums over all other \
                        eigenvalues of S_N) and with Φ of the limit; the maximum concentrates at distance √(v/N).",
            formula: r"\mathbb{E}\max_{l:\lambda_l(S)\in\Delta}\bigl|\lambda_l(W)-\Phi_N(\lambda_l(S))\bigr|\le B_N=\sqrt{\frac{2v\ln 2k}{N}}+\frac{\sigma^2k'}{Nw}\Bigl(1+\ln\max\bigl(k',\tfrac{w^2N}{\sigma^2k'}\bigr)\Bigr)+\frac{\max|c_1|}{N}",
            meaning: "Over the sizes listed the worst spike stays under an envelope that decreases like √(ln N/N), \
                      and at the largest N is at most ¾ of what it is at the smallest. This is evidence for the \
                      limit, not a proof. The envelope has 60 % on top as room for the intervals.",
            source: Source {
                work: "abk",
                locus: "Theorem 2.2, (2.5)",
            },
            strength: Strength::Trend,
        },
        plan,
    }
}

/// Spikes on both sides of ½δ_{−½} + ½δ_{½}; Φ′ > 0 beyond 1.27.
const SPIKES: (f64, f64) = (1.65, 2.45);
/// Spikes that are absorbed.
const ABSORBED: (f64, f64) = (0.52, 0.53);
/// Room above the envelope for the interval.
const ROOM: f64 = 1.6;
/// The largest N's worst spike, at most, as a part of the smallest N's.
const SHRINKS: f64 = 0.75;

fn bulk() -> SignalShape {
    SignalShape::Atoms(vec![(-0.5, 0.5), (0.5, 0.5)])
}

/// ⌊√N⌋ spikes: ⌈k/2⌉ on the right, the others on the left.
fn model(ensemble: Ensemble, n: usize, (lo, hi): (f64, f64)) -> Spiked {
    let k = root(n);
    let mut spikes = spread(k.div_ceil(2), lo, hi);
    spikes.extend(spread(k / 2, -hi, -lo));
    Spiked::new(ensemble, bulk(), spikes, n)
}

fn watched((lo, hi): (f64, f64), centre: Centre) -> Watched {
    Watched::Worst { lo, hi, centre }
}

const CENTRES: [Centre; 4] = [
    Centre::Finite,
    Centre::Limit,
    Centre::Identity,
    Centre::Reversed,
];

/// One model with all centres, and the envelopes of the first two.
struct Size {
    row: Row,
    envelope: [f64; 2],
}

impl Size {
    /// B_N, term by term (`docs/derivations/many_spikes.md`):
    /// the largest of 2k variables with proxy v/N; what k′ = ⌈k/2⌉ spikes on an interval of length w
    /// repel each other; c₁. For the limit's Φ, the share (k/N)(Φ(θ) − θ) of the spikes in ν_N as well.
    fn new(ensemble: Ensemble, n: usize) -> Self {
        let model = model(ensemble, n, SPIKES);
        let size = n as f64;
        let (k, w) = (root(n) as f64, SPIKES.1 - SPIKES.0);
        let side = (k / 2.0).ceil();
        let variance = ensemble.sigma().powi(2);
        let v = ensemble.variance_proxy().expect("images of normals");
        let random = (2.0 * v / size * (2.0 * k).ln()).sqrt();
        let spacing = w * w * size / (variance * side);
        let repulsion = variance * side / (size * w) * (1.0 + side.max(spacing).ln());
        let mean = Watched::Mean {
            lo: SPIKES.0,
            hi: SPIKES.1,
        };
        // The remainder of the average is of the size of c₁/N, without cancellation.
        let shift = model.predicted(mean).remainder;
        let map = model.map();
        let pull = map.phi(SPIKES.0).expect("off supp ν").value - SPIKES.0;
        let finite = random + repulsion + shift;
        Self {
            row: Row::new(model, CENTRES.map(|c| watched(SPIKES, c)).to_vec()),
            envelope: [finite, finite + k / size * pull],
        }
    }

    fn experiment(&self) -> Experiment {
        let mut experiment = self.row.experiment(self.replicates());
        for observable in &mut experiment.observables {
            observable.typical = 0.5 * self.envelope[0];
        }
        experiment
    }

    /// 2h ≤ (ROOM − 1)B_N with h = √(2(v/N)l/M), l = ln(2/α_cell) < 24 for 14 cells, at 3 looks.
    fn replicates(&self) -> usize {
        let room = (ROOM - 1.0) * self.envelope[0];
        (8.0 * 24.0 * self.row.proxy(0) / (room * room)).ceil() as usize
    }

    fn judged(&self, experiments: &[Experiment], e: usize, o: usize) -> Cell {
        let inner = self.envelope[usize::from(o == 1)];
        cell(experiments, (e, o), 0.0, inner, ROOM * inner)
    }
}

fn plan(tier: Tier) -> Plan {
    let sizes: &[usize] = match tier {
        Tier::Quick => &[50, 100, 200, 400],
        Tier::Standard => &[50, 100, 200, 400, 800],
        Tier::Deep => &[50, 100, 200, 400, 1000, 2000],
    };
    let smallest = sizes[0];
    let mut all: Vec<Size> = sizes
        .iter()
        .map(|&n| Size::new(Ensemble::goe(), n))
        .collect();
    let largest = all.len() - 1;
    for ensemble in [Ensemble::gue(), Ensemble::wigner(EntryLaw::Uniform)] {
        all.push(Size::new(ensemble, 2 * smallest));
    }
    let experiments: Vec<Experiment> = all.iter().map(Size::experiment).collect();
    let mut cells: Vec<Cell> = vec![];
    for o in 0..2 {
        let series = all.iter().enumerate();
        cells.extend(series.map(|(e, size)| size.judged(&experiments, e, o)));
    }
    cells.push(shrinking(&experiments, 0, largest));
    let mut plan = Plan {
        experiments,
        cells,
        rivals: vec![],
    };
    // Enough at the largest N to tell θ from Φ(θ), and a small contrast with the smallest, which costs nothing.
    let top = &all[largest];
    let gap = other_range(top, 1.0).0 - top.envelope[0];
    let needed = refuting(top.row.proxy(0), gap);
    plan.experiments[largest].replicates = plan.experiments[largest].replicates.max(needed);
    plan.experiments[0].replicates *= 8;
    plan.rivals = vec![
        other_map(&plan.experiments, &all, "identity, Φ(θ) = θ", 2),
        other_map(
            &plan.experiments,
            &all,
            "wrong sign, Φ(θ) = θ − σ²∫ν(dt)/(θ − t)",
            3,
        ),
        absorbed(2 * smallest),
        never_shrinks([smallest, 4 * smallest]),
    ];
    plan
}

/// max(E worst(N_max) − ¾ E worst(N_min), 0) = 0, by how much the worst spike fails to shrink.
fn shrinking(experiments: &[Experiment], small: usize, large: usize) -> Cell {
    let first = &experiments[small];
    Cell {
        point: format!(
            "worst spike, excess over {SHRINKS} of that at N = {}",
            first.n
        ),
        estimator: Estimator::general(
            vec![Input::new(large, 0), Input::new(small, 0)],
            Box::new(|c| {
                let difference = c[0].affine(1.0, 0.0).sum(&c[1].affine(-SHRINKS, 0.0));
                difference.excess_over(0.0)
            }),
        ),
        ..cell(experiments, (large, 0), 0.0, 0.0, 0.1)
    }
}

/// Between which values E max |λ_l − c_l| is when c is θ (times = 1) or the reversed map (times = 2).
///
/// At least the average over the spikes on the right, hence `times` their pull (the average of Φ_N over one
/// side has no repulsion within it); at most as often the largest pull, and the envelope twice.
fn other_range(size: &Size, times: f64) -> (f64, f64) {
    let (lo, hi) = SPIKES;
    let right = size.row.model.predicted(Watched::Mean { lo, hi });
    let map = size.row.model.map();
    let largest = map.phi(lo).expect("off supp ν").value - lo;
    let least = times * (right.location - right.theta) - right.remainder;
    (least, times * largest + 2.0 * size.envelope[1])
}

/// Another map on the same samples, judged by the envelope of Φ_N.
fn other_map(experiments: &[Experiment], all: &[Size], name: &str, o: usize) -> Rival {
    let cells = all.iter().enumerate().map(|(e, size)| {
        let (least, most) = other_range(size, o as f64 - 1.0);
        RivalCell {
            cell: size.judged(experiments, e, o),
            expected: 0.5 * (least + most),
            uncertainty: 0.5 * (most - least),
        }
    });
    on_same_samples(name, cells.collect())
}

/// Between which values E max |λ_l − Φ(θ_l)| is for absorbed spikes.
///
/// For the smallest spike on the right, |λ_l| ≤ the largest eigenvalue in modulus, whose mean is within
/// two scales N^{-2/3} of the edge E of ν_N ⊞ semicircle, 0.2 at most: so Φ(θ_l) − E − 0.2 from below.
/// From above Φ(θ_l) + E + 0.2, and, as λ_l for one of the k largest is not below 0, Φ(θ_l) + 0.2.
fn absorbed_range(model: &Spiked) -> (f64, f64) {
    let known = "ν_N is a measure, and σ > 0";
    let nu = model.signal().esd(model.n).expect(known);
    let mu = FreeConvolution::new(nu, model.ensemble.sigma()).expect(known);
    let support = mu.support();
    let edge = support[support.len() - 1].hi;
    let smallest = model.spikes.iter().filter(|&&t| t > 0.0);
    let smallest = smallest.copied().fold(f64::INFINITY, f64::min);
    let phi = model.map().phi(smallest).expect("off supp ν").value;
    (phi - edge - 0.2, phi + 0.2)
}

/// Where Φ′ ≤ 0 there are no outliers.
fn absorbed(n: usize) -> Rival {
    let model = model(Ensemble::goe(), n, ABSORBED);
    let (least, most) = absorbed_range(&model);
    let inner = Size::new(Ensemble::goe(), n).envelope[1];
    let row = Row::new(model, vec![watched(ABSORBED, Centre::Limit)]);
    let experiments = vec![row.experiment(refuting(row.proxy(0), least - inner))];
    let cells = vec![RivalCell {
        cell: cell(&experiments, (0, 0), 0.0, inner, ROOM * inner),
        expected: 0.5 * (least + most),
        uncertainty: 0.5 * (most - least),
    }];
    on_own_samples("Φ′(θ) ≤ 0", Side::Hypothesis, experiments, cells)
}

/// The same at two sizes: the worst spike is not ¾ of what it was.
fn never_shrinks(sizes: [usize; 2]) -> Rival {
    let models = sizes.map(|n| model(Ensemble::goe(), n, ABSORBED));
    let [(least_small, most_small), (least_large, most_large)] =
        [0, 1].map(|i| absorbed_range(&models[i]));
    let least = least_large - SHRINKS * most_small;
    let most = most_large - SHRINKS * least_small;
    let rows = models.map(|m| Row::new(m, vec![watched(ABSORBED, Centre::Limit)]));
    let proxy = rows[0].proxy(0).max(rows[1].proxy(0));
    // Two inputs: each gets half of the gap.
    let replicates = refuting(proxy, 0.5 * least.max(0.1));
    let experiments: Vec<Experiment> = rows
        .iter()
        .zip([least_small, least_large])
        .map(|(row, typical)| {
            let mut experiment = row.experiment(replicates);
            experiment.observables[0].typical = typical;
            experiment
        })
        .collect();
    let cells = vec![RivalCell {
        cell: shrinking(&experiments, 0, 1),
        expected: 0.5 * (least + most),
        uncertainty: 0.5 * (most - least),
    }];
    on_own_samples(
        "worst spike bounded below (Φ′(θ) ≤ 0)",
        Side::Hypothesis,
        experiments,
        cells,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_have_a_gap_to_the_bulk_at_every_size() {
        for n in [100, 200, 400, 800, 1000, 2000] {
            let model = model(Ensemble::goe(), n, SPIKES);
            assert!(model.separated(SPIKES.0, SPIKES.1), "{n}");
        }
        // Too many spikes too close: Φ_N′ < 0 all the way between them and the bulk.
        let close = model(Ensemble::goe(), 64, (1.3, 2.1));
        assert!(!close.separated(1.3, 2.1));
    }

    #[test]
    fn envelope_goes_to_zero() {
        let at = |n: usize| Size::new(Ensemble::goe(), n).envelope[1];
        assert!(at(100) < 0.8 * at(50));
        assert!(at(2000) < 0.5 * at(200));
    }
}
