//! The solvers that are compared: every way to all eigenvalues of a matrix.
//!
//! Shared by the benchmarks and by `examples/solver_survey`.

use rmt_verify::spectrum::{
    Eigensolver, Faer, Hermitian, Nalgebra, Native, Spectrum, SpectrumError, trace_checks,
};
use std::ops::RangeInclusive;

type Values = dyn Fn(&Hermitian) -> Result<Spectrum, SpectrumError> + Send + Sync;
type Batch = dyn Fn(&[Hermitian]) -> Vec<Result<Spectrum, SpectrumError>> + Send + Sync;

/// One way to all eigenvalues.
pub struct Solver {
    /// For tables.
    pub name: String,
    /// This crate's own, as opposed to its peers.
    pub ours: bool,
    /// Where it is worth its time.
    pub sizes: RangeInclusive<usize>,
    values: Box<Values>,
    batch: Box<Batch>,
}

impl Solver {
    fn new(solver: &'static dyn Eigensolver) -> Self {
        Self {
            name: solver.name().into(),
            ours: false,
            sizes: 1..=usize::MAX,
            values: Box::new(|w| solver.eigenvalues(w)),
            batch: Box::new(|batch| solver.eigenvalues_of(batch)),
        }
    }

    fn ours(self) -> Self {
        Self { ours: true, ..self }
    }

    fn only(self, sizes: RangeInclusive<usize>) -> Self {
        Self { sizes, ..self }
    }

    /// All eigenvalues.
    pub fn values(&self, w: &Hermitian) -> Result<Spectrum, SpectrumError> {
        (self.values)(w)
    }

    /// All eigenvalues of many matrices of one size.
    pub fn values_of(&self, batch: &[Hermitian]) -> Result<Vec<Spectrum>, SpectrumError> {
        (self.batch)(batch).into_iter().collect()
    }
}

/// All solvers: a new one is one line here. The first is the reference of [`check`].
pub fn solvers() -> Vec<Solver> {
    let mut all = vec![
        Solver::new(&Native).ours(),
        Solver::new(&Faer),
        // Its time grows like N³ with the factor of matrix-vector products out of cache.
        Solver::new(&Nalgebra).only(1..=1600),
    ];
    all.extend(peers());
    all
}

/// Two solvers that are backward stable with η = 8N·2⁻⁵², see [`trace_checks`], agree within
/// 2η‖W‖_F. A wrong answer is not worth timing.
///
/// # Panics   when they do not, or the traces are wrong
pub fn check(name: &str, w: &Hermitian, found: &Spectrum, reference: &Spectrum) {
    if let Err(error) = trace_checks(w, found) {
        panic!("{name} at N = {}: {error}", w.n());
    }
    let allowed = 16.0 * w.n() as f64 * f64::EPSILON * w.frobenius_squared().sqrt();
    let distance = found.distance(reference);
    assert!(
        distance <= allowed,
        "{name} at N = {}: {distance:e} from the reference, allowed {allowed:e}",
        w.n()
    );
}

/// The LAPACK libraries of the environment variable `RMT_LAPACK`, paths separated as in `PATH`.
///
/// Called without the checks of [`Eigensolver::eigenvalues`], so that only the library's own time
/// and that of the copy it destroys are counted.
#[cfg(feature = "lapack")]
fn peers() -> Vec<Solver> {
    use rmt_verify::spectrum::Lapack;
    /// Below this a reduction in two stages is slower in every library.
    const TWO_STAGES_FROM: usize = 256;
    fn peer(lapack: Lapack, from: usize) -> Solver {
        let values = move |w: &Hermitian| match w {
            Hermitian::Real(m) => Spectrum::from_unsorted(lapack.dsyevd(&mut m.clone())?),
            Hermitian::Complex(_) => lapack.eigenvalues(w),
        };
        Solver {
            name: lapack.name().to_owned(),
            ours: false,
            sizes: from..=usize::MAX,
            values: Box::new(values),
            batch: Box::new(move |batch| batch.iter().map(values).collect()),
        }
    }
    lapacks()
        .into_iter()
        .flat_map(|lapack| {
            let two = lapack.two_stage().map(|two| peer(two, TWO_STAGES_FROM));
            [Some(peer(lapack, 1)), two]
        })
        .flatten()
        .collect()
}

#[cfg(not(feature = "lapack"))]
fn peers() -> Vec<Solver> {
    Vec::new()
}

/// The libraries themselves.
#[cfg(feature = "lapack")]
pub fn lapacks() -> Vec<rmt_verify::spectrum::Lapack> {
    let paths = std::env::var_os("RMT_LAPACK").unwrap_or_default();
    std::env::split_paths(&paths)
        .filter(|path| !path.as_os_str().is_empty())
        .map(|path| match rmt_verify::spectrum::Lapack::open(&path) {
            Ok(lapack) => lapack,
            Err(error) => panic!("RMT_LAPACK: {error}"),
        })
        .collect()
}
