//! Fluctuations of one outlier: Gaussian and universal for GOE and GUE, neither for a localised spike.
#![doc = include_str!("../../docs/derivations/outlier_law.md")]

mod gaussian;
mod localised;

use super::Claim;
use super::common::{mistaken, on_same_samples};
use super::power::sized;

use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Plan, Rival, Tier};
use crate::ensemble::Ensemble;
use gaussian::Model;
use localised::Theory;

/// √N(λ − Φ_N(θ)) → N(0, 2σ²Φ′(θ)) for the GOE.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/outlier-fluctuation",
            title: "Fluctuations of an outlier",
            statement: "GOE: √N(λ − Φ_N(θ)) → N(0, 2σ²Φ′(θ)); GUE: half the variance. For other entries and a spike \
                        along a unit vector the law is not universal: it is the convolution of Φ′(θ)R₁₁ with a \
                        Gaussian, of variance (v_d + 2(1/Φ′ − 1) + κ₄s_ν′(θ))Φ′² for σ = 1.",
            formula: r"\sqrt N\bigl(\lambda-\Phi_N(\theta)\bigr)\Rightarrow\mathcal N\bigl(0,\,2\sigma^2\Phi'(\theta)\bigr)\ (\mathrm{GOE}),\qquad \Phi'(\theta)\,R_{11}+\mathcal N\bigl(0,\,(2/\Phi'-2+\kappa_4 s_\nu')\Phi'^2\bigr)\ (\text{spike along }e_1)",
            meaning: "GOE and GUE: N Var λ is 2σ²Φ′ and σ²Φ′ within the tolerance shown, and the distribution function \
                      is the normal one at −s, 0, s. Rademacher entries: λ follows R₁₁ with slope Φ′, and the law has \
                      two modes with nothing between them, which no Gaussian has. Checked at one spike a cell.",
            source: Source {
                work: "CDF",
                locus: "Theorem 2.2 (rank one)",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// ¾ δ_{−0.4} + ¼ δ_{1.2}, beyond the quick tier.
const TWO_ATOMS: &[(f64, f64)] = &[(-0.4, 0.75), (1.2, 0.25)];

/// Sizes and what is called agreement beyond τ0.
struct Scale {
    n: usize,
    dense: Option<usize>,
    discrete: usize,
    /// Relative to N Var λ.
    variance: f64,
    /// In probability.
    law: f64,
    /// E √N λξ₁₁ and the probability between the modes.
    localised: [f64; 2],
}

fn plan(tier: Tier) -> Plan {
    let scale = match tier {
        Tier::Quick => Scale {
            n: 400,
            dense: None,
            discrete: 60,
            variance: 0.4,
            law: 0.05,
            localised: [0.25, 0.15],
        },
        Tier::Standard => Scale {
            n: 1_000,
            dense: Some(48),
            discrete: 96,
            variance: 0.22,
            law: 0.03,
            localised: [0.12, 0.1],
        },
        Tier::Deep => Scale {
            n: 10_000,
            dense: Some(128),
            discrete: 256,
            variance: 0.08,
            law: 0.012,
            localised: [0.05, 0.04],
        },
    };
    let mut models = vec![
        spiked(Ensemble::goe(), scale.n, 1.5),
        spiked(Ensemble::gue().with_sigma(0.7), scale.n, 1.05),
    ];
    models.extend(scale.dense.map(|n| Model {
        ensemble: Ensemble::goe(),
        n,
        theta: 2.4,
        bulk: TWO_ATOMS,
    }));
    let mut plan = Plan::default();
    let mut variances = vec![];
    for model in &models {
        let e = plan.experiments.len();
        plan.experiments.push(model.experiment());
        variances.push(plan.cells.len());
        let cells = model.cells(&plan.experiments, e, scale.variance, scale.law);
        plan.cells.extend(cells);
    }
    let e = plan.experiments.len();
    plan.experiments.push(localised::experiment(scale.discrete));
    let discrete = plan.cells.len();
    plan.cells
        .extend(localised::cells(&plan.experiments, e, scale.localised));

    let mut plan = sized(plan);
    plan.rivals = variance_rivals(&plan.cells, &variances, &models);
    let theory = Theory::at(scale.discrete);
    plan.rivals
        .extend(localised_rivals(&plan.cells[discrete..], &theory));
    plan.rivals.push(localised::rotated(scale.localised));
    plan
}

fn spiked(ensemble: Ensemble, n: usize, theta: f64) -> Model {
    Model {
        ensemble,
        n,
        theta,
        bulk: &[],
    }
}

/// Other variances on the claim's samples.
fn variance_rivals(cells: &[Cell], at: &[usize], models: &[Model]) -> Vec<Rival> {
    let other = |name: &str, factor: fn(&Model) -> f64| {
        let pairs = at.iter().zip(models);
        let wrong =
            |(&c, model): (&usize, &Model)| mistaken(&cells[c], model.variance() * factor(model));
        on_same_samples(name, pairs.map(wrong).collect())
    };
    vec![
        other("Φ′ omitted", |model| model.slope().recip()),
        other("Φ′² for Φ′", Model::slope),
        other("β = 2 for β = 1 and conversely", |model| {
            match model.ensemble {
                Ensemble::Wigner { .. } => 0.5,
                Ensemble::Gue { .. } => 2.0,
            }
        }),
        other("σ in place of σ²", |model| {
            model.ensemble.sigma().recip()
        }),
    ]
}

/// Other laws for the localised spike on the claim's samples.
fn localised_rivals(cells: &[Cell], theory: &Theory) -> Vec<Rival> {
    let [share, between, below] = cells else {
        unreachable!("the localised spike has three cells")
    };
    let gaussian = |name: &str, variance: f64| {
        let window = Theory::gaussian(variance);
        let cells = vec![
            mistaken(between, window),
            mistaken(below, 0.5 * (1.0 - window)),
        ];
        on_same_samples(name, cells)
    };
    let shares = |name: &str, wrong: f64| on_same_samples(name, vec![mistaken(share, wrong)]);
    vec![
        gaussian("Gaussian law with the right variance", theory.variance),
        gaussian("universal law N(0, 2Φ′)", 2.0 * theory.slope),
        shares("R₁₁ without a share", 0.0),
        shares("λ moves as much as R₁₁/√N", std::f64::consts::SQRT_2),
    ]
}
