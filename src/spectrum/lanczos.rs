//! The largest eigenvalues of a matrix that is only known by its products.

mod basis;
mod operator;

pub use operator::{Dense, SymmetricOperator};

use super::{Eigen, Eigendecomposition, Eigenvectors, Faer, Hermitian, SpectrumError};
use crate::ensemble::{Row, WIDTH, standard_normal};
use basis::{Basis, Coefficients};
use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;
use std::ops::ControlFlow;
use thiserror::Error;

/// When [`top_eigenvalues`] stops, and what it may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TopOptions {
    /// Estimated residuals at which it stops, as a fraction of max |θ|.
    pub tolerance: f64,
    /// Vectors kept, in blocks of [`WIDTH`]: memory is 8·WIDTH·N bytes a block. When they are used
    /// up, the best half of what they span is kept.
    pub blocks: usize,
    /// Products with W after which it gives up.
    pub applies: usize,
}

impl Default for TopOptions {
    /// 1e-10, 64 blocks, 1000 products.
    fn default() -> Self {
        Self {
            tolerance: 1e-10,
            blocks: 64,
            applies: 1000,
        }
    }
}

/// How far [`top_eigenvalues`] has come.
#[derive(Debug, Clone, PartialEq)]
pub struct TopProgress {
    /// Products of W with a block of [`WIDTH`] vectors so far.
    pub applies: usize,
    /// θ₁ ≥ … ≥ θ_k as they stand.
    pub values: Vec<f64>,
    /// The largest of their estimated residuals.
    pub residual: f64,
}

/// The k largest eigenvalues of W as θ₁ ≥ … ≥ θ_k, with what is proved about them.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct TopEigenvalues {
    /// θ₁ ≥ … ≥ θ_k.
    pub values: Vec<f64>,
    /// r_i: W has an eigenvalue within r_i of θ_i. Proved, rounding included: ‖Wx − θx‖/‖x‖ of a
    /// vector x multiplied with W for this purpose.
    pub residuals: Vec<f64>,
    /// r with λ_i ≥ θ_i − r for every i ≤ k, λ₁ ≥ … ≥ λ_N the eigenvalues of W. Proved likewise.
    /// That the θ_i are not too small is a matter of probability: [`missed`](Self::missed).
    pub bound: f64,
    /// Products of W with a block of [`WIDTH`] vectors, those for the proof included.
    pub applies: usize,
    /// Largest degree d for which all p(W)Ω, deg p ≤ d, were searched, Ω the start block.
    pub degree: usize,
    /// Restarts.
    pub restarts: usize,
    /// N.
    pub n: usize,
    /// θ₁ minus the smallest Ritz value met: a lower bound of λ₁ − λ_N.
    pub spread: f64,
}

/// [`top_eigenvalues`] has no answer.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TopError {
    /// k = 0.
    #[error("k = 0 eigenvalues are no question")]
    NoneWanted,
    /// The basis could not hold the wanted vectors and a few more blocks, or not in ℝᴺ.
    #[error(
        "{wanted} eigenvalues at N = {n} with {blocks} blocks: use a dense solver, or more blocks"
    )]
    TooSmall {
        /// k.
        wanted: usize,
        /// N.
        n: usize,
        /// Blocks allowed.
        blocks: usize,
    },
    /// Residuals are still too large.
    #[error("residual {residual:e} after {applies} products")]
    NoConvergence {
        /// Products spent.
        applies: usize,
        /// The largest estimated residual.
        residual: f64,
    },
    /// The caller asked to stop.
    #[error("interrupted after {applies} products")]
    Interrupted {
        /// Products spent.
        applies: usize,
    },
    /// The projected matrix has no spectrum, because W has an entry that is not finite.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
}

