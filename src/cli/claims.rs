//! `rmt-verify claims`.

use super::args::ClaimsArgs;
use super::output::{print, print_json};
use super::{Found, Misuse};
use rmt_verify::claims::registry;
use rmt_verify::design::Tier;
use rmt_verify::statements::Statements;
use rmt_verify::table::listing;

pub fn run(args: &ClaimsArgs) -> Result<Found, Misuse> {
    let list = listing(&registry(), &Statements::built_in(), Tier::Quick);
    if args.json {
        print_json(&list)?;
    } else if args.markdown {
        print(&list.markdown())?;
    } else {
        print(&list.text())?;
    }
    Ok(Found::AllConfirmed)
}
