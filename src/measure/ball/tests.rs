//! Discs and doubled numbers against exact arithmetic: what is proved in [`crate::measure::rounding`].

use super::*;

/// Σ of the terms, within one rounding: partial sums are kept exactly (Shewchuk 1997).
fn exact_sum(terms: &[f64]) -> f64 {
    let mut parts: Vec<f64> = Vec::new();
    for &term in terms {
        let (mut carried, mut kept) = (term, Vec::new());
        for &part in &parts {
            let (sum, rest) = two_sum(carried, part);
            kept.push(rest);
            carried = sum;
        }
        kept.push(carried);
        parts = kept;
    }
    parts.iter().sum()
}

/// a·b as two terms, exactly.
fn product(a: f64, b: f64) -> [f64; 2] {
    let product = a * b;
    [product, a.mul_add(b, -product)]
}

/// x·y − z of numbers hi + lo.
fn product_minus(x: Double, y: Double, z: Double) -> f64 {
    let mut terms = vec![-z.hi, -z.lo];
    for (a, b) in [(x.hi, y.hi), (x.hi, y.lo), (x.lo, y.hi), (x.lo, y.lo)] {
        terms.extend(product(a, b));
    }
    exact_sum(&terms)
}

fn disc(re: f64, im: f64, radius: f64) -> Ball {
    Ball {
        centre: Complex64::new(re, im),
        radius,
    }
}

/// least ≤ found, and no more above it than the roundings of its own evaluation.
#[track_caller]
fn assert_just_above(found: f64, least: f64) {
    assert!(least <= found, "{found:e} is less than {least:e}");
    assert!(
        found <= least * (1.0 + 1e-14) + 2e-321,
        "{found:e} is more than {least:e}"
    );
}

/// Each radius is the largest distance of an image point, which is attained, and the stated roundings.
#[test]
fn radii_are_those_of_the_derivation() {
    let discs = [
        disc(3.0, 4.0, 0.0),
        disc(0.3, 1e-3, 1e-9),
        disc(-1e-4, 2e-4, 1e-5),
        disc(7e3, 1e5, 20.0),
        disc(-0.6, 0.8, 1e-25),
    ];
    for x in discs {
        let (size, r) = (x.centre.norm(), x.radius);
        for a in [2.5, -1e-3, 1e4] {
            assert_just_above(x.scale(a).radius, a.abs() * r + UNIT * a.abs() * size);
        }
        let reciprocal = x.recip();
        assert!((reciprocal.centre * x.centre - 1.0).norm() <= 10.0 * UNIT);
        assert_just_above(
            reciprocal.radius,
            r / (size * (size - r)) + 9.0 * UNIT / size,
        );
        let root = x.sqrt_upper();
        let spread = (r / size.sqrt()).min(r.sqrt());
        assert_just_above(root.radius, spread + 6.0 * UNIT * size.sqrt());
        for y in discs {
            let (other, s) = (y.centre.norm(), y.radius);
            let sum = x + y;
            assert_just_above(sum.radius, r + s + UNIT * (x.centre + y.centre).norm());
            assert_eq!((x - y).centre, x.centre - y.centre);
            assert_just_above((x - y).radius, r + s + UNIT * (x.centre - y.centre).norm());
            let rounding = 3.0 * UNIT * size * other;
            assert_just_above((x * y).radius, size * s + other * r + r * s + rounding);
        }
    }
}

/// 1/w over [c − r, c + r] reaches 1/(c − r), also where c − r is a few units of c.
#[test]
fn reciprocals_of_discs_that_nearly_touch_zero_reach_far_enough() {
    for c in [1.0, 0.7, 1e5 / 3.0] {
        assert_eq!(disc(c, 0.0, c).recip().radius, f64::INFINITY);
        for units in [8.0, 16.0, 100.0, 1e4] {
            let rest = units * f64::EPSILON * c;
            let r = c - rest;
            let found = disc(c, 0.0, r).recip().radius;
            // 1/(c − r) − 1/c; a few units of c are lost of the rest.
            let least = r / c / (c - r);
            assert!(least <= found, "{c} {units}: {least:e} {found:e}");
            assert!(found <= least * units / (units - 4.0), "{c} {units}");
        }
    }
}

