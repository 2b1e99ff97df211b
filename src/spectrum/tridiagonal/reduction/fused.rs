//! Householder's reduction, one sweep over the packed lower triangle a step.
//!
//! Step k applies H = I − τuuᵀ to rows and columns k + 1, …: with y = Au and
//! w = τ(y − (τ/2)(yᵀu)u), HAH = A − uwᵀ − wuᵀ. This correction is left pending (as v = u, w) and
//! made in the sweep that multiplies the corrected matrix with the next u.
//!
//! The triangle is kept in blocks of four columns, each a run of tiles of eight rows: one linear
//! stream through memory. The tiles on the diagonal are full, so that a sweep treats them as it
//! treats any product by columns; their two halves are rounded separately and may come to differ
//! by the rounding of one step, which is part of the backward error.

use super::ReductionWorkspace;
use super::lanes::{self, Kernel, LANES, Lanes, Vector};
use pulp::Simd;

/// Columns of a tile.
const WIDTH: usize = 4;

/// Eight rows of four columns.
pub(super) type Tile = [Lanes; WIDTH];

/// (T_ii), (T_{i,i+1} ≥ 0) of the symmetric matrix of size `n` whose columns are `a`.
pub(super) fn reduce(
    a: &[f64],
    n: usize,
    workspace: &mut ReductionWorkspace,
) -> (Vec<f64>, Vec<f64>) {
    lanes::run(Fused { a, n, workspace })
}

struct Fused<'a> {
    a: &'a [f64],
    n: usize,
    workspace: &'a mut ReductionWorkspace,
}

impl Kernel for Fused<'_> {
    type Output = (Vec<f64>, Vec<f64>);

    #[inline(always)]
    fn run<S: Simd, const R: usize>(self, simd: S) -> Self::Output {
        pack(self.a, self.n, self.workspace);
        eliminate::<S, R>(simd, self.n, self.workspace)
    }
}

/// Copies the lower triangle into tiles, zero beyond row and column N.
#[inline(always)]
fn pack(a: &[f64], n: usize, workspace: &mut ReductionWorkspace) {
    let chunks = n.div_ceil(LANES);
    let ReductionWorkspace { tiles, starts, .. } = workspace;
    starts.clear();
    let mut length = 0;
    for block in 0..2 * chunks {
        starts.push(length);
        length += chunks - block / 2;
    }
    tiles.clear();
    tiles.resize(length, [Lanes::ZERO; WIDTH]);
    for (j, column) in a.chunks_exact(n).enumerate() {
        let (block, q, first) = (j / WIDTH, j % WIDTH, j / LANES);
        let tiles = &mut tiles[starts[block]..][..chunks - first];
        let (full, rest) = column[LANES * first..].as_chunks::<LANES>();
        for (tile, rows) in tiles.iter_mut().zip(full) {
            tile[q].0 = *rows;
        }
        if !rest.is_empty() {
            tiles[full.len()][q].0[..rest.len()].copy_from_slice(rest);
        }
    }
}

#[inline(always)]
fn eliminate<S: Simd, const R: usize>(
    simd: S,
    n: usize,
    workspace: &mut ReductionWorkspace,
) -> (Vec<f64>, Vec<f64>) {
    let load = |x: &Lanes| Vector::<S, R>::load(simd, &x.0);
    let splat = |x: f64| Vector::<S, R>::splat(simd, x);
    let chunks = n.div_ceil(LANES);
    let (mut diagonal, mut off_diagonal) = (Vec::with_capacity(n), Vec::with_capacity(n - 1));
    let ReductionWorkspace {
        tiles,
        starts,
        vectors,
    } = workspace;
    for v in vectors.iter_mut() {
        v.clear();
        v.resize(chunks, Lanes::ZERO);
    }
    let [v, w, u, y, r] = vectors;
    let (mut v, mut u) = (&mut v[..], &mut u[..]);
    for k in 0..n {
        // Column k, corrected.
        let (block, q, first) = (k / WIDTH, k % WIDTH, k / LANES);
        let column = &tiles[starts[block]..][..chunks - first];
        let v_k = splat(-v[first].0[k % LANES]);
        let w_k = splat(-w[first].0[k % LANES]);
        let below = v[first..].iter().zip(&w[first..]);
        let target = u[first..].iter_mut().zip(&mut y[first..]);
        for ((tile, (v, w)), (u, y)) in column.iter().zip(below).zip(target) {
            let x = load(&tile[q])
                .plus(simd, load(v), w_k)
                .plus(simd, load(w), v_k);
            x.store(&mut u.0);
            *y = Lanes::ZERO;
        }
        diagonal.push(u[first].0[k % LANES]);
        if k + 1 == n {
            break;
        }

        // Its reflection.
        let (c, p) = ((k + 1) / LANES, (k + 1) % LANES);
        let x0 = u[c].0[p];
        u[c].0[..=p].fill(0.0);
        let tail = squared_norm::<S, R>(simd, &u[c..]);
        let tau = if tail == 0.0 {
            // Nothing to reflect; also when the squares underflow, which perturbs W by less
            // than 2⁻¹⁰⁰ of its largest entry: see `Scan::scale`.
            off_diagonal.push(x0.abs());
            u[c..].fill(Lanes::ZERO);
            0.0
        } else {
            let norm = x0.mul_add(x0, tail).sqrt();
            off_diagonal.push(norm);
            let scale = splat(1.0 / (norm + x0.abs()));
            for u in &mut u[c..] {
                load(u).times(simd, scale).store(&mut u.0);
            }
            u[c].0[p] = 1f64.copysign(x0);
            (norm + x0.abs()) / norm
        };

        // y = Au, and w.
        let next = (k + 1) / WIDTH;
        let pending = Pending {
            v: &v[c..],
            w: &w[c..],
            u: &u[c..],
        };
        let tiles = &mut tiles[starts[next]..];
        sweep::<S, R>(simd, tiles, next % 2, pending, &mut y[c..], &mut r[c..]);
        let mut sum = splat(0.0);
        for ((y, r), u) in y[c..].iter_mut().zip(&r[c..]).zip(&u[c..]) {
            let x = load(y).add(simd, load(r));
            x.store(&mut y.0);
            sum = sum.plus(simd, x, load(u));
        }
        let half = splat(-0.5 * tau * sum.sum());
        let tau = splat(tau);
        for ((w, y), u) in w[c..].iter_mut().zip(&y[c..]).zip(&u[c..]) {
            let x = load(y).plus(simd, load(u), half).times(simd, tau);
            x.store(&mut w.0);
        }
        // Rows done with take no part any more.
        w[c].0[..p].fill(0.0);
        std::mem::swap(&mut v, &mut u);
    }
    (diagonal, off_diagonal)
}

