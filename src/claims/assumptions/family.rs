//! S_N with k spikes of a density on [a, b] and N − k eigenvalues of ν.

use crate::ensemble::{EnsembleError, Signal, SignalShape};
use crate::measure::{Interval, SpectralMeasure};
use num_complex::Complex64;

/// Where the transforms are compared, Im z from ½.
pub(super) const POINTS: [(f64, f64); 6] = [
    (0.0, 0.5),
    (1.0, 0.5),
    (2.2, 0.5),
    (-2.4, 0.5),
    (0.4, 1.0),
    (2.0, 2.0),
];

/// ν and the interval of the spikes.
#[derive(Debug, Clone)]
pub(super) struct Family {
    /// Signal whose eigenvalues follow ν.
    pub bulk: Signal,
    /// [a, b], off supp ν.
    pub spikes: Interval,
}

impl Family {
    pub fn new(bulk: Signal, lo: f64, hi: f64) -> Self {
        Self {
            bulk,
            spikes: Interval { lo, hi },
        }
    }

    pub fn name(&self) -> String {
        let Interval { lo, hi } = self.spikes;
        format!("{} + spikes:{lo},{hi}", self.bulk.name())
    }

    pub fn nu(&self) -> SpectralMeasure {
        self.bulk.limit().expect("literal signals have limits")
    }

    /// The law of the spikes, uniform on [a, b].
    pub fn density(&self) -> SpectralMeasure {
        SpectralMeasure::uniform(self.spikes.lo, self.spikes.hi).expect("a literal interval")
    }

    /// Eigenvalues of S_N: midpoint quantiles of `spikes` (k of them) and of ν.
    pub fn eigenvalues(
        &self,
        n: usize,
        k: usize,
        spikes: &SpectralMeasure,
    ) -> Result<Vec<f64>, EnsembleError> {
        let mut all = self.bulk.eigenvalues(n - k)?;
        all.extend(Signal::diagonal(SignalShape::Quantiles(spikes.clone())).eigenvalues(k)?);
        Ok(all)
    }

    /// How many of these eigenvalues lie off supp ν.
    pub fn outside(&self, eigenvalues: &[f64]) -> usize {
        let support = self.nu().support();
        let inside = |x: f64| support.iter().any(|piece| piece.contains(x));
        eigenvalues.iter().filter(|&&x| !inside(x)).count()
    }

    /// Bound of |s − s_ν|(z), s of the m midpoint quantiles of ν, at Im z = η.
    ///
    /// Atoms: each of the multiplicities is off by less than 1, and none for one atom: atoms/(mη). An interval of
    /// length l: the midpoint rule for 1/(t − z), |(1/(t − z))″| ≤ 2/η³: l²/(12m²η³).
    fn bulk_error(&self, m: f64, eta: f64) -> f64 {
        match &self.bulk.shape {
            SignalShape::Zero => 0.0,
            SignalShape::Atoms(atoms) => atoms.len() as f64 / (m * eta),
            &SignalShape::Uniform { lo, hi } => midpoint_error(hi - lo, m, eta),
            SignalShape::Prescribed(_) | SignalShape::Quantiles(_) | SignalShape::Spiked { .. } => {
                unreachable!("the families have atoms or an interval")
            }
        }
    }

    /// |s_{ν_N} − s_ν| ≤ 2k/(Nη) + bulk error, for k spikes anywhere.
    pub fn nu_bound(&self, n: usize, k: usize, eta: f64) -> f64 {
        let (count, spikes) = (n as f64, k as f64);
        2.0 * spikes / (count * eta) + self.bulk_error(count - spikes, eta)
    }

    /// |s_{κ_N} − s_κ| ≤ (b − a)²/(12k²η³) + (N/k)·bulk error, for the density on [a, b].
    pub fn kappa_bound(&self, n: usize, k: usize, eta: f64) -> f64 {
        let (count, spikes) = (n as f64, k as f64);
        midpoint_error(self.spikes.width(), spikes, eta)
            + count / spikes * self.bulk_error(count - spikes, eta)
    }
}

fn midpoint_error(length: f64, m: f64, eta: f64) -> f64 {
    length * length / (12.0 * m * m * eta.powi(3))
}

/// (1/N) Σ 1/(t − z), summed in pairs of halves.
pub(super) fn transform(values: &[f64], z: Complex64) -> Complex64 {
    pairwise(values, z) / values.len() as f64
}

/// Bound of the rounding error of [`transform`] at Im z = η, for |t|, |z| ≤ 4 and N ≤ 2³².
///
/// Each term has an error of 4 ulp and one from the ulp of t − z, ≤ 8ε/η² together with it; 32 + 27 additions lie on
/// the way of each, every one at most ε/η of the mean.
pub(super) fn rounding(eta: f64) -> f64 {
    100.0 * f64::EPSILON / (eta * eta).min(eta)
}

fn pairwise(values: &[f64], z: Complex64) -> Complex64 {
    if values.len() <= 32 {
        return values.iter().map(|t| (t - z).inv()).sum();
    }
    let (left, right) = values.split_at(values.len() / 2);
    pairwise(left, z) + pairwise(right, z)
}
