//! Schur complement of the resolvent, an identity in every matrix.

use super::Claim;
use super::common::{
    CheckedResolvent, at_most, certain, eigenvalues, ensembles, limit, minor, on_matrices,
    on_same_samples, resolved, shifted_column, signals_and_rotated, two_atom, wrong_identity,
};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Experiment, Plan, ReplicateError, Tier};
use crate::ensemble::{Basis, Ensemble};
use crate::spectrum::Hermitian;
use nalgebra::{DMatrix, DVector};
use num_complex::Complex64;

/// The Schur complement formula that Section 3 starts from.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/schur-complement",
            title: "Schur complement",
            statement: "For every i: 1/G_ii = W_ii − z − w* G⁽ⁱ⁾ w, with w the i-th column of W \
                        without its i-th entry and G⁽ⁱ⁾ the resolvent of the minor. For diagonal S \
                        this reads 1/G_ii = S_ii + R_ii/√N − z − (1/N) r* G⁽ⁱ⁾ r.",
            formula: r"\frac{1}{G_{ii}}=S_{ii}+\frac{R_{ii}}{\sqrt N}-z-\frac1N\,r_i^{*}\,G^{(i)}\,r_i",
            meaning: "The identity holds for every i in every matrix drawn, within 1e-9, a \
                      resolution that each replicate proves for its own rounding errors. It is an \
                      identity of linear algebra: a violation would mean that our resolvents are wrong.",
            source: Source {
                work: "abk",
                locus: "(3.6)–(3.8)",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

#[doc = include_str!("../../docs/derivations/schur_complement.md")]
mod derivation {}

/// Where the resolvent is taken: Im z < 1, so that a power of Im z cannot hide.
const Z: Complex64 = Complex64::new(0.3, 0.6);

fn plan(tier: Tier) -> Plan {
    // Sizes and replicates: a replicate costs N inverses, about N⁴.
    let sizes: &[(usize, usize)] = match tier {
        Tier::Quick => &[(2, 8), (8, 8), (24, 8)],
        Tier::Standard => &[(2, 60), (8, 60), (24, 30), (48, 3)],
        Tier::Deep => &[(2, 1000), (8, 1000), (24, 300), (48, 60), (100, 6)],
    };
    let mut plan = Plan::default();
    for ensemble in ensembles() {
        for signal in signals_and_rotated() {
            for &(n, replicates) in sizes {
                plan.experiments
                    .push(experiment(ensemble, &signal, n, replicates));
            }
        }
    }
    plan.cells = (0..plan.experiments.len())
        .map(|e| at_most(&plan.experiments, (e, 0), 0.0))
        .collect();
    for (observable, name) in WRONG.iter().enumerate() {
        // At N = 24, where the wrong terms are close to their limits; conjugation needs the GUE.
        let ensemble = ensembles()[usize::from(observable == 3)];
        let at = plan
            .experiments
            .iter()
            .position(|x| x.law == ensemble.name() && x.signal == two_atom().name() && x.n == 24);
        let at = at.expect("every tier has N = 24");
        let size = size_of_wrong_term(observable, &ensemble);
        let cell = wrong_identity(&plan.experiments, (at, observable + 1), size);
        plan.rivals.push(on_same_samples(*name, vec![cell]));
    }
    plan
}

/// What each observable after the first puts in place of the identity.
const WRONG: [&str; 4] = [
    "plus in place of minus",
    "G in place of the resolvent of the minor",
    "R_ii left out",
    "r not conjugated (GUE)",
];

/// Size of the residual of each, for N → ∞: 2σ²|s|, |G_ii|σ⁴|s|², √(v_d σ²/N), σ²|s|.
fn size_of_wrong_term(rival: usize, ensemble: &Ensemble) -> f64 {
    let variance = ensemble.sigma().powi(2);
    let limit = limit(ensemble, &two_atom(), 24, Z);
    let s = limit.s.norm();
    match rival {
        0 => 2.0 * variance * s,
        // G_jk = G⁽ⁱ⁾_jk + G_ji G_ik/G_ii and G_ji = −G_ii (G⁽ⁱ⁾w)_j.
        1 => (variance * s).powi(2) / (limit.omega - 1.2).norm(),
        2 => (2.0 * variance / 24.0).sqrt(),
        _ => variance * s,
    }
}

fn experiment(
    ensemble: Ensemble,
    signal: &crate::ensemble::Signal,
    n: usize,
    replicates: usize,
) -> Experiment {
    let diagonal = match signal.basis {
        Basis::Diagonal => eigenvalues(signal, n),
        // S_ii is random there; the identity does not need it, only the rival about R_ii does.
        Basis::Haar => vec![0.0; n],
    };
    let mut observables = vec![certain("max over i of the residual")];
    observables.extend(WRONG.map(|name| certain(format!("residual with {name}"))));
    on_matrices(ensemble, signal, n, replicates, observables, move |w, _| {
        residuals(w, &diagonal)
    })
}

/// max over i of |1/G_ii − …| for the identity and its wrong versions.
fn residuals(w: &Hermitian, s: &[f64]) -> Result<Vec<f64>, ReplicateError> {
    let whole = CheckedResolvent::new(w, Z)?;
    let matrix = w.to_complex();
    let mut largest = vec![0.0f64; 1 + WRONG.len()];
    for (i, &s_ii) in s.iter().enumerate() {
        let part = CheckedResolvent::new(&minor(w, i), Z)?;
        let column = shifted_column(w, i);
        let form = column.dotc(&(&part.g * &column));
        let left = whole.g[(i, i)].inv();
        let base = matrix[(i, i)] - Z;

        let norm = column.norm_squared();
        // 1/Ĝ_ii: |Ĝ_ii| minus its error is a lower bound of |G_ii|.
        let size = whole.g[(i, i)].norm();
        let inverse = whole.error / (size * (size - whole.error).max(f64::MIN_POSITIVE));
        let rounding = part.unit() * (norm * part.g.norm() + base.norm() + left.norm());
        let error = inverse + norm * part.error + rounding;
        let residual = (left - (base - form)).norm();
        let all = [
            resolved("Schur complement", residual, error)?,
            (left - (base + form)).norm(),
            (left - (base - form_without(&whole.g, i, &column))).norm(),
            (left - (s_ii - Z - form)).norm(),
            (left - (base - column.dot(&(&part.g * &column)))).norm(),
        ];
        for (most, x) in largest.iter_mut().zip(all) {
            *most = most.max(x);
        }
    }
    Ok(largest)
}

/// w* G w with the rows and columns j, k ≠ i of the whole resolvent.
fn form_without(g: &DMatrix<Complex64>, i: usize, w: &DVector<Complex64>) -> Complex64 {
    let block = g.clone().remove_row(i).remove_column(i);
    w.dotc(&(&block * w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residual_vanishes_for_a_two_by_two_matrix_with_a_known_resolvent() {
        // W = [[1, 2], [2, 3]]: 1/G_11 = 1 − z − 4/(3 − z).
        let w = Hermitian::real(DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 2.0, 3.0])).unwrap();
        let all = residuals(&w, &[0.0, 0.0]).unwrap();
        assert!(all[0] < 1e-14);
        // The wrong sign leaves 2·|4/(3 − z)| at i = 1 or 2·|4/(1 − z)| at i = 2.
        let expected = 8.0 / (1.0 - Z).norm().min((3.0 - Z).norm());
        assert!((all[1] - expected).abs() < 1e-12);
        // Without R_ii = W_ii the residual is the larger W_ii.
        assert!((all[3] - 3.0).abs() < 1e-12);
    }
}
