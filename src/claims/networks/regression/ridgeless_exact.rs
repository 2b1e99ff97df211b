//! Double descent without ridge: the exact risks at finite n for normal data.

use super::setting::{Setting, covariance, dense, inverse, mistaken};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{
    RESOLUTION, bounded_variance, cell, certain, on_own_samples, on_same_samples,
};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Rival, RivalCell, Side, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::regression::{InverseWishart, least_norm_risk};
use nalgebra::DVector;

/// Least squares and least norm at finite n.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/ridgeless-exact",
            title: "Double descent, exactly",
            statement: "Normal data. Least squares, p < n − 1, any C: excess risk s²p/(n − p − 1), training error s²(1 − p/n). Least norm, \
                        p > n + 1, C = I: bias |β|²(1 − n/p), variance s²n/(p − n − 1), training error 0. All at finite n.",
            formula: r"\mathbb{E}R=\frac{\sigma^2p}{n-p-1}\;(p<n-1),\qquad \mathbb{E}R=\|\beta\|^2\Bigl(1-\frac np\Bigr)+\frac{\sigma^2n}{p-n-1}\;(p>n+1)",
            meaning: "The risks on both sides of the peak at p = n are these numbers and not their limits for large n. There is no remainder: the claim calibrates \
                      estimators and intervals. Variances of the estimates are those of the inverse Wishart and beta laws, so the intervals are proved.",
            source: Source {
                work: "lm",
                locus: "our B3, finite n",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

/// s².
const NOISE: f64 = 1.0;

fn plan(tier: Tier) -> Plan {
    // (p, n) on both sides of the peak.
    let [under, over]: [&[(usize, usize)]; 2] = match tier {
        Tier::Quick => [&[(18, 25)], &[(25, 18)]],
        Tier::Standard => [&[(24, 32), (80, 100)], &[(36, 24), (100, 80)]],
        Tier::Deep => [&[(95, 100), (900, 1000)], &[(105, 100), (1100, 1000)]],
    };
    let mut plan = Plan::default();
    for &(p, n) in under {
        let experiment = least_squares(p, n);
        plan.experiments.push(experiment);
    }
    for &(p, n) in over {
        plan.experiments.push(least_norm(p, n));
    }
    let places: Vec<(usize, usize)> = under.iter().chain(over).copied().collect();
    for (e, &(p, n)) in places.iter().enumerate() {
        plan.cells.extend(cells(&plan.experiments, e, p, n));
    }
    let mut plan = sized(plan);
    plan.rivals = rivals(&plan, &places);
    plan
}

/// s²c/(1 − c) or s²/(c − 1), c = p/n.
fn limit(p: usize, n: usize) -> f64 {
    let (small, large) = (p.min(n) as f64, p.max(n) as f64);
    NOISE * small / (large - small)
}

fn cells(experiments: &[Experiment], e: usize, p: usize, n: usize) -> Vec<Cell> {
    let (bias, variance) = least_norm_risk(p, n, 1.0, NOISE).expect("the claims' p and n differ");
    let c = p as f64 / n as f64;
    let margin = 0.9 * (variance - limit(p, n));
    let risk = cell(experiments, (e, 0), variance, 0.0, margin);
    if p < n {
        let train = NOISE * (1.0 - c);
        return vec![risk, cell(experiments, (e, 1), train, 0.0, 0.2 * train)];
    }
    vec![
        risk,
        cell(experiments, (e, 1), bias, 0.0, 0.2 * bias),
        Cell::identity(experiments, crate::design::Input::new(e, 2), RESOLUTION),
    ]
}

/// Var of s²tr W⁻¹.
fn trace_variance(p: usize, n: usize) -> f64 {
    let inverse = InverseWishart::new(p.min(n), p.max(n)).expect("the claims' p and n differ");
    // One part in 1e9 for its rounding.
    NOISE * NOISE * inverse.trace_variance().expect("|n − p| is above 3") * (1.0 + 1e-9)
}

/// (s²tr C(XXᵀ)⁻¹, |y − Xᵀw|²/n) with ε drawn for the second: s²χ²_{n−p}/n.
fn least_squares(p: usize, n: usize) -> Experiment {
    let setting = Setting {
        noise: NOISE,
        ..Setting::even(EntryLaw::Gaussian, p, n)
    };
    let risk = limit(p, n);
    let left = (n - p) as f64;
    let residual = 2.0 * NOISE * NOISE * left / (n as f64).powi(2);
    let observables = vec![
        bounded_variance("variance", trace_variance(p, n), risk),
        bounded_variance(
            "training error",
            residual * (1.0 + 1e-9),
            NOISE * left / n as f64,
        ),
    ];
    let features = setting.features.clone();
    setting.experiment(observables, move |x, rng| {
        let n = x.ncols() as f64;
        let inverse = inverse(covariance(x))?;
        let terms = features.iter().enumerate();
        let risk: f64 = terms.map(|(j, f)| f.0 * inverse[(j, j)]).sum();
        let mut epsilon = vec![0.0; x.ncols()];
        EntryLaw::Gaussian.fill(rng, &mut epsilon);
        let (x, epsilon) = (dense(x), DVector::from(epsilon) * NOISE.sqrt());
        let fitted = x.tr_mul(&(inverse * (&x * &epsilon) / n));
        Ok(vec![
            NOISE * risk / n,
            (epsilon - fitted).norm_squared() / n,
        ])
    })
}

/// (s²tr(XᵀX)⁻¹, |(1 − P)e₁|², max |y − Xᵀw| for y = Xᵀe₁): P the projection on the samples, and |Pe₁|² is Beta(n/2, (p − n)/2).
fn least_norm(p: usize, n: usize) -> Experiment {
    let setting = Setting::isotropic(EntryLaw::Gaussian, p, n);
    let (k, d) = (n as f64, p as f64);
    let projected = 2.0 * k * (d - k) / (d * d * (d + 2.0));
    let observables = vec![
        bounded_variance("variance", trace_variance(p, n), limit(p, n)),
        bounded_variance("bias", projected * (1.0 + 1e-9), 1.0 - k / d),
        certain("largest training residual"),
    ];
    setting.experiment(observables, move |x, _| {
        let x = dense(x);
        let gram = x.tr_mul(&x);
        let inverse = inverse(gram)?;
        // y = Xᵀe₁ is the first row of X.
        let y = x.row(0).transpose();
        let w = &x * (&inverse * &y);
        let residual = (x.tr_mul(&w) - &y).amax();
        let mut off = w;
        off[0] -= 1.0;
        Ok(vec![NOISE * inverse.trace(), off.norm_squared(), residual])
    })
}

fn rivals(plan: &Plan, places: &[(usize, usize)]) -> Vec<Rival> {
    // Cells in the order of `cells`: two for p < n, three for p > n.
    let mut first = 0;
    let starts: Vec<usize> = places
        .iter()
        .map(|&(p, n)| {
            let start = first;
            first += if p < n { 2 } else { 3 };
            start
        })
        .collect();
    let other = |name: &str, o: usize, wrong: &dyn Fn(f64, f64) -> Option<f64>| {
        let cells = places.iter().enumerate().filter_map(|(e, &(p, n))| {
            let wrong = wrong(p as f64, n as f64)?;
            Some(mistaken(
                &plan.experiments,
                (e, o),
                &plan.cells[starts[e] + o],
                wrong,
            ))
        });
        on_same_samples(name, cells.collect())
    };
    let mut all = vec![
        other("limit s²c/(1 − c) at finite n", 0, &|p, n| {
            (p < n).then(|| NOISE * p / (n - p))
        }),
        other("limit s²/(c − 1) at finite n", 0, &|p, n| {
            (p > n).then(|| NOISE * n / (p - n))
        }),
        other("s²c/(c − 1) beyond the peak", 0, &|p, n| {
            (p > n).then(|| NOISE * p / (p - n - 1.0))
        }),
        other("no peak: s²c", 0, &|p, n| (p < n).then(|| NOISE * p / n)),
        other("training error s²(1 − p/n)²", 1, &|p, n| {
            (p < n).then(|| NOISE * (1.0 - p / n).powi(2))
        }),
        other("bias |β|²n/p", 1, &|p, n| (p > n).then(|| n / p)),
    ];
    all.push(copies(places[0]));
    all
}

/// Every sample twice, each time with noise of its own: the variance is that of n samples of half the noise, judged as that of 2n.
fn copies((p, n): (usize, usize)) -> Rival {
    let mut own = least_squares(p, n);
    let half = bounded_variance("variance", 0.25 * trace_variance(p, n), 0.5 * limit(p, n));
    own.observables = vec![half];
    own.signal = format!("{}, each sample twice", own.signal);
    own.n = 2 * n;
    own.replicates = 512;
    let features = Setting::even(EntryLaw::Gaussian, p, n);
    let samples = features.samples();
    own.replicate = crate::design::Replicate::alone(move |rng, _| {
        let inverse = inverse(covariance(&samples.draw(rng)))?;
        let terms = features.features.iter().enumerate();
        let risk: f64 = terms.map(|(j, f)| f.0 * inverse[(j, j)]).sum();
        Ok(vec![0.5 * NOISE * risk / n as f64])
    });
    let finite = |p, n| {
        least_norm_risk(p, n, 1.0, NOISE)
            .expect("the claims' p and n differ")
            .1
    };
    let (judged, expected) = (finite(p, 2 * n), 0.5 * finite(p, n));
    let experiments = vec![own];
    let cells = vec![RivalCell {
        cell: cell(&experiments, (0, 0), judged, 0.0, 0.2 * judged),
        expected,
        uncertainty: 0.0,
    }];
    on_own_samples("each sample twice", Side::Hypothesis, experiments, cells)
}
