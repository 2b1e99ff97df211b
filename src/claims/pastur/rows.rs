//! Plans and rivals of the claims about Tr log(W − z).

use super::log_determinant::{LogDeterminant, potential};
use crate::claims::common::{on_model, on_own_samples, point};
use crate::claims::stieltjes_equation::Model;
use crate::design::{
    Cell, Estimator, Experiment, Input, Observable, Plan, ReplicateError, Rival, RivalCell, Side,
    Tail,
};
use crate::ensemble::Ensemble;
use crate::free::FreeConvolution;
use crate::free::finite_size::EntryStatistics;
use crate::measure::{SpectralMeasure, UpperHalf};
use crate::spectrum::{Eigendecomposition, Faer, Hermitian, Tridiagonal, certify};
use crate::statistic::{Part, controlled_log_determinant, log_determinant, log_lipschitz};
use num_complex::Complex64;

/// One model at one z, with what is called agreement as a fraction of |D| of the GOE there.
#[derive(Debug, Clone)]
pub(in crate::claims) struct Row {
    pub model: Model,
    pub z: UpperHalf,
    fraction: f64,
    theory: LogDeterminant,
    goe: Complex64,
}

impl Row {
    pub fn new(model: Model, z: UpperHalf, fraction: f64) -> Self {
        let (signal, sigma) = (model.signal_eigenvalues(), model.ensemble.sigma());
        let with = |law| LogDeterminant::with(&signal, sigma, law, z);
        let theory = with(EntryStatistics::of(&model.ensemble));
        let goe = with(EntryStatistics::goe()).correction.value;
        Self {
            model,
            z,
            fraction,
            theory,
            goe,
        }
    }

    /// Potential and correction at this model and z.
    pub fn theory(&self) -> LogDeterminant {
        self.theory
    }

    /// The correction that the GOE has at this ν_N, σ and z.
    pub fn goe_correction(&self) -> Complex64 {
        self.goe
    }

    fn agreement(&self) -> f64 {
        self.fraction * self.goe_correction().norm()
    }

    /// Replicates of Re and Im of the controlled Tr log(W − z).
    pub fn experiment(&self) -> Experiment {
        let proxy = self
            .model
            .ensemble
            .variance_proxy()
            .expect("these claims use Lipschitz images of normals");
        let (z, n) = (self.z, self.model.n);
        let signal_trace: f64 = self.model.signal_eigenvalues().iter().sum();
        on_model(
            self.model.ensemble,
            &self.model.signal,
            self.model.n,
            1,
            observables(z, proxy, self.theory().mean()),
            move |model, rng, index| observed(&model.sample(n, rng)?, z, signal_trace, index),
        )
    }

    /// One part of E Tr log(W − z) − N∫log dμ at an experiment, potential and theory given.
    pub fn cell(&self, e: usize, part: Part, potential: Complex64, theory: Complex64) -> Cell {
        let right = self.theory();
        Cell {
            law: self.model.ensemble.name(),
            signal: self.model.signal.name(),
            n: self.model.n,
            point: format!("{} log det, z = {}", part.name(), point(self.z.get())),
            theory: part.of(theory),
            inner: right.correction.remainder,
            outer: right.correction.remainder + self.agreement(),
            estimator: Estimator::affine(Input::new(e, part as usize), 1.0, -part.of(potential)),
        }
    }

    fn own_cells(&self, e: usize) -> [Cell; 2] {
        let right = self.theory();
        Part::BOTH.map(|part| self.cell(e, part, right.potential, right.correction.value))
    }

    /// Both parts, judged with a potential and a correction that may be wrong, on data of mean `truth`.
    pub fn rival_cells(
        &self,
        e: usize,
        potential: Complex64,
        theory: Complex64,
        (truth, uncertainty): (Complex64, f64),
    ) -> Vec<RivalCell> {
        Part::BOTH
            .map(|part| RivalCell {
                cell: self.cell(e, part, potential, theory),
                expected: part.of(truth - potential),
                uncertainty,
            })
            .into()
    }
}

