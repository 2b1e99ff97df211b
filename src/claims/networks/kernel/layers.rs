//! Draws of networks of finite width.

use crate::design::ReplicateError;
use crate::ensemble::{EntryLaw, Hermitian};
use crate::equivalent::activation::Activation;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatRef, Par};
use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;

/// X_0 = Z/√d_0 (+ √θuvᵀ), X_l = s(W_lX_{l−1})/√d_l with s centred and normalised, n samples.
#[derive(Debug, Clone)]
pub(super) struct Network {
    pub activation: Activation,
    pub n: usize,
    /// d_0, …, d_L.
    pub widths: Vec<usize>,
    /// Law of the entries of Z; weights are Gaussian.
    pub data: EntryLaw,
    /// θ of the spike in the data; u and v are constant vectors.
    pub spike: f64,
}

/// One draw.
pub(super) struct Layers {
    /// X_0, …, X_L.
    pub outputs: Vec<Mat<f64>>,
    /// W_1, …, W_L.
    pub weights: Vec<Mat<f64>>,
}

impl Network {
    pub fn new(activation: Activation, n: usize, widths: &[usize]) -> Self {
        Self {
            activation,
            n,
            widths: widths.to_vec(),
            data: EntryLaw::Gaussian,
            spike: 0.0,
        }
    }

    /// n/d_0, …, n/d_L.
    pub fn ratios(&self) -> Vec<f64> {
        let n = self.n as f64;
        self.widths.iter().map(|&d| n / d as f64).collect()
    }

    pub fn signal(&self) -> String {
        let widths: Vec<String> = self.widths.iter().map(usize::to_string).collect();
        let spike = if self.spike == 0.0 {
            String::new()
        } else {
            format!(", θ = {}", self.spike)
        };
        format!(
            "{}, widths {}{spike}",
            self.activation.name(),
            widths.join("·")
        )
    }

    /// (E s, 1/√Var s) at scale 1.
    pub fn normalisation(&self) -> (f64, f64) {
        let moments = self.activation.moments(1.0).expect("scale 1");
        (moments.mean, moments.variance.sqrt().recip())
    }

    pub fn draw(&self, rng: &mut ChaCha8Rng) -> Layers {
        let (mean, scale) = self.normalisation();
        let mut data = independent(self.data, rng, self.widths[0], self.n);
        let root = (self.widths[0] as f64).sqrt().recip();
        let shift = (self.spike / (self.widths[0] * self.n) as f64).sqrt();
        for column in data.col_iter_mut() {
            for x in column.iter_mut() {
                *x = *x * root + shift;
            }
        }
        let (mut outputs, mut weights) = (vec![data], vec![]);
        for &width in &self.widths[1..] {
            let below = &outputs[outputs.len() - 1];
            let w = independent(EntryLaw::Gaussian, rng, width, below.nrows());
            let mut x = product(w.as_ref(), below.as_ref());
            let root = scale / (width as f64).sqrt();
            for column in x.col_iter_mut() {
                for entry in column.iter_mut() {
                    *entry = (self.activation.value(*entry) - mean) * root;
                }
            }
            outputs.push(x);
            weights.push(w);
        }
        Layers { outputs, weights }
    }
}

/// Independent entries.
fn independent(law: EntryLaw, rng: &mut ChaCha8Rng, rows: usize, columns: usize) -> Mat<f64> {
    let mut entries = vec![0.0; rows * columns];
    law.fill(rng, &mut entries);
    Mat::from_fn(rows, columns, |i, j| entries[i + rows * j])
}

/// AB on one thread.
pub(super) fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut c = Mat::zeros(a.nrows(), b.ncols());
    faer::linalg::matmul::matmul(c.as_mut(), Accum::Replace, a, b, 1.0, Par::Seq);
    c
}

/// AᵀA, symmetric to the last bit.
pub(super) fn gram(a: MatRef<'_, f64>) -> DMatrix<f64> {
    let mut c = Mat::<f64>::zeros(a.ncols(), a.ncols());
    triangular::matmul(
        c.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        a.transpose(),
        BlockStructure::Rectangular,
        a,
        BlockStructure::Rectangular,
        1.0,
        Par::Seq,
    );
    DMatrix::from_fn(c.nrows(), c.ncols(), |i, j| c[(i.max(j), i.min(j))])
}

/// (1/n)tr(K + γ)⁻¹ of K.
pub(super) fn mean_inverse(k: DMatrix<f64>, ridge: f64) -> Result<f64, ReplicateError> {
    let n = k.nrows() as f64;
    let form = crate::spectrum::Tridiagonal::reduce(&Hermitian::real(k)?)?;
    Ok(super::deep::ridge_trace(&form, ridge) / n)
}
