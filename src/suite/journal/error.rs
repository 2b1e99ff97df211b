//! What can be wrong with a journal.

use super::frame::{FORMAT, MAX_RECORD};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a caller does not accept an entry.
pub type Refusal = Box<dyn std::error::Error + Send + Sync>;

/// Why a journal cannot be made, continued or read.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Something has the name of the new journal.
    #[error("{} already exists and is not replaced", path.display())]
    Exists {
        /// The name.
        path: PathBuf,
    },
    /// Another process has it open, or another part of this one.
    #[error("another run is using {}", path.display())]
    Locked {
        /// The journal.
        path: PathBuf,
    },
    /// The file system has no locks, or none today.
    #[error("cannot lock {}, so another run could use it at the same time: {reason}", path.display())]
    NotLocked {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// Its folder is missing, cannot be written in, or the disk is full.
    #[error("cannot make {}: {reason}", path.display())]
    NotMade {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// It is missing, or reading is not allowed or fails; to continue it, also when writing is not
    /// allowed.
    #[error("cannot open {}: {reason}", path.display())]
    NotRead {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A folder or a device.
    #[error("{} is not a file", path.display())]
    NotAFile {
        /// Its name.
        path: PathBuf,
    },
    /// A record cannot be written, e.g. because the disk is full.
    #[error("cannot write {}: {reason}; the finished units in it are kept", path.display())]
    NotWritten {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// The disk does not confirm what was written.
    #[error(
        "cannot sync {}: {reason}; the units finished in the last seconds may not be on the disk",
        path.display()
    )]
    NotSynced {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A record beyond all reason.
    #[error(
        "a record of {length} bytes for {}; more than {MAX_RECORD} is refused",
        path.display()
    )]
    TooLong {
        /// The journal.
        path: PathBuf,
        /// The length of the payload.
        length: usize,
    },
    /// Its bytes are not those that were written.
    #[error("{} is damaged at byte {position}: {what}", path.display())]
    Corrupt {
        /// The journal.
        path: PathBuf,
        /// Where the record begins, or 0.
        position: u64,
        /// What does not check.
        what: Damage,
    },
    /// The entry is sound, and the caller cannot use it.
    #[error("cannot use the record at byte {position} of {}: {reason}", path.display())]
    Refused {
        /// The journal.
        path: PathBuf,
        /// Where the record begins.
        position: u64,
        /// What the caller says.
        reason: Refusal,
    },
}

/// What does not check in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Damage {
    /// The file is empty or was cut short. [`super::Journal::create`] leaves no such file.
    #[error("the file has {size} bytes and ends before the name of its run does")]
    Headless {
        /// The size of the file.
        size: u64,
    },
    /// Some other kind of file, or its first bytes were changed.
    #[error("it does not begin as a journal does")]
    NotAJournal,
    /// Of an earlier or later version of the crate, or changed.
    #[error("its format is {found}; this version reads {FORMAT}")]
    OtherFormat {
        /// The number of the format.
        found: u8,
    },
    /// The length was changed, or the record is not where, or in the run for which, it was written.
    #[error("the checksum of the record's length and place does not match")]
    Head,
    /// The payload was changed.
    #[error("the checksum of the record does not match")]
    Payload,
    /// No journal has such a record, and yet its checksum is right.
    #[error("its record is said to have {length} bytes; more than {MAX_RECORD} is refused")]
    Length {
        /// The length in the record's head.
        length: u32,
    },
}
