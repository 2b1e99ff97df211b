//! The outlier map Φ and the fate of a spike.

use super::{FreeConvolution, FreeError, Gap, UNIT};
use crate::measure::{Certified, SpectralMeasure};
use num_complex::Complex64;
use serde::Serialize;
use thiserror::Error;

/// Why Φ, or its inverse, has no value at a point.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum DomainError {
    /// θ ∈ supp ν.
    #[error("theta = {theta} is inside the support of nu: it lies in [{lo}, {hi}]")]
    InsideSupport {
        /// The offending θ.
        theta: f64,
        /// Left end of the interval of supp ν that contains it.
        lo: f64,
        /// Right end.
        hi: f64,
    },
    /// The location lies in supp μ, where no spike sends an eigenvalue.
    #[error("location {location} is inside the bulk: it lies in [{lo}, {hi}]")]
    InsideBulk {
        /// The offending location.
        location: f64,
        /// Left end of the interval of supp μ that contains it.
        lo: f64,
        /// Right end.
        hi: f64,
    },
    /// The argument is infinite or not a number.
    #[error("{value} is not finite")]
    NotFinite {
        /// The offending argument.
        value: f64,
    },
    /// The quantile to which an absorbed eigenvalue goes could not be computed.
    #[error("no limit was found for theta = {theta}: {source}")]
    Unsolved {
        /// The spike.
        theta: f64,
        /// What failed, as a static sentence.
        source: Failure,
    },
}

/// The numerical step that failed.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("{0}")]
pub struct Failure(pub &'static str);

/// What becomes of the eigenvalue that a spike θ adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// Φ′(θ) > 0: an outlier at Φ(θ).
    Separates,
    /// Φ′(θ) ≤ 0: no outlier.
    Absorbed,
}

/// The limits for one spike θ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[must_use]
pub struct Spike {
    /// Strength θ, off supp ν.
    pub theta: f64,
    /// Separates or absorbed.
    pub fate: Fate,
    /// Limit of the eigenvalue: Φ(θ), or the point of supp μ to which it goes.
    pub location: f64,
    /// Φ′(θ); not positive when absorbed.
    pub slope: f64,
    /// Limit of |⟨u_λ, v_θ⟩|²: Φ′(θ), or 0.
    pub overlap: f64,
    /// Limit of N·Var λ for GOE noise: 2σ²Φ′(θ), or 0 (inside and at regular edges and cusps of the
    /// bulk Var λ = o(1/N)).
    pub goe_variance: f64,
}

/// Outlier map Φ(θ) = θ − σ² s_ν(θ) of ν and σ.
///
/// # Source   \[ABK25\] (1.13); M. Capitaine, C. Donati-Martin, D. Féral, M. Février, Electron. J.
/// Probab. 16 (2011) 1750–1792
/// # Examples
/// ```
/// use rmt_verify::{free::{Fate, OutlierMap}, measure::SpectralMeasure};
/// let map = OutlierMap::new(SpectralMeasure::atoms(&[(0.0, 1.0)])?, 1.0)?;
/// let spike = map.fate(2.0)?; // θ + 1/θ, 1 − 1/θ², 2(1 − 1/θ²)
/// assert_eq!((spike.fate, spike.location, spike.slope), (Fate::Separates, 2.5, 0.75));
/// assert_eq!(spike.goe_variance, 1.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct OutlierMap {
    mu: FreeConvolution,
}

impl OutlierMap {
    /// The outlier map of ν and σ.
    ///
    /// # Errors
    /// As [`FreeConvolution::new`].
    pub fn new(nu: SpectralMeasure, sigma: f64) -> Result<Self, FreeError> {
        Ok(Self::of(FreeConvolution::new(nu, sigma)?))
    }

    /// The outlier map that belongs to μ.
    #[must_use]
    pub fn of(mu: FreeConvolution) -> Self {
        Self { mu }
    }

    /// μ = ν ⊞ semicircle(σ²).
    #[must_use]
    pub fn free_convolution(&self) -> &FreeConvolution {
        &self.mu
    }

    /// Φ(θ) = θ + σ² ∫ ν(dt)/(θ − t).
    ///
    /// # Domain   real θ off supp ν
    /// # Value    limit of the eigenvalue pulled out by the spike θ, when Φ′(θ) > 0
    ///
    /// # Errors
    /// [`DomainError::InsideSupport`], [`DomainError::NotFinite`].
    pub fn phi(&self, theta: f64) -> Result<Certified<f64>, DomainError> {
        self.check(theta)?;
        let jet = self.mu.nu.stieltjes_jet(Complex64::new(theta, 0.0));
        let pull = self.mu.variance * jet.value.re;
        let value = theta - pull;
        let error = self.mu.variance * jet.error + UNIT * (2.0 * pull.abs() + value.abs());
        Ok(Certified {
            value,
            error: error * (1.0 + 1e-12),
        })
    }

