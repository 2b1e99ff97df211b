//! The semicircle law (1.9), by linear statistics with the correction of order 1.

use super::Claim;
use super::common::{on_model, on_own_samples};
use super::pastur::{
    LogDeterminant, Row, observables, observed, other_correction, other_ensemble, other_potential,
    plan, potential_of, profile, twin,
};
use super::power::sized;
use super::stieltjes_equation::{Model, z};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, Rival, Side, Tier};
use crate::ensemble::{Ensemble, EntryLaw, Hermitian, Signal};
use crate::free::finite_size::EntryStatistics;
use nalgebra::DMatrix;

/// (1.9) for S = 0.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/semicircle",
            title: "Semicircle law",
            statement: "S = 0: the eigenvalues of W = R/√N follow the law μ with density \
                        √(4σ² − x²)/(2πσ²). Sharper: E Tr log(W − z) = N∫log(x − z)dμ + D(z) + o(1), \
                        D = ½ log(1 − a) − ½(v_d − 2)a − ¼κ₄a², a = σ²s_μ(z)², and D = 0 for the GUE; \
                        Tr log(W − z) has fluctuations of order 1.",
            formula: r"\frac1N\operatorname{Tr}f(W)\to\int f\,\frac{\sqrt{4\sigma^2-x^2}}{2\pi\sigma^2}\,dx,\qquad \mathbb{E}\operatorname{Tr}\log(W-z)-N\!\int\!\log(x-z)\,d\mu\to\tfrac12\log(1-a)-\tfrac{v_d-2}{2}a-\tfrac{\kappa_4}{4}a^2,\quad a=\sigma^2s_\mu(z)^2",
            meaning: "The sum of log(λ − z) over all N eigenvalues is right to a fraction of one \
                      eigenvalue's share, with its constant term, at the N and z listed. The intervals are \
                      proved; they also say how far one matrix is from its mean.",
            source: Source {
                work: "abk",
                locus: "(1.9)",
            },
            strength: Strength::Sharp,
        },
        plan: plan_at,
    }
}

/// σz in place of z, so that every σ shows the same picture.
fn row(ensemble: Ensemble, n: usize, fraction: f64) -> Row {
    let sigma = ensemble.sigma();
    let model = Model::new(ensemble, Signal::zero(), n);
    // Rounded, so that tables show z in full.
    let scaled = |x: f64| (1e6 * x * sigma).round() / 1e6;
    Row::new(model, z(scaled(0.5), scaled(1.5)), fraction)
}

fn plan_at(tier: Tier) -> Plan {
    let goe = Ensemble::goe();
    let uniform = Ensemble::wigner(EntryLaw::Uniform);
    let half_normal = Ensemble::wigner(EntryLaw::HalfNormal);
    // The last rows have the largest N.
    let rows: Vec<Row> = match tier {
        Tier::Quick => vec![
            row(goe, 16, 0.7),
            row(goe.with_sigma(0.8), 16, 0.7),
            row(Ensemble::gue(), 16, 0.7),
            row(uniform.with_sigma(0.8), 16, 0.9),
            row(half_normal, 16, 0.9),
            row(goe, 48, 0.9),
        ],
        Tier::Standard => vec![
            row(goe, 32, 0.35),
            row(goe.with_sigma(0.8), 32, 0.35),
            row(Ensemble::gue(), 32, 0.35),
            row(uniform.with_sigma(0.8), 32, 0.4),
            row(half_normal, 32, 0.4),
            row(goe, 64, 0.5),
        ],
        Tier::Deep => vec![
            row(goe, 64, 0.15),
            row(goe.with_sigma(0.8), 64, 0.15),
            row(Ensemble::gue(), 64, 0.15),
            row(uniform.with_sigma(0.8), 64, 0.15),
            row(half_normal, 64, 0.15),
            row(goe, 256, 0.3),
            row(goe, 1024, 0.7),
        ],
    };
    let mut plan = sized(plan(&rows));
    plan.rivals = rivals(&rows);
    plan
}

fn rivals(rows: &[Row]) -> Vec<Rival> {
    let gaussian = |row: &Row| row.model.ensemble == Ensemble::goe();
    vec![
        other_correction(rows, "no correction of order 1", |row| {
            gaussian(row).then_some(num_complex::Complex64::ZERO)
        }),
        other_correction(rows, "GOE for GUE", |row| {
            (row.model.ensemble == Ensemble::gue()).then(|| row.goe_correction())
        }),
        other_potential(rows, "variance σ for σ²", |row| {
            let sigma = row.model.ensemble.sigma();
            let signal = row.model.signal_eigenvalues();
            (sigma != 1.0).then(|| potential_of(&signal, sigma.sqrt(), row.z))
        }),
        other_potential(rows, "½σ²s² left out", |row| {
            let (s, sigma) = (semicircle_s(row), row.model.ensemble.sigma());
            let wrong = 0.5 * row.model.n as f64 * (sigma * s).powi(2);
            Some(row.theory().potential - wrong)
        }),
        other_ensemble(
            rows.last().expect("there are rows"),
            "variance 1.05",
            1024,
            Ensemble::goe().with_sigma(1.05f64.sqrt()),
        ),
        profile(&Signal::zero()),
        repeated(),
    ]
}

/// s = (−z + √(z² − 4σ²))/(2σ²), Im s > 0.
fn semicircle_s(row: &Row) -> num_complex::Complex64 {
    let (z, variance) = (row.z.get(), row.model.ensemble.sigma().powi(2));
    let root = (z * z - 4.0 * variance).sqrt();
    let branch = if root.im > 0.0 { root } else { -root };
    (branch - z) / (2.0 * variance)
}

/// Every entry drawn for a 2 × 2 block: W = A⊗J/√N has N/2 eigenvalues 0 and those of √2 A/√(N/2).
fn repeated() -> Rival {
    let row = twin(&Signal::zero());
    let (z, right, n) = (row.z, row.theory(), row.model.n);
    let half = n / 2;
    let kept = LogDeterminant::with(&vec![0.0; half], 2f64.sqrt(), EntryStatistics::goe(), z);
    let truth = kept.mean() + half as f64 * (-z.get()).ln();
    let experiment = on_model(
        Ensemble::goe(),
        &Signal::zero(),
        n,
        512,
        // f(0) is constant; the rest is a GOE of size N/2 with σ² = 2.
        observables(z, 4.0, truth),
        move |model, rng, index| {
            let Hermitian::Real(a) = model.ensemble.noise(half, rng)? else {
                return Err("the GOE is real".into());
            };
            // noise() divides by √(N/2), W by √N.
            let entry = |i: usize, j: usize| a[(i / 2, j / 2)] * std::f64::consts::FRAC_1_SQRT_2;
            let w = Hermitian::from_lower(Hermitian::Real(DMatrix::from_fn(n, n, entry)))?;
            observed(&w, z, 0.0, index)
        },
    );
    let uncertainty = kept.correction.remainder;
    let cells = row.rival_cells(
        0,
        right.potential,
        right.correction.value,
        (truth, uncertainty),
    );
    on_own_samples(
        "correlated entries",
        Side::Hypothesis,
        vec![experiment],
        cells,
    )
}
