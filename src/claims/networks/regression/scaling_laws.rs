//! Scaling laws of power-law populations: exponents, prefactors, and data.

use super::setting::{dense, inverse, mistaken};
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
            meaning: "Two steps. The sums over all features, which have proved bounds, are within two per cent of these powers with these prefactors, at random (a, b). And \
                      the risk of interpolation and the residual of projections, measured on normal data with finitely many features, are what the sums say for so many, within the tolerance shown. Values above four times the limit are cut in the data.",
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
/// The limit of no ridge is taken at this one, far below κ(0+).
const TINY: f64 = 1e-7;

fn plan(tier: Tier) -> Plan {
    let (draws, features, sizes, margin): (usize, usize, &[usize], f64) = match tier {
        Tier::Quick => (1, 64, &[16], 0.4),
        Tier::Standard => (40, 200, &[16, 32], 0.2),
        Tier::Deep => (400, 1000, &[32, 64, 128], 0.05),
    };
    let mut plan = Plan::default();
    for &n in sizes {
        let e = plan.experiments.len();
        let data = Data {
            law: data_law(),
            features,
            n,
        };
        plan.experiments.push(data.experiment());
        for (o, (theory, inner)) in data.theory().into_iter().enumerate() {
            let outer = inner + margin * theory;
            plan.cells
                .push(cell(&plan.experiments, (e, o), theory, inner, outer));
        }
    }
    let mut plan = sized(plan);
    let limit = plan.experiments.len();
    plan.experiments.push(laws(draws));
    for o in 0..RIGHT.len() {
        plan.cells
            .push(cell(&plan.experiments, (limit, o), 0.0, CLOSE, CLOSE));
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

/// (a, b) of the data. At b = a all β_i are equal and risk and residual are one number; here they are well apart.
fn data_law() -> PowerLaw {
    PowerLaw::new(2.0, 2.75).expect("a power law")
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

    /// Limits and 1/n terms: the risk of interpolation, and what n projections cannot express, κ₀Σλβ²/(λ + κ₀).
    fn means(&self) -> [(f64, f64); 2] {
        let model = self.model();
        let kappa = model.covariance().ridgeless_kappa().expect("p > n").value;
        let bias = model.ridgeless().expect("p > n").bias.value;
        let shift = model.ridge_shift(TINY, 0.0).expect("a ridge").bias;
        let features = self.law.features(self.features);
        let terms = features.iter();
        let residual: f64 = terms.map(|(l, b)| l * b * kappa / (l + kappa)).sum();
        // 1 − P is the limit of γQ.
        let mut moved = 0.0;
        for (lambda, shift) in model.resolvent_shift(TINY, 0.0).expect("a ridge") {
            let own = features.iter().filter(|f| f.0 == lambda);
            moved += TINY * shift * own.map(|f| f.0 * f.1).sum::<f64>();
        }
        [(bias, shift), (residual, moved)]
    }

    /// Values, and half of the 1/n terms, 8/n² of the values and two per cent for what is cut off above.
    fn theory(&self) -> [(f64, f64); 2] {
        let n = self.n as f64;
        let left = |(limit, shift): (f64, f64)| {
            (
                limit + shift,
                0.5 * shift.abs() + (8.0 / (n * n) + 0.02) * limit,
            )
        };
        self.means().map(left)
    }

    /// Averaged over the signs of β: the risk tr D(1 − P)C(1 − P), and tr CD(1 − P), P the projection on the columns of X. Both are cut at `CUT`
    /// times their limits: no bound of their variances is known, and the cut makes the intervals sound.
    fn experiment(&self) -> Experiment {
        let features = self.law.features(self.features);
        let lambda: Vec<f64> = features.iter().map(|f| f.0).collect();
        let samples = Samples::new(EntryLaw::Gaussian, lambda, self.n).expect("a covariance");
        let tops = self.means().map(|mean| CUT * mean.0);
        let theory = self.theory();
        let names = ["risk of interpolation", "residual of as many projections"];
        let observables = (0..2).map(|k| Observable {
            name: format!("{}, cut at {CUT} times its limit", names[k]),
            tail: Tail::Bounded {
                lo: 0.0,
                hi: tops[k],
                design_variance: 0.1 * theory[k].0.powi(2),
            },
            typical: theory[k].0,
        });
        Experiment {
            law: "gaussian".into(),
            signal: format!("power law, p = {}", self.features),
            n: self.n,
            replicates: 1,
            observables: observables.collect(),
            replicate: Replicate::alone(move |rng, _| {
                let x = dense(&samples.draw(rng));
                let projection = &x * inverse(x.tr_mul(&x))? * x.transpose();
                let (mut risk, mut residual) = (0.0, 0.0);
                for (j, own) in features.iter().enumerate() {
                    residual += own.0 * own.1 * (1.0 - projection[(j, j)]);
                    for (i, other) in features.iter().enumerate() {
                        let left = f64::from(u8::from(i == j)) - projection[(i, j)];
                        risk += own.1 * other.0 * left * left;
                    }
                }
                Ok(vec![risk.min(tops[0]), residual.min(tops[1])])
            }),
        }
    }
}

/// Risks above this many times their limit are cut.
const CUT: f64 = 4.0;

fn rivals(plan: &Plan, limit: usize, features: usize, sizes: &[usize]) -> Vec<Rival> {
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
    let other = |name: &str, o: usize, wrong: &dyn Fn(&Data) -> f64| {
        let cells = sizes.iter().enumerate().map(|(e, &n)| {
            let law = data_law();
            let data = Data { law, features, n };
            mistaken(
                &plan.experiments,
                (e, o),
                &plan.cells[2 * e + o],
                wrong(&data),
            )
        });
        on_same_samples(name, cells.collect())
    };
    let strongest = |data: &Data| {
        let all = data.law.features(features);
        all[data.n..].iter().map(|(l, b)| l * b).sum()
    };
    all.extend([
        other("samples teach the n strongest features", 0, &strongest),
        other(
            "projections express the n strongest features",
            1,
            &strongest,
        ),
        other("residual for the risk", 0, &|data| data.means()[1].0),
        other("risk for the residual", 1, &|data| data.means()[0].0),
        other("rate 1/√n", 0, &|data| {
            data.law.data_law().at((data.n as f64).sqrt())
        }),
        other("rate 1/√N", 1, &|data| {
            data.law.width_law().at((data.n as f64).sqrt())
        }),
    ]);
    all
}
