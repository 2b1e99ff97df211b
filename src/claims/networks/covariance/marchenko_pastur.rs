//! Moments of sample covariance matrices of white noise: exact at every size.

use super::model::{Judged, Model, Shape, judge, other_data};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Rival, Side, Tail, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::covariance::{marchenko_pastur_moment, wishart_moment};

/// E (1/p)tr Ĉᵏ at finite p and n, and its limit, the moments of Marchenko and Pastur.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/marchenko-pastur",
            title: "Moments of the Marchenko–Pastur law",
            statement: "∫xᵏ dMP_c = Σ_{r<k} cʳ/(r + 1)·C(k, r)C(k − 1, r). For Gaussian entries and C = I, at every p and n: E tr Ĉ² = p(n + p + 1)/n and \
                        E tr Ĉ³ = p(n² + p² + 3np + 3n + 3p + 4)/n², which tend to p times the second and third.",
            formula: r"\int x^k\,d\mathrm{MP}_c=\sum_{r=0}^{k-1}\frac{c^r}{r+1}\binom kr\binom{k-1}r,\qquad \mathbb{E}\operatorname{tr}\hat C^2=\frac{p(n+p+1)}{n}",
            meaning: "Both means are exact at the sizes listed, within a tolerance below the difference from the limit law itself. The variance of \
                      tr Ĉᵏ is bounded by a moment that is known exactly, so nothing is fitted.",
            source: Source {
                work: "lm",
                locus: "our A1",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

/// E (1/p)tr Ĉᵏ of the Gaussian.
fn exact(model: &Model, k: u32) -> f64 {
    wishart_moment(model.p, model.n, k).expect("k ≤ 5")
}

/// tr Ĉ² and tr Ĉ³, known up to `margins` times their difference from the limit law.
///
/// Poincaré: Var tr Ĉᵏ ≤ L²E‖∂ tr Ĉᵏ/∂Z‖² = (4k²L²/n)E tr Ĉ^{2k−1}. Entries whose even moments are at most the Gaussian ones
/// (uniform) have no larger E tr Ĉ^{2k−1}: it is a sum of products of moments with positive weights.
fn judged(model: &Model, margins: [f64; 2]) -> Vec<Judged> {
    let (p, n) = (model.p as f64, model.n as f64);
    let lipschitz = model.law.lipschitz().expect("images of Gaussians");
    let one = |k: u32, margin: f64| {
        let order = f64::from(k);
        let theory = p * exact(model, k);
        let limit = p * marchenko_pastur_moment(p / n, k);
        Judged {
            name: format!("tr Ĉ^{k}"),
            tail: Tail::Variance {
                bound: 4.0 * (order * lipschitz).powi(2) / n * p * exact(model, 2 * k - 1),
            },
            theory,
            inner: 0.0,
            outer: margin * (theory - limit),
        }
    };
    vec![one(2, margins[0]), one(3, margins[1])]
}

fn experiment(model: &Model, judged: &[Judged]) -> Experiment {
    let observables = judged.iter().map(Judged::observable).collect();
    model.on_spectrum(observables, |spectrum| {
        let (second, third) = spectrum.power_sums();
        Ok(vec![second, third])
    })
}

fn plan(tier: Tier) -> Plan {
    let (sizes, margins): (&[(usize, usize)], [f64; 2]) = match tier {
        Tier::Quick => (&[(4, 8)], [1.4, 1.0]),
        Tier::Standard => (&[(8, 16), (12, 6)], [0.7, 0.7]),
        Tier::Deep => (&[(32, 64), (48, 24)], [0.25, 0.25]),
    };
    let mut plan = Plan::default();
    let mut models = vec![];
    for &(p, n) in sizes {
        let model = Model::new(EntryLaw::Gaussian, Shape::Isotropic, p, n);
        let judged = judged(&model, margins);
        judge(&mut plan, experiment(&model, &judged), &judged);
        models.push(model);
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&models, &plan.cells);
    if tier != Tier::Quick {
        plan.rivals.push(uniform(&models[0], margins, &plan));
    }
    plan
}

fn theory_rivals(models: &[Model], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(f64, f64, u32) -> f64| {
        let cells = models.iter().zip(cells.chunks(2));
        let cells = cells.flat_map(|(model, cells)| {
            let (p, n) = (model.p as f64, model.n as f64);
            let pairs = cells.iter().zip([2, 3]);
            pairs
                .map(|(cell, k)| mistaken(cell, p * wrong(p, n, k)))
                .collect::<Vec<_>>()
        });
        on_same_samples(name, cells.collect())
    };
    vec![
        other("the limit at finite n", &|p, n, k| {
            marchenko_pastur_moment(p / n, k)
        }),
        other("complex entries", &|p, n, k| match k {
            2 => (n + p) / n,
            _ => (n * n + p * p + 3.0 * n * p + 1.0) / (n * n),
        }),
        other("1/c for c", &|p, n, k| marchenko_pastur_moment(n / p, k)),
        other("Ĉ = C: no spread", &|_, _, _| 1.0),
    ]
}

/// Uniform entries: E tr Ĉ² = p(n + p + 1 + κ₄)/n, the exact formula needs Gaussians.
fn uniform(model: &Model, margins: [f64; 2], plan: &Plan) -> Rival {
    let other = Model {
        law: EntryLaw::Uniform,
        ..*model
    };
    let judged = judged(&other, margins);
    let shift = model.p as f64 * other.fourth() / model.n as f64;
    let expected = [judged[0].theory + shift];
    let experiment = experiment(&other, &judged);
    let replicates = 2 * plan.experiments[0].replicates;
    other_data(
        "uniform entries",
        Side::Hypothesis,
        experiment,
        replicates,
        &expected,
        &plan.cells[..1],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    #[test]
    fn power_sums_are_those_of_the_matrix() {
        let model = Model::new(EntryLaw::Gaussian, Shape::TwoAtom, 5, 7);
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "gaussian".into(),
            n: 7,
            signal: "two-atom".into(),
        };
        let judged = judged(&model, [1.0, 1.0]);
        let values = experiment(&model, &judged)
            .replicate
            .values(&mut [(key.generator(0), 0)]);
        let values = values[0].as_ref().unwrap();
        let samples = model.samples();
        let x = samples.draw(&mut key.generator(0));
        let c = super::super::model::real(samples.covariance(x.as_ref()));
        let square = &c * &c;
        assert!((values[0] - square.trace()).abs() < 1e-10 * square.trace());
        let cube = (&square * &c).trace();
        assert!((values[1] - cube).abs() < 1e-10 * cube);
    }
}
