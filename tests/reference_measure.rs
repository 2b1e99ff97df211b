//! Stieltjes transforms of spectral measures against 42-digit references
//! (`fixtures/reference/measures.json`, made by `generate.py` beside it).
//!
//! References are read into two doubles, so that errors below one unit in the last place are
//! measured and not hidden by the rounding of the reference itself.

use num_complex::Complex64;
use rmt_verify::measure::SpectralMeasure;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Entry {
    nu: String,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    z: [String; 2],
    s: [String; 2],
    s1: [String; 2],
    s2: [String; 2],
}

/// A decimal number as hi + lo.
///
/// `lo` is the value of the decimal digits minus hi, by exact integer arithmetic on the digits:
/// hi is printed exactly and subtracted digit by digit.
fn two_doubles(text: &str) -> (f64, f64) {
    let hi: f64 = text.parse().expect("a decimal number");
    if hi == 0.0 {
        return (0.0, 0.0);
    }
    // 1100 decimals hold every binary64 number exactly.
    let (negative, digits) = fixed(text);
    let (_, printed) = fixed(&format!("{hi:.1100}"));
    let (lo_negative, difference) = subtract(&digits, &printed);
    let lo: f64 = format!("{}e-1100", difference.trim_start_matches('0'))
        .parse()
        .unwrap_or(0.0);
    let lo = if lo_negative != negative { -lo } else { lo };
    (hi, lo)
}

