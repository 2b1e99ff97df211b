//! A network with random weights on random inputs: one draw, and its errors with labels and signal averaged exactly.

use super::draws::{decay, gaussian};
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
        // Products with a transposed copy are faster than `tr_mul`.
        let rows = weights.transpose();
        let features = (&rows * &inputs / d.sqrt()).map(libm::erf);
        let variance = self.scale * self.scale;
        let mut second = &rows * &weights / d;
        for j in 0..self.neurons {
            for i in 0..=j {
                let kernel = Activation::Erf.kernel(variance, variance, second[(i, j)])?;
                second[(i, j)] = kernel;
                second[(j, i)] = kernel;
            }
        }
        let slope = Activation::Erf.moments(self.scale)?.slope;
        Ok(Draw {
            cross: rows * (slope / d.sqrt()),
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
        if self.neurons > self.n {
            return self.wide_ridge(&draw, gamma);
        }
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
        let residual = draw.inputs.transpose() - draw.features.transpose() * &signal;
        let left = n - self.neurons as f64 + (gamma * inverse.norm()).powi(2);
        let task = self.task;
        Ok(Errors {
            test: task.noise * noise + task.signal * missed(&draw, &signal, d),
            train: (task.noise * left + task.signal / d * residual.norm_squared()) / n,
        })
    }

    /// For N > n, with the n × n matrix K = (ZᵀZ/n + γ)⁻¹: GZ = ZK, hence G(1 − γG) = ZK²Zᵀ/n and 1 − ZᵀGZ/n = γK.
    fn wide_ridge(&self, draw: &Draw, gamma: f64) -> Result<Errors, ReplicateError> {
        let (n, d) = (self.n as f64, self.d as f64);
        let mut gram = draw.features.transpose() * &draw.features / n;
        for i in 0..self.n {
            gram[(i, i)] += gamma;
        }
        let solver = Cholesky::new(gram).ok_or("a Gram matrix with a ridge is not positive")?;
        let inverse = solver.inverse();
        let signal = &inverse * draw.inputs.transpose() / n;
        let samples = draw.on_samples();
        let noise = (&inverse * &samples.second).dot(&inverse) / (n * n);
        let residual = (gamma * n).powi(2) * signal.norm_squared();
        let left = (gamma * inverse.norm()).powi(2);
        let task = self.task;
        Ok(Errors {
            test: task.noise * noise + task.signal * missed(&samples, &signal, d),
            train: (task.noise * left + task.signal / d * residual) / n,
        })
    }

    /// Test errors at several times of gradient flow from 0: a = f(A)Zy/n with A = ZZᵀ/n, f(x) = (1 − e^{−tx})/x.
    pub fn flow(&self, times: &[f64], rng: &mut ChaCha8Rng) -> Result<Vec<f64>, ReplicateError> {
        let draw = self.draw(rng)?;
        let (n, d) = (self.n as f64, self.d as f64);
        let wide = self.neurons > self.n;
        // a = Zf(K)y/n with K = ZᵀZ/n, for N > n.
        let (gram, draw) = if wide {
            (
                draw.features.transpose() * &draw.features / n,
                draw.on_samples(),
            )
        } else {
            (&draw.features * draw.features.transpose() / n, draw)
        };
        let eigen = SymmetricEigen::try_new(gram, f64::EPSILON, 0)
            .ok_or("the eigenvalues of ZZᵀ/n were not found")?;
        let basis = &eigen.eigenvectors;
        let rows = basis.transpose();
        // U, V and ZXᵀ/n (Xᵀ/n) in the basis of A (K).
        let moved = if wide {
            &rows * draw.inputs.transpose() / n
        } else {
            &rows * (&draw.features * draw.inputs.transpose()) / n
        };
        let draw = Draw {
            second: &rows * (&draw.second * basis),
            cross: &rows * &draw.cross,
            ..draw
        };
        let errors = times.iter().map(|&t| {
            let f: Vec<f64> = eigen
                .eigenvalues
                .iter()
                .map(|&x| t * decay(t * x))
                .collect();
            let signal =
                DMatrix::from_fn(moved.nrows(), moved.ncols(), |i, j| f[i] * moved[(i, j)]);
            // f(A)²A = Zf(K)²Zᵀ/n.
            let terms = eigen.eigenvalues.iter().zip(&f).enumerate();
            let noise: f64 = terms
                .map(|(k, (x, f))| {
                    let squared = if wide { 1.0 / n } else { *x };
                    draw.second[(k, k)] * f * f * squared
                })
                .sum();
            self.task.noise * noise / n + self.task.signal * missed(&draw, &signal, d)
        });
        Ok(errors.collect())
    }
}

impl Draw {
    /// Coefficients Zb in the place of a: U becomes ZᵀUZ, V becomes ZᵀV.
    fn on_samples(&self) -> Self {
        let rows = self.features.transpose();
        Self {
            second: &rows * (&self.second * &self.features),
            cross: &rows * &self.cross,
            inputs: self.inputs.clone(),
            features: self.features.clone(),
        }
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

    /// Fewer neurons than samples, and more.
    const WIDTHS: [usize; 2] = [6, 12];

    fn model(neurons: usize) -> RandomInputs {
        RandomInputs {
            scale: 3.0,
            n: 9,
            d: 4,
            neurons,
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
        for neurons in WIDTHS {
            let (model, lambda) = (model(neurons), 0.07);
            let errors = model.ridge(lambda, &mut generator()).unwrap();
            let draw = model.draw(&mut generator()).unwrap();
            let gamma = neurons as f64 / 4.0 * lambda;
            let gram = &draw.features * draw.features.transpose() / 9.0;
            let inverse = (gram + DMatrix::identity(neurons, neurons) * gamma)
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
            assert!((errors.test - test).abs() < 1e-11, "{errors:?} {test}");
            assert!((errors.train - train).abs() < 1e-11, "{errors:?} {train}");
        }
    }

    /// Long flow and little ridge both lead to the least norm among the least squares.
    #[test]
    fn the_flow_starts_at_the_signal_and_ends_at_least_squares() {
        for neurons in WIDTHS {
            let model = model(neurons);
            let errors = model.flow(&[0.0, 1e9], &mut generator()).unwrap();
            assert!((errors[0] - 1.3).abs() < 1e-12);
            let ridgeless = model.ridge(1e-11, &mut generator()).unwrap().test;
            assert!(
                (errors[1] / ridgeless - 1.0).abs() < 1e-6,
                "{errors:?} {ridgeless}"
            );
        }
    }

    /// Between these ends: Euler steps of the flow itself, on labels of one signal and no noise.
    #[test]
    fn the_flow_solves_its_equation_in_between() {
        for neurons in WIDTHS {
            let mut model = model(neurons);
            model.task.noise = 0.0;
            let error = model.flow(&[0.8], &mut generator()).unwrap()[0];
            let draw = model.draw(&mut generator()).unwrap();
            let gram = &draw.features * draw.features.transpose() / 9.0;
            let target = &draw.features * draw.inputs.transpose() / 9.0;
            let mut signal = DMatrix::zeros(neurons, 4);
            for _ in 0..20_000 {
                signal += (&target - &gram * &signal) * (0.8 / 20_000.0);
            }
            let direct = 1.3 * missed(&draw, &signal, 4.0);
            assert!((error - direct).abs() < 1e-4, "{error} {direct}");
        }
    }
}
