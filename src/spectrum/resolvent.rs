//! The full resolvent.

use super::Hermitian;
use nalgebra::DMatrix;
use num_complex::Complex64;

/// G(z) = (W − z)⁻¹, all N² entries, by LU decomposition with partial pivoting.
///
/// # Domain   Im z ≠ 0; panics otherwise
#[must_use]
pub fn resolvent(w: &Hermitian, z: Complex64) -> DMatrix<Complex64> {
    assert!(z.im != 0.0, "the resolvent is taken off the real axis");
    let mut shifted = w.to_complex();
    for i in 0..w.n() {
        shifted[(i, i)] -= z;
    }
    // ‖(W − z)⁻¹‖ ≤ 1/|Im z|
    shifted
        .try_inverse()
        .expect("W − z is invertible off the real axis")
}
