//! Replicates from tolerances, by arithmetic.

use crate::design::{LOOKS, Plan};
use crate::suite::budget;

/// More replicates than this are never asked for; the design check then says what is missing.
const MOST: usize = 1 << 28;

/// The plan with the fewest replicates (a multiple of 64) in every experiment of the claim that let
/// each cell's planned interval be half as wide as the room between its tolerances.
///
/// What is called agreement is chosen; how much has to be drawn for it follows.
pub(super) fn sized(mut plan: Plan) -> Plan {
    let experiments = plan.experiments.len();
    let (mut too_few, mut enough) = (vec![0usize; experiments], vec![MOST; experiments]);
    while (0..experiments).any(|e| enough[e] > too_few[e] + 64 && enough[e] > too_few[e] / 64 * 65)
    {
        let middle = |e: usize| (too_few[e] + enough[e]).div_ceil(2).next_multiple_of(64);
        let trial: Vec<usize> = (0..experiments).map(middle).collect();
        let wide = too_wide(&mut plan, &trial);
        for (e, &middle) in trial.iter().enumerate() {
            let side = if wide[e] { &mut too_few } else { &mut enough };
            side[e] = middle;
        }
    }
    for (experiment, replicates) in plan.experiments.iter_mut().zip(enough) {
        experiment.replicates = replicates;
    }
    plan
}

/// Which experiments have a cell that is too wide with these replicates.
fn too_wide(plan: &mut Plan, replicates: &[usize]) -> Vec<bool> {
    for (experiment, &m) in plan.experiments.iter_mut().zip(replicates) {
        experiment.replicates = m;
    }
    let widths = plan.planned_halfwidths(budget::share(), LOOKS);
    let mut wide = vec![false; replicates.len()];
    for (cell, width) in plan.cells.iter().zip(widths) {
        if 2.0 * width > cell.outer - cell.inner {
            for input in &cell.estimator.inputs {
                wide[input.experiment] = true;
            }
        }
    }
    wide
}