/// The sign, and the digits of |x|·10¹¹⁰⁰ (references carry fewer decimals than that, or are so
/// small that the rest does not matter), padded to a fixed length.
fn fixed(text: &str) -> (bool, Vec<u8>) {
    let negative = text.starts_with('-');
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once('e').map_or((text, 0), |(m, e)| {
        (m, e.parse::<i32>().expect("an exponent"))
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = vec![0_u8; 1500];
    for (index, digit) in whole.bytes().chain(fraction.bytes()).enumerate() {
        // Power of ten of this digit, then its place: index 400 holds the units.
        let power = i32::try_from(whole.len()).unwrap() - 1 - i32::try_from(index).unwrap();
        let place = 399 - power - exponent;
        if let Ok(place) = usize::try_from(place)
            && place < digits.len()
        {
            digits[place] = digit - b'0';
        }
    }
    (negative, digits)
}

/// (a < b, |a − b| as digits).
fn subtract(a: &[u8], b: &[u8]) -> (bool, String) {
    let smaller = a < b;
    let (large, small) = if smaller { (b, a) } else { (a, b) };
    let mut borrow = 0;
    let mut digits = vec![0_u8; a.len()];
    for place in (0..a.len()).rev() {
        let mut digit = i16::from(large[place]) - i16::from(small[place]) - borrow;
        borrow = i16::from(digit < 0);
        if digit < 0 {
            digit += 10;
        }
        digits[place] = u8::try_from(digit).expect("a digit") + b'0';
    }
    (smaller, String::from_utf8(digits).expect("digits"))
}

/// |computed − reference| and |reference|.
fn distance(computed: Complex64, reference: &[String; 2]) -> (f64, f64) {
    let (re, re_rest) = two_doubles(&reference[0]);
    let (im, im_rest) = two_doubles(&reference[1]);
    // computed − hi is exact when the two are within a factor of 2.
    let error = Complex64::new((computed.re - re) - re_rest, (computed.im - im) - im_rest);
    (error.norm(), Complex64::new(re, im).norm())
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

fn family(spec: &str) -> String {
    spec.split(':').next().unwrap_or(spec).to_owned()
}

/// What one row says about one of s, s′, s″.
struct Reading {
    family: String,
    /// 0, 1, 2 for s, s′, s″.
    derivative: usize,
    /// Row and value in words.
    place: String,
    /// |computed − reference|, the same for imaginary parts, and their sizes.
    error: f64,
    imaginary_error: f64,
    size: f64,
    imaginary_size: f64,
    /// The returned bound.
    bound: f64,
    /// All t − z lie in one quadrant of the plane, so that s cannot cancel.
    one_sided: bool,
}

fn readings() -> Vec<Reading> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/reference/measures.json"
    );
    let entries: Vec<Entry> =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the reference file"))
            .expect("the layout of the reference file");
    let mut readings = Vec::new();
    for entry in &entries {
        let nu = SpectralMeasure::parse(&entry.nu).expect("a valid SPEC");
        let support = nu.support();
        let (lo, hi) = (support[0].lo, support[support.len() - 1].hi);
        for row in &entry.rows {
            let z = Complex64::new(number(&row.z[0]), number(&row.z[1]));
            let jet = nu.stieltjes_jet(z);
            let columns = [
                (jet.value, jet.error, &row.s),
                (jet.first, jet.first_error, &row.s1),
                (jet.second, jet.second_error, &row.s2),
            ];
            for (derivative, (value, bound, reference)) in columns.into_iter().enumerate() {
                let (error, size) = distance(value, reference);
                if size > 1e300 {
                    // The value may overflow; then nothing may be certified.
                    assert!(value.is_finite() || bound == f64::INFINITY);
                    continue;
                }
                let (im, im_rest) = two_doubles(&reference[1]);
                let name = entry.nu.get(..60).unwrap_or(&entry.nu);
                readings.push(Reading {
                    family: family(&entry.nu),
                    derivative,
                    place: format!(
                        "{name} z = {:e} + {:e}i, derivative {derivative}",
                        z.re, z.im
                    ),
                    error,
                    imaginary_error: ((value.im - im) - im_rest).abs(),
                    size,
                    imaginary_size: im.abs(),
                    bound,
                    one_sided: z.re <= lo || z.re >= hi,
                });
            }
        }
    }
    assert!(readings.len() > 3000, "only {} readings", readings.len());
    readings
}

fn assert_none(failures: &[String]) {
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Prints, for each family and s, s′, s″: the worst relative error, the worst relative bound and
/// the largest share of a bound that the true error uses up.
fn print_table(readings: &[Reading]) {
    let mut table: BTreeMap<(String, usize), [f64; 3]> = BTreeMap::new();
    for r in readings.iter().filter(|r| r.size > 1e-290) {
        let worst = table.entry((r.family.clone(), r.derivative)).or_default();
        let columns = [
            r.error / r.size,
            if r.one_sided { r.bound / r.size } else { 0.0 },
            if r.bound > 0.0 {
                r.error / r.bound
            } else {
                0.0
            },
        ];
        for (old, new) in worst.iter_mut().zip(columns) {
            *old = old.max(new);
        }
    }
    println!("family            derivative  error/size  bound/size (one-sided z)  error/bound");
    for ((family, derivative), [error, bound, share]) in table {
        println!("{family:17} {derivative:10} {error:11.1e} {bound:25.1e} {share:12.2}");
    }
}

#[test]
fn the_returned_bound_covers_the_true_error_on_every_row() {
    let readings = readings();
    print_table(&readings);
    let uncovered: Vec<String> = readings
        .iter()
        // A NaN counts as uncovered, and so does a bound that says nothing.
        .filter(|r| r.error.is_nan() || r.error > r.bound || r.bound.is_infinite())
        .map(|r| format!("{}: error {:e}, bound {:e}", r.place, r.error, r.bound))
        .collect();
    assert_none(&uncovered);
}

/// Twin of the test above: it can fail. Bounds of one rounding are not enough.
#[test]
fn bounds_of_one_rounding_are_caught() {
    let caught = readings()
        .iter()
        .filter(|r| r.error > f64::EPSILON / 2.0 * r.size)
        .count();
    assert!(caught > 100, "only {caught} rows exceed one rounding");
}

#[test]
fn transforms_have_a_relative_error_of_at_most_1e_minus_14() {
    let inaccurate: Vec<String> = readings()
        .iter()
        // Below 1e-290 subnormal parts limit the relative accuracy.
        .filter(|r| r.size > 1e-290 && r.error > 1e-14 * r.size)
        .map(|r| format!("{}: relative error {:e}", r.place, r.error / r.size))
        .collect();
    assert_none(&inaccurate);
}

#[test]
fn imaginary_parts_of_s_keep_that_accuracy_however_small() {
    let inaccurate: Vec<String> = readings()
        .iter()
        .filter(|r| r.derivative == 0 && r.imaginary_size > 1e-290)
        .filter(|r| r.imaginary_error > 1e-14 * r.imaginary_size)
        .map(|r| {
            let relative = r.imaginary_error / r.imaginary_size;
            format!("{}: relative error {relative:e}", r.place)
        })
        .collect();
    assert_none(&inaccurate);
}

/// Left and right of the support the real parts of 1/(t − z) have one sign, so s is of the size of
/// ∫ν(dt)/|t − z|, and a bound much beyond the rounding errors would be careless.
#[test]
fn bounds_are_useful_where_s_cannot_cancel() {
    let loose: Vec<String> = readings()
        .iter()
        .filter(|r| r.derivative == 0 && r.one_sided && r.size > 1e-290)
        .filter(|r| r.bound > 2e-13 * r.size)
        .map(|r| format!("{}: relative bound {:e}", r.place, r.bound / r.size))
        .collect();
    assert_none(&loose);
}

#[test]
fn two_doubles_reads_more_digits_than_one() {
    // 0.1 as a double is 0.1000000000000000055511151231257827…
    let (hi, lo) = two_doubles("0.1");
    assert_eq!(hi, 0.1);
    assert_eq!(lo, -5.551_115_123_125_783e-18);
    let (hi, lo) = two_doubles("-1.0000000000000000000000001e-20");
    assert_eq!(hi, -1e-20);
    // 1e-20 as a double is 9.99999999999999945153271454209571651729503702787392…e-21
    assert!((lo + 5.484_672_864_579_043e-37).abs() < 1e-50, "{lo:e}");
    assert_eq!(two_doubles("3.0"), (3.0, 0.0));
}
