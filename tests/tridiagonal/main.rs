//! The tridiagonal model against dense matrices, and single eigenvalues by Sturm counts.

use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{Deformed, Ensemble, Signal, SignalShape, StreamKey, TridiagonalModel};
use rmt_verify::spectrum::{
    Eigen, Eigendecomposition, Eigensolver, Eigenvectors, Faer, Hermitian, LocateError, Tridiagonal,
};

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

fn spiked(n: usize, theta: f64) -> Signal {
    let mut values = vec![0.0; n];
    values[0] = theta;
    Signal::diagonal(SignalShape::Prescribed(values))
}

fn sample(model: &TridiagonalModel, n: usize, theta: f64, rng: &mut ChaCha8Rng) -> Tridiagonal {
    let mut entries = model.sample(n, rng).unwrap();
    entries.add_spike(theta);
    entries.into()
}

/// The same T as a full matrix.
fn dense(t: &Tridiagonal) -> Hermitian {
    let n = t.n();
    let mut m = nalgebra::DMatrix::zeros(n, n);
    for i in 0..n {
        m[(i, i)] = t.diagonal[i];
        if i + 1 < n {
            m[(i, i + 1)] = t.off_diagonal[i];
            m[(i + 1, i)] = t.off_diagonal[i];
        }
    }
    Hermitian::real(m).unwrap()
}

fn examples() -> Vec<Tridiagonal> {
    let goe = TridiagonalModel::new(&Ensemble::goe()).unwrap();
    let gue = TridiagonalModel::new(&Ensemble::gue().with_sigma(3.0)).unwrap();
    let mut all = vec![];
    for (replicate, n) in [1, 2, 3, 16, 17, 100, 400].into_iter().enumerate() {
        for theta in [-3.0, 0.0, 0.9, 1.5, 4.0] {
            let rng = &mut generator("sturm", replicate as u64);
            all.push(sample(&goe, n, theta, rng));
            all.push(sample(&gue, n, theta, rng));
        }
    }
    // No randomness, blocks, a constant matrix, and a Wilkinson matrix with its close pairs.
    all.push(Tridiagonal {
        diagonal: vec![0.0; 50],
        off_diagonal: vec![1.0; 49],
    });
    all.push(Tridiagonal {
        diagonal: vec![2.0, 2.0, 2.0, 1.0],
        off_diagonal: vec![0.0, 0.0, 0.0],
    });
    all.push(Tridiagonal {
        diagonal: (0..41i32).map(|i| f64::from(20 - i).abs()).collect(),
        off_diagonal: vec![1.0; 40],
    });
    all
}

mod law;
mod sturm;
mod top;
