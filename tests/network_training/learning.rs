//! What a net learns, and where it starts.

use super::{largest_difference, parameters};
use rmt_verify::confidence::{binomial, binomial_upper_tail};
use rmt_verify::network::data::{Dataset, Images, Labelled};
use rmt_verify::network::mlp::Mlp;
use rmt_verify::network::training::{Protocol, Training};

/// What a trained net must reach on the 500 test digits.
const LEVEL: usize = 450;

#[test]
fn net_learns_digits_as_no_untrained_net_can_know_them() {
    let data = Dataset::digits();
    let sizes = [64, 100, 100, 10];
    let net = Mlp::<f32>::new(&sizes, 0, 0).unwrap();
    let mut training = Training::new(net, Protocol::default(), 0, 0).unwrap();
    for _ in 0..12 {
        training.epoch(&data, |_, _| {}).unwrap();
    }
    let score = training.net().score(&data.test);
    assert!(score.right >= LEVEL, "{} of 500", score.right);
    assert_eq!(score.accuracy(), training.history()[11].test_accuracy);

    // The rows of an untrained last layer are exchangeable, so that each class is the answer with
    // probability 1/10. Each image gets a net of its own: the count is exactly binomial.
    let right = (0..500)
        .filter(|index| {
            let net = Mlp::<f32>::new(&[64, 20, 10], 0, 1 + *index as u64).unwrap();
            let image = few_digits_at(&data.test, *index);
            net.score(&image).right == 1
        })
        .count() as u64;
    assert!(
        binomial(right, 500, 1e-9).unwrap().covers(0.1),
        "{right} of 500"
    );
    assert!(binomial_upper_tail(LEVEL as u64, 500, 0.1) < 1e-300);
}

fn few_digits_at(set: &Labelled, index: usize) -> Labelled {
    let header = [0x803, 1, 8, 8];
    let mut bytes: Vec<u8> = header
        .iter()
        .flat_map(|word: &u32| word.to_be_bytes())
        .collect();
    bytes.extend(set.images.image(index));
    Labelled {
        images: Images::parse(&bytes).unwrap(),
        labels: vec![set.labels[index]],
    }
}

#[test]
fn initial_weights_have_the_stated_law() {
    let net = Mlp::<f64>::new(&[64, 200, 100, 10], 3, 0).unwrap();
    for layer in net.layers() {
        let bound = 1.0 / (layer.inputs() as f64).sqrt();
        let w = layer.weights();
        assert!(w.iter().chain(layer.biases()).all(|x| x.abs() < bound));
        // Uniform on ±bound: E w² = bound²/3, sd of w² = bound²·√(4/45); eight of them.
        let mean_square = w.iter().map(|x| x * x).sum::<f64>() / w.len() as f64;
        let slack = 8.0 * bound * bound * (4.0f64 / 45.0 / w.len() as f64).sqrt();
        assert!((mean_square - bound * bound / 3.0).abs() < slack);
    }
    assert_ne!(net, Mlp::new(&[64, 200, 100, 10], 3, 1).unwrap());
    assert_ne!(net, Mlp::new(&[64, 200, 100, 10], 4, 0).unwrap());
    let rounded = Mlp::<f32>::new(&[64, 200, 100, 10], 3, 0).unwrap();
    assert!(largest_difference(&parameters(&net), &parameters(&rounded)) < 1e-8);
}

/// Seconds an epoch, to be compared with `benches/peers/mlp.py`:
/// `RMT_WIDTHS=200,1000 cargo test --test network_training -- --ignored --nocapture seconds_an_epoch`
#[test]
#[ignore = "minutes"]
fn seconds_an_epoch() {
    let list = std::env::var("RMT_WIDTHS").unwrap_or("200".to_owned());
    let epochs = std::env::var("RMT_EPOCHS").map_or(1, |text| text.parse().unwrap());
    let data = Dataset::find(None).unwrap();
    println!("{}", data.name);
    for width in list.split(',').map(|text| text.parse::<usize>().unwrap()) {
        let net = Mlp::<f32>::new(&[data.inputs(), width, width, 10], 0, 0).unwrap();
        let mut training = Training::new(net, Protocol::default(), 0, 0).unwrap();
        for epoch in 1..=epochs {
            let started = std::time::Instant::now();
            let record = training.epoch(&data, |_, _| {}).unwrap();
            let seconds = started.elapsed().as_secs_f64();
            let accuracy = record.test_accuracy;
            println!("N {width}: epoch {epoch}, {seconds:.2} s, test accuracy {accuracy:.4}");
        }
    }
}