/// θ₁ ≥ … ≥ θ_k of W by a block Lanczos method with full reorthogonalisation.
///
/// The basis starts from [`WIDTH`] Gaussian vectors and grows by a block a product; the Ritz
/// values of its span are the eigenvalues of the projected matrix. `progress` is called after every
/// product and may stop the work.
///
/// # Domain   k ≥ 1; room for ⌈k/[`WIDTH`]⌉ + 3 blocks in the options, and for one more in ℝᴺ
/// # Value    see [`TopEigenvalues`]; the bits do not depend on the number of threads
/// # Source   \[Golub, Underwood 1977\], the block method; \[Wu, Simon 2000\], thick restart
pub fn top_eigenvalues(
    w: &dyn SymmetricOperator,
    k: usize,
    options: &TopOptions,
    rng: &mut ChaCha8Rng,
    progress: &mut dyn FnMut(&TopProgress) -> ControlFlow<()>,
) -> Result<TopEigenvalues, TopError> {
    if k == 0 {
        return Err(TopError::NoneWanted);
    }
    let n = w.n();
    // One block beyond the basis must still fit into ℝᴺ.
    let blocks = options.blocks.min((n / WIDTH).saturating_sub(1));
    if blocks < k.div_ceil(WIDTH) + 3 {
        return Err(TopError::TooSmall {
            wanted: k,
            n,
            blocks,
        });
    }
    let mut search = Search::new(w, blocks, rng);
    loop {
        search.expand(rng);
        let ritz = search.ritz()?;
        let residual = search.residual(&ritz, k);
        let values = &ritz.spectrum.eigenvalues()[..k.min(ritz.spectrum.n())];
        let report = TopProgress {
            applies: search.applies,
            values: values.to_vec(),
            residual,
        };
        if progress(&report).is_break() {
            return Err(TopError::Interrupted {
                applies: search.applies,
            });
        }
        let (highest, lowest) = (
            values[0],
            ritz.spectrum.eigenvalues()[ritz.spectrum.n() - 1],
        );
        let scale = highest.abs().max(lowest.abs());
        search.lowest = search.lowest.min(lowest);
        if values.len() == k && residual <= options.tolerance * scale {
            return Ok(search.certified(&ritz, k));
        }
        if search.applies >= options.applies || residual.is_nan() {
            return Err(TopError::NoConvergence {
                applies: search.applies,
                residual,
            });
        }
        if search.basis.blocks() > blocks {
            search.restart(&ritz, k);
        }
    }
}

/// W V = V H + Q B Eᵀ: V the basis but for its last block Q, E the last block of unit vectors.
struct Search<'a> {
    operator: &'a dyn SymmetricOperator,
    /// V and Q.
    basis: Basis,
    /// H = VᵀWV.
    projected: DMatrix<f64>,
    /// B.
    coupling: Coefficients,
    applies: usize,
    restarts: usize,
    degree: usize,
    /// The smallest Ritz value so far; restarts forget its vector.
    lowest: f64,
}

impl<'a> Search<'a> {
    fn new(operator: &'a dyn SymmetricOperator, blocks: usize, rng: &mut ChaCha8Rng) -> Self {
        let n = operator.n();
        let mut basis = Basis::with_capacity(n, blocks + 1);
        let mut start = vec![[0.0; WIDTH]; n];
        for x in start.iter_mut().flatten() {
            *x = standard_normal(rng);
        }
        basis.extend(start, rng);
        Self {
            operator,
            basis,
            projected: DMatrix::zeros(0, 0),
            coupling: [[0.0; WIDTH]; WIDTH],
            applies: 0,
            restarts: 0,
            degree: 0,
            lowest: f64::INFINITY,
        }
    }

    /// Multiplies the last block and adds what is new as the next.
    fn expand(&mut self, rng: &mut ChaCha8Rng) {
        let mut product = vec![[0.0; WIDTH]; self.operator.n()];
        self.operator.apply(self.basis.last(), &mut product);
        self.applies += 1;
        if self.restarts == 0 {
            // The first product is projected onto the start block alone.
            self.degree = self.applies - 1;
        }
        let old = self.projected.nrows();
        let (columns, coupling) = self.basis.extend(product, rng);
        let mut h = std::mem::replace(&mut self.projected, DMatrix::zeros(0, 0));
        h = h.resize(old + WIDTH, old + WIDTH, 0.0);
        for (b, block) in columns.iter().enumerate() {
            for (r, row) in block.iter().enumerate() {
                for (c, &x) in row.iter().enumerate() {
                    h[(b * WIDTH + r, old + c)] = x;
                }
            }
        }
        // Rounding leaves the new diagonal block symmetric only to an ulp or so.
        for c in old..old + WIDTH {
            for r in 0..c {
                let x = if r < old {
                    h[(r, c)]
                } else {
                    0.5 * (h[(r, c)] + h[(c, r)])
                };
                h[(r, c)] = x;
                h[(c, r)] = x;
            }
        }
        self.projected = h;
        self.coupling = coupling;
    }

    /// H = Y Θ Yᵀ.
    fn ritz(&self) -> Result<Eigen, SpectrumError> {
        Faer.eigen(&Hermitian::Real(self.projected.clone()))
    }

    /// max over i ≤ k of ‖W(Vy_i) − θ_i Vy_i‖ = ‖B Eᵀy_i‖, in exact arithmetic.
    fn residual(&self, ritz: &Eigen, k: usize) -> f64 {
        let y = vectors(ritz);
        let last = y.nrows() - WIDTH;
        let norm = |i: usize| -> f64 {
            let component = |row: &Row| -> f64 {
                row.iter()
                    .enumerate()
                    .map(|(c, b)| b * y[(last + c, i)])
                    .sum()
            };
            let squares = self.coupling.iter().map(|row| component(row).powi(2));
            squares.sum::<f64>().sqrt()
        };
        // Not `f64::max`, which hides a NaN.
        let worse = |worst: f64, r: f64| {
            if worst.is_nan() || r <= worst {
                worst
            } else {
                r
            }
        };
        (0..k.min(y.ncols())).map(norm).fold(0.0, worse)
    }

