//! Ridge regression: bias, variance, training error and in-sample risk for general C and aligned β.

use super::setting::{RidgeSums, Setting, covariance, mistaken, other_data, resolvent};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{cell, on_same_samples};
use crate::claims::power::sized;
use crate::design::{
    Experiment, Observable, Plan, Replicate, ReplicateError, Rival, RivalCell, Side, Tier,
};
use crate::ensemble::EntryLaw;
use crate::equivalent::regression::{Regression, Risk};
use faer::Mat;

/// The risks of ridge regression.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/ridge-risk",
            title: "Risk of ridge regression",
            statement: "y = Xᵀβ + ε, Var ε = s², w = QXy/n. With κ = γ + (κ/n)tr C(C + κ)⁻¹ and df₂ = (1/n)tr C²(C + κ)⁻²: the bias tends to \
                        κ²βᵀC(C + κ)⁻²β/(1 − df₂), the variance to s²df₂/(1 − df₂), the training error to (γ/κ)²(bias + variance + s²), the \
                        in-sample risk to (γ/κ)²(bias + variance) + s²(1 − γ/κ)². The next order, 1/n, is a derivative of log(1 − df₂) and is included.",
            formula: r"\mathbb{E}\,(x^\top(w-\beta))^2\;\longrightarrow\;\frac{\kappa^2\,\beta^\top C(C+\kappa)^{-2}\beta+\sigma^2\,\mathrm{df}_2}{1-\mathrm{df}_2},\qquad \tfrac1n\|y-X^\top w\|^2\;\longrightarrow\;\Bigl(\frac{\gamma}{\kappa}\Bigr)^2(B+V+\sigma^2)",
            meaning: "At the sizes listed, for normal and uniform entries (standard tier: also ±1), more and fewer features than samples, two eigenvalues of C and a β that prefers \
                      the smaller one, all four risks are the limit plus its 1/n term within the tolerance shown. The data are averaged over the noise and \
                      the signs of β by hand.",
            source: Source {
                work: "lm",
                locus: "our B1",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

const NAMES: [&str; 4] = ["bias", "variance", "train", "in-sample"];

/// Margins at quick.
const QUICK: [f64; 2] = [0.36, 0.2];

fn plan(tier: Tier) -> Plan {
    let (gauss, uniform) = (EntryLaw::Gaussian, EntryLaw::Uniform);
    let aligned = Setting::aligned;
    // (model, ridges) and what is called agreement, relative to the value: for the bias, and for the rest.
    let (rows, margins): (Vec<(Setting, Vec<f64>)>, [f64; 2]) = match tier {
        Tier::Quick => (
            vec![
                (aligned(gauss, 24, 48), vec![0.5]),
                (aligned(uniform, 24, 16), vec![1.0]),
            ],
            QUICK,
        ),
        Tier::Standard => (
            vec![
                (aligned(gauss, 48, 96), vec![0.5]),
                (aligned(gauss, 96, 48), vec![0.5]),
                (aligned(uniform, 64, 64), vec![0.5]),
                (aligned(EntryLaw::Rademacher, 32, 64), vec![0.5]),
            ],
            [0.12, 0.06],
        ),
        Tier::Deep => (
            vec![
                (aligned(gauss, 400, 800), vec![0.1, 0.5]),
                (aligned(gauss, 800, 400), vec![0.25]),
                (aligned(uniform, 500, 500), vec![0.5]),
                (aligned(EntryLaw::Rademacher, 300, 600), vec![0.5]),
            ],
            [0.02, 0.01],
        ),
    };
    let mut plan = Plan::default();
    let mut judged = vec![];
    for (setting, ridges) in rows {
        let e = plan.experiments.len();
        plan.experiments.push(experiment(&setting, &ridges));
        for (r, &gamma) in ridges.iter().enumerate() {
            for (k, (theory, inner)) in theory(&setting, gamma).into_iter().enumerate() {
                let at = (e, 4 * r + k);
                let outer = inner + margins[usize::from(k > 0)] * theory;
                plan.cells
                    .push(cell(&plan.experiments, at, theory, inner, outer));
                judged.push(Judged {
                    setting: setting.clone(),
                    gamma,
                    at,
                    kind: k,
                });
            }
        }
    }
    let mut plan = sized(plan);
    plan.rivals = rivals(&plan, &judged);
    plan
}

/// One cell's place.
struct Judged {
    setting: Setting,
    gamma: f64,
    at: (usize, usize),
    /// Index into `NAMES`.
    kind: usize,
}

fn values(risk: &Risk) -> [f64; 4] {
    [risk.bias, risk.variance, risk.train, risk.in_sample].map(|r| r.value)
}

fn limit(model: &Regression, gamma: f64) -> [f64; 4] {
    values(&model.ridge(gamma).expect("the claims' ridges are positive"))
}

/// Limit and 1/n term, and what is allowed for the rest: half of the 1/n term and 4/n² of the value.
///
/// The expansion is in 1/n (the entries are symmetric, so there is no n^{−3/2}), with coefficients of order 1.
fn theory(setting: &Setting, gamma: f64) -> [(f64, f64); 4] {
    let model = setting.model();
    let shift = model
        .ridge_shift(gamma, setting.kurtosis())
        .expect("the claims' ridges are positive");
    let limit = limit(&model, gamma);
    let shifts = [shift.bias, shift.variance, shift.train, shift.in_sample];
    let n = setting.n as f64;
    std::array::from_fn(|k| {
        let value = limit[k] + shifts[k];
        (value, 0.5 * shifts[k].abs() + 4.0 / (n * n) * value)
    })
}

/// The four risks at each ridge; slopes as in `docs/derivations/regression_lipschitz.md`.
fn experiment(setting: &Setting, ridges: &[f64]) -> Experiment {
    let mut observables = vec![];
    for &gamma in ridges {
        let (d, l, root) = (setting.signal_norm(), setting.norm(), setting.root_rank());
        let noise = setting.noise * root / setting.n as f64;
        let kept = d * gamma.sqrt();
        let slopes = [
            2.0 * d * l / gamma.sqrt(),
            noise * l * gamma.powf(-1.5),
            kept + noise * 1.0353 / gamma.sqrt(),
            kept + noise * 0.5 / gamma.sqrt(),
        ];
        // Sure bounds for entries that are no Lipschitz images: tr D(Q − γQ²) ≤ |β|²/(4γ), and the rest like it.
        let energy: f64 = setting.features.iter().map(|f| f.1).sum();
        let tops = [
            l * energy,
            noise * root * l / (4.0 * gamma),
            0.25 * gamma * energy + setting.noise,
            0.25 * gamma * energy + noise * root,
        ];
        let theory = theory(setting, gamma);
        for k in 0..4 {
            let value = theory[k].0;
            observables.push(Observable {
                name: format!("{}, γ = {gamma}", NAMES[k]),
                tail: setting.tail_or_range(slopes[k], tops[k], value),
                typical: value,
            });
        }
    }
    let (own, ridges) = (setting.clone(), ridges.to_vec());
    setting.experiment(observables, move |x, _| measured(&own, &ridges, x))
}

fn measured(setting: &Setting, ridges: &[f64], x: &Mat<f64>) -> Result<Vec<f64>, ReplicateError> {
    let covariance = covariance(x);
    let mut all = vec![];
    for &gamma in ridges {
        let sums = RidgeSums::new(setting, gamma, &resolvent(&covariance, gamma)?);
        all.extend([sums.bias, sums.variance, sums.train, sums.in_sample]);
    }
    Ok(all)
}

fn rivals(plan: &Plan, judged: &[Judged]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Judged) -> Option<f64>| {
        let cells = judged
            .iter()
            .zip(&plan.cells)
            .filter_map(|(j, right)| Some(mistaken(&plan.experiments, j.at, right, wrong(j)?)));
        on_same_samples(name, cells.collect())
    };
    let second =
        |j: &Judged, kappa: f64| j.setting.model().covariance().degrees_of_freedom(2, kappa);
    let kappa = |j: &Judged| {
        let found = j.setting.model().covariance().kappa(j.gamma);
        found.expect("the claims' ridges are positive").value
    };
    // Of the kinds below, what the limit becomes when κ is taken for another number.
    let at = |j: &Judged, kappa: f64| {
        let left: f64 = j
            .setting
            .features
            .iter()
            .map(|(l, b)| b * l * (kappa / (l + kappa)).powi(2))
            .sum();
        let df2 = second(j, kappa);
        let (bias, variance) = (left / (1.0 - df2), j.setting.noise * df2 / (1.0 - df2));
        [bias, variance]
    };
    let risks = |j: &Judged| j.kind < 2;
    let mut all = vec![
        other("no 1/(1 − df₂)", &|j| {
            let [bias, variance, ..] = limit(&j.setting.model(), j.gamma);
            let deflated = [bias, variance].map(|r| r * (1.0 - second(j, kappa(j))));
            match j.kind {
                0 | 1 => Some(deflated[j.kind]),
                2 => {
                    let risk = deflated[0] + deflated[1] + j.setting.noise;
                    Some((j.gamma / kappa(j)).powi(2) * risk)
                }
                _ => None,
            }
        }),
        other("γ for κ", &|j| risks(j).then(|| at(j, j.gamma)[j.kind])),
        other("isotropic formula for aligned β", &|j| {
            let mean = j.setting.features.iter().map(|f| f.0).sum::<f64>() / j.setting.p() as f64;
            let features: Vec<(f64, f64)> =
                j.setting.features.iter().map(|f| (mean, f.1)).collect();
            let flat = Regression::new(&features, j.setting.n as f64, j.setting.noise).ok()?;
            (j.kind == 0).then(|| limit(&flat, j.gamma)[0])
        }),
        other("df₁ for df₂", &|j| {
            let df1 = 1.0 - j.gamma / kappa(j);
            (j.kind == 1).then(|| j.setting.noise * df1 / (1.0 - df1))
        }),
        other("training error without its noise", &|j| {
            (j.kind == 2).then(|| {
                limit(&j.setting.model(), j.gamma)[2]
                    - j.setting.noise * (j.gamma / kappa(j)).powi(2)
            })
        }),
        other("in-sample risk for out-of-sample", &|j| {
            (j.kind == 3).then(|| limit(&j.setting.model(), j.gamma)[..2].iter().sum())
        }),
    ];
    all.push(copies(&judged[0]));
    all
}

