//! Confidence intervals with proved coverage.

use serde::{Deserialize, Serialize};

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
