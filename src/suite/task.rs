//! Units of work of a suite, and what they yield.

use crate::confidence::Summary;
use crate::evidence::Unit;
use serde::{Deserialize, Serialize};

/// Replicates of one experiment of one trial of one claim.
///
/// Claims are counted in the order in which they are run. Trial 0 is the claim itself, trial 1 + r its
/// rival r.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Task {
    /// Index of the claim.
    pub claim: usize,
    /// Index of the trial.
    pub trial: usize,
    /// Its replicates.
    pub unit: Unit,
}

/// A finished task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// Which.
    pub task: Task,
    /// One summary an observable.
    pub summaries: Vec<Summary>,
    /// Core-seconds it took; no number depends on it.
    pub seconds: f64,
}

/// Part `index` (from 1) of `of` parts that a suite is split into, for machines that share nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which part, from 1.
    pub index: usize,
    /// How many there are.
    pub of: usize,
}

/// Why there is no such shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no shard: use I/N with 1 ≤ I ≤ N, such as 2/8")]
pub struct ShardError {
    /// What was asked for.
    pub text: String,
}

impl Shard {
    /// Whether the task at this place of its trial's list belongs to the shard.
    ///
    /// Round robin, because neighbours cost about the same; trials begin with different shards, so
    /// that those of few units do not all burden the first.
    pub(super) fn has(self, task: &Task, place: usize) -> bool {
        let start = 31 * task.claim + 7 * task.trial;
        (start + place) % self.of == self.index - 1
    }
}

impl std::str::FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let parse = || {
            let (index, of) = text.split_once('/')?;
            let (index, of) = (index.parse().ok()?, of.parse().ok()?);
            (1 <= index && index <= of).then_some(Self { index, of })
        };
        parse().ok_or_else(|| ShardError { text: text.into() })
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_belongs_to_exactly_one_shard() {
        let unit = Unit {
            experiment: 0,
            first: 0,
            count: 1,
        };
        for of in 1..9 {
            for (claim, trial, place) in [(0, 0, 0), (0, 1, 0), (3, 2, 17), (73, 5, 1000)] {
                let task = Task { claim, trial, unit };
                let owners = (1..=of).filter(|&index| Shard { index, of }.has(&task, place));
                assert_eq!(owners.count(), 1);
            }
        }
    }

    #[test]
    fn shards_are_written_as_a_fraction_that_counts_from_one() {
        assert_eq!("2/8".parse(), Ok(Shard { index: 2, of: 8 }));
        assert_eq!(Shard { index: 2, of: 8 }.to_string(), "2/8");
        for text in ["", "2", "0/3", "4/3", "1/0", "-1/3", "a/b", "1/2/3"] {
            let error = text.parse::<Shard>().unwrap_err();
            assert!(error.to_string().contains("1 ≤ I ≤ N"), "{error}");
        }
    }
}
