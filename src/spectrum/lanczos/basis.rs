//! An orthonormal basis of a growing subspace of ℝᴺ, in blocks of [`WIDTH`] vectors.

use crate::ensemble::{Row, WIDTH, standard_normal};
use nalgebra::DMatrix;
use pulp::{Arch, Simd, WithSimd};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// WIDTH × WIDTH coefficients, row by row.
pub(super) type Coefficients = [Row; WIDTH];

const ZERO: Coefficients = [[0.0; WIDTH]; WIDTH];

/// Rows worked on at a time. Sums over rows are made of the sums over such pieces in order, whatever
/// the number of threads.
const ROWS: usize = 4096;

/// Blocks V₀, V₁, …, all columns orthonormal.
pub(super) struct Basis {
    n: usize,
    blocks: Vec<Vec<Row>>,
}

impl Basis {
    pub(super) fn with_capacity(n: usize, blocks: usize) -> Self {
        Self {
            n,
            blocks: Vec::with_capacity(blocks),
        }
    }

    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The newest block.
    pub(super) fn last(&self) -> &[Row] {
        self.blocks.last().expect("the start block")
    }

    /// Splits Z = ΣV_bC_b + QB, Q orthonormal and orthogonal to the basis, and adds Q to the basis.
    /// Returns the C_b and B, upper triangular. Where Z lies in the basis, Q has random directions
    /// with coefficient 0.
    pub(super) fn extend(
        &mut self,
        mut z: Vec<Row>,
        rng: &mut ChaCha8Rng,
    ) -> (Vec<Coefficients>, Coefficients) {
        let mut coefficients = self.reduce(&mut z);
        let mut triangle = self.orthonormalise(&mut z, rng);
        // Once more: what rounding has left along the basis is now small against every column, and
        // after this it is gone.
        let corrections = self.reduce(&mut z);
        for (c, correction) in coefficients.iter_mut().zip(&corrections) {
            accumulate(c, correction, &triangle);
        }
        let second = self.orthonormalise(&mut z, rng);
        let first = std::mem::replace(&mut triangle, ZERO);
        accumulate(&mut triangle, &second, &first);
        self.blocks.push(z);
        (coefficients, triangle)
    }

    /// C_b = V_bᵀZ for all b, then Z ← Z − ΣV_bC_b.
    fn reduce(&self, z: &mut [Row]) -> Vec<Coefficients> {
        let pieces: Vec<Vec<Coefficients>> = z
            .par_chunks(ROWS)
            .enumerate()
            .map(|(chunk, z)| {
                let of_block = |v: &Vec<Row>| gram(piece(v, chunk), z);
                self.blocks.iter().map(of_block).collect()
            })
            .collect();
        let mut sums = vec![ZERO; self.blocks.len()];
        for piece in &pieces {
            for (sum, part) in sums.iter_mut().zip(piece) {
                for (sum, part) in sum.iter_mut().flatten().zip(part.iter().flatten()) {
                    *sum += part;
                }
            }
        }
        z.par_chunks_mut(ROWS).enumerate().for_each(|(chunk, z)| {
            for (v, c) in self.blocks.iter().zip(&sums) {
                let negative = c.map(|row| row.map(|x| -x));
                add_product(z, piece(v, chunk), &negative);
            }
        });
        sums
    }

    /// Z = QB by Gram and Schmidt's method, every column twice; Z ← Q.
    fn orthonormalise(&self, z: &mut [Row], rng: &mut ChaCha8Rng) -> Coefficients {
        let mut triangle = ZERO;
        let scale = norms(z).into_iter().fold(0.0, f64::max);
        for c in 0..WIDTH {
            for _ in 0..2 {
                let along = project(z, c);
                for (b, x) in along.iter().enumerate() {
                    triangle[b][c] += x;
                }
            }
            let norm = norms(z)[c];
            // Below this nothing but rounding is left of the column.
            if norm > 16.0 * f64::EPSILON * scale {
                triangle[c][c] = norm;
                z.iter_mut().for_each(|z| z[c] /= norm);
            } else {
                self.replace(z, c, rng);
            }
        }
        triangle
    }

    /// A random unit vector orthogonal to the basis and to the columns before c as column c.
    fn replace(&self, z: &mut [Row], c: usize, rng: &mut ChaCha8Rng) {
        let mut fresh = vec![[0.0; WIDTH]; self.n];
        fresh.iter_mut().for_each(|x| x[0] = standard_normal(rng));
        self.reduce(&mut fresh);
        self.reduce(&mut fresh);
        for (z, x) in z.iter_mut().zip(&fresh) {
            z[c] = x[0];
        }
        for _ in 0..2 {
            project(z, c);
        }
        let norm = norms(z)[c];
        z.iter_mut().for_each(|z| z[c] /= norm);
    }

