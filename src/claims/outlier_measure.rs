//! Shared by the claims about the outlier measure m_N = (N/k)(μ_N − μ): signals with k spikes, their
//! limits, and what is expected at finite N.

use super::common::point;
use super::stieltjes_equation::{Model, Theory};
use crate::confidence::BoundedEntries;
use crate::design::{Cell, Estimator, Experiment, Input, Tail};
use crate::ensemble::{Ensemble, Signal, SignalShape};
use crate::free::FreeConvolution;
use crate::measure::{SignedMeasure, SpectralMeasure, UpperHalf};
use crate::statistic::Part;
use num_complex::Complex64;

/// ν, the law of all eigenvalues of S but the spikes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bulk {
    /// δ₀.
    Zero,
    /// Uniform on [−1, 1].
    Uniform,
    /// ½δ₋₁ + ½δ₁: a gap inside.
    TwoAtoms,
}

/// Spikes spread evenly over an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cluster {
    pub lo: f64,
    pub hi: f64,
    /// Its share of the k spikes.
    pub share: f64,
}

/// ν, σ and κ₊ = Σ share·U[lo, hi]; k is always a multiple of 4, so that shares of a quarter are exact.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub bulk: Bulk,
    pub sigma: f64,
    pub clusters: Vec<Cluster>,
}

/// ω(z), ω′(z), s_μ(z) of the limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transported {
    pub omega: Complex64,
    pub omega_prime: Complex64,
    pub s: Complex64,
    /// Bound of the error of s.
    pub error: f64,
}

impl Setting {
    /// S = 0 but for spikes on [1.6, 2.4], right of the bulk.
    pub fn right() -> Self {
        Self::new(Bulk::Zero, 1.0, &[(1.6, 2.4, 1.0)])
    }

    /// ν uniform, three quarters of the spikes on [1.8, 2.6], the others on [−3, −2.2].
    pub fn both_sides() -> Self {
        Self::new(Bulk::Uniform, 1.0, &[(1.8, 2.6, 0.75), (-3.0, -2.2, 0.25)])
    }

    /// ν = ½δ₋₁ + ½δ₁, σ = ½, spikes on [−0.3, 0.4], inside the gap.
    pub fn gap() -> Self {
        Self::new(Bulk::TwoAtoms, 0.5, &[(-0.3, 0.4, 1.0)])
    }

    pub fn new(bulk: Bulk, sigma: f64, clusters: &[(f64, f64, f64)]) -> Self {
        let clusters = clusters
            .iter()
            .map(|&(lo, hi, share)| Cluster { lo, hi, share })
            .collect();
        Self {
            bulk,
            sigma,
            clusters,
        }
    }

    /// Such as `ν = δ(0), spikes [1.6, 2.4], k = 8`.
    pub fn name(&self, k: usize) -> String {
        let bulk = match self.bulk {
            Bulk::Zero => "δ(0)",
            Bulk::Uniform => "U[-1, 1]",
            Bulk::TwoAtoms => "½δ(-1) + ½δ(1)",
        };
        let spikes: Vec<String> = self
            .clusters
            .iter()
            .map(|c| format!("[{}, {}]", c.lo, c.hi))
            .collect();
        format!("ν = {bulk}, spikes {}, k = {k}", spikes.join(" and "))
    }

    pub fn nu(&self) -> SpectralMeasure {
        match self.bulk {
            Bulk::Zero => SpectralMeasure::atoms(&[(0.0, 1.0)]),
            Bulk::Uniform => SpectralMeasure::uniform(-1.0, 1.0),
            Bulk::TwoAtoms => SpectralMeasure::atoms(&[(-1.0, 0.5), (1.0, 0.5)]),
        }
        .expect("literal measures")
    }

    /// The parts of κ₊ with their weights.
    pub fn positive_parts(&self) -> Vec<(f64, SpectralMeasure)> {
        self.clusters
            .iter()
            .map(|c| {
                let part = SpectralMeasure::uniform(c.lo, c.hi).expect("a literal interval");
                (c.share, part)
            })
            .collect()
    }

    /// κ = κ₊ − ν: k eigenvalues move from the bulk to the spikes.
    pub fn kappa(&self) -> SignedMeasure {
        let mut parts = self.positive_parts();
        parts.push((-1.0, self.nu()));
        SignedMeasure::combination(parts)
    }

