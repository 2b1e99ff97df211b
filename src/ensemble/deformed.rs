//! W = R/√N + S, and the interpolation between two noises.

use super::hermitian::Hermitian;
use super::signal::{Basis, Signal};
use super::{Ensemble, EnsembleError, EntryLaw};
use rand_chacha::ChaCha8Rng;

/// Deformed ensemble W_N = R_N/√N + S_N.
///
/// # Source   \[ABK\] (1.2)
#[derive(Debug, Clone, PartialEq)]
pub struct Deformed {
    /// Law of R_N/√N.
    pub ensemble: Ensemble,
    /// S_N.
    pub signal: Signal,
}

impl Deformed {
    /// One W_N. Draws R first, then the basis of S if it is random.
    pub fn sample(&self, n: usize, rng: &mut ChaCha8Rng) -> Result<Hermitian, EnsembleError> {
        let noise = self.ensemble.noise(n, rng)?;
        with_signal(noise, &self.signal, n, rng)
    }

    /// v such that Tr f(W) is sub-Gaussian about its mean with variance proxy v·sup|f′|².
    ///
    /// That of the noise, see [`Ensemble::variance_proxy`]. `None` also when the basis of S is
    /// random and the noise is not invariant under it: then the conditional mean given the basis
    /// moves with the basis, and nothing is proved about that.
    #[must_use]
    pub fn variance_proxy(&self) -> Option<f64> {
        let covered = self.signal.basis == Basis::Diagonal || self.ensemble.is_invariant();
        self.ensemble.variance_proxy().filter(|_| covered)
    }
}

pub(super) fn with_signal(
    mut noise: Hermitian,
    signal: &Signal,
    n: usize,
    rng: &mut ChaCha8Rng,
) -> Result<Hermitian, EnsembleError> {
    match (signal.basis, &noise) {
        (Basis::Diagonal, _) => {
            noise.add_diagonal(&signal.eigenvalues(n)?);
            Ok(noise)
        }
        (Basis::Haar, Hermitian::Real(_)) => Ok(noise.combined(1.0, 1.0, &signal.matrix(n, rng)?)),
        (Basis::Haar, Hermitian::Complex(_)) => {
            Ok(noise.combined(1.0, 1.0, &signal.complex_matrix(n, rng)?))
        }
    }
}

/// W(t) = √t R/√N + √(1 − t) R̂/√N + S, 0 ≤ t ≤ 1.
///
/// # Source   \[ABK\] (3.21), Lemma 3.4: R Wigner, R̂ GOE
#[derive(Debug, Clone, PartialEq)]
pub struct Interpolation {
    /// Law of R, reached at t = 1.
    pub ensemble: Ensemble,
    /// Law of R̂, left at t = 0.
    pub reference: Ensemble,
    /// S.
    pub signal: Signal,
}

impl Interpolation {
    /// R and R̂ independent, shared by all t of the path (common random numbers over t).
    pub fn path(&self, n: usize, rng: &mut ChaCha8Rng) -> Result<InterpolationPath, EnsembleError> {
        let noise = self.ensemble.noise(n, rng)?;
        let reference = self.reference.noise(n, rng)?;
        let zero = noise.combined(0.0, 0.0, &reference);
        let signal = with_signal(zero, &self.signal, n, rng)?;
        Ok(InterpolationPath {
            noise,
            reference,
            signal,
        })
    }

    /// (W(1), W(0)) with R and R̂ made entry by entry from the same uniforms, and the same S.
    ///
    /// Each end has the law it has on the [`path`](Self::path), so differences of means are those
    /// of the lemma; the coupling, monotone in every entry, removes most of the variance. It
    /// would be wrong for 0 < t < 1, where W(t) would have the wrong entry variance.
    ///
    /// # Domain   both noises real symmetric; otherwise [`EnsembleError::NotCoupled`]
    pub fn ends(
        &self,
        n: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<(Hermitian, Hermitian), EnsembleError> {
        let (Ensemble::Wigner { .. }, Ensemble::Wigner { .. }) = (&self.ensemble, &self.reference)
        else {
            return Err(EnsembleError::NotCoupled {
                left: self.ensemble.name(),
                right: self.reference.name(),
            });
        };
        let mut twin = rng.clone();
        let reference = self.reference.noise(n, &mut twin)?;
        let noise = self.ensemble.noise(n, rng)?;
        let w1 = with_signal(noise, &self.signal, n, rng)?;
        let w0 = with_signal(reference, &self.signal, n, &mut twin)?;
        Ok((w1, w0))
    }

    /// v such that, on the path, Tr f(W(t)) is sub-Gaussian with variance proxy v·sup|f′|².
    ///
    /// t·v(R) + (1 − t)·v(R̂), the squared gradients in R and in R̂ adding up.
    #[must_use]
    pub fn variance_proxy(&self, t: f64) -> Option<f64> {
        let of = |ensemble: &Ensemble| {
            let signal = self.signal.clone();
            Deformed {
                ensemble: *ensemble,
                signal,
            }
            .variance_proxy()
        };
        Some(t * of(&self.ensemble)? + (1.0 - t) * of(&self.reference)?)
    }

    /// v such that Tr f(W(1)) − Tr f(W(0)) of [`ends`](Self::ends) is sub-Gaussian with variance
    /// proxy v·sup|f′|²: (√v(R) + √v(R̂))², by the triangle inequality for gradients. A proof for
    /// the worst case; the coupled difference really varies far less.
    #[must_use]
    pub fn ends_variance_proxy(&self) -> Option<f64> {
        let root = |t| Some(self.variance_proxy(t)?.sqrt());
        Some((root(1.0)? + root(0.0)?).powi(2))
    }
}

/// One draw of (R, R̂, S) for all t.
#[derive(Debug, Clone, PartialEq)]
pub struct InterpolationPath {
    noise: Hermitian,
    reference: Hermitian,
    signal: Hermitian,
}

impl InterpolationPath {
    /// W(t).
    pub fn at(&self, t: f64) -> Result<Hermitian, EnsembleError> {
        if !(0.0..=1.0).contains(&t) {
            return Err(EnsembleError::TimeOutside { t });
        }
        let noise = self
            .noise
            .combined(t.sqrt(), (1.0 - t).sqrt(), &self.reference);
        Ok(noise.combined(1.0, 1.0, &self.signal))
    }
}

impl Interpolation {
    /// From the GOE at t = 0 to Wigner matrices with `law` at t = 1, both with v_d = 2 and σ = 1.
    #[must_use]
    pub fn from_goe(law: EntryLaw, signal: Signal) -> Self {
        Self {
            ensemble: Ensemble::wigner(law),
            reference: Ensemble::goe(),
            signal,
        }
    }
}
