//! Several tridiagonal matrices at once, one a SIMD lane.
//!
//! All lanes sweep in lock step, from the lowest bottom row to the highest top row of the blocks they work on;
//! rows outside a lane's own block are computed and not written. Matrices of one size and origin deflate at much the
//! same pace: of the steps taken for the Gaussian ensembles 96 % (N = 64) to 99 % (N = 800) are of use.
//!
//! A lane's numbers depend on its own matrix only: neither on the other lanes nor on how many there are.

use super::sweep::{Sweep, each};

/// b_i² ≤ 2⁻¹⁰⁴ is set to 0, b_i ≤ 2⁻⁵².
///
/// A sweep rounds a′_{i+1} twice, by up to 2⁻⁵³ together: what is below that beside the diagonal is noise, and a criterion
/// that asks for less need not be met. At 2⁻¹¹⁰ three in a hundred matrices with clusters a few ε wide went round in
/// circles for ever; at 2⁻¹⁰⁶ and 2⁻¹⁰⁴ none of 60 000, the slowest within 6N sweeps.
const NEGLIGIBLE: f64 = f64::from_bits((1023 - 104) << 52);

/// L matrices, aligned at their last rows, of norm below 1.
#[derive(Debug)]
pub(super) struct Lanes<const L: usize> {
    diagonal: Vec<[f64; L]>,
    /// b_i² in row i, 0 in the last; above [`NEGLIGIBLE`] or 0.
    squares: Vec<[f64; L]>,
    /// First row of the block a lane works on; ∞ for a lane that rests.
    top: [f64; L],
    /// Its last row; −1 for a lane that rests.
    bottom: [f64; L],
    /// Sweeps after which a lane gives up.
    limit: [usize; L],
    failed: [bool; L],
}

/// The two uppermost rows of a lane's block below which a sweep left b_i² = 0.
#[derive(Clone, Copy)]
struct Zeros<const L: usize> {
    first: [f64; L],
    second: [f64; L],
}

impl<const L: usize> Lanes<L> {
    /// L empty lanes for matrices of at most `rows` rows.
    pub(super) fn new(rows: usize) -> Self {
        Self {
            diagonal: vec![[0.0; L]; rows],
            squares: vec![[0.0; L]; rows],
            top: [f64::INFINITY; L],
            bottom: [-1.0; L],
            limit: [0; L],
            failed: [false; L],
        }
    }

    /// Puts a matrix given by its rows (a_i, b_i) into a lane, to be given up after `limit` sweeps.
    pub(super) fn load(
        &mut self,
        lane: usize,
        rows: impl ExactSizeIterator<Item = (f64, f64)>,
        limit: usize,
    ) {
        let first = self.diagonal.len() - rows.len();
        for (i, (a, b)) in rows.enumerate() {
            self.diagonal[first + i][lane] = a;
            let square = b * b;
            self.squares[first + i][lane] = if square <= NEGLIGIBLE { 0.0 } else { square };
        }
        if let Some(last) = self.squares.last_mut() {
            last[lane] = 0.0;
        }
        self.limit[lane] = limit;
        self.enter(lane, first);
    }

    /// The diagonal of a lane of n rows, if it has converged.
    pub(super) fn unload(&self, lane: usize, n: usize) -> Option<Vec<f64>> {
        let rows = &self.diagonal[self.diagonal.len() - n..];
        // + 0: no negative zeros, whose sign would depend on how long the lane has rested.
        (!self.failed[lane]).then(|| rows.iter().map(|row| row[lane] + 0.0).collect())
    }

    /// Sweeps until every lane has converged or failed.
    #[inline(always)]
    pub(super) fn run(&mut self) {
        for sweeps in 0.. {
            for l in 0..L {
                if self.top[l] < f64::INFINITY && sweeps >= self.limit[l] {
                    self.failed[l] = true;
                    self.rest(l);
                }
            }
            if self.top.iter().all(|&top| top == f64::INFINITY) {
                return;
            }
            let shift = self.shifts();
            let zeros = self.sweep(shift);
            self.deflate(&zeros);
        }
    }

    /// Wilkinson's shift: the eigenvalue of the top two rows of the block that is closer to a_l. 0 for a lane
    /// that rests: its squares are 0, and a sweep with shift 0 changes nothing then, to the bit.
    #[inline(always)]
    fn shifts(&self) -> [f64; L] {
        let (mut upper, mut lower, mut square) = ([0.0; L], [1.0; L], [0.0; L]);
        for l in 0..L {
            if self.top[l] < f64::INFINITY {
                let top = self.top[l] as usize;
                upper[l] = self.diagonal[top][l];
                lower[l] = self.diagonal[top + 1][l];
                square[l] = self.squares[top][l];
            }
        }
        each(|l| {
            let half = 0.5 * (lower[l] - upper[l]);
            let sum = half.abs() + half.mul_add(half, square[l]).sqrt();
            upper[l] - (square[l] / sum).copysign(half)
        })
    }

