//! Our own solver: values only.

use super::certify::check_tridiagonal;
use super::scaling::{PowerOfTwo, moderate};
use super::{Eigensolver, Hermitian, Spectrum, SpectrumError, Tridiagonal};

/// Our own: [`Tridiagonal::reduce`], then [`Tridiagonal::eigenvalues`]; in batches [`Tridiagonal::reduce_all`] and
/// [`Tridiagonal::eigenvalues_of`]. Values from a batch do not depend on the companions; they may differ from those of
/// single calls in the last bits.
///
/// The traces of T are checked against those of W, and the power sums of the eigenvalues against the traces of T, as
/// [`trace_checks`](super::trace_checks) does. Matrices whose largest entry is above 2⁴⁰⁰ or below 2⁻⁴⁰⁰ are scaled by
/// a power of two first.
///
/// # Accuracy |λ̃_i − λ_i| ≤ 3Nε‖W‖ for all kinds of matrices in tests/accuracy, N ≤ 129
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Native;

impl Eigensolver for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn eigenvalues(&self, w: &Hermitian) -> Result<Spectrum, SpectrumError> {
        let reduced = Reduced::new(w)?;
        let spectrum = reduced.tridiagonal.eigenvalues();
        reduced.finish(spectrum)
    }

    fn eigenvalues_of(&self, batch: &[Hermitian]) -> Vec<Result<Spectrum, SpectrumError>> {
        let (scaled, exponents): (Vec<_>, Vec<_>) = batch.iter().map(moderate).unzip();
        let scaled: Vec<&Hermitian> = scaled.iter().map(AsRef::as_ref).collect();
        let forms = Tridiagonal::reduce_all(&scaled);
        let reduced: Vec<_> = forms
            .into_iter()
            .zip(exponents)
            .map(|(form, exponent)| {
                Ok::<_, SpectrumError>(Reduced {
                    tridiagonal: form?,
                    exponent,
                })
            })
            .collect();
        let tridiagonals: Vec<_> = reduced
            .iter()
            .filter_map(|r| r.as_ref().ok().map(|r| r.tridiagonal.clone()))
            .collect();
        let mut spectra = Tridiagonal::eigenvalues_of(&tridiagonals).into_iter();
        let mut next = || spectra.next().expect("one for each reduced matrix");
        reduced
            .into_iter()
            .map(|r| r.and_then(|r| r.finish(next())))
            .collect()
    }
}

/// T = 2^{−k} Q*WQ and k.
struct Reduced {
    tridiagonal: Tridiagonal,
    exponent: i32,
}

impl Reduced {
    fn new(w: &Hermitian) -> Result<Self, SpectrumError> {
        let (w, exponent) = moderate(w);
        let tridiagonal = Tridiagonal::reduce(&w)?;
        Ok(Self {
            tridiagonal,
            exponent,
        })
    }

    /// Checks the spectrum of T and scales it back.
    fn finish(&self, spectrum: Result<Spectrum, SpectrumError>) -> Result<Spectrum, SpectrumError> {
        let spectrum = spectrum?;
        check_tridiagonal(&self.tridiagonal, &spectrum)?;
        if self.exponent == 0 {
            return Ok(spectrum);
        }
        let factor = PowerOfTwo::new(self.exponent);
        let values = spectrum.eigenvalues().iter().map(|&x| factor.times(x));
        Spectrum::new(values.collect())
    }
}
