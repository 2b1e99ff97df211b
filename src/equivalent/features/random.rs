//! Ridge regression on random features of random inputs.

use super::{not_negative, positive};
use crate::equivalent::{EquivalentError, Population, SampleCovariance};
use crate::measure::{Certified, SpectralMeasure};

/// N random features z = s(Θx/√d) of n random inputs x, rows θ_j and inputs of norm √d and dimension d, labels y = ⟨β, x⟩ + ε:
/// the minimiser a of (1/n)|y − Za|² + (Nλ/d)|a|².
///
/// ```text
/// ψ₁ = N/d,  ψ₂ = n/d,  μ₁ = E ξs(ξ),  μ*² = E s² − (E s)² − μ₁²,  ζ = μ₁/μ*.
/// ```
///
/// Two routes to the risk. [`risk`](Self::risk) solves the fixed point of Mei and Montanari. [`equivalent`](Self::equivalent) replaces
/// the features by the linear ones φ = μ₁Θx/√d + μ*g, g standard normal, whose covariance S = μ₁²ΘΘᵀ/d + μ*² is a population as any
/// other, and adds the part of the signal that they miss to the noise.
///
/// # Source   S. Mei and A. Montanari (2019), Theorem 2 and Definition 1
/// # Examples
/// ```
/// use rmt_verify::equivalent::features::{RandomFeatures, Task};
/// let features = RandomFeatures::new(1.5, 3.0, 0.5, 0.3)?;
/// let task = Task { signal: 1.0, noise: 0.2 };
/// let (one, other) = (features.risk(0.01, task)?, features.equivalent(0.01, task)?.test);
/// assert!((one / other - 1.0).abs() < 1e-11);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RandomFeatures {
    psi1: f64,
    psi2: f64,
    linear: f64,
    nonlinear: f64,
    /// The limit of the covariance of n samples of φ.
    covariance: SampleCovariance,
}

/// What is learned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Task {
    /// F₁² = |β|².
    pub signal: f64,
    /// Var ε.
    pub noise: f64,
}

/// Errors of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    /// E(⟨β, x⟩ − ⟨a, z(x)⟩)² at a new x, without its noise.
    pub test: f64,
    /// (1/n)|y − Za|².
    pub train: f64,
}

/// What the linear features φ can do for a task.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Linear {
    /// (e_j, Σ of a*² over that eigenvalue) of the best coefficients a* = S⁻¹μ₁Θβ/√d.
    pub coefficients: Vec<(f64, f64)>,
    /// s, the part of |β|² that no linear function of φ explains.
    pub missed: f64,
}

impl RandomFeatures {
    /// From ψ₁, ψ₂, μ₁ and μ*.
    ///
    /// # Errors
    /// ψ₁, ψ₂ or μ* not in (0, ∞); μ₁ not finite.
    pub fn new(psi1: f64, psi2: f64, linear: f64, nonlinear: f64) -> Result<Self, EquivalentError> {
        let (psi1, psi2) = (positive("ψ₁", psi1)?, positive("ψ₂", psi2)?);
        let nonlinear = positive("μ*", nonlinear)?;
        let linear = not_negative("|μ₁|", linear.abs())?;
        let gram = Population::from_law(&SpectralMeasure::marchenko_pastur(psi1, 1.0)?)?;
        let (slope, floor) = (linear * linear, nonlinear * nonlinear);
        let pairs = gram.atoms().iter();
        let pairs: Vec<(f64, f64)> = pairs.map(|&(x, w)| (slope * x + floor, w)).collect();
        Ok(Self {
            psi1,
            psi2,
            linear,
            nonlinear,
            covariance: SampleCovariance::new(Population::from_atoms(&pairs)?, psi1 / psi2)?,
        })
    }

    /// ψ₁ = N/d.
    #[must_use]
    pub fn psi1(&self) -> f64 {
        self.psi1
    }

    /// ψ₂ = n/d.
    #[must_use]
    pub fn psi2(&self) -> f64 {
        self.psi2
    }

    /// |μ₁|.
    #[must_use]
    pub fn linear(&self) -> f64 {
        self.linear
    }

    /// s, the part of F₁² that no linear function of the linear features explains.
    #[must_use]
    pub fn missed(&self, task: Task) -> f64 {
        self.linear_part(task).missed
    }

    /// The limit of the sample covariance of the linear features.
    #[must_use]
    pub fn covariance(&self) -> &SampleCovariance {
        &self.covariance
    }

