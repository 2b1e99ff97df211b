//! What the claims on sample covariances draw, and what they measure.

use crate::claims::common::cell;
use crate::design::{
    Cell, Experiment, Observable, Plan, Replicate, ReplicateError, Rival, RivalCell, Side, Tail,
};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::{Population, SampleCovariance};
use crate::spectrum::{Hermitian, Tridiagonal};
use faer::Mat;
use nalgebra::DMatrix;

/// Spectrum of C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// C = I.
    Isotropic,
    /// Half ½, half 2.
    TwoAtom,
    /// ¼ + (11/4)i/(p − 1).
    Grid,
}

/// X = C^{1/2}Z, p × n.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Model {
    pub law: EntryLaw,
    pub shape: Shape,
    pub p: usize,
    pub n: usize,
}

impl Model {
    pub fn new(law: EntryLaw, shape: Shape, p: usize, n: usize) -> Self {
        Self { law, shape, p, n }
    }

    /// λ_1, …, λ_p in the order of the rows.
    pub fn spectrum(&self) -> Vec<f64> {
        let p = self.p;
        let at = |i: usize| match self.shape {
            Shape::Isotropic => 1.0,
            Shape::TwoAtom if i < p / 2 => 0.5,
            Shape::TwoAtom => 2.0,
            Shape::Grid => 0.25 + 2.75 * i as f64 / (p as f64 - 1.0),
        };
        (0..p).map(at).collect()
    }

    pub fn signal(&self) -> String {
        let shape = match self.shape {
            Shape::Isotropic => "C = I",
            Shape::TwoAtom => "C of ½ and 2",
            Shape::Grid => "C of ¼ to 3",
        };
        format!("{shape}, p = {}", self.p)
    }

    /// The equivalent for the eigenvalues of this C and c = p/n.
    pub fn limit(&self) -> SampleCovariance {
        self.limit_of(self.n)
    }

    /// As if n were another number.
    pub fn limit_of(&self, n: usize) -> SampleCovariance {
        let population = Population::eigenvalues(&self.spectrum());
        let ratio = self.p as f64 / n as f64;
        population
            .and_then(|h| SampleCovariance::new(h, ratio))
            .expect("the claims' own spectra are populations")
    }

    /// κ₄ of the entries.
    pub fn fourth(&self) -> f64 {
        self.law.cumulant(4).expect("laws with four moments")
    }

    pub fn samples(&self) -> Samples {
        Samples::new(self.law, self.spectrum(), self.n).expect("the claims' own spectra")
    }

    /// An experiment on X itself.
    pub fn on_data(
        &self,
        observables: Vec<Observable>,
        values: impl Fn(&Samples, Mat<f64>) -> Result<Vec<f64>, ReplicateError> + Send + Sync + 'static,
    ) -> Experiment {
        let samples = self.samples();
        self.experiment(
            observables,
            Replicate::alone(move |rng, _| values(&samples, samples.draw(rng))),
        )
    }

    /// An experiment on the spectrum of the smaller one of XXᵀ/n and XᵀX/n.
    pub fn on_spectrum(
        &self,
        observables: Vec<Observable>,
        values: impl Fn(&Spectral) -> Result<Vec<f64>, ReplicateError> + Send + Sync + 'static,
    ) -> Experiment {
        let samples = self.samples();
        let wide = self.p > self.n;
        let zeros = self.p.saturating_sub(self.n);
        let replicate = Replicate::reduced(
            move |rng| {
                let x = samples.draw(rng);
                Ok(if wide {
                    samples.gram(x.as_ref())
                } else {
                    samples.covariance(x.as_ref())
                })
            },
            move |_, t, _| {
                values(&Spectral {
                    form: t,
                    zeros: zeros as f64,
                })
            },
        );
        self.experiment(observables, replicate)
    }

    fn experiment(&self, observables: Vec<Observable>, replicate: Replicate) -> Experiment {
        Experiment {
            law: self.law.name().into(),
            signal: self.signal(),
            n: self.n,
            replicates: 1,
            observables,
            replicate,
        }
    }
}

/// Functions of the spectrum of Ĉ.
pub(super) struct Spectral<'a> {
    form: &'a Tridiagonal,
    /// Eigenvalues 0 of Ĉ that the form does not hold.
    zeros: f64,
}

impl Spectral<'_> {
    /// (tr Ĉ², tr Ĉ³).
    pub fn power_sums(&self) -> (f64, f64) {
        let (a, b) = (&self.form.diagonal, &self.form.off_diagonal);
        let (mut second, mut third) = (0.0, 0.0);
        for x in a {
            second += x * x;
            third += x * x * x;
        }
        for (i, x) in b.iter().enumerate() {
            second += 2.0 * x * x;
            third += 3.0 * x * x * (a[i] + a[i + 1]);
        }
        (second, third)
    }

    /// (tr(Ĉ + γ)⁻¹, log det(I + Ĉ/γ)): pivots d of T + γ, all positive, and their derivatives in γ.
    pub fn trace_and_log_det(&self, gamma: f64) -> (f64, f64) {
        let (mut trace, mut log) = (self.zeros / gamma, 0.0);
        let (mut carried, mut slope) = (0.0, 0.0);
        for (i, a) in self.form.diagonal.iter().enumerate() {
            let pivot = a + gamma - carried;
            let derivative = 1.0 + slope;
            trace += derivative / pivot;
            log += (pivot / gamma).ln();
            let b = self.form.off_diagonal.get(i).copied().unwrap_or(0.0);
            carried = b * b / pivot;
            slope = carried * derivative / pivot;
        }
        (trace, log)
    }
}

