//! What the claims about deep kernels share: data, exact kernels, and three functions of a kernel matrix.

use super::contrast::Doubled;
use crate::claims::common::{cell, on_same_samples};
use crate::design::{Cell, Experiment, Observable, Plan, Replicate, Rival, RivalCell, Tail};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::{DeepKernel, LinearEquivalent};
use crate::equivalent::{Population, SampleCovariance};
use crate::spectrum::{Hermitian, Tridiagonal};
use nalgebra::DMatrix;
use std::sync::Arc;

/// Which kernel of the network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Conjugate,
    Tangent,
}

/// A network, and isotropic data x_i ~ N(0, (v/p)I).
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub kind: Kind,
    pub network: Arc<DeepKernel>,
    pub n: usize,
    pub p: usize,
    /// v = τ₀².
    pub variance: f64,
    /// γ.
    pub ridge: f64,
}

const KNOWN: &str = "the claims' own networks have equivalents";

impl Model {
    pub fn new(kind: Kind, layers: &[Activation], variance: f64, n: usize, p: usize) -> Self {
        let network = DeepKernel::new(variance.sqrt(), layers).expect(KNOWN);
        Self {
            kind,
            network: Arc::new(network),
            n,
            p,
            variance,
            ridge: 0.5,
        }
    }

    pub fn equivalent(&self) -> LinearEquivalent {
        match self.kind {
            Kind::Conjugate => self.network.conjugate(),
            Kind::Tangent => self.network.tangent(),
        }
    }

    /// n/p.
    pub fn shape(&self) -> f64 {
        self.n as f64 / self.p as f64
    }

    /// ΠΛ_l², Λ_l² = sup over v of E s′(√vξ)² and E ξ²s′(√vξ)²: the features of K_L are Lipschitz with constant ΠΛ_l in
    /// the data, see `docs/derivations/kernel_features.md`.
    pub fn feature_slope(&self) -> f64 {
        let layers = self.network.activations().iter();
        layers.map(feature_slope).product()
    }

    /// Predictions of the observables by an equivalent, right or wrong.
    pub fn predicted(&self, equivalent: &LinearEquivalent) -> [f64; 3] {
        let (h, identity) = (self.shape(), equivalent.identity());
        let ridge = (identity + self.ridge) / (equivalent.gram * h);
        let population = Population::from_atoms(&[(self.variance, 1.0)]).expect(KNOWN);
        let limit = SampleCovariance::new(population, 1.0 / h).expect(KNOWN);
        let kappa = limit.kappa(ridge).expect(KNOWN).value;
        let overlap = self.variance * self.variance / self.p as f64;
        let ones = equivalent.diagonal
            + equivalent.cross * overlap * self.n as f64
            + 2.0 * equivalent.norm * overlap;
        [
            1.0 / (equivalent.gram * h * kappa),
            equivalent.diagonal.sqrt(),
            ones.sqrt(),
        ]
    }

    fn signal(&self) -> String {
        let layers = self.network.activations().iter().map(Activation::name);
        let kind = match self.kind {
            Kind::Conjugate => "ck",
            Kind::Tangent => "ntk",
        };
        format!(
            "{kind} {}, v = {}, p = {}",
            layers.collect::<Vec<_>>().join("·"),
            self.variance,
            self.p
        )
    }

