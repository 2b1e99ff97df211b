//! Powers of four: 4^k W is W in another unit, and a change of unit by a power of four rounds nothing,
//! not even in a square root.
//!
//! Values, steps and bounds must scale exactly, or nearly so where a bound pays for underflow.

use crate::{any_nu, any_sigma, any_z, atoms, config, free, upper};
use num_complex::Complex64;
use proptest::prelude::*;
use rmt_verify::ensemble::{Ensemble, EntryLaw};
use rmt_verify::free::OutlierMap;
use rmt_verify::free::finite_size::{EntryStatistics, FiniteSize};
use rmt_verify::measure::{Certified, SpectralMeasure};

fn same(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn subordination_takes_the_same_steps_in_every_unit(nu in any_nu(), sigma in any_sigma(), z in any_z(), k in -20..20i32) {
        let unit = 4f64.powi(k);
        let (mu, wide) = (free(&nu, sigma), free(&nu.scaled(unit).unwrap(), unit * sigma));
        let z = z.get();
        let there = upper(unit * z.re, unit * z.im);
        let (a, b) = (mu.subordination(upper(z.re, z.im)).unwrap(), wide.subordination(there).unwrap());
        prop_assert_eq!(a.iterations, b.iterations);
        prop_assert_eq!((a.omega * unit, a.s), (b.omega, b.s * unit));
        prop_assert!(same(a.error_bound, unit * b.error_bound), "{a:?} {b:?}");
    }

    #[test]
    fn edges_scale_with_the_unit_and_so_do_their_bounds(nu in any_nu(), sigma in any_sigma(), k in -20..20i32) {
        let unit = 4f64.powi(k);
        let (mu, wide) = (free(&nu, sigma), free(&nu.scaled(unit).unwrap(), unit * sigma));
        prop_assert_eq!(mu.gaps().len(), wide.gaps().len());
        for (a, b) in mu.gaps().iter().zip(wide.gaps()) {
            prop_assert_eq!((unit * a.preimage.lo, unit * a.preimage.hi), (b.preimage.lo, b.preimage.hi));
            prop_assert_eq!((unit * a.lo.value, unit * a.hi.value), (b.lo.value, b.hi.value));
            prop_assert!(same(unit * a.lo.error, b.lo.error) && same(unit * a.hi.error, b.hi.error), "{a:?} {b:?}");
        }
        // Beside an edge, by less than its error, the density is 0 but for that error.
        for gap in mu.gaps() {
            for x in [gap.lo.value.next_up(), gap.hi.value.next_down()] {
                if x.abs() < f64::MAX {
                    let (a, b) = (mu.density(x).unwrap(), wide.density(unit * x).unwrap());
                    prop_assert_eq!(a.value, unit * b.value);
                    prop_assert!(same(a.error, unit * b.error), "{a:?} {b:?}");
                }
            }
        }
        let middle = 0.5 * (mu.support()[0].lo + mu.support()[0].hi);
        let (a, b) = (mu.density(middle).unwrap(), wide.density(unit * middle).unwrap());
        prop_assert_eq!(a.value, unit * b.value);
        prop_assert!(same(a.error, unit * b.error), "{a:?} {b:?}");
    }

    #[test]
    fn spikes_scale_with_the_unit(nu in any_nu(), sigma in any_sigma(), away in 0.01..9.0f64, k in -20..20i32) {
        let unit = 4f64.powi(k);
        let maps = [(1.0, sigma), (unit, unit * sigma)].map(|(unit, sigma)| {
            OutlierMap::new(nu.scaled(unit).unwrap(), sigma).unwrap()
        });
        let support = nu.support();
        let theta = support[support.len() - 1].hi + away;
        let scaled = |a: Certified<f64>, b: Certified<f64>, unit: f64| {
            unit * a.value == b.value && same(unit * a.error, b.error)
        };
        let (a, b) = (maps[0].phi(theta).unwrap(), maps[1].phi(unit * theta).unwrap());
        prop_assert!(scaled(a, b, unit), "{a:?} {b:?}");
        let (a, b) = (maps[0].slope(theta).unwrap(), maps[1].slope(unit * theta).unwrap());
        prop_assert!(scaled(a, b, 1.0), "{a:?} {b:?}");
        let (a, b) = (maps[0].fate(theta).unwrap(), maps[1].fate(unit * theta).unwrap());
        prop_assert_eq!((a.fate, unit * a.location, a.slope, a.overlap), (b.fate, b.location, b.slope, b.overlap));
        prop_assert_eq!(unit * unit * a.goe_variance, b.goe_variance);
        let bulk = maps[0].free_convolution().support();
        let location = bulk[bulk.len() - 1].hi + away;
        let (a, b) = (maps[0].strength(location).unwrap(), maps[1].strength(unit * location).unwrap());
        prop_assert!(scaled(a, b, unit), "{a:?} {b:?}");
    }

    #[test]
    fn finite_size_terms_scale_with_the_unit(signal in prop::collection::vec(-2.0..2.0f64, 4..12), sigma in 0.3..2.0f64,
            x in -3.0..3.0f64, y in 1.0..4.0f64, k in -20..20i32) {
        let unit = 4f64.powi(k);
        let wide: Vec<f64> = signal.iter().map(|t| unit * t).collect();
        let omega = Complex64::new(x, y + sigma);
        let (a, b) = (FiniteSize::new(&signal, sigma, omega), FiniteSize::new(&wide, unit * sigma, omega * unit));
        for ensemble in [Ensemble::goe(), Ensemble::gue(), Ensemble::wigner(EntryLaw::SkewedTwoPoint)] {
            let law = EntryStatistics::of(&ensemble);
            for (a, b) in [(a.defect(law), b.defect(law)), (a.mean_shift(law), b.mean_shift(law))] {
                prop_assert_eq!((a.value, a.remainder), (b.value * unit, b.remainder * unit));
            }
        }
    }
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn bounds_of_many_atoms_scale_with_the_unit(nu in atoms(100), sigma in 0.05..0.5f64, z in any_z(), k in -20..20i32) {
        let unit = 4f64.powi(k);
        let (a, b) = (nu.stieltjes_jet(z.get()), nu.scaled(unit).unwrap().stieltjes_jet(z.get() * unit));
        prop_assert_eq!((a.value, a.first, a.second), (b.value * unit, b.first * unit.powi(2), b.second * unit.powi(3)));
        prop_assert!(same(a.error, b.error * unit) && same(a.first_error, b.first_error * unit.powi(2)));
        prop_assert!(same(a.second_error, b.second_error * unit.powi(3)));
        let (mu, wide) = (free(&nu, sigma), free(&nu.scaled(unit).unwrap(), unit * sigma));
        let ends = |mu: &rmt_verify::free::FreeConvolution, unit: f64| {
            mu.support().iter().map(|i| (unit * i.lo, unit * i.hi)).collect::<Vec<_>>()
        };
        prop_assert_eq!(ends(&mu, unit), ends(&wide, 1.0));
    }
}

/// The midpoint of the gap of ν has Φ′ < 0, so that the open part of the gap has to be searched for.
#[test]
fn a_gap_that_has_to_be_searched_for_is_found_in_every_unit() {
    for w in [1e-3, 1e-6, 1e-10] {
        for k in [-30, -10, 0, 10, 30] {
            let unit = 4f64.powi(k);
            let nu = SpectralMeasure::atoms(&[(0.0, 1.0 - w), (1.2 * unit, w)]).unwrap();
            assert_eq!(free(&nu, unit).support().len(), 2, "w = {w:e}, k = {k}");
        }
    }
}
