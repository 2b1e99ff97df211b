//! `rmt-verify claims`.

use super::args::ClaimsArgs;
use super::output::{print, print_json};
use super::{Found, Misuse};
use rmt_verify::claims::registry;
use rmt_verify::design::Tier;
use rmt_verify::table::{listing, listing_text};

pub fn run(args: &ClaimsArgs) -> Result<Found, Misuse> {
    let list = listing(&registry(), Tier::Quick);
    if args.json {
        print_json(&list)?;
    } else {
        print(&listing_text(&list))?;
    }
    Ok(Found::AllConfirmed)
}
