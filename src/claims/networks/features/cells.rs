//! Shared by the claims of this folder: observables that are cut to an interval, and rivals of a cell.

use crate::design::{Observable, Tail};

/// What is listed for each N/n.
pub(super) struct Case {
    /// N/n.
    pub ratio: f64,
    /// B of the allowances B/n of two quantities: at least twice the |n·bias| of `docs/derivations/features_bias.md`.
    pub allowances: [f64; 2],
    /// They are cut to these multiples of their limits, four standard deviations away or more.
    pub cuts: [(f64, f64); 2],
}

/// A mean that an allowance judges: theory, remainder at this size, and what is called agreement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    /// θ.
    pub theory: f64,
    /// τ0.
    pub inner: f64,
    /// τ.
    pub outer: f64,
}

/// An interval that a statistic is cut to, so that the mean of what is cut has a proved interval.
///
/// The theorems are about convergence in probability to θ, which is inside: the cut statistic converges too, in the mean as
/// well. A rival's θ outside the interval is refuted all the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    pub lo: f64,
    pub hi: f64,
}

impl Cut {
    /// [aθ, bθ].
    pub fn around(theory: f64, (a, b): (f64, f64)) -> Self {
        Self {
            lo: a * theory,
            hi: b * theory,
        }
    }

    /// From a times the smaller of θ and what a rival's data have to b times the larger.
    pub fn over(theory: f64, expected: f64, (a, b): (f64, f64)) -> Self {
        Self {
            lo: a * theory.min(expected),
            hi: b * theory.max(expected),
        }
    }

    pub fn apply(self, x: f64) -> f64 {
        x.clamp(self.lo, self.hi)
    }

    /// The cut statistic. The design reckons with the variance of a standard deviation `guess`.
    pub fn observable(self, name: String, typical: f64, guess: f64) -> Observable {
        Observable {
            name,
            tail: Tail::Bounded {
                lo: self.lo,
                hi: self.hi,
                design_variance: guess * guess,
            },
            typical: typical.clamp(self.lo, self.hi),
        }
    }
}
