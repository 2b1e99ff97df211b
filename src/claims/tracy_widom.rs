//! The largest eigenvalue at a regular edge of a deformed bulk follows the Tracy–Widom laws.
//!
//! Scale, displacement and τ0: docs/derivations/edge_scale.md.

mod edge;
mod experiment;

use super::Claim;
use super::common::{eigenvalues, on_same_samples, two_atom};
use super::power::sized;
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, Rival, RivalCell, Side, Tier};
use crate::ensemble::{Ensemble, Signal, SignalShape};
use crate::tracy_widom::TracyWidom;
use edge::Edge;
use experiment::Model;

/// Real symmetric: TW₁.
pub fn goe_claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/tracy-widom-goe",
            title: "Tracy–Widom law at the edge, real symmetric",
            statement: "For W = R/√N + S, R from the GOE, and a \
                        regular right edge E = Φ(ω*), Φ′(ω*) = 0 without spikes at or above ω*: \
                        (λ₁ − E) a N^{2/3} → TW₁ in law, a = (2/(σ⁴Φ″(ω*)))^{1/3}.",
            formula: r"\Bigl(\frac{2}{\sigma^4\,\Phi''(\omega_*)}\Bigr)^{1/3}N^{2/3}\,(\lambda_1-E)\;\Longrightarrow\;\mathrm{TW}_1,\qquad E=\Phi(\omega_*),\quad\Phi'(\omega_*)=0",
            meaning: "At the sizes listed the distribution function of λ₁, centred with its displacement of order \
                      1/N, is F₁ within the tolerance shown. The remainder of order N^{-2/3} is known for S = 0; for \
                      the deformed edges its envelope is argued, not proved, so this is evidence (trend).",
            source: Source {
                work: "Lee–Schnelli",
                locus: "main theorem; S = 0: TW96",
            },
            strength: Strength::Trend,
        },
        plan: goe,
    }
}

/// Complex Hermitian: TW₂.
pub fn gue_claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/tracy-widom-gue",
            title: "Tracy–Widom law at the edge, complex Hermitian",
            statement: "For W = R/√N + S, R from the GUE, and a regular right edge E = Φ(ω*), Φ′(ω*) = 0 without \
                        spikes at or above ω*: (λ₁ − E) a N^{2/3} → TW₂ in law, a = (2/(σ⁴Φ″(ω*)))^{1/3}.",
            formula: r"\Bigl(\frac{2}{\sigma^4\,\Phi''(\omega_*)}\Bigr)^{1/3}N^{2/3}\,(\lambda_1-E)\;\Longrightarrow\;\mathrm{TW}_2,\qquad E=\Phi(\omega_*),\quad\Phi'(\omega_*)=0",
            meaning: "At the sizes listed the distribution function of λ₁ is F₂ within the tolerance shown. The \
                      remainder of order N^{-2/3} is known for S = 0; for the deformed edges its envelope is argued, \
                      not proved, so this is evidence (trend).",
            source: Source {
                work: "Capitaine–Péché",
                locus: "main theorem; S = 0: TW94",
            },
            strength: Strength::Trend,
        },
        plan: gue,
    }
}

/// N at S = 0 and its agreement, N of the dense matrices and theirs.
struct Sizes {
    bare: (usize, f64),
    dense: (usize, f64),
}

fn goe(tier: Tier) -> Plan {
    let sizes = match tier {
        Tier::Quick => Sizes {
            bare: (1000, 0.14),
            dense: (64, 0.2),
        },
        Tier::Standard => Sizes {
            bare: (10_000, 0.08),
            dense: (128, 0.14),
        },
        Tier::Deep => Sizes {
            bare: (100_000, 0.02),
            dense: (512, 0.06),
        },
    };
    let goe = Ensemble::goe();
    let family = Family {
        law: TracyWidom::goe(),
        points: &[-3.0, -2.0, -1.0, 0.0, 1.0],
        models: models(goe, &sizes),
    };
    let mut plan = sized(family.plan());
    plan.rivals = family.theory_rivals("TW₂ for TW₁", TracyWidom::gue());
    // P(λ₁ ≤ ℓ(0)), ℓ(−1) with θ = σ.
    plan.rivals
        .extend(family.data_rivals(goe, [0.5202, 0.2559]));
    plan
}

fn gue(tier: Tier) -> Plan {
    let sizes = match tier {
        Tier::Quick => Sizes {
            bare: (1000, 0.14),
            dense: (48, 0.2),
        },
        Tier::Standard => Sizes {
            bare: (10_000, 0.08),
            dense: (96, 0.14),
        },
        Tier::Deep => Sizes {
            bare: (100_000, 0.02),
            dense: (384, 0.06),
        },
    };
    let gue = Ensemble::gue();
    let family = Family {
        law: TracyWidom::gue(),
        points: &[-3.5, -2.75, -2.0, -1.25, -0.5],
        models: models(gue, &sizes),
    };
    let mut plan = sized(family.plan());
    plan.rivals = family.theory_rivals("TW₁ for TW₂", TracyWidom::goe());
    // F₁² (Baik, Ben Arous and Péché) at x = 0 and −1.
    let critical = [0.0, -1.0].map(|x| TracyWidom::goe().cdf(x).powi(2));
    plan.rivals.extend(family.data_rivals(gue, critical));
    plan
}

/// S = 0, uniform with σ = 0.6, two atoms with σ = 0.8.
fn models(noise: Ensemble, sizes: &Sizes) -> Vec<Model> {
    let uniform = Signal::diagonal(SignalShape::Uniform { lo: -0.6, hi: 0.6 });
    let dense = |ensemble, signal| Model::new(ensemble, signal, sizes.dense.0, sizes.dense.1);
    vec![
        Model::new(noise, Signal::zero(), sizes.bare.0, sizes.bare.1),
        dense(noise.with_sigma(0.6), uniform),
        dense(noise.with_sigma(0.8), two_atom()),
    ]
}

