//! Semicircle and Pastur's law: the rate at which the ESD converges, in two distances.

mod distribution;

use super::Claim;
use super::common::{on_model, on_own_samples, signals, two_atom};
use super::power::sized;
use crate::claim::{Source, Statement, Strength};
use crate::design::{
    Cell, Estimator, Experiment, Input, Observable, Plan, ReplicateError, Rival, RivalCell, Side,
    Tail, Tier,
};
use crate::ensemble::{Deformed, Ensemble, EntryLaw, Signal, open_uniform};
use crate::spectrum::{Eigensolver, Native, Spectrum};
use crate::statistic::{kolmogorov_distance, transport_cost};
use distribution::Distribution;
use std::f64::consts::PI;
use std::sync::OnceLock;

/// D_N and W₁ are 1/N up to logarithms.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/pastur-rate",
            title: "Pastur's law, rate",
            statement: "With F the distribution function of ν_N ⊞ semicircle(σ²): sup_x |F_N(x) − F(x)| ≤ \
                        (1 + ½ ln N)/N with high probability, and N·W₁ = Σ_l |λ_l − γ_l|, γ_l the \
                        quantiles of F, does not grow like √N but like √ln N.",
            formula: r"\Pr\Bigl(\sup_x|F_N(x)-F(x)|\le\frac{1+\frac12\ln N}{N}\Bigr)\to1,\qquad \mathbb{E}\sum_l|\lambda_l-\gamma_l|=O(\sqrt{\ln N})",
            meaning: "Evidence, not proof: at the sizes listed the eigenvalues follow their quantiles as \
                      closely as the logarithmic correlations allow; N independent points from the same \
                      law are far outside. The constants are those of Gaussian matrices in the limit.",
            source: Source {
                work: "abk",
                locus: "(1.7), (1.9)",
            },
            strength: Strength::Trend,
        },
        plan,
    }
}

/// 1 + ½ ln N, the envelope of N·D_N.
///
/// N F_N(x) has variance (1/(βπ²)) ln N + O(1) and logarithmic correlations, so its largest deviation from its
/// mean is (√(2/β)/π) ln N(1 + o(1)) ≤ 0.451 ln N, the next term being negative (CFLW in `docs/conventions.md`:
/// a theorem for β = 2; β = 1 by its variance). The mean differs from N F by |arg(1 − a)|/(2π) ≤ ½ (from
/// `log_determinant.md` at x + i0), and F_N is up to ½ off the middle of its jump. The limit is taken as it
/// stands: a trend.
fn envelope(n: usize) -> f64 {
    (1.0 + 0.5 * (n as f64).ln()) / n as f64
}

/// What is called "with high probability": at least 1 − 0.25; up to 1 − 0.05 is put down to finite N.
const LIKELY: (f64, f64) = (0.05, 0.25);

/// A model at several sizes.
#[derive(Debug, Clone)]
struct Row {
    ensemble: Ensemble,
    signal: Signal,
    /// N < N′ of the contrast in N·W₁.
    sizes: [usize; 2],
    /// What is called agreement in the coefficient of √N.
    agreement: f64,
}

fn plan(tier: Tier) -> Plan {
    let [zero, atoms, uniform] = signals();
    let (goe, gue) = (Ensemble::goe(), Ensemble::gue());
    let flat = Ensemble::wigner(EntryLaw::Uniform);
    let row = |ensemble, signal: &Signal, sizes, agreement| Row {
        ensemble,
        signal: signal.clone(),
        sizes,
        agreement,
    };
    let (rows, largest) = match tier {
        Tier::Quick => (
            vec![
                row(goe, &atoms, [16, 64], 0.5),
                row(gue, &zero, [16, 64], 0.5),
            ],
            96,
        ),
        Tier::Standard => (
            vec![
                row(goe, &atoms, [32, 128], 0.25),
                row(gue, &zero, [32, 128], 0.25),
                row(goe.with_sigma(0.8), &uniform, [32, 128], 0.25),
                row(flat, &zero, [32, 128], 0.4),
            ],
            256,
        ),
        Tier::Deep => (
            vec![
                row(goe, &atoms, [128, 1024], 0.1),
                row(gue, &zero, [128, 1024], 0.1),
                row(goe.with_sigma(0.8), &uniform, [128, 1024], 0.1),
                row(flat, &zero, [128, 1024], 0.1),
            ],
            2048,
        ),
    };
    let mut plan = Plan::default();
    for row in &rows {
        let first = plan.experiments.len();
        for n in row.sizes {
            plan.experiments
                .push(experiment(row.ensemble, &row.signal, n));
        }
        for e in first..first + 2 {
            plan.cells.push(likely(&plan.experiments, e));
        }
        plan.cells.push(row.contrast((first, 1), 0.0));
    }
    plan.experiments.push(experiment(goe, &zero, largest));
    plan.cells
        .push(likely(&plan.experiments, plan.experiments.len() - 1));
    let mut plan = sized(plan);
    let replicates = plan.experiments[0].replicates;
    plan.rivals = rivals(&rows, replicates);
    plan
}