    /// Φ′(θ) = 1 − σ² ∫ ν(dt)/(θ − t)².
    ///
    /// # Domain   as [`Self::phi`]
    ///
    /// # Errors
    /// As [`Self::phi`].
    pub fn slope(&self, theta: f64) -> Result<Certified<f64>, DomainError> {
        self.check(theta)?;
        let jet = self.mu.nu.stieltjes_jet(Complex64::new(theta, 0.0));
        let (slope, error) = self.mu.slope_at(&jet);
        Ok(Certified {
            value: slope.re,
            error,
        })
    }

    /// The spike θ = ω(λ) whose eigenvalue goes to λ: the inverse of Φ on {Φ′ > 0}.
    ///
    /// # Domain   real λ off supp μ
    ///
    /// # Errors
    /// [`DomainError::InsideBulk`], [`DomainError::NotFinite`].
    pub fn strength(&self, location: f64) -> Result<Certified<f64>, DomainError> {
        if !location.is_finite() {
            return Err(DomainError::NotFinite { value: location });
        }
        let bulk = self.mu.support();
        if let Some(interval) = bulk.iter().find(|interval| interval.contains(location)) {
            let (lo, hi) = (interval.lo, interval.hi);
            return Err(DomainError::InsideBulk { location, lo, hi });
        }
        let solution = self
            .mu
            .on_axis(location)
            .map_err(|_| DomainError::Unsolved {
                theta: location,
                source: Failure("Φ(ω) = λ has no certified root"),
            })?;
        // ω = λ + σ²s.
        let value = solution.omega.re;
        let error = self.mu.variance * solution.error_bound + 4.0 * UNIT * value.abs();
        Ok(Certified { value, error })
    }

    /// The limits for a spike θ.
    ///
    /// # Value   Φ′(θ) > 0: an outlier at Φ(θ). Φ′(θ) ≤ 0, beside an open gap of supp μ: the edge of
    /// supp μ between θ and the gap. Φ′ ≤ 0 on the whole gap of supp ν round θ: there is no edge, and
    /// the eigenvalue goes to the quantile of μ at ν((−∞, θ)), inside the bulk.
    /// # Source  Capitaine et al. 2011, Theorem 8.1
    ///
    /// # Errors
    /// As [`Self::phi`].
    pub fn fate(&self, theta: f64) -> Result<Spike, DomainError> {
        let phi = self.phi(theta)?.value;
        let Certified {
            value: slope,
            error,
        } = self.slope(theta)?;
        // Where rounding hides the sign of Φ′(θ) the gaps decide, so that a closed one stays closed.
        let in_gap = |gap: &Gap| gap.preimage.lo < theta && theta < gap.preimage.hi;
        if slope > error || (slope > 0.0 && self.mu.gaps().iter().any(in_gap)) {
            let variance = self.mu.variance;
            return Ok(Spike {
                theta,
                fate: Fate::Separates,
                location: phi,
                slope,
                overlap: slope,
                goe_variance: 2.0 * variance * slope,
            });
        }
        Ok(Spike {
            theta,
            fate: Fate::Absorbed,
            location: self.absorbed_at(theta)?,
            slope: slope.min(0.0),
            overlap: 0.0,
            goe_variance: 0.0,
        })
    }

    fn absorbed_at(&self, theta: f64) -> Result<f64, DomainError> {
        // The gap of supp ν round θ, and the open gap of supp μ over it if there is one.
        let intervals = &self.mu.nu_support;
        let right = intervals.partition_point(|interval| interval.hi < theta);
        let a = right
            .checked_sub(1)
            .map_or(f64::NEG_INFINITY, |left| intervals[left].hi);
        let b = intervals
            .get(right)
            .map_or(f64::INFINITY, |interval| interval.lo);
        let over = |x: f64| a <= x && x <= b;
        let gap = self
            .mu
            .gaps()
            .iter()
            .find(|gap| over(gap.preimage.lo) && over(gap.preimage.hi));
        if let Some(gap) = gap {
            return Ok(if theta <= gap.preimage.lo {
                gap.lo.value
            } else {
                gap.hi.value
            });
        }
        let mass_below = self.mu.nu.cdf(theta);
        self.mu
            .quantile(mass_below)
            .map_err(|_| DomainError::Unsolved {
                theta,
                source: Failure("the quantile of μ was not found"),
            })
    }

