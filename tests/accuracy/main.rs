//! Errors of eigenvalues in units of Nε‖W‖, over the kinds of matrices of LAPACK's own tests.
//!
//! LAPACK (dchkst, dchkhs) divides residuals by Nε‖W‖ and accepts ratios up to 30. Here the values themselves are held
//! against known spectra, proved Sturm brackets and certified enclosures, at thresholds 6 to 30 times sharper:
//!
//! - [`ITERATION`] = 1. Convergence takes about 2N sweeps. Were each of them to move an eigenvalue by ε‖T‖/2, one unit in
//!   the last place of the norm, and all in one direction, the error would be Nε‖T‖. They do not conspire, so
//!   that an iteration which exceeds this loses more than the arithmetic does.
//! - [`FULL`] = 5: Q is orthogonal to one such unit only, each of the two products of QDQᵀ rounds by one, and so do
//!   the reduction to tridiagonal form and the iteration.
//!
//! `cargo test --test accuracy -- --nocapture` prints the largest ratio of each kind.

use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{Signal, SignalShape, StreamKey, open_uniform, standard_normal};
use rmt_verify::spectrum::{
    Eigen, Eigendecomposition, Eigensolver, Faer, Hermitian, Native, Spectrum, SpectrumError,
    Tridiagonal, certify, trace_checks,
};

mod full;
mod kinds;
mod refused;
mod teeth;
mod tridiagonal;

const SIZES: [usize; 8] = [1, 2, 3, 5, 16, 33, 64, 129];
/// Units of Nε‖T‖ allowed to the QL iteration.
const ITERATION: f64 = 1.0;
/// Units of Nε‖W‖ allowed to a solver of full matrices, with the rounding of the matrix itself.
const FULL: f64 = 5.0;
/// Powers of two by which every kind is scaled: as it is, near overflow, near underflow (‖W‖ ≤ 2⁸ before).
const SCALES: [i32; 3] = [0, 1014, -1000];

fn generator(kind: &str, n: usize) -> ChaCha8Rng {
    StreamKey {
        epoch: 0,
        claim: "accuracy".into(),
        law: kind.into(),
        n,
        signal: String::new(),
    }
    .generator(0)
}

/// error/(Nε·norm); 0 for no error, whatever the norm.
fn ratio(error: f64, n: usize, norm: f64) -> f64 {
    if error <= 0.0 {
        0.0
    } else {
        error / (n as f64 * f64::EPSILON * norm)
    }
}

/// max |λ_i|.
fn norm(s: &Spectrum) -> f64 {
    s.eigenvalues().iter().fold(0.0, |a, x| a.max(x.abs()))
}

/// 2^k x for |k| < 2000.
fn times(x: f64, k: i32) -> f64 {
    x * 2f64.powi(k / 2) * 2f64.powi(k - k / 2)
}

fn times_spectrum(s: &Spectrum, k: i32) -> Spectrum {
    Spectrum::new(s.eigenvalues().iter().map(|&x| times(x, k)).collect()).unwrap()
}

fn times_matrix(w: &Hermitian, k: i32) -> Hermitian {
    match w {
        Hermitian::Real(m) => Hermitian::Real(m.map(|x| times(x, k))),
        Hermitian::Complex(m) => Hermitian::Complex(m.map(|z| {
            let [re, im] = [z.re, z.im].map(|x| times(x, k));
            num_complex::Complex64::new(re, im)
        })),
    }
}
