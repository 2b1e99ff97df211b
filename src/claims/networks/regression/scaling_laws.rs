//! Scaling laws of power-law populations: exponents, prefactors, and data.

use super::setting::{dense, inverse};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{at_most, cell, on_limits, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Experiment, Observable, Plan, Replicate, Rival, RivalCell, Tail, Tier};
use crate::ensemble::{EntryLaw, Samples, open_uniform};
use crate::equivalent::regression::{PowerLaw, Regression, ScalingLaw};

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
            meaning: "Two steps. The sums over all features, which have proved bounds, are within one per cent of these powers with these prefactors, at random (a, b). And \
                      the risk of interpolation measured on normal data with finitely many features is what the sums say for so many, within the tolerance shown.",
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
const CLOSE: f64 = 0.01;
/// The limit of no ridge is taken at this one, far below κ(0+).
const TINY: f64 = 1e-7;

fn plan(tier: Tier) -> Plan {
    let (draws, features, sizes, margin): (usize, usize, &[usize], f64) = match tier {
        Tier::Quick => (4, 96, &[8], 0.4),
        Tier::Standard => (40, 400, &[8, 16], 0.2),
        Tier::Deep => (400, 4000, &[16, 32, 64], 0.1),
    };
    let mut plan = Plan::default();
    for &n in sizes {
        let e = plan.experiments.len();
        let data = Data { law: PowerLaw::new(2.0, 2.0).expect("a power law"), features, n };
        let (theory, inner) = data.theory();
        plan.experiments.push(data.experiment());
        plan.cells.push(cell(&plan.experiments, (e, 0), theory, inner, inner + margin * theory));
    }
    let mut plan = sized(plan);
    let limit = plan.experiments.len();
    plan.experiments.push(laws(draws));
    for o in 0..RIGHT.len() {
        plan.cells.push(cell(&plan.experiments, (limit, o), 0.0, CLOSE, CLOSE));
    }
    plan.rivals = rivals(&plan, limit, features, sizes);
    plan
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
    "variance as₂",
    "exponent (b − 1)/a of the best ridge",
];

/// Sums against their powers at random (a, b), away from the borders b = 2a + 1 and b = a + 1, where the next power is near.
fn laws(draws: usize) -> Experiment {
    let names: Vec<&str> = RIGHT.iter().chain(&WRONG).copied().collect();
    on_limits(draws, &names, |rng| {
        let a = 1.8 + 0.7 * open_uniform(rng);
        let (n, t) = (4000.0, 1e9);
        // θ in (0.45, 0.7) is far from both borders, and its mirror images beyond them: b > 2a + 2, a + 2 < b.
        let theta = 0.45 + 0.25 * open_uniform(rng);
        let below = PowerLaw::new(a, 1.0 + theta * a)?;
        let beyond = PowerLaw::new(a, 2.0 * a + 2.5 + open_uniform(rng))?;
        let off = |value: f64, law: ScalingLaw, at: f64| (value / law.at(at) - 1.0).abs();
        let (risk, variance) = below.least_norm(n)?;
        let saturated = beyond.least_norm(n)?.0.value;
        let data = below.data_law();
        let best = |n: f64| Ok::<_, crate::equivalent::EquivalentError>(below.optimal_ridge(n, 1.0)?.1);
        let slope = (best(n)? / best(4.0 * n)?).ln() / 4f64.ln();
        let b = 1.0 + theta * a;
        let gamma = libm::tgamma(2.0 - theta);
        let without = ScalingLaw { prefactor: data.prefactor / gamma, ..data };
        // Local exponents from n to 4n.
        let local = (risk.value / below.least_norm(4.0 * n)?.0.value).ln() / 4f64.ln();
        let steep = (saturated / beyond.least_norm(4.0 * n)?.0.value).ln() / 4f64.ln();
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
            (slope - (b - 1.0) / a).abs(),
        ])
    })
}

/// Interpolation of normal data with the first `features` of a power law, no noise.
struct Data {
    law: PowerLaw,
    features: usize,
    n: usize,
}

impl Data {
    fn model(&self) -> Regression {
        Regression::new(&self.law.features(self.features), self.n as f64, 0.0).expect("a power law")
    }

    /// Limit and 1/n term of the bias; half of that and 8/n² of the value are allowed for the rest.
    fn theory(&self) -> (f64, f64) {
        let model = self.model();
        let limit = model.ridgeless().expect("p > n").bias.value;
        let shift = model.ridge_shift(TINY, 0.0).expect("a ridge").bias;
        let n = self.n as f64;
        (limit + shift, 0.5 * shift.abs() + 8.0 / (n * n) * limit)
    }

    /// |C^{1/2}(1 − P)β|² with β_i > 0: the law of X knows no signs. It lies in [0, λ₁|β|²].
    fn experiment(&self) -> Experiment {
        let features = self.law.features(self.features);
        let lambda: Vec<f64> = features.iter().map(|f| f.0).collect();
        let beta: Vec<f64> = features.iter().map(|f| f.1.sqrt()).collect();
        let samples = Samples::new(EntryLaw::Gaussian, lambda.clone(), self.n).expect("a covariance");
        let (typical, _) = self.theory();
        let top = variance_top(&features);
        Experiment {
            law: "gaussian".into(),
            signal: format!("power law, p = {}", self.features),
            n: self.n,
            replicates: 1,
            observables: vec![Observable {
                name: "risk of interpolation".into(),
                tail: Tail::Bounded { lo: 0.0, hi: top, design_variance: 0.5 * typical * typical },
                typical,
            }],
            replicate: Replicate::alone(move |rng, _| {
                let x = dense(&samples.draw(rng));
                let beta = nalgebra::DVector::from_column_slice(&beta);
                let w = &x * (inverse(x.tr_mul(&x))? * x.tr_mul(&beta));
                let off = w - beta;
                Ok(vec![off.iter().zip(&lambda).map(|(o, l)| l * o * o).sum()])
            }),
        }
    }
}

/// |C^{1/2}(1 − P)β|² ≤ λ₁|β|².
fn variance_top(features: &[(f64, f64)]) -> f64 {
    features[0].0 * features.iter().map(|f| f.1).sum::<f64>()
}

fn rivals(plan: &Plan, limit: usize, features: usize, sizes: &[usize]) -> Vec<Rival> {
    let mut all = vec![];
    // By how much the wrong laws are off at the least: exponents 3.5 and 0.25 apart, Γ(2 − θ) ≤ 0.90, a − 1 against a, (b − 1)/b against (b − 1)/a.
    for (k, size) in [1.0, 0.1, 0.3, 0.4, 0.02].into_iter().enumerate() {
        let judged = at_most(&plan.experiments, (limit, RIGHT.len() + k), CLOSE);
        all.push(on_same_samples(WRONG[k], vec![RivalCell { cell: judged, expected: size, uncertainty: 0.4 * size }]));
    }
    let other = |name: &str, wrong: &dyn Fn(&Data) -> f64| {
        let cells = sizes.iter().enumerate().map(|(e, &n)| {
            let data = Data { law: PowerLaw::new(2.0, 2.0).expect("a power law"), features, n };
            super::setting::mistaken(&plan.experiments, (e, 0), &plan.cells[e], wrong(&data))
        });
        on_same_samples(name, cells.collect())
    };
    all.push(other("the n strongest features are learnt, the others not", &|data| {
        data.law.features(features)[data.n..].iter().map(|(l, b)| l * b).sum()
    }));
    all.push(other("rate 1/√n", &|data| data.law.data_law().at((data.n as f64).sqrt())));
    all
}
