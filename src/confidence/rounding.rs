//! Directed rounding without changing the rounding mode.
//!
//! One operation in round-to-nearest is followed by the exact sign of its rounding error (two-sum
//! for sums, a fused multiply-add for products, quotients and roots); the result moves one step
//! outwards only if it has to. Exact results stay exact: a residual of 0 stays 0.

/// Rounding error of the sum fl(a + b), exactly (Knuth's two-sum).
fn sum_error(a: f64, b: f64, sum: f64) -> f64 {
    let b_seen = sum - a;
    let a_seen = sum - b_seen;
    (a - a_seen) + (b - b_seen)
}

/// Smallest double ≥ a + b.
#[must_use]
pub fn add_up(a: f64, b: f64) -> f64 {
    let sum = a + b;
    if sum_error(a, b, sum) > 0.0 {
        sum.next_up()
    } else {
        sum
    }
}

/// Largest double ≤ a + b.
#[must_use]
pub fn add_down(a: f64, b: f64) -> f64 {
    -add_up(-a, -b)
}

/// An upper bound of a·b, the smallest double when nothing underflows.
#[must_use]
pub fn mul_up(a: f64, b: f64) -> f64 {
    let product = a * b;
    if product == 0.0 && a != 0.0 && b != 0.0 {
        return f64::from_bits(1);
    }
    // Below 2⁻⁹⁶⁰ the error of the product is itself below the smallest double.
    if a.mul_add(b, -product) > 0.0 || (product != 0.0 && product.abs() < 1e-289) {
        product.next_up()
    } else {
        product
    }
}

/// An upper bound of a/b for a ≥ 0 and b > 0.
#[must_use]
pub fn div_up(a: f64, b: f64) -> f64 {
    let quotient = a / b;
    if a == 0.0 {
        quotient
    } else if quotient.mul_add(-b, a) > 0.0 || a < 1e-289 || quotient < 1e-289 {
        quotient.next_up()
    } else {
        quotient
    }
}

/// A lower bound of a/b for a > 0 and b > 0.
#[must_use]
pub fn div_down(a: f64, b: f64) -> f64 {
    (a / b).next_down().max(0.0)
}

/// An upper bound of √x for x ≥ 0.
#[must_use]
pub fn sqrt_up(x: f64) -> f64 {
    let root = x.sqrt();
    if root.mul_add(-root, x) > 0.0 || (x != 0.0 && x < 1e-289) {
        root.next_up()
    } else {
        root
    }
}

/// An upper bound of ln x for x > 0: libm is within one ulp, so two steps are enough.
#[must_use]
pub fn ln_up(x: f64) -> f64 {
    libm::log(x).next_up().next_up()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exact_operations_are_not_widened() {
        assert_eq!(add_up(0.0, 0.0), 0.0);
        assert_eq!(add_up(0.5, 0.25), 0.75);
        assert_eq!(add_down(1.0, -1.0), 0.0);
        assert_eq!(mul_up(3.0, 0.5), 1.5);
        assert_eq!(div_up(3.0, 2.0), 1.5);
        assert_eq!(sqrt_up(9.0), 3.0);
    }

    #[test]
    fn inexact_operations_move_outwards() {
        // 1 + 2⁻⁶⁰ rounds to 1, so the upper sum is the next double and the lower one is 1.
        let tiny = 2f64.powi(-60);
        assert_eq!(add_up(1.0, tiny), 1f64.next_up());
        assert_eq!(add_down(1.0, tiny), 1.0);
        assert_eq!(add_down(1.0, -tiny), 1f64.next_down());
        // √2 squared on either side of 2.
        assert!(sqrt_up(2.0).mul_add(sqrt_up(2.0), -2.0) > 0.0);
        assert_eq!(mul_up(1e-300, 1e-300), f64::from_bits(1));
    }

    /// The residual of a quotient near the smallest normal number underflows; times 2³⁰⁰ it does not.
    #[test]
    fn quotients_and_products_of_tiny_numbers_are_bounded_too() {
        let up = 2f64.powi(300);
        for k in 1..300 {
            let (a, b) = (1e-308 * f64::from(k) / 7.0, f64::from(k % 13 + 1) / 3e12);
            let quotient = div_up(a, b);
            assert!(quotient.mul_add(b * up, -(a * up)) >= 0.0, "{a:e} / {b:e}");
            assert!(quotient <= a / b * (1.0 + 1e-15));
            let (x, y) = (f64::from(k) / 7e150, 1.0 / 3e155);
            let product = mul_up(x, y);
            assert!((x * up).mul_add(y, -(product * up)) <= 0.0, "{x:e} · {y:e}");
            let root = sqrt_up(a);
            assert!(root.mul_add(root * up, -(a * up)) >= 0.0, "√{a:e}");
        }
    }

    proptest! {
        /// One step outwards if the exact residual asks for it, and none if not.
        #[test]
        fn upper_ends_are_the_next_double_or_the_result_itself(a in 1e-3..1e3f64, b in 1e-3..1e3f64) {
            for (x, y) in [(a, b), (-a, b)] {
                let (product, rest) = (x * y, x.mul_add(y, -(x * y)));
                let step = if rest > 0.0 { product.next_up() } else { product };
                prop_assert_eq!(mul_up(x, y), step);
                let sum = x + y;
                let back = sum - x;
                let rest = (x - (sum - back)) + (y - back);
                prop_assert_eq!(add_up(x, y), if rest > 0.0 { sum.next_up() } else { sum });
                prop_assert_eq!(add_down(x, y), if rest < 0.0 { sum.next_down() } else { sum });
            }
            let root = a.sqrt();
            let above = root.mul_add(-root, a) > 0.0;
            prop_assert_eq!(sqrt_up(a), if above { root.next_up() } else { root });
            let quotient = a / b;
            let above = quotient.mul_add(-b, a) > 0.0;
            prop_assert_eq!(div_up(a, b), if above { quotient.next_up() } else { quotient });
            prop_assert!(div_down(a, b) < quotient && div_down(a, b) > quotient * (1.0 - 1e-15));
        }

        #[test]
        fn integer_quotients_are_enclosed(a in 1u64..1_000_000, b in 1u64..1_000_000) {
            let (x, y) = (a as f64, b as f64);
            // q·b is within one rounding of a; the sign of the fused residual is exact.
            prop_assert!(div_up(x, y).mul_add(y, -x) >= 0.0);
            prop_assert!(div_down(x, y).mul_add(y, -x) <= 0.0);
        }
    }
}
