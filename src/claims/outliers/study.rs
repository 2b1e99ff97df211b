//! Plans over rows of models, and rivals on the same samples.

use super::{Prediction, Spiked, Watched, root, spread};
use crate::claims::common::{cell, on_matrices, on_own_samples, on_same_samples};
use crate::design::{
    Cell, Experiment, Observable, Plan, ReplicateError, Rival, RivalCell, Side, Tail,
};
use crate::ensemble::{Ensemble, SignalShape};
use crate::spectrum::{
    Eigendecomposition, Eigensolver, Faer, Hermitian, Native, Tridiagonal, certify, trace_checks,
};

/// One experiment: a model and what is watched in it.
#[derive(Debug, Clone)]
pub(in crate::claims) struct Row {
    pub model: Spiked,
    pub watched: Vec<Watched>,
}

/// Rows whose cells compare means with [`Spiked::predicted`].
#[derive(Debug, Clone)]
pub(in crate::claims) struct Study {
    pub rows: Vec<Row>,
    /// What is called agreement, as a fraction of |Φ(θ) − θ|.
    pub fraction: f64,
}

/// λ₁ ≥ … ≥ λ_N with the trace checks; those of the first replicate are certified.
fn checked_eigenvalues(w: &Hermitian, index: u64) -> Result<Vec<f64>, ReplicateError> {
    let spectrum = if index == 0 {
        let eigen = Faer.eigen(w)?;
        let error = certify(w, &eigen);
        // Far below every tolerance in use.
        if error.is_nan() || error > 1e-9 {
            return Err(format!("eigenvalues are certified to {error:e} only").into());
        }
        eigen.spectrum
    } else {
        Native.eigenvalues(w)?
    };
    trace_checks(w, &spectrum)?;
    Ok(spectrum.eigenvalues().to_vec())
}

/// To what the largest eigenvalues are located: far below every tolerance in use.
const LOCATED: f64 = 1e-12;

/// λ₁ ≥ … ≥ λ_k at least, by counts on the tridiagonal form; those of the first replicate are compared with
/// certified ones.
pub(in crate::claims) fn checked_largest(
    w: &Hermitian,
    k: usize,
    index: u64,
) -> Result<Vec<f64>, ReplicateError> {
    // A count costs N divisions for each; for many of them all together are cheaper.
    if k > w.n() / 4 {
        return checked_eigenvalues(w, index);
    }
    let found = Tridiagonal::reduce(w)?.top(k, LOCATED)?;
    let found: Vec<f64> = found.iter().map(|located| located.value).collect();
    if index == 0 {
        for (a, b) in found.iter().zip(checked_eigenvalues(w, index)?) {
            if (a - b).abs() > 1e-9 {
                return Err(format!("eigenvalues by two routes: {a} and {b}").into());
            }
        }
    }
    Ok(found)
}

/// Replicates with which a mean of this variance proxy, expected at a distance `gap` beyond the inner
/// tolerance of a rival with up to 30 cells, is refuted: gap ≥ √(2v/M)(√26 + √18).
pub(in crate::claims) fn refuting(variance_proxy: f64, gap: f64) -> usize {
    let both = 26f64.sqrt() + 18f64.sqrt();
    ((2.0 * variance_proxy * (both / gap).powi(2)).ceil() as usize + 1).next_multiple_of(16)
}

impl Row {
    pub fn new(model: Spiked, watched: Vec<Watched>) -> Self {
        Self { model, watched }
    }

    pub fn observables(&self) -> Vec<Observable> {
        let of = |w: &Watched| self.model.observable(*w);
        self.watched.iter().map(of).collect()
    }

    pub fn experiment(&self, replicates: usize) -> Experiment {
        let model = &self.model;
        let measured: Vec<_> = self.watched.iter().map(|w| model.measured(*w)).collect();
        let reach = self.watched.iter().map(|w| model.reach(*w)).max();
        let reach = reach.unwrap_or(0);
        on_matrices(
            model.ensemble,
            &model.signal(),
            model.n,
            replicates,
            self.observables(),
            move |w, index| {
                let lambda = checked_largest(w, reach, index)?;
                Ok(measured.iter().map(|f| f(&lambda)).collect())
            },
        )
    }