    /// q = −χ, the root of ψ₁ψ₂λ̄q = (ψ₁ − h(q))(ψ₂ − h(q)), h = q + ζ²q/(1 + ζ²q), λ̄ = λ/μ*².
    ///
    /// With ν₁ = ψ₁/(S + ν₂ + ζ²ν₂/(1 + ζ²ν₁ν₂)), ν₂ likewise, S² = ψ₁ψ₂λ̄, one has Sν_i = ψ_i − h(ν₁ν₂): q = ν₁ν₂ solves one equation.
    ///
    /// # Accuracy the bound is proved: the left side increases, the right side decreases while h < min ψ, and the signs of their
    /// difference at both ends of value ± error are certain
    /// # Errors   λ not in (0, ∞)
    pub fn overlap(&self, lambda: f64) -> Result<Certified<f64>, EquivalentError> {
        let lambda = positive("λ", lambda)?;
        let pull = self.psi1 * self.psi2 * lambda / self.nonlinear.powi(2);
        let zeta = (self.linear / self.nonlinear).powi(2);
        let h = |q: f64| q + zeta * q / (1.0 + zeta * q);
        // The difference and a bound on its rounding.
        let excess = |q: f64| {
            let (a, b) = (self.psi1 - h(q), self.psi2 - h(q));
            let loss = 8.0 * f64::EPSILON * (self.psi1 + h(q)) * b.abs().max(1e-300)
                + 8.0 * f64::EPSILON * (self.psi2 + h(q)) * a.abs();
            let value = if a > 0.0 && b > 0.0 {
                pull * q - a * b
            } else {
                // Beyond the branch, where the left side is larger for sure.
                pull * q
            };
            (value, loss + 8.0 * f64::EPSILON * pull * q)
        };
        let (mut lo, mut hi) = (0.0, self.psi1.min(self.psi2));
        while hi - lo > f64::EPSILON * hi {
            let middle = 0.5 * (lo + hi);
            if middle == lo || middle == hi {
                break;
            }
            if excess(middle).0 > 0.0 {
                hi = middle;
            } else {
                lo = middle;
            }
        }
        let value = 0.5 * (lo + hi);
        let mut error = f64::EPSILON * value;
        for _ in 0..60 {
            let ((left, left_error), (right, right_error)) =
                (excess(value - error), excess(value + error));
            if left < -left_error && right > right_error {
                return Ok(Certified { value, error });
            }
            error *= 2.0;
        }
        Err(EquivalentError::NotSolved {
            residual: excess(value).0.abs(),
        })
    }

    /// Risk F₁²E₁/E₀ + Var ε·E₂/E₀ at a new input, E₀, E₁, E₂ polynomials in χ, ζ², ψ₁, ψ₂.
    ///
    /// # Accuracy 1e-10 for λ ≥ 1e-4 against 40-digit values; the polynomials cancel as λ → 0
    /// # Errors   λ not in (0, ∞); a negative signal or noise
    pub fn risk(&self, lambda: f64, task: Task) -> Result<f64, EquivalentError> {
        let task = task.checked()?;
        let x = -self.overlap(lambda)?.value;
        let (p1, p2) = (self.psi1, self.psi2);
        let z2 = (self.linear / self.nonlinear).powi(2);
        let (z4, z6) = (z2 * z2, z2 * z2 * z2);
        let (x2, x3, x4, x5) = (x * x, x.powi(3), x.powi(4), x.powi(5));
        let e0 = -x5 * z6 + 3.0 * x4 * z4 + (p1 * p2 - p2 - p1 + 1.0) * x3 * z6
            - 2.0 * x3 * z4
            - 3.0 * x3 * z2
            + (p1 + p2 - 3.0 * p1 * p2 + 1.0) * x2 * z4
            + 2.0 * x2 * z2
            + x2
            + 3.0 * p1 * p2 * x * z2
            - p1 * p2;
        let e1 = p2 * x3 * z4 - p2 * x2 * z2 + p1 * p2 * x * z2 - p1 * p2;
        let e2 = x5 * z6 - 3.0 * x4 * z4 + (p1 - 1.0) * x3 * z6 + 2.0 * x3 * z4 + 3.0 * x3 * z2
            - (p1 + 1.0) * x2 * z4
            - 2.0 * x2 * z2
            - x2;
        Ok((task.signal * e1 + task.noise * e2) / e0)
    }

    /// Test and training error of ridge regression on the linear features, with the ridge γ = ψ₁λ and the noise Var ε + s.
    ///
    /// # Value    excess R₁ = (κ²Σa*²e/(e + κ)² + (Var ε + s)df₂)/(1 − df₂); test R₁ + s, train (γ/κ)²(R₁ + Var ε + s)
    /// # Errors   as [`risk`](Self::risk)
    pub fn equivalent(&self, lambda: f64, task: Task) -> Result<Risk, EquivalentError> {
        let task = task.checked()?;
        let gamma = self.psi1 * positive("λ", lambda)?;
        let kappa = self.covariance.kappa(gamma)?.value;
        let linear = self.linear_part(task);
        let noise = task.noise + linear.missed;
        let df2 = self.covariance.degrees_of_freedom(2, kappa);
        let terms = linear.coefficients.iter();
        let bias: f64 = terms
            .map(|&(e, a2)| a2 * e * (kappa / (e + kappa)).powi(2))
            .sum();
        let excess = (bias + noise * df2) / (1.0 - df2);
        Ok(Risk {
            test: excess + linear.missed,
            train: (gamma / kappa).powi(2) * (excess + noise),
        })
    }

