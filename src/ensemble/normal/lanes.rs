//! [`normal_quantile`](super::normal_quantile) for many probabilities at once, in vector
//! registers: the same operations in the same order in every lane, hence the same bits.
//!
//! The 15 % of the probabilities that lie in the tails are collected before the central formula, which
//! is wrong for them, is evaluated for all without a branch; what is collected is evaluated densely
//! packed, and put back.

use super::coefficients::{C, D};
use super::{CENTRE, central_quantile, normal_quantile, ratio};
use pulp::{Arch, Simd, WithSimd, bytemuck};

/// Replaces every p by Φ⁻¹(p): the bits of [`normal_quantile`], on every processor.
pub(in crate::ensemble) fn normal_quantiles(values: &mut [f64]) {
    Arch::new().dispatch(Quantiles(values));
}

struct Quantiles<'a>(&'a mut [f64]);

impl WithSimd for Quantiles<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut tails = Tails::default();
        let (pages, rest) = self.0.as_chunks_mut();
        for page in pages {
            tails.replace(simd, page);
        }
        if rest.len() < WORTH_A_PAGE {
            rest.iter_mut().for_each(|x| *x = normal_quantile(*x));
        } else {
            let mut page = [0.5; PAGE];
            page[..rest.len()].copy_from_slice(rest);
            tails.replace(simd, &mut page);
            rest.copy_from_slice(&page[..rest.len()]);
        }
    }
}

/// Probabilities whose tails are collected together: a position among them is one byte.
const PAGE: usize = 256;
/// Fewer draws than these are made faster one by one.
const WORTH_A_PAGE: usize = 32;

/// The probabilities of one page that lie in the tails, densely packed.
struct Tails {
    count: usize,
    /// Where each stands in the page. Eight are written at a time.
    positions: [u8; PAGE + EIGHT],
    /// Probabilities, then their quantiles.
    values: [f64; PAGE],
}

impl Default for Tails {
    fn default() -> Self {
        Self {
            count: 0,
            positions: [0; PAGE + EIGHT],
            values: [NEAR; PAGE],
        }
    }
}

/// Any probability in the near tail: fills up the last vector.
const NEAR: f64 = 0.01;

const EIGHT: usize = 8;

impl Tails {
    /// Replaces every p of a page by Φ⁻¹(p).
    #[inline(always)]
    fn replace<S: Simd>(&mut self, simd: S, page: &mut [f64; PAGE]) {
        self.collect(simd, page);
        for x in page.iter_mut() {
            *x = central_quantile(*x - 0.5);
        }
        self.evaluate();
        let positions = &self.positions[..self.count];
        for (x, &at) in self.values.iter().zip(positions) {
            page[usize::from(at)] = *x;
        }
    }

    #[inline(always)]
    fn collect<S: Simd>(&mut self, simd: S, page: &[f64; PAGE]) {
        let mut count = 0;
        for (e, eight) in page.as_chunks().0.iter().enumerate() {
            let tails = tails(simd, eight);
            // The bytes stay below 256 and do not carry.
            let first = (EIGHT * e) as u64 * 0x0101_0101_0101_0101;
            let positions = u64::from_le_bytes(PLACES[usize::from(tails)]) + first;
            self.positions[count..count + EIGHT].copy_from_slice(&positions.to_le_bytes());
            count += tails.count_ones() as usize;
        }
        for (x, &at) in self.values.iter_mut().zip(&self.positions[..count]) {
            *x = page[usize::from(at)];
        }
        self.count = count;
    }

    #[inline(always)]
    fn evaluate(&mut self) {
        let values = &mut self.values[..self.count.next_multiple_of(EIGHT)];
        values[self.count..].fill(NEAR);
        let mut far = false;
        for &p in values.iter() {
            far |= is_far(p);
        }
        if far {
            values.iter_mut().for_each(|x| *x = normal_quantile(*x));
            return;
        }
        for x in values {
            *x = near_tail_quantile(*x);
        }
    }
}

