//! Functions of means that cells compare with theory.

use super::{Cell, Estimator, EstimatorMap, Experiment, Input, Observable};
use crate::confidence::Confidence;
use std::fmt;

impl Input {
    /// Observable `observable` of experiment `experiment`.
    #[must_use]
    pub fn new(experiment: usize, observable: usize) -> Self {
        Self {
            experiment,
            observable,
        }
    }

    /// The observable in a list of experiments, if both indices are valid.
    #[must_use]
    pub fn find(self, experiments: &[Experiment]) -> Option<&Observable> {
        experiments
            .get(self.experiment)?
            .observables
            .get(self.observable)
    }
}

impl Estimator {
    /// The mean itself.
    #[must_use]
    pub fn mean(input: Input) -> Self {
        Self::general(vec![input], Box::new(|c| c[0]))
    }

    /// scale·mean + shift.
    #[must_use]
    pub fn affine(input: Input, scale: f64, shift: f64) -> Self {
        Self::general(vec![input], Box::new(move |c| c[0].affine(scale, shift)))
    }

    /// Σ w_i·mean_i, halfwidth Σ |w_i| h_i: no independence is needed.
    ///
    /// # Panics   in use, when the list is empty (the design check reports it first)
    #[must_use]
    pub fn contrast(terms: &[(Input, f64)]) -> Self {
        let weights: Vec<f64> = terms.iter().map(|&(_, weight)| weight).collect();
        Self::general(
            terms.iter().map(|&(input, _)| input).collect(),
            Box::new(move |c| {
                c.iter()
                    .zip(&weights)
                    .map(|(term, &weight)| term.affine(weight, 0.0))
                    .reduce(|sum, term| sum.sum(&term))
                    .expect("the design check lets no estimator without inputs through")
            }),
        )
    }

    /// max(mean − bound, 0), by how much an inequality fails. Its theory value is 0.
    #[must_use]
    pub fn excess(input: Input, bound: f64) -> Self {
        Self::general(vec![input], Box::new(move |c| c[0].excess_over(bound)))
    }

    /// Any map of intervals. It must return an interval that covers whenever all of its arguments
    /// do, be a pure function, and be valid on every interval it may get.
    #[must_use]
    pub fn general(inputs: Vec<Input>, map: EstimatorMap) -> Self {
        Self { inputs, map }
    }

    /// Applies the map to the intervals of the inputs, in order.
    #[must_use]
    pub fn estimate(&self, inputs: &[Confidence]) -> Confidence {
        (self.map)(inputs)
    }
}

impl Cell {
    /// What tables call it: law, signal, N and point.
    #[must_use]
    pub fn label(&self) -> String {
        format!(
            "{}, {}, N = {}, {}",
            self.law, self.signal, self.n, self.point
        )
    }

    /// A residual that every replicate keeps at or under `tolerance`: theory 0, τ0 = τ = tolerance.
    ///
    /// # Domain   the observable has [`super::Tail::Certain`] and is ≥ 0: a residual, or the excess
    /// max(lhs − rhs, 0) of an inequality
    #[must_use]
    pub fn identity(experiments: &[Experiment], input: Input, tolerance: f64) -> Self {
        let experiment = &experiments[input.experiment];
        Self {
            law: experiment.law.clone(),
            signal: experiment.signal.clone(),
            n: experiment.n,
            point: experiment.observables[input.observable].name.clone(),
            theory: 0.0,
            inner: tolerance,
            outer: tolerance,
            estimator: Estimator::mean(input),
        }
    }
}

impl fmt::Debug for Estimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Estimator")
            .field("inputs", &self.inputs)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cell")
            .field("label", &self.label())
            .field("theory", &self.theory)
            .field("inner", &self.inner)
            .field("outer", &self.outer)
            .field("estimator", &self.estimator)
            .finish()
    }
}

impl fmt::Debug for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Experiment")
            .field("law", &self.law)
            .field("signal", &self.signal)
            .field("n", &self.n)
            .field("replicates", &self.replicates)
            .field("observables", &self.observables)
            .finish_non_exhaustive()
    }
}
