//! Fresh noise on the fitted signal: how far a fit is off, and how often it sees spikes that are not there.

use super::DilatedLaw;
use super::family::{Family, Found, distance};
use crate::ensemble::{EntryLaw, StreamKey};
use crate::network::bulk::SingularValues;
use crate::network::bulk::noise::Uncertainty;
use rayon::prelude::*;

/// Most singular values of a replicate, and most entries.
const SIZE: usize = 120;
const ENTRIES: usize = 200_000;

/// First steps of the search, in ln(share) and strength: it begins at the truth.
const REACH: [f64; 2] = [0.2, 0.1];
/// How close it comes: a few per cent of the standard deviations at this size.
const CLOSE: f64 = 1e-2;

/// One fit to fresh noise, σ = 1, relative to the truth.
#[derive(Debug, Clone, Copy)]
struct Replicate {
    /// Of the unit.
    unit: f64,
    /// Of the edge.
    edge: f64,
    /// The strength, as fitted.
    strength: f64,
    /// The largest value, squared, over the square of the fitted edge.
    top: f64,
    /// Number of values times their Kolmogorov distance to the fitted law.
    discrepancy: f64,
}

/// Fits to fresh noise on a fitted signal.
///
/// Matrices of at most 120 singular values stand for larger ones of the same ratio. Smooth statistics of rigid
/// spectra have biases and standard deviations ∝ 1/m, so they are scaled by that; the number of values by
/// which a spectrum deviates from its law, D·m, hardly depends on m, as for noise alone.
#[derive(Debug, Clone)]
pub(super) struct Bootstrap {
    replicates: Vec<Replicate>,
    /// Values in a replicate.
    small: usize,
    /// small/m.
    scale: f64,
}

impl Bootstrap {
    /// Stream r of the key of this shape and epoch makes replicate r, on whatever thread.
    pub fn run(
        family: &Family,
        (found, law): (&Found, &DilatedLaw),
        m: usize,
        count: usize,
        epoch: u64,
    ) -> Self {
        let ratio = family.ratio();
        let widest = (ENTRIES as f64 * ratio).sqrt() as usize;
        let small = m.min(SIZE).min(widest.max(8));
        let tall = ((small as f64 / ratio).round() as usize).max(small);
        let key = StreamKey {
            epoch,
            claim: "network/bulk/dilated".into(),
            law: format!("{tall} x {small}"),
            n: tall,
            signal: "two atoms".into(),
        };
        let generators = key.generators();
        let planted = (found.share * small as f64).round() as usize;
        let root = (tall as f64).sqrt();
        let truth = law.upper_edge();
        let replicate = |r: u64| {
            let mut entries = vec![0.0; tall * small];
            EntryLaw::Gaussian.fill(&mut generators(r), &mut entries);
            let w = faer::Mat::from_fn(tall, small, |i, j| {
                let strength = if i == j && j < planted {
                    found.strength
                } else {
                    0.0
                };
                strength + entries[i + tall * j] / root
            });
            let spectrum = SingularValues::of(w.as_ref()).ok()?;
            let start = [found.share.ln(), found.strength];
            let (fit, law) = family.refined(start, REACH, CLOSE, (spectrum.values(), 0))?;
            let edge = fit.unit * law.upper_edge();
            Some(Replicate {
                unit: fit.unit,
                edge: edge / truth,
                strength: fit.strength,
                top: (spectrum.values()[0] / edge).powi(2),
                discrepancy: small as f64 * distance(&law, spectrum.values(), fit.unit),
            })
        };
        Self {
            replicates: (0..count as u64)
                .into_par_iter()
                .filter_map(replicate)
                .collect(),
            small,
            scale: small as f64 / m as f64,
        }
    }

    /// Replicates made.
    pub fn count(&self) -> usize {
        self.replicates.len()
    }

    /// Mean and standard deviation of a quantity of the replicates.
    fn spread(&self, of: impl Fn(&Replicate) -> f64) -> (f64, f64) {
        let count = self.count() as f64;
        let mean = self.replicates.iter().map(&of).sum::<f64>() / count;
        let squares = self.replicates.iter().map(|r| (of(r) - mean).powi(2));
        (mean, (squares.sum::<f64>() / (count - 1.0)).sqrt())
    }

    /// (relative bias, relative standard deviation) of the unit, at the size of the data.
    pub fn unit(&self) -> (f64, f64) {
        let (mean, deviation) = self.spread(|r| r.unit);
        (self.scale * (mean - 1.0), self.scale * deviation)
    }

    /// The same of the edge.
    pub fn edge(&self) -> (f64, f64) {
        let (mean, deviation) = self.spread(|r| r.edge);
        (self.scale * (mean - 1.0), self.scale * deviation)
    }

    /// Standard deviation of the strength, at the size of the data.
    pub fn strength(&self) -> f64 {
        self.scale * self.spread(|r| r.strength).1
    }

    /// (1 + #{replicates that deviate at least as much})/(1 + M).
    pub fn p_value(&self, discrepancy: f64) -> f64 {
        let worse = self.replicates.iter();
        let worse = worse.filter(|r| r.discrepancy >= discrepancy).count();
        (1 + worse) as f64 / (1 + self.count()) as f64
    }

    /// How many replicates have their largest value beyond the threshold of their own fit.
    pub fn alarms(&self, law: &DilatedLaw, quantile: f64) -> usize {
        let (mean, deviation) = self.spread(|r| r.edge);
        let allowed = margin(law, self.small, quantile, deviation) / mean.powi(2);
        let alarm = |r: &&Replicate| r.top > allowed;
        self.replicates.iter().filter(alarm).count()
    }
}

/// The squared threshold over the squared edge, for m values and a relative standard deviation of the edge.
///
/// (λ₁ − E)/s → F₁, stretched as for noise alone (`EdgeLaw::studentised`): the estimate of E has the relative
/// standard deviation 2·`deviation`.
pub(super) fn margin(law: &DilatedLaw, m: usize, quantile: f64, deviation: f64) -> f64 {
    let relative = law.edge_scale(m) / law.upper_edge().powi(2);
    let uncertainty = Uncertainty {
        bias: 1.0,
        variance: 4.0 * deviation * deviation,
    };
    1.0 + relative * uncertainty.stretched(quantile, 1.0 / relative)
}
