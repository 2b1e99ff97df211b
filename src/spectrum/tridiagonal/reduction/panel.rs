//! QR factorisation of a panel of B columns.
//!
//! Column k is reflected, then one pass over the columns behind it makes the correction by the
//! reflection before and multiplies with the new vector.

use super::chase::B;
use super::lanes::{self, Kernel, LANES, Vector};
use pulp::Simd;

/// Columns of a pass.
const WIDTH: usize = 4;

/// Q = (I − τ₀v₀v₀ᵀ)(I − τ₁v₁v₁ᵀ)…, and R.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    rows: usize,
    /// Rows in chunks of eight, zero beyond the last.
    chunks: usize,
    columns: Vec<[f64; LANES]>,
    /// (τ_k); 0 where there was nothing to reflect.
    pub(super) tau: [f64; B],
    /// Column k of R, rows 0 to k.
    pub(super) r: [[f64; B]; B],
}

impl Panel {
    /// Room for panels of at most `rows` rows.
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self {
            rows: 0,
            chunks: 0,
            columns: Vec::with_capacity(rows.div_ceil(LANES) * B),
            tau: [0.0; B],
            r: [[0.0; B]; B],
        }
    }

    /// Factors the panel with these columns, B of them and all of one length.
    pub(super) fn factor<'a>(&mut self, columns: impl Iterator<Item = &'a [f64]>) {
        self.columns.clear();
        for column in columns {
            self.rows = column.len();
            let (full, rest) = column.as_chunks::<LANES>();
            self.columns.extend_from_slice(full);
            if !rest.is_empty() {
                let mut last = [0.0; LANES];
                last[..rest.len()].copy_from_slice(rest);
                self.columns.push(last);
            }
        }
        self.chunks = self.rows.div_ceil(LANES);
        lanes::run(Factor(self));
    }

    /// v_k, zero above row k, ±1 on row k (or v_k = 0).
    pub(super) fn v(&self, k: usize) -> &[f64] {
        let column = &self.columns[k * self.chunks..][..self.chunks];
        &column.as_flattened()[..self.rows]
    }
}

struct Factor<'a>(&'a mut Panel);

impl Kernel for Factor<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const R: usize>(self, simd: S) {
        let load = |x: &[f64; LANES]| Vector::<S, R>::load(simd, x);
        let splat = |x: f64| Vector::<S, R>::splat(simd, x);
        let Panel {
            chunks,
            columns,
            tau,
            r,
            ..
        } = self.0;
        let chunks = *chunks;
        // τ times the products of the reflection before with the columns.
        let mut z = [0.0; B];
        for k in 0..B {
            let (before, behind) = columns.split_at_mut(k * chunks);
            let (x, behind) = behind.split_at_mut(chunks);
            let head = k / LANES;
            if head >= chunks {
                // Nothing lies below the diagonal: all of the column is R's.
                let x = x.as_flattened_mut();
                r[k][..x.len()].copy_from_slice(x);
                x.fill(0.0);
                tau[k] = 0.0;
                continue;
            }
            let previous = match k {
                0 => None,
                _ => Some(Previous {
                    first: (k - 1) / LANES,
                    v: &before[(k - 1) * chunks..],
                }),
            };
            if let Some(previous) = previous {
                previous.correct(simd, x, splat(-z[k]));
            }
            let (above, entry) = {
                let x = x.as_flattened_mut();
                let above = &mut r[k];
                above[..k].copy_from_slice(&x[..k]);
                let entry = x[k];
                x[..=k].fill(0.0);
                (above, entry)
            };
            let mut sum = splat(0.0);
            for x in &x[head..] {
                let x = load(x);
                sum = sum.plus(simd, x, x);
            }
            let tail = sum.sum();
            if tail == 0.0 {
                above[k] = entry;
                tau[k] = 0.0;
            } else {
                let norm = entry.mul_add(entry, tail).sqrt();
                above[k] = -norm.copysign(entry);
                let scale = splat(1.0 / (norm + entry.abs()));
                for x in &mut x[head..] {
                    load(x).times(simd, scale).store(x);
                }
                x[head][k % LANES] = 1f64.copysign(entry);
                tau[k] = (norm + entry.abs()) / norm;
            }
            let mut groups = behind.chunks_exact_mut(WIDTH * chunks);
            let mut j = k + 1;
            for group in &mut groups {
                let sums = pass::<S, R, WIDTH>(simd, group, previous, &z[j..], head, x);
                for sum in sums {
                    z[j] = tau[k] * sum;
                    j += 1;
                }
            }
            for column in groups.into_remainder().chunks_exact_mut(chunks) {
                let [sum] = pass::<S, R, 1>(simd, column, previous, &z[j..], head, x);
                z[j] = tau[k] * sum;
                j += 1;
            }
        }
    }
}

/// The reflection whose correction is pending: v, zero before chunk `first`.
#[derive(Clone, Copy)]
struct Previous<'a> {
    first: usize,
    v: &'a [[f64; LANES]],
}

impl Previous<'_> {
    /// x ← x + fv
    #[inline(always)]
    fn correct<S: Simd, const R: usize>(
        self,
        simd: S,
        x: &mut [[f64; LANES]],
        factor: Vector<S, R>,
    ) {
        for (x, v) in x.iter_mut().zip(self.v).skip(self.first) {
            let v = Vector::load(simd, v);
            Vector::load(simd, x).plus(simd, v, factor).store(x);
        }
    }
}

/// Corrects T columns by −z_jv and returns their products with u, which is zero before chunk `head`.
#[inline(always)]
fn pass<S: Simd, const R: usize, const T: usize>(
    simd: S,
    columns: &mut [[f64; LANES]],
    previous: Option<Previous<'_>>,
    z: &[f64],
    head: usize,
    u: &[[f64; LANES]],
) -> [f64; T] {
    let load = |x: &[f64; LANES]| Vector::<S, R>::load(simd, x);
    let splat = |x: f64| Vector::<S, R>::splat(simd, x);
    let chunks = u.len();
    let mut rest = columns.chunks_exact_mut(chunks);
    let parts: [_; T] = std::array::from_fn(|_| rest.next().expect("T columns"));
    let mut sums = [splat(0.0); T];
    match previous {
        None => {
            for (q, part) in parts.iter().enumerate() {
                for (x, u) in part.iter().zip(u) {
                    sums[q] = sums[q].plus(simd, load(x), load(u));
                }
            }
        }
        Some(Previous { first, v }) => {
            let mut factors = [splat(0.0); T];
            for q in 0..T {
                factors[q] = splat(-z[q]);
            }
            // The chunk of the head before, if it is not that of this one.
            for c in first..head {
                for q in 0..T {
                    let x = &mut parts[q][c];
                    load(x).plus(simd, load(&v[c]), factors[q]).store(x);
                }
            }
            for c in head..chunks {
                let (v, u) = (load(&v[c]), load(&u[c]));
                for q in 0..T {
                    let x = load(&parts[q][c]).plus(simd, v, factors[q]);
                    x.store(&mut parts[q][c]);
                    sums[q] = sums[q].plus(simd, x, u);
                }
            }
        }
    }
    let mut products = [0.0; T];
    for q in 0..T {
        products[q] = sums[q].sum();
    }
    products
}
