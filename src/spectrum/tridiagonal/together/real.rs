//! Real matrices, one a lane.

use super::super::reduction::NEGLIGIBLE;
use super::registers::{Aligned, Form, dot, lanes_of};
use nalgebra::DMatrix;
use pulp::{Arch, Simd, WithSimd};

/// Columns that share a pass over v, w, u and y.
const COLUMNS: usize = 4;

/// The forms of real symmetric matrices, all of the same size N ≥ 1, from their lower triangles.
///
/// # Domain   sums of squares of entries do not overflow, and the largest entry's does not underflow
pub(super) fn forms(matrices: &[&DMatrix<f64>]) -> Vec<Form> {
    Arch::new().dispatch(Together { matrices })
}

struct Together<'a> {
    matrices: &'a [&'a DMatrix<f64>],
}

impl WithSimd for Together<'_> {
    type Output = Vec<Form>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<Form> {
        let mut forms = Vec::with_capacity(self.matrices.len());
        let Some(first) = self.matrices.first() else {
            return forms;
        };
        let mut lanes = Lanes::new(simd, first.nrows());
        for group in self.matrices.chunks(S::F64_LANES) {
            lanes.load(group);
            lanes.reduce(group.len(), &mut forms);
        }
        forms
    }
}

/// As many matrices as a register has lanes, with the vectors of a reduction.
struct Lanes<S: Simd> {
    simd: S,
    n: usize,
    /// Lower triangles by columns, each from the diagonal down.
    a: Aligned,
    v: Aligned,
    w: Aligned,
    u: Aligned,
    y: Aligned,
}

impl<S: Simd> Lanes<S> {
    #[inline(always)]
    fn new(simd: S, n: usize) -> Self {
        let vector = || Aligned::new(n * S::F64_LANES);
        Self {
            simd,
            n,
            a: Aligned::new(n * (n + 1) / 2 * S::F64_LANES),
            v: vector(),
            w: vector(),
            u: vector(),
            y: vector(),
        }
    }

    /// Lanes without a matrix keep what they hold: it is finite, and nobody looks.
    #[inline(always)]
    fn load(&mut self, matrices: &[&DMatrix<f64>]) {
        let n = self.n;
        let a = self.a.values();
        for (lane, m) in matrices.iter().enumerate() {
            let mut at = lane;
            for (j, column) in m.as_slice().chunks_exact(n).enumerate() {
                for x in &column[j..] {
                    a[at] = *x;
                    at += S::F64_LANES;
                }
            }
        }
        self.v.values().fill(0.0);
        self.w.values().fill(0.0);
    }

    #[inline(always)]
    fn reduce(&mut self, lanes: usize, forms: &mut Vec<Form>) {
        let (simd, n) = (self.simd, self.n);
        let start = forms.len();
        forms.extend((0..lanes).map(|_| (Vec::with_capacity(n), Vec::with_capacity(n))));
        let forms = &mut forms[start..];
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let (mut v, mut u) = (self.v.registers::<S>(), self.u.registers::<S>());
        let (w, y) = (self.w.registers::<S>(), self.y.registers::<S>());
        let mut a = self.a.registers::<S>();
        for k in 0..n {
            let (column, trailing) = a.split_at_mut(n - k);
            a = trailing;
            let (v_k, w_k) = (v[k], w[k]);
            for ((x, v), w) in column.iter_mut().zip(&v[k..]).zip(&w[k..]) {
                *x = corrected(simd, *x, (*v, v_k), (*w, w_k));
            }
            for (form, x) in forms.iter_mut().zip(lanes_of::<S>(&column[0])) {
                form.0.push(*x);
            }
            let Some((&x, below)) = column[1..].split_first() else {
                break;
            };
            let tail = dot(simd, below, below);
            let modulus = simd.abs_f64s(x);
            let norm = simd.sqrt_f64s(simd.mul_add_f64s(x, x, tail));
            // Nothing to reflect.
            let reduced = simd.less_than_f64s(tail, simd.splat_f64s(NEGLIGIBLE));
            let unless_reduced = |x: S::f64s| simd.select_f64s(reduced, zero, x);
            let off_diagonal = simd.select_f64s(reduced, modulus, norm);
            for (form, x) in forms.iter_mut().zip(lanes_of::<S>(&off_diagonal)) {
                form.1.push(*x);
            }
            let sum = simd.add_f64s(norm, modulus);
            let scale = unless_reduced(simd.div_f64s(one, sum));
            let tau = unless_reduced(simd.div_f64s(sum, norm));
            let negative = simd.less_than_f64s(x, zero);
            u[k + 1] = simd.select_f64s(negative, simd.splat_f64s(-1.0), one);
            for (u, x) in u[k + 2..].iter_mut().zip(below) {
                *u = simd.mul_f64s(*x, scale);
            }
            let rest = k + 1..n;
            y[rest.clone()].fill(zero);
            let vectors = [&v[rest.clone()], &w[rest.clone()], &u[rest.clone()]];
            correct_and_multiply(simd, a, vectors, &mut y[rest.clone()]);
            std::mem::swap(&mut v, &mut u);
            let product = dot(simd, &y[rest.clone()], &v[rest.clone()]);
            let half = simd.mul_f64s(simd.mul_f64s(simd.splat_f64s(0.5), tau), product);
            for i in rest {
                w[i] = simd.mul_f64s(tau, simd.negate_mul_add_f64s(half, v[i], y[i]));
            }
        }
    }
}

