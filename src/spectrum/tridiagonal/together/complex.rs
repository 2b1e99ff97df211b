//! Complex matrices, one a lane, real and imaginary parts in registers of their own.
//!
//! For a column x below the diagonal, s = x₁/|x₁|, u₁ = s, u_i = x_i/(‖x‖ + |x₁|) otherwise, and
//! τ = (‖x‖ + |x₁|)/‖x‖, the reflection I − τuu* takes x to −s‖x‖e₁. The phases off the diagonal are left
//! where they arise: they change no modulus of a later entry.

// One index into several arrays reads better than their zip.
#![allow(clippy::needless_range_loop)]

use super::super::reduction::NEGLIGIBLE;
use super::registers::{Aligned, Form, dot, lanes_of};
use nalgebra::DMatrix;
use num_complex::Complex64;
use pulp::{Arch, Simd, WithSimd};

/// The forms of Hermitian matrices, all of the same size N ≥ 1, from their lower triangles.
///
/// # Domain   sums of squares of entries do not overflow, and the largest entry's does not underflow
pub(super) fn forms(matrices: &[&DMatrix<Complex64>]) -> Vec<Form> {
    Arch::new().dispatch(Together { matrices })
}

struct Together<'a> {
    matrices: &'a [&'a DMatrix<Complex64>],
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

