//! How much of the spike's eigenvector the outlier keeps: Φ′(θ).

use super::Claim;
use super::common::{cell, mistaken, on_reduced, on_same_samples};
use super::power::sized;
use super::rank_one::{Draw, experiment, rank_one};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Experiment, Observable, Plan, Rival, RivalCell, Side, Tail, Tier};
use crate::ensemble::{Ensemble, EntryLaw, Signal, SignalShape};
use crate::free::finite_size::{EntryStatistics, FiniteSpike};

/// |⟨u_λ, v_θ⟩|² → Φ′(θ).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/outlier-overlap",
            title: "Eigenvector of an outlier",
            statement: "If the spike θ separates, the squared overlap of the outlier's eigenvector with that \
                        of the spike tends to Φ′(θ) = 1 − σ²∫ν(dt)/(θ − t)². Below the threshold it tends to 0.",
            formula: r"|\langle u_\lambda,v_\theta\rangle|^2\;\longrightarrow\;\Phi'(\theta)=1-\sigma^2\!\int\frac{\nu(dt)}{(\theta-t)^2}",
            meaning: "At the sizes N and spikes θ listed the mean overlap is dΦ_N/dθ and its next order, \
                      d(c₁/N)/dθ, within the tolerance shown; for the GOE, the GUE and Rademacher entries. Since \
                      dλ/dθ is the overlap, this is the slope of the outlier map seen in one matrix.",
            source: Source {
                work: "BGN",
                locus: "Theorem 2.2 (ν = δ₀); general ν: Capitaine 2013",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// Of the GOE with σ = 1.
const SPIKES: [f64; 5] = [0.5, 1.25, 1.5, 2.0, 3.0];
/// Of the GUE with this σ.
const UNITARY: (f64, [f64; 2]) = (0.7, [1.05, 1.4]);
/// A spike right of ¾ δ_{−0.4} + ¼ δ_{1.2}.
const OF_TWO_ATOMS: f64 = 2.4;

/// What is drawn: one noise, then every spike in the first place of the diagonal.
struct Model {
    ensemble: Ensemble,
    n: usize,
    /// Eigenvalues of S but the spike; empty: zeros.
    bulk: &'static [(f64, f64)],
    thetas: Vec<f64>,
}

impl Model {
    fn signal(&self, theta: f64) -> Vec<f64> {
        if self.bulk.is_empty() {
            return rank_one(self.n, theta);
        }
        let bulk = Signal::diagonal(SignalShape::Atoms(self.bulk.to_vec()));
        let mut values = vec![theta];
        values.extend(
            bulk.eigenvalues(self.n - 1)
                .expect("two atoms exist at every N"),
        );
        values
    }

    /// (E|⟨u, e₁⟩|², bound of what is left out, a guess at its variance).
    ///
    /// By Hellmann and Feynman |⟨u, e₁⟩|² = dλ/dθ, at every N. So its mean is d/dθ (Φ_N(θ) + c₁/N) up to the
    /// next order, which is smaller than the GOE's d/dθ (c₁/N) by the factor 1/(N(θ/σ − 1)³) (see the claim
    /// `background/peche`); τ0 is that derivative itself, for every law.
    ///
    /// Below the threshold, S of rank one: u is (W₀ − λ)⁻¹e₁ normalised, W₀ without the spike, and its weight
    /// exceeds that of an eigenvector of W₀, 1/N in the mean, by the factor (1 − θG(2σ))⁻² = (1 − θ/σ)⁻² to leading
    /// order. τ0 is the whole of it.
    fn mean(&self, theta: f64) -> (f64, f64, f64) {
        let sigma = self.ensemble.sigma();
        let law = EntryStatistics::of(&self.ensemble);
        let at = |theta: f64, law| FiniteSpike::new(&self.signal(theta), 0, sigma, law);
        let Ok(here) = at(theta, law) else {
            let value = 1.0 / (self.n as f64 * (1.0 - theta / sigma).powi(2));
            return (value, value, value * value);
        };
        let step = 1e-4;
        let difference = |law, of: fn(&FiniteSpike) -> f64| {
            let separated = "the spikes are far from the threshold";
            let hi = of(&at(theta + step, law).expect(separated));
            (hi - of(&at(theta - step, law).expect(separated))) / (2.0 * step)
        };
        let real = EntryStatistics::goe();
        let remainder = difference(real, |s| s.shift).abs();
        // The overlap follows λ: it is about Φ′ at the strength whose Φ is λ.
        let follows = difference(law, |s| s.slope) / here.slope;
        (
            difference(law, FiniteSpike::mean),
            remainder,
            follows * follows * here.variance / self.n as f64,
        )
    }

    fn experiment(&self) -> Experiment {
        let observables = self.thetas.iter().map(|&theta| self.overlap(theta));
        let observables = observables.collect();
        let thetas = self.thetas.clone();
        if self.bulk.is_empty() {
            return experiment(self.ensemble, self.n, 1, observables, move |draw| {
                let mut w = draw()?;
                thetas.iter().map(|&theta| w.weight(theta)).collect()
            });
        }
        let signal = Signal::diagonal(SignalShape::Prescribed(self.signal(thetas[0])));
        on_reduced(self.ensemble, &signal, self.n, 1, observables, |_, t, _| {
            // The reduction leaves the first unit vector where it is, hence the weights too.
            Ok(vec![Draw::of(t.clone()).weight(0.0)?])
        })
    }

    /// In [0, 1] for sure. The design reckons with thrice the variance that theory suggests.
    fn overlap(&self, theta: f64) -> Observable {
        let (typical, _, variance) = self.mean(theta);
        Observable {
            name: format!("overlap, θ = {theta}"),
            tail: Tail::Bounded {
                lo: 0.0,
                hi: 1.0,
                design_variance: (3.0 * variance).min(0.25),
            },
            typical,
        }
    }
}

fn models(n: usize, dense: usize) -> [Model; 4] {
    const BULK: &[(f64, f64)] = &[(-0.4, 0.75), (1.2, 0.25)];
    let of_two_atoms = |ensemble| Model {
        ensemble,
        n: dense,
        bulk: BULK,
        thetas: vec![OF_TWO_ATOMS],
    };
    let (sigma, unitary) = UNITARY;
    [
        Model {
            ensemble: Ensemble::goe(),
            n,
            bulk: &[],
            thetas: SPIKES.to_vec(),
        },
        Model {
            ensemble: Ensemble::gue().with_sigma(sigma),
            n,
            bulk: &[],
            thetas: unitary.to_vec(),
        },
        of_two_atoms(Ensemble::goe()),
        of_two_atoms(Ensemble::wigner(EntryLaw::Rademacher)),
    ]
}

fn plan(tier: Tier) -> Plan {
    // Sizes of the tridiagonal and of the dense draws; agreement beyond τ0 for both.
    let (n, dense, margins) = match tier {
        Tier::Quick => (500, 48, [0.07, 0.15]),
        Tier::Standard => (3_000, 128, [0.035, 0.06]),
        Tier::Deep => (40_000, 512, [0.01, 0.02]),
    };
    let mut plan = Plan::default();
    // (σ, whether S has rank one, θ) of each cell
    let mut judged: Vec<(f64, bool, f64)> = vec![];
    let models = models(n, dense);
    for model in &models {
        let e = plan.experiments.len();
        plan.experiments.push(model.experiment());
        let pure = model.bulk.is_empty();
        for (o, &theta) in model.thetas.iter().enumerate() {
            let (mean, remainder, _) = model.mean(theta);
            let outer = remainder + margins[usize::from(!pure)];
            plan.cells
                .push(cell(&plan.experiments, (e, o), mean, remainder, outer));
            judged.push((model.ensemble.sigma(), pure, theta));
        }
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&plan.cells, &judged);
    plan.rivals.push(absorbed(&models[0], margins[0]));
    plan.rivals.push(many_spikes(margins[1]));
    plan
}

fn theory_rivals(cells: &[Cell], judged: &[(f64, bool, f64)]) -> Vec<Rival> {
    // Wrong overlaps as functions of x = θ/σ and of the right one, where the spike separates.
    let other = |name: &str, wrong: &dyn Fn(f64, f64) -> f64| {
        let cells = cells
            .iter()
            .zip(judged)
            .filter(|(_, (sigma, pure, theta))| *pure && theta > sigma);
        let cells = cells
            .map(|(cell, (sigma, _, theta))| mistaken(cell, wrong(theta / sigma, cell.theory)));
        on_same_samples(name, cells.collect())
    };
    vec![
        other("1 − σ/θ", &|x, _| 1.0 - 1.0 / x),
        other("Φ′² for Φ′", &|_, right| right * right),
        other("√Φ′: the overlap not squared", &|_, right| {
            right.sqrt()
        }),
        other("eigenvector kept", &|_, _| 1.0),
        other("slope of θ + σ²/(2θ)", &|x, _| 1.0 - 0.5 / (x * x)),
        other("no overlap left", &|_, _| 0.0),
    ]
}

/// θ = 0.9σ, judged by Φ′(θ) all the same. The overlap is then of the order N^{-1/3}, not −0.23.
fn absorbed(model: &Model, margin: f64) -> Rival {
    let theta = 0.9;
    let alone = Model {
        ensemble: model.ensemble,
        n: model.n,
        bulk: &[],
        thetas: vec![theta],
    };
    let mut experiments = vec![alone.experiment()];
    experiments[0].observables[0].tail = Tail::Bounded {
        lo: 0.0,
        hi: 1.0,
        design_variance: 0.04,
    };
    experiments[0].replicates = 1_500;
    let slope = 1.0 - 1.0 / (theta * theta);
    let judged = cell(&experiments, (0, 0), slope, 0.0, margin);
    Rival {
        name: "Φ′(θ) ≤ 0".into(),
        side: Side::Hypothesis,
        cells: vec![RivalCell {
            cell: judged,
            expected: 0.1,
            uncertainty: 0.1,
        }],
        experiments,
    }
}

/// θ on a fifth of the coordinates: the top eigenvector has at most 1/k of its weight on each, by symmetry.
fn many_spikes(margin: f64) -> Rival {
    let (n, share, theta) = (50, 0.2, 2.0);
    let signal = Signal::diagonal(SignalShape::Atoms(vec![(0.0, 1.0 - share), (theta, share)]));
    let each = 1.0 / (n as f64 * share);
    let slope = 1.0 - 1.0 / (theta * theta);
    let observables = vec![Observable {
        name: format!("overlap, θ = {theta}"),
        tail: Tail::Bounded {
            lo: 0.0,
            hi: 1.0,
            design_variance: each,
        },
        typical: each,
    }];
    let goe = Ensemble::goe();
    let experiments = vec![on_reduced(goe, &signal, n, 600, observables, |_, t, _| {
        Ok(vec![Draw::of(t.clone()).weight(0.0)?])
    })];
    let judged = cell(&experiments, (0, 0), slope, 0.0, margin);
    Rival {
        name: format!("k/N → {share}"),
        side: Side::Hypothesis,
        cells: vec![RivalCell {
            cell: judged,
            expected: 0.5 * each,
            uncertainty: 0.5 * each,
        }],
        experiments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_tend_to_the_slope_of_the_outlier_map() {
        for model in models(100_000, 10_000) {
            for &theta in &model.thetas {
                let x = theta / model.ensemble.sigma();
                let slope = match model.bulk {
                    [] if x < 1.0 => 0.0,
                    [] => 1.0 - x.powi(-2),
                    atoms => {
                        1.0 - atoms
                            .iter()
                            .map(|(t, w)| w / (theta - t).powi(2))
                            .sum::<f64>()
                    }
                };
                let (mean, remainder, _) = model.mean(theta);
                assert!((mean - slope).abs() < 1e-3, "{theta}: {mean} {slope}");
                assert!(remainder < 1e-3);
            }
        }
    }
}
