//! Ridge regression on random features of fixed inputs.

use super::contour::Contour;
use super::not_negative;
use crate::equivalent::{EquivalentError, Population, SampleCovariance};
use crate::measure::Certified;
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Ridge regression of labels y on Σ = s(WX), N × n, for fixed inputs X and N independent random neurons w:
/// β = ΣQy/n with Q = (ΣᵀΣ/n + γ)⁻¹, in terms of the kernel K = E s(Xᵀw)s(wᵀX).
///
/// ΣᵀΣ/N is a sample covariance matrix: N samples, the columns of Σᵀ, of covariance K, dimension n. So with κ the effective ridge
/// of K, ratio n/N and ridge γn/N,
///
/// ```text
/// Q̄ = (κ/γ)(K + κ)⁻¹,    κ = γ(n/N)(1 + δ),    δ = (1/n)tr KQ̄,    Ψ = (N/n)K/(1 + δ) = γK/κ.
/// ```
///
/// # Source   C. Louart, Z. Liao and R. Couillet (2018), Theorem 1 and Conjecture 1 (the test error)
/// # Examples
/// ```
/// use nalgebra::DMatrix;
/// use rmt_verify::equivalent::features::FixedFeatures;
/// // K = I and N = n: Marchenko–Pastur at c = 1, γm² + γm − 1 = 0, m(−2) = (√3 − 1)/2.
/// let features = FixedFeatures::new(&DMatrix::identity(5, 5), 5)?;
/// assert!((features.trace(2.0)?.value - 0.5 * (3f64.sqrt() - 1.0)).abs() < 1e-14);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FixedFeatures {
    /// λ_j, and the eigenvectors of K as columns in the same order.
    eigenvalues: Vec<f64>,
    basis: DMatrix<f64>,
    neurons: usize,
    limit: SampleCovariance,
}

/// New inputs X_t with labels y_t.
#[derive(Debug, Clone, PartialEq)]
pub struct TestSet {
    /// K(X, X_t), n × n_t.
    pub cross: DMatrix<f64>,
    /// tr K(X_t, X_t).
    pub trace: f64,
    /// y_t.
    pub labels: Vec<f64>,
}

impl FixedFeatures {
    /// From K, n × n, and N.
    ///
    /// # Errors
    /// N = 0, K not square, K = 0, an eigenvalue below −1e-9‖K‖ (smaller ones are rounding and become 0).
    pub fn new(kernel: &DMatrix<f64>, neurons: usize) -> Result<Self, EquivalentError> {
        let n = kernel.nrows();
        expect("columns of K", kernel.ncols(), n)?;
        let ratio = ratio(n, neurons)?;
        let eigen = SymmetricEigen::new(kernel.clone());
        let largest = eigen.eigenvalues.amax();
        let eigenvalues = eigen.eigenvalues.iter();
        let eigenvalues: Vec<f64> = eigenvalues
            .map(|&x| {
                if x < 0.0 && x > -1e-9 * largest {
                    0.0
                } else {
                    x
                }
            })
            .collect();
        let population = Population::eigenvalues(&eigenvalues)?;
        Ok(Self {
            limit: SampleCovariance::new(population, ratio)?,
            eigenvalues,
            basis: eigen.eigenvectors,
            neurons,
        })
    }

    /// The same kernel with another N.
    ///
    /// # Errors
    /// N = 0.
    pub fn with_neurons(&self, neurons: usize) -> Result<Self, EquivalentError> {
        let population = self.limit.population().clone();
        Ok(Self {
            limit: SampleCovariance::new(population, ratio(self.samples(), neurons)?)?,
            neurons,
            ..self.clone()
        })
    }