    /// One sweep of every lane over its own block.
    #[inline(always)]
    fn sweep(&mut self, shift: [f64; L]) -> Zeros<L> {
        let (mut first, mut last) = (f64::INFINITY, 0.0);
        // Rows of this range, other than the first, are inside the blocks of all lanes that do not rest.
        let (mut inner_first, mut inner_last) = (0.0, f64::INFINITY);
        for l in 0..L {
            let (top, bottom) = (self.top[l], self.bottom[l]);
            first = f64::min(first, top);
            last = f64::max(last, bottom);
            inner_first = f64::max(inner_first, if bottom < 0.0 { 0.0 } else { top });
            inner_last = f64::min(
                inner_last,
                if bottom < 0.0 { f64::INFINITY } else { bottom },
            );
        }
        let [first, last, inner_first, inner_last] =
            [first, last, inner_first, inner_last.max(inner_first)].map(|row| row as usize);
        let blocks = (self.top, self.bottom);
        let mut rows = Rows {
            diagonal: &mut self.diagonal[..=last],
            squares: &mut self.squares[..=last],
            blocks,
        };
        let zeros = Zeros {
            first: [0.0; L],
            second: [0.0; L],
        };
        let start = (Sweep::start(rows.diagonal[last], shift), zeros);
        let state = rows.sweep::<true>(start, last, inner_last.min(last));
        let state = rows.sweep::<false>(state, inner_last.min(last), inner_first);
        let (sweep, zeros) = rows.sweep::<true>(state, inner_first, first);
        rows.write::<true>(first, sweep.finish(), zeros)
    }

    /// Takes every lane to the block its next sweep works on: the uppermost with more than one row.
    #[inline(always)]
    fn deflate(&mut self, zeros: &Zeros<L>) {
        let mut alone = [false; L];
        for (l, alone) in alone.iter_mut().enumerate() {
            // The bottom row is always among the zeros, so that there are two if the top row is.
            let found = zeros.first[l] == self.top[l];
            let resting = self.bottom[l] < 0.0;
            let bottom = if found {
                zeros.second[l]
            } else {
                zeros.first[l]
            };
            self.top[l] += if found { 1.0 } else { 0.0 };
            self.bottom[l] = if resting { -1.0 } else { bottom };
            *alone = self.top[l] == self.bottom[l];
        }
        for (l, alone) in alone.into_iter().enumerate() {
            if alone {
                self.enter(l, self.top[l] as usize);
            }
        }
    }

    /// Takes a lane to the first block with more than one row at or below `row`, or to rest.
    fn enter(&mut self, lane: usize, mut row: usize) {
        let rows = self.squares.len();
        while row < rows && self.squares[row][lane] == 0.0 {
            row += 1;
        }
        if row >= rows {
            self.rest(lane);
            return;
        }
        self.top[lane] = row as f64;
        while self.squares[row][lane] != 0.0 {
            row += 1;
        }
        self.bottom[lane] = row as f64;
    }

    fn rest(&mut self, lane: usize) {
        self.top[lane] = f64::INFINITY;
        self.bottom[lane] = -1.0;
    }
}

/// What a sweep reads and writes.
struct Rows<'a, const L: usize> {
    diagonal: &'a mut [[f64; L]],
    squares: &'a mut [[f64; L]],
    /// Top and bottom rows of the lanes' blocks.
    blocks: ([f64; L], [f64; L]),
}

impl<const L: usize> Rows<'_, L> {
    /// Takes a sweep from row `from` up to row `to`; with `MASKED` = false those below `to` are inside every
    /// block.
    #[inline(always)]
    fn sweep<const MASKED: bool>(
        &mut self,
        (mut sweep, mut zeros): (Sweep<L>, Zeros<L>),
        from: usize,
        to: usize,
    ) -> (Sweep<L>, Zeros<L>) {
        let top = self.blocks.0;
        for row in (to..from).rev() {
            let entries = sweep.step(self.diagonal[row], self.squares[row], |l| {
                !MASKED || row as f64 >= top[l]
            });
            zeros = self.write::<MASKED>(row + 1, entries, zeros);
        }
        (sweep, zeros)
    }

    /// Writes a row where it is inside the lane's block, and notes negligible squares.
    #[inline(always)]
    fn write<const MASKED: bool>(
        &mut self,
        row: usize,
        (diagonal, squares): ([f64; L], [f64; L]),
        zeros: Zeros<L>,
    ) -> Zeros<L> {
        let (top, bottom) = self.blocks;
        let at = row as f64;
        let inside = |l: usize| !MASKED | ((at >= top[l]) & (at <= bottom[l]));
        let zero = |l: usize| squares[l] <= NEGLIGIBLE;
        let (old_a, old_square) = (self.diagonal[row], self.squares[row]);
        self.diagonal[row] = each(|l| if inside(l) { diagonal[l] } else { old_a[l] });
        self.squares[row] = each(|l| {
            let kept = if zero(l) { 0.0 } else { squares[l] };
            if inside(l) { kept } else { old_square[l] }
        });
        Zeros {
            second: each(|l| {
                if inside(l) & zero(l) {
                    zeros.first[l]
                } else {
                    zeros.second[l]
                }
            }),
            first: each(|l| {
                if inside(l) & zero(l) {
                    at
                } else {
                    zeros.first[l]
                }
            }),
        }
    }
}
