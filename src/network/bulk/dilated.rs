//! The bulk of noise on a signal of full rank: wider than that of noise alone, and of another shape.

mod bootstrap;
mod family;
mod fit;

pub(super) use fit::Dilated;
pub use fit::DilatedFit;

use num_complex::Complex64;
use std::f64::consts::PI;
use thiserror::Error;

/// Law of the singular values of S + X/√n, X n × m standard noise, n ≥ m, when `share`·m singular values of S
/// equal `strength` and the others are 0.
///
/// With H the law of the squares of the singular values of S, f(w) = ∫H(dt)/(t − w) and h = 1 − γf, the squared
/// singular values have the Stieltjes transform f/h at
///
/// ```text
/// z = φ(w) = w h² + (1 − γ)h.
/// ```
///
/// S = 0 gives φ(w) = (1 + w)(γ + w)/w, the outlier map at w = θ²; and so it is here: a further spike θ lies at √φ(θ²)
/// if φ′(θ²) > 0. The edge is the φ of the largest critical point. In the bulk φ(w) = x has one root with Im w > 0, found
/// among the four of N² + (1 − γ)N(w − a) = xw(w − a)², a = strength², N = w(w − a)h.
///
/// # Accuracy the distribution function 2e-4: a grid of 800 points, whose mass is checked against 1 ([`DilatedError`])
/// # Source   R. Dozier and J. Silverstein (2007); P. Vallet, P. Loubaton and X. Mestre (2012) for φ
#[derive(Clone, PartialEq)]
pub struct DilatedLaw {
    ratio: f64,
    share: f64,
    /// strength².
    square: f64,
    /// The largest critical point of φ.
    critical: f64,
    /// Points y from 0 to the edge, and the distribution function there.
    grid: Vec<f64>,
    cdf: Vec<f64>,
}

/// Why there is no law.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum DilatedError {
    /// γ ∉ (0, 1].
    #[error("shape ratio {0} is not in (0, 1]")]
    RatioInvalid(f64),
    /// share ∉ [0, 1].
    #[error("share {0} is not in [0, 1]")]
    ShareInvalid(f64),
    /// strength is negative, above 100 or NaN.
    #[error("strength {0} is not in [0, 100]: it is in units of the noise")]
    StrengthInvalid(f64),
    /// The density does not integrate to 1: a wrong root was taken, or the bulk has parts too narrow for the grid.
    #[error("the density has mass {0}")]
    MassNotOne(f64),
}

const POINTS: usize = 800;
/// Largest |mass − 1|.
const MASS_ERROR: f64 = 2e-3;

impl std::fmt::Debug for DilatedLaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DilatedLaw")
            .field("ratio", &self.ratio)
            .field("share", &self.share)
            .field("strength", &self.square.sqrt())
            .finish_non_exhaustive()
    }
}

impl DilatedLaw {
    /// The law, with σ = 1.
    ///
    /// # Errors
    /// [`DilatedError`].
    pub fn new(ratio: f64, share: f64, strength: f64) -> Result<Self, DilatedError> {
        Self::on_grid(ratio, share, strength, POINTS)
    }

    /// [`new`](Self::new) with another number of points.
    fn on_grid(ratio: f64, share: f64, strength: f64, points: usize) -> Result<Self, DilatedError> {
        if !(ratio > 0.0 && ratio <= 1.0) {
            return Err(DilatedError::RatioInvalid(ratio));
        }
        if !(0.0..=1.0).contains(&share) {
            return Err(DilatedError::ShareInvalid(share));
        }
        if !(0.0..=100.0).contains(&strength) {
            return Err(DilatedError::StrengthInvalid(strength));
        }
        let mut law = Self {
            ratio,
            share,
            square: if share > 0.0 {
                strength * strength
            } else {
                0.0
            },
            critical: 0.0,
            grid: Vec::with_capacity(points + 1),
            cdf: Vec::with_capacity(points + 1),
        };
        law.critical = law.critical_point();
        law.integrate(points)?;
        Ok(law)
    }

    /// The end of the bulk.
    #[must_use]
    pub fn upper_edge(&self) -> f64 {
        self.phi(self.critical).0.sqrt()
    }

