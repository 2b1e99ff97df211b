//! Lists of eigenvalues.

use super::*;

#[test]
fn are_finite_and_descending_or_refused() {
    assert_eq!(Spectrum::new(vec![]), Err(SpectrumError::Empty));
    assert!(matches!(
        Spectrum::new(vec![1.0, f64::NAN]),
        Err(SpectrumError::NotFinite { index: 1, .. })
    ));
    assert_eq!(
        Spectrum::new(vec![3.0, 1.0, 2.0]),
        Err(SpectrumError::NotSorted {
            index: 1,
            value: 1.0,
            next: 2.0
        })
    );
    let s = Spectrum::from_unsorted(vec![1.0, 3.0, 2.0]).unwrap();
    assert_eq!(s.eigenvalues(), [3.0, 2.0, 1.0]);
    assert_eq!(
        s.distance(&Spectrum::new(vec![0.0]).unwrap()),
        f64::INFINITY
    );
}

#[test]
fn stieltjes_transform_has_the_sign_of_the_conventions() {
    let s = Spectrum::new(vec![2.0]).unwrap();
    assert_eq!(s.stieltjes(Complex64::from(1.0)), Complex64::from(1.0));
    assert!(s.stieltjes(Complex64::new(0.3, 0.1)).im > 0.0);
}
