//! Shared by the claims of this folder: observables that are cut to an interval, contrasts of two sizes, and rivals of a cell.

use crate::claims::common::{mistaken_by, on_own_samples};
use crate::design::{
    Cell, Estimator, Experiment, Input, Observable, Plan, Rival, RivalCell, Side, Tail,
};

/// What is listed for each N/n.
pub(super) struct Case {
    /// N/n.
    pub ratio: f64,
    /// B of the allowances B/n of two quantities: at least twice the |n·bias| of `docs/derivations/features_bias.md`.
    pub allowances: [f64; 2],
    /// They are cut to these multiples of their limits, four standard deviations away or more.
    pub cuts: [(f64, f64); 2],
    /// The same for the smaller size of a contrast: at n = 24 ends are 3.9 standard deviations away or more to the left, where there is
    /// less than in a normal tail, and 6 or more to the right.
    pub wide: [(f64, f64); 2],
    /// Standard deviations in units of the limit over n. Only the design reckons with them.
    pub deviations: [f64; 2],
}

impl Case {
    /// Of the size number `index` of `sizes`.
    pub fn cuts_at(&self, index: usize, sizes: usize) -> [(f64, f64); 2] {
        if index + 1 < sizes {
            self.wide
        } else {
            self.cuts
        }
    }
}

/// A mean that an allowance judges: theory, remainder at this size, and what is called agreement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    /// θ.
    pub theory: f64,
    /// τ0.
    pub inner: f64,
    /// τ.
    pub outer: f64,
}

impl Judged {
    /// What the limits at one or two sizes, n and perhaps 2n, say about the mean, or about 2·mean(2n) − mean(n), where b/n cancels.
    ///
    /// The mean at n is judged within the allowance B/n, B ≥ 2|b|; the contrast within 4B/n², which is what |b₂| ≤ 8B says about the bias
    /// −b₂/(2n²) it has left: `docs/derivations/features_bias.md`, section 5. τ = τ0 + `margin`·θ.
    ///
    /// # Domain   n ≥ 24 for two sizes
    pub fn new(limits: &[f64], allowance: f64, n: usize, margin: f64) -> Self {
        let theory = extrapolated(limits);
        let size = n as f64;
        let inner = if limits.len() == 1 {
            allowance / size
        } else {
            assert!(n >= 24, "the argument for the next order needs n ≥ 24");
            4.0 * allowance / (size * size)
        };
        Self {
            theory,
            inner,
            outer: inner + margin * theory,
        }
    }

    /// Observable o of the experiments `at`: of one its mean, of two, n and 2n, the contrast.
    pub fn cell(self, experiments: &[Experiment], at: &[usize], o: usize) -> Cell {
        let largest = &experiments[*at.last().expect("cells have experiments")];
        let name = &largest.observables[o].name;
        let inputs: Vec<Input> = at.iter().map(|&e| Input::new(e, o)).collect();
        Cell {
            law: largest.law.clone(),
            signal: largest.signal.clone(),
            n: largest.n,
            point: match at {
                [_] => name.clone(),
                _ => format!("2F(2n) − F(n), {name}"),
            },
            theory: self.theory,
            inner: self.inner,
            outer: self.outer,
            estimator: estimator(&inputs),
        }
    }
}

/// Adds experiments of one size, or of n and 2n, with the cells of their observables.
pub(super) fn add_judged(
    plan: &mut Plan,
    experiments: Vec<Experiment>,
    judged: impl IntoIterator<Item = Judged>,
) {
    let first = plan.experiments.len();
    plan.experiments.extend(experiments);
    let at: Vec<usize> = (first..plan.experiments.len()).collect();
    for (o, judged) in judged.into_iter().enumerate() {
        plan.cells.push(judged.cell(&plan.experiments, &at, o));
    }
}

