//! Names of the tiers.

use super::Tier;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Name of the environment variable that sets the tier.
const VARIABLE: &str = "RMT_TIER";

/// A tier that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown tier \"{name}\": use quick, standard or deep")]
pub struct TierError {
    /// What was asked for.
    pub name: String,
}

impl Tier {
    /// `quick`, `standard` or `deep`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Deep => "deep",
        }
    }

    /// The tier that `RMT_TIER` names; quick when it is not set.
    pub fn from_environment() -> Result<Self, TierError> {
        match std::env::var_os(VARIABLE) {
            None => Ok(Self::Quick),
            Some(value) => value.to_string_lossy().parse(),
        }
    }
}

impl FromStr for Tier {
    type Err = TierError;

    fn from_str(name: &str) -> Result<Self, TierError> {
        match name {
            "quick" => Ok(Self::Quick),
            "standard" => Ok(Self::Standard),
            "deep" => Ok(Self::Deep),
            _ => Err(TierError { name: name.into() }),
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
