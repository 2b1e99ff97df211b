//! Inner product kernels with small arguments off the diagonal.

use crate::equivalent::EquivalentError;
use nalgebra::DMatrix;

/// Equivalent of K_ij = f(x_iᵀx_j), x_i = C^{1/2}z_i/√p, τ = tr C/p.
///
/// ```text
/// K̃ = [f(0) + f″(0)tr C²/(2p²)]11ᵀ + f′(0)XᵀX + [f(τ) − f(0) − τf′(0)]I
/// ```
///
/// in operator norm. In [`sharp`](Self::sharp) the identity is replaced by the diagonal f(|x_i|²) − f(0) − f′(0)|x_i|²: the
/// error is then O(n^{−1/2}), while the fluctuations of |x_i|² cost a factor √log n in the scalar form.
///
/// # Source   N. El Karoui (2010); our C0a
/// # Examples
/// ```
/// use rmt_verify::equivalent::kernel::TaylorKernel;
/// // f = eᵗ, C = I, p = 100: 1 + 1/200, 1, e − 2.
/// let kernel = TaylorKernel::new([1.0, 1.0, 1.0], 1f64.exp(), 1.0, 0.01)?;
/// assert_eq!(kernel.ones(), 1.005);
/// assert!((kernel.identity() - 0.718_281_828_459_045).abs() < 1e-14);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaylorKernel {
    /// f(0), f′(0), f″(0).
    origin: [f64; 3],
    /// f(τ).
    far: f64,
    /// τ.
    norm: f64,
    /// tr C²/p².
    square: f64,
}

impl TaylorKernel {
    /// From f(0), f′(0), f″(0); f(τ); τ = tr C/p; tr C²/p².
    ///
    /// # Errors   τ or tr C²/p² not positive; a value of f that is not finite
    pub fn new(
        origin: [f64; 3],
        far: f64,
        norm: f64,
        square: f64,
    ) -> Result<Self, EquivalentError> {
        let positive = [("τ", norm), ("tr C²/p²", square)];
        if let Some(&(name, value)) = positive.iter().find(|(_, x)| !(*x > 0.0 && x.is_finite())) {
            return Err(EquivalentError::OutOfRange {
                name,
                value,
                allowed: "positive and finite",
            });
        }
        let values = origin.iter().chain([&far]);
        if let Some(&value) = values.into_iter().find(|x| !x.is_finite()) {
            return Err(EquivalentError::OutOfRange {
                name: "f",
                value,
                allowed: "f, f′ and f″ are finite where they are used",
            });
        }
        Ok(Self {
            origin,
            far,
            norm,
            square,
        })
    }

    /// The coefficient of 11ᵀ.
    #[must_use]
    pub fn ones(&self) -> f64 {
        self.origin[0] + 0.5 * self.origin[2] * self.square
    }

    /// The coefficient of XᵀX, f′(0).
    #[must_use]
    pub fn gram(&self) -> f64 {
        self.origin[1]
    }

    /// The coefficient of I.
    #[must_use]
    pub fn identity(&self) -> f64 {
        self.far - self.origin[0] - self.norm * self.origin[1]
    }

    /// K̃ from XᵀX.
    #[must_use]
    pub fn matrix(&self, gram: &DMatrix<f64>) -> DMatrix<f64> {
        self.with_diagonal(gram, |_| self.identity())
    }

    /// K̃ from XᵀX and f, with the exact diagonal.
    pub fn sharp(&self, gram: &DMatrix<f64>, f: impl Fn(f64) -> f64) -> DMatrix<f64> {
        self.with_diagonal(gram, |norm| {
            f(norm) - self.origin[0] - self.origin[1] * norm
        })
    }

    fn with_diagonal(&self, gram: &DMatrix<f64>, extra: impl Fn(f64) -> f64) -> DMatrix<f64> {
        let mut matrix = gram.map(|r| self.ones() + self.gram() * r);
        for i in 0..gram.nrows() {
            matrix[(i, i)] += extra(gram[(i, i)]);
        }
        matrix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sharp_form_differs_from_the_kernel_by_second_order_terms_only() {
        // f quadratic, so that f(r) − f(0) − f′(0)r = r² off the diagonal, and (r² − tr C²/p²) is left.
        let f = |t: f64| 2.0 + 3.0 * t + t * t;
        let gram = DMatrix::from_row_slice(2, 2, &[1.1, 0.2, 0.2, 0.9]);
        let kernel = TaylorKernel::new([2.0, 3.0, 2.0], f(1.0), 1.0, 0.05).unwrap();
        let left = gram.map(f) - kernel.sharp(&gram, f);
        assert!((left[(0, 1)] - (0.04 - 0.05)).abs() < 1e-15);
        assert!((left[(0, 0)] + 0.05).abs() < 1e-15);
        let scalar = gram.map(f) - kernel.matrix(&gram);
        assert!((scalar[(1, 1)] - (f(0.9) - f(1.0) + 0.3 - 0.05)).abs() < 1e-14);
    }

    #[test]
    fn kernels_that_are_none_are_refused() {
        assert!(TaylorKernel::new([1.0; 3], 1.0, 0.0, 0.1).is_err());
        assert!(TaylorKernel::new([1.0; 3], f64::NAN, 1.0, 0.1).is_err());
    }
}
