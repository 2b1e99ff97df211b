//! The rate of the defect by a linear contrast over N.

use super::{Model, Theory, defect, inputs, place};
use crate::confidence::Confidence;
use crate::design::{Cell, Estimator, EstimatorMap, Plan, Rival, RivalCell, Side};
use crate::ensemble::{Ensemble, Signal};
use crate::measure::UpperHalf;
use crate::statistic::Part;
use nalgebra::{Matrix3, Vector3};

/// Three sizes of one model at one z. The contrast Σ w_N Δ_N has weights that cancel 1/N and 1/N²
/// and keep N^{-1/2} with coefficient 1: it estimates c in Δ_N = c N^{-1/2} + O(1/N).
pub(in crate::claims) struct Contrast {
    pub ensemble: Ensemble,
    pub signal: Signal,
    pub sizes: [usize; 3],
    pub z: UpperHalf,
    /// What is called agreement: a coefficient of N^{-1/2} that small is none.
    pub agreement: f64,
}

impl Contrast {
    fn weights(&self) -> [f64; 3] {
        let n = Vector3::from(self.sizes.map(|n| n as f64));
        let rows = Matrix3::from_fn(|row, k| match row {
            0 => n[k].powf(-0.5),
            1 => n[k].powi(-1),
            _ => n[k].powi(-2),
        });
        let weights = rows
            .lu()
            .solve(&Vector3::new(1.0, 0.0, 0.0))
            .expect("three different sizes give independent powers");
        [weights[0], weights[1], weights[2]]
    }

    fn models(&self, ensemble: impl Fn(f64) -> Ensemble) -> [Model; 3] {
        self.sizes
            .map(|n| Model::new(ensemble(n as f64), self.signal.clone(), n))
    }

    fn own_models(&self) -> [Model; 3] {
        self.models(|_| self.ensemble)
    }

    /// What the contrast is for these models, with the envelope of what theory leaves out.
    fn expected(&self, models: &[Model; 3], part: Part) -> (f64, f64) {
        let c = self.ensemble.sigma().powi(2);
        let (mut value, mut remainder) = (0.0, 0.0);
        for (model, w) in models.iter().zip(self.weights()) {
            let trace = Theory::of(model, self.z).mean_trace();
            let map = defect(model.signal_eigenvalues(), self.z, c, model.n, part);
            let known = |x| Confidence::known(x, trace.remainder);
            let image = map(&[known(trace.value.re), known(trace.value.im)]);
            value += w * image.estimate / model.n as f64;
            remainder += (w * image.halfwidth / model.n as f64).abs();
        }
        (value, remainder)
    }

    fn map(&self, part: Part) -> EstimatorMap {
        let c = self.ensemble.sigma().powi(2);
        let terms: Vec<(EstimatorMap, f64)> = self
            .own_models()
            .iter()
            .zip(self.weights())
            .map(|(model, w)| {
                let map = defect(model.signal_eigenvalues(), self.z, c, model.n, part);
                (map, w / model.n as f64)
            })
            .collect();
        Box::new(move |means| {
            means
                .chunks(2)
                .zip(&terms)
                .map(|(pair, (map, scale))| map(pair).affine(*scale, 0.0))
                .reduce(|sum, term| sum.sum(&term))
                .expect("three sizes")
        })
    }

    fn cell(&self, first_experiment: usize, part: Part) -> Cell {
        let (theory, inner) = self.expected(&self.own_models(), part);
        Cell {
            law: self.ensemble.name(),
            signal: self.signal.name(),
            n: self.sizes[2],
            point: format!("coefficient of 1/√N, {}", place(part, self.z)),
            theory,
            inner,
            outer: inner + self.agreement,
            estimator: Estimator::general(
                (first_experiment..first_experiment + 3)
                    .flat_map(|e| inputs(e, 0))
                    .collect(),
                self.map(part),
            ),
        }
    }

    /// Appends three experiments and two cells.
    pub fn extend(&self, plan: &mut Plan) {
        let first = plan.experiments.len();
        plan.experiments
            .extend(self.own_models().iter().map(|m| m.traces(&[self.z])));
        plan.cells
            .extend(Part::BOTH.map(|part| self.cell(first, part)));
    }

    /// On the samples of the claim, whose contrast this is the first of: an error of order N^{-1/2}
    /// with the constant that the 1/N term really has.
    pub fn slow_rate(&self, name: &str) -> Rival {
        let cells = Part::BOTH
            .map(|part| {
                let cell = self.cell(0, part);
                let model = &self.own_models()[2];
                let constant = part.of(Theory::of(model, self.z).defect().value);
                let (expected, uncertainty) = (cell.theory, cell.inner);
                RivalCell {
                    cell: Cell {
                        theory: constant,
                        ..cell
                    },
                    expected,
                    uncertainty,
                }
            })
            .into();
        Rival {
            name: name.into(),
            side: Side::Theory,
            experiments: vec![],
            cells,
        }
    }

    /// Other data at each N, judged as the claim is.
    pub fn other_data(
        &self,
        name: &str,
        replicates: usize,
        ensemble: impl Fn(f64) -> Ensemble,
    ) -> Rival {
        let models = self.models(ensemble);
        let experiments = models
            .iter()
            .map(|model| {
                let mut experiment = model.traces(&[self.z]);
                experiment.replicates = replicates;
                experiment
            })
            .collect();
        let cells = Part::BOTH
            .map(|part| {
                let (expected, uncertainty) = self.expected(&models, part);
                RivalCell {
                    cell: self.cell(0, part),
                    expected,
                    uncertainty,
                }
            })
            .into();
        Rival {
            name: name.into(),
            side: Side::Data,
            experiments,
            cells,
        }
    }
}
