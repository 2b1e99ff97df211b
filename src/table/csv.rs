//! The cells of a claim as comma-separated values.

use crate::ledger::ClaimRecord;

/// One header line, then one line a cell; the columns are the fields of a cell in the ledger, and
/// every number is written with all its digits.
///
/// # Panics
/// Never: the writer's target is memory and a cell is a flat record.
#[must_use]
pub fn cells_csv(claim: &ClaimRecord) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for cell in &claim.cells {
        writer.serialize(cell).expect("a cell is a flat record");
    }
    let bytes = writer.into_inner().expect("memory cannot fail");
    String::from_utf8(bytes).expect("every field is text")
}
