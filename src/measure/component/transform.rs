//! Stieltjes transforms of the elementary laws, evaluated in ball arithmetic.

use super::{Band, Component};
use crate::measure::Jet;
use crate::measure::ball::{Ball, Double, UNIT};
use num_complex::Complex64;

/// s, s′, s″ as discs.
#[derive(Debug, Clone, Copy)]
pub(in crate::measure) struct SumJet {
    pub(in crate::measure) value: Ball,
    pub(in crate::measure) first: Ball,
    pub(in crate::measure) second: Ball,
}

impl SumJet {
    /// The weighted sum self + weight·other, the weight known to the given relative error.
    pub(in crate::measure) fn plus(self, other: Self, weight: f64, weight_error: f64) -> Self {
        let weight = Ball::real(weight, weight.abs() * weight_error);
        Self {
            value: self.value + weight * other.value,
            first: self.first + weight * other.first,
            second: self.second + weight * other.second,
        }
    }

    /// The centres as values, the radii as error bounds.
    pub(in crate::measure) fn jet(self) -> Jet {
        Jet {
            value: self.value.centre,
            first: self.first.centre,
            second: self.second.centre,
            error: self.value.radius,
            first_error: self.first.radius,
            second_error: self.second.radius,
        }
    }
}

impl Component {
    /// s, s′, s″ for Im z ≥ 0; on the real axis inside the support of a density, the limit from
    /// above.
    pub(in crate::measure) fn transform(&self, z: Complex64) -> SumJet {
        let band = self.band();
        match *self {
            Self::Atom(_) => unreachable!("atoms are summed in twice the precision"),
            Self::Uniform { .. } => uniform(band, z),
            Self::Semicircle { .. } => semicircle(band, z),
            Self::Arcsine { .. } => arcsine(band, z),
            Self::MarchenkoPastur {
                ratio, variance, ..
            } => {
                if band.reflected {
                    // X = origin − Y: s_X(z) = −s_Y(origin − z), and z ↦ −z̄ keeps the half-plane.
                    let mirrored = Complex64::new(-z.re, z.im);
                    let band = Band {
                        origin: -band.origin,
                        ..band
                    };
                    let jet = marchenko_pastur(band, ratio, variance, mirrored);
                    SumJet {
                        value: -conj(jet.value),
                        first: conj(jet.first),
                        second: -conj(jet.second),
                    }
                } else {
                    marchenko_pastur(band, ratio, variance, z)
                }
            }
        }
    }
}

fn conj(w: Ball) -> Ball {
    Ball {
        centre: w.centre.conj(),
        radius: w.radius,
    }
}

/// z − origin − end.
fn from_end(band: Band, end: Double, z: Complex64) -> Ball {
    let (re, radius) = end.subtracted_from(z.re, band.origin);
    Ball {
        centre: Complex64::new(re, z.im),
        radius,
    }
}

/// z − origin − (lo + hi)/2.
fn from_middle(band: Band, z: Complex64) -> Ball {
    from_end(band, band.lo.add(band.hi).half(), z)
}

/// p = √(z − a), q = √(z − b), p + q and R = pq.
struct Roots {
    sum_square: Ball,
    product: Ball,
}

impl Roots {
    fn new(band: Band, z: Complex64) -> Self {
        let p = from_end(band, band.lo, z).sqrt_upper();
        let q = from_end(band, band.hi, z).sqrt_upper();
        let sum = p + q;
        Self {
            sum_square: sum * sum,
            product: p * q,
        }
    }
}

/// s = −4/(p + q)², s′ = −s/R, s″ = −2/R³.
fn semicircle(band: Band, z: Complex64) -> SumJet {
    let roots = Roots::new(band, z);
    let inverse = roots.product.recip();
    let value = roots.sum_square.recip().scale(-4.0);
    SumJet {
        value,
        first: -(value * inverse),
        second: (inverse * inverse * inverse).scale(-2.0),
    }
}

/// s = −1/R, s′ = w/R³, s″ = 1/R³ − 3w²/R⁵.
fn arcsine(band: Band, z: Complex64) -> SumJet {
    let inverse = Roots::new(band, z).product.recip();
    let ratio = from_middle(band, z) * inverse;
    let square = inverse * inverse;
    SumJet {
        value: -inverse,
        first: ratio * square,
        second: (Ball::exact(Complex64::new(1.0, 0.0)) - (ratio * ratio).scale(3.0))
            * inverse
            * square,
    }
}

/// s = 2/(g − z − R) with g = v|1 − c|; s′ = s²(p + q)²/(4R);
/// s″ = s′·(2s′/s − (b − a)²/(2(p + q)²R²)).
fn marchenko_pastur(band: Band, ratio: f64, variance: f64, z: Complex64) -> SumJet {
    let roots = Roots::new(band, z);
    let gap = Double::new(variance).mul(Double::sum(1.0, -ratio));
    let gap = if gap.hi < 0.0 { gap.neg() } else { gap };
    let denominator = -from_end(band, gap, z) - roots.product;
    let value = denominator.recip().scale(2.0);
    let inverse = roots.product.recip();
    let first = (value * value * roots.sum_square * inverse).scale(0.25);
    let length = band.hi.add(band.lo.neg());
    let length = Ball::real(length.hi, 2.0 * UNIT * length.hi);
    let slope = length * inverse;
    let curvature = (slope * slope * roots.sum_square.recip()).scale(0.5);
    // s′/s = (s/4)(p + q)²/R needs no division by a small s.
    let logarithmic = (value * roots.sum_square * inverse).scale(0.5);
    SumJet {
        value,
        first,
        second: first * (logarithmic - curvature),
    }
}

