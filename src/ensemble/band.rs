//! The GOE and the GUE with r spikes, in law, as a band matrix from O(rN) random numbers.

use super::normal::standard_normal;
use super::tridiagonal::chi_squared;
use super::{Ensemble, EnsembleError, TridiagonalError, TridiagonalModel};
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

/// Entries of a Hermitian band matrix B of half-width r: B_ij = 0 for |i − j| > r.
#[derive(Debug, Clone, PartialEq)]
pub struct BandEntries<T> {
    /// r.
    pub half_width: usize,
    /// B_jj, N of them.
    pub diagonal: Vec<f64>,
    /// B_{j+k,j} at index jr + k − 1, rows from 0 and k from 1 to r; 0 for j + k ≥ N.
    pub below: Vec<T>,
}

/// A real symmetric or complex Hermitian band matrix.
#[derive(Debug, Clone, PartialEq)]
pub enum Band {
    /// β = 1.
    Real(BandEntries<f64>),
    /// β = 2.
    Complex(BandEntries<Complex64>),
}

/// Why there is no band model.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum BandError {
    /// r = 0: a diagonal matrix is no noise.
    #[error("the half-width of a band model must be at least 1")]
    HalfWidthZero,
    /// More spikes than fit into the leading block.
    #[error(
        "{spikes} spikes do not fit into the leading block of a band of half-width {half_width} and size {n}"
    )]
    TooManySpikes {
        /// Number of spikes.
        spikes: usize,
        /// r.
        half_width: usize,
        /// N.
        n: usize,
    },
    /// Noise or size for which there is no tridiagonal model either.
    #[error(transparent)]
    Noise(#[from] TridiagonalError),
}

/// A band matrix B of half-width r with the eigenvalues of R/√N + S, S of rank r, in law.
///
/// R/√N from the GOE (β = 1) or the GUE (β = 2), S = diag(θ_1, …, θ_r, 0, …). Independent entries, on and below the diagonal of column j,
///
/// ```text
/// B_jj = θ_j + σ√(2/β) g/√N,   B_{j+k,j} = σ h/√N  (0 < k < r),   B_{j+r,j} = σ χ_{β(N−j−r+1)}/√(βN),
/// ```
///
/// g standard normal, h standard normal (β = 1) or (g + ig′)/√2 (β = 2), χ_m the norm of m standard normals; rows and columns from 1,
/// entries with a row above N left out. r = 1 is the [`TridiagonalModel`]. By invariance S may have any eigenvectors.
///
/// # Value    B = U*WU with a random unitary U that fixes e_1, …, e_r: the law of all eigenvalues and of the components
/// of the eigenvectors along e_1, …, e_r is that of W, jointly
/// # Source   A. Bloemendal and B. Virág, *Limits of spiked random matrices II* (2016)
///
/// Why: rows r + 1, …, N of the first column of R are N − r independent normals, and a reflection H of the coordinates r + 1, …, N turns
/// them into their norm, σχ_{β(N−r)}/√β, times e_{r+1}. It leaves rows 2, …, r of the column as they are, normals, and e_1, …, e_r, hence S,
/// where they are. H is made of the first column alone, so it is independent of the block of rows and columns 2, …, N; that
/// is a GOE (GUE) of size N − 1, and stays one, independent of the column, after conjugation with H. Go on with it: its first column has
/// r − 1 normals below the diagonal that stay, rows 3, …, r + 1, and N − r − 1 of them that become χ_{β(N−r−1)} in row r + 2; reflections of the
/// coordinates from r + 2 on do not touch the column before, of which these entries are 0. ∎
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandModel {
    noise: TridiagonalModel,
    half_width: usize,
}

impl BandModel {
    /// For r = `half_width` spikes or fewer.
    ///
    /// # Errors
    /// r = 0; [`TridiagonalError::NotInvariant`] for all but the GOE and the GUE.
    pub fn new(ensemble: &Ensemble, half_width: usize) -> Result<Self, BandError> {
        if half_width == 0 {
            return Err(BandError::HalfWidthZero);
        }
        Ok(Self {
            noise: TridiagonalModel::new(ensemble)?,
            half_width,
        })
    }

    /// One B without spikes. Draws column after column, downwards from the diagonal; real parts before imaginary parts.
    ///
    /// # Errors
    /// N = 0.
    pub fn sample(&self, n: usize, rng: &mut ChaCha8Rng) -> Result<Band, BandError> {
        let mut band = self.empty();
        self.extend(&mut band, n, n, rng)?;
        Ok(band)
    }

    /// No columns yet.
    pub(crate) fn empty(&self) -> Band {
        let half_width = self.half_width;
        match self.noise.beta() == 1.0 {
            true => Band::Real(BandEntries {
                half_width,
                diagonal: vec![],
                below: vec![],
            }),
            false => Band::Complex(BandEntries {
                half_width,
                diagonal: vec![],
                below: vec![],
            }),
        }
    }

