//! Eigenvalues of tridiagonal matrices one by one, by counting, with proved brackets.

use super::Tridiagonal;
use super::sturm::{POINTS, Sturm};
use thiserror::Error;

/// An eigenvalue with a proved bound of its error.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Located {
    /// The value.
    pub value: f64,
    /// |value − λ| ≤ `error_bound`, rounding included.
    pub error_bound: f64,
}

/// Why an eigenvalue cannot be located, or eigenvalues not be counted.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum LocateError {
    /// There is no eigenvalue with this index.
    #[error("a matrix of size {n} has no eigenvalue with index {index}")]
    NoSuchIndex {
        /// The index, from 0.
        index: usize,
        /// N.
        n: usize,
    },
    /// An entry is infinite or NaN.
    #[error("entry {index} of the diagonal or beside it is not finite")]
    NotFinite {
        /// Row of the entry, from 0.
        index: usize,
    },
    /// A point to count at is infinite or NaN.
    #[error("eigenvalues cannot be counted above {x}")]
    PointNotFinite {
        /// The point.
        x: f64,
    },
}

/// Where λ_{index + 1} is known to lie: more than `index` eigenvalues are counted above lo, no more above hi.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bracket {
    index: usize,
    lo: f64,
    hi: f64,
    done: bool,
}

impl Bracket {
    fn same_ends(&self, other: &Self) -> bool {
        self.lo == other.lo && self.hi == other.hi
    }

    fn learn(&mut self, x: f64, count: usize) {
        // Counts are monotone but for rounding; outside of the bracket they would only confuse it.
        if self.lo < x && x < self.hi {
            if count > self.index {
                self.lo = x;
            } else {
                self.hi = x;
            }
        }
    }
}

impl Tridiagonal {
    /// λ₁ ≥ … ≥ λ_k, each to within `tolerance`.
    ///
    /// All brackets are refined together: a pass over the rows counts at sixteen points, dealt out to the
    /// brackets that are still too wide, and every bracket learns from every count.
    ///
    /// # Value    each bracket is proved: no convergence is assumed, and rounding is part of the bound,
    /// which is therefore never smaller than a few ulp of ‖T‖, whatever the tolerance. The last bits of a
    /// value depend on k, the bound does not fail for any
    ///
    /// # Errors
    /// [`LocateError`]; k > N asks for an eigenvalue that does not exist.
    ///
    /// # Examples
    /// ```
    /// use rmt_verify::spectrum::Tridiagonal;
    /// let t = Tridiagonal { diagonal: vec![0.0; 3], off_diagonal: vec![1.0; 2] };
    /// // 2cos(kπ/4)
    /// for (found, exact) in t.top(2, 1e-14)?.into_iter().zip([2f64.sqrt(), 0.0]) {
    ///     assert!((found.value - exact).abs() <= found.error_bound && found.error_bound < 1e-14);
    /// }
    /// # Ok::<(), rmt_verify::spectrum::LocateError>(())
    /// ```
    pub fn top(&self, k: usize, tolerance: f64) -> Result<Vec<Located>, LocateError> {
        self.locate(0, k, tolerance)
    }

    /// λ_{index + 1}, the eigenvalue with `index` others above it, to within `tolerance`.
    ///
    /// # Value    its bracket is proved, see [`top`](Self::top)
    ///
    /// # Errors
    /// [`LocateError`].
    ///
    /// # Examples
    /// ```
    /// use rmt_verify::spectrum::Tridiagonal;
    /// let t = Tridiagonal { diagonal: vec![0.0; 3], off_diagonal: vec![1.0; 2] };
    /// assert!(t.eigenvalue(1, 1e-14)?.value.abs() < 1e-14);
    /// # Ok::<(), rmt_verify::spectrum::LocateError>(())
    /// ```
    pub fn eigenvalue(&self, index: usize, tolerance: f64) -> Result<Located, LocateError> {
        Ok(self.locate(index, 1, tolerance)?[0])
    }

    /// λ₁, see [`eigenvalue`](Self::eigenvalue).
    ///
    /// # Errors
    /// [`LocateError`].
    pub fn largest(&self, tolerance: f64) -> Result<Located, LocateError> {
        self.eigenvalue(0, tolerance)
    }

    /// `k` eigenvalues from `first` on.
    fn locate(&self, first: usize, k: usize, tolerance: f64) -> Result<Vec<Located>, LocateError> {
        let n = self.n();
        if first + k > n {
            let index = first.max(n);
            return Err(LocateError::NoSuchIndex { index, n });
        }
        let sturm = Sturm::new(self)?;
        let tolerance = sturm.to_scale(tolerance);
        let mut brackets: Vec<Bracket> = (first..first + k)
            .map(|index| {
                let (lo, hi) = sturm.bracket(index);
                Bracket {
                    index,
                    lo,
                    hi,
                    done: false,
                }
            })
            .collect();
        loop {
            for b in &mut brackets {
                // Beyond a fraction of η a narrower bracket says no more.
                let eta = sturm.rounding(b.lo.abs().max(b.hi.abs()));
                b.done |= b.hi - b.lo <= tolerance.max(0.25 * eta);
            }
            let mut open: Vec<Bracket> = brackets.iter().copied().filter(|b| !b.done).collect();
            open.dedup_by(|a, b| a.same_ends(b));
            if open.is_empty() {
                break;
            }
            for group in open.chunks(POINTS) {
                let points = spread(group);
                let counts = sturm.counts(points);
                for bracket in &mut brackets {
                    for (x, count) in points.into_iter().zip(counts) {
                        bracket.learn(x, count);
                    }
                }
            }
            // No number lies between the ends.
            for old in &open {
                for b in brackets.iter_mut().filter(|b| b.same_ends(old)) {
                    b.done = true;
                }
            }
        }
        let located = |b: Bracket| {
            let eta = sturm.rounding(b.lo.abs().max(b.hi.abs()));
            Located {
                value: sturm.unscaled(0.5 * (b.lo + b.hi)),
                error_bound: sturm.unscaled(0.5 * (b.hi - b.lo) + eta) * (1.0 + 4.0 * f64::EPSILON),
            }
        };
        Ok(brackets.into_iter().map(located).collect())
    }
}

/// Points inside the brackets, equally many in each up to one, equally spaced.
fn spread(group: &[Bracket]) -> [f64; POINTS] {
    let (each, more) = (POINTS / group.len(), POINTS % group.len());
    let mut points = [0.0; POINTS];
    let mut rest = &mut points[..];
    for (g, bracket) in group.iter().enumerate() {
        let (own, others) = rest.split_at_mut(each + usize::from(g < more));
        let step = (bracket.hi - bracket.lo) / (own.len() + 1) as f64;
        for (l, x) in own.iter_mut().enumerate() {
            *x = bracket.lo + step * (l + 1) as f64;
        }
        rest = others;
    }
    points
}
