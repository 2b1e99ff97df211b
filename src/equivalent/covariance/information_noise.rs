//! A rank-one signal in rectangular noise.

use super::TraceFluctuation;
use crate::equivalent::{EquivalentError, Population, SampleCovariance};
use num_complex::Complex64;

/// X₀ = Z/√d + √θ uvᵀ, d × n, h = n/d: the largest singular value and its vectors, for θ > √h.
///
/// ```text
/// λ_max(X₀ᵀX₀) → (1 + θ)(h + θ)/θ,  |⟨v̂, v⟩|² → 1 − h(1 + θ)/(θ(θ + h)),  |⟨û, u⟩|² → 1 − (h + θ)/(θ(θ + 1)),
/// ```
///
/// v in ℝⁿ, u in ℝᵈ. For θ ≤ √h: (1 + √h)², 0 and 0.
///
/// # Source   F. Benaych-Georges and R. Nadakuditi (2012), section 3.1
/// # Examples
/// ```
/// use rmt_verify::equivalent::covariance::InformationNoise;
/// // h = 2, θ = 4.
/// let limit = InformationNoise::new(2.0, 4.0)?;
/// assert_eq!(limit.location(), 7.5);
/// assert!((limit.left_overlap() - 0.7).abs() < 1e-15);
/// assert!((limit.right_overlap() - 7.0 / 12.0).abs() < 1e-15);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InformationNoise {
    ratio: f64,
    strength: f64,
}

impl InformationNoise {
    /// h = n/d and θ.
    ///
    /// # Errors   h not in (0, ∞); θ not in [0, ∞)
    pub fn new(ratio: f64, strength: f64) -> Result<Self, EquivalentError> {
        if !(ratio > 0.0 && ratio.is_finite()) {
            return Err(EquivalentError::RatioInvalid { ratio });
        }
        if !(strength >= 0.0 && strength.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name: "strength θ",
                value: strength,
                allowed: "finite and not negative",
            });
        }
        Ok(Self { ratio, strength })
    }

    /// θ > √h.
    #[must_use]
    pub fn separates(&self) -> bool {
        self.strength * self.strength > self.ratio
    }

    /// lim λ_max(X₀ᵀX₀).
    #[must_use]
    pub fn location(&self) -> f64 {
        let (h, t) = (self.ratio, self.strength);
        if self.separates() {
            (1.0 + t) * (h + t) / t
        } else {
            (1.0 + h.sqrt()).powi(2)
        }
    }

    /// lim |⟨û, u⟩|², u in ℝᵈ.
    #[must_use]
    pub fn left_overlap(&self) -> f64 {
        let (h, t) = (self.ratio, self.strength);
        if self.separates() {
            (t * t - h) / (t * (t + 1.0))
        } else {
            0.0
        }
    }

    /// lim |⟨v̂, v⟩|², v in ℝⁿ.
    #[must_use]
    pub fn right_overlap(&self) -> f64 {
        let (h, t) = (self.ratio, self.strength);
        if self.separates() {
            (t * t - h) / (t * (t + h))
        } else {
            0.0
        }
    }
}

/// The same model at finite d and n, Gaussian noise: means to order 1/n.
///
/// With u a coordinate vector, row 1 of X₀ is w = √θ v + z/√d and λ is an eigenvalue iff −wᵀQ̃₀(λ)w = 1, Q̃₀ the resolvent without
/// that row; the expansion of its root is that of a covariance spike (`docs/derivations/covariance_orders.md`).
///
/// # Domain   θ above the threshold by a fixed amount; d, n ≥ 2
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FiniteInformationNoise {
    d: usize,
    n: usize,
    strength: f64,
}

