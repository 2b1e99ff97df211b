//! Signals S: deterministic matrices with prescribed eigenvalues.

use super::EnsembleError;
use super::hermitian::Hermitian;
use super::normal::standard_normal;
use super::stream::digest;
use crate::measure::SpectralMeasure;
use nalgebra::{ComplexField, DMatrix};
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;

/// How the eigenvalues of S_N are laid out for every N.
#[derive(Debug, Clone, PartialEq)]
pub enum SignalShape {
    /// S = 0.
    Zero,
    /// Locations with weights (positive, sum 1). N·weight is rounded to multiplicities by largest
    /// remainders: each is ⌊N·weight⌋, and what is missing to N goes, one each, to the largest
    /// fractional parts (ties: to the earlier atom). Exact when every N·weight is an integer.
    Atoms(Vec<(f64, f64)>),
    /// Midpoint quantiles of the uniform law, lo + (hi − lo)(i − ½)/N.
    Uniform {
        /// Left end.
        lo: f64,
        /// Right end.
        hi: f64,
    },
    /// These eigenvalues; N is their number.
    Prescribed(Vec<f64>),
    /// Midpoint quantiles of a measure, the (i − ½)/N-quantiles.
    Quantiles(SpectralMeasure),
    /// k spikes, and N − k eigenvalues laid out by another shape.
    Spiked {
        /// Shape of the N − k others.
        bulk: Box<SignalShape>,
        /// The k spikes; k < N.
        spikes: Vec<f64>,
    },
}

/// The eigenbasis of S.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Unit vectors: S is diagonal, its eigenvalues descending.
    Diagonal,
    /// Haar distributed: orthogonal for real ensembles, unitary for the GUE. Drawn anew for every
    /// replicate.
    Haar,
}

/// S_N for every N.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// Eigenvalues.
    pub shape: SignalShape,
    /// Eigenvectors.
    pub basis: Basis,
}

impl Signal {
    /// Diagonal signal.
    #[must_use]
    pub fn diagonal(shape: SignalShape) -> Self {
        Self {
            shape,
            basis: Basis::Diagonal,
        }
    }

    /// Signal in a Haar distributed basis.
    #[must_use]
    pub fn haar(shape: SignalShape) -> Self {
        Self {
            shape,
            basis: Basis::Haar,
        }
    }

    /// S = 0.
    #[must_use]
    pub fn zero() -> Self {
        Self::diagonal(SignalShape::Zero)
    }

    /// Name for ledgers and stream keys: different signals have different names.
    ///
    /// # Examples
    /// ```
    /// use rmt_verify::ensemble::{Signal, SignalShape};
    /// let s = SignalShape::Atoms(vec![(-1.0, 0.5), (1.0, 0.5)]);
    /// assert_eq!(Signal::diagonal(s.clone()).name(), "atoms:-1=0.5,1=0.5");
    /// assert_eq!(Signal::haar(s).name(), "atoms:-1=0.5,1=0.5 haar");
    /// ```
    #[must_use]
    pub fn name(&self) -> String {
        let shape = self.shape.name();
        match self.basis {
            Basis::Diagonal => shape,
            Basis::Haar => shape + " haar",
        }
    }

    /// The N eigenvalues of S_N, descending.
    pub fn eigenvalues(&self, n: usize) -> Result<Vec<f64>, EnsembleError> {
        if n == 0 {
            return Err(EnsembleError::SizeZero);
        }
        let mut values = self.shape.values(n)?;
        if let Some(&value) = values.iter().find(|x| !x.is_finite()) {
            return Err(EnsembleError::EigenvalueNotFinite { value });
        }
        values.sort_by(|a, b| b.total_cmp(a));
        Ok(values)
    }

    /// ν_N = (1/N) Σ δ_{s_i}, the empirical distribution of the eigenvalues of S_N.
    pub fn esd(&self, n: usize) -> Result<SpectralMeasure, EnsembleError> {
        let values = self.eigenvalues(n)?;
        let mass = 1.0 / n as f64;
        // Equal eigenvalues as one atom, so that formulas over ν_N cost what ν costs.
        let atoms: Vec<(f64, f64)> = values
            .chunk_by(|a, b| a == b)
            .map(|run| (run[0], run.len() as f64 * mass))
            .collect();
        Ok(SpectralMeasure::atoms(&atoms)?)
    }

