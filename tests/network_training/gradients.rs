//! Steps are those of a net written once more, and of numerical derivatives.

use super::{few_digits, largest_difference, parameters};
use rmt_verify::network::data::Labelled;
use rmt_verify::network::mlp::{Mlp, Real};
use rmt_verify::network::training::{Protocol, Training};

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
