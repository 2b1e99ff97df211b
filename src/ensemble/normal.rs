//! Standard normals by inverse CDF.

use super::stream::open_uniform;
use rand_chacha::ChaCha8Rng;

/// g = Φ⁻¹(u), u = [`open_uniform`].
///
/// Takes exactly 8 bytes of the stream, whatever the value.
#[inline]
pub fn standard_normal(rng: &mut ChaCha8Rng) -> f64 {
    normal_quantile(open_uniform(rng))
}

/// Normal quantile Φ⁻¹(p).
///
/// # Domain   0 ≤ p ≤ 1 (−∞ and ∞ at the ends); NaN otherwise
/// # Value    non-decreasing on the grid of [`open_uniform`]; Φ⁻¹(1 − p) = −Φ⁻¹(p) to the bit
/// whenever 1 − p is exact, as it is on that grid
/// # Accuracy relative error ≤ 1e-15 against 40-digit values in
/// `fixtures/reference/normal_quantile.json` (made by the script beside it)
/// # Source   \[Wichura 1988\] AS 241, coefficient set PPND16
///
/// Only IEEE operations and `libm::log`: the same bits on every platform.
///
/// # Examples
/// ```
/// use rmt_verify::ensemble::normal_quantile;
/// assert_eq!(normal_quantile(0.5), 0.0);
/// assert!((normal_quantile(0.975) - 1.959963984540054).abs() < 1e-15);
/// ```
#[inline]
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= CENTRE {
        return central_quantile(q);
    }
    tail_quantile(p, q)
}

/// Replaces every p by Φ⁻¹(p): the bits of [`normal_quantile`] in half the time.
pub(super) fn normal_quantiles(values: &mut [f64]) {
    // The central formula is evaluated for all, without a branch, in vector registers; the 15 %
    // that it is wrong for are overwritten.
    for block in values.chunks_mut(64) {
        let mut probabilities = [0.0; 64];
        probabilities[..block.len()].copy_from_slice(block);
        for x in block.iter_mut() {
            *x = central_quantile(*x - 0.5);
        }
        for (x, p) in block.iter_mut().zip(probabilities) {
            let q = p - 0.5;
            if q.abs() > CENTRE || q.is_nan() {
                *x = tail_quantile(p, q);
            }
        }
    }
}

const CENTRE: f64 = 0.425;

#[inline(always)]
fn central_quantile(q: f64) -> f64 {
    q * ratio(&A, &B, CENTRE * CENTRE - q * q)
}

/// The same for |p − ½| > 0.425: 15 % of the draws.
#[inline(never)]
fn tail_quantile(p: f64, q: f64) -> f64 {
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 || tail.is_nan() {
        let end = if tail == 0.0 { f64::INFINITY } else { f64::NAN };
        return end.copysign(q);
    }
    let r = (-libm::log(tail)).sqrt();
    let x = if r <= 5.0 {
        ratio(&C, &D, r - 1.6)
    } else {
        ratio(&E, &F, r - 5.0)
    };
    x.copysign(q)
}

/// Σ numerator_i rⁱ / Σ denominator_i rⁱ by Horner's scheme.
#[inline(always)]
fn ratio(numerator: &[f64; 8], denominator: &[f64; 8], r: f64) -> f64 {
    let horner = |c: &[f64; 8]| {
        ((((((c[7] * r + c[6]) * r + c[5]) * r + c[4]) * r + c[3]) * r + c[2]) * r + c[1]) * r
            + c[0]
    };
    horner(numerator) / horner(denominator)
}

// |p − ½| ≤ 0.425, in 0.425² − (p − ½)².
#[allow(clippy::excessive_precision)] // as published
const A: [f64; 8] = [
    3.387_132_872_796_366_608_0,
    1.331_416_678_917_843_774_5e2,
    1.971_590_950_306_551_442_7e3,
    1.373_169_376_550_946_112_5e4,
    4.592_195_393_154_987_145_7e4,
    6.726_577_092_700_870_085_3e4,
    3.343_057_558_358_812_810_5e4,
    2.509_080_928_730_122_672_7e3,
];
#[allow(clippy::excessive_precision)] // as published
const B: [f64; 8] = [
    1.0,
    4.231_333_070_160_091_125_2e1,
    6.871_870_074_920_579_083_0e2,
    5.394_196_021_424_751_107_7e3,
    2.121_379_430_158_659_586_7e4,
    3.930_789_580_009_271_061_0e4,
    2.872_908_573_572_194_267_4e4,
    5.226_495_278_852_854_561_0e3,
];
// √(−ln tail) ≤ 5, in √(−ln tail) − 1.6.
#[allow(clippy::excessive_precision)] // as published
const C: [f64; 8] = [
    1.423_437_110_749_683_577_34,
    4.630_337_846_156_545_295_90,
    5.769_497_221_460_691_405_50,
    3.647_848_324_763_204_605_04,
    1.270_458_252_452_368_382_58,
    2.417_807_251_774_506_117_70e-1,
    2.272_384_498_926_918_458_33e-2,
    7.745_450_142_783_414_076_40e-4,
];
#[allow(clippy::excessive_precision)] // as published
const D: [f64; 8] = [
    1.0,
    2.053_191_626_637_758_821_87,
    1.676_384_830_183_803_849_40,
    6.897_673_349_851_000_045_50e-1,
    1.481_039_764_274_800_745_90e-1,
    1.519_866_656_361_645_719_66e-2,
    5.475_938_084_995_344_946_00e-4,
    1.050_750_071_644_416_843_24e-9,
];
// √(−ln tail) > 5, in √(−ln tail) − 5.
#[allow(clippy::excessive_precision)] // as published
const E: [f64; 8] = [
    6.657_904_643_501_103_777_20,
    5.463_784_911_164_114_369_90,
    1.784_826_539_917_291_335_80,
    2.965_605_718_285_048_912_30e-1,
    2.653_218_952_657_612_309_30e-2,
    1.242_660_947_388_078_438_60e-3,
    2.711_555_568_743_487_578_15e-5,
    2.010_334_399_292_288_132_65e-7,
];
#[allow(clippy::excessive_precision)] // as published
const F: [f64; 8] = [
    1.0,
    5.998_322_065_558_879_376_90e-1,
    1.369_298_809_227_358_053_10e-1,
    1.487_536_129_085_061_485_25e-2,
    7.868_691_311_456_132_591_00e-4,
    1.846_318_317_510_054_681_80e-5,
    1.421_511_758_316_445_888_70e-7,
    2.044_263_103_389_939_785_64e-15,
];
