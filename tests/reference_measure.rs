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

/// Worst relative error and extreme bound-to-error ratios of one family.
#[derive(Debug, Default, Clone, Copy)]
struct Record {
    worst: [f64; 3],
    worst_bound: [f64; 3],
    /// Largest error as a share of its bound (must stay below 1).
    tightest: [f64; 3],
}

fn measured() -> (BTreeMap<String, Record>, Vec<String>) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/reference/measures.json"
    );
    let entries: Vec<Entry> =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the reference file"))
            .expect("the layout of the reference file");
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    let mut uncovered = Vec::new();
    for entry in &entries {
        let nu = SpectralMeasure::parse(&entry.nu).expect("a valid SPEC");
        let record = records.entry(family(&entry.nu)).or_default();
        for row in &entry.rows {
            let z = Complex64::new(number(&row.z[0]), number(&row.z[1]));
            let jet = nu.stieltjes_jet(z);
            let columns = [
                (jet.value, jet.error, &row.s),
                (jet.first, jet.first_error, &row.s1),
                (jet.second, jet.second_error, &row.s2),
            ];
            for (k, (value, bound, reference)) in columns.into_iter().enumerate() {
                let (error, size) = distance(value, reference);
                if size > 1e300 {
                    // The value may overflow; then nothing may be certified.
                    assert!(value.is_finite() || bound == f64::INFINITY);
                    continue;
                }
                // A NaN counts as uncovered.
                if error.is_nan() || error > bound || bound.is_infinite() {
                    uncovered.push(format!(
                        "{} z = {z}, derivative {k}: {value}, error {error:e} > bound {bound:e}",
                        entry.nu
                    ));
                }
                // Below the normal range there is no relative accuracy to speak of.
                if size < 1e-290 {
                    continue;
                }
                record.worst[k] = record.worst[k].max(error / size);
                record.worst_bound[k] = record.worst_bound[k].max(bound / size);
                record.tightest[k] = record.tightest[k].max(error / bound);
                if std::env::var_os("RMT_SHOW_ROWS").is_some() && bound / size > 1e-14 {
                    println!(
                        "{} {z} d{k} error {:e} bound {:e}",
                        entry.nu,
                        error / size,
                        bound / size
                    );
                }
            }
        }
    }
    (records, uncovered)
}

#[test]
fn the_returned_bound_covers_the_true_error_on_every_row() {
    let (records, uncovered) = measured();
    for (family, record) in &records {
        let list = |x: [f64; 3]| x.map(|x| format!("{x:8.1e}")).join(" ");
        println!(
            "{family:17} error {} | bound {} | largest error/bound {}",
            list(record.worst),
            list(record.worst_bound),
            list(record.tightest)
        );
    }
    assert!(uncovered.is_empty(), "{}", uncovered.join("\n"));
}
