//! Shared by the claims about N(E s_N − s_{ν_N}(z + σ² E s_N)): models, estimators, theory values.
//!
//! The *defect* of a model at z is N Δ_N(z), Δ_N = E s_N − s_{ν_N}(z + σ² E s_N). Everything here
//! compares with ν_N, the ESD of S_N itself, so no distance between ν_N and ν enters.

mod plan;
mod rate;
mod theory;

pub(super) use plan::Grid;
pub(super) use rate::Contrast;

pub(super) use theory::Theory;

use super::common::point;
use crate::confidence::Confidence;
use crate::design::{
    Cell, Estimator, EstimatorMap, Experiment, Input, Observable, Replicate, ReplicateError, Tail,
};
use crate::ensemble::{Deformed, Ensemble, Signal};
use crate::measure::UpperHalf;
use crate::spectrum::{Eigendecomposition, Faer, Hermitian, Tridiagonal, certify};
use crate::statistic::{Defect, Part, controlled_trace, lipschitz, trace_bounds};
use num_complex::Complex64;
use std::sync::Arc;

/// W = R/√N + S at one N.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub ensemble: Ensemble,
    pub signal: Signal,
    pub n: usize,
}

/// Such as `Im, z = 0.5+1.5i`.
pub(super) fn place(part: Part, z: UpperHalf) -> String {
    format!("{}, z = {}", part.name(), point(z.get()))
}

/// z with Im z > 0; the claims only use literals.
pub(super) fn z(re: f64, im: f64) -> UpperHalf {
    UpperHalf::new(Complex64::new(re, im)).expect("a literal point of the upper half-plane")
}

impl Model {
    pub fn new(ensemble: Ensemble, signal: Signal, n: usize) -> Self {
        Self {
            ensemble,
            signal,
            n,
        }
    }

    /// Eigenvalues of S_N.
    pub fn signal_eigenvalues(&self) -> Arc<[f64]> {
        self.signal
            .eigenvalues(self.n)
            .expect("claims use signals that exist at every N ≥ 1")
            .into()
    }

    /// Name of the ensemble, the signal and N in a cell.
    fn cell(&self, point: String, theory: f64, inner: f64, outer: f64, e: Estimator) -> Cell {
        Cell {
            law: self.ensemble.name(),
            signal: self.signal.name(),
            n: self.n,
            point,
            theory,
            inner,
            outer,
            estimator: e,
        }
    }

    fn deformed(&self) -> Deformed {
        Deformed {
            ensemble: self.ensemble,
            signal: self.signal.clone(),
        }
    }

    /// Replicates of Re and Im of Tr(W − z)⁻¹ at each z, in this order, with the sharpest interval
    /// that is proved for the law.
    pub fn traces(&self, zs: &[UpperHalf]) -> Experiment {
        let proxy = self.deformed().variance_proxy();
        let observables = zs
            .iter()
            .flat_map(|&z| {
                let mean = Theory::of(self, z).mean_trace().value;
                Part::BOTH.map(|part| Observable {
                    name: format!("{} Tr G({})", part.name(), point(z.get())),
                    tail: tail(proxy, part, z, self.n),
                    typical: part.of(mean),
                })
            })
            .collect();
        Experiment {
            law: self.ensemble.name(),
            signal: self.signal.name(),
            n: self.n,
            replicates: 1,
            observables,
            replicate: self.replicate(zs, proxy.is_some()),
        }
    }

    fn replicate(&self, zs: &[UpperHalf], proved: bool) -> Replicate {
        let (model, n) = (self.deformed(), self.n);
        let zs: Vec<UpperHalf> = zs.to_vec();
        let signal_trace: f64 = self.signal_eigenvalues().iter().sum();
        Box::new(move |rng, index| {
            let w = model.sample(n, rng)?;
            let t = Tridiagonal::reduce(&w)?;
            if index == 0 {
                certified(&w, &t, &zs)?;
            }
            // Sure bounds hold for the bare trace only.
            let noise_trace = if proved {
                w.trace() - signal_trace
            } else {
                0.0
            };
            Ok(zs
                .iter()
                .flat_map(|&z| {
                    let trace = t.resolvent_trace(z.get());
                    let controlled = controlled_trace(trace, z, noise_trace);
                    [controlled.re, trace.im]
                })
                .collect())
        })
    }
}

