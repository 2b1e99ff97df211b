//! The values of one matrix beyond the noise bulk.

use super::Observation;
use crate::network::bulk::{Analyser, BulkError, Fit, Shape, SingularValues};
use faer::MatRef;
use serde::Serialize;
use thiserror::Error;

/// Coverage of each interval, the most that the default number of replicates of
/// [`bulk`](crate::network::bulk) can show.
pub const COVERAGE: f64 = 0.99;

/// Why there is no count.
#[derive(Debug, Error)]
pub enum CountError {
    /// The spectrum cannot be analysed.
    #[error(transparent)]
    Bulk(#[from] BulkError),
    /// Too narrow, or no noise at all.
    #[error("the middle layer has no noise bulk: {shape:?}")]
    NoBulk {
        /// What it is instead.
        shape: Shape,
    },
}

/// Singular values beyond the noise bulk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Counted {
    /// Values beyond the threshold. They count as spikes when the shape is random-like or bulk plus
    /// spikes; else they are what lies beyond a bulk that fits in part.
    pub count: usize,
    /// The least that the interval of the fitted σ allows, at a coverage of 99 %.
    pub low: usize,
    /// The most.
    pub high: usize,
    /// The verdict on the spectrum.
    pub shape: Shape,
    /// Noise of entry variance σ²/N.
    pub sigma: f64,
    /// Kolmogorov distance of the values in the bulk to the fitted law.
    pub distance: f64,
    /// How often noise of that law is as far from it.
    pub p_value: f64,
    /// Where values count as signal.
    pub threshold: f64,
    /// The largest value.
    pub largest: f64,
}

impl Counted {
    /// Of an n × n matrix, row by row.
    ///
    /// # Errors
    /// When the matrix has no singular values or no bulk.
    pub fn of(weights: &[f32], n: usize, analyser: &Analyser) -> Result<Self, CountError> {
        let wide: Vec<f64> = weights.iter().map(|x| f64::from(*x)).collect();
        let spectrum = SingularValues::of(MatRef::from_row_major_slice(&wide, n, n))?;
        let analysis = analyser.analyse(&spectrum)?;
        let shape = analysis.shape;
        let fit: Fit = analysis.fit.ok_or(CountError::NoBulk { shape })?;
        let beyond = |sigma: f64| {
            let threshold = fit.threshold * sigma / fit.sigma.value;
            spectrum.values().iter().filter(|y| **y > threshold).count()
        };
        Ok(Self {
            count: fit.beyond,
            low: beyond(fit.sigma.hi).min(fit.beyond),
            high: beyond(fit.sigma.lo).max(fit.beyond),
            shape,
            sigma: fit.sigma.value,
            distance: fit.distance,
            p_value: fit.p_value,
            threshold: fit.threshold,
            largest: analysis.largest,
        })
    }

    /// Whether the values beyond the threshold count as spikes.
    #[must_use]
    pub fn fits(&self) -> bool {
        matches!(self.shape, Shape::RandomLike | Shape::BulkPlusSpikes)
    }

    /// The count with its interval, for the trend.
    #[must_use]
    pub fn observation(&self, width: usize) -> Observation {
        Observation {
            width,
            count: self.count,
            low: self.low,
            high: self.high,
        }
    }
}
