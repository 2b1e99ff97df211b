//! Shared by the claims about one spike of a pure noise: W = R/√N + θe₁e₁ᵀ in tridiagonal form.

use crate::design::{Experiment, Observable, Replicate, ReplicateError};
use crate::ensemble::{Ensemble, TridiagonalModel};
use crate::free::finite_size::{EntryStatistics, FiniteSpike};
use crate::spectrum::Tridiagonal;
use rand_chacha::ChaCha8Rng;

/// What cells and stream keys call the signal.
pub(super) const SIGNAL: &str = "rank one";

/// Eigenvalues are located to this, far below every tolerance.
pub(super) const PRECISION: f64 = 1e-10;

/// θ, 0, …, 0.
pub(super) fn rank_one(n: usize, theta: f64) -> Vec<f64> {
    let mut signal = vec![0.0; n];
    signal[0] = theta;
    signal
}

/// The outlier of θ among zeros.
///
/// # Panics   unless θ separates
pub(super) fn spike(ensemble: &Ensemble, n: usize, theta: f64) -> FiniteSpike {
    let law = EntryStatistics::of(ensemble);
    FiniteSpike::new(&rank_one(n, theta), 0, ensemble.sigma(), law)
        .expect("the claims ask for outliers of separated spikes")
}

/// One T; its spike can be set again and again.
#[derive(Debug)]
pub(super) struct Draw {
    t: Tridiagonal,
    corner: f64,
}

impl Draw {
    /// From a tridiagonal form whose first entry is that of W, without a spike or with one.
    pub fn of(t: Tridiagonal) -> Self {
        let corner = t.diagonal[0];
        Self { t, corner }
    }

    /// λ₁ after θ is added to the first entry.
    pub fn largest(&mut self, theta: f64) -> Result<f64, ReplicateError> {
        self.t.diagonal[0] = self.corner + theta;
        Ok(self.t.largest(PRECISION)?.value)
    }

    /// |⟨u, e₁⟩|² for the eigenvector of λ₁, likewise.
    pub fn weight(&mut self, theta: f64) -> Result<f64, ReplicateError> {
        let largest = self.largest(theta)?;
        Ok(self.t.first_weight(largest))
    }
}

/// Replicates that draw noise in tridiagonal form, as often as they need.
pub(super) fn experiment(
    ensemble: Ensemble,
    n: usize,
    replicates: usize,
    observables: Vec<Observable>,
    values: impl Fn(
        &mut dyn FnMut() -> Result<Draw, ReplicateError>,
    ) -> Result<Vec<f64>, ReplicateError>
    + Send
    + Sync
    + 'static,
) -> Experiment {
    let model = TridiagonalModel::new(&ensemble).expect("the claims draw GOE and GUE");
    Experiment {
        law: ensemble.name(),
        signal: SIGNAL.into(),
        n,
        replicates,
        observables,
        replicate: Replicate::alone(move |rng: &mut ChaCha8Rng, _| {
            values(&mut || Ok(Draw::of(model.sample(n, rng)?.into())))
        }),
    }
}

/// Φ(x), the standard normal distribution function.
pub(super) fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}
