//! Sturm counts of T_M and of T_M + C in one pass over the rows.

/// 2⁻⁵³.
const UNIT: f64 = f64::EPSILON / 2.0;

/// What T_M and T_M + C have in common, and what they do not.
#[derive(Debug)]
pub(super) struct Counter {
    /// a_j.
    pub diagonal: Vec<f64>,
    /// b_j, one fewer.
    pub off_diagonal: Vec<f64>,
    /// C_jj from row `kept` on, from 1.
    pub added: Vec<f64>,
    /// m.
    pub kept: usize,
    /// max b_j, max |a_j|, the spike apart.
    pub largest: f64,
}

impl Counter {
    /// M.
    pub fn rows(&self) -> usize {
        self.diagonal.len()
    }

    /// η: a count at x is that of a matrix E away, ‖E‖ ≤ η.
    ///
    /// The pivots are those of [`Tridiagonal`](crate::spectrum::Tridiagonal) in the same order of operations, so the
    /// bound is derived there: u(max|a_j − x| + 4 max b_j). a_j + C_jj is rounded up, which is no
    /// error for an upper bound; C_jj ≤ (π/34)² b_j from 64 rows on, for which, and for the rounding of
    /// this sum, 5 % are added.
    pub fn rounding(&self, x: f64) -> f64 {
        let spiked = self.largest.max(self.diagonal[0].abs());
        1.05 * UNIT * (spiked + x.abs() + 4.0 * self.largest) + 4.0 * f64::MIN_POSITIVE
    }

    /// #{λ(T_M) > x} at each x.
    pub fn inner<const L: usize>(&self, x: [f64; L]) -> [usize; L] {
        let mut pivots = Pivots::new(x);
        pivots.run(&self.diagonal, &self.off_diagonal);
        pivots.counts
    }

    /// The same, and #{λ(T_M + C) > x}, which share their pivots up to row m.
    pub fn both<const L: usize>(&self, x: [f64; L]) -> ([usize; L], [usize; L]) {
        let shared = self.kept - 1;
        let mut inner = Pivots::new(x);
        inner.run(&self.diagonal[..shared], &self.off_diagonal[..shared]);
        let mut outer = inner.clone();
        inner.run(&self.diagonal[shared..], &self.off_diagonal[shared..]);
        let raised: Vec<f64> = self.diagonal[shared..]
            .iter()
            .zip(&self.added)
            .map(|(a, c)| (a + c).next_up())
            .collect();
        outer.run(&raised, &self.off_diagonal[shared..]);
        (inner.counts, outer.counts)
    }
}

/// Pivots d_j = a_j − x − b²_{j−1}/d_{j−1} at several x.
#[derive(Debug, Clone)]
struct Pivots<const L: usize> {
    x: [f64; L],
    /// b²/d of the row before.
    carried: [f64; L],
    /// Positive ones so far.
    counts: [usize; L],
}

impl<const L: usize> Pivots<L> {
    fn new(x: [f64; L]) -> Self {
        Self {
            x,
            carried: [0.0; L],
            counts: [0; L],
        }
    }

    /// Goes on over rows with these a_j and b_j. The last row of all has no b.
    fn run(&mut self, diagonal: &[f64], off_diagonal: &[f64]) {
        let mut step = |a: f64, square: f64| {
            for l in 0..L {
                let d = a - self.x[l] - self.carried[l];
                // A pivot 0 counts as negative: a change of a_j by less than 1e-307.
                let d = if d == 0.0 { -f64::MIN_POSITIVE } else { d };
                self.counts[l] += usize::from(d > 0.0);
                self.carried[l] = square / d;
            }
        };
        for (a, b) in diagonal.iter().zip(off_diagonal) {
            step(*a, b * b);
        }
        for a in &diagonal[off_diagonal.len()..] {
            step(*a, 0.0);
        }
    }
}
