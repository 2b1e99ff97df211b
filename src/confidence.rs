//! Confidence intervals with proved coverage, one construction a [`Tail`].
//!
//! Each holds at every M and every law with the stated property: no limit theorem, no plugged-in
//! variance. Theorems, constants and sources: `docs/derivations/confidence.md`. Ends are rounded
//! outwards, rounding errors of the estimates are part of the halfwidths.

mod catoni;
mod disc;
mod mean;
mod resolvent;
pub mod rounding;
mod summary;

pub use catoni::{catoni, catoni_halfwidth};
pub use disc::Disc;
pub use mean::{
    bernoulli_divergence, binomial, binomial_upper_tail, dkw, empirical_bernstein,
    planned_bernstein_halfwidth, split_level, sub_gaussian, sub_gaussian_halfwidth,
};
pub use resolvent::BoundedEntries;
pub use summary::Summary;

use crate::design::Tail;
use rounding::{add_down, add_up, mul_up};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why an interval covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// No mean is estimated: the statement holds for every replicate or not.
    Identity,
    /// Sub-Gaussian with a proved variance proxy.
    Proved,
    /// Binomial (KL–Chernoff) or DKW.
    Exact,
    /// Sure bounds and the empirical variance (empirical Bernstein).
    Bounded,
    /// A bound of the variance (Catoni).
    VarianceBound,
}

/// An estimate with a halfwidth that covers the truth at the level asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confidence {
    /// Centre of the interval.
    pub estimate: f64,
    /// Half its width.
    pub halfwidth: f64,
    /// Why it covers.
    pub grade: Grade,
}

/// Why there is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ConfidenceError {
    /// 0 < α < 1 fails.
    #[error("level {alpha} is not between 0 and 1")]
    LevelOutsideUnitInterval {
        /// The level.
        alpha: f64,
    },
    /// M is too small.
    #[error("{m} replicates are fewer than {needed}")]
    TooFewReplicates {
        /// Replicates at hand.
        m: u64,
        /// Replicates needed.
        needed: u64,
    },
    /// M > 2(1 + ln(2/α)) fails.
    #[error("Catoni's interval at this level needs {needed} replicates, not {m}")]
    TooFewForCatoni {
        /// Replicates at hand.
        m: u64,
        /// Replicates needed.
        needed: u64,
    },
    /// A variance, its bound or a variance proxy is negative or not finite.
    #[error("{variance} is not a variance")]
    VarianceInvalid {
        /// The value.
        variance: f64,
    },
    /// The variance was said to be 0, yet values differ.
    #[error("the variance is bounded by 0, but values from {min} to {max} were seen")]
    VariesDespiteZeroVariance {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// lo ≤ hi, both finite, fails.
    #[error("[{lo}, {hi}] is not a bounded interval")]
    RangeInvalid {
        /// Lower end.
        lo: f64,
        /// Upper end.
        hi: f64,
    },
    /// A value outside the bounds that were said to be sure.
    #[error("{value} was seen outside the sure bounds [{lo}, {hi}]")]
    OutsideSureBounds {
        /// The value.
        value: f64,
        /// Lower bound.
        lo: f64,
        /// Upper bound.
        hi: f64,
    },
    /// Im z > 0 fails.
    #[error("Im z = {im_z} is not positive")]
    NotInUpperHalfPlane {
        /// Im z.
        im_z: f64,
    },
    /// More successes than trials.
    #[error("{successes} successes in {trials} trials")]
    MoreSuccessesThanTrials {
        /// Successes.
        successes: u64,
        /// Trials.
        trials: u64,
    },
    /// An indicator was neither 0 nor 1.
    #[error("an indicator took values from {min} to {max} with mean {mean}")]
    NotAnIndicator {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Mean.
        mean: f64,
    },
    /// Catoni's estimator needs the values, which were not kept.
    #[error("the values were not kept")]
    SamplesNotKept,
}

fn check_level(alpha: f64) -> Result<(), ConfidenceError> {
    if alpha > 0.0 && alpha < 1.0 {
        Ok(())
    } else {
        Err(ConfidenceError::LevelOutsideUnitInterval { alpha })
    }
}

