//! T = UᵀWU: the GOE and the GUE with one spike, in law, from O(N) random numbers.

mod edge;
mod rows;

pub use rows::{TridiagonalRow, TridiagonalRows};

use super::normal::normal_quantiles;
use super::stream::open_uniform;
use super::{Ensemble, EnsembleError, standard_normal};
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

/// Entries of a real symmetric tridiagonal matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct TridiagonalEntries {
    /// T_ii, N of them.
    pub diagonal: Vec<f64>,
    /// T_{i,i+1} ≥ 0, N − 1 of them.
    pub off_diagonal: Vec<f64>,
}

/// Why there is no tridiagonal model.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TridiagonalError {
    /// The noise is not invariant under rotations, so its tridiagonal form has no independent entries.
    #[error("{ensemble} is neither the GOE nor the GUE: its tridiagonal form is not known in law")]
    NotInvariant {
        /// Name of the ensemble.
        ensemble: String,
    },
    /// The ensemble or the size is ill posed.
    #[error(transparent)]
    Ensemble(#[from] EnsembleError),
}

/// The β-Hermite model: a tridiagonal T with the eigenvalues of R/√N + diag(θ, 0, …, 0), in law.
///
/// R/√N from the GOE (β = 1) or the GUE (β = 2). With independent entries,
///
/// ```text
/// T_11 = θ + σ√(2/β) g_1/√N,   T_jj = σ√(2/β) g_j/√N,   T_{j,j+1} = σ χ_{β(N−j)}/√(βN),
/// ```
///
/// g standard normals, χ_k the norm of k of them. θ is set by [`add_spike`](TridiagonalEntries::add_spike).
///
/// # Value    T = U*WU with a random unitary U that fixes the first unit vector e₁. So the law of all
/// eigenvalues *and* of the weights |⟨u_k, e₁⟩|² is that of W, jointly
/// # Source   A. Edelman and I. Dumitriu, *Matrix models for beta ensembles* (2002); the spike: A.
/// Bloemendal and B. Virág, *Limits of spiked random matrices I* (2013)
///
/// Why: a reflection of coordinates 2, …, N that takes the first column of R below its diagonal, N − 1
/// independent normals, to a multiple of e₂ leaves the law of the lower right block alone and θ where it
/// is. Its norm is σχ_{N−1} (GUE: σχ_{2(N−1)}/√2). Go on with the block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TridiagonalModel {
    /// β, 1 or 2.
    beta: f64,
    sigma: f64,
}

impl TridiagonalModel {
    /// The model of an invariant ensemble.
    ///
    /// # Errors
    /// [`TridiagonalError::NotInvariant`] for all but the GOE and the GUE.
    pub fn new(ensemble: &Ensemble) -> Result<Self, TridiagonalError> {
        ensemble.check()?;
        if !ensemble.is_invariant() {
            return Err(TridiagonalError::NotInvariant {
                ensemble: ensemble.name(),
            });
        }
        let beta = match ensemble {
            Ensemble::Wigner { .. } => 1.0,
            Ensemble::Gue { .. } => 2.0,
        };
        Ok(Self {
            beta,
            sigma: ensemble.sigma(),
        })
    }

    /// σ.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// β, 1 for the GOE and 2 for the GUE.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// One T without a spike. Draws the diagonal first, then χ_{β(N−1)}, …, χ_β.
    ///
    /// # Errors
    /// N = 0.
    pub fn sample(
        &self,
        n: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<TridiagonalEntries, TridiagonalError> {
        if n == 0 {
            return Err(EnsembleError::SizeZero.into());
        }
        let mut diagonal: Vec<f64> = (0..n).map(|_| open_uniform(rng)).collect();
        normal_quantiles(&mut diagonal);
        let scale = self.sigma * (2.0 / (self.beta * n as f64)).sqrt();
        diagonal.iter_mut().for_each(|x| *x *= scale);
        let scale = self.sigma / (self.beta * n as f64).sqrt();
        let off_diagonal = (1..n)
            .map(|j| scale * chi_squared(self.beta * (n - j) as f64, rng).sqrt())
            .collect();
        Ok(TridiagonalEntries {
            diagonal,
            off_diagonal,
        })
    }
}

impl TridiagonalEntries {
    /// N.
    #[must_use]
    pub fn n(&self) -> usize {
        self.diagonal.len()
    }

