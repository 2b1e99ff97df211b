//! Error bounds of spectra: trace checks for every replicate, certificates for some.

use super::scaling::{PowerOfTwo, moderate};
use super::solver::{Eigen, Eigenvectors, view};
use super::{Hermitian, Spectrum, SpectrumError, Tridiagonal};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use nalgebra::DMatrix;

/// How far the sums of the eigenvalues and of their squares are from the traces of the matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceResidual {
    /// |Σλ − Tr W|.
    pub trace: f64,
    /// What it was checked against.
    pub trace_bound: f64,
    /// |Σλ² − ‖W‖_F²|.
    pub squares: f64,
    /// What it was checked against.
    pub squares_bound: f64,
}

/// Σλ = Tr W and Σλ² = ‖W‖_F², up to rounding.
///
/// A backward stable solver returns the eigenvalues of W + E with ‖E‖_F ≤ η‖W‖_F; we ask for
/// η = 8N·2⁻⁵². Then |Σλ − Tr W| = |Tr E| ≤ √N η‖W‖_F and
/// |Σλ² − ‖W‖_F²| ≤ (2η + η²)‖W‖_F²; each bound gets the rounding of the two sums on top,
/// N²·2⁻⁵² relative to the sums of moduli at most, √N‖W‖_F and ‖W‖_F². (Worst-case analyses of
/// Householder reduction have N² in η; no solver here comes near even 8N. A violation is an error
/// of the replicate, never silent.) Squares that would over- or underflow are avoided by a scaling with
/// a power of two; the residual of the squares itself may then be infinite or 0.
pub fn trace_checks(w: &Hermitian, s: &Spectrum) -> Result<TraceResidual, SpectrumError> {
    if s.n() != w.n() {
        return Err(SpectrumError::WrongNumber {
            n: w.n(),
            found: s.n(),
        });
    }
    let (w, k) = moderate(w);
    let (to, from) = (PowerOfTwo::new(-k), PowerOfTwo::new(k));
    let traces = (w.trace(), w.frobenius_squared());
    check_sums(w.n(), traces, power_sums(s, to), from)
}

/// [`trace_checks`] for the first two power sums.
pub(super) fn check_moments(
    w: &Hermitian,
    first: f64,
    second: f64,
) -> Result<TraceResidual, SpectrumError> {
    let traces = (w.trace(), w.frobenius_squared());
    check_sums(w.n(), traces, (first, second), PowerOfTwo::new(0))
}

/// [`trace_checks`] against a tridiagonal matrix, in O(N).
pub(super) fn check_tridiagonal(t: &Tridiagonal, s: &Spectrum) -> Result<(), SpectrumError> {
    let one = PowerOfTwo::new(0);
    check_sums(t.n(), t.power_sums(), power_sums(s, one), one).map(|_| ())
}

/// Σ2^kλ, Σ(2^kλ)².
fn power_sums(s: &Spectrum, factor: PowerOfTwo) -> (f64, f64) {
    let values = s.eigenvalues().iter().map(|&x| factor.times(x));
    (values.clone().sum(), values.map(|x| x * x).sum())
}

/// [`check_moments`] for a matrix of size N with these (Tr W, ‖W‖_F²); all sums are in units that `from` undoes.
pub(super) fn check_sums(
    n: usize,
    (trace, squared): (f64, f64),
    (first, second): (f64, f64),
    from: PowerOfTwo,
) -> Result<TraceResidual, SpectrumError> {
    let n = n as f64;
    let eta = 8.0 * n * f64::EPSILON;
    let sums = n * n * f64::EPSILON;
    let twice = |x| from.times(from.times(x));
    let (off, bound) = (
        (first - trace).abs(),
        (eta + sums / n) * (n * squared).sqrt(),
    );
    if off.is_nan() || off > bound {
        return Err(SpectrumError::TraceMismatch {
            residual: from.times(off),
            bound: from.times(bound),
        });
    }
    let (off_squares, bound_squares) = (
        (second - squared).abs(),
        (2.0 * eta + eta * eta + sums) * squared,
    );
    if off_squares.is_nan() || off_squares > bound_squares {
        return Err(SpectrumError::SquareMismatch {
            residual: twice(off_squares),
            bound: twice(bound_squares),
        });
    }
    Ok(TraceResidual {
        trace: from.times(off),
        trace_bound: from.times(bound),
        squares: twice(off_squares),
        squares_bound: twice(bound_squares),
    })
}

