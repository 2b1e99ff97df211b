//! Where theory sends outliers, and how far it may be off at this N.

use super::{Spiked, Watched};
use crate::free::finite_size::{EntryStatistics, FiniteSpike, SpikeError};
use crate::free::{FreeConvolution, OutlierMap};
use crate::measure::SpectralMeasure;

/// E of what is watched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::claims) struct Prediction {
    /// Φ_N(θ) + c₁/N (averages: Φ_bulk + c₁/N), or the edge to which the eigenvalue sticks.
    pub value: f64,
    /// Honest size of what is left out.
    pub remainder: f64,
    /// θ (averages: their mean).
    pub theta: f64,
    /// Φ_N(θ) without c₁/N; for an absorbed spike the edge.
    pub location: f64,
    /// Φ_N′(θ) > 0.
    pub separates: bool,
}

/// Φ_N(s_l) = s_l + (σ²/N) Σ_{i ≠ l} 1/(s_l − s_i).
pub(super) fn location(s: &[f64], l: usize, variance: f64) -> f64 {
    let others = s.iter().enumerate().filter(|&(i, _)| i != l);
    let sum: f64 = others.map(|(_, t)| (s[l] - t).recip()).sum();
    s[l] + variance * sum / s.len() as f64
}

impl Spiked {
    /// E of what is watched, for one eigenvalue or a mean.
    pub fn predicted(&self, watched: Watched) -> Prediction {
        match watched {
            Watched::One(theta) => {
                let s = self.eigenvalues();
                let index = self.indices(theta, theta).start;
                self.one(&s, index, self.ensemble.sigma())
            }
            Watched::Mean { lo, hi } => self.mean(lo, hi),
            _ => unreachable!("the worst of many has an envelope, not a value"),
        }
    }

    /// (1/k) Σ [Φ_bulk(θ_j) + c₁(θ_j)/N] over the spikes in [lo, hi], the bulk being all the others.
    ///
    /// The bulk with one spike is a minor of W: its noise R/√N has N′ rows and the σ of σ√(N′/N). The
    /// remainder is that of each spike, plus what the spikes do to each other beyond Σ 1/(θ_j − θ_i) = 0:
    /// the sum of the outliers is an integral round all of them, on which the other spikes enter c₁ with
    /// weight 1/N each. On the side of the bulk it passes halfway, at c, between the group and the point
    /// where Φ′ = 0, and c₁/N gets a factor (σ²/N)Σ(θ_i − c)⁻²/Φ′ (`docs/derivations/many_spikes.md`).
    ///
    /// # Domain   ν_N ⊞ semicircle has a gap between the group and the rest (`separated`, in the tests)
    fn mean(&self, lo: f64, hi: f64) -> Prediction {
        let s = self.eigenvalues();
        let group = self.indices(lo, hi);
        let (n, k) = (self.n as f64, group.len() as f64);
        let others: Vec<f64> = [&s[..group.start], &s[group.end..]].concat();
        let sigma = self.ensemble.sigma();
        let reduced = sigma * ((others.len() + 1) as f64 / n).sqrt();
        let contour = self.halfway(lo, hi);
        let crowd: f64 = s[group.clone()]
            .iter()
            .map(|theta| (sigma / (theta - contour)).powi(2) / n)
            .sum();
        let mut sum = Prediction {
            value: 0.0,
            remainder: 0.0,
            theta: 0.0,
            location: 0.0,
            separates: true,
        };
        for &theta in &s[group.clone()] {
            let mut minor = vec![theta];
            minor.extend(&others);
            let one = self.one(&minor, 0, reduced);
            let size = Orders::new(&minor, 0, reduced, self.law());
            sum.value += one.value / k;
            sum.remainder += (one.remainder + size.first * crowd / size.slope) / k;
            sum.theta += theta / k;
            sum.location += one.location / k;
            sum.separates &= one.separates;
        }
        sum
    }

    /// Halfway between [lo, hi] and the nearest x with Φ′(x) = 0.
    fn halfway(&self, lo: f64, hi: f64) -> f64 {
        let map = self.map();
        let gaps = map.free_convolution().gaps();
        let critical = gaps.iter().flat_map(|g| [g.preimage.lo, g.preimage.hi]);
        let pairs = critical.flat_map(|x| [(x, lo), (x, hi)]);
        let (x, end) = pairs
            .min_by(|a, b| (a.0 - a.1).abs().total_cmp(&(b.0 - b.1).abs()))
            .expect("there are two unbounded gaps");
        0.5 * (x + end)
    }

