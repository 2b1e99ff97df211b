//! Noises that break one hypothesis each, for the twins of the theorems.
//!
//! All have E ‖R/√N‖_F² = N + 1 at every N, as the GOE: the second moment of the spectrum sees none
//! of them. (A noise of the wrong size needs no type of its own: [`Ensemble::with_sigma`].)

use super::deformed::with_signal;
use super::{Ensemble, EnsembleError, Hermitian, Signal, open_uniform};
use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

/// Noise R/√N without one of the hypotheses on R; real symmetric, E R = 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Violation {
    /// Unequal variances: R_ij independent for i ≤ j, N(0, (1 + δ_ij)σ²_ij).
    VarianceProfile {
        /// σ²_ij up to a factor.
        profile: Profile,
        /// a: how far the variances are apart, |a| < 1.
        contrast: f64,
    },
    /// Dependent entries: R = c C X Cᵀ, X from the GOE, (Cx)_i = (x_i + a x_{i+1})/√(1 + a²) with
    /// indices mod N. Neighbours in a row or column have correlation ρ = a/(1 + a²).
    Correlated {
        /// a.
        neighbour: f64,
    },
    /// No fourth moment: R_ij = X_ij, R_ii = √2·X_ii, X symmetric with E X² = 1 and
    /// P(|X| > x) = (1 + 2x²/(α − 2))^{−α/2}, independent for i ≤ j.
    Heavy {
        /// α, 2 < α < 4.
        tail_index: f64,
    },
}

/// Shape of the variances, by halves of the index set: first ⌈N/2⌉, then the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// σ²_ij ∝ 1 + a if i and j are in the same half, 1 − a if not: the sums over rows are equal for
    /// even N. Without signal the semicircle law still holds; with one that tells the halves apart
    /// it does not.
    Blocks,
    /// σ²_ij ∝ u_i u_j, u = 1 + a in the first half and 1 − a in the second: unequal sums over rows.
    Rows,
}

/// Ill-posed question about such a noise.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ViolationError {
    /// |a| ≥ 1, or NaN.
    #[error("contrast a = {contrast} lies outside (-1, 1)")]
    ContrastOutside {
        /// a.
        contrast: f64,
    },
    /// a is infinite or NaN.
    #[error("neighbour weight a = {neighbour} is not finite")]
    NeighbourNotFinite {
        /// a.
        neighbour: f64,
    },
    /// α ≤ 2 (no variance) or α ≥ 4 (a fourth moment, or its border), or NaN.
    #[error("tail index {tail_index} lies outside (2, 4)")]
    TailIndexOutside {
        /// α.
        tail_index: f64,
    },
    /// N too small: C needs a neighbour that is another index, and one on either side.
    #[error("correlated entries need N at least 3, not {n}")]
    TooSmall {
        /// N.
        n: usize,
    },
    /// Size or signal.
    #[error(transparent)]
    Ensemble(#[from] EnsembleError),
}

