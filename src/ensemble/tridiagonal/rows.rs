//! The tridiagonal model row by row, so that a matrix of any size can be looked at from its corner.

use super::{TridiagonalEntries, TridiagonalError, TridiagonalModel, chi_squared, from_normal};
use crate::ensemble::EnsembleError;
use crate::ensemble::normal::normal_quantiles;
use crate::ensemble::stream::open_uniform;
use rand_chacha::ChaCha8Rng;

/// One row of T, right of the diagonal included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TridiagonalRow {
    /// T_jj.
    pub diagonal: f64,
    /// T_{j,j+1} ≥ 0; 0 for j = N.
    pub off_diagonal: f64,
}

/// Rows of a block of the stream.
const BLOCK: usize = 64;

/// Rows 1, 2, …, N of one T, drawn when they are asked for.
///
/// The stream is read in blocks of 64 rows (the last one shorter): the uniforms of their diagonals, then those of
/// the normals behind their χ, then those that decide about acceptance, then what is drawn again after a
/// rejection, row by row. So row j does not depend on how many more are drawn: a matrix of which m rows are looked
/// at and the whole matrix from the same stream share these m rows to the bit. (It is not the order of
/// [`TridiagonalModel::sample`], which draws the diagonal first.)
pub struct TridiagonalRows<'r> {
    model: TridiagonalModel,
    n: usize,
    /// Rows handed out.
    taken: usize,
    /// Rows before the block at hand, and its rows.
    before: usize,
    block: [TridiagonalRow; BLOCK],
    length: usize,
    rng: &'r mut ChaCha8Rng,
}

impl TridiagonalModel {
    /// The rows of one T of size N, without a spike; O(1) memory.
    ///
    /// # Domain   1 ≤ N ≤ 2⁵³, so that all degrees of freedom are exact
    ///
    /// # Errors
    /// N = 0.
    pub fn rows<'r>(
        &self,
        n: usize,
        rng: &'r mut ChaCha8Rng,
    ) -> Result<TridiagonalRows<'r>, TridiagonalError> {
        if n == 0 {
            return Err(EnsembleError::SizeZero.into());
        }
        Ok(TridiagonalRows {
            model: *self,
            n,
            taken: 0,
            before: 0,
            block: [TridiagonalRow {
                diagonal: 0.0,
                off_diagonal: 0.0,
            }; BLOCK],
            length: 0,
            rng,
        })
    }

    /// All of [`rows`](Self::rows).
    ///
    /// # Errors
    /// N = 0.
    pub fn sample_by_rows(
        &self,
        n: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<TridiagonalEntries, TridiagonalError> {
        let (diagonal, mut off_diagonal): (Vec<f64>, Vec<f64>) = self
            .rows(n, rng)?
            .map(|row| (row.diagonal, row.off_diagonal))
            .unzip();
        off_diagonal.pop();
        Ok(TridiagonalEntries {
            diagonal,
            off_diagonal,
        })
    }
}

impl TridiagonalRows<'_> {
    /// The model.
    #[must_use]
    pub fn model(&self) -> TridiagonalModel {
        self.model
    }

    /// N.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// How many rows were handed out.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken
    }

    fn draw_block(&mut self) {
        self.before += self.length;
        self.length = BLOCK.min(self.n - self.before);
        let (length, beta) = (self.length, self.model.beta);
        // Diagonals, normals and acceptances, one after the other.
        let mut uniforms = [[0.5; BLOCK]; 3];
        for kind in &mut uniforms {
            kind[..length].fill_with(|| open_uniform(self.rng));
        }
        let [mut diagonals, mut normals, acceptances] = uniforms;
        normal_quantiles(&mut diagonals[..length]);
        normal_quantiles(&mut normals[..length]);
        let scale = self.model.sigma / (beta * self.n as f64).sqrt();
        let last = self.n - self.before - 1;
        // χ²_{β·left} for the row with `left` rows below it.
        let mut squares = [0.0; BLOCK];
        for (i, square) in squares[..length].iter_mut().enumerate() {
            let k = beta * (last - i) as f64;
            *square = from_normal(k, normals[i], acceptances[i]).unwrap_or(f64::NAN);
        }
        for (i, row) in self.block[..length].iter_mut().enumerate() {
            if squares[i].is_nan() {
                squares[i] = chi_squared(beta * (last - i) as f64, self.rng);
            }
            *row = TridiagonalRow {
                diagonal: scale * std::f64::consts::SQRT_2 * diagonals[i],
                off_diagonal: scale * squares[i].sqrt(),
            };
        }
    }
}

