//! A rank-one signal in rectangular noise.

use super::model::{Judged, judge, other_data, real};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Replicate, Rival, Side, Tail, Tier};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::covariance::{FiniteInformationNoise, InformationNoise};
use nalgebra::{DMatrix, DVector};

/// X₀ = Z/√d + √θ uvᵀ.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/information-plus-noise",
            title: "A rank-one signal in rectangular noise",
            statement: "X₀ = Z/√d + √θ uvᵀ, d × n, n/d → h. For θ > √h: λ_max(X₀ᵀX₀) → (1 + θ)(h + θ)/θ, |⟨v̂, v⟩|² → 1 − h(1 + θ)/(θ(θ + h)) in ℝⁿ \
                        and |⟨û, u⟩|² → 1 − (h + θ)/(θ(θ + 1)) in ℝᵈ.",
            formula: r"\lambda_{\max}(X_0^{\mathsf T}X_0)\to\frac{(1+\theta)(h+\theta)}{\theta},\quad|\langle\hat v,v\rangle|^2\to1-\frac{h(1+\theta)}{\theta(\theta+h)},\quad|\langle\hat u,u\rangle|^2\to1-\frac{h+\theta}{\theta(\theta+1)}",
            meaning: "At the sizes listed the mean of the largest singular value and of both overlaps are those of the limit and their own terms of \
                      order 1/n (ours) within the tolerance shown, for Gaussian entries; for Rademacher ones the limit within an allowance of that order.",
            source: Source {
                work: "lm",
                locus: "our A6(d)",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

#[derive(Clone, Copy)]
struct Model {
    law: EntryLaw,
    d: usize,
    n: usize,
    theta: f64,
}

impl Model {
    fn limit(&self) -> InformationNoise {
        InformationNoise::new(self.n as f64 / self.d as f64, self.theta).expect("h, θ > 0")
    }

    /// Means of √λ_max and of both overlaps with what is allowed besides.
    ///
    /// Gaussian noise: to order 1/n, and the size of that order, or ½/min(d, n) if its parts cancel. Other noise: the limit; n·bias of
    /// overlaps is between −2 and −1 in an earlier simulation, twice the larger is allowed over min(d, n).
    fn means(&self) -> [(f64, f64); 3] {
        let (limit, size) = (self.limit(), self.d.min(self.n) as f64);
        let limits = [
            limit.location().sqrt(),
            limit.left_overlap(),
            limit.right_overlap(),
        ];
        if self.law != EntryLaw::Gaussian || !limit.separates() {
            return limits.map(|value| (value, 4.0 / size));
        }
        let finite = FiniteInformationNoise::new(self.d, self.n, self.theta);
        let finite = finite.expect("the spike separates");
        let known = "the equation of a spike that separates has a root";
        let means = [
            finite.mean_singular_value().expect(known),
            finite.mean_left_overlap().expect(known),
            finite.mean_right_overlap().expect(known),
        ];
        let rest = |i: usize| (means[i] - limits[i]).abs().max(0.5 / size);
        [0, 1, 2].map(|i| (means[i], rest(i)))
    }

    fn judged(&self, margins: [f64; 2]) -> Vec<Judged> {
        let size = self.d.min(self.n) as f64;
        let [value, left, right] = self.means();
        // √λ_max is 1-Lipschitz in X₀, hence 1/√d in Z; entries ±1: Var ≤ 2/d, it is convex.
        let scale = 1.0 / self.d as f64;
        let tail = match self.law.lipschitz() {
            Some(l) => Tail::SubGaussian {
                variance_proxy: l * l * scale,
            },
            None => {
                assert_eq!(
                    self.law,
                    EntryLaw::Rademacher,
                    "the bound is for entries ±1"
                );
                Tail::Variance { bound: 2.0 * scale }
            }
        };
        let overlap = |name: &str, (theory, rest): (f64, f64)| Judged {
            name: format!("{name}, θ = {}", self.theta),
            tail: Tail::Bounded {
                lo: 0.0,
                hi: 1.0 + 1e-9,
                // A guess; no interval uses it.
                design_variance: (2.0 / size).min(0.25),
            },
            theory,
            inner: rest,
            outer: rest + margins[1],
        };
        vec![
            Judged {
                name: format!("√λ_max, θ = {}", self.theta),
                tail,
                theory: value.0,
                inner: value.1,
                outer: value.1 + margins[0],
            },
            overlap("|⟨û, u⟩|²", left),
            overlap("|⟨v̂, v⟩|²", right),
        ]
    }

    fn experiment(&self, judged: &[Judged]) -> Experiment {
        let samples = Samples::new(self.law, vec![1.0; self.d], self.n).expect("white noise");
        let Self { d, n, theta, .. } = *self;
        Experiment {
            law: self.law.name().into(),
            signal: format!("√θ uvᵀ, d = {d}"),
            n,
            replicates: 1,
            observables: judged.iter().map(Judged::observable).collect(),
            replicate: Replicate::alone(move |rng, _| {
                let mut x = samples.draw(rng);
                // u and v with equal entries; noise of Gaussians does not see which.
                let (root, each) = ((d as f64).sqrt(), (theta / (d * n) as f64).sqrt());
                for j in 0..n {
                    for i in 0..d {
                        x[(i, j)] = x[(i, j)] / root + each;
                    }
                }
                let gram = real(samples.covariance(x.as_ref())) * n as f64;
                let (value, left) = top(&gram)?;
                // v̂ = X₀ᵀû/s, and ⟨v̂, v⟩ = ûᵀX₀v/s.
                let forward: f64 = (0..d)
                    .map(|i| left[i] * (0..n).map(|j| x[(i, j)]).sum::<f64>())
                    .sum();
                let right = forward * forward / (value * n as f64);
                Ok(vec![value.sqrt(), left.sum().powi(2) / d as f64, right])
            }),
        }
    }
}

/// The largest eigenvalue of a positive matrix and its vector, by powers applied to the constant vector.
///
/// Stops when ‖Gu − μu‖ ≤ 1e-6·μ, so that μ is off by less than 1e-11·μ over the relative gap, u by 1e-6 over it.
fn top(g: &DMatrix<f64>) -> Result<(f64, DVector<f64>), &'static str> {
    let d = g.nrows();
    let mut u = DVector::from_element(d, 1.0 / (d as f64).sqrt());
    for _ in 0..100_000 {
        let next = g * &u;
        let value = u.dot(&next);
        let defect = (&next - &u * value).norm();
        u = next.normalize();
        if defect <= 1e-6 * value {
            return Ok((value, u));
        }
    }
    Err("the largest singular value is too close to the next")
}

