//! The risk of random features against their number: the peak where they are as many as the samples.

use super::cells::{Case, Cut};
use super::random_inputs::{RandomInputs, SCALE, TASK};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{cell, mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Replicate, Rival, RivalCell, Side, Tier};
use crate::equivalent::features::{RandomFeatures, Risk, Task};

/// Mei and Montanari, and the linear equivalent.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/double-descent",
            title: "Double descent of random features",
            statement: "N random features of n random inputs of dimension d, labels ⟨β, x⟩ + ε, ridge (N/d)λ. As N, n, d grow together \
                        the risk and the training error tend to those of ridge regression on the linear features μ₁Θx/√d + μ*g with \
                        the part of the signal that these miss added to the noise; the risk is also F₁²E₁/E₀ + Var ε·E₂/E₀ of the fixed point \
                        of Mei and Montanari. With little ridge it rises to a peak at N = n and falls again.",
            formula: r"R\to F_1^2\frac{\mathcal{E}_1}{\mathcal{E}_0}+\sigma^2\frac{\mathcal{E}_2}{\mathcal{E}_0}=\frac{\kappa^2 a_*^{\mathsf T}S(S+\kappa)^{-2}a_*+(\sigma^2+s)\,\mathrm{df}_2}{1-\mathrm{df}_2}+s",
            meaning: "At n = 2d and the N listed, for erf and Gaussian inputs, the mean errors are those of the limit up to an allowance of order \
                      1/n and the tolerance shown, on both sides of the peak and on it. β and ε are averaged exactly in every draw. \
                      Errors are cut to intervals around their limits, so that their means have proved intervals.",
            source: Source {
                work: "lm",
                locus: "our D2, D3",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

const LAMBDA: f64 = 0.01;

/// The two numbers of a case are those of the risk and the training error.
const CASES: [Case; 3] = [
    Case {
        ratio: 0.5,
        allowances: [0.6, 0.4],
        cuts: [(0.7, 1.3), (0.6, 1.4)],
    },
    Case {
        ratio: 1.0,
        allowances: [3.2, 0.5],
        cuts: [(0.7, 1.3), (0.5, 1.6)],
    },
    Case {
        ratio: 2.0,
        allowances: [2.0, 0.2],
        cuts: [(0.7, 1.4), (0.25, 2.4)],
    },
];

struct Row {
    model: RandomInputs,
    limit: RandomFeatures,
    risk: Risk,
    case: &'static Case,
}

impl Row {
    fn new(n: usize, case: usize) -> Self {
        let case = &CASES[case];
        let model = RandomInputs {
            scale: SCALE,
            n,
            d: n / 2,
            neurons: (case.ratio * n as f64) as usize,
            task: TASK,
            copies: 1,
        };
        let limit = model.limit();
        Self {
            risk: limit.equivalent(LAMBDA, TASK).expect("λ is positive"),
            limit,
            model,
            case,
        }
    }

    fn cuts(&self) -> [Cut; 2] {
        [
            Cut::around(self.risk.test, self.case.cuts[0]),
            Cut::around(self.risk.train, self.case.cuts[1]),
        ]
    }

    /// τ0 of risk and training error.
    fn inner(&self) -> [f64; 2] {
        self.case.allowances.map(|b| b / self.model.n as f64)
    }
}

/// An experiment that returns the risk and the training error, cut.
fn experiment(model: RandomInputs, risk: Risk, cuts: [Cut; 2]) -> Experiment {
    let n = model.n as f64;
    // Traces: standard deviations of order 1/n, here of about 2/n to 4/n of the value. Only the design reckons with that.
    let guess = |x: f64| 6.0 * x / n;
    Experiment {
        law: format!("erf({SCALE}t)"),
        signal: format!("d = {}, N = {}", model.d, model.neurons),
        n: model.n,
        replicates: 64,
        observables: vec![
            cuts[0].observable(format!("risk, λ = {LAMBDA}"), risk.test, guess(risk.test)),
            cuts[1].observable(
                format!("training error, λ = {LAMBDA}"),
                risk.train,
                guess(risk.train),
            ),
        ],
        replicate: Replicate::alone(move |rng, _| {
            let errors = model.ridge(LAMBDA, rng)?;
            Ok(vec![
                cuts[0].apply(errors.test),
                cuts[1].apply(errors.train),
            ])
        }),
    }
}

fn plan(tier: Tier) -> Plan {
    // n of each of CASES, relative margins.
    let (sizes, margins) = match tier {
        Tier::Quick => ([32, 32, 20], [0.27, 0.45]),
        Tier::Standard => ([64, 64, 48], [0.12, 0.2]),
        Tier::Deep => ([256, 256, 256], [0.02, 0.03]),
    };
    let rows: Vec<Row> = (0..3).map(|i| Row::new(sizes[i], i)).collect();
    let mut plan = Plan::default();
    for (e, row) in rows.iter().enumerate() {
        plan.experiments
            .push(experiment(row.model, row.risk, row.cuts()));
        let theories = [row.risk.test, row.risk.train];
        for (o, (theory, inner)) in theories.into_iter().zip(row.inner()).enumerate() {
            let outer = inner + margins[o] * theory;
            plan.cells
                .push(cell(&plan.experiments, (e, o), theory, inner, outer));
        }
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&rows, &plan.cells);
    plan.rivals.push(paired(&rows[2]));
    plan.rivals.push(noisier(&rows[0]));
    plan
}

fn theory_rivals(rows: &[Row], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Row) -> Option<f64>| {
        let pairs = rows.iter().zip(cells.chunks(2));
        let judged = pairs.filter_map(|(row, cells)| Some(mistaken(&cells[0], wrong(row)?)));
        on_same_samples(name, judged.collect())
    };
    let known = "λ is positive";
    let missed = |row: &Row| row.limit.missed(TASK);
    vec![
        other("linear features alone, μ* = 0", &|row| {
            let (psi1, psi2) = (row.limit.psi1(), row.limit.psi2());
            let linear = RandomFeatures::new(psi1, psi2, row.limit.linear(), 1e-4).ok()?;
            Some(linear.equivalent(LAMBDA, TASK).expect(known).test)
        }),
        other("missed signal not in the noise", &|row| {
            // The risk is affine in the noise, with this slope.
            let louder = Task {
                noise: TASK.noise + 1.0,
                ..TASK
            };
            let slope = row.limit.equivalent(LAMBDA, louder).expect(known).test - row.risk.test;
            Some(row.risk.test - slope * missed(row))
        }),
        other("missed signal forgotten in the end", &|row| {
            Some(row.risk.test - missed(row))
        }),
        other("ridge λ in place of (N/d)λ", &|row| {
            let lambda = LAMBDA / row.limit.psi1();
            // At N = d they agree.
            let differs = row.limit.psi1() != 1.0;
            differs.then(|| row.limit.equivalent(lambda, TASK).expect(known).test)
        }),
        other("no peak: the risk at N = n/2 or 2n for N = n", &|row| {
            let peak = row.model.neurons == row.model.n;
            peak.then_some(rows[2].risk.test)
        }),
    ]
}

