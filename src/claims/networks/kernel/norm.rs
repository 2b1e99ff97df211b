//! ‖K − K̃‖√n ≤ B as an event, on a mixture of two classes.

use super::deep::{Kind, scaled_gram};
use crate::claims::common::{cell, on_same_samples};
use crate::design::{Experiment, Observable, Plan, Replicate, ReplicateError, RivalCell, Tail};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::{DeepKernel, LinearEquivalent, Mixture};
use crate::spectrum::{Hermitian, Tridiagonal};
use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// One activation, one layer, n = p, τ₀ = 1; two classes N(±e_1·MEAN, (1 ± SPREAD/√p)I) of equal size.
#[derive(Debug, Clone)]
pub(super) struct Norms {
    kind: Kind,
    activation: Activation,
    n: usize,
    /// B, twice the largest of ‖K − K̃‖√n of an earlier simulation between n = 200 and 1600.
    bound: f64,
}

/// Norm of the class means.
const MEAN: f64 = 2.0;
/// |t_a|.
const SPREAD: f64 = 2.0;
/// P(‖K − K̃‖√n ≤ B) is at least 1 less this …
const RARE: f64 = 0.05;
/// … and agreement is called at this much less than 1.
const AGREED: f64 = 0.7;

const KNOWN: &str = "the claims' own mixtures are well posed";

impl Norms {
    pub fn conjugate(activation: Activation, n: usize) -> Self {
        let bound = match activation {
            Activation::Relu => 1.5,
            Activation::Erf => 5.7,
            Activation::Cos => 3.5,
            _ => 8.0,
        };
        Self {
            kind: Kind::Conjugate,
            activation,
            n,
            bound,
        }
    }

    pub fn tangent(activation: Activation, n: usize) -> Self {
        let bound = match activation {
            Activation::Relu => 5.0,
            _ => 10.2,
        };
        Self {
            kind: Kind::Tangent,
            activation,
            n,
            bound,
        }
    }

    fn network(&self) -> DeepKernel {
        DeepKernel::new(1.0, &[self.activation]).expect(KNOWN)
    }

    fn right(&self) -> LinearEquivalent {
        let network = self.network();
        match self.kind {
            Kind::Conjugate => network.conjugate(),
            Kind::Tangent => network.tangent(),
        }
    }

    fn mixture(&self) -> Mixture {
        let p = self.n;
        let shift = SPREAD / (p as f64).sqrt();
        let class = |sign: f64| vec![1.0 + sign * shift; p];
        Mixture::new(&vec![1.0; p], &[class(1.0), class(-1.0)]).expect(KNOWN)
    }

    /// A kernel and its data.
    fn draw(&self, network: &DeepKernel, rng: &mut ChaCha8Rng) -> Result<Drawn, ReplicateError> {
        let (n, p) = (self.n, self.n as f64);
        let samples = Samples::new(EntryLaw::Gaussian, vec![1.0; n], n)?;
        let mut x = samples.draw(rng);
        let classes: Vec<usize> = (0..n).map(|i| i % 2).collect();
        let mut norms = vec![0.0; n];
        for (j, class) in classes.iter().enumerate() {
            let sign = 1.0 - 2.0 * *class as f64;
            let root = (1.0 + sign * SPREAD / p.sqrt()).sqrt();
            for i in 0..n {
                x[(i, j)] *= root;
                norms[j] += x[(i, j)] * x[(i, j)] / p;
            }
            x[(0, j)] += sign * MEAN;
        }
        let gram = scaled_gram(&samples, &x);
        let kernel = match self.kind {
            Kind::Conjugate => network.conjugate_matrix(&gram)?,
            Kind::Tangent => network.tangent_matrix(&gram)?,
        };
        Ok(Drawn {
            gram,
            kernel,
            classes,
            norms,
        })
    }

