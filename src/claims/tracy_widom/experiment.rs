//! λ₁ against levels E + δ + x/(a N^{2/3}).

use super::edge::Edge;
use crate::claims::common::eigenvalues;
use crate::design::{
    Cell, Estimator, Experiment, Input, Observable, Replicate, ReplicateError, Tail,
};
use crate::ensemble::{Deformed, Ensemble, Signal, TridiagonalModel};
use crate::spectrum::{Eigendecomposition, Faer, Hermitian, Tridiagonal, certify};
use rand_chacha::ChaCha8Rng;

/// λ₁ is located within this. It is on the wrong side of a level with probability about
/// 10⁻¹⁰·N^{2/3} (the density of λ₁), 10⁻⁵ of the smallest τ0.
const LOCATED: f64 = 1e-10;

/// W = R/√N + S at one N.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub ensemble: Ensemble,
    pub signal: Signal,
    pub n: usize,
    /// What is called agreement of two distribution functions, beyond τ0.
    pub agreement: f64,
}

impl Model {
    pub fn new(ensemble: Ensemble, signal: Signal, n: usize, agreement: f64) -> Self {
        Self {
            ensemble,
            signal,
            n,
            agreement,
        }
    }

    pub fn edge(&self) -> Edge {
        Edge::of(&self.ensemble, &eigenvalues(&self.signal, self.n))
    }

    /// S = 0 and invariant noise have a tridiagonal form, exact in law.
    fn is_tridiagonal(&self) -> bool {
        self.ensemble.is_invariant() && self.signal == Signal::zero()
    }

    /// Replicates of 1{λ₁ ≤ ℓ} at each level ℓ, with where their means are expected; with
    /// `spike`, of R/√N + θe₁e₁ᵀ (S = 0 only).
    pub fn experiment(
        &self,
        levels: &[f64],
        expected: &[f64],
        replicates: usize,
        spike: f64,
    ) -> Experiment {
        let observables = levels
            .iter()
            .zip(expected)
            .map(|(level, &typical)| Observable {
                name: format!("λ₁ ≤ {level:.6}"),
                tail: Tail::Indicator,
                typical,
            });
        let signal = if spike == 0.0 {
            self.signal.name()
        } else {
            format!("spike-{spike}")
        };
        Experiment {
            law: self.ensemble.name(),
            signal,
            n: self.n,
            replicates,
            observables: observables.collect(),
            replicate: self.replicate(levels.to_vec(), spike),
        }
    }

    fn replicate(&self, levels: Vec<f64>, spike: f64) -> Replicate {
        let below = move |largest: f64| -> Vec<f64> {
            let indicator = |level: &f64| f64::from(u8::from(largest <= *level));
            levels.iter().map(indicator).collect()
        };
        let n = self.n;
        if self.is_tridiagonal() {
            let ensemble = self.ensemble;
            return Box::new(move |rng, _| {
                let mut entries = TridiagonalModel::new(&ensemble)?.sample(n, rng)?;
                entries.add_spike(spike);
                Ok(below(Tridiagonal::from(entries).largest(LOCATED)?.value))
            });
        }
        assert_eq!(spike, 0.0, "spikes are added to the tridiagonal form");
        let model = Deformed {
            ensemble: self.ensemble,
            signal: self.signal.clone(),
        };
        Box::new(move |rng, index| Ok(below(dense_largest(&model, n, rng, index)?)))
    }

    /// P(λ₁ ≤ ℓ(x)) against `theory`.
    pub fn cell(&self, (e, o): (usize, usize), x: f64, theory: f64) -> Cell {
        let inner = self.edge().inner();
        Cell {
            law: self.ensemble.name(),
            signal: self.signal.name(),
            n: self.n,
            point: format!("P(x₁ ≤ x), x = {x}"),
            theory,
            inner,
            outer: inner + self.agreement,
            estimator: Estimator::mean(Input::new(e, o)),
        }
    }
}

fn dense_largest(
    model: &Deformed,
    n: usize,
    rng: &mut ChaCha8Rng,
    index: u64,
) -> Result<f64, ReplicateError> {
    let w = model.sample(n, rng)?;
    let found = Tridiagonal::reduce(&w)?.largest(LOCATED)?.value;
    if index == 0 {
        certified(&w, found)?;
    }
    Ok(found)
}

/// The eigenvalue found agrees with that of a certified eigendecomposition.
fn certified(w: &Hermitian, found: f64) -> Result<(), ReplicateError> {
    let eigen = Faer.eigen(w)?;
    let known = eigen.spectrum.eigenvalues()[0];
    let allowed = certify(w, &eigen) + LOCATED + 1e-11;
    if (found - known).abs() > allowed {
        return Err(format!("λ₁ by two routes: {found} and {known}, allowed {allowed:e}").into());
    }
    Ok(())
}
