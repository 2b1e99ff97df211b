//! The central limit theorem for resolvent traces: its mean and its variance.

use super::model::{Judged, Model, Shape, judge, other_data};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Rival, Side, Tail, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::covariance::TraceFluctuation;
use num_complex::Complex64;

/// Mean and variance of tr Q at the order 1.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/trace-clt",
            title: "Fluctuations of resolvent traces",
            statement: "With m = m̃(−γ) and J_k = (1/n)Σ λ²m^k/(1 + λm)^k: E tr Q − tr Q̄ → J₃/(1 − J₂)² + κ₄J₃/(1 − J₂), and \
                        Var tr Q → 2∂₁∂₂[−log(1 − J(z₁, z₂))] + κ₄∂₁∂₂J at z₁ = z₂ = −γ, where κ₄ is the fourth cumulant of the entries.",
            formula: r"\mathbb{E}\operatorname{tr}Q-\operatorname{tr}\bar Q\to\frac{J_3}{(1-J_2)^2}+\kappa_4\frac{J_3}{1-J_2},\qquad \operatorname{Var}\operatorname{tr}Q\to\bigl[-2\,\partial_1\partial_2\log(1-J)+\kappa_4\,\partial_1\partial_2J\bigr]_{z_1=z_2=-\gamma}",
            meaning: "The trace of a p × p resolvent is known to a fraction of one eigenvalue: its mean is tr Q̄ plus the constant, and its variance does \
                      not grow with p, within the tolerance shown. Gaussian entries with a proved interval, \
                      Rademacher entries with a bounded one; these see the fourth cumulant.",
            source: Source {
                work: "lm",
                locus: "our A7",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// A model at one ridge.
struct Case {
    model: Model,
    gamma: f64,
}

/// What is judged: the mean, or the variance.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    Mean,
    Variance,
}

impl Case {
    fn at(&self) -> TraceFluctuation {
        let z = Complex64::new(-self.gamma, 0.0);
        TraceFluctuation::new(&self.model.limit(), z).expect("z < 0")
    }

    /// tr Q̄.
    fn leading(&self) -> f64 {
        self.model.n as f64 * self.at().trace(|_| 1.0).re
    }

    /// The terms without and with κ₄.
    fn parts(&self, of: Of) -> (f64, f64) {
        let at = self.at();
        let value = |fourth: f64| match of {
            Of::Mean => at.trace_bias(|_| 1.0, fourth).re,
            Of::Variance => at.covariance(&at, fourth).re,
        };
        let gauss = value(0.0);
        (gauss, value(self.model.fourth()) - gauss)
    }

    /// A bound of |tr Q − f|, for the laws that have one: λ_i ≥ 0, and Σλ_i = (1/n)Σ λ_j|z_j|² where the entries are ±1.
    fn range(&self) -> (f64, f64) {
        let p = self.model.p as f64;
        let mean = self.model.spectrum().iter().sum::<f64>() / p;
        // Jensen: tr Q ≥ p/(tr Ĉ/p + γ), and tr Ĉ = tr C surely.
        (p / (mean + self.gamma), p / self.gamma)
    }

    /// The observable is tr Q − tr Q̄, or the square of tr Q − E tr Q with the mean of theory: its own mean is the variance plus the
    /// square of what is missing in that mean.
    ///
    /// The next order is smaller by a factor of order 1/n; four times that over n is allowed. Variance of the square of
    /// a K-Lipschitz function of Gaussians: 4K²E F² by the Poincaré inequality, E F² ≤ K² plus that square.
    fn judged(&self, of: Of, margin: f64) -> Judged {
        let (gauss, extra) = self.parts(of);
        let n = self.model.n as f64;
        let size = gauss.abs() + extra.abs();
        let theory = gauss + extra;
        let missed = {
            let (gauss, extra) = self.parts(Of::Mean);
            (4.0 * (gauss.abs() + extra.abs()) / n).powi(2)
        };
        let inner = 4.0 * size / n + if of == Of::Mean { 0.0 } else { missed };
        let (lo, hi) = self.range();
        let tail = match (self.model.trace_tail(self.gamma, 1.0), of) {
            (tail @ Tail::SubGaussian { .. }, Of::Mean) => tail,
            (Tail::SubGaussian { variance_proxy: v }, Of::Variance) => Tail::Variance {
                bound: 4.0 * v * (v + missed),
            },
            (_, Of::Mean) => Tail::Bounded {
                lo: lo - self.leading(),
                hi: hi - self.leading(),
                design_variance: 1.5 * self.parts(Of::Variance).0,
            },
            (_, Of::Variance) => Tail::Bounded {
                lo: 0.0,
                hi: (hi - lo).powi(2),
                design_variance: 6.0 * self.parts(Of::Variance).0.powi(2),
            },
        };
        Judged {
            name: match of {
                Of::Mean => format!("tr Q − tr Q̄, γ = {}", self.gamma),
                Of::Variance => format!("(tr Q − E)², γ = {}", self.gamma),
            },
            tail,
            theory,
            inner,
            outer: inner + margin * gauss.abs(),
        }
    }

