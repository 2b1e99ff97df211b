//! Eigenvalues at the top of a tridiagonal GOE or GUE of any size, from the rows that decide them.
#![doc = include_str!("../../docs/derivations/truncated_corner.md")]

mod count;

use super::{LocateError, Tridiagonal};
use crate::ensemble::{BandError, TridiagonalError, TridiagonalModel, TridiagonalRows};
use count::Counter;
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

/// Why nothing is said about the top of the spectrum.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CornerError {
    /// ε is no probability that can be spent.
    #[error("the probability of failure ε = {failure} must lie in (0, 1)")]
    FailureOutside {
        /// ε.
        failure: f64,
    },
    /// A level in the bulk, or so close to its edge that more rows would have to be drawn than are allowed.
    #[error(
        "{rows} rows of {n} know the spectrum above {floor} only, and the question is about {asked}"
    )]
    TooDeep {
        /// The level, or the eigenvalue of the corner.
        asked: f64,
        /// Where the knowledge ends.
        floor: f64,
        /// Rows drawn.
        rows: usize,
        /// N.
        n: usize,
    },
    /// A question that no tridiagonal matrix answers.
    #[error(transparent)]
    Locate(#[from] LocateError),
    /// No such matrix.
    #[error(transparent)]
    Model(#[from] TridiagonalError),
    /// No such band matrix.
    #[error(transparent)]
    Band(#[from] BandError),
}

/// An eigenvalue of T, enclosed.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Enclosed {
    /// λ ≥ `lower`, surely.
    pub lower: f64,
    /// λ ≤ `upper`, outside the corner's event of probability ε.
    pub upper: f64,
    /// Rows of T that were looked at.
    pub rows: usize,
}

/// The first rows of one T, as many as the questions need, and what they say about all of it.
///
/// # Value    every answer holds outside one event of probability at most ε, the same for all questions
/// about this T, spikes included; lower bounds and whatever is said once all N rows are drawn hold surely
#[derive(Debug)]
pub struct Corner<'r> {
    rows: TridiagonalRows<'r>,
    failure: f64,
    /// Sizes tried before this one.
    step: i32,
    /// T_M, C and m.
    counter: Counter,
    /// b_M; 0 for M = N.
    next: f64,
    /// F; −∞ for M = N.
    floor: f64,
    /// T_11 as drawn.
    first: f64,
    spike: f64,
}

/// M at first; then half as many more each time.
const FIRST_ROWS: usize = 64;
/// 2²⁴ rows, half a gigabyte: enough for edges up to N = 10¹⁵.
const MOST_ROWS: usize = 1 << 24;
/// Points at which one pass counts.
const LANES: usize = 8;

