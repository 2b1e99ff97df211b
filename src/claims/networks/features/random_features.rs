//! Ridge regression on random features of fixed data: resolvent, training and test error.

use super::bench::{Bench, INDEPENDENT, Weights};
use super::cells::{Cut, Judged};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{cell, mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{
    Cell, Experiment, Observable, Plan, Replicate, Rival, RivalCell, Side, Tail, Tier,
};
use crate::equivalent::activation::Activation;
use crate::equivalent::features::{FixedFeatures, TestSet};
use std::sync::Arc;

/// Louart, Liao and Couillet.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/random-features",
            title: "Random features on fixed data",
            statement: "Inputs X and labels y are fixed, Σ = s(WX) with N independent standard normal neurons. With K = E s(Xᵀw)s(wᵀX), \
                        Ψ = (N/n)K/(1 + δ), Q̄ = (Ψ + γ)⁻¹, δ = (1/n)tr KQ̄: Q = (ΣᵀΣ/n + γ)⁻¹ has the equivalent Q̄, and the \
                        training and test errors of ridge regression on Σ tend to those of kernel ridge regression with the ridge κ \
                        = γ(n/N)(1 + δ), plus a variance over W.",
            formula: r"\tfrac1n\operatorname{tr}Q-\tfrac1n\operatorname{tr}\bar Q\to0,\qquad E_{\rm train}-\frac{\gamma^2}{n}y^{\mathsf T}\bar Q\Bigl[\frac{\frac1N\operatorname{tr}\Psi\bar Q^2}{1-\frac1N\operatorname{tr}(\Psi\bar Q)^2}\Psi+I\Bigr]\bar Qy\to0",
            meaning: "At the n and N listed, for one fixed data set, the mean of each quantity over the weights is that of the limit at \
                      this n and N, up to an allowance of order 1/n and the tolerance shown. The errors are cut to a quarter \
                      and twice their limits, so that their means have proved intervals.",
            source: Source {
                work: "lm",
                locus: "our D1",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// A network, its data, its ridge and the limits.
struct Row {
    bench: Arc<Bench>,
    gamma: f64,
    limits: Limits,
    /// What is called agreement in tr Q/n, training and test error, relative to their limits.
    margins: [f64; 3],
}

/// The limits of the three observables.
#[derive(Clone, Copy)]
struct Limits {
    trace: f64,
    train: f64,
    test: f64,
}

impl Limits {
    fn new(bench: &Bench, limit: &FixedFeatures, test: &TestSet, gamma: f64) -> Self {
        let known = "a bench fits its own kernel";
        let labels = bench.labels.as_slice();
        Self {
            trace: limit.trace(gamma).expect(known).value,
            train: limit.train(gamma, labels).expect(known),
            test: limit.test(gamma, labels, test).expect(known),
        }
    }

    /// For other weights than the theorem's. ΣᵀΣ is `copies` times that of the distinct neurons, so Q = Q′(γ/copies)/copies
    /// and the errors are those at γ/copies.
    fn of_weights(bench: &Bench, gamma: f64, weights: Weights) -> Self {
        let copies = weights.copies as f64;
        let (limit, test) = bench.scaled(weights.scale);
        let distinct = limit.with_neurons(bench.neurons / weights.copies);
        let distinct = distinct.expect("some neurons are distinct");
        let inner = Self::new(bench, &distinct, &test, gamma / copies);
        Self {
            trace: inner.trace / copies,
            ..inner
        }
    }

    fn list(self) -> [f64; 3] {
        [self.trace, self.train, self.test]
    }
}

impl Row {
    fn new(bench: Bench, gamma: f64, margins: [f64; 3]) -> Self {
        Self {
            limits: Limits::new(&bench, &bench.limit, &bench.test, gamma),
            bench: Arc::new(bench),
            gamma,
            margins,
        }
    }

    /// B of the allowances B/n, at least twice the largest |n·bias| of `docs/derivations/features_bias.md`. Errors are in units of
    /// (1/n)|y|².
    fn allowances(&self) -> [f64; 3] {
        let [trace, train, test] = match (self.bench.activation, self.gamma < 0.3) {
            (Activation::Relu, false) => [0.8, 1.0, 0.6],
            (Activation::Relu, true) => [8.0, 1.5, 1.2],
            (_, false) => [0.1, 0.4, 0.6],
            (_, true) => [0.9, 0.5, 1.2],
        };
        let power = self.bench.power();
        [trace, train * power, test * power]
    }

    /// (θ, τ0, τ) of the observables.
    fn judged(&self) -> [Judged; 3] {
        let (limits, allowances) = (self.limits.list(), self.allowances());
        [0, 1, 2].map(|i| {
            let inner = allowances[i] / self.bench.n() as f64;
            Judged {
                theory: limits[i],
                inner,
                outer: inner + self.margins[i] * limits[i],
            }
        })
    }

    /// Of the training and the test error.
    fn cuts(&self) -> [Cut; 2] {
        [
            Cut::around(self.limits.train, CUT),
            Cut::around(self.limits.test, CUT),
        ]
    }

    /// K² of the Lipschitz constant of (1/n)tr Q in W.
    ///
    /// Singular values of Σ/√n move by L‖X‖‖dW‖_F/√n in ℓ², min(N, n) of them are not 0, and |d(1/(s² + γ))/ds| ≤
    /// (3√3/8)γ^{−3/2}.
    fn trace_proxy(&self) -> f64 {
        let bench = &self.bench;
        let n = bench.n() as f64;
        let rank = bench.neurons.min(bench.n()) as f64;
        let lipschitz = bench
            .activation
            .lipschitz()
            .expect("claims use Lipschitz activations");
        let slope = 3.0 * 3f64.sqrt() / 8.0 * self.gamma.powf(-1.5);
        (slope * lipschitz * bench.norm / n).powi(2) * rank / n
    }

    fn experiment(&self, weights: Weights, typical: Limits, cuts: [Cut; 2]) -> Experiment {
        let (bench, gamma) = (self.bench.clone(), self.gamma);
        // Standard deviations of the errors are about one to two times 1/√n of them; only the design reckons with that.
        let guess = |x: f64| 2.0 * x / (bench.n() as f64).sqrt();
        let name = |what: &str| format!("{what}, γ = {gamma}");
        let copies = weights.copies as f64;
        Experiment {
            law: bench.law(),
            signal: bench.signal(),
            n: bench.n(),
            replicates: 64,
            observables: vec![
                Observable {
                    name: name("tr Q/n"),
                    tail: Tail::SubGaussian {
                        variance_proxy: self.trace_proxy() * weights.scale.powi(2) * copies,
                    },
                    typical: typical.trace,
                },
                cuts[0].observable(name("training error"), typical.train, guess(typical.train)),
                cuts[1].observable(name("test error"), typical.test, guess(typical.test)),
            ],
            replicate: Replicate::alone(move |rng, _| {
                let fit = bench.fit(gamma, weights, rng)?;
                Ok(vec![
                    fit.trace,
                    cuts[0].apply(fit.train),
                    cuts[1].apply(fit.test),
                ])
            }),
        }
    }
}

/// Errors are cut to these multiples of their limits. They vary by a fifth of them or less, so that this cuts nothing but what is
/// rarer than 1e-4.
const CUT: (f64, f64) = (0.25, 2.0);

/// Networks of a tier.
fn design(tier: Tier) -> Vec<Row> {
    use Activation::{Erf, Relu};
    let (n, gammas, margins): (usize, &[f64], [f64; 3]) = match tier {
        Tier::Quick => {
            let row = |activation, gamma, margins| {
                Row::new(Bench::new(activation, 32, 16), gamma, margins)
            };
            return vec![
                row(Erf, 0.1, [0.1, 0.17, 0.2]),
                row(Relu, 0.5, [0.1, 0.3, 0.3]),
            ];
        }
        Tier::Standard => (48, &[0.1], [0.05, 0.15, 0.15]),
        Tier::Deep => (128, &[0.1, 0.5], [0.01, 0.03, 0.03]),
    };
    let mut rows = vec![];
    for activation in [Relu, Erf] {
        let base = Bench::new(activation, n, n);
        for ratio in [0.5, 1.0, 2.0] {
            let bench = base.with_neurons((ratio * n as f64) as usize);
            let new = |&gamma| Row::new(bench.clone(), gamma, margins);
            rows.extend(gammas.iter().map(new));
        }
    }
    rows
}

fn plan(tier: Tier) -> Plan {
    let rows = design(tier);
    let mut plan = Plan::default();
    for (e, row) in rows.iter().enumerate() {
        plan.experiments
            .push(row.experiment(INDEPENDENT, row.limits, row.cuts()));
        for (o, judged) in row.judged().into_iter().enumerate() {
            let Judged {
                theory,
                inner,
                outer,
            } = judged;
            plan.cells
                .push(cell(&plan.experiments, (e, o), theory, inner, outer));
        }
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&rows, &plan.cells);
    plan.rivals.push(data_rival(
        "each neuron twice",
        Side::Hypothesis,
        &rows[0],
        Weights {
            scale: 1.0,
            copies: 2,
        },
    ));
    plan.rivals.push(data_rival(
        "weights of variance 2",
        Side::Data,
        &rows[1],
        Weights {
            scale: 2f64.sqrt(),
            copies: 1,
        },
    ));
    plan
}

fn theory_rivals(rows: &[Row], cells: &[Cell]) -> Vec<Rival> {
    // Observables o of all rows against another limit.
    let other = |name: &str, o: &[usize], wrong: &dyn Fn(&Row) -> Limits| {
        let pairs = rows.iter().zip(cells.chunks(3));
        let judged = pairs.flat_map(|(row, cells)| {
            let wrong = wrong(row).list();
            o.iter().map(move |&i| mistaken(&cells[i], wrong[i]))
        });
        on_same_samples(name, judged.collect())
    };
    let wrong = |row: &Row, limit: &FixedFeatures, gamma: f64| {
        Limits::new(&row.bench, limit, &row.bench.test, gamma)
    };
    vec![
        other("training error of Q̄² alone", &[1], &first_order),
        other("test error without the variance over W", &[2], &first_order),
        other("infinitely many neurons", &[0, 1, 2], &|row| {
            // δ = 0: Q̄ = ((N/n)K + γ)⁻¹, as 10⁹ N neurons give with a ridge as much larger.
            let many = row.bench.with_neurons(MANY * row.bench.neurons).limit;
            let factor = MANY as f64;
            let infinite = wrong(row, &many, row.gamma * factor);
            Limits {
                trace: infinite.trace * factor,
                ..infinite
            }
        }),
        on_same_samples("linear kernel", linear_kernel(rows, cells)),
    ]
}

/// A ReLU's cells against the limit for the kernel of a linear network. (That of erf is not far from linear.)
fn linear_kernel(rows: &[Row], cells: &[Cell]) -> Vec<RivalCell> {
    let mut pairs = rows.iter().zip(cells.chunks(3));
    let relu = pairs.find(|(row, _)| row.bench.activation == Activation::Relu);
    let (row, cells) = relu.expect("each tier has a ReLU");
    let wrong = Limits::new(
        &row.bench,
        &row.bench.linear_limit(),
        &row.bench.test,
        row.gamma,
    );
    let pairs = cells.iter().zip(wrong.list());
    pairs.map(|(cell, wrong)| mistaken(cell, wrong)).collect()
}

/// A number of neurons that is as good as infinite.
const MANY: usize = 1_000_000_000;

/// What kernel ridge regression at κ has, without the variance over W: the limit of many neurons whose κ is that of ours.
fn first_order(row: &Row) -> Limits {
    let kappa = row
        .bench
        .limit
        .kappa(row.gamma)
        .expect("γ is positive")
        .value;
    let many = row.bench.with_neurons(MANY).limit;
    let gamma = kappa * MANY as f64 / row.bench.n() as f64;
    Limits::new(&row.bench, &many, &row.bench.test, gamma)
}

/// Other weights, judged by the theorem's limits.
fn data_rival(name: &str, side: Side, row: &Row, weights: Weights) -> Rival {
    let (truth, expected) = (
        row.limits,
        Limits::of_weights(&row.bench, row.gamma, weights),
    );
    // What these weights give must fit into the cut.
    let cuts = [
        Cut::over(truth.train, expected.train, CUT),
        Cut::over(truth.test, expected.test, CUT),
    ];
    let mut experiments = vec![row.experiment(weights, expected, cuts)];
    experiments[0].replicates = 600;
    let cells = row.judged().into_iter().zip(expected.list()).enumerate();
    let cells = cells.map(|(o, (judged, expected))| RivalCell {
        cell: cell(
            &experiments,
            (0, o),
            judged.theory,
            judged.inner,
            judged.outer,
        ),
        expected,
        uncertainty: judged.inner,
    });
    Rival {
        name: name.into(),
        side,
        cells: cells.collect(),
        experiments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_order_leaves_exactly_the_variance_over_the_weights_out() {
        let row = Row::new(Bench::new(Activation::Erf, 12, 6), 0.1, [0.1; 3]);
        let (first, limits) = (first_order(&row), row.limits);
        assert!(first.train < 0.95 * limits.train && first.test < limits.test);
        // Kernel ridge regression: y − f = κ(K + κ)⁻¹y, and (1/N)tr vanish as N → ∞.
        let kappa = row.bench.limit.kappa(0.1).unwrap().value;
        let solved = (row.bench.limit.with_neurons(1_000_000).unwrap())
            .train(kappa * 1e6 / 12.0, row.bench.labels.as_slice())
            .unwrap();
        assert!((first.train / solved - 1.0).abs() < 1e-4);
    }
}
