//! Properties of μ = ν ⊞ semicircle(σ²) over generated ν and σ.

use num_complex::Complex64;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rmt_verify::free::{DomainError, Fate, FreeConvolution, FreeError, OutlierMap};
use rmt_verify::measure::{SpectralMeasure, UpperHalf};
use std::f64::consts::PI;

/// Any ν of the family: atoms, one continuous law, or a mixture of both.
fn any_nu() -> impl Strategy<Value = SpectralMeasure> {
    prop_oneof![atoms(6), continuous(), mixed()]
}

fn atoms(most: usize) -> impl Strategy<Value = SpectralMeasure> {
    prop::collection::vec((-4.0..4.0f64, 0.05..1.0f64), 1..=most).prop_map(|pairs| {
        let total: f64 = pairs.iter().map(|pair| pair.1).sum();
        let pairs: Vec<_> = pairs.iter().map(|&(t, w)| (t, w / total)).collect();
        SpectralMeasure::atoms(&pairs).expect("weights that sum to 1")
    })
}

fn continuous() -> impl Strategy<Value = SpectralMeasure> {
    prop_oneof![
        (-3.0..3.0f64, 0.1..5.0f64).prop_map(|(a, w)| SpectralMeasure::uniform(a, a + w)),
        (-3.0..3.0f64, 0.1..5.0f64).prop_map(|(a, w)| SpectralMeasure::arcsine(a, a + w)),
        (-3.0..3.0f64, 0.1..3.0f64).prop_map(|(c, v)| SpectralMeasure::semicircle(c, v)),
        (0.1..3.0f64, 0.2..2.0f64).prop_map(|(r, v)| SpectralMeasure::marchenko_pastur(r, v)),
    ]
    .prop_map(|law| law.expect("a law"))
}

fn mixed() -> impl Strategy<Value = SpectralMeasure> {
    (0.1..0.9f64, atoms(3), continuous()).prop_map(|(p, discrete, smooth)| {
        SpectralMeasure::mixture(vec![(p, discrete), (1.0 - p, smooth)]).expect("two parts")
    })
}

fn any_sigma() -> impl Strategy<Value = f64> {
    prop_oneof![0.3..2.0f64, 0.02..0.3f64]
}

/// Heights over twelve decades.
fn any_z() -> impl Strategy<Value = UpperHalf> {
    (-7.0..7.0f64, -12.0..1.5f64).prop_map(|(x, e)| upper(x, 10f64.powf(e)))
}

fn upper(x: f64, y: f64) -> UpperHalf {
    UpperHalf::new(Complex64::new(x, y)).expect("y > 0")
}

fn free(nu: &SpectralMeasure, sigma: f64) -> FreeConvolution {
    FreeConvolution::new(nu.clone(), sigma).expect("σ > 0")
}

/// Φ(ω) = ω − σ² s_ν(ω), here spelled out once more.
fn phi(mu: &FreeConvolution, omega: Complex64) -> Complex64 {
    omega - mu.nu().stieltjes_jet(omega).value * mu.sigma().powi(2)
}

fn phi_prime(mu: &FreeConvolution, omega: Complex64) -> Complex64 {
    1.0 - mu.nu().stieltjes_jet(omega).first * mu.sigma().powi(2)
}

/// Moments m₀…m₄ of μ by its density: x = centre + half·cos θ and the midpoint rule in θ on each
/// interval, which absorbs square-root edges; cusps cost it O(nodes^{-4/3}).
fn moments(mu: &FreeConvolution, nodes: u32) -> [f64; 5] {
    let mut total = [0.0; 5];
    for interval in mu.support() {
        let (centre, half) = (0.5 * (interval.lo + interval.hi), 0.5 * interval.width());
        for k in 0..nodes {
            let angle = PI * (f64::from(k) + 0.5) / f64::from(nodes);
            let x = centre + half * angle.cos();
            let mass =
                mu.density(x).expect("solved").value * half * angle.sin() * PI / f64::from(nodes);
            for (power, sum) in total.iter_mut().enumerate() {
                *sum += mass * x.powi(power as i32);
            }
        }
    }
    total
}

/// κ₁…κ₄ to m₁…m₄ and back: free cumulants (non-crossing partitions).
fn free_cumulants(m: [f64; 4]) -> [f64; 4] {
    let k1 = m[0];
    let k2 = m[1] - k1 * k1;
    let k3 = m[2] - 3.0 * k1 * k2 - k1.powi(3);
    let k4 = m[3] - 4.0 * k1 * k3 - 2.0 * k2 * k2 - 6.0 * k1 * k1 * k2 - k1.powi(4);
    [k1, k2, k3, k4]
}