impl Violation {
    /// Name for ledgers and stream keys, such as `profile-blocks0.8`, `correlated1`, `heavy2.5`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::VarianceProfile { profile, contrast } => match profile {
                Profile::Blocks => format!("profile-blocks{contrast}"),
                Profile::Rows => format!("profile-rows{contrast}"),
            },
            Self::Correlated { neighbour } => format!("correlated{neighbour}"),
            Self::Heavy { tail_index } => format!("heavy{tail_index}"),
        }
    }

    /// E R_ij², i and j from 0.
    ///
    /// # Value    Σ_ij E R_ij² = N(N + 1). Profile: (1 + δ_ij)σ²_ij. Correlated:
    /// c²(Γ_ii Γ_jj + Γ_ij²) with Γ = CCᵀ. Heavy: 1 + δ_ij
    pub fn entry_variance(&self, i: usize, j: usize, n: usize) -> Result<f64, ViolationError> {
        self.check(n)?;
        let diagonal = if i == j { 2.0 } else { 1.0 };
        Ok(match self {
            Self::VarianceProfile { profile, contrast } => {
                diagonal * profile.scale(*contrast, n) * profile.of(*contrast, i, j, n)
            }
            Self::Correlated { neighbour } => {
                let distance = i.abs_diff(j);
                let near = distance.min(n - distance) == 1;
                let rho = if near { correlation(*neighbour) } else { 0.0 };
                correlated_scale(*neighbour, n) * (diagonal + rho * rho)
            }
            Self::Heavy { .. } => diagonal,
        })
    }

    /// v such that Tr f(R/√N + S) is sub-Gaussian about its mean with proxy v·sup|f′|², as
    /// [`Ensemble::variance_proxy`]; `None` for heavy tails.
    ///
    /// # Value    profile: 2 max σ²_ij. Correlated: 2c²‖C‖⁴, since X ↦ C X Cᵀ is ‖C‖²-Lipschitz in
    /// Frobenius norm, and ‖C‖² ≤ (1 + |a|)²/(1 + a²)
    pub fn variance_proxy(&self, n: usize) -> Result<Option<f64>, ViolationError> {
        self.check(n)?;
        Ok(match self {
            Self::VarianceProfile { profile, contrast } => {
                let largest = [(0, 0), (0, n - 1), (n - 1, n - 1)]
                    .map(|(i, j)| profile.of(*contrast, i, j, n))
                    .into_iter()
                    .fold(0.0, f64::max);
                Some(2.0 * profile.scale(*contrast, n) * largest)
            }
            Self::Correlated { neighbour } => {
                let norm = 1.0 + 2.0 * correlation(neighbour.abs());
                Some(2.0 * correlated_scale(*neighbour, n) * norm * norm)
            }
            Self::Heavy { .. } => None,
        })
    }

    /// One R/√N, N × N.
    ///
    /// Reads the stream as [`Ensemble::noise`] does: one uniform an entry, down the columns of the
    /// lower triangle. So each is coupled entry by entry with the noise that it is a twin of.
    pub fn noise(&self, n: usize, rng: &mut ChaCha8Rng) -> Result<Hermitian, ViolationError> {
        self.check(n)?;
        let goe = |rng| match Ensemble::goe().noise(n, rng)? {
            Hermitian::Real(x) => Ok(x),
            Hermitian::Complex(_) => unreachable!("the GOE is real"),
        };
        let w: Result<DMatrix<f64>, EnsembleError> = match self {
            Self::VarianceProfile { profile, contrast } => {
                let scale = profile.scale(*contrast, n);
                goe(rng).map(|mut x| {
                    for j in 0..n {
                        for i in 0..n {
                            x[(i, j)] *= (scale * profile.of(*contrast, i, j, n)).sqrt();
                        }
                    }
                    x
                })
            }
            Self::Correlated { neighbour: a } => {
                let scale = correlated_scale(*a, n).sqrt() / (1.0 + a * a);
                goe(rng).map(|x| {
                    DMatrix::from_fn(n, n, |i, j| {
                        let (k, l) = ((i + 1) % n, (j + 1) % n);
                        // The middle sum is symmetric in (i, j) to the bit.
                        let cross = x[(k, j)] + x[(i, l)];
                        scale * (x[(i, j)] + a * cross + a * a * x[(k, l)])
                    })
                })
            }
            Self::Heavy { tail_index } => {
                let scale = (n as f64).sqrt().recip();
                let mut w = DMatrix::zeros(n, n);
                for j in 0..n {
                    for i in j..n {
                        let x = heavy_quantile(*tail_index, open_uniform(rng));
                        let diagonal = if i == j { 2f64.sqrt() } else { 1.0 };
                        w[(i, j)] = scale * diagonal * x;
                    }
                }
                Ok(w)
            }
        };
        Ok(Hermitian::from_lower(Hermitian::Real(w?)).map_err(EnsembleError::from)?)
    }

    /// One W = R/√N + S.
    pub fn sample(
        &self,
        signal: &Signal,
        n: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Hermitian, ViolationError> {
        let noise = self.noise(n, rng)?;
        Ok(with_signal(noise, signal, n, rng)?)
    }

    fn check(&self, n: usize) -> Result<(), ViolationError> {
        if n == 0 {
            return Err(EnsembleError::SizeZero.into());
        }
        match *self {
            Self::VarianceProfile { contrast, .. }
                if contrast.is_nan() || contrast.abs() >= 1.0 =>
            {
                Err(ViolationError::ContrastOutside { contrast })
            }
            Self::Correlated { neighbour } if !neighbour.is_finite() => {
                Err(ViolationError::NeighbourNotFinite { neighbour })
            }
            Self::Correlated { .. } if n < 3 => Err(ViolationError::TooSmall { n }),
            Self::Heavy { tail_index } if !(tail_index > 2.0 && tail_index < 4.0) => {
                Err(ViolationError::TailIndexOutside { tail_index })
            }
            _ => Ok(()),
        }
    }
}

