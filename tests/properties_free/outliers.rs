//! Φ off the bulk and what becomes of spikes.

use crate::{any_nu, any_sigma, config, free};
use proptest::prelude::*;
use rmt_verify::free::{Fate, OutlierMap};
use rmt_verify::measure::SpectralMeasure;

proptest! {
    #![proptest_config(config(300))]

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
            // |⟨u, v⟩|² → Φ′ and N·Var λ → 2σ²Φ′.
            prop_assert_eq!(spike.overlap, spike.slope);
            let variance = 2.0 * sigma * sigma * spike.slope;
            prop_assert!((spike.goe_variance - variance).abs() <= 1e-15 * variance);
            prop_assert!((spike.location - location).abs() <= theta.error + 1e-14 * (1.0 + location.abs()),
                "{spike:?} {location} {theta:?}");
            let boundary = mu.on_axis(location).unwrap();
            prop_assert_eq!(boundary.s.im, 0.0);
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
fn a_spike_at_the_threshold_is_absorbed_by_the_edge() {
    let map = OutlierMap::new(SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap(), 1.0).unwrap();
    let spike = map.fate(1.0).unwrap();
    assert_eq!(
        (spike.fate, spike.location, spike.slope),
        (Fate::Absorbed, 2.0, 0.0)
    );
    let beyond = map.fate(1.0 + 1e-10).unwrap();
    assert_eq!(beyond.fate, Fate::Separates);
    // Φ′ = −3θ² there, hidden by rounding: the cusp is closed.
    let cusp = SpectralMeasure::atoms(&[(-1.0, 0.5), (1.0, 0.5)]).unwrap();
    let spike = OutlierMap::new(cusp, 1.0).unwrap().fate(1e-9).unwrap();
    assert_eq!((spike.fate, spike.overlap), (Fate::Absorbed, 0.0));
}

/// Φ′ = 0 at the ends of {Φ′ > 0}: a spike there does not leave the edge.
#[test]
fn a_spike_at_an_end_of_a_preimage_stays_at_its_edge() {
    let mut seen = 0;
    for k in 1..200 {
        let nu = SpectralMeasure::atoms(&[(-1.0, 0.3), (0.01 * f64::from(k), 0.7)]).unwrap();
        let map = OutlierMap::new(nu, 0.1 + 0.001 * f64::from(k)).unwrap();
        for gap in map.free_convolution().gaps() {
            for (theta, edge) in [(gap.preimage.lo, gap.lo), (gap.preimage.hi, gap.hi)] {
                if !theta.is_finite() {
                    continue;
                }
                let slope = map.slope(theta).unwrap();
                // Not a rounded end but beyond it: Φ′ > 0 for certain.
                if slope.value > slope.error {
                    continue;
                }
                seen += 1;
                let spike = map.fate(theta).unwrap();
                assert_eq!(
                    (spike.fate, spike.location, spike.overlap),
                    (Fate::Absorbed, edge.value, 0.0),
                    "{theta} {slope:?}"
                );
            }
        }
    }
    assert!(seen > 400, "only {seen} ends");
}

/// δ₀, σ = 1: θ + 1/θ = λ. Of the residual θ̃ − λ + 1/θ̃ the difference is exact and the rest known to
/// one rounding, so that the error of θ̃ is known to a part in 10⁹ of one rounding of θ̃.
#[test]
fn the_bound_of_a_strength_covers_its_rounding_and_little_more() {
    let map = OutlierMap::new(SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap(), 1.0).unwrap();
    for k in 0..200 {
        let location = (100.0 + f64::from(k)) * 1.07f64.powi(k);
        for location in [location, -location] {
            let theta = map.strength(location).unwrap();
            let off = (theta.value - location) + theta.value.recip();
            let slope = 1.0 - theta.value.powi(-2);
            let error = off.abs() / slope;
            assert!(error <= theta.error, "{location}: {error:e} {theta:?}");
            assert!(
                theta.error <= 1e-15 * location.abs(),
                "{location}: {theta:?}"
            );
        }
    }
}
