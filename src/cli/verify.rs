//! `rmt-verify verify`.

use super::args::VerifyArgs;
use super::interrupt::Interrupt;
use super::output::{folder, print};
use super::processes::Processes;
use super::progress::Bar;
use super::{Found, Misuse, report};
use rmt_verify::claims::{Claim, registry};
use rmt_verify::design::Tier;
use rmt_verify::report::{ClaimTiming, Folder, Timings};
use rmt_verify::suite::{
    ClaimCost, Failure, Outcome, Run, Settings, Shard, Suite, SuiteError, journal_of,
};
use rmt_verify::table::{detail_table, summary, verdict_table};
use std::path::Path;
use std::time::Instant;

/// Name of the file that `--plan --out` writes.
pub const PLAN: &str = "plan.json";

pub fn run(args: &VerifyArgs) -> Result<Found, Misuse> {
    let Some(processes) = Processes::join(args.jobs)? else {
        return Ok(Found::AllConfirmed);
    };
    let found = lead(args, &processes);
    processes.leave(found)
}

fn lead(args: &VerifyArgs, processes: &Processes) -> Result<Found, Misuse> {
    let interrupt = Interrupt::watch()?;
    let (run, folder) = prepare(args)?;
    let shard = run.shard();
    let whole = run.continues().map(Path::to_owned);
    let plant = run.settings().plant.clone();
    warn_of_mixed(&run);

    let started = Instant::now();
    let bar = Bar::until(&interrupt);
    let outcome = processes.execute(run, &bar);
    bar.finish();
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(SuiteError::Cancelled) => return Ok(interrupted(folder.as_ref())),
        Err(error) => return Err(Misuse::new(error)),
    };
    if let (Some(shard), Some(folder)) = (shard, &folder) {
        return shard_done(shard, folder, whole.as_deref());
    }
    let timings = timings(&outcome, processes.jobs(args.jobs), started);
    show(&outcome, folder.as_ref(), &timings, plant, args.verbose)
}

/// The run that is asked for, and its folder.
fn prepare(args: &VerifyArgs) -> Result<(Run, Option<Folder>), Misuse> {
    if let Some(path) = &args.resume {
        let (run, folder) = resumed(path, args)?;
        eprintln!(
            "{} finished units of earlier sessions are kept",
            run.known()
        );
        let run = run.on(args.jobs).map_err(Misuse::new)?;
        return Ok((ordered(run, &folder)?, Some(folder)));
    }
    let mut run = Run::new(selected(args)?, settings(args)?).map_err(Misuse::new)?;
    if let Some(shard) = args.shard {
        run = run.sharded(shard);
    }
    let folder = folder(args.out.as_deref())?;
    if let Some(folder) = &folder {
        run = run.kept_in(folder.path()).map_err(Misuse::new)?;
        run = ordered(run, folder)?;
    }
    Ok((run, folder))
}

/// The run of a folder, or a shard of what it needs.
fn resumed(path: &Path, args: &VerifyArgs) -> Result<(Run, Folder), Misuse> {
    match (args.shard, &args.out) {
        (Some(shard), Some(out)) => {
            let run = Run::shard_of(path, shard, &registry()).map_err(Misuse::new)?;
            let folder = Folder::open(out).map_err(Misuse::new)?;
            let run = run.kept_in(folder.path()).map_err(Misuse::new)?;
            Ok((run, folder))
        }
        (None, Some(_)) => Err(Misuse::new(
            "--resume writes to the folder of the run: --out goes with --shard",
        )),
        _ => {
            let run = Run::resumed(path, &registry()).map_err(Misuse::new)?;
            let folder = Folder::open(path).map_err(Misuse::new)?;
            Ok((run, folder))
        }
    }
}

/// In an order that keeps many processes busy, if `--plan` left the costs in the folder.
fn ordered(run: Run, folder: &Folder) -> Result<Run, Misuse> {
    let path = folder.path().join(PLAN);
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Ok(run);
    };
    let costs: Vec<ClaimCost> = serde_json::from_str(&text)
        .map_err(|reason| Misuse::new(format!("cannot read {}: {reason}", path.display())))?;
    Ok(run.costliest_first(&costs))
}

/// The claims that are asked for.
pub fn selected(args: &VerifyArgs) -> Result<Vec<Claim>, Misuse> {
    Suite::select(&registry(), &args.claims)
        .map_err(|error| Misuse::new(format!("{error} (`rmt-verify claims` lists them)")))
}