#[inline(always)]
fn squared_norm<S: Simd, const R: usize>(simd: S, x: &[Lanes]) -> f64 {
    let mut sum = Vector::<S, R>::splat(simd, 0.0);
    for x in x {
        let x = Vector::load(simd, &x.0);
        sum = sum.plus(simd, x, x);
    }
    sum.sum()
}

/// What a sweep makes (A − vwᵀ − wvᵀ) and multiplies (by u), all from the first row of the first tile.
#[derive(Clone, Copy)]
struct Pending<'a> {
    v: &'a [Lanes],
    w: &'a [Lanes],
    u: &'a [Lanes],
}

/// A ← A − vwᵀ − wvᵀ and y + r ← Au, from the block `first_half` (0 or 1) of the first tiles on.
///
/// y takes the lower triangle with the tiles on the diagonal, r the upper triangle without.
#[inline(always)]
fn sweep<S: Simd, const R: usize>(
    simd: S,
    mut tiles: &mut [Tile],
    first_half: usize,
    pending: Pending<'_>,
    y: &mut [Lanes],
    r: &mut [Lanes],
) {
    let load = |x: &Lanes| Vector::<S, R>::load(simd, &x.0);
    let splat = |x: f64| Vector::<S, R>::splat(simd, x);
    let Pending { v, w, u } = pending;
    let chunks = v.len();
    let (w, u) = (&w[..chunks], &u[..chunks]);
    let (y, r) = (&mut y[..chunks], &mut r[..chunks]);
    let mut half = first_half;
    for c in 0..chunks {
        while half < 2 {
            let (block, rest) = tiles.split_at_mut(chunks - c);
            tiles = rest;
            let [mut v_j, mut w_j, mut u_j] = [[splat(0.0); WIDTH]; 3];
            for q in 0..WIDTH {
                v_j[q] = splat(-v[c].0[WIDTH * half + q]);
                w_j[q] = splat(-w[c].0[WIDTH * half + q]);
                u_j[q] = splat(u[c].0[WIDTH * half + q]);
            }
            let (corner, block) = block.split_first_mut().expect("the tile on the diagonal");
            let (v_c, w_c, mut y_c) = (load(&v[c]), load(&w[c]), load(&y[c]));
            for q in 0..WIDTH {
                let x = load(&corner[q])
                    .plus(simd, v_c, w_j[q])
                    .plus(simd, w_c, v_j[q]);
                x.store(&mut corner[q].0);
                y_c = y_c.plus(simd, x, u_j[q]);
            }
            y_c.store(&mut y[c].0);
            let mut sums = [splat(0.0); WIDTH];
            let below = v[c + 1..].iter().zip(&w[c + 1..]).zip(&u[c + 1..]);
            let target = block.iter_mut().zip(&mut y[c + 1..]);
            for ((tile, y), ((v, w), u)) in target.zip(below) {
                let (v, w, u, mut sum) = (load(v), load(w), load(u), load(y));
                for q in 0..WIDTH {
                    let x = load(&tile[q]).plus(simd, v, w_j[q]).plus(simd, w, v_j[q]);
                    x.store(&mut tile[q].0);
                    sum = sum.plus(simd, x, u_j[q]);
                    sums[q] = sums[q].plus(simd, x, u);
                }
                sum.store(&mut y.0);
            }
            for q in 0..WIDTH {
                r[c].0[WIDTH * half + q] = sums[q].sum();
            }
            half += 1;
        }
        half = 0;
    }
}