    fn check(&self, theta: f64) -> Result<(), DomainError> {
        if !theta.is_finite() {
            return Err(DomainError::NotFinite { value: theta });
        }
        let inside = |interval: &&crate::measure::Interval| interval.contains(theta);
        match self.mu.nu_support.iter().find(inside) {
            Some(interval) => Err(DomainError::InsideSupport {
                theta,
                lo: interval.lo,
                hi: interval.hi,
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(atoms: &[(f64, f64)], sigma: f64) -> OutlierMap {
        OutlierMap::new(SpectralMeasure::atoms(atoms).unwrap(), sigma).unwrap()
    }

    /// δ₀, σ: the threshold is θ = σ, and Φ′ is 2/σ there: a few units above it rounding hides the sign of Φ′.
    #[test]
    fn beside_an_open_gap_a_spike_separates_as_soon_as_it_is_beyond_the_threshold() {
        let mut hidden = 0;
        for k in 0..40 {
            let sigma = 1.0 + 0.17 * f64::from(k);
            let map = map(&[(0.0, 1.0)], sigma);
            let threshold = map.mu.gaps()[1].preimage.lo;
            let at = map.fate(threshold).unwrap();
            assert_eq!((at.fate, at.overlap), (Fate::Absorbed, 0.0));
            assert_eq!(at.location, map.mu.gaps()[1].lo.value);
            let mut theta = threshold;
            for _ in 0..8 {
                theta = theta.next_up();
                let slope = map.slope(theta).unwrap();
                if slope.value > 0.0 {
                    let beyond = map.fate(theta).unwrap();
                    assert_eq!((beyond.fate, beyond.slope), (Fate::Separates, slope.value));
                    let mirrored = map.fate(-theta).unwrap();
                    assert_eq!(
                        (mirrored.fate, mirrored.location),
                        (Fate::Separates, -beyond.location)
                    );
                    hidden += u32::from(slope.value <= slope.error);
                }
            }
        }
        assert!(hidden > 40, "{hidden}");
    }

    /// ½δ₋₁ + ½δ₁, σ = 1: Φ′ has its maximum 0 at 0, and the gap is closed whatever rounding says of Φ′ nearby.
    #[test]
    fn over_a_closed_gap_every_spike_is_absorbed() {
        let map = map(&[(-1.0, 0.5), (1.0, 0.5)], 1.0);
        for theta in [0.0, 1e-12, -1e-9, 1e-3, -0.5] {
            let spike = map.fate(theta).unwrap();
            assert_eq!(
                (spike.fate, spike.overlap, spike.goe_variance),
                (Fate::Absorbed, 0.0, 0.0)
            );
            assert!(
                spike.slope <= 0.0 && spike.location.abs() < 1e-3,
                "{spike:?}"
            );
        }
    }

    /// Φ of δ_t: θ + σ²/(θ − t). Exact data leave the roundings of s, σ², their product and the sum.
    #[test]
    fn bounds_of_the_outlier_map_are_those_of_its_roundings() {
        for (t, sigma, theta) in [(0.0, 1.3, 2.0), (0.0, 0.7, -60.0), (2.0, 3.1, 2.5)] {
            let map = map(&[(t, 1.0)], sigma);
            let jet = map.mu.nu.stieltjes_jet(Complex64::new(theta, 0.0));
            let pull = sigma * sigma / (theta - t);
            let found = map.phi(theta).unwrap();
            assert!((found.value - (theta + pull)).abs() <= found.error);
            let most = sigma * sigma * jet.error + UNIT * (2.0 * pull.abs() + found.value.abs());
            assert!(found.error >= most * (1.0 - 1e-12) && found.error <= most * (1.0 + 1e-9));
            let spike = map.strength(found.value);
            if map.slope(theta).unwrap().value > 0.0 {
                let spike = spike.unwrap();
                assert!((spike.value - theta).abs() <= spike.error * 4.0);
                let s = map.mu.on_axis(found.value).unwrap().error_bound;
                let most = sigma * sigma * s + 4.0 * UNIT * theta.abs();
                assert!(spike.error >= most * (1.0 - 1e-12) && spike.error <= most * (1.0 + 1e-9));
            }
        }
    }
}