/// The disc is small against √c, large against it, or has the origin in it.
#[test]
fn roots_of_discs_cover_the_roots_of_their_points_in_the_upper_half_plane() {
    for (c, r) in [
        (Complex64::new(2.0, 0.0), 1e-3),
        (Complex64::new(1e-6, 1e-7), 1e-3),
        (Complex64::new(-1e-9, 0.0), 0.5),
        (Complex64::ZERO, 1e-12),
    ] {
        let root = Ball {
            centre: c,
            radius: r,
        }
        .sqrt_upper();
        let mut farthest = 0.0f64;
        for k in 0..200 {
            let w = c + Complex64::from_polar(r, 0.0314 * f64::from(k));
            if w.im >= 0.0 {
                let exact = sqrt_upper(w);
                assert!((exact * exact - w).norm() <= 8.0 * UNIT * w.norm());
                farthest = farthest.max((exact - root.centre).norm());
            }
        }
        assert!(farthest <= root.radius, "{c} {r}: {farthest:e} {root:?}");
        assert!(
            root.radius <= 3.0 * farthest,
            "{c} {r}: {farthest:e} {root:?}"
        );
    }
}

#[test]
fn a_bound_of_zero_becomes_positive_and_others_grow_by_sixteen_units() {
    assert!(up(0.0) > 0.0 && up(0.0) <= 2e-321);
    for bound in [1e-300, 0.7, 3e40] {
        let growth = up(bound) / bound - 1.0;
        assert!((growth - 16.0 * UNIT).abs() <= 2.0 * UNIT, "{growth:e}");
    }
}

/// Powers of two change no digit: neither branch of the reciprocal may.
#[test]
fn reciprocals_have_the_same_digits_at_every_scale() {
    for w in [
        Complex64::new(0.6, -0.9),
        Complex64::new(1.0, 0.3),
        Complex64::new(0.0, -0.7),
    ] {
        for k in [-1000, -700, -400, 0, 400, 700, 1000] {
            let unit = 2f64.powi(k);
            let found = recip(w * unit) * unit;
            assert!(
                (found - w.inv()).norm() <= 10.0 * UNIT * w.inv().norm(),
                "{k}"
            );
        }
    }
}

#[test]
fn roots_of_negative_numbers_lie_on_the_imaginary_axis() {
    assert_eq!(
        sqrt_upper(Complex64::new(-4.0, 0.0)),
        Complex64::new(0.0, 2.0)
    );
    assert_eq!(
        sqrt_upper(Complex64::new(9.0, 0.0)),
        Complex64::new(3.0, 0.0)
    );
    assert_eq!(sqrt_upper(Complex64::ZERO), Complex64::ZERO);
    assert_eq!(
        sqrt_upper(Complex64::new(0.0, 8.0)),
        Complex64::new(2.0, 2.0)
    );
    // (2 + i)² and (1 + 2i)².
    let right = sqrt_upper(Complex64::new(3.0, 4.0));
    assert!((right - Complex64::new(2.0, 1.0)).norm() <= 4.0 * UNIT);
    let left = sqrt_upper(Complex64::new(-3.0, 4.0));
    assert!((left - Complex64::new(1.0, 2.0)).norm() <= 4.0 * UNIT);
}

/// Numbers of both signs and many sizes, with rests of up to half a unit.
fn doubles() -> Vec<Double> {
    let mut list = Vec::new();
    for (k, hi) in [
        1.0 / 3.0,
        -0.1,
        7e3 / 9.0,
        -1e-4 / 7.0,
        1.0,
        1.0 / 3.0 + 1e-13,
    ]
    .into_iter()
    .enumerate()
    {
        for share in [0.0, 0.37, -0.93] {
            list.push(Double::sum(hi, hi * UNIT * share * (1.0 + 0.01 * k as f64)));
        }
    }
    list
}

/// The error is 0, or 16u² of the value: the constant that the derivation proves.
#[track_caller]
fn assert_second_order(off: f64, x: Double) {
    assert!(off.abs() <= x.error, "{off:e} {x:?}");
    if x.error > 0.0 {
        assert_just_above(x.error, 16.0 * UNIT * UNIT * x.hi.abs());
    }
}