impl<'r> Corner<'r> {
    /// The corner of a T of size N without a spike; ε = `failure`.
    ///
    /// # Errors
    /// N = 0, or ε outside (0, 1).
    ///
    /// # Examples
    /// ```
    /// use rmt_verify::ensemble::{Ensemble, StreamKey, TridiagonalModel};
    /// use rmt_verify::spectrum::Corner;
    /// let key = StreamKey {
    ///     epoch: 0,
    ///     claim: "example".into(),
    ///     law: "goe".into(),
    ///     n: 0,
    ///     signal: String::new(),
    /// };
    /// let goe = TridiagonalModel::new(&Ensemble::goe())?;
    /// let mut rng = key.generator(0);
    /// // A trillion rows, of which a few hundred decide the outlier near 2 + 1/2.
    /// let mut corner = Corner::new(&goe, 1_000_000_000_000, 1e-12, &mut rng)?;
    /// corner.set_spike(2.0);
    /// let outlier = corner.eigenvalue(0, 1e-10)?;
    /// assert!((outlier.lower - 2.5).abs() < 1e-4);
    /// assert!(outlier.upper - outlier.lower <= 1e-10 && outlier.rows < 1000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        model: &TridiagonalModel,
        n: usize,
        failure: f64,
        rng: &'r mut ChaCha8Rng,
    ) -> Result<Self, CornerError> {
        if !(failure > 0.0 && failure < 1.0) {
            return Err(CornerError::FailureOutside { failure });
        }
        let mut corner = Self {
            rows: model.rows(n, rng)?,
            failure,
            step: 0,
            counter: Counter {
                diagonal: vec![],
                off_diagonal: vec![],
                added: vec![],
                kept: 1,
                largest: 0.0,
            },
            next: 0.0,
            floor: f64::NEG_INFINITY,
            first: 0.0,
            spike: 0.0,
        };
        corner.draw(FIRST_ROWS);
        corner.first = corner.counter.diagonal[0];
        Ok(corner)
    }

    /// T + θe₁e₁ᵀ from now on, instead of the spike before. The rows stay.
    pub fn set_spike(&mut self, theta: f64) {
        self.spike = theta;
        self.counter.diagonal[0] = self.first + theta;
    }

    /// M.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.counter.rows()
    }

    /// F: what is said holds above it. −∞ when all rows are drawn.
    #[must_use]
    pub fn floor(&self) -> f64 {
        self.floor
    }

    /// T_M, spike included.
    #[must_use]
    pub fn inner(&self) -> Tridiagonal {
        Tridiagonal {
            diagonal: self.counter.diagonal.clone(),
            off_diagonal: self.counter.off_diagonal.clone(),
        }
    }

    /// #{i : λ_i > x}, by more rows until the sure lower and the upper bound of it agree.
    ///
    /// # Value    (count, η) with #{λ > x + η} ≤ count ≤ #{λ > x − η}, η the rounding of a Sturm count
    ///
    /// # Errors
    /// [`CornerError::TooDeep`] for x in the bulk; [`CornerError::Locate`] for a spike that is not finite.
    pub fn count_above(&mut self, x: f64) -> Result<(usize, f64), CornerError> {
        let ([count], eta) = self.counts_above([x])?;
        Ok((count, eta))
    }

    /// [`count_above`](Self::count_above) at several x, in one pass over the rows; one η for all.
    ///
    /// # Errors
    /// As there.
    pub fn counts_above<const L: usize>(
        &mut self,
        x: [f64; L],
    ) -> Result<([usize; L], f64), CornerError> {
        self.check_spike()?;
        let lowest = x.into_iter().fold(f64::INFINITY, f64::min);
        let widest = x.into_iter().map(f64::abs).fold(0.0, f64::max);
        loop {
            let eta = self.counter.rounding(widest);
            if self.is_whole() {
                return Ok((self.counter.inner(x), eta));
            }
            if lowest >= self.floor {
                let (least, most) = self.counter.both(x);
                if least == most {
                    return Ok((least, eta));
                }
            }
            self.grow(lowest)?;
        }
    }

    /// λ_{index + 1}, between bounds that lie at most `tolerance` apart, or a few ulp if that is more.
    ///
    /// # Errors
    /// As [`count_above`](Self::count_above), and [`LocateError::NoSuchIndex`].
    pub fn eigenvalue(&mut self, index: usize, tolerance: f64) -> Result<Enclosed, CornerError> {
        self.check_spike()?;
        let n = self.rows.n();
        if index >= n {
            return Err(LocateError::NoSuchIndex { index, n }.into());
        }
        loop {
            if self.is_whole() {
                let found = self.inner().eigenvalue(index, 0.5 * tolerance)?;
                return Ok(self.enclosed(
                    found.value - found.error_bound,
                    found.value + found.error_bound,
                ));
            }
            // The floor sinks to the edge of the bulk, and no eigenvalue is looked for far below that.
            if self.floor < self.hopeful()
                && let Some((lo, hi)) = self.located(index, tolerance)
            {
                // Above the eigenvalue of T_M, hence above the floor.
                let step = (tolerance / 32.0).max(self.counter.rounding(hi));
                let points: [f64; LANES] = std::array::from_fn(|l| hi + step * (l + 1) as f64);
                let eta = self.counter.rounding(points[LANES - 1].abs().max(lo.abs()));
                let (_, most) = self.counter.both(points);
                if let Some(l) = most.iter().position(|&count| count <= index) {
                    return Ok(self.enclosed(lo - eta, points[l] + eta));
                }
            }
            if self.rows() >= MOST_ROWS {
                let asked = self.inner().eigenvalue(index, 1e-3)?.value;
                return Err(self.too_deep(asked));
            }
            self.grow(self.floor)?;
        }
    }

    /// Where eigenvalues are to be expected at most: only a reason to look, not used in any bound.
    fn hopeful(&self) -> f64 {
        let sigma = self.rows.model().sigma();
        let outlier = if self.spike > sigma {
            self.spike + sigma * sigma / self.spike
        } else {
            2.0 * sigma
        };
        outlier + 8.0 * self.edge_unit()
    }

    /// σN^{-2/3}.
    fn edge_unit(&self) -> f64 {
        self.rows.model().sigma() * (self.rows.n() as f64).powf(-2.0 / 3.0)
    }

    /// A bracket of λ_{index + 1}(T_M), up to η, half as wide as `tolerance`; `None` if it is not above F.
    fn located(&self, index: usize, tolerance: f64) -> Option<(f64, f64)> {
        let counter = &self.counter;
        // Further above the floor than the count is wrong: λ > lo then, surely.
        let mut lo = self.floor + 2.0 * counter.rounding(self.floor);
        if counter.inner([lo])[0] <= index {
            return None;
        }
        let unit = self.edge_unit().max(counter.rounding(lo));
        let mut hi = f64::INFINITY;
        while hi - lo > 0.5 * tolerance {
            let points: [f64; LANES] = if hi.is_finite() {
                let step = (hi - lo) / (LANES + 1) as f64;
                std::array::from_fn(|l| lo + step * (l + 1) as f64)
            } else {
                // Four times as far from point to point; from the last lower end on.
                let reach = (lo - self.floor).max(unit);
                std::array::from_fn(|l| lo + reach * 4f64.powi(l as i32 - 1))
            };
            if !(points[0] > lo && points[LANES - 1] < hi) {
                break;
            }
            let (low, high) = (lo, hi);
            for (x, count) in points.into_iter().zip(counter.inner(points)) {
                if count > index {
                    lo = lo.max(x);
                } else {
                    hi = hi.min(x);
                }
            }
            // Counts are monotone but for rounding, and then a bracket may turn over by that much.
            if lo > hi {
                (lo, hi) = (hi, lo);
            }
            if lo == low && hi == high {
                break;
            }
        }
        Some((lo, hi))
    }

    fn enclosed(&self, lower: f64, upper: f64) -> Enclosed {
        Enclosed {
            lower: lower.next_down(),
            upper: upper.next_up(),
            rows: self.rows(),
        }
    }

    fn check_spike(&self) -> Result<(), LocateError> {
        match self.spike.is_finite() {
            true => Ok(()),
            false => Err(LocateError::NotFinite { index: 0 }),
        }
    }

    fn is_whole(&self) -> bool {
        self.rows() == self.rows.n()
    }

    fn grow(&mut self, asked: f64) -> Result<(), CornerError> {
        let rows = self.rows();
        if rows >= MOST_ROWS {
            return Err(self.too_deep(asked));
        }
        self.step += 1;
        self.draw(rows + rows / 2);
        Ok(())
    }

    fn too_deep(&self, asked: f64) -> CornerError {
        CornerError::TooDeep {
            asked,
            floor: self.floor,
            rows: self.rows(),
            n: self.rows.n(),
        }
    }

    /// Draws up to M = `rows` of them, and renews C and F.
    fn draw(&mut self, rows: usize) {
        let rows = rows.min(self.rows.n());
        let counter = &mut self.counter;
        while counter.rows() < rows
            && let Some(row) = self.rows.next()
        {
            if counter.rows() > 0 {
                counter.off_diagonal.push(self.next);
            }
            counter.diagonal.push(row.diagonal);
            self.next = row.off_diagonal;
            counter.largest = counter.largest.max(row.diagonal.abs()).max(self.next);
        }
        if rows == self.rows.n() {
            self.floor = f64::NEG_INFINITY;
            return;
        }
        // A quarter of the rows for the angles: max c and the rows before them both matter.
        let m = rows - rows / 4;
        // 1 − cos Δ ≤ Δ²/2, with a margin for rounding.
        let step = std::f64::consts::FRAC_PI_2 / (rows + 1 - m) as f64;
        let share = 0.5 * step * step * (1.0 + 8.0 * f64::EPSILON);
        // b_m, …, b_M, each shared by its two rows.
        let cut = counter.off_diagonal[m - 1..].iter().chain([&self.next]);
        let mut before = 0.0;
        counter.added.clear();
        for b in cut {
            counter.added.push(share * (before + b));
            before = *b;
        }
        counter.kept = m;
        let largest = counter
            .added
            .iter()
            .copied()
            .fold(share * self.next, f64::max);
        let spent = self.failure / f64::from((self.step + 1) * (self.step + 2));
        let n = self.rows.n();
        let rest = self.rows.model().largest_bound(n - m, n, spent);
        self.floor = (rest + largest) * (1.0 + 4.0 * f64::EPSILON);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{Ensemble, StreamKey};

    fn generator(replicate: u64) -> ChaCha8Rng {
        StreamKey {
            epoch: 0,
            claim: "corner".into(),
            law: String::new(),
            n: 0,
            signal: String::new(),
        }
        .generator(replicate)
    }

    fn values(t: &Tridiagonal) -> Vec<f64> {
        let value = |i| t.eigenvalue(i, 1e-12).unwrap().value;
        (0..t.n()).map(value).collect()
    }

    /// λ_k(T) against the k-th largest of T_M + C and R + C together, for all k; and against T_M and R
    /// without C, which is no bound.
    #[test]
    fn overlapping_windows_bound_all_eigenvalues_once_the_cost_of_the_cut_is_added() {
        let model = TridiagonalModel::new(&Ensemble::goe()).unwrap();
        let n = 100;
        let mut without_cost = 0.0f64;
        for replicate in 0..10 {
            let mut rng = generator(replicate);
            let corner = Corner::new(&model, n, 1e-12, &mut rng).unwrap();
            let whole: Tridiagonal = model
                .sample_by_rows(n, &mut generator(replicate))
                .unwrap()
                .into();
            let counter = &corner.counter;
            let (m, rows) = (counter.kept, corner.rows());
            let rest = |cost: bool| {
                let mut rest = Tridiagonal {
                    diagonal: whole.diagonal[m..].to_vec(),
                    off_diagonal: whole.off_diagonal[m..].to_vec(),
                };
                if cost {
                    // Rows m + 1, …, M and, from b_M alone, M + 1.
                    let last = counter.added[rows - m] * corner.next
                        / (corner.next + counter.off_diagonal[rows - 2]);
                    let costs = counter.added[1..].iter().chain([&last]);
                    for (a, c) in rest.diagonal.iter_mut().zip(costs) {
                        *a += c;
                    }
                }
                rest
            };
            let bound = |inner: &Tridiagonal, rest: &Tridiagonal| {
                let mut all = [values(inner), values(rest)].concat();
                all.sort_by(|a, b| b.total_cmp(a));
                all
            };
            let mut outer = corner.inner();
            for (a, c) in outer.diagonal[m - 1..].iter_mut().zip(&counter.added) {
                *a += c;
            }
            let proved = bound(&outer, &rest(true));
            let bare = bound(&corner.inner(), &rest(false));
            for (k, value) in values(&whole).iter().enumerate() {
                assert!(*value <= proved[k] + 1e-11, "{k}: {value} > {}", proved[k]);
                without_cost = without_cost.max(value - bare[k]);
            }
        }
        assert!(without_cost > 1e-6, "{without_cost}");
    }

    #[test]
    fn knowledge_ends_at_the_floor() {
        let model = TridiagonalModel::new(&Ensemble::gue().with_sigma(0.5)).unwrap();
        let mut rng = generator(20);
        let n = 1_000_000;
        let mut corner = Corner::new(&model, n, 1e-12, &mut rng).unwrap();
        // √(1 − m/N)·2σ, x = 7.5 edge units, and the cost of the cut.
        let edge = 1.0 + 0.5 * 7.5 * (n as f64).powf(-2.0 / 3.0) + 0.5 * (1.571f64 / 17.0).powi(2);
        assert!(corner.floor() > 1.0 && corner.floor() < edge);
        let before = corner.floor();
        let (count, eta) = corner.count_above(1.0).unwrap();
        assert!(count < 10 && eta < 1e-14);
        assert!(corner.floor() < before && corner.rows() > FIRST_ROWS);
        // Failure is spent as 1/2 + 1/6 + …, less than all of it.
        let spent: f64 = (0..=corner.step)
            .map(|i| 1.0 / f64::from((i + 1) * (i + 2)))
            .sum();
        assert!(spent < 1.0);
    }

    #[test]
    fn ill_posed_questions_are_errors() {
        let model = TridiagonalModel::new(&Ensemble::goe()).unwrap();
        for failure in [0.0, 1.0, f64::NAN] {
            let error = Corner::new(&model, 10, failure, &mut generator(0)).unwrap_err();
            assert!(matches!(error, CornerError::FailureOutside { .. }));
        }
        assert!(Corner::new(&model, 0, 0.5, &mut generator(0)).is_err());
        let mut rng = generator(0);
        let mut small = Corner::new(&model, 10, 0.5, &mut rng).unwrap();
        assert!(matches!(
            small.eigenvalue(10, 1e-9).unwrap_err(),
            CornerError::Locate(LocateError::NoSuchIndex { .. })
        ));
        // The bulk of a huge matrix cannot be counted from its corner.
        let mut rng = generator(1);
        let mut huge = Corner::new(&model, 1 << 50, 1e-12, &mut rng).unwrap();
        assert!(matches!(
            huge.count_above(1.0).unwrap_err(),
            CornerError::TooDeep { asked, .. } if asked == 1.0
        ));
    }
}
