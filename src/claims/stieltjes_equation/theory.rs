//! Theory values for one model at one z.

use super::Model;
use crate::free::FreeConvolution;
use crate::free::finite_size::{EntryStatistics, Expansion, FiniteSize};
use crate::measure::{SpectralMeasure, UpperHalf};
use num_complex::Complex64;

/// ν_N ⊞ semicircle(σ²) at z, with the finite-size terms of a law.
#[derive(Debug, Clone)]
pub(in crate::claims) struct Theory {
    pub law: EntryStatistics,
    /// s of ν_N ⊞ semicircle(σ²) at z.
    pub s: Complex64,
    pub finite: FiniteSize,
    n: f64,
}

impl Theory {
    pub fn of(model: &Model, z: UpperHalf) -> Self {
        Self::with(
            &model.signal_eigenvalues(),
            model.ensemble.sigma(),
            EntryStatistics::of(&model.ensemble),
            z,
        )
    }

    /// The same for any σ and cumulants.
    ///
    /// # Panics
    /// When the subordination equation is not solved, or where the orders of the expansion do not
    /// fall by half: our bug for the literals in use.
    pub fn with(signal: &[f64], sigma: f64, law: EntryStatistics, z: UpperHalf) -> Self {
        let nu = SpectralMeasure::empirical(signal.to_vec()).expect("eigenvalues are finite");
        let point = FreeConvolution::new(nu, sigma)
            .and_then(|mu| mu.subordination(z))
            .expect("claims use points where the equation is solved");
        let finite = FiniteSize::new(signal, sigma, point.omega);
        let ratio = finite.order_ratio(law);
        assert!(
            ratio <= 0.5,
            "at N = {}, z = {} the expansion's orders fall only by {ratio}",
            signal.len(),
            z.get()
        );
        Self {
            law,
            s: point.s,
            finite,
            n: signal.len() as f64,
        }
    }

    /// N Δ_N(z).
    pub fn defect(&self) -> Expansion {
        self.finite.defect(self.law)
    }

    /// E Tr(W − z)⁻¹, with ν_N the ESD of `signal`.
    pub fn mean_trace(&self) -> Expansion {
        let shift = self.finite.mean_shift(self.law);
        Expansion {
            value: self.n * self.s + shift.value,
            remainder: shift.remainder,
        }
    }
}