    /// T + θ e₁e₁ᵀ.
    pub fn add_spike(&mut self, theta: f64) {
        self.diagonal[0] += theta;
    }
}

/// χ²_k, the sum of the squares of k standard normals.
///
/// # Domain   k = 1 or k ≥ 2
/// # Value    k = 1: g². Otherwise twice a Gamma(k/2) variate by Marsaglia and Tsang's exact rejection:
/// with d = k/2 − 1/3 and V = (1 + g/√(9d))³, dV is accepted if V > 0 and
/// ln u < g²/2 + d − dV + d ln V. At least 95 % of the draws are accepted at once
/// # Source   G. Marsaglia and W. W. Tsang, *A simple method for generating gamma variables* (2000)
///
/// Only IEEE operations, our normals and `libm::log`: the same bits on every platform, which the
/// ziggurat tables of other crates do not promise.
pub(super) fn chi_squared(k: f64, rng: &mut ChaCha8Rng) -> f64 {
    if k == 1.0 {
        let g = standard_normal(rng);
        return g * g;
    }
    loop {
        let g = standard_normal(rng);
        let u = open_uniform(rng);
        if let Some(square) = from_normal(k, g, u) {
            return square;
        }
    }
}

/// χ²_k from one g and one u, unless they are rejected; g² for k = 1 and 0 for k = 0.
#[inline(always)]
fn from_normal(k: f64, g: f64, u: f64) -> Option<f64> {
    if k <= 1.0 {
        return Some(k * g * g);
    }
    let d = 0.5 * k - 1.0 / 3.0;
    let t = g * (1.0 / (9.0 * d).sqrt());
    let root = 1.0 + t;
    if root <= 0.0 {
        return None;
    }
    let v = root * root * root;
    let g2 = g * g;
    // The squeeze 1 − 0.0331 g⁴ lies below the exact bound and spares the logarithms.
    let accepted = u < 1.0 - 0.0331 * g2 * g2 || libm::log(u) < log_acceptance(d, t, g2, v);
    accepted.then_some(2.0 * d * v)
}

/// g²/2 + d(1 − v + ln v) at v = (1 + t)³, t = g/√(9d): 3d(ln(1 + t) − t + t²/2 − t³/3).
///
/// The first form loses d·10⁻¹⁶ to cancellation, too much at d = 10¹². Its value is then −g⁴/(108d) to
/// leading order, and the series −3d t⁴(1/4 − t/5 + t²/6) is right to 1e-12 of it.
fn log_acceptance(d: f64, t: f64, g2: f64, v: f64) -> f64 {
    if d < 1e8 {
        return 0.5 * g2 + d * (1.0 - v + libm::log(v));
    }
    -3.0 * d * (t * t) * (t * t) * (0.25 - t * (0.2 - t / 6.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{EntryLaw, StreamKey};

    fn generator(replicate: u64) -> ChaCha8Rng {
        StreamKey {
            epoch: 0,
            claim: "tridiagonal".into(),
            law: String::new(),
            n: 0,
            signal: String::new(),
        }
        .generator(replicate)
    }

    /// E χ²_k = k, Var χ²_k = 2k, and the third central moment 8k, each within seven standard errors
    /// (from the exact eighth-order moments at most 100 k³ for the third powers).
    #[test]
    fn chi_squared_has_its_first_three_moments() {
        const M: usize = 200_000;
        for k in [1.0, 2.0, 3.0, 10.0, 1000.0] {
            let rng = &mut generator(k as u64);
            let (mut first, mut second, mut third) = (0.0, 0.0, 0.0);
            for _ in 0..M {
                let x = chi_squared(k, rng) - k;
                first += x / M as f64;
                second += x * x / M as f64;
                third += x * x * x / M as f64;
            }
            let error = |variance: f64| 7.0 * (variance / M as f64).sqrt();
            assert!(first.abs() < error(2.0 * k), "{k}: {first}");
            // Var X² = 8k² + 48k
            assert!(
                (second - 2.0 * k).abs() < error(8.0 * k * k + 48.0 * k),
                "{k}: {second}"
            );
            // Var X³ = E X⁶ − 64k² = 120k³ + 2016k² + 3840k, from the cumulants 2^{r−1}(r−1)! k
            let variance = 120.0 * k.powi(3) + 2016.0 * k * k + 3840.0 * k;
            assert!(
                (third - 8.0 * k).abs() < error(variance),
                "{k}: {third} for {}",
                8.0 * k
            );
        }
    }

    #[test]
    fn both_forms_of_the_acceptance_agree_where_both_are_right() {
        let d = 1e7f64;
        let series = |t: f64| -3.0 * d * t.powi(4) * (0.25 - t * (0.2 - t / 6.0));
        for g in [-6.0, -1.0, 0.5, 4.0] {
            let t = g / (9.0 * d).sqrt();
            let plain = log_acceptance(d, t, g * g, (1.0 + t).powi(3));
            assert!(
                (plain - series(t)).abs() < 1e-8,
                "{g}: {plain} {}",
                series(t)
            );
            let exact = log_acceptance(1e12, t, g * g, (1.0 + t).powi(3));
            assert!((exact - series(t) * 1e5).abs() <= 1e-14 * exact.abs());
        }
    }

    #[test]
    fn only_invariant_ensembles_have_a_tridiagonal_model() {
        let error = TridiagonalModel::new(&Ensemble::wigner(EntryLaw::Rademacher)).unwrap_err();
        assert!(matches!(error, TridiagonalError::NotInvariant { .. }));
        let negative = Ensemble::gue().with_sigma(-1.0);
        assert!(TridiagonalModel::new(&negative).is_err());
        let goe = TridiagonalModel::new(&Ensemble::goe()).unwrap();
        assert!(goe.sample(0, &mut generator(0)).is_err());
    }

    #[test]
    fn draws_depend_on_nothing_but_their_stream() {
        let goe = TridiagonalModel::new(&Ensemble::goe()).unwrap();
        let t = goe.sample(3, &mut generator(0)).unwrap();
        assert_eq!(t, goe.sample(3, &mut generator(0)).unwrap());
        assert_ne!(t, goe.sample(3, &mut generator(1)).unwrap());
        assert_eq!((t.diagonal.len(), t.off_diagonal.len()), (3, 2));
        // Pinned to the bit: another value is a value-breaking change.
        assert_eq!(t.diagonal[0], -0.852067367559722);
        assert_eq!(t.off_diagonal, [0.2575475028144956, 0.493893439560415]);
    }
}
