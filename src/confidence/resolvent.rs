//! Tails of resolvent traces of Wigner matrices with bounded entries.
//!
//! W = R/√N + S with R_ij = σX_ij off the diagonal and R_ii = σ√v_d X_ii, X_ij independent for
//! i ≤ j with mean 0, variance 1 and bounded values; any N, any S. Derivation:
//! `docs/derivations/confidence.md`, section 8.

use super::ConfidenceError;
use super::mean::{check_range, check_variance};

/// The law of bounded entries and the point where the resolvent is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundedEntries {
    /// Values of X_ij lie between these.
    pub support: (f64, f64),
    /// σ, the standard deviation of R_ij off the diagonal.
    pub sigma: f64,
    /// v_d = E R_ii²/σ².
    pub diagonal_variance: f64,
}

impl BoundedEntries {
    /// c = (B² + 1)σ²[2(η⁻² + ρση⁻³)² + v_d η⁻⁴] ≥ Σ E′(Z − Z′)², each entry in turn replaced by a
    /// copy; Z = Re or Im Tr G(z), η = Im z, B = max|X|, ρ = length of the support.
    fn replaced_squares(&self, im_z: f64) -> Result<f64, ConfidenceError> {
        let (lo, hi) = self.support;
        check_range(lo, hi)?;
        check_variance(self.sigma)?;
        check_variance(self.diagonal_variance)?;
        if !(im_z > 0.0 && im_z.is_finite()) {
            return Err(ConfidenceError::NotInUpperHalfPlane { im_z });
        }
        let largest = lo.abs().max(hi.abs());
        let inverse = 1.0 / im_z;
        let first = inverse * inverse;
        let slope = first + (hi - lo) * self.sigma * first * inverse;
        let sum = 2.0 * slope * slope + self.diagonal_variance * first * first;
        // Twenty operations with positive terms, each within half an ulp.
        Ok((largest * largest + 1.0) * self.sigma * self.sigma * sum * (1.0 + 32.0 * f64::EPSILON))
    }

    /// Var Z ≤ c/2, Z = Re or Im Tr (W − z)⁻¹.
    ///
    /// # Source   Efron–Stein
    pub fn resolvent_variance(&self, im_z: f64) -> Result<f64, ConfidenceError> {
        Ok(0.5 * self.replaced_squares(im_z)?)
    }

    /// v with log E exp(t(Z − EZ)) ≤ t²v/2, Z = Re or Im Tr (W − z)⁻¹: c for signs, else 2c.
    ///
    /// # Domain   support [−1, 1] means signs: with variance 1 there is no other law on it
    /// # Source   signs: Boucheron, Lugosi and Massart (2013), Theorem 5.3; else the same, 2003, Theorem 2
    pub fn resolvent_variance_proxy(&self, im_z: f64) -> Result<f64, ConfidenceError> {
        let c = self.replaced_squares(im_z)?;
        Ok(if self.support == (-1.0, 1.0) {
            c
        } else {
            2.0 * c
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{StreamKey, open_uniform};
    use nalgebra::DMatrix;
    use num_complex::Complex64;

    const N: usize = 12;

    fn resolvent_trace(w: &DMatrix<f64>, z: Complex64) -> Complex64 {
        let shifted = w.map(|x| Complex64::new(x, 0.0)) - DMatrix::identity(N, N) * z;
        shifted.try_inverse().expect("Im z > 0").trace()
    }

    /// Largest Σ E′|Tr G − Tr G′|² over a few matrices with X = values.0 (probability p) or
    /// values.1, every entry replaced in turn by its other value.
    fn largest_sum(values: (f64, f64), p: f64, z: Complex64) -> f64 {
        let key = StreamKey {
            epoch: 0,
            claim: "confidence/resolvent".into(),
            law: String::new(),
            n: N,
            signal: String::new(),
        };
        let scale = |i: usize, j: usize| {
            let diagonal: f64 = if i == j { 2.0 } else { 1.0 };
            (diagonal / N as f64).sqrt()
        };
        let sum_of = |replicate| {
            let mut rng = key.generator(replicate);
            let mut first = DMatrix::from_element(N, N, false);
            let mut w = DMatrix::zeros(N, N);
            for i in 0..N {
                for j in 0..=i {
                    first[(i, j)] = open_uniform(&mut rng) < p;
                    let x = if first[(i, j)] { values.0 } else { values.1 };
                    w[(i, j)] = scale(i, j) * x;
                    w[(j, i)] = w[(i, j)];
                }
            }
            let trace = resolvent_trace(&w, z);
            let mut sum = 0.0;
            for i in 0..N {
                for j in 0..=i {
                    let (other, probability) = if first[(i, j)] {
                        (values.1, 1.0 - p)
                    } else {
                        (values.0, p)
                    };
                    let mut replaced = w.clone();
                    replaced[(i, j)] = scale(i, j) * other;
                    replaced[(j, i)] = replaced[(i, j)];
                    sum += probability * (resolvent_trace(&replaced, z) - trace).norm_sqr();
                }
            }
            sum
        };
        (0..4).map(sum_of).fold(0.0, f64::max)
    }

    #[test]
    fn replaced_squares_of_two_point_matrices_stay_under_the_bound_and_near_it() {
        let p: f64 = 0.2;
        let skewed = (((1.0 - p) / p).sqrt(), -(p / (1.0 - p)).sqrt());
        for (values, p) in [((-1.0, 1.0), 0.5), (skewed, p)] {
            let entries = BoundedEntries {
                support: (values.0.min(values.1), values.0.max(values.1)),
                sigma: 1.0,
                diagonal_variance: 2.0,
            };
            for eta in [0.5, 1.0, 3.0, 10.0] {
                let bound = entries.replaced_squares(eta).unwrap();
                let sum = largest_sum(values, p, Complex64::new(0.3, eta));
                println!("{values:?} eta = {eta}: {sum:.4e} of {bound:.4e}");
                assert!(sum <= bound);
                // Far from the spectrum both terms of first order are attained up to a factor:
                // a bound with a wrong power of η would fail here or above.
                assert!(eta < 10.0 || sum >= bound / 10.0);
            }
        }
    }

    #[test]
    fn signs_have_the_proxies_of_the_derivation() {
        let signs = BoundedEntries {
            support: (-1.0, 1.0),
            sigma: 1.0,
            diagonal_variance: 2.0,
        };
        for (eta, proxy) in [(1.0, 40.0), (2.0, 1.25), (4.0, 0.05078125)] {
            let found = signs.resolvent_variance_proxy(eta).unwrap();
            assert!((found / proxy - 1.0).abs() < 1e-13, "{found}");
            assert!(found >= proxy);
            let variance = signs.resolvent_variance(eta).unwrap();
            assert!((variance / proxy - 0.5).abs() < 1e-13);
        }
    }

    #[test]
    fn the_real_axis_has_no_bound() {
        let signs = BoundedEntries {
            support: (-1.0, 1.0),
            sigma: 1.0,
            diagonal_variance: 2.0,
        };
        assert_eq!(
            signs.resolvent_variance(0.0),
            Err(ConfidenceError::NotInUpperHalfPlane { im_z: 0.0 })
        );
    }
}
