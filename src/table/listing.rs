//! What the ledger of statements and the registry hold, before anything is drawn.

mod markdown;
mod text;

use crate::claim::Strength;
use crate::claims::Claim;
use crate::design::{Side, Tier};
use crate::ledger::SourceRecord;
use crate::statements::{Kind, Numbered, Statements};
use rayon::prelude::*;
use serde::Serialize;

/// Every claim, and every numbered statement with the claims that cover it. Format of
/// `claims --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listing {
    /// The registry, in the order of the report.
    pub claims: Vec<ClaimListing>,
    /// The ledger of statements, in the order of the paper.
    pub statements: Vec<StatementListing>,
}

/// A statement of the paper and what covers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementListing {
    /// Heading of the section that it stands under.
    pub section: String,
    /// Where in the paper.
    pub locus: String,
    /// What it is.
    pub kind: Kind,
    /// A few words.
    pub title: String,
    /// One sentence.
    pub statement: String,
    /// The claims that test it.
    pub claims: Vec<CoverListing>,
    /// Why none does.
    pub exception: Option<String>,
}

/// A claim that covers a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverListing {
    /// Claim id.
    pub id: String,
    /// Number of its rivals; none when the claim is not among those listed.
    pub rivals: Option<usize>,
}

/// A claim as it is planned at one tier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClaimListing {
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

/// Lists claims, and the statements that they cover. Plans are made, but nothing is drawn.
#[must_use]
pub fn listing(claims: &[Claim], statements: &Statements, tier: Tier) -> Listing {
    // Some plans compute for a second.
    let planned = claims.par_iter().map(|claim| planned(claim, tier));
    let claims: Vec<ClaimListing> = planned.collect();
    let statements = statements
        .iter()
        .map(|statement| covered(statement, &claims))
        .collect();
    Listing { claims, statements }
}

fn planned(claim: &Claim, tier: Tier) -> ClaimListing {
    let plan = (claim.plan)(tier);
    let statement = &claim.statement;
    ClaimListing {
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
}

fn covered(statement: &Numbered, claims: &[ClaimListing]) -> StatementListing {
    let rivals = |id: &String| {
        let claim = claims.iter().find(|claim| claim.id == *id);
        claim.map(|claim| claim.rivals.len())
    };
    StatementListing {
        section: statement.section.clone(),
        locus: statement.locus.to_string(),
        kind: statement.kind,
        title: statement.title.clone(),
        statement: statement.statement.clone(),
        claims: statement
            .claims()
            .iter()
            .map(|id| CoverListing {
                id: id.clone(),
                rivals: rivals(id),
            })
            .collect(),
        exception: statement.exception().map(str::to_owned),
    }
}

impl Listing {
    /// Statements with claims, statements with an exception.
    #[must_use]
    pub fn covered_and_excepted(&self) -> (usize, usize) {
        let excepted = |one: &&StatementListing| one.exception.is_some();
        let excepted = self.statements.iter().filter(excepted).count();
        (self.statements.len() - excepted, excepted)
    }

    /// Rivals of all claims.
    #[must_use]
    pub fn rivals(&self) -> usize {
        self.claims.iter().map(|claim| claim.rivals.len()).sum()
    }

    /// The statements, section by section.
    fn sections(&self) -> impl Iterator<Item = &[StatementListing]> {
        self.statements.chunk_by(|a, b| a.section == b.section)
    }
}
