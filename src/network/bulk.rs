//! The bulk of a weight matrix: noise level, edge, spikes beyond it, and whether that picture fits at all.
//!
//! [`analyse`] takes the singular values of W ([`SingularValues`]), fits the law of noise to their middle
//! ([`Method`]), puts a Tracy–Widom margin on its edge ([`EdgeLaw`]), counts what lies beyond, and maps each such
//! value back to the signal it stands for ([`OutlierMap`]). Fresh noise of the same shape goes through
//! the same fit ([`noise_gram`]): that gives the intervals, the rate of false alarms and the p-value of the
//! fit. A verdict ([`Shape`]) says whether the numbers mean anything; if not, there is no count.

mod fit;
mod law;
mod margin;
mod noise;
mod shape;
mod spike;
mod tail;
mod values;

pub use fit::Method;
pub use law::{LawError, SingularLaw};
pub use margin::EdgeLaw;
pub use noise::noise_gram;
pub use shape::{Degeneracy, Shape};
pub use spike::{Estimate, OutlierMap, Spike};
pub use tail::PowerLaw;
pub use values::{BulkError, SingularValues};

use crate::confidence::binomial;
use crate::ensemble::normal_quantile;
use fit::Reference;
use noise::Simulation;
use serde::Serialize;
use shape::Evidence;
use values::Scale;

/// What to fit and with what rates.
///
/// # Examples
/// ```
/// use rmt_verify::network::bulk::Options;
/// assert_eq!(Options::default().level, 0.01);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Options {
    /// How σ is estimated.
    pub method: Method,
    /// β: the probability that pure noise shows a spike is at most this, asymptotically.
    pub level: f64,
    /// Coverage of all intervals.
    pub coverage: f64,
    /// Spectra of fresh noise, at least 19. Spectra of more than 2000 values get fewer, see
    /// [`Options::replicates_for`].
    pub replicates: usize,
    /// Root of all random numbers.
    pub epoch: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            method: Method::default(),
            level: 0.01,
            coverage: 0.95,
            replicates: 199,
            epoch: 0,
        }
    }
}

/// Fewest replicates: then the p-value can still be 0.05.
const LEAST_REPLICATES: usize = 19;
/// m²·replicates is held below this; a replicate costs time ∝ m².
const WORK: f64 = 8e8;

impl Options {
    /// Replicates made for m singular values: `replicates`, or fewer to save time, but at least 19.
    #[must_use]
    pub fn replicates_for(&self, m: usize) -> usize {
        let affordable = (WORK / (m as f64 * m as f64)) as usize;
        self.replicates.min(affordable.max(LEAST_REPLICATES))
    }

    fn check(&self) -> Result<(), BulkError> {
        for (name, value) in [("level", self.level), ("coverage", self.coverage)] {
            if !(value > 0.0 && value < 1.0) {
                return Err(BulkError::ProbabilityInvalid { name, value });
            }
        }
        if let Method::Bema { trim } = self.method
            && !(0.0..=0.45).contains(&trim)
        {
            return Err(BulkError::TrimInvalid { alpha: trim });
        }
        if self.replicates < LEAST_REPLICATES {
            return Err(BulkError::TooFewReplicates {
                replicates: self.replicates,
                needed: LEAST_REPLICATES,
            });
        }
        Ok(())
    }
}

/// What is known about a spectrum of singular values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analysis {
    /// Rows of W.
    pub rows: usize,
    /// Columns of W.
    pub columns: usize,
    /// y₁.
    pub largest: f64,
    /// The verdict.
    pub shape: Shape,
    /// Number of spikes; `None` if the law of noise does not fit or its edge bleeds.
    pub count: Option<usize>,
    /// The fitted law of noise, whether it fits or not; `None` for degenerate spectra.
    pub fit: Option<Fit>,
    /// The values beyond the threshold, if they count.
    pub spikes: Vec<Spike>,
    /// A power law for the tail, for spectra with 25 values or more.
    pub tail: Option<PowerLaw>,
}

