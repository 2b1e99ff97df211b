//! Conjugate and neural tangent kernels of infinitely wide networks.

use crate::equivalent::EquivalentError;
use crate::equivalent::activation::{Activation, Moments};
use nalgebra::DMatrix;

/// Kernels of a fully connected network of infinite width with L layers.
///
/// ```text
/// K_0(i,j) = x_iᵀx_j,   K_l(i,j) = E s̊_l(u)s̊_l(v),   (u, v) ~ N(0, K_{l−1} at i, j),   s̊_l = s_l − E s_l(τ_{l−1}ξ)
/// N_0 = K_0,            N_l = K_l + N_{l−1} ∘ K′_l,    K′_l(i,j) = E s_l′(u)s_l′(v)
/// τ_l² = Var s_l(τ_{l−1}ξ),   κ_l² = τ_l² + κ_{l−1}² E s_l′(τ_{l−1}ξ)²,   κ_0 = τ_0
/// ```
///
/// K_L is the conjugate kernel, N_L the neural tangent kernel. Their linear equivalents ([`LinearEquivalent`]) follow from
///
/// ```text
/// α₁′ = (E s′)²α₁                             β₁′ = α₁′ + (E s′)²β₁
/// α₂′ = (E s′)²α₂ + (E s″)²α₄²/4              β₂′ = α₂′ + (E s′)²β₂
/// α₃′ = (E s′)²α₃ + (E s″)²α₁²/2              β₃′ = α₃′ + (E s′)²β₃ + (E s″)²α₁β₁
/// α₄′ = E[((s − E s)²)″]α₄/2                  α = (1, 0, 0, 1), β = (1, 0, 0) at the start
/// ```
///
/// with moments at the argument τ_{l−1}ξ.
///
/// # Source   L. Gu et al. (2022), with the identity coefficient corrected, see [`LinearEquivalent`]; our E1 and E2
/// # Examples
/// ```
/// use rmt_verify::equivalent::activation::Activation;
/// use rmt_verify::equivalent::kernel::DeepKernel;
/// // One ReLU layer at τ₀ = 1: α₁ = ¼, α₃ = (1/√(2π))²/2 = 1/(4π).
/// let kernel = DeepKernel::new(1.0, &[Activation::Relu])?;
/// let equivalent = kernel.conjugate();
/// assert_eq!(equivalent.gram, 0.25);
/// assert!((equivalent.cross - 0.25 / std::f64::consts::PI).abs() < 1e-15);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DeepKernel {
    activations: Vec<Activation>,
    /// τ_0, …, τ_L.
    scales: Vec<f64>,
    /// Moments at τ_{l−1}, l = 1, …, L.
    moments: Vec<Moments>,
    conjugate: LinearEquivalent,
    tangent: LinearEquivalent,
}

/// K̃ = α₁XᵀX + VAVᵀ + (d − τ₀²α₁)I, where d is the limit of the diagonal of K.
///
/// ```text
/// (VAVᵀ)_ij = α₂(t_a/√p + ψ_i)(t_b/√p + ψ_j) + α₃T_ab/p    for x_i in class a and x_j in class b, see Mixture
/// ```
///
/// Published versions of the identity coefficient subtract τ₀⁴α₃ more. That is the diagonal of a Taylor expansion with
/// (x_iᵀx_j)² in it; the equivalent replaces that square by T_ab/p, whose diagonal is negligible. The trace alone decides:
/// tr K/n → d, and tr K̃/n → d as it stands here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinearEquivalent {
    /// α₁, weight of XᵀX.
    pub gram: f64,
    /// α₂, weight of the fluctuations of |x_i|².
    pub norm: f64,
    /// α₃, weight of T/p, the mean of (x_iᵀx_j)².
    pub cross: f64,
    /// d, limit of the diagonal.
    pub diagonal: f64,
    /// τ₀².
    pub square: f64,
}

