//! One step of stochastic gradient descent.

use super::Protocol;
use crate::network::data::Labelled;
use crate::network::mlp::{Layer, Mlp, Products, Real, block, product};
use faer::MatRef;
use rayon::prelude::*;
use std::sync::Mutex;

/// Velocities of a net, and room to compute in.
pub struct Descent<T> {
    velocity: Vec<Layer<T>>,
    work: Products<T>,
    /// ∂(mean loss)/∂(W x + b) of each layer, laid out as the activations.
    deltas: Vec<Vec<T>>,
    /// Room for blocks. One that was used lately is still in cache.
    scratch: Mutex<Vec<Vec<T>>>,
}

impl<T: Real> Descent<T> {
    /// Velocities as given, for batches up to a size.
    pub fn new(net: &Mlp<T>, velocity: Vec<Layer<T>>, most: usize) -> Self {
        Self {
            velocity,
            work: Products::new(net, most),
            deltas: net
                .layers
                .iter()
                .map(|layer| vec![T::default(); layer.outputs * most])
                .collect(),
            scratch: Mutex::new(Vec::new()),
        }
    }

    /// The velocities, in the shape of the layers.
    pub fn into_velocity(self) -> Vec<Layer<T>> {
        self.velocity
    }

    /// v ← μ v + ∇L, (W, b) ← (W, b) − η v with L the mean of −ln p(label) over the batch. Returns
    /// the images classified right and the sum of −ln p(label), both before the step.
    pub fn step(
        &mut self,
        net: &mut Mlp<T>,
        set: &Labelled,
        indices: &[u32],
        protocol: &Protocol,
    ) -> (usize, f64) {
        let batch = indices.len();
        self.work.forward(net, set, indices);
        let judged = self.output_delta(set, indices);
        for index in (0..net.layers.len()).rev() {
            if index > 0 {
                self.pass_back(&net.layers[index], index, batch);
            }
            self.update(&mut net.layers[index], index, batch, protocol);
        }
        if let Some(layer) = net.symmetric {
            // Steps are linear in v: this is descent along the symmetric part of the gradient, and
            // the other part of v is never seen.
            let n = net.layers[layer].inputs;
            symmetrise(&mut net.layers[layer].weights, n);
        }
        judged
    }

    /// δ = (p − 1_label)/batch for the last layer.
    fn output_delta(&mut self, set: &Labelled, indices: &[u32]) -> (usize, f64) {
        let batch = indices.len();
        let delta = self.deltas.last_mut().expect("a net has layers");
        self.work.judge(set, indices, |column, label, p| {
            for (class, p) in p.iter().enumerate() {
                let error = p - f64::from(u8::from(class == label));
                delta[class * batch + column] = T::of(error / batch as f64).flushed();
            }
        })
    }

    /// δ of layer `index` − 1: Wᵀ δ where the unit is active, else 0.
    fn pass_back(&mut self, layer: &Layer<T>, index: usize, batch: usize) {
        let (before, after) = self.deltas.split_at_mut(index);
        let delta = &after[0][..layer.outputs * batch];
        let delta = MatRef::from_row_major_slice(delta, layer.outputs, batch);
        let w = MatRef::from_row_major_slice(&layer.weights, layer.outputs, layer.inputs);
        let scratch = &self.scratch;
        let size = block(layer.inputs);
        before[index - 1][..layer.inputs * batch]
            .par_chunks_mut(size * batch)
            .zip(self.work.activations[index].par_chunks(size * batch))
            .enumerate()
            .for_each(|(position, (out, active))| {
                let units = out.len() / batch;
                let columns = w.subcols(position * size, units);
                // δᵀ W, image by image, and then turned round: W as it is stored is the operand
                // that the kernels like, Wᵀ is not (a third more time).
                with_room(scratch, out.len(), |turned| {
                    product(turned, units, delta.transpose(), columns);
                    for (unit, (row, active)) in
                        out.chunks_mut(batch).zip(active.chunks(batch)).enumerate()
                    {
                        let column = turned[unit..].iter().step_by(units);
                        for ((value, active), turned) in row.iter_mut().zip(active).zip(column) {
                            *value = if *active > T::default() {
                                turned.flushed()
                            } else {
                                T::default()
                            };
                        }
                    }
                });
            });
    }

    /// Gradient and step of one layer, block by block.
    fn update(&mut self, layer: &mut Layer<T>, index: usize, batch: usize, protocol: &Protocol) {
        let (momentum, rate) = (T::of(protocol.momentum), T::of(protocol.rate));
        let advance = |weight: &mut T, velocity: &mut T, gradient: T| {
            *velocity = (momentum * *velocity + gradient).flushed();
            *weight -= rate * *velocity;
        };
        let Layer {
            inputs, outputs, ..
        } = *layer;
        let x = self.work.matrix(index);
        let velocity = &mut self.velocity[index];
        let scratch = &self.scratch;
        let size = block(outputs);
        self.deltas[index][..outputs * batch]
            .par_chunks(size * batch)
            .zip(layer.weights.par_chunks_mut(size * inputs))
            .zip(velocity.weights.par_chunks_mut(size * inputs))
            .for_each(|((delta, weights), velocity)| {
                let delta = MatRef::from_row_major_slice(delta, delta.len() / batch, batch);
                with_room(scratch, weights.len(), |gradient| {
                    product(gradient, inputs, delta, x.transpose());
                    let gradient = gradient.iter();
                    for ((weight, velocity), gradient) in
                        weights.iter_mut().zip(velocity).zip(gradient)
                    {
                        advance(weight, velocity, *gradient);
                    }
                });
            });
        let deltas = self.deltas[index].chunks(batch);
        for ((bias, velocity), delta) in layer
            .biases
            .iter_mut()
            .zip(&mut velocity.biases)
            .zip(deltas)
        {
            let gradient = delta.iter().fold(T::default(), |sum, x| sum + *x);
            advance(bias, velocity, gradient);
        }
    }
}

/// Lends a slice of a length, with anything in it.
fn with_room<T: Real>(scratch: &Mutex<Vec<Vec<T>>>, length: usize, f: impl FnOnce(&mut [T])) {
    let taken = scratch.lock().expect("no step panics").pop();
    let mut room = taken.unwrap_or_default();
    if room.len() < length {
        room.resize(length, T::default());
    }
    f(&mut room[..length]);
    scratch.lock().expect("no step panics").push(room);
}

/// W ← (W + Wᵀ)/2 for an n × n matrix.
fn symmetrise<T: Real>(w: &mut [T], n: usize) {
    // Tiles keep both the lines that are read and those that are mirrored in cache.
    const TILE: usize = 32;
    let half = T::of(0.5);
    for rows in (0..n).step_by(TILE) {
        for columns in (0..=rows).step_by(TILE) {
            for i in rows..(rows + TILE).min(n) {
                for j in columns..(columns + TILE).min(i) {
                    let mean = (w[i * n + j] + w[j * n + i]) * half;
                    w[i * n + j] = mean;
                    w[j * n + i] = mean;
                }
            }
        }
    }
}
