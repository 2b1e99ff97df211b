//! From a band of half-width B to tridiagonal form, by chasing bulges.
//!
//! Sweep i reflects column i below its first sub-diagonal entry; the reflection, applied from both
//! sides, fills a block below the band, whose first column is reflected in turn one block further
//! down, and so on to the end. Sweep i + 1 may follow two blocks behind, so that eight sweeps go
//! down together and find their blocks in the cache. A step is one block: 2(2B)B + 8B² operations
//! in two passes over 2B × B entries; all sweeps together take 6BN² operations.
//!
//! Only T is wanted: the reflections are forgotten.

use super::lanes::{self, Kernel, LANES, Lanes, Vector};
use pulp::Simd;

/// Half-width of the band.
pub(super) const B: usize = 32;
/// Chunks of eight rows in a block.
const CHUNKS: usize = B / LANES;
/// Entries kept of a column: B − 1 above the diagonal, 2B from it on.
const COLUMN: usize = 3 * B;
/// From an entry to its neighbour to the right.
const STRIDE: usize = COLUMN - 1;
/// Sweeps that go down together.
const GROUP: usize = 8;
/// Columns kept in registers together.
const TOGETHER: usize = 4;

/// Symmetric matrix with W_ij = 0 for |i − j| > B.
#[derive(Debug, Clone)]
pub(super) struct Band {
    n: usize,
    /// 2B columns of zeros stand behind the matrix, so that each block is a full one.
    entries: Vec<f64>,
}

impl Band {
    pub(super) fn zero(n: usize) -> Self {
        Self {
            n,
            entries: vec![0.0; (n + 2 * B) * COLUMN],
        }
    }

    #[inline(always)]
    fn at(i: usize, j: usize) -> usize {
        j * STRIDE + B - 1 + i
    }

    /// W_ij = W_ji = x, for i − B ≤ j ≤ i.
    pub(super) fn set(&mut self, i: usize, j: usize, x: f64) {
        debug_assert!(j <= i && i <= j + B);
        self.entries[Self::at(i, j)] = x;
        if i - j < B {
            self.entries[Self::at(j, i)] = x;
        }
    }

    /// (T_ii), (T_{i,i+1} ≥ 0).
    pub(super) fn tridiagonal(self) -> (Vec<f64>, Vec<f64>) {
        lanes::run(Chase(self))
    }
}

struct Chase(Band);

impl Kernel for Chase {
    type Output = (Vec<f64>, Vec<f64>);

    #[inline(always)]
    fn run<S: Simd, const R: usize>(self, simd: S) -> Self::Output {
        let Band { n, mut entries } = self.0;
        let mut off_diagonal = vec![0.0; n - 1];
        let mut reflectors = [Reflector::NONE; GROUP];
        for first in (0..n - 1).step_by(GROUP) {
            let sweeps = GROUP.min(n - 1 - first);
            let steps = (n - 1 - first).div_ceil(B);
            for time in 0..steps + 2 * (sweeps - 1) {
                for s in 0..sweeps.min(time / 2 + 1) {
                    let m = time - 2 * s;
                    let row = first + s + 1 + m * B;
                    if row >= n {
                        continue;
                    }
                    if m == 0 {
                        let at = Band::at(row, row - 1);
                        let x = load_block::<S, R>(simd, &entries[at..at + B]);
                        let (reflector, entry) = Reflector::of(simd, x);
                        reflectors[s] = reflector;
                        off_diagonal[row - 1] = entry.abs();
                    }
                    step::<S, R>(simd, &mut entries, row, &mut reflectors[s]);
                }
            }
        }
        let diagonal = (0..n).map(|i| entries[Band::at(i, i)]).collect();
        (diagonal, off_diagonal)
    }
}

type Block<S, const R: usize> = [Vector<S, R>; CHUNKS];

#[inline(always)]
fn load_block<S: Simd, const R: usize>(simd: S, from: &[f64]) -> Block<S, R> {
    let (from, _) = from.as_chunks::<LANES>();
    let mut x = [Vector::splat(simd, 0.0); CHUNKS];
    for c in 0..CHUNKS {
        x[c] = Vector::load(simd, &from[c]);
    }
    x
}

#[inline(always)]
fn store_block<S: Simd, const R: usize>(x: Block<S, R>, to: &mut [f64]) {
    let (to, _) = to.as_chunks_mut::<LANES>();
    for c in 0..CHUNKS {
        x[c].store(&mut to[c]);
    }
}

/// H = I − τvvᵀ on B rows, |v₀| = 1 or τ = 0.
#[derive(Clone, Copy)]
struct Reflector {
    v: [Lanes; CHUNKS],
    tau: f64,
}

impl Reflector {
    const NONE: Self = Self {
        v: [Lanes::ZERO; CHUNKS],
        tau: 0.0,
    };

    /// H with Hx = βe₁, and β.
    #[inline(always)]
    fn of<S: Simd, const R: usize>(simd: S, x: Block<S, R>) -> (Self, f64) {
        let mut v = [Lanes::ZERO; CHUNKS];
        for c in 0..CHUNKS {
            x[c].store(&mut v[c].0);
        }
        let x0 = v[0].0[0];
        v[0].0[0] = 0.0;
        let mut sum = Vector::<S, R>::splat(simd, 0.0);
        for v in &v {
            let x = Vector::load(simd, &v.0);
            sum = sum.plus(simd, x, x);
        }
        let tail = sum.sum();
        if tail == 0.0 {
            return (Self::NONE, x0);
        }
        let norm = x0.mul_add(x0, tail).sqrt();
        let scale = Vector::<S, R>::splat(simd, 1.0 / (norm + x0.abs()));
        for v in &mut v {
            let x = Vector::load(simd, &v.0).times(simd, scale);
            x.store(&mut v.0);
        }
        v[0].0[0] = 1f64.copysign(x0);
        let tau = (norm + x0.abs()) / norm;
        (Self { v, tau }, -norm.copysign(x0))
    }

