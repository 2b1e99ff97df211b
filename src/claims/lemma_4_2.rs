//! Lemma 4.2: the Stieltjes transform of the outlier measure.

mod deterministic;
mod rivals;

use super::Claim;
use super::outlier_measure::{Row, Setting, square_root, two_thirds};
use super::power::sized;
use super::stieltjes_equation::z;
use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Plan, Tier};
use crate::ensemble::{Ensemble, EntryLaw};
use crate::measure::UpperHalf;
use crate::statistic::Part;

/// s_m(z) = ω′(z) s_κ(ω(z)).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/lemma-4.2",
            title: "Stieltjes transform of the outlier measure",
            statement: "m̂_N(z) = (N/k_N)(s_N(z) − s_μ(z)) → s_m(z) = ω′(z) s_κ(ω(z)), where κ is the limit of \
                        (N/k_N)(ν_N − ν), k_N → ∞ and k_N/N → 0. Without the noise: \
                        |(N/k)(s_{ν_N ⊞ sc} − s_μ) − ω′ s_κ(ω)| ≤ C(z) k/N, with the next term known.",
            formula: r"\hat m_N(z)=\frac{N}{k_N}\bigl(s_N(z)-s_\mu(z)\bigr)\;\longrightarrow\;s_m(z)=\omega'(z)\,s_\kappa(\omega(z))",
            meaning: "The deterministic part is right to (k/N)² with explicit constants for N from 10³ on. \
                      With noise, the mean of m̂_N is the limit up to the distance that the theory at that N \
                      has from it, and what the theory at that N says to better than one eigenvalue in k: \
                      one spike too many would show.",
            source: Source {
                work: "abk",
                locus: "Lemma 4.2, (4.5)",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

#[doc = include_str!("../../docs/derivations/outlier_measure.md")]
mod derivation {}

/// What is called agreement: in Tr G = k m̂ + N s_μ, half of what one eigenvalue can contribute at
/// Im z = 1. A spike miscounted would show.
pub(super) const AGREEMENT: f64 = 0.5;

/// One row of the claim; the agreement in Tr G.
pub(super) struct Judged {
    pub row: Row,
    pub agreement: f64,
}

impl Judged {
    /// The sharp cell or that of the limit.
    fn cell(&self, e: usize, j: usize, part: Part, limit: bool) -> Cell {
        let agreement = self.agreement / self.row.k as f64;
        if limit {
            self.row.limit_cell(e, j, part, agreement)
        } else {
            self.row.sharp_cell(e, j, part, agreement)
        }
    }
}

/// Near the images of the spikes, and above the bulk, where ω′ differs most from 1.
fn points(setting: &Setting) -> Vec<UpperHalf> {
    if *setting == Setting::gap() {
        vec![z(0.1, 0.7), z(1.0, 0.7)]
    } else {
        vec![z(2.5, 1.0), z(0.0, 1.0)]
    }
}

fn rows(tier: Tier) -> Vec<Judged> {
    let goe = Ensemble::goe();
    let wigner = Ensemble::wigner;
    let sizes: &[(usize, f64)] = match tier {
        Tier::Quick => &[(64, AGREEMENT)],
        Tier::Standard => &[(64, AGREEMENT), (256, 2.0 * AGREEMENT)],
        Tier::Deep => &[(256, AGREEMENT / 2.0), (1024, AGREEMENT)],
    };
    let settings = [Setting::right(), Setting::both_sides(), Setting::gap()];
    let mut rows = vec![];
    for &(n, agreement) in sizes {
        let mut push = |setting: &Setting, law, k, zs: &[UpperHalf], factor: f64| {
            rows.push(Judged {
                row: Row::new(setting.clone(), law, n, k, zs),
                agreement: factor * agreement,
            });
        };
        for setting in &settings {
            for k in [square_root(n), two_thirds(n)] {
                push(setting, goe, k, &points(setting), 1.0);
            }
        }
        // Half-normal entries and signs have wider intervals. For signs the variance bound is good
        // from Im z = 1.5 on.
        let [right, both, _] = &settings;
        let (few, many) = (square_root(n), two_thirds(n));
        push(both, wigner(EntryLaw::Uniform), few, &points(both), 1.0);
        push(
            right,
            wigner(EntryLaw::HalfNormal),
            many,
            &points(right),
            2.0,
        );
        let far = [z(2.5, 1.5), z(0.0, 2.0)];
        push(right, wigner(EntryLaw::Rademacher), many, &far, 2.0);
    }
    rows
}

fn plan(tier: Tier) -> Plan {
    let rows = rows(tier);
    let mut plan = Plan::default();
    for (e, judged) in rows.iter().enumerate() {
        plan.experiments.push(judged.row.experiment());
        for j in 0..judged.row.zs.len() {
            for part in Part::BOTH {
                let cells = [true, false].map(|limit| judged.cell(e, j, part, limit));
                plan.cells.extend(cells);
            }
        }
    }
    plan = sized(plan);
    let wrong = deterministic::extend(&mut plan, tier);
    plan.rivals = rivals::theory(&rows);
    rivals::add_deterministic(&mut plan.rivals, wrong);
    plan.rivals.extend(rivals::twins(tier));
    plan
}
