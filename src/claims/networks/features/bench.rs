//! A network with random weights on fixed data: what is fixed, what a draw of the weights gives.

use super::draws::{decay, gaussian, inverse_trace};
use crate::design::ReplicateError;
use crate::ensemble::StreamKey;
use crate::equivalent::activation::Activation;
use crate::equivalent::features::{FixedFeatures, TestSet};
use nalgebra::{Cholesky, DMatrix, DVector, SymmetricEigen};
use rand_chacha::ChaCha8Rng;

/// Inputs of the dimension n, x ~ N(0, I/n), labels 0.8⟨b, x⟩√n + 0.6ε with |b| = 1, ε standard normal; as many for the test.
///
/// Drawn once, from a stream of its own, and the same for every epoch: the theorem is about the randomness of the weights.
#[derive(Debug, Clone)]
pub(super) struct Bench {
    pub activation: Activation,
    inputs: DMatrix<f64>,
    test_inputs: DMatrix<f64>,
    pub labels: DVector<f64>,
    test_labels: DVector<f64>,
    /// N.
    pub neurons: usize,
    /// The limit, and what its test error needs.
    pub limit: FixedFeatures,
    pub test: TestSet,
    /// ‖X‖.
    pub norm: f64,
}

/// Who draws the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weights {
    /// Standard deviation, 1 in the theorem.
    pub scale: f64,
    /// How many neurons share their weights, 1 in the theorem.
    pub copies: usize,
}

/// As in the theorem.
pub(super) const INDEPENDENT: Weights = Weights {
    scale: 1.0,
    copies: 1,
};

/// A draw of the weights, and what ridge regression on it gives.
pub(super) struct Fit {
    /// (1/n)tr Q.
    pub trace: f64,
    /// (1/n)|y − Σᵀβ|².
    pub train: f64,
    /// (1/n_t)|y_t − Σ_tᵀβ|².
    pub test: f64,
}

impl Bench {
    pub fn new(activation: Activation, n: usize, neurons: usize) -> Self {
        let key = StreamKey {
            epoch: 0,
            claim: "lm/random-features".into(),
            law: "fixed data".into(),
            n,
            signal: "linear with noise".into(),
        };
        let mut rng = key.generator(0);
        let root = (n as f64).sqrt();
        let inputs = gaussian(n, n, &mut rng) / root;
        let test_inputs = gaussian(n, n, &mut rng) / root;
        let direction = gaussian(n, 1, &mut rng).column(0).normalize() * (0.8 * root);
        let mut labels =
            |x: &DMatrix<f64>| x.tr_mul(&direction) + gaussian(n, 1, &mut rng).column(0) * 0.6;
        let (labels, test_labels) = (labels(&inputs), labels(&test_inputs));
        let kernels = Kernels {
            activation,
            inputs: &inputs,
            test_inputs: &test_inputs,
        };
        Self {
            limit: kernels.limit(1.0, neurons),
            test: kernels.test_set(1.0, &test_labels),
            norm: inputs.tr_mul(&inputs).symmetric_eigenvalues().max().sqrt(),
            activation,
            labels,
            test_labels,
            inputs,
            test_inputs,
            neurons,
        }
    }

    /// The same data and another N.
    pub fn with_neurons(&self, neurons: usize) -> Self {
        Self {
            limit: self
                .limit
                .with_neurons(neurons)
                .expect("a network has neurons"),
            neurons,
            ..self.clone()
        }
    }

    /// Twice the data: every input once more in new coordinates, orthogonal to the first, with the same label. N doubles too.
    ///
    /// K of an odd activation is two copies of K on its diagonal, so that θ(2n) = θ(n) and the 1/n terms of the two sizes are those of one
    /// expansion, not of two unrelated data sets. For others the blocks beside the diagonal have rank one.
    pub fn doubled(&self) -> Self {
        let twice = |x: &DMatrix<f64>| {
            let (rows, columns) = x.shape();
            DMatrix::from_fn(2 * rows, 2 * columns, |i, j| {
                let same = (i < rows) == (j < columns);
                if same {
                    x[(i % rows, j % columns)]
                } else {
                    0.0
                }
            })
        };
        let again = |y: &DVector<f64>| DVector::from_fn(2 * y.len(), |i, _| y[i % y.len()]);
        let (inputs, test_inputs) = (twice(&self.inputs), twice(&self.test_inputs));
        let (labels, test_labels) = (again(&self.labels), again(&self.test_labels));
        let neurons = 2 * self.neurons;
        let kernels = Kernels {
            activation: self.activation,
            inputs: &inputs,
            test_inputs: &test_inputs,
        };
        Self {
            limit: kernels.limit(1.0, neurons),
            test: kernels.test_set(1.0, &test_labels),
            norm: self.norm,
            activation: self.activation,
            labels,
            test_labels,
            inputs,
            test_inputs,
            neurons,
        }
    }