fn plan(tier: Tier) -> Plan {
    use EntryLaw::{Gaussian, Rademacher};
    let (d, margins) = match tier {
        Tier::Quick => (24, [0.25, 0.13]),
        Tier::Standard => (64, [0.1, 0.07]),
        Tier::Deep => (1024, [0.01, 0.01]),
    };
    let of = |law, n, theta| Model { law, d, n, theta };
    let mut models = vec![of(Gaussian, 3 * d, 4.0)];
    if tier != Tier::Quick {
        models.push(of(Gaussian, d / 2, 3.0));
        models.push(of(Rademacher, 2 * d, 4.0));
    }
    let mut plan = Plan::default();
    for model in &models {
        let judged = model.judged(margins);
        judge(&mut plan, model.experiment(&judged), &judged);
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&models, &plan.cells);
    plan.rivals.push(weak(&models[0], margins, &plan.cells));
    plan
}

/// The three statistics from h, θ and the limit, where a rival has an opinion.
type Wrong<'a> = &'a dyn Fn(f64, f64, &InformationNoise) -> [Option<f64>; 3];

fn theory_rivals(models: &[Model], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: Wrong| {
        let cells = models.iter().zip(cells.chunks(3));
        let cells = cells.flat_map(|(model, cells)| {
            let h = model.n as f64 / model.d as f64;
            let wrong = wrong(h, model.theta, &model.limit());
            let pairs = cells.iter().zip(wrong);
            pairs
                .filter_map(|(cell, wrong)| Some(mistaken(cell, wrong?)))
                .collect::<Vec<_>>()
        });
        on_same_samples(name, cells.collect())
    };
    vec![
        other("λ_max → θ: no noise", &|_, t, _| {
            [Some(t.sqrt()), Some(1.0), Some(1.0)]
        }),
        other("normalised by n: λ_max/h", &|h, t, _| {
            [Some(((1.0 + t) * (1.0 + h / t) / h).sqrt()), None, None]
        }),
        other("overlaps 1 − h/θ²", &|h, t, _| {
            let wrong = 1.0 - h / (t * t);
            [None, Some(wrong), Some(wrong)]
        }),
        other("1/h for h", &|h, t, _| {
            let wrong = InformationNoise::new(1.0 / h, t).expect("h, θ > 0");
            [
                Some(wrong.location().sqrt()),
                Some(wrong.left_overlap()),
                Some(wrong.right_overlap()),
            ]
        }),
        other("overlaps of u and v exchanged", &|_, _, limit| {
            [
                None,
                Some(limit.right_overlap()),
                Some(limit.left_overlap()),
            ]
        }),
    ]
}

/// A signal below the threshold, judged by the overlaps of the strong one: what it keeps is of order n^{−1/3}.
fn weak(model: &Model, margins: [f64; 2], cells: &[Cell]) -> Rival {
    let weak = Model {
        theta: 0.3,
        ..*model
    };
    let judged = weak.judged(margins);
    let mut experiment = weak.experiment(&judged);
    for observable in &mut experiment.observables[1..] {
        observable.tail = Tail::Bounded {
            lo: 0.0,
            hi: 1.0 + 1e-9,
            design_variance: 0.04,
        };
    }
    let mut rival = other_data(
        "θ below √h",
        Side::Hypothesis,
        experiment,
        700,
        &[0.0, 0.12, 0.12],
        &cells[..3],
    );
    rival.cells.remove(0);
    rival.cells.iter_mut().for_each(|c| c.uncertainty = 0.12);
    rival
}
