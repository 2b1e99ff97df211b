//! Ridge regression on random features of fixed data: resolvent, training and test error.

use super::bench::{Bench, INDEPENDENT, Weights};
use super::cells::{Cut, Judged, add_judged, extrapolated, mistaken};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{on_own_samples, on_same_samples};
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
                      this n and N, up to the tolerance shown. At quick an allowance of order 1/n is made. Above, 2·mean(2n) − mean(n) is \
                      judged, where that order cancels: the 2n data are the n data twice, in orthogonal spaces. The errors are cut to \
                      intervals around their limits, so that their means have proved intervals. The weights are normal: K is a mean over them, so \
                      that another law of the weights would be another theorem.",
            source: Source {
                work: "lm",
                locus: "our D1",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// A network, its ridge and its data, at the sizes that are judged.
struct Row {
    /// Of n data, and in a contrast of these twice.
    fits: Vec<Fitted>,
    gamma: f64,
    /// What is called agreement in tr Q/n, training and test error, relative to their limits.
    margins: [f64; 3],
}

/// One size.
struct Fitted {
    bench: Arc<Bench>,
    limits: Limits,
    /// Of the training and the test error, in multiples of their limits.
    cuts: [(f64, f64); 2],
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
    /// One size, or with `contrast` also twice that.
    fn new(bench: Bench, gamma: f64, margins: [f64; 3], contrast: bool) -> Self {
        let fitted = |bench: Bench, cuts| Fitted {
            limits: Limits::new(&bench, &bench.limit, &bench.test, gamma),
            bench: Arc::new(bench),
            cuts,
        };
        let fits = if contrast {
            let twice = bench.doubled();
            vec![fitted(bench, SMALL_CUTS), fitted(twice, LARGE_CUTS)]
        } else {
            vec![fitted(bench, CUTS)]
        };
        Self {
            fits,
            gamma,
            margins,
        }
    }

    /// The smallest size.
    fn bench(&self) -> &Bench {
        &self.fits[0].bench
    }

    /// B of the allowances B/n, at least twice the largest |n·bias| of `docs/derivations/features_bias.md`. Errors are in units of
    /// (1/n)|y|².
    fn allowances(&self) -> [f64; 3] {
        let [trace, train, test] = match (self.bench().activation, self.gamma < 0.3) {
            (Activation::Relu, false) => [0.8, 1.0, 0.6],
            (Activation::Relu, true) => [8.0, 1.5, 1.2],
            (_, false) => [0.1, 0.4, 0.6],
            (_, true) => [0.9, 0.5, 1.2],
        };
        let power = self.bench().power();
        [trace, train * power, test * power]
    }

    /// What limits, right or wrong ones, say about the three observables.
    fn extrapolated(&self, limits: impl Fn(&Fitted) -> Limits) -> [f64; 3] {
        let all: Vec<[f64; 3]> = self.fits.iter().map(|fit| limits(fit).list()).collect();
        [0, 1, 2].map(|o| extrapolated(&all.iter().map(|list| list[o]).collect::<Vec<_>>()))
    }

    /// (θ, τ0, τ) of the observables.
    fn judged(&self) -> [Judged; 3] {
        let allowances = self.allowances();
        [0, 1, 2].map(|o| {
            let limits: Vec<f64> = self.fits.iter().map(|fit| fit.limits.list()[o]).collect();
            Judged::new(&limits, allowances[o], self.bench().n(), self.margins[o])
        })
    }

    /// One for each size, with these weights.
    fn experiments(&self, weights: Weights) -> Vec<Experiment> {
        let fits = self.fits.iter();
        fits.map(|fit| fit.experiment(self.gamma, weights))
            .collect()
    }
}

impl Fitted {
    /// K² of the Lipschitz constant of (1/n)tr Q in W.
    ///
    /// Singular values of Σ/√n move by L‖X‖‖dW‖_F/√n in ℓ², min(N, n) of them are not 0, and |d(1/(s² + γ))/ds| ≤
    /// (3√3/8)γ^{−3/2}.
    fn trace_proxy(&self, gamma: f64) -> f64 {
        let bench = &self.bench;
        let n = bench.n() as f64;
        let rank = bench.neurons.min(bench.n()) as f64;
        let lipschitz = bench
            .activation
            .lipschitz()
            .expect("claims use Lipschitz activations");
        let slope = 3.0 * 3f64.sqrt() / 8.0 * gamma.powf(-1.5);
        (slope * lipschitz * bench.norm / n).powi(2) * rank / n
    }

    /// Errors are cut to an interval around θ and what these weights give.
    fn experiment(&self, gamma: f64, weights: Weights) -> Experiment {
        let bench = self.bench.clone();
        let (truth, typical) = (self.limits, Limits::of_weights(&bench, gamma, weights));
        let cuts = [
            // γQ ≤ 1: no training error is larger than (1/n)|y|², up to rounding.
            Cut::over(truth.train, typical.train, self.cuts[0])
                .at_most((1.0 + 1e-9) * bench.power()),
            Cut::over(truth.test, typical.test, self.cuts[1]),
        ];
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
                        variance_proxy: self.trace_proxy(gamma) * weights.scale.powi(2) * copies,
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

/// Training and test errors are cut to these multiples of their limits, here at n = 32 and N = 16: they vary by a quarter of them, so that this
/// cuts what is rarer than 1e-4.
const CUTS: [(f64, f64); 2] = [(0.25, 2.0); 2];
/// At n = 24, where they vary by 0.23 to 0.37 of their limits, to the right more than to the left.
const SMALL_CUTS: [(f64, f64); 2] = [(0.1, 3.5), (0.2, 3.0)];
/// At n = 48: by 0.15 to 0.24.
const LARGE_CUTS: [(f64, f64); 2] = [(0.2, 2.6), (0.3, 2.2)];

/// Networks of a tier.
fn design(tier: Tier) -> Vec<Row> {
    use Activation::{Erf, Relu};
    let (n, gammas, margins): (usize, &[f64], [f64; 3]) = match tier {
        Tier::Quick => {
            let row = |activation, gamma, margins| {
                Row::new(Bench::new(activation, 32, 16), gamma, margins, false)
            };
            return vec![
                row(Erf, 0.1, [0.1, 0.17, 0.2]),
                row(Relu, 0.5, [0.1, 0.3, 0.3]),
            ];
        }
        Tier::Standard => (24, &[0.1], [0.16, 0.33, 0.27]),
        Tier::Deep => (64, &[0.1, 0.5], [0.02, 0.05, 0.05]),
    };
    let mut networks = vec![(Relu, 0.5), (Relu, 2.0), (Erf, 0.5), (Erf, 1.0)];
    if tier == Tier::Deep {
        networks.extend([(Relu, 1.0), (Erf, 2.0)]);
    }
    let mut rows = vec![];
    for (activation, ratio) in networks {
        let bench = Bench::new(activation, n, (ratio * n as f64) as usize);
        let new = |&gamma| Row::new(bench.clone(), gamma, margins, true);
        rows.extend(gammas.iter().map(new));
    }
    rows
}

fn plan(tier: Tier) -> Plan {
    let rows = design(tier);
    let mut plan = Plan::default();
    for row in &rows {
        add_judged(&mut plan, row.experiments(INDEPENDENT), row.judged());
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&rows, &plan.cells);
    let (paired, wide) = (
        Weights {
            scale: 1.0,
            copies: 2,
        },
        Weights {
            scale: 2.0,
            copies: 1,
        },
    );
    plan.rivals.push(data_rival(
        "each neuron twice",
        Side::Hypothesis,
        &rows[0],
        paired,
    ));
    // At the smallest sizes in all tiers: what is wrong there is as wrong at larger ones.
    let relu = match tier {
        Tier::Quick => Row::new(Bench::new(Activation::Relu, 32, 16), 0.5, [0.0; 3], false),
        _ => Row::new(Bench::new(Activation::Relu, 24, 12), 0.5, [0.0; 3], true),
    };
    plan.rivals
        .push(data_rival("weights of variance 4", Side::Data, &relu, wide));
    plan
}

fn theory_rivals(rows: &[Row], cells: &[Cell]) -> Vec<Rival> {
    // Observables o of all rows against another limit.
    let other = |name: &str, o: &[usize], wrong: &dyn Fn(&Bench, f64) -> Limits| {
        let pairs = rows.iter().zip(cells.chunks(3));
        let judged = pairs.flat_map(|(row, cells)| {
            let wrong = row.extrapolated(|fit| wrong(&fit.bench, row.gamma));
            o.iter().map(move |&i| mistaken(&cells[i], wrong[i]))
        });
        on_same_samples(name, judged.collect())
    };
    vec![
        other("training error of Q̄² alone", &[1], &first_order),
        other("test error without the variance over W", &[2], &first_order),
        other("infinitely many neurons", &[0, 1, 2], &|bench, gamma| {
            // δ = 0: Q̄ = ((N/n)K + γ)⁻¹, as 10⁹ N neurons give with a ridge as much larger.
            let many = bench.with_neurons(MANY * bench.neurons).limit;
            let factor = MANY as f64;
            let infinite = Limits::new(bench, &many, &bench.test, gamma * factor);
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
    let relu = pairs.find(|(row, _)| row.bench().activation == Activation::Relu);
    let (row, cells) = relu.expect("each tier has a ReLU");
    let wrong = row.extrapolated(|fit| {
        let bench = &fit.bench;
        Limits::new(bench, &bench.linear_limit(), &bench.test, row.gamma)
    });
    let pairs = cells.iter().zip(wrong);
    pairs.map(|(cell, wrong)| mistaken(cell, wrong)).collect()
}

/// A number of neurons that is as good as infinite.
const MANY: usize = 1_000_000_000;

/// What kernel ridge regression at κ has, without the variance over W: the limit of many neurons whose κ is that of ours.
fn first_order(bench: &Bench, gamma: f64) -> Limits {
    let kappa = bench.limit.kappa(gamma).expect("γ is positive").value;
    let many = bench.with_neurons(MANY).limit;
    let gamma = kappa * MANY as f64 / bench.n() as f64;
    Limits::new(bench, &many, &bench.test, gamma)
}

/// Other weights, judged by the theorem's limits.
fn data_rival(name: &str, side: Side, row: &Row, weights: Weights) -> Rival {
    let mut experiments = row.experiments(weights);
    for experiment in &mut experiments {
        // The halfwidths of two sizes add up.
        experiment.replicates = if row.fits.len() == 1 { 600 } else { 2_400 };
    }
    let at: Vec<usize> = (0..experiments.len()).collect();
    let expected = row.extrapolated(|fit| Limits::of_weights(&fit.bench, row.gamma, weights));
    let cells = row.judged().into_iter().zip(expected).enumerate();
    let cells = cells.map(|(o, (judged, expected))| RivalCell {
        cell: judged.cell(&experiments, &at, o),
        expected,
        uncertainty: judged.inner,
    });
    let cells = cells.collect();
    on_own_samples(name, side, experiments, cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_order_leaves_exactly_the_variance_over_the_weights_out() {
        let row = Row::new(Bench::new(Activation::Erf, 12, 6), 0.1, [0.1; 3], false);
        let bench = row.bench();
        let (first, limits) = (first_order(bench, 0.1), row.fits[0].limits);
        assert!(first.train < 0.95 * limits.train && first.test < limits.test);
        // Kernel ridge regression: y − f = κ(K + κ)⁻¹y, and (1/N)tr vanish as N → ∞.
        let kappa = bench.limit.kappa(0.1).unwrap().value;
        let solved = (bench.limit.with_neurons(1_000_000).unwrap())
            .train(kappa * 1e6 / 12.0, bench.labels.as_slice())
            .unwrap();
        assert!((first.train / solved - 1.0).abs() < 1e-4);
    }
}
