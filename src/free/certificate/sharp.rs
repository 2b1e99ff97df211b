//! Bounds are as small as they can be: each term of each certificate is attained, to first order.

use super::*;
use crate::measure::SpectralMeasure;

fn free(atoms: &[(f64, f64)], sigma: f64) -> FreeConvolution {
    FreeConvolution::new(SpectralMeasure::atoms(atoms).unwrap(), sigma).unwrap()
}

/// Laws and points z whose roots are known to all digits and well conditioned.
fn points() -> Vec<(FreeConvolution, Complex64)> {
    let three = [(-1.0, 0.25), (0.5, 0.5), (2.0, 0.25)];
    vec![
        (free(&[(0.0, 1.0)], 1.0), Complex64::new(3.0, 0.0)),
        (free(&[(0.0, 1.0)], 0.3), Complex64::new(-1.0, 0.7)),
        (free(&three, 0.75), Complex64::new(0.2, 1.5)),
        (free(&three, 2.5), Complex64::new(9.0, 0.5)),
    ]
}

fn root(mu: &FreeConvolution, z: Complex64) -> Complex64 {
    let found = if z.im == 0.0 {
        mu.on_axis(z.re)
    } else {
        mu.solve_above(z)
    };
    found.unwrap().omega
}

/// The trial at ω with nothing but `error`, `first_error` and `arithmetic` unknown.
fn trial(
    mu: &FreeConvolution,
    z: Complex64,
    omega: Complex64,
    [error, first_error, arithmetic]: [f64; 3],
) -> Trial {
    let trial = mu.trial(z, omega);
    let jet = Jet {
        error,
        first_error,
        ..trial.jet
    };
    Trial {
        jet,
        arithmetic,
        rounding: mu.variance * error + arithmetic,
        ..trial
    }
}

#[track_caller]
fn assert_between(least: f64, found: f64, most: f64) {
    assert!(
        least <= found && found <= most,
        "{found:e} outside [{least:e}, {most:e}]"
    );
}

/// s_ν off by e moves s by e/Φ′: it solves s − e = s_ν(ω), as at z + σ²e.
#[test]
fn an_error_of_the_transform_costs_itself_over_the_slope() {
    for (mu, z) in points() {
        let omega = root(&mu, z);
        let slope = mu.slope_at(&mu.nu.stieltjes_jet(omega)).0.norm();
        for e in [1e-6, 1e-8] {
            let found = mu
                .kantorovich(z, &trial(&mu, z, omega, [e, 0.0, 0.0]))
                .unwrap();
            for sign in [1.0, -1.0] {
                let moved = z + sign * e * mu.variance;
                let truth = (root(&mu, moved) - z) / mu.variance;
                let off = (truth - found.s).norm();
                assert_between(e / slope * 0.9999, off, found.bound + 1e-14);
            }
            assert_between(e / slope, found.bound, e / slope * 1.001);
        }
    }
}

/// s_ν′ off by e moves ω by e σ²|Φ(ω̃) − z|/Φ′²; the residual off by a moves s by a|s_ν′|/Φ′.
#[test]
fn errors_of_the_slope_and_of_the_residual_cost_what_they_can_do() {
    for (mu, z) in points() {
        let step = Complex64::from_polar(1e-5, 0.3);
        let omega = root(&mu, z) + if z.im == 0.0 { 1e-5.into() } else { step };
        let exact = mu.trial(z, omega);
        let slope = mu.slope_at(&exact.jet).0.norm();
        for e in [1e-2, 0.05] {
            let found = mu
                .kantorovich(z, &trial(&mu, z, omega, [0.0, e, 0.0]))
                .unwrap();
            let least = slope - mu.variance * e;
            let cost = exact.residual.norm() * e / (least * least);
            assert_between(cost, found.bound, cost * 1.02);
        }
        let omega = root(&mu, z);
        let first = exact.jet.first.norm();
        for (e, a) in [(0.0, 1e-6), (0.05, 1e-6), (0.0, 1e-9)] {
            let found = mu
                .kantorovich(z, &trial(&mu, z, omega, [0.0, e, a]))
                .unwrap();
            let cost = a * (first + e) / (slope - mu.variance * e);
            assert_between(cost * 0.999, found.bound, cost * 1.001);
        }
    }
}