/// How they are to be run.
pub fn settings(args: &VerifyArgs) -> Result<Settings, Misuse> {
    Ok(Settings {
        tier: match args.tier {
            Some(tier) => tier,
            None => Tier::from_environment()
                .map_err(|error| Misuse::new(format!("RMT_TIER: {error}")))?,
        },
        epoch: args.epoch,
        jobs: args.jobs,
        plant: args.plant.clone(),
    })
}

/// The same replicates on processors with other vector instructions differ by rounding.
pub fn warn_of_mixed(run: &Run) {
    let instructions = run.instructions();
    if instructions.len() > 1 {
        eprintln!(
            "rmt-verify: computed with different vector instructions ({}): verdicts hold, last digits may differ from those of one machine",
            instructions.join(", ")
        );
    }
}

fn interrupted(folder: Option<&Folder>) -> Found {
    match folder {
        Some(folder) => eprintln!(
            "rmt-verify: interrupted; finished units are kept: `rmt-verify verify --resume {}` goes on",
            folder.path().display()
        ),
        None => eprintln!(
            "rmt-verify: interrupted; nothing is kept (--out DIR keeps every finished unit)"
        ),
    }
    Found::Interrupted
}

fn shard_done(shard: Shard, folder: &Folder, whole: Option<&Path>) -> Result<Found, Misuse> {
    let whole = whole.map_or_else(String::new, |whole| format!("{} ", whole.display()));
    print(&format!(
        "shard {shard} is done: {}\nwhen all are: rmt-verify merge {whole}DIR… --out DIR\n",
        journal_of(folder.path()).display()
    ))?;
    Ok(Found::AllConfirmed)
}

/// Writes what a finished run found, and prints it. Its journal has served then.
pub fn show(
    outcome: &Outcome,
    folder: Option<&Folder>,
    timings: &Timings,
    plant: Option<String>,
    verbose: bool,
) -> Result<Found, Misuse> {
    if let Some(folder) = folder {
        folder
            .write_run(&outcome.ledger, timings)
            .map_err(Misuse::new)?;
        report::write(folder, &outcome.ledger, Some(timings))?;
        drop_journal(folder.path())?;
    }
    if let Some(rival) = plant {
        print(&format!(
            "Planted: where a claim lists the rival \"{rival}\", that is judged in its place and must be REFUTED.\n"
        ))?;
    }
    if verbose {
        for claim in &outcome.ledger.claims {
            print(&format!("{}\n", detail_table(claim)))?;
        }
    }
    print(&verdict_table(&outcome.ledger))?;
    print(&summary(&outcome.ledger, Some(timings.samples)))?;
    explain(outcome);
    eprintln!("{:.1} s on {} threads", timings.seconds, timings.jobs);
    match folder {
        Some(folder) => eprintln!("report: {}", folder.path().join("report.html").display()),
        None => eprintln!(
            "nothing was written; --out DIR keeps the ledger, a report with pictures and the cells as CSV"
        ),
    }
    Ok(if outcome.passed() {
        Found::AllConfirmed
    } else {
        Found::NotConfirmed
    })
}

fn drop_journal(folder: &Path) -> Result<(), Misuse> {
    let journal = journal_of(folder);
    match std::fs::remove_file(&journal) {
        Err(reason) if reason.kind() != std::io::ErrorKind::NotFound => Err(Misuse::new(format!(
            "the ledger is written, but {} cannot be removed: {reason}",
            journal.display()
        ))),
        _ => Ok(()),
    }
}

/// Why claims or rivals could not be judged; the summary tells what was judged.
fn explain(outcome: &Outcome) {
    for failure in &outcome.failures {
        if !matches!(failure, Failure::RivalSurvived { .. }) {
            eprintln!("rmt-verify: {failure}");
        }
    }
}

/// What a run cost, from when it started.
pub fn timings(outcome: &Outcome, jobs: Option<usize>, started: Instant) -> Timings {
    Timings {
        jobs: jobs
            .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
            .unwrap_or(1),
        samples: outcome.replicates(),
        seconds: started.elapsed().as_secs_f64(),
        claims: outcome
            .timings
            .iter()
            .map(|timing| ClaimTiming {
                id: timing.claim.clone(),
                seconds: timing.seconds,
            })
            .collect(),
    }
}