    /// The best linear function of the features: Θβ/√d has the weight F₁²ψ₁x on the eigenvalue x of ΘΘᵀ/d.
    pub(super) fn linear_part(&self, task: Task) -> Linear {
        let floor = self.nonlinear * self.nonlinear;
        let atoms = self.covariance.population().atoms().iter();
        let coefficients: Vec<(f64, f64)> = atoms
            .map(|&(e, w)| {
                let slope = (e - floor).max(0.0);
                (e, self.psi1 * task.signal * w * slope / (e * e))
            })
            .collect();
        let explained: f64 = coefficients.iter().map(|(e, a2)| e * a2).sum();
        Linear {
            coefficients,
            missed: task.signal - explained,
        }
    }
}

impl Task {
    /// Neither part negative.
    pub(super) fn checked(self) -> Result<Self, EquivalentError> {
        not_negative("F₁²", self.signal)?;
        not_negative("Var ε", self.noise)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> impl Iterator<Item = (RandomFeatures, f64)> {
        let shapes = [
            (0.5, 3.0),
            (1.5, 3.0),
            (3.0, 3.0),
            (6.0, 3.0),
            (0.7, 0.4),
            (2.0, 0.8),
        ];
        let moments = [(0.5, 0.3), (0.65, 0.1), (0.2, 1.3)];
        shapes.into_iter().flat_map(move |(psi1, psi2)| {
            moments.into_iter().flat_map(move |(linear, nonlinear)| {
                let features = RandomFeatures::new(psi1, psi2, linear, nonlinear).unwrap();
                [1e-3, 0.05, 2.0].map(|lambda| (features.clone(), lambda))
            })
        })
    }

    #[test]
    fn the_fixed_point_and_the_linear_equivalent_give_the_same_risk() {
        let task = Task {
            signal: 1.3,
            noise: 0.2,
        };
        for (features, lambda) in grid() {
            let one = features.risk(lambda, task).unwrap();
            let other = features.equivalent(lambda, task).unwrap().test;
            assert!(
                (one / other - 1.0).abs() < 1e-10,
                "{features:?} {lambda}: {one} {other}"
            );
        }
    }

    #[test]
    fn the_root_solves_the_two_equations_of_mei_and_montanari() {
        for (features, lambda) in grid() {
            let root = features.overlap(lambda).unwrap();
            assert!(root.error < 1e-12 * root.value);
            let q = root.value;
            let z2 = (features.linear / features.nonlinear).powi(2);
            let (p1, p2) = (features.psi1, features.psi2);
            let s = (p1 * p2 * lambda).sqrt() / features.nonlinear;
            let h = q + z2 * q / (1.0 + z2 * q);
            let (nu1, nu2) = ((p1 - h) / s, (p2 - h) / s);
            let factor = 1.0 + z2 / (1.0 + z2 * nu1 * nu2);
            assert!(nu1 > 0.0 && nu2 > 0.0);
            assert!((nu1 * (s + factor * nu2) / p1 - 1.0).abs() < 1e-9);
            assert!((nu2 * (s + factor * nu1) / p2 - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn little_ridge_makes_a_peak_where_features_and_samples_are_as_many() {
        let task = Task {
            signal: 1.0,
            noise: 0.2,
        };
        let at = |ratio: f64| {
            let features = RandomFeatures::new(2.0 * ratio, 2.0, 0.5, 0.3).unwrap();
            features.equivalent(1e-4, task).unwrap().test
        };
        assert!(at(1.0) > 3.0 * at(0.4) && at(1.0) > 3.0 * at(4.0));
    }

    #[test]
    fn questions_without_an_answer_are_refused() {
        assert!(RandomFeatures::new(0.0, 1.0, 0.5, 0.3).is_err());
        assert!(RandomFeatures::new(1.0, 1.0, 0.5, 0.0).is_err());
        assert!(RandomFeatures::new(1.0, 1.0, f64::NAN, 0.3).is_err());
        let features = RandomFeatures::new(1.0, 1.0, 0.5, 0.3).unwrap();
        let task = |signal, noise| Task { signal, noise };
        assert!(features.risk(0.0, task(1.0, 0.0)).is_err());
        assert!(features.risk(0.1, task(-1.0, 0.0)).is_err());
        assert!(features.equivalent(0.1, task(1.0, f64::NAN)).is_err());
        assert!(features.flow(-1.0, task(1.0, 0.0)).is_err());
    }
}