    /// Variance proxy (or variance bound) of what is watched.
    pub fn proxy(&self, o: usize) -> f64 {
        match self.observables()[o].tail {
            Tail::SubGaussian { variance_proxy } => variance_proxy,
            Tail::Variance { bound } => bound,
            _ => unreachable!("eigenvalues have one of the two"),
        }
    }
}

impl Study {
    /// The claim: every mean is where theory puts it.
    pub fn plan(&self) -> Plan {
        let experiments: Vec<Experiment> = self.rows.iter().map(|r| r.experiment(1)).collect();
        let cells = self.each(|row, e, o| self.judged(&experiments, row, (e, o)));
        Plan {
            experiments,
            cells,
            rivals: vec![],
        }
    }

    fn each<T>(&self, f: impl Fn(&Row, usize, usize) -> T) -> Vec<T> {
        let mut all = vec![];
        for (e, row) in self.rows.iter().enumerate() {
            let means = row
                .watched
                .iter()
                .enumerate()
                .filter(|(_, w)| matches!(w, Watched::One(_) | Watched::Mean { .. }));
            all.extend(means.map(|(o, _)| f(row, e, o)));
        }
        all
    }

    /// Tolerances: τ₀ the remainder, and `fraction` of the pull |Φ(θ) − θ| on top.
    pub fn judged(&self, experiments: &[Experiment], row: &Row, (e, o): (usize, usize)) -> Cell {
        let right = row.model.predicted(row.watched[o]);
        let pull = (right.location - right.theta).abs();
        let outer = right.remainder + self.fraction * pull;
        cell(experiments, (e, o), right.value, right.remainder, outer)
    }

    /// A rival on the claim's samples, where `wrong` gives another value.
    pub fn other_value(
        &self,
        experiments: &[Experiment],
        name: &str,
        wrong: impl Fn(&Spiked, Watched, &Prediction) -> Option<f64>,
    ) -> Rival {
        let cells = self.each(|row, e, o| {
            let right = row.model.predicted(row.watched[o]);
            let theory = wrong(&row.model, row.watched[o], &right)?;
            let cell = self.judged(experiments, row, (e, o));
            Some(RivalCell {
                cell: Cell { theory, ..cell },
                expected: right.value,
                uncertainty: right.remainder,
            })
        });
        on_same_samples(name, cells.into_iter().flatten().collect())
    }

    /// The pull Φ(θ) − θ of spikes that separate, times `factor`.
    pub fn other_pull(&self, experiments: &[Experiment], name: &str, factor: f64) -> Rival {
        self.other_value(experiments, name, |_, _, right| {
            let wrong = right.value + (factor - 1.0) * (right.location - right.theta);
            right.separates.then_some(wrong)
        })
    }
}

/// k_N = N/5 spikes on [lo, hi]: Φ of the limit ν overshoots by (k/N)σ²∫ν(dt)/(θ − t), which does not
/// vanish.
///
/// Judged as the theorem is at k_N = ⌊√N⌋: within that k_N's share of the same pull.
pub(in crate::claims) fn crowded(bulk: SignalShape, lo: f64, hi: f64, n: usize) -> Rival {
    let model = Spiked::new(Ensemble::goe(), bulk, spread(n / 5, lo, hi), n);
    let watched = Watched::Mean { lo, hi };
    let right = model.predicted(watched);
    let limit = model.limit_mean(lo, hi);
    let inner = root(n) as f64 / n as f64 * (limit - right.theta);
    let gap = (right.value - limit).abs() - right.remainder - inner;
    let row = Row::new(model, vec![watched]);
    let experiments = vec![row.experiment(refuting(row.proxy(0), gap))];
    let cells = vec![RivalCell {
        cell: cell(&experiments, (0, 0), limit, inner, 2.0 * inner),
        expected: right.value,
        uncertainty: right.remainder,
    }];
    on_own_samples("k/N → 0.2", Side::Hypothesis, experiments, cells)
}
