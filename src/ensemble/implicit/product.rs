//! Y = WX, every entry made once and used for (i, j) and (j, i).

use super::{ImplicitWigner, Row, WIDTH};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a panel: its part of X, Y and eight columns of it fill half of a second-level cache of
/// 512 KB.
const ROWS: usize = 1024;
/// Columns after which the sums of a panel are put away: the length of the longest sums, hence
/// their rounding, stays bounded.
const COLUMNS: usize = 512;
/// Columns multiplied at once.
const TOGETHER: usize = 8;
/// Pieces of the work, of about the same size. Their results are added in order, so the bits do
/// not depend on the number of threads.
const PIECES: usize = 16;

impl ImplicitWigner {
    /// Y = WX, N × [`WIDTH`]; all threads of the current pool, the same bits for any number.
    ///
    /// # Accuracy |fl(WX) − WX| ≤ γ_d |W||X| entry by entry, d = [`depth`](Self::depth); fused
    /// multiplications in a fixed order, the same bits on every processor
    ///
    /// Panics unless X and Y have N rows.
    pub fn multiply(&self, x: &[Row], y: &mut [Row]) {
        assert!(x.len() == self.n && y.len() == self.n, "rows of X and Y");
        let pieces: Vec<Vec<Row>> = self
            .pieces()
            .into_par_iter()
            .map(|rows| self.piece(rows, x))
            .collect();
        y.par_chunks_mut(ROWS).enumerate().for_each(|(chunk, y)| {
            for (i, y) in y.iter_mut().enumerate() {
                *y = [0.0; WIDTH];
                for piece in &pieces {
                    if let Some(part) = piece.get(chunk * ROWS + i) {
                        add(y, part);
                    }
                }
            }
        });
    }

    /// d: the number of roundings that a product W_ij x_j meets at most on its way into y_i.
    #[must_use]
    pub fn depth(&self) -> usize {
        // In a panel; putting away; one addition for every panel below; adding the pieces.
        ROWS + (self.n / COLUMNS + 2) + self.n.div_ceil(ROWS) + PIECES + 2
    }

    /// ‖W‖_F, up to a relative error of N·2⁻⁵².
    #[must_use]
    pub fn frobenius(&self) -> f64 {
        let columns: Vec<f64> = (0..self.n)
            .into_par_iter()
            .map_init(Vec::new, |column, j| {
                column.resize(self.n - j, 0.0);
                self.column(j, j..self.n, column);
                let below: f64 = column[1..].iter().map(|w| w * w).sum();
                column[0] * column[0] + 2.0 * below
            })
            .collect();
        columns.iter().sum::<f64>().sqrt()
    }

    /// Ranges of rows, of whole panels, with about the same number of entries left of the diagonal.
    fn pieces(&self) -> Vec<Range<usize>> {
        let panels = self.n.div_ceil(ROWS) as f64;
        let ends: Vec<usize> = (0..=PIECES)
            .map(|p| (panels * (p as f64 / PIECES as f64).sqrt()).round() as usize * ROWS)
            .map(|row| row.min(self.n))
            .collect();
        ends.windows(2)
            .map(|w| w[0]..w[1])
            .filter(|rows| !rows.is_empty())
            .collect()
    }

    /// What the entries in these rows, left of the diagonal and on it, and their mirror images
    /// contribute to Y; the rows after them are not reached.
    fn piece(&self, rows: Range<usize>, x: &[Row]) -> Vec<Row> {
        let mut y = vec![[0.0; WIDTH]; rows.end];
        let mut panel = vec![[0.0; WIDTH]; ROWS];
        let mut entries = vec![0.0; TOGETHER * ROWS];
        for top in rows.clone().step_by(ROWS) {
            let rows = top..(top + ROWS).min(rows.end);
            let panel = &mut panel[..rows.len()];
            for left in (0..top).step_by(COLUMNS) {
                for j in (left..left + COLUMNS).step_by(TOGETHER) {
                    self.full(j, rows.clone(), x, panel, &mut y, &mut entries);
                }
                put_away(panel, &mut y[rows.clone()]);
            }
            for j in rows.clone() {
                self.triangle(
                    j,
                    j..rows.end,
                    x,
                    &mut panel[j - top..],
                    &mut y,
                    &mut entries,
                );
            }
            put_away(panel, &mut y[rows]);
        }
        y
    }

