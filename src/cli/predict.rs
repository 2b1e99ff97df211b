//! `rmt-verify predict`.

use super::args::PredictArgs;
use super::output::{print, print_json};
use super::{Found, Misuse};
use rmt_verify::predict::{Query, predict};

pub fn run(args: PredictArgs) -> Result<Found, Misuse> {
    let query = Query {
        nu: args.nu,
        sigma: args.sigma,
        at: args.at,
        spikes: args.spike,
        density: args.density,
    };
    let prediction = predict(&query).map_err(Misuse::new)?;
    if args.json {
        print_json(&prediction)?;
    } else {
        print(&prediction.text())?;
    }
    Ok(Found::AllConfirmed)
}
