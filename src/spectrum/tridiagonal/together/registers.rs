//! What the reductions of real and of complex matrices share.

use pulp::{Simd, bytemuck};

/// (T_ii), (|T_{i,i+1}|).
pub(super) type Form = (Vec<f64>, Vec<f64>);

/// Bytes in the widest register.
const REGISTER: usize = 64;

/// Numbers from a boundary between registers on: a load across two cache lines costs twice.
pub(super) struct Aligned {
    buffer: Vec<f64>,
    start: usize,
    len: usize,
}

impl Aligned {
    pub(super) fn new(len: usize) -> Self {
        let buffer = vec![0.0; len + REGISTER / size_of::<f64>()];
        let start = buffer.as_ptr().align_offset(REGISTER);
        Self {
            // Where alignment is not known the loads are slower, and that is all.
            start: start.min(buffer.len() - len),
            buffer,
            len,
        }
    }

    #[inline(always)]
    pub(super) fn values(&mut self) -> &mut [f64] {
        &mut self.buffer[self.start..self.start + self.len]
    }

    #[inline(always)]
    pub(super) fn registers<S: Simd>(&mut self) -> &mut [S::f64s] {
        S::as_mut_simd_f64s(self.values()).0
    }
}

/// Σ x_i y_i in four partial sums.
#[inline(always)]
pub(super) fn dot<S: Simd>(simd: S, x: &[S::f64s], y: &[S::f64s]) -> S::f64s {
    let mut sums = [simd.splat_f64s(0.0); 4];
    let (x, x_rest) = x.as_chunks::<4>();
    let (y, y_rest) = y.as_chunks::<4>();
    for (x, y) in x.iter().zip(y) {
        for l in 0..4 {
            sums[l] = simd.mul_add_f64s(x[l], y[l], sums[l]);
        }
    }
    for (x, y) in x_rest.iter().zip(y_rest) {
        sums[0] = simd.mul_add_f64s(*x, *y, sums[0]);
    }
    let [a, b, c, d] = sums;
    simd.add_f64s(simd.add_f64s(a, b), simd.add_f64s(c, d))
}

#[inline(always)]
pub(super) fn lanes_of<S: Simd>(x: &S::f64s) -> &[f64] {
    bytemuck::cast_slice(std::slice::from_ref(x))
}
