//! Laws of the entries, all with mean 0 and variance 1.

use super::normal::{ln, normal_quantile, normal_quantiles};
use super::stream::{open_uniform, open_uniforms};
use pulp::{Arch, Simd, WithSimd};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::{FRAC_2_PI, PI};

/// Law of an entry X, E X = 0, E X² = 1, drawn as X = Q(u) with Q its quantile function.
///
/// Every Q is non-decreasing, so that laws fed with the same uniforms are positively correlated
/// (common random numbers) and u, 1 − u are antithetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryLaw {
    /// N(0, 1).
    Gaussian,
    /// Uniform on [−√3, √3].
    Uniform,
    /// (|g| − √(2/π))/√(1 − 2/π) in law, g normal: skewed to the right.
    HalfNormal,
    /// ±1, each with probability ½.
    Rademacher,
    /// 2 with probability 1/5, −½ with probability 4/5.
    SkewedTwoPoint,
    /// Symmetric, P(|X| > x) = (1 + 2x²/3)^{−5/2}: tail index 5, hence E X⁴ = 6 and E|X|⁵ = ∞.
    HeavyTailed,
}

impl EntryLaw {
    /// All laws.
    pub const ALL: [Self; 6] = [
        Self::Gaussian,
        Self::Uniform,
        Self::HalfNormal,
        Self::Rademacher,
        Self::SkewedTwoPoint,
        Self::HeavyTailed,
    ];

    /// Name for ledgers and stream keys.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Gaussian => "gaussian",
            Self::Uniform => "uniform",
            Self::HalfNormal => "half-normal",
            Self::Rademacher => "rademacher",
            Self::SkewedTwoPoint => "skewed-two-point",
            Self::HeavyTailed => "heavy-tailed",
        }
    }

    /// L = sup T′ of the monotone map T = Q ∘ Φ that takes a standard normal to X.
    ///
    /// Uniform: T = √3(2Φ − 1), T′ = 2√3 φ ≤ 2√3/√(2π) = √(6/π).
    /// Half-normal: |g| in law is h(g), 1 − Φ(h) = (1 − Φ(g))/2, h′ = ½I(q)/I(q/2) with
    /// q = 1 − Φ(g) and I = φ ∘ Φ⁻¹; I is concave and I(0) = 0, so I(q/2) ≥ I(q)/2 and h′ ≤ 1.
    /// `None`: T is not Lipschitz (a jump, or tails heavier than the normal's).
    #[must_use]
    pub fn lipschitz(&self) -> Option<f64> {
        match self {
            Self::Gaussian => Some(1.0),
            Self::Uniform => Some((6.0 / PI).sqrt()),
            Self::HalfNormal => Some(1.0 / (1.0 - FRAC_2_PI).sqrt()),
            Self::Rademacher | Self::SkewedTwoPoint | Self::HeavyTailed => None,
        }
    }

    /// Cumulant κ_k of X.
    ///
    /// # Domain   3 ≤ k ≤ 6; panics otherwise
    /// # Value    `None` when E|X|^k = ∞ (k = 5, 6 of the heavy-tailed law)
    ///
    /// # Examples
    /// ```
    /// use rmt_verify::ensemble::EntryLaw;
    /// assert_eq!(EntryLaw::Rademacher.cumulant(4), Some(-2.0));
    /// assert_eq!(EntryLaw::SkewedTwoPoint.cumulant(3), Some(1.5));
    /// assert_eq!(EntryLaw::HeavyTailed.cumulant(5), None);
    /// ```
    #[must_use]
    pub fn cumulant(&self, k: u32) -> Option<f64> {
        assert!((3..=6).contains(&k), "cumulants of order 3 to 6, not {k}");
        let of = |cumulants: [f64; 4]| Some(cumulants[k as usize - 3]);
        match self {
            Self::Gaussian => of([0.0; 4]),
            Self::Uniform => of([0.0, -6.0 / 5.0, 0.0, 48.0 / 7.0]),
            Self::HalfNormal => {
                // In a = E|g|, from the moments a, 1, 2a, 3, 8a, 15 of |g|.
                let a = FRAC_2_PI.sqrt();
                let a2 = FRAC_2_PI;
                let s = (1.0 - a2).sqrt();
                of([
                    a * (2.0 * a2 - 1.0) / s.powi(3),
                    a2 * (4.0 - 6.0 * a2) / s.powi(4),
                    a * (3.0 + a2 * (24.0 * a2 - 20.0)) / s.powi(5),
                    a2 * (a2 * (120.0 - 120.0 * a2) - 28.0) / s.powi(6),
                ])
            }
            Self::Rademacher => of([0.0, -2.0, 0.0, 16.0]),
            Self::SkewedTwoPoint => of([1.5, 0.25, -8.625, -28.4375]),
            // X² = (3/2)(v^{−2/5} − 1), E v^{−2/5} = 5/3, E v^{−4/5} = 5.
            Self::HeavyTailed => [Some(0.0), Some(3.0), None, None][k as usize - 3],
        }
    }

    /// The interval [ess inf X, ess sup X] when it is bounded.
    #[must_use]
    pub fn support(&self) -> Option<(f64, f64)> {
        match self {
            Self::Uniform => Some((-3f64.sqrt(), 3f64.sqrt())),
            Self::Rademacher => Some((-1.0, 1.0)),
            Self::SkewedTwoPoint => Some((-0.5, 2.0)),
            Self::Gaussian | Self::HalfNormal | Self::HeavyTailed => None,
        }
    }

    /// Quantile Q(u).
    ///
    /// # Domain   0 < u < 1
    /// # Value    non-decreasing on the grid of [`open_uniform`] (half-normal: up to 4·2⁻⁵²);
    /// Q(1 − u) = −Q(u) there for the symmetric laws
    #[inline]
    #[must_use]
    pub fn from_uniform(&self, u: f64) -> f64 {
        match self {
            Self::Gaussian => normal_quantile(u),
            Self::Uniform => SQRT_3 * (2.0 * u - 1.0),
            Self::HalfNormal => {
                // (1 − u)/2 is exact where (1 + u)/2 would lose a bit.
                half_normal(-normal_quantile(0.5 * (1.0 - u)))
            }
            Self::Rademacher => (u - 0.5).signum(),
            Self::SkewedTwoPoint => {
                if u < 0.8 {
                    -0.5
                } else {
                    2.0
                }
            }
            Self::HeavyTailed => {
                let v = 2.0 * u.min(1.0 - u);
                let x = (1.5 * libm::expm1(-0.4 * libm::log(v))).sqrt();
                x.copysign(u - 0.5)
            }
        }
    }

    /// One draw: Q of the next [`open_uniform`]. Takes 8 bytes of the stream.
    #[inline]
    pub fn sample(&self, rng: &mut ChaCha8Rng) -> f64 {
        self.from_uniform(open_uniform(rng))
    }

    /// Fills `out` with the draws that [`sample`](Self::sample) would return one after the other,
    /// faster.
    pub fn fill(&self, rng: &mut ChaCha8Rng, out: &mut [f64]) {
        open_uniforms(rng, out);
        self.quantiles(out);
    }

    /// Replaces every u by Q(u): the bits of [`from_uniform`](Self::from_uniform), faster.
    pub(super) fn quantiles(&self, values: &mut [f64]) {
        match self {
            Self::Gaussian => normal_quantiles(values),
            Self::HalfNormal => {
                in_lanes(values, |u| 0.5 * (1.0 - u));
                normal_quantiles(values);
                in_lanes(values, |h| half_normal(-h));
            }
            Self::Uniform => in_lanes(values, |u| Self::Uniform.from_uniform(u)),
            Self::Rademacher => in_lanes(values, |u| Self::Rademacher.from_uniform(u)),
            Self::SkewedTwoPoint => in_lanes(values, |u| Self::SkewedTwoPoint.from_uniform(u)),
            Self::HeavyTailed => {
                // `expm1` is the one step that does not run in lanes. The sign of X waits in that
                // of the intermediate values, which are positive.
                in_lanes(values, |u| {
                    (-0.4 * ln(2.0 * u.min(1.0 - u))).copysign(u - 0.5)
                });
                for t in values.iter_mut() {
                    *t = libm::expm1(t.abs()).copysign(*t);
                }
                in_lanes(values, |e| (1.5 * e.abs()).sqrt().copysign(e));
            }
        }
    }
}