    /// The limit and the test set for weights of the standard deviation `scale`.
    pub fn scaled(&self, scale: f64) -> (FixedFeatures, TestSet) {
        let kernels = Kernels {
            activation: self.activation,
            inputs: &self.inputs,
            test_inputs: &self.test_inputs,
        };
        (
            kernels.limit(scale, self.neurons),
            kernels.test_set(scale, &self.test_labels),
        )
    }

    /// The limit for the kernel (E s′)²XᵀX, as if the network were linear.
    pub fn linear_limit(&self) -> FixedFeatures {
        let slope = self.activation.moments(1.0).expect("1 is a scale").slope;
        let kernel = self.inputs.tr_mul(&self.inputs) * (slope * slope);
        FixedFeatures::new(&kernel, self.neurons).expect("Gram matrices are positive")
    }

    /// n.
    pub fn n(&self) -> usize {
        self.inputs.ncols()
    }

    /// Such as `relu`, for the key of the streams.
    pub fn law(&self) -> String {
        self.activation.name()
    }

    /// Such as `N = 16`.
    pub fn signal(&self) -> String {
        format!("N = {}", self.neurons)
    }

    /// (1/n)|y|².
    pub fn power(&self) -> f64 {
        self.labels.norm_squared() / self.n() as f64
    }

    /// W, N × n.
    fn weights(&self, weights: Weights, rng: &mut ChaCha8Rng) -> DMatrix<f64> {
        let distinct = gaussian(self.neurons / weights.copies, self.n(), rng) * weights.scale;
        DMatrix::from_fn(self.neurons, self.n(), |i, j| {
            distinct[(i / weights.copies, j)]
        })
    }

    /// s(WX).
    fn features(&self, weights: &DMatrix<f64>, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        (weights * inputs).map(|t| self.activation.value(t))
    }

    /// Ridge regression on one draw of the weights.
    pub fn fit(
        &self,
        gamma: f64,
        weights: Weights,
        rng: &mut ChaCha8Rng,
    ) -> Result<Fit, ReplicateError> {
        let n = self.n() as f64;
        let weights = self.weights(weights, rng);
        let features = self.features(&weights, &self.inputs);
        // The smaller of ΣΣᵀ/n + γ and ΣᵀΣ/n + γ.
        let wide = self.neurons <= self.n();
        let mut gram = if wide {
            &features * features.transpose() / n
        } else {
            features.transpose() * &features / n
        };
        for i in 0..gram.nrows() {
            gram[(i, i)] += gamma;
        }
        let size = gram.nrows();
        let solver = Cholesky::new(gram).ok_or("a Gram matrix with a ridge is not positive")?;
        let beta = if wide {
            solver.solve(&(&features * &self.labels / n))
        } else {
            &features * solver.solve(&self.labels) / n
        };
        let residual = &self.labels - features.tr_mul(&beta);
        let missed = &self.test_labels - self.features(&weights, &self.test_inputs).tr_mul(&beta);
        Ok(Fit {
            trace: (inverse_trace(&solver) + (n - size as f64) / gamma) / n,
            train: residual.norm_squared() / n,
            test: missed.norm_squared() / missed.len() as f64,
        })
    }

    /// (1/n)yᵀe^{−2tΣᵀΣ/n}y at several t, on one draw of the weights.
    ///
    /// With eigenpairs (λ_k, v_k) of ΣᵀΣ/n: Σ_k e^{−2tλ_k}(v_kᵀy)²/n. Where N < n those of ΣΣᵀ/n are fewer: v_k = Σᵀu_k/√(nλ_k), and
    /// the other part of y does not move.
    pub fn flow(
        &self,
        times: &[f64],
        weights: Weights,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<f64>, ReplicateError> {
        let n = self.n() as f64;
        let weights = self.weights(weights, rng);
        let features = self.features(&weights, &self.inputs) / n.sqrt();
        let wide = self.neurons <= self.n();
        let gram = if wide {
            &features * features.transpose()
        } else {
            features.transpose() * &features
        };
        let eigen = SymmetricEigen::try_new(gram, f64::EPSILON, 0)
            .ok_or("the eigenvalues of ΣᵀΣ/n were not found")?;
        let moved = if wide {
            eigen.eigenvectors.tr_mul(&(&features * &self.labels))
        } else {
            eigen.eigenvectors.tr_mul(&self.labels)
        };
        let power = self.labels.norm_squared();
        let errors = times.iter().map(|&t| {
            let terms = eigen.eigenvalues.iter().zip(moved.iter());
            let learned: f64 = terms
                .map(|(&x, &b)| {
                    b * b
                        * if wide {
                            -2.0 * t * decay(2.0 * t * x)
                        } else {
                            libm::exp(-2.0 * t * x) - 1.0
                        }
                })
                .sum();
            (power + learned) / n
        });
        Ok(errors.collect())
    }
}

/// Kernels of weights of other standard deviations.
struct Kernels<'a> {
    activation: Activation,
    inputs: &'a DMatrix<f64>,
    test_inputs: &'a DMatrix<f64>,
}