    /// ν = lim ν_N. A prescribed list is its own limit; finitely many spikes leave none.
    pub fn limit(&self) -> Result<SpectralMeasure, EnsembleError> {
        self.shape.limit()
    }

    /// S_N, real symmetric. The generator is used by the Haar basis only.
    pub fn matrix(&self, n: usize, rng: &mut ChaCha8Rng) -> Result<Hermitian, EnsembleError> {
        let s = self.eigenvalues(n)?;
        let real = match self.basis {
            Basis::Diagonal => DMatrix::from_diagonal(&s.into()),
            Basis::Haar => conjugated(&haar_orthogonal(n, rng), &s),
        };
        // Rounding leaves U S Uᵀ symmetric only to an ulp.
        Ok(Hermitian::from_lower(Hermitian::Real(real))?)
    }

    /// S_N, complex Hermitian: as [`matrix`](Self::matrix) with a Haar unitary basis.
    pub fn complex_matrix(
        &self,
        n: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Hermitian, EnsembleError> {
        let s = self.eigenvalues(n)?;
        let complex = match self.basis {
            Basis::Diagonal => DMatrix::from_diagonal(&s.into()).map(Complex64::from),
            Basis::Haar => conjugated(&haar_unitary(n, rng), &s),
        };
        Ok(Hermitian::from_lower(Hermitian::Complex(complex))?)
    }
}

impl SignalShape {
    fn name(&self) -> String {
        match self {
            Self::Zero => "zero".to_owned(),
            Self::Atoms(atoms) => {
                let atoms: Vec<_> = atoms.iter().map(|(x, w)| format!("{x}={w}")).collect();
                format!("atoms:{}", atoms.join(","))
            }
            Self::Uniform { lo, hi } => format!("uniform:{lo},{hi}"),
            Self::Prescribed(values) => format!("prescribed:{}", listed(values)),
            Self::Quantiles(nu) => format!("quantiles of {}", nu.spec()),
            Self::Spiked { bulk, spikes } => {
                format!("{} with spikes {}", bulk.name(), listed(spikes))
            }
        }
    }

    /// In any order.
    fn values(&self, n: usize) -> Result<Vec<f64>, EnsembleError> {
        Ok(match self {
            Self::Zero => vec![0.0; n],
            Self::Atoms(atoms) => multiplicities(atoms, n)?
                .into_iter()
                .flat_map(|(x, count)| std::iter::repeat_n(x, count))
                .collect(),
            &Self::Uniform { lo, hi } => {
                if !(lo < hi && lo.is_finite() && hi.is_finite()) {
                    return Err(EnsembleError::IntervalEmpty { lo, hi });
                }
                (0..n)
                    .map(|i| lo + (hi - lo) * ((i as f64 + 0.5) / n as f64))
                    .collect()
            }
            Self::Prescribed(values) if values.len() != n => {
                return Err(EnsembleError::WrongNumber {
                    n,
                    found: values.len(),
                });
            }
            Self::Prescribed(values) => values.clone(),
            Self::Quantiles(nu) => (0..n)
                .map(|i| nu.quantile((i as f64 + 0.5) / n as f64))
                .collect(),
            Self::Spiked { spikes, .. } if spikes.len() >= n => {
                return Err(EnsembleError::NoBulk {
                    n,
                    spikes: spikes.len(),
                });
            }
            Self::Spiked { bulk, spikes } => {
                let mut values = bulk.values(n - spikes.len())?;
                values.extend(spikes);
                values
            }
        })
    }

