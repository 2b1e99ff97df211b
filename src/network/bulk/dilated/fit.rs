//! The fit of [`DilatedLaw`](super::DilatedLaw): σ and the strength of a full-rank signal from one spectrum.

use super::DilatedLaw;
use crate::ensemble::{EntryLaw, StreamKey, normal_quantile};
use crate::network::bulk::{BulkError, Estimate, Options, SingularValues, shape, upper_quantile};
use serde::Serialize;

/// Noise on a signal of full rank, fitted to the values below the threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DilatedFit {
    /// σ: the entries of the noise have variance σ²/max(rows, columns).
    pub sigma: Estimate,
    /// The one singular value, other than 0, of the full-rank part of the signal.
    pub strength: Estimate,
    /// The share of its singular values that are not 0, as given.
    pub share: f64,
    /// Where the dilated bulk ends.
    pub edge: f64,
    /// Values beyond this are spikes.
    pub threshold: f64,
    /// Number of values beyond.
    pub beyond: usize,
    /// Kolmogorov distance of the other values to the law.
    pub distance: f64,
    /// The planted strength of each value beyond, by the outlier map of the dilated bulk.
    pub spikes: Vec<f64>,
}

/// Strengths tried, in units of σ: 0, 0.1, …, 4.
const STEPS: usize = 41;
const STEP: f64 = 0.1;
/// Spectra behind the intervals, and their size.
const REPLICATES: u64 = 39;
const SIZE: usize = 60;

/// Fits σ and strength at a given share, by least squares of the values on the quantiles of the law, takes
/// what lies beyond the edge and its margin out, and repeats until nothing more does.
///
/// # Domain   strengths up to 4σ: stronger ones stand apart from the bulk and are spikes
/// # Value    `None` for degenerate spectra
/// # Accuracy intervals of `options.coverage` from 39 matrices of the fitted law with at most 60 singular values;
/// standard deviations go with 1/m, as those of all smooth statistics of rigid spectra do. Below a strength of
/// about σ the law depends on strength⁴ only once σ is fitted: then the interval of the strength means
/// little, that of the edge stays right. The margin takes σ and strength as known
///
/// # Errors
/// [`BulkError`] for options or a share out of range.
pub fn fit_dilated(
    spectrum: &SingularValues,
    share: f64,
    options: &Options,
) -> Result<Option<DilatedFit>, BulkError> {
    options.check()?;
    if !(share > 0.0 && share <= 1.0) {
        let (name, value) = ("share", share);
        return Err(BulkError::ProbabilityInvalid { name, value });
    }
    let scale = spectrum.scale();
    let values: Vec<f64> = spectrum.values().iter().map(|y| scale.down(*y)).collect();
    let large = spectrum.large();
    if shape::degeneracy(&values, large).is_some() {
        return Ok(None);
    }
    let quantile = upper_quantile(options.level);
    let mut removed = 0;
    let (table, found, law, threshold) = loop {
        let (n, m) = (large - removed, values.len() - removed);
        let table = Table::new(m as f64 / n as f64, share);
        let found = table.fit(&values[removed..]);
        let law = table.law(found.strength);
        let edge = law.upper_edge();
        let threshold = found.unit * (edge * edge + law.edge_scale(m) * quantile).sqrt();
        let beyond = values.iter().take_while(|y| **y > threshold).count();
        if beyond <= removed || 2 * beyond > values.len() {
            break (table, found, law, threshold);
        }
        removed = beyond;
    };
    let spread = table.spread(&found, values.len() - removed, options.epoch);
    let width = -normal_quantile(0.5 * (1.0 - options.coverage));
    let sigma = found.unit * (large as f64 / (large - removed) as f64).sqrt();
    let about = |value: f64, deviation: f64| Estimate {
        value: scale.up(value),
        lo: scale.up((value - width * deviation).max(0.0)),
        hi: scale.up(value + width * deviation),
    };
    let beyond = values.iter().take_while(|y| **y > threshold);
    let spikes: Vec<f64> = beyond
        .filter_map(|y| law.strength_at(y / found.unit))
        .map(|theta| scale.up(theta * found.unit))
        .collect();
    Ok(Some(DilatedFit {
        sigma: about(sigma, sigma * spread.unit),
        strength: about(found.strength * found.unit, found.unit * spread.strength),
        share,
        edge: scale.up(law.upper_edge() * found.unit),
        threshold: scale.up(threshold),
        beyond: spikes.len(),
        distance: distance(&law, &values[removed..], found.unit),
        spikes,
    }))
}

/// σ√((n − r)/n), the unit of the law, and the strength in it; or their standard deviations, that of the unit relative.
#[derive(Debug, Clone, Copy)]
struct Found {
    unit: f64,
    strength: f64,
}

