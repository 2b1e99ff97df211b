//! Why a description is no probability measure.

use thiserror::Error;

/// The condition that a description of a measure breaks, with the offending value.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MeasureError {
    /// No atom, no eigenvalue, no part.
    #[error("the measure has no {0}")]
    Empty(&'static str),
    /// A number is NaN or infinite.
    #[error("{what} is {value}, not a finite number")]
    NotFinite {
        /// What the number was meant for.
        what: &'static str,
        /// The number.
        value: f64,
    },
    /// A number so small or so large that its products would under- or overflow.
    #[error("{what} is {value:e}: sizes between 1e-140 and 1e140 are supported")]
    OutOfRange {
        /// What the number was meant for.
        what: &'static str,
        /// The number.
        value: f64,
    },
    /// A number that has to be positive is not.
    #[error("{what} must be positive, not {value}")]
    NotPositive {
        /// What the number was meant for.
        what: &'static str,
        /// The number.
        value: f64,
    },
    /// Weights do not sum to 1 within 1e-12.
    #[error("the weights sum to {sum}, not to 1")]
    WeightSum {
        /// Their sum.
        sum: f64,
    },
    /// lo ≥ hi.
    #[error("the interval [{lo}, {hi}] is empty or a point: its left end must be the smaller")]
    EmptyInterval {
        /// Left end.
        lo: f64,
        /// Right end.
        hi: f64,
    },
    /// A dilation by 0.
    #[error("a measure cannot be scaled by {0}")]
    ScaleZero(f64),
    /// A piece of a SPEC that cannot be read.
    #[error("cannot read the measure {spec:?}: {reason}")]
    Malformed {
        /// The SPEC as given.
        spec: String,
        /// What is wrong, quoting the piece.
        reason: String,
    },
    /// A file of eigenvalues that cannot be read.
    #[error("cannot read eigenvalues from {path:?}: {reason}")]
    File {
        /// The path as given.
        path: String,
        /// What is wrong.
        reason: String,
    },
}