    /// n.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.eigenvalues.len()
    }

    /// N.
    #[must_use]
    pub fn neurons(&self) -> usize {
        self.neurons
    }

    /// The limit of ΣᵀΣ/N.
    #[must_use]
    pub fn covariance(&self) -> &SampleCovariance {
        &self.limit
    }

    /// κ, the ridge that the same labels would get from the kernel K itself.
    ///
    /// # Errors   γ not in (0, ∞)
    pub fn kappa(&self, gamma: f64) -> Result<Certified<f64>, EquivalentError> {
        self.limit.kappa(gamma * self.limit.ratio())
    }

    /// (1/n)tr Q̄ = (1/n)Σ(κ/γ)/(λ_j + κ).
    ///
    /// # Accuracy the bound is proved from that of κ, for the eigenvalues of K as computed
    /// # Errors   γ not in (0, ∞)
    pub fn trace(&self, gamma: f64) -> Result<Certified<f64>, EquivalentError> {
        let kappa = self.kappa(gamma)?;
        let k = kappa.value;
        let value = self.mean(|x| k / (gamma * (x + k)));
        // |d(κ/(λ + κ))/dκ| = λ/(λ + κ)² ≤ (κ/(λ + κ))/κ·λ/(λ + κ).
        let rounding = (self.samples() as f64 + 8.0) * f64::EPSILON;
        Ok(Certified {
            value,
            error: value * (kappa.error / k + rounding),
        })
    }

    /// Training error (1/n)|y − Σᵀβ|² = γ²yᵀQ²y/n.
    ///
    /// # Value    (1/n)Σ y_j²κ²/(λ_j + κ)²·(1 + λ_j A/(1 − df₂)), A = (1/N)Σλ/(λ + κ)², y_j the coordinates of y in the basis of K
    /// # Errors   γ not in (0, ∞); not n labels
    pub fn train(&self, gamma: f64, labels: &[f64]) -> Result<f64, EquivalentError> {
        let k = self.kappa(gamma)?.value;
        let y = self.coordinates(labels)?;
        let inflation = self.spread(k, |x| x) / (1.0 - self.limit.degrees_of_freedom(2, k));
        let terms = self.eigenvalues.iter().zip(y.iter());
        let terms = terms.map(|(&x, &y)| (y * k / (x + k)).powi(2) * (1.0 + x * inflation));
        Ok(terms.sum::<f64>() / self.samples() as f64)
    }

    /// Test error (1/n_t)|y_t − Σ_tᵀβ|², Σ_t = s(WX_t).
    ///
    /// # Value    squared error of the kernel's own ridge regression at κ, plus the variance over W: (1/N)Σ y_j²λ_j/(λ_j + κ)²/(1 − df₂)
    /// times (1/n_t)[tr K_t − Σ_j|c_j|²(λ_j + 2κ)/(λ_j + κ)²], c_j the rows of K(X, X_t) in the basis of K
    /// # Errors   γ not in (0, ∞); labels or K(X, X_t) of another size
    pub fn test(&self, gamma: f64, labels: &[f64], test: &TestSet) -> Result<f64, EquivalentError> {
        let k = self.kappa(gamma)?.value;
        let y = self.coordinates(labels)?;
        expect("rows of K(X, X_t)", test.cross.nrows(), self.samples())?;
        expect("test labels", test.labels.len(), test.cross.ncols())?;
        let cross = self.basis.transpose() * &test.cross;
        let shrunk = DVector::from_iterator(
            y.len(),
            self.eigenvalues
                .iter()
                .zip(y.iter())
                .map(|(x, y)| y / (x + k)),
        );
        let predicted = cross.tr_mul(&shrunk);
        let error: f64 = (test.labels.iter().zip(predicted.iter()))
            .map(|(label, f)| (label - f).powi(2))
            .sum();
        let weight: f64 = (self.eigenvalues.iter().zip(shrunk.iter()))
            .map(|(x, b)| x * b * b)
            .sum::<f64>()
            / (self.neurons as f64 * (1.0 - self.limit.degrees_of_freedom(2, k)));
        let explained: f64 = (self.eigenvalues.iter().zip(cross.row_iter()))
            .map(|(x, row)| row.norm_squared() * (x + 2.0 * k) / (x + k).powi(2))
            .sum();
        let count = test.labels.len() as f64;
        Ok((error + weight * (test.trace - explained)) / count)
    }

    /// Training error after the time t of gradient flow from 0, dβ/dt = (1/n)Σ(y − Σᵀβ): (1/n)yᵀe^{−2tΣᵀΣ/n}y.
    ///
    /// # Value    −(1/2πi)∮e^{−2tz}(1/n)yᵀ((N/n)K/(1 + δ(z)) − z)⁻¹y dz
    /// # Accuracy 1e-10, against 40-digit values at t = 0.3 and 2
    /// # Errors   t not in [0, ∞); not n labels
    pub fn flow(&self, t: f64, labels: &[f64]) -> Result<f64, EquivalentError> {
        let t = not_negative("t", t)?;
        let y = self.coordinates(labels)?;
        // In units of ΣᵀΣ/N.
        let s = 2.0 * t / self.limit.ratio();
        let contour = Contour::around(&self.limit, s)?;
        let value = contour.integral(|node| {
            let terms = self.eigenvalues.iter().zip(y.iter());
            let form: num_complex::Complex64 = terms
                .map(|(&x, y)| self.limit.resolvent(node.z, node.companion, x) * (y * y))
                .sum();
            (-s * node.z).exp() * form
        });
        Ok(-value / self.samples() as f64)
    }

    /// Coordinates of y in the basis of K.
    fn coordinates(&self, labels: &[f64]) -> Result<DVector<f64>, EquivalentError> {
        expect("labels", labels.len(), self.samples())?;
        Ok(self.basis.tr_mul(&DVector::from_column_slice(labels)))
    }

    /// (1/n)Σf(λ_j).
    fn mean(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.eigenvalues.iter().map(|&x| f(x)).sum::<f64>() / self.samples() as f64
    }

    /// (1/N)Σf(λ_j)/(λ_j + κ)².
    fn spread(&self, kappa: f64, f: impl Fn(f64) -> f64) -> f64 {
        self.limit.ratio() * self.mean(|x| f(x) / (x + kappa).powi(2))
    }
}

