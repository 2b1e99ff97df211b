//! The ledger as a file.

use super::{fixture, synthetic};
use rmt_verify::ledger::{Ledger, LedgerError};
use serde_json::Value;

#[test]
fn reading_and_writing_keeps_every_field() {
    let text = std::fs::read_to_string(fixture("ledger.json")).unwrap();
    let before: Value = serde_json::from_str(&text).unwrap();
    let after: Value = serde_json::from_str(&synthetic().to_json()).unwrap();
    assert_eq!(before, after);
}

#[test]
fn estimate_that_does_not_exist_is_null() {
    let ledger = synthetic();
    let cell = &ledger.claims[4].cells[0];
    assert!(cell.estimate.is_nan() && cell.halfwidth.is_nan());
    assert!(ledger.to_json().contains("\"estimate\": null"));
}

#[test]
fn file_with_other_fields_is_not_a_ledger() {
    let error = Ledger::read(&fixture("timings.json")).unwrap_err();
    assert!(matches!(error, LedgerError::NotALedger { .. }), "{error}");
}

#[test]
fn passing_needs_a_confirmed_claim_and_no_rival_left() {
    let mut ledger = synthetic();
    let passed: Vec<bool> = ledger.claims.iter().map(|claim| claim.passed()).collect();
    assert_eq!(passed, [true, true, true, false, false]);
    ledger.claims[0].rivals[0].verdict = rmt_verify::verdict::Verdict::Undecided;
    assert!(!ledger.claims[0].passed());
}
