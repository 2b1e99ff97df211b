//! The section of one claim.

use super::markup::{anchor, number, prose, strength_meaning, text, verdict, work};
use super::{mathml, rivals, theorem};
use crate::claim::Statement;
use crate::ledger::{CellRecord, ClaimRecord};
use crate::plot::{SizePanel, cell_picture, overview, size_panels};
use crate::table::{
    grade_word, grades, level, plural, replicates, significant, strength_word, theory_and_estimate,
};
use crate::verdict::Verdict;

/// More cells than this are first shown at a glance, then law by law behind a click.
const AT_A_GLANCE: usize = 24;
/// More panels than this are grouped by law behind a click.
const PANELS_IN_SIGHT: usize = 12;

/// Appends the section.
pub fn push(
    page: &mut String,
    record: &ClaimRecord,
    statement: Option<&Statement>,
    epoch: u64,
    seconds: Option<f64>,
) {
    let title = statement.map_or(record.id.as_str(), |statement| statement.title);
    page.push_str(&format!(
        "<section class=\"claim\" id=\"{}\">\n<h3>{} {}</h3>\n<p class=\"source\"><code>{}</code> · {}, {} · {}</p>\n",
        anchor(&record.id),
        text(title),
        verdict(record.verdict),
        text(&record.id),
        text(work(&record.source.work)),
        text(&record.source.locus),
        strength_word(record.strength),
    ));
    page.push_str(&format!("<p>{}</p>\n", prose(&record.statement)));
    if let Some(statement) = statement {
        page.push_str(&formula(statement.formula));
        page.push_str(&format!(
            "<p><b>What a pass means.</b> {}</p>\n",
            prose(statement.meaning)
        ));
    }
    page.push_str(&how(record, seconds));
    page.push_str(&theorem::pictures(record, epoch));
    page.push_str(&pictures(&record.cells));
    page.push_str(&over_sizes(&record.cells));
    page.push_str(&rivals::twins(record));
    page.push_str(&rivals::table(record));
    page.push_str(&numbers(record));
    page.push_str("</section>\n");
}

/// A formula, or its source when it cannot be shown as one.
fn formula(latex: &str) -> String {
    match mathml(latex) {
        _ if latex.trim().is_empty() => String::new(),
        Ok(math) => format!("<div class=\"formula\">{math}</div>\n"),
        Err(_) => format!("<pre class=\"formula\">{}</pre>\n", text(latex)),
    }
}