impl Profile {
    /// σ²_ij before scaling.
    fn of(self, a: f64, i: usize, j: usize, n: usize) -> f64 {
        let half = n.div_ceil(2);
        let sign = |i: usize| if i < half { 1.0 } else { -1.0 };
        match self {
            Self::Blocks => 1.0 + a * sign(i) * sign(j),
            Self::Rows => (1.0 + a * sign(i)) * (1.0 + a * sign(j)),
        }
    }

    /// The factor that makes Σ_ij (1 + δ_ij)σ²_ij = N(N + 1).
    fn scale(self, a: f64, n: usize) -> f64 {
        let total = n as f64;
        let first = n.div_ceil(2) as f64;
        let second = total - first;
        // The index n stands for the second half, also for N = 1, where that is empty.
        let at = |i: usize, j: usize| self.of(a, i, j, n);
        let sum = at(0, 0) * first * (first + 1.0)
            + 2.0 * at(0, n) * first * second
            + at(n, n) * second * (second + 1.0);
        total * (total + 1.0) / sum
    }
}

/// ρ = (CCᵀ)_{i,i+1} = a/(1 + a²).
fn correlation(a: f64) -> f64 {
    a / (1.0 + a * a)
}

/// c² = (N + 1)/(N + 1 + 2ρ²): E ‖CXCᵀ‖_F² = (Tr Γ)² + Tr Γ² = N² + N(1 + 2ρ²).
fn correlated_scale(a: f64, n: usize) -> f64 {
    let size = n as f64 + 1.0;
    size / (size + 2.0 * correlation(a).powi(2))
}

/// Q(u) of the heavy-tailed law: X² = (α − 2)/2·(v^{−2/α} − 1), v = P(|X| > x).
fn heavy_quantile(alpha: f64, u: f64) -> f64 {
    let v = 2.0 * u.min(1.0 - u);
    let square = 0.5 * (alpha - 2.0) * libm::expm1(-2.0 / alpha * libm::log(v));
    square.sqrt().copysign(u - 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_entries_have_variance_one_and_no_fourth_moment() {
        for alpha in [2.2, 2.5, 3.0, 3.9] {
            // v = e^{−t}: E f(X) = ∫ f(X(t)) e^{−t} dt, by Simpson's rule to t = 600 in the
            // variable that keeps the integrand of X² smooth.
            let second = simpson(600.0, |t| {
                0.5 * (alpha - 2.0) * (2.0 / alpha * t).exp_m1() * (-t).exp()
            });
            assert!((second - 1.0).abs() < 1e-9, "{alpha}: {second}");
            // The integrand is that of the quantile function.
            for v in [0.75, 0.125, 0.5f64.powi(20)] {
                let x = heavy_quantile(alpha, 1.0 - 0.5 * v);
                let tail = (1.0 + 2.0 * x * x / (alpha - 2.0)).powf(-0.5 * alpha);
                assert!((tail / v - 1.0).abs() < 1e-8, "{alpha}, {v}: {tail}");
                assert_eq!(
                    heavy_quantile(alpha, 0.5 * v),
                    -heavy_quantile(alpha, 1.0 - 0.5 * v)
                );
            }
            // E min(X, t)⁴ grows like t^{4−α}: from X⁴ v at two far quantiles.
            let growth = |v: f64| heavy_quantile(alpha, 0.5 * v).powi(4) * v;
            assert!(growth(1e-12) > growth(1e-6) && growth(1e-6) > growth(1e-3));
        }
    }

    /// N = 1: one entry, in the first half, of variance 2 as that of the GOE.
    #[test]
    fn the_noise_of_size_one_has_one_half_only() {
        for profile in [Profile::Blocks, Profile::Rows] {
            for contrast in [-0.5, 0.8] {
                let noise = Violation::VarianceProfile { profile, contrast };
                assert!((noise.entry_variance(0, 0, 1).unwrap() - 2.0).abs() < 1e-15);
                assert!((noise.variance_proxy(1).unwrap().unwrap() - 2.0).abs() < 1e-15);
            }
        }
    }

    fn simpson(end: f64, f: impl Fn(f64) -> f64) -> f64 {
        let steps = 600_000;
        let h = end / f64::from(steps);
        let weight = |i: i32| match i {
            0 => 1.0,
            i if i == steps => 1.0,
            i if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        (0..=steps)
            .map(|i| weight(i) * f(h * f64::from(i)))
            .sum::<f64>()
            * h
            / 3.0
    }
}
