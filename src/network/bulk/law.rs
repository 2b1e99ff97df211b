//! Marchenko–Pastur for singular values: the law, its distribution function and its quantiles.

use std::f64::consts::PI;
use thiserror::Error;

/// Law of the singular values of n × m noise, n ≥ m, with independent entries of variance 1/n.
///
/// Density ρ(y) = √((y₊² − y²)(y² − y₋²))/(πγy) on [y₋, y₊], y± = 1 ± √γ, γ = m/n. Noise of entry
/// variance σ²/n has the singular values σy.
///
/// With y² = 1 + γ − 2√γ cos θ, 0 ≤ θ ≤ π, all of it is smooth in θ:
///
/// ```text
/// dF = (2/π) sin²θ/y² dθ,   F(θ) = [θ + A − (A − k sin θ)/k²]/π,   A = atan(k sin θ/(1 − k cos θ)),   k = √γ.
/// ```
///
/// # Source   the series 1/(1 − 2k cos θ + k²) = Σ kⁿ sin((n+1)θ)/sin θ and Σ kⁿ sin(nθ)/n = A
/// # Examples
/// ```
/// use rmt_verify::network::bulk::SingularLaw;
/// // γ = 1 is the quarter circle, √(4 − y²)/π on [0, 2].
/// let law = SingularLaw::new(1.0)?;
/// assert!((law.density(1.0) - 3f64.sqrt() / std::f64::consts::PI).abs() < 1e-15);
/// assert!((law.cdf(law.quantile(0.3)) - 0.3).abs() < 1e-15);
/// # Ok::<(), rmt_verify::network::bulk::LawError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SingularLaw {
    ratio: f64,
    /// k = √γ.
    root: f64,
}

/// γ ∉ (0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("shape ratio {ratio} is not in (0, 1]: it is the smaller dimension over the larger")]
pub struct LawError {
    /// γ.
    pub ratio: f64,
}

impl SingularLaw {
    /// The law for γ = m/n.
    ///
    /// # Errors
    /// γ ∉ (0, 1]; in particular a ratio turned upside down.
    pub fn new(ratio: f64) -> Result<Self, LawError> {
        if ratio > 0.0 && ratio <= 1.0 {
            Ok(Self {
                ratio,
                root: ratio.sqrt(),
            })
        } else {
            Err(LawError { ratio })
        }
    }

    /// The law of an n × m or m × n matrix, both at least 1.
    pub(super) fn of_shape(large: usize, small: usize) -> Self {
        Self::new(small as f64 / large as f64).expect("1 ≤ m ≤ n")
    }

