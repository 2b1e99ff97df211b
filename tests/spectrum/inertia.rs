//! Counts by inertia against certified eigenvalues, and where factors without pivoting fail.

use super::*;
use rmt_verify::spectrum::inertia::{self, CountError, Counted, Route};

/// #{λ > x + η} ≤ count ≤ #{λ > x − η} for eigenvalues known up to `error`.
fn assert_counted(found: Counted, x: f64, values: &[f64], error: f64) {
    let above = |x: f64| values.iter().filter(|&&v| v > x).count();
    let reach = found.distance + error;
    assert!(
        above(x + reach) <= found.count && found.count <= above(x - reach),
        "{found:?} at {x}, N = {}: {} to {}",
        values.len(),
        above(x + reach),
        above(x - reach)
    );
}

/// Both routes at points between eigenvalues, above and below all, and on the largest one.
fn check(w: &Hermitian) {
    let eigen = Faer.eigen(w).unwrap();
    let error = certify(w, &eigen);
    let values = eigen.spectrum.eigenvalues();
    let n = values.len();
    let mut points = vec![values[0], values[0] + 1.0, values[n - 1] - 1.0];
    for i in [0, 1, n / 3, n / 2, n.saturating_sub(2)] {
        if i + 1 < n {
            points.push(0.5 * (values[i] + values[i + 1]));
        }
    }
    for x in points {
        let found = inertia::count_above(w, x, f64::INFINITY).unwrap();
        assert_counted(found, x, values, error);
        // No tolerance is met: the better of both.
        let best = inertia::count_above(w, x, 0.0).unwrap();
        assert_counted(best, x, values, error);
        assert!(best.distance <= found.distance);
        assert!(
            best.distance <= 1e-9 * (1.0 + x.abs()),
            "N = {n}, x = {x}: {best:?}"
        );
    }
}

#[test]
fn counts_are_those_of_certified_eigenvalues() {
    for ensemble in [Ensemble::goe(), Ensemble::gue()] {
        for n in [1, 2, 3, 17, 64, 65, 130, 200] {
            let mut values = vec![0.0; n];
            values[0] = 2.5;
            values[n / 2] = -3.0;
            let signal = Signal::diagonal(SignalShape::Prescribed(values));
            let rng = &mut generator("inertia", n as u64);
            check(&Deformed { ensemble, signal }.sample(n, rng).unwrap());
        }
    }
}

#[test]
fn degenerate_and_graded_spectra_are_counted_within_their_distance() {
    for n in [2, 5, 70, 140] {
        let half: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i < n / 2))).collect();
        let graded: Vec<f64> = (0..n).map(|i| 2f64.powi(-(i as i32))).collect();
        for s in [half, graded, vec![1.0; n]] {
            rotated(&s).iter().for_each(check);
        }
        check(&Hermitian::Real(DMatrix::repeat(n, n, 1.0)));
    }
}

/// The matrices x − W at the outliers' places are far from definite, but for few directions: there the
/// fast route alone has to do.
#[test]
fn outliers_are_counted_without_pivoting() {
    let n = 300;
    let mut values = vec![0.0; n];
    (values[7], values[150], values[299]) = (2.0, 3.0, 4.0);
    let signal = Signal::diagonal(SignalShape::Prescribed(values));
    let ensemble = Ensemble::goe();
    for replicate in 0..10 {
        let rng = &mut generator("outliers", replicate);
        let model = Deformed {
            ensemble,
            signal: signal.clone(),
        };
        let w = model.sample(n, rng).unwrap();
        // Limits 2 + 1/2, 3 + 1/3, 4 + 1/4; the edge is 2.
        for (x, count) in [(2.2, 3), (2.9, 2), (3.8, 1), (4.7, 0)] {
            let found = inertia::count_above(&w, x, 1e-6).unwrap();
            assert_eq!((found.count, found.route), (count, Route::Unpivoted));
            assert!(found.distance <= 1e-6);
        }
    }
}