fn check_replicates(m: u64, needed: u64) -> Result<(), ConfidenceError> {
    if m >= needed {
        Ok(())
    } else {
        Err(ConfidenceError::TooFewReplicates { m, needed })
    }
}

impl Confidence {
    /// The interval [lo, hi] as midpoint and a halfwidth that reaches both ends.
    #[must_use]
    pub fn from_bounds(lo: f64, hi: f64, grade: Grade) -> Self {
        let estimate = 0.5 * lo + 0.5 * hi;
        Self {
            estimate,
            halfwidth: add_up(hi, -estimate).max(add_up(estimate, -lo)),
            grade,
        }
    }

    /// A number that is known: halfwidth 0, or the given bound of its error.
    #[must_use]
    pub fn known(value: f64, error: f64) -> Self {
        Self {
            estimate: value,
            halfwidth: error,
            grade: Grade::Identity,
        }
    }

    /// The interval that says nothing; finite, so that it can be written down.
    #[must_use]
    pub fn vacuous(grade: Grade) -> Self {
        Self {
            estimate: 0.0,
            halfwidth: f64::MAX,
            grade,
        }
    }

    /// Lower end, rounded down.
    #[must_use]
    pub fn lo(&self) -> f64 {
        add_down(self.estimate, -self.halfwidth)
    }

    /// Upper end, rounded up.
    #[must_use]
    pub fn hi(&self) -> f64 {
        add_up(self.estimate, self.halfwidth)
    }

    /// Whether x lies in the interval.
    #[must_use]
    pub fn covers(&self, x: f64) -> bool {
        self.lo() <= x && x <= self.hi()
    }

    /// Finite, with a halfwidth that is not negative.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.estimate.is_finite() && self.halfwidth.is_finite() && self.halfwidth >= 0.0
    }

    /// scale·x + shift.
    #[must_use]
    pub fn affine(&self, scale: f64, shift: f64) -> Self {
        let product = scale * self.estimate;
        let estimate = product + shift;
        let rounding = f64::EPSILON * (product.abs() + estimate.abs());
        // Multiplication by ±1 and by powers of two, and adding 0, round nothing: identity cells
        // with tolerance 0 stay exact.
        let exact = scale.mul_add(self.estimate, -product) == 0.0
            && add_up(product, shift) == add_down(product, shift);
        Self {
            estimate,
            halfwidth: add_up(
                mul_up(scale.abs(), self.halfwidth),
                if exact { 0.0 } else { rounding },
            ),
            grade: self.grade,
        }
    }

    /// x + y; halfwidths add, whatever the dependence; the weaker grade stays.
    #[must_use]
    pub fn sum(&self, other: &Self) -> Self {
        let estimate = self.estimate + other.estimate;
        let exact =
            add_up(self.estimate, other.estimate) == add_down(self.estimate, other.estimate);
        let rounding = if exact {
            0.0
        } else {
            f64::EPSILON * estimate.abs()
        };
        Self {
            estimate,
            halfwidth: add_up(add_up(self.halfwidth, other.halfwidth), rounding),
            grade: self.grade.max(other.grade),
        }
    }

    /// f over the whole interval, by Taylor: f(x̂) ± (|f′(x̂)| h + ½ sup|f″| h²).
    ///
    /// # Domain   `second` bounds |f″| over the interval
    #[must_use]
    pub fn image(&self, value: f64, first: f64, second: f64) -> Self {
        let h = self.halfwidth;
        let quadratic = mul_up(0.5, mul_up(second.abs(), mul_up(h, h)));
        Self {
            estimate: value,
            halfwidth: add_up(mul_up(first.abs(), h), quadratic),
            grade: self.grade,
        }
    }

    /// max(x − bound, 0): by how much an inequality x ≤ bound fails.
    #[must_use]
    pub fn excess_over(&self, bound: f64) -> Self {
        let lo = add_down(self.lo(), -bound).max(0.0);
        let hi = add_up(self.hi(), -bound).max(0.0);
        Self::from_bounds(lo, hi, self.grade)
    }
}

