//! Solvers that are wrong on purpose must not get past the checks.

use super::*;

/// Forgets the entries between the two halves of the indices.
#[derive(Debug)]
struct DropsBlocks;
/// Solves the lower triangle as if it were the whole matrix (upper half taken as 0), that is
/// (L + Lᵀ)/2: off-diagonal entries at half their size.
#[derive(Debug)]
struct OneTriangle;
/// Takes moduli off the diagonal: both traces are right, the values wrong.
#[derive(Debug)]
struct ForgetsSigns;

fn altered(w: &Hermitian, f: impl Fn(usize, usize, f64) -> f64) -> Hermitian {
    let Hermitian::Real(m) = w else {
        panic!("real matrices only")
    };
    Hermitian::real(DMatrix::from_fn(m.nrows(), m.ncols(), |i, j| {
        f(i, j, m[(i, j)])
    }))
    .unwrap()
}

macro_rules! solver {
    ($name:ident, $alter:expr) => {
        impl Eigensolver for $name {
            fn name(&self) -> &'static str {
                stringify!($name)
            }
            fn eigenvalues(&self, w: &Hermitian) -> Result<Spectrum, SpectrumError> {
                Faer.eigenvalues(&altered(w, $alter(w.n())))
            }
        }
        impl Eigendecomposition for $name {
            fn eigen(&self, w: &Hermitian) -> Result<Eigen, SpectrumError> {
                Faer.eigen(&altered(w, $alter(w.n())))
            }
        }
    };
}
solver!(DropsBlocks, |n: usize| move |i: usize, j: usize, x: f64| {
    if (i < n / 2) == (j < n / 2) { x } else { 0.0 }
});
solver!(OneTriangle, |_| |i: usize, j: usize, x: f64| if i == j {
    x
} else {
    0.5 * x
});
solver!(ForgetsSigns, |_| |i: usize, j: usize, x: f64| if i == j {
    x
} else {
    x.abs()
});

#[test]
fn are_caught_by_trace_checks_or_by_certificates() {
    for n in [2, 10, 60] {
        let w = Ensemble::goe()
            .noise(n, &mut generator("wrong", n as u64))
            .unwrap();
        for solver in [&DropsBlocks as &dyn Eigensolver, &OneTriangle] {
            let s = solver.eigenvalues(&w).unwrap();
            assert!(
                matches!(
                    trace_checks(&w, &s),
                    Err(SpectrumError::SquareMismatch { .. })
                ),
                "{} at N = {n}",
                solver.name()
            );
        }
        if n == 2 {
            continue; // the sign of one entry does not matter
        }
        // Both traces agree for this one; only the certificate sees it.
        let s = ForgetsSigns.eigenvalues(&w).unwrap();
        trace_checks(&w, &s).unwrap();
        let error = s.distance(&Faer.eigenvalues(&w).unwrap());
        let certificate = certify(&w, &ForgetsSigns.eigen(&w).unwrap());
        assert!(certificate >= error && error > 0.1);
    }
}

#[test]
fn a_shifted_value_fails_the_trace_check() {
    let w = Ensemble::gue()
        .noise(64, &mut generator("shifted", 0))
        .unwrap();
    let mut values = Faer.eigenvalues(&w).unwrap().eigenvalues().to_vec();
    values[0] += 1e-9;
    let s = Spectrum::new(values).unwrap();
    let Err(SpectrumError::TraceMismatch { residual, bound }) = trace_checks(&w, &s) else {
        panic!("not caught");
    };
    assert!(residual > bound && (residual - 1e-9).abs() < 1e-10);
    let short = Spectrum::new(vec![0.0]).unwrap();
    assert_eq!(
        trace_checks(&w, &short),
        Err(SpectrumError::WrongNumber { n: 64, found: 1 })
    );
}

#[test]
fn certificates_grow_with_the_error_they_certify() {
    let w = Ensemble::gue()
        .noise(40, &mut generator("moved value", 0))
        .unwrap();
    let e = Faer.eigen(&w).unwrap();
    let honest = certify(&w, &e);
    for error in [1e-9, 1e-6, 1e-3] {
        let values = e.spectrum.eigenvalues().iter().map(|x| x + error).collect();
        let moved = Eigen {
            spectrum: Spectrum::new(values).unwrap(),
            vectors: e.vectors.clone(),
        };
        let certificate = certify(&w, &moved);
        assert!(certificate >= error - honest && certificate <= 7.0 * error + honest);
    }
}

#[test]
fn vectors_that_are_no_basis_get_no_certificate() {
    let w = Ensemble::goe()
        .noise(8, &mut generator("basis", 0))
        .unwrap();
    let e = Faer.eigen(&w).unwrap();
    let zero = Eigenvectors::Real(DMatrix::zeros(8, 8));
    let without = Eigen {
        vectors: zero,
        ..e.clone()
    };
    assert_eq!(certify(&w, &without), f64::INFINITY);
    let Eigenvectors::Real(v) = &e.vectors else {
        panic!()
    };
    // One eigenpair counted twice: zero residual, but not orthogonal.
    let mut doubled = v.clone();
    doubled.set_column(1, &v.column(0));
    let mut values = e.spectrum.eigenvalues().to_vec();
    values[1] = values[0];
    let doubled = Eigen {
        spectrum: Spectrum::new(values).unwrap(),
        vectors: Eigenvectors::Real(doubled),
    };
    assert_eq!(certify(&w, &doubled), f64::INFINITY);
}
