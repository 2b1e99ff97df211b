//! What is kept of the replicates of one observable.

use super::rounding::{add_up, mul_up};
use serde::{Deserialize, Serialize};

/// Count, mean, sum of squared deviations, extremes and, where asked for, the values themselves.
///
/// The mean comes from a compensated sum, the squared deviations from the updates of Welford and
/// of Chan, Golub and LeVeque. Pushing or merging in a fixed order gives fixed bits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    count: u64,
    sum: f64,
    compensation: f64,
    squares: f64,
    min: f64,
    max: f64,
    samples: Option<Vec<f64>>,
}

impl Summary {
    /// Nothing seen, values forgotten after use.
    #[must_use]
    pub fn new() -> Self {
        Self {
            count: 0,
            sum: 0.0,
            compensation: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            samples: None,
        }
    }

    /// Nothing seen, every value kept (Catoni's estimator needs them all).
    #[must_use]
    pub fn keeping_samples() -> Self {
        Self {
            samples: Some(Vec::new()),
            ..Self::new()
        }
    }

    /// A summary of a list, values kept.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut summary = Self::keeping_samples();
        values.iter().for_each(|&x| summary.push(x));
        summary
    }

    /// One more value. It must be finite; [`crate::evidence`] checks.
    pub fn push(&mut self, x: f64) {
        let before = if self.count == 0 { x } else { self.mean() };
        self.count += 1;
        self.add(x);
        self.squares += (x - before) * (x - self.mean());
        self.min = self.min.min(x);
        self.max = self.max.max(x);
        if let Some(samples) = &mut self.samples {
            samples.push(x);
        }
    }

    /// The values of `later` after one's own.
    pub fn merge(&mut self, later: &Self) {
        if later.count == 0 {
            return;
        }
        if self.count > 0 {
            let gap = later.mean() - self.mean();
            let weight =
                self.count as f64 * (later.count as f64 / (self.count + later.count) as f64);
            self.squares += gap * gap * weight;
        }
        self.count += later.count;
        self.add(later.sum);
        self.add(later.compensation);
        self.squares += later.squares;
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        // A half-kept list would be a wrong list.
        match (&mut self.samples, &later.samples) {
            (Some(mine), Some(theirs)) => mine.extend_from_slice(theirs),
            _ => self.samples = None,
        }
    }

    /// Neumaier's compensated addition.
    fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        self.compensation += if self.sum.abs() >= x.abs() {
            (self.sum - sum) + x
        } else {
            (x - sum) + self.sum
        };
        self.sum = sum;
    }

    /// Number of values M.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// (1/M) Σ x_i; 0 when empty.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        (self.sum + self.compensation) / self.count as f64
    }

    /// Upper bound of the rounding error of [`Summary::mean`], for M < 2⁴⁰.
    ///
    /// The compensated sum is within (ε + 2Mε²) Σ|x_i|, ε = 2⁻⁵³, also where it was merged (sum and
    /// compensation are added one by one), the division adds ε; 4ε max|x| covers both.
    #[must_use]
    pub fn mean_error(&self) -> f64 {
        mul_up(2.0 * f64::EPSILON, self.magnitude())
    }

    /// Σ(x_i − x̄)², as computed.
    #[must_use]
    pub fn squared_deviations(&self) -> f64 {
        self.squares
    }

    /// Upper bound of the unbiased sample variance Σ(x_i − x̄)²/(M − 1), rounding included; M ≥ 2.
    ///
    /// Every update multiplies two deviations, each with error ≤ 16ε max|x|; a merge squares a gap of
    /// two means with error ≤ 8ε max|x|, at most once a value; M additions of non-negative terms
    /// have relative error ≤ Mε.
    #[must_use]
    pub fn variance_upper(&self) -> f64 {
        let m = self.count as f64;
        let slack = 32.0 * f64::EPSILON * self.magnitude() * (self.max - self.min);
        let relative = 1.0 + (m + 8.0) * f64::EPSILON;
        add_up(self.squares.max(0.0) / (m - 1.0) * relative, 2.0 * slack)
    }

    /// Smallest value; +∞ when empty.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.min
    }

    /// Largest value; −∞ when empty.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.max
    }

    /// The values in order, if kept.
    #[must_use]
    pub fn samples(&self) -> Option<&[f64]> {
        self.samples.as_deref()
    }

    /// max |x_i|; 0 when empty.
    fn magnitude(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.max.abs().max(self.min.abs())
        }
    }
}

impl Default for Summary {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mean_survives_cancellation_that_defeats_a_plain_sum() {
        let summary = Summary::of(&[1e16, 1.0, -1e16, 1.0]);
        assert_eq!(summary.mean(), 0.5);
    }