/// n/N.
fn ratio(n: usize, neurons: usize) -> Result<f64, EquivalentError> {
    if neurons == 0 {
        return Err(EquivalentError::OutOfRange {
            name: "N",
            value: 0.0,
            allowed: "at least one neuron",
        });
    }
    Ok(n as f64 / neurons as f64)
}

/// A size that must be `right`.
fn expect(name: &'static str, found: usize, right: usize) -> Result<(), EquivalentError> {
    if found == right && right > 0 {
        Ok(())
    } else {
        Err(EquivalentError::OutOfRange {
            name,
            value: found as f64,
            allowed: "sizes must fit those of the kernel, and none is 0",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel() -> DMatrix<f64> {
        DMatrix::from_fn(6, 6, |i, j| {
            let gap = i as f64 - j as f64;
            (-0.3 * gap * gap).exp() + if i == j { 0.2 } else { 0.05 }
        })
    }

    const LABELS: [f64; 6] = [1.0, -0.5, 0.3, 2.0, -1.1, 0.4];

    /// γ²Q² = −γ²dQ/dγ, also of the equivalents.
    #[test]
    fn training_error_is_the_derivative_of_the_quadratic_form() {
        for neurons in [3, 12] {
            let features = FixedFeatures::new(&kernel(), neurons).unwrap();
            let y = features.coordinates(&LABELS).unwrap();
            let form = |gamma: f64| -> f64 {
                let k = features.kappa(gamma).unwrap().value;
                let terms = features.eigenvalues.iter().zip(y.iter());
                terms
                    .map(|(x, y)| y * y * k / (gamma * (x + k)))
                    .sum::<f64>()
                    / 6.0
            };
            let (gamma, h) = (0.4, 1e-4);
            let slope = (8.0 * (form(gamma + h) - form(gamma - h)) - form(gamma + 2.0 * h)
                + form(gamma - 2.0 * h))
                / (12.0 * h);
            let train = features.train(gamma, &LABELS).unwrap();
            let other = -gamma * gamma * slope;
            assert!((train / other - 1.0).abs() < 1e-10, "{train} {other}");
        }
    }

    #[test]
    fn infinitely_many_neurons_give_kernel_ridge_regression() {
        let k = kernel();
        let neurons = 100_000_000;
        let features = FixedFeatures::new(&k, neurons).unwrap();
        let (gamma, ratio) = (0.4, neurons as f64 / 6.0);
        // Q = ((N/n)K + γ)⁻¹, so γ must grow with N.
        let solved = (&k + DMatrix::identity(6, 6) * gamma)
            .try_inverse()
            .unwrap()
            * DVector::from_column_slice(&LABELS);
        let train = features.train(gamma * ratio, &LABELS).unwrap();
        let exact = gamma * gamma * solved.norm_squared() / 6.0;
        assert!((train / exact - 1.0).abs() < 1e-6, "{train} {exact}");
        let test = TestSet {
            cross: k.clone(),
            trace: k.trace(),
            labels: LABELS.to_vec(),
        };
        let found = features.test(gamma * ratio, &LABELS, &test).unwrap();
        assert!((found / exact - 1.0).abs() < 1e-6, "{found} {exact}");
    }

    #[test]
    fn the_flow_starts_at_the_labels_and_falls() {
        let features = FixedFeatures::new(&kernel(), 9).unwrap();
        let at = |t: f64| features.flow(t, &LABELS).unwrap();
        let start: f64 = LABELS.iter().map(|y| y * y).sum::<f64>() / 6.0;
        assert!((at(0.0) / start - 1.0).abs() < 1e-13);
        // d/dt at 0 is −2yᵀ(ΣᵀΣ/n)y/n, mean −2(N/n)yᵀKy/n.
        let y = DVector::from_column_slice(&LABELS);
        let slope = -2.0 * 9.0 / 6.0 * y.dot(&(kernel() * &y)) / 6.0;
        let h = 1e-4;
        let found = (4.0 * at(h) - 3.0 * at(0.0) - at(2.0 * h)) / (2.0 * h);
        assert!((found / slope - 1.0).abs() < 1e-5, "{found} {slope}");
        assert!(at(1.0) < at(0.5) && at(1.0) > 0.0);
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let features = FixedFeatures::new(&kernel(), 3).unwrap();
        assert!(features.train(0.1, &[1.0]).is_err());
        assert!(features.train(-0.1, &LABELS).is_err());
        assert!(features.flow(f64::NAN, &LABELS).is_err());
        assert!(FixedFeatures::new(&kernel(), 0).is_err());
        assert!(FixedFeatures::new(&DMatrix::zeros(2, 3), 4).is_err());
        assert!(FixedFeatures::new(&-kernel(), 4).is_err());
        let test = TestSet {
            cross: kernel(),
            trace: 1.0,
            labels: vec![0.0; 2],
        };
        assert!(features.test(0.1, &LABELS, &test).is_err());
    }
}
