//! Tables for the terminal, and the same cells as CSV for programs.
//!
//! Plain text, no colours, at most [`WIDTH`] columns: a table looks the same on a terminal, in a
//! pipe and in a README.

mod costs;
mod csv;
mod layers;
mod listing;
mod number;
mod pruned;

pub use costs::{cost_table, forecast_line};
pub use csv::cells_csv;
pub use layers::{layer_table, shape_word};
pub use listing::{ClaimListing, CoverListing, Listing, RivalListing, StatementListing, listing};
pub use number::{aligned, level, significant};
pub use pruned::pruned_table;

use crate::claim::Strength;
use crate::confidence::Grade;
use crate::design::Side;
use crate::ledger::{CellRecord, ClaimRecord, Ledger};
use crate::verdict::Verdict;
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, Width as ColumnWidth,
    presets,
};
use std::collections::BTreeSet;

/// No line of a table is longer.
pub const WIDTH: u16 = 100;

/// Ids of claims up to this length stand on one line of the table of verdicts; a third of its width.
const LONGEST_ID: usize = 33;

/// Two lines a claim: what was tested, how hard, and what came out.
#[must_use]
pub fn verdict_table(ledger: &Ledger) -> String {
    let mut table = ruled(&[
        "claim\nsource",
        "strength\ngrade",
        "cells",
        "replicates",
        "α\nlooks",
        "rivals\nrefuted",
        "verdict",
    ]);
    for claim in &ledger.claims {
        let refuted = claim.rivals.len() - claim.surviving_rivals().count();
        table.add_row([
            format!("{}\n{}", claim.id, claim.source.locus),
            format!("{}\n{}", strength_word(claim.strength), grades(claim)),
            claim.cells.len().to_string(),
            replicates(claim),
            format!("{}\n{}", level(claim.alpha), claim.looks),
            format!("{refuted}/{}", claim.rivals.len()),
            verdict_word(claim.verdict).to_owned(),
        ]);
    }
    // Only the two columns of words may wrap, and no id of a claim.
    arrange(&mut table, &[2, 3, 4, 5]);
    let longest = ledger.claims.iter().map(|c| c.id.chars().count()).max();
    if let Some(column) = table.column_mut(0) {
        let least = longest.unwrap_or(0).min(LONGEST_ID) as u16 + 1;
        column.set_constraint(ColumnConstraint::LowerBoundary(ColumnWidth::Fixed(least)));
    }
    for index in 2..7 {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    lines(&table).join("\n") + "\n"
}

/// Every cell of one claim, grouped by law and signal, then its rivals.
#[must_use]
pub fn detail_table(claim: &ClaimRecord) -> String {
    let mut cells = ruled(&[
        "N",
        "point",
        "theory",
        "estimate",
        "inner",
        "outer",
        "replicates",
        "grade",
        "verdict",
    ]);
    for cell in &claim.cells {
        let (theory, estimate) = theory_and_estimate(cell);
        cells.add_row([
            cell.n.to_string(),
            cell.point.clone(),
            theory,
            estimate,
            significant(cell.inner, 2),
            significant(cell.outer, 2),
            cell.replicates.to_string(),
            grade_word(cell.grade).to_owned(),
            verdict_word(cell.verdict).to_owned(),
        ]);
    }
    arrange(&mut cells, &[0, 2, 3, 4, 5, 6]);
    cells.set_content_arrangement(ContentArrangement::Disabled);

    let mut text = format!("{}\n", claim.id);
    if claim.looks == 0 {
        text.push_str("nothing was judged: the design check failed, or a replicate did\n");
        return text;
    }
    let mut group = None;
    for (index, line) in lines(&cells).iter().enumerate() {
        // A rule, the header and a rule come before the first cell.
        if let Some(cell) = index.checked_sub(3).and_then(|i| claim.cells.get(i)) {
            let name = (&cell.law, &cell.signal);
            if group.replace(name) != Some(name) {
                text.push_str(&format!("{}, signal {}\n", cell.law, cell.signal));
            }
        }
        text.push_str(line);
        text.push('\n');
    }
    if !claim.rivals.is_empty() {
        let mut rivals = ruled(&["rival", "wrong in", "distance", "verdict"]);
        for rival in &claim.rivals {
            rivals.add_row([
                rival.name.clone(),
                side_word(rival.side).to_owned(),
                significant(rival.distance, 3),
                rival_word(rival.verdict),
            ]);
        }
        arrange(&mut rivals, &[2]);
        text.push_str(&lines(&rivals).join("\n"));
        text.push('\n');
    }
    text
}

/// What came out, in one or a few lines: counts of verdicts, of rivals, and what failed.
#[must_use]
pub fn summary(ledger: &Ledger, samples: Option<u64>) -> String {
    let count = |verdict| ledger.count(verdict);
    let (rivals, surviving) = ledger.rivals_and_survivors();
    let mut text = format!(
        "{} confirmed, {} refuted, {} undecided; {} of {rivals} rivals refuted\n",
        plural(count(Verdict::Confirmed), "claim"),
        count(Verdict::Refuted),
        count(Verdict::Undecided),
        rivals - surviving,
    );
    if let Some(samples) = samples {
        text.push_str(&format!("{} drawn; ", plural(samples as usize, "sample")));
    }
    text.push_str(&format!("tier {}, epoch {}\n", ledger.tier, ledger.epoch));
    for claim in &ledger.claims {
        for line in complaints(claim) {
            text.push_str(&format!("NOT CONFIRMED {}: {line}\n", claim.id));
        }
    }
    text
}

/// Why a claim did not pass, one sentence a reason.
fn complaints(claim: &ClaimRecord) -> Vec<String> {
    let mut lines = Vec::new();
    let bad = |verdict| {
        claim
            .cells
            .iter()
            .filter(move |cell| cell.verdict == verdict)
            .count()
    };
    match claim.verdict {
        Verdict::Confirmed => {}
        Verdict::Refuted => lines.push(format!(
            "{} of {} cells refuted",
            bad(Verdict::Refuted),
            claim.cells.len()
        )),
        Verdict::Undecided if claim.looks == 0 => {
            lines.push("nothing was judged: the design check failed, or a replicate did".into())
        }
        Verdict::Undecided => lines.push(format!(
            "{} of {} cells undecided after {}",
            bad(Verdict::Undecided),
            claim.cells.len(),
            plural(claim.looks as usize, "look")
        )),
    }
    for rival in claim.surviving_rivals() {
        lines.push(format!(
            "the rival \"{}\" {}",
            rival.name,
            rival_word(rival.verdict)
        ));
    }
    lines
}

/// θ and the interval, with as many decimals as the interval deserves.
#[must_use]
pub fn theory_and_estimate(cell: &CellRecord) -> (String, String) {
    let scale = if cell.halfwidth > 0.0 {
        cell.halfwidth
    } else {
        cell.outer
    };
    let theory = aligned(cell.theory, scale, cell.outer);
    if cell.estimate.is_nan() {
        return (theory, "—".to_owned());
    }
    let estimate = aligned(cell.estimate, scale, cell.outer);
    if cell.grade == Grade::Identity || cell.halfwidth == 0.0 {
        (theory, estimate)
    } else {
        let halfwidth = significant(cell.halfwidth, 2);
        (theory, format!("{estimate} ± {halfwidth}"))
    }
}

/// The grades that occur in a claim, best known first.
#[must_use]
pub fn grades(claim: &ClaimRecord) -> String {
    let distinct: BTreeSet<Grade> = claim.cells.iter().map(|cell| cell.grade).collect();
    let words: Vec<&str> = distinct.into_iter().map(grade_word).collect();
    words.join(", ")
}

/// The replicates of a claim's cells: one number, or the smallest and the largest.
#[must_use]
pub fn replicates(claim: &ClaimRecord) -> String {
    let numbers = || claim.cells.iter().map(|cell| cell.replicates);
    match (numbers().min(), numbers().max()) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least}–{most}"),
        _ => "—".to_owned(),
    }
}

