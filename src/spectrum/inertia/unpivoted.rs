//! LDL* without pivoting, a block of columns at a time, and its residual on the way.
//!
//! For a block J of columns and the rows I from its first one on:
//!
//! S = A_IJ − L_I B L_J* over the columns before J, S_J = L_JJ D_J L_JJ*, L_I = S L_JJ⁻* D_J⁻¹.
//!
//! The residual of these columns is S − L_I D_J L_JJ*, with the same S: of the N³/3 operations of
//! A − LDL* only some N² a column of a block are left to do.

use super::Entry;
use super::bound::{Bound, sum_of_moduli};
use crate::spectrum::certify::Field;
use crate::spectrum::solver::view;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::ldlt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::solve_unit_lower_triangular_in_place;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;

/// Columns taken together.
const BLOCK: usize = 64;

/// Positive pivots and η; `None` if a pivot vanishes.
pub(super) fn count<T: Entry>(m: &DMatrix<T>, x: f64, field: Field) -> Option<(usize, f64)> {
    let (pivots, distance) = factor(m, x, field, |_, _| ())?;
    Some((pivots.iter().filter(|&&d| d > 0.0).count(), distance))
}

/// The pivots and η. `spoil` sees each block's columns of L, from its first row down, with the pivots on
/// the diagonal, before anything is checked.
fn factor<T: Entry>(
    m: &DMatrix<T>,
    x: f64,
    field: Field,
    mut spoil: impl FnMut(usize, &mut [T]),
) -> Option<(Vec<f64>, f64)> {
    let n = m.nrows();
    let width = BLOCK.min(n);
    let mut l = DMatrix::<T>::zeros(n, n);
    let mut pivots = Vec::with_capacity(n);
    let mut bound = Bound::new(n);
    let mut product = vec![T::zero(); width * n];
    let [mut schur, mut panel] = [product.clone(), product.clone()];
    let scratch = cholesky_in_place_scratch::<T>(width, Par::Seq, Default::default());
    let mut memory = MemBuffer::new(scratch);
    for start in (0..n).step_by(BLOCK) {
        let end = (start + BLOCK).min(n);
        let (rows, columns) = (n - start, end - start);
        let schur = &mut schur[..rows * columns];
        for (j, column) in schur.chunks_exact_mut(rows).enumerate() {
            column.copy_from_slice(&m.as_slice()[(start + j) * n + start..][..rows]);
            bound.add_entries(start + j, &column[j..]);
            column[j] -= T::from_real(x);
        }
        let product = &mut product[..columns * start];
        for ((k, column), d) in product.chunks_exact_mut(columns).enumerate().zip(&pivots) {
            for (p, l) in column.iter_mut().zip(&l.as_slice()[k * n + start..]) {
                *p = l.scale(*d);
            }
        }
        matmul(
            MatMut::from_column_major_slice_mut(schur, rows, columns),
            Accum::Add,
            view(&l).subrows(start, rows).subcols(0, start),
            MatRef::from_column_major_slice(product, columns, start).adjoint(),
            -T::one_impl(),
            Par::Seq,
        );

        let panel = &mut panel[..rows * columns];
        panel.copy_from_slice(schur);
        let factors = MatMut::from_column_major_slice_mut(panel, rows, columns);
        let (mut own, below) = factors.split_at_row_mut(columns);
        cholesky_in_place(
            own.as_mut(),
            Default::default(),
            Par::Seq,
            MemStack::new(&mut memory),
            Default::default(),
        )
        .ok()?;
        solve_unit_lower_triangular_in_place(
            own.as_ref().conjugate(),
            below.transpose_mut(),
            Par::Seq,
        );
        for (k, column) in panel.chunks_exact_mut(rows).enumerate() {
            let inverse = column[k].real().recip();
            column[columns..]
                .iter_mut()
                .for_each(|l| *l = l.scale(inverse));
        }
        spoil(start, panel);

        for (k, column) in panel.chunks_exact_mut(rows).enumerate() {
            let pivot = column[k].real();
            pivots.push(pivot);
            column[..k].fill(T::zero());
            column[k] = T::one();
            let below = &column[k..];
            bound.add_factor(start + k, below, pivot.abs() * sum_of_moduli(below));
            l.as_mut_slice()[(start + k) * n + start..][..rows].copy_from_slice(column);
        }
        // LD for the rows of the block.
        let scaled: Vec<T> = panel
            .chunks_exact(rows)
            .zip(&pivots[start..])
            .flat_map(|(column, d)| column[..columns].iter().map(|l| l.scale(*d)))
            .collect();
        matmul(
            MatMut::from_column_major_slice_mut(schur, rows, columns),
            Accum::Add,
            MatRef::from_column_major_slice(panel, rows, columns),
            MatRef::from_column_major_slice(&scaled, columns, columns).adjoint(),
            -T::one_impl(),
            Par::Seq,
        );
        for (j, column) in schur.chunks_exact(rows).enumerate() {
            bound.add_residual(start + j, &column[j..]);
        }
    }
    Some((pivots, bound.distance(x, field)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{Ensemble, Hermitian, StreamKey};

    fn example(n: usize) -> DMatrix<f64> {
        let key = StreamKey {
            epoch: 0,
            claim: "spoiled factors".into(),
            law: String::new(),
            n,
            signal: String::new(),
        };
        let mut w = Ensemble::goe().noise(n, &mut key.generator(0)).unwrap();
        w.add_diagonal(&vec![0.5; n]);
        let Hermitian::Real(m) = w else {
            unreachable!("the GOE is real")
        };
        m
    }

    /// η of factors in which entry (row, column) of the block that starts at `block` was changed.
    fn spoiled(at: (usize, usize), block: usize, change: impl Fn(f64) -> f64) -> f64 {
        let m = example(150);
        let spoil = |start: usize, panel: &mut [f64]| {
            if start == block {
                let rows = m.nrows() - start;
                let entry = &mut panel[at.1 * rows + at.0];
                *entry = change(*entry);
            }
        };
        let (_, distance) = factor(&m, 2.8, Field::REAL, spoil).unwrap();
        distance
    }

    #[test]
    fn sound_factors_have_a_small_residual() {
        for block in [0, 64, 128] {
            assert!(spoiled((0, 0), block, |x| x) < 1e-10);
        }
    }

    /// The sign of a pivot changes the count by one: nothing less than twice the pivot may come out.
    #[test]
    fn the_wrong_sign_of_any_pivot_is_seen() {
        for (block, width) in [(0, 64), (64, 64), (128, 22)] {
            for k in [0, 1, width - 1] {
                let sound = factor(&example(150), 2.8, Field::REAL, |_, _| ());
                let pivot = sound.unwrap().0[block + k];
                assert!(spoiled((k, k), block, |x| -x) >= 2.0 * pivot.abs());
            }
        }
    }

    #[test]
    fn a_wrong_entry_of_a_factor_is_seen() {
        for block in [0, 64] {
            for (row, column) in [(1, 0), (63, 20), (64, 63), (85, 0)] {
                assert!(spoiled((row, column), block, |x| x + 1e-6) > 1e-7);
            }
        }
    }

    /// At once, or where the blocks after it are factorised.
    #[test]
    fn entries_that_are_not_numbers_give_no_count() {
        let m = example(150);
        for block in [0, 64, 128] {
            let spoil = |start: usize, panel: &mut [f64]| {
                if start == block {
                    panel[1] = f64::NAN;
                }
            };
            let distance = factor(&m, 2.8, Field::REAL, spoil).map(|(_, distance)| distance);
            assert!(distance.is_none_or(|eta| !eta.is_finite()));
        }
    }

    #[test]
    fn factors_of_another_point_are_seen() {
        let m = example(100);
        let other = |start: usize, panel: &mut [f64]| {
            let rows = m.nrows() - start;
            for k in 0..rows.min(BLOCK) {
                panel[k * rows + k] += 0.1;
            }
        };
        let (_, distance) = factor(&m, 2.8, Field::REAL, other).unwrap();
        assert!(distance > 0.1);
    }
}
