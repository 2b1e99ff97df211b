//! Data that drop a hypothesis: unequal variances, and S that depends on R.

use super::rows::{Row, observables, observed};
use crate::claims::common::{on_model, on_own_samples};
use crate::claims::stieltjes_equation::{Model, z as point};
use crate::design::{ReplicateError, Rival, Side};
use crate::ensemble::{Ensemble, Hermitian, Signal};
use crate::free::FreeConvolution;
use crate::measure::{SpectralMeasure, UpperHalf};
use crate::spectrum::{Eigensolver, Native};
use crate::statistic::controlled_log_determinant;
use num_complex::Complex64;

/// N of the twins, even; the deviation of the first grows with N.
const SIZE: usize = 64;
const REPLICATES: usize = 512;

/// What the twins are judged by: the theorem for the GOE.
pub(in crate::claims) fn twin(signal: &Signal) -> Row {
    let model = Model::new(Ensemble::goe(), signal.clone(), SIZE);
    Row::new(model, point(0.5, 1.0), 0.7)
}

/// Variances of the two blocks' entries, of mean 1: (first, first), (first, second), (second, second).
const BLOCKS: [f64; 3] = [2.0, 1.0, 0.0];

/// R/√N with its entries scaled to the variances [`BLOCKS`].
fn two_blocks(noise: &Hermitian) -> Result<Hermitian, ReplicateError> {
    let Hermitian::Real(r) = noise else {
        return Err("the GOE is real".into());
    };
    let half = r.nrows() / 2;
    let mut w = r.clone();
    for i in 0..w.nrows() {
        for j in 0..w.ncols() {
            w[(i, j)] *= BLOCKS[usize::from(i >= half) + usize::from(j >= half)].sqrt();
        }
    }
    Ok(Hermitian::from_lower(Hermitian::Real(w))?)
}

/// Σ_i log(t_i − z − (Vs)_i) + ½ Σ s_i (Vs)_i + ½ log det(1 − Vs²) for the variances [`BLOCKS`],
/// S = diag(`signal`): the mean of the log determinant up to O(1/N), see `log_determinant.md`.
///
/// (Vs)_i takes one value a block. The damped iteration contracts for Im z ≥ 1.
fn profile_mean(signal: &[f64], z: UpperHalf) -> Complex64 {
    let (z, n) = (z.get(), signal.len());
    let (first, second) = signal.split_at(n / 2);
    let sum = |part: &[f64], v: Complex64| {
        part.iter().map(|t| (t - z - v).inv()).sum::<Complex64>() / n as f64
    };
    let fields =
        |[a, b]: [Complex64; 2]| [BLOCKS[0] * a + BLOCKS[1] * b, BLOCKS[1] * a + BLOCKS[2] * b];
    let mut s = [Complex64::i(); 2];
    for _ in 0..400 {
        let v = fields(s);
        s = [
            0.5 * (s[0] + sum(first, v[0])),
            0.5 * (s[1] + sum(second, v[1])),
        ];
    }
    let v = fields(s);
    let logs =
        |part: &[f64], v: Complex64| part.iter().map(|t| (t - z - v).ln()).sum::<Complex64>();
    let potential =
        logs(first, v[0]) + logs(second, v[1]) + 0.5 * n as f64 * (s[0] * v[0] + s[1] * v[1]);
    let squares = |part: &[f64], v: Complex64| {
        part.iter().map(|t| (t - z - v).powi(-2)).sum::<Complex64>() / n as f64
    };
    let (p, q) = (squares(first, v[0]), squares(second, v[1]));
    let determinant = (1.0 - BLOCKS[0] * p) * (1.0 - BLOCKS[2] * q) - BLOCKS[1] * BLOCKS[1] * p * q;
    potential + 0.5 * determinant.ln()
}

/// Unequal variances.
pub(in crate::claims) fn profile(signal: &Signal) -> Rival {
    let row = twin(signal);
    let (z, right) = (row.z, row.theory());
    let signal = row.model.signal_eigenvalues();
    let truth = profile_mean(&signal, z);
    let trace: f64 = signal.iter().sum();
    let experiment = on_model(
        row.model.ensemble,
        &row.model.signal,
        SIZE,
        REPLICATES,
        // Entries are √2-Lipschitz images of those of the GOE.
        observables(z, 4.0, truth),
        move |model, rng, index| {
            let mut w = two_blocks(&model.ensemble.noise(SIZE, rng)?)?;
            w.add_diagonal(&model.signal.eigenvalues(SIZE)?);
            observed(&w, z, trace, index)
        },
    );
    // Left out is a term c/N; the GOE's is 0.005 at this N, and twenty times that is allowed for.
    let cells = row.rival_cells(0, right.potential, right.correction.value, (truth, 0.1));
    on_own_samples(
        "variance profile",
        Side::Hypothesis,
        vec![experiment],
        cells,
    )
}

/// S with the eigenvectors of R, largest with largest: eigenvalues λ_i(R/√N) + t_i.
///
/// Their law is that of q(u) + t(u), q and t the quantile functions. As a function of the λ_i the statistic is
/// as Lipschitz as before. |Σ log(λ_i + t_i − z) − Σ log(γ_i + t_i − z)| ≤ Σ|λ_i − γ_i|/Im z, with γ_i the
/// classical locations. The sum is N∫|F_N − F|dx; counting functions of the GOE have variances (ln N + c)/π² with c ≤ 3,
/// so its mean is about (2/π)^{1/2}·4·√(ln 64 + 3)/π = 2.7. Twice as much is allowed for.
pub(super) fn commuting(signal: &Signal) -> Rival {
    let row = twin(signal);
    let (z, right) = (row.z, row.theory());
    let signal = row.model.signal_eigenvalues();
    let zero = SpectralMeasure::atoms(&[(0.0, 1.0)]).expect("a point mass");
    let noise = FreeConvolution::new(zero, row.model.ensemble.sigma()).expect("claims use σ > 0");
    let truth: Complex64 = signal
        .iter()
        .enumerate()
        .map(|(i, t)| {
            let level = 1.0 - (i as f64 + 0.5) / SIZE as f64;
            let q = noise.quantile(level).expect("a level inside (0, 1)");
            (q + t - z.get()).ln()
        })
        .sum();
    let experiment = on_model(
        row.model.ensemble,
        &row.model.signal,
        SIZE,
        REPLICATES,
        observables(z, 2.0, truth),
        move |model, rng, _| {
            let noise = model.ensemble.noise(SIZE, rng)?;
            let spectrum = Native.eigenvalues(&noise)?;
            let signal = model.signal.eigenvalues(SIZE)?;
            let pairs = spectrum.eigenvalues().iter().zip(&signal);
            let value = pairs.map(|(x, t)| (x + t - z.get()).ln()).sum();
            let value = controlled_log_determinant(value, z, noise.trace());
            Ok(vec![value.re, value.im])
        },
    );
    let uncertainty = 5.4 / z.get().im;
    let cells = row.rival_cells(
        0,
        right.potential,
        right.correction.value,
        (truth, uncertainty),
    );
    on_own_samples("S depends on R", Side::Hypothesis, vec![experiment], cells)
}
