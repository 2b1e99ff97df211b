//! `rmt-verify merge`.

use super::args::MergeArgs;
use super::interrupt::Interrupt;
use super::output::folder;
use super::progress::Bar;
use super::verify::{show, timings, warn_of_mixed};
use super::{Found, Misuse};
use rmt_verify::claims::registry;
use rmt_verify::ledger::Ledger;
use rmt_verify::report::{Folder, Timings};
use rmt_verify::suite::{Outcome, Run, SuiteError, journal_of, together};
use std::path::Path;
use std::time::Instant;

pub fn run(args: &MergeArgs) -> Result<Found, Misuse> {
    if args.folders.iter().all(|folder| is_finished(folder)) {
        return finished(args);
    }
    let interrupt = Interrupt::watch()?;
    let run = Run::merged(&args.folders, &registry()).map_err(Misuse::new)?;
    warn_of_mixed(&run);
    let out = folder(Some(&args.out))?.expect("a folder was named");
    run.copied_to(out.path()).map_err(Misuse::new)?;
    let (known, plant) = (run.known(), run.settings().plant.clone());

    let started = Instant::now();
    let bar = Bar::until(&interrupt);
    let outcome = run.execute(&bar);
    bar.finish();
    match outcome {
        Ok(outcome) => {
            let timings = timings(&outcome, Some(1), started);
            show(&outcome, Some(&out), &timings, plant, false)
        }
        Err(SuiteError::Missing { units }) => Err(Misuse::new(format!(
            "{known} units are merged, {units} are missing (shards that did not end, or a further look): \
             `rmt-verify verify --resume {}` computes them, with --shard I/N --out DIR a part of them",
            out.path().display()
        ))),
        Err(error) => Err(Misuse::new(error)),
    }
}

fn is_finished(folder: &Path) -> bool {
    !journal_of(folder).exists() && folder.join("ledger.json").exists()
}

/// Runs of different claims that are judged already.
fn finished(args: &MergeArgs) -> Result<Found, Misuse> {
    let (mut parts, mut all) = (vec![], vec![]);
    for path in &args.folders {
        let ledger = Ledger::read(&path.join("ledger.json")).map_err(Misuse::new)?;
        parts.push((path.clone(), ledger));
        all.extend(Timings::read(path).map_err(Misuse::new)?);
    }
    let ledger = together(parts, &registry()).map_err(Misuse::new)?;
    let timings = Timings::one_after_another(&all, &ledger);
    let out = Folder::open(&args.out).map_err(Misuse::new)?;
    let outcome = Outcome::of_ledger(ledger);
    show(&outcome, Some(&out), &timings, None, false)
}
