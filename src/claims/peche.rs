//! The transition of the largest eigenvalue: 2σ up to θ = σ, θ + σ²/θ beyond.

use super::Claim;
use super::common::{cell, mistaken, on_reduced, on_same_samples};
use super::power::sized;
use super::rank_one::{PRECISION, experiment, spike};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Observable, Plan, Rival, RivalCell, Side, Tail, Tier};
use crate::ensemble::{Ensemble, Signal, SignalShape};

const STATEMENT: Statement = Statement {
    id: "background/peche",
    title: "Transition of the largest eigenvalue, GUE",
    statement: "For R from the GUE and S of rank one with the eigenvalue θ ≥ 0: λ₁(R/√N + S) → 2σ if \
                θ ≤ σ, and → θ + σ²/θ if θ > σ.",
    formula: r"\lambda_1\Bigl(\tfrac{1}{\sqrt N}R+\theta\,e_1e_1^{*}\Bigr)\;\longrightarrow\;\begin{cases}2\sigma,&\theta\le\sigma,\\ \theta+\sigma^2/\theta,&\theta>\sigma\end{cases}",
    meaning: "At the sizes N and spikes θ listed, on both sides of the transition, E λ₁ is the limit with \
              its next order in N within the tolerance shown, and λ₁ keeps within √(2v ln(2/p)/N) of its \
              mean with probability 1 − p (v = 2σ², GUE σ²). Nothing is said about θ within \
              (10/N)^{1/3} of the threshold, where neither formula holds at size N.",
    source: Source {
        work: "Péché",
        locus: "quoted as [ABK] (1.12)",
    },
    strength: Strength::Sharp,
};

/// Péché's theorem, β = 2.
pub fn claim() -> Claim {
    Claim {
        statement: STATEMENT,
        plan: |tier| plan(Ensemble::gue(), tier),
    }
}

/// The same transition, β = 1.
pub fn goe_claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/peche-goe",
            title: "Transition of the largest eigenvalue, GOE",
            statement: "For R from the GOE and S of rank one with the eigenvalue θ ≥ 0: λ₁(R/√N + S) → 2σ \
                        if θ ≤ σ, and → θ + σ²/θ if θ > σ, as for the GUE.",
            source: Source {
                work: "CDF",
                locus: "Theorem 2.1 for rank one",
            },
            ..STATEMENT
        },
        plan: |tier| plan(Ensemble::goe(), tier),
    }
}

/// In units of σ; (θ − 1)³ ≥ 10/N at every size used.
const SPIKES: [f64; 8] = [0.0, 0.5, 0.9, 1.1, 1.25, 1.5, 2.0, 3.0];
/// Away from σ = 1, absolute: 1.25 is under the threshold σ = 1.5 and over 1.
const OTHER_SIGMA: f64 = 1.5;
const OTHER_SPIKES: [f64; 2] = [1.25, 2.5];

/// E N^{2/3}(λ₁/σ − 2) for S = 0 in the limit: the means of the Tracy–Widom laws.
///
/// # Source   F. Bornemann, *On the numerical evaluation of distributions in random matrix theory*
/// (2010), Table 10
fn tracy_widom_mean(ensemble: &Ensemble) -> f64 {
    match ensemble {
        Ensemble::Gue { .. } => -1.771_086_807_411,
        Ensemble::Wigner { .. } => -1.206_533_574_582,
    }
}

/// E λ₁ and what is left out of it.
///
/// θ > σ: Φ_N(θ) + c₁/N of [`FiniteSpike`](crate::free::finite_size::FiniteSpike). The expansion goes on in
/// powers of 1/(N(θ/σ − 1)³), at most 1/10 here (in the critical window θ = 1 + xN^{-1/3} all of its terms become of the
/// order N^{-2/3}): what follows is smaller than the GOE's c₁/N, which is τ0 for both ensembles.
///
/// θ < σ: 2σ plus the mean of the Tracy–Widom law at the scale σN^{-2/3}. Its approach to that mean is not
/// resolved: the term itself is τ0. (θ moves the mean towards that of the critical law by less than this.)
struct Mean {
    value: f64,
    remainder: f64,
}

