//! The map of the paper: every numbered statement, with what came out of it.

use super::markup::{anchor, number, prose, text, verdict};
use crate::ledger::{ClaimRecord, Ledger};
use crate::statements::{Numbered, Statements};
use crate::table::{plural, significant, strength_word};

/// Appends the map.
pub fn push(page: &mut String, ledger: &Ledger, numbered: &Statements) {
    let (covered, excepted) = numbered.covered_and_excepted();
    page.push_str(&format!(
        "<section id=\"map\">\n<h2>Map of the paper</h2>\n\
         <p>{} of the paper and of what we add to it: {covered} are tested by claims, {excepted} are not, each with the \
         reason. The <i>margin</i> of a claim is the smallest value, over its cells, of (τ − |x̂ − θ| − h)/τ: how far the \
         confidence interval x̂ ± h stays inside θ ± τ, as a share of τ.</p>\n{}",
        plural(covered + excepted, "statement"),
        extremes(ledger),
    ));
    page.push_str(
        "<div class=\"wide\">\n<table class=\"map\">\n<thead><tr><th>place</th><th>statement</th><th>claims</th>\
         <th>verdict</th><th>strength</th><th class=\"r\">margin</th></tr></thead>\n",
    );
    let mut section = "";
    for statement in numbered.iter() {
        if statement.section != section {
            if !section.is_empty() {
                page.push_str("</tbody>\n");
            }
            section = &statement.section;
            page.push_str(&format!(
                "<tbody>\n<tr class=\"group\"><th colspan=\"6\">{}</th></tr>\n",
                text(section)
            ));
        }
        page.push_str(&row(statement, ledger));
    }
    page.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

/// The claim that is nearest to its bounds, and the one farthest from them.
fn extremes(ledger: &Ledger) -> String {
    let margin = |claim: &ClaimRecord| claim.tightest().map_or(f64::NAN, |(margin, _)| margin);
    let mut judged: Vec<&ClaimRecord> = ledger
        .claims
        .iter()
        .filter(|claim| !margin(claim).is_nan())
        .collect();
    judged.sort_by(|a, b| margin(a).total_cmp(&margin(b)));
    let (Some(least), Some(most)) = (judged.first(), judged.last()) else {
        return String::new();
    };
    let named = |claim: &ClaimRecord| {
        let (margin, cell) = claim.tightest().expect("only judged claims are listed");
        format!(
            "{} ({}, at {}, N = {}, {})",
            share(margin),
            link(&claim.id),
            text(&cell.law),
            cell.n,
            prose(&cell.point)
        )
    };
    format!(
        "<p>Smallest margin of this run: {}. Largest: {}.</p>\n",
        named(least),
        named(most)
    )
}

/// One line a claim; place and statement span them all.
fn row(statement: &Numbered, ledger: &Ledger) -> String {
    let lines = statement.claims().len().max(1);
    let mut html = format!(
        "<tr><td rowspan=\"{lines}\">{}</td><td rowspan=\"{lines}\"><b>{}.</b> {}</td>",
        text(&statement.locus.to_string()),
        prose(&statement.title),
        prose(&statement.statement)
    );
    if let Some(reason) = statement.exception() {
        html.push_str(&format!(
            "<td colspan=\"4\" class=\"exception\">Not tested. {}</td></tr>\n",
            prose(reason)
        ));
        return html;
    }
    for (index, id) in statement.claims().iter().enumerate() {
        if index > 0 {
            html.push_str("<tr>");
        }
        html.push_str(&outcome(id, ledger));
        html.push_str("</tr>\n");
    }
    html
}

/// Four cells: what came out of a claim, or that it was not run.
fn outcome(id: &str, ledger: &Ledger) -> String {
    let Some(record) = ledger.claims.iter().find(|record| record.id == id) else {
        return format!(
            "<td><code>{}</code></td><td colspan=\"3\" class=\"exception\">not in this run</td>",
            text(id)
        );
    };
    format!(
        "<td>{}</td><td>{}</td><td>{}</td><td class=\"r\">{}</td>",
        link(id),
        verdict(record.verdict),
        strength_word(record.strength),
        record
            .tightest()
            .map_or("—".to_owned(), |(margin, _)| share(margin)),
    )
}

fn link(id: &str) -> String {
    format!("<a href=\"#{}\"><code>{}</code></a>", anchor(id), text(id))
}

/// A share of τ: two digits, or more where 1 is near.
fn share(margin: f64) -> String {
    if margin > 0.995 && margin < 1.0 {
        return format!("1 − {}", number(&significant(1.0 - margin, 1)));
    }
    number(&significant(margin, 2))
}
