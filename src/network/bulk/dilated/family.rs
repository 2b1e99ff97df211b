//! The laws of one ratio, by share and strength, and the least squares that choose among them.

use super::DilatedLaw;
use rayon::prelude::*;

/// Shares of the grid on which the search begins.
const SHARES: [f64; 7] = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0];
/// Its strengths, in units of the noise: 0, 0.1, …, 4.
const STEPS: usize = 41;
const STEP: f64 = 0.1;

/// A law and its unit: what a singular value is divided by to obey the law. Strengths are in that unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    pub unit: f64,
    pub strength: f64,
    pub share: f64,
}

/// The laws of one ratio.
#[derive(Debug, Clone)]
pub(super) struct Family {
    ratio: f64,
    /// On a grid of shares and strengths.
    laws: Vec<(Trial, DilatedLaw)>,
}

/// ln(share) and the strength.
type Trial = [f64; 2];

/// Points of the laws that are only compared: errors of the distribution function up to 2e-3, a fifteenth of what
/// counts as a fit.
const COARSE: usize = 300;
/// The search is over when its triangle is smaller than this, or after so many steps.
const CLOSE: f64 = 2e-3;
const MOST_STEPS: usize = 60;
/// The least share searched: one value in fifty.
const LEAST_SHARE: f64 = 0.02;

impl Family {
    /// For a ratio in (0, 1].
    pub fn new(ratio: f64) -> Self {
        let strengths = (0..STEPS).map(|i| STEP * i as f64);
        let grid = strengths.flat_map(|s| SHARES.map(|share: f64| [share.ln(), s]));
        let grid: Vec<Trial> = grid.collect();
        // Where the bulk falls apart into pieces too narrow for the grid there is no law.
        let law = |trial: &Trial| Some((*trial, coarse(ratio, trial)?));
        Self {
            ratio,
            laws: grid.par_iter().filter_map(law).collect(),
        }
    }

    /// γ of the laws.
    pub fn ratio(&self) -> f64 {
        self.ratio
    }

    /// Share and strength of least ‖y − uq‖², u = ⟨q, y⟩/‖q‖², q the quantiles at the ranks of the descending y; and
    /// the law. The first `skipped` values keep their ranks and have no weight.
    pub fn fit(&self, values: &[f64], skipped: usize) -> (Found, DilatedLaw) {
        let errors: Vec<f64> = self
            .laws
            .par_iter()
            .map(|(_, law)| regress(law, values, skipped).1)
            .collect();
        let best = (0..errors.len())
            .min_by(|&i, &j| errors[i].total_cmp(&errors[j]))
            .expect("the law of noise alone is in every family");
        let (start, law) = &self.laws[best];
        let reach = [0.4, STEP];
        self.refined(*start, reach, CLOSE, (values, skipped))
            .unwrap_or_else(|| (found(start, law, (values, skipped)), law.clone()))
    }

    /// The same from a start in the valley: (ln share, strength), how far to look first, and how close to come.
    pub fn refined(
        &self,
        start: Trial,
        reach: Trial,
        close: f64,
        (values, skipped): (&[f64], usize),
    ) -> Option<(Found, DilatedLaw)> {
        let error = |trial: &Trial| {
            coarse(self.ratio, trial).map_or(f64::INFINITY, |law| regress(&law, values, skipped).1)
        };
        let end = clamped(downhill(start, reach, close, error));
        let law = DilatedLaw::new(self.ratio, end[0].exp(), end[1]).ok()?;
        Some((found(&end, &law, (values, skipped)), law))
    }
}

fn coarse(ratio: f64, trial: &Trial) -> Option<DilatedLaw> {
    let [share, strength] = clamped(*trial);
    DilatedLaw::on_grid(ratio, share.exp(), strength, COARSE).ok()
}

fn clamped([share, strength]: Trial) -> Trial {
    let most = STEP * (STEPS - 1) as f64;
    [
        share.clamp(LEAST_SHARE.ln(), 0.0),
        strength.clamp(0.0, most),
    ]
}

fn found(trial: &Trial, law: &DilatedLaw, (values, skipped): (&[f64], usize)) -> Found {
    Found {
        unit: regress(law, values, skipped).0,
        strength: trial[1],
        share: trial[0].exp(),
    }
}

/// Where f is least near `start`, by the simplex method of Nelder and Mead.
fn downhill(start: Trial, reach: Trial, close: f64, f: impl Fn(&Trial) -> f64) -> Trial {
    let corner = |dx: f64, dy: f64| [start[0] + dx * reach[0], start[1] + dy * reach[1]];
    let mut simplex = [corner(0.0, 0.0), corner(-1.0, 0.0), corner(0.0, 1.0)].map(|x| (f(&x), x));
    for _ in 0..MOST_STEPS {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [best, middle, worst] = simplex;
        let size = |x: &Trial| (x[0] - best.1[0]).abs() + (x[1] - best.1[1]).abs();
        if size(&middle.1) + size(&worst.1) < close {
            break;
        }
        // The point t beyond the middle of the better two, from the worst.
        let along = |t: f64| {
            let x = [0, 1].map(|i| {
                let centre = 0.5 * (best.1[i] + middle.1[i]);
                centre + t * (centre - worst.1[i])
            });
            (f(&x), x)
        };
        let reflected = along(1.0);
        if reflected.0 < best.0 {
            let further = along(2.0);
            simplex[2] = if further.0 < reflected.0 {
                further
            } else {
                reflected
            };
        } else if reflected.0 < middle.0 {
            simplex[2] = reflected;
        } else {
            let nearer = along(if reflected.0 < worst.0 { 0.5 } else { -0.5 });
            if nearer.0 < worst.0.min(reflected.0) {
                simplex[2] = nearer;
            } else {
                for corner in &mut simplex[1..] {
                    let x = [0, 1].map(|i| 0.5 * (corner.1[i] + best.1[i]));
                    *corner = (f(&x), x);
                }
            }
        }
    }
    simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
    simplex[0].1
}

/// (u, ‖y − uq‖²/‖y‖²), over all but the first values.
fn regress(law: &DilatedLaw, values: &[f64], skipped: usize) -> (f64, f64) {
    let m = values.len() as f64;
    let (mut product, mut norm, mut squares) = (0.0, 0.0, 0.0);
    for (k, y) in values.iter().enumerate().skip(skipped) {
        let q = law.quantile(1.0 - (k as f64 + 0.5) / m);
        product += q * y;
        norm += q * q;
        squares += y * y;
    }
    (product / norm, 1.0 - product * product / (norm * squares))
}

/// sup_y |F_m(y) − F(y/unit)| of descending values.
pub(super) fn distance(law: &DilatedLaw, values: &[f64], unit: f64) -> f64 {
    let m = values.len() as f64;
    let deviation = |(k, y): (usize, &f64)| {
        let (f, after) = (law.cdf(y / unit), (m - k as f64) / m);
        (after - f).max(f - (after - 1.0 / m))
    };
    values.iter().enumerate().map(deviation).fold(0.0, f64::max)
}
