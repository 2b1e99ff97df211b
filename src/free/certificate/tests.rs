//! Bounds cover what they stand for.

use super::*;
use crate::measure::SpectralMeasure;
use proptest::prelude::*;

fn free(atoms: &[(f64, f64)], sigma: f64) -> FreeConvolution {
    FreeConvolution::new(SpectralMeasure::atoms(atoms).unwrap(), sigma).unwrap()
}

fn three_atoms() -> impl Strategy<Value = Vec<(f64, f64)>> {
    [-3.0..3.0f64, -3.0..3.0, -3.0..3.0]
        .prop_map(|[a, b, c]| vec![(a, 0.5), (b, 0.375), (c, 0.125)])
}

proptest! {
    #[test]
    fn the_mean_inverse_square_and_the_curvature_bound_what_they_stand_for(
        atoms in three_atoms(), sigma in 0.3..2.0f64, x in -4.0..4.0f64, e in -9.0..0.5f64,
        share in 0.0..1.0f64, angle in 0.0..6.3f64,
    ) {
        let mu = free(&atoms, sigma);
        let omega = Complex64::new(x, 10f64.powf(e));
        let distance = mu.distance_to_nu(omega);
        prop_assume!(distance > 1e-6);
        let nearest = atoms.iter().map(|a| (a.0 - omega).norm()).fold(f64::INFINITY, f64::min);
        prop_assert!(distance <= nearest && nearest <= distance * (1.0 + 1e-8));

        let trial = mu.trial(omega, omega);
        let exact: f64 = atoms.iter().map(|(t, w)| w / (t - omega).norm_sqr()).sum();
        let mean = mu.mean_inverse_square(&trial, distance);
        // Im s/Im ω is the integral itself; only the error of s comes on top.
        let most = exact + 2.0 * trial.jet.error / omega.im;
        prop_assert!(exact * (1.0 - 1e-13) <= mean && mean <= most * (1.0 + 1e-9));

        let reach = distance / 16.0;
        let bound = mu.curvature(&trial, distance, reach);
        let second = |w: Complex64| {
            let sum: Complex64 = atoms.iter().map(|(t, m)| 2.0 * m * (t - w).inv().powi(3)).sum();
            sigma * sigma * sum.norm()
        };
        let inside = omega + Complex64::from_polar(share * reach, angle);
        prop_assert!(second(inside) <= bound * (1.0 + 1e-12), "{} {bound}", second(inside));
        // A tiny disc: the bound is |Φ″| at its centre, as far as s″ is known.
        let point = mu.curvature(&trial, distance, 1e-12 * distance);
        let slack = 2.0 * sigma * sigma * trial.jet.second_error;
        let crude = 2.0 * sigma * sigma * exact / distance;
        prop_assert!(point <= (second(omega) + slack + 1e-10 * crude) * (1.0 + 1e-9));
    }

    /// |Im ω|⁻² near a single atom: with Im ω ≪ distance the integrals of s and s′ are one.
    #[test]
    fn on_the_axis_the_mean_inverse_square_is_the_slope_of_s(
        atoms in three_atoms(), sigma in 0.3..2.0f64, x in -4.0..4.0f64
    ) {
        let mu = free(&atoms, sigma);
        let omega = Complex64::new(x, 0.0);
        let distance = mu.distance_to_nu(omega);
        prop_assume!(distance > 1e-6);
        let exact: f64 = atoms.iter().map(|(t, w)| w / (t - x).powi(2)).sum();
        let mean = mu.mean_inverse_square(&mu.trial(omega, omega), distance);
        prop_assert!(exact * (1.0 - 1e-13) <= mean && mean <= exact * (1.0 + 1e-9));
    }

    /// Whatever trial is judged, the bound covers: the roots are known from better trials.
    #[test]
    fn every_bound_covers_the_root_from_a_trial_far_from_it(
        atoms in three_atoms(), sigma in 0.3..2.0f64, x in -6.0..6.0f64, e in -3.0..0.5f64,
        size in -6.0..0.0f64, angle in 0.0..6.3f64,
    ) {
        let mu = free(&atoms, sigma);
        let z = Complex64::new(x, 10f64.powf(e));
        let root = mu.solve_above(z).unwrap();
        let omega = root.omega + Complex64::from_polar(10f64.powf(size), angle);
        prop_assume!(omega.im > 0.0);
        let trial = mu.trial(z, omega);
        let found = [mu.kantorovich(z, &trial), mu.pick(z, &trial), mu.hoelder(z, &trial)];
        for certificate in found.into_iter().flatten() {
            let off = (certificate.s - root.s).norm();
            prop_assert!(off <= certificate.bound + root.error_bound, "{off:e} {certificate:?}");
            prop_assert!(certificate.omega.im >= z.im);
        }
        let best = mu.certify(z, &trial);
        prop_assert!((best.s - root.s).norm() <= best.bound + root.error_bound);
    }
}