/// a − v_i w_j − w_i v_j.
#[inline(always)]
fn corrected<S: Simd>(
    simd: S,
    a: S::f64s,
    (v_i, v_j): (S::f64s, S::f64s),
    (w_i, w_j): (S::f64s, S::f64s),
) -> S::f64s {
    let half = simd.negate_mul_add_f64s(v_i, w_j, a);
    simd.negate_mul_add_f64s(w_i, v_j, half)
}

/// A − vwᵀ − wvᵀ in place of A, and y + Au in place of y; A by the columns of its lower triangle.
#[inline(always)]
fn correct_and_multiply<S: Simd>(
    simd: S,
    mut a: &mut [S::f64s],
    [v, w, u]: [&[S::f64s]; 3],
    y: &mut [S::f64s],
) {
    let n = v.len();
    let mut j = 0;
    while j < n {
        let count = if n - j >= COLUMNS { COLUMNS } else { 1 };
        let (block, trailing) = a.split_at_mut(count * (n - j) - count * (count - 1) / 2);
        a = trailing;
        let (vectors, y) = ([&v[j..], &w[j..], &u[j..]], &mut y[j..]);
        if count == COLUMNS {
            four_columns(simd, block, vectors, y);
        } else {
            one_column(simd, block, vectors, y);
        }
        j += count;
    }
}

/// What a column takes from its own row: v_j, w_j, u_j, and the sum for y_j.
struct Own<S: Simd> {
    v: S::f64s,
    w: S::f64s,
    u: S::f64s,
    sum: S::f64s,
}

impl<S: Simd> Own<S> {
    /// One entry of the column, in a row with v, w, u and y.
    #[inline(always)]
    fn entry(
        &mut self,
        simd: S,
        a: &mut S::f64s,
        (v, w, u): (S::f64s, S::f64s, S::f64s),
        y: &mut S::f64s,
    ) {
        *a = corrected(simd, *a, (v, self.v), (w, self.w));
        self.sum = simd.mul_add_f64s(*a, u, self.sum);
        *y = simd.mul_add_f64s(*a, self.u, *y);
    }
}

/// The diagonal entry, which counts once.
#[inline(always)]
fn diagonal<S: Simd>(simd: S, a: &mut S::f64s, (v, w, u): (S::f64s, S::f64s, S::f64s)) -> Own<S> {
    *a = corrected(simd, *a, (v, v), (w, w));
    let sum = simd.mul_f64s(*a, u);
    Own { v, w, u, sum }
}

