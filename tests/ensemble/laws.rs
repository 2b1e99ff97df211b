use super::*;

/// Raw moments E X^k, k = 0..=6, by the tanh-sinh rule on ∫₀¹ Q(u)^k du, both halves.
fn moments_by_quadrature(law: EntryLaw, orders: usize) -> Vec<f64> {
    let step = 1.0 / 64.0;
    let mut sums = vec![0.0; orders + 1];
    for i in -400i32..=400 {
        let t = f64::from(i) * step;
        let s = std::f64::consts::FRAC_PI_2 * t.sinh();
        // u runs over (0, ½) and (½, 1): v = 1/(1 + e^{2s}) without cancellation at 0.
        let v = 1.0 / (1.0 + (2.0 * s).exp());
        let weight = std::f64::consts::PI * t.cosh() * v * (1.0 - v) * step;
        if v < 1e-280 || weight == 0.0 {
            continue;
        }
        for (x, w) in [(lower(law, 0.5 * v), 0.5), (upper(law, 0.5 * v), 0.5)] {
            for (k, sum) in sums.iter_mut().enumerate() {
                *sum += w * weight * x.powi(k as i32);
            }
        }
    }
    sums
}

fn lower(law: EntryLaw, u: f64) -> f64 {
    law.from_uniform(u)
}

/// Q(1 − u), for u far below 2⁻⁵³ too.
fn upper(law: EntryLaw, u: f64) -> f64 {
    match law {
        EntryLaw::HalfNormal => {
            let a2 = std::f64::consts::FRAC_2_PI;
            (-normal_quantile(0.5 * u) - a2.sqrt()) / (1.0 - a2).sqrt()
        }
        EntryLaw::SkewedTwoPoint => unreachable!("its moments are finite sums"),
        symmetric => -symmetric.from_uniform(u),
    }
}

fn moments(law: EntryLaw, orders: usize) -> Vec<f64> {
    if law == EntryLaw::SkewedTwoPoint {
        return (0..=orders as i32)
            .map(|k| 0.2 * 2f64.powi(k) + 0.8 * (-0.5f64).powi(k))
            .collect();
    }
    moments_by_quadrature(law, orders)
}

