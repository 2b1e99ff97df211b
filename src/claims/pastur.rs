//! Pastur's law (1.7), by linear statistics with the correction of order 1.

mod log_determinant;
mod rows;
mod twins;

pub(super) use log_determinant::{LogDeterminant, gauss_legendre};
pub(super) use rows::{
    Row, observables, observed, other_correction, other_ensemble, other_potential, plan,
    potential_of,
};
pub(super) use twins::{profile, twin};

use super::Claim;
use super::common::{signals, two_atom};
use super::power::sized;
use super::stieltjes_equation::{Model, z};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, Rival, Tier};
use crate::ensemble::{Ensemble, EntryLaw, Signal};
use num_complex::Complex64;

/// (1.7) for S of full rank.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/pastur",
            title: "Pastur's law",
            statement: "The eigenvalues of W = R/√N + S follow μ = ν ⊞ semicircle(σ²), s_μ(z) = s_ν(ω), \
                        ω = z + σ²s_μ(z), so that ∫log(x − z)dμ = ∫log(t − ω)dν + ½σ²s_μ². Sharper: \
                        E Tr log(W − z) = N∫log(x − z)dμ + D(z) + o(1) with ν = ν_N, \
                        D = −½ log ω′(z) − ½(v_d − 2)a − ¼κ₄a², a = σ²s_ν′(ω), and D = 0 for the GUE.",
            formula: r"\int\log(x-z)\,d\mu=\int\log(t-\omega)\,d\nu+\tfrac{\sigma^2}{2}s_\mu(z)^2,\qquad \mathbb{E}\operatorname{Tr}\log(W-z)-N\!\int\!\log(x-z)\,d\mu\to\tfrac12\log(1-a)-\tfrac{v_d-2}{2}a-\tfrac{\kappa_4}{4}a^2,\quad a=\sigma^2s_\nu'(\omega)",
            meaning: "The sum of log(λ − z) over all N eigenvalues is right to a fraction of one \
                      eigenvalue's share, with its constant term, at the N and z listed, for S of full \
                      rank with two atoms and with evenly spread eigenvalues.",
            source: Source {
                work: "abk",
                locus: "(1.7)",
            },
            strength: Strength::Sharp,
        },
        plan: plan_at,
    }
}

/// Im z grows with σ, as the width of the statistic and the correction do.
fn row(ensemble: Ensemble, signal: &Signal, n: usize, fraction: f64) -> Row {
    // Rounded, so that tables show z in full.
    let height = (1.3e6 * ensemble.sigma()).round() / 1e6;
    let model = Model::new(ensemble, signal.clone(), n);
    Row::new(model, z(0.5, height), fraction)
}

fn plan_at(tier: Tier) -> Plan {
    let [_, atoms, uniform] = signals();
    let goe = Ensemble::goe();
    let narrow = goe.with_sigma(0.8);
    let flat = Ensemble::wigner(EntryLaw::Uniform).with_sigma(0.8);
    let skewed = Ensemble::wigner(EntryLaw::HalfNormal).with_sigma(0.8);
    let rows: Vec<Row> = match tier {
        Tier::Quick => vec![
            row(narrow, &atoms, 16, 0.9),
            row(goe, &uniform, 16, 0.7),
            row(Ensemble::gue(), &atoms, 16, 0.7),
            row(flat, &uniform, 16, 0.9),
            row(goe, &atoms, 32, 0.9),
        ],
        Tier::Standard => vec![
            row(narrow, &atoms, 32, 0.35),
            row(goe, &uniform, 32, 0.35),
            row(Ensemble::gue(), &atoms, 32, 0.35),
            row(flat, &uniform, 32, 0.5),
            row(skewed, &atoms, 32, 0.5),
            row(goe, &atoms, 64, 0.5),
        ],
        Tier::Deep => vec![
            row(narrow, &atoms, 64, 0.15),
            row(goe, &uniform, 64, 0.15),
            row(Ensemble::gue(), &atoms, 64, 0.15),
            row(flat, &uniform, 64, 0.15),
            row(skewed, &atoms, 64, 0.15),
            row(goe, &atoms, 256, 0.3),
            row(goe, &atoms, 1024, 0.7),
        ],
    };
    let mut plan = sized(plan(&rows));
    plan.rivals = rivals(&rows);
    plan
}

fn rivals(rows: &[Row]) -> Vec<Rival> {
    let last = rows.last().expect("there are rows");
    let wider = 1.0 + (last.model.n as f64).powf(-0.5);
    vec![
        other_correction(rows, "no correction of order 1", |row| {
            let goe = row.model.ensemble == Ensemble::goe();
            goe.then_some(Complex64::ZERO)
        }),
        other_correction(rows, "GOE for GUE", |row| {
            (row.model.ensemble == Ensemble::gue()).then(|| row.goe_correction())
        }),
        other_potential(rows, "semicircle for ν ⊞ semicircle", |row| {
            let zeros = vec![0.0; row.model.n];
            Some(potential_of(&zeros, row.model.ensemble.sigma(), row.z))
        }),
        other_potential(rows, "ν of half the spread", |row| {
            let half: Vec<f64> = row
                .model
                .signal_eigenvalues()
                .iter()
                .map(|t| 0.5 * t)
                .collect();
            Some(potential_of(&half, row.model.ensemble.sigma(), row.z))
        }),
        other_potential(rows, "s_ν(z + s) for σ ≠ 1", |row| {
            let signal = row.model.signal_eigenvalues();
            (row.model.ensemble.sigma() != 1.0).then(|| potential_of(&signal, 1.0, row.z))
        }),
        other_potential(rows, "classical sum of independent laws", |row| {
            classical(row)
        }),
        other_ensemble(
            last,
            "variance 1.05",
            4096,
            Ensemble::goe().with_sigma(1.05f64.sqrt()),
        ),
        other_ensemble(
            last,
            "variance too large by N^{-1/2}",
            1024,
            Ensemble::goe().with_sigma(wider.sqrt()),
        ),
        twins::profile(&two_atom()),
        twins::commuting(&two_atom()),
    ]
}

/// ν * semicircle in place of ν ⊞ semicircle: Σ_i ∫log(x + t_i − z) dsemicircle(x).
fn classical(row: &Row) -> Option<Complex64> {
    let sigma = row.model.ensemble.sigma();
    let signal = row.model.signal_eigenvalues();
    let sum = signal.iter().map(|t| {
        let at = z(row.z.get().re - t, row.z.get().im);
        potential_of(&[0.0], sigma, at)
    });
    Some(sum.sum())
}