impl FiniteInformationNoise {
    /// d, n and θ.
    ///
    /// # Errors   fewer than two rows or columns; a θ that does not separate
    pub fn new(d: usize, n: usize, strength: f64) -> Result<Self, EquivalentError> {
        if d.min(n) < 2 {
            return Err(EquivalentError::OutOfRange {
                name: "rows or columns",
                value: d.min(n) as f64,
                allowed: "at least 2",
            });
        }
        let limit = InformationNoise::new(n as f64 / d as f64, strength)?;
        if !limit.separates() {
            return Err(EquivalentError::OutOfRange {
                name: "strength θ",
                value: strength,
                allowed: "larger than √(n/d)",
            });
        }
        Ok(Self { d, n, strength })
    }

    /// E √λ_max to order 1/n.
    ///
    /// # Errors   an equation that was not solved
    pub fn mean_singular_value(&self) -> Result<f64, EquivalentError> {
        let Root {
            value,
            shift,
            variance,
        } = self.root(self.d, self.n, 1.0)?;
        Ok(value.sqrt() * (1.0 + 0.5 * shift / value - 0.125 * variance / (value * value)))
    }

    /// E |⟨û, u⟩|² to order 1/n: d log λ/d log α for the first row times √α, at every n.
    ///
    /// # Accuracy  a central difference: 1e-7
    /// # Errors    as [`mean_singular_value`](Self::mean_singular_value)
    pub fn mean_left_overlap(&self) -> Result<f64, EquivalentError> {
        self.overlap(self.d, self.n)
    }

    /// E |⟨v̂, v⟩|² to order 1/n: the left overlap of X₀ᵀ.
    ///
    /// # Accuracy, errors   as [`mean_left_overlap`](Self::mean_left_overlap)
    pub fn mean_right_overlap(&self) -> Result<f64, EquivalentError> {
        self.overlap(self.n, self.d)
    }

    fn overlap(&self, rows: usize, columns: usize) -> Result<f64, EquivalentError> {
        let step = 1e-4;
        let log = |factor: f64| -> Result<f64, EquivalentError> {
            let Root {
                value,
                shift,
                variance,
            } = self.root(rows, columns, factor)?;
            Ok(value.ln() + shift / value - 0.5 * variance / (value * value))
        };
        Ok((log(f64::exp(step))? - log(f64::exp(-step))?) / (2.0 * step))
    }

    /// λ of the rows × columns matrix of noise of variance 1/d with the first row times √factor.
    fn root(&self, rows: usize, columns: usize, factor: f64) -> Result<Root, EquivalentError> {
        let (d, k, theta) = (self.d as f64, columns as f64, self.strength);
        // The other rows are √scale times a matrix normalised by their number.
        let samples = (rows - 1) as f64;
        let scale = samples / d;
        let ratio = k / samples;
        let white = SampleCovariance::new(Population::isotropic(), ratio)?;
        let gain = factor * (theta + k / d);
        let at = |a: f64| Trace::at(&white, a, scale);
        // −gain·M decreases in a; it is 1 at the root.
        let edge = 1.0 + ratio.sqrt();
        let (mut lo, mut hi) = (edge, 2.0 * edge);
        while -gain * at(hi).value > 1.0 {
            hi *= 2.0;
        }
        while hi - lo > 1e-15 * hi {
            let middle = 0.5 * (lo + hi);
            if middle <= lo || middle >= hi {
                break;
            }
            if -gain * at(middle).value > 1.0 {
                lo = middle;
            } else {
                hi = middle;
            }
        }
        let m = at(0.5 * (lo + hi));
        // Var wᵀQ̃₀w = 2(θ²/k)(M′ − M²) + (4θ/d + 2k/d²)M′, v uniform on the sphere; half its derivative is the covariance
        // with the derivative of the form.
        let (own, noise) = (2.0 * theta * theta / k, 4.0 * theta / d + 2.0 * k / (d * d));
        let spread = own * (m.first - m.value * m.value) + noise * m.first;
        let joint = 0.5 * own * (m.second - 2.0 * m.value * m.first) + 0.5 * noise * m.second;
        let (spread, joint) = (spread * factor * factor, joint * factor * factor);
        let bias = -gain * m.bias / k;
        let (h1, h2) = (-gain * m.first, -gain * m.second);
        let shift = -(0.5 * h2 * spread / (h1 * h1) + bias - joint / h1) / h1;
        Ok(Root {
            value: m.location,
            shift,
            variance: spread / (h1 * h1),
        })
    }
}

