//! Tridiagonal forms: resolvent traces, counts and single eigenvalues in O(N) operations a point.

mod locate;
mod reduction;
mod resolvent;
mod scan;
mod sturm;
mod together;
mod values;

pub use locate::{LocateError, Located};
pub use reduction::{Reduction, ReductionWorkspace};

use super::scaling::PowerOfTwo;
use super::{Hermitian, SpectrumError, certify};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::tridiag::{tridiag_in_place, tridiag_in_place_scratch};
use faer::{Mat, Par};
use nalgebra::DMatrix;
use num_complex::Complex64;
use std::cell::RefCell;

/// Real symmetric tridiagonal matrix T, similar to the W it was reduced from.
#[derive(Debug, Clone, PartialEq)]
pub struct Tridiagonal {
    /// T_ii, N of them.
    pub diagonal: Vec<f64>,
    /// T_{i,i+1} ≥ 0, N − 1 of them.
    pub off_diagonal: Vec<f64>,
}

impl Tridiagonal {
    /// T = Q* W Q by Householder reflections, with moduli off the diagonal (a diagonal unitary
    /// similarity makes them so).
    ///
    /// Real matrices take the path [`Reduction::for_size`] names, complex ones go through faer:
    /// 0.11 ms (nalgebra 0.13) at N = 32, 0.52 ms (0.93) at N = 64, 3.2 ms (7.7) at N = 128,
    /// measured in November 2026 on two busy cores. Several at once are much faster:
    /// [`reduce_all`](Self::reduce_all).
    ///
    /// Tr T = Tr W and ‖T‖_F = ‖W‖_F are checked as for a spectrum, see
    /// [`trace_checks`](super::trace_checks).
    pub fn reduce(w: &Hermitian) -> Result<Self, SpectrumError> {
        thread_local! {
            static WORKSPACE: RefCell<ReductionWorkspace> = RefCell::default();
        }
        WORKSPACE
            .with_borrow_mut(|workspace| Self::reduce_by(Reduction::for_size(w.n()), w, workspace))
    }

    /// [`reduce`](Self::reduce) by a given path, in memory of the caller's. Complex matrices have
    /// one path only.
    ///
    /// # Accuracy all paths are backward stable: T has the eigenvalues of W + E with ‖E‖ of the
    /// order of Nε‖W‖. Entries far from 1 are scaled by a power of two first, which is exact, so
    /// that no square over- or underflows; T is scaled back.
    pub fn reduce_by(
        path: Reduction,
        w: &Hermitian,
        workspace: &mut ReductionWorkspace,
    ) -> Result<Self, SpectrumError> {
        match w {
            Hermitian::Real(m) => {
                let Some(scan) = scan::Scan::of(m) else {
                    // Says what is wrong, and where.
                    w.check()?;
                    unreachable!("a matrix that is not symmetric passed its check");
                };
                reduce_real(path, m, &scan, workspace)
            }
            Hermitian::Complex(m) => {
                w.check()?;
                let (diagonal, off_diagonal) = complex_by_faer(m);
                let t = Self {
                    diagonal,
                    off_diagonal,
                };
                let (first, second) = t.power_sums();
                certify::check_moments(w, first, second)?;
                Ok(t)
            }
        }
    }

    /// N.
    #[must_use]
    pub fn n(&self) -> usize {
        self.diagonal.len()
    }

    /// T, if its first two moments are those of the matrix that was scanned.
    fn checked(self, scan: &scan::Scan) -> Result<Self, SpectrumError> {
        let known = (scan.trace, scan.squares);
        certify::check_sums(self.n(), known, self.power_sums(), PowerOfTwo::new(0))?;
        Ok(self)
    }

    /// (Tr T, Tr T²)
    pub(super) fn power_sums(&self) -> (f64, f64) {
        let squares = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>();
        (
            self.diagonal.iter().sum(),
            squares(&self.diagonal) + 2.0 * squares(&self.off_diagonal),
        )
    }
}

fn reduce_real(
    path: Reduction,
    m: &DMatrix<f64>,
    scan: &scan::Scan,
    workspace: &mut ReductionWorkspace,
) -> Result<Tridiagonal, SpectrumError> {
    let n = m.nrows();
    let Some(scale) = scan.scale() else {
        let (diagonal, off_diagonal) = path.apply(m.as_slice(), n, workspace);
        let t = Tridiagonal {
            diagonal,
            off_diagonal,
        };
        return t.checked(scan);
    };
    let scaled = m.map(|x| x * scale);
    let scan = scan::Scan::of(&scaled).expect("scaling keeps a matrix symmetric");
    let mut t = reduce_real(path, &scaled, &scan, workspace)?;
    let entries = t.diagonal.iter_mut().chain(&mut t.off_diagonal);
    for (index, x) in entries.enumerate() {
        *x /= scale;
        if !x.is_finite() {
            // ‖W‖ itself is too large for a double.
            return Err(SpectrumError::NotFinite { index, value: *x });
        }
    }
    Ok(t)
}

fn complex_by_faer(m: &DMatrix<Complex64>) -> (Vec<f64>, Vec<f64>) {
    let n = m.nrows();
    let mut a = super::solver::view(m).to_owned();
    let mut householder = Mat::<Complex64>::zeros(1, n - 1);
    let scratch = tridiag_in_place_scratch::<Complex64>(n, Par::Seq, Default::default());
    tridiag_in_place(
        a.as_mut(),
        householder.as_mut(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    );
    let diagonal = (0..n).map(|i| a[(i, i)].re).collect();
    let off_diagonal = (1..n).map(|i| a[(i, i - 1)].norm()).collect();
    (diagonal, off_diagonal)
}