/// Bit i: |p_i − ½| > 0.425, or p_i is NaN.
#[inline(always)]
fn tails<S: Simd>(simd: S, p: &[f64; EIGHT]) -> u8 {
    let (half, centre) = (simd.splat_f64s(0.5), simd.splat_f64s(CENTRE));
    let mut inside = 0;
    for (r, p) in S::as_simd_f64s(p).0.iter().enumerate() {
        let distance = simd.abs_f64s(simd.sub_f64s(*p, half));
        let mask = simd.less_than_or_equal_f64s(distance, centre);
        inside |= bits::<S>(&mask) << (r * S::F64_LANES);
    }
    !inside
}

/// One bit a lane, whether the processor's masks have a bit or all bits of a lane.
#[inline(always)]
fn bits<S: Simd>(mask: &S::m64s) -> u8 {
    let bytes = bytemuck::bytes_of(mask);
    if let [bits] = bytes {
        return *bits;
    }
    let lanes = bytes.chunks_exact(bytes.len() / S::F64_LANES);
    lanes
        .enumerate()
        .fold(0, |bits, (l, lane)| bits | (lane[0] & 1) << l)
}

/// The places of the bits that are set, lowest first.
static PLACES: [[u8; EIGHT]; 256] = {
    let mut all = [[0; EIGHT]; 256];
    let mut bits = 0;
    while bits < 256 {
        let (mut place, mut count) = (0, 0);
        while place < EIGHT {
            if bits >> place & 1 == 1 {
                all[bits][count] = place as u8;
                count += 1;
            }
            place += 1;
        }
        bits += 1;
    }
    all
};

/// Whether p is left to the scalar code: √(−ln tail) may be > 5 (tail < e⁻²⁵ = 1.389e-11; one
/// draw in 10¹⁰), or p is no probability.
#[inline(always)]
fn is_far(p: f64) -> bool {
    let tail = p.min(1.0 - p);
    tail < 1.4e-11 || tail.is_nan()
}

/// Φ⁻¹(p) where √(−ln tail) ≤ 5.
#[inline(always)]
fn near_tail_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-ln(tail)).sqrt();
    ratio(&C, &D, r - 1.6).copysign(q)
}

