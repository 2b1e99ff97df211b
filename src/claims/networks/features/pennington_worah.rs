//! The spectrum of f(WX)f(WX)ᵀ/m.

mod model;

use super::cells::{Judged, mistaken};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{on_own_samples, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Rival, RivalCell, Side, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::activation::Activation;
use model::Model;

/// Pennington and Worah.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/pennington-worah",
            title: "Spectrum of random features",
            statement: "M = YYᵀ/m, Y = f(WX), W n₁ × n₀ of variance 1/n₀, X n₀ × m of variance 1, E f = 0. As all sizes grow together, n₀/m → φ, \
                        n₀/n₁ → ψ, the spectrum of M tends to that of a sample covariance matrix of m samples whose population is ζ·MP(1/ψ) + η \
                        − ζ, η = E f², ζ = (E f′)²: with this population H, m(−γ) = ∫dH/(λ/(1 + δ) + γ), δ = (n₁/m)∫λdH/(λ/(1 + δ) + γ).",
            formula: r"\tfrac1{n_1}\operatorname{tr}(M+\gamma)^{-1}\longrightarrow\int\frac{H(d\lambda)}{\frac{\lambda}{1+\delta}+\gamma},\qquad H=\zeta\,\mathrm{MP}(1/\psi)+(\eta-\zeta)",
            meaning: "At the n₀, shapes and γ listed the mean of tr(M + γ)⁻¹/n₁ is that of the limit up to the tolerance shown: for an activation with \
                      both parts (ReLU without its mean, erf), for one without a linear part (cos without its mean) and for the identity, \
                      a product of two matrices. At quick an allowance of order 1/n₀ is made; above, 2·mean(2n₀) − mean(n₀) is judged, where that \
                      order cancels. Entries of W and X are ±1 as well, and above quick uniform: for smooth f their law enters by terms of order 1/n₀ only. \
                      Variances are bounded by Poincaré's inequality; for ±1 the trace is cut to an interval around its limit.",
            source: Source {
                work: "lm",
                locus: "our C4",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// A comparison, at the sizes of its tier.
struct Row {
    /// At n₀, and in a contrast at 2n₀.
    models: Vec<Model>,
    /// Relative to the limit.
    margin: f64,
}

impl Row {
    fn new(ks: &[usize], base: (Activation, usize, f64), margin: f64) -> Self {
        let (activation, shape, gamma) = base;
        let models = ks.iter().map(|&k| Model::new(activation, k, shape, gamma));
        Self {
            models: models.collect(),
            margin,
        }
    }

    /// Other models than the theorem's, by `change`.
    fn changed(&self, change: impl Fn(Model) -> Model) -> Self {
        Self {
            models: self.models.iter().map(|&model| change(model)).collect(),
            ..*self
        }
    }

    /// The limit depends on the shape only: it is that of all sizes.
    fn judged(&self) -> Judged {
        let model = &self.models[0];
        let limits: Vec<f64> = self.models.iter().map(Model::theory).collect();
        Judged::new(&limits, model.allowance(), model.n0, self.margin)
    }
}

/// What a tier looks at.
fn rows(tier: Tier) -> Vec<Row> {
    use Activation::{Cos, Erf, Linear, Relu};
    use EntryLaw::{Gaussian, Rademacher, Uniform};
    let (ks, margins): (&[usize], [f64; 2]) = match tier {
        Tier::Quick => {
            let of = |base| Row::new(&[8], base, 0.07);
            return vec![
                of((Relu, 0, 1.0)),
                of((Erf, 1, 0.3)),
                of((Erf, 2, 1.0)),
                of((Cos, 1, 1.0)),
                of((Linear, 0, 1.0)),
                Row::new(&[8], (Erf, 1, 1.0), 0.1).changed(|model| Model {
                    laws: [Rademacher; 2],
                    ..model
                }),
            ];
        }
        Tier::Standard => (&[8, 16], [0.06, 0.06]),
        Tier::Deep => (&[64, 128], [0.01, 0.02]),
    };
    let mut bases = vec![
        (Relu, 0, 1.0),
        (Relu, 1, 1.0),
        (Relu, 2, 1.0),
        (Erf, 0, 1.0),
        (Erf, 1, 1.0),
        (Cos, 0, 1.0),
        (Cos, 2, 1.0),
        (Linear, 1, 1.0),
        (Linear, 2, 1.0),
        (Cos, 1, 0.3),
    ];
    if tier == Tier::Deep {
        bases.extend([(Erf, 2, 1.0), (Cos, 1, 1.0), (Linear, 0, 1.0)]);
        bases.extend([(Relu, 0, 0.3), (Erf, 1, 0.3), (Relu, 2, 0.3)]);
    }
    let margin = |gamma: f64| margins[usize::from(gamma < 0.5)];
    let mut rows: Vec<Row> = bases
        .into_iter()
        .map(|base| Row::new(ks, base, margin(base.2)))
        .collect();
    let others = [
        ((Erf, 0, 1.0), [Uniform, Uniform]),
        ((Erf, 1, 1.0), [Rademacher, Rademacher]),
        ((Cos, 1, 1.0), [Gaussian, Rademacher]),
        ((Linear, 2, 1.0), [Rademacher, Uniform]),
    ];
    rows.extend(others.map(|(base, laws)| {
        // Wider: constants of other laws are larger.
        Row::new(ks, base, 1.6 * margin(1.0)).changed(|model| Model { laws, ..model })
    }));
    rows
}

fn plan(tier: Tier) -> Plan {
    let rows = rows(tier);
    let mut plan = Plan::default();
    for row in &rows {
        let first = plan.experiments.len();
        let drawn = row.models.iter().map(|model| model.experiment());
        plan.experiments.extend(drawn);
        let at: Vec<usize> = (first..plan.experiments.len()).collect();
        plan.cells
            .push(row.judged().cell(&plan.experiments, &at, 0));
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&rows, &plan.cells, tier);
    // At the smallest sizes in all tiers: what is wrong there is as wrong at larger ones.
    let ks: &[usize] = if tier == Tier::Quick { &[8] } else { &[8, 16] };
    let erf = Row::new(ks, (Activation::Erf, 1, 0.3), 0.0);
    let quieter = erf.changed(|model| Model {
        scale: 0.5,
        ..model
    });
    let paired = erf.changed(|model| Model { copies: 2, ..model });
    let others = [
        ("weights of variance 1/(4n₀)", Side::Data, quieter),
        ("each row of W twice", Side::Hypothesis, paired),
    ];
    plan.rivals
        .extend(others.map(|(name, side, row)| other_data(name, side, &erf, &row)));
    plan
}

/// A wrong limit from a model, its (η, ζ) and its (φ, ψ).
type Wrong = dyn Fn(&Model, (f64, f64), (f64, f64)) -> f64;

fn theory_rivals(rows: &[Row], cells: &[Cell], tier: Tier) -> Vec<Rival> {
    let other = |name: &str, wrong: &Wrong| {
        let judged = rows.iter().zip(cells).map(|(row, cell)| {
            // The shape is that of all sizes.
            let model = &row.models[0];
            mistaken(cell, wrong(model, model.moments(), model.shape()))
        });
        on_same_samples(name, judged.collect())
    };
    let mut rivals = vec![
        other(
            "ζ = 0: Marchenko–Pastur for every f",
            &|model, (eta, _), shape| model.limit((eta, 0.0), shape),
        ),
        other("φ for ψ and ψ for φ", &|model, moments, (phi, psi)| {
            model.limit(moments, (psi, phi))
        }),
        other("MP(ψ) for MP(1/ψ)", &|model, moments, (phi, psi)| {
            // ψ enters the population and the ratio c = φ/ψ, which stays.
            model.limit(moments, (phi / (psi * psi), 1.0 / psi))
        }),
    ];
    if tier != Tier::Quick {
        // Too close to be told apart at the sizes of the quick tier.
        rivals.push(other(
            "ζ = η: every f linear",
            &|model, (eta, _), shape| model.limit((eta, eta), shape),
        ));
    }
    rivals
}

/// Other data, judged by the limits of `truth`.
fn other_data(name: &str, side: Side, truth: &Row, row: &Row) -> Rival {
    let mut experiments: Vec<Experiment> = row.models.iter().map(|m| m.experiment()).collect();
    for experiment in &mut experiments {
        // The halfwidths of two sizes add up.
        experiment.replicates = 800 * row.models.len().pow(2);
    }
    let at: Vec<usize> = (0..experiments.len()).collect();
    let judged = truth.judged();
    let cell = RivalCell {
        cell: judged.cell(&experiments, &at, 0),
        expected: row.judged().theory,
        // Half as many rows: twice the bias of first order, four times that of second.
        uncertainty: judged.inner * 2f64.powi(at.len() as i32),
    };
    on_own_samples(name, side, experiments, vec![cell])
}
