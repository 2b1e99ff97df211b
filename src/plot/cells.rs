//! Cells as rows of one picture, each in units of its own outer tolerance.

use super::canvas::{Canvas, GREY, INK, INNER, OUTER, RULE, THEORY, colour, picture};
use crate::ledger::CellRecord;
use crate::table::{plural, theory_and_estimate};
use crate::verdict::Verdict;
use plotters::style::text_anchor::HPos;

const WIDTH: i32 = 960;
/// The axis runs from θ − REACH·τ to θ + REACH·τ.
const REACH: f64 = 1.6;

/// Where the axis lies between the labels.
struct Axis {
    left: i32,
    right: i32,
}

impl Axis {
    /// The pixel of θ + u·τ.
    fn pixel(&self, u: f64) -> i32 {
        let middle = f64::from(self.left + self.right) / 2.0;
        let half = f64::from(self.right - self.left) / 2.0;
        (middle + half * u.clamp(-REACH, REACH) / REACH).round() as i32
    }
}

/// A cell in units of its outer tolerance.
struct Scaled {
    inner: f64,
    centre: f64,
    halfwidth: f64,
}

/// A tolerance of 0 asks for equality: then any difference is infinitely far off.
fn scaled(cell: &CellRecord) -> Scaled {
    let difference = cell.estimate - cell.theory;
    let unit = |x: f64| if x == 0.0 { 0.0 } else { x / cell.outer };
    Scaled {
        inner: unit(cell.inner),
        centre: unit(difference),
        halfwidth: unit(cell.halfwidth),
    }
}

/// Every cell with its label and its numbers; a heading where law or signal change.
#[must_use]
pub fn cell_picture(cells: &[&CellRecord]) -> String {
    const ROW: i32 = 20;
    const TOP: i32 = 34;
    let axis = Axis {
        left: 300,
        right: 690,
    };
    let headings = groups(cells, |cell| (cell.law.clone(), cell.signal.clone())).len() as i32;
    let rows = cells.len() as i32 + headings;
    let height = TOP + rows * ROW + 30;
    let alternative = format!("{} cells: estimates against theory", cells.len());
    picture(WIDTH, height, &alternative, |canvas| {
        legend(canvas);
        let mut y = TOP;
        let mut group = None;
        for cell in cells {
            let name = (&cell.law, &cell.signal);
            if group.replace(name) != Some(name) {
                let heading = format!("{}, signal {}", cell.law, cell.signal);
                canvas.text(&heading, (8, y + 12), HPos::Left, 13.0, INK);
                canvas.line((8, y + ROW), (WIDTH - 8, y + ROW), RULE, 1);
                y += ROW;
            }
            let middle = y + ROW / 2;
            let label = format!("N = {}", cell.n);
            canvas.text(&label, (20, middle), HPos::Left, 12.0, INK);
            canvas.text(&cell.point, (96, middle), HPos::Left, 12.0, INK);
            draw_cell(canvas, &axis, cell, (y + 2, y + ROW - 2));
            let (theory, estimate) = theory_and_estimate(cell);
            canvas.text(
                &minus(&theory),
                (WIDTH - 176, middle),
                HPos::Right,
                12.0,
                GREY,
            );
            canvas.text(
                &minus(&estimate),
                (WIDTH - 8, middle),
                HPos::Right,
                12.0,
                INK,
            );
            y += ROW;
        }
        ticks(canvas, &axis, y);
        canvas.text("θ", (WIDTH - 176, y + 14), HPos::Right, 12.0, GREY);
        canvas.text("estimate", (WIDTH - 8, y + 14), HPos::Right, 12.0, GREY);
    })
}

/// All cells of a claim at a glance: thin rows, one label a law.
#[must_use]
pub fn overview(cells: &[CellRecord]) -> String {
    const TOP: i32 = 34;
    let row = if cells.len() > 120 { 4 } else { 6 };
    let gap = 6;
    let axis = Axis {
        left: 240,
        right: WIDTH - 20,
    };
    let borrowed: Vec<&CellRecord> = cells.iter().collect();
    let laws = groups(&borrowed, |cell| cell.law.clone());
    let heights = laws
        .iter()
        .map(|law| (law.len() as i32 * row).max(16) + gap);
    let height = TOP + heights.sum::<i32>() + 30;
    let alternative = format!(
        "overview of {} cells: estimates against theory",
        cells.len()
    );
    picture(WIDTH, height, &alternative, |canvas| {
        legend(canvas);
        let mut y = TOP;
        for law in &laws {
            let size = law.len() as i32 * row;
            let middle = y + size.max(16) / 2;
            // Two lines where they fit: the name, and below it how many cells.
            if size >= 32 {
                let count = plural(law.len(), "cell");
                canvas.text(&law[0].law, (8, middle - 8), HPos::Left, 13.0, INK);
                canvas.text(&count, (8, middle + 8), HPos::Left, 11.0, GREY);
            } else {
                canvas.text(&law[0].law, (8, middle), HPos::Left, 13.0, INK);
            }
            let mut top = y + (size.max(16) - size) / 2;
            for cell in law {
                draw_thin_cell(canvas, &axis, cell, (top, top + row));
                top += row;
            }
            y += size.max(16) + gap;
        }
        ticks(canvas, &axis, y - gap / 2);
    })
}

