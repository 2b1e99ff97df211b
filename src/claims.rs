//! The registry of claims: one file a claim.

mod assumptions;
mod capitaine;
mod common;
mod cumulant_expansion;
mod huang;
mod interlacing;
mod large;
mod lemma_3_2;
mod lemma_3_4;
mod lemma_4_1;
mod lemma_4_2;
mod mass_inversion;
mod networks;
mod outlier_fluctuation;
mod outlier_measure;
mod outlier_overlap;
mod outliers;
mod pastur;
mod pastur_rate;
mod peche;
mod poincare;
mod power;
mod proposition_3_1;
mod proposition_3_1_large;
mod proposition_3_3;
mod rank_one;
mod resolvent_derivatives;
mod schur_complement;
mod second_moment;
mod semicircle;
mod semicircle_large;
mod stieltjes_equation;
mod stieltjes_rate;
mod theorem_2_1;
mod theorem_2_2;
mod theorem_2_2_worst;
mod tightness;
mod tracy_widom;
mod tracy_widom_large;
mod trained;
mod violated;
mod ward;

use crate::claim::Statement;
use crate::design::{Plan, Tier};

/// A statement together with the plan that tests it.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// What is claimed.
    pub statement: Statement,
    /// How it is tested at a tier.
    pub plan: fn(Tier) -> Plan,
}

/// All claims, in the order of the report.
#[must_use]
pub fn registry() -> Vec<Claim> {
    let mut all = vec![
        semicircle::claim(),
        pastur::claim(),
        pastur_rate::claim(),
        peche::claim(),
        peche::goe_claim(),
        capitaine::claim(),
        huang::claim(),
        assumptions::claim(),
        theorem_2_1::claim(),
        theorem_2_2::claim(),
        theorem_2_2_worst::claim(),
        proposition_3_1::claim(),
        proposition_3_1::gue_claim(),
        stieltjes_rate::goe_claim(),
        lemma_3_2::claim(),
        proposition_3_3::smooth_claim(),
        proposition_3_3::discrete_claim(),
        stieltjes_rate::wigner_claim(),
        lemma_3_4::claim(),
        schur_complement::claim(),
        ward::claim(),
        interlacing::claim(),
        lemma_4_1::claim(),
        mass_inversion::claim(),
        lemma_4_2::claim(),
        resolvent_derivatives::claim(),
        poincare::claim(),
        second_moment::claim(),
        tightness::claim(),
        cumulant_expansion::claim(),
        outlier_fluctuation::claim(),
        outlier_overlap::claim(),
        tracy_widom::goe_claim(),
        tracy_widom::gue_claim(),
        semicircle_large::claim(),
        proposition_3_1_large::claim(),
        tracy_widom_large::claim(),
        trained::fresh_noise(),
        trained::symmetric_weights(),
        trained::correlated_noise(),
        trained::pruning(),
    ];
    all.extend(networks::claims());
    all
}
