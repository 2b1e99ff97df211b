//! Training: the gradient, the steps, and that bits depend on neither threads nor interruptions.

mod determinism;
mod errors;
mod gradients;
mod learning;

use rmt_verify::network::data::{Dataset, Images, Labelled};
use rmt_verify::network::mlp::{Mlp, Real};

/// The digits with the first `train` images to learn from and the first `test` to be judged by.
fn few_digits(train: usize, test: usize) -> Dataset {
    let whole = Dataset::digits();
    let part = |from: &Labelled, count: usize| {
        let header = [0x803, count as u32, 8, 8];
        let mut bytes: Vec<u8> = header
            .iter()
            .flat_map(|word: &u32| word.to_be_bytes())
            .collect();
        bytes.extend(&from.images.pixels()[..64 * count]);
        Labelled {
            images: Images::parse(&bytes).unwrap(),
            labels: from.labels[..count].to_vec(),
        }
    };
    Dataset {
        name: "few digits".to_owned(),
        train: part(&whole.train, train),
        test: part(&whole.test, test),
    }
}

/// All weights and biases in one list: layer by layer, weights first.
fn parameters<T: Real>(net: &Mlp<T>) -> Vec<f64> {
    let layers = net.layers().iter();
    layers
        .flat_map(|layer| layer.weights().iter().chain(layer.biases()))
        .map(|x| x.value())
        .collect()
}

/// max|a_i − b_i|.
fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
}