/// Observables: the indicator of D_N ≤ envelope, and N·W₁.
fn experiment(ensemble: Ensemble, signal: &Signal, n: usize) -> Experiment {
    drawn(ensemble, signal, n, Judge::new(ensemble.sigma(), signal, n))
}

/// Matrices of one model, judged by the law of another.
fn drawn(ensemble: Ensemble, signal: &Signal, n: usize, judge: Judge) -> Experiment {
    on_model(
        ensemble,
        signal,
        n,
        1,
        observables(proxy(ensemble)),
        move |model: &Deformed, rng, _| judge.values(&Native.eigenvalues(&model.sample(n, rng)?)?),
    )
}

fn proxy(ensemble: Ensemble) -> f64 {
    ensemble
        .variance_proxy()
        .expect("this claim uses Lipschitz images of normals")
}

/// N·W₁ is √N-Lipschitz in the eigenvalues, which are √(v/N)-Lipschitz in the normals: proxy v.
fn observables(variance_proxy: f64) -> Vec<Observable> {
    vec![
        Observable {
            name: "P(D_N ≤ (1 + ½ ln N)/N)".into(),
            tail: Tail::Indicator,
            typical: 1.0,
        },
        Observable {
            name: "N·W₁".into(),
            tail: Tail::SubGaussian { variance_proxy },
            typical: 2.0,
        },
    ]
}

/// F and its quantiles, computed when the first replicate needs them: plans are made more often than run.
struct Judge {
    sigma: f64,
    signal: Signal,
    n: usize,
    tables: OnceLock<(Distribution, Vec<f64>)>,
}

impl Judge {
    fn new(sigma: f64, signal: &Signal, n: usize) -> Self {
        Self {
            sigma,
            signal: signal.clone(),
            n,
            tables: OnceLock::new(),
        }
    }

    fn tables(&self) -> &(Distribution, Vec<f64>) {
        self.tables.get_or_init(|| {
            let law = Distribution::of(&self.signal, self.n, self.sigma);
            let classical = law.classical_locations(self.n);
            (law, classical)
        })
    }

    fn values(&self, spectrum: &Spectrum) -> Result<Vec<f64>, ReplicateError> {
        let (law, classical) = self.tables();
        let distance = kolmogorov_distance(spectrum, |x| law.cdf(x))?;
        let inside = distance <= envelope(self.n);
        Ok(vec![
            f64::from(u8::from(inside)),
            transport_cost(spectrum, classical),
        ])
    }
}

/// The event of the envelope has probability 1, up to [`LIKELY`].
fn likely(experiments: &[Experiment], e: usize) -> Cell {
    let experiment = &experiments[e];
    Cell {
        law: experiment.law.clone(),
        signal: experiment.signal.clone(),
        n: experiment.n,
        point: "P(D_N ≤ (1 + ½ ln N)/N)".into(),
        theory: 1.0,
        inner: LIKELY.0,
        outer: LIKELY.1,
        estimator: Estimator::mean(Input::new(e, 0)),
    }
}

/// √(2/π)/π · √(ln N + c) a unit of length: E|X| of a normal with the variance of N F_N.
fn spread(n: usize, constant: f64) -> f64 {
    (2.0 / PI).sqrt() / PI * ((n as f64).ln() + constant).sqrt()
}

impl Row {
    /// 1/(√N′ − √N).
    fn scale(&self) -> f64 {
        let [small, large] = self.sizes.map(|n| (n as f64).sqrt());
        1.0 / (large - small)
    }

    /// (E N′W₁ − E N W₁)/(√N′ − √N) against `theory`; 0 in truth. N·W₁ is this observable of `first`, N, and of the
    /// experiment after it, N′.
    ///
    /// τ0: E N·W₁ = ∫E|N F_N − N F|dx; with normal fluctuations of variance (ln N + c)/(βπ²), c ≥ 0, over a support of
    /// length L it grows by at most L√(2/π)/π(√ln N′ − √ln N), β = 1.
    fn contrast(&self, (first, observable): (usize, usize), theory: f64) -> Cell {
        let [small, large] = self.sizes;
        let limit = self.signal.limit().expect("the signals have limits");
        let length = Distribution::new(limit, self.ensemble.sigma()).length();
        let inner = length * (spread(large, 0.0) - spread(small, 0.0)) * self.scale();
        Cell {
            law: self.ensemble.name(),
            signal: self.signal.name(),
            n: large,
            point: "coefficient of √N in N·W₁".into(),
            theory,
            inner,
            outer: inner + self.agreement,
            estimator: Estimator::contrast(&[
                (Input::new(first, observable), -self.scale()),
                (Input::new(first + 1, observable), self.scale()),
            ]),
        }
    }
}

