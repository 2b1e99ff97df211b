//! What intervals become under maps, and where the input stops being one.

use super::*;
use num_complex::Complex64;
use proptest::prelude::*;

fn known(value: f64, error: f64) -> Confidence {
    Confidence::known(value, error)
}

#[test]
fn maps_that_round_nothing_add_no_width() {
    for scale in [1.0, -1.0, 4.0, 0.125] {
        for shift in [0.0, 2.0, -0.5] {
            let image = known(0.75, 0.0).affine(scale, shift);
            assert_eq!(
                (image.estimate, image.halfwidth),
                (0.75 * scale + shift, 0.0)
            );
        }
    }
    let sum = known(0.75, 0.5).sum(&known(2.0, 0.25));
    assert_eq!((sum.estimate, sum.halfwidth), (2.75, 0.75));
}

/// a + b − fl(a + b), exactly.
fn rounding_of_sum(a: f64, b: f64) -> f64 {
    let sum = a + b;
    let b_seen = sum - a;
    (a - (sum - b_seen)) + (b - b_seen)
}

proptest! {
    #[test]
    fn maps_that_round_pay_for_it(
        x in -3.0..3.0f64, y in -3.0..3.0f64, small in -1e-3..1e-3f64, error in 0.0..0.1f64
    ) {
        // The exact image of a point lies in the interval: the residuals of fused operations are exact.
        let product = known(x, 0.0).affine(y, 0.0);
        prop_assert!(y.mul_add(x, -product.estimate).abs() <= product.halfwidth);
        let moved = known(x, 0.0).affine(1.0, small);
        prop_assert!(rounding_of_sum(x, small).abs() <= moved.halfwidth);
        let sum = known(x, 0.0).sum(&known(small, 0.0));
        prop_assert!(rounding_of_sum(x, small).abs() <= sum.halfwidth);
        for image in [product, moved, sum] {
            prop_assert!(image.halfwidth <= 1e-14);
        }
        // An end maps to an end.
        let image = known(x, error).affine(y, 1.0);
        prop_assert!((image.halfwidth - y.abs() * error).abs() <= 1e-14);
        let real = |x: f64| Disc::known(Complex64::new(x, 0.0), 0.0);
        prop_assert!(rounding_of_sum(x, small).abs() <= real(x).plus(&real(small)).radius);
        prop_assert!(y.mul_add(x, -(x * y)).abs() <= real(x).times(&real(y)).radius);
        let imaginary = |x: f64| Disc::known(Complex64::new(0.0, x), 0.0);
        prop_assert!(rounding_of_sum(x, small).abs() <= imaginary(x).plus(&imaginary(small)).radius);
    }
}

#[test]
fn more_successes_than_trials_are_refused_and_all_or_none_are_not() {
    let error =
        |successes, trials| Err(ConfidenceError::MoreSuccessesThanTrials { successes, trials });
    assert_eq!(binomial(6, 5, 0.05), error(6, 5));
    assert_eq!(binomial(9, 5, 0.05), error(9, 5));
    // kl(0, q) = −ln(1 − q) ≤ ln(40)/5, and kl(1, q) = −ln q.
    let end = libm::exp(-libm::log(40.0) / 5.0);
    let (none, all) = (binomial(0, 5, 0.05).unwrap(), binomial(5, 5, 0.05).unwrap());
    assert!(none.covers(0.0) && (none.hi() - (1.0 - end)).abs() < 1e-11);
    assert!(all.covers(1.0) && (all.lo() - end).abs() < 1e-11);
}

/// √V ≤ √v + range·√(2 ln(1/miss)/(M − 1)) put into √(2 V l/M) + 7 range·l/(3(M − 1)), l = ln(3/α).
#[test]
fn planned_bernstein_widths_are_those_of_the_formula() {
    let (variance, range, alpha, miss) = (0.04f64, 1.5, 1e-3, 1e-2);
    for m in [2u64, 3, 40, 5000] {
        let l = libm::log(3.0 / alpha);
        let before = (m - 1) as f64;
        let deviation = variance.sqrt() + range * (2.0 * libm::log(1.0 / miss) / before).sqrt();
        let expected = deviation * (2.0 * l / m as f64).sqrt() + 7.0 * range * l / (3.0 * before);
        let found = planned_bernstein_halfwidth(variance, range, m, alpha, miss).unwrap();
        assert!(
            found >= expected * (1.0 - 1e-14) && found <= expected * (1.0 + 1e-13),
            "M = {m}"
        );
    }
}

