//! Theorem 2.1: masses of intervals off the bulk, m(Δ) = κ(ω(Δ)).

mod mass;
mod rivals;

use super::Claim;
use super::outlier_measure::{Bulk, Setting, square_root, two_thirds};
use super::power::sized;
use crate::claim::{Source, Statement, Strength};
use crate::design::{
    Cell, Estimator, Experiment, Input, Observable, Plan, Replicate, ReplicateError, Tail, Tier,
};
use crate::ensemble::{Deformed, Ensemble, EntryLaw};
use crate::measure::Interval;
use crate::spectrum::{Eigendecomposition, Eigensolver, Faer, Hermitian, Native, certify, inertia};
use mass::{Mass, Outside, Trapezoid};

/// m(Δ) = κ(ω(Δ)).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/theorem-2.1",
            title: "Outlier measure",
            statement: "m_N = (N/k_N)(μ_N − μ) converges weakly, in probability, to m with s_m(z) = ω′(z) s_κ(ω(z)); \
                        off supp μ, m(Δ) = κ(ω(Δ)): the outliers are distributed as the spikes transported by Φ.",
            formula: r"m_N=\frac{N}{k_N}(\mu_N-\mu)\;\longrightarrow\;m,\qquad m(\Delta)=\kappa(\omega(\Delta)),\quad \Delta\cap\operatorname{supp}\mu=\varnothing",
            meaning: "For intervals right and left of the bulk and in a gap, with tapered ends, (1/k)Tr f has the mean \
                      that the theorem gives, up to the distance that the theory at this N and k has from its limit; \
                      against the theory at this N the agreement is closer. Around a whole cluster the number of \
                      eigenvalues is exactly that of the spikes but for a proved probability. The transform of m, with its \
                      negative part in the bulk, is claim abk/lemma-4.2.",
            source: Source {
                work: "abk",
                locus: "Theorem 2.1, (2.1)",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

#[doc = include_str!("../../docs/derivations/outlier_mass.md")]
mod derivation {}

/// Test functions on one model.
#[derive(Debug, Clone)]
struct Row {
    setting: Setting,
    ensemble: Ensemble,
    n: usize,
    k: usize,
    tests: Vec<(Outside, Trapezoid)>,
    /// What is called agreement, a share of the outliers.
    agreement: f64,
}

const fn outside(lo: f64, hi: f64) -> Outside {
    Outside(Interval { lo, hi })
}

const fn trapezoid(up: (f64, f64), down: (f64, f64)) -> Trapezoid {
    Trapezoid { up, down }
}

/// S = 0 but for spikes on [2, 3.4]: all of them, and those beyond the middle.
fn right(law: Ensemble, n: usize, k: usize, agreement: f64) -> Row {
    let domain = outside(1.05, 12.0);
    Row {
        setting: Setting::new(Bulk::Zero, 1.0, &[(2.0, 3.4, 1.0)]),
        ensemble: law,
        n,
        k,
        tests: vec![
            (domain, trapezoid((2.1, 2.5), (4.4, 4.8))),
            (domain, trapezoid((2.7, 3.1), (4.4, 4.8))),
        ],
        agreement,
    }
}

/// Two atoms, σ = 1: the outlier map is far from the semicircle's.
fn beside_two_atoms(law: Ensemble, n: usize, k: usize, agreement: f64) -> Row {
    Row {
        setting: Setting::new(Bulk::TwoAtoms, 1.0, &[(2.2, 2.8, 1.0)]),
        ensemble: law,
        n,
        k,
        tests: vec![(outside(1.76, 12.0), trapezoid((2.65, 3.25), (4.2, 4.8)))],
        agreement,
    }
}

/// Spikes on both sides of a uniform bulk.
fn both_sides(law: Ensemble, n: usize, k: usize, agreement: f64) -> Row {
    Row {
        setting: Setting::new(Bulk::Uniform, 1.0, &[(2.2, 3.4, 0.75), (-3.4, -2.4, 0.25)]),
        ensemble: law,
        n,
        k,
        tests: vec![
            (outside(1.45, 12.0), trapezoid((2.8, 3.2), (4.6, 5.0))),
            (outside(-12.0, -1.45), trapezoid((-5.0, -4.6), (-3.4, -3.0))),
        ],
        agreement,
    }
}

/// A gap between ±1 that σ = 0.3 leaves wide, Δ in the middle of its spikes.
fn in_the_gap(law: Ensemble, n: usize, k: usize, agreement: f64) -> Row {
    Row {
        setting: Setting::new(Bulk::TwoAtoms, 0.3, &[(-0.4, 0.5, 1.0)]),
        ensemble: law.with_sigma(0.3),
        n,
        k,
        tests: vec![(outside(-0.77, 0.77), trapezoid((-0.2, 0.0), (0.1, 0.3)))],
        agreement,
    }
}

fn rows(tier: Tier) -> Vec<Row> {
    let goe = Ensemble::goe();
    let wigner = Ensemble::wigner;
    let (sizes, factor): (&[usize], f64) = match tier {
        Tier::Quick => (&[64], 1.0),
        Tier::Standard => (&[64, 256], 0.7),
        Tier::Deep => (&[256, 1024], 0.25),
    };
    let mut rows = vec![];
    for &n in sizes {
        let (few, many) = (square_root(n), two_thirds(n));
        rows.extend([
            right(goe, n, many, 0.09 * factor),
            beside_two_atoms(goe, n, many, 0.09 * factor),
            right(wigner(EntryLaw::Uniform), n, few, 0.5 * factor),
            both_sides(wigner(EntryLaw::HalfNormal), n, many, 0.4 * factor),
            in_the_gap(goe, n, many, 0.12 * factor),
        ]);
        if n == 64 && tier != Tier::Quick {
            rows.push(right(wigner(EntryLaw::Rademacher), n, many, 0.25));
        }
    }
    rows
}

impl Row {
    fn at_size(&self, f: &Trapezoid) -> Mass {
        mass::at_size(&self.setting, &self.ensemble, self.n, self.k, f)
    }

    /// (1/k) Tr f for each f.
    ///
    /// Sub-Gaussian with proxy v·sup|f′|²/k² for Lipschitz images of normals; for signs only the sure
    /// bounds 0 ≤ (1/k)Tr f ≤ N/k, with the GOE's proxy as what the design reckons with.
    fn experiment(&self) -> Experiment {
        let (n, k) = (self.n, self.k as f64);
        let observables = self
            .tests
            .iter()
            .map(|(_, f)| {
                let unit = (f.slope() / k).powi(2);
                Observable {
                    name: format!("m̂(Δ), Δ = {}", f.interval()),
                    tail: match self.ensemble.variance_proxy() {
                        Some(v) => Tail::SubGaussian {
                            variance_proxy: v * unit,
                        },
                        None => Tail::Bounded {
                            lo: 0.0,
                            hi: n as f64 / k,
                            design_variance: 2.0 * self.setting.sigma.powi(2) * unit,
                        },
                    },
                    typical: self.at_size(f).value,
                }
            })
            .collect();
        let model = Deformed {
            ensemble: self.ensemble,
            signal: self.setting.signal(n, self.k),
        };
        let functions: Vec<Trapezoid> = self.tests.iter().map(|(_, f)| *f).collect();
        Experiment {
            law: self.ensemble.name(),
            signal: self.setting.name(self.k),
            n,
            replicates: 1,
            observables,
            replicate: Replicate::alone(move |rng, index| {
                let w = model.sample(n, rng)?;
                let spectrum = Native.eigenvalues(&w)?;
                if index == 0 {
                    // |Tr f − Tr f̃| ≤ N sup|f′| max|λ − λ̃|, for the certified λ̃ and for these; the observable
                    // is Tr f/k. A millionth is far below every tolerance in use.
                    let eigen = Faer.eigen(&w)?;
                    let off = certify(&w, &eigen) + eigen.spectrum.distance(&spectrum);
                    let steepest = functions.iter().map(Trapezoid::slope).fold(0.0, f64::max);
                    let error = off * steepest * n as f64 / k;
                    if error.is_nan() || error > 1e-6 {
                        return Err(
                            format!("masses of intervals are certified to {error:e} only").into(),
                        );
                    }
                }
                Ok(functions
                    .iter()
                    .map(|f| spectrum.eigenvalues().iter().map(|&x| f.at(x)).sum::<f64>() / k)
                    .collect())
            }),
        }
    }

    /// Against the theory at this N, and against the limit κ(ω(Δ)).
    fn cells(&self, e: usize) -> Vec<Cell> {
        let mut cells = vec![];
        for (o, (domain, f)) in self.tests.iter().enumerate() {
            let (at, limit) = (self.at_size(f), mass::limit(&self.setting, *domain, f));
            let own = (limit - at.value).abs() + at.remainder;
            let delta = f.interval();
            cells.push(self.cell((e, o), format!("m(Δ), Δ = {delta}"), limit, own));
            let point = format!("E m̂(Δ), Δ = {delta}");
            cells.push(self.cell((e, o), point, at.value, at.remainder));
        }
        cells
    }

    fn cell(&self, (e, o): (usize, usize), point: String, theory: f64, inner: f64) -> Cell {
        Cell {
            law: self.ensemble.name(),
            signal: self.setting.name(self.k),
            n: self.n,
            point,
            theory,
            inner,
            outer: inner + self.agreement,
            estimator: Estimator::mean(Input::new(e, o)),
        }
    }
}

/// Indicators of {#{λ > c} = k} and {… = k + 1}.
#[derive(Debug, Clone)]
struct Count {
    setting: Setting,
    n: usize,
    k: usize,
    c: f64,
}

impl Count {
    /// GOE, spikes on [4, 5], counted above 2.6.
    fn of_the_claim(n: usize) -> Self {
        Self {
            setting: Setting::new(Bulk::Zero, 1.0, &[(4.0, 5.0, 1.0)]),
            n,
            k: square_root(n),
            c: 2.6,
        }
    }

    /// P(#{λ > c} ≠ k) ≤ e^{−Na²/2v} + e^{−Nb²/2v}, v = 2.
    ///
    /// By Courant and Fischer λ_k(W) ≥ the least eigenvalue of the block of the spikes, whose mean is at
    /// least θ_min − 2√(k/N) (Gordon: E λ_max ≤ 2√k for the k × k GOE), and λ_{k+1}(W) ≤ the largest of
    /// the other block, of mean at most 2√((N − k)/N). Both are √(v/N)-Lipschitz in the normals; a and b
    /// are the distances of these means from c.
    fn miss(&self) -> f64 {
        let (n, k) = (self.n as f64, self.k as f64);
        let lowest = self.setting.eigenvalues(self.n, self.k)[self.k - 1];
        let a = lowest - 2.0 * (k / n).sqrt() - self.c;
        let b = self.c - 2.0 * ((n - k) / n).sqrt();
        assert!(a > 0.0 && b > 0.0, "the cluster lies apart");
        (-n * a * a / 4.0).exp() + (-n * b * b / 4.0).exp()
    }

    fn experiment(&self, replicates: usize) -> Experiment {
        let (n, k, c) = (self.n, self.k, self.c);
        let indicator = |what: &str, typical: f64| Observable {
            name: format!("#{{λ > {c}}} = {what}"),
            tail: Tail::Indicator,
            typical,
        };
        let model = Deformed {
            ensemble: Ensemble::goe().with_sigma(self.setting.sigma),
            signal: self.setting.signal(n, k),
        };
        Experiment {
            law: model.ensemble.name(),
            signal: self.setting.name(k),
            n,
            replicates,
            observables: vec![indicator("k", 1.0), indicator("k + 1", 0.0)],
            replicate: Replicate::alone(move |rng, index| {
                let w = model.sample(n, rng)?;
                let count = count_above(&w, c, index)?;
                Ok([k, k + 1].map(|k| f64::from(u8::from(count == k))).to_vec())
            }),
        }
    }

    /// Probability 1, less at most [`Self::miss`]; five per cent are called agreement.
    fn cell(&self, e: usize, o: usize) -> Cell {
        let inner = self.miss();
        Cell {
            law: "goe".into(),
            signal: self.setting.name(self.k),
            n: self.n,
            point: format!("P(m̂(Δ) = 1), Δ = [{}, ∞)", self.c),
            theory: 1.0,
            inner,
            outer: inner + 0.05,
            estimator: Estimator::mean(Input::new(e, o)),
        }
    }
}

/// #{λ > c} by inertia, up to eigenvalues within 1e-9 of c; those of the first replicate are certified.
fn count_above(w: &Hermitian, c: f64, index: u64) -> Result<usize, ReplicateError> {
    let found = inertia::count_above(w, c, 1e-9)?;
    // A millionth is far below the distance of both clusters from c.
    if found.distance > 1e-6 {
        return Err(format!("eigenvalues above {c}: {found:?} is too rough").into());
    }
    if index == 0 {
        let eigen = Faer.eigen(w)?;
        let off = certify(w, &eigen) + found.distance;
        let above = |c: f64| {
            eigen
                .spectrum
                .eigenvalues()
                .iter()
                .filter(|&&x| x > c)
                .count()
        };
        if !(above(c + off)..=above(c - off)).contains(&found.count) {
            return Err(format!("eigenvalues above {c} by two routes: {found:?}").into());
        }
    }
    Ok(found.count)
}

fn plan(tier: Tier) -> Plan {
    let rows = rows(tier);
    let mut plan = Plan::default();
    for (e, row) in rows.iter().enumerate() {
        plan.experiments.push(row.experiment());
        plan.cells.extend(row.cells(e));
    }
    let count = Count::of_the_claim(rows[0].n);
    let e = plan.experiments.len();
    plan.experiments.push(count.experiment(1));
    plan.cells.push(count.cell(e, 0));
    plan = sized(plan);
    plan.rivals = rivals::all(&rows, &plan.cells, &count, e);
    plan
}
