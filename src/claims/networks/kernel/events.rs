//! Statements |X − θ| ≤ r about every draw but a few, counted: their intervals are exact, whatever the law of X.

use crate::claims::common::{cell, on_same_samples};
use crate::design::{Experiment, Observable, Plan, Replicate, ReplicateError, RivalCell, Tail};
use crate::spectrum::{Hermitian, Tridiagonal};
use nalgebra::{DMatrix, DVector};
use rand_chacha::ChaCha8Rng;

/// A number that every draw yields, where it should be, and where wrong theories put it.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub name: String,
    /// `None` for a number that only a wrong theory speaks about.
    pub theory: Option<f64>,
    /// r: bias and fluctuation together.
    pub radius: f64,
    /// (name, value) of every rival that speaks about this number.
    pub wrong: Vec<(&'static str, f64)>,
}

/// P(|X − θ| ≤ r) is at least 1 less this: radii are two or three standard deviations, as far as those are known, so that one draw in five
/// may be outside …
const RARE: f64 = 0.2;
/// … and agreement is called at this much less than 1.
const AGREED: f64 = 0.55;
/// Draws with which the interval of a certain event is half as wide as what is between.
const DRAWS: usize = 128;

/// Adds one experiment, whose replicate yields the numbers in the order of the events, and a cell an event. Wrong values go to
/// `rivals`, one list a name.
///
/// A wrong value further than 2r from θ cannot be met when the right one is: its event has probability at most the probability that
/// the right one is missed.
pub(super) fn add_events(
    plan: &mut Plan,
    rivals: &mut Vec<(&'static str, Vec<RivalCell>)>,
    (law, signal, n): (&str, String, usize),
    events: Vec<Event>,
    values: impl Fn(&mut ChaCha8Rng) -> Result<Vec<f64>, ReplicateError> + Send + Sync + 'static,
) {
    let e = plan.experiments.len();
    // (index of the number, centre, radius, rival)
    let mut judged = vec![];
    for (i, event) in events.iter().enumerate() {
        judged.extend(event.theory.map(|theory| (i, theory, event.radius, None)));
        let wrong = event.wrong.iter();
        let apart = wrong.filter(|(_, value)| {
            let right = event.theory.unwrap_or(f64::INFINITY);
            (value - right).abs() > 2.0 * event.radius
        });
        judged.extend(apart.map(|&(name, value)| (i, value, event.radius, Some(name))));
    }
    let observables = judged.iter().map(|&(i, centre, radius, rival)| Observable {
        name: format!("P(|{} − {centre:.4}| ≤ {radius:.4})", events[i].name),
        tail: Tail::Indicator,
        typical: f64::from(rival.is_none()),
    });
    let observables = observables.collect();
    let tests: Vec<(usize, f64, f64)> = judged.iter().map(|j| (j.0, j.1, j.2)).collect();
    plan.experiments.push(Experiment {
        law: law.into(),
        signal,
        n,
        replicates: DRAWS,
        observables,
        replicate: Replicate::alone(move |rng, _| {
            let values = values(rng)?;
            let met = tests
                .iter()
                .map(|&(i, centre, radius)| f64::from((values[i] - centre).abs() <= radius));
            Ok(met.collect())
        }),
    });
    for (o, (_, _, _, rival)) in judged.into_iter().enumerate() {
        let cell = cell(&plan.experiments, (e, o), 1.0, RARE, AGREED);
        match rival {
            None => plan.cells.push(cell),
            Some(name) => {
                let missed = RivalCell {
                    cell,
                    expected: 0.0,
                    uncertainty: RARE,
                };
                remember(rivals, name, missed);
            }
        }
    }
}

/// Puts a cell to the others of its rival.
pub(super) fn remember(
    rivals: &mut Vec<(&'static str, Vec<RivalCell>)>,
    name: &'static str,
    cell: RivalCell,
) {
    match rivals.iter_mut().find(|(known, _)| *known == name) {
        Some((_, cells)) => cells.push(cell),
        None => rivals.push((name, vec![cell])),
    }
}

/// The rivals that were collected.
pub(super) fn add_rivals(plan: &mut Plan, rivals: Vec<(&'static str, Vec<RivalCell>)>) {
    for (name, cells) in rivals {
        plan.rivals.push(on_same_samples(name, cells));
    }
}

/// λ₁ of K and ⟨u, v₁⟩² for a unit vector u ≠ e_1: a reflection takes u to e_1, which the reduction to tridiagonal form keeps.
pub(super) fn top(k: &DMatrix<f64>, mut u: DVector<f64>) -> Result<(f64, f64), ReplicateError> {
    let n = k.nrows();
    u[0] -= 1.0;
    u.normalize_mut();
    let image = k * &u;
    let form = u.dot(&image);
    // (1 − 2uuᵀ)K(1 − 2uuᵀ), written so that it is symmetric to the last bit.
    let reflected = DMatrix::from_fn(n, n, |i, j| {
        let (i, j) = (i.max(j), i.min(j));
        k[(i, j)] - 2.0 * (u[i] * image[j] + image[i] * u[j]) + 4.0 * form * (u[i] * u[j])
    });
    let form = Tridiagonal::reduce(&Hermitian::real(reflected)?)?;
    let largest = form.largest(1e-10)?.value;
    Ok((largest, form.first_weight(largest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn top_is_the_largest_eigenvalue_and_the_overlap_with_ones() {
        let k = DMatrix::from_row_slice(3, 3, &[4.0, 1.0, 0.5, 1.0, 3.0, -0.2, 0.5, -0.2, 1.0]);
        let eigen = k.clone().symmetric_eigen();
        let best = eigen.eigenvalues.imax();
        let overlap: f64 = eigen.eigenvectors.column(best).sum();
        let overlap = overlap * overlap / 3.0;
        let found = top(&k, DVector::from_element(3, 3f64.sqrt().recip())).unwrap();
        assert!((found.0 - eigen.eigenvalues[best]).abs() < 1e-9);
        assert!((found.1 - overlap).abs() < 1e-6);
    }
}
