//! The fit of [`DilatedLaw`](super::DilatedLaw): noise and a signal of full rank from one spectrum.

use super::DilatedLaw;
use super::bootstrap::{Bootstrap, margin};
use super::family::{Family, Found, distance};
use crate::ensemble::normal_quantile;
use crate::network::bulk::{Estimate, Options, Spike};
use serde::Serialize;
use std::borrow::Cow;

/// Noise on a signal of full rank, fitted to the values below the threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DilatedFit {
    /// σ: the entries of the noise have variance σ²/max(rows, columns).
    pub sigma: Estimate,
    /// The one singular value, other than 0, of the full-rank part of the signal.
    pub strength: Estimate,
    /// The share of its singular values that are not 0.
    pub share: f64,
    /// Where the dilated bulk ends.
    pub edge: Estimate,
    /// Values beyond this are spikes.
    pub threshold: f64,
    /// Number of values beyond.
    pub beyond: usize,
    /// The least number beyond that the interval of the edge allows.
    pub least: usize,
    /// The most.
    pub most: usize,
    /// Kolmogorov distance of the other values to the law.
    pub distance: f64,
    /// How often noise on such a signal deviates as much.
    pub p_value: f64,
    /// How often noise on such a signal shows a spike by this rule.
    pub false_alarms: Estimate,
    /// Fits to fresh noise on the fitted signal behind intervals and rates.
    pub replicates: usize,
    /// What a singular value is divided by to obey the law.
    #[serde(skip)]
    pub(in crate::network::bulk) unit: f64,
    #[serde(skip)]
    pub(in crate::network::bulk) law: DilatedLaw,
}

impl DilatedFit {
    /// Density of the fitted bulk at y, of mass 1.
    #[must_use]
    pub fn density(&self, y: f64) -> f64 {
        self.law.density(y / self.unit) / self.unit
    }

    /// The law in units of the noise.
    #[must_use]
    pub fn law(&self) -> &DilatedLaw {
        &self.law
    }
}

/// Fits to fresh noise: then the p-value can be 0.01.
const REPLICATES: usize = 99;
/// Fewest values for three parameters.
const LEAST_VALUES: usize = 32;

/// The laws for all fits of one shape.
#[derive(Debug, Clone)]
pub(in crate::network::bulk) struct Dilated {
    large: usize,
    family: Family,
}

/// The share of the values that has no weight in the first fit.
const FEW: f64 = 0.05;
/// A family is used for other ratios that differ by less than this, relative.
const SAME_RATIO: f64 = 2e-3;

impl Dilated {
    /// For matrices of n × m, n ≥ m; `None` for fewer than 32 values.
    pub fn new(n: usize, m: usize) -> Option<Self> {
        (m >= LEAST_VALUES).then(|| Self {
            large: n,
            family: Family::new(m as f64 / n as f64),
        })
    }

    /// The fit to descending values, with q the upper quantile of F₁ at the level.
    ///
    /// The first fit gives no weight to the largest twentieth: a few spikes far out would draw a strength to
    /// themselves. What lies beyond its edge and margin is taken out and the rest fitted again, as (n − r) × (m − r),
    /// until nothing more lies beyond.
    pub fn fit(&self, values: &[f64], quantile: f64, options: &Options) -> DilatedFit {
        let mut family = Cow::Borrowed(&self.family);
        let mut removed = 0;
        let mut skipped = (FEW * values.len() as f64) as usize;
        loop {
            let (n, m) = (self.large - removed, values.len() - removed);
            let ratio = m as f64 / n as f64;
            if (ratio / family.ratio() - 1.0).abs() > SAME_RATIO {
                family = Cow::Owned(Family::new(ratio));
            }
            let (found, law) = family.fit(&values[removed..], skipped);
            let allowed = margin(&law, m, quantile, 0.0);
            let threshold = found.unit * law.upper_edge() * allowed.sqrt();
            let beyond = values.iter().take_while(|y| **y > threshold).count();
            let last = skipped == 0 && beyond <= removed;
            if last || 2 * beyond > values.len() {
                let trimmed = Trimmed {
                    removed,
                    found,
                    law,
                };
                return self.summary(&family, &trimmed, values, quantile, options);
            }
            removed = beyond.max(removed);
            skipped = 0;
        }
    }

