//! Free convolution μ = ν ⊞ semicircle(σ²): subordination, support, density, outliers.
//!
//! Every number comes with a bound on its distance from the truth that is proved from the number
//! itself, not from how it was found. The derivations are in [`derivation`].

mod certificate;
mod distribution;
pub mod finite_size;
mod outlier;
mod solver;
mod support;

#[doc = include_str!("../docs/derivations/subordination.md")]
pub mod derivation {}

pub use outlier::{DomainError, Fate, OutlierMap, Spike};
pub use support::Gap;

use crate::measure::{Certified, Interval, SpectralMeasure, UpperHalf};
use num_complex::Complex64;
use std::f64::consts::PI;
use std::sync::OnceLock;
use thiserror::Error;

/// Unit roundoff u = 2⁻⁵³ of binary64.
const UNIT: f64 = f64::EPSILON / 2.0;

/// Why a free convolution, or a value of it, does not exist.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FreeError {
    /// σ ≤ 0, or σ is not a number.
    #[error("sigma = {sigma} is not positive")]
    SigmaNotPositive {
        /// The offending σ.
        sigma: f64,
    },
    /// σ is infinite, or σ² over- or underflows.
    #[error("sigma = {sigma} is out of range: its square is not a normal number")]
    SigmaOutOfRange {
        /// The offending σ.
        sigma: f64,
    },
    /// x or z is infinite or not a number.
    #[error("z = {z} is not finite")]
    NotFinite {
        /// The offending point.
        z: Complex64,
    },
    /// A probability outside (0, 1).
    #[error("probability {p} is not inside (0, 1)")]
    NotProbability {
        /// The offending probability.
        p: f64,
    },
    /// No root of Φ(ω) = z could be certified.
    #[error("the subordination equation at z = {z} was not solved: residual {residual:e}")]
    NotConverged {
        /// Where the equation was posed.
        z: Complex64,
        /// |Φ(ω̃) − z| at the last trial.
        residual: f64,
    },
}

/// ω(z) and s_μ(z) = (ω(z) − z)/σ² with a bound on the error of s.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Subordination {
    /// ω(z), rounded: Φ(ω) = z, Im ω ≥ Im z.
    pub omega: Complex64,
    /// s_μ(z).
    pub s: Complex64,
    /// |s − s_μ(z)| ≤ `error_bound`; covers rounding, conditioning, and the choice of the root.
    pub error_bound: f64,
    /// Evaluations of s_ν spent.
    pub iterations: u32,
}

/// μ = ν ⊞ semicircle(σ²), the limit law of R/√N + S when ν is that of S.
///
/// # Domain   any [`SpectralMeasure`] ν, σ > 0 (a standard deviation)
/// # Source   \[ABK25\] (1.6)–(1.8); P. Biane, Indiana Univ. Math. J. 46 (1997) 705–718
/// # Examples
/// ```
/// use rmt_verify::{free::FreeConvolution, measure::SpectralMeasure};
/// // Semicircle(1) ⊞ semicircle(3) = semicircle(4): support [−4, 4], density 1/(2π)·√3/2 at 2.
/// let nu = SpectralMeasure::semicircle(0.0, 1.0)?;
/// let mu = FreeConvolution::new(nu, 3f64.sqrt())?;
/// assert!((mu.support()[0].hi - 4.0).abs() < 1e-14);
/// let rho = mu.density(2.0)?;
/// assert!((rho.value - 12f64.sqrt() / (8.0 * std::f64::consts::PI)).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct FreeConvolution {
    nu: SpectralMeasure,
    nu_support: Vec<Interval>,
    sigma: f64,
    /// fl(σ²), within a relative u of σ².
    variance: f64,
    gaps: OnceLock<Vec<Gap>>,
    support: OnceLock<Vec<Interval>>,
}

impl FreeConvolution {
    /// μ = ν ⊞ semicircle(σ²).
    ///
    /// # Errors
    /// [`FreeError::SigmaNotPositive`] (NaN included), [`FreeError::SigmaOutOfRange`].
    pub fn new(nu: SpectralMeasure, sigma: f64) -> Result<Self, FreeError> {
        if sigma.is_nan() || sigma <= 0.0 {
            return Err(FreeError::SigmaNotPositive { sigma });
        }
        let variance = sigma * sigma;
        if !variance.is_normal() {
            return Err(FreeError::SigmaOutOfRange { sigma });
        }
        Ok(Self {
            nu_support: nu.support(),
            nu,
            sigma,
            variance,
            gaps: OnceLock::new(),
            support: OnceLock::new(),
        })
    }

    /// The law ν.
    #[must_use]
    pub fn nu(&self) -> &SpectralMeasure {
        &self.nu
    }

    /// The standard deviation σ of the semicircle.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// ω(z) = z + σ² s_μ(z), the one solution of Φ(ω) = z with Im ω > 0.
    ///
    /// # Accuracy   `error_bound` is proved for the value returned, and covers the true error on all 1654
    /// reference rows (34 pairs of ν and σ, Im z ≥ 1e-3), where that error is 1e-13 of |s| or less, but
    /// for one row on which s cancels to 1/2500 of its terms: 2.4e-13 (`tests/reference_free.rs`)
    /// # Source     \[ABK25\] (1.7)–(1.8)
    ///
    /// # Errors
    /// [`FreeError::NotConverged`] when no finite bound could be proved.
    pub fn subordination(&self, z: UpperHalf) -> Result<Subordination, FreeError> {
        self.solve_above(z.get())
    }

