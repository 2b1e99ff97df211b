//! Standard output.

use super::Misuse;
use rmt_verify::report::Folder;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// The folder for the result, opened before the work, which may take hours, and not after it.
pub fn folder(out: Option<&Path>) -> Result<Option<Folder>, Misuse> {
    out.map(Folder::open).transpose().map_err(Misuse::new)
}

/// Prints text as it is. A reader that closed the pipe (`| head`) has what it wanted.
pub fn print(text: &str) -> Result<(), Misuse> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(reason) if reason.kind() != ErrorKind::BrokenPipe => Err(Misuse::new(format!(
            "cannot write to standard output: {reason}"
        ))),
        _ => Ok(()),
    }
}

/// Prints a value as indented JSON.
pub fn print_json(value: &impl serde::Serialize) -> Result<(), Misuse> {
    let mut text = serde_json::to_string_pretty(value).map_err(Misuse::new)?;
    text.push('\n');
    print(&text)
}
