//! Resolvents with a proved bound of their rounding errors, and the minors of a matrix.

use super::RESOLUTION;
use crate::spectrum::Hermitian;
use nalgebra::{DMatrix, DVector};
use num_complex::Complex64;
use thiserror::Error;

/// Unit roundoff u = 2⁻⁵³.
const UNIT: f64 = f64::EPSILON / 2.0;

/// A replicate of an exact claim could not resolve what it is about.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Refused {
    /// The proved bound of its own rounding error is too large.
    #[error(
        "{what}: rounding errors up to {bound:e} are larger than the resolution {RESOLUTION:e}"
    )]
    Rounding {
        /// Which identity.
        what: &'static str,
        /// Bound of the rounding error.
        bound: f64,
    },
    /// A matrix could not be inverted, though it is invertible.
    #[error("{what}: the matrix is singular in floating point")]
    Singular {
        /// Which matrix.
        what: &'static str,
    },
}

/// `value`, if it is known up to `error` ≤ [`RESOLUTION`].
pub(in crate::claims) fn resolved(
    what: &'static str,
    value: f64,
    error: f64,
) -> Result<f64, Refused> {
    if error <= RESOLUTION {
        Ok(value)
    } else {
        Err(Refused::Rounding { what, bound: error })
    }
}

/// Ĝ ≈ (A − z)⁻¹ with a bound of ‖Ĝ − (A − z)⁻¹‖_F, however Ĝ was found.
///
/// With E = (A − z)Ĝ − 1: Ĝ − G = G E, so ‖Ĝ − G‖_F ≤ ‖G‖ ‖E‖_F. For A self-adjoint ‖G‖ ≤ 1/Im z;
/// for A = W + tΔ with ‖Δ‖ ≤ 1, ‖G‖ ≤ 1/(Im z − |t|). E is computed; its rounding error (products of
/// length N, complex arithmetic, the shift by z) is at most 2(N + 4)u ‖A − z‖_F ‖Ĝ‖_F in Frobenius
/// norm.
#[derive(Debug, Clone)]
pub(in crate::claims) struct CheckedResolvent {
    /// Ĝ.
    pub g: DMatrix<Complex64>,
    /// ‖Ĝ − G‖_F is at most this.
    pub error: f64,
    /// ‖G‖ is at most this: 1/distance.
    pub bound: f64,
}

impl CheckedResolvent {
    /// (W − z)⁻¹.
    pub fn new(w: &Hermitian, z: Complex64) -> Result<Self, Refused> {
        Self::of(w.to_complex(), z, z.im)
    }

    /// (A − z)⁻¹ for any A with ‖(A − z)⁻¹‖ ≤ 1/`distance`.
    pub fn of(mut a: DMatrix<Complex64>, z: Complex64, distance: f64) -> Result<Self, Refused> {
        let n = a.nrows();
        for i in 0..n {
            a[(i, i)] -= z;
        }
        let g = a
            .clone()
            .try_inverse()
            .ok_or(Refused::Singular { what: "resolvent" })?;
        let mut defect = &a * &g;
        for i in 0..n {
            defect[(i, i)] -= 1.0;
        }
        let rounding = 2.0 * (n as f64 + 4.0) * UNIT * a.norm() * g.norm();
        let error = (defect.norm() + rounding) / distance * (1.0 + 1e-12);
        let bound = 1.0 / distance;
        Ok(Self { g, error, bound })
    }

    /// N.
    pub fn n(&self) -> usize {
        self.g.nrows()
    }

    /// Tr G and a bound of its error, √N ‖Ĝ − G‖_F and the rounding of the sum.
    pub fn trace(&self) -> (Complex64, f64) {
        let n = self.n() as f64;
        let rounding = n * UNIT * n.sqrt() * self.g.norm();
        (self.g.trace(), n.sqrt() * self.error + rounding)
    }

    /// G² and a bound of the error of each entry, e(2‖G‖ + e) with e = ‖Ĝ − G‖_F, and the rounding of
    /// products of rows and columns of length at most ‖G‖ + e.
    pub fn square(&self) -> (DMatrix<Complex64>, f64) {
        let rounding = self.unit() * (self.bound + self.error).powi(2);
        let error = self.error * (2.0 * self.bound + self.error) + rounding;
        (&self.g * &self.g, error)
    }

    /// 2(N + 4)u: relative rounding of a product or sum of length N, with room for a few operations.
    pub fn unit(&self) -> f64 {
        2.0 * (self.n() as f64 + 4.0) * UNIT
    }
}

/// W without its i-th row and column.
pub(in crate::claims) fn minor(w: &Hermitian, i: usize) -> Hermitian {
    match w {
        Hermitian::Real(m) => Hermitian::Real(m.clone().remove_row(i).remove_column(i)),
        Hermitian::Complex(m) => Hermitian::Complex(m.clone().remove_row(i).remove_column(i)),
    }
}

/// The i-th column of W without its i-th entry.
pub(in crate::claims) fn shifted_column(w: &Hermitian, i: usize) -> DVector<Complex64> {
    let column = match w {
        Hermitian::Real(m) => m.column(i).map(Complex64::from),
        Hermitian::Complex(m) => m.column(i).into_owned(),
    };
    column.remove_row(i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_bound_covers_a_resolvent_known_in_closed_form() {
        // (W − z)⁻¹ for W = [[0, 1], [1, 0]]: −1/(1 − z²)·[[−z, …]] = [[z, 1], [1, z]]/(1 − z²).
        let w = Hermitian::real(DMatrix::from_row_slice(2, 2, &[0.0, 1.0, 1.0, 0.0])).unwrap();
        let z = Complex64::new(0.3, 0.7);
        let checked = CheckedResolvent::new(&w, z).unwrap();
        let scale = (1.0 - z * z).inv();
        let truth = DMatrix::from_row_slice(2, 2, &[z * scale, scale, scale, z * scale]);
        assert!((&checked.g - &truth).norm() <= checked.error + 4.0 * UNIT);
        assert!(checked.error < 1e-14);
    }

    #[test]
    fn error_bound_grows_with_a_wrong_inverse() {
        let w = DMatrix::from_diagonal_element(3, 3, Complex64::new(2.0, 0.0));
        let z = Complex64::new(0.0, 0.5);
        let right = CheckedResolvent::of(w.clone(), z, 0.5).unwrap();
        let wrong = CheckedResolvent::of(w, z, 0.25).unwrap();
        assert!(wrong.error > right.error);
    }

    #[test]
    fn minor_and_column_leave_out_the_same_index() {
        let m = DMatrix::from_row_slice(3, 3, &[1.0, 2.0, 3.0, 2.0, 4.0, 5.0, 3.0, 5.0, 6.0]);
        let w = Hermitian::real(m).unwrap();
        let Hermitian::Real(left) = minor(&w, 1) else {
            panic!("a real matrix has real minors")
        };
        assert_eq!(left.as_slice(), &[1.0, 3.0, 3.0, 6.0]);
        let column = shifted_column(&w, 1);
        assert_eq!((column[0].re, column[1].re), (2.0, 5.0));
    }
}
