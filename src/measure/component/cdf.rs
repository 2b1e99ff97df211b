//! Distribution functions and moments of the elementary laws.

use super::Component;
use std::f64::consts::PI;

impl Component {
    /// Mass of (−∞, x].
    pub(in crate::measure) fn cdf(&self, x: f64) -> f64 {
        match *self {
            Self::Atom(location) => f64::from(u8::from(x >= location)),
            Self::Uniform { lo, hi } => ((x - lo) / (hi - lo)).clamp(0.0, 1.0),
            Self::Arcsine { lo, hi } => angle(x - lo, hi - x) / PI,
            Self::Semicircle { centre, variance } => {
                let radius = 2.0 * variance.sqrt();
                let offset = x - centre;
                minus_sine(2.0 * angle(offset + radius, radius - offset)) / (2.0 * PI)
            }
            Self::MarchenkoPastur {
                ratio,
                variance,
                origin,
                reflected,
            } => {
                if reflected {
                    1.0 - marchenko_pastur_cdf(ratio, variance, origin - x)
                } else {
                    marchenko_pastur_cdf(ratio, variance, x - origin)
                }
            }
        }
    }

    /// ∫ tᵏ.
    pub(in crate::measure) fn moment(&self, k: u32) -> f64 {
        match *self {
            Self::Atom(location) => location.powi(k.cast_signed()),
            Self::Uniform { lo, hi } => {
                let half = 0.5 * (hi - lo);
                symmetric_moment(k, lo + half, |j| {
                    half.powi(2 * j.cast_signed()) / f64::from(2 * j + 1)
                })
            }
            Self::Semicircle { centre, variance } => symmetric_moment(k, centre, |j| {
                variance.powi(j.cast_signed()) * binomial(2 * j, j) / f64::from(j + 1)
            }),
            Self::Arcsine { lo, hi } => {
                let half = 0.5 * (hi - lo);
                symmetric_moment(k, lo + half, |j| {
                    (0.5 * half).powi(2 * j.cast_signed()) * binomial(2 * j, j)
                })
            }
            Self::MarchenkoPastur {
                ratio,
                variance,
                origin,
                reflected,
            } => {
                let sign: f64 = if reflected { -1.0 } else { 1.0 };
                (0..=k)
                    .map(|j| {
                        binomial(k, j)
                            * origin.powi((k - j).cast_signed())
                            * sign.powi(j.cast_signed())
                            * narayana(j, ratio, variance)
                    })
                    .sum()
            }
        }
    }
}

/// θ ∈ [0, π] with x = m − h cos θ, from the distances to both ends.
fn angle(from_lo: f64, to_hi: f64) -> f64 {
    2.0 * libm::atan2(from_lo.max(0.0).sqrt(), to_hi.max(0.0).sqrt())
}

/// φ − sin φ without cancellation.
fn minus_sine(phi: f64) -> f64 {
    if phi > 0.75 {
        return phi - libm::sin(phi);
    }
    let square = phi * phi;
    let mut term = phi * square / 6.0;
    let mut sum = 0.0;
    for k in 2..12_u8 {
        sum += term;
        let k = f64::from(k);
        term *= -square / ((2.0 * k) * (2.0 * k + 1.0));
    }
    sum
}

/// Distribution function of the density part of Marchenko–Pastur, normalised to 1.
///
/// With x = v(1 + c − 2√c cos θ): F = [mθ + h sin θ − 2√(ab) atan(√(b/a) tan(θ/2))]/(2πv min(c, 1)).
/// For c far from 1 the terms cancel; there 1/(1 + k² − 2k cos θ) = Σ kⁿ sin((n+1)θ)/sin θ,
/// k = min(√c, 1/√c), gives F = (1/π) Σ kⁿ [sin(nθ)/n − sin((n+2)θ)/(n+2)].
fn marchenko_pastur_cdf(ratio: f64, variance: f64, x: f64) -> f64 {
    let root = ratio.sqrt();
    let inner = (1.0 - ratio) / (1.0 + root);
    let (lo, hi) = (
        variance * inner * inner,
        variance * (1.0 + root) * (1.0 + root),
    );
    let theta = angle(x - lo, hi - x);
    let k = if ratio <= 1.0 { root } else { 1.0 / root };
    let mass = if k <= 0.5 {
        let mut sum = 0.5 * minus_sine(2.0 * theta);
        let mut power = k;
        let mut n = 1.0;
        while power > 1e-18 {
            sum += power * (libm::sin(n * theta) / n - libm::sin((n + 2.0) * theta) / (n + 2.0));
            power *= k;
            n += 1.0;
        }
        sum / PI
    } else {
        let half = 0.5 * theta;
        let (centre, half_length) = (1.0 + ratio, 2.0 * root);
        let turned = libm::atan2(
            (1.0 + root) * libm::sin(half),
            inner.abs() * libm::cos(half),
        );
        let sum =
            centre * theta + half_length * libm::sin(theta) - 2.0 * (1.0 - ratio).abs() * turned;
        sum / (2.0 * PI * ratio.min(1.0))
    };
    mass.clamp(0.0, 1.0)
}

/// Σ_j C(k, 2j) mᵏ⁻²ʲ μ_{2j}.
fn symmetric_moment(k: u32, middle: f64, central: impl Fn(u32) -> f64) -> f64 {
    (0..=k / 2)
        .map(|j| binomial(k, 2 * j) * middle.powi((k - 2 * j).cast_signed()) * central(j))
        .sum()
}

/// Moments of the normalised density part: vᵏ Σ_r C(k, r) C(k − 1, r) c^r/(r + 1), over min(1, 1/c).
fn narayana(k: u32, ratio: f64, variance: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    let sum: f64 = (0..k)
        .map(|r| {
            binomial(k, r) * binomial(k - 1, r) * ratio.powi(r.cast_signed()) / f64::from(r + 1)
        })
        .sum();
    variance.powi(k.cast_signed()) * sum * ratio.max(1.0)
}

/// C(n, k); exact while it is below 2⁵³.
fn binomial(n: u32, k: u32) -> f64 {
    let k = k.min(n - k);
    (0..k).fold(1.0, |product, j| {
        product * f64::from(n - j) / f64::from(j + 1)
    })
}
