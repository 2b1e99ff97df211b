//! log det(I + Ĉ/γ): its limit, and the mean and variance at the order 1.

use super::model::{Judged, Model, Shape, judge};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Rival, Tail, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::covariance::LogDeterminant;

/// (1/n)log det(I + Ĉ/γ) → c∫log(1 + λ/κ) + log(κ/γ) − (1 − γ/κ).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/log-determinant",
            title: "Log-determinant of a sample covariance",
            statement: "L = log det(I + XXᵀ/(nγ)): L/n → (1/n)Σ log(1 + λ_i/κ) + log(κ/γ) − (1 − γ/κ), with E L − n·limit → ½log(1 − J₂) − ½κ₄J₂ \
                        and Var L → −2 log(1 − J₂) + κ₄J₂, J₂ = (1/n)tr C²(C + κ)⁻².",
            formula: r"\tfrac1n\log\det\bigl(I+\tfrac1{n\gamma}XX^{\mathsf T}\bigr)\to\tfrac1n\sum_i\log\bigl(1+\tfrac{\lambda_i}{\kappa}\bigr)+\log\tfrac{\kappa}{\gamma}-\bigl(1-\tfrac{\gamma}{\kappa}\bigr)",
            meaning: "The mean of the log-determinant, and its variance, are those of the limit within the tolerance shown, which is a fraction of one \
                      unit of the logarithm for a sum over p eigenvalues. At the quick tier only the leading term is resolved.",
            source: Source {
                work: "lm",
                locus: "our A8",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// A model at one ridge.
struct Case {
    model: Model,
    gamma: f64,
}

impl Case {
    fn limit(&self) -> LogDeterminant {
        LogDeterminant::new(&self.model.limit(), self.gamma).expect("γ > 0")
    }

    fn leading(&self) -> f64 {
        self.model.n as f64 * self.limit().limit()
    }

    /// L less its leading term, and the square of what then differs from its mean.
    ///
    /// As for tr Q: the next order is smaller by a factor of order 1/n, four times the size of the terms over n is allowed, and
    /// Var (F²) ≤ 4K²E F² ≤ 4K²(K² + what the mean misses).
    fn judged(&self, margins: [f64; 2]) -> Vec<Judged> {
        let (limit, n, fourth) = (self.limit(), self.model.n as f64, self.model.fourth());
        let (bias, variance) = (limit.bias(0.0), limit.variance(0.0));
        let size = |gauss: f64, whole: f64| gauss.abs() + (whole - gauss).abs();
        let rest = 4.0 * size(bias, limit.bias(fourth)) / n;
        let missed = rest * rest;
        let tail = self.model.log_det_tail(self.gamma);
        let Tail::SubGaussian { variance_proxy } = tail else {
            unreachable!("the laws of this claim are images of Gaussians")
        };
        let spread_rest = 4.0 * size(variance, limit.variance(fourth)) / n + missed;
        vec![
            Judged {
                name: format!("L − n·limit, γ = {}", self.gamma),
                tail,
                theory: limit.bias(fourth),
                inner: rest,
                outer: rest + margins[0] * bias.abs(),
            },
            Judged {
                name: format!("(L − E)², γ = {}", self.gamma),
                tail: Tail::Variance {
                    bound: 4.0 * variance_proxy * (variance_proxy + missed),
                },
                theory: limit.variance(fourth),
                inner: spread_rest,
                outer: spread_rest + margins[1] * variance,
            },
        ]
    }

    fn experiment(&self, judged: &[Judged]) -> Experiment {
        let observables = judged.iter().map(Judged::observable).collect();
        let (gamma, leading) = (self.gamma, self.leading());
        let centre = judged[0].theory;
        self.model.on_spectrum(observables, move |spectrum| {
            let value = spectrum.trace_and_log_det(gamma).1 - leading;
            Ok(vec![value, (value - centre).powi(2)])
        })
    }
}

fn plan(tier: Tier) -> Plan {
    use EntryLaw::{Gaussian, Uniform};
    use Shape::{Grid, TwoAtom};
    let row = |law, shape, (p, n), gamma: f64, margins: [f64; 2]| {
        let model = Model::new(law, shape, p, n);
        (Case { model, gamma }, margins)
    };
    let rows: Vec<(Case, [f64; 2])> = match tier {
        Tier::Quick => vec![
            row(Gaussian, TwoAtom, (16, 32), 1.0, [3.5, 2.0]),
            row(Gaussian, Grid, (32, 16), 2.0, [3.5, 2.0]),
        ],
        Tier::Standard => vec![
            row(Gaussian, TwoAtom, (16, 32), 1.0, [0.6, 0.6]),
            row(Gaussian, Grid, (32, 16), 2.0, [1.0, 1.0]),
            row(Uniform, TwoAtom, (16, 32), 1.0, [1.0, 1.0]),
        ],
        Tier::Deep => vec![
            row(Gaussian, TwoAtom, (64, 128), 1.0, [0.1, 0.15]),
            row(Gaussian, Grid, (64, 32), 2.0, [0.2, 0.3]),
            row(Uniform, TwoAtom, (64, 128), 1.0, [0.2, 0.3]),
        ],
    };
    let mut plan = Plan::default();
    for (case, margins) in &rows {
        let judged = case.judged(*margins);
        judge(&mut plan, case.experiment(&judged), &judged);
    }
    let mut plan = sized(plan);
    let cases: Vec<Case> = rows.into_iter().map(|row| row.0).collect();
    plan.rivals = theory_rivals(&cases, &plan.cells, tier);
    plan
}

fn theory_rivals(cases: &[Case], cells: &[Cell], tier: Tier) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Case) -> [Option<f64>; 2]| {
        let cells = cases.iter().zip(cells.chunks(2));
        let cells = cells.flat_map(|(case, cells)| {
            let pairs = cells.iter().zip(wrong(case));
            pairs
                .filter_map(|(cell, wrong)| Some(mistaken(cell, wrong?)))
                .collect::<Vec<_>>()
        });
        on_same_samples(name, cells.collect())
    };
    let kappa = |case: &Case| case.model.limit().kappa(case.gamma).expect("γ > 0").value;
    let bias = |case: &Case| case.limit().bias(case.model.fourth());
    let n = |case: &Case| case.model.n as f64;
    let volume = |case: &Case, ridge: f64| {
        let spectrum = case.model.spectrum();
        spectrum.iter().map(|x| (x / ridge).ln_1p()).sum::<f64>()
    };
    let mut rivals = vec![
        other("C for Ĉ: Σ log(1 + λ/γ)", &|x| {
            [Some(volume(x, x.gamma) - x.leading()), None]
        }),
        other("no −(1 − γ/κ)", &|x| {
            let term = 1.0 - x.gamma / kappa(x);
            [Some(bias(x) + n(x) * term), None]
        }),
        other("Σ log(1 + λ/κ) alone", &|x| {
            [Some(volume(x, kappa(x)) - x.leading()), None]
        }),
        other("a variance that grows like p", &|x| {
            [None, Some(x.limit().variance(0.0) * x.model.p as f64)]
        }),
    ];
    if tier != Tier::Quick {
        rivals.push(other(
            "no term of order 1, half the variance (complex entries)",
            &|x| [Some(0.0), Some(0.5 * x.limit().variance(0.0))],
        ));
        rivals.push(other("the opposite sign of the term of order 1", &|x| {
            [Some(-bias(x)), None]
        }));
    }
    rivals
}