    /// ω′(z) = 1/Φ′(ω(z)) = 1/(1 − σ² s_ν′(ω)).
    ///
    /// # Errors
    /// As [`Self::subordination`].
    pub fn omega_prime(&self, z: UpperHalf) -> Result<Complex64, FreeError> {
        let omega = self.subordination(z)?.omega;
        let first = self.nu.stieltjes_jet(omega).first;
        Ok((Complex64::new(1.0, 0.0) - first * self.variance).inv())
    }

    /// Boundary value s_μ(x + i0): real off supp μ, Im s = π·density in the bulk.
    ///
    /// # Accuracy   certified as in [`Self::subordination`]; within rounding of an edge or a cusp the
    /// bound is of the order of ε^{1/2} or ε^{1/3}, as is the sensitivity of s there
    ///
    /// # Errors
    /// [`FreeError::NotFinite`], [`FreeError::NotConverged`].
    pub fn on_axis(&self, x: f64) -> Result<Subordination, FreeError> {
        if !x.is_finite() {
            let z = Complex64::new(x, 0.0);
            return Err(FreeError::NotFinite { z });
        }
        match self.gap_containing(x) {
            Some(gap) => self.solve_in_gap(x, gap),
            None => self.solve_above(Complex64::new(x, 0.0)),
        }
    }

    /// Density of μ, (1/π) Im s_μ(x + i0).
    ///
    /// # Value      exactly 0, with error 0, off supp μ
    /// # Accuracy   certified; measured: relative 4e-11 or less at distance 1e-3 from the edges (the
    /// worst row lies 1e-6 from a cusp)
    ///
    /// # Errors
    /// [`FreeError::NotFinite`], [`FreeError::NotConverged`].
    pub fn density(&self, x: f64) -> Result<Certified<f64>, FreeError> {
        if x.is_finite()
            && let Some(gap) = self.gap_containing(x)
        {
            // So close to the edge that x may lie inside by the edge's own error: there Im³ ω is
            // Lipschitz with constant 3σ²/4.
            let inside = (gap.lo.error - (x - gap.lo.value))
                .max(gap.hi.error - (gap.hi.value - x))
                .max(0.0);
            let error =
                (0.75 * self.variance * inside).cbrt() / (PI * self.variance) * (1.0 + 1e-12);
            return Ok(Certified { value: 0.0, error });
        }
        let boundary = self.on_axis(x)?;
        let value = (boundary.s.im / PI).max(0.0);
        let error = boundary.error_bound / PI * (1.0 + 1e-12) + 4.0 * UNIT * value;
        Ok(Certified { value, error })
    }

    /// supp μ: its intervals from left to right, at least one.
    ///
    /// # Value      gaps that cannot be told from closed ones (max Φ′ within rounding of 0; they are
    /// narrower than the rounding of their own edges) count as closed, so a cusp joins two intervals
    /// # Accuracy   [`Self::gaps`] has the bound of each edge; measured 1e-15 relative on 158 edges, but
    /// where an edge lies near 0: there 1e-16 absolute
    /// # Source     Biane 1997; \[ABK25\] section 1
    #[must_use]
    pub fn support(&self) -> &[Interval] {
        self.support.get_or_init(|| {
            let between = |pair: &[Gap]| Interval {
                lo: pair[0].hi.value.min(pair[1].lo.value),
                hi: pair[1].lo.value.max(pair[0].hi.value),
            };
            self.gaps().windows(2).map(between).collect()
        })
    }

    /// The open gaps of supp μ from left to right, the two unbounded ones first and last.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        self.gaps.get_or_init(|| self.find_gaps())
    }

    fn gap_containing(&self, x: f64) -> Option<&Gap> {
        let gaps = self.gaps();
        let index = gaps.partition_point(|gap| gap.hi.value <= x);
        gaps.get(index).filter(|gap| gap.lo.value < x)
    }

    /// Lower bound on the distance of ω from supp ν; 0 when ω is real and inside.
    fn distance_to_nu(&self, omega: Complex64) -> f64 {
        let intervals = &self.nu_support;
        let next = intervals.partition_point(|interval| interval.hi < omega.re);
        let right = intervals
            .get(next)
            .map_or(f64::INFINITY, |interval| interval.lo - omega.re);
        let left = match next.checked_sub(1) {
            Some(previous) => omega.re - intervals[previous].hi,
            None => f64::INFINITY,
        };
        // The ends of supp ν are rounded; one part in 10¹² more than pays for it.
        let slack = 4.0 * UNIT * omega.re.abs();
        let real = (left.min(right).max(0.0) * (1.0 - 1e-12) - slack).max(0.0);
        real.hypot(omega.im) * (1.0 - 4.0 * UNIT)
    }
}

#[cfg(test)]
mod tests;
