//! The Tracy–Widom laws at N = 10¹²: the edge of a trillion eigenvalues from the rows that decide it.

use super::Claim;
use super::common::on_same_samples;
use super::power::sized;
use super::rank_one::normal_cdf;
use crate::claim::{Source, Statement, Strength};
use crate::design::{
    Cell, Estimator, Experiment, Input, Observable, Plan, Replicate, Rival, RivalCell, Side, Tail,
    Tier,
};
use crate::ensemble::{Ensemble, Signal, TridiagonalModel};
use crate::spectrum::Corner;
use crate::tracy_widom::TracyWidom;

/// Both symmetry classes, S = 0.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/tracy-widom-large",
            title: "Tracy–Widom laws at the edge of up to 10¹² eigenvalues",
            statement: "S = 0: N^{2/3}(λ₁(R/√N)/σ − 2) → TW₁ in law for the GOE and TW₂ for the GUE.",
            formula: r"N^{2/3}\Bigl(\frac{\lambda_1(R/\sqrt N)}{\sigma}-2\Bigr)\;\Longrightarrow\;\mathrm{TW}_\beta,\qquad\beta=1\ \text{(GOE)},\ 2\ \text{(GUE)}",
            meaning: "At the sizes listed the distribution function of λ₁ is F₁ or F₂ within the tolerance shown; nothing of order N^{-1/3} \
                      would go unseen at the largest N. λ₁ is compared with its level by the first rows of the tridiagonal form, which decide it \
                      outside an event of probability 10⁻¹² a replicate; τ₀ contains it.",
            source: Source {
                work: "TW96",
                locus: "main theorem; GUE: TW94",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// ε of every corner.
const FAILURE: f64 = 1e-12;

/// Levels looked at in one pass.
const LEVELS: usize = 3;

/// One ensemble at one N.
#[derive(Debug, Clone, Copy)]
struct Edge {
    ensemble: Ensemble,
    n: usize,
    /// What is called agreement, beyond τ0.
    agreement: f64,
}

impl Edge {
    fn real(&self) -> bool {
        matches!(self.ensemble, Ensemble::Wigner { .. })
    }

    fn law(&self) -> TracyWidom {
        match self.real() {
            true => TracyWidom::goe(),
            false => TracyWidom::gue(),
        }
    }

    /// Three x around the median of the law.
    fn points(&self) -> [f64; LEVELS] {
        match self.real() {
            true => [-2.5, -1.25, 0.25],
            false => [-2.75, -1.75, -0.75],
        }
    }

    fn zoom(&self) -> f64 {
        (self.n as f64).powf(2.0 / 3.0)
    }

    /// σ(2 + x N^{-2/3}) and the displacement of order 1/N, −σ/(2N) for the GOE (docs/derivations/edge_scale.md).
    fn level(&self, x: f64) -> f64 {
        let displacement = if self.real() {
            -0.5 / self.n as f64
        } else {
            0.0
        };
        self.ensemble.sigma() * (2.0 + (x / self.zoom() + displacement))
    }

    /// τ0: the envelope 0.35 N^{-2/3} of docs/derivations/edge_scale.md; ε; and the probability that λ₁ lies where rounding could
    /// move it over a level (16 ulp of σ, entries included, at a density of at most ½).
    fn inner(&self) -> f64 {
        0.35 / self.zoom() + FAILURE + 8.0 * f64::EPSILON * self.zoom()
    }

    /// 1{λ₁ ≤ level} at the three levels of `judge`, of R/√N + θe₁e₁ᵀ with R of this ensemble.
    fn experiment(
        &self,
        judge: &Self,
        theta: f64,
        expected: [f64; LEVELS],
        replicates: usize,
    ) -> Experiment {
        let (points, levels) = (judge.points(), judge.points().map(|x| judge.level(x)));
        let observables = points.iter().zip(expected).map(|(x, typical)| Observable {
            name: format!("x₁ ≤ {x}"),
            tail: Tail::Indicator,
            typical,
        });
        let model = TridiagonalModel::new(&self.ensemble).expect("the claim draws GOE and GUE");
        let n = self.n;
        Experiment {
            law: self.ensemble.name(),
            signal: Signal::zero().name(),
            n,
            replicates,
            observables: observables.collect(),
            replicate: Replicate::alone(move |rng, _| {
                let mut corner = Corner::new(&model, n, FAILURE, rng)?;
                corner.set_spike(theta);
                let (above, _) = corner.counts_above(levels)?;
                Ok(above.map(|count| f64::from(u8::from(count == 0))).into())
            }),
        }
    }

    fn cell(&self, (e, o): (usize, usize), theory: f64) -> Cell {
        Cell {
            law: self.ensemble.name(),
            signal: Signal::zero().name(),
            n: self.n,
            point: format!("P(x₁ ≤ x), x = {}", self.points()[o]),
            theory,
            inner: self.inner(),
            outer: self.inner() + self.agreement,
            estimator: Estimator::mean(Input::new(e, o)),
        }
    }

    fn expected(&self) -> [f64; LEVELS] {
        self.points().map(|x| self.law().cdf(x))
    }

    /// F(`x(level)`) of the claim's law for what is drawn, judged on data of its own.
    fn other_data(
        &self,
        name: &str,
        side: Side,
        drawn: Self,
        theta: f64,
        expected: [f64; LEVELS],
        uncertainty: f64,
    ) -> Rival {
        let cells = (0..LEVELS).map(|o| RivalCell {
            cell: self.cell((0, o), self.expected()[o]),
            expected: expected[o],
            uncertainty,
        });
        Rival {
            name: name.into(),
            side,
            cells: cells.collect(),
            experiments: vec![drawn.experiment(self, theta, expected, 512)],
        }
    }
}

/// Another distribution function on the claim's samples.
fn other_theory(name: &str, edges: &[Edge], wrong: impl Fn(&Edge, f64) -> Option<f64>) -> Rival {
    let mut cells = vec![];
    for (e, edge) in edges.iter().enumerate() {
        for (o, x) in edge.points().into_iter().enumerate() {
            cells.extend(wrong(edge, x).map(|theory| RivalCell {
                cell: edge.cell((e, o), theory),
                expected: edge.expected()[o],
                uncertainty: edge.inner(),
            }));
        }
    }
    on_same_samples(name, cells)
}

fn plan(tier: Tier) -> Plan {
    let (n, agreement) = match tier {
        Tier::Quick => (100_000, 0.18),
        Tier::Standard => (1_000_000_000, 0.12),
        Tier::Deep => (1_000_000_000_000, 0.04),
    };
    let edges = [Ensemble::goe(), Ensemble::gue().with_sigma(0.8)].map(|ensemble| Edge {
        ensemble,
        n,
        agreement,
    });
    let mut plan = Plan::default();
    for (e, edge) in edges.iter().enumerate() {
        let expected = edge.expected();
        plan.experiments
            .push(edge.experiment(edge, 0.0, expected, 1));
        plan.cells
            .extend((0..LEVELS).map(|o| edge.cell((e, o), expected[o])));
    }
    let mut plan = sized(plan);
    plan.rivals = rivals(&edges);
    plan
}

fn rivals(edges: &[Edge; 2]) -> Vec<Rival> {
    let [goe, gue] = edges;
    // The edge moves by 2σ N^{-2/3}.
    let wider = |edge: &Edge| {
        let variance = 1.0 + 2.0 / edge.zoom();
        Edge {
            ensemble: edge
                .ensemble
                .with_sigma(edge.ensemble.sigma() * variance.sqrt()),
            ..*edge
        }
    };
    let shifted = |edge: &Edge| edge.points().map(|x| edge.law().cdf(x - 2.0));
    let sigma = gue.ensemble.sigma();
    vec![
        other_theory("TW₂ for TW₁", edges, |edge, x| {
            edge.real().then(|| TracyWidom::gue().cdf(x))
        }),
        other_theory("TW₁ for TW₂", edges, |edge, x| {
            (!edge.real()).then(|| TracyWidom::goe().cdf(x))
        }),
        other_theory(
            "centred normal law of the same variance",
            edges,
            |edge, x| Some(normal_cdf(x / edge.law().variance().sqrt())),
        ),
        other_theory("√N for N^⅔", edges, |edge, x| {
            Some(edge.law().cdf(x * (edge.n as f64).powf(-1.0 / 6.0)))
        }),
        other_theory("scale 1/σ omitted", edges, |edge, x| {
            let sigma = edge.ensemble.sigma();
            (sigma != 1.0).then(|| edge.law().cdf(sigma * x))
        }),
        goe.other_data(
            "variance 1 + 2N^{-⅔}",
            Side::Data,
            wider(goe),
            0.0,
            shifted(goe),
            2.0 * goe.inner(),
        ),
        // F₁² (Baik, Ben Arous and Péché); N^{-1/3} over it for what is not known at this N.
        gue.other_data(
            "a spike at the threshold, θ = σ",
            Side::Hypothesis,
            *gue,
            sigma,
            gue.points().map(|x| TracyWidom::goe().cdf(x).powi(2)),
            (gue.n as f64).powf(-1.0 / 3.0),
        ),
        // Φ(θ) = 2σ + 36σN^{-2/3} up to a factor 1 + O(N^{-1/3}), and fluctuations of √(4·6) of these units: P(x₁ ≤ x) is that of
        // seven standard deviations.
        gue.other_data(
            "a spike above the threshold, θ = σ(1 + 6N^{-⅓})",
            Side::Hypothesis,
            *gue,
            sigma * (1.0 + 6.0 * (gue.n as f64).powf(-1.0 / 3.0)),
            [0.0; LEVELS],
            0.01,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_the_edge_at_zero_signal() {
        let edge = |ensemble| Edge {
            ensemble,
            n: 1_000_000,
            agreement: 0.1,
        };
        let goe = edge(Ensemble::goe().with_sigma(3.0));
        assert!((goe.level(0.0) - (6.0 - 1.5e-6)).abs() < 1e-14);
        let gue = edge(Ensemble::gue());
        assert!((gue.level(-2.0) - (2.0 - 2e-4)).abs() < 1e-15);
    }
}
