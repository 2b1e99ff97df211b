//! The fate of one spike as θ moves through a gap of supp ν and away from it.

use super::super::canvas::{OUTER, PREDICTED, SAMPLE, THEORY, picture};
use super::super::chart::{Chart, HEIGHT, Scale, Sign, WIDTH, range};
use super::{IllustrationError, Model, Panel, key};
use crate::ensemble::{Deformed, Ensemble, Signal, SignalShape};
use crate::free::Fate;
use crate::measure::SpectralMeasure;
use crate::spectrum::{Eigensolver, Faer};

const N: usize = 200;
/// ν = ½δ₋ₐ + ½δₐ.
const ATOM: f64 = 1.8;
/// Samples on each of the two stretches of θ.
const DOTS: usize = 18;
const CURVE: usize = 240;

/// Stretches of θ off supp ν: inside the gap, and right of it.
const STRETCHES: [(f64, f64); 2] = [(-1.7, 1.7), (1.9, 4.0)];

/// θ ↦ the limit of its eigenvalue, with samples that share one noise.
pub fn panel(epoch: u64) -> Result<Panel, IllustrationError> {
    let nu = SpectralMeasure::atoms(&[(-ATOM, 0.5), (ATOM, 0.5)])?;
    let map = Model::new(nu.clone(), vec![], N).map()?;
    let mut curves: Vec<(Fate, Vec<(f64, f64)>)> = Vec::new();
    let mut dots = Vec::new();
    for (lo, hi) in STRETCHES {
        let mut last = None;
        for i in 0..=CURVE {
            let theta = lo + (hi - lo) * i as f64 / CURVE as f64;
            let fate = map.fate(theta)?;
            if last != Some(fate.fate) {
                curves.push((fate.fate, Vec::new()));
                last = Some(fate.fate);
            }
            let (_, curve) = curves.last_mut().expect("one was begun");
            curve.push((theta, fate.location));
        }
        for theta in super::spread(DOTS, lo, hi) {
            dots.push((theta, eigenvalue(&nu, theta, epoch)?));
        }
    }
    let heights = curves
        .iter()
        .flat_map(|(_, curve)| curve.iter().map(|p| p.1));
    let (low, high) = range(heights.chain(dots.iter().map(|dot| dot.1)));
    let chart = Chart {
        x: Scale::around([STRETCHES[0].0, STRETCHES[1].1]),
        y: Scale::linear(low - 0.4, high + 0.3),
    };
    let alternative = "location of the eigenvalue of a spike against the spike";
    let svg = picture(WIDTH, HEIGHT, alternative, |canvas| {
        for part in map.free_convolution().support() {
            chart.level(canvas, part.lo, part.hi, OUTER);
        }
        chart.axes(canvas, "spike θ", "its eigenvalue λ");
        for (fate, curve) in &curves {
            match fate {
                Fate::Separates => chart.curve(canvas, curve, PREDICTED),
                Fate::Absorbed => chart.dashes(canvas, curve, THEORY),
            }
        }
        for (theta, lambda) in &dots {
            canvas.dot(chart.place(*theta, *lambda), SAMPLE);
        }
        chart.legend(
            canvas,
            &[
                (Sign::Line(PREDICTED), "Φ(θ), where Φ′ > 0"),
                (Sign::Dashes(THEORY), "edge, where Φ′ ≤ 0: absorbed"),
                (Sign::Dot(SAMPLE), "samples"),
                (Sign::Fill(OUTER), "bulk"),
            ],
        );
    });
    Ok(Panel {
        caption: format!(
            "The fate of one spike that moves through the gap of ν = ½δ(−{ATOM}) + ½δ({ATOM}) and away from it. \
             Dots: {} matrices with the same GOE noise, N = {N}, epoch {epoch}.",
            dots.len()
        ),
        svg,
    })
}

/// The eigenvalue of the spike θ; the noise is the same for every θ.
fn eigenvalue(nu: &SpectralMeasure, theta: f64, epoch: u64) -> Result<f64, IllustrationError> {
    let signal = Model::new(nu.clone(), vec![theta], N).signal();
    let position = signal.partition_point(|s| *s > theta);
    let model = Deformed {
        ensemble: Ensemble::goe(),
        signal: Signal::diagonal(SignalShape::Prescribed(signal)),
    };
    let w = model.sample(N, &mut key(epoch, N, "absorbed").generator(0))?;
    Ok(Faer.eigenvalues(&w)?.eigenvalues()[position])
}