/// κ_n = m_n − Σ_{k<n} C(n−1, k−1) κ_k m_{n−k}.
fn cumulants(m: &[f64]) -> Vec<f64> {
    let binomial =
        |n: usize, k: usize| (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
    let mut kappa = vec![0.0; m.len()];
    for n in 1..m.len() {
        let known: f64 = (1..n)
            .map(|k| binomial(n - 1, k - 1) * kappa[k] * m[n - k])
            .sum();
        kappa[n] = m[n] - known;
    }
    kappa
}

#[test]
fn cumulants_agree_with_quadrature() {
    for law in EntryLaw::ALL {
        let orders = if law == EntryLaw::HeavyTailed { 4 } else { 6 };
        let kappa = cumulants(&moments(law, orders));
        assert!((kappa[1]).abs() < 1e-12, "{law:?}: mean {}", kappa[1]);
        assert!(
            (kappa[2] - 1.0).abs() < 1e-10,
            "{law:?}: variance {}",
            kappa[2]
        );
        for (k, kappa) in kappa.iter().enumerate().skip(3) {
            let stated = law.cumulant(k as u32).unwrap();
            // E X⁴ of tail index 5 is an integral of v^{−4/5}: its cut at 1e-280 is below 1e-50.
            let tolerance = 1e-9 * (1.0 + stated.abs());
            let error = (kappa - stated).abs();
            assert!(
                error < tolerance,
                "{law:?}: κ_{k} = {kappa}, stated {stated}"
            );
        }
    }
}

#[test]
fn the_heavy_tailed_law_has_no_fifth_moment() {
    // x⁵ P(|X| > x) does not vanish: P(|X| > Q(1 − v/2)) = v and Q⁵v → (3/2)^{5/2}.
    let law = EntryLaw::HeavyTailed;
    assert_eq!((law.cumulant(5), law.cumulant(6)), (None, None));
    for v in [1e-10f64, 1e-14] {
        let x = -law.from_uniform(0.5 * v);
        let limit = 1.5f64.powf(2.5);
        assert!((x.powi(5) * v / limit - 1.0).abs() < 1e-3);
    }
}

#[test]
#[should_panic(expected = "order 3 to 6")]
fn cumulants_of_order_two_are_not_asked_for() {
    let _ = EntryLaw::Gaussian.cumulant(2);
}

/// Kolmogorov distance of M draws from the law itself, against the bound that DKW (with
/// Massart's constant) gives at level 1e-9. The cdfs are closed forms, not our quantiles.
#[test]
fn draws_have_the_stated_distribution_functions() {
    use statrs::function::erf::erfc;
    let phi = |x: f64| 0.5 * erfc(-x / 2f64.sqrt());
    let a2 = std::f64::consts::FRAC_2_PI;
    let m = 200_000;
    let bound = ((2.0f64 / 1e-9).ln() / (2.0 * m as f64)).sqrt();
    let cdf = |law: EntryLaw, x: f64| match law {
        EntryLaw::Gaussian => phi(x),
        EntryLaw::Uniform => (0.5 + x / 12f64.sqrt()).clamp(0.0, 1.0),
        EntryLaw::HalfNormal => (2.0 * phi(a2.sqrt() + x * (1.0 - a2).sqrt()) - 1.0).max(0.0),
        EntryLaw::Rademacher => [0.0, 0.5, 1.0][(x >= -1.0) as usize + (x >= 1.0) as usize],
        EntryLaw::SkewedTwoPoint => [0.0, 0.8, 1.0][(x >= -0.5) as usize + (x >= 2.0) as usize],
        EntryLaw::HeavyTailed => {
            let tail = 0.5 * (1.0 + 2.0 * x * x / 3.0).powf(-2.5);
            if x < 0.0 { tail } else { 1.0 - tail }
        }
    };
    let distance = |law: EntryLaw, draws: &[f64]| {
        let mut sorted = draws.to_vec();
        sorted.sort_by(f64::total_cmp);
        let empirical = |x: f64| sorted.partition_point(|&y| y <= x) as f64 / m as f64;
        sorted
            .chunk_by(|a, b| a == b)
            .map(|run| (empirical(run[0]) - cdf(law, run[0])).abs())
            .fold(0.0, f64::max)
    };
    for law in EntryLaw::ALL {
        let mut rng = generator(law.name());
        let draws: Vec<f64> = (0..m).map(|_| law.sample(&mut rng)).collect();
        let d = distance(law, &draws);
        assert!(d <= bound, "{law:?}: {d} > {bound}");
        // The sample would have shown a scale wrong by 6 %.
        let scaled: Vec<f64> = draws.iter().map(|x| 1.06 * x).collect();
        assert!(distance(law, &scaled) > bound, "{law:?}");
    }
}

#[test]
fn filling_a_slice_and_drawing_one_by_one_give_the_same_bits() {
    for law in EntryLaw::ALL {
        for length in [0, 1, 63, 64, 65, 1000] {
            let mut filled = vec![0.0; length];
            let (mut one, mut other) = (generator("fill"), generator("fill"));
            law.fill(&mut one, &mut filled);
            let drawn: Vec<f64> = (0..length).map(|_| law.sample(&mut other)).collect();
            assert_eq!(filled, drawn, "{law:?}, {length}");
            assert_eq!(open_uniform(&mut one), open_uniform(&mut other));
        }
    }
}

#[test]
fn bounded_laws_reach_and_keep_their_support() {
    for law in EntryLaw::ALL {
        let ends = (
            law.from_uniform(0.5f64.powi(53)),
            law.from_uniform(1.0 - 0.5f64.powi(53)),
        );
        match law.support() {
            Some((lo, hi)) => {
                assert!(ends.0 >= lo && ends.1 <= hi, "{law:?}");
                assert!(ends.0 - lo < 1e-14 && hi - ends.1 < 1e-14, "{law:?}");
            }
            None => assert!(ends.1 > 8.0, "{law:?}"),
        }
    }
}

/// κ₈: 12⁴B₈/8 for the uniform law, −272 for signs (log cosh), and the recursion
/// κ_{n+1} = p(1 − p) dκ_n/dp of two points; the half-normal one from 30-digit moments.
#[test]
fn eighth_cumulants_have_their_closed_forms() {
    for (law, exact) in [
        (EntryLaw::Gaussian, Some(0.0)),
        (EntryLaw::Uniform, Some(-86.4)),
        (EntryLaw::HalfNormal, Some(-3.738_829_039_969_214)),
        (EntryLaw::Rademacher, Some(-272.0)),
        (EntryLaw::SkewedTwoPoint, Some(782.265_625)),
        (EntryLaw::HeavyTailed, None),
    ] {
        let found = law.eighth_cumulant();
        assert_eq!(found.is_some(), exact.is_some(), "{law:?}");
        if let (Some(found), Some(exact)) = (found, exact) {
            // The half-normal moments cancel to four digits fewer.
            assert!((found - exact).abs() <= 1e-10, "{law:?}: {found}");
        }
    }
}
