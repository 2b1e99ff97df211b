//! The journal of a long run: an append-only file of finished units, each under its checksum.
//!
//! # Format
//! Numbers are little endian.
//!
//! | part     | bytes                                                                      |
//! |----------|----------------------------------------------------------------------------|
//! | magic    | `rmt-jnl`, then the number of the format, one byte                         |
//! | identity | the first record: what the run computes, so that no other run is continued |
//! | records  | any number                                                                 |
//!
//! | part of a record | bytes | value                                        |
//! |------------------|-------|----------------------------------------------|
//! | length           | 4     | L, at most [`MAX_RECORD`]                    |
//! | head checksum    | 4     | CRC-32 of seed ‖ position ‖ length           |
//! | payload checksum | 4     | CRC-32 of seed ‖ position ‖ length ‖ payload |
//! | payload          | L     | opaque                                       |
//!
//! The position (8 bytes) is where the record begins in the file, and the seed (4 bytes) is the
//! CRC-32 of the identity; it is 0 for the identity itself. So a record that was moved, repeated or
//! copied from another run does not check.
//!
//! # Damage
//! A process that dies while it appends leaves a beginning of its last record. Such a torn tail is
//! known by the head, whose checksum is right, and by the end of the file, which comes too early;
//! it is dropped. A flipped bit in a length fails the head's checksum, hence cannot pass for a torn
//! record and silently drop what follows. All else that does not check is refused with its
//! position, and then the file is left as it was found.

mod error;
mod frame;
mod scan;
mod writer;

pub use error::{Damage, JournalError, Refusal};
pub use frame::MAX_RECORD;
pub use scan::{Entry, Scan};

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use writer::{Storage, Writer};

/// An open journal. The file is locked as long as this lives; the system takes the lock away when
/// the process ends, however it ends.
#[derive(Debug)]
pub struct Journal {
    writer: Writer<File>,
}

/// What a journal holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Opened {
    /// What it was created with.
    pub identity: Vec<u8>,
    /// The payloads, in the order in which they were appended.
    pub records: Vec<Vec<u8>>,
    /// Bytes of a torn last record.
    pub dropped: u64,
}

impl Journal {
    /// Makes a journal without records. It appears whole or not at all, and replaces nothing.
    ///
    /// # Errors
    /// [`JournalError::Exists`] when something has that name; when the folder cannot be written in
    /// or the file cannot be locked; when the identity is longer than [`MAX_RECORD`].
    pub fn create(path: &Path, identity: &[u8]) -> Result<Self, JournalError> {
        let not_made = |reason| JournalError::NotMade {
            path: path.to_owned(),
            reason,
        };
        let header = frame::header(identity).ok_or_else(|| JournalError::TooLong {
            path: path.to_owned(),
            length: identity.len(),
        })?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };

        let mut file = temporary(folder).map_err(not_made)?;
        // Before it has its name: there is no moment at which another run could take it.
        lock(file.as_file(), path)?;
        file.write_all(&header)
            .and_then(|()| file.as_file().sync_all())
            .map_err(not_made)?;
        let file = file.persist_noclobber(path).map_err(|failure| {
            if failure.error.kind() == io::ErrorKind::AlreadyExists {
                JournalError::Exists {
                    path: path.to_owned(),
                }
            } else {
                not_made(failure.error)
            }
        })?;
        sync_folder(folder);

