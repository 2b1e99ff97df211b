//! Closed forms. Second derivatives come from the heat equation E f″(τξ) = 2∂E f(τξ)/∂v, v = τ².

use super::{Activation, Moments};
use std::f64::consts::{FRAC_2_PI, FRAC_2_SQRT_PI, PI, SQRT_2};

/// φ(0) = 1/√(2π).
const PEAK: f64 = 0.5 * FRAC_2_SQRT_PI / SQRT_2;

/// Moments at the scale τ > 0.
pub(super) fn moments(s: &Activation, tau: f64) -> Moments {
    let v = tau * tau;
    match *s {
        Activation::Linear => Moments {
            mean: 0.0,
            slope: 1.0,
            curvature: 0.0,
            variance: v,
            slope_square: 1.0,
            square_curvature: 2.0,
        },
        Activation::Relu => Moments {
            mean: tau * PEAK,
            slope: 0.5,
            curvature: PEAK / tau,
            variance: v * (0.5 - 0.5 / PI),
            slope_square: 0.5,
            square_curvature: 1.0 - 1.0 / PI,
        },
        Activation::Erf => Moments {
            mean: 0.0,
            slope: FRAC_2_SQRT_PI / (1.0 + 2.0 * v).sqrt(),
            curvature: 0.0,
            variance: kernel(s, v, v, v),
            slope_square: 4.0 / PI / (1.0 + 4.0 * v).sqrt(),
            square_curvature: 8.0 / PI / ((1.0 + 2.0 * v) * (1.0 + 4.0 * v).sqrt()),
        },
        Activation::Cos => {
            let mean = libm::exp(-0.5 * v);
            // 1 − e^{−v} without cancellation.
            let lost = -libm::expm1(-v);
            Moments {
                mean,
                slope: 0.0,
                curvature: -mean,
                variance: 0.5 * lost * lost,
                slope_square: -0.5 * libm::expm1(-2.0 * v),
                square_curvature: 2.0 * mean * mean * lost,
            }
        }
        Activation::Sin => Moments {
            mean: 0.0,
            slope: libm::exp(-0.5 * v),
            curvature: 0.0,
            variance: -0.5 * libm::expm1(-2.0 * v),
            slope_square: 0.5 + 0.5 * libm::exp(-2.0 * v),
            square_curvature: 2.0 * libm::exp(-2.0 * v),
        },
        Activation::Sign => Moments {
            mean: 0.0,
            slope: 2.0 * PEAK / tau,
            curvature: 0.0,
            variance: 1.0,
            slope_square: f64::INFINITY,
            square_curvature: 0.0,
        },
        Activation::Square => Moments {
            mean: v,
            slope: 0.0,
            curvature: 2.0,
            variance: 2.0 * v * v,
            slope_square: 4.0 * v,
            square_curvature: 8.0 * v,
        },
        // The mixed terms are odd, and vanish.
        Activation::ErfSquare(weight) => {
            let (odd, even) = (
                moments(&Activation::Erf, tau),
                moments(&Activation::Square, tau),
            );
            let square = weight * weight;
            Moments {
                mean: weight * even.mean,
                slope: odd.slope,
                curvature: weight * even.curvature,
                variance: odd.variance + square * even.variance,
                slope_square: odd.slope_square + square * even.slope_square,
                square_curvature: odd.square_curvature + square * even.square_curvature,
            }
        }
        Activation::Tanh | Activation::Softplus => unreachable!("no closed form"),
    }
}