/// The interval that a tail allows for the mean, at level α: P(it misses EX) ≤ α.
///
/// For [`Tail::Certain`] the estimate is the largest value seen, and nothing is uncertain.
pub fn interval(tail: &Tail, summary: &Summary, alpha: f64) -> Result<Confidence, ConfidenceError> {
    match *tail {
        Tail::SubGaussian { variance_proxy } => {
            let plain = sub_gaussian(summary.mean(), variance_proxy, summary.count(), alpha)?;
            Ok(Confidence {
                halfwidth: add_up(plain.halfwidth, summary.mean_error()),
                ..plain
            })
        }
        Tail::Variance { bound } => {
            let samples = summary.samples().ok_or(ConfidenceError::SamplesNotKept)?;
            catoni(samples, bound, alpha)
        }
        Tail::Bounded { lo, hi, .. } => empirical_bernstein(summary, lo, hi, alpha),
        Tail::Indicator => {
            check_replicates(summary.count(), 1)?;
            let successes = (summary.mean() * summary.count() as f64).round();
            // With extremes in {0, 1} the sum of squares tells whether anything lies between.
            let p = summary.mean();
            let squares = summary.count() as f64 * p * (1.0 - p);
            let ends = |x: f64| x == 0.0 || x == 1.0;
            if !ends(summary.min())
                || !ends(summary.max())
                || (summary.squared_deviations() - squares).abs() > 1e-6 * (1.0 + squares)
            {
                return Err(ConfidenceError::NotAnIndicator {
                    min: summary.min(),
                    max: summary.max(),
                    mean: p,
                });
            }
            binomial(successes as u64, summary.count(), alpha)
        }
        Tail::Certain => {
            check_replicates(summary.count(), 1)?;
            Ok(Confidence::known(summary.max(), 0.0))
        }
    }
}

/// What [`interval`]'s halfwidth will be, from arithmetic alone.
///
/// Sub-Gaussian and variance tails: exactly. Bounded and indicator tails: a bound that is exceeded
/// with probability ≤ `miss`, if the variance is at most `design_variance` (if the mean is
/// `typical`). Indicators: the longer way from the observed frequency to an end.
pub fn planned_halfwidth(
    tail: &Tail,
    typical: f64,
    m: u64,
    alpha: f64,
    miss: f64,
) -> Result<f64, ConfidenceError> {
    match *tail {
        Tail::SubGaussian { variance_proxy } => sub_gaussian_halfwidth(variance_proxy, m, alpha),
        Tail::Variance { bound } => catoni_halfwidth(bound, m, alpha),
        Tail::Bounded {
            lo,
            hi,
            design_variance,
        } => {
            mean::check_range(lo, hi)?;
            planned_bernstein_halfwidth(design_variance, hi - lo, m, alpha, miss)
        }
        Tail::Indicator => planned_binomial_reach(typical, m, alpha, miss),
        Tail::Certain => check_replicates(m, 1).map(|()| 0.0),
    }
}

/// Longest way from p̂ to an end of its interval, over the p̂ that occur with probability
/// ≥ 1 − `miss` when the probability is `p`.
fn planned_binomial_reach(p: f64, m: u64, alpha: f64, miss: f64) -> Result<f64, ConfidenceError> {
    check_level(alpha)?;
    check_level(miss)?;
    check_replicates(m, 1)?;
    if !(0.0..=1.0).contains(&p) {
        return Err(ConfidenceError::NotAnIndicator {
            min: 0.0,
            max: 1.0,
            mean: p,
        });
    }
    // kl(p̂, p) ≥ (p̂ − p)²/(2 max p(1 − p)) over the way between them, so this range of p̂ is
    // wide enough: its half width solves d² = 2 ln(2/miss)/M (p(1 − p) + d).
    let l = rounding::ln_up(2.0 / miss) / m as f64;
    let d = if p == 0.0 || p == 1.0 {
        0.0
    } else {
        l + (l * l + 2.0 * l * p * (1.0 - p)).sqrt()
    };
    let (lo, hi) = ((p - d).max(0.0), (p + d).min(1.0));
    // The reach is smooth and concave in p̂; 32 steps follow it closer than any design needs.
    let reach = |observed: f64| {
        let (below, above) = mean::binomial_bounds(observed, m, alpha);
        (observed - below).max(above - observed)
    };
    Ok((0..=32)
        .map(|i| reach((lo + (hi - lo) * f64::from(i) / 32.0).clamp(0.0, 1.0)))
        .fold(0.0, f64::max))
}

#[cfg(test)]
mod tests;