/// Replaces every x by f(x) in vector registers, as far as the compiler can.
fn in_lanes(values: &mut [f64], f: impl Fn(f64) -> f64) {
    struct Map<'a, F>(&'a mut [f64], F);

    impl<F: Fn(f64) -> f64> WithSimd for Map<'_, F> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            for x in self.0.iter_mut() {
                *x = (self.1)(*x);
            }
        }
    }

    Arch::new().dispatch(Map(values, f));
}

#[inline]
fn half_normal(h: f64) -> f64 {
    (h - HALF_NORMAL_MEAN) * HALF_NORMAL_SCALE
}

const SQRT_3: f64 = 1.732_050_807_568_877_2;
/// √(2/π)
const HALF_NORMAL_MEAN: f64 = 0.797_884_560_802_865_4;
/// 1/√(1 − 2/π)
const HALF_NORMAL_SCALE: f64 = 1.658_896_739_970_305_9;

impl EntryLaw {
    /// κ₈, from the central moments; `None` when it is infinite.
    #[must_use]
    pub fn eighth_cumulant(&self) -> Option<f64> {
        let central: [f64; 9] = match self {
            Self::Gaussian => return Some(0.0),
            Self::HeavyTailed => return None,
            Self::Uniform => std::array::from_fn(|k| {
                if k % 2 == 1 {
                    0.0
                } else {
                    3f64.powf(k as f64 / 2.0) / (k as f64 + 1.0)
                }
            }),
            Self::Rademacher => std::array::from_fn(|k| if k % 2 == 1 { 0.0 } else { 1.0 }),
            Self::SkewedTwoPoint => {
                std::array::from_fn(|k| 0.2 * 2f64.powi(k as i32) + 0.8 * (-0.5f64).powi(k as i32))
            }
            Self::HalfNormal => {
                let a = FRAC_2_PI.sqrt();
                let raw = [1.0, a, 1.0, 2.0 * a, 3.0, 8.0 * a, 15.0, 48.0 * a, 105.0];
                let scale = (1.0 - FRAC_2_PI).sqrt();
                std::array::from_fn(|k| {
                    (0..=k)
                        .map(|j| binomial(k, j) * raw[j] * (-a).powi((k - j) as i32))
                        .sum::<f64>()
                        / scale.powi(k as i32)
                })
            }
        };
        let [_, _, _, m3, m4, m5, m6, _, m8] = central;
        Some(
            m8 - 28.0 * m6 - 56.0 * m5 * m3 - 35.0 * m4 * m4 + 420.0 * m4 + 560.0 * m3 * m3 - 630.0,
        )
    }
}

fn binomial(n: usize, k: usize) -> f64 {
    (1..=k).map(|j| (n - k + j) as f64 / j as f64).product()
}
