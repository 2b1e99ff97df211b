//! The registry of claims: one file a claim.

mod common;
mod interlacing;
mod schur_complement;
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
    vec![
        schur_complement::claim(),
        ward::claim(),
        interlacing::claim(),
    ]
}
