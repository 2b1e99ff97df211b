//! The rivals of a claim: the theorem beside its twins, and the table of all wrong versions.

use super::markup::{number, prose, rival_verdict, text};
use crate::design::Side;
use crate::ledger::{CellRecord, ClaimRecord, RivalRecord, WitnessRecord};
use crate::plot::{Twin, twin_picture};
use crate::table::{side_word, significant, theory_and_estimate};

/// The theorem and its twins side by side: what each hypothesis is for. Empty when no twin of the
/// claim was judged.
pub fn twins(record: &ClaimRecord) -> String {
    let twins: Vec<(&RivalRecord, &WitnessRecord, Option<&CellRecord>)> = record
        .rivals
        .iter()
        .filter(|rival| rival.side == Side::Hypothesis)
        .filter_map(|rival| Some((rival, rival.witness.as_ref()?)))
        .map(|(rival, witness)| (rival, witness, counterpart(record, &witness.cell)))
        .collect();
    if twins.is_empty() {
        return String::new();
    }
    let drawn: Vec<Twin> = twins
        .iter()
        .map(|(rival, witness, theorem)| Twin {
            dropped: &rival.name,
            theorem: *theorem,
            twin: &witness.cell,
        })
        .collect();
    let mut html = format!(
        "<h4>What each hypothesis is for</h4>\n\
         <p>Above, the theorem where all hypotheses hold; below it, its twin with one of them dropped in the data and \
         nothing else changed, judged by the same code against the same theory.</p>\n\
         <figure class=\"wide\">{}</figure>\n<div class=\"wide\">\n<table class=\"twins\">\n<thead><tr>\
         <th>dropped</th><th>where</th><th class=\"r\">theorem says θ ± τ</th><th class=\"r\">theorem’s estimate</th>\
         <th class=\"r\">twin’s estimate</th><th class=\"r\">twin should go to</th><th>verdict on the twin</th></tr></thead>\n\
         <tbody>\n",
        twin_picture(&drawn)
    );
    for (rival, witness, theorem) in twins {
        let (theory, estimate) = theory_and_estimate(&witness.cell);
        html.push_str(&format!(
            "<tr><td>{}</td><td>{}</td><td class=\"r\">{} ± {}</td><td class=\"r\">{}</td><td class=\"r\">{}</td>\
             <td class=\"r\">{}</td><td>{}</td></tr>\n",
            prose(&rival.name),
            place(&witness.cell),
            number(&theory),
            number(&significant(witness.cell.outer, 2)),
            theorem.map_or("—".to_owned(), beside(&witness.cell)),
            number(&estimate),
            number(&destination(witness)),
            rival_verdict(rival.verdict),
        ));
    }
    html.push_str("</tbody>\n</table>\n</div>\n");
    html
}

/// Where the twin's estimate should be, with what is not known of it.
fn destination(witness: &WitnessRecord) -> String {
    let expected = significant(witness.expected, 3);
    if witness.uncertainty == 0.0 {
        expected
    } else {
        format!("{expected} ± {}", significant(witness.uncertainty, 2))
    }
}

/// The estimate of the theorem's own cell, with its theory value where that is another one.
fn beside(twin: &CellRecord) -> impl Fn(&CellRecord) -> String {
    move |theorem| {
        let (theory, estimate) = theory_and_estimate(theorem);
        if theorem.theory == twin.theory {
            number(&estimate)
        } else {
            format!("{} (θ = {})", number(&estimate), number(&theory))
        }
    }
}

/// The claim's own cell that is most like the rival's: the longest common beginning of their points,
/// then same law, nearest size, same signal; the first of equals.
fn counterpart<'a>(record: &'a ClaimRecord, twin: &CellRecord) -> Option<&'a CellRecord> {
    let unlike = |cell: &CellRecord| {
        let ratio = (cell.n.max(1) as f64 / twin.n.max(1) as f64).ln().abs();
        let letters = cell.point.chars().zip(twin.point.chars());
        let common = letters.take_while(|(a, b)| a == b).count();
        (
            cell.point != twin.point,
            std::cmp::Reverse(common),
            cell.law != twin.law,
            (1e6 * ratio) as u64,
            cell.signal != twin.signal,
        )
    };
    let judged = |cell: &&CellRecord| cell.estimate.is_finite();
    record
        .cells
        .iter()
        .filter(judged)
        .min_by_key(|cell| unlike(cell))
}

/// Law, size and point of a cell in one line.
fn place(cell: &CellRecord) -> String {
    format!(
        "{}, N = {}, {}",
        text(&cell.law),
        cell.n,
        prose(&cell.point)
    )
}

/// The table of all rivals with the numbers of the cell that refuted each most clearly.
pub fn table(record: &ClaimRecord) -> String {
    if record.rivals.is_empty() {
        return String::new();
    }
    let mut html = String::from(
        "<h4>Rivals: wrong versions, judged by the same code</h4>\n<div class=\"wide\">\n<table class=\"rivals\">\n<thead><tr>\
         <th>rival</th><th>wrong in</th><th>clearest at</th><th class=\"r\">its θ</th><th class=\"r\">τ₀</th>\
         <th class=\"r\">estimate</th><th class=\"r\">misses θ ± τ₀ by</th><th>verdict</th></tr></thead>\n<tbody>\n",
    );
    for rival in &record.rivals {
        html.push_str(&format!(
            "<tr><td>{}</td><td>{}</td>{}<td>{}</td></tr>\n",
            prose(&rival.name),
            side_word(rival.side),
            evidence(rival),
            if record.looks == 0 {
                "not judged".to_owned()
            } else {
                rival_verdict(rival.verdict)
            },
        ));
    }
    html.push_str("</tbody>\n</table>\n</div>\n");
    html
}

/// Five cells: where the rival was refuted and by how much; the planned distance when it was not
/// judged.
fn evidence(rival: &RivalRecord) -> String {
    let Some(WitnessRecord { cell, .. }) = &rival.witness else {
        return format!(
            "<td colspan=\"5\">planned at a distance of {}</td>",
            number(&significant(rival.distance, 3))
        );
    };
    let (theory, estimate) = theory_and_estimate(cell);
    let missed = (cell.estimate - cell.theory).abs() - cell.halfwidth - cell.inner;
    let missed = if missed > 0.0 {
        number(&significant(missed, 2))
    } else {
        "—".to_owned()
    };
    format!(
        "<td>{}</td><td class=\"r\">{}</td><td class=\"r\">{}</td><td class=\"r\">{}</td><td class=\"r\">{missed}</td>",
        place(cell),
        number(&theory),
        number(&significant(cell.inner, 2)),
        number(&estimate),
    )
}
