//! The parts of the page: the claims in the order in which the paper builds on them.

use crate::ledger::{ClaimRecord, Ledger};
use crate::statements::{Kind, Statements};

/// A part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the paper stands on.
    Background,
    /// The Stieltjes equation before the limit.
    Equation,
    /// Identities and inequalities of the proofs, and the push-forward.
    Proofs,
    /// Theorems 2.1 and 2.2.
    Main,
    /// Sharper facts about the same objects.
    Beyond,
    /// What belongs nowhere else.
    Other,
}

impl Part {
    /// In the order of the page.
    pub const ALL: [Self; 6] = [
        Self::Background,
        Self::Equation,
        Self::Proofs,
        Self::Main,
        Self::Beyond,
        Self::Other,
    ];

    /// Heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Background => "Background: what the paper stands on",
            Self::Equation => "Section 3: the Stieltjes equation before the limit",
            Self::Proofs => "Section 4 and the appendices: what the proofs use",
            Self::Main => "Section 2: the theorems on outliers",
            Self::Beyond => "Beyond the paper",
            Self::Other => "Other claims",
        }
    }

    /// Anchor of the heading.
    pub fn anchor(self) -> &'static str {
        match self {
            Self::Background => "part-background",
            Self::Equation => "part-section-3",
            Self::Proofs => "part-section-4",
            Self::Main => "part-section-2",
            Self::Beyond => "part-beyond",
            Self::Other => "part-other",
        }
    }

    /// The part of a claim: by the kind of what it covers, by its id, else by the first number of
    /// its locus.
    pub fn of(record: &ClaimRecord, numbered: &Statements) -> Self {
        let mut kinds = numbered
            .iter()
            .filter(|statement| statement.claims().contains(&record.id))
            .map(|statement| statement.kind)
            .peekable();
        if kinds.peek().is_some() && kinds.all(|kind| kind == Kind::Beyond) {
            return Self::Beyond;
        }
        if record.id.starts_with("background/") {
            return Self::Background;
        }
        if !record.id.starts_with("abk/") {
            return Self::Other;
        }
        match section(&record.source.locus) {
            Some('2') => Self::Main,
            Some('3') => Self::Equation,
            Some('4' | '5' | 'A' | 'B') => Self::Proofs,
            _ => Self::Other,
        }
    }

    /// Its claims, in the order of the ledger.
    pub fn claims<'a>(self, ledger: &'a Ledger, numbered: &Statements) -> Vec<&'a ClaimRecord> {
        ledger
            .claims
            .iter()
            .filter(|record| Self::of(record, numbered) == self)
            .collect()
    }
}

/// The section that a locus begins with: `3` of `Lemma 3.2, (3.10)`, `B` of `(B.13)`, `2` of
/// `Assumptions 1–3`, which stand in section 2.
fn section(locus: &str) -> Option<char> {
    if locus.starts_with("Assumption") {
        return Some('2');
    }
    let appendix = |rest: &str| rest.chars().next().filter(char::is_ascii_uppercase);
    if let Some(rest) = locus.strip_prefix("Appendix ") {
        return appendix(rest);
    }
    if let Some(letter) = locus.strip_prefix('(').and_then(appendix) {
        return Some(letter);
    }
    locus.chars().find(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::section;

    #[test]
    fn section_is_the_first_number_of_a_locus() {
        assert_eq!(section("Proposition 3.1, (3.2)"), Some('3'));
        assert_eq!(section("(4.12)–(4.18)"), Some('4'));
        assert_eq!(section("(B.13)–(B.15)"), Some('B'));
        assert_eq!(section("Appendix B, (B.13)"), Some('B'));
        assert_eq!(section("Assumptions 1–3"), Some('2'));
        assert_eq!(section("nowhere"), None);
    }
}
