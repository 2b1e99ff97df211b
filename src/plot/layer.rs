//! The singular values of one layer over the law fitted to their bulk.

use super::canvas::{CONTRAST, INNER, OUTER, PREDICTED, SAMPLE, picture};
use super::chart::{Chart, HEIGHT, Scale, Sign, WIDTH, range};
use crate::network::bulk::{Analysis, Bulk, SingularValues};

/// Bins under the bulk.
const BINS: f64 = 40.0;
/// Points of the curve.
const CURVE: usize = 300;
/// The frame ends at this many edges; what lies farther is counted in the legend.
const FARTHEST: f64 = 5.0;

/// Histogram of the singular values, density of the fitted bulk, edge and threshold; each spike
/// where it was seen and where the outlier map has the signal behind it.
#[must_use]
pub fn layer_picture(analysis: &Analysis, values: &SingularValues) -> String {
    let values = values.values();
    let largest = values[0].max(f64::MIN_POSITIVE);
    let bulk = analysis.bulk();
    let (width, end) = match &bulk {
        Some(bulk) => (
            (bulk.edge().value - bulk.lower_edge()) / BINS,
            largest.min(FARTHEST * bulk.edge().value),
        ),
        None => (largest / BINS, largest),
    };
    let inside: Vec<f64> = values.iter().copied().filter(|y| *y <= end).collect();
    let outside = values.len() - inside.len();
    let bars = bars(&inside, values.len(), width);
    let curve = bulk.map_or_else(Vec::new, |bulk| curve(&bulk, values.len()));
    let heights = bars
        .iter()
        .map(|bar| bar.2)
        .chain(curve.iter().map(|point| point.1));
    let (_, top) = range(heights.chain([0.0]));
    // Down to 0 when the bulk is near it: a square matrix has a hard edge there.
    let (low, _) = range(
        inside
            .iter()
            .copied()
            .chain(bulk.map(|bulk| bulk.lower_edge())),
    );
    let low = if low < 0.3 * end {
        0.0
    } else {
        low - 0.04 * (end - low)
    };
    let chart = Chart {
        x: Scale::linear(low, end + 0.04 * (end - low)),
        y: Scale::linear(0.0, 1.15 * top),
    };
    picture(
        WIDTH,
        HEIGHT,
        "histogram of singular values under the fitted bulk",
        |canvas| {
            if let Some(bulk) = bulk {
                chart.column(canvas, bulk.edge().value, bulk.threshold(), OUTER);
            }
            for (low, high, height) in &bars {
                let (left, up) = chart.place(*low, *height);
                let (right, ground) = chart.place(*high, 0.0);
                // A pixel between bars, so that they can be counted.
                canvas.band((left + 1, up), (right.max(left + 2), ground), INNER);
            }
            chart.axes(canvas, "singular value", "density of singular values");
            let seen = match outside {
                0 => "singular values".to_owned(),
                _ => format!("singular values, {outside} beyond the frame"),
            };
            let mut legend = vec![(Sign::Fill(INNER), seen.as_str())];
            if let Some(bulk) = bulk {
                chart.curve(canvas, &curve, PREDICTED);
                let upright = |x: f64| [(x, 0.0), (x, 1.1 * top)];
                chart.dashes(canvas, &upright(bulk.edge().value), CONTRAST);
                legend.push((Sign::Line(PREDICTED), "fitted bulk"));
                legend.push((Sign::Dashes(CONTRAST), "edge"));
                legend.push((Sign::Fill(OUTER), "margin to the threshold"));
            }
            for spike in analysis.spikes.iter().filter(|spike| spike.value <= end) {
                let (x, ground) = chart.place(spike.value, 0.0);
                let (_, tip) = chart.place(spike.value, 0.13 * top);
                canvas.line((x, ground), (x, tip), SAMPLE, 2);
                canvas.pointer(chart.place(spike.strength.value, 0.16 * top), PREDICTED);
            }
            if !analysis.spikes.is_empty() {
                legend.push((Sign::Tick(SAMPLE), "spike"));
                legend.push((Sign::Pointer(PREDICTED), "signal behind it"));
            }
            chart.legend(canvas, &legend);
        },
    )
}

/// (low, high, height) of the bins from 0 on that hold values; all `total` values have mass 1.
fn bars(values: &[f64], total: usize, width: f64) -> Vec<(f64, f64, f64)> {
    let mut counts = std::collections::BTreeMap::new();
    for y in values {
        *counts.entry((y / width).floor() as i64).or_insert(0u32) += 1;
    }
    counts
        .into_iter()
        .map(|(bin, count)| {
            let low = bin as f64 * width;
            (low, low + width, f64::from(count) / (total as f64 * width))
        })
        .collect()
}

/// The density of the bulk, with the mass that the bulk has among all values.
fn curve(bulk: &Bulk<'_>, total: usize) -> Vec<(f64, f64)> {
    let mass = (total - bulk.beyond()) as f64 / total as f64;
    let length = bulk.edge().value - bulk.lower_edge();
    (0..=CURVE)
        .map(|i| {
            let y = bulk.lower_edge() + length * i as f64 / CURVE as f64;
            (y, mass * bulk.density(y))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::bulk::{Options, SingularLaw, analyse};

    fn spectrum(spike: f64) -> SingularValues {
        let law = SingularLaw::new(0.5).unwrap();
        let mut values: Vec<f64> = (1..100)
            .map(|i| law.quantile(f64::from(i) / 100.0))
            .collect();
        values.push(spike);
        SingularValues::new(values, 200, 100).unwrap()
    }

    #[test]
    fn bars_have_the_mass_of_the_values_inside_the_frame() {
        let values = spectrum(3.0);
        let bars = bars(values.values(), 100, 0.05);
        let mass: f64 = bars
            .iter()
            .map(|(low, high, height)| (high - low) * height)
            .sum();
        assert!((mass - 1.0).abs() < 1e-12, "{mass}");
    }

    #[test]
    fn curve_lies_on_the_histogram_of_what_it_was_fitted_to() {
        let values = spectrum(3.0);
        let analysis = analyse(&values, &Options::default()).unwrap();
        let fit = analysis.fit.unwrap();
        let curve = curve(&Bulk::Noise(&fit), 100);
        for (low, high, height) in bars(values.values(), 100, 0.2) {
            let inside = low > fit.lower_edge + 0.1 && high < fit.edge.value - 0.1;
            let points = || {
                curve
                    .iter()
                    .filter(|point| point.0 >= low && point.0 <= high)
            };
            let mean = points().map(|point| point.1).sum::<f64>() / points().count() as f64;
            // One value more or less in a bin is 0.05.
            assert!(
                !inside || (mean - height).abs() < 0.07,
                "{low}: {height} and {mean}"
            );
        }
    }

    #[test]
    fn spikes_beyond_the_frame_are_counted_in_words() {
        let far = |spike: f64| {
            let values = spectrum(spike);
            layer_picture(&analyse(&values, &Options::default()).unwrap(), &values)
        };
        assert!(!far(3.0).contains("beyond the frame"));
        assert!(far(100.0).contains("1 beyond the frame"));
    }
}