    /// Columns first, …, first + WIDTH − 1 of VY (zero beyond those of Y), V without the last block.
    pub(super) fn combined(&self, y: &DMatrix<f64>, first: usize) -> Vec<Row> {
        let mut x = vec![[0.0; WIDTH]; self.n];
        let width = WIDTH.min(y.ncols() - first);
        x.par_chunks_mut(ROWS).enumerate().for_each(|(chunk, x)| {
            for (b, v) in self.blocks[..self.blocks.len() - 1].iter().enumerate() {
                let mut coefficients = ZERO;
                for (r, row) in coefficients.iter_mut().enumerate() {
                    for (c, x) in row[..width].iter_mut().enumerate() {
                        *x = y[(b * WIDTH + r, first + c)];
                    }
                }
                add_product(x, piece(v, chunk), &coefficients);
            }
        });
        x
    }

    /// V ← first `kept` blocks of VY; the last block stays behind them.
    pub(super) fn compress(&mut self, y: &DMatrix<f64>, kept: usize) {
        let mut blocks: Vec<Vec<Row>> = (0..kept).map(|b| self.combined(y, b * WIDTH)).collect();
        blocks.extend(self.blocks.pop());
        self.blocks = blocks;
    }

    /// A bound of ‖XᵀX − 1‖_F for the first k columns, rounding included.
    pub(super) fn defect(&self, x: &[Vec<Row>], k: usize) -> f64 {
        let mut squares = 0.0;
        let mut trace = 0.0;
        for (a, left) in x.iter().enumerate() {
            for (b, right) in x.iter().enumerate() {
                let products = gram(left, right);
                for (r, row) in products.iter().enumerate() {
                    for (c, &product) in row.iter().enumerate() {
                        let (i, j) = (a * WIDTH + r, b * WIDTH + c);
                        if i < k && j < k {
                            squares += (product - f64::from(i == j)).powi(2);
                            trace += if i == j { product } else { 0.0 };
                        }
                    }
                }
            }
        }
        // |fl(x·y) − x·y| ≤ γ_N |x||y|; Σ_ij (|x_i||x_j|)² = (Σ|x_i|²)².
        squares.sqrt() + 1.01 * (self.n as f64 + 2.0) * f64::EPSILON * (trace + 1.0)
    }
}

fn piece(v: &[Row], chunk: usize) -> &[Row] {
    let start = chunk * ROWS;
    &v[start..(start + ROWS).min(v.len())]
}

/// C + AB.
fn accumulate(c: &mut Coefficients, a: &Coefficients, b: &Coefficients) {
    for (c, a) in c.iter_mut().zip(a) {
        for (&x, b) in a.iter().zip(b) {
            for (c, &y) in c.iter_mut().zip(b) {
                *c += x * y;
            }
        }
    }
}

/// ‖z_c‖ for every column.
fn norms(z: &[Row]) -> Row {
    let mut squares = [0.0; WIDTH];
    for z in z {
        for (s, x) in squares.iter_mut().zip(z) {
            *s += x * x;
        }
    }
    squares.map(f64::sqrt)
}

/// Takes from column c what lies along the columns before it, which are orthonormal; returns the
/// coefficients, 0 from c on.
fn project(z: &mut [Row], c: usize) -> Row {
    let mut along = [0.0; WIDTH];
    for z in z.iter() {
        let x = z[c];
        for (a, y) in along.iter_mut().zip(z) {
            *a += x * y;
        }
    }
    along[c..].fill(0.0);
    for z in z.iter_mut() {
        let taken: f64 = along.iter().zip(z.iter()).map(|(a, y)| a * y).sum();
        z[c] -= taken;
    }
    along
}

/// VᵀZ.
fn gram(v: &[Row], z: &[Row]) -> Coefficients {
    struct Gram<'a>(&'a [Row], &'a [Row]);

    impl WithSimd for Gram<'_> {
        type Output = Coefficients;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> Coefficients {
            let mut sums = ZERO;
            for (v, z) in self.0.iter().zip(self.1) {
                for a in 0..WIDTH {
                    for c in 0..WIDTH {
                        sums[a][c] = v[a].mul_add(z[c], sums[a][c]);
                    }
                }
            }
            sums
        }
    }

    Arch::new().dispatch(Gram(v, z))
}

/// Z ← Z + VC.
fn add_product(z: &mut [Row], v: &[Row], c: &Coefficients) {
    struct AddProduct<'a>(&'a mut [Row], &'a [Row], &'a Coefficients);

    impl WithSimd for AddProduct<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let coefficients = *self.2;
            for (z, v) in self.0.iter_mut().zip(self.1) {
                let mut sum = *z;
                for a in 0..WIDTH {
                    for c in 0..WIDTH {
                        sum[c] = v[a].mul_add(coefficients[a][c], sum[c]);
                    }
                }
                *z = sum;
            }
        }
    }

    Arch::new().dispatch(AddProduct(z, v, c));
}
