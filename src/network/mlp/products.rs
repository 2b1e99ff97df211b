//! The products of a net with a batch of images.
//!
//! Every matrix is stored row by row. Activations have a row a unit and a column an image, so that a
//! block of units is contiguous. Work is cut into blocks of rows (`block`) whatever the number of threads: the
//! bits of a result depend on the sizes (and on the SIMD width of the processor, from which the order of
//! summation follows), not on who computes which block.

use super::Mlp;
use crate::network::data::Labelled;
use faer::linalg::matmul::matmul;
use faer::traits::ComplexField;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;
use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};

/// Rows that are computed at once, of so many: an even number of blocks, so that two threads have as much to do, each
/// of at most 128 rows and, but for the last, of a multiple of the kernels' eight.
pub(in crate::network) fn block(rows: usize) -> usize {
    const MOST: usize = 128;
    const KERNEL: usize = 8;
    let blocks = 2 * rows.div_ceil(2 * MOST).max(1);
    rows.div_ceil(blocks).next_multiple_of(KERNEL)
}

/// f32 to train, f64 to test the training.
pub trait Real:
    ComplexField
    + Copy
    + Default
    + Send
    + Sync
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + AddAssign
    + SubAssign
    + 'static
{
    /// Rounded.
    fn of(x: f64) -> Self;
    /// Exactly.
    fn value(self) -> f64;
    /// 0 in the place of numbers so small that they only slow the processor down: a unit that no
    /// image reaches any more has a velocity that decays for ever.
    fn flushed(self) -> Self;
}

impl Real for f32 {
    fn of(x: f64) -> Self {
        x as f32
    }
    fn value(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn flushed(self) -> Self {
        if self.abs() < 1e-30 { 0.0 } else { self }
    }
}

impl Real for f64 {
    fn of(x: f64) -> Self {
        x
    }
    fn value(self) -> f64 {
        self
    }
    #[inline(always)]
    fn flushed(self) -> Self {
        if self.abs() < 1e-200 { 0.0 } else { self }
    }
}

/// C = A B for matrices stored row by row, B given by its strides.
pub(in crate::network) fn product<T: Real>(
    out: &mut [T],
    columns: usize,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
) {
    let rows = out.len() / columns;
    let c = MatMut::from_row_major_slice_mut(out, rows, columns);
    matmul(c, Accum::Replace, a, b, T::of(1.0), Par::Seq);
}

/// Room for the activations of a net on one batch.
pub(in crate::network) struct Products<T> {
    /// Images of the batch now in work.
    pub batch: usize,
    /// The images, then what each layer makes of them.
    pub activations: Vec<Vec<T>>,
    /// Units of each of these.
    pub sizes: Vec<usize>,
    /// A byte of an image as the net sees it: (x/255 − 0.5)/0.5.
    grey: Vec<T>,
}

impl<T: Real> Products<T> {
    /// For batches up to a size.
    pub fn new(net: &Mlp<T>, most: usize) -> Self {
        let sizes = net.sizes();
        Self {
            batch: 0,
            activations: sizes
                .iter()
                .map(|units| vec![T::default(); units * most])
                .collect(),
            sizes,
            grey: (0..=255u8)
                .map(|x| T::of((f64::from(x) / 255.0 - 0.5) / 0.5))
                .collect(),
        }
    }

    /// The activations `index`: 0 for the images, 1 for the first layer.
    pub fn matrix(&self, index: usize) -> MatRef<'_, T> {
        let units = self.sizes[index];
        let values = &self.activations[index][..units * self.batch];
        MatRef::from_row_major_slice(values, units, self.batch)
    }

    /// What the last layer made of the batch, one row a class.
    pub fn outputs(&self) -> &[T] {
        let (values, classes) = (self.activations.last(), self.sizes.last());
        &values.expect("a net has layers")[..classes.expect("a net has layers") * self.batch]
    }

    /// Images classified right, and the sum of −ln p(label), of the batch now in work.
    ///
    /// `visit` is given p(class), class by class, for every image.
    pub fn judge(
        &self,
        set: &Labelled,
        indices: &[u32],
        mut visit: impl FnMut(usize, usize, &[f64]),
    ) -> (usize, f64) {
        let outputs = self.outputs();
        let mut p = vec![0.0; outputs.len() / self.batch];
        let (mut right, mut loss) = (0, 0.0);
        for (column, index) in indices.iter().enumerate() {
            let label = usize::from(set.labels[*index as usize]);
            for (p, output) in p
                .iter_mut()
                .zip(outputs[column..].iter().step_by(self.batch))
            {
                *p = output.value();
            }
            let best = (0..p.len()).fold(
                0,
                |best, class| if p[class] > p[best] { class } else { best },
            );
            right += usize::from(best == label);
            let largest = p[best];
            let of_label = p[label] - largest;
            p.iter_mut().for_each(|x| *x = libm::exp(*x - largest));
            let sum: f64 = p.iter().sum();
            loss += libm::log(sum) - of_label;
            p.iter_mut().for_each(|x| *x /= sum);
            visit(column, label, &p);
        }
        (right, loss)
    }

    /// Activations of all layers on the images with these indices.
    pub fn forward(&mut self, net: &Mlp<T>, set: &Labelled, indices: &[u32]) {
        let batch = indices.len();
        self.batch = batch;
        let inputs = net.layers[0].inputs;
        assert_eq!(inputs, set.images.size(), "images of another size");
        let grey = &self.grey;
        self.activations[0][..inputs * batch]
            .par_chunks_mut(block(inputs) * batch)
            .enumerate()
            .for_each(|(position, rows)| {
                for (column, index) in indices.iter().enumerate() {
                    let pixels = set.images.image(*index as usize);
                    let pixels = &pixels[position * block(inputs)..];
                    for (value, pixel) in rows[column..].iter_mut().step_by(batch).zip(pixels) {
                        *value = grey[usize::from(*pixel)];
                    }
                }
            });
        for (index, layer) in net.layers.iter().enumerate() {
            let (before, after) = self.activations.split_at_mut(index + 1);
            let values = &before[index][..layer.inputs * batch];
            let x = MatRef::from_row_major_slice(values, layer.inputs, batch);
            let hidden = index + 1 < net.layers.len();
            let block = block(layer.outputs);
            after[0][..layer.outputs * batch]
                .par_chunks_mut(block * batch)
                .zip(layer.weights.par_chunks(block * layer.inputs))
                .zip(layer.biases.par_chunks(block))
                .for_each(|((out, weights), biases)| {
                    let w = MatRef::from_row_major_slice(weights, biases.len(), layer.inputs);
                    product(out, batch, w, x);
                    for (row, bias) in out.chunks_mut(batch).zip(biases) {
                        for value in row {
                            let sum = *value + *bias;
                            *value = if hidden && sum < T::default() {
                                T::default()
                            } else {
                                sum
                            };
                        }
                    }
                });
        }
    }
}
