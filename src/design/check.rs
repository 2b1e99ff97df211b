//! The design check: from arithmetic alone, before a number is drawn.

use super::level::{Levels, uncertain_inputs};
use super::{Cell, Experiment, Plan, Rival, Tail};
use crate::confidence::{Confidence, Grade, planned_halfwidth, split_level};
use thiserror::Error;

/// Probability that a rival is not refuted, and that a claim whose widths are random (bounded and
/// indicator tails) stays undecided at its first look.
pub const FALSE_PASS: f64 = 1e-6;

/// Wrong versions every claim lists at least.
pub const LEAST_RIVALS: usize = 2;

/// Replicates beyond this factor are not searched for.
const LARGEST_FACTOR: usize = 1 << 40;

/// Why a plan is not run.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DesignError {
    /// Nothing is judged.
    #[error("the plan has no cells")]
    NoCells,
    /// Fewer than two rivals.
    #[error("the plan lists {found} rivals, at least {LEAST_RIVALS} are due")]
    TooFewRivals {
        /// Rivals listed.
        found: usize,
    },
    /// Two rivals of one name would share their streams.
    #[error("two rivals are called \"{rival}\"")]
    RivalNamedTwice {
        /// The name.
        rival: String,
    },
    /// A rival without cells cannot be refuted.
    #[error("rival \"{rival}\" has no cells")]
    RivalWithoutCells {
        /// The rival.
        rival: String,
    },
    /// An experiment without replicates or observables.
    #[error("experiment {law}, {signal}, N = {n}: {what} is 0")]
    EmptyExperiment {
        /// Law.
        law: String,
        /// Signal.
        signal: String,
        /// Matrix size.
        n: usize,
        /// What is missing.
        what: &'static str,
    },
    /// A cell's estimator has no inputs.
    #[error("cell {cell}: no inputs")]
    NoInputs {
        /// The cell.
        cell: String,
    },
    /// An index beyond the experiments or their observables.
    #[error("cell {cell}: experiment {experiment} has no observable {observable}")]
    NoSuchInput {
        /// The cell.
        cell: String,
        /// Index of the experiment.
        experiment: usize,
        /// Index of the observable.
        observable: usize,
    },
    /// A theory value, tolerance, expected or typical value is NaN or infinite.
    #[error("{place}: {what} = {value} is not finite")]
    NotFinite {
        /// Cell or observable.
        place: String,
        /// Which number.
        what: &'static str,
        /// The value.
        value: f64,
    },
    /// 0 ≤ τ0 ≤ τ fails.
    #[error("cell {cell}: tolerances must satisfy 0 <= {inner} <= {outer}")]
    TolerancesOutOfOrder {
        /// The cell.
        cell: String,
        /// τ0.
        inner: f64,
        /// τ.
        outer: f64,
    },
    /// The planned interval could touch θ ± τ0 and leave θ ± τ at once.
    #[error(
        "cell {cell}: halfwidth {halfwidth:.3e} is too wide for the margin {margin:.3e} between \
         the tolerances ({replicates} replicates; {})", needed(*needed_replicates)
    )]
    Underpowered {
        /// The cell.
        cell: String,
        /// Planned halfwidth at the first look; +∞ when there is no interval at all.
        halfwidth: f64,
        /// τ − τ0, at least twice the halfwidth.
        margin: f64,
        /// Replicates planned (the smallest number among the inputs).
        replicates: usize,
        /// Replicates that would do, if any number does.
        needed_replicates: Option<usize>,
    },
    /// No cell of the rival is far enough from its theory value.
    #[error(
        "rival \"{rival}\" is too close: at its best cell {cell} the gap |expected - theory| - \
         uncertainty - inner = {gap:.3e} must exceed {needed:.3e}"
    )]
    RivalTooClose {
        /// The rival.
        rival: String,
        /// Its best cell.
        cell: String,
        /// |expected − θ| − uncertainty − τ0 there.
        gap: f64,
        /// h_α + h_β there.
        needed: f64,
    },
}

fn needed(replicates: Option<usize>) -> String {
    match replicates {
        Some(m) => format!("{m} would do"),
        None => "no number would do".into(),
    }
}

