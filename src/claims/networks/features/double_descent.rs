//! The risk of random features against their number: the peak where they are as many as the samples.

use super::cells::{Case, Cut, Judged, add_judged, mistaken, on_other_data};
use super::random_inputs::{RandomInputs, SCALE, TASK};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::on_same_samples;
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Replicate, Rival, Side, Tier};
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
            meaning: "At n = 2d and the N listed, for erf and Gaussian inputs, the mean errors are those of the limit up to the tolerance \
                      shown, on both sides of the peak and on it. At quick an allowance of order 1/n is made; above, 2·mean(2n) − mean(n) is \
                      judged, where that order cancels. β and ε are averaged exactly in every draw. Errors are cut to intervals around their limits, so that their means have proved intervals.",
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
        wide: [(0.6, 2.0), (0.6, 1.6)],
        deviations: [3.0, 2.2],
    },
    Case {
        ratio: 1.0,
        allowances: [3.2, 0.5],
        cuts: [(0.7, 1.3), (0.5, 1.6)],
        wide: [(0.65, 1.6), (0.4, 2.0)],
        deviations: [2.2, 4.0],
    },
    Case {
        ratio: 2.0,
        allowances: [2.0, 0.2],
        cuts: [(0.7, 1.4), (0.25, 2.4)],
        wide: [(0.7, 1.5), (0.3, 2.6)],
        deviations: [1.6, 6.0],
    },
];

/// An N/n, with its limit.
struct Row {
    limit: RandomFeatures,
    risk: Risk,
    case: &'static Case,
    /// At n, and in a contrast at 2n.
    models: Vec<RandomInputs>,
    /// Of risk and training error, relative to their limits.
    margins: [f64; 2],
}

impl Row {
    fn new(sizes: &[usize], case: usize, margins: [f64; 2]) -> Self {
        let case = &CASES[case];
        let models: Vec<RandomInputs> = sizes
            .iter()
            .map(|&n| RandomInputs {
                scale: SCALE,
                n,
                d: n / 2,
                neurons: (case.ratio * n as f64) as usize,
                task: TASK,
                copies: 1,
            })
            .collect();
        // N/d and n/d are those of all sizes.
        let limit = models[0].limit();
        Self {
            risk: limit.equivalent(LAMBDA, TASK).expect("λ is positive"),
            limit,
            models,
            case,
            margins,
        }
    }

    fn judged(&self) -> [Judged; 2] {
        let limits = [self.risk.test, self.risk.train];
        [0, 1].map(|o| {
            let theories = vec![limits[o]; self.models.len()];
            let allowance = self.case.allowances[o];
            Judged::new(&theories, allowance, self.models[0].n, self.margins[o])
        })
    }

    /// One for each size: `change` is what differs from the theorem's model, `risk` what comes out.
    fn experiments(
        &self,
        change: impl Fn(RandomInputs) -> RandomInputs,
        risk: Risk,
    ) -> Vec<Experiment> {
        let models = self.models.iter().enumerate();
        models
            .map(|(index, &model)| {
                let [test, train] = self.case.cuts_at(index, self.models.len());
                let cuts = [
                    Cut::over(self.risk.test, risk.test, test),
                    Cut::over(self.risk.train, risk.train, train),
                ];
                experiment(change(model), risk, self.case, cuts)
            })
            .collect()
    }
}

/// An experiment that returns the risk and the training error, cut.
fn experiment(model: RandomInputs, risk: Risk, case: &Case, cuts: [Cut; 2]) -> Experiment {
    let [test, train] = case.deviations.map(|x| x / model.n as f64);
    Experiment {
        law: format!("erf({SCALE}t)"),
        signal: format!("d = {}, N = {}", model.d, model.neurons),
        n: model.n,
        replicates: 64,
        observables: vec![
            cuts[0].observable(format!("risk, λ = {LAMBDA}"), risk.test, test * risk.test),
            cuts[1].observable(
                format!("training error, λ = {LAMBDA}"),
                risk.train,
                train * risk.train,
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
    // Sizes for each of CASES, relative margins.
    let (sizes, margins): ([&[usize]; 3], [[f64; 2]; 3]) = match tier {
        Tier::Quick => ([&[32], &[32], &[20]], [[0.3, 0.5]; 3]),
        Tier::Standard => {
            // The training error is small where N = 2n: as much of it is less.
            ([&[24, 48]; 3], [[0.25, 0.3], [0.25, 0.3], [0.2, 0.45]])
        }
        Tier::Deep => ([&[128, 256]; 3], [[0.03, 0.04]; 3]),
    };
    let rows: Vec<Row> = (0..3).map(|i| Row::new(sizes[i], i, margins[i])).collect();
    let mut plan = Plan::default();
    for row in &rows {
        add_judged(
            &mut plan,
            row.experiments(|model| model, row.risk),
            row.judged(),
        );
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&rows, &plan.cells);
    // At the smallest sizes in all tiers: what is wrong there is as wrong at larger ones.
    let small: &[usize] = if tier == Tier::Quick {
        &[32]
    } else {
        &[24, 48]
    };
    let small = Row::new(small, 0, [0.0; 2]);
    plan.rivals.extend([paired(&small), noisier(&small)]);
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
            let peak = row.case.ratio == 1.0;
            peak.then_some(rows[2].risk.test)
        }),
    ]
}

/// Each neuron twice: N/2 distinct ones with the same λ (a vector b = 2a of coefficients and the ridge (N/2d)λ|b|²).
fn paired(row: &Row) -> Rival {
    other_data("each neuron twice", Side::Hypothesis, row, |model| {
        RandomInputs { copies: 2, ..model }
    })
}

/// Noise of twice the variance.
fn noisier(row: &Row) -> Rival {
    let name = "noise of twice the variance";
    other_data(name, Side::Data, row, |mut model| {
        model.task.noise *= 2.0;
        model
    })
}

fn other_data(
    name: &str,
    side: Side,
    row: &Row,
    change: impl Fn(RandomInputs) -> RandomInputs,
) -> Rival {
    let model = change(row.models[0]);
    let limit = model.limit();
    let risk = limit.equivalent(LAMBDA, model.task).expect("λ is positive");
    let expected = [risk.test, risk.train];
    let experiments = row.experiments(change, risk);
    // The halfwidths of two sizes add up.
    let replicates = if row.models.len() == 1 { 640 } else { 2_560 };
    on_other_data((name, side), experiments, replicates, row.judged(), |o| {
        // The bias of the other data is of the order of the largest of those listed.
        let largest = CASES[1].allowances[o] / row.case.allowances[o];
        (expected[o], largest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_routes_agree_where_the_claim_looks_and_the_risk_peaks() {
        let risks = [0, 1, 2].map(|i| {
            let row = Row::new(&[32], i, [0.2; 2]);
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
