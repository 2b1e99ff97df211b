//! supp μ: edges, gaps and cusps.

use crate::{any_nu, any_sigma, atoms, config, free, upper};
use proptest::prelude::*;
use rmt_verify::free::OutlierMap;
use rmt_verify::measure::SpectralMeasure;
use std::f64::consts::PI;

proptest! {
    #![proptest_config(config(300))]

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
}

proptest! {
    #![proptest_config(config(40))]

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
    // No Newton step is certified at a triple root: nested bisection, 64 halvings of u and each time
    // up to 64 of v, comes on top of Newton's steps, of which 120 have 40 halvings at most.
    let steps = mu.on_axis(0.0).unwrap().iterations;
    assert!(
        (64 * 65..64 * 65 + 120 * 40 + 4).contains(&steps),
        "{steps}"
    );
    // The cusp: ρ(x) ~ (√3/2π)|x|^{1/3}, from s³ + 2zs² + z²s + z = 0.
    let near = mu.density(1e-9).unwrap();
    let cusp = 3f64.sqrt() / (2.0 * PI) * 1e-3;
    assert!((near.value / cusp - 1.0).abs() < 1e-2, "{near:?}");
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

/// By less than the error of an edge the density may be positive, beyond that it is not.
#[test]
fn a_density_of_zero_is_certain_beyond_the_error_of_the_edge_and_no_nearer() {
    for sigma in [0.5, 1.0, 3.0] {
        let mu = free(&SpectralMeasure::semicircle(0.0, 1.0).unwrap(), sigma);
        let gaps = mu.gaps();
        for (edge, outwards) in [(gaps[0].hi, -1.0), (gaps[1].lo, 1.0)] {
            let beside = if outwards > 0.0 {
                edge.value.next_up()
            } else {
                edge.value.next_down()
            };
            let near = mu.density(beside).unwrap();
            assert_eq!(near.value, 0.0);
            // A semicircle of radius r: √(2r δ)·2/(πr²) at depth δ, here at most the error of the edge.
            let deepest = 2.0 * (2.0 * edge.error / edge.value.abs().powi(3)).sqrt() / PI;
            assert!(near.error >= deepest && near.error < 1e-4, "{near:?}");
            let far = mu.density(edge.value + outwards * 1e-9).unwrap();
            assert_eq!((far.value, far.error), (0.0, 0.0));
        }
    }
}