    /// Draws with the observables (1/n)tr(K + γ)⁻¹, √(tr K/n) and √(1ᵀK1/n), as many as there are tails.
    ///
    /// `offset` is added to every entry of K: a kernel that was not centred has one.
    pub fn experiment(&self, tails: &[Tail], offset: f64) -> Experiment {
        let typical = self.predicted(&self.equivalent());
        let k = match self.kind {
            Kind::Conjugate => "K",
            Kind::Tangent => "N",
        };
        let names = [
            format!("tr({k} + γ)⁻¹/n, γ = {}", self.ridge),
            format!("√(tr {k}/n)"),
            format!("√(1ᵀ{k}1/n)"),
        ];
        let observables = names.into_iter().zip(tails).zip(typical);
        let observables = observables.map(|((name, &tail), typical)| Observable {
            name,
            tail,
            typical,
        });
        let (model, count) = (self.clone(), tails.len());
        let samples = self.samples();
        let ridge = self.ridge;
        let signal = if offset == 0.0 {
            self.signal()
        } else {
            format!("{}, uncentred", self.signal())
        };
        Experiment {
            law: "gaussian".into(),
            signal,
            n: self.n,
            replicates: 64,
            observables: observables.collect(),
            replicate: Replicate::reduced(
                move |rng| {
                    let x = samples.draw(rng);
                    let gram = scaled_gram(&samples, &x);
                    let k = model.kernel(&gram)?.add_scalar(offset);
                    Ok(Hermitian::real(k)?)
                },
                move |k, form, _| {
                    let n = form.n() as f64;
                    let Hermitian::Real(entries) = k else {
                        unreachable!("kernels are real")
                    };
                    let mut values = vec![
                        ridge_trace(form, ridge) / n,
                        (k.trace() / n).sqrt(),
                        (entries.sum() / n).sqrt(),
                    ];
                    values.truncate(count);
                    Ok(values)
                },
            ),
        }
    }

    pub fn samples(&self) -> Samples {
        Samples::new(EntryLaw::Gaussian, vec![self.variance; self.p], self.n).expect(KNOWN)
    }

    /// K or N from XᵀX.
    pub fn kernel(
        &self,
        gram: &DMatrix<f64>,
    ) -> Result<DMatrix<f64>, crate::equivalent::EquivalentError> {
        match self.kind {
            Kind::Conjugate => self.network.conjugate_matrix(gram),
            Kind::Tangent => self.network.tangent_matrix(gram),
        }
    }
}

/// A model whose observables are judged, with tolerances.
pub(super) struct Judged {
    pub model: Model,
    /// τ0 of each observable.
    pub inner: Vec<f64>,
    /// τ − τ0 of each observable.
    pub margin: Vec<f64>,
}

/// Adds the experiment and the cells of every model.
pub(super) fn add(plan: &mut Plan, judged: &[Judged], tails: impl Fn(&Model) -> Vec<Tail>) {
    for one in judged {
        let e = plan.experiments.len();
        plan.experiments
            .push(one.model.experiment(&tails(&one.model), 0.0));
        plan.cells
            .extend(one.cells(&plan.experiments, e, &one.model.equivalent()));
    }
}

impl Judged {
    /// The cells with the predictions of an equivalent.
    pub fn cells(
        &self,
        experiments: &[Experiment],
        e: usize,
        equivalent: &LinearEquivalent,
    ) -> Vec<Cell> {
        let theory = self.model.predicted(equivalent);
        let tolerances = self.inner.iter().zip(&self.margin);
        let cells = tolerances.enumerate().map(|(o, (inner, margin))| {
            cell(experiments, (e, o), theory[o], *inner, inner + margin)
        });
        cells.collect()
    }

    /// The same observables with the predictions of a wrong equivalent.
    pub fn mistaken(
        &self,
        experiments: &[Experiment],
        e: usize,
        wrong: &LinearEquivalent,
    ) -> Vec<RivalCell> {
        let right = self.model.predicted(&self.model.equivalent());
        let cells = self.cells(experiments, e, wrong).into_iter();
        let cells = cells.enumerate().map(|(o, cell)| RivalCell {
            cell,
            expected: right[o],
            uncertainty: self.inner[o],
        });
        cells.collect()
    }
}

/// 2·mean(2n, 2p) − mean(n, p) of the first observables, in which a bias of order 1/n cancels.
pub(super) struct Contrast {
    /// The models with (n, p) and (2n, 2p).
    pub sizes: Doubled,
    /// τ0 of each observable.
    pub inner: Vec<f64>,
    /// τ − τ0 of each observable.
    pub margin: Vec<f64>,
}

impl Contrast {
    /// # Panics   when the larger model is not twice the smaller one
    pub fn add(&self, plan: &mut Plan, judged: &[Judged]) {
        let Doubled { small, large } = self.sizes;
        let (small, large) = (&judged[small].model, &judged[large].model);
        assert_eq!((2 * small.n, 2 * small.p), (large.n, large.p));
        let theory = large.predicted(&large.equivalent());
        for (o, (inner, margin)) in self.inner.iter().zip(&self.margin).enumerate() {
            let cell = self
                .sizes
                .cell(&plan.experiments, o, theory[o], *inner, *margin);
            plan.cells.push(cell);
        }
    }
}