/// Every sample four times: n columns, n/4 of them independent. Ĉ is that of n/4 samples, and so is the bias.
fn copies(judged: &Judged) -> Rival {
    let full = &judged.setting;
    let distinct = Setting {
        n: full.n / 4,
        ..full.clone()
    };
    let gamma = judged.gamma;
    let mut own = experiment(&distinct, &[gamma]);
    own.signal = format!("{}, each sample four times", own.signal);
    own.n = full.n;
    own.observables.truncate(1);
    own.replicates = 1024;
    let samples = distinct.samples();
    let (right, (expected, uncertainty)) = (theory(full, gamma)[0], theory(&distinct, gamma)[0]);
    // (1/n)Σ over the four copies is (4/n)Σ over one.
    own.replicate = Replicate::alone(move |rng, _| {
        let x = samples.draw(rng);
        Ok(measured(&distinct, &[gamma], &x)?[..1].to_vec())
    });
    let outer = right.1 + QUICK[0] * right.0;
    other_data(
        "each sample four times",
        Side::Hypothesis,
        own,
        |experiments| {
            vec![RivalCell {
                cell: cell(experiments, (0, 0), right.0, right.1, outer),
                expected,
                uncertainty,
            }]
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::setting::steepness;
    use super::*;

    #[test]
    fn no_gradient_is_steeper_than_the_proxies_say() {
        for (p, n, gamma) in [(4, 7, 0.5), (7, 4, 0.2)] {
            let setting = Setting::aligned(EntryLaw::Gaussian, p, n);
            let worst = steepness(&setting, &experiment(&setting, &[gamma]), |x| {
                measured(&setting, &[gamma], x).unwrap()
            });
            for (name, ratio) in NAMES.iter().zip(worst) {
                assert!(ratio <= 1.0 && ratio > 0.02, "{name}: {ratio}");
            }
        }
    }

    #[test]
    fn what_is_left_out_falls_with_n() {
        let inner =
            |n| theory(&Setting::aligned(EntryLaw::Uniform, n / 2, n), 0.5).map(|t| t.1 / t.0);
        for (near, far) in inner(40).into_iter().zip(inner(400)) {
            assert!(far < 0.2 * near && near < 0.05);
        }
    }
}
