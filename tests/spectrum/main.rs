//! Eigensolvers, their checks and certificates, tridiagonal forms, resolvents.

use nalgebra::{DMatrix, dmatrix};
use num_complex::Complex64;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{
    Deformed, Ensemble, EntryLaw, Signal, SignalShape, StreamKey, haar_orthogonal, haar_unitary,
};
use rmt_verify::spectrum::{
    Eigen, Eigendecomposition, Eigensolver, Eigenvectors, Faer, Hermitian, HermitianError,
    Nalgebra, Native, Spectrum, SpectrumError, Tridiagonal, certify, resolvent, trace_checks,
};

const SOLVERS: [&dyn Eigendecomposition; 2] = [&Faer, &Nalgebra];

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

mod resolvents;
mod solvers;
mod spectra;
mod tridiagonal;
mod wrong_solvers;
