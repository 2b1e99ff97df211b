//! Eight doubles side by side, in as many registers as the processor needs.
//!
//! Sums run over eight lanes in one order and every product that is added is fused, whatever the
//! registers' width: the bits of a result do not depend on the processor.

use pulp::Simd;

/// Doubles side by side.
pub(super) const LANES: usize = 8;

/// Squares that add up to less are taken for zero.
///
/// Above it no sum of squares is spoilt by underflow, without which I − τuuᵀ would not be
/// orthogonal. What is dropped is below 2⁻⁴⁸⁰, of a matrix whose largest entry is 2⁻²⁰⁰ at least
/// (`Scan::scale`).
pub(in crate::spectrum::tridiagonal) const NEGLIGIBLE: f64 = f64::from_bits((1023 - 960) << 52);

/// Eight doubles on one line of the cache.
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug)]
pub(super) struct Lanes(pub(super) [f64; LANES]);

impl Lanes {
    pub(super) const ZERO: Self = Self([0.0; LANES]);
}

/// Eight doubles in R registers.
#[derive(Clone, Copy)]
pub(super) struct Vector<S: Simd, const R: usize>([S::f64s; R]);

impl<S: Simd, const R: usize> Vector<S, R> {
    #[inline(always)]
    pub(super) fn splat(simd: S, x: f64) -> Self {
        Self([simd.splat_f64s(x); R])
    }

    #[inline(always)]
    pub(super) fn load(simd: S, from: &[f64; LANES]) -> Self {
        let mut v = Self::splat(simd, 0.0);
        let (registers, _) = S::as_simd_f64s(from);
        v.0.copy_from_slice(&registers[..R]);
        v
    }

    #[inline(always)]
    pub(super) fn store(self, to: &mut [f64; LANES]) {
        let (registers, _) = S::as_mut_simd_f64s(to);
        registers[..R].copy_from_slice(&self.0);
    }

    /// self + x·y, rounded once.
    #[inline(always)]
    pub(super) fn plus(mut self, simd: S, x: Self, y: Self) -> Self {
        for r in 0..R {
            self.0[r] = simd.mul_add_f64s(x.0[r], y.0[r], self.0[r]);
        }
        self
    }

    #[inline(always)]
    pub(super) fn times(mut self, simd: S, x: Self) -> Self {
        for r in 0..R {
            self.0[r] = simd.mul_f64s(self.0[r], x.0[r]);
        }
        self
    }

    #[inline(always)]
    pub(super) fn add(mut self, simd: S, x: Self) -> Self {
        for r in 0..R {
            self.0[r] = simd.add_f64s(self.0[r], x.0[r]);
        }
        self
    }

    /// The sum of the lanes: halves, quarters, eighths.
    #[inline(always)]
    pub(super) fn sum(self) -> f64 {
        let mut s = [0.0; LANES];
        self.store(&mut s);
        let t = [s[0] + s[4], s[1] + s[5], s[2] + s[6], s[3] + s[7]];
        (t[0] + t[2]) + (t[1] + t[3])
    }
}

/// A kernel over eight lanes, compiled for each width of registers.
pub(super) trait Kernel {
    type Output;

    fn run<S: Simd, const R: usize>(self, simd: S) -> Self::Output;
}

/// Runs a kernel with the widest registers the processor has.
pub(super) fn run<K: Kernel>(kernel: K) -> K::Output {
    pulp::Arch::new().dispatch(Dispatched(kernel))
}

/// [`run`] on a processor with no registers wider than a double.
#[cfg(test)]
pub(super) fn run_in_scalars<K: Kernel>(kernel: K) -> K::Output {
    pulp::WithSimd::with_simd(Dispatched(kernel), pulp::Scalar::new())
}

struct Dispatched<K>(K);

impl<K: Kernel> pulp::WithSimd for Dispatched<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> K::Output {
        match S::F64_LANES {
            8 => self.0.run::<S, 1>(simd),
            4 => self.0.run::<S, 2>(simd),
            2 => self.0.run::<S, 4>(simd),
            _ => self.0.run::<S, 8>(simd),
        }
    }
}