/// a² = 2l(M − 2l)/(M² v): at this scale a list of two values has its root where
/// k ψ(a(1 − θ)) = (M − k) ψ(aθ), k of the M values being 1 and the others 0.
#[test]
fn catonis_scale_is_that_of_the_source() {
    let (m, ones, variance, alpha) = (400usize, 100usize, 0.3f64, 0.01);
    let samples: Vec<f64> = (0..m).map(|i| if i < ones { 1.0 } else { 0.0 }).collect();
    let l = libm::log(2.0 / alpha);
    let scale = (2.0 * l * (m as f64 - 2.0 * l) / variance).sqrt() / m as f64;
    let psi = |x: f64| libm::log1p(x + 0.5 * x * x);
    let balance = |theta: f64| {
        ones as f64 * psi(scale * (1.0 - theta)) - (m - ones) as f64 * psi(scale * theta)
    };
    let found = catoni(&samples, variance, alpha).unwrap().estimate;
    assert!(
        balance(found - 1e-9) > 0.0 && balance(found + 1e-9) < 0.0,
        "{found}"
    );
}

#[test]
fn products_with_zero_are_zero_and_tiny_products_are_not() {
    use rounding::{div_up, mul_up, sqrt_up};
    for x in [0.0, 1.0, 3e-300, 7e200] {
        assert_eq!((mul_up(0.0, x), mul_up(x, 0.0)), (0.0, 0.0));
    }
    assert_eq!(sqrt_up(0.0), 0.0);
    assert_eq!(div_up(0.0, 3.0), 0.0);
    // Below 2⁻⁹⁶⁰ the residual itself may underflow: never less than the quotient.
    assert!(div_up(1e-300, 3.0) * 3.0 >= 1e-300);
    assert!(mul_up(3e-160, 1.1e-160) > 0.0);
}

proptest! {
    /// A change of unit by a power of four rounds nothing, not even in a square root.
    #[test]
    fn intervals_are_the_same_in_every_unit(
        values in prop::collection::vec(-3.0..3.0f64, 60..90), variance in 0.1..2.0f64, k in -20..20i32
    ) {
        let unit = 4f64.powi(k);
        let square = unit * unit;
        let (here, there) = (
            Summary::of(&values),
            Summary::of(&values.iter().map(|x| unit * x).collect::<Vec<_>>()),
        );
        let tails = [
            [Tail::SubGaussian { variance_proxy: variance }, Tail::SubGaussian { variance_proxy: variance * square }],
            [Tail::Variance { bound: variance }, Tail::Variance { bound: variance * square }],
            [
                Tail::Bounded { lo: -3.0, hi: 3.0, design_variance: variance },
                Tail::Bounded { lo: -3.0 * unit, hi: 3.0 * unit, design_variance: variance * square },
            ],
        ];
        for [tail, wide] in tails {
            let a = interval(&tail, &here, 1e-4).unwrap();
            let b = interval(&wide, &there, 1e-4).unwrap();
            prop_assert_eq!((unit * a.estimate, unit * a.halfwidth), (b.estimate, b.halfwidth));
            let plan = |tail: &Tail| planned_halfwidth(tail, 0.0, 80, 1e-4, 1e-3).unwrap();
            prop_assert_eq!(unit * plan(&tail), plan(&wide));
        }
    }
}

/// Below ½ the reach of an interval grows with p̂: the plan is the reach at the largest p̂ that occurs.
#[test]
fn the_planned_reach_of_a_rare_event_is_that_of_its_largest_frequency() {
    let (m, alpha, miss) = (10_000, 1e-4, 1e-3);
    for p in [0.001, 0.01, 0.1] {
        let planned = planned_halfwidth(&Tail::Indicator, p, m, alpha, miss).unwrap();
        let l = (2.0 / miss).ln() / m as f64;
        let largest = p + l + (l * l + 2.0 * l * p * (1.0 - p)).sqrt();
        let reach = |successes: f64| {
            let interval = binomial(successes as u64, m, alpha).unwrap();
            let observed = successes / m as f64;
            (observed - interval.lo()).max(interval.hi() - observed)
        };
        let count = largest * m as f64;
        assert!(planned >= reach(count.floor()), "{p}: {planned}");
        assert!(
            planned <= reach(count.ceil()) * (1.0 + 1e-9),
            "{p}: {planned}"
        );
    }
}

/// P(Bin(M, p) ≥ k) ≤ e^{−M kl} ≤ √(8k(1 − k/M)) P(Bin(M, p) = k), by Stirling's bounds.
#[test]
fn the_tail_of_a_binomial_law_lies_below_its_bound_and_not_far_below() {
    for (m, p) in [(10u64, 0.3f64), (40, 0.05), (200, 0.5)] {
        let logarithm = |n: u64| (1..=n).map(|j| (j as f64).ln()).sum::<f64>();
        let point = |k: u64| {
            let ways = logarithm(m) - logarithm(k) - logarithm(m - k);
            (ways + k as f64 * p.ln() + (m - k) as f64 * (1.0 - p).ln()).exp()
        };
        for k in 1..m {
            let bound = binomial_upper_tail(k, m, p);
            let tail: f64 = (k..=m).map(point).sum();
            assert!(
                tail <= bound * (1.0 + 1e-9),
                "{k} of {m}: {tail:e} {bound:e}"
            );
            if k as f64 > m as f64 * p {
                let most = (8.0 * k as f64 * (m - k) as f64 / m as f64).sqrt() * point(k);
                assert!(
                    bound <= most * (1.0 + 1e-9),
                    "{k} of {m}: {bound:e} {most:e}"
                );
            }
        }
    }
}