/// δ₀, σ = 1: Φ = ω + 1/ω has the double root ω = 1 of Φ = 2, where Newton's method certifies
/// nothing, and Φ = 2.5 has the roots 2 and ½ of which only the first is ω.
#[test]
fn double_roots_and_wrong_roots_have_no_newton_certificate() {
    let mu = free(&[(0.0, 1.0)], 1.0);
    let at = |z: f64, omega: f64| {
        let (z, omega) = (Complex64::new(z, 0.0), Complex64::new(omega, 0.0));
        mu.kantorovich(z, &mu.trial(z, omega))
    };
    assert!(at(2.0, 1.0).is_none());
    assert!(at(2.5, 0.5).is_none());
    assert!(at(2.5, 0.0).is_none());
    let right = at(2.5, 2.0).unwrap();
    assert_eq!(right.s, Complex64::new(-0.5, 0.0));
    assert!(right.bound < 1e-14);
}

/// ½δ₋ᵤ + ½δᵤ: s″ = 2ω(ω² + 3)/(1 − ω²)³ in the unit u vanishes at 0, and what rounding leaves of it there is
/// no bound. With σ = 1 it is −Φ″.
#[test]
fn the_curvature_bound_covers_a_second_derivative_that_cancels() {
    for unit in [1.0, 0.05, 30.0] {
        let mu = free(&[(-unit, 0.5), (unit, 0.5)], 1.0);
        for x in [0.0, 1e-20, -1e-18, 3e-17, 1e-15, -1e-10] {
            let omega = Complex64::new(unit * x, 0.0);
            let trial = mu.trial(omega, omega);
            let distance = mu.distance_to_nu(omega);
            for reach in [0.0f64, 1e-12, 1e-3, 0.0625] {
                let reach = (unit * reach).min(distance / 16.0);
                let bound = mu.curvature(&trial, distance, reach) * unit.powi(3);
                let rim = x.abs() + reach / unit;
                // All coefficients of the series at 0 are positive: the largest value is that on the real axis.
                let most = 2.0 * rim * (rim * rim + 3.0) / (1.0 - rim * rim).powi(3);
                assert!(
                    most <= bound * (1.0 + 1e-12),
                    "{x:e} {reach:e}: {most:e} {bound:e}"
                );
                // The third derivative is taken at its largest, everywhere: 6/(1 − 1/16)⁴ < 8.
                let allowed = 8.0 * rim + 2.0 * trial.jet.second_error * unit.powi(3);
                assert!(
                    bound <= allowed * (1.0 + 1e-9),
                    "{x:e} {reach:e}: {bound:e}"
                );
            }
        }
    }
}

/// δ₀: on the rim of a disc, next to the atom, |Φ″| is 2σ²/(d − r)³.
#[test]
fn the_curvature_bound_covers_the_rim_beside_an_atom() {
    for (sigma, d) in [(1.0, 1.0), (0.3, 1e-3), (2.0, 1e4)] {
        let mu = free(&[(0.0, 1.0)], sigma);
        for share in [0.0, 1e-6, 0.01, 0.0625] {
            for phase in [0.0f64, 0.5, 1.5, 2.6] {
                let omega = Complex64::from_polar(d, phase);
                let distance = mu.distance_to_nu(omega);
                let bound = mu.curvature(&mu.trial(omega, omega), distance, share * distance);
                let rim = 2.0 * sigma * sigma / (d * (1.0 - share)).powi(3);
                assert!(rim <= bound * (1.0 + 1e-9), "{d} {share} {phase}");
                assert!(
                    bound <= rim * (1.0 + 3.0 * share + 1e-9),
                    "{d} {share} {phase}"
                );
            }
        }
    }
}