    /// √φ(θ²), where a further spike θ shows; the edge if it does not leave the bulk.
    #[must_use]
    pub fn location(&self, theta: f64) -> f64 {
        self.phi((theta * theta).max(self.critical)).0.sqrt()
    }

    /// The θ with [`location`](Self::location)(θ) = y; `None` for y up to the edge.
    #[must_use]
    pub fn strength_at(&self, y: f64) -> Option<f64> {
        let x = y * y;
        if x <= self.phi(self.critical).0 {
            return None;
        }
        // φ(w) > w.
        let w = bisect(self.critical, x, |w| self.phi(w).0 < x);
        Some(w.sqrt())
    }

    /// [`strength_at`](Self::strength_at), or the least strength that leaves the bulk.
    pub(super) fn strength_or_least(&self, y: f64) -> f64 {
        self.strength_at(y).unwrap_or(self.critical.sqrt())
    }

    /// (|⟨û, u⟩|², |⟨v̂, v⟩|²) in the limit, û on the side of n and v̂ on that of m, for a further spike
    /// θ = √w with singular vectors u, v orthogonal to those of S:
    ///
    /// ```text
    /// |⟨v̂, v⟩|² = φ′(w)/h(w),   |⟨û, u⟩|² = φ′(w)·w h(w)/φ(w);   both 0 where φ′(w) ≤ 0.
    /// ```
    ///
    /// In the deterministic equivalent of (WᵀW − z)⁻¹ the direction v has the entry h⁻¹/(θ² − w(z)), w(φ(w)) = w: this is its
    /// residue at z = φ(θ²); u the same with WWᵀ.
    #[must_use]
    pub fn overlaps(&self, theta: f64) -> (f64, f64) {
        let w = theta * theta;
        if w <= self.critical {
            return (0.0, 0.0);
        }
        let (phi, slope, _) = self.phi(w);
        let h = 1.0 - self.ratio * self.f(w).0;
        (slope * w * h / phi, slope / h)
    }

    /// s of (λ₁ − E)/s → F₁, E the squared edge: near it the density is (κ/π)√(E − x), s = (κm)^{−2/3},
    /// κ = f′/h² · √(2/φ″).
    #[must_use]
    pub fn edge_scale(&self, m: usize) -> f64 {
        let w = self.critical;
        let (_, _, second) = self.phi(w);
        let (f, slope, _) = self.f(w);
        let h = 1.0 - self.ratio * f;
        let kappa = slope / (h * h) * (2.0 / second).sqrt();
        1.0 / libm::cbrt((kappa * m as f64).powi(2))
    }

    /// ρ(y).
    #[must_use]
    pub fn density(&self, y: f64) -> f64 {
        let mut roots = START;
        2.0 * y * self.density_of_square(y * y, &mut roots)
    }

    /// F(y), by linear interpolation.
    #[must_use]
    pub fn cdf(&self, y: f64) -> f64 {
        interpolate(&self.grid, &self.cdf, y)
    }

