//! The Silverstein equation: sample covariance matrices of a general population.

use super::{EquivalentError, Population};
use crate::measure::Certified;
use num_complex::Complex64;

/// Unit roundoff.
const UNIT: f64 = 0.5 * f64::EPSILON;

/// The limit of Ĉ = XXᵀ/n, X = C^{1/2}Z, Z p × n with independent entries (0, 1), in which C has the spectrum H and p/n = c.
///
/// ```text
/// m̃(z) = 1/(−z + c∫λ/(1 + λm̃) dH),    the Stieltjes transform of the limit of XᵀX/n,
/// κ(γ) = 1/m̃(−γ):  κ = γ + cκ∫λ/(λ + κ) dH,    δ(γ) = (1/n)tr CQ̄ = κ/γ − 1,
/// Q̄(z) = −(1/z)(1 + m̃C)⁻¹,   at z = −γ: Q̄ = (κ/γ)(C + κ)⁻¹.
/// ```
///
/// With the eigenvalues of one C of size p for H these are the deterministic equivalents at finite n, which
/// claims compare with.
///
/// # Source   V. Marchenko and L. Pastur (1967); J. Silverstein (1995); J. Silverstein and S. Choi (1995)
/// # Examples
/// ```
/// use rmt_verify::equivalent::{Population, SampleCovariance};
/// // C = I: κ = γ + cκ/(1 + κ), so γ = 0.5 and c = 0.5 give κ² = 0.5.
/// let limit = SampleCovariance::new(Population::isotropic(), 0.5)?;
/// assert!((limit.kappa(0.5)?.value - 0.5f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SampleCovariance {
    population: Population,
    ratio: f64,
}

impl SampleCovariance {
    /// The limit for H and c.
    ///
    /// # Errors
    /// [`EquivalentError::RatioInvalid`].
    pub fn new(population: Population, ratio: f64) -> Result<Self, EquivalentError> {
        if ratio > 0.0 && ratio.is_finite() {
            Ok(Self { population, ratio })
        } else {
            Err(EquivalentError::RatioInvalid { ratio })
        }
    }

