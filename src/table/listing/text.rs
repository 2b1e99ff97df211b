//! The listing on a terminal.

use super::{ClaimListing, Listing, StatementListing};
use crate::table::{WIDTH, arrange, lines, plural, ruled, side_word, strength_word};
use comfy_table::{ColumnConstraint, Width};

/// Widths of the columns of a section's table: where, statement, cover.
const COLUMNS: [u16; 3] = [21, 35, 40];

impl Listing {
    /// Every statement with its claims or the reason why it has none, then every claim with its
    /// rivals; at most [`WIDTH`] columns.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for section in self.sections() {
            text.push_str(&section_table(section));
            text.push('\n');
        }
        let (covered, excepted) = self.covered_and_excepted();
        text.push_str(&format!(
            "{}: {covered} covered, {excepted} excepted; {} with {}\n\n",
            plural(self.statements.len(), "statement"),
            plural(self.claims.len(), "claim"),
            plural(self.rivals(), "rival"),
        ));
        for claim in &self.claims {
            paragraph(claim, &mut text);
        }
        text
    }
}

fn section_table(section: &[StatementListing]) -> String {
    let title = section.first().map_or("", |first| first.section.as_str());
    let mut table = ruled(&["where", "statement", "claims, or why none"]);
    for statement in section {
        table.add_row([
            statement.locus.clone(),
            statement.title.clone(),
            cover(statement),
        ]);
    }
    arrange(&mut table, &[]);
    for (column, width) in table.column_iter_mut().zip(COLUMNS) {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    format!("{title}\n{}\n", lines(&table).join("\n"))
}

/// One line a claim, or the reason.
fn cover(statement: &StatementListing) -> String {
    if let Some(reason) = &statement.exception {
        return format!("— {reason}");
    }
    let claims: Vec<String> = statement
        .claims
        .iter()
        .map(|claim| match claim.rivals {
            Some(rivals) => format!("{}  {}", claim.id, plural(rivals, "rival")),
            None => format!("{}  not in the registry", claim.id),
        })
        .collect();
    claims.join("\n")
}

/// A claim in one paragraph.
fn paragraph(claim: &ClaimListing, text: &mut String) {
    text.push_str(&format!(
        "{}  [{}]  {}, {}\n",
        claim.id,
        strength_word(claim.strength),
        claim.source.work,
        claim.source.locus
    ));
    let rivals: Vec<String> = claim
        .rivals
        .iter()
        .map(|rival| format!("{} ({})", rival.name, side_word(rival.side)))
        .collect();
    wrap(&claim.title, text);
    wrap(&claim.statement, text);
    wrap(
        &format!(
            "{}, {}: {}",
            plural(claim.cells, "cell"),
            plural(rivals.len(), "rival"),
            rivals.join("; ")
        ),
        text,
    );
    text.push('\n');
}

/// Appends `paragraph`, indented and broken at spaces.
fn wrap(paragraph: &str, text: &mut String) {
    let mut column = 0;
    for word in paragraph.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > usize::from(WIDTH) {
            text.push('\n');
            column = 0;
        }
        let gap = if column == 0 { "    " } else { " " };
        text.push_str(gap);
        text.push_str(word);
        column += gap.len() + width;
    }
    text.push('\n');
}
