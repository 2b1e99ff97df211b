//! `rmt-verify report`.

use super::args::ReportArgs;
use super::output::print;
use super::{Found, Misuse};
use rmt_verify::claims::registry;
use rmt_verify::ledger::Ledger;
use rmt_verify::report::{Folder, Timings, html};

pub fn run(args: &ReportArgs) -> Result<Found, Misuse> {
    let ledger = Ledger::read(&args.folder.join("ledger.json")).map_err(Misuse::new)?;
    let folder = Folder::open(&args.folder).map_err(Misuse::new)?;
    let timings = Timings::read(folder.path()).map_err(Misuse::new)?;
    write(&folder, &ledger, timings.as_ref())?;
    print(&format!("{}\n", args.folder.join("report.html").display()))?;
    Ok(Found::AllConfirmed)
}

/// Renders a ledger with the statements of this version of the crate.
pub fn write(folder: &Folder, ledger: &Ledger, timings: Option<&Timings>) -> Result<(), Misuse> {
    let statements: Vec<_> = registry().iter().map(|claim| claim.statement).collect();
    let page = html(ledger, &statements, timings);
    folder.write("report.html", &page).map_err(Misuse::new)
}