    /// Whether ν_N ⊞ semicircle, all spikes included, has a gap between the spikes in [lo, hi] and the
    /// rest: then the largest k eigenvalues are the outliers up to an exponentially small probability.
    #[cfg(test)]
    pub fn separated(&self, lo: f64, hi: f64) -> bool {
        let nu = self
            .signal()
            .esd(self.n)
            .expect("the claims' signals exist");
        let mu = FreeConvolution::new(nu, self.ensemble.sigma()).expect("σ > 0");
        let c = self.halfway(lo, hi);
        let ends = self.map();
        let bulk = ends.free_convolution().nu().support();
        // Between the spikes and the next piece of supp ν on that side, not somewhere beyond it.
        let (from, to) = if c < lo {
            let next = bulk.iter().map(|i| i.hi).filter(|&x| x < lo);
            (next.fold(f64::NEG_INFINITY, f64::max), lo)
        } else {
            let next = bulk.iter().map(|i| i.lo).filter(|&x| x > hi);
            (hi, next.fold(f64::INFINITY, f64::min))
        };
        mu.gaps().iter().any(|gap| {
            let x = 0.5 * (gap.preimage.lo + gap.preimage.hi);
            x.is_finite() && from < x && x < to
        })
    }

    pub fn law(&self) -> EntryStatistics {
        EntryStatistics::of(&self.ensemble)
    }

    fn one(&self, s: &[f64], index: usize, sigma: f64) -> Prediction {
        match FiniteSpike::new(s, index, sigma, self.law()) {
            Ok(spike) => Prediction {
                value: spike.mean(),
                remainder: Orders::new(s, index, sigma, self.law()).remainder(),
                theta: spike.theta,
                location: spike.location,
                separates: true,
            },
            Err(SpikeError::Absorbed { theta, .. }) => {
                let (edge, scale) = absorbing_edge(s, index, sigma);
                Prediction {
                    value: edge,
                    // The mean of the limit law of the N^{2/3}-fluctuations at this scale lies between
                    // that of Tracy–Widom (−1.77 for β = 2, −1.21 for β = 1), spike far from
                    // critical, and 0, above that of the critical spike: 2 covers it.
                    remainder: 2.0 * scale,
                    theta,
                    location: edge,
                    separates: false,
                }
            }
            Err(error) => unreachable!("spikes of the claims are simple: {error}"),
        }
    }
}

/// The edge of supp(ν_N without the spike ⊞ semicircle) on the spike's side, and the scale
/// (σ⁴|Φ″|/2)^{1/3} N^{-2/3} of the eigenvalues there.
///
/// λ − E = ½Φ″(x*)(ω − x*)² near E = Φ(x*): the density is (1/πσ²)√(2|E − λ|/|Φ″|), and
/// Tracy–Widom's scale γ is where it equals (1/π)√|E − λ| γ^{-3/2}.
fn absorbing_edge(s: &[f64], index: usize, sigma: f64) -> (f64, f64) {
    let known = "the claims' own laws have a free convolution";
    let n = s.len() as f64;
    let others = s.iter().enumerate().filter(|&(i, _)| i != index);
    let others: Vec<f64> = others.map(|(_, &t)| t).collect();
    // The minor again.
    let reduced = sigma * (others.len() as f64 / n).sqrt();
    let nu = SpectralMeasure::empirical(others.clone()).expect(known);
    let map = OutlierMap::of(FreeConvolution::new(nu, reduced).expect(known));
    let edge = map.fate(s[index]).expect(known).location;
    let gaps = map.free_convolution().gaps();
    let ends = gaps
        .iter()
        .flat_map(|g| [(g.lo.value, g.preimage.lo), (g.hi.value, g.preimage.hi)]);
    let nearest = ends.min_by(|a, b| (a.0 - edge).abs().total_cmp(&(b.0 - edge).abs()));
    let critical = nearest.expect("there are two unbounded gaps").1;
    let sum: f64 = others.iter().map(|t| (critical - t).powi(-3)).sum();
    let curvature = 2.0 * sigma * sigma * sum.abs() / n;
    let scale = (0.5 * sigma.powi(4) * curvature).cbrt() * n.powf(-2.0 / 3.0);
    (edge, scale)
}

