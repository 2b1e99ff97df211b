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

#[test]
fn bits_of_a_point_do_not_depend_on_its_companions() {
    let points: Vec<_> = (0..19)
        .map(|k| Complex64::new(0.3 * f64::from(k) - 2.5, 0.05 * f64::from(1 + k % 7)))
        .collect();
    for n in [1, 2, 3, 4, 33, 64] {
        let w = Ensemble::goe()
            .noise(n, &mut generator("companions", n as u64))
            .unwrap();
        let t = Tridiagonal::reduce(&w).unwrap();
        let all = t.resolvent_traces_at(&points);
        assert_eq!(all.len(), points.len());
        for (i, (&z, &traces)) in points.iter().zip(&all).enumerate() {
            assert_eq!(t.resolvent_traces(z), traces, "alone, N = {n}");
            assert_eq!(t.resolvent_traces_at(&points[i..])[0], traces, "N = {n}");
        }
        assert_eq!(t.resolvent_traces_at(&[]), []);
    }
}

/// Where the recursions from both ends meet, nothing may be counted twice or be left out: a diagonal
/// matrix and one of unconnected halves, of odd and even size.
#[test]
fn traces_of_blocks_add_up() {
    let z = Complex64::new(0.2, 0.3);
    let part = |values: &[f64], beside: f64| Tridiagonal {
        diagonal: values.to_vec(),
        off_diagonal: vec![beside; values.len() - 1],
    };
    let values = [0.7, -1.1, 0.4, 2.0, -0.3, 1.6, 0.9];
    for n in 2..=7 {
        for cut in 1..n {
            let (left, right) = (part(&values[..cut], 0.8), part(&values[cut..n], 1.3));
            let mut whole = left.clone();
            whole.diagonal.extend(&right.diagonal);
            whole.off_diagonal.push(0.0);
            whole.off_diagonal.extend(&right.off_diagonal);
            let ([a1, a2], [b1, b2], [c1, c2]) = (
                <[_; 2]>::from(left.resolvent_traces(z)),
                <[_; 2]>::from(right.resolvent_traces(z)),
                <[_; 2]>::from(whole.resolvent_traces(z)),
            );
            assert!((a1 + b1 - c1).norm() < 1e-13 && (a2 + b2 - c2).norm() < 1e-12);
        }
        let diagonal = part(&values[..n], 0.0).resolvent_trace(z);
        let expected: Complex64 = values[..n].iter().map(|a| (a - z).inv()).sum();
        assert!((diagonal - expected).norm() < 1e-13);
    }
}

#[test]
#[should_panic(expected = "off the real axis")]
fn one_real_point_among_others_is_refused() {
    let t = Tridiagonal {
        diagonal: vec![1.0],
        off_diagonal: vec![],
    };
    let _ = t.resolvent_traces_at(&[Complex64::i(), Complex64::from(2.0)]);
}
