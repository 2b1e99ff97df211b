//! Tridiagonal forms and the resolvent traces from them.

use super::*;

const POINTS: [(f64, f64); 5] = [(0.0, 1.0), (0.5, 0.1), (-2.0, 0.3), (3.0, 2.0), (1.0, -0.5)];

fn check(w: &Hermitian) {
    let t = Tridiagonal::reduce(w).unwrap();
    let s = Faer.eigenvalues(w).unwrap();
    for (x, y) in POINTS {
        let z = Complex64::new(x, y);
        let (first, second) = t.resolvent_traces(z);
        assert_eq!(first, t.resolvent_trace(z));
        let expected = s.resolvent_trace(z);
        let error = (first - expected).norm() / expected.norm();
        assert!(error <= 1e-12, "z = {z}, N = {}: {error:e}", w.n());
        let expected: Complex64 = s
            .eigenvalues()
            .iter()
            .map(|l| (l - z).inv() * (l - z).inv())
            .sum();
        let scale: f64 = s
            .eigenvalues()
            .iter()
            .map(|l| (l - z).norm_sqr().recip())
            .sum();
        let error = (second - expected).norm() / scale;
        assert!(
            error <= 1e-12,
            "derivative at z = {z}, N = {}: {error:e}",
            w.n()
        );
    }
}

#[test]
fn resolvent_traces_agree_with_eigenvalues_to_1e_12() {
    for ensemble in ensembles() {
        for n in [1, 2, 3, 8, 32, 65, 256] {
            let signal = Signal::diagonal(SignalShape::Atoms(vec![(-1.0, 0.5), (1.0, 0.5)]));
            let rng = &mut generator(&ensemble.name(), n as u64);
            check(&Deformed { ensemble, signal }.sample(n, rng).unwrap());
        }
    }
}

#[test]
fn degenerate_matrices_reduce_too() {
    for n in [1, 2, 3, 17] {
        check(&Hermitian::Real(DMatrix::zeros(n, n)));
        check(&Hermitian::Complex(DMatrix::identity(n, n)));
        check(&Hermitian::Real(DMatrix::repeat(n, n, 1.0)));
        let graded: Vec<f64> = (0..n).map(|i| 10f64.powi(-2 * i as i32)).collect();
        rotated(&graded).iter().for_each(check);
    }
}

#[test]
fn off_diagonal_is_not_negative_and_the_size_is_kept() {
    let w = Ensemble::gue()
        .noise(30, &mut generator("sizes", 0))
        .unwrap();
    let t = Tridiagonal::reduce(&w).unwrap();
    assert_eq!(
        (t.n(), t.diagonal.len(), t.off_diagonal.len()),
        (30, 30, 29)
    );
    assert!(t.off_diagonal.iter().all(|&b| b >= 0.0));
}

#[test]
#[should_panic(expected = "off the real axis")]
fn real_points_are_refused() {
    let t = Tridiagonal {
        diagonal: vec![1.0],
        off_diagonal: vec![],
    };
    let _ = t.resolvent_trace(Complex64::from(2.0));
}

#[test]
fn two_by_two_in_closed_form() {
    // ((a − z) + (c − z)) / ((a − z)(c − z) − b²)
    let t = Tridiagonal {
        diagonal: vec![1.0, -2.0],
        off_diagonal: vec![0.5],
    };
    let z = Complex64::new(0.25, 0.75);
    let expected = (-1.0 - 2.0 * z) / ((1.0 - z) * (-2.0 - z) - 0.25);
    assert!((t.resolvent_trace(z) - expected).norm() < 1e-15);
}
