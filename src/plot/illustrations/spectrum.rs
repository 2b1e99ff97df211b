//! The bulk density over a histogram, outliers at Φ(θ).

use super::super::canvas::{INNER, PREDICTED, SAMPLE, picture};
use super::super::chart::{Chart, HEIGHT, Scale, Sign, WIDTH, range};
use super::{IllustrationError, Model, Panel, Sample, spread};
use crate::free::{Fate, OutlierMap, Spike};
use crate::measure::SpectralMeasure;

const N: usize = 600;
const BINS: usize = 60;
const CURVE: usize = 300;

/// S = 0.
pub fn semicircle(epoch: u64) -> Result<Panel, IllustrationError> {
    let model = Model::new(SpectralMeasure::atoms(&[(0.0, 1.0)])?, vec![], N);
    panel(
        &model,
        epoch,
        "semicircle",
        "S = 0: the eigenvalues fill the semicircle.",
    )
}

/// S of full rank.
pub fn pastur(epoch: u64) -> Result<Panel, IllustrationError> {
    let nu = SpectralMeasure::atoms(&[(-2.0, 0.3), (1.0, 0.7)])?;
    let model = Model::new(nu, vec![], N);
    panel(
        &model,
        epoch,
        "pastur",
        "S of full rank, 30 % of its eigenvalues at −2 and 70 % at 1: the bulk is ν ⊞ semicircle.",
    )
}

/// Three spikes: beyond the bulk, in its gap, and absorbed.
pub fn capitaine(epoch: u64) -> Result<Panel, IllustrationError> {
    let nu = SpectralMeasure::atoms(&[(-1.8, 0.5), (1.8, 0.5)])?;
    let model = Model::new(nu, vec![3.6, 2.3, 0.0], N);
    panel(
        &model,
        epoch,
        "capitaine",
        "ν = ½δ(−1.8) + ½δ(1.8) and three spikes: θ = 3.6 leaves the bulk, θ = 0 lies in its gap, θ = 2.3 \
         (Φ′ < 0) is absorbed and sticks to the edge.",
    )
}

/// k = 24 spikes, all other eigenvalues of S zero.
pub fn huang(epoch: u64) -> Result<Panel, IllustrationError> {
    let spikes = spread(16, 1.5, 3.2).chain(spread(8, -2.7, -1.7)).collect();
    let model = Model::new(SpectralMeasure::atoms(&[(0.0, 1.0)])?, spikes, N);
    panel(
        &model,
        epoch,
        "huang",
        "24 spikes, all other eigenvalues of S zero: Φ(θ) = θ + 1/θ.",
    )
}

/// k ≈ √N spikes off a uniform bulk.
pub fn theorem_2_2(epoch: u64) -> Result<Panel, IllustrationError> {
    let spikes = spread(16, 1.7, 3.0).chain(spread(8, -2.8, -2.0)).collect();
    let model = Model::new(SpectralMeasure::uniform(-1.0, 1.0)?, spikes, N);
    panel(
        &model,
        epoch,
        "theorem-2.2",
        "ν uniform on [−1, 1] and k = 24 spikes on [1.7, 3] and [−2.8, −2], k ≈ √N: each eigenvalue stands \
         under its own Φ(θ).",
    )
}

fn panel(model: &Model, epoch: u64, name: &str, says: &str) -> Result<Panel, IllustrationError> {
    let map = model.map()?;
    let sample = model.sample(epoch, name)?;
    let mut fates = Vec::new();
    for theta in &model.spikes {
        fates.push(map.fate(*theta)?);
    }
    let bulk = map.free_convolution().support();
    let edges = (bulk[0].lo, bulk[bulk.len() - 1].hi);
    let marks = fates.iter().map(|fate| fate.location);
    let (low, high) = range(
        marks
            .chain([edges.0, edges.1])
            .chain(sample.eigenvalues.clone()),
    );
    let density = density(&map, edges)?;
    let bars = bars(&sample, edges);
    let heights = bars
        .iter()
        .map(|bar| bar.2)
        .chain(density.iter().map(|p| p.1));
    let (_, top) = range(heights);
    let margin = 0.04 * (high - low);
    let chart = Chart {
        x: Scale::linear(low - margin, high + margin),
        y: Scale::linear(0.0, 1.12 * top),
    };
    let svg = draw(&chart, &sample, &fates, &density, &bars);
    let (drawn, predicted) = if fates.is_empty() {
        ("Histogram", "Curve")
    } else {
        ("Histogram and ticks", "Curve and marks")
    };
    Ok(Panel {
        caption: format!(
            "{says} {drawn}: one sample, GOE noise, N = {}, epoch {epoch}. {predicted}: theory.",
            model.n
        ),
        svg,
    })
}