    /// The y with F(y) = p.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        interpolate(&self.cdf, &self.grid, p)
    }

    /// f, f′, f″.
    fn f(&self, w: f64) -> (f64, f64, f64) {
        let (zero, at) = (1.0 / w, 1.0 / (w - self.square));
        let sum = |k: i32| (1.0 - self.share) * zero.powi(k) + self.share * at.powi(k);
        (-sum(1), sum(2), -2.0 * sum(3))
    }

    /// φ, φ′, φ″.
    fn phi(&self, w: f64) -> (f64, f64, f64) {
        let (f, f1, f2) = self.f(w);
        let (h, h1, h2) = (1.0 - self.ratio * f, -self.ratio * f1, -self.ratio * f2);
        let rest = 2.0 * w * h + 1.0 - self.ratio;
        (
            w * h * h + (1.0 - self.ratio) * h,
            h * h + rest * h1,
            4.0 * h * h1 + 2.0 * w * h1 * h1 + rest * h2,
        )
    }

    /// φ′ runs from −∞ at the largest atom of H to 1.
    fn critical_point(&self) -> f64 {
        let mut width = 1.0;
        while self.phi(self.square + width).1 < 0.0 {
            width *= 2.0;
        }
        bisect(self.square, self.square + width, |w| self.phi(w).1 < 0.0)
    }

    /// Im(f/h)/π at the root of φ(w) = x in the upper half-plane; `roots` are where the search begins and ends.
    fn density_of_square(&self, x: f64, roots: &mut [Complex64; 4]) -> f64 {
        let (a, g, p) = (self.square, self.ratio, self.share);
        // N = w² + bw + c, and the quartic by its coefficients from w³ down.
        let (b, c) = (g - a, -g * (1.0 - p) * a);
        let quartic = [
            2.0 * b + (1.0 - g) - x,
            b * b + 2.0 * c + (1.0 - g) * (b - a) + 2.0 * a * x,
            2.0 * b * c + (1.0 - g) * (c - a * b) - a * a * x,
            c * c - (1.0 - g) * a * c,
        ];
        simultaneous_roots(quartic, roots);
        let w = *roots
            .iter()
            .max_by(|u, v| u.im.total_cmp(&v.im))
            .expect("four roots");
        if w.im <= 1e-9 * w.norm() {
            return 0.0;
        }
        let f = -((1.0 - p) / w + p / (w - a));
        ((f / (1.0 - g * f)).im / PI).max(0.0)
    }

    /// F on the grid y = Y sin²t, by the trapezoidal rule in t, which is fine at both ends.
    fn integrate(&mut self, points: usize) -> Result<(), DilatedError> {
        let edge = self.upper_edge();
        let mut roots = START;
        let step = 0.5 * PI / points as f64;
        let (mut mass, mut last) = (0.0, 0.0);
        for i in 0..=points {
            let (sine, cosine) = libm::sincos(step * i as f64);
            let y = edge * sine * sine;
            let slope = if i == 0 || i == points {
                0.0
            } else {
                2.0 * y * self.density_of_square(y * y, &mut roots) * 2.0 * edge * sine * cosine
            };
            mass += 0.5 * step * (slope + last);
            last = slope;
            self.grid.push(y);
            self.cdf.push(mass);
        }
        if (mass - 1.0).abs() > MASS_ERROR {
            return Err(DilatedError::MassNotOne(mass));
        }
        self.cdf.iter_mut().for_each(|f| *f /= mass);
        Ok(())
    }
}

/// Where the search for roots begins: no symmetry, not real.
const START: [Complex64; 4] = [
    Complex64::new(1.0, 0.3),
    Complex64::new(-0.3, 0.95),
    Complex64::new(-0.9, -0.2),
    Complex64::new(0.2, -1.1),
];

/// The roots of w⁴ + q₀w³ + q₁w² + q₂w + q₃, all together (Weierstrass, Durand and Kerner).
fn simultaneous_roots(q: [f64; 4], roots: &mut [Complex64; 4]) {
    // The last roots of a real polynomial may lie on the axis and never leave it by themselves.
    for (root, start) in roots.iter_mut().zip(START) {
        *root += 1e-3 * start;
    }
    for _ in 0..200 {
        let mut change = 0.0f64;
        for i in 0..4 {
            let w = roots[i];
            let value = (((w + q[0]) * w + q[1]) * w + q[2]) * w + q[3];
            let product: Complex64 = (0..4).filter(|&j| j != i).map(|j| w - roots[j]).product();
            if product == Complex64::ZERO {
                continue;
            }
            let step = value / product;
            roots[i] = w - step;
            // Squares: the roots themselves cost more than all the rest.
            change = change.max(step.norm_sqr() / (1e-6 + w.norm_sqr()));
        }
        if change < 1e-24 {
            return;
        }
    }
}

/// Where `below` changes from true to false between lo and hi.
fn bisect(mut lo: f64, mut hi: f64, below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = 0.5 * (lo + hi);
        if middle <= lo || middle >= hi {
            return hi;
        }
        if below(middle) {
            lo = middle;
        } else {
            hi = middle;
        }
    }
}

