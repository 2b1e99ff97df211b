//! Places in a paper: labels such as `Theorem 2.1`, equation numbers such as `(4.12)`, and ranges.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// An equation number, such as (4.12) or (B.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Equation {
    /// Section or appendix.
    pub section: String,
    /// Number in it.
    pub number: u32,
}

/// One label or one equation number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Such as `Theorem 2.1`.
    Label(String),
    /// Such as (4.12).
    Equation(Equation),
}

/// Where a statement is: labels, equation numbers and ranges of them, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locus {
    text: String,
    places: Vec<Place>,
}

/// A locus that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LocusError {
    /// Nothing between two commas, or nothing at all.
    #[error("\"{locus}\": a place is missing")]
    Nothing {
        /// The whole locus.
        locus: String,
    },
    /// A parenthesis that holds no equation number.
    #[error("\"{locus}\": {part} is no equation number such as (4.12)")]
    NotAnEquation {
        /// The whole locus.
        locus: String,
        /// Its part.
        part: String,
    },
    /// A range that goes backwards, or from one section to another.
    #[error("\"{locus}\": {part} is no range within a section")]
    NotARange {
        /// The whole locus.
        locus: String,
        /// Its part.
        part: String,
    },
}

impl Locus {
    /// Every label and equation number, ranges written out.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Whether a label or number is one of its places.
    #[must_use]
    pub fn contains(&self, place: &Place) -> bool {
        self.places.contains(place)
    }

    /// A place that both have.
    #[must_use]
    pub fn shared_with(&self, other: &Self) -> Option<&Place> {
        self.places.iter().find(|place| other.contains(place))
    }
}

impl FromStr for Locus {
    type Err = LocusError;

    fn from_str(text: &str) -> Result<Self, LocusError> {
        let locus = || text.to_owned();
        let mut places = Vec::new();
        for part in text.split(',').map(str::trim) {
            let not_an_equation = || LocusError::NotAnEquation {
                locus: locus(),
                part: part.to_owned(),
            };
            if part.is_empty() {
                return Err(LocusError::Nothing { locus: locus() });
            }
            if !part.starts_with('(') {
                places.push(Place::Label(part.to_owned()));
                continue;
            }
            let (first, last) = part.split_once('–').unwrap_or((part, part));
            let first = equation(first).ok_or_else(not_an_equation)?;
            let last = equation(last).ok_or_else(not_an_equation)?;
            if first.section != last.section || first.number > last.number {
                return Err(LocusError::NotARange {
                    locus: locus(),
                    part: part.to_owned(),
                });
            }
            places.extend((first.number..=last.number).map(|number| {
                Place::Equation(Equation {
                    section: first.section.clone(),
                    number,
                })
            }));
        }
        Ok(Self {
            text: locus(),
            places,
        })
    }
}

/// `(B.3)`.
fn equation(text: &str) -> Option<Equation> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?;
    let (section, number) = inside.split_once('.')?;
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    if !plain(section) || !number.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    Some(Equation {
        section: section.to_owned(),
        number: number.parse().ok()?,
    })
}

impl fmt::Display for Locus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Display for Equation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}.{})", self.section, self.number)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => f.pad(label),
            Self::Equation(equation) => equation.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equation_of(section: &str, number: u32) -> Place {
        Place::Equation(Equation {
            section: section.into(),
            number,
        })
    }

    #[test]
    fn ranges_are_written_out() {
        let locus: Locus = "Lemma 4.1, (4.25)–(4.27), (B.3)".parse().unwrap();
        let expected = [
            Place::Label("Lemma 4.1".into()),
            equation_of("4", 25),
            equation_of("4", 26),
            equation_of("4", 27),
            equation_of("B", 3),
        ];
        assert_eq!(locus.places(), expected);
        assert_eq!(locus.to_string(), "Lemma 4.1, (4.25)–(4.27), (B.3)");
    }

    #[test]
    fn broken_places_are_refused() {
        let error = |text: &str| text.parse::<Locus>().unwrap_err();
        assert!(matches!(error(""), LocusError::Nothing { .. }));
        assert!(matches!(error("Theorem 2.1,"), LocusError::Nothing { .. }));
        for text in [
            "(4.)",
            "(4)",
            "(4.12",
            "(.3)",
            "(4.x)",
            "(4.1)–4.3",
            "(4.-1)",
            "(4.1)-(4.3)",
        ] {
            assert!(
                matches!(error(text), LocusError::NotAnEquation { .. }),
                "{text}"
            );
        }
        for text in ["(4.3)–(4.1)", "(4.3)–(B.5)"] {
            assert!(
                matches!(error(text), LocusError::NotARange { .. }),
                "{text}"
            );
        }
    }
}