    /// Columns up to `columns` of a B of size N, of which the band at hand holds the first ones. Rows below the
    /// last of these columns are kept too: they belong to the columns.
    pub(crate) fn extend(
        &self,
        band: &mut Band,
        n: usize,
        columns: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<(), BandError> {
        if n == 0 {
            return Err(TridiagonalError::from(EnsembleError::SizeZero).into());
        }
        match band {
            Band::Real(b) => self.draw(b, n, columns, rng, standard_normal),
            Band::Complex(b) => self.draw(b, n, columns, rng, |rng| {
                let part = std::f64::consts::FRAC_1_SQRT_2;
                let re = part * standard_normal(rng);
                Complex64::new(re, part * standard_normal(rng))
            }),
        }
        Ok(())
    }

    fn draw<T>(
        &self,
        band: &mut BandEntries<T>,
        n: usize,
        columns: usize,
        rng: &mut ChaCha8Rng,
        entry: impl Fn(&mut ChaCha8Rng) -> T,
    ) where
        T: Copy + From<f64> + std::ops::Mul<f64, Output = T>,
    {
        let (r, beta) = (self.half_width, self.noise.beta());
        let scale = self.noise.sigma() / (n as f64).sqrt();
        let first = band.diagonal.len();
        band.below.resize(columns * r, T::from(0.0));
        for (j, column) in (first..columns).zip(band.below[first * r..].chunks_exact_mut(r)) {
            band.diagonal
                .push(scale * (2.0 / beta).sqrt() * standard_normal(rng));
            let left = n - 1 - j;
            for x in &mut column[..(r - 1).min(left)] {
                *x = entry(rng) * scale;
            }
            if left >= r {
                let square = chi_squared(beta * (left - r + 1) as f64, rng);
                column[r - 1] = T::from(scale * (square / beta).sqrt());
            }
        }
    }

    /// The model of the noise.
    #[must_use]
    pub fn noise(&self) -> TridiagonalModel {
        self.noise
    }

    /// r.
    #[must_use]
    pub fn half_width(&self) -> usize {
        self.half_width
    }
}

impl Band {
    /// N.
    #[must_use]
    pub fn n(&self) -> usize {
        self.diagonal().len()
    }

    /// B_jj.
    #[must_use]
    pub fn diagonal(&self) -> &[f64] {
        match self {
            Self::Real(b) => &b.diagonal,
            Self::Complex(b) => &b.diagonal,
        }
    }

    /// B_jj, to change them.
    pub(crate) fn diagonal_mut(&mut self) -> &mut [f64] {
        match self {
            Self::Real(b) => &mut b.diagonal,
            Self::Complex(b) => &mut b.diagonal,
        }
    }

    /// |B_{j+k,j}| at index jr + k − 1.
    pub(crate) fn modulus_below(&self, index: usize) -> f64 {
        match self {
            Self::Real(b) => b.below[index].abs(),
            Self::Complex(b) => b.below[index].norm(),
        }
    }

    /// B + diag(θ_1, …, θ_k, 0, …), k ≤ r.
    ///
    /// # Errors
    /// [`BandError::TooManySpikes`].
    pub fn add_spikes(&mut self, thetas: &[f64]) -> Result<(), BandError> {
        let n = self.n();
        let (half_width, diagonal) = match self {
            Self::Real(b) => (b.half_width, &mut b.diagonal),
            Self::Complex(b) => (b.half_width, &mut b.diagonal),
        };
        if thetas.len() > half_width.min(n) {
            return Err(BandError::TooManySpikes {
                spikes: thetas.len(),
                half_width,
                n,
            });
        }
        for (a, theta) in diagonal.iter_mut().zip(thetas) {
            *a += theta;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    fn generator(replicate: u64) -> ChaCha8Rng {
        StreamKey {
            epoch: 0,
            claim: "band".into(),
            law: String::new(),
            n: 0,
            signal: String::new(),
        }
        .generator(replicate)
    }

    #[test]
    fn entries_stand_in_the_band_and_nowhere_else() {
        for ensemble in [Ensemble::goe(), Ensemble::gue()] {
            let model = BandModel::new(&ensemble, 3).unwrap();
            let moduli = |band: &Band| -> Vec<f64> {
                match band {
                    Band::Real(b) => b.below.iter().map(|x| x.abs()).collect(),
                    Band::Complex(b) => b.below.iter().map(|x| x.norm()).collect(),
                }
            };
            for n in [1, 2, 3, 4, 9] {
                let band = model.sample(n, &mut generator(0)).unwrap();
                assert_eq!(band.n(), n);
                for (index, modulus) in moduli(&band).into_iter().enumerate() {
                    let row = index / 3 + index % 3 + 1;
                    assert_eq!(modulus > 0.0, row < n, "N = {n}, {index}");
                }
            }
        }
    }

    #[test]
    fn outermost_diagonal_is_real_and_positive() {
        let model = BandModel::new(&Ensemble::gue(), 2).unwrap();
        let Band::Complex(band) = model.sample(50, &mut generator(1)).unwrap() else {
            panic!("the GUE is complex");
        };
        for column in band.below[..96].chunks_exact(2) {
            assert!(column[1].im == 0.0 && column[1].re > 0.0);
            assert!(column[0].im != 0.0);
        }
    }

    #[test]
    fn ill_posed_models_are_errors() {
        assert_eq!(
            BandModel::new(&Ensemble::goe(), 0).unwrap_err(),
            BandError::HalfWidthZero
        );
        let wigner = Ensemble::wigner(crate::ensemble::EntryLaw::Rademacher);
        assert!(matches!(
            BandModel::new(&wigner, 2).unwrap_err(),
            BandError::Noise(TridiagonalError::NotInvariant { .. })
        ));
        let model = BandModel::new(&Ensemble::goe(), 2).unwrap();
        assert!(model.sample(0, &mut generator(0)).is_err());
        let mut small = model.sample(1, &mut generator(0)).unwrap();
        assert!(small.add_spikes(&[1.0]).is_ok());
        assert_eq!(
            small.add_spikes(&[1.0, 2.0]).unwrap_err(),
            BandError::TooManySpikes {
                spikes: 2,
                half_width: 2,
                n: 1
            }
        );
    }
}
