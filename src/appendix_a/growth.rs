//! Does a count grow with N? A rank test with a stated error, and an interval for the slope.

use crate::confidence::{Confidence, binomial};
use crate::ensemble::StreamKey;
use crate::network::data::below;
use crate::verdict::Verdict;
use serde::Serialize;
use thiserror::Error;

/// Most that the probability of CONFIRMED may be when the counts do not depend on N.
pub const LEVEL: f64 = 0.01;

/// A count at one width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Observation {
    /// N.
    pub width: usize,
    /// Values beyond the threshold.
    pub count: usize,
    /// The least that the uncertainty of the threshold allows.
    pub low: usize,
    /// The most.
    pub high: usize,
}

/// Why counts have no trend.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum GrowthError {
    /// A trend is over something.
    #[error("a trend needs counts at two widths at least")]
    OneWidth,
    /// An interval that does not hold its count.
    #[error("count {count} at N = {width} is not in {low}, …, {high}")]
    IntervalInvalid {
        /// N.
        width: usize,
        /// The count.
        count: usize,
        /// Least.
        low: usize,
        /// Most.
        high: usize,
    },
}

/// A slope: values more for each 100 units of width, by least squares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Slope {
    /// From the counts.
    pub value: f64,
    /// The least of any choice of counts within their intervals.
    pub low: f64,
    /// The most.
    pub high: f64,
}

/// What counts say about growth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Growth {
    /// Pairs (wider, narrower) whose wider net has the greater count.
    pub growing: usize,
    /// Pairs whose wider net has the smaller count.
    pub shrinking: usize,
    /// Pairs of nets of different widths.
    pub pairs: usize,
    /// P(as many growing pairs or more), when all orders of the counts are equally likely.
    pub p_growing: f64,
    /// The same for shrinking pairs.
    pub p_shrinking: f64,
    /// Slope with its interval.
    pub slope: Slope,
    /// CONFIRMED: `p_growing` ≤ [`LEVEL`] and the slope is positive for every choice of counts
    /// within their intervals. REFUTED: no such choice has a positive slope, or `p_shrinking` ≤
    /// [`LEVEL`]. Else UNDECIDED.
    pub verdict: Verdict,
}

/// Judges the growth of counts with N.
///
/// # Value   the statistic of Jonckheere and Terpstra, J = #{(i, j): N_i < N_j, c_i < c_j}, against
/// its exact law when the counts are exchangeable. Ties count as not growing: breaking them at random
/// can only add to J, so p is an upper bound.
///
/// # Errors
/// When there is one width only, or an interval does not hold its count.
pub fn growth(observations: &[Observation]) -> Result<Growth, GrowthError> {
    for o in observations {
        if !(o.low..=o.high).contains(&o.count) {
            return Err(GrowthError::IntervalInvalid {
                width: o.width,
                count: o.count,
                low: o.low,
                high: o.high,
            });
        }
    }
    let groups = group_sizes(observations.iter().map(|o| o.width));
    if groups.len() < 2 {
        return Err(GrowthError::OneWidth);
    }
    let (growing, shrinking) = pairs(observations);
    let tails = upper_tails(&groups);
    let slope = slope(observations);
    let (p_growing, p_shrinking) = (tails[growing], tails[shrinking]);
    let verdict = if p_growing <= LEVEL && slope.low > 0.0 {
        Verdict::Confirmed
    } else if slope.high <= 0.0 || p_shrinking <= LEVEL {
        Verdict::Refuted
    } else {
        Verdict::Undecided
    };
    Ok(Growth {
        growing,
        shrinking,
        pairs: tails.len() - 1,
        p_growing,
        p_shrinking,
        slope,
        verdict,
    })
}

/// The smallest p that so many nets at each of so many widths can give: when it is above [`LEVEL`],
/// the design cannot confirm growth, whatever the counts are.
///
/// # Value   1/(number of orders) = Π seeds!/(widths·seeds)!
#[must_use]
pub fn least_level(widths: usize, seeds: usize) -> f64 {
    *upper_tails(&vec![seeds; widths]).last().unwrap_or(&1.0)
}