/// A root, the mean of what it is moved by, and its variance.
struct Root {
    value: f64,
    shift: f64,
    variance: f64,
}

/// M = (1/k)tr Q̃₀ right of the bulk, its derivatives in λ, and the bias of tr Q̃₀.
struct Trace {
    location: f64,
    value: f64,
    first: f64,
    second: f64,
    bias: f64,
}

impl Trace {
    /// Where the companion of the normalised matrix is −1/a.
    fn at(white: &SampleCovariance, a: f64, scale: f64) -> Self {
        let c = white.ratio();
        let at = TraceFluctuation::of_companion(white, Complex64::new(-1.0 / a, 0.0));
        let z = at.z().re;
        let part = 1.0 - c;
        Self {
            location: scale * z,
            value: (at.companion().re + part / z) / (c * scale),
            first: (at.companion_slope().re - part / (z * z)) / (c * scale.powi(2)),
            second: (at.companion_curvature().re + 2.0 * part / z.powi(3)) / (c * scale.powi(3)),
            bias: at.trace_bias(|_| 1.0, 0.0).re / scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_the_formulas_of_the_source() {
        for (h, t) in [(2.0, 4.0), (0.5, 1.3), (1.0, 9.0)] {
            let limit = InformationNoise::new(h, t).unwrap();
            let right = 1.0 - h * (1.0 + t) / (t * (t + h));
            let left = 1.0 - (h + t) / (t * (t + 1.0));
            assert!((limit.right_overlap() - right).abs() < 1e-15);
            assert!((limit.left_overlap() - left).abs() < 1e-15);
        }
    }

    /// X₀ᵀ has the strength θ/h and the ratio 1/h in its own units √n: the eigenvalue is multiplied by d/n = 1/h.
    #[test]
    fn transposition_exchanges_the_overlaps() {
        let (h, t) = (2.0, 4.0);
        let (one, other) = (
            InformationNoise::new(h, t).unwrap(),
            InformationNoise::new(1.0 / h, t / h).unwrap(),
        );
        assert!((one.location() / h - other.location()).abs() < 1e-14);
        assert!((one.left_overlap() - other.right_overlap()).abs() < 1e-14);
    }

    #[test]
    fn all_is_continuous_at_the_threshold() {
        let at = |t: f64| InformationNoise::new(2.0, t).unwrap();
        let edge = 2f64.sqrt();
        assert!((at(edge + 1e-7).location() - at(edge - 1e-7).location()).abs() < 1e-12);
        assert!(at(edge + 1e-7).left_overlap() < 1e-6);
        assert_eq!(at(1.0).right_overlap(), 0.0);
    }

    #[test]
    fn finite_means_tend_to_the_limit_like_one_over_n() {
        for (d, n, theta) in [(100, 200, 4.0), (150, 75, 3.0)] {
            let limit = InformationNoise::new(n as f64 / d as f64, theta).unwrap();
            let gaps = |factor: usize| {
                let at = FiniteInformationNoise::new(d * factor, n * factor, theta).unwrap();
                [
                    at.mean_singular_value().unwrap() - limit.location().sqrt(),
                    at.mean_left_overlap().unwrap() - limit.left_overlap(),
                    at.mean_right_overlap().unwrap() - limit.right_overlap(),
                ]
            };
            for (near, far) in gaps(100).into_iter().zip(gaps(200)) {
                assert!(
                    near.abs() < 1e-3 && (near / far - 2.0).abs() < 0.01,
                    "{near} {far}"
                );
            }
        }
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert!(FiniteInformationNoise::new(1, 5, 3.0).is_err());
        assert!(FiniteInformationNoise::new(10, 20, 1.0).is_err());
        assert!(InformationNoise::new(0.0, 1.0).is_err());
        assert!(InformationNoise::new(1.0, -1.0).is_err());
    }
}
