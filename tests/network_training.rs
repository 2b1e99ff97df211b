//! Training: the gradient, the steps, and that bits depend on neither threads nor interruptions.

use rmt_verify::confidence::{binomial, binomial_upper_tail};
use rmt_verify::network::data::{Dataset, Images, Labelled};
use rmt_verify::network::mlp::{Mlp, MlpError, Real};
use rmt_verify::network::training::{CheckpointError, Protocol, Training, TrainingError};

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

/// The net written once more, in f64, one image and one unit at a time.
struct Plain {
    sizes: Vec<usize>,
    parameters: Vec<f64>,
    velocity: Vec<f64>,
}

impl Plain {
    fn of<T: Real>(net: &Mlp<T>) -> Self {
        let parameters = parameters(net);
        Self {
            sizes: net.sizes(),
            velocity: vec![0.0; parameters.len()],
            parameters,
        }
    }

    /// Where W and b of a layer begin.
    fn places(&self, layer: usize) -> (usize, usize) {
        let before = self.sizes.windows(2).take(layer);
        let start = before.map(|pair| (pair[0] + 1) * pair[1]).sum::<usize>();
        (start, start + self.sizes[layer] * self.sizes[layer + 1])
    }

    fn activations(&self, image: &[u8]) -> Vec<Vec<f64>> {
        let mut all = vec![
            image
                .iter()
                .map(|x| f64::from(*x) / 127.5 - 1.0)
                .collect::<Vec<_>>(),
        ];
        let layers = self.sizes.len() - 1;
        for layer in 0..layers {
            let (w, b) = self.places(layer);
            let x = &all[layer];
            let next = (0..self.sizes[layer + 1])
                .map(|unit| {
                    let mut sum = self.parameters[b + unit];
                    for (k, x) in x.iter().enumerate() {
                        sum += self.parameters[w + unit * self.sizes[layer] + k] * x;
                    }
                    if layer + 1 < layers {
                        sum.max(0.0)
                    } else {
                        sum
                    }
                })
                .collect();
            all.push(next);
        }
        all
    }

    fn loss(&self, set: &Labelled, indices: &[u32]) -> f64 {
        let one = |index: u32| {
            let outputs = self
                .activations(set.images.image(index as usize))
                .pop()
                .unwrap();
            let sum: f64 = outputs.iter().map(|x| x.exp()).sum();
            sum.ln() - outputs[usize::from(set.labels[index as usize])]
        };
        indices.iter().map(|index| one(*index)).sum::<f64>() / indices.len() as f64
    }

    fn gradient(&self, set: &Labelled, indices: &[u32]) -> Vec<f64> {
        let mut gradient = vec![0.0; self.parameters.len()];
        for index in indices {
            let all = self.activations(set.images.image(*index as usize));
            let outputs = all.last().unwrap();
            let sum: f64 = outputs.iter().map(|x| x.exp()).sum();
            let mut delta: Vec<f64> = outputs.iter().map(|x| x.exp() / sum).collect();
            delta[usize::from(set.labels[*index as usize])] -= 1.0;
            for layer in (0..self.sizes.len() - 1).rev() {
                let (w, b) = self.places(layer);
                let x = &all[layer];
                let mut back = vec![0.0; x.len()];
                for (unit, delta) in delta.iter().enumerate() {
                    gradient[b + unit] += delta / indices.len() as f64;
                    for k in 0..x.len() {
                        let place = w + unit * x.len() + k;
                        gradient[place] += delta * x[k] / indices.len() as f64;
                        if layer > 0 && x[k] > 0.0 {
                            back[k] += delta * self.parameters[place];
                        }
                    }
                }
                delta = back;
            }
        }
        gradient
    }

    fn step(&mut self, set: &Labelled, indices: &[u32], protocol: &Protocol) {
        let gradient = self.gradient(set, indices);
        for ((w, v), g) in self
            .parameters
            .iter_mut()
            .zip(&mut self.velocity)
            .zip(gradient)
        {
            *v = protocol.momentum * *v + g;
            *w -= protocol.rate * *v;
        }
    }
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
}