/// Sizes of the orders in 1/N of E λ − Φ_N(θ), without credit for cancellation.
#[derive(Debug, Clone, Copy)]
struct Orders {
    /// |c₁|/N.
    first: f64,
    /// By what factor the next order is smaller.
    ratio: f64,
    slope: f64,
}

impl Orders {
    /// Ratio: near the threshold the expansion goes in η = σ²Φ″²/(NΦ′³) (θ = 1 + wN^{-1/3} for rank one:
    /// 1/(2w³)), with coefficients of order 1; we take 4. Far from it the largest term of order N⁻² is
    /// the fourth moment of R₁₁ − R_ii in (1/N)Σ 1/(θ − t_i + (R₁₁ − R_ii)/√N), which has 8(3 + κ₄) + 24
    /// times s′/N where the first order has its own.
    fn new(s: &[f64], index: usize, sigma: f64, law: EntryStatistics) -> Self {
        let (n, theta, variance) = (s.len() as f64, s[index], sigma * sigma);
        let others = || s.iter().enumerate().filter(|&(i, _)| i != index);
        let sum = |k: i32| {
            others()
                .map(|(_, t)| (theta - t).abs().powi(-k))
                .sum::<f64>()
                / n
        };
        let pull = variance * sum(2);
        let (slope, curvature) = (1.0 - pull, 2.0 * variance * sum(3));
        let (bracket, fourth) = match law {
            EntryStatistics::Real {
                diagonal_variance,
                fourth,
                ..
            } => {
                let diagonal = 2.0 * (diagonal_variance - 2.0).abs();
                let kurtosis = fourth.abs() * (3.0 * pull + 1.0);
                (slope.recip() + diagonal + kurtosis, fourth)
            }
            // The GUE has no first order; the GOE's, once more by the ratio, stands for its second.
            EntryStatistics::Unitary => (slope.recip(), 0.0),
        };
        let eta = variance * curvature * curvature / (n * slope.powi(3));
        let far = (48.0 + 8.0 * fourth.abs()) * pull / n;
        Self {
            first: 0.5 * variance * curvature * bracket / n,
            ratio: far + 4.0 * eta,
            slope,
        }
    }

    /// Where each order is at most half of the one before, all that follow the first are together at
    /// most as large as it; elsewhere the remainder grows with the ratio.
    fn remainder(&self) -> f64 {
        self.first * (2.0 * self.ratio).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Spiked, Watched, spread, two_atoms, uniform};
    use crate::ensemble::{Ensemble, SignalShape};

    #[test]
    fn mean_over_one_spike_is_that_spike() {
        let model = Spiked::new(Ensemble::goe(), two_atoms(), vec![2.3], 60);
        let one = model.predicted(Watched::One(2.3));
        let mean = model.predicted(Watched::Mean { lo: 2.2, hi: 2.4 });
        assert!((one.value - mean.value).abs() < 1e-13);
        assert!((one.location - mean.location).abs() < 1e-13);
    }

    #[test]
    fn mean_over_spikes_differs_from_the_limit_by_their_share_of_the_bulk() {
        // Zero bulk: Φ_bulk(θ) = θ + (1 − k/N)/θ.
        let model = Spiked::new(Ensemble::goe(), SignalShape::Zero, spread(8, 1.6, 2.4), 64);
        let mean = model.predicted(Watched::Mean { lo: 1.6, hi: 2.4 });
        let expected: f64 = spread(8, 1.6, 2.4)
            .iter()
            .map(|t| (t + (1.0 - 0.125) / t) / 8.0)
            .sum();
        assert!((mean.location - expected).abs() < 1e-13);
    }

    #[test]
    fn absorbed_spike_goes_to_the_edge_at_tracy_widom_scale() {
        // Rank one on a zero bulk: edge 2√((N − 1)/N), scale N^{-2/3} up to the minor.
        let model = Spiked::new(Ensemble::goe(), SignalShape::Zero, vec![0.5], 1000);
        let edge = model.predicted(Watched::One(0.5));
        assert!(!edge.separates);
        assert!((edge.value - 2.0).abs() < 2e-3);
        assert!((edge.remainder - 0.02).abs() < 2e-4);
        // U[−1, 1]: edge √2 + asinh 1.
        let model = Spiked::new(Ensemble::goe(), uniform(), vec![1.1], 1000);
        let expected = 2f64.sqrt() + 1f64.asinh();
        assert!((model.predicted(Watched::One(1.1)).value - expected).abs() < 4e-3);
    }
}
