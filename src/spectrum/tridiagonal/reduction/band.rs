//! From a full matrix to a band of half-width B.
//!
//! Below the first B rows a panel of B columns is factored, QR, and Q applied to the trailing
//! matrix A from both sides: Q = I − VSVᵀ with S upper triangular, Y = AVS and
//! X = Y − ½V(SᵀVᵀY) give QᵀAQ = A − XVᵀ − VXᵀ. Half of the 4/3 N³ operations are the product AV
//! of a symmetric matrix, half the correction of its lower triangle; both are matrix products of
//! faer's, in its order of summation, which depends on the processor.

use super::chase::{B, Band};
use super::panel::Panel;
use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// Columns of A multiplied at a time.
const BLOCK: usize = 128;

/// A band matrix similar to the symmetric matrix of size `n` whose columns are `a`.
pub(super) fn reduced_to_band(a: &[f64], n: usize) -> Band {
    let mut band = Band::zero(n);
    let mut a = MatRef::from_column_major_slice(a, n, n).to_owned();
    let mut panel = Panel::with_capacity(n);
    let mut product = Mat::zeros(n, B);
    // [V X] and [X V]
    let [mut left, mut right] = [(); 2].map(|()| Mat::zeros(n, 2 * B));
    for j in (0..n).step_by(B) {
        let s = n.min(j + B);
        for c in j..s {
            for i in c..s {
                band.set(i, c, a[(i, c)]);
            }
        }
        let rows = n - s;
        if rows == 0 {
            break;
        }
        panel.factor((j..s).map(|c| &a.col_as_slice(c)[s..]));
        for c in 0..B {
            for i in 0..rows.min(c + 1) {
                band.set(s + i, j + c, panel.r[c][i]);
            }
            left.col_as_slice_mut(c)[..rows].copy_from_slice(panel.v(c));
        }
        let left_rows = left.as_mut().subrows_mut(0, rows);
        let (v, mut x) = left_rows.split_at_col_mut(B);
        let v = v.rb();
        let factor = triangular_factor(v, &panel.tau);
        let trailing = a.as_ref().submatrix(s, s, rows, rows);
        let mut product = product.as_mut().subrows_mut(0, rows);
        multiply_symmetric(trailing, v, product.rb_mut());
        replace(x.rb_mut(), product.rb(), factor.as_ref());
        let mut inner = Mat::zeros(B, B);
        replace(inner.as_mut(), v.transpose(), x.rb());
        let mut half = Mat::zeros(B, B);
        replace(half.as_mut(), factor.transpose(), inner.as_ref());
        matmul(x.rb_mut(), Accum::Add, v, half.as_ref(), -0.5, Par::Seq);
        let mut right = right.as_mut().subrows_mut(0, rows);
        right.rb_mut().subcols_mut(0, B).copy_from(x.rb());
        right.rb_mut().subcols_mut(B, B).copy_from(v);
        triangular::matmul(
            a.as_mut().submatrix_mut(s, s, rows, rows),
            BlockStructure::TriangularLower,
            Accum::Add,
            left.as_ref().subrows(0, rows),
            BlockStructure::Rectangular,
            right.rb().transpose(),
            BlockStructure::Rectangular,
            -1.0,
            Par::Seq,
        );
    }
    band
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

/// product ← AV from the lower triangle of A.
fn multiply_symmetric(a: MatRef<'_, f64>, v: MatRef<'_, f64>, mut product: MatMut<'_, f64>) {
    let rows = a.nrows();
    product.fill(0.0);
    let mut diagonal = Mat::zeros(BLOCK, BLOCK);
    for j in (0..rows).step_by(BLOCK) {
        let width = BLOCK.min(rows - j);
        let (corner, below) = a.submatrix(j, j, rows - j, width).split_at_row(width);
        let (v_j, v_below) = v.subrows(j, rows - j).split_at_row(width);
        let (mut own, mut target) = product
            .rb_mut()
            .subrows_mut(j, rows - j)
            .split_at_row_mut(width);
        for c in 0..width {
            for i in c..width {
                diagonal[(i, c)] = corner[(i, c)];
                diagonal[(c, i)] = corner[(i, c)];
            }
        }
        let diagonal = diagonal.as_ref().submatrix(0, 0, width, width);
        matmul(own.rb_mut(), Accum::Add, diagonal, v_j, 1.0, Par::Seq);
        matmul(
            own.rb_mut(),
            Accum::Add,
            below.transpose(),
            v_below,
            1.0,
            Par::Seq,
        );
        matmul(target.rb_mut(), Accum::Add, below, v_j, 1.0, Par::Seq);
    }
}
