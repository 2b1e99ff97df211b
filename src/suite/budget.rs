//! The error budget of the suite: one number, split here and nowhere else.
//!
//! Bonferroni with equal shares: every claim, present or to come, may spend A/128. A share does not
//! depend on which claims run, so a claim run alone gets the same verdict as in the suite, and a new
//! claim changes no other. More samples buy a smaller level only logarithmically, so the reserve
//! costs little: ln 128 = 4.9 on top of ln(2/A) = 14.5.

use crate::confidence::rounding::add_up;
use crate::confidence::split_level;
use thiserror::Error;

/// A: probability that an epoch refutes any true claim.
pub const SUITE: f64 = 1e-6;

/// Equal shares that A is cut into.
pub const SHARES: usize = 128;

/// The registry has outgrown the budget.
#[derive(Debug, Clone, PartialEq, Error)]
#[error(
    "{claims} claims would spend {spent:.4e}, more than the suite's {SUITE:e} ({SHARES} shares)"
)]
pub struct OverBudget {
    /// Claims asked for.
    pub claims: usize,
    /// What they would spend.
    pub spent: f64,
}

/// The level of one claim.
#[must_use]
pub fn share() -> f64 {
    split_level(SUITE, SHARES as u64)
}

/// What this many claims spend at most, if the suite can afford it.
pub fn spend(claims: usize) -> Result<f64, OverBudget> {
    let spent = (0..claims).map(|_| share()).fold(0.0, add_up);
    // The rounding of the sum goes up, that of a share down: compare shares, which are exact.
    if claims <= SHARES {
        Ok(spent.min(SUITE))
    } else {
        Err(OverBudget { claims, spent })
    }
}

/// What claims of these levels spend together.
#[must_use]
pub fn spent(levels: impl IntoIterator<Item = f64>) -> f64 {
    levels.into_iter().fold(0.0, add_up).min(SUITE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shares_together_spend_no_more_than_the_suite() {
        assert!(share() * SHARES as f64 <= SUITE);
        assert!(spend(SHARES).unwrap() <= SUITE);
    }

    #[test]
    fn one_claim_too_many_is_refused() {
        let error = spend(SHARES + 1).unwrap_err();
        assert_eq!(error.claims, SHARES + 1);
        assert!(error.spent > SUITE);
    }
}
