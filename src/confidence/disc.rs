//! Discs in the complex plane that carry the confidence of a complex mean through functions.

use super::rounding::{add_up, mul_up, sqrt_up};
use super::{Confidence, Grade};
use num_complex::Complex64;

/// {w : |w − centre| ≤ radius}.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disc {
    /// Centre.
    pub centre: Complex64,
    /// Radius.
    pub radius: f64,
    /// Why it covers.
    pub grade: Grade,
}

impl Disc {
    /// The disc around the rectangle of two real intervals: radius √(h_re² + h_im²).
    #[must_use]
    pub fn from_parts(re: &Confidence, im: &Confidence) -> Self {
        let (a, b) = (re.halfwidth, im.halfwidth);
        Self {
            centre: Complex64::new(re.estimate, im.estimate),
            radius: sqrt_up(add_up(mul_up(a, a), mul_up(b, b))),
            grade: re.grade.max(im.grade),
        }
    }

    /// A number that is known up to `error`.
    #[must_use]
    pub fn known(centre: Complex64, error: f64) -> Self {
        Self {
            centre,
            radius: error,
            grade: Grade::Identity,
        }
    }

    /// f over the whole disc: f(c) with radius |f′(c)| r + ½ sup|f″| r².
    ///
    /// # Domain   f analytic on the disc, `second` ≥ sup |f″| there
    #[must_use]
    pub fn image(&self, value: Complex64, first: Complex64, second: f64) -> Self {
        let r = self.radius;
        let quadratic = mul_up(0.5, mul_up(second.abs(), mul_up(r, r)));
        Self {
            centre: value,
            radius: add_up(mul_up(norm_up(first), r), quadratic),
            grade: self.grade,
        }
    }

    /// f over the whole disc: f(c) with radius L r, for f with Lipschitz constant L there.
    #[must_use]
    pub fn lipschitz_image(&self, value: Complex64, lipschitz: f64) -> Self {
        Self {
            centre: value,
            radius: mul_up(lipschitz.abs(), self.radius),
            grade: self.grade,
        }
    }

    /// The same centre, radius larger by `error`.
    #[must_use]
    pub fn widened(&self, error: f64) -> Self {
        Self {
            radius: add_up(self.radius, error.abs()),
            ..*self
        }
    }

    /// {u + v}.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let centre = self.centre + other.centre;
        Self {
            centre,
            radius: add_up(add_up(self.radius, other.radius), rounding_of(centre)),
            grade: self.grade.max(other.grade),
        }
    }

    /// {u − v}, u and v free of each other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&Self {
            centre: -other.centre,
            ..*other
        })
    }

    /// {k u}.
    #[must_use]
    pub fn scaled(&self, k: Complex64) -> Self {
        let centre = self.centre * k;
        Self {
            centre,
            radius: add_up(mul_up(norm_up(k), self.radius), 2.0 * rounding_of(centre)),
            grade: self.grade,
        }
    }

    /// A disc around {u v}: |uv − c₁c₂| ≤ |c₁| r₂ + |c₂| r₁ + r₁ r₂.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let centre = self.centre * other.centre;
        let mixed = add_up(
            mul_up(norm_up(self.centre), other.radius),
            mul_up(norm_up(other.centre), self.radius),
        );
        Self {
            centre,
            radius: add_up(
                add_up(mixed, mul_up(self.radius, other.radius)),
                2.0 * rounding_of(centre),
            ),
            grade: self.grade.max(other.grade),
        }
    }

    /// A disc around {1/u}: |1/u − 1/c| ≤ r/(|c|(|c| − r)); `None` when 0 lies in the disc.
    #[must_use]
    pub fn reciprocal(&self) -> Option<Self> {
        let size = self.centre.norm().next_down().next_down();
        let clearance = (size - self.radius).next_down();
        if clearance <= 0.0 {
            return None;
        }
        let centre = self.centre.inv();
        let radius = (self.radius / (size * clearance)).next_up() * (1.0 + 4.0 * f64::EPSILON);
        Some(Self {
            centre,
            radius: add_up(radius, 2.0 * rounding_of(centre)),
            grade: self.grade,
        })
    }

    /// Real part as an interval.
    #[must_use]
    pub fn re(&self) -> Confidence {
        Confidence {
            estimate: self.centre.re,
            halfwidth: self.radius,
            grade: self.grade,
        }
    }

    /// Imaginary part as an interval.
    #[must_use]
    pub fn im(&self) -> Confidence {
        Confidence {
            estimate: self.centre.im,
            halfwidth: self.radius,
            grade: self.grade,
        }
    }

    /// Whether w lies in the disc.
    #[must_use]
    pub fn covers(&self, w: Complex64) -> bool {
        (w - self.centre).norm() <= self.radius
    }
}

/// An upper bound of |w|: hypot is within one ulp.
fn norm_up(w: Complex64) -> f64 {
    if w.im == 0.0 || w.re == 0.0 {
        w.re.abs().max(w.im.abs())
    } else {
        libm::hypot(w.re, w.im).next_up().next_up()
    }
}

