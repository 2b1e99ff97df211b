//! The steps of [`analyse`](super::analyse).

use super::dilated::Dilated;
use super::fit::Reference;
use super::noise::Simulation;
use super::shape::{self, Evidence};
use super::{
    Analysis, BulkError, Degeneracy, EdgeLaw, Estimate, Fit, Options, OutlierMap, PowerLaw, Shape,
    SingularValues, Spike, upper_quantile,
};
use crate::ensemble::normal_quantile;
use std::sync::OnceLock;

/// [`analyse`](super::analyse) for many spectra of one shape, with one simulation of fresh noise for all.
#[derive(Debug, Clone)]
pub struct Analyser {
    rows: usize,
    columns: usize,
    options: Options,
    /// The upper quantile of F₁ at the level.
    quantile: f64,
    /// `None` when min(rows, columns) is too small for a bulk.
    simulation: Option<Simulation>,
    /// The laws of dilated bulks, when first asked for; `None` for too few values.
    dilated: OnceLock<Option<Dilated>>,
}

impl Analyser {
    /// Simulates noise of this shape.
    ///
    /// # Errors
    /// [`BulkError`] for options out of range, rows = 0 or columns = 0.
    pub fn new(rows: usize, columns: usize, options: &Options) -> Result<Self, BulkError> {
        options.check()?;
        let (m, n) = (rows.min(columns), rows.max(columns));
        if m == 0 {
            return Err(BulkError::Empty { rows, columns });
        }
        let simulate = || {
            let count = options.replicates_for(m);
            Simulation::run(n, m, options.method, count, options.epoch)
        };
        Ok(Self {
            rows,
            columns,
            options: *options,
            quantile: upper_quantile(options.level),
            simulation: (m >= shape::LEAST_VALUES).then(simulate),
            dilated: OnceLock::new(),
        })
    }

    /// As [`analyse`](super::analyse).
    ///
    /// # Errors
    /// [`BulkError::ShapeMismatch`] for a spectrum of another shape.
    pub fn analyse(&self, spectrum: &SingularValues) -> Result<Analysis, BulkError> {
        let (expected, found) = (
            (self.rows, self.columns),
            (spectrum.rows(), spectrum.columns()),
        );
        if expected != found {
            return Err(BulkError::ShapeMismatch { expected, found });
        }
        let scale = spectrum.scale();
        let values: Vec<f64> = spectrum.values().iter().map(|y| scale.down(*y)).collect();
        let mut analysis = Analysis {
            rows: self.rows,
            columns: self.columns,
            largest: spectrum.values()[0],
            shape: Shape::Unexplained,
            count: None,
            fit: None,
            dilated: None,
            spikes: Vec::new(),
            tail: None,
        };
        let degenerate = shape::degeneracy(&values, spectrum.large());
        let simulation = match (degenerate, &self.simulation) {
            (None, Some(simulation)) => simulation,
            (degenerate, _) => {
                let kind = degenerate.unwrap_or(Degeneracy::TooFew);
                analysis.shape = Shape::Degenerate(kind);
                return Ok(analysis);
            }
        };
        let bulk = self.fit(&values, simulation);
        let fit = self.summary(&bulk, &values);
        analysis.tail = PowerLaw::fit(&values);
        analysis.shape = Evidence {
            distance: fit.distance,
            p_value: fit.p_value,
            replicates: fit.replicates,
            beyond: fit.beyond,
            values: values.len(),
            bleeds: {
                let law = bulk.reference.law;
                shape::bleeds(law.upper_edge(), |y| law.cdf(y), fit.unit, &values)
            },
            tail: analysis.tail.as_ref(),
        }
        .shape();
        if matches!(analysis.shape, Shape::RandomLike | Shape::BulkPlusSpikes) {
            analysis.count = Some(fit.beyond);
            analysis.spikes = self.spikes(&bulk, &values, &fit);
        } else if self.options.dilated {
            self.dilate(&mut analysis, &values);
        }
        analysis.fit = Some(fit.scaled(scale));
        if let Some(fit) = &mut analysis.dilated {
            fit.scale(scale);
        }
        analysis.spikes.iter_mut().for_each(|s| s.scale(scale));
        if let Some(tail) = &mut analysis.tail {
            tail.cutoff = scale.up(tail.cutoff);
        }
        Ok(analysis)
    }
}

impl Analyser {
    /// Where noise alone explains nothing: noise on a signal of full rank. The verdict changes only if it does.
    fn dilate(&self, analysis: &mut Analysis, values: &[f64]) {
        let (n, m) = (self.rows.max(self.columns), self.rows.min(self.columns));
        let Some(laws) = self.dilated.get_or_init(|| Dilated::new(n, m)) else {
            return;
        };
        let fit = laws.fit(values, self.quantile, &self.options);
        let law = fit.law();
        let evidence = Evidence {
            distance: fit.distance,
            p_value: fit.p_value,
            replicates: fit.replicates,
            beyond: fit.beyond,
            values: m,
            bleeds: shape::bleeds(law.upper_edge(), |y| law.cdf(y), fit.unit, values),
            tail: None,
        };
        if evidence.explained() {
            analysis.shape = Shape::DilatedBulk;
            analysis.count = Some(fit.beyond);
            let tall = self.rows >= self.columns;
            analysis.spikes = laws.spikes(&fit, values, tall, &self.options);
        }
        analysis.dilated = Some(fit);
    }
}

