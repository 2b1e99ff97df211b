//! Plans and rivals of the claims about the defect.

use super::super::violated;
use super::{Model, Theory, defect, defect_cell, inputs, z};
use crate::confidence::{Confidence, Grade};
use crate::design::{Cell, Estimator, Plan, Rival, RivalCell, Side};
use crate::ensemble::{Ensemble, Signal, SignalShape, Violation};
use crate::measure::UpperHalf;
use crate::statistic::Part;
use num_complex::Complex64;
use std::sync::Arc;

/// Models, each observed at some z, with what is called agreement.
pub(in crate::claims) struct Grid {
    /// One experiment a row.
    pub rows: Vec<(Model, Vec<UpperHalf>)>,
    /// Agreement, as a fraction of the GOE's own r(z) at that ν_N, z.
    pub fraction: f64,
}

impl Grid {
    /// The claim: every defect is what theory says.
    pub fn plan(&self) -> Plan {
        Plan {
            experiments: self.rows.iter().map(|(m, zs)| m.traces(zs)).collect(),
            cells: self.each(|model, e, j, z, part| {
                Some(defect_cell(model, e, j, z, part, self.agreement(model, z)))
            }),
            rivals: vec![],
        }
    }

    fn agreement(&self, model: &Model, z: UpperHalf) -> f64 {
        let natural = Theory::with(
            &model.signal_eigenvalues(),
            model.ensemble.sigma(),
            crate::free::finite_size::EntryStatistics::goe(),
            z,
        );
        self.fraction * natural.finite.leading(natural.law).norm()
    }

    fn each<T>(&self, f: impl Fn(&Model, usize, usize, UpperHalf, Part) -> Option<T>) -> Vec<T> {
        let mut all = vec![];
        for (e, (model, zs)) in self.rows.iter().enumerate() {
            for (j, &z) in zs.iter().enumerate() {
                all.extend(
                    Part::BOTH
                        .iter()
                        .filter_map(|&part| f(model, e, j, z, part)),
                );
            }
        }
        all
    }

    /// A rival on the claim's samples with another theory value where `wrong` gives one.
    pub fn other_theory(
        &self,
        name: &str,
        wrong: impl Fn(&Model, &Theory) -> Option<Complex64>,
    ) -> Rival {
        let cells = self.each(|model, e, j, z, part| {
            let theory = Theory::of(model, z);
            let right = theory.defect();
            let cell = defect_cell(model, e, j, z, part, self.agreement(model, z));
            Some(RivalCell {
                cell: Cell {
                    theory: part.of(wrong(model, &theory)?),
                    ..cell
                },
                expected: part.of(right.value),
                uncertainty: right.remainder,
            })
        });
        rival(name, Side::Theory, cells)
    }

    /// A rival on the claim's samples with another equation: N(m − s_ν(z + c m)) for the ν and c
    /// that `wrong` gives.
    pub fn other_equation(
        &self,
        name: &str,
        wrong: impl Fn(&Model) -> Option<(Arc<[f64]>, f64)>,
    ) -> Rival {
        let cells = self.each(|model, e, j, z, part| {
            let (signal, c) = wrong(model)?;
            let truth = Theory::of(model, z).mean_trace();
            let map = defect(signal.clone(), z, c, model.n, part);
            let expected = at(&map, truth.value);
            let cell = defect_cell(model, e, j, z, part, self.agreement(model, z));
            Some(RivalCell {
                cell: Cell {
                    estimator: Estimator::general(inputs(e, j), map),
                    ..cell
                },
                expected,
                uncertainty: slack(&signal, z, c, model.n, truth.value, truth.remainder),
            })
        });
        rival(name, Side::Theory, cells)
    }

