//! Appending, and what is done when the disk refuses.

use super::error::JournalError;
use super::frame;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// At most one append in this time waits for the disk.
const PAUSE: Duration = Duration::from_secs(5);

/// What a journal is written to: a file, or in tests one that fills up.
pub(super) trait Storage: Write {
    /// Forgets what comes after `size` bytes and continues there.
    fn cut(&mut self, size: u64) -> io::Result<()>;

    /// Waits until the bytes are on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

impl Storage for File {
    fn cut(&mut self, size: u64) -> io::Result<()> {
        self.set_len(size)?;
        self.seek(SeekFrom::Start(size)).map(|_| ())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// The end of a journal.
#[derive(Debug)]
pub(super) struct Writer<S> {
    storage: S,
    path: PathBuf,
    seed: u32,
    /// Where the last whole record ends.
    end: u64,
    /// There may be bytes of a failed write after it.
    torn: bool,
    synced: Instant,
    pause: Duration,
}

impl<S: Storage> Writer<S> {
    /// Continues at `end`, where the storage stands.
    pub(super) fn new(storage: S, path: &Path, seed: u32, end: u64) -> Self {
        Self {
            storage,
            path: path.to_owned(),
            seed,
            end,
            torn: false,
            synced: Instant::now(),
            pause: PAUSE,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn append(&mut self, payload: &[u8]) -> Result<(), JournalError> {
        let Some(record) = frame::record(self.seed, self.end, payload) else {
            return Err(JournalError::TooLong {
                path: self.path.clone(),
                length: payload.len(),
            });
        };
        self.mend().map_err(|reason| self.not_written(reason))?;
        let written = self
            .storage
            .write_all(&record)
            .map_err(|reason| self.not_written(reason))
            .and_then(|()| self.sync_if_due());
        if let Err(failure) = written {
            self.torn = true;
            // If this fails as well, the next append does it, or the next run drops the record.
            let _ = self.mend();
            return Err(failure);
        }
        self.end += record.len() as u64;
        Ok(())
    }

    pub(super) fn sync(&mut self) -> Result<(), JournalError> {
        self.storage
            .sync()
            .map_err(|reason| JournalError::NotSynced {
                path: self.path.clone(),
                reason,
            })?;
        self.synced = Instant::now();
        Ok(())
    }

    fn sync_if_due(&mut self) -> Result<(), JournalError> {
        if self.synced.elapsed() < self.pause {
            return Ok(());
        }
        self.sync()
    }

    /// Cuts off what a failed write has left.
    fn mend(&mut self) -> io::Result<()> {
        if self.torn {
            self.storage.cut(self.end)?;
            self.torn = false;
        }
        Ok(())
    }

    fn not_written(&self, reason: io::Error) -> JournalError {
        JournalError::NotWritten {
            path: self.path.clone(),
            reason,
        }
    }
}

#[cfg(test)]
mod tests;
