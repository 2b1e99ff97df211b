//! The bulk fit: noise is recognised at the stated rate, planted spikes are found and measured, what does not fit is said
//! not to, and wrong versions of each step fail the same checks. The table over twenty shapes is
//! tests/network_bulk_calibration.rs.

use rmt_verify::ensemble::{EntryLaw, StreamKey};
use rmt_verify::network::bulk::{
    Analysis, Options, SingularLaw, SingularValues, analyse, noise_gram,
};
use rmt_verify::spectrum::Tridiagonal;

mod level;
mod scale;
mod spikes;
mod verdicts;

/// A check fails by chance with at most this probability.
const CHANCE: f64 = 1e-6;

fn key(what: &str) -> StreamKey {
    StreamKey {
        epoch: 0,
        claim: "tests/network_bulk".into(),
        law: what.into(),
        n: 0,
        signal: String::new(),
    }
}

/// Singular values of pure n × m noise with standard entries.
fn noise(n: usize, m: usize, count: u64) -> Vec<SingularValues> {
    let key = key(&format!("noise {n} x {m}"));
    let grams: Vec<_> = (0..count)
        .map(|r| noise_gram(n, m, &mut key.generator(r)))
        .collect();
    let spectra = Tridiagonal::eigenvalues_of(&grams).into_iter();
    spectra
        .map(|s| {
            let values = s
                .unwrap()
                .eigenvalues()
                .iter()
                .map(|x| x.max(0.0).sqrt())
                .collect();
            SingularValues::new(values, n, m).unwrap()
        })
        .collect()
}

/// diag(θ₁, θ₂, …) + X/√n with entries of one law.
fn planted(n: usize, m: usize, theta: &[f64], law: EntryLaw, replicate: u64) -> faer::Mat<f64> {
    let mut entries = vec![0.0; n * m];
    law.fill(&mut key("planted").generator(replicate), &mut entries);
    let root = (n as f64).sqrt();
    faer::Mat::from_fn(n, m, |i, j| {
        let signal = if i == j {
            theta.get(i).copied().unwrap_or(0.0)
        } else {
            0.0
        };
        signal + entries[i + n * j] / root
    })
}

/// Ideal noise: the quantiles of the law at (i − ½)/m.
fn ideal(n: usize, m: usize) -> Vec<f64> {
    let law = SingularLaw::new(m as f64 / n as f64).unwrap();
    (0..m)
        .map(|i| law.quantile((i as f64 + 0.5) / m as f64))
        .collect()
}

/// The verdict where noise alone is the only law: `tests/network_bulk_dilated.rs` has the other.
fn verdict(values: Vec<f64>, n: usize, m: usize) -> Analysis {
    let options = Options {
        dilated: false,
        ..Options::default()
    };
    analyse(&SingularValues::new(values, n, m).unwrap(), &options).unwrap()
}
