//! Single eigenvalues and counts.

use super::*;

#[test]
fn eigenvalues_agree_with_the_dense_solver_within_their_bounds() {
    for t in examples() {
        let w = dense(&t);
        let spectrum = Faer.eigenvalues(&w).unwrap();
        let solver = 8.0 * w.n() as f64 * f64::EPSILON * w.frobenius_squared().sqrt();
        let n = t.n();
        for index in [0, 1, n / 2, n - 1] {
            let Ok(found) = t.eigenvalue(index, 1e-13) else {
                assert!(index >= n);
                continue;
            };
            let gap = (found.value - spectrum.eigenvalues()[index]).abs();
            assert!(
                gap <= found.error_bound + solver,
                "N = {n}, {index}: {gap:e} > {:e}",
                found.error_bound
            );
            assert!(found.error_bound <= 1e-13 + 64.0 * f64::EPSILON * 20.0);
        }
    }
}

#[test]
fn counts_are_those_of_the_dense_spectrum_off_the_eigenvalues() {
    for t in examples() {
        let spectrum = Faer.eigenvalues(&dense(&t)).unwrap();
        let values = spectrum.eigenvalues();
        for pair in values.windows(2) {
            let x = 0.5 * (pair[0] + pair[1]);
            if pair[0] - pair[1] < 1e-10 {
                continue;
            }
            let (count, eta) = t.count_above(x).unwrap();
            assert!(eta < 1e-12);
            assert_eq!(count, values.iter().filter(|&&v| v > x).count());
        }
        assert_eq!(t.count_above(values[0] + 1e-9).unwrap().0, 0);
        assert_eq!(t.count_above(values[t.n() - 1] - 1e-9).unwrap().0, t.n());
    }
}

#[test]
fn closed_form_of_the_second_difference_is_met_to_rounding() {
    // 2cos(kπ/(N + 1)), at a size where nothing is left out and one where most is.
    for n in [10usize, 100_000] {
        let t = Tridiagonal {
            diagonal: vec![0.0; n],
            off_diagonal: vec![1.0; n - 1],
        };
        let found = t.largest(1e-15).unwrap();
        let exact = 2.0 * (std::f64::consts::PI / (n as f64 + 1.0)).cos();
        assert!((found.value - exact).abs() <= found.error_bound + 4e-16);
        assert!(found.error_bound < 4e-15, "{:e}", found.error_bound);
    }
}

#[test]
fn weight_is_the_derivative_in_the_spike_and_that_of_the_dense_eigenvector() {
    let model = TridiagonalModel::new(&Ensemble::goe()).unwrap();
    for theta in [1.2, 1.5, 3.0] {
        for replicate in 0..20 {
            let t = sample(&model, 200, theta, &mut generator("weight", replicate));
            let weight = t.first_weight(t.largest(1e-14).unwrap().value);
            let Eigenvectors::Real(v) = Faer.eigen(&dense(&t)).unwrap().vectors else {
                unreachable!("T is real")
            };
            let expected = v[(0, 0)] * v[(0, 0)];
            assert!(
                (weight - expected).abs() <= 1e-9 * expected,
                "{weight} {expected}"
            );
            let moved = |by: f64| {
                let mut t = t.clone();
                t.diagonal[0] += by;
                t.largest(1e-14).unwrap().value
            };
            let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((weight - slope).abs() < 1e-6, "{weight} {slope}");
        }
    }
}

#[test]
fn ill_posed_questions_are_errors() {
    let t = Tridiagonal {
        diagonal: vec![0.0, f64::NAN],
        off_diagonal: vec![1.0],
    };
    assert_eq!(
        t.largest(1e-9).unwrap_err(),
        LocateError::NotFinite { index: 1 }
    );
    assert!(t.count_above(0.0).is_err());
    let t = Tridiagonal {
        diagonal: vec![0.0],
        off_diagonal: vec![],
    };
    assert_eq!(
        t.eigenvalue(1, 1e-9).unwrap_err(),
        LocateError::NoSuchIndex { index: 1, n: 1 }
    );
}

/// A companion above the bulk must not hide rows from one inside it.
#[test]
fn counts_do_not_depend_on_the_other_points() {
    for t in examples() {
        let points: Vec<f64> = (0..37).map(|i| 6.0 - 0.35 * f64::from(i)).collect();
        let together = t.counts_above(&points).unwrap();
        for (i, &x) in points.iter().enumerate() {
            assert_eq!(t.count_above(x).unwrap(), together[i]);
            assert_eq!(t.counts_above(&points[i..]).unwrap(), together[i..]);
        }
    }
    assert_eq!(examples()[0].counts_above(&[]), Ok(vec![]));
}

#[test]
fn points_that_are_no_numbers_are_errors() {
    let t = &examples()[0];
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(matches!(
            t.counts_above(&[0.0, x]),
            Err(LocateError::PointNotFinite { .. })
        ));
    }
}
