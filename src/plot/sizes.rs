//! Estimates against the matrix size N, one small panel for each law, signal and point.

use super::canvas::{Canvas, GREY, INNER, OUTER, RULE, THEORY, colour, picture};
use super::cells::minus;
use super::chart::round_step;
use crate::confidence::Grade;
use crate::ledger::CellRecord;
use crate::table::significant;
use plotters::style::text_anchor::HPos;

const WIDTH: i32 = 300;
const HEIGHT: i32 = 170;
const LEFT: i32 = 58;
const RIGHT: i32 = WIDTH - 14;
const TOP: i32 = 8;
const BOTTOM: i32 = HEIGHT - 34;

/// One panel: what it shows and the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizePanel {
    /// Ensemble.
    pub law: String,
    /// Signal.
    pub signal: String,
    /// Spectral point or spike.
    pub point: String,
    /// The picture as an `<svg>` element.
    pub svg: String,
}

/// A panel for every (law, signal, point) that was estimated at two or more sizes. Identities get
/// none: their estimates are rounding errors, which say nothing about N.
#[must_use]
pub fn size_panels(cells: &[CellRecord]) -> Vec<SizePanel> {
    let mut groups: Vec<Vec<&CellRecord>> = Vec::new();
    let estimated = |cell: &&CellRecord| cell.estimate.is_finite() && cell.grade != Grade::Identity;
    for cell in cells.iter().filter(estimated) {
        let same = |other: &CellRecord| {
            (&other.law, &other.signal, &other.point) == (&cell.law, &cell.signal, &cell.point)
        };
        match groups.iter_mut().find(|group| same(group[0])) {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups
        .into_iter()
        .filter_map(|mut group| {
            group.sort_by_key(|cell| cell.n);
            let (first, last) = (group.first()?, group.last()?);
            (first.n < last.n && first.n > 0).then(|| SizePanel {
                law: first.law.clone(),
                signal: first.signal.clone(),
                point: first.point.clone(),
                svg: panel(&group),
            })
        })
        .collect()
}

/// Maps log₂ N and values to pixels.
struct Frame {
    sizes: (f64, f64),
    values: (f64, f64),
}

impl Frame {
    /// Wide enough for every band and interval, with a margin.
    fn around(group: &[&CellRecord]) -> Self {
        let log = |cell: &CellRecord| (cell.n as f64).log2();
        let mut low = f64::INFINITY;
        let mut high = f64::NEG_INFINITY;
        for cell in group {
            low = low.min((cell.theory - cell.outer).min(cell.estimate - cell.halfwidth));
            high = high.max((cell.theory + cell.outer).max(cell.estimate + cell.halfwidth));
        }
        let margin = if high > low { 0.06 * (high - low) } else { 1.0 };
        let (first, last) = (log(group[0]), log(group[group.len() - 1]));
        let side = 0.12 * (last - first);
        Self {
            sizes: (first - side, last + side),
            values: (low - margin, high + margin),
        }
    }

    fn x(&self, n: usize) -> i32 {
        let (low, high) = self.sizes;
        let share = ((n as f64).log2() - low) / (high - low);
        LEFT + (share * f64::from(RIGHT - LEFT)).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        let (low, high) = self.values;
        let share = (value - low) / (high - low);
        BOTTOM - (share * f64::from(BOTTOM - TOP)).round() as i32
    }
}

fn panel(group: &[&CellRecord]) -> String {
    let frame = Frame::around(group);
    let first = group[0];
    let alternative = format!(
        "{}, signal {}, {}: estimates against N",
        first.law, first.signal, first.point
    );
    picture(WIDTH, HEIGHT, &alternative, |canvas| {
        ribbon(canvas, &frame, group, |cell| cell.outer, OUTER);
        ribbon(canvas, &frame, group, |cell| cell.inner, INNER);
        let theory = group
            .iter()
            .map(|cell| (frame.x(cell.n), frame.y(cell.theory)));
        canvas.path(theory.collect(), THEORY, 1);
        axes(canvas, &frame, group);
        for cell in group {
            let x = frame.x(cell.n);
            let low = frame.y(cell.estimate - cell.halfwidth);
            let high = frame.y(cell.estimate + cell.halfwidth);
            let ink = colour(cell.verdict);
            canvas.line((x, low), (x, high), ink, 2);
            canvas.line((x - 4, low), (x + 4, low), ink, 1);
            canvas.line((x - 4, high), (x + 4, high), ink, 1);
            canvas.mark((x, frame.y(cell.estimate)), cell.verdict);
        }
    })
}

/// The band θ ± tolerance over all sizes.
fn ribbon(
    canvas: &Canvas,
    frame: &Frame,
    group: &[&CellRecord],
    tolerance: fn(&CellRecord) -> f64,
    fill: plotters::style::RGBColor,
) {
    let edge = |sign: f64| {
        move |cell: &&CellRecord| {
            let value = cell.theory + sign * tolerance(cell);
            (frame.x(cell.n), frame.y(value))
        }
    };
    let upper = group.iter().map(edge(1.0));
    let lower = group.iter().rev().map(edge(-1.0));
    canvas.area(upper.chain(lower).collect(), fill);
}

fn axes(canvas: &Canvas, frame: &Frame, group: &[&CellRecord]) {
    canvas.line((LEFT, TOP), (LEFT, BOTTOM), GREY, 1);
    canvas.line((LEFT, BOTTOM), (RIGHT, BOTTOM), GREY, 1);
    let mut free_from = i32::MIN;
    for cell in group {
        let x = frame.x(cell.n);
        canvas.line((x, BOTTOM), (x, BOTTOM + 4), GREY, 1);
        // Sizes that lie close together would print over one another.
        if x - 14 >= free_from {
            canvas.text(
                &cell.n.to_string(),
                (x, BOTTOM + 12),
                HPos::Center,
                11.0,
                GREY,
            );
            free_from = x + 14;
        }
    }
    canvas.text(
        "N (log scale)",
        (RIGHT, BOTTOM + 26),
        HPos::Right,
        11.0,
        GREY,
    );
    let (low, high) = frame.values;
    for tick in round_ticks(low, high) {
        let y = frame.y(tick);
        canvas.line((LEFT - 4, y), (LEFT, y), GREY, 1);
        let label = if tick == 0.0 {
            "0".to_owned()
        } else {
            short(tick, high - low)
        };
        canvas.text(&minus(&label), (LEFT - 7, y), HPos::Right, 11.0, GREY);
    }
    if low < 0.0 && high > 0.0 {
        canvas.line((LEFT, frame.y(0.0)), (RIGHT, frame.y(0.0)), RULE, 1);
    }
}

/// Three to six multiples of 1, 2 or 5 times a power of ten.
fn round_ticks(low: f64, high: f64) -> Vec<f64> {
    let step = round_step((high - low) / 4.0);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last).map(|index| index as f64 * step).collect()
}

/// A tick with the decimals that its step needs.
fn short(tick: f64, span: f64) -> String {
    let decimals = 1.0 - (span / 4.0).log10().floor();
    if tick.abs() < 1e-3 || decimals > 5.0 {
        significant(tick, 2)
    } else {
        let text = format!("{tick:.*}", decimals.max(0.0) as usize);
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    }
}