/// With no error but its last roundings a value is certified to two of them.
#[test]
fn an_exact_trial_is_certified_to_two_roundings() {
    for (mu, z) in points() {
        let omega = root(&mu, z) + 1e-10;
        let found = mu.kantorovich(z, &trial(&mu, z, omega, [0.0; 3])).unwrap();
        let unit = UNIT * found.s.norm();
        assert_between(2.0 * unit, found.bound, 2.1 * unit);
    }
}

/// Right of the support s_ν′, s_ν″ and Φ′ have one sign: what Newton's step leaves is attained.
#[test]
fn the_second_order_is_attained_on_the_axis() {
    for (mu, z) in [
        (free(&[(0.0, 1.0)], 1.0), 3.0),
        (free(&[(0.0, 1.0)], 0.3), 0.7),
        (free(&[(-3.0, 0.5), (0.5, 0.5)], 2.0), 6.5),
    ] {
        let truth = mu.on_axis(z).unwrap();
        let z = Complex64::new(z, 0.0);
        for step in [1e-3, 1e-4, -1e-3, -1e-4] {
            let omega = truth.omega + step * mu.sigma;
            let found = mu.kantorovich(z, &mu.trial(z, omega)).unwrap();
            let off = (found.s - truth.s).norm();
            assert_between(off, found.bound, off * (1.0 + 60.0 * step.abs() + 1e-6));
            // The step itself goes into ω.
            assert!((found.omega - truth.omega).norm() <= 10.0 * step * step);
        }
    }
}

/// A disc of radius r round ω̃ must lie above the axis, or have Re Φ′ > 0: else its root may be another.
#[test]
fn near_the_axis_a_root_is_told_from_its_mirror_image_by_the_slope() {
    // δ₀, σ = 1: Φ = 2.5 has the roots 2 and ½, and a little above the axis the latter goes below it.
    let mu = free(&[(0.0, 1.0)], 1.0);
    for y in [0.0, 1e-9, 1e-5] {
        let (z, other) = (Complex64::new(2.5, y), Complex64::new(0.5, 0.0));
        assert!(mu.kantorovich(z, &mu.trial(z, other)).is_none());
    }
    // Far right of the edge ω is nearly real and Re Φ′ > 0: certified below the height of the disc.
    for y in [1e-9, 1e-12] {
        let z = Complex64::new(3.0, y);
        let omega = root(&mu, z);
        let found = mu.kantorovich(z, &mu.trial(z, omega + 1e-4)).unwrap();
        assert!((found.s - (omega - z)).norm() <= found.bound);
        assert!(found.omega.im >= y);
    }
}

/// u for each rounding: of ω − z, of σ² and its product with s_ν, and of their difference.
#[test]
fn the_arithmetic_of_a_residual_is_counted_rounding_by_rounding() {
    for (mu, z) in points() {
        for omega in [
            root(&mu, z),
            Complex64::new(3.3, 0.7),
            Complex64::new(-40.0, 9.0),
        ] {
            let trial = mu.trial(z, omega);
            let pull = mu.variance * trial.jet.value.norm();
            let counted = UNIT * ((omega - z).norm() + 2.0 * pull + trial.residual.norm());
            assert_between(counted, trial.arithmetic, counted * (1.0 + 1e-9));
            let all = counted + mu.variance * trial.jet.error;
            assert_between(all, trial.rounding, all * (1.0 + 1e-9));
            let most = trial.residual.norm() + trial.rounding;
            assert_between(most, trial.defect(), most * (1.0 + 1e-9));
        }
    }
}

/// As σ → 0 ω(z) is z, and the hyperbolic bound is attained by a z straight above z̃, to first order by any.
#[test]
fn the_bound_of_schwarz_and_pick_is_attained_for_a_weak_noise() {
    let mu = free(&[(0.0, 1.0)], 1e-5);
    let omega = Complex64::new(0.0, 3.0);
    let image = omega - mu.nu.stieltjes(omega) * mu.variance;
    for size in [1e-1, 1e-2, 1e-3] {
        for direction in [Complex64::i(), -Complex64::i(), Complex64::ONE] {
            let z = image + direction * size;
            let found = mu.pick(z, &mu.trial(z, omega)).unwrap();
            let off = (found.s - mu.solve_above(z).unwrap().s).norm();
            assert_between(
                off * (1.0 - 1e-9),
                found.bound,
                off * (1.0 + 2.0 * size) + 1e-9 * size,
            );
        }
    }
    // δ ≥ Im z: nothing is known.
    for y in [0.0, 1.0, 1.4] {
        let z = Complex64::new(0.0, y);
        assert!(mu.pick(z, &mu.trial(z, omega)).is_none());
    }
}