/// The share of orders of these counts over the widths that pass the rank test, of `shuffles` drawn
/// at random, with an interval of level `alpha`. It must be compatible with [`LEVEL`] or less.
///
/// # Panics
/// When there are no shuffles, or no two widths.
#[must_use]
pub fn passing_shuffles(
    observations: &[Observation],
    shuffles: u64,
    root: u64,
    alpha: f64,
) -> (u64, Confidence) {
    let mut rng = StreamKey {
        epoch: root,
        claim: "network/appendix-a".into(),
        law: "shuffled counts".into(),
        n: observations.len(),
        signal: "none".into(),
    }
    .generator(0);
    let tails = upper_tails(&group_sizes(observations.iter().map(|o| o.width)));
    let mut shuffled = observations.to_vec();
    let passing = (0..shuffles)
        .filter(|_| {
            for last in (1..shuffled.len()).rev() {
                let other = below(&mut rng, last as u64 + 1) as usize;
                let (a, b) = (shuffled[last].count, shuffled[other].count);
                (shuffled[last].count, shuffled[other].count) = (b, a);
            }
            tails[pairs(&shuffled).0] <= LEVEL
        })
        .count() as u64;
    let interval = binomial(passing, shuffles, alpha).expect("shuffles were drawn");
    (passing, interval)
}

/// Pairs of different widths with growing and with shrinking counts.
fn pairs(observations: &[Observation]) -> (usize, usize) {
    let (mut growing, mut shrinking) = (0, 0);
    for a in observations {
        for b in observations.iter().filter(|b| a.width < b.width) {
            growing += usize::from(a.count < b.count);
            shrinking += usize::from(a.count > b.count);
        }
    }
    (growing, shrinking)
}

/// Nets of each width.
fn group_sizes(widths: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut widths: Vec<usize> = widths.collect();
    widths.sort_unstable();
    widths.chunk_by(|a, b| a == b).map(<[usize]>::len).collect()
}

/// P(J ≥ k) for k = 0, …, number of pairs, when all orders are equally likely.
///
/// J is the sum over the groups of independent Mann–Whitney statistics, of each group against all
/// before it.
fn upper_tails(groups: &[usize]) -> Vec<f64> {
    let mut law = vec![1.0];
    let mut before = 0;
    for size in groups {
        law = convolution(&law, &mann_whitney(before, *size));
        before += size;
    }
    let mut tail = 0.0;
    let mut tails: Vec<f64> = law
        .iter()
        .rev()
        .map(|p| {
            tail += p;
            f64::min(tail, 1.0)
        })
        .collect();
    tails.reverse();
    tails
}

/// Law of #{(x, y): x < y} for a numbers x and b numbers y in random order.
///
/// The largest number is a y with probability b/(a + b), and then above all a numbers x:
/// P_{a,b}(u) = b/(a+b) P_{a,b−1}(u − a) + a/(a+b) P_{a−1,b}(u).
fn mann_whitney(a: usize, b: usize) -> Vec<f64> {
    // laws[i] is the law for i numbers x and as many y as rounds have passed.
    let mut laws: Vec<Vec<f64>> = vec![vec![1.0]; a + 1];
    for y in 1..=b {
        for x in 1..=a {
            let total = (x + y) as f64;
            let (largest_y, largest_x) = (y as f64 / total, x as f64 / total);
            let mut law = vec![0.0; x * y + 1];
            for (u, p) in laws[x].iter().enumerate() {
                law[u + x] += largest_y * p;
            }
            for (u, p) in laws[x - 1].iter().enumerate() {
                law[u] += largest_x * p;
            }
            laws[x] = law;
        }
    }
    laws.swap_remove(a)
}

fn convolution(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            out[i + j] += x * y;
        }
    }
    out
}

fn slope(observations: &[Observation]) -> Slope {
    let count = observations.len() as f64;
    let mean = observations.iter().map(|o| o.width as f64).sum::<f64>() / count;
    let offset = |o: &Observation| (o.width as f64 - mean) / 100.0;
    let scale: f64 = observations.iter().map(|o| offset(o).powi(2)).sum();
    let of = |choice: &dyn Fn(&Observation, f64) -> usize| {
        let terms = observations.iter().map(|o| {
            let weight = offset(o) / scale;
            weight * choice(o, weight) as f64
        });
        terms.sum::<f64>()
    };
    Slope {
        value: of(&|o, _| o.count),
        low: of(&|o, weight| if weight > 0.0 { o.low } else { o.high }),
        high: of(&|o, weight| if weight > 0.0 { o.high } else { o.low }),
    }
}
