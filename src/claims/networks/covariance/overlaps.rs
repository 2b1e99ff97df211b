//! Overlaps of the eigenvectors of Ĉ with C.

use super::model::{Judged, Model, Shape, inverse, judge, other_data, real};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, ReplicateError, Rival, Side, Tail, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::covariance::TraceFluctuation;
use num_complex::Complex64;

/// Σ u_iᵀCu_i·Im 1/(λ_i − z)/n → Im δ(z).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/eigenvector-overlaps",
            title: "Eigenvectors of a sample covariance",
            statement: "For sample eigenvectors with λ_i in the bulk u_iᵀCu_i ~ d(λ_i), d(λ) = 1/(λ|m̃(λ + i0)|²). In smooth form: \
                        (1/n)Σ u_iᵀCu_i·Im 1/(λ_i − z) → Im δ(z), δ(z) = −1 − 1/(z m̃(z)), for every z in the upper half-plane.",
            formula: r"\frac1n\sum_i u_i^{\mathsf T}Cu_i\,\operatorname{Im}\frac1{\lambda_i-z}\;\longrightarrow\;\operatorname{Im}\delta(z),\qquad \operatorname{Im}\delta(\lambda+i0)=\pi c\,d(\lambda)\,\rho(\lambda),\quad d(\lambda)=\frac1{\lambda|\tilde m(\lambda+i0)|^2}",
            meaning: "At the points z listed, near both edges and in the middle, the sample eigenvectors see C as the limit says, within the \
                      tolerance shown: larger forms than λ at the lower edge, smaller ones at the upper. Poisson's kernel of width Im z \
                      stands for bins.",
            source: Source {
                work: "lm",
                locus: "our A9",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// η: the proxies grow like η⁻⁴, the spectrum is about 4 wide.
const HEIGHT: f64 = 1.0;

/// Re z: the lower edge, the middle, the upper edge.
const CENTRES: [f64; 3] = [0.25, 1.5, 4.0];

fn z(x: f64) -> Complex64 {
    Complex64::new(x, HEIGHT)
}

/// sup_s s/|s² − z|: the maximum over s² = |z| is √|z|/||z| − z| .
fn root_gain(z: Complex64) -> f64 {
    let r = z.norm();
    r.sqrt() / (r - z).norm()
}

/// The tail of (1/n)Im tr CQ(z): |d tr CQ| ≤ 2√r‖C‖‖QY‖‖Q‖·‖dY‖, ‖QY‖ = sup s/|s² − z|, ‖Q‖ ≤ 1/Im z.
fn tail(model: &Model, z: Complex64) -> Tail {
    let spectrum = model.spectrum();
    let norm = spectrum.iter().copied().fold(0.0, f64::max);
    let smaller = model.p.min(model.n) as f64;
    let k = 2.0 * smaller.sqrt() * norm * root_gain(z) / z.im / model.n as f64;
    Tail::SubGaussian {
        variance_proxy: model.proxy(k).expect("the laws are images of Gaussians"),
    }
}

fn judged(model: &Model, margin: f64) -> Vec<Judged> {
    let n = model.n as f64;
    let one = |&x: &f64| {
        let at = TraceFluctuation::new(&model.limit(), z(x)).expect("Im z > 0");
        let gauss = at.trace_bias(|l| l, 0.0);
        let bias = at.trace_bias(|l| l, model.fourth());
        // Four times the 1/n term over n, moduli of the complex terms.
        let rest = 4.0 * (gauss.norm() + (bias - gauss).norm()) / (n * n);
        Judged {
            name: format!("Im tr CQ/n, z = {x} + {HEIGHT}i"),
            tail: tail(model, z(x)),
            theory: at.trace(|l| l).im + bias.im / n,
            inner: rest,
            outer: rest + margin,
        }
    };
    CENTRES.iter().map(one).collect()
}

/// Im Q(x + iη) = η((Ĉ − x)² + η²)⁻¹, in real arithmetic, for entries of the variance.
fn experiment(model: &Model, judged: &[Judged], variance: f64) -> Experiment {
    let observables = judged.iter().map(Judged::observable).collect();
    let n = model.n as f64;
    model.on_data(observables, move |samples, x| {
        let covariance = real(samples.covariance(x.as_ref())) * variance;
        let square = &covariance * &covariance;
        let values = CENTRES.map(|x| {
            let shifted = &square - &covariance * (2.0 * x);
            let inverse = inverse(&shifted, x * x + HEIGHT * HEIGHT)?;
            let weights = samples.population().iter().enumerate();
            let sum: f64 = weights.map(|(i, c)| c * inverse[(i, i)]).sum();
            Ok::<f64, ReplicateError>(HEIGHT * sum / n)
        });
        let values: Result<Vec<f64>, _> = values.into_iter().collect();
        values
    })
}

fn plan(tier: Tier) -> Plan {
    use EntryLaw::{Gaussian, Uniform};
    let (sizes, margin): ([(usize, usize); 2], f64) = match tier {
        Tier::Quick => ([(24, 48), (40, 20)], 0.1),
        Tier::Standard => ([(24, 48), (24, 12)], 0.08),
        Tier::Deep => ([(256, 512), (400, 200)], 0.002),
    };
    let mut models = vec![Model::new(Gaussian, Shape::TwoAtom, sizes[0].0, sizes[0].1)];
    if tier != Tier::Quick {
        models.push(Model::new(Uniform, Shape::Grid, sizes[1].0, sizes[1].1));
    }
    let mut plan = Plan::default();
    for model in &models {
        let judged = judged(model, margin);
        judge(&mut plan, experiment(model, &judged, 1.0), &judged);
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&models, &plan.cells);
    plan.rivals.push(louder(&models[0], margin, &plan.cells));
    plan
}

fn theory_rivals(models: &[Model], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Model, Complex64) -> f64| {
        let cells = models.iter().zip(cells.chunks(CENTRES.len()));
        let cells = cells.flat_map(|(model, cells)| {
            let pairs = cells.iter().zip(CENTRES);
            pairs
                .map(|(cell, x)| mistaken(cell, wrong(model, z(x))))
                .collect::<Vec<_>>()
        });
        on_same_samples(name, cells.collect())
    };
    let stieltjes = |model: &Model, z: Complex64| {
        let m = model.limit().stieltjes(z).expect("Im z > 0").value;
        (m, model.p as f64 / model.n as f64)
    };
    vec![
        // (1/n)Σ λ_i/(λ_i − z) = c(1 + zm).
        other("u_iᵀCu_i = λ_i", &|model, z| {
            let (m, c) = stieltjes(model, z);
            c * (1.0 + z * m).im
        }),
        other("u_iᵀCu_i = tr C/p: no memory of C", &|model, z| {
            let (m, c) = stieltjes(model, z);
            c * model.limit().population().moment(1) * m.im
        }),
        other(
            "sample eigenvectors of C itself: Σ λ Im 1/(λ − z)",
            &|model, z| {
                let spectrum = model.spectrum();
                let sum: Complex64 = spectrum.iter().map(|x| x / (x - z)).sum();
                sum.im / model.n as f64
            },
        ),
        other("d(λ) = 1/|m̃|²", &|model, z| {
            // δ times z, whose boundary value has λd(λ) for d(λ).
            let at = TraceFluctuation::new(&model.limit(), z).expect("Im z > 0");
            (z * at.trace(|l| l)).im
        }),
    ]
}

/// Entries of variance 1.5: tr C(1.5Ĉ − z)⁻¹ = tr C(Ĉ − z/1.5)⁻¹/1.5.
fn louder(model: &Model, margin: f64, cells: &[Cell]) -> Rival {
    let factor = 1.5;
    let mut judged = judged(model, margin);
    for (judged, x) in judged.iter_mut().zip(CENTRES) {
        let at = TraceFluctuation::new(&model.limit(), z(x) / factor).expect("Im z > 0");
        let bias = at.trace_bias(|l| l, model.fourth()) / model.n as f64;
        judged.theory = (at.trace(|l| l) + bias).im / factor;
        // C is 1.5 times as large where the proxy has ‖C‖ for the size of Y.
        if let Tail::SubGaussian { variance_proxy } = &mut judged.tail {
            *variance_proxy *= factor;
        }
    }
    let expected: Vec<f64> = judged.iter().map(|j| j.theory).collect();
    let mut experiment = experiment(model, &judged, factor);
    experiment.signal.push_str(", variance 1.5");
    let cells = &cells[..CENTRES.len()];
    other_data(
        "variance 1.5",
        Side::Data,
        experiment,
        1024,
        &expected,
        cells,
    )
}