    fn experiment(&self, judged: &[Judged]) -> Experiment {
        let observables = judged.iter().map(Judged::observable).collect();
        let (gamma, leading) = (self.gamma, self.leading());
        let (gauss, extra) = self.parts(Of::Mean);
        let centre = gauss + extra;
        self.model.on_spectrum(observables, move |spectrum| {
            let value = spectrum.trace_and_log_det(gamma).0 - leading;
            Ok(vec![value, (value - centre).powi(2)])
        })
    }
}

/// Case with the margins of mean and variance, relative to their Gaussian parts.
type Row = (Case, [f64; 2]);

fn rows(tier: Tier) -> Vec<Row> {
    use EntryLaw::{Gaussian, Rademacher, Uniform};
    use Shape::{Isotropic, TwoAtom};
    let row = |law, shape, (p, n), gamma: f64, margins: [f64; 2]| {
        let model = Model::new(law, shape, p, n);
        (Case { model, gamma }, margins)
    };
    match tier {
        // κ₄ takes as many replicates again, and waits for the next tier.
        Tier::Quick => vec![row(Gaussian, Isotropic, (12, 24), 1.5, [0.7, 0.7])],
        Tier::Standard => vec![
            row(Gaussian, Isotropic, (16, 32), 1.5, [0.3, 0.25]),
            row(Gaussian, TwoAtom, (40, 20), 3.0, [0.6, 0.6]),
            row(Uniform, Isotropic, (16, 32), 1.5, [0.6, 0.6]),
            row(Rademacher, Isotropic, (12, 24), 0.75, [0.4, 1.0]),
        ],
        Tier::Deep => vec![
            row(Gaussian, Isotropic, (64, 128), 1.5, [0.08, 0.08]),
            row(Gaussian, TwoAtom, (32, 64), 1.0, [0.1, 0.3]),
            row(Gaussian, TwoAtom, (128, 64), 3.0, [0.1, 0.2]),
            row(Uniform, TwoAtom, (64, 128), 2.0, [0.1, 0.2]),
            row(Rademacher, TwoAtom, (32, 64), 1.0, [0.2, 1.0]),
        ],
    }
}

fn plan(tier: Tier) -> Plan {
    let rows = rows(tier);
    let mut plan = Plan::default();
    for (case, margins) in &rows {
        let judged = [
            case.judged(Of::Mean, margins[0]),
            case.judged(Of::Variance, margins[1]),
        ];
        judge(&mut plan, case.experiment(&judged), &judged);
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&rows, &plan.cells);
    plan.rivals.push(louder(&rows[0], &plan.cells));
    plan
}

fn theory_rivals(rows: &[Row], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, of: Of, wrong: &dyn Fn(&Case) -> Option<f64>| {
        let at = usize::from(of == Of::Variance);
        let cells = rows.iter().zip(cells.chunks(2));
        let cells = cells.filter_map(|((case, _), cells)| Some(mistaken(&cells[at], wrong(case)?)));
        on_same_samples(name, cells.collect())
    };
    let gaussian = |case: &Case| case.model.fourth() == 0.0;
    let fourth = |case: &Case| case.model.fourth() != 0.0;
    // Complex entries with E z² = 0 have no term of order 1 in the mean and half the variance.
    let complex = rows.iter().zip(cells.chunks(2));
    let complex = complex.filter(|((case, _), _)| gaussian(case));
    let complex = complex.flat_map(|((case, _), cells)| {
        let half = 0.5 * case.parts(Of::Variance).0;
        [mistaken(&cells[0], 0.0), mistaken(&cells[1], half)]
    });
    let complex = on_same_samples("complex entries", complex.collect());
    let mut rivals = vec![
        complex,
        other("the opposite sign of the mean", Of::Mean, &|case| {
            gaussian(case).then(|| -case.parts(Of::Mean).0)
        }),
        other("a variance that grows like p", Of::Variance, &|case| {
            Some(case.parts(Of::Variance).0 * case.model.p as f64)
        }),
    ];
    if rows.iter().any(|(case, _)| fourth(case)) {
        rivals.push(other("no κ₄ in the mean", Of::Mean, &|case| {
            fourth(case).then(|| case.parts(Of::Mean).0)
        }));
    }
    rivals
}

/// Entries of variance 1.1: the mean moves by the derivative of tr Q̄, far beyond the term of order 1.
fn louder((case, margins): &Row, cells: &[Cell]) -> Rival {
    let factor = 1.1;
    // Ĉ is 1.1 times that of the claim: tr(1.1Ĉ + γ)⁻¹ = tr(Ĉ + γ/1.1)⁻¹/1.1.
    let inside = Case {
        model: case.model,
        gamma: case.gamma / factor,
    };
    let expected = (inside.leading() + inside.parts(Of::Mean).0) / factor - case.leading();
    let judged = [case.judged(Of::Mean, margins[0])];
    let observables = judged.iter().map(Judged::observable).collect();
    let (gamma, leading) = (inside.gamma, case.leading());
    let mut experiment = case.model.on_spectrum(observables, move |spectrum| {
        Ok(vec![spectrum.trace_and_log_det(gamma).0 / factor - leading])
    });
    // The proxy of tr(Ĉ + γ/1.1)⁻¹/1.1.
    experiment.observables[0].tail = inside.model.trace_tail(inside.gamma, 1.0 / factor);
    experiment.signal.push_str(", variance 1.1");
    other_data(
        "variance 1.1",
        Side::Data,
        experiment,
        4096,
        &[expected],
        &cells[..1],
    )
}
