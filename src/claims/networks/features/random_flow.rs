//! Gradient flow on random features of random inputs: the risk in time.

use super::cells::{Case, Cut, Judged, add_judged, mistaken, on_other_data};
use super::random_inputs::{RandomInputs, SCALE, TASK};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::on_same_samples;
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Replicate, Rival, Side, Tier};
use crate::equivalent::features::{RandomFeatures, Task};
use std::sync::OnceLock;

/// The risk of random features along gradient flow, by the linear equivalent.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/features-flow-test",
            title: "Risk of random features in training",
            statement: "N random features of n random inputs of dimension d, labels ⟨β, x⟩ + ε, gradient flow from 0 on the output weights. As N, n, d \
                        grow together the risk at the time t tends to that of the linear features μ₁Θx/√d + μ*g with the missed part s of the \
                        signal added to the noise: bias(t) + (Var ε + s)·variance(t) + s, the bias a double contour integral with the factor \
                        1/(1 − T(z, z′)).",
            formula: r"R(t)\to\oint\!\!\oint\frac{e^{-t(z+z')}\,a_*^{\mathsf T}S\bar Q(z)\bar Q(z')a_*}{1-T(z,z')}\frac{dz\,dz'}{(2\pi i)^2}-(\sigma^2+s)\oint\frac{(1-e^{-tz})^2}{z}\,\delta(z)\frac{dz}{2\pi i}+s",
            meaning: "At n = 2d and the N and times listed, for erf and Gaussian inputs, the mean risk is that of the limit up to the tolerance shown. At quick an \
                      allowance of order 1/n is made; above, 2·mean(2n) − mean(n) is judged, where that order cancels. β and ε are averaged exactly in every draw. The risk is cut to an interval around its limit, so that its \
                      mean has a proved interval.",
            source: Source {
                work: "lm",
                locus: "our F4",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

const TIMES: [f64; 2] = [1.0, 5.0];

/// The two numbers of a case are those of the two times.
const CASES: [Case; 2] = [
    Case {
        ratio: 0.5,
        allowances: [0.2, 0.8],
        cuts: [(0.9, 1.1), (0.85, 1.15)],
        wide: [(0.8, 1.25), (0.7, 1.45)],
        deviations: [1.0, 1.4],
    },
    Case {
        ratio: 2.0,
        allowances: [0.9, 1.0],
        cuts: [(0.7, 1.3); 2],
        wide: [(0.7, 1.5); 2],
        deviations: [1.3; 2],
    },
];

/// The limit at one N/n, which all tiers share, and its wrong versions.
struct Limits {
    risk: [f64; 2],
    /// At twice the times.
    later: [f64; 2],
    /// Of the average of the fits, T = 0, without noise.
    averaged: [f64; 2],
    /// Per unit of noise: the risk is affine in it.
    variance: [f64; 2],
    missed: f64,
    /// Of ridge regression with γ = 1/t.
    ridge: [f64; 2],
}

impl Limits {
    fn new(limit: &RandomFeatures) -> Self {
        let known = "times of claims are short";
        let risk = TIMES.map(|t| flow(limit, t, TASK));
        let ridge = TIMES.map(|t| {
            let risk = limit.equivalent(1.0 / (t * limit.psi1()), TASK);
            risk.expect(known).test
        });
        Self {
            later: TIMES.map(|t| flow(limit, 2.0 * t, TASK)),
            averaged: TIMES.map(|t| limit.averaged_flow(t, TASK.signal).expect(known)),
            variance: TIMES.map(|t| limit.flow_variance(t).expect(known)),
            missed: limit.missed(TASK),
            risk,
            ridge,
        }
    }

    /// Double contours take a while: one evaluation for all tiers.
    fn of_case(case: usize) -> &'static Self {
        static LIMITS: OnceLock<[Limits; 2]> = OnceLock::new();
        let limits = LIMITS.get_or_init(|| [0, 1].map(|i| Self::new(&model(32, i).limit())));
        &limits[case]
    }
}

fn model(n: usize, case: usize) -> RandomInputs {
    RandomInputs {
        scale: SCALE,
        n,
        d: n / 2,
        neurons: (CASES[case].ratio * n as f64) as usize,
        task: TASK,
        copies: 1,
    }
}

struct Row {
    /// At n, and in a contrast at 2n.
    models: Vec<RandomInputs>,
    case: &'static Case,
    limits: &'static Limits,
    /// At the two times, relative to the limits.
    margins: [f64; 2],
}

impl Row {
    fn new(sizes: &[usize], case: usize, margins: [f64; 2]) -> Self {
        Self {
            models: sizes.iter().map(|&n| model(n, case)).collect(),
            case: &CASES[case],
            limits: Limits::of_case(case),
            margins,
        }
    }

    fn judged(&self) -> [Judged; 2] {
        [0, 1].map(|o| {
            let theories = vec![self.limits.risk[o]; self.models.len()];
            let allowance = self.case.allowances[o];
            Judged::new(&theories, allowance, self.models[0].n, self.margins[o])
        })
    }

