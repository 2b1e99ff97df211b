//! Interlacing: removing a row and a column moves the trace of the resolvent by at most 1/Im z.

use super::Claim;
use super::common::{
    CheckedResolvent, at_most, certain, ensembles, minor, on_matrices, on_same_samples, resolved,
    signals_and_rotated, two_atom,
};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, ReplicateError, RivalCell, Tier};
use crate::spectrum::{Hermitian, Tridiagonal};
use num_complex::Complex64;

/// |Tr G⁽ⁱ⁾ − Tr G| ≤ 1/Im z, that is |γ₃| ≤ 1/(N Im z).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/interlacing",
            title: "Interlacing bound",
            statement: "For every i: |Tr G⁽ⁱ⁾(z) − Tr G(z)| ≤ 1/Im z, with G⁽ⁱ⁾ the resolvent of the \
                        minor; equivalently |γ₃| ≤ 1/(N Im z). The constant 1 is the best possible.",
            formula: r"\bigl|\operatorname{Tr}G^{(i)}(z)-\operatorname{Tr}G(z)\bigr|\le\frac1{\operatorname{Im}z}",
            meaning: "The bound holds for every i in every matrix drawn, at a point in the bulk and \
                      at a point just above the largest eigenvalue, where it is nearly attained: a \
                      constant of 0.9 is refuted.",
            source: Source {
                work: "abk",
                locus: "Lemma 3.2, bound of γ₃",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

const Z: Complex64 = Complex64::new(0.3, 0.4);
/// Height above the largest eigenvalue: well below the distance to the next one times its weight.
const NEAR: f64 = 0.01;

fn plan(tier: Tier) -> Plan {
    // Sizes and replicates: a replicate costs 2N inverses, about N⁴.
    let sizes: &[(usize, usize)] = match tier {
        Tier::Quick => &[(2, 10), (6, 10), (20, 10)],
        Tier::Standard => &[(2, 60), (6, 60), (20, 40), (40, 3)],
        Tier::Deep => &[(2, 1000), (6, 1000), (20, 500), (60, 10)],
    };
    let mut plan = Plan::default();
    for ensemble in ensembles() {
        for signal in signals_and_rotated() {
            for &(n, replicates) in sizes {
                let name = "Im z·|Tr G⁽ⁱ⁾ − Tr G|, max over i and z = 0.3+0.4i, λ₁+0.01i";
                let observables = vec![certain(name)];
                let one = on_matrices(ensemble, &signal, n, replicates, observables, |w, _| {
                    let top = Tridiagonal::reduce(w)?.largest(1e-12)?.value;
                    let near = Complex64::new(top, NEAR);
                    Ok(vec![largest_shift(w, Z)?.max(largest_shift(w, near)?)])
                });
                plan.experiments.push(one);
            }
        }
    }
    for e in 0..plan.experiments.len() {
        plan.cells.push(at_most(&plan.experiments, (e, 0), 1.0));
    }
    // Near λ₁ the shift is Im z/(v² + O(Im z))·v², v the largest entry of the eigenvector: at N = 6
    // v² > 1/6 and the rest is of order 1, so at least 0.94 is reached in ten draws.
    let goe = ensembles()[0];
    let at = |n: usize| {
        plan.experiments
            .iter()
            .position(|x| x.law == goe.name() && x.signal == two_atom().name() && x.n == n)
            .expect("every tier has this size")
    };
    let attained = |n: usize, bound: f64| RivalCell {
        cell: at_most(&plan.experiments, (at(n), 0), bound),
        expected: 0.97,
        uncertainty: 0.05,
    };
    let rivals = vec![
        on_same_samples("constant 1/2", vec![attained(6, 0.5)]),
        on_same_samples("constant 0.9", vec![attained(6, 0.9)]),
        on_same_samples("1/(N Im z)", vec![attained(20, 1.0 / 20.0)]),
    ];
    plan.rivals = rivals;
    plan
}

/// max over i of Im z·|Tr G⁽ⁱ⁾ − Tr G|, both sides from checked inverses.
fn largest_shift(w: &Hermitian, z: Complex64) -> Result<f64, ReplicateError> {
    let (whole, whole_error) = CheckedResolvent::new(w, z)?.trace();
    let mut most = 0.0f64;
    for i in 0..w.n() {
        let (part, part_error) = CheckedResolvent::new(&minor(w, i), z)?.trace();
        let error = z.im * (whole_error + part_error) * (1.0 + 1e-12);
        let shift = z.im * (part - whole).norm();
        most = most.max(resolved("interlacing", shift, error)?);
    }
    Ok(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DMatrix;

    #[test]
    fn removing_an_uncoupled_entry_moves_the_trace_by_its_own_resolvent() {
        let w = DMatrix::from_row_slice(2, 2, &[0.3, 0.0, 0.0, 2.0]);
        let shift = largest_shift(&Hermitian::real(w).unwrap(), Z).unwrap();
        // |1/(0.3 − z)| = 1/Im z: the bound is attained.
        assert!((shift - 1.0).abs() < 1e-14);
    }
}