impl Plan {
    /// Whether the plan is well posed, promises a verdict at its first look and sees its rivals.
    ///
    /// - 2h ≤ τ − τ0 in every cell, h the planned halfwidth at the first look: then an interval that
    ///   meets θ ± τ0 lies inside θ ± τ, so the cell is confirmed or refuted. Sub-Gaussian and
    ///   variance tails have no luck in h; bounded and indicator tails keep the promise with
    ///   probability ≥ 1 − [`FALSE_PASS`] an input, if their design values are right.
    /// - every rival has a cell with |expected − θ| − uncertainty > τ0 + h_α + h_β: with probability
    ///   ≥ 1 − β the estimate is within h_β of where it belongs, and then its interval misses θ ± τ0.
    ///
    /// The widths of cells are judged at the claim's level α; β = [`FALSE_PASS`].
    pub fn check(&self, alpha: f64, looks: u32) -> Result<(), DesignError> {
        if self.cells.is_empty() {
            return Err(DesignError::NoCells);
        }
        check_experiments(&self.experiments)?;
        let levels = Levels::new(alpha, looks, &self.cells, &self.experiments);
        for cell in &self.cells {
            check_cell(cell, &self.experiments)?;
        }
        self.check_widths(&levels)?;
        if self.rivals.len() < LEAST_RIVALS {
            return Err(DesignError::TooFewRivals {
                found: self.rivals.len(),
            });
        }
        for (index, rival) in self.rivals.iter().enumerate() {
            if self.rivals[..index].iter().any(|r| r.name == rival.name) {
                return Err(DesignError::RivalNamedTwice {
                    rival: rival.name.clone(),
                });
            }
            check_experiments(&rival.experiments)?;
            self.check_rival(rival, alpha, looks)?;
        }
        Ok(())
    }

    /// The experiments that a rival is judged on: its own, or else the claim's.
    #[must_use]
    pub fn experiments_of<'a>(&'a self, rival: &'a Rival) -> &'a [Experiment] {
        if rival.experiments.is_empty() {
            &self.experiments
        } else {
            &rival.experiments
        }
    }

    /// Planned halfwidth of every cell at the first look, in order; +∞ where there is no interval.
    #[must_use]
    pub fn planned_halfwidths(&self, alpha: f64, looks: u32) -> Vec<f64> {
        let levels = Levels::new(alpha, looks, &self.cells, &self.experiments);
        self.cells
            .iter()
            .map(|cell| {
                let level = levels.input(cell, &self.experiments);
                planned_width(cell, &self.experiments, level, FALSE_PASS, 1)
            })
            .collect()
    }

    /// Reports the worst cell, so that its number of replicates does for all of them when they
    /// share an experiment.
    fn check_widths(&self, levels: &Levels) -> Result<(), DesignError> {
        let mut worst: Option<(f64, &Cell)> = None;
        for cell in &self.cells {
            let level = levels.input(cell, &self.experiments);
            let halfwidth = planned_width(cell, &self.experiments, level, FALSE_PASS, 1);
            let margin = cell.outer - cell.inner;
            if 2.0 * halfwidth <= margin {
                continue;
            }
            let excess = halfwidth / margin;
            if worst.is_none_or(|(largest, _)| excess > largest) {
                worst = Some((excess, cell));
            }
        }
        match worst {
            None => Ok(()),
            Some((_, cell)) => Err(underpowered(cell, &self.experiments, levels)),
        }
    }

    fn check_rival(&self, rival: &Rival, alpha: f64, looks: u32) -> Result<(), DesignError> {
        let experiments = self.experiments_of(rival);
        let levels = rival.levels(alpha, looks, experiments);
        let mut best: Option<(f64, f64, &Cell)> = None;
        for rival_cell in &rival.cells {
            let cell = &rival_cell.cell;
            check_cell(cell, experiments)?;
            check_finite(&cell.label(), "expected", rival_cell.expected)?;
            check_finite(&cell.label(), "uncertainty", rival_cell.uncertainty)?;
            let gap = (rival_cell.expected - cell.theory).abs()
                - rival_cell.uncertainty.abs()
                - cell.inner;
            // Half of β for the estimate, half for a width larger than planned.
            let parts = 2 * uncertain_inputs(cell, experiments).max(1) as u64;
            let miss = split_level(FALSE_PASS, parts);
            let level = levels.input(cell, experiments);
            let needed = planned_width(cell, experiments, level, miss, 1)
                + planned_width(cell, experiments, miss, miss, 1);
            if best.is_none_or(|(g, n, _)| gap - needed > g - n) {
                best = Some((gap, needed, cell));
            }
        }
        match best {
            None => Err(DesignError::RivalWithoutCells {
                rival: rival.name.clone(),
            }),
            // Strictly larger: an interval that touches θ ± τ0 is not refuted.
            Some((gap, needed, cell)) if gap <= needed => Err(DesignError::RivalTooClose {
                rival: rival.name.clone(),
                cell: cell.label(),
                gap,
                needed,
            }),
            Some(_) => Ok(()),
        }
    }
}