    #[test]
    fn variance_of_a_shifted_list_is_that_of_the_list() {
        // Σ(x − x̄)² of 1..=5 is 10; the shift by 1e9 would ruin the difference of two squares.
        let summary = Summary::of(&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0, 1e9 + 4.0, 1e9 + 5.0]);
        assert!((summary.squared_deviations() - 10.0).abs() < 1e-6);
        assert!(summary.variance_upper() >= 2.5);
        assert!(summary.variance_upper() < 2.5 + 1e-4);
    }

    #[test]
    fn extremes_are_the_least_and_the_largest_value_and_an_empty_list_has_none() {
        let summary = Summary::of(&[3.0, -2.0, 7.5, 4.0]);
        assert_eq!((summary.min(), summary.max()), (-2.0, 7.5));
        let empty = Summary::new();
        assert_eq!(
            (empty.min(), empty.max()),
            (f64::INFINITY, f64::NEG_INFINITY)
        );
    }

    /// The mean of 1, 1, 2 is no double: what is off is an exact fused residual, and is paid for.
    #[test]
    fn the_rounding_of_a_mean_is_covered_and_scales_with_the_largest_value() {
        for unit in [1e-6, 1.0, -1e7] {
            let summary = Summary::of(&[unit, unit, 2.0 * unit]);
            let off = 3f64.mul_add(-summary.mean(), 4.0 * unit) / 3.0;
            assert!(off != 0.0 && off.abs() <= summary.mean_error());
            assert_eq!(summary.mean_error(), 4.0 * f64::EPSILON * unit.abs());
        }
        assert_eq!(Summary::new().mean_error(), 0.0);
        assert_eq!(Summary::of(&[-3.0, 0.5]).mean_error(), 6.0 * f64::EPSILON);
    }

    /// V(1 + (M + 8)ε) + 64ε max|x| (max x − min x): the bound as it was derived.
    #[test]
    fn the_slack_of_a_variance_is_that_of_its_updates() {
        for (values, squares) in [
            (vec![1.0, 3.0], 2.0),
            (vec![-1e6, 1e6], 2e12),
            (vec![1001.0, 1002.0, 1003.0, 1004.0, 1005.0], 10.0),
            (vec![0.25; 7], 0.0),
        ] {
            let summary = Summary::of(&values);
            let m = values.len() as f64;
            let magnitude = values.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            let slack = 64.0 * magnitude * (summary.max() - summary.min());
            let variance = squares / (m - 1.0);
            let growth = slack + (m + 8.0) * variance;
            let found = (summary.variance_upper() - variance) / f64::EPSILON;
            // The last addition is rounded up, and the list of five may err by its own roundings.
            let most = growth + 2.0 * variance + 10.0;
            assert!(
                growth - variance <= found && found <= most,
                "{values:?}: {found} {growth}"
            );
        }
    }

    #[test]
    fn merging_with_a_summary_that_forgot_its_values_forgets_them() {
        let mut kept = Summary::of(&[1.0]);
        let mut forgotten = Summary::new();
        forgotten.push(2.0);
        kept.merge(&forgotten);
        assert_eq!(kept.count(), 2);
        assert!(kept.samples().is_none());
    }

    proptest! {
        #[test]
        fn merge_is_associative_and_equals_pushing_up_to_rounding(
            values in prop::collection::vec(-1e3f64..1e3, 3..60),
            first in 0.0f64..1.0,
            second in 0.0f64..1.0,
        ) {
            let i = (first * values.len() as f64) as usize;
            let j = i + (second * (values.len() - i) as f64) as usize;
            let (a, b, c) = (
                Summary::of(&values[..i]),
                Summary::of(&values[i..j]),
                Summary::of(&values[j..]),
            );
            let mut left = a.clone();
            left.merge(&b);
            left.merge(&c);
            let mut right = b.clone();
            right.merge(&c);
            let mut whole = a;
            whole.merge(&right);
            let pushed = Summary::of(&values);
            for other in [&left, &whole] {
                prop_assert!((other.mean() - pushed.mean()).abs() <= 2.0 * pushed.mean_error());
                prop_assert!(
                    (other.squared_deviations() - pushed.squared_deviations()).abs()
                        <= 1e-12 * (1.0 + pushed.squared_deviations())
                );
                prop_assert_eq!(other.samples(), pushed.samples());
                prop_assert_eq!(other.min(), values.iter().copied().fold(f64::INFINITY, f64::min));
                prop_assert_eq!(other.max(), values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            }
        }
    }
}