/// An event of probability 0 or 1 shows no other frequency; p and 1 − p have the same plan.
#[test]
fn planned_reaches_of_sure_events_are_seen_and_the_plan_is_symmetric() {
    let (m, alpha, miss) = (500, 1e-3, 1e-2);
    let planned = |p: f64| planned_halfwidth(&Tail::Indicator, p, m, alpha, miss).unwrap();
    let none = binomial(0, m, alpha).unwrap();
    assert!((planned(0.0) - none.hi()).abs() <= 1e-15);
    assert!((planned(1.0) - planned(0.0)).abs() <= 1e-12);
    for p in [1e-4, 0.02, 0.2, 0.45] {
        assert!(planned(p) > planned(0.0));
        assert!(
            (planned(p) - planned(1.0 - p)).abs() <= 1e-9 * planned(p),
            "{p}"
        );
    }
    // At ½ the widest interval is one of the frequencies that occur.
    let half = binomial(m / 2, m, alpha).unwrap();
    let least = half.hi() - 0.5;
    assert!(planned(0.5) >= least * (1.0 - 1e-9) && planned(0.5) <= 1.2 * least);
}

#[test]
fn no_replicates_and_levels_outside_the_unit_interval_have_no_interval() {
    let none = ConfidenceError::TooFewReplicates { m: 0, needed: 1 };
    let (list, empty) = (Summary::of(&[0.0, 1.0]), Summary::keeping_samples());
    let bounded = Tail::Bounded {
        lo: 0.0,
        hi: 1.0,
        design_variance: 0.25,
    };
    let one = Summary::of(&[1.0]);
    let few = ConfidenceError::TooFewReplicates { m: 1, needed: 2 };
    assert_eq!(interval(&bounded, &one, 0.1), Err(few));
    assert_eq!(planned_halfwidth(&bounded, 0.0, 1, 0.1, 0.1), Err(few));
    let tails = [
        Tail::SubGaussian {
            variance_proxy: 1.0,
        },
        Tail::Variance { bound: 1.0 },
        Tail::Indicator,
        Tail::Certain,
    ];
    for tail in &tails {
        assert_eq!(interval(tail, &empty, 0.1), Err(none), "{tail:?}");
        assert_eq!(
            planned_halfwidth(tail, 0.5, 0, 0.1, 0.1),
            Err(none),
            "{tail:?}"
        );
    }
    assert_eq!(dkw(0, 0.1), Err(none));
    for alpha in [0.0, 1.0, -0.5, 2.0, f64::NAN] {
        for tail in &tails[..3] {
            let found = interval(tail, &list, alpha);
            assert!(matches!(
                found,
                Err(ConfidenceError::LevelOutsideUnitInterval { .. })
            ));
        }
        assert!(dkw(5, alpha).is_err() && planned_halfwidth(&bounded, 0.0, 9, 0.1, alpha).is_err());
    }
    for variance in [-1e-300, f64::NAN, f64::INFINITY] {
        assert!(sub_gaussian_halfwidth(variance, 9, 0.1).is_err());
        assert!(catoni_halfwidth(variance, 99, 0.1).is_err());
        assert!(planned_bernstein_halfwidth(variance, 1.0, 9, 0.1, 0.1).is_err());
    }
    for (lo, hi) in [
        (1.0, 0.0),
        (0.0, f64::INFINITY),
        (f64::NEG_INFINITY, 0.0),
        (-f64::MAX, f64::MAX),
        (f64::NAN, 0.0),
    ] {
        let refused = empirical_bernstein(&list, lo, hi, 0.1);
        assert!(
            matches!(refused, Err(ConfidenceError::RangeInvalid { .. })),
            "{lo} {hi}"
        );
    }
    // √(ln(2/α)/(2M)).
    assert!((dkw(50, 0.1).unwrap() - (20f64.ln() / 100.0).sqrt()).abs() < 1e-15);
}

/// kl(p̂, q) = ln(2/α)/M at both ends, from outside, and no farther than a millionth.
#[test]
fn binomial_ends_spend_the_level_and_little_more() {
    for (successes, m, alpha) in [(3u64, 10u64, 0.05), (1, 1000, 1e-6), (999, 1000, 0.5)] {
        let p = successes as f64 / m as f64;
        let budget = libm::log(2.0 / alpha) / m as f64;
        let interval = binomial(successes, m, alpha).unwrap();
        for end in [interval.lo(), interval.hi()] {
            let spent = bernoulli_divergence(p, end);
            assert!(
                spent >= budget && spent <= budget * (1.0 + 1e-6),
                "{spent} {budget}"
            );
        }
        assert!(interval.lo() < p && p < interval.hi());
    }
}
