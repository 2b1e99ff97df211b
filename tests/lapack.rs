//! LAPACK opened at run time. What needs a library is ignored by default:
//!
//!     RMT_LAPACK=… cargo test --features lapack --test lapack -- --include-ignored
#![cfg(feature = "lapack")]

use num_complex::Complex64;
use rmt_verify::ensemble::{Ensemble, StreamKey};
use rmt_verify::spectrum::{
    Eigendecomposition, Eigensolver, Faer, Hermitian, HermitianError, Lapack, LapackError,
    SpectrumError, Tridiagonal, certify, trace_checks,
};

fn libraries() -> Vec<Lapack> {
    let paths = std::env::var_os("RMT_LAPACK").expect("RMT_LAPACK names at least one library");
    let opened: Vec<Lapack> = std::env::split_paths(&paths)
        .map(|path| Lapack::open(path).unwrap())
        .flat_map(|lapack| [Some(lapack), lapack.two_stage()])
        .flatten()
        .collect();
    assert!(!opened.is_empty());
    opened
}

fn sampled(ensemble: Ensemble, n: usize) -> Hermitian {
    let key = StreamKey {
        epoch: 0,
        claim: "test/lapack".into(),
        law: ensemble.name(),
        n,
        signal: "zero".into(),
    };
    ensemble.noise(n, &mut key.generator(0)).unwrap()
}

/// N = 1, sizes about LAPACK's block sizes, and one beyond its crossover points.
const SIZES: [usize; 7] = [1, 2, 3, 31, 33, 64, 150];

fn matrices() -> impl Iterator<Item = Hermitian> {
    SIZES
        .into_iter()
        .flat_map(|n| [Ensemble::goe(), Ensemble::gue()].map(|ensemble| sampled(ensemble, n)))
}

/// η‖W‖_F of [`trace_checks`].
fn backward_error(w: &Hermitian) -> f64 {
    8.0 * w.n() as f64 * f64::EPSILON * w.frobenius_squared().sqrt()
}

#[test]
fn a_file_that_is_not_there_cannot_be_opened() {
    let error = Lapack::open("/no/such/library.so").unwrap_err();
    assert!(matches!(error, LapackError::NotOpened { .. }), "{error}");
    assert!(error.to_string().contains("/no/such/library.so"));
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn a_library_without_lapack_misses_a_routine() {
    let error = Lapack::open("libm.so.6").unwrap_err();
    assert_eq!(
        error,
        LapackError::Missing {
            path: "libm.so.6".into(),
            routine: "dsyevd"
        }
    );
}

#[test]
#[ignore = "needs RMT_LAPACK"]
fn values_pass_the_trace_checks_and_lie_within_the_certificate_of_vectors() {
    for lapack in libraries() {
        for w in matrices() {
            let values = lapack.eigenvalues(&w).unwrap();
            trace_checks(&w, &values).unwrap();
            let reference = Faer.eigen(&w).unwrap();
            let allowed = certify(&w, &reference) + backward_error(&w);
            let distance = values.distance(&reference.spectrum);
            let name = lapack.name();
            assert!(distance <= allowed, "{name}, N = {}: {distance:e}", w.n());
        }
    }
}

#[test]
#[ignore = "needs RMT_LAPACK"]
fn vectors_certify_their_values() {
    for lapack in libraries() {
        for w in matrices() {
            let eigen = lapack.eigen(&w).unwrap();
            let bound = certify(&w, &eigen);
            // The certificate's own rounding bounds are of the order N^{3/2} ε‖W‖.
            let size = w.n() as f64;
            let allowed =
                backward_error(&w) * 2.0 + 4.0 * size.powf(1.5) * f64::EPSILON * w.row_sum_norm();
            let name = lapack.name();
            assert!(bound <= allowed, "{name}, N = {}: {bound:e}", w.n());
        }
    }
}

#[test]
#[ignore = "needs RMT_LAPACK"]
fn dsterf_finds_the_zeros_of_chebyshev_polynomials() {
    for lapack in libraries() {
        for n in SIZES {
            let t = Tridiagonal {
                diagonal: vec![0.0; n],
                off_diagonal: vec![1.0; n - 1],
            };
            let values = lapack.dsterf(t).unwrap();
            for (k, value) in values.iter().rev().enumerate() {
                let angle = std::f64::consts::PI * (k + 1) as f64 / (n + 1) as f64;
                let distance = (value - 2.0 * angle.cos()).abs();
                assert!(
                    distance <= 16.0 * n as f64 * f64::EPSILON,
                    "N = {n}: {distance:e}"
                );
            }
        }
    }
}

#[test]
#[ignore = "needs RMT_LAPACK"]
fn a_matrix_that_is_none_is_refused_before_lapack_sees_it() {
    for lapack in libraries() {
        let Hermitian::Real(mut m) = sampled(Ensemble::goe(), 5) else {
            unreachable!("the GOE is real")
        };
        m[(3, 1)] = f64::NAN;
        for broken in [
            Hermitian::Real(m.clone()),
            Hermitian::Complex(m.map(Complex64::from)),
        ] {
            let not_finite = |error: SpectrumError| {
                matches!(
                    error,
                    SpectrumError::Hermitian(HermitianError::NotFinite { .. })
                )
            };
            assert!(not_finite(lapack.eigenvalues(&broken).unwrap_err()));
            assert!(not_finite(lapack.eigen(&broken).unwrap_err()));
        }
    }
}

#[test]
#[ignore = "needs RMT_LAPACK"]
fn several_threads_may_call_at_once() {
    let w = sampled(Ensemble::goe(), 90);
    for lapack in libraries() {
        let alone = lapack.eigenvalues(&w).unwrap();
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| lapack.eigenvalues(&w).unwrap()))
                .collect();
            for thread in threads {
                // Not the same bits: Intel's path depends on the alignment of the matrix.
                let distance = thread.join().unwrap().distance(&alone);
                let allowed = 2.0 * backward_error(&w);
                assert!(distance <= allowed, "{}: {distance:e}", lapack.name());
            }
        });
    }
}