/// Other data with so many replicates a size, judged by the theorem's limits. `expected`: where observable o goes instead, and how
/// far off that may be, in units of τ0.
pub(super) fn on_other_data(
    (name, side): (&str, Side),
    mut experiments: Vec<Experiment>,
    replicates: usize,
    judged: impl IntoIterator<Item = Judged>,
    expected: impl Fn(usize) -> (f64, f64),
) -> Rival {
    for experiment in &mut experiments {
        experiment.replicates = replicates;
    }
    let at: Vec<usize> = (0..experiments.len()).collect();
    let cells = judged.into_iter().enumerate().map(|(o, judged)| {
        let (expected, allowances) = expected(o);
        RivalCell {
            cell: judged.cell(&experiments, &at, o),
            expected,
            uncertainty: judged.inner * allowances,
        }
    });
    let cells = cells.collect();
    on_own_samples(name, side, experiments, cells)
}

/// The mean, or 2·mean(2n) − mean(n).
fn estimator(inputs: &[Input]) -> Estimator {
    match *inputs {
        [small, large] => Estimator::contrast(&[(small, -1.0), (large, 2.0)]),
        _ => Estimator::mean(inputs[0]),
    }
}

/// What the cell of a mean or a contrast must refute: another θ.
pub(super) fn mistaken(cell: &Cell, wrong: f64) -> RivalCell {
    mistaken_by(cell, wrong, estimator(&cell.estimator.inputs))
}

/// θ of a contrast or of a mean, from those of its sizes.
pub(super) fn extrapolated(theories: &[f64]) -> f64 {
    match *theories {
        [small, large] => 2.0 * large - small,
        _ => theories[0],
    }
}

/// An interval that a statistic is cut to, so that the mean of what is cut has a proved interval.
///
/// The theorems are about convergence in probability to θ, which is inside: the cut statistic converges too, in the mean as
/// well. A rival's θ outside the interval is refuted all the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    pub lo: f64,
    pub hi: f64,
}

impl Cut {
    /// [aθ, bθ].
    pub fn around(theory: f64, (a, b): (f64, f64)) -> Self {
        Self {
            lo: a * theory,
            hi: b * theory,
        }
    }

    /// From a times the smaller of θ and what a rival's data have to b times the larger.
    pub fn over(theory: f64, expected: f64, (a, b): (f64, f64)) -> Self {
        Self {
            lo: a * theory.min(expected),
            hi: b * theory.max(expected),
        }
    }

    /// The same interval below a sure bound of the statistic, where it cuts nothing.
    pub fn at_most(self, bound: f64) -> Self {
        Self {
            hi: self.hi.min(bound),
            ..self
        }
    }

    pub fn apply(self, x: f64) -> f64 {
        x.clamp(self.lo, self.hi)
    }

    /// The cut statistic. The design reckons with the variance of a standard deviation `guess`.
    pub fn observable(self, name: String, typical: f64, guess: f64) -> Observable {
        Observable {
            name,
            tail: Tail::Bounded {
                lo: self.lo,
                hi: self.hi,
                design_variance: guess * guess,
            },
            typical: typical.clamp(self.lo, self.hi),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Means θ(n) + b/n, whatever b is.
    #[test]
    fn contrasts_are_judged_where_terms_of_order_one_over_n_cancel() {
        let (limits, n, b) = ([1.3, 1.1], 32, 7.0);
        let means = [limits[0] + b / 32.0, limits[1] + b / 64.0];
        let judged = Judged::new(&limits, 2.0 * b, n, 0.1);
        assert!((judged.theory - 0.9).abs() < 1e-14);
        assert!((extrapolated(&means) - judged.theory).abs() < 1e-14);
        // A second order of 8B, and what one mean is allowed.
        assert!((judged.inner - 0.5 * 8.0 * 2.0 * b / 1024.0).abs() < 1e-14);
        let single = Judged::new(&limits[1..], 2.0 * b, 64, 0.1);
        assert!(means[1] - single.theory < single.inner && judged.inner < single.inner);
    }

    #[test]
    #[should_panic(expected = "needs n ≥ 24")]
    fn small_sizes_have_no_contrast() {
        let _ = Judged::new(&[1.0, 1.0], 1.0, 20, 0.1);
    }
}
