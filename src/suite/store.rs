//! What a run keeps on disk while it goes on.

use super::journal::{Entry, Journal, JournalError, Refusal};
use super::plans::Planned;
use super::task::{Done, Shard, Task};
use super::{Settings, SuiteError, lock};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Name of the journal in a run's folder.
const JOURNAL: &str = "journal";

/// Where the journal of a run is kept.
#[must_use]
pub fn journal_of(folder: &Path) -> PathBuf {
    folder.join(JOURNAL)
}

/// What a journal belongs to: no other run may add to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub version: String,
    pub tier: String,
    pub epoch: u64,
    pub plant: Option<String>,
    /// Ids of the claims, in the order in which tasks count them.
    pub claims: Vec<String>,
    pub shard: Option<Shard>,
}

impl Identity {
    pub fn new(settings: &Settings, claims: Vec<String>, shard: Option<Shard>) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            tier: settings.tier.name().into(),
            epoch: settings.epoch,
            plant: settings.plant.clone(),
            claims,
            shard,
        }
    }

    /// Whether both are of one run, whichever their shards.
    pub fn is_part_of(&self, other: &Self) -> bool {
        let all = |shard| Self {
            shard,
            ..self.clone()
        };
        all(other.shard) == *other
    }
}

/// A record of the journal.
#[derive(Debug, Serialize, Deserialize)]
enum Record<'a> {
    /// A session began, on a processor with these vector instructions.
    Session(String),
    /// The digest of a claim's plan.
    Plan(usize, [u8; 32]),
    /// A finished task.
    Done(Cow<'a, Done>),
    /// What the journal in this folder holds is known here as well.
    Continues(PathBuf),
}

/// What the records of one or more journals say.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub known: HashMap<Task, Done>,
    pub digests: HashMap<usize, [u8; 32]>,
    pub instructions: BTreeSet<String>,
    /// Folder of the run that a shard is a part of the rest of.
    pub continues: Option<PathBuf>,
}

impl Kept {
    fn add(&mut self, payload: &[u8]) -> Result<(), Refusal> {
        let record = postcard::from_bytes(payload)?;
        match record {
            Record::Session(instructions) => {
                self.instructions.insert(instructions);
            }
            Record::Plan(claim, digest) => {
                if *self.digests.entry(claim).or_insert(digest) != digest {
                    return Err(format!("claim {} has another plan there", claim + 1).into());
                }
            }
            Record::Done(done) => {
                self.known.insert(done.task, done.into_owned());
            }
            Record::Continues(folder) => self.continues = Some(folder),
        }
        Ok(())
    }
}

/// Vector instructions that are used here. Eigenvalues differ by their last bits between them.
pub(super) fn instructions() -> String {
    format!("{:?}", pulp::Arch::new())
        .split('(')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The journal of a run, if it keeps one, and the plans it has agreed on.
#[derive(Debug, Default)]
pub(super) struct Store {
    journal: Option<Mutex<Journal>>,
    digests: Mutex<HashMap<usize, [u8; 32]>>,
}

impl Store {
    /// A new journal in a folder.
    pub fn create(folder: &Path, identity: &Identity) -> Result<Self, SuiteError> {
        let identity = serde_json::to_vec(identity).expect("an identity is plain fields");
        let journal =
            Journal::create(&journal_of(folder), &identity).map_err(|error| match error {
                JournalError::Exists { .. } => SuiteError::Unfinished {
                    folder: folder.to_owned(),
                },
                error => error.into(),
            })?;
        Self::begin(journal, HashMap::new())
    }

    /// The journal of an earlier run, with what it holds.
    pub fn open(folder: &Path) -> Result<(Self, Identity, Kept), SuiteError> {
        let mut kept = Kept::default();
        let mut identity = None;
        let (journal, _) = Journal::open_with(&path_in(folder)?, |entry| {
            take(entry, &mut identity, &mut kept)
        })?;
        let store = Self::begin(journal, kept.digests.clone())?;
        Ok((store, identity.expect("a journal has one"), kept))
    }

    /// What a journal holds that is left alone.
    pub fn read(folder: &Path, kept: &mut Kept) -> Result<Identity, SuiteError> {
        let mut identity = None;
        Journal::read_with(&path_in(folder)?, |entry| take(entry, &mut identity, kept))?;
        Ok(identity.expect("a journal has one"))
    }

    fn begin(journal: Journal, digests: HashMap<usize, [u8; 32]>) -> Result<Self, SuiteError> {
        let store = Self {
            journal: Some(Mutex::new(journal)),
            digests: Mutex::new(digests),
        };
        store.append(&Record::Session(instructions()))?;
        Ok(store)
    }

    /// Keeps which run this one continues, if it does.
    pub fn continue_from(&self, folder: Option<&Path>) -> Result<(), SuiteError> {
        folder.map_or(Ok(()), |folder| {
            self.append(&Record::Continues(folder.to_owned()))
        })
    }

    /// Plans that were known before without being kept here.
    pub fn with_digests(mut self, digests: &HashMap<usize, [u8; 32]>) -> Self {
        self.digests = Mutex::new(digests.clone());
        self
    }

    /// That a claim's plan is the one that earlier results were drawn by.
    pub fn agree(&self, claim: usize, planned: &Planned) -> Result<(), SuiteError> {
        let mut digests = lock(&self.digests);
        if self.journal.is_none() && digests.is_empty() {
            return Ok(());
        }
        let digest = planned.digest();
        match digests.insert(claim, digest) {
            Some(before) if before != digest => Err(SuiteError::OtherPlan {
                claim: planned.claim.statement.id.into(),
            }),
            Some(_) => Ok(()),
            None => self.append(&Record::Plan(claim, digest)),
        }
    }

    /// Keeps a finished task.
    pub fn keep(&self, done: &Done) -> Result<(), SuiteError> {
        self.append(&Record::Done(Cow::Borrowed(done)))
    }

    fn append(&self, record: &Record<'_>) -> Result<(), SuiteError> {
        if let Some(journal) = &self.journal {
            let bytes = postcard::to_stdvec(record).expect("records are plain fields");
            lock(journal).append(&bytes)?;
        }
        Ok(())
    }

    /// Keeps what other journals held.
    pub fn copy(&self, kept: &Kept) -> Result<(), SuiteError> {
        for instructions in &kept.instructions {
            self.append(&Record::Session(instructions.clone()))?;
        }
        for (&claim, &digest) in &kept.digests {
            self.append(&Record::Plan(claim, digest))?;
        }
        for done in kept.known.values() {
            self.keep(done)?;
        }
        self.finish()
    }

    /// All of it is on the disk.
    pub fn finish(&self) -> Result<(), SuiteError> {
        if let Some(journal) = &self.journal {
            lock(journal).sync()?;
        }
        Ok(())
    }
}

fn path_in(folder: &Path) -> Result<PathBuf, SuiteError> {
    let path = journal_of(folder);
    if path.exists() {
        return Ok(path);
    }
    Err(SuiteError::NothingToResume {
        folder: folder.to_owned(),
        complete: folder.join("ledger.json").exists(),
    })
}

/// An entry of a journal among what is kept.
fn take(entry: Entry<'_>, identity: &mut Option<Identity>, kept: &mut Kept) -> Result<(), Refusal> {
    match entry {
        Entry::Identity(bytes) => *identity = Some(serde_json::from_slice(bytes)?),
        Entry::Record(bytes) => kept.add(bytes)?,
    }
    Ok(())
}
