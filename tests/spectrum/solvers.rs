//! The solvers against each other, closed forms and their certificates.

use super::*;

fn agree(w: &Hermitian) {
    let a = Faer.eigenvalues(w).unwrap();
    let b = Nalgebra.eigenvalues(w).unwrap();
    let bound = 2.0 * backward_error(w);
    assert!(a.distance(&b) <= bound, "{} > {bound}", a.distance(&b));
    let c = Native.eigenvalues(w).unwrap();
    assert!(a.distance(&c) <= bound, "{} > {bound}", a.distance(&c));
    for solver in SOLVERS {
        let values = solver.eigenvalues(w).unwrap();
        trace_checks(w, &values).unwrap();
        let e = solver.eigen(w).unwrap();
        let certificate = certify(w, &e);
        // The certificate holds for the values that come with vectors, hence bounds the
        // distance to any other backward stable answer up to that one's own error.
        assert!(values.distance(&e.spectrum) <= certificate + backward_error(w));
        // 1e-290: underflow, all there is when W = 0.
        let crude = 10.0 * (w.n() + 4) as f64 * backward_error(w) + 1e-290;
        assert!(
            certificate <= crude,
            "{}: {certificate} > {crude}",
            solver.name()
        );
    }
}

#[test]
fn agree_for_every_law_and_size() {
    for ensemble in ensembles() {
        for n in [1, 2, 3, 4, 7, 16, 33, 64, 129] {
            let signal = Signal::diagonal(SignalShape::Uniform { lo: -2.0, hi: 1.0 });
            let deformed = Deformed { ensemble, signal };
            let rng = &mut generator(&ensemble.name(), n as u64);
            agree(&deformed.sample(n, rng).unwrap());
        }
    }
}

#[test]
fn agree_on_zero_identity_repeated_and_graded_spectra() {
    for n in [1, 2, 3, 20, 40] {
        agree(&Hermitian::Real(DMatrix::zeros(n, n)));
        agree(&Hermitian::Complex(DMatrix::zeros(n, n)));
        agree(&Hermitian::Real(DMatrix::identity(n, n)));
        let repeated: Vec<f64> = (0..n).map(|i| (i % 3) as f64).collect();
        let graded: Vec<f64> = (0..n).map(|i| 10f64.powi(-(i as i32))).collect();
        let huge: Vec<f64> = (0..n).map(|i| 1e100 * (i as f64 - 2.5)).collect();
        let tiny: Vec<f64> = (0..n).map(|i| 1e-100 * (i as f64 - 2.5)).collect();
        for s in [repeated, graded, huge, tiny] {
            for w in rotated(&s) {
                agree(&w);
            }
        }
    }
}

#[test]
fn certificates_cover_the_true_error() {
    // Circulant matrices have eigenvalues in closed form: 2 cos(2πk/n) for the cycle.
    for n in [3usize, 10, 50, 120] {
        let w = Hermitian::real(DMatrix::from_fn(n, n, |i, j| {
            f64::from(u8::from((i + 1) % n == j || (j + 1) % n == i))
        }))
        .unwrap();
        let exact = (0..n).map(|k| 2.0 * (std::f64::consts::TAU * k as f64 / n as f64).cos());
        let exact = Spectrum::from_unsorted(exact.collect()).unwrap();
        for solver in SOLVERS {
            let e = solver.eigen(&w).unwrap();
            let error = e.spectrum.distance(&exact);
            let certificate = certify(&w, &e);
            assert!(
                error <= certificate + 4.0 * f64::EPSILON,
                "{error} > {certificate}"
            );
            assert!(certificate < 1e-10);
        }
    }
}

#[test]
fn small_matrices_have_the_eigenvalues_of_the_quadratic_formula() {
    for solver in SOLVERS {
        let one = Hermitian::Real(dmatrix![-3.5]);
        assert_eq!(solver.eigenvalues(&one).unwrap().eigenvalues(), [-3.5]);
        assert_eq!(solver.eigen(&one).unwrap().spectrum.eigenvalues(), [-3.5]);
        let z = Complex64::new(1.0, 2.0);
        let two = Hermitian::complex(dmatrix![3.0.into(), z.conj(); z, 1.0.into()]).unwrap();
        let s = solver.eigenvalues(&two).unwrap();
        assert!(s.distance(&Native.eigenvalues(&two).unwrap()) < 1e-15 * 8.0);
        let expected = [2.0 + 6f64.sqrt(), 2.0 - 6f64.sqrt()];
        for (a, b) in s.eigenvalues().iter().zip(expected) {
            assert!((a - b).abs() < 1e-15 * 8.0);
        }
    }
}

#[test]
fn unchecked_matrices_are_refused() {
    let broken = Hermitian::Real(dmatrix![0.0, 1.0; 2.0, 0.0]);
    let nan = Hermitian::Real(dmatrix![f64::NAN]);
    for solver in SOLVERS {
        assert!(matches!(
            solver.eigenvalues(&broken),
            Err(SpectrumError::Hermitian(HermitianError::NotSelfAdjoint {
                row: 1,
                column: 0,
                ..
            }))
        ));
        assert!(matches!(
            solver.eigen(&nan),
            Err(SpectrumError::Hermitian(HermitianError::NotFinite {
                row: 0,
                column: 0,
                ..
            }))
        ));
    }
    assert!(Tridiagonal::reduce(&broken).is_err());
    assert!(matches!(
        Native.eigenvalues(&broken),
        Err(SpectrumError::Hermitian(_))
    ));
    let batch = [nan, Hermitian::Real(dmatrix![2.0]), broken];
    let results = Native.eigenvalues_of(&batch);
    assert_eq!(results[1].as_ref().unwrap().eigenvalues(), [2.0]);
    assert!(results[0].is_err() && results[2].is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Weyl: |λ_i(A + B) − λ_i(A)| ≤ ‖B‖; shifts and dilations act on the values.
    #[test]
    fn eigenvalues_move_as_weyl_allows(
        seed in any::<u64>(), n in 1usize..20, c in -3.0f64..3.0, a in -2.0f64..2.0,
    ) {
        let rng = &mut generator("weyl", seed);
        let w = Ensemble::goe().noise(n, rng).unwrap();
        let b = Ensemble::goe().noise(n, rng).unwrap();
        let values = |w: &Hermitian| Faer.eigenvalues(w).unwrap();
        let norm = values(&b).eigenvalues().iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let moved = values(&w).distance(&values(&w.combined(1.0, 1.0, &b)));
        prop_assert!(moved <= norm + 1e-12);
        let identity = Hermitian::Real(DMatrix::identity(n, n));
        let image = values(&w.combined(a, c, &identity));
        let expected = values(&w).eigenvalues().iter().map(|x| a * x + c).collect();
        prop_assert!(image.distance(&Spectrum::from_unsorted(expected).unwrap()) < 1e-12);
    }
}
