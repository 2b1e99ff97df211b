//! In the proportional regime Ĉ is no estimate of C in norm, though each of its entries is.

use super::model::{Judged, Model, Shape, judge, other_data, real};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Estimator, Experiment, Input, Plan, Rival, Side, Tail, Tier};
use crate::ensemble::EntryLaw;
use crate::spectrum::{Hermitian, Tridiagonal};
use crate::tracy_widom::TracyWidom;

/// ‖Ĉ − I‖ → c + 2√c, while max |Ĉ_ij| → 0.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/norm-inconsistency",
            title: "No consistency in norm",
            statement: "C = I and p/n → c > 0: max_{i≠j}|Ĉ_ij| ≤ 3√(log p/n) with probability tending to 1, but λ_max(Ĉ) → (1 + √c)², so \
                        that ‖Ĉ − C‖ → c + 2√c.",
            formula: r"\max_{i\ne j}|\hat C_{ij}|\le 3\sqrt{\tfrac{\log p}{n}},\qquad \|\hat C-I\|\to c+2\sqrt c",
            meaning: "At the sizes listed the mean of √λ_max is 1 + √c less the Tracy–Widom shift of order n^{−2/3}, within the tolerance shown; it is at no n \
                      above 1 + √(p/n) (Gordon's inequality); and in nearly every replicate all entries off the diagonal are below 3√(log p/n).",
            source: Source {
                work: "lm",
                locus: "our A0",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// E √λ_max and what is allowed besides.
///
/// nλ_max ≈ μ + ςTW₁ with the centring of Z. Ma (2012), √μ = √(n − ½) + √(p − ½) and ς = √μ(1/√(n − ½) + 1/√(p − ½))^{1/3}, and the square root is
/// expanded to second order. What is left is smaller than the shift by more than n^{−1/3}: as much is allowed.
fn location(model: &Model) -> (f64, f64) {
    let (p, n) = (model.p as f64, model.n as f64);
    let (rows, columns) = ((p - 0.5).sqrt(), (n - 0.5).sqrt());
    let centre = rows + columns;
    let width = centre * (1.0 / rows + 1.0 / columns).cbrt();
    let law = TracyWidom::goe();
    let shift = 0.5 * width * law.mean() / centre;
    let second = law.variance() + law.mean() * law.mean();
    let curvature = -0.125 * width * width * second / centre.powi(3);
    let mean = (centre + shift + curvature) / n.sqrt();
    (mean, (shift / n.sqrt()).abs() / n.cbrt())
}

/// P(some |Ĉ_ij| > 3√(log p/n)), i < j: Σ_k z_ik z_jk/n = (|u|² − |w|²)/2n for u, w = (z_i ± z_j)/√2 has
/// log E e^{ts} ≤ t²/(2n(1 − (t/n)²)); at t = n·a, a < 1: P(s > x) ≤ exp(−n(ax − a²/(2(1 − a²)))).
fn entries_exceed(p: f64, n: f64) -> f64 {
    let x = 3.0 * (p.ln() / n).sqrt();
    let best = (1..100)
        .map(|i| f64::from(i) / 100.0)
        .map(|a| a * x - 0.5 * a * a / (1.0 - a * a))
        .fold(0.0, f64::max);
    (p * (p - 1.0) * (-n * best).exp()).min(1.0)
}

fn judged(model: &Model, margins: [f64; 2]) -> Vec<Judged> {
    let (p, n) = (model.p as f64, model.n as f64);
    let (mean, rest) = location(model);
    let exceed = entries_exceed(p, n);
    vec![
        Judged {
            name: "√λ_max".into(),
            tail: Tail::SubGaussian {
                variance_proxy: model.proxy(1.0).expect("Gaussian entries"),
            },
            theory: mean,
            inner: rest,
            outer: rest + margins[0],
        },
        Judged {
            name: "max |Ĉ_ij| ≤ 3√(log p/n)".into(),
            tail: Tail::Indicator,
            theory: 1.0,
            inner: exceed,
            outer: exceed + margins[1],
        },
    ]
}

fn experiment(model: &Model, judged: &[Judged]) -> Experiment {
    let observables = judged.iter().map(Judged::observable).collect();
    let (p, n) = (model.p as f64, model.n as f64);
    let threshold = 3.0 * (p.ln() / n).sqrt();
    model.on_data(observables, move |samples, x| {
        let covariance = samples.covariance(x.as_ref());
        let largest = Tridiagonal::reduce(&covariance)?.largest(1e-12)?.value;
        let small = off_diagonal(covariance) <= threshold;
        Ok(vec![largest.sqrt(), f64::from(u8::from(small))])
    })
}

fn off_diagonal(m: Hermitian) -> f64 {
    let m = real(m);
    let columns = (0..m.ncols()).flat_map(|j| (0..j).map(move |i| (i, j)));
    columns.map(|at| m[at].abs()).fold(0.0, f64::max)
}

fn plan(tier: Tier) -> Plan {
    let (sizes, margins): (&[(usize, usize)], _) = match tier {
        Tier::Quick => (&[(48, 96)], [0.08, 0.5]),
        Tier::Standard => (&[(48, 192), (96, 96)], [0.04, 0.2]),
        Tier::Deep => (&[(250, 1000), (500, 1000), (1000, 500)], [0.01, 0.1]),
    };
    let mut plan = Plan::default();
    let mut models = vec![];
    for &(p, n) in sizes {
        let model = Model::new(EntryLaw::Gaussian, Shape::Isotropic, p, n);
        let judged = judged(&model, margins);
        let e = judge(&mut plan, experiment(&model, &judged), &judged);
        plan.cells.push(Cell {
            law: plan.experiments[e].law.clone(),
            signal: plan.experiments[e].signal.clone(),
            n,
            point: "√λ_max above 1 + √(p/n)".into(),
            theory: 0.0,
            inner: 0.0,
            outer: margins[0],
            estimator: Estimator::excess(Input::new(e, 0), 1.0 + (p as f64 / n as f64).sqrt()),
        });
        models.push(model);
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&models, &plan.cells);
    plan.rivals
        .push(few_features(&models[0], margins, &plan.cells));
    plan
}

fn theory_rivals(models: &[Model], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(f64) -> f64| {
        let cells = models.iter().zip(cells.chunks(3));
        let cells =
            cells.map(|(model, cells)| mistaken(&cells[0], wrong(model.p as f64 / model.n as f64)));
        on_same_samples(name, cells.collect())
    };
    let mut rivals = vec![
        other("‖Ĉ − I‖ → 0", &|_| 1.0),
        other("λ_max → 1 + c", &|c| (1.0 + c).sqrt()),
        other("λ_max → 1 + 2√c", &|c| (1.0 + 2.0 * c.sqrt()).sqrt()),
        other("λ_max → (1 + c)²", &|c| 1.0 + c),
    ];
    // No entry small, as if the entries were as far off as the norm.
    let entries = cells.chunks(3).map(|pair| mistaken(&pair[1], 0.0));
    rivals.push(on_same_samples(
        "entries as far off as the norm",
        entries.collect(),
    ));
    rivals
}

/// p = 2 features for the same n: not the proportional regime, and Ĉ is close to C in norm.
fn few_features(model: &Model, margins: [f64; 2], cells: &[Cell]) -> Rival {
    let few = Model { p: 2, ..*model };
    let mut judged = judged(&few, margins);
    judged.truncate(1);
    let observables = judged.iter().map(Judged::observable).collect();
    let experiment = few.on_data(observables, |samples, x| {
        let covariance = samples.covariance(x.as_ref());
        let largest = Tridiagonal::reduce(&covariance)?.largest(1e-12)?.value;
        Ok(vec![largest.sqrt()])
    });
    // Between 1 (E λ_max ≥ E tr Ĉ/2, less the variance of the root) and Gordon's 1 + √(2/n).
    let gordon = (2.0 / few.n as f64).sqrt();
    let mut rival = other_data(
        "two features: p/n → 0",
        Side::Hypothesis,
        experiment,
        2048,
        &[1.0 + 0.5 * gordon],
        &cells[..1],
    );
    rival.cells[0].uncertainty = 0.5 * gordon + 1.0 / few.n as f64;
    rival
}
