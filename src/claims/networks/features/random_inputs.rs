//! A network with random weights on random inputs: one draw, and its errors with labels and signal averaged exactly.

use super::bench::{decay, gaussian};
use crate::design::ReplicateError;
use crate::equivalent::activation::Activation;
use crate::equivalent::features::{RandomFeatures, Task};
use nalgebra::{Cholesky, DMatrix, SymmetricEigen};
use rand_chacha::ChaCha8Rng;

/// τ of erf(τt): at this scale a quarter of the variance of erf(τξ) is not linear, and the peak is high.
pub(super) const SCALE: f64 = 3.0;
/// What is learnt.
pub(super) const TASK: Task = Task {
    signal: 1.0,
    noise: 0.5,
};

/// Features z = erf(Θx/√d) of inputs x ~ N(0, I_d); the N rows of Θ are uniform on the sphere of radius τ√d.
///
/// The entries of Θx/√d are then N(0, τ²), and over a new x
///
/// ```text
/// E zzᵀ = U, U_ij the arcsine kernel of ⟨θ_i, θ_j⟩/d,    E zxᵀ = V = (E erf′(τξ))Θ/√d.
/// ```
///
/// Labels are y = ⟨β, x⟩ + ε. The errors are quadratic in (β, ε): their means over a β with E ββᵀ = (F₁²/d)I and over ε are traces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RandomInputs {
    /// τ. The larger, the less linear erf is.
    pub scale: f64,
    pub n: usize,
    pub d: usize,
    /// N.
    pub neurons: usize,
    pub task: Task,
    /// How many neurons share their weights, 1 in the theorem.
    pub copies: usize,
}

/// Errors of one draw, averaged over β and ε.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Errors {
    pub test: f64,
    pub train: f64,
}

/// What a draw leaves.
struct Draw {
    /// X, d × n.
    inputs: DMatrix<f64>,
    /// Z, N × n.
    features: DMatrix<f64>,
    /// U and V.
    second: DMatrix<f64>,
    cross: DMatrix<f64>,
}

impl RandomInputs {
    /// The limit; neurons that share their weights count once, see `docs/derivations/features_bias.md`.
    pub fn limit(&self) -> RandomFeatures {
        let moments = Activation::Erf.moments(self.scale).expect("τ is positive");
        // ξ has variance 1 in the limit object: erf(τξ) has μ₁ = τE erf′(τξ).
        let linear = self.scale * moments.slope;
        let nonlinear = (moments.variance - linear * linear).sqrt();
        let per_input = |count: usize| count as f64 / self.d as f64;
        let distinct = per_input(self.neurons / self.copies);
        RandomFeatures::new(distinct, per_input(self.n), linear, nonlinear)
            .expect("erf is not linear")
    }

    fn draw(&self, rng: &mut ChaCha8Rng) -> Result<Draw, ReplicateError> {
        let d = self.d as f64;
        let inputs = gaussian(self.d, self.n, rng);
        // Columns are neurons.
        let mut weights = gaussian(self.d, self.neurons / self.copies, rng);
        for mut column in weights.column_iter_mut() {
            column *= self.scale * d.sqrt() / column.norm();
        }
        let weights = DMatrix::from_fn(self.d, self.neurons, |i, j| weights[(i, j / self.copies)]);
        let features = (weights.tr_mul(&inputs) / d.sqrt()).map(libm::erf);
        let variance = self.scale * self.scale;
        let mut second = weights.tr_mul(&weights) / d;
        for j in 0..self.neurons {
            for i in 0..=j {
                let kernel = Activation::Erf.kernel(variance, variance, second[(i, j)])?;
                second[(i, j)] = kernel;
                second[(j, i)] = kernel;
            }
        }
        let slope = Activation::Erf.moments(self.scale)?.slope;
        Ok(Draw {
            cross: weights.transpose() * (slope / d.sqrt()),
            inputs,
            features,
            second,
        })
    }

    /// Ridge regression with the ridge γ = (N/d)λ.
    pub fn ridge(&self, lambda: f64, rng: &mut ChaCha8Rng) -> Result<Errors, ReplicateError> {
        let draw = self.draw(rng)?;
        let (n, d) = (self.n as f64, self.d as f64);
        let gamma = self.neurons as f64 / d * lambda;
        let mut gram = &draw.features * draw.features.transpose() / n;
        for i in 0..self.neurons {
            gram[(i, i)] += gamma;
        }
        let solver = Cholesky::new(gram).ok_or("a Gram matrix with a ridge is not positive")?;
        // a = Hβ + GZε/n with G = (ZZᵀ/n + γ)⁻¹ and H = GZXᵀ/n.
        let inverse = solver.inverse();
        let signal = &inverse * (&draw.features * draw.inputs.transpose()) / n;
        // E|a|²_U over ε: (1/n)tr UG(1 − γG).
        let second = &draw.second * &inverse;
        let noise = (second.trace() - gamma * second.dot(&inverse)) / n;
        let residual = draw.inputs.transpose() - draw.features.tr_mul(&signal);
        let left = n - self.neurons as f64 + (gamma * inverse.norm()).powi(2);
        let task = self.task;
        Ok(Errors {
            test: task.noise * noise + task.signal * missed(&draw, &signal, d),
            train: (task.noise * left + task.signal / d * residual.norm_squared()) / n,
        })
    }

