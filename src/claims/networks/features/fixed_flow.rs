//! Gradient flow on random features of fixed data: the training error in time.

use super::bench::{Bench, INDEPENDENT, Weights};
use super::cells::Cut;
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{cell, mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Replicate, Rival, RivalCell, Side, Tier};
use crate::equivalent::activation::Activation;
use crate::equivalent::features::FixedFeatures;
use std::sync::Arc;

/// The training error of random features along gradient flow.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/features-flow",
            title: "Training of random features",
            statement: "Fixed inputs X and labels y, Σ = s(WX) with N Gaussian neurons, K = E s(Xᵀw)s(wᵀX). Under gradient flow from 0 on the output \
                        weights the training error at the time t, (1/n)yᵀe^{−2tΣᵀΣ/n}y, tends to −(1/2πi)∮e^{−2tz}(1/n)yᵀ((N/n)K/(1 + δ(z)) − \
                        z)⁻¹y dz, δ(z) = (1/n)tr K((N/n)K/(1 + δ(z)) − z)⁻¹, around the spectrum and 0.",
            formula: r"\tfrac1n y^{\mathsf T}e^{-2t\Sigma^{\mathsf T}\Sigma/n}y\;+\;\frac1{2\pi i}\oint e^{-2tz}\,\tfrac1n y^{\mathsf T}\Bigl(\frac Nn\frac{K}{1+\delta(z)}-z\Bigr)^{-1}y\,dz\;\longrightarrow\;0",
            meaning: "At the n, N and times listed, for one fixed data set, the mean training error over the weights is that of the limit up to an allowance \
                      of order 1/n and the tolerance shown. The error is cut to a quarter and twice its limit, so that its mean has a \
                      proved interval.",
            source: Source {
                work: "lm",
                locus: "our F2",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// As in `random_features`: the errors vary by a fifth of their limits or less.
const CUT: (f64, f64) = (0.25, 2.0);

/// B of the allowances B/n at the times 0.5, 2 and 5, in units of (1/n)|y|²: twice the largest |n·bias| of
/// `docs/derivations/features_bias.md`.
fn allowances(activation: Activation) -> [f64; 3] {
    match activation {
        Activation::Relu => [0.5, 0.9, 1.2],
        _ => [0.4; 3],
    }
}

struct Row {
    bench: Arc<Bench>,
    times: &'static [f64],
    limits: Vec<f64>,
}

impl Row {
    fn new(bench: Bench, times: &'static [f64]) -> Self {
        Self {
            limits: flows(&bench, &bench.limit, times),
            bench: Arc::new(bench),
            times,
        }
    }

    fn inner(&self) -> [f64; 3] {
        let unit = self.bench.power() / self.bench.n() as f64;
        allowances(self.bench.activation).map(|b| b * unit)
    }
}

/// Limits at several times.
fn flows(bench: &Bench, limit: &FixedFeatures, times: &[f64]) -> Vec<f64> {
    let labels = bench.labels.as_slice();
    let at = times.iter().map(|&t| limit.flow(t, labels));
    at.map(|x| x.expect("times of claims are short")).collect()
}

fn experiment(row: &Row, weights: Weights, typical: &[f64], cuts: Vec<Cut>) -> Experiment {
    let (bench, times) = (row.bench.clone(), row.times);
    // Standard deviations are about 1/√n of the error; only the design reckons with that.
    let guess = |x: f64| 1.3 * x / (bench.n() as f64).sqrt();
    let observables = times.iter().zip(&cuts).zip(typical);
    let observables = observables
        .map(|((t, cut), &x)| cut.observable(format!("training error, t = {t}"), x, guess(x)))
        .collect();
    Experiment {
        law: bench.law(),
        signal: bench.signal(),
        n: bench.n(),
        replicates: 64,
        observables,
        replicate: Replicate::alone(move |rng, _| {
            let errors = bench.flow(times, weights, rng)?;
            Ok(errors
                .iter()
                .zip(&cuts)
                .map(|(&x, cut)| cut.apply(x))
                .collect())
        }),
    }
}

fn plan(tier: Tier) -> Plan {
    use Activation::{Erf, Relu};
    const SHORT: &[f64] = &[0.5, 2.0];
    const LONG: &[f64] = &[0.5, 2.0, 5.0];
    // Relative margins of ReLU and erf.
    let (n, times, ratios, margins): (usize, _, &[f64], [f64; 2]) = match tier {
        Tier::Quick => (32, SHORT, &[0.5], [0.25, 0.1]),
        Tier::Standard => (48, LONG, &[0.5, 1.0], [0.2, 0.1]),
        Tier::Deep => (128, LONG, &[0.5, 1.0, 2.0], [0.03; 2]),
    };
    let mut rows = vec![];
    for activation in [Relu, Erf] {
        let base = Bench::new(activation, n, n);
        let benches = ratios
            .iter()
            .map(|ratio| base.with_neurons((ratio * n as f64) as usize));
        rows.extend(benches.map(|bench| Row::new(bench, times)));
    }
    let mut plan = Plan::default();
    for (e, row) in rows.iter().enumerate() {
        let cuts = row.limits.iter().map(|&x| Cut::around(x, CUT)).collect();
        plan.experiments
            .push(experiment(row, INDEPENDENT, &row.limits, cuts));
        let margin = margins[usize::from(row.bench.activation == Erf)];
        for (o, &theory) in row.limits.iter().enumerate() {
            let inner = row.inner()[o];
            plan.cells.push(cell(
                &plan.experiments,
                (e, o),
                theory,
                inner,
                inner + margin * theory,
            ));
        }
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&rows, &plan.cells);
    // At the smallest size in all tiers: what is wrong there is as wrong at larger ones.
    let small = Row::new(Bench::new(Erf, 32, 16), SHORT);
    let faint = Weights {
        scale: 0.2,
        copies: 1,
    };
    let paired = Weights {
        scale: 1.0,
        copies: 4,
    };
    plan.rivals.push(other_data(
        "weights of variance 1/25",
        Side::Data,
        &small,
        faint,
    ));
    plan.rivals.push(other_data(
        "each neuron four times",
        Side::Hypothesis,
        &small,
        paired,
    ));
    plan
}

fn theory_rivals(rows: &[Row], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Row) -> Vec<f64>| {
        let mut rest = cells;
        let mut judged = vec![];
        for row in rows {
            let (of_row, others) = rest.split_at(row.times.len());
            judged.extend(
                of_row
                    .iter()
                    .zip(wrong(row))
                    .map(|(cell, x)| mistaken(cell, x)),
            );
            rest = others;
        }
        on_same_samples(name, judged)
    };
    let at = |row: &Row, factor: f64| {
        let times: Vec<f64> = row.times.iter().map(|t| factor * t).collect();
        flows(&row.bench, &row.bench.limit, &times)
    };
    vec![
        other("infinitely many neurons: the kernel (N/n)K", &|row| {
            // 10⁹ N neurons, and a time as much shorter.
            let many = row.bench.with_neurons(MANY * row.bench.neurons).limit;
            let times: Vec<f64> = row.times.iter().map(|t| t / MANY as f64).collect();
            flows(&row.bench, &many, &times)
        }),
        other("e^{−tA} for e^{−2tA}", &|row| at(row, 0.5)),
        other("e^{−4tA} for e^{−2tA}", &|row| at(row, 2.0)),
    ]
}