/// The law of noise fitted to the values below the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fit {
    /// σ: the entries of the noise have variance σ²/max(rows, columns).
    pub sigma: Estimate,
    /// Where the bulk begins.
    pub lower_edge: f64,
    /// Where it ends.
    pub edge: Estimate,
    /// Values beyond this are spikes: the edge and its margin.
    pub threshold: f64,
    /// Number of values beyond.
    pub beyond: usize,
    /// γ of the fitted law: (m − r)/(n − r), r the number of values beyond.
    pub ratio: f64,
    /// Kolmogorov distance of the other values to the law.
    pub distance: f64,
    /// How often noise that obeys the law deviates as much.
    pub p_value: f64,
    /// How often pure noise of this shape shows a spike by this rule.
    pub false_alarms: Estimate,
    /// Spectra of fresh noise behind intervals and rates.
    pub replicates: usize,
    /// What a singular value is divided by to obey [`SingularLaw`].
    unit: f64,
}

impl Fit {
    /// Density of the fitted bulk at y, of mass 1.
    #[must_use]
    pub fn density(&self, y: f64) -> f64 {
        self.law().density(y / self.unit) / self.unit
    }

    /// The law in units of [`unit`](Self::unit).
    #[must_use]
    pub fn law(&self) -> SingularLaw {
        SingularLaw::new(self.ratio).expect("the ratio of a shape")
    }

    /// A singular value over this number obeys [`law`](Self::law).
    #[must_use]
    pub fn unit(&self) -> f64 {
        self.unit
    }
}

/// Bulk, edge, spikes and verdict of a spectrum.
///
/// # Value    scaling all values by a power of two scales the results exactly, short of underflow; the result
/// does not depend on the number of threads
///
/// # Errors
/// [`BulkError`] for options out of range. Every spectrum has an answer, if only
/// [`Shape::Degenerate`].
///
/// # Examples
/// ```
/// use rmt_verify::network::bulk::{Options, Shape, SingularLaw, SingularValues, analyse};
/// // Noise in its ideal places, and one value beyond.
/// let law = SingularLaw::new(0.5)?;
/// let mut values: Vec<f64> = (1..100).map(|i| law.quantile(i as f64 / 100.0)).collect();
/// values.push(3.0);
/// let found = analyse(&SingularValues::new(values, 200, 100)?, &Options::default())?;
/// assert_eq!(found.shape, Shape::BulkPlusSpikes);
/// assert_eq!(found.count, Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn analyse(spectrum: &SingularValues, options: &Options) -> Result<Analysis, BulkError> {
    Analyser::new(spectrum.rows(), spectrum.columns(), options)?.analyse(spectrum)
}

/// [`analyse`] for many spectra of one shape, with one simulation of fresh noise for all.
#[derive(Debug, Clone)]
pub struct Analyser {
    rows: usize,
    columns: usize,
    options: Options,
    /// `None` when min(rows, columns) is too small for a bulk.
    simulation: Option<Simulation>,
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
            simulation: (m >= shape::LEAST_VALUES).then(simulate),
        })
    }

    /// As [`analyse`].
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
        let bulk = Bulk::fit(&values, spectrum.large(), simulation, &self.options);
        let fit = bulk.summary(&values, &self.options);
        analysis.tail = PowerLaw::fit(&values);
        analysis.shape = Evidence {
            distance: fit.distance,
            p_value: fit.p_value,
            replicates: fit.replicates,
            beyond: fit.beyond,
            values: values.len(),
            bleeds: shape::bleeds(&bulk.reference, fit.unit, &values),
            tail: analysis.tail.as_ref(),
        }
        .shape();
        if matches!(analysis.shape, Shape::RandomLike | Shape::BulkPlusSpikes) {
            analysis.count = Some(fit.beyond);
            analysis.spikes = bulk.spikes(&values, &fit, spectrum, &self.options);
        }
        analysis.fit = Some(fit.scaled(scale));
        analysis.spikes.iter_mut().for_each(|s| s.scale(scale));
        if let Some(tail) = &mut analysis.tail {
            tail.cutoff = scale.up(tail.cutoff);
        }
        Ok(analysis)
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

