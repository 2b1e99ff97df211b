//! The bulk of a weight matrix: noise level, edge, spikes beyond it, and whether that picture fits at all.
//!
//! [`analyse`] takes the singular values of W ([`SingularValues`]), fits the law of noise to their middle
//! ([`Method`]), puts a Tracy–Widom margin on its edge ([`EdgeLaw`]), counts what lies beyond, and maps each such
//! value back to the signal it stands for ([`OutlierMap`]). Fresh noise of the same shape goes through
//! the same fit ([`noise_gram`]): that gives the intervals, the rate of false alarms and the p-value of the
//! fit. A verdict ([`Shape`]) says whether the numbers mean anything. Where noise alone explains nothing, the law of noise
//! on a signal of full rank is tried, whose bulk is dilated ([`DilatedFit`]); if that fails too, there is no count.

mod analyser;
mod dilated;
mod explained;
mod fit;
mod law;
mod margin;
mod noise;
mod shape;
mod spike;
mod tail;
mod values;

#[doc = include_str!("../../docs/derivations/bulk_fit.md")]
pub mod derivation {}

pub use analyser::Analyser;
pub use dilated::{DilatedError, DilatedFit, DilatedLaw};
pub use explained::Bulk;
pub use fit::Method;
pub use law::{LawError, SingularLaw};
pub use margin::{EdgeLaw, upper_quantile};
pub use noise::noise_gram;
pub use shape::{Degeneracy, Shape};
pub use spike::{Estimate, OutlierMap, Spike};
pub use tail::PowerLaw;
pub use values::{BulkError, SingularValues};

use crate::confidence::binomial;
use serde::Serialize;
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
    /// Whether a spectrum that noise alone does not explain is also compared with noise on a signal of full rank.
    pub dilated: bool,
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
            dilated: true,
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
    /// Number of spikes; `None` if neither law fits or its edge bleeds.
    pub count: Option<usize>,
    /// The fitted law of noise, whether it fits or not; `None` for degenerate spectra.
    pub fit: Option<Fit>,
    /// The law of noise on a signal of full rank, fitted where noise alone explains nothing, whether it fits or not.
    pub dilated: Option<DilatedFit>,
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

impl Estimate {
    /// A rate with its exact interval, of at least 19 trials and a checked coverage.
    fn rate(hits: usize, trials: usize, coverage: f64) -> Self {
        let rate = binomial(hits as u64, trials as u64, 1.0 - coverage)
            .expect("enough trials and a checked coverage");
        Self {
            value: hits as f64 / trials as f64,
            lo: rate.lo().max(0.0),
            hi: rate.hi().min(1.0),
        }
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

impl DilatedFit {
    fn scale(&mut self, scale: Scale) {
        let up = |x| scale.up(x);
        for estimate in [&mut self.sigma, &mut self.strength, &mut self.edge] {
            *estimate = estimate.map(up);
        }
        self.threshold = up(self.threshold);
        self.unit = up(self.unit);
    }
}

impl Spike {
    fn scale(&mut self, scale: Scale) {
        self.value = scale.up(self.value);
        self.strength = self.strength.map(|x| scale.up(x));
    }
}