/// 1 − σ²s′ for an exact s′: fl(σ²), the product and the difference leave rests that are computed.
#[test]
fn the_error_of_the_slope_covers_its_own_three_roundings() {
    for k in 0..400 {
        let sigma = 0.1 + 0.0137 * f64::from(k);
        let mu = free(&[(0.0, 1.0)], sigma);
        for first in [1e-9, 0.37, 1.3, 1e4 / 3.0, -1e9 / 7.0] {
            let jet = Jet {
                first: Complex64::new(first, 0.0),
                ..exact_jet()
            };
            let (slope, error) = mu.slope_at(&jet);
            let square = sigma * sigma;
            let square_rest = sigma.mul_add(sigma, -square);
            let pull = square * first;
            let pull_rest = square.mul_add(first, -pull) + square_rest * first;
            let difference = 1.0 - pull;
            // Knuth's exact rest of a difference.
            let back = difference - 1.0;
            let rest = (1.0 - (difference - back)) - (pull + back);
            let off = (slope.re - difference) - (rest - pull_rest);
            assert!(
                off.abs() <= error,
                "σ = {sigma}, s′ = {first}: {off:e} {error:e}"
            );
            assert!(error <= 4.0 * UNIT * (1.0 + pull.abs()), "{error:e}");
        }
    }
}

fn exact_jet() -> Jet {
    Jet {
        value: Complex64::ZERO,
        first: Complex64::ZERO,
        second: Complex64::ZERO,
        error: 0.0,
        first_error: 0.0,
        second_error: 0.0,
    }
}

/// δ₀: of all ω with |ω − ω̃| ≤ r the one nearest to 0 has the s farthest off, by r/(d(d − r)).
#[test]
fn a_spread_of_omega_becomes_the_largest_possible_spread_of_s() {
    let mu = free(&[(0.0, 1.0)], 1.0);
    for omega in [
        Complex64::new(3.0, 4.0),
        Complex64::new(-40.0, 1.0),
        Complex64::new(0.0, 2.0),
    ] {
        // At its own Φ the trial has no defect but rounding, and directly r/σ² = r bounds s.
        let z = omega + omega.inv();
        let trial = mu.trial(z, omega);
        let d = omega.norm();
        for share in [1e-6, 1e-3, 0.1, 0.3] {
            let spread = share * d;
            let farthest = spread / (d * (d - spread));
            let found = mu.spread_to_s(z, &trial, spread).bound;
            assert!(farthest <= found, "{omega} {share}: {farthest:e} {found:e}");
            let allowed = farthest.min(spread) + trial.jet.error + 2.0 * trial.defect();
            assert!(
                found <= allowed * (1.0 + 1e-9),
                "{omega} {share}: {found:e} {allowed:e}"
            );
        }
    }
}

/// At ordinary points ten to a hundred roundings of s are what a bound should cost.
#[test]
fn newton_certificates_are_a_hundred_roundings_wide_at_most() {
    let mu = free(&[(-1.0, 0.25), (0.5, 0.5), (2.0, 0.25)], 0.75);
    for k in 0..60 {
        let z = Complex64::new(-4.0 + 0.13 * f64::from(k), 1.0 + 0.1 * f64::from(k));
        let root = mu.solve_above(z).unwrap();
        let sharp = mu.kantorovich(z, &mu.trial(z, root.omega)).unwrap();
        assert!(
            sharp.bound <= 100.0 * UNIT * sharp.s.norm(),
            "{z}: {sharp:?}"
        );
        assert!(sharp.bound >= 2.0 * UNIT * sharp.s.norm(), "{z}: {sharp:?}");
    }
}

/// δ₀, σ = 1 at the edge 2 = Φ(1): s = −1. Above the axis a trial is taken as it is, below it is
/// lifted first; the bound of the former is that of a cube root.
#[test]
fn trials_on_either_side_of_the_level_line_are_certified_at_an_edge() {
    let mu = free(&[(0.0, 1.0)], 1.0);
    let z = Complex64::new(2.0, 0.0);
    for off in [1e-2, 1e-3, 1e-4] {
        for side in [1.0, -1.0] {
            // Φ − 2 = (ω − 1)²/ω, nearly ±2i off².
            let trial = mu.trial(z, Complex64::new(1.0 + side * off, off));
            assert!(side * trial.residual.im > 0.0);
            let found = mu.hoelder(z, &trial).unwrap();
            assert!(
                (found.s + 1.0).norm() <= found.bound,
                "{off} {side}: {found:?}"
            );
            // Lifted, the trial lies far above; as it is, |Φ − 2| is 2 off² but for terms in off³.
            let spread = 5.0 * (3.0 * off * off).cbrt() + 20.0 * off * off;
            assert!(side < 0.0 || found.bound <= spread, "{off}: {found:?}");
        }
    }
}
