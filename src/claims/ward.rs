//! Ward's identity and the trivial bound of s_N.

use super::Claim;
use super::common::{
    CheckedResolvent, at_most, certain, ensembles, limit, on_matrices, on_same_samples, resolved,
    signals_and_rotated, two_atom, wrong_identity,
};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, ReplicateError, RivalCell, Tier};
use crate::spectrum::Hermitian;
use num_complex::Complex64;

/// Ward's identity, with |s_N| ≤ 1/Im z.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/ward",
            title: "Ward identity",
            statement: "For every i: Σ_j |G_ij(z)|² = Im G_ii(z)/Im z. Also |s_N(z)| ≤ 1/Im z.",
            formula: r"\sum_j |G_{ij}(z)|^2=\frac{\operatorname{Im}G_{ii}(z)}{\operatorname{Im}z},\qquad |s_N(z)|\le\frac1{\operatorname{Im}z}",
            meaning: "Both hold in every matrix drawn, the identity within 1e-9, a resolution that \
                      each replicate proves for its own rounding errors. It rests on W being \
                      self-adjoint and on nothing else.",
            source: Source {
                work: "abk",
                locus: "Section 3, bounds of the resolvent",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

/// Im z far from 1, so that multiplying by it is not dividing by it.
const Z: Complex64 = Complex64::new(0.3, 0.4);
/// Far from the spectrum |s_N| comes close to 1/Im z.
const FAR: Complex64 = Complex64::new(0.5, 6.0);

const RESIDUAL: usize = 0;
const BOUND: usize = 1;
const WRONG: usize = 2;

fn plan(tier: Tier) -> Plan {
    // Sizes and replicates.
    let sizes: &[(usize, usize)] = match tier {
        Tier::Quick => &[(8, 20), (32, 20)],
        Tier::Standard => &[(8, 60), (32, 60), (100, 8)],
        Tier::Deep => &[(8, 1000), (32, 300), (100, 100), (200, 20)],
    };
    let mut plan = Plan::default();
    for ensemble in ensembles() {
        for signal in signals_and_rotated() {
            for &(n, replicates) in sizes {
                let observables = vec![
                    certain("max over i of |Σ_j |G_ij|² − Im G_ii/Im z|, z = 0.3+0.4i"),
                    certain("Im z·|s_N|, the larger of z = 0.3+0.4i and 0.5+6i"),
                    certain("residual with Im G_ii·Im z"),
                    certain("residual with Σ_j G_ij²"),
                    certain("residual with 2 Im G_ii/Im z"),
                ];
                let one = on_matrices(ensemble, &signal, n, replicates, observables, |w, _| {
                    values(w)
                });
                plan.experiments.push(one);
            }
        }
    }
    for e in 0..plan.experiments.len() {
        plan.cells.extend([
            at_most(&plan.experiments, (e, RESIDUAL), 0.0),
            at_most(&plan.experiments, (e, BOUND), 1.0),
        ]);
    }
    add_rivals(&mut plan);
    plan
}

fn add_rivals(plan: &mut Plan) {
    let goe = ensembles()[0];
    let at = plan
        .experiments
        .iter()
        .position(|x| x.law == goe.name() && x.signal == two_atom().name() && x.n == 32)
        .expect("every tier has N = 32");
    let near = limit(&goe, &two_atom(), 32, Z);
    let diagonal = (-0.4 - near.omega).inv();
    let ward = diagonal.im / Z.im;
    let sizes = [
        ("multiplied by Im z", (ward - diagonal.im * Z.im).abs()),
        // (G²)_ii → ω′(S_ii − ω)⁻².
        (
            "no modulus",
            (ward - near.omega_prime * diagonal * diagonal).norm(),
        ),
        ("factor 2", ward),
    ];
    for (k, (name, size)) in sizes.into_iter().enumerate() {
        let cell = wrong_identity(&plan.experiments, (at, WRONG + k), size);
        plan.rivals.push(on_same_samples(name, vec![cell]));
    }
    // Im z |s_N| at 0.5 + 6i is 6/|0.5 + 6i| up to a few per cent.
    let expected = FAR.im * limit(&goe, &two_atom(), 32, FAR).s.norm();
    let half = RivalCell {
        cell: at_most(&plan.experiments, (at, BOUND), 0.5),
        expected,
        uncertainty: 0.05,
    };
    plan.rivals
        .push(on_same_samples("|s_N| at most half of 1/Im z", vec![half]));
}

fn values(w: &Hermitian) -> Result<Vec<f64>, ReplicateError> {
    let checked = CheckedResolvent::new(w, Z)?;
    let g = &checked.g;
    // Rows of G are at most 1/Im z long: Σ_j|G_ij|² moves by at most e(2/Im z + e), Im G_ii/Im z by
    // e/Im z.
    let (e, longest) = (checked.error, checked.bound);
    let error = e * (3.0 * longest + e) + 2.0 * checked.unit() * (longest + e).powi(2);
    let mut largest = [0.0f64; 4];
    for i in 0..checked.n() {
        let row = g.row(i).norm_squared();
        let unsigned: Complex64 = g.row(i).iter().map(|x| x * x).sum();
        let im = g[(i, i)].im;
        let all = [
            row - im / Z.im,
            row - im * Z.im,
            (unsigned - im / Z.im).norm(),
            row - 2.0 * im / Z.im,
        ];
        for (most, x) in largest.iter_mut().zip(all) {
            *most = most.max(x.abs());
        }
    }
    let bound = |checked: &CheckedResolvent, z: Complex64| {
        let (trace, error) = checked.trace();
        let scale = z.im / checked.n() as f64;
        resolved("|s_N|", scale * trace.norm(), 2.0 * scale * error)
    };
    Ok(vec![
        resolved("Ward identity", largest[0], error)?,
        bound(&checked, Z)?.max(bound(&CheckedResolvent::new(w, FAR)?, FAR)?),
        largest[1],
        largest[2],
        largest[3],
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DMatrix;

    #[test]
    fn one_by_one_matrix_has_the_values_of_one_over_w_minus_z() {
        let w = Hermitian::real(DMatrix::from_element(1, 1, 0.3)).unwrap();
        let all = values(&w).unwrap();
        // G = 1/(0.3 − z) = i/0.4: |G|² = 6.25, |s| Im z = 1.
        assert!(all[RESIDUAL] < 1e-14);
        assert!((all[BOUND] - 1.0).abs() < 1e-14);
        assert!((all[WRONG] - (6.25 - 1.0)).abs() < 1e-13);
        assert!((all[WRONG + 1] - 12.5).abs() < 1e-13);
        assert!((all[WRONG + 2] - 6.25).abs() < 1e-13);
    }
}
