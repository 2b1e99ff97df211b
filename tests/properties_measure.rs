//! Properties of spectral measures over generated measures and points.

use num_complex::Complex64;
use proptest::prelude::*;
use rmt_verify::measure::{Component, Interval, Jet, MonotoneMap, SignedMeasure, SpectralMeasure};

const UNIT: f64 = f64::EPSILON / 2.0;

fn atoms() -> impl Strategy<Value = SpectralMeasure> {
    // Locations on a coarse grid, so that equal ones occur.
    prop::collection::vec((-20_i32..20, 1_u32..100), 1..7).prop_map(|pairs| {
        let total: f64 = pairs.iter().map(|pair| f64::from(pair.1)).sum();
        let pairs: Vec<(f64, f64)> = pairs
            .iter()
            .map(|&(t, w)| (f64::from(t) / 7.0, f64::from(w) / total))
            .collect();
        SpectralMeasure::atoms(&pairs).expect("valid atoms")
    })
}

fn densities() -> impl Strategy<Value = SpectralMeasure> {
    prop_oneof![
        (-3.0..3.0, 0.01..6.0_f64)
            .prop_map(|(lo, width)| SpectralMeasure::uniform(lo, lo + width).expect("uniform")),
        (-3.0..3.0, 0.01..6.0_f64)
            .prop_map(|(lo, width)| SpectralMeasure::arcsine(lo, lo + width).expect("arcsine")),
        (-3.0..3.0, 0.01..4.0_f64)
            .prop_map(|(c, v)| SpectralMeasure::semicircle(c, v).expect("semicircle")),
        (
            prop_oneof![Just(1.0), 0.01..1.0, 1.0..9.0_f64],
            0.1..2.0_f64
        )
            .prop_map(|(c, v)| SpectralMeasure::marchenko_pastur(c, v).expect("Marchenko–Pastur")),
    ]
}

fn measures() -> impl Strategy<Value = SpectralMeasure> {
    prop_oneof![
        atoms(),
        densities(),
        (atoms(), densities(), densities(), 1_u32..9).prop_map(|(a, b, c, k)| {
            let share = f64::from(k) / 20.0;
            SpectralMeasure::mixture(vec![(share, a), (share, b), (1.0 - 2.0 * share, c)])
                .expect("mixture")
        }),
    ]
}

fn points() -> impl Strategy<Value = Complex64> {
    (-6.0..6.0, -6.0..1.5_f64).prop_map(|(x, e)| Complex64::new(x, 10_f64.powf(e)))
}

fn hull(nu: &SpectralMeasure) -> Interval {
    let support = nu.support();
    Interval {
        lo: support[0].lo,
        hi: support[support.len() - 1].hi,
    }
}

/// max |t| over the support.
fn reach(nu: &SpectralMeasure) -> f64 {
    let hull = hull(nu);
    hull.lo.abs().max(hull.hi.abs())
}

/// Asserts |a − b| ≤ bound, with both numbers and the bound in the message.
fn assert_close(a: Complex64, b: Complex64, bound: f64) -> Result<(), TestCaseError> {
    prop_assert!(
        (a - b).norm() <= bound,
        "{a} and {b} differ by {:e} > {bound:e}",
        (a - b).norm()
    );
    Ok(())
}