/// Real and imaginary part.
type Number<S> = [<S as Simd>::f64s; 2];

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
        let vector = || Aligned::new(2 * n * S::F64_LANES);
        Self {
            simd,
            n,
            a: Aligned::new(n * (n + 1) * S::F64_LANES),
            v: vector(),
            w: vector(),
            u: vector(),
            y: vector(),
        }
    }

    /// Lanes without a matrix keep what they hold: it is finite, and nobody looks.
    #[inline(always)]
    fn load(&mut self, matrices: &[&DMatrix<Complex64>]) {
        let n = self.n;
        let a = self.a.values();
        for (lane, m) in matrices.iter().enumerate() {
            let mut at = lane;
            for (j, column) in m.as_slice().chunks_exact(n).enumerate() {
                for z in &column[j..] {
                    a[at] = z.re;
                    a[at + S::F64_LANES] = z.im;
                    at += 2 * S::F64_LANES;
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
        let zero = simd.splat_f64s(0.0);
        let mut v = numbers::<S>(&mut self.v);
        let mut u = numbers::<S>(&mut self.u);
        let (w, y) = (numbers::<S>(&mut self.w), numbers::<S>(&mut self.y));
        let mut a = numbers::<S>(&mut self.a);
        for k in 0..n {
            let (column, trailing) = a.split_at_mut(n - k);
            a = trailing;
            let (v_k, w_k) = (v[k], w[k]);
            for ((x, v), w) in column.iter_mut().zip(&v[k..]).zip(&w[k..]) {
                *x = corrected(simd, *x, (*v, v_k), (*w, w_k));
            }
            for (form, x) in forms.iter_mut().zip(lanes_of::<S>(&column[0][0])) {
                form.0.push(*x);
            }
            let Some((&x, below)) = column[1..].split_first() else {
                break;
            };
            let Reflection {
                off_diagonal,
                phase,
                scale,
                tau,
            } = Reflection::of(simd, x, below);
            for (form, x) in forms.iter_mut().zip(lanes_of::<S>(&off_diagonal)) {
                form.1.push(*x);
            }
            u[k + 1] = phase;
            for (u, x) in u[k + 2..].iter_mut().zip(below) {
                *u = times(simd, *x, scale);
            }
            let rest = k + 1..n;
            y[rest.clone()].fill([zero; 2]);
            let vectors = [&v[rest.clone()], &w[rest.clone()], &u[rest.clone()]];
            correct_and_multiply(simd, a, vectors, &mut y[rest.clone()]);
            std::mem::swap(&mut v, &mut u);
            // u*Au is real.
            let product = dot(
                simd,
                y[rest.clone()].as_flattened(),
                v[rest.clone()].as_flattened(),
            );
            let half = simd.mul_f64s(simd.mul_f64s(simd.splat_f64s(0.5), tau), product);
            for i in rest {
                for part in 0..2 {
                    let x = simd.negate_mul_add_f64s(half, v[i][part], y[i][part]);
                    w[i][part] = simd.mul_f64s(tau, x);
                }
            }
        }
    }
}

#[inline(always)]
fn numbers<S: Simd>(of: &mut Aligned) -> &mut [Number<S>] {
    of.registers::<S>().as_chunks_mut().0
}

/// What takes a column (x₁, below) to a multiple of e₁.
struct Reflection<S: Simd> {
    /// The modulus of that multiple.
    off_diagonal: S::f64s,
    /// u₁.
    phase: Number<S>,
    /// u_i/x_i, 0 where there is nothing to reflect.
    scale: S::f64s,
    tau: S::f64s,
}

impl<S: Simd> Reflection<S> {
    #[inline(always)]
    fn of(simd: S, [re, im]: Number<S>, below: &[Number<S>]) -> Self {
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let negligible = simd.splat_f64s(NEGLIGIBLE);
        // |x₁|² and |x₁|, both 0 where underflow would spoil the phase, whose modulus must be 1.
        let square = simd.mul_add_f64s(re, re, simd.mul_f64s(im, im));
        let none = simd.less_than_f64s(square, negligible);
        let square = simd.select_f64s(none, zero, square);
        let modulus = simd.sqrt_f64s(square);
        let phase = [
            simd.select_f64s(none, one, simd.div_f64s(re, modulus)),
            simd.select_f64s(none, zero, simd.div_f64s(im, modulus)),
        ];
        let tail = dot(simd, below.as_flattened(), below.as_flattened());
        let reduced = simd.less_than_f64s(tail, negligible);
        let norm = simd.sqrt_f64s(simd.add_f64s(square, tail));
        let sum = simd.add_f64s(norm, modulus);
        Self {
            off_diagonal: simd.select_f64s(reduced, modulus, norm),
            phase,
            scale: simd.select_f64s(reduced, zero, simd.div_f64s(one, sum)),
            tau: simd.select_f64s(reduced, zero, simd.div_f64s(sum, norm)),
        }
    }
}

/// a·t, t real.
#[inline(always)]
fn times<S: Simd>(simd: S, a: Number<S>, t: S::f64s) -> Number<S> {
    [simd.mul_f64s(a[0], t), simd.mul_f64s(a[1], t)]
}

/// x + ab.
#[inline(always)]
fn plus<S: Simd>(simd: S, x: Number<S>, a: Number<S>, b: Number<S>) -> Number<S> {
    let re = simd.mul_add_f64s(a[0], b[0], x[0]);
    let im = simd.mul_add_f64s(a[0], b[1], x[1]);
    [
        simd.negate_mul_add_f64s(a[1], b[1], re),
        simd.mul_add_f64s(a[1], b[0], im),
    ]
}

/// x + a̅b.
#[inline(always)]
fn plus_conj<S: Simd>(simd: S, x: Number<S>, a: Number<S>, b: Number<S>) -> Number<S> {
    let re = simd.mul_add_f64s(a[0], b[0], x[0]);
    let im = simd.mul_add_f64s(a[0], b[1], x[1]);
    [
        simd.mul_add_f64s(a[1], b[1], re),
        simd.negate_mul_add_f64s(a[1], b[0], im),
    ]
}

/// x − ab̅.
#[inline(always)]
fn minus_conj<S: Simd>(simd: S, x: Number<S>, a: Number<S>, b: Number<S>) -> Number<S> {
    let re = simd.negate_mul_add_f64s(a[0], b[0], x[0]);
    let im = simd.mul_add_f64s(a[0], b[1], x[1]);
    [
        simd.negate_mul_add_f64s(a[1], b[1], re),
        simd.negate_mul_add_f64s(a[1], b[0], im),
    ]
}

/// a − v_i w̅_j − w_i v̅_j.
#[inline(always)]
fn corrected<S: Simd>(
    simd: S,
    a: Number<S>,
    (v_i, v_j): (Number<S>, Number<S>),
    (w_i, w_j): (Number<S>, Number<S>),
) -> Number<S> {
    minus_conj(simd, minus_conj(simd, a, v_i, w_j), w_i, v_j)
}

/// A − vw* − wv* in place of A, and y + Au in place of y; A by the columns of its lower triangle, two
/// at a time: what four would hold is more than 32 registers.
#[inline(always)]
fn correct_and_multiply<S: Simd>(
    simd: S,
    mut a: &mut [Number<S>],
    [v, w, u]: [&[Number<S>]; 3],
    y: &mut [Number<S>],
) {
    let n = v.len();
    let mut j = 0;
    while j + 1 < n {
        let (block, trailing) = a.split_at_mut(2 * (n - j) - 1);
        a = trailing;
        two_columns(simd, block, [&v[j..], &w[j..], &u[j..]], &mut y[j..]);
        j += 2;
    }
    if j < n {
        let own = Own::diagonal(simd, &mut a[0], (v[j], w[j], u[j]));
        own.add_to(simd, &mut y[j]);
    }
}

/// What a column takes from its own row: v_j, w_j, u_j, and the sum for y_j.
struct Own<S: Simd> {
    v: Number<S>,
    w: Number<S>,
    u: Number<S>,
    sum: Number<S>,
}

/// v, w and u in one row.
type Row<S> = (Number<S>, Number<S>, Number<S>);

impl<S: Simd> Own<S> {
    /// The diagonal entry, which is real and counts once.
    #[inline(always)]
    fn diagonal(simd: S, a: &mut Number<S>, (v, w, u): Row<S>) -> Self {
        let [re, _] = corrected(simd, *a, (v, v), (w, w));
        *a = [re, simd.splat_f64s(0.0)];
        let sum = times(simd, u, re);
        Self { v, w, u, sum }
    }

    /// One entry of the column, in a row with v, w, u and y.
    #[inline(always)]
    fn entry(&mut self, simd: S, a: &mut Number<S>, (v, w, u): Row<S>, y: &mut Number<S>) {
        *a = corrected(simd, *a, (v, self.v), (w, self.w));
        self.sum = plus_conj(simd, self.sum, *a, u);
        *y = plus(simd, *y, *a, self.u);
    }

    #[inline(always)]
    fn add_to(&self, simd: S, y: &mut Number<S>) {
        for (y, sum) in y.iter_mut().zip(self.sum) {
            *y = simd.add_f64s(*y, sum);
        }
    }
}

/// The first column has the rows of v, the second a row less.
#[inline(always)]
fn two_columns<S: Simd>(
    simd: S,
    a: &mut [Number<S>],
    [v, w, u]: [&[Number<S>]; 3],
    y: &mut [Number<S>],
) {
    let (a0, a1) = a.split_at_mut(v.len());
    let row = |i: usize| (v[i], w[i], u[i]);
    let mut own0 = Own::diagonal(simd, &mut a0[0], row(0));
    let mut own1 = Own::diagonal(simd, &mut a1[0], row(1));
    own0.entry(simd, &mut a0[1], row(1), &mut y[1]);
    let columns = a0[2..].iter_mut().zip(&mut a1[1..]);
    let rows = v[2..].iter().zip(&w[2..]).zip(&u[2..]).zip(&mut y[2..]);
    for ((a0, a1), (((v, w), u), y)) in columns.zip(rows) {
        let row = (*v, *w, *u);
        let mut sum = *y;
        own0.entry(simd, a0, row, &mut sum);
        own1.entry(simd, a1, row, &mut sum);
        *y = sum;
    }
    own0.add_to(simd, &mut y[0]);
    own1.add_to(simd, &mut y[1]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Scalar, Scalar128b, Scalar256b, Scalar512b};

    fn bits(forms: Vec<Form>) -> Vec<u64> {
        let entries = forms.iter().flat_map(|form| form.0.iter().chain(&form.1));
        entries.map(|x| x.to_bits()).collect()
    }

    /// Some tridiagonal: every branch of a lane is taken beside the other.
    fn hermitian(n: usize, seed: usize) -> DMatrix<Complex64> {
        DMatrix::from_fn(n, n, |i, j| {
            let angle = ((i * j + i + j + 1) * (seed + 1)) as f64;
            let sign = i.cmp(&j) as i8 as f64;
            let entry = Complex64::new(angle.sin(), sign * angle.cos());
            if seed % 4 == 3 && i.abs_diff(j) > 1 {
                Complex64::ZERO
            } else {
                entry
            }
        })
    }

    #[test]
    fn bits_do_not_depend_on_the_width_of_the_registers() {
        for n in [1, 2, 3, 4, 5, 8, 13, 30] {
            let all: Vec<_> = (0..11).map(|seed| hermitian(n, seed)).collect();
            let matrices: Vec<&DMatrix<Complex64>> = all.iter().collect();
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
