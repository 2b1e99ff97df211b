//! One QL sweep without square roots, row by row, the same arithmetic in every lane.
//!
//! **The sweep.** T has diagonal a_i and squares b_i² beside it (b_i between rows i and i + 1). A sweep
//! over the block l … m with shift σ eliminates T − σ from below,
//!
//! ```text
//! g_m = a_m − σ,   g_i = a_i − σ − b_i²/g_{i+1}                 pivots
//! x_m = 1,         x_i = 1 + b_i² q_{i+1},   q_i = x_i/g_i²     c_i = 1/x_i, s_i = 1 − c_i = b_i² q_{i+1}/x_i
//! ```
//!
//! where c_i and s_i are the squared cosine and sine of the rotation of rows i and i + 1. With
//! h_i = c_i g_i and p_i = g_i h_i = 1/q_i the matrix after the similarity is
//!
//! ```text
//! a′_{i+1} = h_{i+1} + (a_i − h_i),   b′²_{i+1} = s_{i+1}(p_{i+1} + b_i²),   a′_l = h_l + σ,   b′²_l = s_l p_l.
//! ```
//!
//! This is the root-free iteration of Pal, Walker and Kahan, with the pivots carried along as in Reinsch's
//! variant: their recursion has one division and one fused product in its chain, the rest is beside it.
//!
//! **Rounding.** A computed pivot is the exact one for data that are off by a few units in the last place of
//! a_i − σ and b_i² (as in a Sturm count). x_i, q_i, c_i, s_i, p_i come from the pivots by sums of positive
//! terms, products and quotients: relative errors grow at most linearly with the length of the block, and by the
//! factor s_i < 1 a row only. So the sweep is exact for a nearby matrix, up to as small an error of its result.
//!
//! **Range** (entries below 1 in modulus, b_i² = 0 or b_i² > 2⁻¹¹⁰). A pivot below 2⁻²⁰⁰ is inverted as if it were
//! 2⁻²⁰⁰, a change of a_i by as much. Then 2⁻⁴⁰⁰ ≤ 1/g² ≤ 2⁴⁰⁰ or so, and q is kept below 2⁷⁰⁰: the row before
//! then has p_i < 2⁻⁷⁰⁰ in place of something smaller, which moves entries by √p_i < 2⁻³⁵⁰. Nothing over- or
//! underflows in a way that matters, and no NaN arises.
//!
//! **Blocks.** Where b_m² = 0 the recursion starts afresh in row m, to the bit: what lies below a block does not
//! touch it. A sweep may therefore run through rows that belong to other blocks, as long as they are not written.

/// Pivots closer to 0 than 2⁻²⁰⁰ are inverted as 2⁻²⁰⁰.
const LEAST_PIVOT: f64 = f64::from_bits((1023 - 200) << 52);
/// 2⁷⁰⁰, the largest 1/p.
const LARGEST_Q: f64 = f64::from_bits((1023 + 700) << 52);

/// [f(0), …, f(L − 1)], in a form that compiles to vector instructions.
#[inline(always)]
pub(super) fn each<T: Copy + Default, const L: usize>(f: impl Fn(usize) -> T) -> [T; L] {
    let mut values = [T::default(); L];
    for (l, value) in values.iter_mut().enumerate() {
        *value = f(l);
    }
    values
}

/// 1/g, see [`LEAST_PIVOT`].
#[inline(always)]
fn inverse(g: f64) -> f64 {
    // The comparison runs beside the division, not before it.
    let inverse = 1.0 / g;
    if g.abs() < LEAST_PIVOT {
        1.0 / LEAST_PIVOT
    } else {
        inverse
    }
}

/// Where a sweep stands after row i.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sweep<const L: usize> {
    shift: [f64; L],
    /// 1/g_i.
    inverse: [f64; L],
    /// x_i = 1/c_i.
    x: [f64; L],
    /// h_i.
    h: [f64; L],
    /// p_i.
    p: [f64; L],
    /// s_i.
    s: [f64; L],
}

impl<const L: usize> Sweep<L> {
    /// After the bottom row m with diagonal entry a_m.
    #[inline(always)]
    pub(super) fn start(a: [f64; L], shift: [f64; L]) -> Self {
        let g: [f64; L] = each(|l| a[l] - shift[l]);
        Self {
            shift,
            inverse: each(|l| inverse(g[l])),
            x: [1.0; L],
            h: g,
            p: each(|l| g[l] * g[l]),
            s: [0.0; L],
        }
    }

    /// Goes on from row i + 1 to row i and returns the new a_{i+1} and b_{i+1}².
    ///
    /// `inside` says whether row i belongs to the block; if not, row i + 1 is its top row l.
    #[inline(always)]
    pub(super) fn step(
        &mut self,
        a: [f64; L],
        square: [f64; L],
        inside: impl Fn(usize) -> bool,
    ) -> ([f64; L], [f64; L]) {
        let (mut diagonal, mut squares) = ([0.0; L], [0.0; L]);
        for l in 0..L {
            let q = self.x[l] * (self.inverse[l] * self.inverse[l]);
            let q = if q < LARGEST_Q { q } else { LARGEST_Q };
            squares[l] = self.s[l] * (self.p[l] + square[l]);
            let x = square[l].mul_add(q, 1.0);
            let g = (-square[l]).mul_add(self.inverse[l], a[l] - self.shift[l]);
            let c = 1.0 / x;
            let h = g * c;
            let rest = if inside(l) { a[l] - h } else { self.shift[l] };
            diagonal[l] = self.h[l] + rest;
            self.s[l] = square[l] * q * c;
            self.inverse[l] = inverse(g);
            self.x[l] = x;
            self.h[l] = h;
            self.p[l] = g * h;
        }
        (diagonal, squares)
    }

    /// a_l and b_l² of the top row l, when no row is left.
    #[inline(always)]
    pub(super) fn finish(&self) -> ([f64; L], [f64; L]) {
        (
            each(|l| self.h[l] + self.shift[l]),
            each(|l| self.s[l] * self.p[l]),
        )
    }
}
