//! The ledger of statements: every numbered statement of both papers, with the claims that test it or
//! the reason why none does.
//!
//! The list is `fixtures/statements.toml`. Two questions are asked of it. Is it well formed: exactly
//! one of claims and exception, no place named twice ([`Statements::parse`])? And does it fit the
//! registry: does every claim that it names exist, and is every claim that exists named
//! ([`Statements::faults`])?

mod locus;

pub use locus::{Equation, Locus, LocusError, Place};

use crate::claim::Statement;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The list that is part of the crate.
const BUILT_IN: &str = include_str!("../fixtures/statements.toml");

/// What a statement is in the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One of the paper's theorems, propositions, or a remark that follows from one.
    Theorem,
    /// An auxiliary result of the paper.
    Lemma,
    /// A convention or a name.
    Definition,
    /// An identity or inequality that holds at every N.
    Identity,
    /// A hypothesis.
    Assumption,
    /// A result of others that the paper stands on.
    Background,
    /// A line of a proof.
    ProofStep,
    /// A computation on trained networks.
    Experiment,
    /// Not in the paper: a sharper fact about the same objects.
    Beyond,
    /// A number of the paper whose displayed formula we do not hold.
    Lost,
}

impl Kind {
    /// As in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Theorem => "theorem",
            Self::Lemma => "lemma",
            Self::Definition => "definition",
            Self::Identity => "identity",
            Self::Assumption => "assumption",
            Self::Background => "background",
            Self::ProofStep => "proof step",
            Self::Experiment => "experiment",
            Self::Beyond => "beyond the paper",
            Self::Lost => "lost",
        }
    }
}

/// Why a statement is covered, or why it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cover {
    /// Ids of the claims that test it; at least one.
    Claims(Vec<String>),
    /// The reason why none does; not empty.
    Exception(String),
}

/// A statement of the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// Heading of the section that it stands under.
    pub section: String,
    /// Where in the paper: labels and equation numbers.
    pub locus: Locus,
    /// A few words.
    pub title: String,
    /// One sentence with Unicode mathematics.
    pub statement: String,
    /// What it is.
    pub kind: Kind,
    /// Claims or exception.
    pub cover: Cover,
}

impl Numbered {
    /// Ids of the claims that test it; none for an exception.
    #[must_use]
    pub fn claims(&self) -> &[String] {
        match &self.cover {
            Cover::Claims(ids) => ids,
            Cover::Exception(_) => &[],
        }
    }

    /// The reason why no claim tests it.
    #[must_use]
    pub fn exception(&self) -> Option<&str> {
        match &self.cover {
            Cover::Claims(_) => None,
            Cover::Exception(reason) => Some(reason),
        }
    }
}

/// Why a list of statements is not one.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum StatementsError {
    /// Not TOML, or not these fields.
    #[error("not a list of statements: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A locus that cannot be read.
    #[error(transparent)]
    Locus(#[from] LocusError),
    /// A field with nothing in it.
    #[error("{locus}: `{field}` is empty")]
    Empty {
        /// Where.
        locus: String,
        /// Which.
        field: &'static str,
    },
    /// Nothing tests it and nobody says why.
    #[error("{locus}: neither `claims` nor `exception`")]
    Uncovered {
        /// Where.
        locus: String,
    },
    /// Tested, and excused from it.
    #[error("{locus}: both `claims` and `exception`")]
    ClaimsAndException {
        /// Where.
        locus: String,
    },
    /// Two statements share a label or an equation number.
    #[error("{place} is in \"{first}\" and in \"{second}\"")]
    PlaceTwice {
        /// The label or number.
        place: String,
        /// The earlier locus.
        first: String,
        /// The later one.
        second: String,
    },
    /// One statement names a claim twice.
    #[error("{locus}: {id} is named twice")]
    ClaimTwice {
        /// Where.
        locus: String,
        /// The claim.
        id: String,
    },
}

/// A disagreement between the list and the registry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The list names a claim that does not exist.
    #[error("{locus}: there is no claim {id}")]
    UnknownClaim {
        /// Where.
        locus: String,
        /// The id.
        id: String,
    },
    /// No statement names this claim.
    #[error("no statement is covered by {id}")]
    UncitedClaim {
        /// The id.
        id: String,
    },
}

