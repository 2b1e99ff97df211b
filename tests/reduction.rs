//! Both reductions to tridiagonal form against faer, nalgebra, certified enclosures and themselves.
//!
//! Thresholds. LAPACK's testing calls a reduction correct while ‖W − QTQ*‖ < 30 Nε‖W‖, and finds
//! ratios of order 1. Eigenvalues move by no more than that norm, so |λ_i(T) − λ_i(W)| is asked to
//! stay below 20 Nε‖W‖, the errors of the solvers that tell us both sides included.

use nalgebra::{DMatrix, DVector};
use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{Ensemble, StreamKey, haar_orthogonal};
use rmt_verify::spectrum::{
    Eigendecomposition, Eigensolver, Faer, Hermitian, HermitianError, Nalgebra, Reduction,
    ReductionWorkspace, SpectrumError, Tridiagonal, certify,
};

/// Around every multiple of eight and of the half-width of the band where something begins.
const SIZES: [usize; 17] = [
    1, 2, 3, 5, 8, 9, 16, 31, 32, 33, 34, 63, 64, 65, 97, 100, 129,
];

fn generator(test: &str) -> ChaCha8Rng {
    StreamKey {
        epoch: 0,
        claim: format!("reduction/{test}"),
        law: String::new(),
        n: 0,
        signal: String::new(),
    }
    .generator(0)
}

fn goe(n: usize, test: &str) -> DMatrix<f64> {
    match Ensemble::goe().noise(n, &mut generator(test)).unwrap() {
        Hermitian::Real(m) => m,
        Hermitian::Complex(_) => unreachable!(),
    }
}

fn symmetrised(m: DMatrix<f64>) -> DMatrix<f64> {
    (&m + m.transpose()) / 2.0
}

/// Q diag(λ) Qᵀ with a Haar Q.
fn with_spectrum(values: impl Fn(usize) -> f64, n: usize, test: &str) -> DMatrix<f64> {
    let q = haar_orthogonal(n, &mut generator(test));
    let d = DMatrix::from_diagonal(&DVector::from_fn(n, |i, _| values(i)));
    symmetrised(&q * d * q.transpose())
}

fn matrices(n: usize) -> Vec<(&'static str, DMatrix<f64>)> {
    let random = goe(n, "random");
    let vector = DVector::from_fn(n, |i, _| ((i * i) as f64 + 0.3).sin());
    let graded = |i: usize| 10f64.powi(-((i % 17) as i32));
    vec![
        ("zero", DMatrix::zeros(n, n)),
        ("identity", DMatrix::identity(n, n)),
        ("diagonal", DMatrix::from_diagonal(&vector)),
        (
            "tridiagonal",
            DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
                0 => 2.0,
                1 => -1.0,
                _ => 0.0,
            }),
        ),
        ("rank one", &vector * vector.transpose()),
        ("all ones", DMatrix::from_element(n, n, 1.0)),
        (
            "graded down",
            DMatrix::from_fn(n, n, |i, j| random[(i, j)] * (graded(i) * graded(j))),
        ),
        (
            "graded up",
            DMatrix::from_fn(n, n, |i, j| {
                random[(i, j)] * (graded(n - 1 - i) * graded(n - 1 - j))
            }),
        ),
        (
            "clustered",
            with_spectrum(|i| if i == 0 { 1.0 } else { 1e-10 }, n, "clustered"),
        ),
        (
            "geometric",
            with_spectrum(|i| 0.5f64.powi(i as i32), n, "geometric"),
        ),
        (
            "arrow",
            DMatrix::from_fn(n, n, |i, j| if i == j || i * j == 0 { 1.0 } else { 0.0 }),
        ),
        (
            // Squares of the lower part lose their bits to underflow, those of the upper do not.
            "a part of 1e-160",
            DMatrix::from_fn(n, n, |i, j| {
                random[(i, j)] * if i.max(j) > n / 3 { 1e-160 } else { 1.0 }
            }),
        ),
        ("near overflow", &random * 2f64.powi(1018)),
        ("squares overflow", &random * 2f64.powi(600)),
        ("squares underflow", &random * 2f64.powi(-600)),
        ("near underflow", &random * 2f64.powi(-960)),
        ("random", random),
    ]
}