fn draw(
    chart: &Chart,
    sample: &Sample,
    fates: &[Spike],
    density: &[(f64, f64)],
    bars: &[(f64, f64, f64)],
) -> String {
    let (_, top) = range(density.iter().map(|point| point.1));
    let alternative = "histogram of eigenvalues under the predicted density, outliers at Φ(θ)";
    picture(WIDTH, HEIGHT, alternative, |canvas| {
        for (low, high, height) in bars {
            let (left, up) = chart.place(*low, *height);
            let (right, ground) = chart.place(*high, 0.0);
            // A pixel between bars, so that they can be counted.
            canvas.band((left + 1, up), (right, ground), INNER);
        }
        chart.axes(canvas, "eigenvalue λ", "density of eigenvalues");
        chart.curve(canvas, density, PREDICTED);
        let mut legend = vec![
            (Sign::Fill(INNER), "eigenvalues of one sample"),
            (Sign::Line(PREDICTED), "density of ν ⊞ semicircle"),
        ];
        for lambda in &sample.followed {
            let (x, ground) = chart.place(*lambda, 0.0);
            let (_, tip) = chart.place(*lambda, 0.13 * top);
            canvas.line((x, ground), (x, tip), SAMPLE, 2);
        }
        for fate in fates {
            let at = chart.place(fate.location, 0.16 * top);
            match fate.fate {
                Fate::Separates => canvas.pointer(at, PREDICTED),
                Fate::Absorbed => canvas.ring((at.0, at.1 - 4), PREDICTED),
            }
        }
        if !fates.is_empty() {
            legend.push((Sign::Tick(SAMPLE), "eigenvalues of the spikes"));
            legend.push((Sign::Pointer(PREDICTED), "Φ(θ)"));
        }
        if fates.iter().any(|fate| fate.fate == Fate::Absorbed) {
            legend.push((Sign::Ring(PREDICTED), "edge, absorbed"));
        }
        chart.legend(canvas, &legend);
    })
}

/// The density of μ over its support and gaps; edges belong to the grid.
fn density(map: &OutlierMap, edges: (f64, f64)) -> Result<Vec<(f64, f64)>, IllustrationError> {
    let mu = map.free_convolution();
    let mut grid: Vec<f64> = (0..=CURVE)
        .map(|i| edges.0 + (edges.1 - edges.0) * i as f64 / CURVE as f64)
        .chain(mu.support().iter().flat_map(|part| [part.lo, part.hi]))
        .collect();
    grid.sort_by(f64::total_cmp);
    let mut points = Vec::with_capacity(grid.len());
    for x in grid {
        // Within rounding of an edge the density is 0 and is not asked for.
        let at_edge = |part: &crate::measure::Interval| {
            (x - part.lo).abs() < 1e-9 || (x - part.hi).abs() < 1e-9
        };
        let height = if mu.support().iter().any(at_edge) {
            0.0
        } else {
            mu.density(x)?.value
        };
        points.push((x, height));
    }
    Ok(points)
}

/// (low, high, height) of the bins that hold eigenvalues other than those of the spikes.
fn bars(sample: &Sample, (lo, hi): (f64, f64)) -> Vec<(f64, f64, f64)> {
    let width = (hi - lo) / BINS as f64;
    let total = sample.eigenvalues.len() as f64;
    let is_spike = |x: f64| sample.followed.contains(&x);
    let mut counts = std::collections::BTreeMap::new();
    for x in sample.eigenvalues.iter().filter(|x| !is_spike(**x)) {
        *counts
            .entry(((x - lo) / width).floor() as i64)
            .or_insert(0u32) += 1;
    }
    counts
        .into_iter()
        .map(|(bin, count)| {
            let low = lo + bin as f64 * width;
            (low, low + width, f64::from(count) / (total * width))
        })
        .collect()
}