    #[inline(always)]
    fn vectors<S: Simd, const R: usize>(&self, simd: S) -> Block<S, R> {
        let mut v = [Vector::splat(simd, 0.0); CHUNKS];
        for c in 0..CHUNKS {
            v[c] = Vector::load(simd, &self.v[c].0);
        }
        v
    }
}

/// Applies H to rows and columns `row`, …, `row` + B − 1 from both sides, and leaves in its place
/// the reflector of the first column of the block below.
#[inline(always)]
fn step<S: Simd, const R: usize>(simd: S, entries: &mut [f64], row: usize, h: &mut Reflector) {
    let splat = |x: f64| Vector::<S, R>::splat(simd, x);
    // The diagonal block is read by full columns; the sweep before changed the last row of this
    // one as part of a block below the diagonal.
    let last = row + B - 1;
    for j in row..last {
        entries[Band::at(j, last)] = entries[Band::at(last, j)];
    }
    let start = Band::at(row, row);
    let a = &mut entries[start..][..(B - 1) * STRIDE + 2 * B];
    let minus_tau = splat(-h.tau);
    let scalars: [f64; B] = pulp::cast(h.v.map(|v| v.0));
    let v = h.vectors::<S, R>(simd);

    // Both blocks times v.
    let [mut y, mut z] = [[splat(0.0); CHUNKS]; 2];
    for j in 0..B {
        let (x, _) = a[j * STRIDE..][..2 * B].as_chunks::<LANES>();
        let v_j = splat(scalars[j]);
        for c in 0..CHUNKS {
            y[c] = y[c].plus(simd, Vector::load(simd, &x[c]), v_j);
            z[c] = z[c].plus(simd, Vector::load(simd, &x[CHUNKS + c]), v_j);
        }
    }

    // Diagonal block: A − vwᵀ − wvᵀ.
    let mut sum = splat(0.0);
    for c in 0..CHUNKS {
        sum = sum.plus(simd, y[c], v[c]);
    }
    let half = splat(-0.5 * h.tau * sum.sum());
    let mut w = [splat(0.0); CHUNKS];
    let mut w_scalars = [0.0; B];
    for c in 0..CHUNKS {
        w[c] = y[c].plus(simd, v[c], half).times(simd, minus_tau);
    }
    store_block(w, &mut w_scalars);
    for j in 0..B {
        let column = &mut a[j * STRIDE..][..B];
        let mut x = load_block::<S, R>(simd, column);
        let (v_j, w_j) = (splat(scalars[j]), splat(w_scalars[j]));
        for c in 0..CHUNKS {
            x[c] = x[c].plus(simd, v[c], w_j).plus(simd, w[c], v_j);
        }
        store_block(x, column);
    }

    // Block below: C ← H′(C − zvᵀ), H′ the reflection of its first column.
    for z in &mut z {
        *z = z.times(simd, minus_tau);
    }
    let column = &mut a[B..2 * B];
    let mut x = load_block::<S, R>(simd, column);
    for c in 0..CHUNKS {
        x[c] = x[c].plus(simd, z[c], splat(scalars[0]));
    }
    let (next, entry) = Reflector::of(simd, x);
    column.fill(0.0);
    column[0] = entry;
    let u = next.vectors::<S, R>(simd);
    let mut j = 1;
    while j + TOGETHER <= B {
        let columns = std::array::from_fn(|t| j + t);
        reflect::<S, R, TOGETHER>(simd, a, columns, z, &scalars, u, next.tau);
        j += TOGETHER;
    }
    for j in j..B {
        reflect::<S, R, 1>(simd, a, [j], z, &scalars, u, next.tau);
    }
    *h = next;
}

/// x ← (I − τuuᵀ)(x + zv_j) for some columns x of the block below.
#[inline(always)]
fn reflect<S: Simd, const R: usize, const T: usize>(
    simd: S,
    a: &mut [f64],
    columns: [usize; T],
    z: Block<S, R>,
    v: &[f64; B],
    u: Block<S, R>,
    tau: f64,
) {
    let splat = |x: f64| Vector::<S, R>::splat(simd, x);
    let mut x = [[splat(0.0); CHUNKS]; T];
    let mut sums = [splat(0.0); T];
    for t in 0..T {
        let j = columns[t];
        x[t] = load_block::<S, R>(simd, &a[j * STRIDE + B..][..B]);
        for c in 0..CHUNKS {
            x[t][c] = x[t][c].plus(simd, z[c], splat(v[j]));
            sums[t] = sums[t].plus(simd, x[t][c], u[c]);
        }
    }
    let mut factors = [0.0; T];
    for t in 0..T {
        factors[t] = -tau * sums[t].sum();
    }
    for t in 0..T {
        for c in 0..CHUNKS {
            x[t][c] = x[t][c].plus(simd, u[c], splat(factors[t]));
        }
        store_block(x[t], &mut a[columns[t] * STRIDE + B..][..B]);
    }
}
