//! Time/N³ against N, both logarithmic: a cubic algorithm is a level line, and what lies lower is faster.

use super::fit::median;
use super::measure::{Mode, Survey};
use plotters::coord::Shift;
use plotters::prelude::*;
use std::error::Error;

/// Okabe and Ito's colours, which people with any colour vision tell apart, and a grey.
const COLOURS: [RGBColor; 9] = [
    RGBColor(0, 0, 0),
    RGBColor(213, 94, 0),
    RGBColor(0, 114, 178),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(150, 140, 30),
    RGBColor(150, 150, 150),
];
const SIZE: (u32, u32) = (1000, 520);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Line = (String, bool, RGBColor, Vec<(f64, f64)>);

/// Two panels: milliseconds, and nanoseconds over N³.
pub fn times(survey: &Survey) -> Result<String, Box<dyn Error>> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let title = match survey.mode {
            Mode::Single => "One matrix at a time",
            Mode::Batch => "Batches of replicates",
        };
        let (left, right) = root.split_horizontally(SIZE.0 as i32 / 2);
        let milliseconds = lines(survey, |_, time| time * 1e3);
        let cubed = lines(survey, |n, time| time * 1e9 / n.powi(3));
        panel(&left, &format!("{title}: ms a matrix"), &milliseconds, true)?;
        panel(&right, &format!("{title}: time/N³ in ns"), &cubed, false)?;
        root.present()?;
    }
    Ok(svg)
}

/// A line for every solver.
fn lines(survey: &Survey, scaled: impl Fn(f64, f64) -> f64) -> Vec<Line> {
    survey
        .solvers
        .iter()
        .enumerate()
        .map(|(k, (name, ours))| {
            let points = survey.sizes.iter().filter_map(|size| {
                let n = size.n as f64;
                Some((n, scaled(n, median(&size.of(k)?.rounds).value)))
            });
            let colour = COLOURS[k % COLOURS.len()];
            (name.clone(), *ours, colour, points.collect())
        })
        .collect()
}

fn panel(area: &Area, title: &str, lines: &[Line], legend: bool) -> Result<(), Box<dyn Error>> {
    let points = || lines.iter().flat_map(|line| &line.3);
    let range = |coordinate: fn(&(f64, f64)) -> f64, margin: f64| {
        let (lo, hi) = points()
            .map(coordinate)
            .fold((f64::INFINITY, 0.0f64), |(lo, hi), x| {
                (lo.min(x), hi.max(x))
            });
        (lo / margin..hi * margin).log_scale()
    };
    let mut sizes: Vec<f64> = points().map(|p| p.0).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let x = range(|p| p.0, 1.1).with_key_points(apart(&sizes));
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(58)
        .build_cartesian_2d(x, range(|p| p.1, 1.25))?;
    chart
        .configure_mesh()
        .x_desc("N")
        .x_label_formatter(&|n| format!("{n:.0}"))
        .y_label_formatter(&|y| plain(*y))
        .light_line_style(RGBColor(240, 240, 240))
        .draw()?;
    for (name, ours, colour, points) in lines {
        let style = colour.stroke_width(if *ours { 4 } else { 2 });
        let line = chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
        if legend {
            line.label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
        }
        chart.draw_series(
            points
                .iter()
                .map(|&point| Circle::new(point, 3, colour.filled())),
        )?;
    }
    if legend {
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.85))
            .border_style(RGBColor(200, 200, 200))
            .draw()?;
    }
    Ok(())
}

/// The sizes that get a label: from the largest down, without those whose label would touch the last one.
fn apart(sizes: &[f64]) -> Vec<f64> {
    let (Some(first), Some(last)) = (sizes.first(), sizes.last()) else {
        return Vec::new();
    };
    let nearest = (last / first).powf(LABEL);
    let mut labels: Vec<f64> = Vec::new();
    for &n in sizes.iter().rev() {
        if labels.last().is_none_or(|next| n * nearest <= *next) {
            labels.push(n);
        }
    }
    labels
}

/// Width of a label of four digits with a gap over that of the axis: 36 of 400 pixels.
const LABEL: f64 = 0.09;

/// Without exponents, and without zeros that say nothing.
fn plain(y: f64) -> String {
    let decimals = (-y.log10().floor()).max(0.0) as usize;
    format!("{y:.decimals$}")
}