/// Each neuron twice: N/2 distinct ones with the same λ (a vector b = 2a of coefficients and the ridge (N/2d)λ|b|²).
fn paired(row: &Row) -> Rival {
    let model = RandomInputs {
        copies: 2,
        ..row.model
    };
    other_data("each neuron twice", Side::Hypothesis, row, model)
}

/// Noise of twice the variance.
fn noisier(row: &Row) -> Rival {
    let mut model = row.model;
    model.task.noise *= 2.0;
    other_data("noise of twice the variance", Side::Data, row, model)
}

fn other_data(name: &str, side: Side, row: &Row, model: RandomInputs) -> Rival {
    let limit = model.limit();
    let expected = limit.equivalent(LAMBDA, model.task).expect("λ is positive");
    let cuts = [
        Cut::over(row.risk.test, expected.test, row.case.cuts[0]),
        Cut::over(row.risk.train, expected.train, row.case.cuts[1]),
    ];
    let mut experiments = vec![experiment(model, expected, cuts)];
    experiments[0].replicates = 1_100;
    // The bias of the other data is of the order of the largest of those listed.
    let uncertainty = CASES[1].allowances.map(|b| b / model.n as f64);
    let cells = [
        (0, row.risk.test, expected.test),
        (1, row.risk.train, expected.train),
    ];
    let cells = cells.map(|(o, theory, expected)| {
        let inner = row.inner()[o];
        RivalCell {
            cell: cell(&experiments, (0, o), theory, inner, inner),
            expected,
            uncertainty: uncertainty[o],
        }
    });
    Rival {
        name: name.into(),
        side,
        cells: cells.into(),
        experiments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_routes_agree_where_the_claim_looks_and_the_risk_peaks() {
        let risks = [0, 1, 2].map(|i| {
            let row = Row::new(32, i);
            let other = row.limit.risk(LAMBDA, TASK).unwrap();
            assert!((row.risk.test / other - 1.0).abs() < 1e-10);
            other
        });
        assert!(
            risks[1] > 1.15 * risks[0] && risks[1] > 1.5 * risks[2],
            "{risks:?}"
        );
    }
}