/// a_k, from the first one by the ratios of their closed forms: no factorial overflows.
pub(super) fn hermite(s: &Activation, k: u32) -> f64 {
    // Σ over steps of two from `first`, multiplied by ratio(j) from j to j + 2.
    let ladder = |first: u32, start: f64, ratio: &dyn Fn(f64) -> f64| {
        if k < first || (k - first) % 2 == 1 {
            return 0.0;
        }
        let steps = (first..k).step_by(2).map(|j| ratio(f64::from(j)));
        start * steps.product::<f64>()
    };
    let root = |j: f64| ((j + 1.0) * (j + 2.0)).sqrt();
    match *s {
        Activation::Linear => f64::from(k == 1),
        // E s He_k = φ(0)He_{k−2}(0) for k ≥ 2, and He_{j+2}(0) = −(j + 1)He_j(0).
        Activation::Relu => match k {
            0 => PEAK,
            1 => 0.5,
            _ => ladder(2, PEAK / SQRT_2, &|j| -(j - 1.0) / root(j)),
        },
        // E e^{−ξ²}He_{2m}(ξ) = (2m)!/m!·(−1/3)^m/√3.
        Activation::Erf => ladder(1, FRAC_2_SQRT_PI / 3f64.sqrt(), &|j| {
            -2.0 / 3.0 * j / root(j)
        }),
        Activation::Cos => ladder(0, libm::exp(-0.5), &|j| -1.0 / root(j)),
        Activation::Sin => ladder(1, libm::exp(-0.5), &|j| -1.0 / root(j)),
        Activation::Sign => ladder(1, 2.0 * PEAK, &|j| -j / root(j)),
        Activation::Square => match k {
            0 => 1.0,
            2 => SQRT_2,
            _ => 0.0,
        },
        Activation::ErfSquare(weight) => {
            hermite(&Activation::Erf, k) + weight * hermite(&Activation::Square, k)
        }
        Activation::Tanh | Activation::Softplus => unreachable!("no closed form"),
    }
}

/// The cosine r/√(ab), 0 when a variance is.
fn cosine(a: f64, b: f64, r: f64) -> f64 {
    let size = a.sqrt() * b.sqrt();
    if size == 0.0 {
        0.0
    } else {
        (r / size).clamp(-1.0, 1.0)
    }
}

/// E s(u)s(v), |r| ≤ √(ab).
pub(super) fn kernel(s: &Activation, a: f64, b: f64, r: f64) -> f64 {
    match *s {
        Activation::Linear => r,
        Activation::Relu => {
            let c = cosine(a, b, r);
            let sine = ((1.0 - c) * (1.0 + c)).sqrt();
            a.sqrt() * b.sqrt() / (2.0 * PI) * (c * libm::acos(-c) + sine)
        }
        Activation::Erf => {
            let size = (1.0 + 2.0 * a).sqrt() * (1.0 + 2.0 * b).sqrt();
            FRAC_2_PI * libm::asin(2.0 * r / size)
        }
        Activation::Cos => {
            let mean = 0.5 * (a + b);
            0.5 * (libm::exp(r - mean) + libm::exp(-r - mean))
        }
        // e^{−(a+b)/2}·sinh r = ½e^{r − (a+b)/2}(1 − e^{−2r}).
        Activation::Sin => {
            let size = r.abs();
            let value = -0.5 * libm::exp(size - 0.5 * (a + b)) * libm::expm1(-2.0 * size);
            value.copysign(r)
        }
        Activation::Sign if a == 0.0 || b == 0.0 => 0.0,
        Activation::Sign => FRAC_2_PI * libm::asin(cosine(a, b, r)),
        Activation::Square => a * b + 2.0 * r * r,
        Activation::ErfSquare(weight) => {
            let odd = kernel(&Activation::Erf, a, b, r);
            odd + weight * weight * kernel(&Activation::Square, a, b, r)
        }
        Activation::Tanh | Activation::Softplus => unreachable!("no closed form"),
    }
}

/// E s′(u)s′(v), |r| ≤ √(ab).
pub(super) fn slope_kernel(s: &Activation, a: f64, b: f64, r: f64) -> f64 {
    match *s {
        Activation::Linear => 1.0,
        Activation::Relu => libm::acos(-cosine(a, b, r)) / (2.0 * PI),
        Activation::Erf => {
            let size = (1.0 + 2.0 * a) * (1.0 + 2.0 * b);
            4.0 / PI / (size - 4.0 * r * r).sqrt()
        }
        Activation::Cos => kernel(&Activation::Sin, a, b, r),
        Activation::Sin => kernel(&Activation::Cos, a, b, r),
        // 4 times the density of (u, v) at 0.
        Activation::Sign => {
            let size = a.sqrt() * b.sqrt();
            FRAC_2_PI / ((size - r) * (size + r)).sqrt()
        }
        Activation::Square => 4.0 * r,
        Activation::ErfSquare(weight) => {
            slope_kernel(&Activation::Erf, a, b, r) + 4.0 * weight * weight * r
        }
        Activation::Tanh | Activation::Softplus => unreachable!("no closed form"),
    }
}