/// A fit at work, in scaled units.
struct Bulk<'a> {
    /// n of the matrix.
    large: usize,
    /// Values taken out as spikes.
    removed: usize,
    reference: Reference,
    simulation: &'a Simulation,
    /// σ̂²(n − r)/n, bias not removed.
    square: f64,
    /// The square of the threshold.
    threshold: f64,
}

impl Analyser {
    /// Fits, takes the values beyond the threshold out, and fits the rest again as noise of (n − r) × (m − r),
    /// until nothing more lies beyond.
    ///
    /// The first fit has the spikes in the upper ranks, which makes σ too large by O(r/m); pure noise stops
    /// after the first round, so the level is not touched.
    fn fit<'a>(&self, values: &[f64], simulation: &'a Simulation) -> Bulk<'a> {
        let (large, m) = (self.rows.max(self.columns), values.len());
        let squares: Vec<f64> = values.iter().map(|y| y * y).collect();
        let uncertainty = simulation.uncertainty;
        let most = m / 2;
        let mut removed = 0;
        loop {
            let (n, m) = (large - removed, m - removed);
            let reference = Reference::new(n, m);
            let square = reference.square(self.options.method, &squares[removed..]);
            let allowed = EdgeLaw::new(n, m).studentised(self.quantile, &uncertainty) / n as f64;
            let threshold = allowed * square / uncertainty.bias;
            let beyond = squares.iter().take_while(|x| **x > threshold).count();
            if beyond <= removed || beyond > most {
                return Bulk {
                    large,
                    removed,
                    reference,
                    simulation,
                    square,
                    threshold,
                };
            }
            removed = beyond;
        }
    }

    fn summary(&self, bulk: &Bulk, values: &[f64]) -> Fit {
        let rest: Vec<f64> = values[bulk.removed..].iter().map(|y| y * y).collect();
        let debiased = bulk.square / bulk.simulation.uncertainty.bias;
        let distance = bulk.reference.distance(&rest, debiased);
        let unit = debiased.sqrt();
        let left = (bulk.large - bulk.removed) as f64 / bulk.large as f64;
        let (low, high) = bulk.simulation.square_quantiles(self.options.coverage);
        let sigma = Estimate {
            value: unit / left.sqrt(),
            lo: (bulk.square / (high * left)).sqrt(),
            hi: (bulk.square / (low * left)).sqrt(),
        };
        let law = bulk.reference.law;
        let threshold = bulk.threshold.sqrt();
        Fit {
            sigma,
            lower_edge: law.lower_edge() * unit,
            edge: sigma.map(|x| x * law.upper_edge() * left.sqrt()),
            threshold,
            beyond: values.iter().take_while(|y| **y > threshold).count(),
            ratio: law.ratio(),
            distance,
            p_value: bulk.simulation.p_value(distance * rest.len() as f64),
            false_alarms: self.false_alarms(bulk.simulation),
            replicates: bulk.simulation.count(),
            unit,
        }
    }

    fn false_alarms(&self, simulation: &Simulation) -> Estimate {
        let (alarms, count) = (simulation.alarms(self.quantile), simulation.count());
        Estimate::rate(alarms, count, self.options.coverage)
    }

    /// Each value beyond mapped back. Its own fluctuation has variance σ²·(mean overlap)/n, to which that of
    /// σ̂ is added; both ends of the interval of y go through the map.
    fn spikes(&self, bulk: &Bulk, values: &[f64], fit: &Fit) -> Vec<Spike> {
        let large = bulk.large as f64;
        let map = OutlierMap::new(values.len() as f64 / large);
        // A threshold below the edge of n × m noise is possible after many spikes were taken out.
        let strength = |y: f64| map.strength(y).unwrap_or(map.least_strength());
        let quantile = -normal_quantile(0.5 * (1.0 - self.options.coverage));
        let sigma = fit.sigma.value;
        let of_sigma = 0.25 * bulk.simulation.uncertainty.variance;
        let spike = |&value: &f64| {
            let y = value / sigma;
            let theta = strength(y);
            let variance = map.variance(theta) / large + of_sigma * y * y;
            let halfwidth = quantile * variance.sqrt();
            let ends = Estimate {
                value: theta,
                lo: strength(y - halfwidth),
                hi: strength(y + halfwidth),
            };
            let (long, short) = map.overlaps(theta);
            let tall = self.rows >= self.columns;
            Spike {
                value,
                strength: ends.map(|x| x * sigma),
                row_overlap: if tall { long } else { short },
                column_overlap: if tall { short } else { long },
            }
        };
        values[..fit.beyond].iter().map(spike).collect()
    }
}
