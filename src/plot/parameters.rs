//! Estimates against a parameter of the point: a spike θ, an argument x of a distribution function.

use super::canvas::{CONTRAST, Canvas, INNER, OUTER, THEORY, colour, picture};
use super::chart::{Chart, HEIGHT, Scale, Sign, WIDTH};
use crate::confidence::Grade;
use crate::ledger::CellRecord;

/// Fewer points than this are no curve.
const FEWEST: usize = 4;

/// A chart and what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// What is drawn, in words.
    pub caption: String,
    /// The picture as an `<svg>` element.
    pub svg: String,
}

/// A curve of the limit N → ∞ to draw through the cells, with its name.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Such as `limit max(2, θ + 1/θ)`.
    pub name: &'static str,
    /// The parameter in, the value out.
    pub value: fn(f64) -> f64,
}

/// `λ₁`, `θ`, 1.5 of the point `λ₁, θ = 1.5`; `None` for points of another form.
#[must_use]
pub fn parameter(point: &str) -> Option<(&str, &str, f64)> {
    let (observable, rest) = point.rsplit_once(", ")?;
    let (name, value) = rest.split_once(" = ")?;
    let value: f64 = value.replace('−', "-").parse().ok()?;
    value.is_finite().then_some((observable, name, value))
}

/// Cells of one curve, by their parameter.
struct Group<'a> {
    observable: &'a str,
    name: &'a str,
    cells: Vec<(f64, &'a CellRecord)>,
}

impl Group<'_> {
    /// One signal for the whole curve, or (where the parameter is part of the signal) another one at
    /// every point.
    fn admits(&self, value: f64, signal: &str) -> bool {
        let of_one = self.cells.iter().all(|(_, cell)| cell.signal == signal);
        let of_many = self.cells.iter().enumerate().all(|(i, (x, cell))| {
            let earlier = &self.cells[..i];
            let repeated = earlier.iter().any(|(_, other)| other.signal == cell.signal);
            *x != value && cell.signal != signal && !repeated
        });
        of_one || of_many
    }
}

/// A chart for every law, signal, size and observable with four or more values of the parameter.
#[must_use]
pub fn parameter_panels(cells: &[CellRecord], limit: Option<Limit>) -> Vec<Panel> {
    let estimated = |cell: &&CellRecord| cell.estimate.is_finite() && cell.grade != Grade::Identity;
    let mut groups: Vec<Group> = Vec::new();
    for cell in cells.iter().filter(estimated) {
        // The number k of spikes goes with N and is no parameter of a curve.
        let Some((observable, name, value)) = parameter(&cell.point).filter(|p| p.1 != "k") else {
            continue;
        };
        let same = |group: &&mut Group| {
            let first = group.cells[0].1;
            (group.observable, group.name) == (observable, name)
                && (&first.law, first.n) == (&cell.law, cell.n)
                && group.admits(value, &cell.signal)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.cells.push((value, cell)),
            None => groups.push(Group {
                observable,
                name,
                cells: vec![(value, cell)],
            }),
        }
    }
    groups.retain(|group| group.cells.len() >= FEWEST);
    for group in &mut groups {
        group.cells.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    groups.iter().map(|group| panel(group, limit)).collect()
}

fn panel(group: &Group, limit: Option<Limit>) -> Panel {
    let first = group.cells[0].1;
    let ends = |(_, cell): &(f64, &CellRecord)| {
        [
            cell.theory - cell.outer,
            cell.theory + cell.outer,
            cell.estimate - cell.halfwidth,
            cell.estimate + cell.halfwidth,
        ]
    };
    let chart = Chart {
        x: Scale::around(group.cells.iter().map(|(x, _)| *x)),
        y: Scale::around(group.cells.iter().flat_map(ends)),
    };
    let alternative = format!(
        "{} against {}: theory and estimates at N = {}",
        group.observable, group.name, first.n
    );
    let svg = picture(WIDTH, HEIGHT, &alternative, |canvas| {
        ribbon(canvas, &chart, group, |cell| cell.outer, OUTER);
        ribbon(canvas, &chart, group, |cell| cell.inner, INNER);
        chart.axes(canvas, group.name, group.observable);
        let mut legend = vec![
            (Sign::Dot(colour(first.verdict)), "estimate, interval"),
            (Sign::Line(THEORY), "theory at this N"),
            (Sign::Fill(INNER), "± τ₀"),
            (Sign::Fill(OUTER), "± τ"),
        ];
        if let Some(limit) = limit {
            let (low, high) = (group.cells[0].0, group.cells[group.cells.len() - 1].0);
            let points: Vec<(f64, f64)> = (0..=200)
                .map(|i| low + (high - low) * f64::from(i) / 200.0)
                .map(|x| (x, (limit.value)(x)))
                .collect();
            chart.dashes(canvas, &points, CONTRAST);
            legend.push((Sign::Dashes(CONTRAST), limit.name));
        }
        let theory: Vec<(f64, f64)> = group
            .cells
            .iter()
            .map(|(x, cell)| (*x, cell.theory))
            .collect();
        chart.curve(canvas, &theory, THEORY);
        for (x, cell) in &group.cells {
            whiskers(canvas, &chart, *x, cell);
        }
        chart.legend(canvas, &legend);
    });
    Panel {
        caption: format!(
            "{} against {}: {}, N = {}, {} replicates a point. From the cells of this claim.",
            group.observable, group.name, first.law, first.n, first.replicates
        ),
        svg,
    }
}

fn ribbon(
    canvas: &Canvas,
    chart: &Chart,
    group: &Group,
    tolerance: fn(&CellRecord) -> f64,
    fill: plotters::style::RGBColor,
) {
    let edge = |sign: f64| {
        move |(x, cell): &(f64, &CellRecord)| chart.place(*x, cell.theory + sign * tolerance(cell))
    };
    let upper = group.cells.iter().map(edge(1.0));
    let lower = group.cells.iter().rev().map(edge(-1.0));
    canvas.area(upper.chain(lower).collect(), fill);
}

/// The interval with its ends, and the mark of the verdict.
pub fn whiskers(canvas: &Canvas, chart: &Chart, x: f64, cell: &CellRecord) {
    let ink = colour(cell.verdict);
    let low = chart.place(x, cell.estimate - cell.halfwidth);
    let high = chart.place(x, cell.estimate + cell.halfwidth);
    canvas.line(low, high, ink, 2);
    for (across, up) in [low, high] {
        canvas.line((across - 4, up), (across + 4, up), ink, 1);
    }
    canvas.mark(chart.place(x, cell.estimate), cell.verdict);
}

#[cfg(test)]
mod tests {
    use super::parameter;

    #[test]
    fn parameter_is_the_number_after_the_last_comma() {
        assert_eq!(parameter("λ₁, θ = 1.5"), Some(("λ₁", "θ", 1.5)));
        assert_eq!(parameter("P, x = -1.5"), Some(("P", "x", -1.5)));
        assert_eq!(parameter("Re m̂(z), z = 1.5+1i"), None);
        assert_eq!(parameter("Ward"), None);
    }
}