impl Mean {
    fn of(ensemble: &Ensemble, n: usize, theta: f64) -> Self {
        let sigma = ensemble.sigma();
        if theta > sigma {
            let real = spike(&Ensemble::goe().with_sigma(sigma), n, theta);
            return Self {
                value: spike(ensemble, n, theta).mean(),
                remainder: real.shift.abs(),
            };
        }
        let edge = tracy_widom_mean(ensemble) * sigma * (n as f64).powf(-2.0 / 3.0);
        Self {
            value: 2.0 * sigma + edge,
            remainder: edge.abs(),
        }
    }
}

/// Every judged θ with its ensemble.
struct Grid {
    rows: Vec<(Ensemble, f64, Cell)>,
}

fn plan(ensemble: Ensemble, tier: Tier) -> Plan {
    // What is called agreement, in units of σ.
    let (n, agreement) = match tier {
        Tier::Quick => (10_000, 0.02),
        Tier::Standard => (100_000, 0.005),
        Tier::Deep => (1_000_000, 0.001),
    };
    let mut plan = Plan::default();
    let mut grid = Grid { rows: vec![] };
    let other = ensemble.with_sigma(OTHER_SIGMA);
    for (ensemble, spikes) in [(ensemble, &SPIKES[..]), (other, &OTHER_SPIKES)] {
        let e = plan.experiments.len();
        let means: Vec<Mean> = spikes.iter().map(|&t| Mean::of(&ensemble, n, t)).collect();
        let observables = spikes.iter().zip(&means);
        let observables = observables
            .map(|(&theta, mean)| largest(&ensemble, n, theta, mean.value))
            .collect();
        let thetas = spikes.to_vec();
        plan.experiments
            .push(experiment(ensemble, n, 1, observables, move |draw| {
                let mut w = draw()?;
                thetas.iter().map(|&theta| w.largest(theta)).collect()
            }));
        for (o, (&theta, mean)) in spikes.iter().zip(&means).enumerate() {
            let make = || {
                cell(
                    &plan.experiments,
                    (e, o),
                    mean.value,
                    mean.remainder,
                    agreement * ensemble.sigma(),
                )
            };
            plan.cells.push(make());
            grid.rows.push((ensemble, theta, make()));
        }
    }
    let mut plan = sized(plan);
    plan.rivals = grid.rivals();
    plan.rivals.push(unscaled(ensemble, n, agreement));
    plan.rivals.push(many_spikes(ensemble));
    plan
}

/// λ₁, sub-Gaussian with proxy v/N as that of the matrix that T is similar to.
fn largest(ensemble: &Ensemble, n: usize, theta: f64, typical: f64) -> Observable {
    let v = ensemble.variance_proxy().expect("Gaussian entries");
    Observable {
        name: format!("λ₁, θ = {theta}"),
        tail: Tail::SubGaussian {
            variance_proxy: v / n as f64,
        },
        typical,
    }
}

impl Grid {
    /// Another E λ₁ wherever `wrong(σ, θ)` gives one.
    fn other(&self, name: &str, wrong: impl Fn(f64, f64) -> Option<f64>) -> Rival {
        let cells = self.rows.iter().filter_map(|(ensemble, theta, cell)| {
            let wrong = wrong(ensemble.sigma(), *theta)?;
            Some(mistaken(cell, wrong))
        });
        on_same_samples(name, cells.collect())
    }

