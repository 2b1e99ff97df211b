//! f(WX) at one size: its limit, its variance, a draw.

use super::super::cells::Cut;
use super::super::draws::{inverse_trace, of_law};
use crate::claims::common::bounded_variance;
use crate::design::{Experiment, Observable, Replicate, ReplicateError};
use crate::ensemble::EntryLaw;
use crate::equivalent::activation::Activation;
use crate::equivalent::features::NonlinearCovariance;
use nalgebra::{Cholesky, DMatrix};
use rand_chacha::ChaCha8Rng;

/// Y = f(WX) without its mean, at one size and ridge.
#[derive(Clone, Copy)]
pub(super) struct Model {
    pub activation: Activation,
    pub n0: usize,
    pub n1: usize,
    pub m: usize,
    pub gamma: f64,
    /// Standard deviation of the entries of WX, 1 in the theorem.
    pub scale: f64,
    /// How many rows of W are equal, 1 in the theorem.
    pub copies: usize,
    /// Laws of the entries of √n₀W and of X.
    pub laws: [EntryLaw; 2],
}

/// Where the trace is cut to, in multiples of its limit, when entries are ±1: it varies by 1/n₀ of it, or less.
const CUT: (f64, f64) = (0.85, 1.15);

impl Model {
    /// n₀ = 3k, with the shapes (φ, ψ) = (1, 1), (1/2, 3/2) or (3/2, 3/4).
    pub fn new(activation: Activation, k: usize, shape: usize, gamma: f64) -> Self {
        let (n1, m) = [(3 * k, 3 * k), (2 * k, 6 * k), (4 * k, 2 * k)][shape];
        Self {
            activation,
            n0: 3 * k,
            n1,
            m,
            gamma,
            scale: 1.0,
            copies: 1,
            laws: [EntryLaw::Gaussian; 2],
        }
    }

    /// φ and ψ, of the distinct rows.
    pub fn shape(&self) -> (f64, f64) {
        let n0 = self.n0 as f64;
        (n0 / self.m as f64, n0 / (self.n1 / self.copies) as f64)
    }

    /// η and ζ.
    pub fn moments(&self) -> (f64, f64) {
        let moments = self
            .activation
            .moments(self.scale)
            .expect("scales are positive");
        let linear = (self.scale * moments.slope).powi(2);
        // Of the identity they are equal up to rounding.
        (moments.variance.max(linear), linear)
    }

    pub fn limit(&self, (eta, zeta): (f64, f64), (phi, psi): (f64, f64)) -> f64 {
        let law = NonlinearCovariance::new(eta, zeta, phi, psi).expect("moments of an activation");
        // M is `copies` times the matrix of the distinct rows, and 0 on the rest.
        let copies = self.copies as f64;
        let distinct = law.trace(self.gamma / copies).expect("γ is positive").value / copies;
        (distinct + (copies - 1.0) / self.gamma) / copies
    }

    pub fn theory(&self) -> f64 {
        self.limit(self.moments(), self.shape())
    }

    /// A bound of Var tr(M + γ)⁻¹/n₁, if both laws are images of normals under Lipschitz maps.
    ///
    /// As a function of the singular values of Y/√m it moves by κ‖dY‖_F, κ = (3√3/8)γ^{−3/2}√min(n₁, m)/(n₁√m). With W = G/√n₀,
    /// ‖dY‖_F ≤ L(‖X‖‖dG‖_F + ‖G‖‖dX‖_F)/√n₀. Poincaré: Var ≤ E|∇|² ≤ κ²L²(L_G²E‖X‖² + L_X²E‖G‖²)/n₀, with L_G, L_X those of the laws, and
    /// the norms of `squared_norm`.
    fn variance(&self) -> Option<f64> {
        let (n0, n1, m) = (self.n0 as f64, self.n1 as f64, self.m as f64);
        let slope = 3.0 * 3f64.sqrt() / 8.0 * self.gamma.powf(-1.5);
        let kappa = slope * n1.min(m).sqrt() / (n1 * m.sqrt());
        let lipschitz = self
            .activation
            .lipschitz()
            .expect("claims use Lipschitz activations");
        let [weights, inputs] = self.laws;
        let norms = weights.lipschitz()?.powi(2) * squared_norm(inputs, n0, m)?
            + inputs.lipschitz()?.powi(2) * squared_norm(weights, n0, n1)?;
        // Equal rows: their gradients add up.
        let copies = self.copies as f64;
        Some((kappa * lipschitz * self.scale).powi(2) * norms / n0 * copies)
    }