/// ln x, the bits of `libm::log`, without its branches so that it runs in lanes.
///
/// # Domain   x positive, finite and not subnormal; no meaning otherwise
/// # Source   fdlibm's method: x = 2ᵏ(1 + f) with 1 + f ∈ [√½, √2], s = f/(2 + f),
/// ln(1 + f) = f − f²/2 + s(f²/2 + R(s²)), R a polynomial of degree 7; ln 2 in two parts
#[inline(always)]
pub(in crate::ensemble) fn ln(x: f64) -> f64 {
    // Adding this to the bits carries into the exponent exactly where the mantissa is ≥ √2.
    const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
    // A number e + 2⁵² has the bits of e in its mantissa: a conversion that needs no instruction
    // of its own.
    const TWO_52: u64 = 0x4330_0000_0000_0000;
    const BIAS: f64 = 4_503_599_627_370_496.0 + 1023.0;
    const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    const R: [f64; 7] = [
        f64::from_bits(0x3fe5_5555_5555_5593),
        f64::from_bits(0x3fd9_9999_9997_fa04),
        f64::from_bits(0x3fd2_4924_9422_9359),
        f64::from_bits(0x3fcc_71c5_1d8e_78af),
        f64::from_bits(0x3fc7_4664_96cb_03de),
        f64::from_bits(0x3fc3_9a09_d078_c69f),
        f64::from_bits(0x3fc2_f112_df3e_5244),
    ];
    let shifted = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let k = f64::from_bits((shifted >> 52) | TWO_52) - BIAS;
    let f = f64::from_bits((shifted & MANTISSA) + ROOT_HALF) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (R[1] + w * (R[3] + w * R[5]));
    let odd = z * (R[0] + w * (R[2] + w * (R[4] + w * R[6])));
    s * (half_square + (odd + even)) + k * LN2_LOW - half_square + f + k * LN2_HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::open_uniform;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    #[track_caller]
    fn assert_ln_agrees(x: f64) {
        let (lane, libm) = (ln(x), libm::log(x));
        assert_eq!(
            lane.to_bits(),
            libm.to_bits(),
            "ln {x:e}: {lane} and {libm}"
        );
    }

    #[test]
    fn the_logarithm_in_lanes_has_the_bits_of_libm() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..2_000_000 {
            assert_ln_agrees(open_uniform(&mut rng));
        }
        for _ in 0..2_000_000 {
            let x = f64::from_bits(rng.next_u64() >> 1);
            if x.is_normal() {
                assert_ln_agrees(x);
            }
        }
    }

    #[test]
    fn the_logarithm_in_lanes_has_the_bits_of_libm_around_powers_of_two_and_their_roots() {
        let roots = [0.5, 1.0, std::f64::consts::SQRT_2, 1.5, 2.0];
        for exponent in -1022..1023 {
            for root in roots {
                let x = root * 2f64.powi(exponent);
                let (mut below, mut above) = (x, x);
                for _ in 0..4 {
                    for y in [below, above].into_iter().filter(|y| y.is_normal()) {
                        assert_ln_agrees(y);
                    }
                    (below, above) = (below.next_down(), above.next_up());
                }
            }
        }
        assert_ln_agrees(f64::MIN_POSITIVE);
        assert_ln_agrees(f64::MAX);
    }

    #[track_caller]
    fn assert_quantiles_agree(probabilities: &[f64]) {
        let mut quantiles = probabilities.to_vec();
        normal_quantiles(&mut quantiles);
        for (&p, x) in probabilities.iter().zip(&quantiles) {
            let scalar = normal_quantile(p);
            let same = x.to_bits() == scalar.to_bits() || (x.is_nan() && scalar.is_nan());
            assert!(same, "Φ⁻¹({p:e}): {x} in lanes, {scalar} alone");
        }
    }

    #[test]
    fn quantiles_do_not_depend_on_the_width_of_the_registers() {
        use pulp::{Scalar, Scalar128b, Scalar256b, Scalar512b};
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let mut p: Vec<f64> = (0..3000).map(|_| open_uniform(&mut rng)).collect();
        p[1000] = f64::NAN;
        p[1001] = 1e-13;
        let expected: Vec<u64> = p.iter().map(|p| normal_quantile(*p).to_bits()).collect();
        let quantiles = |run: fn(Quantiles)| {
            let mut values = p.clone();
            run(Quantiles(&mut values));
            values.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        let of_width = [
            quantiles(|q| q.with_simd(Scalar::new())),
            quantiles(|q| q.with_simd(Scalar128b)),
            quantiles(|q| q.with_simd(Scalar256b)),
            quantiles(|q| q.with_simd(Scalar512b)),
        ];
        for (quantiles, lanes) in of_width.iter().zip([1, 2, 4, 8]) {
            assert!(*quantiles == expected, "{lanes} lanes");
        }
    }

    #[test]
    fn quantiles_in_lanes_have_the_bits_of_single_ones() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for length in [0, 1, 31, 32, 33, 255, 256, 257, 511, 512, 513, 1_000_000] {
            let p: Vec<f64> = (0..length).map(|_| open_uniform(&mut rng)).collect();
            assert_quantiles_agree(&p);
        }
        // Nothing but tails, of every size.
        for scale in [0.05, 1e-6, 1e-9, 1e-12, 1e-20, 1e-300] {
            let p: Vec<f64> = (0..10_000)
                .map(|_| scale * open_uniform(&mut rng))
                .collect();
            assert_quantiles_agree(&p);
            let mirrored: Vec<f64> = p.iter().map(|p| 1.0 - p).collect();
            assert_quantiles_agree(&mirrored);
        }
    }

    #[test]
    fn quantiles_in_lanes_agree_where_formulas_meet_and_at_what_is_no_probability() {
        let cut = (-25f64).exp();
        let mut p = vec![
            0.0,
            -0.0,
            1.0,
            0.5,
            f64::MIN_POSITIVE,
            5e-324,
            1.0 - f64::EPSILON / 2.0,
            -1.0,
            2.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ];
        for centre in [0.075, 0.925, cut, 1.0 - cut, 1.4e-11, 1.0 - 1.4e-11] {
            let (mut below, mut above) = (centre, centre);
            for _ in 0..50 {
                p.extend([below, above]);
                (below, above) = (below.next_down(), above.next_up());
            }
        }
        assert_quantiles_agree(&p);
        for x in p {
            // Alone in a block, where the rest of the vector is filling.
            assert_quantiles_agree(&[x]);
        }
    }
}
