//! `rmt-verify verify --plan`.

use super::args::VerifyArgs;
use super::interrupt::Interrupt;
use super::output::{folder, print};
use super::progress::Bar;
use super::verify::{PLAN, selected, settings};
use super::{Found, Misuse};
use rmt_verify::suite::simulate::simulate;
use rmt_verify::suite::{Run, SuiteError, cluster_of, costs, work};
use rmt_verify::table::{cost_table, forecast_line};

pub fn run(args: &VerifyArgs) -> Result<Found, Misuse> {
    let interrupt = Interrupt::watch()?;
    let run = Run::new(selected(args)?, settings(args)?).map_err(Misuse::new)?;
    let folder = folder(args.out.as_deref())?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.jobs.unwrap_or(0))
        .build()
        .map_err(Misuse::new)?;
    let bar = Bar::until(&interrupt);
    let costs = pool.install(|| costs(run.claims(), run.settings(), &bar));
    bar.finish();
    let costs = match costs {
        Ok(costs) => costs,
        Err(SuiteError::Cancelled) => {
            eprintln!("rmt-verify: interrupted; a plan is told whole or not at all");
            return Ok(Found::Interrupted);
        }
        Err(error) => return Err(Misuse::new(error)),
    };
    print(&cost_table(&costs))?;
    if let Some(ranks) = args.ranks {
        let forecast = simulate(&work(&costs), &cluster_of(ranks));
        print(&forecast_line(ranks, &forecast))?;
    }
    if let Some(folder) = folder {
        let mut json = serde_json::to_string_pretty(&costs).map_err(Misuse::new)?;
        json.push('\n');
        folder.write(PLAN, &json).map_err(Misuse::new)?;
        eprintln!("every experiment: {}", folder.path().join(PLAN).display());
    }
    Ok(Found::AllConfirmed)
}
