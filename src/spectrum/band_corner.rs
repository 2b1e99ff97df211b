//! The top of the spectrum of R/√N + S, S of rank r, from the first columns of its band form.

use super::{CornerError, Enclosed, LocateError};
use crate::ensemble::{Band, BandModel};
use rand_chacha::ChaCha8Rng;

/// The first columns of one band matrix B of size N, as many as the questions need.
///
/// docs/derivations/truncated_corner.md with a band for the tridiagonal form. With the same angles φ_j,
///
/// ```text
/// ⟨u, Bu⟩ ≤ ⟨v, Bv⟩ + ⟨w, Bw⟩ + Σ_i c_i|u_i|²,   c_i = Σ_j |B_ij|(1 − cos(φ_i − φ_j)) ≤ Σ_j |B_ij| (|i − j|Δ)²/2,
/// ```
///
/// the last sum over j with φ_j ≠ φ_i: pairs within r of each other, one of them in rows m + 1, …, M; all of them stand in
/// columns ≤ M, which are drawn. What is left out, rows and columns after the m-th, has the eigenvalues of a GOE (GUE) of size N − m times
/// √((N − m)/N), whatever r is: the reduction to a band goes on from there. For m ≥ r it holds no spike.
///
/// # Value    as for [`Corner`](super::Corner): lower bounds hold surely, upper bounds outside one event of probability ε
#[derive(Debug)]
pub struct BandCorner<'r> {
    model: BandModel,
    n: usize,
    rng: &'r mut ChaCha8Rng,
    failure: f64,
    /// Sizes tried before this one.
    step: i32,
    /// B_M with spikes.
    inner: Band,
    /// Row from which C begins, from 0, and its entries up to row M.
    first_added: usize,
    added: Vec<f64>,
    floor: f64,
}

/// M at first, more for wide bands; then half as many more each time.
const FIRST_COLUMNS: usize = 64;
/// Memory for r entries in each of them.
const MOST_COLUMNS: usize = 1 << 22;

impl<'r> BandCorner<'r> {
    /// The corner of R/√N + diag(θ_1, …, θ_k, 0, …), k ≤ r, at size N; ε = `failure`.
    ///
    /// # Errors
    /// N = 0, more spikes than r, or ε outside (0, 1).
    pub fn new(
        model: &BandModel,
        n: usize,
        spikes: &[f64],
        failure: f64,
        rng: &'r mut ChaCha8Rng,
    ) -> Result<Self, CornerError> {
        if !(failure > 0.0 && failure < 1.0) {
            return Err(CornerError::FailureOutside { failure });
        }
        let mut corner = Self {
            model: *model,
            n,
            rng,
            failure,
            step: 0,
            inner: model.empty(),
            first_added: 0,
            added: vec![],
            floor: f64::NEG_INFINITY,
        };
        // The spikes' rows, then at least r rows for each part of the cut.
        corner.draw(FIRST_COLUMNS.max(8 * model.half_width()))?;
        corner.inner.add_spikes(spikes)?;
        Ok(corner)
    }

    /// M.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.inner.n()
    }

    /// λ_{index + 1}, between bounds that lie at most `tolerance` apart, or further where rounding does not allow it.
    ///
    /// # Errors
    /// As [`Corner::eigenvalue`](super::Corner::eigenvalue).
    pub fn eigenvalue(&mut self, index: usize, tolerance: f64) -> Result<Enclosed, CornerError> {
        if index >= self.n {
            return Err(LocateError::NoSuchIndex { index, n: self.n }.into());
        }
        loop {
            let whole = self.columns() == self.n;
            if whole || self.has_above_floor(index)? {
                let found = self.inner.eigenvalue(index, 0.25 * tolerance)?;
                let (lower, upper) = (
                    found.value - found.error_bound,
                    found.value + found.error_bound,
                );
                if whole {
                    return Ok(self.enclosed(lower, upper));
                }
                let x = upper.max(lower + 0.75 * tolerance);
                let (count, eta) = self.outer().count_above(x)?;
                if count <= index && x + eta >= self.floor {
                    return Ok(self.enclosed(lower, x + eta));
                }
            }
            let columns = self.columns();
            if columns >= MOST_COLUMNS {
                return Err(CornerError::TooDeep {
                    asked: self.inner.eigenvalue(index, 1e-3)?.value,
                    floor: self.floor,
                    rows: columns,
                    n: self.n,
                });
            }
            self.step += 1;
            self.draw(columns + columns / 2)?;
        }
    }

    fn enclosed(&self, lower: f64, upper: f64) -> Enclosed {
        Enclosed {
            lower: lower.next_down(),
            upper: upper.next_up(),
            rows: self.columns(),
        }
    }

    /// Whether λ_{index + 1}(B_M) > F, surely.
    fn has_above_floor(&self, index: usize) -> Result<bool, CornerError> {
        let (_, eta) = self.inner.count_above(self.floor)?;
        // A count further above the floor than it may be wrong.
        let x = self.floor + 2.0 * eta;
        let (count, eta) = self.inner.count_above(x)?;
        Ok(count > index && x - eta >= self.floor)
    }

    /// B_M + C.
    fn outer(&self) -> Band {
        let mut outer = self.inner.clone();
        let rows = outer.diagonal_mut()[self.first_added..].iter_mut();
        for (a, c) in rows.zip(&self.added) {
            *a = (*a + c).next_up();
        }
        outer
    }

    /// Draws up to M = `columns` of them, and renews C and F.
    fn draw(&mut self, columns: usize) -> Result<(), CornerError> {
        let columns = columns.min(self.n);
        let (model, n, r) = (self.model, self.n, self.model.half_width());
        model.extend(&mut self.inner, n, columns, self.rng)?;
        if columns == n {
            self.floor = f64::NEG_INFINITY;
            return Ok(());
        }
        // A quarter of the rows for the angles; rows from 0, φ = 0 before row m and π/2 from row M on.
        let m = columns - columns / 4;
        let step = std::f64::consts::FRAC_PI_2 / (columns + 1 - m) as f64;
        // In steps Δ.
        let angle = |row: usize| (row + 1).clamp(m, columns + 1) - m;
        // C from row m − r to row M + r − 1, of which those from M on belong to the rest only.
        let start = m - r;
        let mut costs = vec![0.0; columns + r - start];
        for j in start..columns {
            for k in 1..=r {
                if j + k >= n {
                    break;
                }
                let turned = (angle(j + k) - angle(j)) as f64 * step;
                let cost = 0.5 * turned * turned * self.inner.modulus_below(j * r + k - 1);
                costs[j - start] += cost;
                costs[j + k - start] += cost;
            }
        }
        // Sums of 2r products, each right to a few ulp.
        let margin = 1.0 + (4 * r + 16) as f64 * f64::EPSILON;
        costs.iter_mut().for_each(|c| *c *= margin);
        let largest = costs.iter().copied().fold(0.0, f64::max);
        costs.truncate(columns - start);
        (self.first_added, self.added) = (start, costs);
        let spent = self.failure / f64::from((self.step + 1) * (self.step + 2));
        let rest = model.noise().largest_bound(n - m, n, spent);
        self.floor = (rest + largest) * (1.0 + 4.0 * f64::EPSILON);
        Ok(())
    }
}
