//! The largest k eigenvalues together.

use super::*;
use rmt_verify::spectrum::{Located, Nalgebra};

fn top(t: &Tridiagonal, k: usize, tolerance: f64) -> Vec<Located> {
    let found = t.top(k, tolerance).unwrap();
    assert_eq!(found.len(), k);
    found
}

#[test]
fn top_k_are_those_of_the_dense_solvers_within_their_bounds() {
    for t in examples() {
        let w = dense(&t);
        let n = t.n();
        let solver = 8.0 * n as f64 * f64::EPSILON * w.frobenius_squared().sqrt();
        for spectrum in [Faer.eigenvalues(&w), Nalgebra.eigenvalues(&w)] {
            let spectrum = spectrum.unwrap();
            for k in [1, 2, 5, 16, 17, n] {
                if k > n {
                    continue;
                }
                for (found, exact) in top(&t, k, 1e-13).iter().zip(spectrum.eigenvalues()) {
                    let gap = (found.value - exact).abs();
                    assert!(
                        gap <= found.error_bound + solver,
                        "N = {n}, k = {k}: {gap:e} > {:e}",
                        found.error_bound
                    );
                    assert!(found.error_bound <= 1e-13 + 64.0 * f64::EPSILON * 20.0);
                }
            }
        }
    }
}

/// 2cos(iπ/(N + 1)): the bounds hold against a closed form, not only against another solver.
#[test]
fn closed_form_of_the_second_difference_is_met_by_all_of_them() {
    let n = 2000;
    let t = Tridiagonal {
        diagonal: vec![0.0; n],
        off_diagonal: vec![1.0; n - 1],
    };
    for (i, found) in top(&t, 40, 1e-15).iter().enumerate() {
        let exact = 2.0 * (std::f64::consts::PI * (i as f64 + 1.0) / (n as f64 + 1.0)).cos();
        assert!((found.value - exact).abs() <= found.error_bound + 4e-16);
        assert!(found.error_bound < 4e-15, "{:e}", found.error_bound);
    }
}

#[test]
fn one_of_them_is_the_largest_and_a_loose_tolerance_is_kept() {
    for t in examples() {
        assert_eq!(top(&t, 1, 1e-13)[0], t.largest(1e-13).unwrap());
        assert!(top(&t, 0, 1e-13).is_empty());
        let sharp = top(&t, t.n(), 1e-13);
        for (rough, sharp) in top(&t, t.n(), 1e-3).iter().zip(sharp) {
            assert!(rough.error_bound <= 0.51e-3);
            assert!((rough.value - sharp.value).abs() <= rough.error_bound + sharp.error_bound);
        }
    }
}

/// Powers of two change nothing but the exponent, up to the ends of the range, where squares of entries
/// would leave it.
#[test]
fn values_scale_exactly_with_powers_of_two() {
    let scaled = |v: &[f64], by: f64| v.iter().map(|x| x * by).collect();
    for t in examples() {
        let k = t.n().min(6);
        let expected = top(&t, k, 0.0);
        for exponent in [-900, -600, -450, 450, 600, 900] {
            let by = 2f64.powi(exponent);
            let moved = Tridiagonal {
                diagonal: scaled(&t.diagonal, by),
                off_diagonal: scaled(&t.off_diagonal, by),
            };
            for (a, b) in top(&moved, k, 0.0).iter().zip(&expected) {
                let both = a.error_bound / by + b.error_bound;
                assert!((a.value / by - b.value).abs() <= both, "2^{exponent}");
                assert!(a.error_bound / by <= 1.01 * b.error_bound + 1e-300);
            }
        }
    }
}

#[test]
fn zero_tiny_and_huge_matrices_are_located() {
    for (entry, n) in [(0.0, 1), (0.0, 40), (5e-324, 3), (1e-310, 30), (1e307, 30)] {
        let t = Tridiagonal {
            diagonal: vec![entry; n],
            off_diagonal: vec![0.0; n - 1],
        };
        for found in top(&t, n, 0.0) {
            assert!((found.value - entry).abs() <= found.error_bound);
            assert!(found.error_bound <= 1e-14 * entry + 1e-307);
        }
    }
}

/// Entries from 1 down to 1e-40: only absolute accuracy is promised, and kept.
#[test]
fn graded_matrices_are_located_within_their_bounds() {
    let n = 41;
    let t = Tridiagonal {
        diagonal: (0..n).map(|i| 10f64.powi(-i)).collect(),
        off_diagonal: (1..n).map(|i| 0.1 * 10f64.powi(-i)).collect(),
    };
    let spectrum = Faer.eigenvalues(&dense(&t)).unwrap();
    for (found, exact) in top(&t, n as usize, 0.0).iter().zip(spectrum.eigenvalues()) {
        assert!((found.value - exact).abs() <= found.error_bound + 1e-14);
        assert!(found.error_bound < 2e-15);
    }
}

#[test]
fn more_than_all_are_an_error() {
    let t = &examples()[20];
    let n = t.n();
    assert_eq!(
        t.top(n + 1, 1e-9).unwrap_err(),
        LocateError::NoSuchIndex { index: n, n }
    );
    let broken = Tridiagonal {
        diagonal: vec![0.0, 1.0],
        off_diagonal: vec![f64::NAN],
    };
    assert!(broken.top(1, 1e-9).is_err());
}