/// What is known of one part of the trace: sub-Gaussian for Lipschitz images of Gaussians, with the
/// proxy of the ensemble; else only its sure bounds.
///
/// The design then reckons with variance ½/Im⁴ z (the Gaussian limit at Im z = 1 is at most about 0.25).
fn tail(proxy: Option<f64>, part: Part, z: UpperHalf, n: usize) -> Tail {
    match proxy {
        Some(v) => Tail::SubGaussian {
            variance_proxy: v * lipschitz(part, z).powi(2),
        },
        None => {
            let (lo, hi) = trace_bounds(part, z, n);
            Tail::Bounded {
                lo,
                hi,
                design_variance: 0.5 / z.get().im.powi(4),
            }
        }
    }
}

/// The tridiagonal resolvent traces agree with those of certified eigenvalues.
///
/// |Σ 1/(λ_i − z) − Σ 1/(λ̃_i − z)| ≤ N ε/Im² z for eigenvalues known up to ε; the same again for
/// the rounding of the tridiagonal route, which is a backward stable similarity of the same kind.
pub(super) fn certified(
    w: &Hermitian,
    t: &Tridiagonal,
    zs: &[UpperHalf],
) -> Result<(), ReplicateError> {
    let eigen = Faer.eigen(w)?;
    let bound = certify(w, &eigen);
    for z in zs {
        let z = z.get();
        let (a, b) = (t.resolvent_trace(z), eigen.spectrum.resolvent_trace(z));
        let allowed = 2.0 * w.n() as f64 * bound / (z.im * z.im);
        if (a - b).norm() > allowed {
            return Err(format!(
                "resolvent traces at z = {z} by two routes differ by {:e}, certified {allowed:e}",
                (a - b).norm()
            )
            .into());
        }
    }
    Ok(())
}

/// Re and Im inputs of the j-th z of an experiment.
pub(super) fn inputs(experiment: usize, j: usize) -> Vec<Input> {
    vec![
        Input::new(experiment, 2 * j),
        Input::new(experiment, 2 * j + 1),
    ]
}

/// (Re or Im of) N(m − s_ν(z + c m)) from Tr G = N m, with ν the ESD of `signal`; c = σ² for the
/// statement, anything else for rivals.
///
/// # Confidence
/// With F(T) = T − N s_ν(z + cT/N): |Re F′| h_re + |Im F′| h_im (crosswise for the imaginary part)
/// plus ½ sup|F″| (h_re² + h_im²), sup over the disc, from |s_ν″(ω)| ≤ 2/Im³ ω.
pub(super) fn defect(
    signal: Arc<[f64]>,
    z: UpperHalf,
    c: f64,
    n: usize,
    part: Part,
) -> EstimatorMap {
    Box::new(move |means: &[Confidence]| {
        let trace = Complex64::new(means[0].estimate, means[1].estimate);
        let Defect {
            value,
            slope,
            omega,
        } = Defect::at(trace, &signal, z, c, n);
        let n = n as f64;
        let (h_re, h_im) = (means[0].halfwidth, means[1].halfwidth);
        let linear = match part {
            Part::Re => slope.re.abs() * h_re + slope.im.abs() * h_im,
            Part::Im => slope.im.abs() * h_re + slope.re.abs() * h_im,
        };
        let radius = h_re.hypot(h_im);
        // Distance from the real axis over the whole disc; without any, nothing is known.
        let clearance = omega.im.abs() - c.abs() * radius / n;
        let quadratic = if clearance > 0.0 {
            c * c * radius * radius / (n * clearance.powi(3))
        } else {
            f64::INFINITY
        };
        // Rounding of sums of N terms, each at most 1/clearance, far below every halfwidth.
        let rounding = 8.0 * n * n * f64::EPSILON / clearance.max(f64::MIN_POSITIVE);
        Confidence {
            estimate: part.of(value),
            halfwidth: (linear + quadratic + rounding) * (1.0 + 1e-12),
            grade: means[0].grade.max(means[1].grade),
        }
    })
}

/// The cell of one part of the defect: |estimate − θ| within the remainder θ leaves out, and what is
/// called agreement on top.
pub(super) fn defect_cell(
    model: &Model,
    experiment: usize,
    j: usize,
    z: UpperHalf,
    part: Part,
    agreement: f64,
) -> Cell {
    let theory = Theory::of(model, z).defect();
    let c = model.ensemble.sigma().powi(2);
    model.cell(
        place(part, z),
        part.of(theory.value),
        theory.remainder,
        theory.remainder + agreement,
        Estimator::general(
            inputs(experiment, j),
            defect(model.signal_eigenvalues(), z, c, model.n, part),
        ),
    )
}
