//! Verdicts: which of the known shapes a spectrum has.

use super::tail::PowerLaw;
use serde::Serialize;

/// Shape of a spectrum of singular values, after C. Martin and M. Mahoney, J. Mach. Learn. Res. 22 (2021).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// The law of noise fits, nothing lies beyond the threshold.
    RandomLike,
    /// The law of noise fits what lies below the threshold, and a few values lie beyond.
    BulkPlusSpikes,
    /// The law of noise does not fit, that of noise on a signal of full rank does: a bulk that is wider and has another
    /// shape, and perhaps values beyond its own edge.
    DilatedBulk,
    /// It fits, but at the edge the density does not end: values go on beyond it.
    BulkDecay,
    /// A power law fits the tail, the law of noise does not fit.
    HeavyTailed,
    /// Neither fits.
    Unexplained,
    /// There is no bulk to speak of.
    Degenerate(Degeneracy),
}

/// Why there is no bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Degeneracy {
    /// Fewer than eight singular values.
    TooFew,
    /// All entries are 0.
    Zero,
    /// At least half of the singular values are 0 up to rounding.
    RankDeficient {
        /// Singular values that are not.
        rank: usize,
    },
    /// The middle half of the singular values is one number up to rounding, as in orthogonal matrices.
    AllEqual,
}

/// Fewest singular values with a bulk.
pub(super) const LEAST_VALUES: usize = 8;
/// Share of the values that may be removed as spikes; beyond that the middle of the spectrum, from which σ is
/// taken, is no longer all bulk.
pub(super) const MOST_SPIKES: f64 = 0.2;
/// A Kolmogorov distance below this is a fit, however small the p-value.
///
/// The bulk of noise is rigid: with 1000 values even D = 0.005 is significant, and no trained layer would
/// fit. What D means for the numbers: at the median of the quarter circle, density 0.58 at 0.81, it moves a
/// quantile by D/0.58, so D = 0.03 moves σ and the edge by some 6 % at most, and at most 3 % of the
/// values are not where the law puts them.
pub(super) const TOLERANCE: f64 = 0.03;
/// p-values up to this are significant; with fewer than 99 replicates the least one possible is.
const SIGNIFICANT: f64 = 0.01;

/// What kind of degenerate these descending values of an n × m matrix are, if they are.
pub(super) fn degeneracy(values: &[f64], large: usize) -> Option<Degeneracy> {
    let m = values.len();
    if values[0] == 0.0 {
        return Some(Degeneracy::Zero);
    }
    if m < LEAST_VALUES {
        return Some(Degeneracy::TooFew);
    }
    // The errors of a backward stable solver; weights are often stored with 8 bits or more, noise of their
    // rounding is far above this.
    let rounding = values[0] * f64::EPSILON * large as f64;
    let rank = values.iter().take_while(|y| **y > rounding).count();
    if 2 * rank <= m {
        return Some(Degeneracy::RankDeficient { rank });
    }
    let (upper, lower) = (values[m / 4], values[m - 1 - m / 4]);
    (upper - lower <= rounding).then_some(Degeneracy::AllEqual)
}

/// Whether the tail of a bulk bleeds: beyond the edge, within a tenth of it, lie at least half as many
/// values as the law, of this edge and distribution function, has on the same length inside, and at least five.
///
/// At a true edge the density falls to 0, and spikes stand where the signal put them. Which of the two a
/// dense crowd of spikes is cannot be told from singular values; this line is a convention.
pub(super) fn bleeds(edge: f64, cdf: impl Fn(f64) -> f64, unit: f64, values: &[f64]) -> bool {
    let length = 0.1 * edge;
    let crowd = values.iter().map(|y| y / unit);
    let crowd = crowd.filter(|y| *y > edge && *y <= edge + length).count();
    let inside = (1.0 - cdf(edge - length)) * values.len() as f64;
    crowd >= 5 && crowd as f64 >= 0.5 * inside
}

/// What the shape depends on.
pub(super) struct Evidence<'a> {
    pub distance: f64,
    pub p_value: f64,
    pub replicates: usize,
    pub beyond: usize,
    pub values: usize,
    pub bleeds: bool,
    pub tail: Option<&'a PowerLaw>,
}

impl Evidence<'_> {
    fn fits(&self) -> bool {
        let few = self.beyond as f64 <= MOST_SPIKES * self.values as f64;
        let significant = SIGNIFICANT.max(1.0 / (1 + self.replicates) as f64);
        few && (self.distance <= TOLERANCE || self.p_value > significant)
    }

    /// Whether a law whose edge does not bleed explains the spectrum.
    pub fn explained(&self) -> bool {
        self.fits() && !self.bleeds
    }

    pub fn shape(&self) -> Shape {
        match (self.fits(), self.bleeds) {
            (true, false) if self.beyond == 0 => Shape::RandomLike,
            (true, false) => Shape::BulkPlusSpikes,
            _ if self.tail.is_some_and(PowerLaw::is_heavy) => Shape::HeavyTailed,
            (true, true) => Shape::BulkDecay,
            (false, _) => Shape::Unexplained,
        }
    }
}