    /// γ.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.ratio
    }

    /// y₋ = 1 − √γ, written so that γ near 1 loses nothing.
    #[must_use]
    pub fn lower_edge(&self) -> f64 {
        (1.0 - self.ratio) / (1.0 + self.root)
    }

    /// y₊ = 1 + √γ.
    #[must_use]
    pub fn upper_edge(&self) -> f64 {
        1.0 + self.root
    }

    /// ρ(y); 0 off the support.
    #[must_use]
    pub fn density(&self, y: f64) -> f64 {
        let (lo, hi) = (self.lower_edge(), self.upper_edge());
        if !(y >= lo && y <= hi) {
            return 0.0;
        }
        if self.ratio == 1.0 {
            return ((hi - y) * (hi + y)).sqrt() / PI;
        }
        let product = ((hi - y) * (hi + y) * (y - lo) * (y + lo)).sqrt();
        product / (PI * self.ratio * y)
    }

    /// F(y), the mass of [0, y].
    #[must_use]
    pub fn cdf(&self, y: f64) -> f64 {
        let (lo, hi) = (self.lower_edge(), self.upper_edge());
        if y <= lo {
            return 0.0;
        }
        if y >= hi {
            return 1.0;
        }
        // tan(θ/2) = √((y² − y₋²)/(y₊² − y²)): no cancellation at either edge.
        let below = (y - lo) * (y + lo);
        let above = (hi - y) * (hi + y);
        self.mass(2.0 * libm::atan2(below.sqrt(), above.sqrt()))
    }

    /// The y with F(y) = p.
    ///
    /// # Domain   0 ≤ p ≤ 1; other p are taken to the nearer end
    /// # Accuracy 1e-13 for 1e-6 ≤ p ≤ 1 − 1e-6, against a quadrature of the density and a bisection
    /// (tests of this module)
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let half = libm::sin(0.5 * self.angle(p.clamp(0.0, 1.0)));
        libm::hypot(self.lower_edge(), 2.0 * self.root.sqrt() * half)
    }

    /// The squared quantiles at (i − ½)/m, i = m, …, 1: where m squared singular values should lie,
    /// the largest first.
    pub(super) fn squared_midpoints(&self, m: usize) -> Vec<f64> {
        let at = |i: usize| self.quantile((i as f64 + 0.5) / m as f64);
        (0..m).rev().map(at).map(|y| y * y).collect()
    }

    /// F as a function of θ.
    fn mass(&self, theta: f64) -> f64 {
        let k = self.root;
        let sine = libm::sin(theta);
        let mass = if k <= 0.5 {
            // A − k sin θ cancels for small k: sum Σ kⁿ [sin(nθ)/n − sin((n+2)θ)/(n+2)] instead.
            let (mut sum, mut power, mut n) = (theta - 0.5 * libm::sin(2.0 * theta), k, 1.0);
            while power > 1e-18 {
                sum +=
                    power * (libm::sin(n * theta) / n - libm::sin((n + 2.0) * theta) / (n + 2.0));
                power *= k;
                n += 1.0;
            }
            sum
        } else {
            let a = libm::atan2(k * sine, 1.0 - k * libm::cos(theta));
            theta + a - (a - k * sine) / self.ratio
        };
        (mass / PI).clamp(0.0, 1.0)
    }

    /// F′(θ) = (2/π) sin²θ/y².
    fn slope(&self, theta: f64) -> f64 {
        let sine = libm::sin(theta);
        let half = 2.0 * libm::sin(0.5 * theta);
        let square = self.lower_edge().powi(2) + self.root * half * half;
        if square == 0.0 {
            // γ = 1 at θ = 0: sin²θ/(4 sin²(θ/2)) = cos²(θ/2) = 1.
            return 2.0 / PI;
        }
        2.0 * sine * sine / (PI * square)
    }

    /// The θ with F(θ) = p: Newton's steps inside a bracket, which is halved when one leaves it.
    fn angle(&self, p: f64) -> f64 {
        let (mut lo, mut hi) = (0.0, PI);
        let mut theta = PI * p;
        loop {
            let excess = self.mass(theta) - p;
            if excess == 0.0 {
                return theta;
            }
            if excess > 0.0 {
                hi = theta;
            } else {
                lo = theta;
            }
            let newton = theta - excess / self.slope(theta);
            let next = if newton > lo && newton < hi {
                newton
            } else {
                0.5 * (lo + hi)
            };
            if (next - theta).abs() <= 1e-15 || hi - lo <= 1e-15 {
                return next;
            }
            theta = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATIOS: [f64; 8] = [1e-6, 1e-3, 0.2, 0.25, 0.26, 0.5, 0.999, 1.0];

    /// F by Simpson's rule on the density in t, y = c − h cos t, which removes both square roots.
    fn by_quadrature(law: &SingularLaw, y: f64) -> f64 {
        let (lo, hi) = (law.lower_edge(), law.upper_edge());
        let (centre, half) = (0.5 * (lo + hi), 0.5 * (hi - lo));
        let end = libm::acos(((centre - y) / half).clamp(-1.0, 1.0));
        const STEPS: usize = 40_000;
        let step = end / STEPS as f64;
        let f = |i: usize| {
            let t = step * i as f64;
            law.density(centre - half * libm::cos(t)) * half * libm::sin(t)
        };
        let inner: f64 = (1..STEPS)
            .map(|i| if i % 2 == 1 { 4.0 } else { 2.0 } * f(i))
            .sum();
        (f(0) + inner + f(STEPS)) * step / 3.0
    }

    #[test]
    fn distribution_function_is_the_integral_of_the_density() {
        for ratio in RATIOS {
            let law = SingularLaw::new(ratio).unwrap();
            for share in [0.05, 0.3, 0.5, 0.9, 1.0] {
                let y = law.lower_edge() + share * (law.upper_edge() - law.lower_edge());
                let (ours, integral) = (law.cdf(y), by_quadrature(&law, y));
                assert!(
                    (ours - integral).abs() < 1e-10,
                    "{ratio} {y}: {ours} {integral}"
                );
            }
        }
    }

    /// Against bisection of the law of squares in `measure`, another parametrisation and code.
    #[test]
    fn quantiles_agree_with_bisection_of_the_law_of_squares() {
        use crate::measure::SpectralMeasure;
        for ratio in RATIOS {
            let law = SingularLaw::new(ratio).unwrap();
            let squares = SpectralMeasure::marchenko_pastur(ratio, 1.0).unwrap();
            for p in [1e-3, 0.02, 0.2, 0.5, 0.8, 0.999] {
                let (mut lo, mut hi) = (law.lower_edge(), law.upper_edge());
                for _ in 0..60 {
                    let middle = 0.5 * (lo + hi);
                    if squares.cdf(middle * middle) < p {
                        lo = middle;
                    } else {
                        hi = middle;
                    }
                }
                let y = law.quantile(p);
                assert!(
                    (y - lo).abs() < 1e-10 * (hi - lo).max(1.0),
                    "{ratio} {p}: {y} {lo}"
                );
            }
        }
    }

    #[test]
    fn quantiles_invert_the_distribution_function_far_into_the_tails() {
        for ratio in RATIOS {
            let law = SingularLaw::new(ratio).unwrap();
            for p in [1e-6, 1e-4, 0.1, 0.5, 0.9, 1.0 - 1e-4, 1.0 - 1e-6] {
                let back = law.cdf(law.quantile(p));
                // y is rounded at 1e-16, which the slope 1/√γ of F in y magnifies.
                let allowed = 1e-13 + 1e-15 / ratio.sqrt();
                assert!((back - p).abs() < allowed, "{ratio} {p}: {back}");
            }
            assert_eq!(law.quantile(0.0), law.lower_edge());
            assert!((law.quantile(1.0) - law.upper_edge()).abs() < 1e-15);
        }
    }

    #[test]
    fn a_ratio_turned_upside_down_is_refused() {
        for ratio in [0.0, -1.0, 2.0, f64::NAN, f64::INFINITY] {
            assert!(SingularLaw::new(ratio).is_err());
        }
    }
}
