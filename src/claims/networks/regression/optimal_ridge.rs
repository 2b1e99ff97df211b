//! The best ridge: its risk is that of its effective ridge, and more samples never hurt.

use super::setting::{RidgeSums, Setting, covariance, judge, mistaken, other_data, resolvent};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{at_most, cell, certain, on_limits, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Experiment, Observable, Plan, Rival, RivalCell, Side, Tier};
use crate::ensemble::{EntryLaw, open_uniform};
use crate::equivalent::regression::Regression;

/// γ* = s²p/(nr²).
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/optimal-ridge",
            title: "Optimal ridge",
            statement: "β with independent entries of variance r²/p. The ridge γ* = s²p/(nr²) minimises the risk on every sample; the risk there is \
                        (s²/n)tr CQ exactly, tends to s²δ(γ*) = s²(κ/γ* − 1), and the training error to s²γ*/κ. It decreases in n: no double descent.",
            formula: r"R(\gamma^*)=\frac{\sigma^2}{n}\operatorname{tr}CQ(-\gamma^*)\;\longrightarrow\;\sigma^2\Bigl(\frac{\kappa}{\gamma^*}-1\Bigr),\qquad \gamma^*=\frac{\sigma^2p}{nr^2}",
            meaning: "The identity holds and neighbouring ridges are worse on every replicate; risk and training error have their limits plus the 1/n terms within the \
                      tolerance shown with half, as many and twice as many samples as features, for normal and uniform entries and (standard and deep tiers) for ±1, where the 1/n term \
                      with κ₄ = −2 is told from the one without. That the limit decreases in n is checked on random populations.",
            source: Source {
                work: "lm",
                locus: "our B2",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// Other ridges, in units of the best.
const NEIGHBOURS: [f64; 2] = [0.8, 1.25];

/// Margin at which the κ₄ term of 12 features and 24 samples, 3.7 per cent of the risk, is seen.
const FINE: f64 = 0.012;

fn plan(tier: Tier) -> Plan {
    let (gauss, uniform, signs) = (EntryLaw::Gaussian, EntryLaw::Uniform, EntryLaw::Rademacher);
    // The last row has a margin of its own: so fine that the 1/n term with κ₄ is told from the one without.
    let (rows, margin, fine, draws): (Vec<_>, f64, f64, usize) = match tier {
        Tier::Quick => (
            vec![(gauss, 16, 8), (uniform, 16, 16), (gauss, 16, 32)],
            0.3,
            0.3,
            200,
        ),
        Tier::Standard => (
            vec![
                (gauss, 48, 24),
                (gauss, 48, 48),
                (gauss, 48, 96),
                (uniform, 24, 24),
                (signs, 12, 24),
            ],
            0.08,
            FINE,
            2_000,
        ),
        Tier::Deep => (
            vec![
                (gauss, 400, 200),
                (gauss, 400, 400),
                (gauss, 400, 800),
                (uniform, 400, 400),
                (signs, 200, 100),
                (signs, 12, 24),
            ],
            0.01,
            FINE,
            20_000,
        ),
    };
    let settings: Vec<Setting> = rows
        .into_iter()
        .map(|(law, p, n)| Setting::even(law, p, n))
        .collect();
    let mut plan = Plan::default();
    for (e, setting) in settings.iter().enumerate() {
        plan.experiments.push(experiment(setting));
        let own = if e + 1 == settings.len() {
            fine
        } else {
            margin
        };
        judge(&mut plan, e, theory(setting), own);
        for o in 2..=3 {
            plan.cells.push(at_most(&plan.experiments, (e, o), 0.0));
        }
    }
    let mut plan = sized(plan);
    let e = plan.experiments.len();
    plan.experiments.push(monotone(draws));
    plan.cells.push(at_most(&plan.experiments, (e, 0), 0.0));
    plan.rivals = rivals(&plan, &settings, margin);
    plan
}

fn best(model: &Regression) -> f64 {
    model.optimal_ridge().expect("β is not 0")
}

/// Risk and training error at the best ridge, with their 1/n terms; half of those and 4/n² of the value are allowed for the rest.
fn theory(setting: &Setting) -> [(f64, f64); 2] {
    theory_with(setting, setting.kurtosis())
}

/// [`theory`] for entries of this κ₄.
fn theory_with(setting: &Setting, kurtosis: f64) -> [(f64, f64); 2] {
    let model = setting.model();
    let gamma = best(&model);
    let kappa = model
        .covariance()
        .kappa(gamma)
        .expect("a positive ridge")
        .value;
    let shift = model
        .ridge_shift(gamma, kurtosis)
        .expect("a positive ridge");
    let (risk, train) = (
        setting.noise * (kappa / gamma - 1.0),
        setting.noise * gamma / kappa,
    );
    let n = setting.n as f64;
    [(risk, shift.bias + shift.variance), (train, shift.train)].map(|(limit, shift)| {
        let value = limit + shift;
        (value, 0.5 * shift.abs() + 4.0 / (n * n) * value)
    })
}

/// (s²/n)tr CQ, the training error, the residual of the identity, by how much a neighbour is better.
fn experiment(setting: &Setting) -> Experiment {
    let model = setting.model();
    let gamma = best(&model);
    let (l, root, n) = (setting.norm(), setting.root_rank(), setting.n as f64);
    let noise = setting.noise * root / n;
    let slopes = [
        noise * l * gamma.powf(-1.5),
        setting.signal_norm() * gamma.sqrt() + noise * 1.0353 / gamma.sqrt(),
    ];
    // tr CQ ≤ tr C/γ, which at γ* is the risk of w = 0; and as for the training error at any ridge.
    let tops = [
        model.null_risk(),
        0.25 * gamma * model.energy() + setting.noise,
    ];
    let names = ["risk", "training error"];
    let theory = theory(setting);
    let mut observables: Vec<Observable> = (0..2)
        .map(|k| Observable {
            name: format!("{} at γ* = {gamma:.3}", names[k]),
            tail: setting.tail_or_range(slopes[k], tops[k], theory[k].0),
            typical: theory[k].0,
        })
        .collect();
    observables.push(certain("|risk − (s²/n)tr CQ|"));
    observables.push(certain("risk − the least of its neighbours"));
    let own = setting.clone();
    setting.experiment(observables, move |x, _| {
        let covariance = covariance(x);
        let at = |gamma: f64| {
            let q = resolvent(&covariance, gamma)?;
            let sums = RidgeSums::new(&own, gamma, &q);
            Ok::<_, crate::design::ReplicateError>((q, sums))
        };
        let (q, sums) = at(gamma)?;
        let terms = own.features.iter().enumerate();
        let trace: f64 = terms.map(|(j, f)| f.0 * q[(j, j)]).sum();
        let risk = own.noise / own.n as f64 * trace;
        let found = sums.bias + sums.variance;
        let mut better = 0.0f64;
        for factor in NEIGHBOURS {
            let (_, other) = at(factor * gamma)?;
            better = better.max(found - other.bias - other.variance);
        }
        Ok(vec![risk, sums.train, (found - risk).abs(), better])
    })
}

/// By how much the risk at the best ridge grows from n to a larger n, for random populations: never.
fn monotone(draws: usize) -> Experiment {
    on_limits(
        draws,
        &["growth of the best risk with n", "growth without ridge"],
        |rng| {
            let p = 6;
            let features: Vec<(f64, f64)> = (0..p)
                .map(|_| (0.05 + 3.0 * open_uniform(rng), 1.0 / p as f64))
                .collect();
            let noise = 0.1 + open_uniform(rng);
            let n = 1.0 + 3.5 * open_uniform(rng);
            let more = n + 0.1 + open_uniform(rng);
            let (few, many) = (
                Regression::new(&features, n, noise)?,
                Regression::new(&features, more, noise)?,
            );
            let at_best = |model: &Regression| {
                Ok::<_, crate::equivalent::EquivalentError>(model.ridge(best(model))?.excess())
            };
            let growth = at_best(&many)? - at_best(&few)?;
            let bare = many.ridgeless()?.excess() - few.ridgeless()?.excess();
            Ok(vec![growth.max(0.0), bare.max(0.0)])
        },
    )
}

fn rivals(plan: &Plan, settings: &[Setting], margin: f64) -> Vec<Rival> {
    let other = |name: &str, o: usize, wrong: &dyn Fn(&Setting) -> f64| {
        let cells = settings.iter().enumerate().map(|(e, setting)| {
            mistaken(
                &plan.experiments,
                (e, o),
                &plan.cells[4 * e + o],
                wrong(setting),
            )
        });
        on_same_samples(name, cells.collect())
    };
    let kappa =
        |s: &Setting, gamma: f64| s.model().covariance().kappa(gamma).expect("positive").value;
    let mut all = vec![
        other("s²κ/γ*", 0, &|s| {
            s.noise * kappa(s, best(&s.model())) / best(&s.model())
        }),
        other("γ* = s²/r² in s²(κ/γ* − 1)", 0, &|s| {
            s.noise * (kappa(s, s.noise) / s.noise - 1.0)
        }),
        other("population: (s²/n)tr C(C + γ*)⁻¹", 0, &|s| {
            let gamma = best(&s.model());
            s.noise * s.model().covariance().degrees_of_freedom(1, gamma)
        }),
        other("training error s²γ*²/κ²", 1, &|s| {
            let gamma = best(&s.model());
            s.noise * (gamma / kappa(s, gamma)).powi(2)
        }),
    ];
    let signs: Vec<usize> = (0..settings.len())
        .filter(|&e| settings[e].law == EntryLaw::Rademacher)
        .collect();
    if !signs.is_empty() {
        let cells = signs.into_iter().map(|e| {
            let normal = theory_with(&settings[e], 0.0)[0].0;
            mistaken(&plan.experiments, (e, 0), &plan.cells[4 * e], normal)
        });
        all.push(on_same_samples("1/n term without κ₄, ±1", cells.collect()));
    }
    let limit = plan.experiments.len() - 1;
    all.push(on_same_samples(
        "no ridge never gets worse with more samples",
        vec![crate::claims::common::wrong_identity(
            &plan.experiments,
            (limit, 1),
            1.0,
        )],
    ));
    let square = settings[1].p();
    let normal = Setting::even(EntryLaw::Gaussian, square, square);
    all.push(small(&normal, margin));
    all
}

/// A twentieth of the best ridge, where n = p: the descent is double again.
fn small(setting: &Setting, margin: f64) -> Rival {
    let model = setting.model();
    let gamma = 0.05 * best(&model);
    let risk = model.ridge(gamma).expect("a positive ridge");
    let shift = model
        .ridge_shift(gamma, setting.kurtosis())
        .expect("a positive ridge");
    let own = setting.clone();
    // The variance alone, in [0, s²‖C‖p/(4nγ)]: it exceeds the whole risk of the best ridge.
    let top =
        setting.noise * setting.norm() * setting.p() as f64 / (4.0 * setting.n as f64 * gamma);
    let observables = vec![Observable {
        name: format!("variance at γ = {gamma:.3}"),
        tail: crate::design::Tail::Bounded {
            lo: 0.0,
            hi: top,
            design_variance: risk.variance.value.powi(2),
        },
        typical: risk.variance.value,
    }];
    let mut experiment = setting.experiment(observables, move |x, _| {
        let q = resolvent(&covariance(x), gamma)?;
        Ok(vec![RidgeSums::new(&own, gamma, &q).variance])
    });
    experiment.replicates = 3072;
    let right = theory(setting)[0];
    other_data(
        "a twentieth of the best ridge",
        Side::Data,
        experiment,
        |experiments| {
            vec![RivalCell {
                cell: cell(
                    experiments,
                    (0, 0),
                    right.0,
                    right.1,
                    right.1 + margin * right.0,
                ),
                expected: risk.variance.value + shift.variance,
                uncertainty: 2.0 * shift.variance.abs(),
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
        let setting = Setting::even(EntryLaw::Gaussian, 4, 5);
        let gamma = best(&setting.model());
        let worst = steepness(&setting, &experiment(&setting), |x| {
            let q = resolvent(&covariance(x), gamma).unwrap();
            let sums = RidgeSums::new(&setting, gamma, &q);
            vec![sums.bias + sums.variance, sums.train]
        });
        for ratio in &worst[..2] {
            assert!(*ratio <= 1.0 && *ratio > 0.02, "{ratio}");
        }
    }
}
