//! Counts against a size, with intervals.

use super::canvas::{CONTRAST, PREDICTED, SAMPLE, picture};
use super::chart::{Chart, HEIGHT, Scale, Sign, WIDTH};
use plotters::style::RGBColor;

/// A count at one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountPoint {
    /// Size.
    pub size: f64,
    /// Count.
    pub count: f64,
    /// Ends of its interval.
    pub interval: (f64, f64),
}

/// Counts of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct CountSeries<'a> {
    /// What is counted.
    pub name: &'a str,
    /// In any order; those of one size are joined by their mean.
    pub points: Vec<CountPoint>,
}

/// Up to three series of counts, as an `<svg>` element: dots with intervals, and a line through the
/// mean of each size.
#[must_use]
pub fn count_picture(
    series: &[CountSeries<'_>],
    x_means: &str,
    y_means: &str,
    alternative: &str,
) -> String {
    const INKS: [RGBColor; 3] = [SAMPLE, PREDICTED, CONTRAST];
    let points = || series.iter().flat_map(|series| &series.points);
    let highest = points().map(|p| p.interval.1).fold(1.0, f64::max);
    let chart = Chart {
        x: Scale::around(points().map(|p| p.size)),
        y: Scale::linear(0.0, 1.06 * highest),
    };
    picture(WIDTH, HEIGHT, alternative, |canvas| {
        chart.axes(canvas, x_means, y_means);
        for (series, ink) in series.iter().zip(INKS) {
            chart.curve(canvas, &means(&series.points), ink);
            for p in &series.points {
                let (low, high) = p.interval;
                let ends = [low, high].map(|y| chart.place(p.size, y));
                canvas.line(ends[0], ends[1], ink, 1);
                for (x, y) in ends {
                    canvas.line((x - 3, y), (x + 3, y), ink, 1);
                }
                canvas.dot(chart.place(p.size, p.count), ink);
            }
        }
        let legend: Vec<(Sign, &str)> = series
            .iter()
            .zip(INKS)
            .map(|(series, ink)| (Sign::Dot(ink), series.name))
            .collect();
        chart.legend(canvas, &legend);
    })
}

/// The mean count of each size, by size.
fn means(points: &[CountPoint]) -> Vec<(f64, f64)> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.size.total_cmp(&b.size));
    sorted
        .chunk_by(|a, b| a.size == b.size)
        .map(|group| {
            let sum: f64 = group.iter().map(|p| p.count).sum();
            (group[0].size, sum / group.len() as f64)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_goes_through_the_mean_of_each_size() {
        let point = |size, count| CountPoint {
            size,
            count,
            interval: (count, count),
        };
        let points = [point(2.0, 7.0), point(1.0, 1.0), point(1.0, 2.0)];
        assert_eq!(means(&points), [(1.0, 1.5), (2.0, 7.0)]);
    }

    #[test]
    fn picture_of_nothing_is_a_picture() {
        let empty = CountSeries {
            name: "nothing",
            points: Vec::new(),
        };
        assert!(count_picture(&[empty], "N", "count", "empty").starts_with("<svg "));
    }
}