    fn value(&self, rng: &mut ChaCha8Rng) -> Result<f64, ReplicateError> {
        let weights = of_law(self.laws[0], self.n1 / self.copies, self.n0, rng);
        let inputs = of_law(self.laws[1], self.n0, self.m, rng);
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

    pub fn experiment(self) -> Experiment {
        let name = format!("tr (M + γ)⁻¹/n₁, γ = {}", self.gamma);
        let (typical, cut) = (self.theory(), Cut::around(self.theory(), CUT));
        let bound = self.variance();
        let observable: Observable = match bound {
            Some(bound) => bounded_variance(name, bound, typical),
            // The deviation is one that only the design reckons with.
            None => cut.observable(name, typical, 0.5 * typical / self.n0 as f64),
        };
        let [weights, inputs] = self.laws.map(|law| law.name());
        Experiment {
            law: match self.laws {
                [EntryLaw::Gaussian, EntryLaw::Gaussian] => self.activation.name(),
                _ => format!("{}, W {weights}, X {inputs}", self.activation.name()),
            },
            signal: format!("n₁ = {}, m = {}, γ = {}", self.n1, self.m, self.gamma),
            n: self.n0,
            replicates: 64,
            observables: vec![observable],
            replicate: Replicate::alone(move |rng, _| {
                let value = self.value(rng)?;
                Ok(vec![if bound.is_some() {
                    value
                } else {
                    cut.apply(value)
                }])
            }),
        }
    }

    /// B of the allowance B/n₀, twice the largest |n₀·bias| of `docs/derivations/features_bias.md`; four times that for other laws than the
    /// normal, by the argument of its section 5.
    pub fn allowance(&self) -> f64 {
        let normal = match (self.activation, self.gamma < 0.5) {
            (Activation::Relu, true) => 2.1,
            (Activation::Relu, false) => 0.25,
            (Activation::Cos, true) => 3.0,
            (Activation::Cos, false) => 0.3,
            (Activation::Linear, true) => 1.3,
            (_, true) => 0.8,
            (_, false) => 0.25,
        };
        match self.laws {
            [EntryLaw::Gaussian, EntryLaw::Gaussian] => normal,
            _ => 4.0 * normal,
        }
    }
}

/// A bound of E‖A‖², A of the size a × b with entries of the law.
///
/// Normal: E‖A‖² ≤ (E‖A‖)² + 1 ≤ (√a + √b)² + 1, as ‖A‖ is 1-Lipschitz. A normal is RV with V uniform on [−1, 1], R > 0 independent of it and
/// E R = 2E|g| = √(8/π); by Jensen's inequality over the R of all entries E‖V‖² ≤ (π/8)E‖G‖², so √3V has 3π/8 of the bound.
fn squared_norm(law: EntryLaw, a: f64, b: f64) -> Option<f64> {
    let normal = (a.sqrt() + b.sqrt()).powi(2) + 1.0;
    match law {
        EntryLaw::Gaussian => Some(normal),
        EntryLaw::Uniform => Some(3.0 * std::f64::consts::PI / 8.0 * normal),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::draws::gaussian;
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
            let (weights, inputs) = (
                gaussian(model.n1, 6, &mut rng),
                gaussian(6, model.m, &mut rng),
            );
            let product = weights * inputs / 6f64.sqrt();
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
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "variance".into(),
            n: 12,
            signal: "features".into(),
        };
        // Uniform: the bound is 2.3 times as large, and the variance smaller, as norms vary less.
        for (law, loose) in [(EntryLaw::Gaussian, 300.0), (EntryLaw::Uniform, 1500.0)] {
            let model = Model {
                laws: [law; 2],
                ..Model::new(Activation::Erf, 4, 0, 1.0)
            };
            let draws: Vec<f64> = (0..200)
                .map(|i| model.value(&mut key.generator(i)).unwrap())
                .collect();
            let mean = draws.iter().sum::<f64>() / 200.0;
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 199.0;
            let bound = model.variance().unwrap();
            assert!(
                variance < bound && bound < loose * variance,
                "{law:?} {variance} {bound}"
            );
        }
    }
}
