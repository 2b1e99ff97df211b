//! The report.

mod folder;
mod timings;

pub use folder::{Folder, FolderError};
pub use timings::{ClaimTiming, Timings};
pub fn html(_: &crate::ledger::Ledger, _: &[crate::claim::Statement], _: Option<&Timings>) -> String { String::new() }
