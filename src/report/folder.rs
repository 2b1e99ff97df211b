//! The folder that a run leaves behind. Files appear whole or not at all.

use super::Timings;
use crate::ledger::{ClaimRecord, Ledger};
use crate::table::cells_csv;
use std::io::{Error, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use thiserror::Error;

/// Why a folder cannot be used.
#[derive(Debug, Error)]
pub enum FolderError {
    /// It does not exist and cannot be made.
    #[error("cannot make the folder {}: {reason}", path.display())]
    NotMade {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: Error,
    },
    /// A file cannot be written in it.
    #[error("cannot write in the folder {}: {reason}", path.display())]
    NotWritable {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: Error,
    },
}

/// A folder in which files can be written, tried out when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder if need be and proves that files can be written in it, so that a long run
    /// does not end with nowhere to put its result.
    ///
    /// # Errors
    /// When the folder cannot be made or written in.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        std::fs::create_dir_all(path).map_err(|reason| FolderError::NotMade {
            path: path.to_owned(),
            reason,
        })?;
        let folder = Self {
            path: path.to_owned(),
        };
        folder.temporary()?;
        Ok(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file under a temporary name and renames it, so that a reader (or an interrupted
    /// run) never meets half of it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, name: &str, content: &str) -> Result<(), FolderError> {
        let mut file = self.temporary()?;
        file.write_all(content.as_bytes())
            .and_then(|()| file.flush())
            .map_err(|reason| self.not_writable(reason))?;
        file.persist(self.path.join(name))
            .map_err(|failure| self.not_writable(failure.error))?;
        Ok(())
    }

    /// Writes `ledger.json`, `timings.json` and one CSV a claim; the report is made from these.
    ///
    /// # Errors
    /// When a file cannot be written.
    ///
    /// # Panics
    /// Never: timings have a JSON form.
    pub fn write_run(&self, ledger: &Ledger, timings: &Timings) -> Result<(), FolderError> {
        self.write("ledger.json", &ledger.to_json())?;
        let mut json = serde_json::to_string_pretty(timings).expect("timings are plain fields");
        json.push('\n');
        self.write(Timings::FILE, &json)?;
        for claim in &ledger.claims {
            self.write(&csv_name(claim), &cells_csv(claim))?;
        }
        Ok(())
    }

    /// The temporary file is removed again when it is dropped unrenamed.
    fn temporary(&self) -> Result<NamedTempFile, FolderError> {
        let builder = &mut tempfile::Builder::new();
        // Renaming keeps the mode of the temporary file, which is private by default.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder
            .prefix(".rmt-verify-")
            .tempfile_in(&self.path)
            .map_err(|reason| self.not_writable(reason))
    }

    fn not_writable(&self, reason: Error) -> FolderError {
        FolderError::NotWritable {
            path: self.path.clone(),
            reason,
        }
    }
}

/// The file name of a claim's cells: its id with the slashes turned into dashes.
#[must_use]
pub fn csv_name(claim: &ClaimRecord) -> String {
    let stem: String = claim
        .id
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
            _ => '-',
        })
        .collect();
    format!("{stem}.csv")
}
