//! Outliers of W = R/√N + S against their predictions, S = bulk and spikes.

mod prediction;
mod study;

pub(super) use prediction::Prediction;
pub(super) use study::{Row, Study, checked_largest, crowded, refuting};

use crate::design::{Observable, Tail};
use crate::ensemble::{Ensemble, Signal, SignalShape};
use crate::free::OutlierMap;
use std::ops::Range;

/// S = bulk ⊕ spikes, diagonal, of size N, with its noise.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spiked {
    pub ensemble: Ensemble,
    pub bulk: SignalShape,
    pub spikes: Vec<f64>,
    pub n: usize,
}

/// What is looked at in the spectrum of W.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Watched {
    /// The eigenvalue with the index that the spike θ has in S.
    One(f64),
    /// The mean of those with the indices of the spikes in [lo, hi].
    Mean { lo: f64, hi: f64 },
    /// max |λ_l − c_l| over the spikes with lo ≤ |θ_l| ≤ hi.
    Worst { lo: f64, hi: f64, centre: Centre },
    /// 1{λ_N < Φ_N(θ) − margin} for the smallest eigenvalue θ of S.
    Below { theta: f64, margin: f64 },
}

/// A number made of λ₁ ≥ λ₂ ≥ …
pub(super) type Functional = Box<dyn Fn(&[f64]) -> f64 + Send + Sync>;

/// c_l, where an outlier is said to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Centre {
    /// Φ_N(θ_l), with sums over all other eigenvalues of S_N.
    Finite,
    /// Φ(θ_l) of the limit ν.
    Limit,
    /// θ_l.
    Identity,
    /// θ_l − (Φ_N(θ_l) − θ_l).
    Reversed,
}

/// k spikes with the uniform density on [lo, hi]: its midpoint quantiles.
pub(super) fn spread(k: usize, lo: f64, hi: f64) -> Vec<f64> {
    let at = |j: usize| lo + (hi - lo) * (j as f64 + 0.5) / k as f64;
    (0..k).rev().map(at).collect()
}

/// ⌊√N⌋.
pub(super) fn root(n: usize) -> usize {
    n.isqrt()
}

/// ½δ₋₁ + ½δ₁.
pub(super) fn two_atoms() -> SignalShape {
    SignalShape::Atoms(vec![(-1.0, 0.5), (1.0, 0.5)])
}

/// U[−1, 1].
pub(super) fn uniform() -> SignalShape {
    SignalShape::Uniform { lo: -1.0, hi: 1.0 }
}

impl Spiked {
    pub fn new(ensemble: Ensemble, bulk: SignalShape, spikes: Vec<f64>, n: usize) -> Self {
        Self {
            ensemble,
            bulk,
            spikes,
            n,
        }
    }

    pub fn signal(&self) -> Signal {
        Signal::diagonal(SignalShape::Spiked {
            bulk: Box::new(self.bulk.clone()),
            spikes: self.spikes.clone(),
        })
    }

    /// Those of S, descending.
    pub fn eigenvalues(&self) -> Vec<f64> {
        super::common::eigenvalues(&self.signal(), self.n)
    }

    /// Φ of the limit ν.
    pub fn map(&self) -> OutlierMap {
        let known = "the claims' own laws have a free convolution";
        OutlierMap::new(self.signal().limit().expect(known), self.ensemble.sigma()).expect(known)
    }

    /// (1/k) Σ Φ(θ_j) over the spikes in [lo, hi], Φ that of the limit ν.
    pub fn limit_mean(&self, lo: f64, hi: f64) -> f64 {
        let (s, map) = (self.eigenvalues(), self.map());
        let group = self.indices(lo, hi);
        let k = group.len() as f64;
        let phi = |l: usize| map.phi(s[l]).expect("spikes lie off supp ν").value;
        group.map(phi).sum::<f64>() / k
    }

    /// Indices in the spectrum of S of the spikes in [lo, hi]; no bulk lies there.
    pub fn indices(&self, lo: f64, hi: f64) -> Range<usize> {
        let s = self.eigenvalues();
        s.partition_point(|&x| x > hi)..s.partition_point(|&x| x >= lo)
    }

    /// Of the spikes with lo ≤ |θ| ≤ hi, both sides.
    pub fn both_sides(&self, lo: f64, hi: f64) -> Vec<usize> {
        self.indices(lo, hi).chain(self.indices(-hi, -lo)).collect()
    }