    /// One for each size: `change` is what differs from the theorem's model, `risks` what comes out.
    fn experiments(
        &self,
        change: impl Fn(RandomInputs) -> RandomInputs,
        risks: [f64; 2],
    ) -> Vec<Experiment> {
        let models = self.models.iter().enumerate();
        models
            .map(|(index, &model)| {
                let ends = self.case.cuts_at(index, self.models.len());
                let cuts = [0, 1].map(|o| Cut::over(self.limits.risk[o], risks[o], ends[o]));
                experiment(change(model), risks, self.case, cuts)
            })
            .collect()
    }
}

fn flow(limit: &RandomFeatures, t: f64, task: Task) -> f64 {
    limit.flow(t, task).expect("times of claims are short")
}

fn experiment(model: RandomInputs, risks: [f64; 2], case: &Case, cuts: [Cut; 2]) -> Experiment {
    let observables = [0, 1].map(|i| {
        let name = format!("risk, t = {}", TIMES[i]);
        let deviation = case.deviations[i] * risks[i] / model.n as f64;
        cuts[i].observable(name, risks[i], deviation)
    });
    Experiment {
        law: format!("erf({SCALE}t)"),
        signal: format!("d = {}, N = {}", model.d, model.neurons),
        n: model.n,
        replicates: 64,
        observables: observables.into(),
        replicate: Replicate::alone(move |rng, _| {
            let risks = model.flow(&TIMES, rng)?;
            Ok(risks
                .iter()
                .zip(&cuts)
                .map(|(&x, cut)| cut.apply(x))
                .collect())
        }),
    }
}

fn plan(tier: Tier) -> Plan {
    // Sizes and relative margins at the two times, for each N/n.
    let designs: [(&[usize], [f64; 2]); 2] = match tier {
        Tier::Quick => [(&[32], [0.0255, 0.1]), (&[16], [0.25, 0.25])],
        Tier::Standard => [(&[24, 48], [0.025, 0.05]), (&[24, 48], [0.15, 0.15])],
        Tier::Deep => [(&[128, 256], [0.006, 0.01]), (&[64, 128], [0.03, 0.03])],
    };
    let rows = [0, 1].map(|i| Row::new(designs[i].0, i, designs[i].1));
    let mut plan = Plan::default();
    for row in &rows {
        add_judged(
            &mut plan,
            row.experiments(|model| model, row.limits.risk),
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
    plan.rivals.extend([
        other_data(
            "noise of twice the variance",
            Side::Data,
            &small,
            |mut model| {
                model.task.noise *= 2.0;
                model
            },
        ),
        other_data("each neuron twice", Side::Hypothesis, &small, |model| {
            RandomInputs { copies: 2, ..model }
        }),
    ]);
    plan
}

fn theory_rivals(rows: &[Row; 2], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Limits, usize) -> f64| {
        let pairs = rows.iter().zip(cells.chunks(2));
        let judged = pairs.flat_map(|(row, cells)| {
            let of_row = cells.iter().enumerate();
            of_row.map(move |(i, cell)| mistaken(cell, wrong(row.limits, i)))
        });
        on_same_samples(name, judged.collect())
    };
    vec![
        other("T = 0 in the bias", &|limits, i| {
            limits.averaged[i] + (TASK.noise + limits.missed) * limits.variance[i]
        }),
        other("missed signal not in the noise", &|limits, i| {
            limits.risk[i] - limits.variance[i] * limits.missed
        }),
        other("missed signal forgotten in the end", &|limits, i| {
            limits.risk[i] - limits.missed
        }),
        other("time 2t", &|limits, i| limits.later[i]),
        other("ridge regression with γ = 1/t", &|limits, i| {
            limits.ridge[i]
        }),
    ]
}

/// Other data, judged by the theorem's limits.
fn other_data(
    name: &str,
    side: Side,
    row: &Row,
    change: impl Fn(RandomInputs) -> RandomInputs,
) -> Rival {
    // Equal neurons count once, in a time that is so many times longer.
    let model = change(row.models[0]);
    let limit = model.limit();
    let expected = TIMES.map(|t| flow(&limit, model.copies as f64 * t, model.task));
    let experiments = row.experiments(change, expected);
    let sizes = row.models.len();
    // The halfwidths of two sizes add up.
    let replicates = if sizes == 1 { 768 } else { 3_200 };
    // Half as many neurons, or twice the noise: twice the bias of first order, four times that of second.
    let allowances = 2f64.powi(sizes as i32);
    on_other_data((name, side), experiments, replicates, row.judged(), |o| {
        (expected[o], allowances)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The flow to the time t is as good as a ridge of 1/t up to a factor (Ali, Kolter and Tibshirani): in the limit too.
    #[test]
    fn risks_in_time_are_within_the_known_factor_of_ridge() {
        for case in [0, 1] {
            let limits = Limits::of_case(case);
            for i in [0, 1] {
                let factor = (limits.risk[i] - limits.missed) / (limits.ridge[i] - limits.missed);
                assert!(factor < 1.6862 && factor > 0.2, "{case} {i}: {factor}");
            }
        }
    }
}