fn reduced(path: Reduction, w: &Hermitian) -> Result<Tridiagonal, SpectrumError> {
    Tridiagonal::reduce_by(path, w, &mut ReductionWorkspace::default())
}

/// T as a matrix, divided by a power of two that brings it near 1.
fn dense(t: &Tridiagonal, scale: f64) -> Hermitian {
    let n = t.n();
    Hermitian::real(DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
        0 => t.diagonal[i] / scale,
        1 => t.off_diagonal[i.min(j)] / scale,
        _ => 0.0,
    }))
    .unwrap()
}

/// The power of two next to the largest entry: the solvers we compare with need not scale.
fn magnitude(m: &DMatrix<f64>) -> f64 {
    match m.amax() {
        0.0 => 1.0,
        x => 2f64.powi(x.log2().floor() as i32),
    }
}

/// max |λ_i(T) − λ_i(W)| over 20 Nε‖W‖, W = m/scale.
fn ratio(t: &Tridiagonal, m: &DMatrix<f64>) -> f64 {
    let scale = magnitude(m);
    let w = Hermitian::real(m / scale).unwrap();
    let expected = Faer.eigenvalues(&w).unwrap();
    let found = Faer.eigenvalues(&dense(t, scale)).unwrap();
    let mut worst = found.distance(&expected);
    // nalgebra answers with infinities or NaNs where squares underflow in part; that is an error.
    match Nalgebra.eigenvalues(&w) {
        Ok(s) => worst = worst.max(found.distance(&s)),
        Err(e) => assert!(matches!(e, SpectrumError::NotFinite { .. }), "{e}"),
    }
    let values = expected.eigenvalues();
    let norm = values[0].abs().max(values[values.len() - 1].abs());
    let allowed = 20.0 * m.nrows() as f64 * f64::EPSILON * norm;
    if worst == 0.0 { 0.0 } else { worst / allowed }
}

#[test]
fn tridiagonal_forms_have_the_eigenvalues_of_their_matrices() {
    for n in SIZES {
        for (name, m) in matrices(n) {
            let w = Hermitian::real(m.clone()).unwrap();
            for path in Reduction::ALL {
                let t = reduced(path, &w).unwrap_or_else(|e| panic!("{name}, {n}, {path:?}: {e}"));
                assert_eq!((t.n(), t.off_diagonal.len()), (n, n - 1));
                assert!(
                    t.off_diagonal.iter().all(|x| *x >= 0.0),
                    "{name}, {n}, {path:?}"
                );
                let ratio = ratio(&t, &m);
                assert!(ratio <= 1.0, "{name}, {n}, {path:?}: {ratio}");
            }
        }
    }
}

#[test]
fn the_threshold_sees_one_entry_wrong_in_the_tenth_digit() {
    let m = goe(64, "teeth");
    let w = Hermitian::real(m.clone()).unwrap();
    for path in Reduction::ALL {
        let mut t = reduced(path, &w).unwrap();
        t.off_diagonal[31] *= 1.0 + 1e-10;
        assert!(ratio(&t, &m) > 1.0, "{path:?}");
        let mut t = reduced(path, &w).unwrap();
        t.diagonal[62] += 1e-10;
        assert!(ratio(&t, &m) > 1.0, "{path:?}");
    }
}

#[test]
fn certified_enclosures_of_both_matrices_meet() {
    for n in [16, 33, 100] {
        for name in ["random", "rank one", "clustered", "graded down"] {
            let (_, m) = matrices(n).into_iter().find(|m| m.0 == name).unwrap();
            let w = Hermitian::real(m).unwrap();
            let of_w = Faer.eigen(&w).unwrap();
            for path in Reduction::ALL {
                let t = dense(&reduced(path, &w).unwrap(), 1.0);
                let of_t = Faer.eigen(&t).unwrap();
                let largest = of_w.spectrum.eigenvalues()[0].abs();
                let backward = 20.0 * n as f64 * f64::EPSILON * largest;
                let distance = of_w.spectrum.distance(&of_t.spectrum);
                let allowed = certify(&w, &of_w) + certify(&t, &of_t) + backward;
                assert!(
                    distance <= allowed,
                    "{name}, {n}, {path:?}: {distance} > {allowed}"
                );
                assert!(allowed < 1e-9 * largest);
            }
        }
    }
}