/// A number of neurons that is as good as infinite.
const MANY: usize = 1_000_000_000;

fn other_data(name: &str, side: Side, row: &Row, weights: Weights) -> Rival {
    // Equal neurons count once, in a time that is so many times longer.
    let (scaled, _) = row.bench.scaled(weights.scale);
    let distinct = scaled.with_neurons(row.bench.neurons / weights.copies);
    let times: Vec<f64> = row
        .times
        .iter()
        .map(|t| t * weights.copies as f64)
        .collect();
    let expected = flows(&row.bench, &distinct.expect("some are distinct"), &times);
    let pairs = row.limits.iter().zip(&expected);
    let cuts = pairs.map(|(&a, &b)| Cut::over(a, b, (0.5, 1.6))).collect();
    let mut experiments = vec![experiment(row, weights, &expected, cuts)];
    experiments[0].replicates = 1_200;
    let inner = row.inner();
    let pairs = row.limits.iter().zip(&expected).enumerate();
    let cells = pairs.map(|(o, (&theory, &expected))| RivalCell {
        cell: cell(&experiments, (0, o), theory, inner[o], inner[o]),
        expected,
        // Twice the bias, for fewer neurons or another kernel.
        uncertainty: 2.0 * inner[o],
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
    fn infinitely_many_neurons_follow_the_kernel() {
        let bench = Bench::new(Activation::Erf, 10, 5);
        let many = bench.with_neurons(MANY * 5).limit;
        let short = flows(&bench, &many, &[2.0 / MANY as f64])[0];
        // e^{−2t(N/n)K} by its series, in steps of 1/64.
        let kernel = bench.limit.covariance().population();
        let largest = kernel.largest();
        assert!(
            short > (-2.0 * 2.0 * 0.5 * largest).exp() * bench.power() && short < bench.power()
        );
        let other = bench.with_neurons(MANY).limit;
        let same = flows(&bench, &other, &[10.0 / MANY as f64])[0];
        assert!((short / same - 1.0).abs() < 1e-6, "{short} {same}");
    }
}
