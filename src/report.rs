//! The report: one HTML page without scripts, fonts or anything else from the network.
//!
//! Its text depends on the ledger, the statements and the timings alone, so that two renderings of
//! one run are the same bytes.

mod claim;
mod folder;
mod formula;
mod front;
mod markup;
mod timings;

pub use folder::{Folder, FolderError, csv_name};
pub use formula::{FormulaError, mathml};
pub use timings::{ClaimTiming, Timings};

use crate::claim::Statement;
use crate::ledger::Ledger;

const STYLE: &str = include_str!("report/style.css");

/// The page for one run. A claim of the ledger that has no statement of the same id (it was planted,
/// or comes from another version) is shown with the plain text of its record.
#[must_use]
pub fn html(ledger: &Ledger, statements: &[Statement], timings: Option<&Timings>) -> String {
    let statement = |id: &str| statements.iter().find(|statement| statement.id == id);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>rmt-verify: tier {}, epoch {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        markup::text(&ledger.tier),
        ledger.epoch,
    );
    front::push(&mut page, ledger, &statement, timings);
    for record in &ledger.claims {
        let seconds = timings.and_then(|timings| timings.of(&record.id));
        claim::push(&mut page, record, statement(&record.id), seconds);
    }
    page.push_str("</body>\n</html>\n");
    page
}
