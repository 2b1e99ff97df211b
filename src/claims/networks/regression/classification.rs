//! Gradient flow of a linear classifier on two Gaussians.

use super::setting::dense;
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{cell, on_own_samples, on_same_samples};
use crate::claims::power::sized;
use crate::design::{
    Cell, Estimator, Experiment, Input, Observable, Plan, Replicate, ReplicateError, Rival,
    RivalCell, Side, Tail, Tier,
};
use crate::ensemble::EntryLaw;
use crate::equivalent::regression::{Classification, Margin};
use faer::Mat;
use nalgebra::{DVector, SymmetricEigen};

/// Margins of new and of training samples in time.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/classification-flow",
            title: "Linear classifier in time",
            statement: "x = yμ + z, |μ|² = ρ, z with independent entries of variance 1; w(t) follows gradient flow on |y − Xᵀw|²/(2n) from w(0) ~ N(0, s₀I/p). Then μᵀw → E and |w|² → V, the mean and \
                        variance of the margin of new samples, and (1/n)yᵀXᵀw → E′, |Xᵀw|²/n → V′ + E′², those of the training samples: integrals over the \
                        Marchenko–Pastur law and over ω, which has an atom at c + 1 + ρ + c/ρ when ρ² > c.",
            formula: r"E=\int\frac{1-e^{-tx}}{x}\,d\omega,\qquad V=\frac{\rho+c}{\rho}\int\frac{(1-e^{-tx})^2}{x^2}\,d\omega+s_0\int e^{-2tx}\,d\mu,\qquad \text{error}\to\Phi(-E/\sqrt V)",
            meaning: "Richardson's 2F(2n) − F(n) of the four statistics is the limit within the tolerance shown, at c = ½ and c = 2, for normal z and in the standard and deep \
                      tiers also for ±1, with μ along the first axis. For normal z the error rates are functions of these four. Averages over w(0) are taken by hand.",
            source: Source {
                work: "lm",
                locus: "our F1",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// A mixture and a time, and the smaller of the two sizes it is drawn at.
#[derive(Debug, Clone, Copy)]
struct Mixture {
    law: EntryLaw,
    n: usize,
    ratio: f64,
    strength: f64,
    initial: f64,
    time: f64,
}

impl Mixture {
    fn limit(&self) -> Margin {
        let model =
            Classification::new(self.ratio, self.strength, self.initial).expect("a mixture");
        model.at(self.time).expect("a time")
    }

    /// The limits of the four observables.
    fn values(&self) -> [f64; 4] {
        let m = self.limit();
        [
            m.mean,
            m.variance,
            m.train_mean,
            m.train_variance + m.train_mean * m.train_mean,
        ]
    }

    fn p(&self, n: usize) -> usize {
        (self.ratio * n as f64).round() as usize
    }

    /// Slopes of the four observables in G = X/√n: `docs/derivations/regression_lipschitz.md`.
    fn slopes(&self, n: usize) -> [f64; 4] {
        let (t, p) = (self.time, self.p(n) as f64);
        let start = self.initial * (p.min(n as f64)).sqrt() / p;
        let e = std::f64::consts::E;
        [
            self.strength.sqrt() * t,
            2.0 * 0.6382 * t.sqrt() * t + start * (4.0 * t / e).sqrt(),
            2.0 * (t / e).sqrt(),
            2f64.sqrt() * 0.9325 * t.sqrt() + start * 0.416 / t.sqrt(),
        ]
    }

    /// Sure ranges of the four: `docs/derivations/regression_lipschitz.md`.
    fn ranges(&self) -> [(f64, f64); 4] {
        let (t, s) = (self.time, self.initial);
        let signal = 0.6384 * (self.strength * t).sqrt();
        [
            (-signal, signal),
            (0.0, 0.4075 * t + s),
            (0.0, 1.0),
            (0.0, 1.0 + s / (2.0 * std::f64::consts::E * t)),
        ]
    }

    fn tail(&self, n: usize, k: usize) -> Tail {
        let Some(lipschitz) = self.law.lipschitz() else {
            let (lo, hi) = self.ranges()[k];
            // The design reckons with a standard deviation of 1/√n of the value; no interval uses it.
            let design_variance = self.values()[k].powi(2) / n as f64;
            return Tail::Bounded {
                lo,
                hi,
                design_variance,
            };
        };
        Tail::SubGaussian {
            variance_proxy: (lipschitz * self.slopes(n)[k]).powi(2) / n as f64,
        }
    }

    fn experiment(&self, n: usize) -> Experiment {
        let typical = self.values();
        let names = ["μᵀw", "|w|²", "yᵀXᵀw/n", "|Xᵀw|²/n"];
        let observables = (0..4).map(|k| Observable {
            name: format!("{}, t = {}", names[k], self.time),
            tail: self.tail(n, k),
            typical: typical[k],
        });
        let own = *self;
        Experiment {
            law: self.law.name().into(),
            signal: format!("mixture, p/n = {}, ρ = {}", self.ratio, self.strength),
            n,
            replicates: 1,
            observables: observables.collect(),
            replicate: Replicate::alone(move |rng, _| {
                let mut z = vec![0.0; own.p(n) * n];
                own.law.fill(rng, &mut z);
                own.measured(n, z, |j| label(j, n))
            }),
        }
    }

    /// The four observables, with the labels that are told; the mixture has those of `label`.
    fn measured(
        &self,
        n: usize,
        z: Vec<f64>,
        told: impl Fn(usize) -> f64,
    ) -> Result<Vec<f64>, ReplicateError> {
        let p = self.p(n);
        let root = self.strength.sqrt();
        let x = Mat::from_fn(p, n, |i, j| {
            z[i + p * j] + if i == 0 { root * label(j, n) } else { 0.0 }
        });
        // XᵀX/n, whose eigenvectors v give w = Xh(XᵀX/n)y/n, h(x) = (1 − e^{−tx})/x, without those of Ĉ.
        let x = dense(&x);
        let gram = SymmetricEigen::new(x.tr_mul(&x) / n as f64);
        let y = DVector::from_fn(n, |j, _| told(j));
        let (along, first) = (gram.eigenvectors.tr_mul(&y), x.row(0) * &gram.eigenvectors);
        let start = self.initial / p as f64;
        // Ĉ has p − n eigenvalues 0 more, if p > n; n − p fewer otherwise.
        let (mut mean, mut power, mut fit, mut square) =
            (0.0, start * (p as f64 - n as f64), 0.0, 0.0);
        for (k, &value) in gram.eigenvalues.iter().enumerate() {
            let value = value.max(0.0);
            let learnt = if value > 1e-12 {
                -libm::expm1(-self.time * value) / value
            } else {
                self.time
            };
            let left = libm::exp(-2.0 * self.time * value);
            let weight = along[k] * along[k] / n as f64;
            mean += root * first[k] * learnt * along[k] / n as f64;
            power += value * learnt * learnt * weight + start * left;
            fit += value * learnt * weight;
            square += (value * learnt).powi(2) * weight + start * value * left;
        }
        Ok(vec![mean, power, fit, square])
    }
}

/// One class first, then the other.
fn label(j: usize, n: usize) -> f64 {
    if 2 * j < n { 1.0 } else { -1.0 }
}

fn plan(tier: Tier) -> Plan {
    let (gauss, signs) = (EntryLaw::Gaussian, EntryLaw::Rademacher);
    let mixture = |law, n, ratio, strength, time| Mixture {
        law,
        n,
        ratio,
        strength,
        initial: 0.5,
        time,
    };
    let (mixtures, margin) = match tier {
        Tier::Quick => (vec![mixture(gauss, 12, 2.0, 3.0, 0.25)], 0.3),
        Tier::Standard => (
            vec![
                mixture(gauss, 32, 0.5, 2.0, 1.0),
                mixture(gauss, 32, 2.0, 3.0, 0.5),
                mixture(signs, 16, 2.0, 3.0, 0.5),
            ],
            0.3,
        ),
        Tier::Deep => (
            vec![
                mixture(gauss, 100, 0.5, 2.0, 1.0),
                mixture(gauss, 100, 0.5, 1.0, 2.0),
                mixture(gauss, 100, 2.0, 3.0, 1.0),
                mixture(EntryLaw::Uniform, 100, 0.5, 2.0, 1.0),
                mixture(signs, 100, 0.5, 2.0, 1.0),
                mixture(signs, 100, 2.0, 3.0, 1.0),
            ],
            0.1,
        ),
    };
    let mut plan = Plan::default();
    for m in &mixtures {
        plan.experiments.push(m.experiment(m.n));
        plan.experiments.push(m.experiment(2 * m.n));
    }
    for (k, m) in mixtures.iter().enumerate() {
        for (o, value) in m.values().into_iter().enumerate() {
            plan.cells
                .push(contrast(&plan.experiments, k, o, value, value, margin));
        }
    }
    let mut plan = sized(plan);
    plan.rivals = rivals(&plan, &mixtures, margin);
    plan
}

/// 2F(2n) − F(n) against `theory`; what the 1/n² leaves is allowed to be 8/n² of the right value.
fn contrast(
    experiments: &[Experiment],
    k: usize,
    o: usize,
    theory: f64,
    right: f64,
    margin: f64,
) -> Cell {
    let inner = 8.0 / (experiments[2 * k].n as f64).powi(2) * right;
    let base = cell(
        experiments,
        (2 * k + 1, o),
        theory,
        inner,
        inner + margin * right,
    );
    Cell {
        point: format!("2F(2n) − F(n), {}", base.point),
        estimator: Estimator::contrast(&[
            (Input::new(2 * k + 1, o), 2.0),
            (Input::new(2 * k, o), -1.0),
        ]),
        ..base
    }
}

fn rivals(plan: &Plan, mixtures: &[Mixture], margin: f64) -> Vec<Rival> {
    let off = |o: usize, wrong: &dyn Fn(&Mixture) -> f64| -> Vec<RivalCell> {
        let cells = mixtures.iter().enumerate().map(|(k, m)| {
            let right = m.values()[o];
            let judged = contrast(&plan.experiments, k, o, wrong(m), right, margin);
            RivalCell {
                expected: right,
                uncertainty: judged.inner,
                cell: judged,
            }
        });
        cells.collect()
    };
    let other = |name: &str, o: usize, wrong: &dyn Fn(&Mixture) -> f64| {
        on_same_samples(name, off(o, wrong))
    };
    let spike = |m: &Mixture| {
        let at = m.ratio + 1.0 + m.strength + m.ratio / m.strength;
        let mass = (m.strength * m.strength - m.ratio).max(0.0) / m.strength;
        (mass, -libm::expm1(-m.time * at) / at)
    };
    let gain = |m: &Mixture| 1.0 + m.ratio / m.strength;
    let mut without = off(0, &|m| m.values()[0] - spike(m).0 * spike(m).1);
    without.extend(off(1, &|m| {
        m.values()[1] - gain(m) * spike(m).0 * spike(m).1.powi(2)
    }));
    let mut all = vec![
        on_same_samples("no atom in ω", without),
        other("no s₀", 1, &|m| {
            Mixture { initial: 0.0, ..*m }.values()[1]
        }),
        other("training margin that of new samples", 2, &|m| m.values()[0]),
        other("second moment for the variance", 3, &|m| {
            m.limit().train_variance
        }),
    ];
    // Labels that have nothing to do with the classes: every other one, so that each class is told both.
    let m = mixtures[0];
    let n = m.n;
    let mut own = m.experiment(n);
    own.signal = format!("{}, labels of no class", own.signal);
    own.observables.truncate(1);
    own.replicates = 1024;
    own.replicate = Replicate::alone(move |rng, _| {
        let mut z = vec![0.0; m.p(n) * n];
        EntryLaw::Gaussian.fill(rng, &mut z);
        let all = m.measured(n, z, |j| if j % 2 == 0 { 1.0 } else { -1.0 })?;
        Ok(all[..1].to_vec())
    });
    let experiments = vec![own];
    let right = m.values()[0];
    let judged = cell(&experiments, (0, 0), right, 0.05 * right, margin * right);
    // Within each class the two labels are exchangeable: μᵀw is 0 in the mean.
    let cells = vec![RivalCell {
        cell: judged,
        expected: 0.0,
        uncertainty: 0.0,
    }];
    all.push(on_own_samples(
        "labels of no class",
        Side::Hypothesis,
        experiments,
        cells,
    ));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    #[test]
    fn no_gradient_is_steeper_than_the_proxies_say() {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "gaussian".into(),
            n: 6,
            signal: "mixture".into(),
        };
        for (ratio, time) in [(0.5, 0.4), (0.5, 3.0), (1.5, 1.0)] {
            let n = 6;
            let m = Mixture {
                law: EntryLaw::Gaussian,
                n,
                ratio,
                strength: 2.0,
                initial: 0.5,
                time,
            };
            let bounds = m.slopes(n).map(|k| k * k / n as f64);
            let mut worst = [0.0f64; 4];
            for index in 0..8 {
                let mut z = vec![0.0; m.p(n) * n];
                EntryLaw::Gaussian.fill(&mut key.generator(index), &mut z);
                let size = [0.1, 0.5, 1.0, 2.0][index as usize % 4];
                z.iter_mut().for_each(|z| *z *= size);
                let mut squares = [0.0; 4];
                for k in 0..z.len() {
                    let moved = |by: f64| {
                        let mut z = z.clone();
                        z[k] += by;
                        m.measured(n, z, |j| label(j, n)).unwrap()
                    };
                    let (up, down) = (moved(1e-5), moved(-1e-5));
                    for o in 0..4 {
                        squares[o] += ((up[o] - down[o]) / 2e-5).powi(2);
                    }
                }
                for o in 0..4 {
                    worst[o] = worst[o].max((squares[o] / bounds[o]).sqrt());
                }
            }
            for ratio in worst {
                assert!(ratio <= 1.0 && ratio > 0.02, "{m:?}: {worst:?}");
            }
        }
    }
}