    /// H.
    #[must_use]
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// c = p/n.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.ratio
    }

    /// κ(γ), the effective ridge.
    ///
    /// # Value    κ > γ
    /// # Accuracy the bound is proved: F(κ) = κ − γ − cκ∫λ/(λ + κ)dH is convex with F(γ) < 0, so it has one root above γ, and the
    /// signs of F at both ends of value ± error are certain
    /// # Errors   γ not in (0, ∞)
    pub fn kappa(&self, gamma: f64) -> Result<Certified<f64>, EquivalentError> {
        if !(gamma > 0.0 && gamma.is_finite()) {
            return Err(EquivalentError::RidgeInvalid { gamma });
        }
        self.root(gamma)
    }

    /// κ(0+), the effective ridge of least norm interpolation: c∫λ/(λ + κ)dH = 1.
    ///
    /// # Value    0 for c·rank ≤ 1, where nothing is interpolated
    /// # Accuracy as [`kappa`](Self::kappa)
    pub fn ridgeless_kappa(&self) -> Result<Certified<f64>, EquivalentError> {
        if self.ratio * self.population.rank() <= 1.0 {
            return Ok(Certified {
                value: 0.0,
                error: 0.0,
            });
        }
        self.root(0.0)
    }

    /// δ(γ) = (1/n)tr CQ̄(−γ) = (c/γ)κ∫λ/(λ + κ)dH, which does not cancel as κ/γ − 1 does.
    ///
    /// # Errors   γ not in (0, ∞)
    pub fn delta(&self, gamma: f64) -> Result<Certified<f64>, EquivalentError> {
        let kappa = self.kappa(gamma)?;
        let value = kappa.value / gamma * self.degrees_of_freedom(1, kappa.value);
        let rounding = (self.population.atoms().len() as f64 + 8.0) * UNIT * value;
        Ok(Certified {
            value,
            // dδ/dκ = 1/γ along the equation, and |dδ/dκ| ≤ c∫λ²/(λ + κ)²/γ ≤ δ/κ of the formula above.
            error: kappa.error / kappa.value * value + rounding,
        })
    }

    /// df_k(κ) = (1/n)tr Cᵏ(C + κ)⁻ᵏ = c∫(λ/(λ + κ))ᵏ dH.
    ///
    /// # Domain   κ ≥ 0
    #[must_use]
    pub fn degrees_of_freedom(&self, k: i32, kappa: f64) -> f64 {
        let term = |x: f64| {
            if x == 0.0 {
                0.0
            } else {
                (x / (x + kappa)).powi(k)
            }
        };
        self.ratio * self.population.integral(term)
    }

    /// κ′(γ) = 1/(1 − df₂(κ)).
    #[must_use]
    pub fn kappa_slope(&self, kappa: f64) -> f64 {
        1.0 / (1.0 - self.degrees_of_freedom(2, kappa))
    }

    /// m̃(z), the companion Stieltjes transform.
    ///
    /// # Domain   z off [0, ∞)
    /// # Value    Im m̃ has the sign of Im z; m̃(z̄) is the conjugate of m̃(z)
    /// # Accuracy the bound is proved: a trial m in the same half-plane as z is m̃(z + r) for its residual r, and m̃ is the transform
    /// of a probability law on [0, ∞), so |m̃(z + r) − m̃(z)| ≤ |r|/(dist(z)·dist(z + r)), distances to [0, ∞)
    /// # Errors   z on [0, ∞); no convergence, which happens only for Im z below about 1e-9 of |z|
    pub fn companion(&self, z: Complex64) -> Result<Certified<Complex64>, EquivalentError> {
        if !z.is_finite() || (z.im == 0.0 && z.re >= 0.0) {
            return Err(EquivalentError::OnSpectrum { z });
        }
        if z.im == 0.0 {
            let kappa = self.kappa(-z.re)?;
            let value = 1.0 / kappa.value;
            let error = value * (kappa.error / (kappa.value - kappa.error) + 2.0 * UNIT);
            return Ok(Certified {
                value: Complex64::new(value, 0.0),
                error,
            });
        }
        let above = Complex64::new(z.re, z.im.abs());
        let found = self.solve_above(above)?;
        Ok(Certified {
            value: if z.im > 0.0 {
                found.value
            } else {
                found.value.conj()
            },
            error: found.error,
        })
    }

    /// m(z), the Stieltjes transform of the limit of Ĉ: m̃ = cm − (1 − c)/z.
    ///
    /// # Errors   as [`companion`](Self::companion)
    pub fn stieltjes(&self, z: Complex64) -> Result<Certified<Complex64>, EquivalentError> {
        let companion = self.companion(z)?;
        let other = (1.0 - self.ratio) / z;
        let value = (companion.value + other) / self.ratio;
        let rounding = 8.0 * UNIT * (companion.value.norm() + other.norm());
        Ok(Certified {
            value,
            error: (companion.error + rounding) / self.ratio,
        })
    }

    /// The eigenvalue of Q̄(z) for the eigenvalue λ of C: −1/(z(1 + λm̃)).
    #[must_use]
    pub fn resolvent(&self, z: Complex64, companion: Complex64, lambda: f64) -> Complex64 {
        -(z * (1.0 + companion * lambda)).inv()
    }

    /// F(κ) and a bound on its rounding error.
    fn excess(&self, gamma: f64, kappa: f64) -> (f64, f64) {
        let pull = kappa * self.degrees_of_freedom(1, kappa);
        let units = self.population.atoms().len() as f64 + 8.0;
        let value = kappa - gamma - pull;
        (value, units * UNIT * (kappa + gamma + pull))
    }

    /// The root of F above γ ≥ 0.
    fn root(&self, gamma: f64) -> Result<Certified<f64>, EquivalentError> {
        // F(γ + tr C/n) ≥ 0, since κ∫λ/(λ + κ) ≤ ∫λ.
        let (mut lo, mut hi) = (gamma, gamma + self.ratio * self.population.moment(1));
        let mut kappa = hi;
        // F is convex and F(hi) ≥ 0: Newton's steps come down to the root and never pass it, but for rounding.
        for _ in 0..200 {
            let (value, _) = self.excess(gamma, kappa);
            if value > 0.0 {
                hi = kappa;
            } else {
                lo = kappa;
            }
            let step = value / (1.0 - self.degrees_of_freedom(2, kappa));
            let next = kappa - step;
            let inside = next > lo && next < hi;
            let next = if inside { next } else { 0.5 * (lo + hi) };
            let moved = (next - kappa).abs();
            kappa = next;
            if moved <= 2.0 * UNIT * kappa {
                break;
            }
        }
        let slope = 1.0 - self.degrees_of_freedom(2, kappa);
        let (value, rounding) = self.excess(gamma, kappa);
        let mut error = ((value.abs() + 2.0 * rounding) / slope.abs()).max(UNIT * kappa);
        for _ in 0..60 {
            let below = kappa - error;
            let ((left, left_error), (right, right_error)) = (
                self.excess(gamma, below.max(gamma)),
                self.excess(gamma, kappa + error),
            );
            if (left < -left_error || below <= gamma) && right > right_error {
                return Ok(Certified {
                    value: kappa,
                    error,
                });
            }
            error *= 2.0;
        }
        Err(EquivalentError::NotSolved {
            residual: value.abs(),
        })
    }

    /// r(m) = −1/m + c∫λ/(1 + λm)dH − z, dr/dm, and a bound on the rounding of r.
    fn residual(&self, z: Complex64, m: Complex64) -> (Complex64, Complex64, f64) {
        let (mut sum, mut slope, mut size) = (Complex64::ZERO, Complex64::ZERO, 0.0);
        for &(lambda, weight) in self.population.atoms() {
            let term = lambda / (1.0 + m * lambda);
            sum += term * weight;
            slope -= term * term * weight;
            // 1 + λm may cancel: its rounding is one unit of 1 + |λm|.
            let loss = (1.0 + lambda * m.norm()) / (1.0 + m * lambda).norm();
            size += weight * term.norm() * (8.0 + 2.0 * loss);
        }
        let inverse = m.inv();
        let r = sum * self.ratio - inverse - z;
        let units = self.population.atoms().len() as f64;
        let rounding = UNIT
            * (self.ratio * (size + units * sum.norm()) + 8.0 * inverse.norm() + 2.0 * z.norm());
        (r, slope * self.ratio + inverse * inverse, rounding)
    }

    /// m̃(z) for Im z > 0: averaged fixed-point steps, which always converge, until Newton's are shorter.
    fn solve_above(&self, z: Complex64) -> Result<Certified<Complex64>, EquivalentError> {
        let average = |m: Complex64| {
            let sum = self.population.complex_integral(|x| x / (1.0 + m * x));
            0.5 * (m + (sum * self.ratio - z).inv())
        };
        let mut m = -z.inv();
        let mut best: Option<Certified<Complex64>> = None;
        let mut steps = 16;
        // Each round doubles the averaged steps and tries Newton's from there.
        while steps < 1 << 18 {
            for _ in 0..steps {
                m = average(m);
            }
            let mut trial = m;
            for _ in 0..30 {
                let (r, slope, _) = self.residual(z, trial);
                let next = trial - r / slope;
                if !(next.im > 0.0 && next.is_finite()) {
                    break;
                }
                let moved = (next - trial).norm();
                trial = next;
                if moved <= 2.0 * UNIT * trial.norm() {
                    break;
                }
            }
            let certified = self.certify(z, trial);
            if best.is_none_or(|b| certified.error < b.error) {
                best = Some(certified);
            }
            let found = best.expect("just set");
            if found.error <= 1e-9 * found.value.norm() {
                return Ok(found);
            }
            steps *= 4;
        }
        let found = best.expect("at least one round");
        if found.error.is_finite() {
            return Ok(found);
        }
        Err(EquivalentError::NotSolved {
            residual: self.residual(z, found.value).0.norm(),
        })
    }

    fn certify(&self, z: Complex64, m: Complex64) -> Certified<Complex64> {
        let (r, _, rounding) = self.residual(z, m);
        let r = r.norm() + rounding;
        let distance = |re: f64, im: f64| if re < 0.0 { re.hypot(im) } else { im };
        let left = z.im - r;
        let error = if m.im > 0.0 && left > 0.0 {
            r / (distance(z.re, z.im) * distance(z.re + r, left))
        } else {
            f64::INFINITY
        };
        Certified { value: m, error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_atom(ratio: f64) -> SampleCovariance {
        let population = Population::from_atoms(&[(1.0, 0.5), (4.0, 0.5)]).unwrap();
        SampleCovariance::new(population, ratio).unwrap()
    }

    /// C = I: zcm² − (1 − c − z)m + 1 = 0.
    #[test]
    fn the_isotropic_population_gives_marchenko_pastur() {
        for ratio in [0.25, 0.5, 1.0, 2.0] {
            let limit = SampleCovariance::new(Population::isotropic(), ratio).unwrap();
            for z in [
                (-0.3, 0.0),
                (-2.0, 0.0),
                (0.7, 0.2),
                (3.0, -0.5),
                (0.01, 1e-3),
            ] {
                let z = Complex64::new(z.0, z.1);
                let m = limit.stieltjes(z).unwrap();
                let residual = z * ratio * m.value * m.value - (1.0 - ratio - z) * m.value + 1.0;
                assert!(residual.norm() < 1e-12, "{ratio} {z}: {residual}");
                assert!(m.error < 1e-8 * m.value.norm(), "{ratio} {z}: {}", m.error);
            }
        }
    }

    #[test]
    fn kappa_is_the_inverse_companion_and_both_bounds_hold_the_other() {
        for ratio in [0.5, 2.0] {
            let limit = two_atom(ratio);
            for gamma in [1e-6, 0.05, 0.5, 30.0] {
                let kappa = limit.kappa(gamma).unwrap();
                // Just off the axis another equation is solved, and m̃ moves by |h|/γ² at most.
                let h = 1e-6 * gamma;
                let near = limit.companion(Complex64::new(-gamma, h)).unwrap();
                let gap = (near.value - 1.0 / kappa.value).norm();
                let allowed =
                    near.error + h / gamma.powi(2) + 2.0 * kappa.error / kappa.value.powi(2);
                assert!(gap <= allowed, "{ratio} {gamma}: {gap:e} {allowed:e}");
                assert!(
                    kappa.error < 1e-13 * kappa.value,
                    "{ratio} {gamma}: {}",
                    kappa.error
                );
                let delta = limit.delta(gamma).unwrap();
                let other = kappa.value / gamma - 1.0;
                assert!((delta.value - other).abs() < 1e-12 * (1.0 + other));
            }
        }
    }

    #[test]
    fn ridgeless_kappa_is_the_limit_of_kappa_and_zero_without_interpolation() {
        assert_eq!(two_atom(0.5).ridgeless_kappa().unwrap().value, 0.0);
        let limit = two_atom(2.0);
        let zero = limit.ridgeless_kappa().unwrap();
        assert!((limit.degrees_of_freedom(1, zero.value) - 1.0).abs() < 1e-14);
        let small = limit.kappa(1e-9).unwrap();
        assert!((small.value - zero.value).abs() < 1e-8);
    }

    #[test]
    fn slope_of_kappa_is_its_derivative() {
        let limit = two_atom(0.5);
        let at = |gamma: f64| limit.kappa(gamma).unwrap().value;
        let difference = (at(0.3 + 1e-5) - at(0.3 - 1e-5)) / 2e-5;
        assert!((difference - limit.kappa_slope(at(0.3))).abs() < 1e-8);
    }

    #[test]
    fn questions_without_an_answer_are_refused() {
        assert!(SampleCovariance::new(Population::isotropic(), 0.0).is_err());
        let limit = two_atom(0.5);
        for gamma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(
                limit.kappa(gamma),
                Err(EquivalentError::RidgeInvalid { .. })
            ));
        }
        for z in [
            Complex64::new(0.0, 0.0),
            Complex64::new(2.0, 0.0),
            Complex64::new(f64::NAN, 1.0),
        ] {
            assert!(matches!(
                limit.companion(z),
                Err(EquivalentError::OnSpectrum { .. })
            ));
        }
    }
}