    /// s_κ and s_κ′ at ω.
    pub fn kappa_jet(&self, omega: Complex64) -> (Complex64, Complex64) {
        let mut parts = self.positive_parts();
        parts.push((-1.0, self.nu()));
        parts
            .iter()
            .map(|(a, nu)| {
                let jet = nu.stieltjes_jet(omega);
                (jet.value * *a, jet.first * *a)
            })
            .fold((Complex64::ZERO, Complex64::ZERO), |sum, term| {
                (sum.0 + term.0, sum.1 + term.1)
            })
    }

    pub fn transported(&self, z: UpperHalf) -> Transported {
        transported(self.nu(), self.sigma, z)
    }

    /// Spikes as midpoint quantiles of their interval, the other N − k eigenvalues as those of ν.
    pub fn eigenvalues(&self, n: usize, k: usize) -> Vec<f64> {
        let mut values = vec![];
        for c in &self.clusters {
            let count = (c.share * k as f64).round() as usize;
            values.extend(midpoints(c.lo, c.hi, count));
        }
        let rest = n - values.len();
        match self.bulk {
            Bulk::Zero => values.extend(std::iter::repeat_n(0.0, rest)),
            Bulk::Uniform => values.extend(midpoints(-1.0, 1.0, rest)),
            Bulk::TwoAtoms => {
                assert!(
                    rest.is_multiple_of(2),
                    "N − k is even in the two-atom setting"
                );
                values.extend((0..rest).map(|i| if i % 2 == 0 { -1.0 } else { 1.0 }));
            }
        }
        values.sort_by(|a, b| b.total_cmp(a));
        values
    }

    pub fn signal(&self, n: usize, k: usize) -> Signal {
        Signal::diagonal(SignalShape::Prescribed(self.eigenvalues(n, k)))
    }
}

/// ω, ω′ and s of ν ⊞ semicircle(σ²).
pub(super) fn transported(nu: SpectralMeasure, sigma: f64, z: UpperHalf) -> Transported {
    let known = "the claims' own laws have a free convolution at the claims' points";
    let mu = FreeConvolution::new(nu, sigma).expect(known);
    let solved = mu.subordination(z).expect(known);
    Transported {
        omega: solved.omega,
        omega_prime: mu.omega_prime(z).expect(known),
        s: solved.s,
        error: solved.error_bound,
    }
}

fn midpoints(lo: f64, hi: f64, count: usize) -> impl Iterator<Item = f64> {
    (0..count).map(move |i| lo + (hi - lo) * ((i as f64 + 0.5) / count as f64))
}

/// k of the order of √N.
pub(super) fn square_root(n: usize) -> usize {
    multiple_of_four((n as f64).sqrt())
}

/// k of the order of N^{2/3}.
pub(super) fn two_thirds(n: usize) -> usize {
    multiple_of_four((n as f64).powf(2.0 / 3.0))
}

fn multiple_of_four(x: f64) -> usize {
    4 * (x / 4.0).round() as usize
}

/// One law of entries on one setting, at one N and k.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub setting: Setting,
    pub ensemble: Ensemble,
    pub n: usize,
    pub k: usize,
    pub zs: Vec<UpperHalf>,
    /// The theory at each z.
    at: Vec<AtPoint>,
}

/// What a row's cells need at one z; solved once.
#[derive(Debug, Clone, Copy)]
struct AtPoint {
    /// ω′ s_κ(ω).
    limit: Complex64,
    /// s_μ.
    s: Complex64,
    prediction: Prediction,
}

/// What E m̂_N(z) is at finite N, with the envelope of what is left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prediction {
    pub value: Complex64,
    pub remainder: f64,
}

impl Row {
    /// The law's σ is set to the setting's.
    pub fn new(setting: Setting, law: Ensemble, n: usize, k: usize, zs: &[UpperHalf]) -> Self {
        let mut row = Self {
            ensemble: law.with_sigma(setting.sigma),
            setting,
            n,
            k,
            zs: zs.to_vec(),
            at: vec![],
        };
        row.at = zs.iter().map(|&z| row.solve(z)).collect();
        row
    }

    pub fn with_k(&self, k: usize) -> Self {
        Self::new(self.setting.clone(), self.ensemble, self.n, k, &self.zs)
    }

