//! Self-adjoint matrices filled from a stream.

use super::law::EntryLaw;
use nalgebra::DMatrix;
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// The symmetric matrix with X_ij·scale below and X_ii·diagonal_scale on the diagonal, X drawn
/// down the columns of the lower triangle.
pub(super) fn symmetric(
    n: usize,
    law: EntryLaw,
    diagonal_scale: f64,
    scale: f64,
    rng: &mut ChaCha8Rng,
) -> DMatrix<f64> {
    let mut w = DMatrix::zeros(n, n);
    let entries = w.as_mut_slice();
    let mut draws = Draws::new(law, n * (n + 1) / 2);
    for j in 0..n {
        let column = &mut entries[j * n + j..(j + 1) * n];
        draws.fill(rng, &mut column[..1], diagonal_scale);
        draws.fill(rng, &mut column[1..], scale);
        // The columns just written are still in cache.
        if (j + 1) % PANEL == 0 || j + 1 == n {
            mirror(entries, n, j / PANEL * PANEL..j + 1, |x| x);
        }
    }
    w
}

/// The Hermitian matrix with scale·(a + ib)/√2 below and scale·a on the diagonal, a and b standard
/// normals drawn down the columns of the lower triangle.
pub(super) fn hermitian(n: usize, scale: f64, rng: &mut ChaCha8Rng) -> DMatrix<Complex64> {
    let part = scale * std::f64::consts::FRAC_1_SQRT_2;
    let mut w = DMatrix::<Complex64>::zeros(n, n);
    let entries = w.as_mut_slice();
    let mut draws = Draws::new(EntryLaw::Gaussian, n * n);
    let mut normals = vec![0.0; 2 * n];
    for j in 0..n {
        let normals = &mut normals[..2 * (n - j) - 1];
        draws.fill(rng, normals, 1.0);
        let column = &mut entries[j * n + j..(j + 1) * n];
        column[0].re = normals[0] * scale;
        for (z, [a, b]) in column[1..].iter_mut().zip(normals[1..].as_chunks().0) {
            *z = Complex64::new(a * part, b * part);
        }
        if (j + 1) % PANEL == 0 || j + 1 == n {
            mirror(entries, n, j / PANEL * PANEL..j + 1, |z| z.conj());
        }
    }
    w
}

/// Columns that are mirrored at once: 256 bytes of every row, so that a page once found is used
/// for several lines of cache.
const PANEL: usize = 32;

/// W_ji = f(W_ij) for the columns j of one panel and all i > j; N × N, column by column.
fn mirror<T: Copy>(entries: &mut [T], n: usize, columns: Range<usize>, f: impl Fn(T) -> T) {
    // Writes are contiguous; reads jump, over lines that stay in cache for the next rows.
    for i in columns.start + 1..n {
        for j in columns.start..columns.end.min(i) {
            entries[i * n + j] = f(entries[j * n + i]);
        }
    }
}

/// Draws of a law that are made in batches, since short columns are slow to fill one by one.
struct Draws {
    law: EntryLaw,
    /// Still to be taken from the stream.
    remaining: usize,
    batch: Vec<f64>,
    used: usize,
}

impl Draws {
    /// For `total` draws, no more: what a batch reads, the generator cannot take back.
    fn new(law: EntryLaw, total: usize) -> Self {
        Self {
            law,
            remaining: total,
            batch: Vec::new(),
            used: 0,
        }
    }

    /// The next draws, times a factor.
    fn fill(&mut self, rng: &mut ChaCha8Rng, mut out: &mut [f64], factor: f64) {
        while !out.is_empty() {
            if self.used == self.batch.len() {
                self.batch.resize(self.remaining.min(BATCH), 0.0);
                self.remaining -= self.batch.len();
                self.law.fill(rng, &mut self.batch);
                self.used = 0;
            }
            let made = &self.batch[self.used..];
            let taken = made.len().min(out.len());
            let (now, later) = out.split_at_mut(taken);
            for (x, draw) in now.iter_mut().zip(made) {
                *x = draw * factor;
            }
            self.used += taken;
            out = later;
        }
    }
}

/// 16 KB: half of the smallest first-level cache in use.
const BATCH: usize = 2048;
