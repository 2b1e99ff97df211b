//! Products of two resolvents: the correction that the product of the equivalents lacks.

use super::model::{Judged, Model, Shape, inverse, judge, other_data, real};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Rival, Side, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::covariance::{Tilted, TwoPoint};
use num_complex::Complex64;

/// Q₁AQ₂ ↔ Q̄₁AQ̄₂ + T_A/(1 − T_C)·Q̄₁CQ̄₂.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/second-order",
            title: "Equivalent of a product of two resolvents",
            statement: "For A = a(C): Q(z₁)AQ(z₂) ↔ Q̄₁AQ̄₂ + T_A/(1 − T_C)·Q̄₁CQ̄₂ with T_A = (1/n)tr(AQ̄₂CQ̄₁)/((1 + δ₁)(1 + δ₂)). \
                        The product Q̄₁AQ̄₂ of the equivalents is not an equivalent of the product.",
            formula: r"Q(z_1)AQ(z_2)\;\leftrightarrow\;\bar Q_1A\bar Q_2+\frac{T_A}{1-T_C}\,\bar Q_1C\bar Q_2,\qquad T_A=\frac{\frac1n\operatorname{tr}(A\bar Q_2C\bar Q_1)}{(1+\delta_1)(1+\delta_2)}",
            meaning: "The mean of tr(BQ₁AQ₂)/p at one ridge and at two, for A and B among I, C and the projection P on the eigenspace of ½, \
                      is that of the equivalent within the tolerance shown; at one ridge the term of order 1/n is taken into account.",
            source: Source {
                work: "lm",
                locus: "our A3",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// γ₁ and γ₂.
const RIDGES: [f64; 2] = [0.75, 1.5];

/// P, the projection on the eigenspace of λ = ½.
fn lower(x: f64) -> f64 {
    if x < 1.0 { 1.0 } else { 0.0 }
}

fn one(_: f64) -> f64 {
    1.0
}

fn itself(x: f64) -> f64 {
    x
}

/// tr(BQ(−γ₁)AQ(−γ₂))/p.
#[derive(Clone, Copy)]
struct Product {
    name: &'static str,
    a: fn(f64) -> f64,
    b: fn(f64) -> f64,
    ridges: [f64; 2],
}

const PRODUCTS: [Product; 4] = [
    Product {
        name: "tr QCQ/p",
        a: itself,
        b: one,
        ridges: [RIDGES[0], RIDGES[0]],
    },
    Product {
        name: "tr CQPQ/p",
        a: lower,
        b: itself,
        ridges: [RIDGES[0], RIDGES[0]],
    },
    Product {
        name: "tr Q₁CQ₂/p",
        a: itself,
        b: one,
        ridges: RIDGES,
    },
    Product {
        name: "tr Q₁Q₂/p",
        a: one,
        b: one,
        ridges: RIDGES,
    },
];

impl Product {
    fn two_point(&self, model: &Model) -> TwoPoint {
        let [z, w] = self.ridges.map(|g| Complex64::new(-g, 0.0));
        TwoPoint::new(&model.limit(), z, w).expect("z < 0")
    }

    /// The mean to order 1/n where that order is known, and the remainder allowed for.
    ///
    /// At one ridge the next order is smaller by a factor of order 1/n; four times the largest 1/n term of all products is allowed, over n, for a
    /// single one may be small because its parts cancel. At two ridges the 1/n term is not known but for its size, that of the
    /// terms at each; twice the larger is allowed.
    fn mean(&self, model: &Model) -> (f64, f64) {
        let leading = model.n as f64 * self.two_point(model).trace(self.a, self.b).re;
        let [g, h] = self.ridges;
        if g == h {
            let own = self.order(model, g, model.fourth());
            let largest = PRODUCTS
                .iter()
                .map(|x| x.size(model, g))
                .fold(0.0, f64::max);
            (leading + own, 4.0 * largest / model.n as f64)
        } else {
            (leading, 2.0 * self.size(model, g).max(self.size(model, h)))
        }
    }

    /// lim E tr(BQAQ) − tr of its equivalent, at one ridge.
    fn order(&self, model: &Model, gamma: f64, fourth: f64) -> f64 {
        Tilted::product_bias(&model.limit(), gamma, self.a, self.b, fourth).expect("γ > 0")
    }

    /// Its parts without and with κ₄, in modulus.
    fn size(&self, model: &Model, gamma: f64) -> f64 {
        let gauss = self.order(model, gamma, 0.0);
        gauss.abs() + (self.order(model, gamma, model.fourth()) - gauss).abs()
    }

    fn judged(&self, model: &Model, margin: f64) -> Judged {
        let p = model.p as f64;
        let (theory, inner) = self.mean(model);
        let norm = |f: fn(f64) -> f64| model.spectrum().into_iter().map(f).fold(0.0, f64::max);
        Judged {
            name: format!("{}, γ = {:?}", self.name, self.ridges),
            tail: model.product_tail(self.ridges, norm(self.a) * norm(self.b)),
            theory: theory / p,
            inner: inner / p,
            outer: inner / p + margin,
        }
    }
}

fn experiment(model: &Model, judged: &[Judged]) -> Experiment {
    let observables = judged.iter().map(Judged::observable).collect();
    let weights = PRODUCTS.map(|product| {
        let spectrum = model.spectrum();
        [product.a, product.b].map(|f| spectrum.iter().map(|&x| f(x)).collect::<Vec<f64>>())
    });
    model.on_data(observables, move |samples, x| {
        let covariance = real(samples.covariance(x.as_ref()));
        let first = inverse(&covariance, RIDGES[0])?;
        let second = inverse(&covariance, RIDGES[1])?;
        let p = samples.p();
        let products = PRODUCTS.iter().zip(&weights).map(|(product, [a, b])| {
            let right = if product.ridges[1] == RIDGES[0] {
                &first
            } else {
                &second
            };
            // tr(BQ₁AQ₂) = Σ b_i a_j (Q₁)_ij (Q₂)_ij.
            let column = |j: usize| {
                let (q, r) = (first.column(j), right.column(j));
                (0..p).map(|i| b[i] * q[i] * r[i]).sum::<f64>()
            };
            (0..p).map(|j| a[j] * column(j)).sum::<f64>() / p as f64
        });
        Ok(products.collect())
    })
}

fn plan(tier: Tier) -> Plan {
    use EntryLaw::{Gaussian, Rademacher, Uniform};
    // p above n first: there the correction is largest.
    let (sizes, margin): ([(usize, usize); 2], f64) = match tier {
        Tier::Quick => ([(32, 16), (16, 32)], 0.072),
        Tier::Standard => ([(64, 32), (40, 80)], 0.05),
        Tier::Deep => ([(400, 200), (256, 512)], 0.004),
    };
    let mut models = vec![(Gaussian, sizes[0], 1.0)];
    if tier != Tier::Quick {
        models.push((Gaussian, sizes[1], 1.0));
        models.push((Uniform, sizes[1], 1.0));
        // Here the interval is that of a bounded variable.
        models.push((Rademacher, sizes[1], 3.0));
    }
    let mut plan = Plan::default();
    let mut drawn = vec![];
    for (law, (p, n), wider) in models {
        let model = Model::new(law, Shape::TwoAtom, p, n);
        let judged = PRODUCTS.map(|x| x.judged(&model, margin * wider));
        judge(&mut plan, experiment(&model, &judged), &judged);
        drawn.push(model);
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&drawn, &plan.cells);
    plan.rivals.push(used_twice(&drawn[0], margin, &plan.cells));
    plan
}

fn theory_rivals(models: &[Model], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Product, &Model) -> f64| {
        let cells = models.iter().zip(cells.chunks(PRODUCTS.len()));
        let cells = cells.flat_map(|(model, cells)| {
            let wrong = PRODUCTS.iter().map(|product| wrong(product, model));
            let scale = model.n as f64 / model.p as f64;
            let pairs = cells.iter().zip(wrong);
            pairs
                .map(|(cell, w)| mistaken(cell, w * scale))
                .collect::<Vec<_>>()
        });
        on_same_samples(name, cells.collect())
    };
    vec![
        other("Q̄₁AQ̄₂", &|x, model| {
            x.two_point(model).uncorrected(x.a, x.b).re
        }),
        other("T_A for T_A/(1 − T_C)", &|x, model| {
            let both = x.two_point(model);
            // coefficient t = T_A/(1 − T_C), and T_C/(1 − T_C) = t_C: T_A = t/(1 + t_C).
            let kept = 1.0 / (1.0 + both.coefficient(itself).re);
            let plain = both.uncorrected(x.a, x.b).re;
            plain + kept * (both.trace(x.a, x.b).re - plain)
        }),
        other(
            "Q̄₁AQ̄₂ for the correction's Q̄₁CQ̄₂",
            &|x, model| {
                let both = x.two_point(model);
                (1.0 + both.coefficient(x.a).re) * both.uncorrected(x.a, x.b).re
            },
        ),
        other("T_C with the plus sign", &|x, model| {
            let both = x.two_point(model);
            let t = both.coefficient(itself).re;
            // T_C = t/(1 + t); 1/(1 + T_C) over 1/(1 − T_C).
            let flipped = 1.0 / (1.0 + 2.0 * t);
            let plain = both.uncorrected(x.a, x.b).re;
            plain + flipped * (both.trace(x.a, x.b).re - plain)
        }),
    ]
}

/// Every sample twice: the equivalent at n/2 with the correction of n/2.
fn used_twice(model: &Model, margin: f64, cells: &[Cell]) -> Rival {
    let half = Model {
        n: model.n / 2,
        ..*model
    };
    let judged = PRODUCTS.map(|x| x.judged(&half, margin));
    let expected = judged.iter().map(|j| j.theory).collect::<Vec<f64>>();
    let mut experiment = experiment(&half, &judged);
    experiment.signal.push_str(", every sample twice");
    let mut rival = other_data(
        "every sample twice",
        Side::Hypothesis,
        experiment,
        512,
        &expected,
        &cells[..PRODUCTS.len()],
    );
    // The allowance at two ridges is for n; at n/2 it is larger.
    for (cell, judged) in rival.cells.iter_mut().zip(&judged) {
        cell.uncertainty = judged.inner;
    }
    rival
}
