//! Shared by the claims of this folder: matrices of independent entries, and two functions of what they give.

use crate::ensemble::EntryLaw;
use nalgebra::{Cholesky, DMatrix, Dyn};
use rand_chacha::ChaCha8Rng;

/// Entries N(0, 1).
pub(super) fn gaussian(rows: usize, columns: usize, rng: &mut ChaCha8Rng) -> DMatrix<f64> {
    of_law(EntryLaw::Gaussian, rows, columns, rng)
}

/// Independent entries of the law.
pub(super) fn of_law(
    law: EntryLaw,
    rows: usize,
    columns: usize,
    rng: &mut ChaCha8Rng,
) -> DMatrix<f64> {
    let mut entries = vec![0.0; rows * columns];
    law.fill(rng, &mut entries);
    DMatrix::from_vec(rows, columns, entries)
}

/// tr A⁻¹ = ‖L⁻¹‖²_F.
pub(super) fn inverse_trace(solver: &Cholesky<f64, Dyn>) -> f64 {
    let l = solver.l_dirty();
    let mut inverse = DMatrix::identity(l.nrows(), l.ncols());
    l.solve_lower_triangular_mut(&mut inverse);
    inverse.norm_squared()
}

/// (1 − e^{−s})/s, also at s = 0, where rounding puts an eigenvalue of either sign.
pub(super) fn decay(s: f64) -> f64 {
    if s.abs() < 1e-8 {
        1.0 - 0.5 * s
    } else {
        -libm::expm1(-s) / s
    }
}