#[test]
fn a_point_on_an_eigenvalue_is_settled_up_to_the_distance() {
    let w = Hermitian::real(DMatrix::from_diagonal(&vec![1.0, 2.0, 2.0, 3.0].into())).unwrap();
    let found = inertia::count_above(&w, 2.0, 1e-9).unwrap();
    assert_eq!(found.route, Route::Pivoted, "a pivot vanishes");
    assert!((1..=3).contains(&found.count) && found.distance < 1e-14);
    for n in [1, 3, 70] {
        let zero = Hermitian::Complex(DMatrix::zeros(n, n));
        let found = inertia::count_above(&zero, 0.0, 0.0).unwrap();
        assert!(found.distance < 1e-290);
        assert_eq!(inertia::count_above(&zero, 1e-200, 0.0).unwrap().count, 0);
        assert_eq!(inertia::count_above(&zero, -1e-200, 0.0).unwrap().count, n);
    }
}

/// W − x with a leading entry 1e-10: unpivoted factors grow by its reciprocal.
#[test]
fn growth_is_seen_and_pivoting_takes_over() {
    for w in [
        Hermitian::real(dmatrix![0.0, 1.0; 1.0, 0.0]).unwrap(),
        Hermitian::real(dmatrix![0.0, 1.0, 2.0; 1.0, 0.0, 3.0; 2.0, 3.0, 0.5]).unwrap(),
    ] {
        let values = Faer.eigenvalues(&w).unwrap();
        let x = -1e-10;
        let rough = inertia::count_above(&w, x, f64::INFINITY).unwrap();
        assert_eq!(rough.route, Route::Unpivoted);
        assert!(rough.distance > 1e-7, "{rough:?}");
        let found = inertia::count_above(&w, x, 1e-12).unwrap();
        assert_eq!(found.route, Route::Pivoted);
        assert!(found.distance < 1e-12);
        assert_counted(found, x, values.eigenvalues(), 1e-14);
        assert_counted(rough, x, values.eigenvalues(), 1e-14);
    }
}

#[test]
fn scale_does_not_matter_up_to_the_ends_of_the_range() {
    let n = 90;
    let w = Ensemble::goe()
        .noise(n, &mut generator("scale", 0))
        .unwrap();
    let Hermitian::Real(m) = &w else {
        unreachable!("the GOE is real")
    };
    let values = Faer.eigenvalues(&w).unwrap();
    let x = 0.5 * (values.eigenvalues()[3] + values.eigenvalues()[4]);
    for exponent in [-1000, -300, 300, 1000] {
        let by = 2f64.powi(exponent);
        let w = Hermitian::real(m * by).unwrap();
        let found = inertia::count_above(&w, x * by, 0.0).unwrap();
        assert_eq!(found.count, 4);
        assert!(found.distance / by < 1e-9, "2^{exponent}: {found:?}");
    }
    // Here sums over rows overflow.
    let w = Hermitian::Real(DMatrix::repeat(3, 3, f64::MAX));
    assert_eq!(
        inertia::count_above(&w, 1.0, 0.0).unwrap_err(),
        CountError::OutOfRange { x: 1.0 }
    );
}

#[test]
fn ill_posed_counts_are_errors() {
    let w = Hermitian::real(dmatrix![1.0]).unwrap();
    for x in [f64::NAN, f64::INFINITY] {
        assert!(matches!(
            inertia::count_above(&w, x, 0.0),
            Err(CountError::NotFinite { .. })
        ));
    }
    for entry in [f64::NAN, f64::NEG_INFINITY] {
        assert!(matches!(
            inertia::count_above(&Hermitian::Real(dmatrix![entry]), 0.0, 0.0),
            Err(CountError::Hermitian(HermitianError::NotFinite { .. }))
        ));
    }
    assert!(matches!(
        inertia::count_above(&Hermitian::Real(dmatrix![0.0, 1.0; 2.0, 0.0]), 0.0, 0.0),
        Err(CountError::Hermitian(HermitianError::NotSelfAdjoint { .. }))
    ));
}