    fn summary(
        &self,
        family: &Family,
        trimmed: &Trimmed,
        values: &[f64],
        quantile: f64,
        options: &Options,
    ) -> DilatedFit {
        let Trimmed {
            removed,
            found,
            law,
        } = trimmed;
        let rest = &values[*removed..];
        let m = rest.len();
        let count = options.replicates.min(REPLICATES);
        let fresh = Bootstrap::run(family, (found, law), m, count, options.epoch);
        let width = -normal_quantile(0.5 * (1.0 - options.coverage));
        let about = |value: f64, deviation: f64| Estimate {
            value,
            lo: (value - width * deviation).max(0.0),
            hi: value + width * deviation,
        };
        let ((unit_bias, unit_deviation), (edge_bias, edge_deviation)) =
            (fresh.unit(), fresh.edge());
        let unit = found.unit / (1.0 + unit_bias);
        let sigma = unit * (self.large as f64 / (self.large - removed) as f64).sqrt();
        let edge = found.unit * law.upper_edge() / (1.0 + edge_bias);
        let threshold = edge * margin(law, m, quantile, edge_deviation).sqrt();
        let beyond = |threshold: f64| values.iter().take_while(|y| **y > threshold).count();
        let distance = distance(law, rest, found.unit);
        DilatedFit {
            sigma: about(sigma, sigma * unit_deviation),
            strength: about(found.strength * unit, unit * fresh.strength()),
            share: found.share,
            edge: about(edge, edge * edge_deviation),
            threshold,
            beyond: beyond(threshold),
            least: beyond(threshold * (1.0 + width * edge_deviation)),
            most: beyond(threshold * (1.0 - width * edge_deviation)),
            distance,
            p_value: fresh.p_value(distance * m as f64),
            false_alarms: Estimate::rate(
                fresh.alarms(law, quantile),
                fresh.count(),
                options.coverage,
            ),
            replicates: fresh.count(),
            unit: found.unit,
            law: law.clone(),
        }
    }

    /// Each value beyond the threshold mapped back, `tall` when the matrix has at least as many rows as columns.
    ///
    /// Its own variance is the mean overlap over n, which is exact for noise alone and was seen to hold within
    /// a few per cent here (`docs/derivations/bulk_fit.md`); that of the unit is added.
    pub fn spikes(
        &self,
        fit: &DilatedFit,
        values: &[f64],
        tall: bool,
        options: &Options,
    ) -> Vec<Spike> {
        let quantile = -normal_quantile(0.5 * (1.0 - options.coverage));
        let relative = (fit.sigma.hi - fit.sigma.value) / (quantile * fit.sigma.value);
        let spike = |&value: &f64| {
            let y = value / fit.unit;
            let theta = fit.law.strength_or_least(y);
            let (long, short) = fit.law.overlaps(theta);
            let variance = 0.5 * (long + short) / self.large as f64 + (relative * y).powi(2);
            let halfwidth = quantile * variance.sqrt();
            let back = |y: f64| fit.unit * fit.law.strength_or_least(y);
            Spike {
                value,
                strength: Estimate {
                    value: fit.unit * theta,
                    lo: back(y - halfwidth),
                    hi: back(y + halfwidth),
                },
                row_overlap: if tall { long } else { short },
                column_overlap: if tall { short } else { long },
            }
        };
        values[..fit.beyond].iter().map(spike).collect()
    }
}

/// The last fit: `removed` values lie beyond its edge and margin.
struct Trimmed {
    removed: usize,
    found: Found,
    law: DilatedLaw,
}
