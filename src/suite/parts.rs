//! Finished runs of different claims, put together.

use super::{Suite, SuiteError, budget};
use crate::claims::Claim;
use crate::ledger::Ledger;
use std::path::PathBuf;

/// The ledger of one run of all the claims that these runs judged: as the level of a claim does not
/// depend on which others run, it has the same bytes.
///
/// # Errors
/// When they differ in version, tier or epoch, two judged the same claim, or one is not in the registry.
///
/// # Panics   without a ledger
pub fn together(parts: Vec<(PathBuf, Ledger)>, registry: &[Claim]) -> Result<Ledger, SuiteError> {
    let mut owners: Vec<(String, PathBuf)> = vec![];
    let mut parts = parts.into_iter();
    let (first, mut whole) = parts.next().expect("there is a ledger");
    let ids = |ledger: &Ledger| -> Vec<String> {
        ledger.claims.iter().map(|claim| claim.id.clone()).collect()
    };
    owners.extend(ids(&whole).into_iter().map(|id| (id, first.clone())));
    for (folder, part) in parts {
        let same = |a: &Ledger, b: &Ledger| {
            (&a.version, &a.tier, a.epoch, a.budget.suite)
                == (&b.version, &b.tier, b.epoch, b.budget.suite)
        };
        if !same(&whole, &part) {
            return Err(SuiteError::OtherRun {
                first,
                other: folder,
            });
        }
        for claim in ids(&part) {
            if let Some((_, first)) = owners.iter().find(|(id, _)| *id == claim) {
                return Err(SuiteError::JudgedTwice {
                    claim,
                    first: first.clone(),
                    other: folder,
                });
            }
            owners.push((claim, folder.clone()));
        }
        whole.claims.extend(part.claims);
    }
    let order = Suite::select(registry, &ids(&whole))?;
    whole.claims.sort_by_key(|record| {
        let place = order.iter().position(|c| c.statement.id == record.id);
        place.expect("it was selected")
    });
    whole.budget.spent = budget::spent(whole.claims.iter().map(|claim| claim.alpha));
    Ok(whole)
}