#[test]
fn one_step_moves_against_the_numerical_gradient() {
    let data = few_digits(24, 4);
    let net = Mlp::<f64>::new(&[64, 7, 5, 10], 0, 0).unwrap();
    let indices: Vec<u32> = (0..24).collect();
    // One batch, rate 1, no momentum: the step is the gradient.
    let protocol = Protocol {
        rate: 1.0,
        momentum: 0.0,
        batch: 24,
    };
    let mut training = Training::new(net.clone(), protocol, 0, 0).unwrap();
    training.epoch(&data, |_, _| {}).unwrap();
    let (before, after) = (parameters(&net), parameters(training.net()));

    let mut plain = Plain::of(&net);
    let h = 1e-5;
    let numerical: Vec<f64> = (0..before.len())
        .map(|k| {
            plain.parameters[k] = before[k] + h;
            let above = plain.loss(&data.train, &indices);
            plain.parameters[k] = before[k] - h;
            let below = plain.loss(&data.train, &indices);
            plain.parameters[k] = before[k];
            (above - below) / (2.0 * h)
        })
        .collect();
    let step: Vec<f64> = before.iter().zip(&after).map(|(a, b)| a - b).collect();
    // h² times a third derivative of order 10, plus rounding 1e-16/h.
    let error = largest_difference(&step, &numerical);
    assert!(error < 1e-8, "{error:e}");
    assert!(step.iter().any(|x| x.abs() > 1e-2), "the gradient is not 0");
}

#[test]
fn two_epochs_agree_with_a_net_written_once_more() {
    // 133 units make two blocks, 50 images in batches of 16 a short last one.
    let data = few_digits(50, 4);
    let protocol = Protocol {
        rate: 0.05,
        momentum: 0.9,
        batch: 16,
    };
    let net = Mlp::<f64>::new(&[64, 133, 9, 10], 1, 0).unwrap();
    let mut plain = Plain::of(&net);
    let mut training = Training::new(net, protocol, 1, 0).unwrap();
    let single = Mlp::<f32>::new(&[64, 133, 9, 10], 1, 0).unwrap();
    let mut single = Training::new(single, protocol, 1, 0).unwrap();
    for _ in 0..2 {
        let order = training.order(50);
        for batch in order.chunks(16) {
            plain.step(&data.train, batch, &protocol);
        }
        training.epoch(&data, |_, _| {}).unwrap();
        single.epoch(&data, |_, _| {}).unwrap();
    }
    let error = largest_difference(&parameters(training.net()), &plain.parameters);
    assert!(error < 1e-13, "{error:e}");
    // f32 with 24 bits, over 8 steps.
    let error = largest_difference(&parameters(single.net()), &plain.parameters);
    assert!(error < 1e-5, "{error:e}");
    let all: Vec<u32> = (0..4).collect();
    let loss = training.history()[1].test_loss;
    assert!((loss - plain.loss(&data.test, &all)).abs() < 1e-13);
}

#[test]
fn order_of_images_is_a_new_permutation_each_epoch() {
    let data = few_digits(50, 4);
    let net = Mlp::<f32>::new(&[64, 4, 10], 0, 0).unwrap();
    let mut training = Training::new(net, Protocol::default(), 0, 0).unwrap();
    let first = training.order(50);
    training.epoch(&data, |_, _| {}).unwrap();
    let second = training.order(50);
    assert_ne!(first, second);
    for mut order in [first, second] {
        order.sort_unstable();
        assert!(order.into_iter().eq(0..50));
    }
}

fn trained_on(threads: usize) -> Vec<f64> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let data = few_digits(300, 50);
        let net = Mlp::<f32>::new(&[64, 300, 300, 10], 0, 0).unwrap();
        let mut training = Training::new(net, Protocol::default(), 0, 0).unwrap();
        for _ in 0..2 {
            training.epoch(&data, |_, _| {}).unwrap();
        }
        let mut bits = parameters(training.net());
        bits.push(training.history()[1].test_loss);
        bits.push(training.history()[1].training_loss);
        bits
    })
}

#[test]
fn one_two_and_three_threads_give_equal_bits() {
    let one = trained_on(1);
    assert_eq!(one, trained_on(2));
    assert_eq!(one, trained_on(3));
}

#[test]
fn interrupted_training_goes_on_with_equal_bits() {
    let data = few_digits(200, 50);
    let begin = |seed| {
        let net = Mlp::<f32>::new(&[64, 40, 40, 10], 0, 0).unwrap();
        Training::new(net.with_symmetric(1).unwrap(), Protocol::default(), seed, 0).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");

    let mut whole = begin(0);
    for _ in 0..4 {
        whole.epoch(&data, |_, _| {}).unwrap();
    }
    let mut interrupted = begin(0);
    assert!(
        !interrupted.resume(&path, &data).unwrap(),
        "there is no file yet"
    );
    for _ in 0..2 {
        interrupted.epoch(&data, |_, _| {}).unwrap();
        interrupted.save(&path, &data).unwrap();
    }
    let mut resumed = begin(0);
    assert!(resumed.resume(&path, &data).unwrap());
    assert_eq!(resumed.epochs(), 2);
    for _ in 0..2 {
        resumed.epoch(&data, |_, _| {}).unwrap();
    }
    assert_eq!(whole.net(), resumed.net());
    assert_eq!(whole.history(), resumed.history());
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left behind"
    );

    // Another training does not go on from it, and a damaged file is not read.
    let other = begin(1).resume(&path, &data);
    assert!(matches!(
        other,
        Err(CheckpointError::Other { what: "seed", .. })
    ));
    let other = begin(0).resume(&path, &few_digits(199, 50));
    assert!(matches!(
        other,
        Err(CheckpointError::Other {
            what: "data set",
            ..
        })
    ));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(matches!(
        begin(0).resume(&path, &data),
        Err(CheckpointError::Tensors(_))
    ));
}

