//! The pictures that show what a theorem says.

use super::markup::{prose, text};
use crate::ledger::ClaimRecord;
use crate::plot::{Limit, Panel, envelope_panels, illustrations, parameter_panels};

/// More charts than this are behind a click.
const IN_SIGHT: usize = 4;

/// Claims with spikes on several sides of the bulk: no curve over θ joins them.
const SEVERAL_SIDES: [&str; 3] = [
    "background/capitaine",
    "background/huang",
    "abk/theorem-2.2",
];

/// σ = 1: 2 up to θ = 1, then θ + 1/θ.
const TRANSITION: Limit = Limit {
    name: "N → ∞: max(2, θ + 1/θ)",
    value: |theta| {
        if theta > 1.0 {
            theta + 1.0 / theta
        } else {
            2.0
        }
    },
};

/// Charts made from the cells of the claim, then illustrations by one sample.
pub fn pictures(record: &ClaimRecord, epoch: u64) -> String {
    let limit = record
        .id
        .starts_with("background/peche")
        .then_some(TRANSITION);
    let mut panels = envelope_panels(&record.cells, "worst spike");
    if !SEVERAL_SIDES.contains(&record.id.as_str()) {
        panels.extend(parameter_panels(&record.cells, limit));
    }
    let mut notes = String::new();
    let mut explained = Vec::new();
    for illustration in illustrations(&record.id, epoch) {
        match illustration {
            Ok(panel) => explained.push(panel),
            Err(reason) => notes.push_str(&format!(
                "<p class=\"exception\">An illustration could not be drawn: {}.</p>\n",
                text(&reason.to_string())
            )),
        }
    }
    if panels.is_empty() && explained.is_empty() {
        return notes;
    }
    let mut html = String::from("<h4>What it looks like</h4>\n");
    html.push_str(&grid(&explained));
    if panels.len() <= IN_SIGHT {
        html.push_str(&grid(&panels));
    } else {
        let (first, rest) = panels.split_at(IN_SIGHT);
        html.push_str(&grid(first));
        html.push_str(&format!(
            "<details><summary>{} more</summary>\n{}</details>\n",
            rest.len(),
            grid(rest)
        ));
    }
    html + &notes
}

fn grid(panels: &[Panel]) -> String {
    if panels.is_empty() {
        return String::new();
    }
    let figures: Vec<String> = panels
        .iter()
        .map(|panel| {
            format!(
                "<figure><div class=\"wide\">{}</div><figcaption>{}</figcaption></figure>",
                panel.svg,
                prose(&panel.caption)
            )
        })
        .collect();
    format!("<div class=\"charts\">\n{}\n</div>\n", figures.join("\n"))
}
