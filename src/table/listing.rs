//! What the registry holds, before anything is drawn.

use super::{WIDTH, plural, side_word, strength_word};
use crate::claim::Strength;
use crate::claims::Claim;
use crate::design::{Side, Tier};
use crate::ledger::SourceRecord;
use serde::Serialize;

/// A claim as it is planned at one tier. Format of `claims --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listing {
    /// Claim id.
    pub id: String,
    /// A few words.
    pub title: String,
    /// The statement in plain text.
    pub statement: String,
    /// What may be concluded from CONFIRMED.
    pub meaning: String,
    /// Where it is stated.
    pub source: SourceRecord,
    /// How much a verdict is worth.
    pub strength: Strength,
    /// Number of cells.
    pub cells: usize,
    /// Wrong versions that must be refuted.
    pub rivals: Vec<RivalListing>,
}

/// The name of a rival and what it gets wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RivalListing {
    /// Name.
    pub name: String,
    /// What it gets wrong.
    pub side: Side,
}

/// Lists claims. Plans are made, but nothing is drawn.
#[must_use]
pub fn listing(claims: &[Claim], tier: Tier) -> Vec<Listing> {
    claims
        .iter()
        .map(|claim| {
            let plan = (claim.plan)(tier);
            let statement = &claim.statement;
            Listing {
                id: statement.id.to_owned(),
                title: statement.title.to_owned(),
                statement: statement.statement.to_owned(),
                meaning: statement.meaning.to_owned(),
                source: SourceRecord {
                    work: statement.source.work.to_owned(),
                    locus: statement.source.locus.to_owned(),
                },
                strength: statement.strength,
                cells: plan.cells.len(),
                rivals: plan
                    .rivals
                    .iter()
                    .map(|rival| RivalListing {
                        name: rival.name.clone(),
                        side: rival.side,
                    })
                    .collect(),
            }
        })
        .collect()
}

/// The list as text: one paragraph a claim, at most [`WIDTH`] columns.
#[must_use]
pub fn listing_text(list: &[Listing]) -> String {
    let mut text = String::new();
    for claim in list {
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
        wrap(&claim.title, &mut text);
        wrap(&claim.statement, &mut text);
        wrap(
            &format!(
                "{}, {}: {}",
                plural(claim.cells, "cell"),
                plural(rivals.len(), "rival"),
                rivals.join("; ")
            ),
            &mut text,
        );
        text.push('\n');
    }
    text
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