#[test]
fn symmetric_layer_stays_symmetric_and_descends_along_the_symmetric_gradient() {
    let data = few_digits(50, 4);
    let protocol = Protocol {
        rate: 0.05,
        momentum: 0.9,
        batch: 16,
    };
    let net = Mlp::<f64>::new(&[64, 37, 37, 10], 1, 0)
        .unwrap()
        .with_symmetric(1)
        .unwrap();
    let mut plain = Plain::of(&net);
    let mut training = Training::new(net, protocol, 1, 0).unwrap();
    let (w, _) = plain.places(1);
    let order = training.order(50);
    for batch in order.chunks(16) {
        // Descent in the free entries i ≥ j, with half the gradient of the two places they fill.
        let gradient = plain.gradient(&data.train, batch);
        for k in 0..gradient.len() {
            let twin = if (w..w + 37 * 37).contains(&k) {
                w + (k - w) % 37 * 37 + (k - w) / 37
            } else {
                k
            };
            plain.velocity[k] = 0.9 * plain.velocity[k] + (gradient[k] + gradient[twin]) / 2.0;
            plain.parameters[k] -= 0.05 * plain.velocity[k];
        }
    }
    training.epoch(&data, |_, _| {}).unwrap();
    let trained = training.net().layers()[1].weights();
    for i in 0..37 {
        for j in 0..i {
            assert_eq!(trained[37 * i + j], trained[37 * j + i]);
        }
    }
    assert!(largest_difference(&parameters(training.net()), &plain.parameters) < 1e-13);
}

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

#[test]
fn impossible_nets_and_protocols_are_errors() {
    assert!(matches!(
        Mlp::<f32>::new(&[3], 0, 0),
        Err(MlpError::TooFewSizes { .. })
    ));
    assert!(matches!(
        Mlp::<f32>::new(&[3, 0, 2], 0, 0),
        Err(MlpError::SizeInvalid { .. })
    ));
    let huge = [usize::MAX / 2, usize::MAX / 2];
    assert!(matches!(
        Mlp::<f32>::new(&huge, 0, 0),
        Err(MlpError::SizeInvalid { .. })
    ));
    let net = Mlp::<f32>::new(&[4, 3, 10], 0, 0).unwrap();
    assert!(matches!(
        net.clone().with_symmetric(0),
        Err(MlpError::NotSquare {
            layer: 0,
            outputs: 3,
            inputs: 4
        })
    ));
    let with = |rate, momentum, batch| {
        Training::new(
            net.clone(),
            Protocol {
                rate,
                momentum,
                batch,
            },
            0,
            0,
        )
        .map(|_| ())
    };
    assert_eq!(
        with(0.0, 0.9, 1),
        Err(TrainingError::RateInvalid { rate: 0.0 })
    );
    assert_eq!(
        with(0.1, 1.0, 1),
        Err(TrainingError::MomentumInvalid { momentum: 1.0 })
    );
    assert_eq!(with(0.1, 0.9, 0), Err(TrainingError::BatchEmpty));
    let mut other_images = Training::new(net.clone(), Protocol::default(), 0, 0).unwrap();
    let error = other_images.epoch(&few_digits(10, 5), |_, _| {});
    assert!(matches!(
        error,
        Err(TrainingError::DataDiffer {
            inputs: 4,
            pixels: 64,
            ..
        })
    ));
}

#[test]
fn diverging_training_is_an_error_and_not_a_net() {
    let data = few_digits(200, 20);
    let net = Mlp::<f32>::new(&[64, 20, 20, 10], 0, 0).unwrap();
    let protocol = Protocol {
        rate: 1e6,
        ..Protocol::default()
    };
    let mut training = Training::new(net, protocol, 0, 0).unwrap();
    let outcome = (0..20).try_for_each(|_| training.epoch(&data, |_, _| {}).map(|_| ()));
    assert!(
        matches!(outcome, Err(TrainingError::Diverged { .. })),
        "{outcome:?}"
    );
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
