//! Pictures that explain a theorem by one sample. They decide nothing.
//!
//! The sample is drawn when the report is rendered, from streams of its own (claim `illustration`,
//! the epoch of the ledger), so that one ledger always gives one picture.

mod absorbed;
mod kernels;
mod risks;
mod spectrum;
mod transported;

use super::parameters::Panel;
use crate::ensemble::{Deformed, Ensemble, EnsembleError, Signal, SignalShape, StreamKey};
use crate::equivalent::EquivalentError;
use crate::free::{DomainError, FreeError, OutlierMap};
use crate::measure::{MeasureError, SpectralMeasure};
use crate::spectrum::{Eigensolver, Faer, SpectrumError};
use thiserror::Error;

/// Why a picture could not be drawn.
#[derive(Debug, Error)]
pub enum IllustrationError {
    /// ν is no measure.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// μ has no value where it is needed.
    #[error(transparent)]
    Free(#[from] FreeError),
    /// Φ has no value where it is needed.
    #[error(transparent)]
    Domain(#[from] DomainError),
    /// An equivalent has no value where it is needed.
    #[error(transparent)]
    Equivalent(#[from] EquivalentError),
    /// No matrix.
    #[error(transparent)]
    Ensemble(#[from] EnsembleError),
    /// No eigenvalues.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
}

/// The illustrations of a claim, by its id; none for most.
pub fn illustrations(claim: &str, epoch: u64) -> Vec<Result<Panel, IllustrationError>> {
    match claim {
        "background/semicircle" => vec![spectrum::semicircle(epoch)],
        "background/pastur" => vec![spectrum::pastur(epoch)],
        "background/capitaine" => vec![spectrum::capitaine(epoch), absorbed::panel(epoch)],
        "background/huang" => vec![spectrum::huang(epoch)],
        "abk/theorem-2.1" => vec![transported::panel(epoch)],
        "abk/theorem-2.2" => vec![spectrum::theorem_2_2(epoch)],
        "lm/ridgeless-exact" => vec![risks::double_descent(epoch)],
        "lm/double-descent" => vec![risks::width(epoch)],
        "lm/gradient-flow" => vec![risks::early_stopping(epoch)],
        "lm/deep-ck" => vec![kernels::conjugate(epoch)],
        "lm/spike-propagation" => vec![kernels::spikes(epoch)],
        "lm/scaling-laws" => vec![risks::scaling(epoch)],
        "lm/classification-flow" => vec![risks::classifier(epoch)],
        _ => Vec::new(),
    }
}

/// ν and spikes at one size; GOE noise with σ = 1.
struct Model {
    nu: SpectralMeasure,
    /// Descending.
    spikes: Vec<f64>,
    n: usize,
}

struct Sample {
    /// Descending.
    eigenvalues: Vec<f64>,
    /// Those of the spikes, in the order of the spikes.
    followed: Vec<f64>,
}

impl Model {
    fn new(nu: SpectralMeasure, mut spikes: Vec<f64>, n: usize) -> Self {
        spikes.sort_by(|a, b| b.total_cmp(a));
        Self { nu, spikes, n }
    }

    fn map(&self) -> Result<OutlierMap, FreeError> {
        OutlierMap::new(self.nu.clone(), 1.0)
    }

    /// Quantiles of ν and the spikes, descending.
    fn signal(&self) -> Vec<f64> {
        let bulk = self.n - self.spikes.len();
        let mut values: Vec<f64> = (0..bulk)
            .map(|i| self.nu.quantile((i as f64 + 0.5) / bulk as f64))
            .chain(self.spikes.iter().copied())
            .collect();
        values.sort_by(|a, b| b.total_cmp(a));
        values
    }

    /// One W_N, its eigenvalues, and those of the spikes: λ_l belongs to the l-th largest
    /// eigenvalue of S.
    fn sample(&self, epoch: u64, name: &str) -> Result<Sample, IllustrationError> {
        let signal = self.signal();
        let model = Deformed {
            ensemble: Ensemble::goe(),
            signal: Signal::diagonal(SignalShape::Prescribed(signal.clone())),
        };
        let w = model.sample(self.n, &mut key(epoch, self.n, name).generator(0))?;
        let eigenvalues = Faer.eigenvalues(&w)?.eigenvalues().to_vec();
        let mut followed = Vec::new();
        for (index, theta) in self.spikes.iter().enumerate() {
            let earlier = self.spikes[..index].iter().filter(|s| *s == theta).count();
            let position = signal.partition_point(|s| s > theta) + earlier;
            followed.push(eigenvalues[position]);
        }
        Ok(Sample {
            eigenvalues,
            followed,
        })
    }
}

fn key(epoch: u64, n: usize, name: &str) -> StreamKey {
    StreamKey {
        epoch,
        claim: "illustration".into(),
        law: Ensemble::goe().name(),
        n,
        signal: name.into(),
    }
}

/// k points in [lo, hi], midpoints of equal parts.
fn spread(k: usize, lo: f64, hi: f64) -> impl Iterator<Item = f64> {
    (0..k).map(move |i| lo + (hi - lo) * (i as f64 + 0.5) / k as f64)
}