/// Bound of √Σ(λ_i − λ̃_i)², hence of max_i |λ_i − λ̃_i|, λ the exact eigenvalues of W:
///
/// ‖WV − VΛ̃‖_F / √(1 − ‖V*V − I‖_F) plus rounding.
///
/// Let V = PΣQ* be a singular value decomposition (square, exact) and σ its smallest singular value,
/// A = P*WP and L = Q*Λ̃Q. Then ‖WV − VΛ̃‖_F = ‖AΣ − ΣL‖_F, and for the entries (i, j), (j, i)
/// together
///
/// |σ_j a − σ_i l|² + |σ_i a − σ_j l|² ≥ 2σ_iσ_j|a − l|² ≥ 2σ²|a − l|²,
///
/// so ‖WV − VΛ̃‖_F ≥ σ‖A − L‖_F ≥ σ√Σ(λ_i − λ̃_i)² by Hoffman and Wielandt's inequality, and
/// σ² ≥ 1 − ‖V*V − I‖.
///
/// # Value    a proved bound, or ∞ if V is too far from unitary, or has the wrong size
/// # Accuracy products are bounded a priori by |fl(AB) − AB| ≤ γ_n|A||B| (any order of summation,
/// fused or not), everything after that is inflated by more than its rounding
///
/// # Cost     two products of N × N matrices. For the GOE at N = 64, 256, 400: 0.14, 0.15, 0.27 of the time
/// of [`Faer::eigen`](super::Faer), whose vectors it needs, 0.21, 0.30, 0.49 of `Faer::eigenvalues`, 0.73, 0.85,
/// 0.91 of `Native::eigenvalues` (one run on a busy machine, November 2026; `cargo bench --bench eigenvectors`
/// and `cargo bench --bench eigenvalues` time all of them)
///
/// # Source   Cao, Xie and Li 1996 (sharp form of Kahan's theorem); design.md, section 4
#[must_use]
pub fn certify(w: &Hermitian, e: &Eigen) -> f64 {
    if e.spectrum.n() != w.n() || w.check().is_err() {
        return f64::INFINITY;
    }
    let (w, k) = moderate(w);
    let to = PowerOfTwo::new(-k);
    let values: Vec<f64> = e
        .spectrum
        .eigenvalues()
        .iter()
        .map(|&x| to.times(x))
        .collect();
    let scaled = match (w.as_ref(), &e.vectors) {
        (Hermitian::Real(m), Eigenvectors::Real(v)) if v.shape() == m.shape() => {
            bound(&w, m, v, &values, Field::REAL)
        }
        (Hermitian::Complex(m), Eigenvectors::Complex(v)) if v.shape() == m.shape() => {
            bound(&w, m, v, &values, Field::COMPLEX)
        }
        _ => f64::INFINITY,
    };
    if k == 0 {
        return scaled;
    }
    // Rounded up, also where the product is subnormal.
    PowerOfTwo::new(k).times(scaled).next_up()
}

/// Rounding of inner products: a complex one of length n is two real ones of length 2n, whose
/// moduli are at most √2 Σ|x||y| each.
#[derive(Clone, Copy)]
pub(super) struct Field {
    length: f64,
    modulus: f64,
}

impl Field {
    pub(super) const REAL: Self = Self {
        length: 1.0,
        modulus: 1.0,
    };
    pub(super) const COMPLEX: Self = Self {
        length: 2.0,
        modulus: 2.0,
    };

    /// |fl(x·y) − x·y| ≤ γ(n) Σ|x||y|, inflated.
    pub(super) fn gamma(self, n: f64) -> f64 {
        let nu = (self.length * n + 2.0) * f64::EPSILON / 2.0;
        INFLATE * self.modulus * nu / (1.0 - nu)
    }
}

/// Covers the roundings in forming bounds from norms: N² + 10 operations of relative error 2⁻⁵³
/// stay below this for N ≤ 10⁶.
pub(super) const INFLATE: f64 = 1.0 + 2e-4;

fn bound<T>(w: &Hermitian, m: &DMatrix<T>, v: &DMatrix<T>, values: &[f64], field: Field) -> f64
where
    T: faer::traits::ComplexField + nalgebra::ComplexField<RealField = f64> + Copy,
{
    let n = m.nrows();
    let size = n as f64;
    let gamma = field.gamma(size);
    let norm_v = INFLATE * v.norm();
    let norm_w = INFLATE * w.row_sum_norm().min(w.frobenius_squared().sqrt());
    let largest = values.iter().fold(0.0, |a: f64, x| a.max(x.abs()));

    // ‖WV − VΛ̃‖_F: the product, then one multiplication and one subtraction an entry.
    let product = multiplied(view(m), view(v));
    let mut residual = 0.0;
    for j in 0..n {
        for i in 0..n {
            residual += (product[(i, j)] - v[(i, j)].scale(values[j])).modulus_squared();
        }
    }
    let residual = INFLATE * residual.sqrt() + gamma * norm_w * norm_v
        + 2.0 * f64::EPSILON * norm_v * largest
        // underflow in products and in the scaled eigenvalues
        + size * size * f64::MIN_POSITIVE;

    // ‖V*V − I‖_F
    let gram = multiplied(view(v).adjoint().to_owned().as_ref(), view(v));
    let mut defect = 0.0;
    for j in 0..n {
        for i in 0..n {
            let unit = if i == j { T::one() } else { T::zero() };
            defect += (gram[(i, j)] - unit).modulus_squared();
        }
    }
    let defect = INFLATE * defect.sqrt() + gamma * norm_v * norm_v + f64::EPSILON * size.sqrt();
    if defect.is_nan() || defect >= 1.0 {
        return f64::INFINITY;
    }
    INFLATE * residual / (1.0 - defect).sqrt()
}

fn multiplied<T: faer::traits::ComplexField>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Mat<T> {
    let mut product = Mat::zeros(a.nrows(), b.ncols());
    matmul(
        product.as_mut(),
        Accum::Replace,
        a,
        b,
        T::one_impl(),
        Par::Seq,
    );
    product
}