/// The same cases in every run; RMT_PROPERTY_CASES widens them.
fn config(cases: u32) -> ProptestConfig {
    let factor =
        std::env::var("RMT_PROPERTY_CASES").map_or(1, |text| text.parse().expect("a factor"));
    ProptestConfig {
        cases: cases * factor,
        rng_seed: RngSeed::Fixed(2),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn phi_inverts_omega_and_omega_lies_above_z(nu in any_nu(), sigma in any_sigma(), z in any_z()) {
        let mu = free(&nu, sigma);
        let found = mu.subordination(z).unwrap();
        let z = z.get();
        prop_assert!(found.omega.im >= z.im, "{found:?}");
        prop_assert!(found.s.im > -found.error_bound);
        prop_assert!(found.error_bound.is_finite());
        // Φ moves by |Φ′| times the error of ω, at most σ² times that of s, and one rounding of ω.
        let slope = phi_prime(&mu, found.omega).norm();
        let size = 1.0 + z.norm() + sigma;
        let allowed = 2.0 * slope * sigma * sigma * found.error_bound + 1e-14 * size * (1.0 + slope);
        let back = phi(&mu, found.omega);
        prop_assert!((back - z).norm() <= allowed, "Φ(ω) = {back}, allowed {allowed:e}");
        // s satisfies Pastur's equation and ω = z + σ²s.
        prop_assert!((found.omega - z - found.s * sigma * sigma).norm()
            <= 2.0 * sigma * sigma * found.error_bound + 1e-14 * size);
    }

    #[test]
    fn the_bound_is_tight_enough_to_use(nu in any_nu(), sigma in 0.3..2.0f64, x in -7.0..7.0f64, y in 1e-3..3.0f64) {
        let found = free(&nu, sigma).subordination(upper(x, y)).unwrap();
        // The condition number 1/|Φ′| is at most Im ω/Im z, here about 2000.
        let slope = phi_prime(&free(&nu, sigma), found.omega).norm();
        prop_assert!(found.error_bound * slope.min(1.0) <= 3e-13 * (1.0 + found.s.norm()), "{found:?}");
    }

    #[test]
    fn the_contraction_bound_covers_perturbed_roots(nu in any_nu(), sigma in 0.3..2.0f64, z in any_z(),
            e in -8.0..0.0f64, angle in 0.0..6.3f64) {
        // |s − s̃| ≤ δ/(1 − q), q² = σ⁴∫|t − ω̃|⁻²/(σ² + Im² z); docs/derivations/subordination.md, section 2.
        let mu = free(&nu, sigma);
        let (v, root) = (sigma * sigma, mu.subordination(z).unwrap());
        let z = z.get();
        let trial = root.s + Complex64::from_polar(10f64.powf(e), angle);
        let omega = z + trial * v;
        prop_assume!(omega.im > 1e-3);
        let jet = nu.stieltjes_jet(omega);
        let q = (v * v * jet.value.im / omega.im / (v + z.im * z.im)).sqrt();
        prop_assume!(q < 0.999_999);
        let bound = ((jet.value - trial).norm() + jet.error) / (1.0 - q);
        prop_assert!((root.s - trial).norm() <= bound * (1.0 + 1e-9) + root.error_bound);
    }

    #[test]
    fn omega_prime_times_phi_prime_is_one(nu in any_nu(), sigma in 0.3..2.0f64, x in -6.0..6.0f64, y in 0.1..2.0f64) {
        let mu = free(&nu, sigma);
        let h = 1e-5;
        let at = |x| mu.subordination(upper(x, y)).unwrap().omega;
        let difference = (at(x + h) - at(x - h)) / (2.0 * h);
        let derivative = mu.omega_prime(upper(x, y)).unwrap();
        // ω is bounded by σ²/y off z: its third derivative is at most 6σ²/y⁴.
        let allowed = sigma * sigma / y.powi(4) * h * h + 1e-9;
        prop_assert!((difference - derivative).norm() <= allowed, "{difference} {derivative}");
        let product = derivative * phi_prime(&mu, at(x));
        prop_assert!((product - 1.0).norm() <= 1e-12);
    }

    #[test]
    fn shifts_commute_with_the_convolution(nu in any_nu(), sigma in 0.3..2.0f64, z in any_z(), c in -3.0..3.0f64) {
        let (mu, moved) = (free(&nu, sigma), free(&nu.shifted(c).unwrap(), sigma));
        let (a, b) = (mu.subordination(z).unwrap(), moved.subordination(upper(z.get().re + c, z.get().im)).unwrap());
        // x + c is rounded: s moves by |s′|·ε, and |1 + σ²s′| = 1/|Φ′|.
        let steep = (1.0 / phi_prime(&mu, a.omega).norm() + 1.0) / (sigma * sigma);
        prop_assert!((a.s - b.s).norm() <= a.error_bound + b.error_bound + 2e-14 * steep, "{a:?} {b:?}");
    }

    #[test]
    fn dilations_scale_nu_and_sigma_together(nu in any_nu(), sigma in 0.3..2.0f64, z in any_z(), a in 0.2..5.0f64) {
        let (mu, wide) = (free(&nu, sigma), free(&nu.scaled(a).unwrap(), a * sigma));
        let (p, q) = (mu.subordination(z).unwrap(), wide.subordination(UpperHalf::new(z.get() * a).unwrap()).unwrap());
        let steep = (1.0 / phi_prime(&mu, p.omega).norm() + 1.0) / (sigma * sigma);
        let allowed = p.error_bound + a * q.error_bound + 1e-13 * steep * (1.0 + sigma);
        prop_assert!((p.s - q.s * a).norm() <= allowed, "{p:?} {q:?}");
    }

    #[test]
    fn reflection_of_nu_reflects_the_transform(nu in any_nu(), sigma in 0.3..2.0f64, z in any_z()) {
        let (mu, mirror) = (free(&nu, sigma), free(&nu.scaled(-1.0).unwrap(), sigma));
        let z = z.get();
        let (a, b) = (mu.subordination(upper(z.re, z.im)).unwrap(), mirror.subordination(upper(-z.re, z.im)).unwrap());
        prop_assert!((a.s + b.s.conj()).norm() <= a.error_bound + b.error_bound);
    }

    #[test]
    fn two_semicircles_make_one(c in -2.0..2.0f64, v in 0.1..3.0f64, sigma in 0.2..2.0f64, z in any_z()) {
        let total = v + sigma * sigma;
        let mu = free(&SpectralMeasure::semicircle(c, v).unwrap(), sigma);
        let whole = SpectralMeasure::semicircle(c, total).unwrap();
        let z = z.get();
        let found = mu.subordination(upper(z.re, z.im)).unwrap();
        let exact = whole.stieltjes_jet(z);
        // The variance v + σ² is rounded: relative 1e-15 in s·z at the worst place, the edge.
        let steep = exact.first.norm() * (1.0 + z.norm());
        prop_assert!((found.s - exact.value).norm() <= found.error_bound + exact.error + 1e-15 * steep,
            "{found:?} {exact:?}");
        let edge = 2.0 * total.sqrt();
        let support = mu.support();
        prop_assert_eq!(support.len(), 1);
        prop_assert!((support[0].lo - (c - edge)).abs() <= 1e-14 * (edge + 2.0));
        prop_assert!((support[0].hi - (c + edge)).abs() <= 1e-14 * (edge + 2.0));
    }

    #[test]
    fn density_is_positive_inside_and_exactly_zero_outside(nu in any_nu(), sigma in any_sigma()) {
        let mu = free(&nu, sigma);
        let gaps = mu.gaps();
        prop_assert_eq!(gaps.len(), mu.support().len() + 1);
        for (k, interval) in mu.support().iter().enumerate() {
            prop_assert!(interval.lo < interval.hi);
            let width = interval.width();
            for share in [1e-6, 0.01, 0.5, 0.99, 1.0 - 1e-6] {
                let x = interval.lo + share * width;
                let rho = mu.density(x).unwrap();
                // At a cusp or between merging bumps the density itself may be tiny.
                prop_assert!(rho.value >= 0.0 && rho.value + rho.error > 0.0, "{x}: {rho:?}");
                if share == 1e-6 || share == 1.0 - 1e-6 {
                    prop_assert!(rho.value > rho.error, "{x}: {rho:?}");
                }
            }
            for (gap, inside) in [(&gaps[k], -1.0), (&gaps[k + 1], 1.0)] {
                let edge = if inside < 0.0 { interval.lo } else { interval.hi };
                let room = if gap.lo.value.is_finite() && gap.hi.value.is_finite() {
                    gap.hi.value - gap.lo.value
                } else {
                    1.0
                };
                let outside = mu.density(edge + inside * 0.3 * room).unwrap();
                prop_assert_eq!(outside.value, 0.0);
            }
        }
    }

    #[test]
    fn omega_and_phi_are_inverse_off_the_support(nu in any_nu(), sigma in any_sigma(), share in 0.02..0.98f64) {
        let mu = free(&nu, sigma);
        let map = OutlierMap::of(mu.clone());
        for gap in mu.gaps() {
            let lo = if gap.lo.value.is_finite() { gap.lo.value } else { gap.hi.value - 5.0 };
            let hi = if gap.hi.value.is_finite() { gap.hi.value } else { gap.lo.value + 5.0 };
            let location = lo + share * (hi - lo);
            let theta = map.strength(location).unwrap();
            prop_assert!(gap.preimage.lo <= theta.value && theta.value <= gap.preimage.hi);
            let spike = map.fate(theta.value).unwrap();
            prop_assert_eq!(spike.fate, Fate::Separates);
            prop_assert!((spike.location - location).abs() <= theta.error + 1e-14 * (1.0 + location.abs()),
                "{spike:?} {location} {theta:?}");
            let boundary = mu.on_axis(location).unwrap();
            prop_assert_eq!(boundary.s.im, 0.0);
        }
    }
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn mass_is_one_and_free_cumulants_add(nu in any_nu(), sigma in 0.3..2.0f64) {
        let mu = free(&nu, sigma);
        let mut expected = free_cumulants([1, 2, 3, 4].map(|k| nu.moment(k)));
        expected[1] += sigma * sigma;
        let [mass, m1, m2, m3, m4] = moments(&mu, 1000);
        // Exponentially small errors but at near cusps, which the midpoint rule sees to about 1e-4.
        prop_assert!((mass - 1.0).abs() <= 5e-4, "mass {mass}");
        let found = free_cumulants([m1, m2, m3, m4]);
        let size = 1.0 + nu.moment(4).abs() + sigma.powi(4);
        for (k, (a, b)) in found.iter().zip(expected).enumerate() {
            prop_assert!((a - b).abs() <= 5e-3 * size, "κ{} = {a}, not {b}", k + 1);
        }
    }

    #[test]
    fn the_distribution_function_is_the_integral_of_the_density(nu in any_nu(), sigma in 0.3..2.0f64, p in 0.05..0.95f64) {
        let mu = free(&nu, sigma);
        let x = mu.quantile(p).unwrap();
        let rho = mu.density(x).unwrap().value;
        prop_assume!(rho > 1e-3);
        prop_assert!((mu.cdf(x).unwrap() - p).abs() <= 1e-9);
        let h = 1e-4 * rho * rho;
        let difference = (mu.cdf(x + h).unwrap() - mu.cdf(x - h).unwrap()) / (2.0 * h);
        prop_assert!((difference - rho).abs() <= 1e-3 * rho + 1e-10 / h, "{difference} {rho}");
        let support = mu.support();
        prop_assert!((mu.cdf(support[support.len() - 1].hi + 1.0).unwrap() - 1.0).abs() <= 1e-12);
        prop_assert!(mu.cdf(support[0].lo - 1.0).unwrap() <= 1e-12);
    }

    #[test]
    fn the_support_of_a_hundred_atoms_is_where_the_density_is_positive(nu in atoms(100), sigma in 0.01..0.5f64) {
        let mu = free(&nu, sigma);
        let gaps = mu.gaps();
        let (lo, hi) = (gaps[0].hi.value, gaps[gaps.len() - 1].lo.value);
        let to_edge = |x: f64| {
            let ends = mu.support().iter().flat_map(|i| [i.lo, i.hi]);
            ends.map(|edge| (edge - x).abs()).fold(f64::INFINITY, f64::min)
        };
        for k in 1..200 {
            let x = lo + (hi - lo) * f64::from(k) / 200.0;
            // The sign of the density decided without the support: just above the axis.
            let above = mu.subordination(upper(x, 1e-12)).unwrap();
            let inside = mu.support().iter().any(|interval| interval.contains(x));
            if to_edge(x) > 1e-6 {
                prop_assert_eq!(above.s.im * sigma > 1e-5, inside, "{} at {}", above.s, x);
            }
        }
    }
}

#[test]
fn edges_of_the_two_atom_law_touch_in_a_cusp_at_sigma_one() {
    let nu = SpectralMeasure::atoms(&[(-1.0, 0.5), (1.0, 0.5)]).unwrap();
    let mu = free(&nu, 1.0);
    let edge = 1.5 * 3f64.sqrt();
    assert_eq!(mu.support().len(), 1);
    assert!((mu.support()[0].hi - edge).abs() <= 1e-15 * edge);
    assert!((mu.support()[0].lo + edge).abs() <= 1e-15 * edge);
    let tip = mu.density(0.0).unwrap();
    assert!(tip.value <= tip.error && tip.error < 1e-4, "{tip:?}");
    // The cusp: ρ(x) ~ (√3/2π)|x|^{1/3}, from s³ + 2zs² + z²s + z = 0.
    let near = mu.density(1e-9).unwrap();
    let cusp = 3f64.sqrt() / (2.0 * PI) * 1e-3;
    assert!((near.value / cusp - 1.0).abs() < 1e-2, "{near:?}");
}

#[test]
fn s_of_the_two_atom_law_solves_its_cubic() {
    let nu = SpectralMeasure::atoms(&[(-1.0, 0.5), (1.0, 0.5)]).unwrap();
    let mu = free(&nu, 1.0);
    for (x, y) in [(0.3, 0.1), (-2.0, 1e-6), (2.59, 1e-3), (5.0, 2.0)] {
        let z = Complex64::new(x, y);
        let s = mu.subordination(upper(x, y)).unwrap().s;
        let cubic = s * s * s + 2.0 * z * s * s + z * z * s + z;
        assert!(
            cubic.norm() <= 1e-13 * (1.0 + z.norm_sqr()),
            "{cubic} at {z}"
        );
    }
}

#[test]
fn gaps_that_almost_close_are_resolved_down_to_rounding() {
    // ½δ₋₁ + ½δ₁, σ² = 1 − ε: the gap is open with half-width about 2(ε/3)^{3/2}, ends Φ(x*).
    let nu = SpectralMeasure::atoms(&[(-1.0, 0.5), (1.0, 0.5)]).unwrap();
    for epsilon in [1e-2, 1e-4, 1e-6, 1e-8] {
        let sigma = f64::sqrt(1.0 - epsilon);
        let mu = free(&nu, sigma);
        assert_eq!(mu.support().len(), 2, "ε = {epsilon}");
        let half = 0.5 * (mu.support()[1].lo - mu.support()[0].hi);
        let leading = 2.0 * (epsilon / 3.0_f64).powf(1.5);
        let rounding = mu.gaps()[1].lo.error + mu.gaps()[1].hi.error;
        let allowed = 2.0 * epsilon + rounding / half + 1e-7;
        assert!(
            (half / leading - 1.0).abs() < allowed,
            "{half:e} {leading:e}"
        );
        let closed = free(&nu, f64::sqrt(1.0 + epsilon));
        assert_eq!(closed.support().len(), 1, "ε = {epsilon}");
        assert!(closed.density(0.0).unwrap().value > 0.0);
    }
}

#[test]
fn mass_is_one_to_twelve_digits_where_the_density_is_analytic() {
    let atoms = SpectralMeasure::atoms(&[(-1.0, 0.3), (0.7, 0.7)]).unwrap();
    let uniform = SpectralMeasure::uniform(-0.3, 2.9).unwrap();
    for (nu, sigma) in [(&atoms, 0.5), (&atoms, 1.5), (&uniform, 0.6)] {
        let [mass, mean, second, ..] = moments(&free(nu, sigma), 1000);
        assert!((mass - 1.0).abs() <= 1e-12, "{mass}");
        assert!((mean - nu.moment(1)).abs() <= 1e-12, "{mean}");
        let exact = nu.moment(2) + sigma * sigma;
        assert!((second - exact).abs() <= 1e-12 * exact, "{second} {exact}");
    }
}

#[test]
fn edges_of_the_uniform_law_have_their_closed_form() {
    for m in [1.0f64, 4.0, 10.0] {
        let mu = free(&SpectralMeasure::uniform(-m, m).unwrap(), 1.0);
        let edge = (1.0 + m * m).sqrt() + m.asinh() / m;
        let found = mu.gaps()[1].lo;
        assert!(
            (found.value - edge).abs() <= 4e-16 * edge,
            "{found:?} {edge}"
        );
        assert_eq!(mu.support().len(), 1);
        let map = OutlierMap::of(mu);
        let theta = m + 0.5;
        let phi = theta + ((theta + m) / (theta - m)).ln() / (2.0 * m);
        assert!((map.phi(theta).unwrap().value - phi).abs() <= 1e-15 * phi);
    }
}

#[test]
fn atoms_of_tiny_weight_keep_their_own_interval() {
    // δ₀ but for a weight w at θ > 1: an interval of half-width 2√(wΦ₀′(θ)) round Φ₀(θ) = θ + 1/θ. For
    // θ = 1.2 the midpoint of the gap (0, θ) has Φ′ < 0: the open part has to be searched for.
    for theta in [3.0f64, 1.2] {
        for w in [1e-6, 1e-8, 1e-14] {
            let nu = SpectralMeasure::atoms(&[(0.0, 1.0 - w), (theta, w)]).unwrap();
            let mu = free(&nu, 1.0);
            assert_eq!(mu.support().len(), 2, "w = {w:e}, θ = {theta}");
            let small = mu.support()[1];
            let half = 2.0 * (w * (1.0 - 1.0 / (theta * theta))).sqrt();
            // The next order is √w·Φ₀″/Φ₀′^{3/2}, at most 7√w for these θ.
            let allowed = 10.0 * f64::sqrt(w) + 1e-7;
            assert!(
                (0.5 * small.width() / half - 1.0).abs() < allowed,
                "{small:?} {half:e}"
            );
            let centre = theta + 1.0 / theta;
            assert!((0.5 * (small.lo + small.hi) - centre).abs() < allowed);
        }
    }
}

#[test]
fn an_absorbed_spike_goes_to_the_edge_beside_it_or_to_its_quantile() {
    let nu = SpectralMeasure::atoms(&[(-1.0, 0.5), (1.0, 0.5)]).unwrap();
    // σ = 0.7: the inner gap is open. Just right of −1, Φ′ < 0: the edge below the gap.
    let open = OutlierMap::new(nu.clone(), 0.7).unwrap();
    let support = open.free_convolution().support().to_vec();
    assert_eq!(support.len(), 2);
    assert_eq!(open.fate(-0.9).unwrap().location, support[0].hi);
    assert_eq!(open.fate(0.9).unwrap().location, support[1].lo);
    assert_eq!(open.fate(1.1).unwrap().location, support[1].hi);
    assert_eq!(open.fate(-1.1).unwrap().location, support[0].lo);
    // σ = 2: it is closed, and half of the spectrum lies below the spike whatever θ ∈ (−1, 1).
    let closed = OutlierMap::new(nu, 2.0).unwrap();
    let spike = closed.fate(0.4).unwrap();
    assert_eq!(
        (spike.fate, spike.overlap, spike.goe_variance),
        (Fate::Absorbed, 0.0, 0.0)
    );
    assert!(
        spike.slope < 0.0 && spike.location.abs() < 1e-12,
        "{spike:?}"
    );
}

#[test]
fn bad_input_is_named() {
    let nu = SpectralMeasure::uniform(-1.0, 1.0).unwrap();
    for sigma in [0.0, -1.0, f64::NEG_INFINITY] {
        let error = FreeConvolution::new(nu.clone(), sigma).unwrap_err();
        assert_eq!(error, FreeError::SigmaNotPositive { sigma });
    }
    let error = FreeConvolution::new(nu.clone(), f64::NAN).unwrap_err();
    assert!(matches!(error, FreeError::SigmaNotPositive { sigma } if sigma.is_nan()));
    for sigma in [f64::INFINITY, 1e-200, 1e200] {
        let error = FreeConvolution::new(nu.clone(), sigma).unwrap_err();
        assert_eq!(error, FreeError::SigmaOutOfRange { sigma });
    }
    let map = OutlierMap::new(nu, 1.0).unwrap();
    for theta in [-1.0, 0.0, 0.5, 1.0] {
        let inside = DomainError::InsideSupport {
            theta,
            lo: -1.0,
            hi: 1.0,
        };
        assert_eq!(map.phi(theta).unwrap_err(), inside);
        assert_eq!(map.fate(theta).unwrap_err(), inside);
    }
    assert!(matches!(
        map.phi(f64::NAN),
        Err(DomainError::NotFinite { .. })
    ));
    assert!(matches!(
        map.strength(0.3),
        Err(DomainError::InsideBulk { .. })
    ));
    assert!(matches!(
        map.free_convolution().on_axis(f64::NAN),
        Err(FreeError::NotFinite { .. })
    ));
}
