//! Distances, densities beside edges and their bounds.

use super::*;

fn free(atoms: &[(f64, f64)], sigma: f64) -> FreeConvolution {
    FreeConvolution::new(SpectralMeasure::atoms(atoms).unwrap(), sigma).unwrap()
}

/// Between an edge as computed and its true place the density may be positive, by Biane's Hölder bound at most
/// (¾σ²d)^{1/3}/(πσ²), d the part of the edge's error that lies beyond x.
#[test]
fn beside_an_edge_the_density_is_zero_but_for_the_error_of_the_edge() {
    let mut seen = 0;
    for (weight, sigma) in [(0.5, 0.4), (0.3, 0.31), (0.2, 0.057), (0.5, 0.9)] {
        let mu = free(&[(-1.0, weight), (1.3, 1.0 - weight)], sigma);
        for gap in mu.gaps() {
            for (edge, inwards) in [(gap.lo, 1.0), (gap.hi, -1.0)] {
                if edge.value.is_infinite() {
                    continue;
                }
                for share in [0.3, 0.6, 3.0] {
                    let x = edge.value + inwards * share * edge.error;
                    let beyond = edge.error - (x - edge.value).abs();
                    if x == edge.value {
                        continue;
                    }
                    let found = mu.density(x).unwrap();
                    assert_eq!(found.value, 0.0);
                    let variance = sigma * sigma;
                    let most = (0.75 * variance * beyond.max(0.0)).cbrt() / (PI * variance);
                    seen += u32::from(most > 0.0);
                    assert!(
                        found.error >= most && found.error <= most * (1.0 + 1e-9),
                        "{x}: {found:?} {most:e}"
                    );
                }
            }
        }
    }
    assert!(seen > 0);
}

/// Inside the bulk the density is Im s/π, and its bound that of s over π with two roundings.
#[test]
fn the_bound_of_a_density_is_that_of_the_boundary_value() {
    for (sigma, unit) in [(1.0, 1.0), (0.3, 1e-6), (0.8, 1e5)] {
        let mu = free(&[(-unit, 0.4), (unit, 0.6)], sigma * unit);
        for x in [-1.1, -0.9, 0.95, 1.2] {
            let boundary = mu.on_axis(x * unit).unwrap();
            let found = mu.density(x * unit).unwrap();
            assert!(found.value > 0.0 && found.value == boundary.s.im / PI);
            let least = boundary.error_bound / PI + 4.0 * UNIT * found.value;
            assert!(found.error >= least * (1.0 - 1e-14) && found.error <= least * (1.0 + 1e-9));
        }
    }
}

/// Distances to supp ν = {−1} ∪ {1.3}, from either side, above, and on it.
#[test]
fn distances_to_the_support_are_lower_bounds_and_tight() {
    let mu = free(&[(-1.0, 0.5), (1.3, 0.5)], 1.0);
    for (re, im) in [
        (-4.0, 0.0),
        (-1.5, 0.2),
        (-0.9, 1e-3),
        (0.2, 0.0),
        (1.1, 2.0),
        (9.0, 0.0),
        (1e6, 3.0),
    ] {
        let omega = Complex64::new(re, im);
        let exact = (omega + 1.0).norm().min((omega - 1.3).norm());
        let found = mu.distance_to_nu(omega);
        assert!(found <= exact * (1.0 - UNIT), "{omega}: {found} {exact}");
        assert!(
            found >= exact * (1.0 - 1e-11) - 5.0 * UNIT * re.abs(),
            "{omega}: {found} {exact}"
        );
    }
    for x in [-1.0, 1.3] {
        assert_eq!(mu.distance_to_nu(Complex64::new(x, 0.0)), 0.0);
        let above = mu.distance_to_nu(Complex64::new(x, 0.5));
        assert!((0.5 * (1.0 - 8.0 * UNIT)..0.5).contains(&above));
    }
    let uniform = FreeConvolution::new(SpectralMeasure::uniform(-1.0, 1.0).unwrap(), 1.0).unwrap();
    assert_eq!(uniform.distance_to_nu(Complex64::new(0.3, 0.0)), 0.0);
}

/// ω′ = 1/Φ′(ω): of the semicircle law of variance 1, ω = z + s and s = −1/ω.
#[test]
fn the_derivative_of_omega_is_that_of_the_semicircle_law() {
    let mu = free(&[(0.0, 1.0)], 2.0);
    for z in [Complex64::new(0.3, 0.7), Complex64::new(-5.0, 0.1)] {
        let root = mu.subordination(UpperHalf::new(z).unwrap()).unwrap();
        let found = mu.omega_prime(UpperHalf::new(z).unwrap()).unwrap();
        let exact = (1.0 - 4.0 / (root.omega * root.omega)).inv();
        assert!((found - exact).norm() <= 1e-14 * exact.norm());
    }
}

/// Semicircle(V) ⊞ semicircle(σ²) has F(x) = ½ + (t√(1 − t²) + arcsin t)/π, t = x/(2√(V + σ²)).
#[test]
fn distribution_functions_of_semicircle_laws_are_exact_to_eleven_digits() {
    for (v, sigma) in [(0.0, 1.0), (0.3, 0.2), (2.0, 3.0)] {
        let nu = if v == 0.0 {
            SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap()
        } else {
            SpectralMeasure::semicircle(0.0, v).unwrap()
        };
        let mu = FreeConvolution::new(nu, sigma).unwrap();
        for t in [-0.99f64, -0.5, 0.0, 0.3, 0.8, 0.999] {
            let x = 2.0 * t * (v + sigma * sigma).sqrt();
            let exact = 0.5 + (t * (1.0 - t * t).sqrt() + t.asin()) / PI;
            let found = mu.cdf(x).unwrap();
            assert!(
                (found - exact).abs() <= 1e-11,
                "{v} {sigma} {t}: {found} {exact}"
            );
        }
    }
}

/// Newton's method doubles the digits: a well conditioned root costs a handful of evaluations, counted one by one.
#[test]
fn well_conditioned_roots_cost_a_few_evaluations() {
    let mu = free(&[(-1.0, 0.5), (1.3, 0.5)], 0.5);
    for x in [-4.0, 0.1, 2.9, 40.0] {
        let found = mu.on_axis(x).unwrap();
        assert!((2..40).contains(&found.iterations), "{x}: {found:?}");
    }
    for (x, y) in [(-4.0, 0.1), (0.1, 1.0), (1.3, 0.01), (40.0, 3.0)] {
        let found = mu.solve_above(Complex64::new(x, y)).unwrap();
        assert!((2..40).contains(&found.iterations), "{x} {y}: {found:?}");
    }
}
