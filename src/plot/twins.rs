//! A theorem and its twins: intervals beside the band of agreement, however far away they are.

use super::canvas::{Canvas, GREY, INK, INNER, OUTER, RULE, THEORY, colour, picture};
use crate::ledger::CellRecord;
use plotters::style::text_anchor::HPos;

const WIDTH: i32 = 960;
const LEFT: i32 = 330;
const RIGHT: i32 = WIDTH - 24;
const TOP: i32 = 44;
const ROW: i32 = 22;
/// Two rows and a gap.
const PAIR: i32 = 2 * ROW + 12;

/// One hypothesis dropped.
#[derive(Debug, Clone, Copy)]
pub struct Twin<'a> {
    /// Name of the twin: what is dropped.
    pub dropped: &'a str,
    /// The theorem's own cell, if it has one to compare with.
    pub theorem: Option<&'a CellRecord>,
    /// The twin's cell.
    pub twin: &'a CellRecord,
}

/// Differences from theory in units of the cell's τ, linear within ±1 and logarithmic beyond:
/// u ↦ asinh(u)/asinh(reach). So the band stays visible beside an estimate a thousand τ away.
struct Axis {
    reach: f64,
}

impl Axis {
    fn around(twins: &[Twin]) -> Self {
        let far = twins
            .iter()
            .flat_map(|twin| [Some(twin.twin), twin.theorem])
            .flatten()
            .flat_map(|cell| [-1.0, 1.0].map(|side| in_units(cell, side).abs()))
            .filter(|u| u.is_finite())
            .fold(2.0, f64::max);
        Self { reach: 1.15 * far }
    }

    fn pixel(&self, u: f64) -> i32 {
        let share = (u.asinh() / self.reach.asinh()).clamp(-1.0, 1.0);
        let (middle, half) = (f64::from(LEFT + RIGHT) / 2.0, f64::from(RIGHT - LEFT) / 2.0);
        (middle + half * share).round() as i32
    }

    /// 1, 10, 100, … as far as the axis goes, both signs and 0.
    fn ticks(&self) -> Vec<f64> {
        let powers = (0..16)
            .map(|k| 10f64.powi(k))
            .take_while(|u| *u < self.reach);
        let mut ticks = vec![0.0];
        for u in powers {
            ticks.extend([-u, u]);
        }
        ticks
    }
}

/// The estimate (side 0) or an end of its interval (side ±1), off theory, in units of τ.
fn in_units(cell: &CellRecord, side: f64) -> f64 {
    let off = cell.estimate + side * cell.halfwidth - cell.theory;
    if off == 0.0 { 0.0 } else { off / cell.outer }
}

/// Two rows a twin: the theorem's interval and the twin's, each against its band θ ± τ.
#[must_use]
pub fn twin_picture(twins: &[Twin]) -> String {
    let axis = Axis::around(twins);
    let bottom = TOP + twins.len() as i32 * PAIR;
    let alternative = format!(
        "the theorem and {} with a hypothesis dropped: estimates against theory",
        crate::table::plural(twins.len(), "twin")
    );
    picture(WIDTH, bottom + 46, &alternative, |canvas| {
        legend(canvas);
        let mut y = TOP;
        for twin in twins {
            canvas.line((8, y - 6), (WIDTH - 8, y - 6), RULE, 1);
            if let Some(theorem) = twin.theorem {
                canvas.text(
                    "all hypotheses hold",
                    (8, y + ROW / 2),
                    HPos::Left,
                    13.0,
                    GREY,
                );
                draw(canvas, &axis, theorem, y);
            }
            let name = format!("dropped: {}", twin.dropped);
            canvas.text(&name, (8, y + ROW + ROW / 2), HPos::Left, 13.0, INK);
            draw(canvas, &axis, twin.twin, y + ROW);
            y += PAIR;
        }
        scale(canvas, &axis, bottom);
    })
}

fn draw(canvas: &Canvas, axis: &Axis, cell: &CellRecord, y: i32) {
    let (top, bottom, middle) = (y + 2, y + ROW - 2, y + ROW / 2);
    canvas.band((axis.pixel(-1.0), top), (axis.pixel(1.0), bottom), OUTER);
    if cell.inner > 0.0 && cell.outer > 0.0 {
        let u = cell.inner / cell.outer;
        canvas.band((axis.pixel(-u), top), (axis.pixel(u), bottom), INNER);
    }
    canvas.line((axis.pixel(0.0), top), (axis.pixel(0.0), bottom), THEORY, 1);
    if in_units(cell, 0.0).is_nan() {
        return;
    }
    let ink = colour(cell.verdict);
    let ends = [-1.0, 1.0].map(|side| axis.pixel(in_units(cell, side)));
    canvas.line((ends[0], middle), (ends[1], middle), ink, 2);
    for end in ends {
        canvas.line((end, middle - 4), (end, middle + 4), ink, 1);
    }
    canvas.mark((axis.pixel(in_units(cell, 0.0)), middle), cell.verdict);
}

fn scale(canvas: &Canvas, axis: &Axis, y: i32) {
    canvas.line((LEFT, y), (RIGHT, y), GREY, 1);
    let mut free = Vec::new();
    for u in axis.ticks() {
        let x = axis.pixel(u);
        canvas.line((x, y), (x, y + 4), GREY, 1);
        let label = tick_label(u);
        // From the middle outwards: labels that would touch an earlier one are left out.
        if free.iter().all(|&taken: &i32| (taken - x).abs() >= 44) {
            canvas.text(&label, (x, y + 14), HPos::Center, 12.0, GREY);
            free.push(x);
        }
    }
    canvas.text(
        "estimate − θ, in units of τ: linear near 0, logarithmic far out",
        ((LEFT + RIGHT) / 2, y + 34),
        HPos::Center,
        12.0,
        GREY,
    );
}

/// θ, τ, 10τ, 100τ, 10³τ, …, with their signs.
fn tick_label(u: f64) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    if u == 0.0 {
        return "θ".to_owned();
    }
    let size = match u.abs().log10().round() as usize {
        0 => String::new(),
        1 => "10".to_owned(),
        2 => "100".to_owned(),
        power => {
            let digits = power.to_string();
            let raised = digits
                .bytes()
                .map(|digit| DIGITS[usize::from(digit - b'0')]);
            format!("10{}", raised.collect::<String>())
        }
    };
    let sign = if u < 0.0 { "−" } else { "" };
    format!("{sign}{size}τ")
}

fn legend(canvas: &Canvas) {
    let y = 16;
    canvas.tolerances(y);
    let say = |text: &str, x: i32| canvas.text(text, (x, y), HPos::Left, 12.0, GREY);
    canvas.mark((430, y), crate::verdict::Verdict::Confirmed);
    say("inside", 442);
    canvas.mark((510, y), crate::verdict::Verdict::Refuted);
    say("misses: refuted", 522);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_powers_of_ten_times_tau() {
        let labels: Vec<String> = [0.0, -1.0, 1.0, 10.0, -100.0, 1e3, 1e12]
            .map(tick_label)
            .into();
        assert_eq!(labels, ["θ", "−τ", "τ", "10τ", "−100τ", "10³τ", "10¹²τ"]);
    }

    #[test]
    fn band_stays_visible_beside_an_estimate_a_thousand_tolerances_away() {
        let axis = Axis { reach: 1150.0 };
        let width = axis.pixel(1.0) - axis.pixel(-1.0);
        assert!(width > 60, "{width}");
        assert!(axis.pixel(1000.0) < RIGHT && axis.pixel(f64::INFINITY) == RIGHT);
    }
}