/// Where the models stand in [`models`].
const BARE: usize = 0;
const UNIFORM: usize = 1;
const TWO_ATOM: usize = 2;

/// Models that share a limit law, and the x at which it is looked at.
struct Family {
    law: TracyWidom,
    points: &'static [f64],
    models: Vec<Model>,
}

impl Family {
    fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        let expected: Vec<f64> = self.points.iter().map(|&x| self.law.cdf(x)).collect();
        for (e, model) in self.models.iter().enumerate() {
            let edge = model.edge();
            let levels: Vec<f64> = self.points.iter().map(|&x| edge.level(x)).collect();
            plan.experiments
                .push(model.experiment(&levels, &expected, 1, 0.0));
            let cells = self.points.iter().zip(&expected).enumerate();
            plan.cells
                .extend(cells.map(|(o, (&x, &theory))| model.cell((e, o), x, theory)));
        }
        plan
    }

    fn theory_rivals(&self, other: &str, other_law: TracyWidom) -> Vec<Rival> {
        let zoomed = |edge: &Edge, level: f64, scale: f64, zoom: f64| {
            (level - edge.location - edge.displacement) * scale * zoom
        };
        vec![
            self.wrong(other, BARE, |x, _, _| other_law.cdf(x)),
            self.wrong(
                "centred normal law of the same variance",
                BARE,
                |x, _, _| normal_cdf(x / self.law.variance().sqrt()),
            ),
            self.wrong("√N for N^⅔", BARE, |_, edge, level| {
                let zoom = (self.models[BARE].n as f64).sqrt();
                self.law.cdf(zoomed(edge, level, edge.scale, zoom))
            }),
            self.wrong("σ⁴ omitted from a", UNIFORM, |_, edge, level| {
                let sigma = self.models[UNIFORM].ensemble.sigma();
                let scale = edge.scale * sigma.powf(4.0 / 3.0);
                self.law.cdf(zoomed(edge, level, scale, edge.zoom()))
            }),
            self.wrong(
                "semicircle of the same mean and variance",
                TWO_ATOM,
                |_, edge, level| {
                    let (centre, radius) = self.models[TWO_ATOM].semicircle();
                    self.law
                        .cdf((level - centre - 2.0 * radius) / radius * edge.zoom())
                },
            ),
        ]
    }

    /// A theory that claims `wrong(x, edge, level)` for P(λ₁ ≤ level), on the claim's samples.
    fn wrong(&self, name: &str, e: usize, wrong: impl Fn(f64, &Edge, f64) -> f64) -> Rival {
        let model = &self.models[e];
        let edge = model.edge();
        let cells = self.points.iter().enumerate().map(|(o, &x)| RivalCell {
            cell: model.cell((e, o), x, wrong(x, &edge, edge.level(x))),
            expected: self.law.cdf(x),
            uncertainty: edge.inner(),
        });
        on_same_samples(name, cells.collect())
    }

    /// Other data, judged at the levels of x = 0 and −1 of S = 0.
    fn data_rivals(&self, noise: Ensemble, critical: [f64; 2]) -> Vec<Rival> {
        let louder = noise.with_sigma(1.05f64.sqrt());
        let own = &self.models[BARE];
        let wide = Model {
            ensemble: louder,
            ..own.clone()
        };
        let shifted = [0.0, -1.0].map(|x| {
            let edge = wide.edge();
            let level = own.edge().level(x);
            self.law
                .cdf((level - edge.location - edge.displacement) * edge.scale * edge.zoom())
        });
        let rival = |name: &str, side, model: &Model, replicates, spike, expected: [f64; 2]| {
            let points = [0.0, -1.0];
            let levels = points.map(|x| own.edge().level(x));
            let cells = (0..2).map(|o| RivalCell {
                cell: Model {
                    ensemble: model.ensemble,
                    ..own.clone()
                }
                .cell((0, o), points[o], self.law.cdf(points[o])),
                expected: expected[o],
                // What N^{−1/3} may do at N = 1000, where nothing is known of its constant.
                uncertainty: if spike == 1.0 {
                    0.1
                } else {
                    edge_uncertainty(model)
                },
            });
            Rival {
                name: name.into(),
                side,
                cells: cells.collect(),
                experiments: vec![model.experiment(&levels, &expected, replicates, spike)],
            }
        };
        vec![
            rival("variance 1.05", Side::Data, &wide, 512, 0.0, shifted),
            rival(
                "a spike at the threshold, θ = σ",
                Side::Hypothesis,
                own,
                1536,
                1.0,
                critical,
            ),
            // λ₁ → 2.5, and it is Gaussian with standard deviation below 0.04.
            rival(
                "a spike above the threshold, θ = 2σ",
                Side::Hypothesis,
                own,
                512,
                2.0,
                [0.0, 0.0],
            ),
        ]
    }
}

fn edge_uncertainty(model: &Model) -> f64 {
    model.edge().inner()
}

impl Model {
    /// Mean and standard deviation of the limit of the ESD.
    fn semicircle(&self) -> (f64, f64) {
        let t = eigenvalues(&self.signal, self.n);
        let n = t.len() as f64;
        let mean = t.iter().sum::<f64>() / n;
        let variance = t.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / n;
        (mean, (variance + self.ensemble.sigma().powi(2)).sqrt())
    }
}

/// Φ(x) of the normal law.
fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / 2f64.sqrt())
}
