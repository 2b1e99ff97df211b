//! Data matrices: samples of a population.

use super::{EnsembleError, EntryLaw, Hermitian};
use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, Mat, MatRef, Par};
use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;

/// X = C^{1/2}Z, p × n: n samples as columns, C = diag(λ_1, …, λ_p), Z with independent entries of the law.
///
/// # Examples
/// ```
/// use rmt_verify::ensemble::{EntryLaw, Samples, StreamKey};
/// let key = StreamKey { epoch: 0, claim: "doc".into(), law: "gaussian".into(), n: 50, signal: "two-atom".into() };
/// let samples = Samples::new(EntryLaw::Gaussian, vec![1.0, 1.0, 4.0], 50)?;
/// let x = samples.draw(&mut key.generator(0));
/// assert_eq!((x.nrows(), x.ncols()), (3, 50));
/// assert_eq!(samples.covariance(x.as_ref()).n(), 3);
/// # Ok::<(), rmt_verify::ensemble::EnsembleError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    law: EntryLaw,
    population: Vec<f64>,
    /// √λ.
    roots: Vec<f64>,
    n: usize,
}

impl Samples {
    /// Population eigenvalues λ_1, …, λ_p in the order of the rows, and n.
    ///
    /// # Errors
    /// p = 0 or n = 0; a λ that is negative or not finite.
    pub fn new(law: EntryLaw, population: Vec<f64>, n: usize) -> Result<Self, EnsembleError> {
        if population.is_empty() || n == 0 {
            return Err(EnsembleError::SizeZero);
        }
        if let Some(&value) = population.iter().find(|x| !(**x >= 0.0 && x.is_finite())) {
            return Err(EnsembleError::NotACovariance { value });
        }
        let roots = population.iter().map(|x| x.sqrt()).collect();
        Ok(Self {
            law,
            population,
            roots,
            n,
        })
    }

    /// Law of the entries of Z.
    #[must_use]
    pub fn law(&self) -> EntryLaw {
        self.law
    }

    /// λ_1, …, λ_p.
    #[must_use]
    pub fn population(&self) -> &[f64] {
        &self.population
    }

    /// p.
    #[must_use]
    pub fn p(&self) -> usize {
        self.population.len()
    }

    /// n.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// One X. Reads the stream sample by sample, one uniform an entry.
    #[must_use]
    pub fn draw(&self, rng: &mut ChaCha8Rng) -> Mat<f64> {
        let p = self.p();
        let mut entries = vec![0.0; p * self.n];
        self.law.fill(rng, &mut entries);
        Mat::from_fn(p, self.n, |i, j| self.roots[i] * entries[i + p * j])
    }

    /// Ĉ = XXᵀ/n, p × p.
    #[must_use]
    pub fn covariance(&self, x: MatRef<'_, f64>) -> Hermitian {
        gram(x, self.n)
    }

    /// XᵀX/n, n × n.
    #[must_use]
    pub fn gram(&self, x: MatRef<'_, f64>) -> Hermitian {
        gram(x.transpose(), self.n)
    }
}

/// AAᵀ/n on one thread, so that its bits do not depend on the number of threads.
fn gram(a: MatRef<'_, f64>, n: usize) -> Hermitian {
    let size = a.nrows();
    let mut product = Mat::<f64>::zeros(size, size);
    matmul(
        product.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        a,
        BlockStructure::Rectangular,
        a.transpose(),
        BlockStructure::Rectangular,
        1.0 / n as f64,
        Par::Seq,
    );
    Hermitian::Real(DMatrix::from_fn(size, size, |i, j| {
        product[(i.max(j), i.min(j))]
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    fn drawn(law: EntryLaw) -> (Samples, Mat<f64>) {
        let samples = Samples::new(law, vec![1.0, 4.0, 0.0, 2.25], 7).unwrap();
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: law.name().into(),
            n: 7,
            signal: "four".into(),
        };
        let x = samples.draw(&mut key.generator(0));
        (samples, x)
    }

    #[test]
    fn rows_are_scaled_by_the_roots_of_the_population() {
        let (_, x) = drawn(EntryLaw::Rademacher);
        for j in 0..7 {
            let row = [1.0, 2.0, 0.0, 1.5];
            for (i, size) in row.into_iter().enumerate() {
                assert_eq!(x[(i, j)].abs(), size);
            }
        }
    }

    #[test]
    fn covariance_and_gram_are_the_products_and_share_their_trace() {
        let (samples, x) = drawn(EntryLaw::Gaussian);
        let (c, g) = (samples.covariance(x.as_ref()), samples.gram(x.as_ref()));
        assert_eq!((c.n(), g.n()), (4, 7));
        assert!((c.trace() - g.trace()).abs() < 1e-14 * c.trace());
        let Hermitian::Real(c) = c else {
            unreachable!("real samples")
        };
        let direct: f64 = (0..7).map(|j| x[(0, j)] * x[(1, j)]).sum::<f64>() / 7.0;
        assert!((c[(0, 1)] - direct).abs() < 1e-15);
        assert_eq!(c[(0, 1)], c[(1, 0)]);
    }

    #[test]
    fn samples_of_nothing_are_refused() {
        let law = EntryLaw::Gaussian;
        assert_eq!(Samples::new(law, vec![], 3), Err(EnsembleError::SizeZero));
        assert_eq!(
            Samples::new(law, vec![1.0], 0),
            Err(EnsembleError::SizeZero)
        );
        let error = Samples::new(law, vec![1.0, -2.0], 3).unwrap_err();
        assert_eq!(error, EnsembleError::NotACovariance { value: -2.0 });
    }
}
