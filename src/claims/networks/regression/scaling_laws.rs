//! Scaling laws of power-law populations: exponents, prefactors, and data.

mod data;

use self::data::{Data, NOISE, exponent};
use super::setting::mistaken;
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{at_most, cell, mistaken_by, on_limits, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Experiment, Plan, Rival, RivalCell, Tier};
use crate::ensemble::open_uniform;
use crate::equivalent::regression::{PowerLaw, ScalingLaw};

/// λ_i = i^{−a}, λ_iβ_i² = i^{−b}.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/scaling-laws",
            title: "Scaling laws",
            statement: "λ_i = i^{−a}, λ_iβ_i² = i^{−b}, θ = (b − 1)/a, K = (π/(a sin(π/a)))ᵃ. Least norm on n samples: risk ~ Γ(2 − θ)Γ(θ)K^θ n^{−(b−1)} for b < 2a + 1 and \
                        aK²ζ(b − 2a)n^{−2a} beyond, variance → (a − 1)s². Width N: K^θ(π/a)/sin(πθ)N^{−(b−1)} for b < a + 1, Kζ(b − a)N^{−a} beyond. Time: Γ(θ)/(a2^θ)t^{−θ}. \
                        The best ridge with noise: exponent (b − 1)/b.",
            formula: r"R(n)\sim\Gamma(2-\theta)\Gamma(\theta)K^{\theta}\,n^{-(b-1)},\qquad R(N)\sim K^\theta\frac{\pi/a}{\sin\pi\theta}N^{-(b-1)},\qquad R(t)\sim\frac{\Gamma(\theta)}{a2^\theta}t^{-\theta}",
            meaning: "Two steps. The sums over all features, which have proved bounds, are within two per cent of these powers with these prefactors, at random (a, b). And, measured on \
                      normal data with finitely many features, the risk of interpolation, its variance, the risk at the best ridge with noise and the residual of projections are what the sums say for \
                      so many, 1/n term included, within the tolerance shown; in the standard and deep tiers also in the saturated case b = 7 > 2a + 1, with the exponents from n to 2n, which are those of the \
                      sums for so many features. Values above 3 times the limit (10 when saturated) are cut in the data. The law in t is about the flow on the population: it has no samples, and the sum is all there is to check.",
            source: Source {
                work: "lm",
                locus: "our B4",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// What is called agreement of a sum with its power law, relative.
const CLOSE: f64 = 0.02;

/// Data of one tier: features, sizes and what is called agreement, for the plain and for the saturated law. Sizes double.
type Row = (usize, &'static [usize], f64);

fn plan(tier: Tier) -> Plan {
    let (draws, plain, saturated): (usize, Row, Row) = match tier {
        Tier::Quick => (1, (64, &[16], 0.4), (64, &[], 1.0)),
        Tier::Standard => (40, (120, &[16, 32], 0.16), (120, &[20, 40], 0.36)),
        Tier::Deep => (400, (1000, &[32, 64, 128], 0.05), (600, &[32, 64], 0.1)),
    };
    let mut plan = Plan::default();
    let sets = [
        plain.1.iter().map(|&n| Data::plain(plain.0, n)).collect(),
        saturated
            .1
            .iter()
            .map(|&n| Data::saturated(saturated.0, n))
            .collect(),
    ];
    let mut judged = vec![];
    for (set, margin) in sets.into_iter().zip([plain.2, saturated.2]) {
        measure(&mut plan, &mut judged, set, margin);
    }
    let mut plan = sized(plan);
    let limit = plan.experiments.len();
    plan.experiments.push(laws(draws));
    for o in 0..RIGHT.len() {
        plan.cells
            .push(cell(&plan.experiments, (limit, o), 0.0, CLOSE, CLOSE));
    }
    plan.rivals = rivals(&plan, limit, &judged);
    plan
}

/// The place of a cell on data.
struct Judged {
    data: Data,
    e: usize,
    /// Index into `data::NAMES`.
    o: usize,
    /// The experiment and data of half the size, if it is the exponent between both that is judged.
    from: Option<(usize, Data)>,
}

/// Margin of an exponent in units of that of the values: two halfwidths of both, over ln 2, and a fifth more for the curvature of the logarithm and
/// for the level, which is split over two means.
const STEEPER: f64 = 1.2 * 2.0 / std::f64::consts::LN_2;

/// All that is measured on data of one law, and the exponents from each size to the next; the variance has none.
fn measure(plan: &mut Plan, judged: &mut Vec<Judged>, set: Vec<Data>, margin: f64) {
    let first = plan.experiments.len();
    for (k, data) in set.iter().enumerate() {
        let e = first + k;
        plan.experiments.push(data.experiment());
        for (o, (theory, inner)) in data.theory.iter().copied().enumerate() {
            let outer = inner + margin * theory;
            plan.cells
                .push(cell(&plan.experiments, (e, o), theory, inner, outer));
            judged.push(Judged {
                data: data.clone(),
                e,
                o,
                from: None,
            });
        }
        let Some(half) = k.checked_sub(1) else {
            continue;
        };
        let half = (first + half, set[half].clone());
        for o in (0..data.kinds()).filter(|&o| o != 2) {
            let pair = [(half.0, &half.1), (e, data)];
            plan.cells
                .push(exponent(&plan.experiments, pair, o, STEEPER * margin));
            judged.push(Judged {
                data: data.clone(),
                e,
                o,
                from: Some(half.clone()),
            });
        }
    }
}

const RIGHT: [&str; 7] = [
    "|risk in n over its law − 1|",
    "|saturated risk in n over its law − 1|",
    "|variance over (a − 1)s² − 1|",
    "|residual in N over its law − 1|",
    "|saturated residual in N over its law − 1|",
    "|risk in t over its law − 1|",
    "|exponent of the best ridge in n − (b − 1)/b|",
];
const WRONG: [&str; 5] = [
    "exponent b − 1 when saturated",
    "prefactor without Γ(2 − θ)",
    "exponent (b − 1)/a in n",
    "variance as² for (a − 1)s²",
    "exponent b − 1 of the best ridge",
];

/// Sums against their powers at random (a, b), away from the borders b = 2a + 1 and b = a + 1, where the next power is near.
fn laws(draws: usize) -> Experiment {
    let names: Vec<&str> = RIGHT.iter().chain(&WRONG).copied().collect();
    on_limits(draws, &names, |rng| {
        let a = 1.8 + 0.7 * open_uniform(rng);
        let (n, t) = (2000.0, 1e8);
        // θ in (0.45, 0.6) is far from both borders, and its mirror images beyond them: b > 2a + 2, a + 2 < b.
        let theta = 0.45 + 0.15 * open_uniform(rng);
        let below = PowerLaw::new(a, 1.0 + theta * a)?;
        let beyond = PowerLaw::new(a, 2.0 * a + 2.5 + open_uniform(rng))?;
        let off = |value: f64, law: ScalingLaw, at: f64| (value / law.at(at) - 1.0).abs();
        let (risk, variance) = below.least_norm(n)?;
        let saturated = beyond.least_norm(n)?.0.value;
        let data = below.data_law();
        let best =
            |n: f64| Ok::<_, crate::equivalent::EquivalentError>(below.optimal_ridge(n, 1.0)?.1);
        let slope = (best(0.25 * n)? / best(n)?).ln() / 4f64.ln();
        let b = 1.0 + theta * a;
        let gamma = libm::tgamma(2.0 - theta);
        let without = ScalingLaw {
            prefactor: data.prefactor / gamma,
            ..data
        };
        // Local exponents from n/4 to n.
        let local = (below.least_norm(0.25 * n)?.0.value / risk.value).ln() / 4f64.ln();
        let steep = (beyond.least_norm(0.25 * n)?.0.value / saturated).ln() / 4f64.ln();
        Ok(vec![
            off(risk.value, data, n),
            off(saturated, beyond.data_law(), n),
            (variance.value / below.tempered_variance() - 1.0).abs(),
            off(below.width_residual(n)?, below.width_law(), n),
            off(beyond.width_residual(n)?, beyond.width_law(), n),
            off(below.population_flow(t).value, below.time_law(), t),
            (slope - below.noisy_exponent()).abs(),
            (steep - (beyond.theta() * a)).abs(),
            off(risk.value, without, n),
            (local - theta).abs(),
            (variance.value / a - 1.0).abs(),
            (slope - (b - 1.0)).abs(),
        ])
    })
}

fn rivals(plan: &Plan, limit: usize, judged: &[Judged]) -> Vec<Rival> {
    let mut all = vec![];
    // By how much the wrong laws are off over the range of (a, θ): b − 1 − 2a, 1 − Γ(2 − θ), θ(a − 1), 1/a, and x − x/(1 + x) for x = θa.
    let off = [
        (2.0, 0.5),
        (0.112, 0.02),
        (0.63, 0.29),
        (0.48, 0.1),
        (0.63, 0.3),
    ];
    for (k, (expected, uncertainty)) in off.into_iter().enumerate() {
        let cell = at_most(&plan.experiments, (limit, RIGHT.len() + k), CLOSE);
        all.push(on_same_samples(
            WRONG[k],
            vec![RivalCell {
                cell,
                expected,
                uncertainty,
            }],
        ));
    }
    let mut other = |name: &str, wrong: &dyn Fn(&Judged) -> Option<f64>| {
        let cells = judged.iter().zip(&plan.cells).filter_map(|(j, right)| {
            let wrong = wrong(j)?;
            Some(match &j.from {
                None => mistaken(&plan.experiments, (j.e, j.o), right, wrong),
                Some((half, data)) => {
                    let pair = [(*half, data), (j.e, &j.data)];
                    let own = exponent(&plan.experiments, pair, j.o, 0.0);
                    mistaken_by(right, wrong, own.estimator)
                }
            })
        });
        let cells: Vec<RivalCell> = cells.collect();
        if !cells.is_empty() {
            all.push(on_same_samples(name, cells));
        }
    };
    let value = |j: &Judged, saturated: bool, o: usize| {
        j.from.is_none() && j.data.saturated == saturated && j.o == o
    };
    let steepness = |j: &Judged, saturated: bool, o: &[usize]| {
        j.from.is_some() && j.data.saturated == saturated && o.contains(&j.o)
    };
    let strongest = |j: &Judged| {
        let all = j.data.law.features(j.data.features);
        all[j.data.n..].iter().map(|(l, b)| l * b).sum::<f64>()
    };
    let root = |j: &Judged| (j.data.n as f64).sqrt();
    other("samples teach the n strongest features", &|j| {
        value(j, false, 0).then(|| strongest(j))
    });
    other("projections express the n strongest features", &|j| {
        value(j, false, 1).then(|| strongest(j))
    });
    other("residual for the risk", &|j| {
        value(j, false, 0).then(|| j.data.means[1].0)
    });
    other("risk for the residual", &|j| {
        value(j, false, 1).then(|| j.data.means[0].0)
    });
    other("rate 1/√n", &|j| {
        value(j, false, 0).then(|| j.data.law.data_law().at(root(j)))
    });
    other("rate 1/√N", &|j| {
        value(j, false, 1).then(|| j.data.law.width_law().at(root(j)))
    });
    other("variance as² for (a − 1)s², data", &|j| {
        value(j, false, 2).then(|| 2.0 * j.data.means[2].0)
    });
    other("variance df₂ without 1/(1 − df₂), data", &|j| {
        let inflated = j.data.means.get(2)?.0;
        value(j, false, 2).then(|| inflated / (1.0 + inflated))
    });
    other("no ridge is best, noise", &|j| {
        value(j, false, 3).then(|| {
            let means = &j.data.means;
            means[0].0 + NOISE * means[2].0
        })
    });
    other("best ridge without noise", &|j| {
        value(j, false, 3).then(|| j.data.means[0].0)
    });
    other("exponent (b − 1)/a in n and N, data", &|j| {
        steepness(j, false, &[0, 1]).then(|| j.data.law.theta())
    });
    other("exponent b − 1 at the best ridge, data", &|j| {
        steepness(j, false, &[3]).then(|| j.data.law.data_law().exponent)
    });
    other("exponent b − 1 when saturated, risk, data", &|j| {
        steepness(j, true, &[0]).then_some(6.0)
    });
    other("exponent b − 1 when saturated, residual, data", &|j| {
        steepness(j, true, &[1]).then_some(6.0)
    });
    other("risk n^{−(b−1)} when saturated", &|j| {
        let law = j.data.law.data_law();
        let wrong = ScalingLaw {
            exponent: 6.0,
            ..law
        };
        value(j, true, 0).then(|| wrong.at(j.data.n as f64))
    });
    other("residual N^{−(b−1)} when saturated", &|j| {
        let law = j.data.law.width_law();
        let wrong = ScalingLaw {
            exponent: 6.0,
            ..law
        };
        value(j, true, 1).then(|| wrong.at(j.data.n as f64))
    });
    all
}
