//! Exact moments of the inverse Wishart matrix, and the risks of least norm at finite n.

use crate::equivalent::EquivalentError;

/// W⁻¹ for W = ZZᵀ, Z k × d with independent N(0, 1) entries, d > k.
///
/// Gaussian integration by parts on ZW⁻ʳ gives, with m = d − k and P_r = tr W⁻ʳ,
/// (m − r)E P_r − Σ_{i<r}E P_iP_{r−i} = E P_{r−1} and (m − 1)E P_1P_s − 2sE P_{s+1} = kE P_s; hence the moments below.
///
/// # Source   L. Haff (1979); D. von Rosen (1988)
/// # Examples
/// ```
/// use rmt_verify::equivalent::regression::InverseWishart;
/// // k = 1: W is χ² with d degrees of freedom, E 1/W = 1/(d − 2), E 1/W² = 1/((d − 2)(d − 4)).
/// let one = InverseWishart::new(1, 10)?;
/// assert_eq!(one.trace_mean(), Some(1.0 / 8.0));
/// assert!((one.square_mean().unwrap() - 1.0 / 48.0).abs() < 1e-16);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InverseWishart {
    size: usize,
    degrees: usize,
}

impl InverseWishart {
    /// k × k with d degrees of freedom.
    ///
    /// # Errors   unless 1 ≤ k < d
    pub fn new(size: usize, degrees: usize) -> Result<Self, EquivalentError> {
        if 1 <= size && size < degrees {
            return Ok(Self { size, degrees });
        }
        Err(EquivalentError::OutOfRange {
            name: "size of the Wishart matrix",
            value: size as f64,
            allowed: "at least 1 and less than its degrees of freedom",
        })
    }

    /// m = d − k, if it exceeds `least`, and k.
    fn spare(&self, least: usize) -> Option<(f64, f64)> {
        let spare = self.degrees - self.size;
        (spare > least).then_some((spare as f64, self.size as f64))
    }

    /// E tr W⁻¹ = k/(m − 1); `None` for m ≤ 1, where it is infinite.
    #[must_use]
    pub fn trace_mean(&self) -> Option<f64> {
        self.spare(1).map(|(m, k)| k / (m - 1.0))
    }

    /// Var tr W⁻¹ = 2k(d − 1)/(m(m − 1)²(m − 3)); `None` for m ≤ 3.
    #[must_use]
    pub fn trace_variance(&self) -> Option<f64> {
        let (m, k) = self.spare(3)?;
        let d = self.degrees as f64;
        Some(2.0 * k * (d - 1.0) / (m * (m - 1.0).powi(2) * (m - 3.0)))
    }

    /// E tr W⁻² = k(d − 1)/(m(m − 1)(m − 3)); `None` for m ≤ 3.
    #[must_use]
    pub fn square_mean(&self) -> Option<f64> {
        let (m, k) = self.spare(3)?;
        let d = self.degrees as f64;
        Some(k * (d - 1.0) / (m * (m - 1.0) * (m - 3.0)))
    }

    /// E tr W⁻³ = E tr W⁻²·(m − 1 + 2k)/((m − 5)(m + 1)); `None` for m ≤ 5.
    #[must_use]
    pub fn cube_mean(&self) -> Option<f64> {
        let (m, k) = self.spare(5)?;
        Some(self.square_mean()? * (m - 1.0 + 2.0 * k) / ((m - 5.0) * (m + 1.0)))
    }
}

/// E of the excess risk at finite n for Gaussian data with C = I: (bias, variance) of least squares (p < n − 1),
/// (0, s²p/(n − p − 1)), or of the interpolator of least norm (p > n + 1), (|β|²(1 − n/p), s²n/(p − n − 1)).
///
/// # Source   T. Hastie, A. Montanari, S. Rosset and R. Tibshirani (2019); \[LM\] B3
/// # Errors   |n − p| ≤ 1, where the variance is infinite
pub fn least_norm_risk(
    p: usize,
    n: usize,
    energy: f64,
    noise: f64,
) -> Result<(f64, f64), EquivalentError> {
    let inverse = InverseWishart::new(p.min(n), p.max(n))?;
    let Some(trace) = inverse.trace_mean() else {
        return Err(EquivalentError::OutOfRange {
            name: "|n − p|",
            value: p.abs_diff(n) as f64,
            allowed: "at least 2",
        });
    };
    let missed = 1.0 - n.min(p) as f64 / p as f64;
    Ok((energy * missed, noise * trace))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// k = 1: 1/χ²_d has E W⁻³ = 1/((d − 2)(d − 4)(d − 6)) and Var W⁻¹ = 2/((d − 2)²(d − 4)).
    #[test]
    fn one_by_one_matrices_have_the_moments_of_the_inverse_chi_square() {
        for d in [8, 13, 40] {
            let one = InverseWishart::new(1, d).unwrap();
            let d = d as f64;
            let cube = 1.0 / ((d - 2.0) * (d - 4.0) * (d - 6.0));
            assert!((one.cube_mean().unwrap() / cube - 1.0).abs() < 1e-14);
            let variance = 2.0 / ((d - 2.0).powi(2) * (d - 4.0));
            assert!((one.trace_variance().unwrap() / variance - 1.0).abs() < 1e-14);
        }
    }

    /// k = 2: P_1 = tr W/det W. For the inverse Wishart, Var Y_11 and Cov(Y_11, Y_22) are classical.
    #[test]
    fn the_variance_of_the_trace_is_the_sum_of_the_classical_covariances() {
        for (k, d) in [(2, 9), (5, 30), (24, 32)] {
            let m = (d - k) as f64;
            let (variance, covariance) = (
                2.0 / ((m - 1.0).powi(2) * (m - 3.0)),
                2.0 / (m * (m - 1.0).powi(2) * (m - 3.0)),
            );
            let k_ = k as f64;
            let sum = k_ * variance + k_ * (k_ - 1.0) * covariance;
            let ours = InverseWishart::new(k, d).unwrap().trace_variance().unwrap();
            assert!((ours / sum - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn infinite_moments_are_not_given() {
        let near = InverseWishart::new(4, 5).unwrap();
        assert_eq!(near.trace_mean(), None);
        assert_eq!(InverseWishart::new(4, 7).unwrap().trace_variance(), None);
        assert_eq!(InverseWishart::new(4, 9).unwrap().cube_mean(), None);
        assert!(InverseWishart::new(4, 4).is_err());
        assert!(least_norm_risk(10, 11, 1.0, 1.0).is_err());
        assert!(least_norm_risk(10, 10, 1.0, 1.0).is_err());
    }
}
