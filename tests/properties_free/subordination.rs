//! ω and s above the axis: the equation, its bounds, and how both move with ν and σ.

use crate::{any_nu, any_sigma, any_z, config, free, phi, phi_prime, upper};
use num_complex::Complex64;
use proptest::prelude::*;
use rmt_verify::measure::{SpectralMeasure, UpperHalf};

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
        // Newton with all its halvings, then both nested bisections.
        prop_assert!((1..=10_000).contains(&found.iterations), "{found:?}");
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