/// The laws of one shape and share, by strength.
struct Table {
    ratio: f64,
    share: f64,
    laws: Vec<DilatedLaw>,
}

impl Table {
    fn new(ratio: f64, share: f64) -> Self {
        let strengths = (0..STEPS).map(|i| STEP * i as f64);
        // Where the bulk falls apart into pieces too narrow for the grid the table ends.
        let laws = strengths.map_while(|s| DilatedLaw::new(ratio, share, s).ok());
        Self {
            ratio,
            share,
            laws: laws.collect(),
        }
    }

    /// The law of any strength; the nearest of the table where there is none.
    fn law(&self, strength: f64) -> DilatedLaw {
        let nearest = (strength / STEP).round() as usize;
        let nearest = &self.laws[nearest.min(self.laws.len() - 1)];
        DilatedLaw::new(self.ratio, self.share, strength).unwrap_or_else(|_| nearest.clone())
    }

    /// The strength of least ‖y − uq‖², u = ⟨q, y⟩/‖q‖², q the quantiles at the ranks of the descending y.
    fn fit(&self, values: &[f64]) -> Found {
        let errors: Vec<f64> = self.laws.iter().map(|law| regress(law, values).1).collect();
        let best = (0..errors.len())
            .min_by(|&i, &j| errors[i].total_cmp(&errors[j]))
            .expect("the law of noise alone is in every table");
        let inside = best > 0 && best + 1 < errors.len();
        let shift = if inside {
            // The vertex of the parabola through three neighbours.
            let (l, c, r) = (errors[best - 1], errors[best], errors[best + 1]);
            0.5 * (l - r) / (l - 2.0 * c + r)
        } else {
            0.0
        };
        let strength = STEP * (best as f64 + if shift.is_finite() { shift } else { 0.0 });
        Found {
            unit: regress(&self.law(strength), values).0,
            strength,
        }
    }

    /// Standard deviations of a fit to m values, from fresh noise on the fitted signal.
    fn spread(&self, found: &Found, m: usize, epoch: u64) -> Found {
        let small = m.min(SIZE);
        let tall = ((small as f64 / self.ratio).round() as usize).max(small);
        let key = StreamKey {
            epoch,
            claim: "network/bulk/dilated".into(),
            law: format!("{tall} x {small}"),
            n: tall,
            signal: "two atoms".into(),
        };
        let planted = (self.share * small as f64).round() as usize;
        let root = (tall as f64).sqrt();
        let fits: Vec<Found> = (0..REPLICATES)
            .filter_map(|r| {
                let mut entries = vec![0.0; tall * small];
                EntryLaw::Gaussian.fill(&mut key.generator(r), &mut entries);
                let w = faer::Mat::from_fn(tall, small, |i, j| {
                    let signal = if i == j && j < planted {
                        found.strength
                    } else {
                        0.0
                    };
                    signal + entries[i + tall * j] / root
                });
                let spectrum = SingularValues::of(w.as_ref()).ok()?;
                Some(self.fit(spectrum.values()))
            })
            .collect();
        let rigid = small as f64 / m as f64;
        let deviation = |of: fn(&Found) -> f64| {
            let count = fits.len() as f64;
            let mean = fits.iter().map(of).sum::<f64>() / count;
            let squares = fits.iter().map(|f| (of(f) - mean).powi(2)).sum::<f64>();
            rigid * (squares / (count - 1.0)).sqrt()
        };
        Found {
            unit: deviation(|f| f.unit),
            strength: deviation(|f| f.strength),
        }
    }
}

/// (u, ‖y − uq‖²/‖y‖²).
fn regress(law: &DilatedLaw, values: &[f64]) -> (f64, f64) {
    let m = values.len() as f64;
    let (mut product, mut norm, mut squares) = (0.0, 0.0, 0.0);
    for (k, y) in values.iter().enumerate() {
        let q = law.quantile(1.0 - (k as f64 + 0.5) / m);
        product += q * y;
        norm += q * q;
        squares += y * y;
    }
    (product / norm, 1.0 - product * product / (norm * squares))
}

/// sup_y |F_m(y) − F(y/unit)| of descending values.
fn distance(law: &DilatedLaw, values: &[f64], unit: f64) -> f64 {
    let m = values.len() as f64;
    let deviation = |(k, y): (usize, &f64)| {
        let (f, after) = (law.cdf(y / unit), (m - k as f64) / m);
        (after - f).max(f - (after - 1.0 / m))
    };
    values.iter().enumerate().map(deviation).fold(0.0, f64::max)
}