        let end = header.len() as u64;
        Ok(Self {
            writer: Writer::new(file, path, frame::seed(identity), end),
        })
    }

    /// Opens a journal to continue it: cuts a torn last record off and hands out the rest.
    ///
    /// # Errors
    /// As [`Journal::open_with`].
    pub fn open(path: &Path) -> Result<(Self, Opened), JournalError> {
        let mut held = Collected::default();
        let (journal, scan) = Self::open_with(path, |entry| {
            held.add(entry);
            Ok(())
        })?;
        Ok((journal, held.opened(scan)))
    }

    /// Opens a journal to continue it and shows each entry to `accept`, one at a time, so that no
    /// more than one is in memory. A torn last record is cut off after all others were accepted.
    ///
    /// # Errors
    /// [`JournalError::Locked`] while another run uses it, [`JournalError::Corrupt`] when it is
    /// damaged, [`JournalError::Refused`] when `accept` refuses an entry; when it cannot be read,
    /// locked or cut. Of these, only a failing disk can have changed the file.
    pub fn open_with(
        path: &Path,
        accept: impl FnMut(Entry<'_>) -> Result<(), Refusal>,
    ) -> Result<(Self, Scan), JournalError> {
        let mut file = open_locked(path)?;
        let scan = scan_file(&file, path, accept)?;
        let placed = if scan.dropped > 0 {
            file.cut(scan.end).and_then(|()| file.sync_all())
        } else {
            file.seek(SeekFrom::Start(scan.end)).map(|_| ())
        };
        placed.map_err(|reason| JournalError::NotWritten {
            path: path.to_owned(),
            reason,
        })?;
        let writer = Writer::new(file, path, scan.seed, scan.end);
        Ok((Self { writer }, scan))
    }

    /// Reads a journal and leaves it alone: nothing is locked and nothing is cut. Of a journal in
    /// use it gives the records that were whole at that moment.
    ///
    /// # Errors
    /// As [`Journal::read_with`].
    pub fn read(path: &Path) -> Result<Opened, JournalError> {
        let mut held = Collected::default();
        let scan = Self::read_with(path, |entry| {
            held.add(entry);
            Ok(())
        })?;
        Ok(held.opened(scan))
    }

    /// [`Journal::read`], one entry at a time.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] when it is damaged, [`JournalError::Refused`] when `accept`
    /// refuses an entry; when it cannot be read.
    pub fn read_with(
        path: &Path,
        accept: impl FnMut(Entry<'_>) -> Result<(), Refusal>,
    ) -> Result<Scan, JournalError> {
        let file = open_file(path, OpenOptions::new().read(true))?;
        scan_file(&file, path, accept)
    }

    /// Appends a record in one write. Once this returns, the death of the process loses nothing;
    /// the loss of power loses at most the records of the last five seconds in which some were
    /// appended, for no more than one append in five seconds waits for the disk.
    ///
    /// # Errors
    /// When the payload is longer than [`MAX_RECORD`] or the system refuses, e.g. because the disk
    /// is full. The record is then cut off again and the earlier ones stay; the journal can be
    /// used further and the call repeated. When the disk refuses even the cut, the next call
    /// tries it again first, and opening the journal drops the torn record. Only a record that was
    /// written and could then neither be synced nor cut may still be found.
    pub fn append(&mut self, payload: &[u8]) -> Result<(), JournalError> {
        self.writer.append(payload)
    }

    /// Waits until all records are on the disk. For the end of a run and for its interruption.
    ///
    /// # Errors
    /// [`JournalError::NotSynced`] when the system refuses.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.writer.sync()
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.writer.path()
    }
}

/// The entries of a journal that is small enough to be held.
#[derive(Default)]
struct Collected {
    identity: Vec<u8>,
    records: Vec<Vec<u8>>,
}

impl Collected {
    fn add(&mut self, entry: Entry<'_>) {
        match entry {
            Entry::Identity(identity) => self.identity = identity.to_vec(),
            Entry::Record(payload) => self.records.push(payload.to_vec()),
        }
    }

    fn opened(self, scan: Scan) -> Opened {
        Opened {
            identity: self.identity,
            records: self.records,
            dropped: scan.dropped,
        }
    }
}

/// The file that has the name `path` once the lock is held.
fn open_locked(path: &Path) -> Result<File, JournalError> {
    loop {
        let file = open_file(path, OpenOptions::new().read(true).write(true))?;
        lock(&file, path)?;
        // Between opening and locking, another file may have got the name.
        if has_name(&file, path).map_err(|reason| not_read(path, reason))? {
            return Ok(file);
        }
    }
}

fn open_file(path: &Path, options: &OpenOptions) -> Result<File, JournalError> {
    // Asked before opening, which waits for a writer if this is a pipe.
    let metadata = std::fs::metadata(path).map_err(|reason| not_read(path, reason))?;
    if !metadata.is_file() {
        return Err(JournalError::NotAFile {
            path: path.to_owned(),
        });
    }
    options.open(path).map_err(|reason| not_read(path, reason))
}

fn scan_file(
    file: &File,
    path: &Path,
    accept: impl FnMut(Entry<'_>) -> Result<(), Refusal>,
) -> Result<Scan, JournalError> {
    let metadata = file.metadata().map_err(|reason| not_read(path, reason))?;
    scan::scan(io::BufReader::new(file), metadata.len(), path, accept)
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    file.try_lock().map_err(|failure| match failure {
        TryLockError::WouldBlock => JournalError::Locked {
            path: path.to_owned(),
        },
        TryLockError::Error(reason) => JournalError::NotLocked {
            path: path.to_owned(),
            reason,
        },
    })
}

#[cfg(unix)]
fn has_name(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (open, named) = (file.metadata()?, std::fs::metadata(path)?);
    Ok((open.dev(), open.ino()) == (named.dev(), named.ino()))
}

/// The standard library cannot tell files apart on other systems.
#[cfg(not(unix))]
fn has_name(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Removed again when it is dropped unrenamed.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let builder = &mut tempfile::Builder::new();
    // Renaming keeps the mode of the temporary file, which is private by default.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".rmt-verify-").tempfile_in(folder)
}

/// Puts the new name on the disk, too. Some file systems cannot sync a folder; what they may lose
/// with the power is a journal without records.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

fn not_read(path: &Path, reason: io::Error) -> JournalError {
    JournalError::NotRead {
        path: PathBuf::from(path),
        reason,
    }
}

#[cfg(test)]
mod tests;
