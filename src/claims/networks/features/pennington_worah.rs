//! The spectrum of f(WX)f(WX)ᵀ/m.

use super::bench::{gaussian, inverse_trace};

use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{bounded_variance, cell, mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{
    Cell, Experiment, Plan, Replicate, ReplicateError, Rival, RivalCell, Side, Tier,
};
use crate::equivalent::activation::Activation;
use crate::equivalent::features::NonlinearCovariance;
use nalgebra::{Cholesky, DMatrix};
use rand_chacha::ChaCha8Rng;

/// Pennington and Worah.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/pennington-worah",
            title: "Spectrum of random features",
            statement: "M = YYᵀ/m, Y = f(WX), W n₁ × n₀ of variance 1/n₀, X n₀ × m of variance 1, E f = 0. As all sizes grow together, n₀/m → φ, \
                        n₀/n₁ → ψ, the spectrum of M tends to that of a sample covariance matrix of m samples whose population is ζ·MP(1/ψ) + η \
                        − ζ, η = E f², ζ = (E f′)²: with this population H, m(−γ) = ∫dH/(λ/(1 + δ) + γ), δ = (n₁/m)∫λdH/(λ/(1 + δ) + γ).",
            formula: r"\tfrac1{n_1}\operatorname{tr}(M+\gamma)^{-1}\longrightarrow\int\frac{H(d\lambda)}{\frac{\lambda}{1+\delta}+\gamma},\qquad H=\zeta\,\mathrm{MP}(1/\psi)+(\eta-\zeta)",
            meaning: "At the n₀, shapes and γ listed the mean of tr(M + γ)⁻¹/n₁ is that of the limit up to an allowance of order 1/n₀ and the tolerance \
                      shown: for an activation with both parts (ReLU without its mean, erf), for one without a linear part (cos \
                      without its mean) and for the identity, a product of two Gaussian matrices. Variances are bounded by Poincaré's \
                      inequality.",
            source: Source {
                work: "lm",
                locus: "our C4",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// Y = f(WX) without its mean, at one size and ridge.
#[derive(Clone, Copy)]
struct Model {
    activation: Activation,
    n0: usize,
    n1: usize,
    m: usize,
    gamma: f64,
    /// Standard deviation of the entries of WX, 1 in the theorem.
    scale: f64,
    /// How many rows of W are equal, 1 in the theorem.
    copies: usize,
}

impl Model {
    /// n₀ = 3k, with the shapes (φ, ψ) = (1, 1), (1/2, 3/2) or (3/2, 3/4).
    fn new(activation: Activation, k: usize, shape: usize, gamma: f64) -> Self {
        let (n1, m) = [(3 * k, 3 * k), (2 * k, 6 * k), (4 * k, 2 * k)][shape];
        Self {
            activation,
            n0: 3 * k,
            n1,
            m,
            gamma,
            scale: 1.0,
            copies: 1,
        }
    }

    /// φ and ψ, of the distinct rows.
    fn shape(&self) -> (f64, f64) {
        let n0 = self.n0 as f64;
        (n0 / self.m as f64, n0 / (self.n1 / self.copies) as f64)
    }

    /// η and ζ.
    fn moments(&self) -> (f64, f64) {
        let moments = self
            .activation
            .moments(self.scale)
            .expect("scales are positive");
        let linear = (self.scale * moments.slope).powi(2);
        // Of the identity they are equal up to rounding.
        (moments.variance.max(linear), linear)
    }

    fn limit(&self, (eta, zeta): (f64, f64), (phi, psi): (f64, f64)) -> f64 {
        let law = NonlinearCovariance::new(eta, zeta, phi, psi).expect("moments of an activation");
        // M is `copies` times the matrix of the distinct rows, and 0 on the rest.
        let copies = self.copies as f64;
        let distinct = law.trace(self.gamma / copies).expect("γ is positive").value / copies;
        (distinct + (copies - 1.0) / self.gamma) / copies
    }

    fn theory(&self) -> f64 {
        self.limit(self.moments(), self.shape())
    }

    /// A bound of Var tr(M + γ)⁻¹/n₁.
    ///
    /// As a function of the singular values of Y/√m it moves by κ‖dY‖_F, κ = (3√3/8)γ^{−3/2}√min(n₁, m)/(n₁√m). With W = G/√n₀,
    /// ‖dY‖_F ≤ L(‖X‖‖dG‖_F + ‖G‖‖dX‖_F)/√n₀. Poincaré: Var ≤ E|∇|² ≤ κ²L²E(‖X‖² + ‖G‖²)/n₀, and
    /// E‖X‖² ≤ (E‖X‖)² + 1 ≤ (√n₀ + √m)² + 1, as ‖X‖ is 1-Lipschitz.
    fn variance(&self) -> f64 {
        let (n0, n1, m) = (self.n0 as f64, self.n1 as f64, self.m as f64);
        let slope = 3.0 * 3f64.sqrt() / 8.0 * self.gamma.powf(-1.5);
        let kappa = slope * n1.min(m).sqrt() / (n1 * m.sqrt());
        let lipschitz = self
            .activation
            .lipschitz()
            .expect("claims use Lipschitz activations");
        let norms = (n0.sqrt() + m.sqrt()).powi(2) + (n0.sqrt() + n1.sqrt()).powi(2) + 2.0;
        // Equal rows: their gradients add up.
        let copies = self.copies as f64;
        (kappa * lipschitz * self.scale).powi(2) * norms / n0 * copies
    }

    fn value(&self, rng: &mut ChaCha8Rng) -> Result<f64, ReplicateError> {
        let weights = gaussian(self.n1 / self.copies, self.n0, rng);
        let inputs = gaussian(self.n0, self.m, rng);
        let mean = self.activation.moments(1.0)?.mean;
        let factor = self.scale / (self.n0 as f64).sqrt();
        let distinct = (weights * inputs).map(|t| self.activation.value(factor * t) - mean);
        let features = DMatrix::from_fn(self.n1, self.m, |i, j| distinct[(i / self.copies, j)]);
        let mut gram = if self.n1 <= self.m {
            &features * features.transpose() / self.m as f64
        } else {
            features.tr_mul(&features) / self.m as f64
        };
        let size = gram.nrows();
        for i in 0..size {
            gram[(i, i)] += self.gamma;
        }
        let solver = Cholesky::new(gram).ok_or("a Gram matrix with a ridge is not positive")?;
        let rest = (self.n1 - size) as f64 / self.gamma;
        Ok((inverse_trace(&solver) + rest) / self.n1 as f64)
    }

    fn experiment(self) -> Experiment {
        let name = format!("tr (M + γ)⁻¹/n₁, γ = {}", self.gamma);
        Experiment {
            law: self.activation.name(),
            signal: format!("n₁ = {}, m = {}, γ = {}", self.n1, self.m, self.gamma),
            n: self.n0,
            replicates: 64,
            observables: vec![bounded_variance(name, self.variance(), self.theory())],
            replicate: Replicate::alone(move |rng, _| Ok(vec![self.value(rng)?])),
        }
    }

    /// τ0 = B/n₀, B twice the largest |n₀·bias| of `docs/derivations/features_bias.md`.
    fn inner(&self) -> f64 {
        let bias = match (self.activation, self.gamma < 0.5) {
            (Activation::Relu, true) => 2.1,
            (Activation::Relu, false) => 0.25,
            (Activation::Cos, true) => 3.0,
            (Activation::Cos, false) => 0.3,
            (Activation::Linear, true) => 1.3,
            (_, true) => 0.8,
            (_, false) => 0.25,
        };
        bias / self.n0 as f64
    }
}

fn plan(tier: Tier) -> Plan {
    use Activation::{Cos, Erf, Linear, Relu};
    // Activation, shape, γ.
    let all = [Relu, Erf, Cos, Linear].map(|s| [0, 1, 2].map(|shape| (s, shape, 1.0)));
    let (k, rows, margin): (usize, Vec<(Activation, usize, f64)>, f64) = match tier {
        Tier::Quick => {
            let rows = vec![
                (Relu, 0, 1.0),
                (Erf, 1, 0.3),
                (Erf, 2, 1.0),
                (Cos, 1, 1.0),
                (Linear, 0, 1.0),
            ];
            (8, rows, 0.07)
        }
        Tier::Standard => {
            let harder = [(Relu, 0, 0.3), (Erf, 1, 0.3)];
            (32, all.concat().into_iter().chain(harder).collect(), 0.02)
        }
        Tier::Deep => {
            let harder = [Relu, Erf].map(|s| [0, 1, 2].map(|shape| (s, shape, 0.3)));
            (128, [all.concat(), harder.concat()].concat(), 0.005)
        }
    };
    let models: Vec<Model> = rows
        .into_iter()
        .map(|(activation, shape, gamma)| Model::new(activation, k, shape, gamma))
        .collect();
    let mut plan = Plan::default();
    for (e, model) in models.iter().enumerate() {
        plan.experiments.push(model.experiment());
        let (theory, inner) = (model.theory(), model.inner());
        let outer = inner + margin * theory;
        plan.cells
            .push(cell(&plan.experiments, (e, 0), theory, inner, outer));
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&models, &plan.cells, tier);
    // At the smallest size in all tiers: what is wrong there is as wrong at larger ones.
    let erf = Model::new(Erf, 8, 1, 0.3);
    let quieter = Model { scale: 0.5, ..erf };
    let paired = Model { copies: 2, ..erf };
    plan.rivals.push(other_data(
        "weights of variance 1/(4n₀)",
        Side::Data,
        erf,
        quieter,
    ));
    plan.rivals.push(other_data(
        "each row of W twice",
        Side::Hypothesis,
        erf,
        paired,
    ));
    plan
}

/// A wrong limit from a model, its (η, ζ) and its (φ, ψ).
type Wrong = dyn Fn(&Model, (f64, f64), (f64, f64)) -> f64;

fn theory_rivals(models: &[Model], cells: &[Cell], tier: Tier) -> Vec<Rival> {
    let other = |name: &str, wrong: &Wrong| {
        let judged = models
            .iter()
            .zip(cells)
            .map(|(model, cell)| mistaken(cell, wrong(model, model.moments(), model.shape())));
        on_same_samples(name, judged.collect())
    };
    let mut rivals = vec![
        other(
            "ζ = 0: Marchenko–Pastur for every f",
            &|model, (eta, _), shape| model.limit((eta, 0.0), shape),
        ),
        other("φ for ψ and ψ for φ", &|model, moments, (phi, psi)| {
            model.limit(moments, (psi, phi))
        }),
        other("MP(ψ) for MP(1/ψ)", &|model, moments, (phi, psi)| {
            // ψ enters the population and the ratio c = φ/ψ, which stays.
            model.limit(moments, (phi / (psi * psi), 1.0 / psi))
        }),
    ];
    if tier != Tier::Quick {
        // Too close to be told apart at the sizes of the quick tier.
        rivals.push(other(
            "ζ = η: every f linear",
            &|model, (eta, _), shape| model.limit((eta, eta), shape),
        ));
    }
    rivals
}

fn other_data(name: &str, side: Side, truth: Model, model: Model) -> Rival {
    let mut experiments = vec![model.experiment()];
    experiments[0].replicates = 800;
    let judged = cell(
        &experiments,
        (0, 0),
        truth.theory(),
        truth.inner(),
        truth.inner(),
    );
    Rival {
        name: name.into(),
        side,
        cells: vec![RivalCell {
            cell: judged,
            expected: model.theory(),
            // Half as many rows: twice the bias.
            uncertainty: 2.0 * truth.inner(),
        }],
        experiments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    #[test]
    fn both_sides_of_the_gram_matrix_give_the_same_trace() {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "pennington-worah".into(),
            n: 6,
            signal: "features".into(),
        };
        for shape in [1, 2] {
            let model = Model::new(Activation::Relu, 2, shape, 0.4);
            let value = model.value(&mut key.generator(0)).unwrap();
            let mut rng = key.generator(0);
            let product =
                gaussian(model.n1, 6, &mut rng) * gaussian(6, model.m, &mut rng) / 6f64.sqrt();
            let mean = Activation::Relu.moments(1.0).unwrap().mean;
            let y = product.map(|t| t.max(0.0) - mean);
            let m = &y * y.transpose() / model.m as f64;
            let resolvent = (m + DMatrix::identity(model.n1, model.n1) * 0.4)
                .try_inverse()
                .unwrap();
            assert!((value - resolvent.trace() / model.n1 as f64).abs() < 1e-12);
        }
    }

    #[test]
    fn the_bound_of_the_variance_covers_what_the_draws_show() {
        let model = Model::new(Activation::Erf, 4, 0, 1.0);
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "variance".into(),
            n: 12,
            signal: "features".into(),
        };
        let draws: Vec<f64> = (0..200)
            .map(|i| model.value(&mut key.generator(i)).unwrap())
            .collect();
        let mean = draws.iter().sum::<f64>() / 200.0;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 199.0;
        assert!(
            variance < model.variance() && model.variance() < 300.0 * variance,
            "{variance}"
        );
    }
}