impl<'a> Bulk<'a> {
    /// Fits, takes the values beyond the threshold out, and fits the rest again as noise of (n − r) × (m − r),
    /// until nothing more lies beyond.
    ///
    /// The first fit has the spikes in the upper ranks, which makes σ too large by O(r/m); pure noise stops
    /// after the first round, so the level is not touched.
    fn fit(values: &[f64], large: usize, simulation: &'a Simulation, options: &Options) -> Self {
        let m = values.len();
        let squares: Vec<f64> = values.iter().map(|y| y * y).collect();
        let uncertainty = simulation.uncertainty;
        let most = m / 2;
        let mut removed = 0;
        loop {
            let (n, m) = (large - removed, m - removed);
            let reference = Reference::new(n, m);
            let square = reference.square(options.method, &squares[removed..]);
            let allowed = EdgeLaw::new(n, m).studentised(options.level, &uncertainty) / n as f64;
            let threshold = allowed * square / uncertainty.bias;
            let beyond = squares.iter().take_while(|x| **x > threshold).count();
            if beyond <= removed || beyond > most {
                return Self {
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

    fn summary(&self, values: &[f64], options: &Options) -> Fit {
        let rest: Vec<f64> = values[self.removed..].iter().map(|y| y * y).collect();
        let debiased = self.square / self.simulation.uncertainty.bias;
        let distance = self.reference.distance(&rest, debiased);
        let unit = debiased.sqrt();
        let left = (self.large - self.removed) as f64 / self.large as f64;
        let (low, high) = self.simulation.square_quantiles(options.coverage);
        let sigma = Estimate {
            value: unit / left.sqrt(),
            lo: (self.square / (high * left)).sqrt(),
            hi: (self.square / (low * left)).sqrt(),
        };
        let reach = self.reference.law.upper_edge() * left.sqrt();
        let threshold = self.threshold.sqrt();
        Fit {
            sigma,
            lower_edge: self.reference.law.lower_edge() * unit,
            edge: sigma.times(reach),
            threshold,
            beyond: values.iter().take_while(|y| **y > threshold).count(),
            ratio: self.reference.law.ratio(),
            distance,
            p_value: self.simulation.p_value(distance * rest.len() as f64),
            false_alarms: self.false_alarms(options),
            replicates: self.simulation.count(),
            unit,
        }
    }

    fn false_alarms(&self, options: &Options) -> Estimate {
        let (alarms, count) = (
            self.simulation.alarms(options.level),
            self.simulation.count(),
        );
        let rate = binomial(alarms as u64, count as u64, 1.0 - options.coverage)
            .expect("a count of at least 19 and a checked level");
        Estimate {
            value: alarms as f64 / count as f64,
            lo: rate.lo().max(0.0),
            hi: rate.hi().min(1.0),
        }
    }

    /// Each value beyond mapped back. Its own fluctuation has variance σ²·(mean overlap)/n, to which that of
    /// σ̂ is added; both ends of the interval of y go through the map.
    fn spikes(
        &self,
        values: &[f64],
        fit: &Fit,
        spectrum: &SingularValues,
        options: &Options,
    ) -> Vec<Spike> {
        let map = OutlierMap::new(spectrum.small() as f64 / self.large as f64);
        let quantile = -normal_quantile(0.5 * (1.0 - options.coverage));
        let sigma = fit.sigma.value;
        let of_sigma = 0.25 * self.simulation.uncertainty.variance;
        let spike = |&value: &f64| {
            let y = value / sigma;
            // A threshold below the edge of n × m noise is possible after many spikes were taken out.
            let theta = map.strength(y).unwrap_or(map.least_strength());
            let variance = map.variance(theta) / self.large as f64 + of_sigma * y * y;
            let halfwidth = quantile * variance.sqrt();
            let end = |y: f64| map.strength(y).unwrap_or(map.least_strength());
            let strength = Estimate {
                value: theta,
                lo: end(y - halfwidth),
                hi: end(y + halfwidth),
            };
            let (long, short) = map.overlaps(theta);
            let tall = spectrum.rows() >= spectrum.columns();
            Spike {
                value,
                strength: strength.times(sigma),
                row_overlap: if tall { long } else { short },
                column_overlap: if tall { short } else { long },
            }
        };
        values[..fit.beyond].iter().map(spike).collect()
    }
}

impl Estimate {
    fn times(self, factor: f64) -> Self {
        self.map(|x| x * factor)
    }

    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self {
            value: f(self.value),
            lo: f(self.lo),
            hi: f(self.hi),
        }
    }
}

impl Fit {
    fn scaled(self, scale: Scale) -> Self {
        let up = |x| scale.up(x);
        Self {
            sigma: self.sigma.map(up),
            lower_edge: up(self.lower_edge),
            edge: self.edge.map(up),
            threshold: up(self.threshold),
            unit: up(self.unit),
            ..self
        }
    }
}

impl Spike {
    fn scale(&mut self, scale: Scale) {
        self.value = scale.up(self.value);
        self.strength = self.strength.map(|x| scale.up(x));
    }
}
