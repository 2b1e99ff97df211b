//! Householder reduction to tridiagonal form, one pass over the matrix a step.
//!
//! Step k applies H = I − τvvᵀ to rows and columns k + 1, …: with p = τAv, w = p − (τ/2)(vᵀp)v,
//! HAH = A − vwᵀ − wvᵀ. The correction by v and w is left pending and made in the same pass that
//! multiplies the corrected matrix with the next v, so each entry is loaded once a step.
//!
//! Only the lower triangle is read. Additions, products, quotients and square roots in a fixed
//! order, never fused: the bits do not depend on the processor.

use nalgebra::DMatrix;

/// Partial sums kept apart, so that the compiler can hold them in vector registers.
const LANES: usize = 4;

/// (T_ii), (|T_{i,i+1}|) of a real symmetric matrix.
pub(super) fn real(m: &DMatrix<f64>) -> (Vec<f64>, Vec<f64>) {
    let n = m.nrows();
    let mut a = m.as_slice().to_vec();
    let (mut diagonal, mut off_diagonal) = (Vec::with_capacity(n), Vec::with_capacity(n));
    let [mut v, mut w, mut next, mut y] = [(); 4].map(|()| vec![0.0; n]);
    for k in 0..n {
        let column = &mut a[k * n + k..(k + 1) * n];
        for (i, x) in column.iter_mut().enumerate() {
            *x -= v[k + i] * w[k] + w[k + i] * v[k];
        }
        diagonal.push(column[0]);
        if k + 1 == n {
            break;
        }
        let x = &column[1..];
        let norm = dot(x, x).sqrt();
        // Nothing to reflect; also when the squares underflow (entries below 1e-162), which
        // perturbs W by less than that.
        let reduced = x[1..].iter().all(|&x| x == 0.0) || norm == 0.0;
        off_diagonal.push(if reduced { x[0].abs() } else { norm });
        let tau = if reduced {
            0.0
        } else {
            let scale = 1.0 / (norm + x[0].abs());
            next[k + 1] = 1f64.copysign(x[0]);
            for (u, x) in next[k + 2..].iter_mut().zip(&x[1..]) {
                *u = x * scale;
            }
            (norm + x[0].abs()) / norm
        };
        y[k + 1..].fill(0.0);
        for j in k + 1..n {
            let column = &mut a[j * n + j..(j + 1) * n];
            let (y_j, below) = y[j..].split_first_mut().expect("j < n");
            *y_j += correct_and_multiply(column, &v[j..], &w[j..], &next[j..], below);
        }
        std::mem::swap(&mut v, &mut next);
        let half = 0.5 * tau * dot(&y[k + 1..], &v[k + 1..]);
        for i in k + 1..n {
            w[i] = tau * (y[i] - half * v[i]);
        }
    }
    (diagonal, off_diagonal)
}

/// Corrects the lower part of one column by v and w, adds its product with u to `below`, and
/// returns what it contributes to its own row.
fn correct_and_multiply(
    column: &mut [f64],
    v: &[f64],
    w: &[f64],
    u: &[f64],
    below: &mut [f64],
) -> f64 {
    let (v0, w0, u0) = (v[0], w[0], u[0]);
    column[0] -= 2.0 * v0 * w0;
    let own = column[0] * u0;
    let (column, v, w, u) = (&mut column[1..], &v[1..], &w[1..], &u[1..]);
    let (c, c_rest) = column.as_chunks_mut::<LANES>();
    let (y, y_rest) = below.as_chunks_mut::<LANES>();
    let (v, v_rest) = v.as_chunks::<LANES>();
    let (w, w_rest) = w.as_chunks::<LANES>();
    let (u, u_rest) = u.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for ((((c, y), v), w), u) in c.iter_mut().zip(y).zip(v).zip(w).zip(u) {
        for l in 0..LANES {
            let corrected = c[l] - (v[l] * w0 + w[l] * v0);
            c[l] = corrected;
            sums[l] += corrected * u[l];
            y[l] += corrected * u0;
        }
    }
    let mut sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for i in 0..c_rest.len() {
        c_rest[i] -= v_rest[i] * w0 + w_rest[i] * v0;
        sum += c_rest[i] * u_rest[i];
        y_rest[i] += c_rest[i] * u0;
    }
    own + sum
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (x, x_rest) = x.as_chunks::<LANES>();
    let (y, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in x.iter().zip(y) {
        for l in 0..LANES {
            sums[l] += x[l] * y[l];
        }
    }
    let rest: f64 = x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