/// s = (ln(z − b) − ln(z − a))/(b − a), s′ = 1/((z − a)(z − b)), s″ = −2w s′².
fn uniform(band: Band, z: Complex64) -> SumJet {
    let (from_lo, from_hi) = (from_end(band, band.lo, z), from_end(band, band.hi, z));
    let w = from_middle(band, z);
    let length = band.hi.hi - band.lo.hi;
    let (below, above) = (from_lo.recip(), from_hi.recip());
    let first = below * above;
    let logarithm = log_ratio(from_lo, from_hi, w, length);
    SumJet {
        value: Ball::real(length, UNIT * length).recip() * logarithm,
        first,
        second: (w * below * above * first).scale(-2.0),
    }
}

/// ln(z − b) − ln(z − a) for Im z ≥ 0: real part ln|z − b| − ln|z − a|, imaginary part the angle
/// under which [a, b] is seen from z.
fn log_ratio(from_lo: Ball, from_hi: Ball, w: Ball, length: f64) -> Ball {
    let half = 0.5 * length;
    let distance = w.centre.norm();
    if distance > 64.0 * half {
        return log_ratio_far(w, half);
    }
    let (lo, hi) = (from_lo.centre, from_hi.centre);
    let y = lo.im;
    // Everything is homogeneous: dividing by the length keeps squares in range.
    let unit = 1.0 / length;
    let (lo, hi, w_re, y) = (lo.re * unit, hi.re * unit, w.centre.re * unit, y * unit);
    let angle = libm::atan2(y, lo * hi + y * y);
    let (near, far) = (hi * hi + y * y, lo * lo + y * y);
    // (|z − b|² − |z − a|²)/(|z − b|² + |z − a|²); the real part is artanh of it.
    let contrast = -2.0 * w_re / (near + far);
    let (real, rounding) = if contrast.abs() < 0.5 {
        let real = 0.5 * libm::log1p(2.0 * contrast / (1.0 - contrast));
        (real, 28.0 * real.abs())
    } else {
        // hypot and not the squares, which underflow for tiny Im z at an end.
        let (near, far) = (libm::log(libm::hypot(hi, y)), libm::log(libm::hypot(lo, y)));
        (near - far, 16.0 + 4.0 * (near.abs() + far.abs()))
    };
    // Inputs: each distance to an end is known to the ball radius, and d ln(z − b) = dz/(z − b).
    let input = from_lo.radius / from_lo.centre.norm() + from_hi.radius / from_hi.centre.norm();
    let error = 2.0 * input + UNIT * (24.0 * angle.abs() + rounding) + 8.0 * w.radius * unit;
    Ball {
        centre: Complex64::new(real, angle),
        radius: error * (1.0 + 1e-12),
    }
}

/// −2 artanh(u), u = h/w, |u| ≤ 1/64, by ten terms of u + u³/3 + u⁵/5 + ….
fn log_ratio_far(w: Ball, half: f64) -> Ball {
    let u = w.recip() * Ball::real(half, UNIT * half);
    let square = u * u;
    // The first radius holds the rest 1/21 u² + 1/23 u⁴ + …, at most 64⁻²/20.
    let mut series = Ball::real(1.0 / 19.0, UNIT + 1.0 / (64.0 * 64.0 * 20.0));
    for odd in [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = Ball::real(1.0 / odd, UNIT / odd) + square * series;
    }
    (u * series).scale(-2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ln((z − b)/(z − a)) on [−½, ½] for every z that the discs allow, not only for their centre.
    #[test]
    fn the_angle_of_an_interval_is_covered_for_all_points_of_the_discs() {
        for z in [
            Complex64::new(0.2, 0.3),
            Complex64::new(-0.5, 1e-2),
            Complex64::new(3.0, 1.0),
            Complex64::new(-20.0, 1.0),
            Complex64::new(0.0, 31.0),
        ] {
            for radius in [0.0, 1e-12, 1e-6, 1e-3] {
                let disc = |end: f64| Ball {
                    centre: z - end,
                    radius,
                };
                let found = log_ratio(disc(-0.5), disc(0.5), disc(0.0), 1.0);
                for phase in 0..8 {
                    let moved = z + Complex64::from_polar(radius, 0.8 * f64::from(phase));
                    let exact = ((moved - 0.5) / (moved + 0.5)).ln();
                    let off = (found.centre - exact).norm();
                    assert!(
                        off <= found.radius + 4e-16,
                        "{z} {radius:e}: {off:e} {found:?}"
                    );
                }
                // At most what the three discs can do, twice over, and a hundred roundings.
                let input = radius / (z + 0.5).norm() + radius / (z - 0.5).norm() + 8.0 * radius;
                assert!(found.radius >= 0.0 && found.radius <= 2.0 * input + 200.0 * UNIT);
            }
        }
    }
}