    /// What each replicate yields, with what is known about its tail.
    ///
    /// λ ↦ λ_i is 1-Lipschitz, the mean of k of them k^{-1/2}, max |λ_l − c_l| again 1: proxies v/N,
    /// v/(Nk), v/N for Lipschitz images of normals.
    ///
    /// Bounded laws, |X| ≤ B (Rademacher: B = 1), for the sum Z of the k largest (or smallest)
    /// eigenvalues: with P the projection on their eigenvectors and one entry replaced,
    /// Z − Z′ ≤ Tr P(W − W′) = 2P_ij σ(x − x′)/√N, on the diagonal P_ii σ√v_d (x − x′)/√N, and
    /// E(x − x′)² ≤ B² + 1 over x′. Efron–Stein: Var Z ≤ max(2, v_d)(B² + 1)σ²‖P‖²_F/N, ‖P‖²_F = k.
    pub fn observable(&self, watched: Watched) -> Observable {
        let n = self.n as f64;
        let (name, k, end) = match watched {
            Watched::One(theta) => {
                let range = self.indices(theta, theta);
                let end = range.start == 0 || range.end == self.n;
                (format!("λ, θ = {theta}"), 1, end)
            }
            Watched::Mean { lo, hi } => {
                let range = self.indices(lo, hi);
                let end = range.start == 0 || range.end == self.n;
                let k = range.len();
                (format!("mean of λ over [{lo}, {hi}], k = {k}"), k, end)
            }
            Watched::Worst { lo, hi, centre } => {
                let k = self.both_sides(lo, hi).len();
                let from = match centre {
                    Centre::Finite => "",
                    Centre::Limit => " from the limit",
                    Centre::Identity => " from θ",
                    Centre::Reversed => " from the reversed map",
                };
                (format!("worst spike{from}, k = {k}"), 1, false)
            }
            Watched::Below { theta, margin } => {
                return Observable {
                    name: format!("1{{λ < Φ(θ) − {margin}}}, θ = {theta}"),
                    tail: Tail::Indicator,
                    typical: 0.0,
                };
            }
        };
        let share = n * k as f64;
        let tail = match (self.ensemble.variance_proxy(), self.ensemble) {
            (Some(v), _) => Tail::SubGaussian {
                variance_proxy: v / share,
            },
            (
                None,
                Ensemble::Wigner {
                    law,
                    diagonal_variance,
                    sigma,
                },
            ) if end => {
                let (lo, hi) = law.support().expect("laws of the claims with an end");
                let largest = lo.abs().max(hi.abs());
                let per_entry = diagonal_variance.max(2.0) * (largest * largest + 1.0);
                Tail::Variance {
                    bound: per_entry * sigma * sigma / share,
                }
            }
            _ => unreachable!("{name}: nothing is proved about its tail"),
        };
        let typical = self.typical(watched);
        Observable {
            name,
            tail,
            typical,
        }
    }

    fn typical(&self, watched: Watched) -> f64 {
        match watched {
            Watched::One(_) | Watched::Mean { .. } => self.predicted(watched).value,
            _ => 0.0,
        }
    }

    /// How many of λ₁ ≥ λ₂ ≥ … [`measured`](Self::measured) looks at.
    pub fn reach(&self, watched: Watched) -> usize {
        match watched {
            Watched::One(theta) => self.indices(theta, theta).start + 1,
            Watched::Mean { lo, hi } => self.indices(lo, hi).end,
            Watched::Below { .. } => self.n,
            Watched::Worst { lo, hi, .. } => {
                let furthest = self.both_sides(lo, hi).into_iter().max();
                furthest.map_or(0, |index| index + 1)
            }
        }
    }

    /// The number that is watched, from λ₁ ≥ λ₂ ≥ …, [`reach`](Self::reach) of them or more.
    pub fn measured(&self, watched: Watched) -> Functional {
        match watched {
            Watched::One(theta) => {
                let index = self.indices(theta, theta).start;
                Box::new(move |lambda| lambda[index])
            }
            Watched::Mean { lo, hi } => {
                let range = self.indices(lo, hi);
                let k = range.len() as f64;
                Box::new(move |lambda| lambda[range.clone()].iter().sum::<f64>() / k)
            }
            Watched::Below { theta, margin } => {
                let s = self.eigenvalues();
                assert_eq!(s.last(), Some(&theta), "the smallest eigenvalue of S");
                let last = s.len() - 1;
                let at = prediction::location(&s, last, self.ensemble.sigma().powi(2)) - margin;
                Box::new(move |lambda| f64::from(u8::from(lambda[last] < at)))
            }
            Watched::Worst { lo, hi, centre } => {
                let (s, map) = (self.eigenvalues(), self.map());
                let variance = self.ensemble.sigma().powi(2);
                let finite = |l| prediction::location(&s, l, variance);
                worst(self.both_sides(lo, hi), |l| match centre {
                    Centre::Finite => finite(l),
                    Centre::Limit => map.phi(s[l]).expect("spikes lie off supp ν").value,
                    Centre::Identity => s[l],
                    Centre::Reversed => 2.0 * s[l] - finite(l),
                })
            }
        }
    }
}

fn worst(indices: Vec<usize>, centre: impl Fn(usize) -> f64) -> Functional {
    let pairs: Vec<(usize, f64)> = indices.into_iter().map(|l| (l, centre(l))).collect();
    Box::new(move |lambda| {
        let errors = pairs.iter().map(|&(l, c)| (lambda[l] - c).abs());
        errors.fold(0.0, f64::max)
    })
}
