//! The listing as a page of the documentation.

use super::{ClaimListing, Listing, StatementListing};
use crate::table::{plural, side_word, strength_word};

/// The command that makes the page; part of it, so that nobody edits the page by hand.
const COMMAND: &str = "cargo run -- claims --markdown > docs/claims.md";

impl Listing {
    /// `docs/claims.md`.
    #[must_use]
    pub fn markdown(&self) -> String {
        let (covered, excepted) = self.covered_and_excepted();
        let mut page = format!(
            "# Statements and claims\n\n\
             Made by `{COMMAND}` from `fixtures/statements.toml` and the registry; `cargo test --test ledger` \
             fails when it is out of date.\n\n\
             {}: {covered} covered by claims, {excepted} excepted with a reason. {} with {}, each of which must be \
             refuted.\n",
            plural(self.statements.len(), "statement"),
            plural(self.claims.len(), "claim"),
            plural(self.rivals(), "rival"),
        );
        for section in self.sections() {
            page.push_str(&section_table(section));
        }
        page.push_str("\n# Claims\n");
        for claim in &self.claims {
            page.push_str(&claim_section(claim));
        }
        page
    }
}

fn section_table(section: &[StatementListing]) -> String {
    let title = section.first().map_or("", |first| first.section.as_str());
    let mut text =
        format!("\n## {title}\n\n| where | statement | tested by |\n| --- | --- | --- |\n");
    for one in section {
        text.push_str(&format!(
            "| {} | **{}** ({}). {} | {} |\n",
            escaped(&one.locus),
            escaped(&one.title),
            one.kind.name(),
            escaped(&one.statement),
            cover(one)
        ));
    }
    text
}

fn cover(statement: &StatementListing) -> String {
    if let Some(reason) = &statement.exception {
        return format!("*nothing:* {}", escaped(reason));
    }
    let claims: Vec<String> = statement
        .claims
        .iter()
        .map(|claim| match claim.rivals {
            Some(rivals) => format!(
                "[`{}`](#{}) ({})",
                claim.id,
                anchor(&claim.id),
                plural(rivals, "rival")
            ),
            None => format!("`{}` (not in the registry)", claim.id),
        })
        .collect();
    claims.join("<br>")
}

fn claim_section(claim: &ClaimListing) -> String {
    let rivals: Vec<String> = claim
        .rivals
        .iter()
        .map(|rival| format!("{} ({})", escaped(&rival.name), side_word(rival.side)))
        .collect();
    format!(
        "\n## {}\n\n**{}**, {}, {} {}. {}\n\n*Confirmed means:* {}\n\n{} in the quick tier; {}: {}.\n",
        claim.id,
        escaped(&claim.title),
        strength_word(claim.strength),
        claim.source.work,
        escaped(&claim.source.locus),
        escaped(&claim.statement),
        escaped(&claim.meaning),
        plural(claim.cells, "cell"),
        plural(rivals.len(), "rival"),
        rivals.join("; ")
    )
}

/// The link target that a heading gets: lower case, spaces to hyphens, punctuation dropped.
fn anchor(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Characters that Markdown would take for itself, and line breaks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars() {
            if matches!(c, '|' | '*' | '<' | '`' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_of_modulus_do_not_end_a_table_cell() {
        assert_eq!(escaped("|s_N| ≤\n  1*2"), "\\|s_N\\| ≤ 1\\*2");
    }

    #[test]
    fn anchors_are_those_of_the_headings() {
        assert_eq!(anchor("abk/proposition-3.1-GUE"), "abkproposition-31-gue");
    }
}
