//! Rows and columns of unequal variance.

use super::model::{Judged, inverse, judge, other_data, real};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{cell, mistaken, mistaken_by, on_same_samples};
use crate::claims::power::sized;
use crate::design::{
    Cell, Estimator, Experiment, Input, Plan, Replicate, Rival, RivalCell, Side, Tail, Tier,
};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::covariance::Separable;
use crate::equivalent::{Population, SampleCovariance};
use nalgebra::DMatrix;

/// Q̄ = (1/γ)(I + δ̃C)⁻¹ and Q̃̄ = (1/γ)(I + δD)⁻¹ for X = C^{1/2}ZD^{1/2}.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/separable",
            title: "Separable covariance",
            statement: "For X = C^{1/2}ZD^{1/2}: (XXᵀ/n + γ)⁻¹ ↔ (1/γ)(I + δ̃C)⁻¹ and (XᵀX/n + γ)⁻¹ ↔ (1/γ)(I + δD)⁻¹, where \
                        δ = (1/n)tr CQ̄ and δ̃ = (1/n)tr DQ̃̄.",
            formula: r"Q\leftrightarrow\frac1\gamma(I+\tilde\delta C)^{-1},\quad\tilde Q\leftrightarrow\frac1\gamma(I+\delta D)^{-1},\qquad \delta=\tfrac1n\operatorname{tr}C\bar Q,\quad\tilde\delta=\tfrac1n\operatorname{tr}D\bar{\tilde Q}",
            meaning: "The mean of tr Q/p, extrapolated from n and 2n so that its 1/n term cancels, and the mean of (1/n)tr DQ̃ with an allowance for that term, \
                      are those of the equivalent within the tolerance shown; Gaussian and uniform entries.",
            source: Source {
                work: "lm",
                locus: "our A4",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// γ.
const RIDGE: f64 = 0.5;
/// Spectra of C and of D, in equal parts: tr C/p = 1.25, tr D/n = 1.
const ROWS: [f64; 2] = [0.5, 2.0];
const COLUMNS: [f64; 2] = [0.2, 1.8];

/// p × n.
#[derive(Clone, Copy)]
struct Model {
    law: EntryLaw,
    p: usize,
    n: usize,
    columns: [f64; 2],
}

impl Model {
    fn limit(&self) -> Separable {
        let of = |pair: [f64; 2]| Population::eigenvalues(&pair).expect("positive");
        let ratio = self.p as f64 / self.n as f64;
        Separable::new(&of(ROWS), &of(self.columns), ratio, RIDGE).expect("c, γ > 0")
    }

    /// tr Q/p and (1/n)tr DQ̃: the limits.
    fn means(&self) -> [f64; 2] {
        let (limit, c) = (self.limit(), self.p as f64 / self.n as f64);
        [limit.trace(|_| 1.0) / c, limit.companion().value]
    }

    /// Proxies of tr Q/p and of (1/n)tr DQ̃: those of a sample covariance with ‖C‖‖D‖ in place of ‖C‖; for a weighted
    /// trace K = √r‖D‖γ^{−3/2}.
    fn tails(&self) -> [Tail; 2] {
        let l = self.law.lipschitz().expect("images of Gaussians");
        let (p, n) = (self.p as f64, self.n as f64);
        let top = |pair: [f64; 2]| pair[0].max(pair[1]);
        let size = top(ROWS) * top(self.columns) * l * l / n;
        let proxy = p.min(n) * RIDGE.powi(-3) * size;
        let tail = |variance_proxy| Tail::SubGaussian { variance_proxy };
        [
            tail(27.0 / 64.0 * proxy / (p * p)),
            tail(top(self.columns).powi(2) * proxy / (n * n)),
        ]
    }

    fn judged(&self, margin: f64) -> Vec<Judged> {
        let names = ["tr Q/p", "tr DQ̃/n"];
        let rows = self.means().into_iter().zip(self.tails()).zip(names);
        rows.map(|((theory, tail), name)| {
            // Relative n·bias ≤ 0.7 was seen for tr Q/p in an earlier simulation (4.6e-3 at n = 150); twice that and more.
            let inner = 1.5 * theory / self.n as f64;
            Judged {
                name: format!("{name}, γ = {RIDGE}"),
                tail,
                theory,
                inner,
                outer: inner + margin,
            }
        })
        .collect()
    }

    fn experiment(&self, judged: &[Judged]) -> Experiment {
        let rows = (0..self.p).map(|i| ROWS[2 * i / self.p]).collect();
        let samples = Samples::new(self.law, rows, self.n).expect("positive");
        let (p, n, columns) = (self.p, self.n, self.columns);
        let weights: Vec<f64> = (0..n).map(|j| columns[2 * j / n]).collect();
        Experiment {
            law: self.law.name().into(),
            signal: format!("C of ½ and 2, D of {columns:?}, p = {p}"),
            n,
            replicates: 1,
            observables: judged.iter().map(Judged::observable).collect(),
            replicate: Replicate::alone(move |rng, _| {
                let mut x = samples.draw(rng);
                for (j, weight) in weights.iter().enumerate() {
                    for i in 0..p {
                        x[(i, j)] *= weight.sqrt();
                    }
                }
                let q = inverse(&real(samples.covariance(x.as_ref())), RIDGE)?;
                // Q̃ = (I − XᵀQX/n)/γ.
                let data = DMatrix::from_fn(p, n, |i, j| x[(i, j)]);
                let inner = &q * &data;
                let forms = (0..n).map(|j| data.column(j).dot(&inner.column(j)) / n as f64);
                let weighted = forms.zip(&weights).map(|(f, d)| d * (1.0 - f));
                let companion = weighted.sum::<f64>() / (RIDGE * n as f64);
                Ok(vec![q.trace() / p as f64, companion])
            }),
        }
    }
}

fn plan(tier: Tier) -> Plan {
    use EntryLaw::{Gaussian, Uniform};
    let (p, n, margin) = match tier {
        Tier::Quick => (16, 24, 0.12),
        Tier::Standard => (16, 24, 0.04),
        Tier::Deep => (128, 192, 0.004),
    };
    let of = |law, factor: usize| Model {
        law,
        p: p * factor,
        n: n * factor,
        columns: COLUMNS,
    };
    let mut laws = vec![Gaussian];
    if tier != Tier::Quick {
        laws.push(Uniform);
    }
    let mut plan = Plan::default();
    let mut judged_by = vec![];
    for law in laws {
        let (small, large) = (of(law, 1), of(law, 2));
        let first = plan.experiments.len();
        for model in [small, large] {
            let judged = model.judged(margin);
            judge(&mut plan, model.experiment(&judged), &judged);
        }
        // The small size serves the extrapolation only.
        plan.cells.truncate(plan.cells.len() - 4);
        let (judged, second) = (large.judged(margin), first + 1);
        plan.cells
            .push(extrapolated(&plan, (first, second), &judged[0], large.n));
        let companion = cell(
            &plan.experiments,
            (second, 1),
            judged[1].theory,
            judged[1].inner,
            judged[1].outer,
        );
        plan.cells.push(companion);
        judged_by.push(large);
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&judged_by, &plan.cells);
    plan.rivals
        .push(equal_columns(&judged_by[0], margin, &plan.cells));
    plan
}

/// 2·mean(2n) − mean(n): the 1/n term cancels; of the next order, the square of its size is allowed.
fn extrapolated(plan: &Plan, (small, large): (usize, usize), judged: &Judged, n: usize) -> Cell {
    let rest = judged.theory * (1.5 / (0.5 * n as f64)).powi(2);
    Cell {
        law: plan.experiments[large].law.clone(),
        signal: plan.experiments[large].signal.clone(),
        n,
        point: format!("{} from n and n/2", judged.name),
        theory: judged.theory,
        inner: rest,
        outer: rest + judged.outer - judged.inner,
        estimator: Estimator::contrast(&[
            (Input::new(large, 0), 2.0),
            (Input::new(small, 0), -1.0),
        ]),
    }
}

fn theory_rivals(models: &[Model], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Model) -> [Option<f64>; 2]| {
        let cells = models.iter().zip(cells.chunks(2));
        let cells = cells.flat_map(|(model, cells)| {
            let [trace, companion] = wrong(model);
            let first = trace.map(|w| extrapolated_rival(&cells[0], w));
            let second = companion.map(|w| mistaken(&cells[1], w));
            first.into_iter().chain(second)
        });
        on_same_samples(name, cells.collect())
    };
    vec![
        other("D = I, tr D/n = 1", &|model| {
            let rows = Population::eigenvalues(&ROWS).expect("positive");
            let ratio = model.p as f64 / model.n as f64;
            let plain = SampleCovariance::new(rows, ratio).expect("c > 0");
            let kappa = plain.kappa(RIDGE).expect("γ > 0").value;
            let mean = plain.population().integral(|x| kappa / RIDGE / (x + kappa));
            [Some(mean), Some(1.0 / kappa)]
        }),
        other("C and D exchanged", &|model| {
            let rows = Population::eigenvalues(&ROWS).expect("positive");
            let columns = Population::eigenvalues(&model.columns).expect("positive");
            let ratio = model.p as f64 / model.n as f64;
            let swapped = Separable::new(&columns, &rows, ratio, RIDGE).expect("c, γ > 0");
            [
                Some(swapped.trace(|_| 1.0) / ratio),
                Some(swapped.companion().value),
            ]
        }),
        other("δ for δ̃", &|model| {
            let (delta, rows) = (model.limit().delta().value, ROWS);
            let mean = rows.map(|x| 0.5 / (RIDGE * (1.0 + delta * x)));
            [Some(mean[0] + mean[1]), Some(delta)]
        }),
    ]
}

fn extrapolated_rival(cell: &Cell, wrong: f64) -> RivalCell {
    let inputs = &cell.estimator.inputs;
    let contrast = Estimator::contrast(&[(inputs[0], 2.0), (inputs[1], -1.0)]);
    mistaken_by(cell, wrong, contrast)
}

/// Columns of one variance, judged as if they had two.
fn equal_columns(model: &Model, margin: f64, cells: &[Cell]) -> Rival {
    let equal = Model {
        columns: [1.0, 1.0],
        ..*model
    };
    let judged = equal.judged(margin);
    let experiment = equal.experiment(&judged);
    let rival = other_data(
        "D = I in the data",
        Side::Data,
        experiment,
        512,
        &[0.0, judged[1].theory],
        &[copy(&cells[1]), copy(&cells[1])],
    );
    Rival {
        cells: rival.cells.into_iter().skip(1).collect(),
        ..rival
    }
}

fn copy(cell: &Cell) -> Cell {
    mistaken(cell, cell.theory).cell
}