/// Sub-Gaussian with proxy v/(4 Im² z), both parts.
pub(in crate::claims) fn observables(
    z: UpperHalf,
    proxy: f64,
    typical: Complex64,
) -> Vec<Observable> {
    Part::BOTH
        .iter()
        .map(|&part| Observable {
            name: format!("{} Tr log(W − z), z = {}", part.name(), point(z.get())),
            tail: Tail::SubGaussian {
                variance_proxy: proxy * log_lipschitz(z).powi(2),
            },
            typical: part.of(typical),
        })
        .collect()
}

/// Re and Im of the controlled log determinant of one W; replicate 0 is compared with eigenvalues.
pub(in crate::claims) fn observed(
    w: &Hermitian,
    z: UpperHalf,
    signal_trace: f64,
    index: u64,
) -> Result<Vec<f64>, ReplicateError> {
    let t = Tridiagonal::reduce(w)?;
    let value = log_determinant(&t, z);
    if index == 0 {
        let eigen = Faer.eigen(w)?;
        let direct: Complex64 = eigen
            .spectrum
            .eigenvalues()
            .iter()
            .map(|x| (x - z.get()).ln())
            .sum();
        // |log(x − z) − log(x̃ − z)| ≤ |x − x̃|/Im z, once for each route.
        let allowed = 2.0 * w.n() as f64 * certify(w, &eigen) / z.get().im;
        if (value - direct).norm() > allowed {
            return Err(format!(
                "log det by two routes differs by {:e}, certified {allowed:e}",
                (value - direct).norm()
            )
            .into());
        }
    }
    let value = controlled_log_determinant(value, z, w.trace() - signal_trace);
    Ok(vec![value.re, value.im])
}

/// The claim's own part of the plan, one experiment a row.
pub(in crate::claims) fn plan(rows: &[Row]) -> Plan {
    Plan {
        experiments: rows.iter().map(Row::experiment).collect(),
        cells: rows
            .iter()
            .enumerate()
            .flat_map(|(e, row)| row.own_cells(e))
            .collect(),
        rivals: vec![],
    }
}

/// Another potential N U where `wrong` gives one, on the claim's samples.
pub(in crate::claims) fn other_potential(
    rows: &[Row],
    name: &str,
    wrong: impl Fn(&Row) -> Option<Complex64>,
) -> Rival {
    let cells = rows.iter().enumerate().filter_map(|(e, row)| {
        let right = row.theory();
        let truth = (right.mean(), right.correction.remainder);
        Some(row.rival_cells(e, wrong(row)?, right.correction.value, truth))
    });
    on_own_samples(name, Side::Theory, vec![], cells.flatten().collect())
}

/// Another correction D where `wrong` gives one, on the claim's samples.
pub(in crate::claims) fn other_correction(
    rows: &[Row],
    name: &str,
    wrong: impl Fn(&Row) -> Option<Complex64>,
) -> Rival {
    let cells = rows.iter().enumerate().filter_map(|(e, row)| {
        let right = row.theory();
        let truth = (right.mean(), right.correction.remainder);
        Some(row.rival_cells(e, right.potential, wrong(row)?, truth))
    });
    on_own_samples(name, Side::Theory, vec![], cells.flatten().collect())
}

/// Data from another ensemble, judged by the theory of the row.
pub(in crate::claims) fn other_ensemble(
    row: &Row,
    name: &str,
    replicates: usize,
    other: Ensemble,
) -> Rival {
    let model = Model::new(other, row.model.signal.clone(), row.model.n);
    let drawn = Row::new(model, row.z, row.fraction);
    let (right, truth) = (row.theory(), drawn.theory());
    let mut experiment = drawn.experiment();
    experiment.replicates = replicates;
    let cells = row.rival_cells(
        0,
        right.potential,
        right.correction.value,
        (truth.mean(), truth.correction.remainder),
    );
    on_own_samples(name, Side::Data, vec![experiment], cells)
}

/// N∫log(x − z)μ′(dx) of another μ′ = ν′ ⊞ semicircle(σ′²).
pub(in crate::claims) fn potential_of(signal: &[f64], sigma: f64, z: UpperHalf) -> Complex64 {
    let solved = SpectralMeasure::empirical(signal.to_vec())
        .ok()
        .and_then(|nu| FreeConvolution::new(nu, sigma).ok()?.subordination(z).ok())
        .expect("claims use points where the equation is solved");
    potential(signal, sigma, solved.omega, solved.s)
}
