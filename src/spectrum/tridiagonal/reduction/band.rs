//! From a full matrix to a band of half-width B.
//!
//! Below the first B rows a panel of B columns is factored, QR, and Q applied to the trailing
//! matrix A from both sides: Q = I − VSVᵀ with S upper triangular, Y = AVS and
//! X = Y − ½V(SᵀVᵀY) give QᵀAQ = A − XVᵀ − VXᵀ. Half of the 4/3 N³ operations are the product AV
//! of a symmetric matrix, half the correction of its lower triangle.
//!
//! As in the fused sweep the correction is left pending: the columns of the next panel get it
//! first, the others when they are multiplied with the next V, so that A passes through the caches
//! once a panel. Products are faer's, in its order of summation, which depends on the processor.

use super::chase::{B, Band};
use super::panel::Panel;
use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// Columns of A corrected and multiplied at a time: 64 of them stay in the second-level cache to
/// N = 3200 and more.
const BLOCK: usize = 64;

/// A band matrix similar to the symmetric matrix of size `n` whose columns are `a`.
pub(super) fn reduced_to_band(a: &[f64], n: usize) -> Band {
    let mut band = Band::zero(n);
    let mut a = MatRef::from_column_major_slice(a, n, n).to_owned();
    let mut panel = Panel::with_capacity(n);
    let mut product = Mat::zeros(n, B);
    let [mut pending, mut next] = [(); 2].map(|()| Correction::zero(n));
    for j in (0..n).step_by(B) {
        let s = n.min(j + B);
        let rows = n - s;
        if j > 0 {
            let columns = a.as_mut().submatrix_mut(j, j, n - j, s - j);
            pending.apply(columns, 0);
        }
        for c in j..s {
            for i in c..s {
                band.set(i, c, a[(i, c)]);
            }
        }
        if rows == 0 {
            break;
        }
        panel.factor((j..s).map(|c| &a.col_as_slice(c)[s..]));
        for c in 0..B {
            for i in 0..rows.min(c + 1) {
                band.set(s + i, j + c, panel.r[c][i]);
            }
        }
        next.set_v(&panel, rows);
        let mut product = product.as_mut().subrows_mut(0, rows);
        let trailing = a.as_mut().submatrix_mut(s, s, rows, rows);
        let pending_here = (j > 0).then_some(&pending);
        correct_and_multiply(trailing, pending_here, next.v(), product.rb_mut());
        next.set_x(product.rb(), &panel.tau);
        std::mem::swap(&mut pending, &mut next);
    }
    band
}

/// A − XVᵀ − VXᵀ on the trailing rows, as [V X][X V]ᵀ.
struct Correction {
    rows: usize,
    left: Mat<f64>,
    right: Mat<f64>,
}

impl Correction {
    fn zero(n: usize) -> Self {
        Self {
            rows: 0,
            left: Mat::zeros(n, 2 * B),
            right: Mat::zeros(n, 2 * B),
        }
    }

    fn v(&self) -> MatRef<'_, f64> {
        self.left.as_ref().submatrix(0, 0, self.rows, B)
    }

    fn set_v(&mut self, panel: &Panel, rows: usize) {
        self.rows = rows;
        for c in 0..B {
            self.left.col_as_slice_mut(c)[..rows].copy_from_slice(panel.v(c));
            self.right.col_as_slice_mut(B + c)[..rows].copy_from_slice(panel.v(c));
        }
    }

    /// X from AV.
    fn set_x(&mut self, product: MatRef<'_, f64>, tau: &[f64; B]) {
        let factor = triangular_factor(self.v(), tau);
        let left = self.left.as_mut().subrows_mut(0, self.rows);
        let (v, mut x) = left.split_at_col_mut(B);
        let v = v.rb();
        replace(x.rb_mut(), product, factor.as_ref());
        let [mut inner, mut half] = [(); 2].map(|()| Mat::zeros(B, B));
        replace(inner.as_mut(), v.transpose(), x.rb());
        replace(half.as_mut(), factor.transpose(), inner.as_ref());
        matmul(x.rb_mut(), Accum::Add, v, half.as_ref(), -0.5, Par::Seq);
        let mut right = self.right.as_mut().submatrix_mut(0, 0, self.rows, B);
        right.copy_from(x.rb());
    }

    /// Corrects the lower part of columns of the trailing matrix, the first of them `first`, with
    /// rows from there on.
    fn apply(&self, columns: MatMut<'_, f64>, first: usize) {
        let (rows, width) = (columns.nrows(), columns.ncols());
        let left = self.left.as_ref().subrows(first, rows);
        let right = self.right.as_ref().subrows(first, width).transpose();
        let (corner, below) = columns.split_at_row_mut(width);
        triangular::matmul(
            corner,
            BlockStructure::TriangularLower,
            Accum::Add,
            left.subrows(0, width),
            BlockStructure::Rectangular,
            right,
            BlockStructure::Rectangular,
            -1.0,
            Par::Seq,
        );
        let left = left.subrows(width, rows - width);
        matmul(below, Accum::Add, left, right, -1.0, Par::Seq);
    }
}

fn replace(target: MatMut<'_, f64>, left: MatRef<'_, f64>, right: MatRef<'_, f64>) {
    matmul(target, Accum::Replace, left, right, 1.0, Par::Seq);
}

/// S, upper triangular, with Π(I − τ_kv_kv_kᵀ) = I − VSVᵀ:
/// S_kk = τ_k and the column above it is −τ_k S (Vᵀv_k).
fn triangular_factor(v: MatRef<'_, f64>, tau: &[f64; B]) -> Mat<f64> {
    let mut gram = Mat::zeros(B, B);
    replace(gram.as_mut(), v.transpose(), v);
    let mut factor = Mat::zeros(B, B);
    for k in 0..B {
        for l in 0..k {
            let scaled = -tau[k] * gram[(l, k)];
            for i in 0..=l {
                let product = factor[(i, l)] * scaled;
                factor[(i, k)] += product;
            }
        }
        factor[(k, k)] = tau[k];
    }
    factor
}

/// Makes the pending correction of the lower triangle of A, then product ← AV.
///
/// A is the trailing matrix of the correction without its first B rows and columns.
fn correct_and_multiply(
    mut a: MatMut<'_, f64>,
    pending: Option<&Correction>,
    v: MatRef<'_, f64>,
    mut product: MatMut<'_, f64>,
) {
    let rows = a.nrows();
    product.fill(0.0);
    let mut full = Mat::zeros(BLOCK, BLOCK);
    for j in (0..rows).step_by(BLOCK) {
        let width = BLOCK.min(rows - j);
        let mut columns = a.rb_mut().submatrix_mut(j, j, rows - j, width);
        if let Some(pending) = pending {
            pending.apply(columns.rb_mut(), B + j);
        }
        let (corner, below) = columns.rb().split_at_row(width);
        for c in 0..width {
            for i in c..width {
                full[(i, c)] = corner[(i, c)];
                full[(c, i)] = corner[(i, c)];
            }
        }
        let corner = full.as_ref().submatrix(0, 0, width, width);
        let (v_j, v_below) = v.subrows(j, rows - j).split_at_row(width);
        let target = product.rb_mut().subrows_mut(j, rows - j);
        let (mut own, mut target) = target.split_at_row_mut(width);
        matmul(own.rb_mut(), Accum::Add, corner, v_j, 1.0, Par::Seq);
        matmul(own, Accum::Add, below.transpose(), v_below, 1.0, Par::Seq);
        matmul(target.rb_mut(), Accum::Add, below, v_j, 1.0, Par::Seq);
    }
}