/// The statements of a paper, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statements {
    all: Vec<Numbered>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    section: Vec<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    title: String,
    statement: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    locus: String,
    title: String,
    statement: String,
    kind: Kind,
    claims: Option<Vec<String>>,
    exception: Option<String>,
}

impl Statements {
    /// The statements of \[ABK\], then those of \[LM\] under our own numbers.
    ///
    /// # Panics   never: the list is part of the crate, and a test parses it
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("fixtures/statements.toml is well formed")
    }

    /// Reads a list: tables `[[section]]` with a title, in them `[[section.statement]]`.
    ///
    /// # Errors   every [`StatementsError`]; the first one in the order of the file
    pub fn parse(text: &str) -> Result<Self, StatementsError> {
        let file: File = toml::from_str(text)?;
        let mut all: Vec<Numbered> = Vec::new();
        for section in file.section {
            for entry in section.statement {
                let next = entry.checked(&section.title)?;
                for earlier in &all {
                    if let Some(place) = earlier.locus.shared_with(&next.locus) {
                        return Err(StatementsError::PlaceTwice {
                            place: place.to_string(),
                            first: earlier.locus.to_string(),
                            second: next.locus.to_string(),
                        });
                    }
                }
                all.push(next);
            }
        }
        Ok(Self { all })
    }

    /// In the order of the paper.
    pub fn iter(&self) -> impl Iterator<Item = &Numbered> {
        self.all.iter()
    }

    /// The statement that a label or an equation number belongs to.
    #[must_use]
    pub fn at(&self, place: &Place) -> Option<&Numbered> {
        self.all.iter().find(|one| one.locus.contains(place))
    }

    /// Statements with claims, and statements with an exception.
    #[must_use]
    pub fn covered_and_excepted(&self) -> (usize, usize) {
        let covered = self.all.iter().filter(|s| !s.claims().is_empty()).count();
        (covered, self.all.len() - covered)
    }

    /// Where the list and a registry disagree.
    #[must_use]
    pub fn faults<'a>(&self, registry: impl IntoIterator<Item = &'a Statement>) -> Vec<Fault> {
        let known: Vec<&str> = registry.into_iter().map(|claim| claim.id).collect();
        let mut faults = Vec::new();
        for statement in &self.all {
            for id in statement.claims() {
                if !known.contains(&id.as_str()) {
                    faults.push(Fault::UnknownClaim {
                        locus: statement.locus.to_string(),
                        id: id.clone(),
                    });
                }
            }
        }
        for id in known {
            let cites = |one: &Numbered| one.claims().iter().any(|cited| cited == id);
            if !self.all.iter().any(cites) {
                faults.push(Fault::UncitedClaim { id: id.into() });
            }
        }
        faults
    }
}

impl Entry {
    fn checked(self, section: &str) -> Result<Numbered, StatementsError> {
        let locus: Locus = self.locus.parse()?;
        let name = || locus.to_string();
        let fields = [("title", &self.title), ("statement", &self.statement)];
        if let Some((field, _)) = fields.iter().find(|(_, text)| text.trim().is_empty()) {
            return Err(StatementsError::Empty {
                locus: name(),
                field,
            });
        }
        let cover = match (self.claims, self.exception) {
            (None, None) => return Err(StatementsError::Uncovered { locus: name() }),
            (Some(_), Some(_)) => {
                return Err(StatementsError::ClaimsAndException { locus: name() });
            }
            (Some(ids), None) => Cover::Claims(checked_ids(ids, &locus)?),
            (None, Some(reason)) if reason.trim().is_empty() => {
                return Err(StatementsError::Empty {
                    locus: name(),
                    field: "exception",
                });
            }
            (None, Some(reason)) => Cover::Exception(reason),
        };
        Ok(Numbered {
            section: section.to_owned(),
            locus,
            title: self.title,
            statement: self.statement,
            kind: self.kind,
            cover,
        })
    }
}

fn checked_ids(ids: Vec<String>, locus: &Locus) -> Result<Vec<String>, StatementsError> {
    if ids.is_empty() {
        return Err(StatementsError::Empty {
            locus: locus.to_string(),
            field: "claims",
        });
    }
    for (index, id) in ids.iter().enumerate() {
        if ids[..index].contains(id) {
            return Err(StatementsError::ClaimTwice {
                locus: locus.to_string(),
                id: id.clone(),
            });
        }
    }
    Ok(ids)
}
