//! Fresh noise: spectra of n × m Gaussian matrices from n + m random numbers, and what a fit makes of them.

use super::Method;
use super::fit::Reference;
use super::margin::EdgeLaw;
use crate::ensemble::{Ensemble, StreamKey, TridiagonalModel};
use crate::spectrum::Tridiagonal;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// BᵀB, with B in law the bidiagonal form of an n × m matrix of independent standard normals, n ≥ m.
///
/// ```text
/// B_jj = χ_{n−j+1},   B_{j,j+1} = χ_{m−j}:   (BᵀB)_jj = B_jj² + B²_{j−1,j},   (BᵀB)_{j,j+1} = B_jj B_{j,j+1}.
/// ```
///
/// # Value    tridiagonal, with the law of the squared singular values, all together, exactly
/// # Source   I. Dumitriu and A. Edelman, *Matrix models for beta ensembles* (2002): the β-Laguerre model
///
/// The χ are those beside the diagonal of two β-Hermite models, of sizes n + 1 and m: there the j-th is
/// χ_{N−j}/√N.
#[must_use]
pub fn noise_gram(n: usize, m: usize, rng: &mut ChaCha8Rng) -> Tridiagonal {
    let diagonal = chi(n + 1, m, rng);
    let off_diagonal = chi(m, m - 1, rng);
    let above = |j: usize| if j == 0 { 0.0 } else { off_diagonal[j - 1] };
    Tridiagonal {
        diagonal: (0..m)
            .map(|j| diagonal[j] * diagonal[j] + above(j) * above(j))
            .collect(),
        off_diagonal: (0..m - 1).map(|j| diagonal[j] * off_diagonal[j]).collect(),
    }
}

/// χ_{N−1}, χ_{N−2}, …, `count` of them.
fn chi(size: usize, count: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let model = TridiagonalModel::new(&Ensemble::goe()).expect("the GOE is invariant");
    let rows = model.rows(size, rng).expect("sizes are positive");
    let scale = (size as f64).sqrt();
    rows.take(count)
        .map(|row| scale * row.off_diagonal)
        .collect()
}

/// What one spectrum of pure noise of entry variance 1/n gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Replicate {
    /// The estimate of σ², whose truth is 1.
    pub square: f64,
    /// λ₁.
    pub top: f64,
    /// m times the Kolmogorov distance to the fitted law.
    pub discrepancy: f64,
}

/// Relative bias and variance of an estimate of σ², on pure noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Uncertainty {
    /// E σ̂²/σ².
    pub bias: f64,
    /// Var(σ̂²)/(E σ̂²)².
    pub variance: f64,
}

/// Replicates of the fit on fresh noise of one shape.
#[derive(Debug, Clone)]
pub(super) struct Simulation {
    n: usize,
    m: usize,
    replicates: Vec<Replicate>,
    /// Bias and variance of σ̂² over the replicates.
    pub uncertainty: Uncertainty,
}

/// Spectra solved side by side, see [`Tridiagonal::eigenvalues_of`].
const BATCH: usize = 8;

impl Simulation {
    /// `count` ≥ 2 replicates of n × m noise under `method`. Stream r of the key of this shape and epoch
    /// makes replicate r, on whatever thread.
    pub fn run(n: usize, m: usize, method: Method, count: usize, epoch: u64) -> Self {
        let key = StreamKey {
            epoch,
            claim: "network/bulk".into(),
            law: format!("noise {n} x {m}"),
            n,
            signal: "zero".into(),
        };
        let reference = Reference::new(n, m);
        let batches: Vec<usize> = (0..count).step_by(BATCH).collect();
        let replicates: Vec<Replicate> = batches
            .into_par_iter()
            .flat_map_iter(|first| {
                let grams: Vec<Tridiagonal> = (first..count.min(first + BATCH))
                    .map(|r| noise_gram(n, m, &mut key.generator(r as u64)))
                    .collect();
                let spectra = Tridiagonal::eigenvalues_of(&grams).into_iter();
                let reference = &reference;
                spectra.map(move |spectrum| {
                    // Finite entries, and a sweep limit fifteen times what is usual.
                    let spectrum = spectrum.expect("the QL iteration converges");
                    let squares = spectrum.eigenvalues().iter();
                    let squares: Vec<f64> = squares.map(|x| x.max(0.0) / n as f64).collect();
                    let square = reference.square(method, &squares);
                    Replicate {
                        square,
                        top: squares[0],
                        discrepancy: m as f64 * reference.distance(&squares, square),
                    }
                })
            })
            .collect();
        let uncertainty = Uncertainty::of(&replicates);
        Self {
            n,
            m,
            replicates,
            uncertainty,
        }
    }

    /// Replicates made.
    pub fn count(&self) -> usize {
        self.replicates.len()
    }

    /// How many replicates have λ₁ above the threshold of their own fit, q a quantile of F₁.
    pub fn alarms(&self, quantile: f64) -> usize {
        let edge = EdgeLaw::new(self.n, self.m);
        let allowed = edge.studentised(quantile, &self.uncertainty) / self.n as f64;
        let alarm = |r: &&Replicate| r.top > allowed * r.square / self.uncertainty.bias;
        self.replicates.iter().filter(alarm).count()
    }

    /// (1 + #{replicates that deviate at least as much})/(1 + M): at most p with probability ≤ p under the model.
    pub fn p_value(&self, discrepancy: f64) -> f64 {
        let worse = |r: &&Replicate| r.discrepancy >= discrepancy;
        let worse = self.replicates.iter().filter(worse).count();
        (1 + worse) as f64 / (1 + self.count()) as f64
    }

    /// Quantiles of σ̂²/σ² at (1 ∓ coverage)/2.
    pub fn square_quantiles(&self, coverage: f64) -> (f64, f64) {
        let mut ratios: Vec<f64> = self.replicates.iter().map(|r| r.square).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        // The k-th of M has level k/(M + 1); rounded outwards.
        let places = (1 + ratios.len()) as f64;
        let below = (0.5 * (1.0 - coverage) * places).floor().max(1.0) as usize;
        (ratios[below - 1], ratios[ratios.len() - below])
    }
}

impl Uncertainty {
    fn of(replicates: &[Replicate]) -> Self {
        let count = replicates.len() as f64;
        let bias = replicates.iter().map(|r| r.square).sum::<f64>() / count;
        let squares = replicates.iter().map(|r| (r.square / bias - 1.0).powi(2));
        Self {
            bias,
            variance: squares.sum::<f64>() / (count - 1.0),
        }
    }
}
