//! What a claim says: its identity, its words, its source and its strength.

use serde::{Deserialize, Serialize};

/// How much a verdict on the claim is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Identity or inequality with explicit constants, true at every N.
    /// A violation refutes the statement or the code.
    Exact,
    /// A limit whose next order is known or bounded in advance.
    /// A violation refutes the theorem plus its remainder.
    Sharp,
    /// A contrast or envelope over a grid of N: evidence only.
    Trend,
}

/// Where a statement is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Citation key of `docs/conventions.md`, such as `abk`.
    pub work: &'static str,
    /// Place inside the work, such as `Proposition 3.1, (3.2)`.
    pub locus: &'static str,
}

/// A statement in words and formulas, before anything is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// `abk/…` for the first paper, `lm/…` for the second, `background/…` for what they stand on.
    pub id: &'static str,
    /// A few words for headings.
    pub title: &'static str,
    /// The statement in one paragraph of plain text with Unicode mathematics.
    pub statement: &'static str,
    /// The statement as LaTeX display mathematics (no delimiters), rendered in the report.
    pub formula: &'static str,
    /// What a reader may conclude from CONFIRMED, and what not.
    pub meaning: &'static str,
    /// Where it is stated.
    pub source: Source,
    /// How much a verdict on it is worth.
    pub strength: Strength,
}
