//! An error over N with the envelope that it must stay under, both axes logarithmic.

use super::canvas::{GREY, INK, INNER, OUTER, colour, picture};
use super::chart::{Chart, HEIGHT, Scale, Sign, WIDTH, range};
use super::parameters::{Panel, whiskers};
use crate::ledger::CellRecord;
use plotters::style::text_anchor::HPos;

/// A chart for every law and family of signals with two or more sizes, from the cells whose point
/// begins with `observable`.
#[must_use]
pub fn envelope_panels(cells: &[CellRecord], observable: &str) -> Vec<Panel> {
    let prefix = format!("{observable},");
    let drawn = |cell: &&CellRecord| {
        cell.point.starts_with(&prefix) && cell.estimate > 0.0 && cell.outer > 0.0
    };
    // Signals are named with k, which goes with N: the i-th cell of each size belongs to family i.
    let mut groups: Vec<Vec<&CellRecord>> = Vec::new();
    for cell in cells.iter().filter(drawn) {
        let next = |group: &&mut Vec<&CellRecord>| {
            group[0].law == cell.law && group.iter().all(|other| other.n != cell.n)
        };
        match groups.iter_mut().find(next) {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups.retain(|group| group.len() > 1);
    for group in &mut groups {
        group.sort_by_key(|cell| cell.n);
    }
    groups
        .iter()
        .map(|group| panel(observable, group))
        .collect()
}

fn panel(observable: &str, group: &[&CellRecord]) -> Panel {
    let first = group[0];
    let sizes = group.iter().map(|cell| cell.n as f64);
    let (least, most) = range(sizes);
    let ends = group.iter().flat_map(|cell| {
        [
            cell.estimate,
            cell.theory + cell.outer,
            cell.estimate + cell.halfwidth,
        ]
    });
    let (low, high) = range(ends);
    let chart = Chart {
        x: Scale::logarithmic(0.85 * least, 1.18 * most),
        y: Scale::logarithmic(0.5 * low, 1.25 * high),
    };
    let alternative = format!("{observable}: error against N, with its envelope");
    let svg = picture(WIDTH, HEIGHT, &alternative, |canvas| {
        let under = |tolerance: fn(&CellRecord) -> f64| {
            let top = group
                .iter()
                .map(|cell| chart.place(cell.n as f64, cell.theory + tolerance(cell)));
            let floor = group
                .iter()
                .rev()
                .map(|cell| chart.place(cell.n as f64, 0.5 * low));
            top.chain(floor).collect()
        };
        canvas.area(under(|cell| cell.outer), OUTER);
        if group
            .iter()
            .all(|cell| cell.theory + cell.inner > 0.5 * low)
        {
            canvas.area(under(|cell| cell.inner), INNER);
        }
        chart.axes(
            canvas,
            "N, logarithmic",
            "max |λ − Φ(θ)| over the spikes, logarithmic",
        );
        let envelope: Vec<(f64, f64)> = group
            .iter()
            .map(|cell| (cell.n as f64, cell.theory + cell.outer))
            .collect();
        chart.curve(canvas, &envelope, GREY);
        for cell in group {
            whiskers(canvas, &chart, cell.n as f64, cell);
            let (x, y) = chart.place(cell.n as f64, cell.estimate);
            let spikes = cell.point.rsplit(", ").next().unwrap_or_default();
            let label = format!("N = {}, {spikes}", cell.n);
            // The first half has room on its right, the second on its left.
            if x < WIDTH / 2 {
                canvas.text(&label, (x + 10, y), HPos::Left, 13.0, INK);
            } else {
                canvas.text(&label, (x - 10, y), HPos::Right, 13.0, INK);
            }
        }
        chart.legend(
            canvas,
            &[
                (
                    Sign::Dot(colour(first.verdict)),
                    "mean of the worst error, interval",
                ),
                (Sign::Line(GREY), "envelope: theory + τ"),
                (Sign::Fill(INNER), "theory + τ₀"),
            ],
        );
    });
    let replicates = group.iter().map(|cell| cell.replicates).min().unwrap_or(0);
    Panel {
        caption: format!(
            "Worst error over the spikes against N: {}, at least {replicates} replicates a size. From the cells of this claim.",
            first.law
        ),
        svg,
    }
}
