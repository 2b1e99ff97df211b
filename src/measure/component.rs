//! The elementary laws that mixtures are made of, and their Stieltjes transforms.
//!
//! The four laws with a density live on one interval [a, b]. With p = √(z − a), q = √(z − b) in
//! the first quadrant and R = pq, which is √((z − a)(z − b)) on the branch R ~ z, sums such as
//! p + q never cancel, and the transforms are
//!
//! - semicircle: s = −4/(p + q)², s′ = −s/R, s″ = −2/R³;
//! - arcsine: s = −1/R, s′ = w/R³, s″ = (R² − 3w²)/R⁵ with w = z − (a + b)/2;
//! - Marchenko–Pastur: s = 2/(v|1 − c| − z − R), derivatives from s′ = s²(p + q)²/(4R);
//! - uniform: s = (ln(z − b) − ln(z − a))/(b − a), s′ = 1/((z − a)(z − b)).

mod cdf;
mod transform;

pub(super) use transform::SumJet;

use super::Interval;
use super::ball::Double;

/// An elementary law of total mass 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Component {
    /// δ at this location.
    Atom(f64),
    /// Density 1/(hi − lo) on [lo, hi].
    Uniform {
        /// Left end.
        lo: f64,
        /// Right end.
        hi: f64,
    },
    /// Density √(4V − (x − C)²)/(2πV) around the centre C.
    Semicircle {
        /// Mean C.
        centre: f64,
        /// Variance V.
        variance: f64,
    },
    /// The part with a density of the Marchenko–Pastur law of ratio c, normalised to mass 1:
    /// density √((b − x)(x − a))/(2π v min(c, 1) x) with a, b = v(1 ∓ √c)²,
    /// then reflected at 0 if `reflected`, then moved by `origin`.
    MarchenkoPastur {
        /// Ratio c of rows to columns.
        ratio: f64,
        /// Entry variance v.
        variance: f64,
        /// Image of 0.
        origin: f64,
        /// Whether the law lies left of its origin.
        reflected: bool,
    },
    /// Density 1/(π√((x − lo)(hi − x))) on [lo, hi].
    Arcsine {
        /// Left end.
        lo: f64,
        /// Right end.
        hi: f64,
    },
}

impl Component {
    /// The smallest closed interval of mass 1, ends rounded to the nearest binary64.
    #[must_use]
    pub fn support(&self) -> Interval {
        match *self {
            Self::Atom(location) => Interval {
                lo: location,
                hi: location,
            },
            Self::Uniform { lo, hi } | Self::Arcsine { lo, hi } => Interval { lo, hi },
            Self::Semicircle { centre, variance } => {
                let radius = 2.0 * variance.sqrt();
                Interval {
                    lo: centre - radius,
                    hi: centre + radius,
                }
            }
            Self::MarchenkoPastur {
                origin, reflected, ..
            } => {
                let band = self.band();
                let (near, far) = (band.lo.hi, band.hi.hi);
                if reflected {
                    Interval {
                        lo: origin - far,
                        hi: origin - near,
                    }
                } else {
                    Interval {
                        lo: origin + near,
                        hi: origin + far,
                    }
                }
            }
        }
    }

    /// The law of a + X, locations rounded to the nearest binary64.
    #[must_use]
    pub(super) fn shifted(self, a: f64) -> Self {
        match self {
            Self::Atom(t) => Self::Atom(t + a),
            Self::Uniform { lo, hi } => Self::Uniform {
                lo: lo + a,
                hi: hi + a,
            },
            Self::Arcsine { lo, hi } => Self::Arcsine {
                lo: lo + a,
                hi: hi + a,
            },
            Self::Semicircle { centre, variance } => Self::Semicircle {
                centre: centre + a,
                variance,
            },
            Self::MarchenkoPastur {
                ratio,
                variance,
                origin,
                reflected,
            } => Self::MarchenkoPastur {
                ratio,
                variance,
                origin: origin + a,
                reflected,
            },
        }
    }

    /// The law of aX for a ≠ 0, parameters rounded to the nearest binary64.
    #[must_use]
    pub(super) fn scaled(self, a: f64) -> Self {
        let image = |lo: f64, hi: f64| ((a * lo).min(a * hi), (a * lo).max(a * hi));
        match self {
            Self::Atom(t) => Self::Atom(a * t),
            Self::Uniform { lo, hi } => {
                let (lo, hi) = image(lo, hi);
                Self::Uniform { lo, hi }
            }
            Self::Arcsine { lo, hi } => {
                let (lo, hi) = image(lo, hi);
                Self::Arcsine { lo, hi }
            }
            Self::Semicircle { centre, variance } => Self::Semicircle {
                centre: a * centre,
                variance: a * a * variance,
            },
            Self::MarchenkoPastur {
                ratio,
                variance,
                origin,
                reflected,
            } => Self::MarchenkoPastur {
                ratio,
                variance: a.abs() * variance,
                origin: a * origin,
                reflected: reflected != a.is_sign_negative(),
            },
        }
    }

    /// Interval of the density relative to `origin`, in twice the working precision; near the
    /// edges that is what keeps z − a accurate.
    fn band(&self) -> Band {
        match *self {
            Self::Atom(location) => Band {
                origin: location,
                lo: Double::new(0.0),
                hi: Double::new(0.0),
                reflected: false,
            },
            Self::Uniform { lo, hi } | Self::Arcsine { lo, hi } => Band {
                origin: 0.0,
                lo: Double::new(lo),
                hi: Double::new(hi),
                reflected: false,
            },
            Self::Semicircle { centre, variance } => {
                let deviation = Double::sqrt(variance);
                let radius = deviation.add(deviation);
                Band {
                    origin: centre,
                    lo: radius.neg(),
                    hi: radius,
                    reflected: false,
                }
            }
            Self::MarchenkoPastur {
                ratio,
                variance,
                origin,
                reflected,
            } => {
                let (one, variance) = (Double::new(1.0), Double::new(variance));
                let outer = one.add(Double::sqrt(ratio));
                // (1 − √c)² = (1 − c)²/(1 + √c)²: 1 − c is exact in two doubles, 1 − √c is not.
                let inner = Double::sum(1.0, -ratio).div(outer);
                Band {
                    origin,
                    lo: variance.mul(inner.mul(inner)),
                    hi: variance.mul(outer.mul(outer)),
                    reflected,
                }
            }
        }
    }
}

/// Where a density lives: origin ± [lo, hi].
#[derive(Debug, Clone, Copy)]
struct Band {
    origin: f64,
    lo: Double,
    hi: Double,
    reflected: bool,
}