    /// A rival with data from `other` ensembles, judged by the theory of the model, on the first row
    /// only: it needs no more to be seen.
    pub fn other_data(&self, name: &str, side: Side, replicates: usize, other: Ensemble) -> Rival {
        let (model, zs) = &self.rows[0];
        let drawn = Model::new(other, model.signal.clone(), model.n);
        let mut experiment = drawn.traces(zs);
        experiment.replicates = replicates;
        let c = model.ensemble.sigma().powi(2);
        let signal = model.signal_eigenvalues();
        let mut cells = vec![];
        for (j, &z) in zs.iter().enumerate() {
            let truth = Theory::of(&drawn, z).mean_trace();
            for part in Part::BOTH {
                let cell = defect_cell(model, 0, j, z, part, self.agreement(model, z));
                let map = defect(signal.clone(), z, c, model.n, part);
                cells.push(RivalCell {
                    cell,
                    expected: at(&map, truth.value),
                    uncertainty: slack(&signal, z, c, model.n, truth.value, truth.remainder),
                });
            }
        }
        Rival {
            experiments: vec![experiment],
            ..rival(name, side, cells)
        }
    }

    /// Twins with noise that breaks a hypothesis, of the same E‖R‖²: unequal variances, on S = 0 and,
    /// with equal sums over rows, on an S that tells the halves apart (S = 0 would not show them);
    /// correlated entries. Few replicates of a size at which N times the change of s_N is large.
    pub fn broken_hypotheses(&self) -> Vec<Rival> {
        let spread = Signal::diagonal(SignalShape::Uniform { lo: -1.0, hi: 1.0 });
        [
            (
                "variance profile, unequal row sums",
                Signal::zero(),
                violated::UNEQUAL_ROWS,
            ),
            (
                "variance profile, equal row sums",
                spread,
                violated::EQUAL_ROWS,
            ),
            ("correlated entries", Signal::zero(), violated::CORRELATED),
        ]
        .map(|(name, signal, violation)| self.other_noise(name, signal, violation))
        .into()
    }

    /// Noise that breaks a hypothesis, judged by the theory of the first row's ensemble. To leading
    /// order the trace solves the equation of that noise; the order O(1) is reckoned to be at most
    /// six times the ensemble's own.
    fn other_noise(&self, name: &str, signal: Signal, violation: Violation) -> Rival {
        const SIZE: usize = 128;
        const REPLICATES: usize = 128;
        let zs = &[z(0.5, 1.5), z(0.0, 2.0)];
        let model = Model::new(self.rows[0].0.ensemble, signal, SIZE);
        let c = model.ensemble.sigma().powi(2);
        let signal = model.signal_eigenvalues();
        let mut cells = vec![];
        for (j, &z) in zs.iter().enumerate() {
            let own = Theory::of(&model, z);
            let order_one = (own.mean_trace().value - own.s * model.n as f64).norm();
            let trace = violated::leading_trace(violation, &signal, z.get());
            for part in Part::BOTH {
                let map = defect(signal.clone(), z, c, model.n, part);
                cells.push(RivalCell {
                    cell: defect_cell(&model, 0, j, z, part, self.agreement(&model, z)),
                    expected: at(&map, trace),
                    uncertainty: slack(&signal, z, c, model.n, trace, 6.0 * order_one),
                });
            }
        }
        Rival {
            experiments: vec![violated::traces(violation, &model, zs, REPLICATES)],
            ..rival(name, Side::Hypothesis, cells)
        }
    }
}

fn rival(name: &str, side: Side, cells: Vec<RivalCell>) -> Rival {
    Rival {
        name: name.into(),
        side,
        experiments: vec![],
        cells,
    }
}

/// The estimator's value at a known trace.
fn at(map: &crate::design::EstimatorMap, trace: Complex64) -> f64 {
    map(&[known(trace.re, 0.0), known(trace.im, 0.0)]).estimate
}

/// By how much the estimator moves when the trace is off by `remainder`.
fn slack(
    signal: &Arc<[f64]>,
    z: UpperHalf,
    c: f64,
    n: usize,
    trace: Complex64,
    remainder: f64,
) -> f64 {
    Part::BOTH
        .map(|part| {
            let map = defect(signal.clone(), z, c, n, part);
            map(&[known(trace.re, remainder), known(trace.im, remainder)]).halfwidth
        })
        .into_iter()
        .fold(0.0, f64::max)
}

fn known(estimate: f64, halfwidth: f64) -> Confidence {
    Confidence {
        estimate,
        halfwidth,
        grade: Grade::Identity,
    }
}