    /// E m̂_N(z) = (E Tr G(z) − N s_μ(z))/k, from ν_N ⊞ semicircle and the finite-size terms.
    fn solve(&self, z: UpperHalf) -> AtPoint {
        let trace = Theory::of(&self.model(), z).mean_trace();
        let (k, at) = (self.k as f64, self.setting.transported(z));
        AtPoint {
            limit: at.omega_prime * self.setting.kappa_jet(at.omega).0,
            s: at.s,
            prediction: Prediction {
                value: (trace.value - self.n as f64 * at.s) / k,
                remainder: trace.remainder / k,
            },
        }
    }

    /// E m̂_N at the j-th z.
    pub fn prediction(&self, j: usize) -> Prediction {
        self.at[j].prediction
    }

    /// s_m = ω′ s_κ(ω) at the j-th z.
    pub fn limit(&self, j: usize) -> Complex64 {
        self.at[j].limit
    }

    /// N s_μ at the j-th z.
    pub fn bulk_trace(&self, j: usize) -> Complex64 {
        self.at[j].s * self.n as f64
    }

    pub fn model(&self) -> Model {
        Model::new(self.ensemble, self.setting.signal(self.n, self.k), self.n)
    }

    /// Replicates of Re and Im of Tr G(z) at each z.
    ///
    /// Bounded laws that are no Lipschitz image get the variance bound of Efron and Stein
    /// ([`BoundedEntries::resolvent_variance`]): at Im z ≥ 1.5 its interval is narrower than the
    /// empirical Bernstein one on the sure range N/Im z, and narrower than the proved proxy, which is
    /// twice the variance bound.
    pub fn experiment(&self) -> Experiment {
        let mut experiment = self.model().traces(&self.zs);
        experiment.signal = self.setting.name(self.k);
        for (o, observable) in experiment.observables.iter_mut().enumerate() {
            if matches!(observable.tail, Tail::Bounded { .. }) {
                let bound = self
                    .bounded_entries()
                    .and_then(|entries| entries.resolvent_variance(self.zs[o / 2].get().im).ok())
                    .expect("laws of these claims are Lipschitz images or bounded");
                observable.tail = Tail::Variance { bound };
            }
        }
        experiment
    }

    fn bounded_entries(&self) -> Option<BoundedEntries> {
        match self.ensemble {
            Ensemble::Wigner {
                law,
                diagonal_variance,
                sigma,
            } => Some(BoundedEntries {
                support: law.support()?,
                sigma,
                diagonal_variance,
            }),
            Ensemble::Gue { .. } => None,
        }
    }

    /// (Tr G − N s_μ)/k from the j-th z of experiment `e`, for k = `divisor`.
    pub fn estimator(&self, e: usize, j: usize, part: Part, divisor: f64) -> Estimator {
        let shift = self.bulk_trace(j) / divisor;
        Estimator::affine(
            Input::new(e, 2 * j + part as usize),
            1.0 / divisor,
            -part.of(shift),
        )
    }

    /// m̂_N against its value at this N.
    pub fn sharp_cell(&self, e: usize, j: usize, part: Part, agreement: f64) -> Cell {
        let z = self.zs[j];
        let expected = self.prediction(j);
        Cell {
            law: self.ensemble.name(),
            signal: self.setting.name(self.k),
            n: self.n,
            point: format!("{} E m̂(z), z = {}", part.name(), point(z.get())),
            theory: part.of(expected.value),
            inner: expected.remainder,
            outer: expected.remainder + agreement,
            estimator: self.estimator(e, j, part, self.k as f64),
        }
    }

    /// m̂_N against the limit ω′ s_κ(ω), τ0 the distance of the two theories.
    pub fn limit_cell(&self, e: usize, j: usize, part: Part, agreement: f64) -> Cell {
        let z = self.zs[j];
        let expected = self.prediction(j);
        let limit = part.of(self.limit(j));
        let inner = (part.of(expected.value) - limit).abs() + expected.remainder;
        Cell {
            point: format!("{} m̂(z), z = {}", part.name(), point(z.get())),
            theory: limit,
            inner,
            outer: inner + agreement,
            ..self.sharp_cell(e, j, part, agreement)
        }
    }
}