fn rivals(rows: &[Row], replicates: usize) -> Vec<Rival> {
    // N independent points have N·W₁ = c√N.
    let (signal, sigma) = (&rows[0].signal, rows[0].ensemble.sigma());
    let independent = Distribution::of(signal, rows[0].sizes[1], sigma).independent_constant();
    let slow = rows[0].contrast((0, 1), independent);
    let uncertainty = slow.inner;
    vec![
        on_own_samples(
            "W₁ of order N^{-1/2}",
            Side::Theory,
            vec![],
            vec![RivalCell {
                cell: slow,
                expected: 0.0,
                uncertainty,
            }],
        ),
        independent_points(),
        ignored_signal(),
        widened(&rows[0], replicates),
    ]
}

/// N independent points with the semicircle law: √N D_N follows Kolmogorov's law, which gives
/// √N·envelope = 0.30 a probability below 1e-4 at N = 128.
fn independent_points() -> Rival {
    let (n, goe) = (128, Ensemble::goe());
    let judge = Judge::new(1.0, &Signal::zero(), n);
    let mut experiment = on_model(
        goe,
        &Signal::zero(),
        n,
        64,
        observables(2.0),
        move |_, rng, _| {
            // The first coordinate of a uniform point of the disc of radius 2.
            let points = (0..n)
                .map(|_| 2.0 * open_uniform(rng).sqrt() * (2.0 * PI * open_uniform(rng)).cos())
                .collect();
            let mut values = judge.values(&Spectrum::from_unsorted(points)?)?;
            values.truncate(1);
            Ok(values)
        },
    );
    experiment.observables.truncate(1);
    certain_miss("independent points", Side::Hypothesis, experiment, 1e-4)
}

/// S with two atoms, judged by the semicircle: D_N stays at the distance of the two laws.
///
/// # Panics   when that distance is not three times the envelope: our bug
fn ignored_signal() -> Rival {
    let (n, goe) = (160, Ensemble::goe());
    let law = |signal: &Signal| Distribution::of(signal, n, 1.0);
    let (true_law, wrong_law) = (law(&two_atom()), law(&Signal::zero()));
    let apart = (-400..=400)
        .map(|i| f64::from(i) * 0.01)
        .map(|x| {
            let at = |law: &Distribution| law.cdf(x).expect("the claims' laws are solved");
            (at(&true_law) - at(&wrong_law)).abs()
        })
        .fold(0.0, f64::max);
    assert!(apart > 3.0 * envelope(n), "the laws are {apart} apart");
    let mut experiment = drawn(goe, &two_atom(), n, Judge::new(1.0, &Signal::zero(), n));
    experiment.replicates = 64;
    certain_miss(
        "semicircle for ν ⊞ semicircle",
        Side::Data,
        experiment,
        LIKELY.0,
    )
}

/// The event of the envelope has probability 0 in truth.
fn certain_miss(name: &str, side: Side, experiment: Experiment, uncertainty: f64) -> Rival {
    let experiments = vec![experiment];
    let cell = likely(&experiments, 0);
    Rival {
        name: name.into(),
        side,
        experiments,
        cells: vec![RivalCell {
            cell,
            expected: 0.0,
            uncertainty,
        }],
    }
}

/// Variance 1 + δ, δ = N^{-1/4}, S = 0: N·W₁ contains (√(1 + δ) − 1)N∫|x|dμ, ∫|x|dμ = 8/(3π).
///
/// N·W₁ differs from that by at most its own N·W₁ to the wider law, E ≤ √(1 + δ)·4·√(2/π)√(ln N + 3)/π.
fn widened(row: &Row, replicates: usize) -> Rival {
    let row = Row {
        ensemble: Ensemble::goe(),
        signal: Signal::zero(),
        ..row.clone()
    };
    let mut experiments = vec![];
    let (mut expected, mut uncertainty) = ([0.0; 2], [0.0; 2]);
    for (index, n) in row.sizes.into_iter().enumerate() {
        let width = (1.0 + (n as f64).powf(-0.25)).sqrt();
        let judge = Judge::new(1.0, &row.signal, n);
        let wider = row.ensemble.with_sigma(width);
        let cost = observables(proxy(wider)).split_off(1);
        let experiment = on_model(
            wider,
            &row.signal,
            n,
            replicates,
            cost,
            move |model, rng, _| {
                let spectrum = Native.eigenvalues(&model.sample(n, rng)?)?;
                Ok(vec![transport_cost(&spectrum, &judge.tables().1)])
            },
        );
        experiments.push(experiment);
        expected[index] = (width - 1.0) * n as f64 * 8.0 / (3.0 * PI);
        uncertainty[index] = width * 4.0 * spread(n, 3.0);
    }
    let cell = row.contrast((0, 0), 0.0);
    Rival {
        name: "variance too large by N^{-1/4}".into(),
        side: Side::Data,
        experiments,
        cells: vec![RivalCell {
            cell,
            expected: (expected[1] - expected[0]) * row.scale(),
            // The two do not add: both lie between 0 and their bounds.
            uncertainty: uncertainty[0].max(uncertainty[1]) * row.scale(),
        }],
    }
}
