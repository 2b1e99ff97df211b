//! Deep networks: a conjugate kernel beside its linear equivalents, and spikes on their way through layers.

use super::super::canvas::{CONTRAST, INNER, PREDICTED, THEORY, picture};
use super::super::chart::{Chart, HEIGHT, Scale, Sign, WIDTH, range};
use super::{IllustrationError, Panel, key};
use crate::ensemble::{EntryLaw, Hermitian, Samples};
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::{DeepKernel, FiniteWidth, Mixture};
use crate::spectrum::{Eigensolver, Faer};
use nalgebra::DMatrix;

/// Samples and features.
const N: usize = 400;
/// Bars of the histogram.
const BINS: usize = 40;

/// Eigenvalues of the exact kernel of two ReLU layers, of its equivalent, and of the one with −τ₀⁴α₃.
pub fn conjugate(epoch: u64) -> Result<Panel, IllustrationError> {
    let network = DeepKernel::new(1.0, &[Activation::Relu, Activation::Relu])?;
    let samples = Samples::new(EntryLaw::Gaussian, vec![1.0; N], N)?;
    let x = samples.draw(&mut key(epoch, N, "conjugate kernel").generator(0));
    let Hermitian::Real(gram) = samples.gram(x.as_ref()) else {
        unreachable!("samples are real")
    };
    let right = network.conjugate();
    let mixture = Mixture::new(&vec![1.0; N], &[vec![1.0; N]])?;
    let norms: Vec<f64> = gram.diagonal().iter().copied().collect();
    let exact = values(network.conjugate_matrix(&gram)?)?;
    let equivalent = values(right.matrix(&gram, &mixture, &[0; N], &norms))?;
    let shift = right.square.powi(2) * right.cross;
    let wrong: Vec<f64> = equivalent.iter().map(|x| x - shift).collect();

    let (low, high) = range(exact.iter().chain(&wrong).copied());
    let (low, width) = (low - 0.01, (high - low + 0.02) / BINS as f64);
    let heights = |values: &[f64]| -> Vec<f64> {
        let mut counts = vec![0.0; BINS];
        for x in values {
            let bin = ((x - low) / width) as usize;
            counts[bin.min(BINS - 1)] += 1.0 / (N as f64 * width);
        }
        counts
    };
    let outline = |values: &[f64]| -> Vec<(f64, f64)> {
        let bars = heights(values).into_iter().enumerate();
        bars.flat_map(|(bin, height)| {
            let left = low + bin as f64 * width;
            [(left, height), (left + width, height)]
        })
        .collect()
    };
    let bars = heights(&exact);
    let all = [&exact, &equivalent, &wrong].map(|v| range(heights(v)).1);
    let chart = Chart {
        x: Scale::linear(low, low + width * BINS as f64),
        y: Scale::linear(0.0, 1.1 * range(all).1),
    };
    let svg = picture(
        WIDTH,
        HEIGHT,
        "eigenvalues of a kernel and of its equivalents",
        |canvas| {
            for (bin, height) in bars.iter().enumerate() {
                let left = low + bin as f64 * width;
                let (from, up) = chart.place(left, *height);
                let (to, ground) = chart.place(left + width, 0.0);
                canvas.band((from + 1, up), (to, ground), INNER);
            }
            chart.axes(canvas, "eigenvalue", "density");
            chart.curve(canvas, &outline(&equivalent), PREDICTED);
            chart.dashes(canvas, &outline(&wrong), CONTRAST);
            chart.legend(
                canvas,
                &[
                    (Sign::Fill(INNER), "exact kernel"),
                    (Sign::Line(PREDICTED), "linear equivalent"),
                    (Sign::Dashes(CONTRAST), "with −τ₀⁴α₃ in the identity"),
                ],
            );
        },
    );
    Ok(Panel {
        caption: format!(
            "Conjugate kernel of two ReLU layers of infinite width, C = I, n = p = {N}, one draw, epoch {epoch}, beside its linear \
             equivalent and the published one."
        ),
        svg,
    })
}

fn values(matrix: DMatrix<f64>) -> Result<Vec<f64>, IllustrationError> {
    let spectrum = Faer.eigenvalues(&Hermitian::Real(matrix))?;
    Ok(spectrum.eigenvalues().to_vec())
}

/// Overlap with the signal after each layer, for several strengths.
pub fn spikes(_epoch: u64) -> Result<Panel, IllustrationError> {
    let slope = FiniteWidth::slope_of(Activation::Erf)?;
    let network = FiniteWidth::new(slope, vec![0.5; 7])?;
    let strengths = [1.5, 2.5, 4.0, 8.0, 20.0];
    let mut lines = vec![];
    for theta in strengths {
        let layers = network.spike(theta)?.into_iter().enumerate();
        let line: Vec<(f64, f64)> = layers.map(|(l, p)| (l as f64, p.overlap)).collect();
        lines.push(line);
    }
    let chart = Chart {
        x: Scale::linear(-0.2, 6.2),
        y: Scale::linear(0.0, 1.0),
    };
    let svg = picture(
        WIDTH,
        HEIGHT,
        "overlap of a spike with the signal by layer",
        |canvas| {
            chart.axes(canvas, "layer", "squared overlap with the signal");
            for line in &lines {
                chart.curve(canvas, line, PREDICTED);
                for (layer, overlap) in line {
                    canvas.dot(chart.place(*layer, *overlap), THEORY);
                }
            }
            chart.legend(
                canvas,
                &[(
                    Sign::Line(PREDICTED),
                    "limit; it ends where the spike is lost",
                )],
            );
        },
    );
    Ok(Panel {
        caption: "Spikes through erf layers, n/d_l = 0.5: θ = 1.5, 2.5, 4, 8, 20 from below."
            .into(),
        svg,
    })
}