    /// Keeps the span of the best half of the Ritz vectors, whole blocks, and Q.
    fn restart(&mut self, ritz: &Eigen, k: usize) {
        let all = self.projected.nrows() / WIDTH;
        let kept = (all / 2).max(k.div_ceil(WIDTH) + 1).min(all - 1);
        self.basis.compress(vectors(ritz), kept);
        let values = &ritz.spectrum.eigenvalues()[..kept * WIDTH];
        self.projected = DMatrix::from_diagonal(&values.to_vec().into());
        self.restarts += 1;
    }

    /// θ₁, …, θ_k with the residuals of their vectors.
    ///
    /// λ_i ≥ θ_i − r: for X of full rank there are k eigenvalues of W, different as members of the
    /// list, that lie one each within ‖WX − XΘ‖/σ_min(X) of θ₁ ≥ … ≥ θ_k (Cao, Xie and Li 1996);
    /// and σ_min(X)² ≥ 1 − ‖XᵀX − 1‖_F.
    fn certified(mut self, ritz: &Eigen, k: usize) -> TopEigenvalues {
        let spectrum = ritz.spectrum.eigenvalues();
        let values = spectrum[..k].to_vec();
        let n = self.operator.n();
        let rounding = self.operator.rounding();
        let u = f64::EPSILON / 2.0;
        let mut ritz_vectors = Vec::new();
        let mut residuals = Vec::new();
        let mut squares = 0.0;
        for first in (0..k).step_by(WIDTH) {
            let x = self.basis.combined(vectors(ritz), first);
            let mut product = vec![[0.0; WIDTH]; n];
            self.operator.apply(&x, &mut product);
            self.applies += 1;
            for (c, &theta) in values[first..].iter().take(WIDTH).enumerate() {
                let (mut norm, mut residual) = (0.0, 0.0);
                for (x, wx) in x.iter().zip(&product) {
                    norm += x[c] * x[c];
                    residual += (wx[c] - theta * x[c]).powi(2);
                }
                let (norm, residual) = (norm.sqrt(), residual.sqrt());
                // Rounding of the product, of θx and of the difference.
                let of_difference = 4.0 * u * (theta.abs() + residual / norm);
                let proved = INFLATE * (residual / norm + rounding + of_difference);
                squares += (proved * norm).powi(2);
                residuals.push(proved);
            }
            ritz_vectors.push(x);
        }
        let defect = self.basis.defect(&ritz_vectors, k);
        let bound = if defect < 1.0 {
            INFLATE * (squares / (1.0 - defect)).sqrt()
        } else {
            f64::INFINITY
        };
        TopEigenvalues {
            values,
            residuals,
            bound,
            applies: self.applies,
            degree: self.degree,
            restarts: self.restarts,
            n,
            spread: spectrum[0] - self.lowest,
        }
    }
}

/// Covers the roundings in forming bounds from norms: sums of N squares have relative error
/// N·2⁻⁵³, below this for N ≤ 10¹¹.
const INFLATE: f64 = 1.0 + 2e-5;

fn vectors(ritz: &Eigen) -> &DMatrix<f64> {
    match &ritz.vectors {
        Eigenvectors::Real(y) => y,
        Eigenvectors::Complex(_) => unreachable!("the projected matrix is real"),
    }
}

impl TopEigenvalues {
    /// ε with λ_i ≤ θ_i + ε for every i ≤ min(k, [`WIDTH`]), with probability at least 1 − δ over
    /// the start block, whatever W is, gaps or none. In exact arithmetic.
    ///
    /// The price of asking nothing of W is a slow rate, ε ~ (ln(N/δ)/degree)²: where a gap separates
    /// λ_k from the rest, the residuals say how good the values are, and this only that no
    /// eigenvalue far above was overlooked.
    ///
    /// # Domain   0 < δ < 1
    /// # Value    `None` when the degree is too small for any statement
    #[doc = include_str!("../../docs/derivations/krylov_missed.md")]
    #[must_use]
    pub fn missed(&self, delta: f64) -> Option<f64> {
        let b = WIDTH as f64;
        let norm = (self.n as f64).sqrt() + b.sqrt() + (2.0 * (3.0 / delta).ln()).sqrt();
        let kappa = norm * 3.0 * b.sqrt() / delta;
        let degree = self.degree as f64;
        let relative = |excess: f64| {
            let tau = kappa * excess;
            0.5 * ((tau.acosh() / degree).cosh() - 1.0) + excess.powi(-2)
        };
        // Any choice is valid; these are within a few per cent of the best.
        let eta = (0..40)
            .map(|e| relative(1.5_f64.powi(e)))
            .fold(f64::INFINITY, f64::min);
        (eta < 0.5).then(|| eta * self.spread / (1.0 - 2.0 * eta))
    }
}