#[test]
fn doubled_operations_err_by_the_square_of_the_unit() {
    for a in doubles() {
        assert!(a.lo.abs() <= UNIT * a.hi.abs());
        assert_eq!(
            a.half().add(a.half()),
            Double {
                error: a.half().add(a.half()).error,
                ..a
            }
        );
        for b in doubles() {
            let sum = a.add(b);
            assert_second_order(exact_sum(&[a.hi, a.lo, b.hi, b.lo, -sum.hi, -sum.lo]), sum);
            let times = a.mul(b);
            assert_second_order(product_minus(a, b, times), times);
            let quotient = a.div(b);
            let off = product_minus(quotient, b, a) / b.hi;
            assert_second_order(off, quotient);
            if a.lo == 0.0 && b.lo == 0.0 {
                assert_eq!(sum.error, 0.0);
            } else {
                assert!(sum.error > 0.0);
            }
        }
        let square = a.hi.abs();
        let root = Double::sqrt(square);
        let off = product_minus(root, root, Double::new(square)) / (2.0 * root.hi);
        assert_second_order(off, root);
        assert!(root.error > 0.0 || root.lo == 0.0);
    }
    assert_eq!(Double::sqrt(2.25), Double::new(1.5));
}

/// To first order |a|e_b + |b|e_a for products, (e_a + |a/b|e_b)/|b| for quotients, and a tenth more.
#[test]
fn errors_of_doubled_numbers_propagate() {
    for (ea, eb) in [(1e-12, 0.0), (0.0, 1e-12), (3e-10, 1e-10)] {
        for a in doubles() {
            for b in doubles() {
                let (a, b) = (
                    Double {
                        error: ea * a.hi.abs(),
                        ..a
                    },
                    Double {
                        error: eb * b.hi.abs(),
                        ..b
                    },
                );
                let sum = a.add(b);
                assert!(sum.error >= a.error + b.error);
                assert!(sum.error <= (a.error + b.error) * (1.0 + 1e-9));
                let size = a.hi.abs() * b.hi.abs();
                let found = a.mul(b).error / size;
                assert!(
                    found >= ea + eb + ea * eb && found <= 1.11 * (ea + eb),
                    "{found:e}"
                );
                let found = a.div(b).error / (a.hi / b.hi).abs();
                assert!(
                    found >= ea + eb + ea * eb && found <= 1.11 * (ea + eb),
                    "{found:e}"
                );
                assert_eq!(a.half().error, 0.5 * a.error);
                assert_eq!(a.neg().error, a.error);
            }
        }
    }
}

/// x − origin − edge: u times itself and u times the correction, whatever cancels; nothing if no step rounds.
#[test]
fn distances_to_an_edge_are_exact_to_one_rounding_and_that_of_the_correction() {
    for edge in doubles() {
        for origin in [0.0, 0.1, -3.0, 1e-17] {
            let place = origin + edge.hi;
            let steps = [
                0.0,
                f64::EPSILON * place,
                -3e-16 * place,
                1e-15,
                1e-8,
                0.3,
                -40.0,
            ];
            for x in steps.map(|step| place + step) {
                let (value, error) = edge.subtracted_from(x, origin);
                let off = exact_sum(&[x, -origin, -edge.hi, -edge.lo, -value]).abs();
                assert!(off <= error, "{x} {origin} {edge:?}: {off:e} {error:e}");
                let (offset, offset_rest) = two_sum(x, -origin);
                let correction = offset_rest - edge.lo;
                let most =
                    value.abs() + 2.0 * correction.abs() + UNIT * (offset.abs() + edge.hi.abs());
                assert!(
                    error <= UNIT * most * (1.0 + 1e-9) + 2e-321,
                    "{x} {origin} {edge:?}: {error:e}"
                );
                if edge.lo == 0.0 && origin == 0.0 && off == 0.0 {
                    assert!(error == 0.0 || value.abs() > 0.0);
                }
                let wider = Double {
                    error: 1e-3,
                    ..edge
                }
                .subtracted_from(x, origin);
                assert_eq!(wider.0, value);
                assert_just_above(wider.1, 1e-3 + error);
            }
        }
    }
    assert_eq!(Double::new(0.5).subtracted_from(2.0, 1.0), (0.5, 0.0));
}

/// x − origin is the number hi = 1 + 2⁻⁵², and of x − origin − hi − lo only −lo is left.
#[test]
fn what_is_left_at_an_edge_is_the_rest_of_the_edge() {
    let hi = 1f64.next_up();
    for lo in [1e-17, -UNIT / 3.0] {
        let edge = Double { hi, lo, error: 0.0 };
        let (value, error) = edge.subtracted_from(hi, 0.0);
        assert_eq!(value, -lo);
        assert!(error > 0.0 && error <= 4.0 * UNIT * lo.abs());
    }
}
