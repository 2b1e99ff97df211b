//! Reading a journal from its first byte to its last, one entry in memory at a time.

use super::error::{Damage, JournalError, Refusal};
use super::frame::{self, FORMAT, HEAD, IDENTITY, MAGIC, MAX_RECORD, NO_SEED};
use std::io::Read;
use std::path::Path;

/// One entry of a journal. The identity comes first, and it comes once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// What the journal was created with.
    Identity(&'a [u8]),
    /// The payload of a record.
    Record(&'a [u8]),
}

/// What was found on the way through a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// How many whole records there are, the identity not counted.
    pub records: u64,
    /// Where the last whole record ends.
    pub end: u64,
    /// Bytes after it, of a torn record.
    pub dropped: u64,
    pub(super) seed: u32,
}

/// Shows the entries in the first `size` bytes of the source to `accept`, in order.
pub(super) fn scan(
    source: impl Read,
    size: u64,
    path: &Path,
    mut accept: impl FnMut(Entry<'_>) -> Result<(), Refusal>,
) -> Result<Scan, JournalError> {
    let mut walk = Walk {
        source,
        size,
        position: 0,
        path,
        payload: Vec::new(),
    };
    let mut show = |position, entry: Entry<'_>| {
        accept(entry).map_err(|reason| JournalError::Refused {
            path: path.to_owned(),
            position,
            reason,
        })
    };

    walk.magic()?;
    if !walk.record(NO_SEED)? {
        return Err(walk.corrupt(0, Damage::Headless { size }));
    }
    show(IDENTITY, Entry::Identity(&walk.payload))?;

    let seed = frame::seed(&walk.payload);
    let (mut records, mut end) = (0, walk.position);
    while end < size && walk.record(seed)? {
        show(end, Entry::Record(&walk.payload))?;
        records += 1;
        end = walk.position;
    }
    Ok(Scan {
        records,
        end,
        dropped: size - end,
        seed,
    })
}

/// A place in a journal.
struct Walk<'a, R> {
    source: R,
    size: u64,
    position: u64,
    path: &'a Path,
    payload: Vec<u8>,
}

impl<R: Read> Walk<'_, R> {
    /// Goes over the magic and the number of the format.
    fn magic(&mut self) -> Result<(), JournalError> {
        if self.size < IDENTITY {
            return Err(self.corrupt(0, Damage::Headless { size: self.size }));
        }
        let mut magic = [0; MAGIC.len()];
        let mut format = [0];
        self.fill(&mut magic)?;
        self.fill(&mut format)?;
        match (&magic, format) {
            (MAGIC, [FORMAT]) => Ok(()),
            (MAGIC, [found]) => Err(self.corrupt(0, Damage::OtherFormat { found })),
            _ => Err(self.corrupt(0, Damage::NotAJournal)),
        }
    }

    /// Goes over a record and holds its payload; false when the file ends inside it.
    fn record(&mut self, seed: u32) -> Result<bool, JournalError> {
        let start = self.position;
        let left = self.size - start;
        if left < 8 {
            return Ok(false);
        }
        // These eight bytes check by themselves, so a torn head is believed no further than it goes.
        let length = self.number()?;
        if self.number()? != frame::head_checksum(seed, start, length) {
            return Err(self.corrupt(start, Damage::Head));
        }
        if length as usize > MAX_RECORD {
            return Err(self.corrupt(start, Damage::Length { length }));
        }
        // Before anything of that length is allocated.
        if left < HEAD as u64 + u64::from(length) {
            return Ok(false);
        }
        let checksum = self.number()?;
        let mut payload = std::mem::take(&mut self.payload);
        payload.resize(length as usize, 0);
        self.fill(&mut payload)?;
        self.payload = payload;
        if checksum != frame::payload_checksum(seed, start, &self.payload) {
            return Err(self.corrupt(start, Damage::Payload));
        }
        Ok(true)
    }

    fn number(&mut self) -> Result<u32, JournalError> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), JournalError> {
        self.source
            .read_exact(bytes)
            .map_err(|reason| super::not_read(self.path, reason))?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn corrupt(&self, position: u64, what: Damage) -> JournalError {
        JournalError::Corrupt {
            path: self.path.to_owned(),
            position,
            what,
        }
    }
}
