//! Distribution function, quantiles and moments.

use super::SpectralMeasure;
use crate::measure::ball::two_sum;

impl SpectralMeasure {
    /// F(x) = ν((−∞, x]).
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        let below = self.point_masses.partition_point(|pair| pair.0 <= x);
        let atoms = if below == 0 {
            0.0
        } else {
            self.cumulative[below - 1]
        };
        let rest: f64 = self
            .continuous
            .iter()
            .map(|(weight, law)| weight * law.cdf(x))
            .sum();
        (atoms + rest).min(1.0)
    }

    /// inf{x : F(x) ≥ p}, and the left end of the support for p = 0.
    ///
    /// # Domain
    /// p ∈ [0, 1]; NaN outside.
    /// # Value
    /// The smallest binary64 number x of the support's hull with computed cdf(x) ≥ p.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) {
            return f64::NAN;
        }
        let support = self.support();
        let (lo, hi) = (support[0].lo, support[support.len() - 1].hi);
        if self.cdf(lo) >= p {
            return lo;
        }
        // Invariant: cdf(below) < p, and `above` is a candidate. Bisecting the ordered bit
        // patterns reaches adjacent numbers in at most 64 steps, at any scale.
        let (mut below, mut above) = (ordered(lo), ordered(hi));
        while above - below > 1 {
            let middle = below + (above - below) / 2;
            if self.cdf(from_ordered(middle)) >= p {
                above = middle;
            } else {
                below = middle;
            }
        }
        from_ordered(above)
    }

    /// ∫ tᵏ ν(dt).
    #[must_use]
    pub fn moment(&self, k: u32) -> f64 {
        let (mut sum, mut rest) = (0.0, 0.0);
        for (weight, law) in self.components() {
            let (total, error) = two_sum(sum, weight * law.moment(k));
            sum = total;
            rest += error;
        }
        sum + rest
    }
}

/// Order-preserving map from binary64 to integers.
fn ordered(x: f64) -> i128 {
    let bits = i128::from(x.to_bits());
    if x.is_sign_negative() {
        (1 << 63) - bits
    } else {
        bits
    }
}

fn from_ordered(index: i128) -> f64 {
    let bits = if index < 0 { (1 << 63) - index } else { index };
    f64::from_bits(bits as u64)
}
