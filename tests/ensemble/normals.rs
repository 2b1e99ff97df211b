use super::*;

#[derive(serde::Deserialize)]
struct Row {
    p: f64,
    x: String,
}
#[derive(serde::Deserialize)]
struct Table {
    rows: Vec<Row>,
}

#[test]
fn quantile_agrees_with_forty_digits_to_1e_15() {
    let text = include_str!("../../fixtures/reference/normal_quantile.json");
    let table: Table = serde_json::from_str(text).unwrap();
    assert!(table.rows.len() > 150);
    for Row { p, x } in table.rows {
        let x: f64 = x.parse().unwrap();
        let error = (normal_quantile(p) - x).abs() / x.abs();
        assert!(error <= 1e-15, "p = {p:e}: relative error {error:e}");
    }
}

#[test]
fn ends_are_infinite_and_the_rest_is_nan() {
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    for p in [-0.1, 1.1, f64::NAN] {
        assert!(normal_quantile(p).is_nan(), "p = {p}");
    }
}

/// u with numerator index k, the grid of `open_uniform`.
fn grid(k: u64) -> f64 {
    (2 * k + 1) as f64 / (1u64 << 53) as f64
}

fn indices() -> impl Strategy<Value = u64> {
    let all = 1u64 << 52;
    // Uniform, both tails on a logarithmic scale, and around the borders of the formulas.
    let border = |u: f64| (u * (1u64 << 52) as f64) as u64;
    let near = move |u: f64| (border(u).saturating_sub(2000)..border(u) + 2000).boxed();
    prop_oneof![
        0..all - 1,
        (0u32..51).prop_flat_map(|e| 0..2u64 << e),
        (0u32..51).prop_flat_map(move |e| (0..2u64 << e).prop_map(move |k| all - 2 - k)),
        near(0.075),
        near(0.925),
        near((-25f64).exp()),
        near(0.5),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn neighbouring_uniforms_give_ordered_draws_of_every_law(k in indices()) {
        for law in EntryLaw::ALL {
            let (a, b) = (law.from_uniform(grid(k)), law.from_uniform(grid(k + 1)));
            // The grid is twice as fine for |g|, finer than the rounding of its quantile.
            let slack = if law == EntryLaw::HalfNormal { 4.0 * f64::EPSILON } else { 0.0 };
            prop_assert!(a <= b + slack, "{}: {a} > {b}", law.name());
        }
    }

    #[test]
    fn one_minus_u_gives_minus_x_for_symmetric_laws(k in indices()) {
        let u = grid(k);
        for law in [EntryLaw::Gaussian, EntryLaw::Uniform, EntryLaw::Rademacher,
                    EntryLaw::HeavyTailed] {
            prop_assert_eq!(law.from_uniform(1.0 - u), -law.from_uniform(u));
        }
    }

    #[test]
    fn lipschitz_constants_bound_difference_quotients(g in -8.0f64..8.0, step in 1e-3f64..2.0) {
        // Φ by statrs, an independent route.
        use statrs::distribution::{ContinuousCDF, Normal};
        let phi = |x: f64| Normal::standard().cdf(x);
        for law in [EntryLaw::Uniform, EntryLaw::HalfNormal] {
            // From above, Φ cancels; the laws are evaluated where it does not.
            let (lo, hi) = (-g.abs() - step, -g.abs());
            let slope = (law.from_uniform(phi(hi)) - law.from_uniform(phi(lo))) / step;
            prop_assert!(slope <= law.lipschitz().unwrap() * (1.0 + 1e-9), "{law:?} {slope}");
        }
    }
}

#[test]
fn uniforms_lie_on_the_symmetric_grid() {
    let mut rng = generator("grid");
    for _ in 0..100_000 {
        let u = open_uniform(&mut rng);
        let numerator = u * (1u64 << 53) as f64;
        assert!(u > 0.0 && u < 1.0 && numerator % 2.0 == 1.0);
        assert_eq!(1.0 - (1.0 - u), u);
    }
}

#[test]
fn lipschitz_constants_are_attained() {
    use statrs::distribution::{ContinuousCDF, Normal};
    let phi = |x: f64| Normal::standard().cdf(x);
    let slope = |law: EntryLaw, g: f64, step: f64| {
        (law.from_uniform(phi(g + step)) - law.from_uniform(phi(g - step))) / (2.0 * step)
    };
    let attained = slope(EntryLaw::Uniform, 0.0, 1e-4) / EntryLaw::Uniform.lipschitz().unwrap();
    assert!((attained - 1.0).abs() < 1e-7, "{attained}");
    // h′ increases to 1 slowly, like 1 − ln 2/g².
    let attained =
        slope(EntryLaw::HalfNormal, 7.0, 1e-2) / EntryLaw::HalfNormal.lipschitz().unwrap();
    assert!(attained > 0.97, "{attained}");
}