#[test]
fn tridiagonal_matrices_are_returned_as_they_are() {
    for n in [1, 2, 9, 33, 70] {
        for name in ["zero", "identity", "diagonal", "tridiagonal"] {
            let (_, m) = matrices(n).into_iter().find(|m| m.0 == name).unwrap();
            let w = Hermitian::real(m.clone()).unwrap();
            for path in Reduction::ALL {
                let t = reduced(path, &w).unwrap();
                assert_eq!(t.diagonal, m.diagonal().as_slice(), "{name}, {n}, {path:?}");
                let beside = (1..n).map(|i| m[(i, i - 1)].abs()).collect::<Vec<_>>();
                assert_eq!(t.off_diagonal, beside, "{name}, {n}, {path:?}");
            }
        }
    }
}

#[test]
fn powers_of_two_pass_through_the_fused_sweep_exactly() {
    let m = goe(45, "powers");
    let of = |exponent| {
        let w = Hermitian::real(&m * 2f64.powi(exponent)).unwrap();
        reduced(Reduction::Fused, &w).unwrap()
    };
    let at_one = of(0);
    for exponent in [-900, -500, -300, 3, 300, 500, 900] {
        let scaled = of(exponent);
        let back = |v: &[f64]| {
            v.iter()
                .map(|x| x / 2f64.powi(exponent))
                .collect::<Vec<_>>()
        };
        assert_eq!(back(&scaled.diagonal), at_one.diagonal, "2^{exponent}");
        assert_eq!(
            back(&scaled.off_diagonal),
            at_one.off_diagonal,
            "2^{exponent}"
        );
    }
}

#[test]
fn a_norm_beyond_the_largest_double_is_an_error() {
    // ‖W‖ = 4·10³⁰⁸ although every entry is finite.
    let w = Hermitian::real(DMatrix::from_element(40, 40, 1e307)).unwrap();
    for path in Reduction::ALL {
        let e = reduced(path, &w).unwrap_err();
        assert!(
            matches!(e, SpectrumError::NotFinite { .. }),
            "{path:?}: {e}"
        );
    }
}

#[test]
fn what_is_not_symmetric_or_not_finite_is_refused_wherever_it_stands() {
    let m = goe(37, "refused");
    for at in [(0, 0), (36, 36), (3, 1), (1, 3), (36, 0), (0, 36), (20, 17)] {
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.125] {
            let mut broken = m.clone();
            broken[at] = wrong;
            if at.0 == at.1 && wrong.is_finite() {
                continue;
            }
            let w = Hermitian::Real(broken);
            let expected = w.check().unwrap_err();
            match Tridiagonal::reduce(&w).unwrap_err() {
                SpectrumError::Hermitian(e) => assert_eq!(e.to_string(), expected.to_string()),
                e => panic!("{at:?}, {wrong}: {e}"),
            }
        }
    }
    let e = Tridiagonal::reduce(&Hermitian::Real(DMatrix::zeros(0, 0))).unwrap_err();
    assert_eq!(e, SpectrumError::Hermitian(HermitianError::Empty));
    let e = Tridiagonal::reduce(&Hermitian::Real(DMatrix::zeros(3, 2))).unwrap_err();
    assert_eq!(
        e,
        SpectrumError::Hermitian(HermitianError::NotSquare {
            rows: 3,
            columns: 2
        })
    );
}

#[test]
fn a_workspace_leaves_no_trace_in_the_next_result() {
    let workspace = &mut ReductionWorkspace::default();
    for n in [90, 3, 41, 40, 90] {
        let w = Hermitian::real(goe(n, "workspace")).unwrap();
        for path in Reduction::ALL {
            let reused = Tridiagonal::reduce_by(path, &w, workspace).unwrap();
            assert_eq!(reused, reduced(path, &w).unwrap(), "{n}, {path:?}");
        }
        let by_rule = reduced(Reduction::for_size(n), &w).unwrap();
        assert_eq!(Tridiagonal::reduce(&w).unwrap(), by_rule);
    }
}