/// `confirmed`, `REFUTED`, `UNDECIDED`: what needs attention is loud.
#[must_use]
pub fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Confirmed => "confirmed",
        Verdict::Refuted => "REFUTED",
        Verdict::Undecided => "UNDECIDED",
    }
}

/// The fate of a rival: to be refuted is what is wanted.
#[must_use]
pub fn rival_word(verdict: Verdict) -> String {
    match verdict {
        Verdict::Refuted => "refuted".to_owned(),
        other => format!("SURVIVES ({})", verdict_word(other).to_lowercase()),
    }
}

/// The name of a grade, as in the ledger.
#[must_use]
pub fn grade_word(grade: Grade) -> &'static str {
    match grade {
        Grade::Identity => "identity",
        Grade::Proved => "proved",
        Grade::Exact => "exact",
        Grade::Bounded => "bounded",
        Grade::VarianceBound => "variance-bound",
    }
}

/// The name of a strength, as in the ledger.
#[must_use]
pub fn strength_word(strength: Strength) -> &'static str {
    match strength {
        Strength::Exact => "exact",
        Strength::Sharp => "sharp",
        Strength::Trend => "trend",
    }
}

/// The name of a side, as in the ledger.
#[must_use]
pub fn side_word(side: Side) -> &'static str {
    match side {
        Side::Theory => "theory",
        Side::Data => "data",
        Side::Hypothesis => "hypothesis",
    }
}

/// `1 claim`, `2 claims`, `12 340 samples`.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", number::grouped(count as u64))
}

/// A table ruled above and below its header and at its end.
pub(crate) fn ruled(header: &[&str]) -> Table {
    let rule = LineStyle::new('─', '─', '─', '─');
    let mut table = Table::new();
    table.load_style(
        presets::NOTHING
            .top_border(rule)
            .header_separator(rule)
            .bottom_border(rule),
    );
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH);
    table.set_header(header.to_vec());
    table
}

/// Two spaces between columns, and `right` ones aligned to the right.
pub(crate) fn arrange(table: &mut Table, right: &[usize]) {
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        if right.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

pub(crate) fn lines(table: &Table) -> Vec<String> {
    table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}
