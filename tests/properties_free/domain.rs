//! Extreme sizes, and input that is refused.

use crate::free;
use rmt_verify::free::{DomainError, FreeConvolution, FreeError, OutlierMap};
use rmt_verify::measure::SpectralMeasure;

#[test]
fn sizes_far_from_one_keep_their_meaning() {
    // σ below the spacing of doubles at the atom: the support is the atom.
    let far = free(&SpectralMeasure::atoms(&[(1e17, 1.0)]).unwrap(), 1e-3);
    let [interval] = far.support() else {
        panic!("{:?}", far.support())
    };
    assert!((interval.lo - 1e17).abs() <= 32.0 && (interval.hi - 1e17).abs() <= 32.0);
    // σ² below the spacing at x: s is that of ν, −x/2 in the real part.
    let narrow = free(&SpectralMeasure::semicircle(0.0, 1.0).unwrap(), 1e-9);
    let s = narrow.on_axis(0.3).unwrap().s;
    assert!((s.re + 0.15).abs() < 1e-6 && (s.im - 0.25f64.mul_add(-0.09, 1.0).sqrt()).abs() < 1e-6);
    let wide = free(&SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap(), 1e100);
    assert!((wide.support()[0].hi / 2e100 - 1.0).abs() < 1e-15);
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
