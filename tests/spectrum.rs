//! Eigensolvers, their checks and certificates, tridiagonal forms, resolvents.

use nalgebra::{DMatrix, dmatrix};
use num_complex::Complex64;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{
    Deformed, Ensemble, EntryLaw, Signal, SignalShape, StreamKey, haar_orthogonal, haar_unitary,
};
use rmt_verify::spectrum::{
    Eigen, Eigensolver, Eigenvectors, Faer, Hermitian, HermitianError, Nalgebra, Spectrum,
    SpectrumError, Tridiagonal, certify, resolvent, trace_checks,
};

const SOLVERS: [&dyn Eigensolver; 2] = [&Faer, &Nalgebra];

fn generator(test: &str, replicate: u64) -> ChaCha8Rng {
    StreamKey {
        epoch: 0,
        claim: test.into(),
        law: String::new(),
        n: 0,
        signal: String::new(),
    }
    .generator(replicate)
}

fn ensembles() -> Vec<Ensemble> {
    let mut all: Vec<_> = EntryLaw::ALL.map(Ensemble::wigner).to_vec();
    all.push(Ensemble::gue());
    all
}

/// U diag(s) U* with Haar U, real and complex.
fn rotated(s: &[f64]) -> [Hermitian; 2] {
    let signal = Signal::haar(SignalShape::Prescribed(s.to_vec()));
    let rng = &mut generator("rotated", s.len() as u64);
    [
        signal.matrix(s.len(), rng).unwrap(),
        signal.complex_matrix(s.len(), rng).unwrap(),
    ]
}

/// What backward stability promises: 8N·2⁻⁵²·‖W‖_F, the constant of `trace_checks`.
fn backward_error(w: &Hermitian) -> f64 {
    8.0 * w.n() as f64 * f64::EPSILON * w.frobenius_squared().sqrt()
}

mod solvers {
    use super::*;

    fn agree(w: &Hermitian) {
        let a = Faer.eigenvalues(w).unwrap();
        let b = Nalgebra.eigenvalues(w).unwrap();
        let bound = 2.0 * backward_error(w);
        assert!(a.distance(&b) <= bound, "{} > {bound}", a.distance(&b));
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
}

/// Solvers that are wrong on purpose must not get past the checks.
mod wrong_solvers {
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
}

mod spectra {
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
}

mod tridiagonal {
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
}

mod resolvents {
    use super::*;

    #[test]
    fn inverts_the_shifted_matrix_and_has_the_trace_of_the_spectrum() {
        let z = Complex64::new(0.4, 0.5);
        for ensemble in ensembles() {
            for n in [1, 2, 25] {
                let w = ensemble
                    .noise(n, &mut generator("resolvent", n as u64))
                    .unwrap();
                let g = resolvent(&w, z);
                let identity = DMatrix::<Complex64>::identity(n, n);
                let product = (w.to_complex() - &identity * z) * &g;
                assert!((product - identity).norm() < 1e-12);
                let expected = Faer.eigenvalues(&w).unwrap().resolvent_trace(z);
                assert!((g.trace() - expected).norm() < 1e-12 * expected.norm().max(1.0));
            }
        }
    }

    #[test]
    fn rotates_with_the_matrix() {
        let w = Ensemble::gue()
            .noise(6, &mut generator("rotation", 0))
            .unwrap();
        let u = haar_unitary(6, &mut generator("rotation", 1));
        let z = Complex64::new(-0.2, 1.0);
        let turned = &u * w.to_complex() * u.adjoint();
        let turned = Hermitian::from_lower(Hermitian::Complex(turned)).unwrap();
        let expected = &u * resolvent(&w, z) * u.adjoint();
        assert!((resolvent(&turned, z) - expected).norm() < 1e-13);
        let o = haar_orthogonal(6, &mut generator("rotation", 2));
        assert!((o.determinant().abs() - 1.0).abs() < 1e-14);
    }
}
