//! The report: one HTML page without scripts, fonts or anything else from the network.
//!
//! Its text depends on the ledger, the statements and the timings alone, so that two renderings of
//! one run are the same bytes.

mod claim;
mod contents;
mod folder;
mod formula;
mod front;
mod layers;
mod map;
mod markup;
mod parts;
mod rivals;
mod theorem;
mod timings;

pub use folder::{Folder, FolderError, csv_name};
pub use formula::{FormulaError, mathml};
pub use layers::{layer_pictures, layers_html};
pub use timings::{ClaimTiming, NotTimings, Timings};

use crate::claim::Statement;
use crate::ledger::Ledger;
use crate::statements::Statements;
use parts::Part;

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
    let numbered = Statements::built_in();
    front::heading(&mut page, ledger, timings);
    contents::push(&mut page, ledger, &numbered, &statement);
    front::verdicts(&mut page, ledger, &statement, timings);
    map::push(&mut page, ledger, &numbered);
    front::promises(&mut page, ledger);
    for part in Part::ALL {
        let claims = part.claims(ledger, &numbered);
        if claims.is_empty() {
            continue;
        }
        page.push_str(&format!(
            "<section class=\"part\" id=\"{}\">\n<h2>{}</h2>\n",
            part.anchor(),
            part.title()
        ));
        for record in claims {
            let seconds = timings.and_then(|timings| timings.of(&record.id));
            claim::push(
                &mut page,
                record,
                statement(&record.id),
                ledger.epoch,
                seconds,
            );
        }
        page.push_str("</section>\n");
    }
    page.push_str("</body>\n</html>\n");
    page
}