proptest! {
    #[test]
    fn the_distribution_function_increases_from_0_to_1(
        nu in measures(), x in -8.0..8.0_f64, step in 0.0..3.0_f64
    ) {
        let hull = hull(&nu);
        prop_assert_eq!(nu.cdf(hull.lo.next_down() - 1e-12 * reach(&nu)), 0.0);
        prop_assert!((nu.cdf(hull.hi) - 1.0).abs() <= 1e-14);
        prop_assert!(nu.cdf(x) <= nu.cdf(x + step) + 1e-15);
    }

    #[test]
    fn the_quantile_is_the_least_point_that_reaches_p(nu in measures(), p in 0.0..=1.0_f64) {
        let x = nu.quantile(p);
        let hull = hull(&nu);
        prop_assert!(hull.contains(x));
        prop_assert!(nu.cdf(x) >= p - 1e-14);
        prop_assert!(x == hull.lo || nu.cdf(x.next_down()) < p);
    }

    #[test]
    fn the_support_is_sorted_disjoint_and_carries_all_components(nu in measures()) {
        let support = nu.support();
        for pair in support.windows(2) {
            prop_assert!(pair[0].hi < pair[1].lo);
        }
        for (weight, law) in nu.components() {
            prop_assert!(weight > 0.0);
            let inner = law.support();
            prop_assert!(support.iter().any(|s| s.lo <= inner.lo && inner.hi <= s.hi));
        }
    }

    #[test]
    fn im_s_is_positive_and_at_most_1_over_im_z(nu in measures(), z in points()) {
        let s = nu.stieltjes(z);
        prop_assert!(s.im > 0.0);
        prop_assert!(s.norm() <= (1.0 + 1e-13) / z.im);
    }

    #[test]
    fn s_of_the_conjugate_is_the_conjugate(nu in measures(), z in points()) {
        prop_assert_eq!(nu.stieltjes_jet(z.conj()), nu.stieltjes_jet(z).conj());
    }

    /// s(z) + 1/z = (1/z) ∫ t/(t − z) ν(dt), at most M/(|z|(|z| − M)) for supp ν in [−M, M].
    #[test]
    fn s_decays_as_minus_1_over_z(nu in measures(), angle in 0.0..3.1_f64, scale in 3.0..1e6_f64) {
        let reach = reach(&nu) + 0.1;
        let z = Complex64::from_polar(scale * reach, angle);
        let jet = nu.stieltjes_jet(z);
        prop_assert!((z * jet.value + 1.0).norm() <= 1.0 / (scale - 1.0) + 1e-14);
    }

    /// −z s(z) = Σ_{k<9} m_k z⁻ᵏ + rest, |rest| ≤ q⁹/(1 − q) with q = M/|z|.
    #[test]
    fn moments_are_the_expansion_of_s_at_infinity(nu in measures(), angle in 0.0..3.1_f64) {
        let q: f64 = 1.0 / 30.0;
        let z = Complex64::from_polar((reach(&nu) + 0.1) / q, angle);
        let expansion: Complex64 = (0..9_u32).map(|k| nu.moment(k) * z.powi(-k.cast_signed())).sum();
        assert_close(-z * nu.stieltjes(z), expansion, q.powi(9) / (1.0 - q) + 1e-14)?;
    }

    /// (f(z + h) − f(z − h))/2h − f′(z) is at most h²/6 sup|f‴|, and |s⁽ᵏ⁾| ≤ k!/yᵏ⁺¹.
    #[test]
    fn derivatives_are_limits_of_difference_quotients(
        nu in measures(), x in -6.0..6.0_f64, y in 0.4..2.0_f64
    ) {
        let h = 1e-3;
        let z = Complex64::new(x, y);
        let (here, right, left) = (
            nu.stieltjes_jet(z), nu.stieltjes_jet(z + h), nu.stieltjes_jet(z - h),
        );
        let rounding = 1e-14 / h / (y * y);
        let first = (right.value - left.value) / (2.0 * h);
        assert_close(first, here.first, h * h / y.powi(4) + rounding)?;
        let second = (right.first - left.first) / (2.0 * h);
        assert_close(second, here.second, 4.0 * h * h / y.powi(5) + rounding / y)?;
    }

    #[test]
    fn s_is_linear_in_mixtures(
        nu in measures(), rho in measures(), k in 1_u32..64, z in points()
    ) {
        let share = f64::from(k) / 64.0;
        let mixed = SpectralMeasure::mixture(vec![(share, nu.clone()), (1.0 - share, rho.clone())]);
        if k == 64 {
            prop_assert!(mixed.is_err());
            return Ok(());
        }
        let mixed = mixed.expect("mixture").stieltjes_jet(z);
        let (a, b) = (nu.stieltjes_jet(z), rho.stieltjes_jet(z));
        let parts = a.value * share + b.value * (1.0 - share);
        let rounding = 4.0 * UNIT * (a.value.norm() + b.value.norm());
        assert_close(mixed.value, parts, mixed.error + a.error + b.error + rounding)?;
    }

    #[test]
    fn reflecting_the_measure_reflects_s(nu in measures(), z in points()) {
        let mirrored = nu.scaled(-1.0).expect("a reflection");
        let (a, b) = (nu.stieltjes_jet(z), mirrored.stieltjes_jet(-z.conj()));
        assert_close(b.value, -a.value.conj(), a.error + b.error)?;
        assert_close(b.first, a.first.conj(), a.first_error + b.first_error)?;
        assert_close(b.second, -a.second.conj(), a.second_error + b.second_error)?;
        prop_assert_eq!(mirrored.scaled(-1.0).expect("a reflection"), nu);
    }

    /// Rounded parameters move every point of the support by a few roundings of its size, and
    /// |∂s/∂t| ≤ 1/y².
    #[test]
    fn shifting_and_scaling_the_measure_shifts_and_scales_s(
        nu in measures(), z in points(), c in -3.0..3.0_f64, a in prop_oneof![-3.0..-0.2, 0.2..3.0_f64]
    ) {
        let moved = 8.0 * UNIT * (reach(&nu) + c.abs() + z.norm()) / (z.im * z.im);
        let plain = nu.stieltjes_jet(z);
        let shifted = nu.shifted(c).expect("a shift").stieltjes_jet(z + c);
        assert_close(shifted.value, plain.value, shifted.error + plain.error + moved)?;

        let image = nu.scaled(a).expect("a dilation");
        // s_{aX}(az) = s_X(z)/a; for a < 0 the point az lies in the lower half-plane.
        let scaled = image.stieltjes_jet(z * a);
        assert_close(scaled.value * a, plain.value,
            a.abs() * scaled.error + plain.error + moved)?;
        let mean = nu.moment(1);
        prop_assert!((image.moment(1) - a * mean).abs() <= 1e-13 * (1.0 + reach(&nu)) * a.abs());
    }

    #[test]
    fn the_spec_of_a_measure_reads_back_as_the_measure(nu in measures(), z in points()) {
        let again = SpectralMeasure::parse(&nu.spec());
        prop_assert!(again.is_ok(), "{}: {again:?}", nu.spec());
        let again = again.expect("a valid SPEC");
        prop_assert_eq!(again.support(), nu.support());
        let (a, b): (Jet, Jet) = (nu.stieltjes_jet(z), again.stieltjes_jet(z));
        assert_close(a.value, b.value, a.error + b.error)?;
    }

    #[test]
    fn a_signed_measure_has_the_mass_and_the_transform_of_its_parts(
        nu in measures(), rho in measures(), a in -3.0..3.0_f64, b in -3.0..3.0_f64,
        z in points(), lo in -4.0..4.0_f64, width in 0.0..4.0_f64
    ) {
        let kappa = SignedMeasure::difference(a, nu.clone(), b, rho.clone());
        prop_assert!((kappa.total_mass() - (a - b)).abs() <= 1e-15);
        let interval = Interval { lo, hi: lo + width };
        prop_assert!(kappa.mass(interval).abs() <= kappa.total_variation_bound() + 1e-14);
        let everything = Interval { lo: -1e9, hi: 1e9 };
        prop_assert!((kappa.mass(everything) - (a - b)).abs() <= 1e-13);
        let s = kappa.stieltjes(z);
        let (p, q) = (nu.stieltjes_jet(z), rho.stieltjes_jet(z));
        let parts = p.value * a - q.value * b;
        assert_close(s.value, parts,
            s.error + 8.0 * UNIT * (p.value.norm() * a.abs() + q.value.norm() * b.abs()))?;
        // |s_κ(z)| ≤ |κ|(ℝ)/Im z.
        prop_assert!(s.value.norm() <= kappa.total_variation_bound() / z.im + s.error);
    }

    #[test]
    fn pushing_forward_moves_mass_with_the_map(
        nu in measures(), rho in measures(), lo in -4.0..4.0_f64, width in 0.0..4.0_f64
    ) {
        // x ↦ 2x + 1 of [−10, 10] onto [−19, 21]; both directions are exact here.
        let map = MonotoneMap::new(
            Interval { lo: -10.0, hi: 10.0 }, |x| 2.0 * x + 1.0, |y| (y - 1.0) / 2.0,
        );
        let kappa = SignedMeasure::difference(1.5, nu, 0.5, rho);
        let lo = (lo * 64.0).round() / 64.0;
        let hi = lo + (width * 64.0).round() / 64.0;
        let image = Interval { lo: map.forward(lo), hi: map.forward(hi) };
        prop_assert_eq!(kappa.pushed_mass(&map, image), kappa.mass(Interval { lo, hi }));
        let outside = Interval { lo: 21.5, hi: 30.0 };
        prop_assert_eq!(kappa.pushed_mass(&map, outside), 0.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// ∫ x dF = hi − ∫ F and ∫ x² dF = hi² − ∫ 2xF over the support, by Simpson's rule in θ with
    /// x = m − h cos θ, where F is smooth.
    #[test]
    fn the_distribution_function_has_the_mean_and_second_moment_of_the_measure(nu in densities()) {
        for (_, law) in nu.components() {
            if matches!(law, Component::Atom(_)) {
                continue;
            }
            let Interval { lo, hi } = law.support();
            let (m, h) = (0.5 * (lo + hi), 0.5 * (hi - lo));
            let atom_below: f64 = nu.point_masses().iter().map(|pair| pair.1).sum();
            let steps = 4000_u32;
            let (mut first, mut second) = (0.0, 0.0);
            for k in 0..=steps {
                let theta = std::f64::consts::PI * f64::from(k) / f64::from(steps);
                let x = m - h * theta.cos();
                let weight = match k {
                    0 => 1.0,
                    k if k == steps => 1.0,
                    k if k % 2 == 1 => 4.0,
                    _ => 2.0,
                } * std::f64::consts::PI / f64::from(steps) / 3.0;
                let mass = (nu.cdf(x) - atom_below) * h * theta.sin();
                first += weight * mass;
                second += weight * 2.0 * x * mass;
            }
            // An atom at 0 adds nothing to the moments, its weight only to the mass.
            let share = 1.0 - atom_below;
            let scale = reach(&nu).powi(2) + 1.0;
            prop_assert!((share * hi - first - nu.moment(1)).abs() <= 1e-10 * scale);
            prop_assert!((share * hi * hi - second - nu.moment(2)).abs() <= 1e-10 * scale);
        }
    }
}

#[test]
fn an_atom_certifies_nothing_at_its_own_place() {
    let nu = SpectralMeasure::atoms(&[(0.5, 0.25), (2.0, 0.75)]).expect("atoms");
    let jet = nu.stieltjes_jet(Complex64::new(2.0, 0.0));
    assert_eq!(jet.error, f64::INFINITY);
    assert_eq!(jet.first_error, f64::INFINITY);
    assert_eq!(jet.second_error, f64::INFINITY);
}

#[test]
fn one_atom_is_its_own_everything() {
    let nu = SpectralMeasure::empirical(vec![0.25]).expect("one eigenvalue");
    assert_eq!(nu.support(), vec![Interval { lo: 0.25, hi: 0.25 }]);
    assert_eq!((nu.quantile(0.0), nu.quantile(1.0)), (0.25, 0.25));
    assert_eq!(nu.moment(3), 0.25_f64.powi(3));
    assert_eq!(
        nu.stieltjes(Complex64::new(0.25, 2.0)),
        Complex64::new(0.0, 0.5)
    );
}

#[test]
fn equal_eigenvalues_merge_into_one_atom() {
    let nu = SpectralMeasure::empirical(vec![1.0, -0.0, 1.0, 0.0]).expect("eigenvalues");
    assert_eq!(nu.point_masses(), &[(0.0, 0.5), (1.0, 0.5)]);
    assert_eq!(nu.mass_at(1.0), 0.5);
    assert_eq!(nu.mass_at(0.5), 0.0);
}

#[test]
fn quantiles_of_impossible_levels_are_not_numbers() {
    let nu = SpectralMeasure::uniform(0.0, 1.0).expect("uniform");
    assert!(nu.quantile(-1e-9).is_nan() && nu.quantile(1.5).is_nan());
    assert!(nu.quantile(f64::NAN).is_nan());
}

#[test]
fn marchenko_pastur_above_ratio_1_has_its_atom_at_0() {
    let nu = SpectralMeasure::marchenko_pastur(4.0, 1.0).expect("Marchenko–Pastur");
    assert_eq!(nu.mass_at(0.0), 0.75);
    assert_eq!(
        nu.support(),
        vec![Interval { lo: 0.0, hi: 0.0 }, Interval { lo: 1.0, hi: 9.0 }]
    );
    assert!((nu.moment(1) - 1.0).abs() < 1e-15);
    assert!((nu.moment(2) - 5.0).abs() < 1e-14);
    assert_eq!(nu.spec(), "marchenko-pastur:4.0,1.0");
}

/// c → 0: x = v(1 + c − 2√c cos θ) has F = (1/π)[θ − ½ sin 2θ + √c(sin θ − ⅓ sin 3θ)] + O(c); for
/// c > 1 the part with a density has the same form with 1/√c.
#[test]
fn marchenko_pastur_far_from_ratio_1_is_nearly_a_semicircle() {
    let (v, small) = (0.7, 1e-5);
    for ratio in [small * small, 1.0 / (small * small)] {
        let nu = SpectralMeasure::marchenko_pastur(ratio, v).expect("Marchenko–Pastur");
        let at_zero = nu.mass_at(0.0);
        for theta in [0.3f64, 1.0, 1.6, 2.9] {
            let x = v * (1.0 + ratio - 2.0 * ratio.sqrt() * theta.cos());
            let semicircle = theta - 0.5 * (2.0 * theta).sin();
            let first = theta.sin() - (3.0 * theta).sin() / 3.0;
            let expected = (semicircle + small * first) / std::f64::consts::PI;
            let found = (nu.cdf(x) - at_zero) / (1.0 - at_zero);
            // The mass off 0 is 1/c: its digits in F are the last ones.
            let allowed = 1e-9 + 4.0 * UNIT / (1.0 - at_zero);
            assert!(
                (found - expected).abs() <= allowed,
                "c = {ratio}, θ = {theta}: {found} {expected}"
            );
        }
    }
}

#[test]
fn supports_have_the_ends_of_their_laws() {
    let ends = |nu: SpectralMeasure| *nu.support().last().expect("an interval");
    let semicircle = ends(SpectralMeasure::semicircle(0.5, 0.25).expect("semicircle"));
    assert_eq!(semicircle, Interval { lo: -0.5, hi: 1.5 });
    let plain = SpectralMeasure::marchenko_pastur(0.25, 2.0).expect("Marchenko–Pastur");
    assert_eq!(ends(plain.clone()), Interval { lo: 0.5, hi: 4.5 });
    let mirrored = plain.scaled(-1.0).expect("a reflection");
    assert_eq!(ends(mirrored.clone()), Interval { lo: -4.5, hi: -0.5 });
    let moved = mirrored.shifted(1.0).expect("a shift");
    assert_eq!(ends(moved), Interval { lo: -3.5, hi: 0.5 });
    let moved = plain.shifted(1.0).expect("a shift");
    assert_eq!(ends(moved), Interval { lo: 1.5, hi: 5.5 });
}

#[test]
fn reflected_laws_have_the_reflected_distribution_function() {
    for ratio in [0.1, 0.25, 0.8] {
        let plain = SpectralMeasure::marchenko_pastur(ratio, 2.0).expect("Marchenko–Pastur");
        let mirrored = plain.scaled(-1.0).expect("a reflection");
        let moved = mirrored.shifted(1.5).expect("a shift");
        for k in 0..60 {
            let x = -0.5 + 0.12 * f64::from(k);
            assert!((mirrored.cdf(-x) - (1.0 - plain.cdf(x))).abs() < 1e-14);
            assert!((moved.cdf(1.5 - x) - (1.0 - plain.cdf(x))).abs() < 1e-13);
            assert!(
                (plain.shifted(-0.7).expect("a shift").cdf(x - 0.7) - plain.cdf(x)).abs() < 1e-13
            );
        }
    }
}
