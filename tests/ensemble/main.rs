//! Streams, normals, laws, noise and signals.

use num_complex::Complex64;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{
    Basis, Deformed, Ensemble, EnsembleError, EntryLaw, Hermitian, HermitianError, Interpolation,
    Profile, Signal, SignalShape, StreamKey, Violation, ViolationError, haar_orthogonal,
    haar_unitary, normal_quantile, open_uniform, standard_normal,
};

fn key(claim: &str) -> StreamKey {
    StreamKey {
        epoch: 0,
        claim: claim.into(),
        law: "goe".into(),
        n: 8,
        signal: "zero".into(),
    }
}

fn generator(test: &str) -> ChaCha8Rng {
    key(test).generator(0)
}

fn real(w: &Hermitian) -> &nalgebra::DMatrix<f64> {
    match w {
        Hermitian::Real(m) => m,
        Hermitian::Complex(_) => panic!("expected a real matrix"),
    }
}

mod interpolation;
mod laws;
mod matrices;
mod noise;
mod normals;
mod signals;
mod streams;
mod violations;
