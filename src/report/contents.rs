//! The table of contents.

use super::markup::{anchor, text, verdict};
use super::parts::Part;
use crate::claim::Statement;
use crate::ledger::Ledger;
use crate::statements::Statements;

/// Appends the contents: the front matter, then every claim under its part.
pub fn push<'a>(
    page: &mut String,
    ledger: &Ledger,
    numbered: &Statements,
    statement: &impl Fn(&str) -> Option<&'a Statement>,
) {
    page.push_str(
        "<nav class=\"contents\">\n<h2>Contents</h2>\n<ol>\n\
         <li><a href=\"#verdicts\">Claims and verdicts</a></li>\n\
         <li><a href=\"#map\">Map of the paper</a></li>\n\
         <li><a href=\"#worth\">What a verdict is worth</a></li>\n",
    );
    for part in Part::ALL {
        let claims = part.claims(ledger, numbered);
        if claims.is_empty() {
            continue;
        }
        page.push_str(&format!(
            "<li><a href=\"#{}\">{}</a>\n<ul>\n",
            part.anchor(),
            part.title()
        ));
        for record in claims {
            let title = statement(&record.id).map_or(record.id.as_str(), |one| one.title);
            page.push_str(&format!(
                "<li><a href=\"#{}\">{}</a> {}</li>\n",
                anchor(&record.id),
                text(title),
                verdict(record.verdict)
            ));
        }
        page.push_str("</ul></li>\n");
    }
    page.push_str("</ol>\n</nav>\n");
}