impl Rival {
    /// The rival's levels: its own cells share the claim's α.
    #[must_use]
    pub fn levels(&self, alpha: f64, looks: u32, experiments: &[Experiment]) -> Levels {
        Levels::new(
            alpha,
            looks,
            self.cells.iter().map(|c| &c.cell),
            experiments,
        )
    }

    /// max |expected − θ| over the cells.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.cells
            .iter()
            .map(|c| (c.expected - c.cell.theory).abs())
            .fold(0.0, f64::max)
    }
}

fn check_experiments(experiments: &[Experiment]) -> Result<(), DesignError> {
    for experiment in experiments {
        let empty = |what| DesignError::EmptyExperiment {
            law: experiment.law.clone(),
            signal: experiment.signal.clone(),
            n: experiment.n,
            what,
        };
        if experiment.replicates == 0 {
            return Err(empty("the number of replicates"));
        }
        if experiment.observables.is_empty() {
            return Err(empty("the number of observables"));
        }
        for observable in &experiment.observables {
            check_finite(&observable.name, "typical", observable.typical)?;
        }
    }
    Ok(())
}

fn check_cell(cell: &Cell, experiments: &[Experiment]) -> Result<(), DesignError> {
    let label = cell.label();
    check_finite(&label, "theory", cell.theory)?;
    check_finite(&label, "inner", cell.inner)?;
    check_finite(&label, "outer", cell.outer)?;
    if !(0.0 <= cell.inner && cell.inner <= cell.outer) {
        return Err(DesignError::TolerancesOutOfOrder {
            cell: label,
            inner: cell.inner,
            outer: cell.outer,
        });
    }
    if cell.estimator.inputs.is_empty() {
        return Err(DesignError::NoInputs { cell: label });
    }
    match cell
        .estimator
        .inputs
        .iter()
        .find(|input| input.find(experiments).is_none())
    {
        None => Ok(()),
        Some(input) => Err(DesignError::NoSuchInput {
            cell: label,
            experiment: input.experiment,
            observable: input.observable,
        }),
    }
}

fn check_finite(place: &str, what: &'static str, value: f64) -> Result<(), DesignError> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(DesignError::NotFinite {
            place: place.into(),
            what,
            value,
        })
    }
}

fn underpowered(cell: &Cell, experiments: &[Experiment], levels: &Levels) -> DesignError {
    let level = levels.input(cell, experiments);
    let margin = cell.outer - cell.inner;
    let width_at = |factor| planned_width(cell, experiments, level, FALSE_PASS, factor);
    let replicates = cell
        .estimator
        .inputs
        .iter()
        .map(|input| experiments[input.experiment].replicates)
        .min()
        .unwrap_or(0);
    DesignError::Underpowered {
        cell: cell.label(),
        halfwidth: width_at(1),
        margin,
        replicates,
        needed_replicates: least_factor(|factor| 2.0 * width_at(factor) <= margin)
            .map(|factor| replicates * factor),
    }
}

/// The smallest factor that satisfies a monotone condition, by doubling and bisection.
fn least_factor(enough: impl Fn(usize) -> bool) -> Option<usize> {
    let mut high = 1;
    while !enough(high) {
        high *= 2;
        if high > LARGEST_FACTOR {
            return None;
        }
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

/// Halfwidth of a cell's estimate when every experiment has `factor` times its replicates and
/// every input's mean is at its typical value; +∞ when some input has no interval.
fn planned_width(
    cell: &Cell,
    experiments: &[Experiment],
    level: f64,
    miss: f64,
    factor: usize,
) -> f64 {
    let inputs: Option<Vec<Confidence>> = cell
        .estimator
        .inputs
        .iter()
        .map(|input| {
            let observable = input.find(experiments)?;
            let m = (experiments[input.experiment].replicates as u64).saturating_mul(factor as u64);
            let halfwidth =
                planned_halfwidth(&observable.tail, observable.typical, m, level, miss).ok()?;
            Some(Confidence {
                estimate: observable.typical,
                halfwidth,
                grade: grade_of(&observable.tail),
            })
        })
        .collect();
    match inputs.map(|inputs| cell.estimator.estimate(&inputs)) {
        Some(planned) if planned.is_valid() => planned.halfwidth,
        _ => f64::INFINITY,
    }
}

/// The grade that a tail's interval has.
#[must_use]
pub fn grade_of(tail: &Tail) -> Grade {
    match tail {
        Tail::SubGaussian { .. } => Grade::Proved,
        Tail::Variance { .. } => Grade::VarianceBound,
        Tail::Bounded { .. } => Grade::Bounded,
        Tail::Indicator => Grade::Exact,
        Tail::Certain => Grade::Identity,
    }
}
