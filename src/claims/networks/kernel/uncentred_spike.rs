//! An activation that is not centred gives the kernel one eigenvalue of order n.

use super::deep::{Kind, Model, scaled_gram};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{cell, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Experiment, Observable, Plan, Replicate, RivalCell, Tail, Tier};
use crate::ensemble::Hermitian;
use crate::equivalent::activation::Activation;
use crate::spectrum::Tridiagonal;
use nalgebra::DMatrix;

/// What a rival takes for |E s|.
type Wrong<'a> = &'a dyn Fn(&Spike) -> f64;

/// C5.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/uncentred-spike",
            title: "Spike of an uncentred activation",
            statement: "K(i,j) = E s(u)s(v), (u, v) ~ N(0, XᵀX at i, j), |x_i|² → τ². Then λ₁(K)/n → (E s(τξ))². Judged: √(λ₁/n).",
            formula: r"\frac{\lambda_1(K)}{n}\;\longrightarrow\;\bigl(\mathbb{E}\,s(\tau\xi)\bigr)^2",
            meaning: "Without centring the mean of the activation dominates the kernel, at exactly its square, up to an allowance of order \
                      1/n. What is left is the centred kernel.",
            source: Source {
                work: "lm",
                locus: "our C5",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

struct Spike {
    model: Model,
    activation: Activation,
}

fn plan(tier: Tier) -> Plan {
    use Activation::{Cos, Relu};
    let (sizes, margin): (&[usize], f64) = match tier {
        Tier::Quick => (&[64], 0.04),
        Tier::Standard => (&[64, 256], 0.01),
        Tier::Deep => (&[256, 1024], 0.003),
    };
    let mut plan = Plan::default();
    let mut all = vec![];
    for activation in [Relu, Cos] {
        for &n in sizes {
            let spike = Spike {
                model: Model::new(Kind::Conjugate, &[activation], 1.5, n, n),
                activation,
            };
            let e = plan.experiments.len();
            plan.experiments.push(spike.experiment());
            let inner = spike.allowance();
            let judged = cell(
                &plan.experiments,
                (e, 0),
                spike.mean(),
                inner,
                inner + margin,
            );
            plan.cells.push(judged);
            all.push(spike);
        }
    }
    let mut plan = sized(plan);
    let rivals: [(&str, Wrong); 4] = [
        ("√E s² for |E s|", &|s| s.moments().0),
        ("√Var s", &|s| s.moments().1),
        ("mean at scale 1", &|s| {
            s.activation.moments(1.0).expect("scale 1").mean
        }),
        ("a₁ for a₀", &|s| {
            let scale = s.model.network.scales()[0];
            scale * s.model.network.moments()[0].slope
        }),
    ];
    for (name, wrong) in rivals {
        let cells = all.iter().enumerate().map(|(e, spike)| {
            let inner = spike.allowance();
            RivalCell {
                cell: cell(
                    &plan.experiments,
                    (e, 0),
                    wrong(spike),
                    inner,
                    inner + margin,
                ),
                expected: spike.mean(),
                uncertainty: inner,
            }
        });
        let rival = on_same_samples(name, cells.collect());
        plan.rivals.push(rival);
    }
    plan
}

impl Spike {
    fn mean(&self) -> f64 {
        self.model.network.moments()[0].mean
    }

    /// √E s² and √Var s.
    fn moments(&self) -> (f64, f64) {
        let m = self.model.network.moments()[0];
        ((m.variance + m.mean * m.mean).sqrt(), m.variance.sqrt())
    }

    /// λ₁/n − a₀²: the features are a₀ and a centred rest, whose Gram matrix has a norm that its equivalent bounds by
    /// α₁v(1 + √(n/p))² + α₃v²n/p + d − α₁v; twice that over n, and the root divides it by 2a₀. And |x_i|² has the variance 2v²/p, which moves the
    /// mean of the activation by (v²/p)∂²E s/∂v²; twice that.
    fn allowance(&self) -> f64 {
        let (right, h) = (self.model.equivalent(), self.model.shape());
        let v = self.model.variance;
        let bulk = right.gram * v * (1.0 + h.sqrt()).powi(2);
        let norm = bulk + right.cross * v * v * h + right.identity();
        // E s″ = 2∂E s/∂v.
        let curvature = |v: f64| self.activation.moments(v.sqrt()).expect("v > 0").curvature;
        let second = (curvature(v + 1e-4) - curvature(v - 1e-4)) / 4e-4;
        norm / (self.mean() * self.model.n as f64)
            + 2.0 * v * v / self.model.p as f64 * second.abs()
    }

    /// √(λ₁/n) = ‖Φ‖/√n is Lipschitz like √(tr K/n): proxy S/n of `docs/derivations/kernel_features.md`.
    fn experiment(&self) -> Experiment {
        let model = self.model.clone();
        let s = self.activation;
        let (samples, n) = (model.samples(), model.n as f64);
        let slope = model.variance * model.feature_slope() / model.p as f64;
        Experiment {
            law: "gaussian".into(),
            signal: format!("{} not centred, v = {}", s.name(), model.variance),
            n: model.n,
            replicates: 64,
            observables: vec![Observable {
                name: "√(λ₁/n)".into(),
                tail: Tail::SubGaussian {
                    variance_proxy: slope / n,
                },
                typical: self.mean(),
            }],
            replicate: Replicate::alone(move |rng, _| {
                let x = samples.draw(rng);
                let gram = scaled_gram(&samples, &x);
                let Hermitian::Real(k) = Hermitian::from_lower(Hermitian::Real(kernel(s, &gram)?))?
                else {
                    unreachable!("kernels are real")
                };
                let largest = Tridiagonal::reduce(&Hermitian::real(k)?)?.largest(1e-10)?;
                Ok(vec![(largest.value / n).sqrt()])
            }),
        }
    }
}

/// E s(u)s(v), the lower triangle.
fn kernel(
    s: Activation,
    gram: &DMatrix<f64>,
) -> Result<DMatrix<f64>, crate::equivalent::EquivalentError> {
    let n = gram.nrows();
    let mut k = DMatrix::zeros(n, n);
    for j in 0..n {
        for i in j..n {
            k[(i, j)] = s.kernel(gram[(i, i)], gram[(j, j)], gram[(i, j)])?;
        }
    }
    Ok(k)
}