    fn limit(&self) -> Result<SpectralMeasure, EnsembleError> {
        Ok(match self {
            Self::Zero => SpectralMeasure::atoms(&[(0.0, 1.0)])?,
            Self::Atoms(atoms) => SpectralMeasure::atoms(atoms)?,
            &Self::Uniform { lo, hi } => SpectralMeasure::uniform(lo, hi)?,
            Self::Prescribed(values) => SpectralMeasure::empirical(values.clone())?,
            Self::Quantiles(nu) => nu.clone(),
            Self::Spiked { bulk, .. } => bulk.limit()?,
        })
    }
}

/// Up to six numbers in full, more by their number and a digest.
fn listed(values: &[f64]) -> String {
    if values.len() <= 6 {
        let values: Vec<_> = values.iter().map(f64::to_string).collect();
        return values.join(",");
    }
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    let print: String = digest(&bytes)[..8]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    format!("{}-values-{print}", values.len())
}

/// Atoms with the multiplicities described at [`SignalShape::Atoms`]; they sum to n.
pub(super) fn multiplicities(
    atoms: &[(f64, f64)],
    n: usize,
) -> Result<Vec<(f64, usize)>, EnsembleError> {
    if let Some(&(location, weight)) = atoms.iter().find(|(_, w)| !(*w > 0.0 && w.is_finite())) {
        return Err(EnsembleError::WeightNotPositive { location, weight });
    }
    let sum: f64 = atoms.iter().map(|(_, w)| w).sum();
    if (sum - 1.0).abs() > WEIGHT_SUM_TOLERANCE {
        return Err(EnsembleError::WeightsNotOne { sum });
    }
    // 0.1·30 is 3.0000000000000004: a count within rounding of an integer is that integer.
    let exact = |w: f64| {
        let x = n as f64 * w / sum;
        if (x - x.round()).abs() < 1e-9 {
            x.round()
        } else {
            x
        }
    };
    let mut counts: Vec<(f64, usize)> = atoms
        .iter()
        .map(|&(x, w)| (x, exact(w).floor() as usize))
        .collect();
    let mut order: Vec<usize> = (0..atoms.len()).collect();
    let fraction = |i: usize| exact(atoms[i].1).fract();
    order.sort_by(|&i, &j| fraction(j).total_cmp(&fraction(i)).then(i.cmp(&j)));
    let missing = n - counts.iter().map(|(_, c)| c).sum::<usize>();
    for &i in order.iter().take(missing) {
        counts[i].1 += 1;
    }
    Ok(counts)
}

/// Weights given in decimal sum to 1 up to rounding.
const WEIGHT_SUM_TOLERANCE: f64 = 1e-12;

fn conjugated<T: ComplexField<RealField = f64> + Copy>(u: &DMatrix<T>, s: &[f64]) -> DMatrix<T> {
    let mut us = u.clone();
    for (mut column, &x) in us.column_iter_mut().zip(s) {
        column.iter_mut().for_each(|e| *e = e.scale(x));
    }
    us * u.adjoint()
}

/// Q of the QR decomposition of a Gaussian matrix, R's diagonal positive.
///
/// # Value    N × N, Haar distributed on O(N): the decomposition with positive diagonal is unique,
/// so it commutes with rotations from the left, under which the Gaussian is invariant
/// # Source   \[Mezzadri 2007\], *How to generate random matrices from the classical compact groups*
pub fn haar_orthogonal(n: usize, rng: &mut ChaCha8Rng) -> DMatrix<f64> {
    orthonormalised(DMatrix::from_fn(n, n, |_, _| standard_normal(rng)))
}

/// As [`haar_orthogonal`], on U(N).
pub fn haar_unitary(n: usize, rng: &mut ChaCha8Rng) -> DMatrix<Complex64> {
    orthonormalised(DMatrix::from_fn(n, n, |_, _| {
        Complex64::new(standard_normal(rng), standard_normal(rng))
    }))
}

fn orthonormalised<T: ComplexField<RealField = f64> + Copy>(gaussian: DMatrix<T>) -> DMatrix<T> {
    let (mut q, r) = gaussian.qr().unpack();
    for (j, mut column) in q.column_iter_mut().enumerate() {
        let phase = r[(j, j)].signum();
        column.iter_mut().for_each(|e| *e *= phase);
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    /// G = QR with R upper triangular: Q†G is R itself, and its diagonal must be positive.
    #[test]
    fn the_factor_r_that_belongs_to_a_haar_matrix_has_a_positive_diagonal() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for n in [1, 2, 7] {
            let g = DMatrix::from_fn(n, n, |_, _| standard_normal(&mut rng));
            let r = orthonormalised(g.clone()).transpose() * &g;
            let h = DMatrix::from_fn(n, n, |_, _| {
                Complex64::new(standard_normal(&mut rng), standard_normal(&mut rng))
            });
            let t = orthonormalised(h.clone()).adjoint() * &h;
            for i in 0..n {
                assert!(r[(i, i)] > 0.0);
                assert!(t[(i, i)].re > 0.0 && t[(i, i)].im.abs() < 1e-13);
                for j in 0..i {
                    assert!(r[(i, j)].abs() < 1e-13 && t[(i, j)].norm() < 1e-13);
                }
            }
        }
    }
}
