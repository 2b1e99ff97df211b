//! Householder reduction of several small matrices at once, one matrix a SIMD lane.
//!
//! The algorithm is that of a single reduction: step k applies H = I − τuuᵀ to rows and columns k + 1, …, and
//! the correction A − vwᵀ − wvᵀ of the step before is made in the pass that multiplies with the next u. Vectors
//! of a small matrix are shorter than a register is wide; with a matrix a lane every operation fills one.
//!
//! Lanes never meet. All operations are IEEE operations and fused multiply-adds in an order that depends
//! on N only, so that the bits depend neither on the companions nor on the width of the registers.

mod complex;
mod real;
mod registers;

use super::Tridiagonal;
use super::scan::Scan;
use crate::spectrum::{Hermitian, SpectrumError};
use nalgebra::DMatrix;
use registers::Form;

/// Matrices that are worth reducing together; more gain nothing.
const GROUP: usize = 8;
/// Up to here a group of real matrices takes at most 1/1.3 of the time of single reductions: 0.40 of it at N = 12,
/// 0.49 at 32, 0.62 at 48, 0.83 at 64, 1.02 at 128 (one run on an idle machine, November 2026).
const LARGEST_REAL: usize = 56;
/// Up to here a group of complex matrices takes at most 0.3 of the time of faer's reductions: 0.10 of it at N = 16,
/// 0.13 to 0.16 at 32, 0.2 at 64, 0.18 to 0.28 at 128 (two runs on a busy machine, November 2026). One matrix alone,
/// whose group leaves lanes empty, takes at most 1.1. Beyond it the triangles leave the second-level cache.
const LARGEST_COMPLEX: usize = 128;

impl Tridiagonal {
    /// How many matrices of size N [`reduce_all`](Self::reduce_all) should get at a time.
    #[must_use]
    pub const fn group_size(n: usize) -> usize {
        // Real ones between the two bounds are reduced one by one, in a group or not.
        if n <= LARGEST_COMPLEX { GROUP } else { 1 }
    }

    /// [`reduce`](Self::reduce) for many matrices, small ones together in SIMD lanes.
    ///
    /// # Value    in order; the bits of a form depend on its matrix alone, neither on the others nor, for real ones
    /// of N < 1000 and complex ones of N ≤ 128, on the processor. They are not those of [`reduce`](Self::reduce), which
    /// adds in another order
    #[must_use]
    pub fn reduce_all(matrices: &[&Hermitian]) -> Vec<Result<Self, SpectrumError>> {
        let mut all: Vec<_> = matrices.iter().map(|_| None).collect();
        let (mut reals, mut complexes) = (vec![], vec![]);
        for (i, w) in matrices.iter().copied().enumerate() {
            match w {
                Hermitian::Real(m) => match small(m, LARGEST_REAL, Scan::of) {
                    Some(scan) => reals.push((i, m, scan)),
                    None => all[i] = Some(Self::reduce(w)),
                },
                Hermitian::Complex(m) => match small(m, LARGEST_COMPLEX, Scan::of_complex) {
                    Some(scan) => complexes.push((i, m, scan)),
                    None => all[i] = Some(Self::reduce(w)),
                },
            }
        }
        for (i, form) in together(reals, real::forms)
            .into_iter()
            .chain(together(complexes, complex::forms))
        {
            all[i] = Some(form);
        }
        all.into_iter()
            .map(|form| form.expect("every matrix is in one of the three groups"))
            .collect()
    }
}

/// The look at a matrix that is reduced together with others: no square of its entries needs scaling.
fn small<T>(m: &DMatrix<T>, largest: usize, scan: fn(&DMatrix<T>) -> Option<Scan>) -> Option<Scan> {
    if m.nrows() > largest {
        return None;
    }
    scan(m).filter(|scan| scan.scale().is_none())
}

/// The forms of matrices, given with their places, with these.
fn together<T>(
    mut matrices: Vec<(usize, &DMatrix<T>, Scan)>,
    forms: fn(&[&DMatrix<T>]) -> Vec<Form>,
) -> Vec<(usize, Result<Tridiagonal, SpectrumError>)> {
    // Equal sizes side by side; the sort is stable, and no bit depends on it.
    matrices.sort_by_key(|(_, m, _)| m.nrows());
    let mut all = Vec::with_capacity(matrices.len());
    for group in matrices.chunk_by(|a, b| a.1.nrows() == b.1.nrows()) {
        let equal: Vec<&DMatrix<T>> = group.iter().map(|(_, m, _)| *m).collect();
        for ((i, _, scan), (diagonal, off_diagonal)) in group.iter().zip(forms(&equal)) {
            let t = Tridiagonal {
                diagonal,
                off_diagonal,
            };
            all.push((*i, t.checked(scan)));
        }
    }
    all
}