#[inline(always)]
fn one_column<S: Simd>(simd: S, a: &mut [S::f64s], [v, w, u]: [&[S::f64s]; 3], y: &mut [S::f64s]) {
    let mut own = diagonal(simd, &mut a[0], (v[0], w[0], u[0]));
    let rows = a.iter_mut().zip(v).zip(w).zip(u).zip(y.iter_mut()).skip(1);
    for ((((a, v), w), u), y) in rows {
        own.entry(simd, a, (*v, *w, *u), y);
    }
    y[0] = simd.add_f64s(y[0], own.sum);
}

/// The first column has the rows of v, each next one a row less.
#[inline(always)]
fn four_columns<S: Simd>(
    simd: S,
    a: &mut [S::f64s],
    [v, w, u]: [&[S::f64s]; 3],
    y: &mut [S::f64s],
) {
    let n = v.len();
    let (a0, rest) = a.split_at_mut(n);
    let (a1, rest) = rest.split_at_mut(n - 1);
    let (a2, a3) = rest.split_at_mut(n - 2);
    let row = |i: usize| (v[i], w[i], u[i]);
    let mut own = [
        diagonal(simd, &mut a0[0], row(0)),
        diagonal(simd, &mut a1[0], row(1)),
        diagonal(simd, &mut a2[0], row(2)),
        diagonal(simd, &mut a3[0], row(3)),
    ];
    own[0].entry(simd, &mut a0[1], row(1), &mut y[1]);
    own[0].entry(simd, &mut a0[2], row(2), &mut y[2]);
    own[0].entry(simd, &mut a0[3], row(3), &mut y[3]);
    own[1].entry(simd, &mut a1[1], row(2), &mut y[2]);
    own[1].entry(simd, &mut a1[2], row(3), &mut y[3]);
    own[2].entry(simd, &mut a2[1], row(3), &mut y[3]);
    let columns = a0[4..]
        .iter_mut()
        .zip(&mut a1[3..])
        .zip(&mut a2[2..])
        .zip(&mut a3[1..]);
    let rows = v[4..].iter().zip(&w[4..]).zip(&u[4..]).zip(&mut y[4..]);
    let [mut o0, mut o1, mut o2, mut o3] = own;
    for ((((a0, a1), a2), a3), (((v, w), u), y)) in columns.zip(rows) {
        let row = (*v, *w, *u);
        let mut sum = *y;
        o0.entry(simd, a0, row, &mut sum);
        o1.entry(simd, a1, row, &mut sum);
        o2.entry(simd, a2, row, &mut sum);
        o3.entry(simd, a3, row, &mut sum);
        *y = sum;
    }
    for (y, own) in y.iter_mut().zip([o0, o1, o2, o3]) {
        *y = simd.add_f64s(*y, own.sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Scalar, Scalar128b, Scalar256b, Scalar512b};

    fn bits(forms: Vec<Form>) -> Vec<u64> {
        let entries = forms.iter().flat_map(|form| form.0.iter().chain(&form.1));
        entries.map(|x| x.to_bits()).collect()
    }

    /// Some with signs, zeros and nothing to reflect: every branch of a lane is taken beside the other.
    fn symmetric(n: usize, seed: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| match seed % 4 {
            3 if i.abs_diff(j) > 1 => 0.0,
            _ => ((i * j + i + j + 1) as f64 * (seed + 1) as f64).sin(),
        })
    }

    #[test]
    fn bits_do_not_depend_on_the_width_of_the_registers() {
        for n in [1, 2, 3, 4, 5, 8, 13, 30, 56] {
            let all: Vec<_> = (0..11).map(|seed| symmetric(n, seed)).collect();
            let matrices: Vec<&DMatrix<f64>> = all.iter().collect();
            let together = || Together {
                matrices: &matrices,
            };
            let widest = bits(forms(&matrices));
            let widths = [
                together().with_simd(Scalar::new()),
                together().with_simd(Scalar128b),
                together().with_simd(Scalar256b),
                together().with_simd(Scalar512b),
            ];
            for (forms, lanes) in widths.into_iter().zip([1, 2, 4, 8]) {
                assert_eq!(bits(forms), widest, "N = {n}, {lanes} lanes");
            }
        }
    }
}
