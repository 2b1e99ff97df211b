//! One look at a matrix before it is reduced.

use nalgebra::DMatrix;
use num_complex::Complex64;

/// Partial results kept apart, so that the compiler can hold them in vector registers.
const LANES: usize = 8;

/// Rows and columns compared together.
const TILE: usize = 8;

/// A finite symmetric or Hermitian matrix: its largest entry and what [`trace_checks`](super::super::trace_checks)
/// compares with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan {
    /// max |W_ij|, of a complex matrix max over real and imaginary parts
    largest: f64,
    /// Tr W
    pub(super) trace: f64,
    /// ‖W‖_F²; may be infinite or 0 if [`scale`](Self::scale) asks for a scaled matrix.
    pub(super) squares: f64,
}

impl Scan {
    /// `None` unless the matrix is square, not empty, finite, and symmetric to the bit.
    pub(super) fn of(m: &DMatrix<f64>) -> Option<Self> {
        let n = m.nrows();
        if n == 0 || m.ncols() != n {
            return None;
        }
        let a = m.as_slice();
        let (chunks, rest) = a.as_chunks::<LANES>();
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        let (largest, squares) = extent(chunks.iter().copied().chain([last]));
        // Infinite entries are found here, NaNs by comparison with themselves.
        if largest == f64::INFINITY || !symmetric(a, n) {
            return None;
        }
        Some(Self {
            largest,
            trace: a.iter().step_by(n + 1).sum(),
            squares,
        })
    }

    /// `None` unless the matrix is square, not empty, finite, and Hermitian to the bit.
    pub(super) fn of_complex(m: &DMatrix<Complex64>) -> Option<Self> {
        let n = m.nrows();
        if n == 0 || m.ncols() != n {
            return None;
        }
        let a = m.as_slice();
        let parts = |z: &[Complex64; LANES / 2]| -> [f64; LANES] {
            std::array::from_fn(|l| if l % 2 == 0 { z[l / 2].re } else { z[l / 2].im })
        };
        let (chunks, rest) = a.as_chunks();
        let mut last = [Complex64::ZERO; LANES / 2];
        last[..rest.len()].copy_from_slice(rest);
        let (largest, squares) = extent(chunks.iter().chain([&last]).map(parts));
        // As above; an entry of the diagonal is compared with its own conjugate.
        let hermitian = (0..n).all(|j| (j..n).all(|i| a[j * n + i] == a[i * n + j].conj()));
        if largest == f64::INFINITY || !hermitian {
            return None;
        }
        Some(Self {
            largest,
            trace: a.iter().step_by(n + 1).map(|z| z.re).sum(),
            squares,
        })
    }

    /// A power of two that brings the largest entry near 1, if squares of entries or their sum might
    /// over- or underflow: outside 2^±200.
    ///
    /// Only entries below 2⁻¹⁰⁷⁴ of the largest lose bits by it.
    pub(super) fn scale(&self) -> Option<f64> {
        let bound = 2f64.powi(200);
        if self.largest == 0.0 || (1.0 / bound..=bound).contains(&self.largest) {
            return None;
        }
        let exponent = self.largest.log2().floor().clamp(-1000.0, 1000.0);
        Some(2f64.powi(-exponent as i32))
    }
}

/// max |x| and Σx²; NaNs may go unseen.
#[inline]
fn extent(chunks: impl Iterator<Item = [f64; LANES]>) -> (f64, f64) {
    let (mut largest, mut squares) = ([0.0f64; LANES], [0.0; LANES]);
    for x in chunks {
        #[allow(clippy::needless_range_loop)] // three arrays side by side
        for l in 0..LANES {
            largest[l] = if x[l].abs() > largest[l] {
                x[l].abs()
            } else {
                largest[l]
            };
            squares[l] += x[l] * x[l];
        }
    }
    let largest = largest.iter().fold(0.0, |a: f64, x| a.max(*x));
    (largest, squares.iter().sum())
}

/// W_ij = W_ji for all i, j: by square tiles of both triangles, which the compiler compares in
/// vector registers, then the last rows one by one.
fn symmetric(a: &[f64], n: usize) -> bool {
    let tiled = n / TILE * TILE;
    let tile = |i: usize, j: usize| {
        let mut columns = [[0.0; TILE]; TILE];
        for (q, column) in columns.iter_mut().enumerate() {
            column.copy_from_slice(&a[(j + q) * n + i..][..TILE]);
        }
        columns
    };
    let tiles_agree = |j: usize| {
        let mut equal = true;
        for i in (j..tiled).step_by(TILE) {
            let (below, above) = (tile(i, j), tile(j, i));
            for (q, column) in below.iter().enumerate() {
                for (l, row) in above.iter().enumerate() {
                    equal &= column[l] == row[q];
                }
            }
        }
        equal
    };
    (0..tiled).step_by(TILE).all(tiles_agree)
        && (tiled..n).all(|i| (0..=i).all(|j| a[j * n + i] == a[i * n + j]))
}
