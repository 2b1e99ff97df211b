//! LBL* with diagonal pivoting (Bunch and Kaufman), and its residual.

use super::Entry;
use super::bound::{Bound, sum_of_moduli};
use crate::spectrum::certify::Field;
use crate::spectrum::solver::view;
use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::lblt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;
use std::ops::Range;

/// Columns taken together in products of matrices.
const BLOCK: usize = 64;

/// Positive eigenvalues of B and η; `None` if a block of B is too close to singular to tell.
pub(super) fn count<T: Entry>(m: &DMatrix<T>, x: f64, field: Field) -> Option<(usize, f64)> {
    let factors = Factors::of(m, x);
    Some((factors.positive()?, factors.distance(m, x, field)))
}

/// P(W − x)P* ≈ LBL*.
struct Factors<T: Entry> {
    /// L on and below the diagonal blocks; above them the entries mean nothing.
    l: DMatrix<T>,
    /// B_kk.
    diagonal: Vec<f64>,
    /// B_{k+1,k}, zero but in blocks of order 2.
    beside: Vec<T>,
    /// Row k of P(W − x)P* is row `order[k]` of W − x.
    order: Vec<usize>,
    /// Rows taken together; no block of B lies across a boundary.
    blocks: Vec<Range<usize>>,
}

impl<T: Entry> Factors<T> {
    fn of(m: &DMatrix<T>, x: f64) -> Self {
        let n = m.nrows();
        let mut l = m.clone();
        for i in 0..n {
            l[(i, i)] -= T::from_real(x);
        }
        let mut beside = Diag::<T>::zeros(n);
        let (mut order, mut inverse) = (vec![0usize; n], vec![0usize; n]);
        let scratch = cholesky_in_place_scratch::<usize, T>(n, Par::Seq, Default::default());
        cholesky_in_place(
            MatMut::from_column_major_slice_mut(l.as_mut_slice(), n, n),
            beside.as_mut(),
            &mut order,
            &mut inverse,
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(scratch)),
            Default::default(),
        );
        let beside = (0..n).map(|k| beside[k]).collect();
        Self::new(l, beside, order)
    }

    /// From L below the diagonal of `l` and B's diagonal on it.
    fn new(mut l: DMatrix<T>, beside: Vec<T>, order: Vec<usize>) -> Self {
        let n = l.nrows();
        let diagonal = (0..n).map(|k| l[(k, k)].real()).collect();
        let mut blocks = vec![];
        let mut start = 0;
        while start < n {
            let mut end = (start + BLOCK).min(n);
            if end < n && beside[end - 1] != T::zero() {
                end -= 1;
            }
            for k in start..end {
                let column = &mut l.as_mut_slice()[k * n..][start..=k];
                column.fill(T::zero());
                column[k - start] = T::one();
            }
            blocks.push(start..end);
            start = end;
        }
        Self {
            l,
            diagonal,
            beside,
            order,
            blocks,
        }
    }

    /// Number of positive eigenvalues of B; `None` if the sign of the determinant of a block is lost
    /// in rounding, which the pivoting rule excludes.
    fn positive(&self) -> Option<usize> {
        let (mut count, mut k) = (0, 0);
        while k < self.diagonal.len() {
            if self.beside[k] == T::zero() {
                count += usize::from(self.diagonal[k] > 0.0);
                k += 1;
                continue;
            }
            let (a, b) = (self.diagonal[k], self.diagonal[k + 1]);
            let c = self.beside[k].modulus();
            // ab/c², against 1: a product that underflows is far below.
            let product = (a / c) * (b / c);
            let unsure = 32.0 * f64::EPSILON * (product.abs() + 1.0);
            if product - 1.0 < -unsure {
                count += 1;
            } else if product - 1.0 > unsure {
                count += 2 * usize::from(a > 0.0);
            } else {
                return None;
            }
            k += 2;
        }
        Some(count)
    }

    /// η ≥ ‖P(W − x)P* − LBL*‖; NaN or infinite if it leaves the range.
    fn distance(&self, m: &DMatrix<T>, x: f64, field: Field) -> f64 {
        let n = self.diagonal.len();
        let mut bound = Bound::new(n);
        let mut product = vec![T::zero(); BLOCK.min(n) * n];
        let mut buffer = product.clone();
        for block in &self.blocks {
            let (start, end) = (block.start, block.end);
            let (rows, columns) = (n - start, end - start);
            let buffer = &mut buffer[..rows * columns];
            for (j, column) in buffer.chunks_exact_mut(rows).enumerate() {
                let from = self.order[start + j];
                for (entry, &i) in column.iter_mut().zip(&self.order[start..]) {
                    *entry = m[(i, from)];
                }
                bound.add_entries(start + j, &column[j..]);
                column[j] -= T::from_real(x);
            }
            let product = &mut product[..columns * end];
            self.multiply_blocks(block, product);
            matmul(
                MatMut::from_column_major_slice_mut(buffer, rows, columns),
                Accum::Add,
                view(&self.l).subrows(start, rows).subcols(0, end),
                MatRef::from_column_major_slice(product, columns, end).adjoint(),
                -T::one_impl(),
                Par::Seq,
            );
            for (j, column) in buffer.chunks_exact(rows).enumerate() {
                bound.add_residual(start + j, &column[j..]);
            }
        }
        self.add_moduli(&mut bound);
        bound.distance(x, field)
    }

    /// LB for the rows of a block, column after column.
    fn multiply_blocks(&self, rows: &Range<usize>, product: &mut [T]) {
        let column = |k: usize| &self.column(k)[rows.clone()];
        for (k, product) in product.chunks_exact_mut(rows.len()).enumerate() {
            let own = self.diagonal[k];
            for (p, l) in product.iter_mut().zip(column(k)) {
                *p = l.scale(own);
            }
            // The other half of a block of order 2.
            let (other, by) = if self.beside[k] != T::zero() {
                (k + 1, self.beside[k])
            } else if k > 0 && self.beside[k - 1] != T::zero() {
                (k - 1, self.beside[k - 1].conjugate())
            } else {
                continue;
            };
            for (p, &l) in product.iter_mut().zip(column(other)) {
                *p += l * by;
            }
        }
    }

    fn column(&self, k: usize) -> &[T] {
        &self.l.as_slice()[k * self.l.nrows()..][..self.l.nrows()]
    }

    /// |L| and |L||B||L*|.
    fn add_moduli(&self, bound: &mut Bound) {
        let n = self.diagonal.len();
        let below = |k: usize| &self.column(k)[k..];
        let sums: Vec<f64> = (0..n).map(|k| sum_of_moduli(below(k))).collect();
        let mut scaled: Vec<f64> = (0..n).map(|k| self.diagonal[k].abs() * sums[k]).collect();
        for k in 0..n - 1 {
            let beside = self.beside[k].norm1();
            scaled[k] += beside * sums[k + 1];
            scaled[k + 1] += beside * sums[k];
        }
        for (k, scaled) in scaled.into_iter().enumerate() {
            bound.add_factor(k, below(k), scaled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Indefinite, with a zero diagonal: blocks of order 2 all along, one across each boundary of 64.
    fn example(n: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 0.0,
            1 => 1.0,
            d => 0.3 * ((i * j + i + j) as f64).sin() / (d * d) as f64,
        })
    }

    fn eta(factors: &Factors<f64>, m: &DMatrix<f64>) -> f64 {
        factors.distance(m, 0.0, Field::REAL)
    }

    #[test]
    fn blocks_of_order_two_are_whole_and_their_residual_is_small() {
        let m = example(201);
        let factors = Factors::of(&m, 0.0);
        assert!(factors.beside.iter().any(|&b| b != 0.0));
        for block in &factors.blocks {
            assert_eq!(factors.beside[block.end - 1], 0.0);
        }
        assert!(eta(&factors, &m) < 1e-11);
    }

    #[test]
    fn wrong_blocks_orders_and_factors_are_seen() {
        let m = example(201);
        let spoiled = |spoil: &dyn Fn(&mut Factors<f64>)| {
            let mut factors = Factors::of(&m, 0.0);
            spoil(&mut factors);
            eta(&factors, &m)
        };
        let k = Factors::of(&m, 0.0)
            .beside
            .iter()
            .position(|&b| b != 0.0)
            .unwrap();
        assert!(spoiled(&|f| f.beside[k] = -f.beside[k]) > 0.1);
        assert!(spoiled(&|f| f.diagonal[k] += 1e-6) > 1e-7);
        assert!(spoiled(&|f| f.order.swap(3, 150)) > 0.1);
        assert!(spoiled(&|f| f.l[(190, 17)] += 1e-6) > 1e-7);
        assert!(spoiled(&|f| f.diagonal.iter_mut().for_each(|d| *d = -*d)) > 1e-3);
    }

    /// Signs of [[a, c], [c, b]] from its determinant.
    #[test]
    fn blocks_are_counted_by_their_determinants() {
        for (a, b, c, count) in [
            (1.0, 1.0, 2.0, 1),
            (-3.0, -2.0, 1.0, 0),
            (3.0, 2.0, -1.0, 2),
            (0.0, 0.0, 1e-300, 1),
            (1e300, -1e-300, 1.0, 1),
        ] {
            let factors = Factors {
                l: DMatrix::identity(2, 2),
                diagonal: vec![a, b],
                beside: vec![c, 0.0],
                order: vec![0, 1],
                // Not looked at.
                blocks: vec![],
            };
            assert_eq!(factors.positive(), Some(count), "{a} {b} {c}");
        }
    }
}