impl Kernels<'_> {
    fn limit(&self, scale: f64, neurons: usize) -> FixedFeatures {
        let kernel = self.of(self.inputs, self.inputs, scale);
        FixedFeatures::new(&kernel, neurons).expect("kernels are positive")
    }

    fn test_set(&self, scale: f64, labels: &DVector<f64>) -> TestSet {
        TestSet {
            cross: self.of(self.inputs, self.test_inputs, scale),
            trace: self.of(self.test_inputs, self.test_inputs, scale).trace(),
            labels: labels.as_slice().to_vec(),
        }
    }

    fn of(&self, x: &DMatrix<f64>, y: &DMatrix<f64>, scale: f64) -> DMatrix<f64> {
        let norms = |x: &DMatrix<f64>| -> Vec<f64> {
            let columns = x.column_iter();
            columns
                .map(|column| column.norm_squared() * scale * scale)
                .collect()
        };
        let (a, b) = (norms(x), norms(y));
        let products = x.tr_mul(y) * (scale * scale);
        DMatrix::from_fn(x.ncols(), y.ncols(), |i, j| {
            let kernel = self.activation.kernel(a[i], b[j], products[(i, j)]);
            kernel.expect("inner products of two vectors are a covariance")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_the_gram_matrix_give_the_same_fit() {
        // N = n − 1 and N = n take different branches; compare each with the n × n formulas.
        for neurons in [5, 9] {
            let bench = Bench::new(Activation::Relu, 7, neurons);
            let mut rng = generator();
            let fit = bench.fit(0.3, INDEPENDENT, &mut rng).unwrap();
            let weights = bench.weights(INDEPENDENT, &mut generator());
            let features = bench.features(&weights, &bench.inputs);
            let q = (features.tr_mul(&features) / 7.0 + DMatrix::identity(7, 7) * 0.3)
                .try_inverse()
                .unwrap();
            let train = 0.09 * (&q * &bench.labels).norm_squared() / 7.0;
            assert!((fit.trace - q.trace() / 7.0).abs() < 1e-12);
            assert!((fit.train - train).abs() < 1e-12);
        }
    }

    /// Of an odd activation: the equivalent knows the data by K and K(X, X_t) in proportion to their number.
    #[test]
    fn twice_the_data_have_the_same_limits() {
        let bench = Bench::new(Activation::Erf, 7, 5);
        let twice = bench.doubled();
        assert_eq!((twice.n(), twice.neurons), (14, 10));
        let of = |bench: &Bench| {
            let labels = bench.labels.as_slice();
            let trace = bench.limit.trace(0.2).unwrap().value;
            let train = bench.limit.train(0.2, labels).unwrap();
            let test = bench.limit.test(0.2, labels, &bench.test).unwrap();
            [trace, train, test, bench.limit.flow(1.5, labels).unwrap()]
        };
        for (a, b) in of(&bench).into_iter().zip(of(&twice)) {
            assert!((a / b - 1.0).abs() < 1e-9, "{a} {b}");
        }
        let top = |bench: &Bench| bench.inputs.clone().svd(false, false).singular_values[0];
        assert!((top(&twice) - twice.norm).abs() < 1e-12);
    }

    #[test]
    fn the_flow_solves_its_equation() {
        for neurons in [5, 9] {
            let bench = Bench::new(Activation::Erf, 7, neurons);
            let at = |t: f64| bench.flow(&[t], INDEPENDENT, &mut generator()).unwrap()[0];
            assert!((at(0.0) - bench.power()).abs() < 1e-14);
            let weights = bench.weights(INDEPENDENT, &mut generator());
            let features = bench.features(&weights, &bench.inputs);
            // One Euler step of a short time.
            let step = 1e-6;
            let moved =
                &bench.labels - features.tr_mul(&(&features * &bench.labels)) * (step / 7.0);
            assert!((at(step) - moved.norm_squared() / 7.0).abs() < 1e-10);
            assert!(at(3.0) < at(1.0));
        }
    }

    fn generator() -> ChaCha8Rng {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "bench".into(),
            n: 7,
            signal: "weights".into(),
        };
        key.generator(0)
    }
}