    /// Test errors at several times of gradient flow from 0: a = f(A)Zy/n with A = ZZᵀ/n, f(x) = (1 − e^{−tx})/x.
    pub fn flow(&self, times: &[f64], rng: &mut ChaCha8Rng) -> Result<Vec<f64>, ReplicateError> {
        let draw = self.draw(rng)?;
        let (n, d) = (self.n as f64, self.d as f64);
        let gram = &draw.features * draw.features.transpose() / n;
        let eigen = SymmetricEigen::try_new(gram, f64::EPSILON, 0)
            .ok_or("the eigenvalues of ZZᵀ/n were not found")?;
        let basis = &eigen.eigenvectors;
        // U, V and ZXᵀ/n in the basis of A.
        let draw = Draw {
            second: basis.tr_mul(&(&draw.second * basis)),
            cross: basis.tr_mul(&draw.cross),
            ..draw
        };
        let moved = basis.tr_mul(&(&draw.features * draw.inputs.transpose())) / n;
        let errors = times.iter().map(|&t| {
            let f: Vec<f64> = eigen
                .eigenvalues
                .iter()
                .map(|&x| t * decay(t * x))
                .collect();
            let signal =
                DMatrix::from_fn(moved.nrows(), moved.ncols(), |i, j| f[i] * moved[(i, j)]);
            let terms = eigen.eigenvalues.iter().zip(&f).enumerate();
            let noise: f64 = terms
                .map(|(k, (x, f))| draw.second[(k, k)] * f * f * x)
                .sum();
            self.task.noise * noise / n + self.task.signal * missed(&draw, &signal, d)
        });
        Ok(errors.collect())
    }
}

/// E(⟨β, x⟩ − ⟨Hβ, z⟩)² over x and β, |β|² = 1 in the mean: 1 − (2/d)tr VᵀH + (1/d)tr HᵀUH.
fn missed(draw: &Draw, signal: &DMatrix<f64>, d: f64) -> f64 {
    1.0 + (signal.dot(&(&draw.second * signal)) - 2.0 * draw.cross.dot(signal)) / d
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    fn model() -> RandomInputs {
        RandomInputs {
            scale: 3.0,
            n: 9,
            d: 4,
            neurons: 6,
            task: Task {
                signal: 1.3,
                noise: 0.4,
            },
            copies: 1,
        }
    }

    fn generator() -> ChaCha8Rng {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "random inputs".into(),
            n: 9,
            signal: "weights".into(),
        };
        key.generator(0)
    }

    /// Sum over a basis of (β, ε) of what the definition says.
    #[test]
    fn averaged_errors_are_the_sums_over_signals_and_noises() {
        let (model, lambda) = (model(), 0.07);
        let errors = model.ridge(lambda, &mut generator()).unwrap();
        let draw = model.draw(&mut generator()).unwrap();
        let gamma = 1.5 * lambda;
        let gram = &draw.features * draw.features.transpose() / 9.0;
        let inverse = (gram + DMatrix::identity(6, 6) * gamma)
            .try_inverse()
            .unwrap();
        let (mut test, mut train) = (0.0, 0.0);
        for k in 0..13 {
            let mut beta = DMatrix::zeros(4, 1);
            let mut noise = DMatrix::zeros(9, 1);
            if k < 4 {
                beta[(k, 0)] = (1.3f64 / 4.0).sqrt();
            } else {
                noise[(k - 4, 0)] = 0.4f64.sqrt();
            }
            let labels = draw.inputs.tr_mul(&beta) + noise;
            let a = &inverse * (&draw.features * &labels) / 9.0;
            train += (&labels - draw.features.tr_mul(&a)).norm_squared() / 9.0;
            test += beta.norm_squared() - 2.0 * a.dot(&(&draw.cross * &beta))
                + a.dot(&(&draw.second * &a));
        }
        assert!((errors.test - test).abs() < 1e-12, "{errors:?} {test}");
        assert!((errors.train - train).abs() < 1e-12, "{errors:?} {train}");
    }

    /// Long flow and little ridge both lead to least squares, N < n.
    #[test]
    fn the_flow_starts_at_the_signal_and_ends_at_least_squares() {
        let model = model();
        let errors = model.flow(&[0.0, 1e9], &mut generator()).unwrap();
        assert!((errors[0] - 1.3).abs() < 1e-12);
        let ridgeless = model.ridge(1e-11, &mut generator()).unwrap().test;
        assert!(
            (errors[1] / ridgeless - 1.0).abs() < 1e-6,
            "{errors:?} {ridgeless}"
        );
    }
}