impl DeepKernel {
    /// A network with these activations on data with |x_i|² → τ₀².
    ///
    /// # Errors
    /// No layer; τ₀ not in (0, ∞); a layer whose output does not vary.
    pub fn new(tau: f64, activations: &[Activation]) -> Result<Self, EquivalentError> {
        if activations.is_empty() {
            return Err(EquivalentError::OutOfRange {
                name: "layers",
                value: 0.0,
                allowed: "a network has a layer",
            });
        }
        let (mut scales, mut all) = (vec![tau], vec![]);
        let (mut alpha, mut beta) = ([1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0]);
        let mut tangent = tau * tau;
        for activation in activations {
            let m = activation.moments(scales[all.len()])?;
            let (slope, curvature) = (m.slope * m.slope, m.curvature * m.curvature);
            let [a1, a2, a3, a4] = alpha;
            alpha = [
                slope * a1,
                slope * a2 + 0.25 * curvature * a4 * a4,
                slope * a3 + 0.5 * curvature * a1 * a1,
                0.5 * m.square_curvature * a4,
            ];
            beta = [
                alpha[0] + slope * beta[0],
                alpha[1] + slope * beta[1],
                alpha[2] + slope * beta[2] + curvature * a1 * beta[0],
            ];
            tangent = m.variance + tangent * m.slope_square;
            scales.push(m.variance.sqrt());
            all.push(m);
        }
        let square = tau * tau;
        let of = |c: [f64; 3], diagonal| LinearEquivalent {
            gram: c[0],
            norm: c[1],
            cross: c[2],
            diagonal,
            square,
        };
        let last = all[all.len() - 1].variance;
        Ok(Self {
            activations: activations.to_vec(),
            scales,
            moments: all,
            conjugate: of([alpha[0], alpha[1], alpha[2]], last),
            tangent: of(beta, tangent),
        })
    }

    /// s_1, …, s_L.
    #[must_use]
    pub fn activations(&self) -> &[Activation] {
        &self.activations
    }

    /// τ_0, …, τ_L.
    #[must_use]
    pub fn scales(&self) -> &[f64] {
        &self.scales
    }

    /// Moments of s_l at τ_{l−1}, l = 1, …, L.
    #[must_use]
    pub fn moments(&self) -> &[Moments] {
        &self.moments
    }

    /// The equivalent of K_L, with d = τ_L².
    #[must_use]
    pub fn conjugate(&self) -> LinearEquivalent {
        self.conjugate
    }

    /// The equivalent of N_L, with d = κ_L² (infinite when a layer jumps).
    #[must_use]
    pub fn tangent(&self) -> LinearEquivalent {
        self.tangent
    }

    /// K_L from XᵀX, exactly.
    ///
    /// # Errors   a matrix that is no Gram matrix
    pub fn conjugate_matrix(&self, gram: &DMatrix<f64>) -> Result<DMatrix<f64>, EquivalentError> {
        self.matrices(gram, false).map(|(conjugate, _)| conjugate)
    }

    /// N_L from XᵀX, exactly.
    ///
    /// # Errors   a matrix that is no Gram matrix
    pub fn tangent_matrix(&self, gram: &DMatrix<f64>) -> Result<DMatrix<f64>, EquivalentError> {
        self.matrices(gram, true).map(|(_, tangent)| tangent)
    }

    fn matrices(
        &self,
        gram: &DMatrix<f64>,
        tangents: bool,
    ) -> Result<(DMatrix<f64>, DMatrix<f64>), EquivalentError> {
        let n = gram.nrows();
        let (mut k, mut tangent) = (gram.clone(), gram.clone());
        for (s, centre) in self.activations.iter().zip(&self.moments) {
            let variances: Vec<f64> = k.diagonal().iter().copied().collect();
            let means = variances.iter().map(|&v| mean(s, v));
            let means: Vec<f64> = means.collect::<Result<_, _>>()?;
            let shift = |i: usize, j: usize| centre.mean * (centre.mean - means[i] - means[j]);
            for j in 0..n {
                for i in j..n {
                    let (a, b, r) = (variances[i], variances[j], k[(i, j)]);
                    if tangents {
                        tangent[(i, j)] *= s.slope_kernel(a, b, r)?;
                    }
                    k[(i, j)] = s.kernel(a, b, r)? + shift(i, j);
                    if tangents {
                        tangent[(i, j)] += k[(i, j)];
                    }
                }
            }
        }
        k.fill_upper_triangle_with_lower_triangle();
        tangent.fill_upper_triangle_with_lower_triangle();
        Ok((k, tangent))
    }
}