/// Bands, interval and mark of one cell in full size.
fn draw_cell(canvas: &Canvas, axis: &Axis, cell: &CellRecord, (top, bottom): (i32, i32)) {
    let unit = scaled(cell);
    let middle = (top + bottom) / 2;
    bands(canvas, axis, &unit, (top, bottom));
    if unit.centre.is_nan() {
        canvas.text(
            "not judged",
            (axis.pixel(0.0), middle),
            HPos::Center,
            11.0,
            GREY,
        );
        return;
    }
    let low = axis.pixel(unit.centre - unit.halfwidth);
    let high = axis.pixel(unit.centre + unit.halfwidth);
    let ink = colour(cell.verdict);
    canvas.line((low, middle), (high, middle), ink, 2);
    if unit.halfwidth > 0.0 {
        canvas.line((low, middle - 4), (low, middle + 4), ink, 1);
        canvas.line((high, middle - 4), (high, middle + 4), ink, 1);
    }
    if unit.centre.abs() <= REACH {
        canvas.mark((axis.pixel(unit.centre), middle), cell.verdict);
    } else {
        let sign = if unit.centre > 0.0 { 1 } else { -1 };
        canvas.arrow((axis.pixel(unit.centre), middle), sign, cell.verdict);
    }
}

/// The same in a row of a few pixels: the interval as a line, the estimate as a tick.
fn draw_thin_cell(canvas: &Canvas, axis: &Axis, cell: &CellRecord, (top, bottom): (i32, i32)) {
    let unit = scaled(cell);
    bands(canvas, axis, &unit, (top, bottom));
    if unit.centre.is_nan() {
        return;
    }
    let ink = colour(cell.verdict);
    let middle = (top + bottom) / 2;
    let low = axis.pixel(unit.centre - unit.halfwidth);
    let high = axis.pixel(unit.centre + unit.halfwidth);
    canvas.line((low, middle), (high, middle), ink, 1);
    let centre = axis.pixel(unit.centre);
    canvas.band((centre - 1, top), (centre + 2, bottom - 1), ink);
    if cell.verdict != Verdict::Confirmed {
        canvas.mark((centre, middle), cell.verdict);
    }
}

fn bands(canvas: &Canvas, axis: &Axis, unit: &Scaled, (top, bottom): (i32, i32)) {
    canvas.band((axis.pixel(-1.0), top), (axis.pixel(1.0), bottom), OUTER);
    if unit.inner > 0.0 {
        let (low, high) = (axis.pixel(-unit.inner), axis.pixel(unit.inner));
        canvas.band((low, top), (high, bottom), INNER);
    }
    let centre = axis.pixel(0.0);
    canvas.line((centre, top), (centre, bottom), THEORY, 1);
}

fn ticks(canvas: &Canvas, axis: &Axis, y: i32) {
    canvas.line((axis.left, y + 2), (axis.right, y + 2), GREY, 1);
    for (u, label) in [(-1.0, "θ − τ"), (0.0, "θ"), (1.0, "θ + τ")] {
        let x = axis.pixel(u);
        canvas.line((x, y + 2), (x, y + 6), GREY, 1);
        canvas.text(label, (x, y + 15), HPos::Center, 12.0, GREY);
    }
}

fn legend(canvas: &Canvas) {
    let y = 14;
    canvas.tolerances(y);
    let say = |text: &str, x: i32| canvas.text(text, (x, y), HPos::Left, 12.0, GREY);
    canvas.line((420, y), (448, y), GREY, 2);
    canvas.line((420, y - 4), (420, y + 4), GREY, 1);
    canvas.line((448, y - 4), (448, y + 4), GREY, 1);
    say("confidence interval", 454);
    for (verdict, label, x) in [
        (Verdict::Confirmed, "confirmed", 620),
        (Verdict::Refuted, "refuted", 730),
        (Verdict::Undecided, "undecided", 824),
    ] {
        canvas.mark((x, y), verdict);
        say(label, x + 10);
    }
}

/// Runs of neighbours with the same key.
fn groups<'a, K: PartialEq>(
    cells: &[&'a CellRecord],
    key: impl Fn(&CellRecord) -> K,
) -> Vec<Vec<&'a CellRecord>> {
    let mut runs: Vec<Vec<&CellRecord>> = Vec::new();
    for &cell in cells {
        match runs.last_mut() {
            Some(run) if key(run[0]) == key(cell) => run.push(cell),
            _ => runs.push(vec![cell]),
        }
    }
    runs
}

/// Numbers in pictures have a true minus sign.
pub(super) fn minus(number: &str) -> String {
    number.replace('-', "−")
}