/// Strength, grade, replicates, level and time in one paragraph.
fn how(record: &ClaimRecord, seconds: Option<f64>) -> String {
    let mut line = format!(
        "<p><b>How it was tested.</b> {} ({}). {}, grade {}, {} replicates each, level α = {}",
        capitalised(strength_word(record.strength)),
        strength_meaning(record.strength),
        plural(record.cells.len(), "cell"),
        grades(record),
        replicates(record),
        number(&level(record.alpha)),
    );
    match record.looks {
        0 => line.push_str(
            ". <b class=\"bad\">Nothing was judged</b>: the design check failed, or a replicate did.",
        ),
        looks => line.push_str(&format!(", {}", plural(looks as usize, "look"))),
    }
    if let Some(seconds) = seconds {
        line.push_str(&format!("; {seconds:.1} core-seconds with its rivals"));
    }
    format!("{}.</p>\n", line.trim_end_matches('.'))
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

/// The cells against their tolerances.
fn pictures(cells: &[CellRecord]) -> String {
    if cells.is_empty() {
        return String::new();
    }
    let mut html = String::from("<h4>Theory and estimates, in units of the outer tolerance</h4>\n");
    if cells.len() <= AT_A_GLANCE {
        let all: Vec<&CellRecord> = cells.iter().collect();
        html.push_str(&figure(&cell_picture(&all)));
        return html;
    }
    html.push_str(&figure(&overview(cells)));
    for (law, group) in by_law(cells) {
        let open = if group.iter().all(|c| c.verdict == Verdict::Confirmed) {
            ""
        } else {
            " open"
        };
        html.push_str(&format!(
            "<details{open}><summary>{}: {}</summary>\n{}</details>\n",
            text(law),
            plural(group.len(), "cell"),
            figure(&cell_picture(&group))
        ));
    }
    html
}

/// Cells of equal law together, laws in the order in which they first come.
fn by_law(cells: &[CellRecord]) -> Vec<(&str, Vec<&CellRecord>)> {
    let mut laws: Vec<(&str, Vec<&CellRecord>)> = Vec::new();
    for cell in cells {
        match laws.iter_mut().find(|(law, _)| *law == cell.law) {
            Some((_, group)) => group.push(cell),
            None => laws.push((&cell.law, vec![cell])),
        }
    }
    laws
}

fn over_sizes(cells: &[CellRecord]) -> String {
    let panels = size_panels(cells);
    if panels.is_empty() {
        return String::new();
    }
    let mut html = String::from("<h4>Theory and estimates over N</h4>\n");
    if panels.len() <= PANELS_IN_SIGHT {
        let all: Vec<&SizePanel> = panels.iter().collect();
        html.push_str(&panel_grid(&all));
        return html;
    }
    let mut laws: Vec<&str> = panels.iter().map(|panel| panel.law.as_str()).collect();
    laws.dedup();
    for law in laws {
        let group: Vec<&SizePanel> = panels.iter().filter(|panel| panel.law == law).collect();
        html.push_str(&format!(
            "<details><summary>{}: {}</summary>\n{}</details>\n",
            text(law),
            plural(group.len(), "panel"),
            panel_grid(&group)
        ));
    }
    html
}

fn panel_grid(panels: &[&SizePanel]) -> String {
    let figures: Vec<String> = panels
        .iter()
        .map(|panel| {
            format!(
                "<figure><figcaption>{}, signal {}<br>{}</figcaption>{}</figure>",
                text(&panel.law),
                text(&panel.signal),
                text(&panel.point),
                panel.svg
            )
        })
        .collect();
    format!("<div class=\"panels\">\n{}\n</div>\n", figures.join("\n"))
}

fn figure(svg: &str) -> String {
    format!("<figure class=\"wide\">{svg}</figure>\n")
}

/// Every number of every cell, behind a click.
fn numbers(record: &ClaimRecord) -> String {
    if record.cells.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<details><summary>All numbers: {}</summary>\n<div class=\"wide\">\n<table class=\"numbers\">\n<thead><tr>\
         <th>law</th><th>signal</th><th class=\"r\">N</th><th>point</th><th class=\"r\">theory θ</th>\
         <th class=\"r\">estimate</th><th class=\"r\">inner τ₀</th><th class=\"r\">outer τ</th>\
         <th class=\"r\">replicates</th><th>grade</th><th>verdict</th></tr></thead>\n<tbody>\n",
        plural(record.cells.len(), "cell")
    );
    for cell in &record.cells {
        let (theory, estimate) = theory_and_estimate(cell);
        html.push_str(&format!(
            "<tr><td>{}</td><td>{}</td><td class=\"r\">{}</td><td>{}</td><td class=\"r\">{}</td><td class=\"r\">{}</td>\
             <td class=\"r\">{}</td><td class=\"r\">{}</td><td class=\"r\">{}</td><td>{}</td><td>{}</td></tr>\n",
            text(&cell.law),
            text(&cell.signal),
            cell.n,
            text(&cell.point),
            number(&theory),
            number(&estimate),
            number(&significant(cell.inner, 2)),
            number(&significant(cell.outer, 2)),
            cell.replicates,
            grade_word(cell.grade),
            verdict(cell.verdict),
        ));
    }
    html.push_str("</tbody>\n</table>\n</div>\n</details>\n");
    html
}
