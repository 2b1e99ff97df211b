//! Theorem 2.1: the mass of the outliers is κ carried along by Φ.

use super::super::canvas::{CONTRAST, OUTER, PREDICTED, SAMPLE, picture};
use super::super::chart::{Chart, HEIGHT, Scale, Sign, WIDTH, range};
use super::{IllustrationError, Model, Panel, spread};
use crate::measure::SpectralMeasure;

const N: usize = 900;
/// k = √N: 8 spikes left of the bulk, 22 right of it.
const LEFT: (usize, f64, f64) = (8, -3.0, -1.9);
const RIGHT: (usize, f64, f64) = (22, 1.7, 2.9);

/// x ↦ (1/k)#{outliers ≤ x} of one sample, κ((−∞, ω(x)]), and κ((−∞, x]) for contrast.
pub fn panel(epoch: u64) -> Result<Panel, IllustrationError> {
    let spikes: Vec<f64> = [LEFT, RIGHT]
        .into_iter()
        .flat_map(|(k, lo, hi)| spread(k, lo, hi))
        .collect();
    let k = spikes.len() as f64;
    let kappa = SpectralMeasure::mixture(vec![
        (LEFT.0 as f64 / k, SpectralMeasure::uniform(LEFT.1, LEFT.2)?),
        (
            RIGHT.0 as f64 / k,
            SpectralMeasure::uniform(RIGHT.1, RIGHT.2)?,
        ),
    ])?;
    let model = Model::new(SpectralMeasure::uniform(-1.0, 1.0)?, spikes, N);
    let map = model.map()?;
    let sample = model.sample(epoch, "theorem-2.1")?;
    let mut outliers = sample.followed;
    outliers.sort_by(f64::total_cmp);
    let bulk = map.free_convolution().support();
    let (left, right) = (bulk[0].lo, bulk[bulk.len() - 1].hi);
    let (low, high) = range(outliers.iter().copied());
    let (low, high) = (low - 0.3, high + 0.3);
    let chart = Chart {
        x: Scale::linear(low, high),
        y: Scale::linear(0.0, 1.05),
    };

    // Both sides of the bulk; inside it Φ has no inverse and the outliers no mass.
    let mut transported: Vec<Vec<(f64, f64)>> = Vec::new();
    for (from, to) in [(low, left), (right, high)] {
        let mut branch = Vec::new();
        for i in 1..200 {
            let x = from + (to - from) * f64::from(i) / 200.0;
            branch.push((x, kappa.cdf(map.strength(x)?.value)));
        }
        transported.push(branch);
    }
    let untransported: Vec<(f64, f64)> = (0..=400)
        .map(|i| low + (high - low) * f64::from(i) / 400.0)
        .map(|x| (x, kappa.cdf(x)))
        .collect();
    let alternative = "cumulated mass of outliers against the transported and the untransported κ";
    let svg = picture(WIDTH, HEIGHT, alternative, |canvas| {
        chart.column(canvas, left, right, OUTER);
        chart.axes(canvas, "x", "share of the outliers at or below x");
        chart.dashes(canvas, &untransported, CONTRAST);
        chart.curve(canvas, &staircase(&outliers, low, high), SAMPLE);
        for branch in &transported {
            chart.curve(canvas, branch, PREDICTED);
        }
        chart.legend(
            canvas,
            &[
                (Sign::Line(PREDICTED), "Theorem 2.1: κ(ω((−∞, x]))"),
                (Sign::Line(SAMPLE), "one sample"),
                (Sign::Dashes(CONTRAST), "κ((−∞, x]), not transported"),
                (Sign::Fill(OUTER), "bulk"),
            ],
        );
    });
    Ok(Panel {
        caption: format!(
            "m against one sample: ν uniform on [−1, 1], k = {k} = √N spikes, N = {N}, GOE noise, epoch {epoch}. \
             κ₊ is uniform on [{}, {}] and on [{}, {}].",
            super::super::cells::minus(&LEFT.1.to_string()),
            super::super::cells::minus(&LEFT.2.to_string()),
            RIGHT.1,
            RIGHT.2
        ),
        svg,
    })
}

/// The empirical distribution function of ascending values.
fn staircase(values: &[f64], low: f64, high: f64) -> Vec<(f64, f64)> {
    let k = values.len() as f64;
    let mut corners = vec![(low, 0.0)];
    for (index, x) in values.iter().enumerate() {
        corners.push((*x, index as f64 / k));
        corners.push((*x, (index + 1) as f64 / k));
    }
    corners.push((high, 1.0));
    corners
}