/// Where the spread reaches supp ν, (14/3)(σ²δ)^{1/3} + 6δ and δ itself go through σ² into s.
#[test]
fn the_cube_root_bound_is_that_of_the_derivation() {
    for sigma in [1.0, 1.5, 0.2] {
        let mu = free(&[(0.0, 1.0)], sigma);
        let z = Complex64::new(2.0 * sigma, 0.0);
        for omega in [
            Complex64::new(1.1, 0.3),
            Complex64::new(0.4, 1.2),
            Complex64::new(3.0, 2.0),
        ] {
            let omega = omega * sigma;
            let trial = mu.trial(z, omega);
            assert!(trial.residual.im > 0.0);
            let defect = trial.residual.norm();
            let spread = 14.0 / 3.0 * (sigma * sigma * defect).cbrt() + 6.0 * defect;
            assert!(spread > omega.norm());
            let found = mu.hoelder(z, &trial).unwrap();
            let least = (spread + defect) / (sigma * sigma);
            assert_between(least, found.bound, least * (1.0 + 1e-9));
            assert_eq!(found.s, trial.jet.value);
        }
    }
}

/// δ₀, σ: Im Φ ≥ 0 outside the circle of radius σ. Steps double, so no trial is raised to twice the height.
#[test]
fn trials_below_the_level_line_are_raised_above_it_and_not_far() {
    for sigma in [1.0, 0.2] {
        let mu = free(&[(0.0, 1.0)], sigma);
        let z = Complex64::new(2.0 * sigma, 0.0);
        for (u, v) in [(0.9f64, 0.1f64), (0.3, 0.5), (0.99, 1e-6)] {
            let needed = (1.0 - u * u).sqrt() - v;
            let found = mu
                .hoelder(z, &mu.trial(z, Complex64::new(u, v) * sigma))
                .unwrap();
            let lift = found.omega.im / sigma - v;
            assert_between(needed, lift, 2.0 * needed + 1e-9);
            assert!((found.s + 1.0 / sigma).norm() <= found.bound);
        }
    }
}

/// Of the bounds that apply the least is taken: where Newton's fails, Hölder's or that of Schwarz and Pick.
#[test]
fn the_best_of_the_bounds_is_taken() {
    let mu = free(&[(0.0, 1.0)], 1.0);
    let omega = Complex64::new(1.0, 0.02);
    for y in [1e-6, 1e-3, 0.05, 0.5] {
        let z = Complex64::new(2.0, y);
        let trial = mu.trial(z, omega);
        let bound = |found: Option<Certificate>| found.map_or(f64::INFINITY, |c| c.bound);
        let newton = bound(mu.kantorovich(z, &trial));
        let others = bound(mu.pick(z, &trial)).min(bound(mu.hoelder(z, &trial)));
        let expected = if newton.is_finite() { newton } else { others };
        assert_eq!(mu.certify(z, &trial).bound, expected);
        assert!(expected.is_finite());
    }
}

/// δ₀, σ = 1 beside the double root 1: with h = Mδ/Φ′² a little below ½ a root is certified, at ½ no longer.
#[test]
fn newton_certificates_end_where_two_roots_may_meet() {
    let mu = free(&[(0.0, 1.0)], 1.0);
    for x in [1.05, 1.02, -1.03] {
        let omega = Complex64::new(x, 0.0);
        let image = omega - mu.nu.stieltjes(omega);
        let slope = (1.0 - 1.0 / (x * x)).abs();
        let (trial, distance) = (mu.trial(image, omega), mu.distance_to_nu(omega));
        for (h, certified) in [
            (0.05, true),
            (0.47, true),
            (0.495, false),
            (0.7, false),
            (3.0, false),
        ] {
            // δ with M(δ) δ = h Φ′², M taken over the disc of radius 4δ/Φ′.
            let mut defect = 0.0;
            for _ in 0..40 {
                let reach = (distance / 16.0).min(4.0 * defect / slope);
                defect = h * slope * slope / mu.curvature(&trial, distance, reach);
            }
            let z = image + defect * x.signum();
            let found = mu.kantorovich(z, &mu.trial(z, omega));
            assert_eq!(found.is_some(), certified, "{x} {h}");
        }
    }
}
