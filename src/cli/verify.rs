//! `rmt-verify verify`.

use super::args::VerifyArgs;
use super::output::{folder, print};
use super::progress::Bar;
use super::{Found, Misuse, report};
use rmt_verify::claims::registry;
use rmt_verify::design::Tier;
use rmt_verify::report::{ClaimTiming, Timings};
use rmt_verify::suite::{Failure, Outcome, Settings, Suite};
use rmt_verify::table::{detail_table, summary, verdict_table};
use std::time::Instant;

pub fn run(args: &VerifyArgs) -> Result<Found, Misuse> {
    let claims = Suite::select(&registry(), &args.claims)
        .map_err(|error| Misuse::new(format!("{error} (`rmt-verify claims` lists them)")))?;
    let settings = Settings {
        tier: match args.tier {
            Some(tier) => tier,
            None => Tier::from_environment()
                .map_err(|error| Misuse::new(format!("RMT_TIER: {error}")))?,
        },
        epoch: args.epoch,
        jobs: args.jobs,
        plant: args.plant.clone(),
    };
    let folder = folder(args.out.as_deref())?;

    let started = Instant::now();
    let bar = Bar::new();
    let outcome = Suite::run(&claims, &settings, &bar).map_err(Misuse::new)?;
    bar.finish();
    let timings = timings(&outcome, args.jobs, started);

    if let Some(folder) = &folder {
        folder
            .write_run(&outcome.ledger, &timings)
            .map_err(Misuse::new)?;
        report::write(folder, &outcome.ledger, Some(&timings))?;
    }
    if let Some(rival) = &args.plant {
        print(&format!(
            "Planted: where a claim lists the rival \"{rival}\", that is judged in its place and must be REFUTED.\n"
        ))?;
    }
    if args.verbose {
        for claim in &outcome.ledger.claims {
            print(&format!("{}\n", detail_table(claim)))?;
        }
    }
    print(&verdict_table(&outcome.ledger))?;
    print(&summary(&outcome.ledger, Some(timings.samples)))?;
    explain(&outcome);
    eprintln!("{:.1} s on {} threads", timings.seconds, timings.jobs);
    match &folder {
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

/// Why claims or rivals could not be judged; the summary tells what was judged.
fn explain(outcome: &Outcome) {
    for failure in &outcome.failures {
        if !matches!(failure, Failure::RivalSurvived { .. }) {
            eprintln!("rmt-verify: {failure}");
        }
    }
}

fn timings(outcome: &Outcome, jobs: Option<usize>, started: Instant) -> Timings {
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
                seconds: timing.elapsed.as_secs_f64(),
            })
            .collect(),
    }
}
