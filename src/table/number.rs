//! Numbers for people: as many digits as mean something.

/// x with `digits` significant digits, in scientific notation when it is far from 1.
///
/// # Examples
/// ```
/// use rmt_verify::table::significant;
/// assert_eq!(significant(0.0123456, 3), "0.0123");
/// assert_eq!(significant(1.5e-9, 2), "1.5e-9");
/// assert_eq!(significant(0.0, 3), "0");
/// ```
#[must_use]
pub fn significant(x: f64, digits: usize) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    if !x.is_finite() {
        return "—".to_owned();
    }
    let exponent = x.abs().log10().floor() as i32;
    if !(-4..6).contains(&exponent) {
        return format!("{x:.*e}", digits - 1);
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    format!("{x:.decimals$}")
}

/// x with decimals down to the second significant digit of `scale`, for columns that are compared
/// with one another. `size` is a third number of the same row: when all are tiny, all are
/// scientific.
#[must_use]
pub fn aligned(x: f64, scale: f64, size: f64) -> String {
    if !x.is_finite() {
        return "—".to_owned();
    }
    let largest = x.abs().max(size.abs());
    let no_scale = !(scale > 0.0 && scale.is_finite());
    if no_scale || !(1e-4..1e6).contains(&largest) {
        return significant(x, 3);
    }
    let decimals = (1.0 - scale.log10().floor()).clamp(0.0, 12.0) as usize;
    let text = format!("{x:.decimals$}");
    // What rounds to zero has no sign.
    match text.strip_prefix('-') {
        Some(digits) if digits.bytes().all(|b| b == b'0' || b == b'.') => digits.to_owned(),
        _ => text,
    }
}

/// A level or probability, such as `2.5e-8`.
///
/// # Examples
/// ```
/// assert_eq!(rmt_verify::table::level(2.5e-8), "2.5e-8");
/// ```
#[must_use]
pub fn level(x: f64) -> String {
    if x == 0.0 {
        "0".to_owned()
    } else {
        let text = format!("{x:.1e}");
        text.replace(".0e", "e")
    }
}

/// Digits in groups of three with a plain space between, and no groups below five digits.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_follow_the_scale_and_zero_has_no_sign() {
        assert_eq!(aligned(-0.22361, 0.0098, 0.06), "-0.2236");
        assert_eq!(aligned(-1e-7, 0.0077, 0.03), "0.0000");
        assert_eq!(aligned(3.2e-14, 0.0, 1e-11), "3.20e-14");
        assert_eq!(aligned(f64::NAN, 0.1, 0.1), "—");
    }

    #[test]
    fn digits_come_in_groups_from_five_on() {
        assert_eq!(grouped(9999), "9999");
        assert_eq!(grouped(412_032), "412 032");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }
}