/// Rounding of one complex product or sum with this result, both parts: at most 2ε|w|.
fn rounding_of(w: Complex64) -> f64 {
    2.0 * f64::EPSILON * (w.re.abs() + w.im.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn disc(re: f64, im: f64, radius: f64) -> Disc {
        Disc::known(Complex64::new(re, im), radius)
    }

    #[test]
    fn a_disc_around_zero_has_no_reciprocal() {
        assert!(disc(0.5, 0.0, 0.5).reciprocal().is_none());
        assert!(disc(0.5, 0.0, 0.49).reciprocal().is_some());
    }

    #[test]
    fn reciprocal_of_a_real_disc_reaches_its_far_end() {
        // 1/[1, 3] = [1/3, 1] around 1/2: radius 1/2 is attained.
        let image = disc(2.0, 0.0, 1.0).reciprocal().unwrap();
        assert!((image.radius - 0.5).abs() < 1e-14 && image.radius >= 0.5);
    }

    /// Rims are attained: |c₁|r₂ + |c₂|r₁ + r₁r₂ by a product, r/(|c|(|c| − r)) by a reciprocal.
    #[test]
    fn radii_are_the_largest_distances_of_image_points() {
        let exactly = |found: f64, least: f64| {
            assert!(least * (1.0 - 1e-14) <= found, "{found:e} {least:e}");
            assert!(found <= least * (1.0 + 1e-9), "{found:e} {least:e}");
        };
        let discs = [
            disc(3.0, 4.0, 1e-3),
            disc(-0.02, 0.05, 0.01),
            disc(80.0, -7.0, 0.5),
        ];
        for x in discs {
            let (size, r) = (x.centre.norm(), x.radius);
            let inverse = x.reciprocal().unwrap();
            exactly(inverse.radius, r / (size * (size - r)));
            assert!((inverse.centre * x.centre - 1.0).norm() < 1e-15);
            exactly(
                x.scaled(Complex64::new(0.6, -8.0)).radius,
                64.36f64.sqrt() * r,
            );
            exactly(x.lipschitz_image(x.centre, -7.0).radius, 7.0 * r);
            exactly(x.widened(-0.25).radius, r + 0.25);
            let first = Complex64::new(-0.3, 0.4);
            exactly(x.image(x.centre, first, -6.0).radius, 0.5 * r + 3.0 * r * r);
            for y in discs {
                let (other, s) = (y.centre.norm(), y.radius);
                exactly(x.times(&y).radius, size * s + other * r + r * s);
                exactly(x.plus(&y).radius, r + s);
                exactly(x.minus(&y).radius, r + s);
            }
        }
    }

    /// One part of a product or sum errs by ε/2 of itself or of its two terms: 2ε|w| cover both parts.
    #[test]
    fn points_grow_by_a_few_units_of_themselves_at_every_scale() {
        for unit in [1e-9, 1.0, 1e9] {
            for (re, im) in [(0.7, 0.1), (-0.3, 0.4), (1e-6, -1.0)] {
                let (x, y) = (disc(re * unit, im * unit, 0.0), disc(0.3, 1.1, 0.0));
                let images = [
                    x.plus(&disc(0.1 * unit, 0.0, 0.0)),
                    x.scaled(y.centre),
                    x.times(&y),
                    x.reciprocal().unwrap(),
                ];
                for image in images {
                    let share = image.radius / (f64::EPSILON * image.centre.norm());
                    assert!((2.0..8.0).contains(&share), "{image:?}: {share}");
                }
            }
        }
    }

    /// Zero is exact, and so is the modulus of a real or imaginary factor.
    #[test]
    fn discs_around_zero_scale_exactly_by_numbers_on_the_axes() {
        for k in [Complex64::new(-0.7, 0.0), Complex64::new(0.0, 0.7)] {
            assert_eq!(disc(0.0, 0.0, 0.3).scaled(k).radius, mul_up(0.7, 0.3));
        }
        let parts = Disc::from_parts(
            &Confidence::known(1.0, 3e-3),
            &Confidence::known(-2.0, 4e-3),
        );
        assert_eq!(parts.centre, Complex64::new(1.0, -2.0));
        assert!((parts.radius - 5e-3).abs() < 1e-17);
        assert_eq!(parts.re().estimate, 1.0);
        assert_eq!(
            (parts.im().estimate, parts.im().halfwidth),
            (-2.0, parts.radius)
        );
        assert!(parts.covers(Complex64::new(1.0, -2.0 + 4.9e-3)));
        assert!(!parts.covers(Complex64::new(1.0 + 4e-3, -2.0 + 4e-3)));
    }

    proptest! {
        #[test]
        fn arithmetic_covers_every_pair_of_points(
            (a, b, c, d) in (-3.0..3.0f64, -3.0..3.0f64, -3.0..3.0f64, -3.0..3.0f64),
            (r, s) in (0.0..1.0f64, 0.0..1.0f64),
            (u, v) in (0.0..std::f64::consts::TAU, 0.0..std::f64::consts::TAU),
        ) {
            let (x, y) = (disc(a, b, r), disc(c, d, s));
            // Points just inside the rim, so that rounding of the test itself cannot leave it.
            let inside = 1.0 - 1e-12;
            let p = x.centre + Complex64::from_polar(r * inside, u);
            let q = y.centre + Complex64::from_polar(s * inside, v);
            prop_assert!(x.plus(&y).covers(p + q));
            prop_assert!(x.minus(&y).covers(p - q));
            prop_assert!(x.times(&y).covers(p * q));
            prop_assert!(x.scaled(q).covers(p * q));
            if let Some(image) = x.reciprocal() {
                prop_assert!(image.covers(p.inv()));
            }
            // w ↦ w² by Taylor: f′ = 2c, f″ = 2.
            let square = x.image(x.centre * x.centre, 2.0 * x.centre, 2.0);
            prop_assert!(square.widened(1e-14).covers(p * p));
        }
    }
}