/// The piecewise linear function through (x_i, y_i), x non-decreasing; constant beyond the ends.
fn interpolate(x: &[f64], y: &[f64], at: f64) -> f64 {
    let i = x.partition_point(|v| *v < at);
    if i == 0 {
        return y[0];
    }
    let Some(&right) = x.get(i) else {
        return y[y.len() - 1];
    };
    let left = x[i - 1];
    y[i - 1] + (y[i] - y[i - 1]) * (at - left) / (right - left)
}

#[cfg(test)]
mod tests {
    use super::super::{OutlierMap, SingularLaw};
    use super::*;

    #[test]
    fn without_signal_the_law_is_that_of_noise() {
        for ratio in [0.2, 0.7, 1.0] {
            let noise = SingularLaw::new(ratio).unwrap();
            for (share, strength) in [(0.0, 3.0), (0.3, 0.0), (1.0, 0.0)] {
                let law = DilatedLaw::new(ratio, share, strength).unwrap();
                assert!((law.upper_edge() - noise.upper_edge()).abs() < 1e-12);
                for p in [0.1, 0.5, 0.9] {
                    let y = noise.quantile(p);
                    assert!((law.cdf(y) - p).abs() < 5e-4, "{ratio} {p}: {}", law.cdf(y));
                    assert!((law.density(y) - noise.density(y)).abs() < 1e-8);
                }
                let map = OutlierMap::new(ratio);
                assert!((law.location(2.0) - map.location(2.0)).abs() < 1e-12);
                let (ours, known) = (law.overlaps(2.0), map.overlaps(2.0));
                assert!((ours.0 - known.0).abs() + (ours.1 - known.1).abs() < 1e-12);
                assert!((law.strength_at(3.0).unwrap() - map.strength(3.0).unwrap()).abs() < 1e-9);
                // (1 + √γ)^{4/3}γ^{−1/6} n^{−2/3}, the margin of Johnstone.
                let scale = (1.0 + ratio.sqrt()).powf(4.0 / 3.0) * ratio.powf(-1.0 / 6.0);
                let n = 1000.0 / ratio;
                let ours = law.edge_scale(1000) * n.powf(2.0 / 3.0);
                assert!((ours / scale - 1.0).abs() < 1e-6, "{ours} {scale}");
            }
        }
    }

    /// ∫x² of the squares: E (1/m) Tr WᵀW = 1 + share·strength², and E (1/m) Tr (WᵀW)² =
    /// M₂ + 2(1 + γ)M₁ + 1 + γ with M_k = share·strength^{2k}.
    #[test]
    fn the_first_two_moments_are_those_of_information_plus_noise() {
        for (ratio, share, strength) in [(0.5, 0.3, 1.5), (1.0, 0.1, 2.0), (0.8, 1.0, 0.9)] {
            let law = DilatedLaw::new(ratio, share, strength).unwrap();
            let (mut first, mut second) = (0.0, 0.0);
            for i in 0..20_000 {
                let x = law.quantile((f64::from(i) + 0.5) / 20_000.0).powi(2);
                first += x / 20_000.0;
                second += x * x / 20_000.0;
            }
            let moment = |k: i32| share * strength.powi(2 * k);
            let expected = 1.0 + moment(1);
            assert!(
                (first - expected).abs() < 3e-3 * expected,
                "{first} {expected}"
            );
            let expected = moment(2) + 2.0 * (1.0 + ratio) * moment(1) + 1.0 + ratio;
            assert!(
                (second - expected).abs() < 3e-3 * expected,
                "{second} {expected}"
            );
        }
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let error = |r, p, s| DilatedLaw::new(r, p, s).unwrap_err();
        assert_eq!(error(2.0, 0.5, 1.0), DilatedError::RatioInvalid(2.0));
        assert_eq!(error(0.5, 1.5, 1.0), DilatedError::ShareInvalid(1.5));
        assert_eq!(error(0.5, 0.5, -1.0), DilatedError::StrengthInvalid(-1.0));
        assert!(matches!(
            error(0.5, 0.5, f64::NAN),
            DilatedError::StrengthInvalid(_)
        ));
    }
}