/// Λ².
fn feature_slope(s: &Activation) -> f64 {
    match s {
        // s′² and ξ²s′² are ½ on average.
        Activation::Relu => 0.5,
        // ½(1 + (4v − 1)e^{−2v}) is largest at v = 3/4.
        Activation::Cos => 0.5 + (-1.5f64).exp(),
        _ => s
            .lipschitz()
            .expect("the claims about Lipschitz features use such activations")
            .powi(2),
    }
}

/// XᵀX/p from the draws.
pub(super) fn scaled_gram(samples: &Samples, x: &faer::Mat<f64>) -> DMatrix<f64> {
    let Hermitian::Real(gram) = samples.gram(x.as_ref()) else {
        unreachable!("samples are real")
    };
    gram * (samples.n() as f64 / samples.p() as f64)
}

/// tr(T + γ)⁻¹ = Σd_i′/d_i for the pivots d_i of T + γ and their derivatives in γ: all terms are positive.
pub(super) fn ridge_trace(form: &Tridiagonal, ridge: f64) -> f64 {
    let (mut pivot, mut slope) = (form.diagonal[0] + ridge, 1.0);
    let mut trace = slope / pivot;
    for (a, b) in form.diagonal[1..].iter().zip(&form.off_diagonal) {
        let ratio = b * b / pivot;
        slope = 1.0 + ratio * slope / pivot;
        pivot = a + ridge - ratio;
        trace += slope / pivot;
    }
    trace
}

/// The coefficient of I less τ₀⁴ times the cross coefficient, as in public code.
pub(super) fn less_cross(right: LinearEquivalent) -> LinearEquivalent {
    LinearEquivalent {
        diagonal: right.diagonal - right.square * right.square * right.cross,
        ..right
    }
}

/// d for d − τ₀²α₁ before I: the diagonal of XᵀX counted twice.
pub(super) fn diagonal_twice(right: LinearEquivalent) -> LinearEquivalent {
    LinearEquivalent {
        diagonal: right.diagonal + right.square * right.gram,
        ..right
    }
}

/// A wrong equivalent of a model, from the right one.
pub(super) type Wrong<'a> = &'a dyn Fn(&Model, LinearEquivalent) -> LinearEquivalent;

/// All cells of all models, judged by a wrong equivalent.
pub(super) fn other_equivalent(
    name: &str,
    experiments: &[Experiment],
    judged: &[Judged],
    wrong: Wrong<'_>,
) -> Rival {
    let cells = judged.iter().enumerate().flat_map(|(e, one)| {
        let wrong = wrong(&one.model, one.model.equivalent());
        one.mistaken(experiments, e, &wrong)
    });
    on_same_samples(name, cells.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ridge_trace_is_the_trace_of_the_inverse() {
        // [[2, 1], [1, 3]] + 1: inverse trace 7/11.
        let form = Tridiagonal {
            diagonal: vec![2.0, 3.0],
            off_diagonal: vec![1.0],
        };
        assert!((ridge_trace(&form, 1.0) - 7.0 / 11.0).abs() < 1e-15);
    }

    #[test]
    fn bounds_of_the_features_cover_their_slopes() {
        for s in [
            Activation::Relu,
            Activation::Cos,
            Activation::Erf,
            Activation::Sin,
        ] {
            for v in [0.01, 0.3, 0.75, 1.0, 1.5, 4.0, 30.0] {
                let tau = f64::sqrt(v);
                let nodes = (-4800..=4800).map(|i| f64::from(i) * 0.0025);
                let mean = |power: i32| {
                    let terms = nodes.clone().map(|x| {
                        let weight =
                            0.0025 * (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
                        weight * x.powi(power) * s.slope(tau * x).powi(2)
                    });
                    terms.sum::<f64>()
                };
                let largest = mean(0).max(mean(2));
                assert!(
                    largest <= feature_slope(&s) + 1e-3,
                    "{} {v}: {largest}",
                    s.name()
                );
            }
        }
    }
}
