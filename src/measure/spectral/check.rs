//! Conditions on the parameters of measures.

use super::{Component, MeasureError};
use crate::measure::ball::two_sum;

/// Checks that weights are positive and sum to 1 within 1e-12, and divides by the sum.
pub(super) fn normalised(weights: &[f64]) -> Result<Vec<f64>, MeasureError> {
    let (mut sum, mut rest) = (0.0, 0.0);
    for &weight in weights {
        positive("a weight", weight)?;
        let (total, error) = two_sum(sum, weight);
        sum = total;
        rest += error;
    }
    let sum = sum + rest;
    if (sum - 1.0).abs() > 1e-12 {
        return Err(MeasureError::WeightSum { sum });
    }
    Ok(weights.iter().map(|weight| weight / sum).collect())
}

pub(super) fn in_range(what: &'static str, value: f64) -> Result<(), MeasureError> {
    if !value.is_finite() {
        Err(MeasureError::NotFinite { what, value })
    } else if value != 0.0 && !(1e-140..=1e140).contains(&value.abs()) {
        Err(MeasureError::OutOfRange { what, value })
    } else {
        Ok(())
    }
}

pub(super) fn positive(what: &'static str, value: f64) -> Result<(), MeasureError> {
    if value.is_nan() || value <= 0.0 {
        return Err(MeasureError::NotPositive { what, value });
    }
    in_range(what, value)
}

pub(super) fn check_interval(lo: f64, hi: f64) -> Result<(), MeasureError> {
    in_range("the left end of an interval", lo)?;
    in_range("the right end of an interval", hi)?;
    if lo >= hi {
        return Err(MeasureError::EmptyInterval { lo, hi });
    }
    Ok(())
}

impl Component {
    /// Whether the parameters, after a shift or dilation, still describe a law.
    pub(super) fn check(&self) -> Result<(), MeasureError> {
        match *self {
            Self::Atom(location) => in_range("the location of an atom", location),
            Self::Uniform { lo, hi } | Self::Arcsine { lo, hi } => check_interval(lo, hi),
            Self::Semicircle { centre, variance } => {
                in_range("the centre of a semicircle", centre)?;
                positive("the variance of a semicircle", variance)
            }
            Self::MarchenkoPastur {
                ratio,
                variance,
                origin,
                ..
            } => {
                positive("the ratio of a Marchenko–Pastur law", ratio)?;
                positive("the variance of a Marchenko–Pastur law", variance)?;
                in_range("the origin of a Marchenko–Pastur law", origin)
            }
        }
    }
}