    /// Events for the equivalent, for the one with −τ₀⁴α₃ in the identity and for the one without VAVᵀ.
    fn experiment(&self) -> Experiment {
        let (right, mixture) = (self.right(), self.mixture());
        let kind = match self.kind {
            Kind::Conjugate => "ck",
            Kind::Tangent => "ntk",
        };
        let bound = self.bound;
        let (error, cross, low_rank) = match self.kind {
            Kind::Conjugate => ("‖K − K̃‖√n", "α₃", "VAVᵀ"),
            Kind::Tangent => ("‖N − Ñ‖√n", "β₃", "VBVᵀ"),
        };
        let events = [
            error.to_string(),
            format!("{error} with −τ₀⁴{cross}"),
            format!("{error} without {low_rank}"),
        ];
        let event = |(name, typical): (String, f64)| Observable {
            name: format!("P({name} ≤ {bound})"),
            tail: Tail::Indicator,
            typical,
        };
        let network = Arc::new(self.network());
        let model = self.clone();
        let threshold = bound / (self.n as f64).sqrt();
        Experiment {
            law: "gaussian".into(),
            signal: format!("{kind} {}, two classes", self.activation.name()),
            n: self.n,
            replicates: 64,
            observables: events.into_iter().zip([1.0, 0.0, 0.0]).map(event).collect(),
            replicate: Replicate::alone(move |rng, _| {
                let drawn = model.draw(&network, rng)?;
                let poor = LinearEquivalent {
                    norm: 0.0,
                    cross: 0.0,
                    ..right
                };
                let (least, largest) = extremes(drawn.error(&right, &mixture))?;
                let shift = right.cross;
                let (poor_least, poor_largest) = extremes(drawn.error(&poor, &mixture))?;
                let within = |least: f64, largest: f64| f64::from(largest.max(-least) <= threshold);
                Ok(vec![
                    within(least, largest),
                    within(least + shift, largest + shift),
                    within(poor_least, poor_largest),
                ])
            }),
        }
    }
}

struct Drawn {
    gram: DMatrix<f64>,
    kernel: DMatrix<f64>,
    classes: Vec<usize>,
    norms: Vec<f64>,
}

impl Drawn {
    fn error(&self, equivalent: &LinearEquivalent, mixture: &Mixture) -> DMatrix<f64> {
        &self.kernel - equivalent.matrix(&self.gram, mixture, &self.classes, &self.norms)
    }
}

/// The smallest and the largest eigenvalue.
fn extremes(matrix: DMatrix<f64>) -> Result<(f64, f64), ReplicateError> {
    let spectrum = Tridiagonal::reduce(&Hermitian::real(matrix)?)?.eigenvalues()?;
    let values = spectrum.eigenvalues();
    Ok((values[values.len() - 1], values[0]))
}

/// Adds the events, and what the wrong equivalents make of them.
///
/// Where the wrong ones are: (1/n)tr(K − K̃ + τ₀⁴α₃) → α₃τ₀⁴ and 1ᵀ(K − K̃ + VAVᵀ)1/n ≥ α₃n/p in the limit, and a norm is no less
/// than either. The sizes are such that α₃√n > B; then the events do not happen.
pub(super) fn add_norms(plan: &mut Plan, all: &[Norms]) {
    let (mut published, mut poor) = (vec![], vec![]);
    for one in all {
        let e = plan.experiments.len();
        plan.experiments.push(one.experiment());
        let judged = |o: usize| cell(&plan.experiments, (e, o), 1.0, RARE, AGREED);
        let missed = |o: usize| RivalCell {
            cell: judged(o),
            expected: 0.0,
            uncertainty: 0.05,
        };
        if one.right().cross * (one.n as f64).sqrt() > 1.05 * one.bound {
            published.push(missed(1));
            poor.push(missed(2));
        }
        let right = judged(0);
        plan.cells.push(right);
    }
    for (name, cells) in [
        (
            "identity less τ₀⁴ times the cross coefficient, in norm",
            published,
        ),
        ("no low rank, in norm", poor),
    ] {
        if !cells.is_empty() {
            plan.rivals.push(on_same_samples(name, cells));
        }
    }
}