    /// [`TOGETHER`] columns that lie left of the panel as a whole.
    fn full(
        &self,
        j: usize,
        rows: Range<usize>,
        x: &[Row],
        panel: &mut [Row],
        y: &mut [Row],
        entries: &mut [f64],
    ) {
        let m = rows.len();
        let entries = &mut entries[..TOGETHER * m];
        for (c, column) in entries.chunks_exact_mut(m).enumerate() {
            self.uniforms(j + c, rows.clone(), column);
        }
        self.law.quantiles(entries);
        // No diagonal entry among them.
        entries.iter_mut().for_each(|w| *w *= self.scale);
        let mut mirrored = [[0.0; WIDTH]; TOGETHER];
        Arch::new().dispatch(Full {
            entries,
            left: x[j..].first_chunk().expect("columns left of the panel"),
            x: &x[rows],
            y: panel,
            mirrored: &mut mirrored,
        });
        for (y, sum) in y[j..].iter_mut().zip(&mirrored) {
            add(y, sum);
        }
    }

    /// The part of column j from the diagonal to the end of its panel.
    fn triangle(
        &self,
        j: usize,
        rows: Range<usize>,
        x: &[Row],
        panel: &mut [Row],
        y: &mut [Row],
        entries: &mut [f64],
    ) {
        let entries = &mut entries[..rows.len()];
        self.column(j, rows.clone(), entries);
        let mut sum = [0.0; WIDTH];
        Arch::new().dispatch(Single {
            entries: &entries[1..],
            left: &x[j],
            x: &x[j + 1..rows.end],
            y: &mut panel[1..],
            mirrored: &mut sum,
        });
        multiply_add(&mut sum, entries[0], &x[j]);
        add(&mut y[j], &sum);
    }
}

fn put_away(panel: &mut [Row], y: &mut [Row]) {
    for (y, sum) in y.iter_mut().zip(panel) {
        add(y, sum);
        *sum = [0.0; WIDTH];
    }
}

#[inline(always)]
fn add(y: &mut Row, x: &Row) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += x;
    }
}

/// y + a·x, fused.
#[inline(always)]
fn multiply_add(y: &mut Row, a: f64, x: &Row) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = a.mul_add(*x, *y);
    }
}

/// `entries` holds the columns one after the other.
struct Full<'a> {
    entries: &'a [f64],
    left: &'a [Row; TOGETHER],
    x: &'a [Row],
    y: &'a mut [Row],
    mirrored: &'a mut [Row; TOGETHER],
}

impl WithSimd for Full<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let m = self.x.len();
        let columns: [&[f64]; TOGETHER] =
            std::array::from_fn(|c| &self.entries[c * m..(c + 1) * m]);
        let left = *self.left;
        let mut mirrored = *self.mirrored;
        for (i, (x, y)) in self.x.iter().zip(self.y.iter_mut()).enumerate() {
            let x = *x;
            let mut sum = *y;
            for c in 0..TOGETHER {
                let w = columns[c][i];
                multiply_add(&mut sum, w, &left[c]);
                multiply_add(&mut mirrored[c], w, &x);
            }
            *y = sum;
        }
        *self.mirrored = mirrored;
    }
}

/// One column.
struct Single<'a> {
    entries: &'a [f64],
    left: &'a Row,
    x: &'a [Row],
    y: &'a mut [Row],
    mirrored: &'a mut Row,
}

impl WithSimd for Single<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let left = *self.left;
        let mut mirrored = *self.mirrored;
        for ((&w, x), y) in self.entries.iter().zip(self.x).zip(self.y.iter_mut()) {
            multiply_add(y, w, &left);
            multiply_add(&mut mirrored, w, x);
        }
        *self.mirrored = mirrored;
    }
}
