//! Gradient flow on random features of fixed data: the training error in time.

use super::bench::{Bench, INDEPENDENT, Weights};
use super::cells::{Cut, Judged, add_judged, extrapolated, mistaken};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{on_own_samples, on_same_samples};
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
            meaning: "At the n, N and times listed, for one fixed data set, the mean training error over the weights is that of the limit up to the \
                      tolerance shown. At quick an allowance of order 1/n is made. Above, 2·mean(2n) − mean(n) is judged, where that order \
                      cancels: the 2n data are the n data twice, in orthogonal spaces. The error is cut to an interval around its limit, so \
                      that its mean has a proved interval.",
            source: Source {
                work: "lm",
                locus: "our F2",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// The times, all tiers; the last is not looked at at quick.
const TIMES: [f64; 3] = [0.5, 2.0, 5.0];

/// Errors at the times are cut to these multiples of their limits, at quick: they vary by 0.1 to 0.2 of them.
const CUTS: [(f64, f64); 3] = [(0.5, 1.6), (0.3, 2.0), (0.3, 2.0)];
/// At n = 24, where they vary by 0.08 to 0.13, 0.17 to 0.24 and 0.23 to 0.32 of their limits.
const SMALL_CUTS: [(f64, f64); 3] = [(0.4, 1.8), (0.2, 2.8), (0.1, 3.5)];
/// At n = 48: by 0.7 of that.
const LARGE_CUTS: [(f64, f64); 3] = [(0.5, 1.6), (0.3, 2.2), (0.2, 2.8)];

/// B of the allowances B/n at the times 0.5, 2 and 5, in units of (1/n)|y|²: twice the largest |n·bias| of
/// `docs/derivations/features_bias.md`.
fn allowances(activation: Activation) -> [f64; 3] {
    match activation {
        Activation::Relu => [0.5, 0.9, 1.2],
        _ => [0.4; 3],
    }
}

/// A network, at the sizes that are judged.
struct Row {
    /// Of n data, and in a contrast of these twice.
    fits: Vec<Fitted>,
    /// What is called agreement at each time, relative to the limit.
    margins: &'static [f64],
}

/// One size.
struct Fitted {
    bench: Arc<Bench>,
    times: &'static [f64],
    limits: Vec<f64>,
    cuts: &'static [(f64, f64); 3],
}

impl Row {
    /// At as many of the times as there are margins.
    fn new(bench: Bench, margins: &'static [f64], contrast: bool) -> Self {
        let times = &TIMES[..margins.len()];
        let fitted = |bench: Bench, cuts| Fitted {
            limits: flows(&bench, &bench.limit, times),
            bench: Arc::new(bench),
            times,
            cuts,
        };
        let fits = if contrast {
            let twice = bench.doubled();
            vec![fitted(bench, &SMALL_CUTS), fitted(twice, &LARGE_CUTS)]
        } else {
            vec![fitted(bench, &CUTS)]
        };
        Self { fits, margins }
    }

    /// What limits, right or wrong ones, say about the times.
    fn extrapolated(&self, limits: impl Fn(&Fitted) -> Vec<f64>) -> Vec<f64> {
        let all: Vec<Vec<f64>> = self.fits.iter().map(limits).collect();
        let of_time = |o| extrapolated(&all.iter().map(|list| list[o]).collect::<Vec<_>>());
        (0..self.margins.len()).map(of_time).collect()
    }

    fn judged(&self) -> Vec<Judged> {
        let bench = &self.fits[0].bench;
        let allowances = allowances(bench.activation).map(|b| b * bench.power());
        let of_time = self.margins.iter().enumerate().map(|(o, &margin)| {
            let limits: Vec<f64> = self.fits.iter().map(|fit| fit.limits[o]).collect();
            Judged::new(&limits, allowances[o], bench.n(), margin)
        });
        of_time.collect()
    }

    /// One for each size, with these weights.
    fn experiments(&self, weights: Weights) -> Vec<Experiment> {
        let fits = self.fits.iter();
        fits.map(|fit| fit.experiment(weights)).collect()
    }
}

/// Limits for other weights than the theorem's: equal neurons count once, in a time that is so many times longer.
fn of_weights(fit: &Fitted, weights: Weights) -> Vec<f64> {
    let bench = &fit.bench;
    let (scaled, _) = bench.scaled(weights.scale);
    let distinct = scaled.with_neurons(bench.neurons / weights.copies);
    let longer: Vec<f64> = fit
        .times
        .iter()
        .map(|t| t * weights.copies as f64)
        .collect();
    flows(bench, &distinct.expect("some are distinct"), &longer)
}

/// Limits at several times.
fn flows(bench: &Bench, limit: &FixedFeatures, times: &[f64]) -> Vec<f64> {
    let labels = bench.labels.as_slice();
    let at = times.iter().map(|&t| limit.flow(t, labels));
    at.map(|x| x.expect("times of claims are short")).collect()
}

impl Fitted {
    /// Errors are cut to an interval around θ and what these weights give.
    fn experiment(&self, weights: Weights) -> Experiment {
        let (bench, times) = (self.bench.clone(), self.times);
        let typical = of_weights(self, weights);
        let pairs = self.limits.iter().zip(&typical).zip(self.cuts);
        let cuts: Vec<Cut> = pairs
            .map(|((&truth, &typical), &ends)| {
                // e^{−2tA} ≤ 1: no error is larger than (1/n)|y|², up to rounding.
                Cut::over(truth, typical, ends).at_most((1.0 + 1e-9) * bench.power())
            })
            .collect();
        // Standard deviations are about 0.6 to 1.5 times 1/√n of the error; only the design reckons with that.
        let root = (bench.n() as f64).sqrt();
        let deviations = [0.7, 1.2, 1.6].map(|x| x / root);
        let observables = (0..times.len()).map(|o| {
            let name = format!("training error, t = {}", times[o]);
            cuts[o].observable(name, typical[o], deviations[o] * typical[o])
        });
        Experiment {
            law: bench.law(),
            signal: bench.signal(),
            n: bench.n(),
            replicates: 64,
            observables: observables.collect(),
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
}

/// Networks of a tier.
fn design(tier: Tier) -> Vec<Row> {
    use Activation::{Erf, Relu};
    let row = |activation, n: usize, ratio: f64, margins, contrast| {
        let neurons = (ratio * n as f64) as usize;
        Row::new(Bench::new(activation, n, neurons), margins, contrast)
    };
    const WIDE: &[f64] = &[0.2, 0.3, 0.4];
    const NARROW: &[f64] = &[0.03; 3];
    match tier {
        Tier::Quick => vec![
            row(Relu, 32, 0.5, &[0.25; 2], false),
            row(Erf, 32, 0.5, &[0.13; 2], false),
        ],
        Tier::Standard => [(Relu, 1.0), (Erf, 0.5), (Erf, 1.0)]
            .map(|(activation, ratio)| row(activation, 24, ratio, WIDE, true))
            .into(),
        Tier::Deep => {
            let ratios = [0.5, 1.0, 2.0].map(|ratio| [(Relu, ratio), (Erf, ratio)]);
            let each = ratios.as_flattened().iter();
            each.map(|&(activation, ratio)| row(activation, 48, ratio, NARROW, true))
                .collect()
        }
    }
}

fn plan(tier: Tier) -> Plan {
    let rows = design(tier);
    let mut plan = Plan::default();
    for row in &rows {
        add_judged(&mut plan, row.experiments(INDEPENDENT), row.judged());
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&rows, &plan.cells);
    // At the smallest sizes in all tiers: what is wrong there is as wrong at larger ones.
    let small = match tier {
        Tier::Quick => Row::new(Bench::new(Activation::Erf, 32, 16), &[0.0; 2], false),
        _ => Row::new(Bench::new(Activation::Erf, 24, 12), &[0.0; 2], true),
    };
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
    let other = |name: &str, wrong: &dyn Fn(&Fitted) -> Vec<f64>| {
        let mut rest = cells;
        let mut judged = vec![];
        for row in rows {
            let (of_row, others) = rest.split_at(row.margins.len());
            let wrong = row.extrapolated(wrong);
            let pairs = of_row.iter().zip(wrong);
            judged.extend(pairs.map(|(cell, x)| mistaken(cell, x)));
            rest = others;
        }
        on_same_samples(name, judged)
    };
    let at = |fit: &Fitted, factor: f64| {
        let times: Vec<f64> = fit.times.iter().map(|t| factor * t).collect();
        flows(&fit.bench, &fit.bench.limit, &times)
    };
    vec![
        other("infinitely many neurons: the kernel (N/n)K", &|fit| {
            // 10⁹ N neurons, and a time as much shorter.
            let many = fit.bench.with_neurons(MANY * fit.bench.neurons).limit;
            let times: Vec<f64> = fit.times.iter().map(|t| t / MANY as f64).collect();
            flows(&fit.bench, &many, &times)
        }),
        other("e^{−tA} for e^{−2tA}", &|fit| at(fit, 0.5)),
        other("e^{−4tA} for e^{−2tA}", &|fit| at(fit, 2.0)),
    ]
}

/// A number of neurons that is as good as infinite.
const MANY: usize = 1_000_000_000;

fn other_data(name: &str, side: Side, row: &Row, weights: Weights) -> Rival {
    let mut experiments = row.experiments(weights);
    for experiment in &mut experiments {
        // The halfwidths of two sizes add up.
        experiment.replicates = if row.fits.len() == 1 { 1_024 } else { 3_000 };
    }
    let at: Vec<usize> = (0..experiments.len()).collect();
    let expected = row.extrapolated(|fit| of_weights(fit, weights));
    let pairs = row.judged().into_iter().zip(expected).enumerate();
    let cells = pairs.map(|(o, (judged, expected))| RivalCell {
        cell: judged.cell(&experiments, &at, o),
        expected,
        // Twice the bias of first order for fewer neurons or another kernel, four times that of second.
        uncertainty: judged.inner * 2f64.powi(at.len() as i32),
    });
    let cells = cells.collect();
    on_own_samples(name, side, experiments, cells)
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
