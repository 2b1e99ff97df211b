//! The first page: what was run, what came out, and what that is worth.

use super::markup::{anchor, grade_meaning, number, strength_meaning, text, verdict};
use super::{Timings, csv_name};
use crate::claim::{Statement, Strength};
use crate::confidence::Grade;
use crate::ledger::{ClaimRecord, Ledger};
use crate::table::{self, grades, level, plural, replicates, strength_word};
use crate::verdict::Verdict;

/// Appends the heading: what was run, and what came out in one sentence.
pub fn heading(page: &mut String, ledger: &Ledger, timings: Option<&Timings>) {
    page.push_str("<header>\n<h1>rmt-verify</h1>\n");
    page.push_str(
        "<p class=\"lead\">Theorems on random matrices, tested as falsifiable claims.</p>\n",
    );
    page.push_str(&format!("<p class=\"headline\">{}</p>\n", headline(ledger)));
    page.push_str(&facts(ledger, timings));
    page.push_str("</header>\n");
}

/// Appends the table of claims.
pub fn verdicts<'a>(
    page: &mut String,
    ledger: &Ledger,
    statement: &impl Fn(&str) -> Option<&'a Statement>,
    timings: Option<&Timings>,
) {
    page.push_str(
        "<section id=\"verdicts\">\n<h2>Claims and verdicts</h2>\n<div class=\"wide\">\n<table>\n",
    );
    page.push_str(
        "<thead><tr><th>claim</th><th>verdict</th><th>source</th><th>strength</th><th class=\"r\">cells</th><th>grade</th>\
         <th class=\"r\">replicates</th><th class=\"r\">α</th><th class=\"r\">looks</th>\
         <th class=\"r\">rivals rejected</th>",
    );
    if timings.is_some() {
        page.push_str("<th class=\"r\">time</th>");
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for record in &ledger.claims {
        page.push_str(&line(record, statement(&record.id), timings));
    }
    page.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

fn headline(ledger: &Ledger) -> String {
    let count = |verdict| ledger.count(verdict);
    let (rivals, surviving) = ledger.rivals_and_survivors();
    let mut line = format!(
        "Of {}, <b>{} confirmed</b>",
        plural(ledger.claims.len(), "claim"),
        count(Verdict::Confirmed)
    );
    for (number, word) in [
        (count(Verdict::Refuted), "refuted"),
        (count(Verdict::Undecided), "undecided"),
    ] {
        if number > 0 {
            line.push_str(&format!(", <b class=\"bad\">{number} {word}</b>"));
        } else {
            line.push_str(&format!(", none {word}"));
        }
    }
    line.push_str(&format!(
        "; of {} <b>{} rejected</b>",
        plural(rivals, "rival"),
        rivals - surviving
    ));
    if surviving > 0 {
        line.push_str(&format!(", <b class=\"bad\">{surviving} not</b>"));
    }
    line.push('.');
    line
}

fn facts(ledger: &Ledger, timings: Option<&Timings>) -> String {
    let mut list = vec![
        ("version", text(&ledger.version)),
        ("tier", text(&ledger.tier)),
        ("epoch", ledger.epoch.to_string()),
        (
            "error budget",
            format!(
                "{} a run of the whole suite, of which {} was spent",
                number(&level(ledger.budget.suite)),
                number(&level(ledger.budget.spent))
            ),
        ),
    ];
    if let Some(timings) = timings {
        list.push((
            "run",
            format!(
                "{} drawn in {:.1} s on {}",
                plural(timings.samples as usize, "sample"),
                timings.seconds,
                plural(timings.jobs, "thread")
            ),
        ));
    }
    let items: Vec<String> = list
        .iter()
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{value}</dd></div>"))
        .collect();
    format!("<dl class=\"facts\">{}</dl>\n", items.join("\n"))
}

fn line(record: &ClaimRecord, statement: Option<&Statement>, timings: Option<&Timings>) -> String {
    let title = statement.map_or(record.id.as_str(), |statement| statement.title);
    let refuted = record.rivals.len() - record.surviving_rivals().count();
    let rivals = format!("{refuted}/{}", record.rivals.len());
    let rivals = if refuted < record.rivals.len() {
        format!("<b class=\"bad\">{rivals}</b>")
    } else {
        rivals
    };
    let time = timings.map_or(String::new(), |timings| match timings.of(&record.id) {
        Some(seconds) => format!("<td class=\"r\">{seconds:.1} s</td>"),
        None => "<td class=\"r\">—</td>".to_owned(),
    });
    format!(
        "<tr><td><a href=\"#{}\">{}</a><br><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td><td class=\"r\">{}</td>\
         <td>{}</td><td class=\"r\">{}</td><td class=\"r\">{}</td><td class=\"r\">{}</td><td class=\"r\">{rivals}</td>\
         {time}</tr>\n",
        anchor(&record.id),
        text(title),
        text(&record.id),
        verdict(record.verdict),
        text(&record.source.locus),
        strength_word(record.strength),
        record.cells.len(),
        grades(record),
        replicates(record),
        number(&level(record.alpha)),
        record.looks,
    )
}

/// Appends the contract with the reader: rules, error rates, words.
pub fn promises(section: &mut String, ledger: &Ledger) {
    section.push_str("<section id=\"worth\">\n<h2>What a verdict is worth</h2>\n");
    section.push_str(
        "<p>A claim is tested in cells: one ensemble, signal, size and point each. A cell has a theory value θ and two \
         tolerances that were fixed before a number was drawn: the inner one, τ₀, is the honest remainder at this N; \
         the outer one, τ ≥ τ₀, is what is called agreement. Its estimate comes with a confidence interval at the level \
         that the cell got of its claim’s α.</p>\n\
         <dl class=\"rules\">\
         <div><dt><span class=\"verdict confirmed\">confirmed</span></dt><dd>every interval lies inside θ ± τ;</dd></div>\
         <div><dt><span class=\"verdict refuted\">refuted</span></dt><dd>some interval misses θ ± τ₀ altogether;</dd></div>\
         <div><dt><span class=\"verdict undecided\">undecided</span></dt><dd>neither: the replicates are doubled on fresh \
         streams, at most three looks in all, planned in advance with α split over them. Undecided at the last look counts \
         as failure.</dd></div></dl>\n",
    );
    section.push_str(&format!(
        "<p>So a true claim is refuted with probability at most α, and a claim whose true value lies outside θ ± τ in some \
         cell is confirmed with probability at most α. The α of all claims together stay below the budget of {} a run of \
         the whole suite; this run spent {}. Every claim also carries <i>rivals</i>: wrong versions that the same estimator \
         and the same rule must reject, each with a probability of at most 10<sup>−6</sup> to pass by chance.</p>\n",
        number(&level(ledger.budget.suite)),
        number(&level(ledger.budget.spent)),
    ));
    section.push_str("<dl class=\"words\">\n");
    for strength in [Strength::Exact, Strength::Sharp, Strength::Trend] {
        section.push_str(&format!(
            "<div><dt>{}</dt><dd>{}.</dd></div>\n",
            strength_word(strength),
            strength_meaning(strength)
        ));
    }
    section.push_str("</dl>\n<p>The grade of an interval says why it covers the truth:</p>\n<dl class=\"words\">\n");
    for grade in [
        Grade::Identity,
        Grade::Proved,
        Grade::Exact,
        Grade::Bounded,
        Grade::VarianceBound,
    ] {
        section.push_str(&format!(
            "<div><dt>{}</dt><dd>{}.</dd></div>\n",
            table::grade_word(grade),
            grade_meaning(grade)
        ));
    }
    section.push_str("</dl>\n");
    if let Some(claim) = ledger.claims.first() {
        section.push_str(&format!(
            "<p>All numbers are in <code>ledger.json</code>, and the cells of each claim in a CSV file beside this page, \
             such as <code>{}</code>.</p>\n",
            text(&csv_name(claim))
        ));
    }
    section.push_str("</section>\n");
}