/// (M + shift)⁻¹ for M ≥ 0, by Gauss and Jordan in place: at these sizes three times as fast as a Cholesky factor and its inverse,
/// and no pivoting is due, since all Schur complements are positive.
pub(super) fn inverse(m: &DMatrix<f64>, shift: f64) -> Result<DMatrix<f64>, ReplicateError> {
    let n = m.nrows();
    let mut a = m.clone();
    for i in 0..n {
        a[(i, i)] += shift;
    }
    let entries = a.as_mut_slice();
    let mut pivot_column = vec![0.0; n];
    for k in 0..n {
        let pivot = entries[k * n + k];
        if pivot.is_nan() || pivot <= 0.0 {
            return Err("a positive matrix has a pivot that is not positive".into());
        }
        entries[k * n + k] = 1.0;
        pivot_column.copy_from_slice(&entries[k * n..(k + 1) * n]);
        pivot_column.iter_mut().for_each(|x| *x /= pivot);
        for (j, column) in entries.chunks_exact_mut(n).enumerate() {
            if j != k {
                let factor = std::mem::replace(&mut column[k], 0.0);
                let pairs = column.iter_mut().zip(&pivot_column);
                pairs.for_each(|(x, p)| *x -= factor * p);
            }
        }
        entries[k * n..(k + 1) * n].copy_from_slice(&pivot_column);
    }
    Ok(a)
}

/// The matrix of a real Hermitian.
pub(super) fn real(m: Hermitian) -> DMatrix<f64> {
    match m {
        Hermitian::Real(m) => m,
        Hermitian::Complex(_) => unreachable!("data are real"),
    }
}

/// One judged observable: what is known about its law, its theory value, and its tolerances.
pub(super) struct Judged {
    pub name: String,
    pub tail: Tail,
    pub theory: f64,
    pub inner: f64,
    pub outer: f64,
}

impl Judged {
    pub fn observable(&self) -> Observable {
        Observable {
            name: self.name.clone(),
            tail: self.tail,
            typical: self.theory,
        }
    }
}

/// Adds an experiment and a cell for each of its observables, in order. Returns the index of the experiment.
pub(super) fn judge(plan: &mut Plan, experiment: Experiment, judged: &[Judged]) -> usize {
    let e = plan.experiments.len();
    plan.experiments.push(experiment);
    for (o, j) in judged.iter().enumerate() {
        let judged = cell(&plan.experiments, (e, o), j.theory, j.inner, j.outer);
        plan.cells.push(judged);
    }
    e
}

/// A rival on other data: observables as theory says for them, judged by the claim's own numbers.
pub(super) fn other_data(
    name: &str,
    side: Side,
    mut experiment: Experiment,
    replicates: usize,
    expected: &[f64],
    cells: &[Cell],
) -> Rival {
    experiment.replicates = replicates;
    let experiments = vec![experiment];
    let judged = expected.iter().zip(cells).enumerate();
    let cells = judged.map(|(o, (&expected, right))| RivalCell {
        cell: cell(&experiments, (0, o), right.theory, right.inner, right.outer),
        expected,
        uncertainty: right.inner,
    });
    let cells = cells.collect();
    Rival {
        name: name.into(),
        side,
        experiments,
        cells,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pivots_give_the_trace_and_the_determinant() {
        let form = Tridiagonal {
            diagonal: vec![2.0, 1.0, 3.0],
            off_diagonal: vec![0.5, 0.25],
        };
        let dense = DMatrix::from_row_slice(3, 3, &[2.0, 0.5, 0.0, 0.5, 1.0, 0.25, 0.0, 0.25, 3.0]);
        let spectral = Spectral {
            form: &form,
            zeros: 2.0,
        };
        let (trace, log) = spectral.trace_and_log_det(0.4);
        let direct = inverse(&dense, 0.4).unwrap();
        let one = &direct * (&dense + DMatrix::identity(3, 3) * 0.4);
        assert!((one - DMatrix::identity(3, 3)).norm() < 1e-15);
        assert!(inverse(&dense, -4.0).is_err());
        assert!((trace - direct.trace() - 5.0).abs() < 1e-13);
        let determinant = (dense / 0.4 + DMatrix::identity(3, 3)).determinant();
        assert!((log - determinant.ln()).abs() < 1e-13);
    }
}
