//! Power laws in the upper tail.

use serde::Serialize;

/// Fewer values make no tail.
const LEAST_TAIL: usize = 25;
/// Least share of all values that a tail must hold.
const LEAST_SHARE: f64 = 0.1;
/// Candidates for where the tail begins.
const CANDIDATES: usize = 60;

/// Density ∝ λ^{−a} of the squared singular values λ = y² from a cutoff on.
///
/// a = 1 + k/Σ ln(λ_i/λ_k) over the k largest (Hill), with the k of least Kolmogorov distance to the fitted
/// law among 60 values, at least 25 and a tenth of all.
///
/// # Source   B. Hill (1975); A. Clauset, C. Shalizi and M. Newman, SIAM Rev. 51 (2009) 661
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PowerLaw {
    /// a.
    pub exponent: f64,
    /// The singular value from which the law holds.
    pub cutoff: f64,
    /// k, values from there on.
    pub values: usize,
    /// Kolmogorov distance of these k to the law.
    pub distance: f64,
    /// y₁ over the cutoff.
    pub range: f64,
}

impl PowerLaw {
    /// The fit to singular values in descending order; `None` for fewer than 25 or fewer than 25 positive ones.
    pub(super) fn fit(values: &[f64]) -> Option<Self> {
        let positive = values.iter().take_while(|y| **y > 0.0).count();
        let least = LEAST_TAIL.max((LEAST_SHARE * values.len() as f64).ceil() as usize);
        if positive < least {
            return None;
        }
        let logs: Vec<f64> = values[..positive].iter().map(|y| libm::log(*y)).collect();
        let step = libm::log(positive as f64 / least as f64) / (CANDIDATES - 1) as f64;
        let mut best: Option<Self> = None;
        let mut last = 0;
        for c in 0..CANDIDATES {
            let k = (least as f64 * libm::exp(step * c as f64)).round() as usize;
            let k = k.min(positive);
            if k == last {
                continue;
            }
            last = k;
            let Some(candidate) = Self::of_tail(&logs[..k], values[k - 1]) else {
                continue;
            };
            if best.is_none_or(|b| candidate.distance < b.distance) {
                best = Some(candidate);
            }
        }
        best
    }

    /// ln(y/cutoff) is exponential with rate 2(a − 1).
    fn of_tail(logs: &[f64], cutoff: f64) -> Option<Self> {
        let k = logs.len();
        let start = logs[k - 1];
        let sum: f64 = logs.iter().map(|l| l - start).sum();
        let rate = k as f64 / sum;
        if !rate.is_finite() {
            return None;
        }
        let deviation = |(i, l): (usize, &f64)| {
            let above = libm::exp(-rate * (l - start));
            let i = i as f64;
            (above - i / k as f64).max((i + 1.0) / k as f64 - above)
        };
        Some(Self {
            exponent: 1.0 + 0.5 * rate,
            cutoff,
            values: k,
            distance: logs.iter().enumerate().map(deviation).fold(0.0, f64::max),
            range: libm::exp(logs[0] - start),
        })
    }

    /// Whether a tail is heavy: a ≤ 6, the law fits, and it holds over half a decade of singular values.
    ///
    /// The laws seen in trained layers have 2 ≤ a ≤ 6 (Martin and Mahoney); a bulk with an edge, cut to
    /// its upper tenth, looks like a > 6. The distance is held against 1.08/√k, the 5 % point for an
    /// exponential law with estimated rate (H. Lilliefors 1969) of *independent* values: eigenvalues repel
    /// each other and deviate less.
    #[must_use]
    pub fn is_heavy(&self) -> bool {
        let critical = 1.08 / (self.values as f64).sqrt();
        self.exponent <= 6.0 && self.distance <= critical && self.range * self.range >= 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact quantiles of a power law give its exponent back; those of the quarter circle are not heavy.
    #[test]
    fn exponents_of_exact_power_laws_are_found_and_edges_are_not_heavy() {
        let m = 1000;
        for exponent in [1.5, 2.5, 4.0] {
            // P(λ > x) = x^{1 − a}, λ = y²
            let value = |i: usize| ((i as f64 + 0.5) / m as f64).powf(-0.5 / (exponent - 1.0));
            let values: Vec<f64> = (0..m).map(value).collect();
            let fit = PowerLaw::fit(&values).unwrap();
            assert!((fit.exponent / exponent - 1.0).abs() < 0.03, "{fit:?}");
            assert!(fit.is_heavy(), "{fit:?}");
        }
        for ratio in [0.1, 1.0] {
            let law = super::super::SingularLaw::new(ratio).unwrap();
            let value = |i: usize| law.quantile(1.0 - (i as f64 + 0.5) / m as f64);
            let values: Vec<f64> = (0..m).map(value).collect();
            assert!(!PowerLaw::fit(&values).unwrap().is_heavy());
        }
    }

    #[test]
    fn a_few_values_have_no_tail() {
        assert_eq!(PowerLaw::fit(&[1.0; 20]), None);
        assert_eq!(PowerLaw::fit(&[0.0; 100]), None);
        // All equal: no exponent is finite.
        assert_eq!(PowerLaw::fit(&[1.0; 100]), None);
    }
}