impl Iterator for TridiagonalRows<'_> {
    type Item = TridiagonalRow;

    #[inline]
    fn next(&mut self) -> Option<TridiagonalRow> {
        if self.taken == self.before + self.length {
            if self.taken == self.n {
                return None;
            }
            self.draw_block();
        }
        let row = self.block[self.taken - self.before];
        self.taken += 1;
        Some(row)
    }
}

impl std::fmt::Debug for TridiagonalRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TridiagonalRows")
            .field("model", &self.model)
            .field("n", &self.n)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{Ensemble, StreamKey};

    fn generator(replicate: u64) -> ChaCha8Rng {
        StreamKey {
            epoch: 0,
            claim: "rows".into(),
            law: String::new(),
            n: 0,
            signal: String::new(),
        }
        .generator(replicate)
    }

    #[test]
    fn first_rows_do_not_depend_on_how_many_are_drawn() {
        let goe = TridiagonalModel::new(&Ensemble::goe()).unwrap();
        let whole = goe.sample_by_rows(1000, &mut generator(0)).unwrap();
        let few: Vec<_> = goe
            .rows(1000, &mut generator(0))
            .unwrap()
            .take(10)
            .collect();
        for (j, row) in few.iter().enumerate() {
            assert_eq!(row.diagonal, whole.diagonal[j]);
            assert_eq!(row.off_diagonal, whole.off_diagonal[j]);
        }
        assert_eq!((whole.n(), whole.off_diagonal.len()), (1000, 999));
        // Pinned to the bit: another value is a value-breaking change.
        let rows = (few[0].diagonal, few[0].off_diagonal);
        assert_eq!(rows, (0.09696897345643635, 0.9772080942887741));
    }

    #[test]
    fn last_row_has_nothing_to_its_right_and_is_the_last() {
        let gue = TridiagonalModel::new(&Ensemble::gue()).unwrap();
        let rng = &mut generator(1);
        let mut rows = gue.rows(2, rng).unwrap();
        assert!(rows.next().unwrap().off_diagonal > 0.0);
        assert_eq!(rows.next().unwrap().off_diagonal, 0.0);
        assert_eq!((rows.next(), rows.taken(), rows.n()), (None, 2, 2));
        assert!(gue.rows(0, rng).is_err());
    }

    /// N = 10¹²: T_12 = √(1 − 1/N)(1 + O(N^{-1/2})), with the spread σ/√(2βN).
    #[test]
    fn off_diagonal_entries_of_huge_matrices_have_their_mean_and_spread() {
        const M: usize = 20_000;
        let (n, sigma) = (1_000_000_000_000, 0.7);
        for (beta, ensemble) in [(1.0, Ensemble::goe()), (2.0, Ensemble::gue())] {
            let model = TridiagonalModel::new(&ensemble.with_sigma(sigma)).unwrap();
            let rng = &mut generator(2);
            let (mut first, mut second) = (0.0, 0.0);
            for row in model.rows(n, rng).unwrap().take(M) {
                let x = (row.off_diagonal / sigma - 1.0) * (2.0 * beta * n as f64).sqrt();
                first += x / M as f64;
                second += x * x / M as f64;
            }
            // x is standard normal up to O(N^{-1/2}), and rows fall by M/(2N) only.
            assert!(first.abs() < 7.0 / (M as f64).sqrt(), "{first}");
            assert!(
                (second - 1.0).abs() < 7.0 * (2.0 / M as f64).sqrt(),
                "{second}"
            );
        }
    }
}