    fn rivals(&self) -> Vec<Rival> {
        let above = |sigma: f64, theta: f64| theta > sigma;
        vec![
            self.other("Φ = identity", |s, t| above(s, t).then_some(t)),
            self.other("half of the shift", |s, t| {
                above(s, t).then_some(t + 0.5 * s * s / t)
            }),
            self.other("σ in place of σ²", |s, t| {
                above(s, t).then_some(t + s / t)
            }),
            self.other("no transition", |s, t| (t > 0.0).then_some(t + s * s / t)),
            self.other("no outlier", |s, _| Some(2.0 * s)),
            self.other("threshold at 1 for σ", |s, t| {
                (t > 1.0).then_some(t + s * s / t)
            }),
            self.other("outlier at max(θ, 2σ)", |s, t| Some(t.max(2.0 * s))),
        ]
    }
}

/// The spike added to R instead of W: θ/√N stays under every threshold.
fn unscaled(ensemble: Ensemble, n: usize, agreement: f64) -> Rival {
    let theta = 1.5;
    let (truth, drawn) = (
        Mean::of(&ensemble, n, theta),
        Mean::of(&ensemble, n, theta / (n as f64).sqrt()),
    );
    let observables = vec![largest(&ensemble, n, theta, drawn.value)];
    let scale = (n as f64).sqrt().recip();
    let experiments = vec![experiment(ensemble, n, 64, observables, move |draw| {
        Ok(vec![draw()?.largest(theta * scale)?])
    })];
    let judged = cell(
        &experiments,
        (0, 0),
        truth.value,
        truth.remainder,
        agreement,
    );
    Rival {
        name: "spike added to R instead of W".into(),
        side: Side::Data,
        cells: vec![RivalCell {
            cell: judged,
            expected: drawn.value,
            uncertainty: drawn.remainder,
        }],
        experiments,
    }
}

/// Matrix size and share of the twin with a rank proportional to N.
const MANY: (usize, f64) = (100, 0.2);

/// S = θ on a fifth of the coordinates: λ₁ goes to the edge of (0.8 δ₀ + 0.2 δ_θ) ⊞ semicircle, not to Φ(θ).
///
/// That edge is max over x > θ of x + 0.8/x + 0.2/(x − θ) turned round: the minimum of Φ right of θ.
/// λ₁ lies below it by some N^{-2/3}, here less than 0.2.
fn many_spikes(ensemble: Ensemble) -> Rival {
    let (n, share) = MANY;
    let theta = 2.0;
    let signal = Signal::diagonal(SignalShape::Atoms(vec![(0.0, 1.0 - share), (theta, share)]));
    let phi = |x: f64| x + (1.0 - share) / x + share / (x - theta);
    let edge = (1..4000)
        .map(|i| phi(theta + f64::from(i) * 1e-3))
        .fold(f64::INFINITY, f64::min);
    let truth = Mean::of(&ensemble, n, theta);
    let observables = vec![largest(&ensemble, n, theta, edge)];
    let experiments = vec![on_reduced(
        ensemble,
        &signal,
        n,
        64,
        observables,
        |_, t, _| Ok(vec![t.largest(PRECISION)?.value]),
    )];
    let judged = cell(&experiments, (0, 0), truth.value, truth.remainder, 0.2);
    Rival {
        name: format!("k/N → {share}"),
        side: Side::Hypothesis,
        cells: vec![RivalCell {
            cell: judged,
            expected: edge - 0.1,
            uncertainty: 0.1,
        }],
        experiments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_on_both_sides_are_those_of_the_theorem() {
        for ensemble in [Ensemble::gue(), Ensemble::goe().with_sigma(1.5)] {
            let sigma = ensemble.sigma();
            for theta in [0.3 * sigma, 1.2 * sigma, 4.0 * sigma] {
                let limit = if theta > sigma {
                    theta + sigma * sigma / theta
                } else {
                    2.0 * sigma
                };
                let mean = Mean::of(&ensemble, 1_000_000, theta);
                assert!((mean.value - limit).abs() < 1e-3 * sigma);
                assert!(mean.remainder < 1e-3 * sigma);
            }
        }
    }
}