/// E s(√v·ξ).
fn mean(s: &Activation, v: f64) -> Result<f64, EquivalentError> {
    if v == 0.0 {
        return Ok(s.value(0.0));
    }
    Ok(s.moments(v.sqrt())?.mean)
}

/// A Gaussian mixture √p·x_i ~ N(μ_a, C_a) around a covariance C₀, as far as kernels see it.
///
/// # Value    t_a/√p = tr(C_a − C₀)/p and T_ab/p = tr C_aC_b/p². Means of bounded norm are in XᵀX, and nowhere else
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// tr C₀/p = τ₀².
    square: f64,
    /// tr C_a/p.
    traces: Vec<f64>,
    /// tr C_aC_b/p².
    overlaps: DMatrix<f64>,
}

impl Mixture {
    /// From the diagonals of C₀ and of every C_a, each of length p.
    ///
    /// # Errors
    /// No class; diagonals of different lengths; a variance that is negative or not finite.
    pub fn new(base: &[f64], classes: &[Vec<f64>]) -> Result<Self, EquivalentError> {
        let p = base.len();
        if p == 0 || classes.is_empty() {
            return Err(EquivalentError::PopulationEmpty);
        }
        for covariance in classes {
            if covariance.len() != p {
                return Err(EquivalentError::OutOfRange {
                    name: "length of a covariance",
                    value: covariance.len() as f64,
                    allowed: "all are p × p",
                });
            }
        }
        let mut variances = classes.iter().flatten().chain(base);
        if let Some(&eigenvalue) = variances.find(|x| !(**x >= 0.0 && x.is_finite())) {
            return Err(EquivalentError::EigenvalueInvalid { eigenvalue });
        }
        let size = p as f64;
        let trace = |c: &[f64]| c.iter().sum::<f64>() / size;
        let overlap = |a: usize, b: usize| {
            let terms = classes[a].iter().zip(&classes[b]);
            terms.map(|(x, y)| x * y).sum::<f64>() / (size * size)
        };
        Ok(Self {
            square: trace(base),
            traces: classes.iter().map(|c| trace(c)).collect(),
            overlaps: DMatrix::from_fn(classes.len(), classes.len(), overlap),
        })
    }

    /// τ₀² = tr C₀/p.
    #[must_use]
    pub fn square(&self) -> f64 {
        self.square
    }

    /// t_a/√p + ψ_i = |x_i − E x_i|² − τ₀², from |x_i − E x_i|²: the class drops out.
    fn excess(&self, norms: &[f64]) -> Vec<f64> {
        norms.iter().map(|norm| norm - self.square).collect()
    }

    /// tr C_aC_b/p².
    #[must_use]
    pub fn overlap(&self, a: usize, b: usize) -> f64 {
        self.overlaps[(a, b)]
    }

    /// tr C_a/p.
    #[must_use]
    pub fn trace(&self, a: usize) -> f64 {
        self.traces[a]
    }
}

impl LinearEquivalent {
    /// The coefficient of I, d − τ₀²α₁.
    #[must_use]
    pub fn identity(&self) -> f64 {
        self.diagonal - self.square * self.gram
    }

    /// K̃ from XᵀX, the class of every sample and |x_i − E x_i|².
    ///
    /// # Panics   for lists that are not of length n, or classes that the mixture has not
    #[must_use]
    pub fn matrix(
        &self,
        gram: &DMatrix<f64>,
        mixture: &Mixture,
        classes: &[usize],
        norms: &[f64],
    ) -> DMatrix<f64> {
        let n = gram.nrows();
        assert!(
            classes.len() == n && norms.len() == n,
            "one class and one norm a sample"
        );
        let excess = mixture.excess(norms);
        DMatrix::from_fn(n, n, |i, j| {
            let low_rank = self.norm * (excess[i] * excess[j])
                + self.cross * mixture.overlap(classes[i], classes[j]);
            let identity = if i == j { self.identity() } else { 0.0 };
            self.gram * gram[(i, j)] + low_rank + identity
        })
    }
}
