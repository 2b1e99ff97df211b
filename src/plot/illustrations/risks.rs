//! Linear models: double descent and its absence, early stopping, the classifier in time. Lines are limits, dots are
//! means over a few draws with the noise averaged exactly, bars twice their standard error.

use super::super::canvas::{CONTRAST, Canvas, PREDICTED, SAMPLE, THEORY, picture};
use super::super::chart::{Chart, HEIGHT, Scale, Sign, WIDTH};
use super::{IllustrationError, Panel, key};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::activation::Activation;
use crate::equivalent::features::{RandomFeatures, Task};
use crate::equivalent::regression::{Classification, PowerLaw, Regression, least_norm_risk};
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use plotters::style::RGBColor;

/// Draws behind a dot.
const DRAWS: u64 = 12;
/// Samples.
const N: usize = 40;
/// Var ε, with |β|² = 1.
const NOISE: f64 = 0.25;

/// A dot with its bar.
struct Dot {
    x: f64,
    mean: f64,
    bar: f64,
}

/// A line with its sign.
struct Line<'a> {
    points: &'a [(f64, f64)],
    ink: RGBColor,
    dashed: bool,
    /// What it means; nothing when another line says so.
    means: &'a str,
}

impl<'a> Line<'a> {
    fn full(points: &'a [(f64, f64)], ink: RGBColor, means: &'a str) -> Self {
        Self {
            points,
            ink,
            dashed: false,
            means,
        }
    }

    fn dashed(points: &'a [(f64, f64)], ink: RGBColor, means: &'a str) -> Self {
        Self {
            dashed: true,
            ..Self::full(points, ink, means)
        }
    }
}

/// Lines, and dots that mean `draws`.
fn drawn(chart: &Chart, axes: [&str; 2], lines: &[Line<'_>], dots: &[Dot], draws: &str) -> String {
    let alternative = format!("{} against {}", axes[1], axes[0]);
    picture(WIDTH, HEIGHT, &alternative, |canvas| {
        chart.axes(canvas, axes[0], axes[1]);
        let mut legend = vec![];
        for line in lines {
            let sign = if line.dashed {
                chart.dashes(canvas, line.points, line.ink);
                Sign::Dashes(line.ink)
            } else {
                chart.curve(canvas, line.points, line.ink);
                Sign::Line(line.ink)
            };
            if !line.means.is_empty() {
                legend.push((sign, line.means));
            }
        }
        dots.iter().for_each(|dot| dot.draw(chart, canvas));
        if !dots.is_empty() {
            legend.push((Sign::Dot(SAMPLE), draws));
        }
        chart.legend(canvas, &legend);
    })
}

impl Dot {
    fn of(x: f64, values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        let bar = 2.0 * (squares / (count * (count - 1.0))).sqrt();
        Self { x, mean, bar }
    }

    fn draw(&self, chart: &Chart, canvas: &Canvas) {
        let (low, high) = (self.mean - self.bar, self.mean + self.bar);
        canvas.line(
            chart.place(self.x, low),
            chart.place(self.x, high),
            SAMPLE,
            2,
        );
        canvas.dot(chart.place(self.x, self.mean), SAMPLE);
    }
}

/// Eigenvalues of Ĉ and the weights of β on its eigenvectors, C = I, β = (1, …, 1)/√p.
fn spectrum(p: usize, draw: u64, epoch: u64) -> Result<Vec<(f64, f64)>, IllustrationError> {
    let samples = Samples::new(EntryLaw::Gaussian, vec![1.0; p], N)?;
    let x = samples.draw(&mut key(epoch, N, &format!("risks, p = {p}")).generator(draw));
    let covariance = DMatrix::from_fn(p, p, |i, j| {
        (0..N).map(|k| x[(i, k)] * x[(j, k)]).sum::<f64>() / N as f64
    });
    let eigen = SymmetricEigen::new(covariance);
    let beta = DVector::from_element(p, (p as f64).powf(-0.5));
    let weights = eigen.eigenvectors.tr_mul(&beta);
    let pairs = eigen.eigenvalues.iter().zip(weights.iter());
    Ok(pairs.map(|(lambda, w)| (lambda.max(0.0), w * w)).collect())
}

/// E over ε of the excess risk when the part g(λ) of each direction is learnt: Σβ²(1 − g)² + (s²/n)Σ g²/λ.
fn risk(spectrum: &[(f64, f64)], learnt: impl Fn(f64) -> f64) -> f64 {
    let terms = spectrum.iter().map(|&(lambda, weight)| {
        let g = learnt(lambda);
        let variance = if g == 0.0 { 0.0 } else { g * g / lambda };
        weight * (1.0 - g).powi(2) + NOISE / N as f64 * variance
    });
    terms.sum()
}

/// Risk against p/n without ridge and at the best ridge.
pub fn double_descent(epoch: u64) -> Result<Panel, IllustrationError> {
    let ratio = |p: usize| p as f64 / N as f64;
    let (mut interpolating, mut regular) = (vec![], vec![]);
    for p in 4..=4 * N {
        if let Ok((bias, variance)) = least_norm_risk(p, N, 1.0, NOISE) {
            interpolating.push((ratio(p), bias + variance));
        } else {
            interpolating.push((ratio(p), f64::INFINITY));
        }
        let model = Regression::new(&vec![(1.0, 1.0 / p as f64); p], N as f64, NOISE)?;
        let best = model.ridge(model.optimal_ridge()?)?;
        regular.push((ratio(p), best.excess()));
    }
    let (mut dots, mut rings) = (vec![], vec![]);
    for p in [8, 16, 24, 32, 50, 64, 80, 110, 150] {
        let spectra: Vec<_> = (0..DRAWS)
            .map(|r| spectrum(p, r, epoch))
            .collect::<Result<_, _>>()?;
        let floor = 1e-9;
        let least = |s: &Vec<(f64, f64)>| risk(s, |l| if l > floor { 1.0 } else { 0.0 });
        dots.push(Dot::of(
            ratio(p),
            &spectra.iter().map(least).collect::<Vec<_>>(),
        ));
        let gamma = NOISE * ratio(p);
        let ridge = |s: &Vec<(f64, f64)>| risk(s, |l| l / (l + gamma));
        rings.push(Dot::of(
            ratio(p),
            &spectra.iter().map(ridge).collect::<Vec<_>>(),
        ));
    }
    let chart = Chart {
        x: Scale::linear(0.0, 4.0),
        y: Scale::linear(0.0, 2.0),
    };
    dots.extend(rings);
    let lines = [
        Line::full(&interpolating, PREDICTED, "least norm, exact"),
        Line::dashed(&regular, CONTRAST, "best ridge, limit"),
    ];
    let svg = drawn(
        &chart,
        ["p/n", "excess risk, null risk 1"],
        &lines,
        &dots,
        "draws",
    );
    Ok(Panel {
        caption: format!(
            "Double descent, and none at the best ridge: C = I, |β|² = 1, Var ε = {NOISE}, n = {N}. Dots: means over \
             {DRAWS} draws with twice their standard error, epoch {epoch}."
        ),
        svg,
    })
}

/// Risks along gradient flow.
pub fn early_stopping(epoch: u64) -> Result<Panel, IllustrationError> {
    let p = 30;
    let model = Regression::new(&vec![(1.0, 1.0 / p as f64); p], N as f64, NOISE)?;
    let time = |i: usize| 0.05 * 1.12f64.powi(i as i32);
    let (mut test, mut train) = (vec![], vec![]);
    for i in 0..64 {
        let risks = model.flow(time(i))?;
        test.push((time(i), risks.bias + risks.variance));
        train.push((time(i), risks.train));
    }
    let spectra: Vec<_> = (0..DRAWS)
        .map(|r| spectrum(p, r, epoch))
        .collect::<Result<_, _>>()?;
    let mut dots = vec![];
    for i in (2..64).step_by(8) {
        let t = time(i);
        let at = |s: &Vec<(f64, f64)>| risk(s, |l| -libm::expm1(-t * l));
        dots.push(Dot::of(t, &spectra.iter().map(at).collect::<Vec<_>>()));
    }
    let chart = Chart {
        x: Scale::logarithmic(0.05, 70.0),
        y: Scale::linear(0.0, 1.3),
    };
    let lines = [
        Line::full(&test, PREDICTED, "excess risk, limit"),
        Line::dashed(&train, THEORY, "training error, limit"),
    ];
    let svg = drawn(&chart, ["t", "risk"], &lines, &dots, "excess risk, draws");
    Ok(Panel {
        caption: format!(
            "Gradient flow from 0: C = I, |β|² = 1, Var ε = {NOISE}, p = {p}, n = {N}. Dots: means over {DRAWS} draws with twice \
             their standard error, epoch {epoch}."
        ),
        svg,
    })
}

/// n/d of the random features.
const SAMPLES: f64 = 2.0;
/// What they learn.
const TASK: Task = Task {
    signal: 1.0,
    noise: 0.1,
};
/// Ridges (N/d)λ that are drawn as well as computed.
const LAMBDAS: [f64; 2] = [1e-3, 0.05];

/// Test errors, at each of [`LAMBDAS`], of one draw of N centred ReLU features of N(0, I) inputs; means over β, |β|² = 1, and ε.
///
/// With K = (ZᵀZ/n + γ)⁻¹, B = KXᵀ/n, and over a new input E zzᵀ = U, E zxᵀ = V, the weights are ZBβ + ZKε/n and the error is
/// 1 + (tr BᵀZᵀUZB − 2 tr BᵀZᵀV)/d + (Var ε/n²)tr KZᵀUZK.
fn features(neurons: usize, draw: u64, epoch: u64) -> Result<[f64; 2], IllustrationError> {
    let name = format!("width, N = {neurons}");
    let mut rng = key(epoch, N, &name).generator(draw);
    let (n, d) = (N as f64, N as f64 / SAMPLES);
    let rows = d as usize;
    let mut gaussian = |columns: usize| {
        let mut entries = vec![0.0; rows * columns];
        EntryLaw::Gaussian.fill(&mut rng, &mut entries);
        DMatrix::from_vec(rows, columns, entries)
    };
    let inputs = gaussian(N);
    let mut weights = gaussian(neurons);
    for mut column in weights.column_iter_mut() {
        column /= column.norm();
    }
    let mean = Activation::Relu.moments(1.0)?.mean;
    let z = weights
        .tr_mul(&inputs)
        .map(|t| Activation::Relu.value(t) - mean);
    let mut second = weights.tr_mul(&weights);
    for cosine in &mut second {
        // Rounding must not make it more than 1.
        let kernel = Activation::Relu.kernel(1.0, 1.0, cosine.clamp(-1.0, 1.0))?;
        *cosine = kernel - mean * mean;
    }
    let second = z.tr_mul(&(second * &z));
    // E s(⟨θ, x⟩)x = θ E s′ = θ/2.
    let cross = z.tr_mul(&weights.transpose()) * 0.5;
    let eigen = SymmetricEigen::new(z.tr_mul(&z) / n);
    let basis = &eigen.eigenvectors;
    let mut errors = [f64::NAN; 2];
    for (error, lambda) in errors.iter_mut().zip(LAMBDAS) {
        let gamma = neurons as f64 / d * lambda;
        let shrunk = eigen.eigenvalues.map(|x| 1.0 / (x.max(0.0) + gamma));
        let inverse = basis * DMatrix::from_diagonal(&shrunk) * basis.transpose();
        let learnt = &inverse * inputs.transpose() / n;
        let bias = 1.0 + (learnt.dot(&(&second * &learnt)) - 2.0 * learnt.dot(&cross)) / d;
        let variance = (&second * &inverse).dot(&inverse) / (n * n);
        *error = TASK.signal * bias + TASK.noise * variance;
    }
    Ok(errors)
}

/// Test and training error of random features against the width.
pub fn width(epoch: u64) -> Result<Panel, IllustrationError> {
    // ReLU, centred.
    let (linear, nonlinear) = (0.5, (0.25 - 0.5 / std::f64::consts::PI).sqrt());
    let mut curves = [vec![], vec![], vec![]];
    for i in 1..=160 {
        let neurons = 0.05 * f64::from(i);
        let model = RandomFeatures::new(neurons, SAMPLES, linear, nonlinear)?;
        let over = neurons / SAMPLES;
        let weak = model.equivalent(LAMBDAS[0], TASK)?;
        curves[0].push((over, weak.test));
        curves[1].push((over, weak.train));
        curves[2].push((over, model.equivalent(LAMBDAS[1], TASK)?.test));
    }
    let mut dots = vec![];
    for neurons in [8, 16, 24, 32, 40, 50, 60, 80, 110, 150] {
        let errors: Vec<[f64; 2]> = (0..DRAWS)
            .map(|r| features(neurons, r, epoch))
            .collect::<Result<_, _>>()?;
        let over = neurons as f64 / N as f64;
        for which in [0, 1] {
            let values: Vec<f64> = errors.iter().map(|pair| pair[which]).collect();
            dots.push(Dot::of(over, &values));
        }
    }
    let chart = Chart {
        x: Scale::linear(0.0, 4.0),
        y: Scale::linear(0.0, 2.0),
    };
    let lines = [
        Line::full(&curves[0], PREDICTED, "test, λ = 0.001"),
        Line::dashed(&curves[1], THEORY, "training, λ = 0.001"),
        Line::dashed(&curves[2], CONTRAST, "test, λ = 0.05"),
    ];
    let axes = ["N/n", "error, null risk 1"];
    let svg = drawn(&chart, axes, &lines, &dots, "test, draws");
    Ok(Panel {
        caption: format!(
            "Double descent in the width: ReLU features, n/d = {SAMPLES}, |β|² = 1, Var ε = {}. Lines: limits. The peak is at N = n; a larger              penalty removes it. Dots: means over {DRAWS} draws at n = {N} with twice their standard error, epoch {epoch}; limit and mean differ by              terms of order 1/n, most at the peak.",
            TASK.noise
        ),
        svg,
    })
}

/// Risk against n for power laws, with the asymptotes.
pub fn scaling(_epoch: u64) -> Result<Panel, IllustrationError> {
    let laws = [(1.5, 1.5), (2.0, 3.0), (1.5, 5.0)];
    let size = |i: i32| 10.0 * 1.25f64.powi(i);
    let mut lines = vec![];
    for (capacity, source) in laws {
        let law = PowerLaw::new(capacity, source)?;
        let (mut risks, mut asymptote) = (vec![], vec![]);
        for n in (0..22).map(size) {
            risks.push((n, law.least_norm(n)?.0.value));
            asymptote.push((n, law.data_law().at(n)));
        }
        lines.push((risks, asymptote));
    }
    let chart = Chart {
        x: Scale::logarithmic(10.0, 1000.0),
        y: Scale::logarithmic(1e-8, 1.0),
    };
    let mut shown = vec![];
    for (index, (risks, asymptote)) in lines.iter().enumerate() {
        let means = |words| if index == 0 { words } else { "" };
        shown.push(Line::full(
            risks,
            PREDICTED,
            means("deterministic equivalent"),
        ));
        shown.push(Line::dashed(
            asymptote,
            CONTRAST,
            means("power law with its prefactor"),
        ));
    }
    let axes = ["n", "excess risk of the least norm, no noise"];
    let svg = drawn(&chart, axes, &shown, &[], "");
    Ok(Panel {
        caption: "Scaling laws: features i = 1, 2, … with eigenvalues i⁻ᵃ and energies i⁻ˢ, (a, s) = (1.5, 1.5), (2, 3), (1.5, 5) from above; \
                  exponents min(s − 1, 2a)."
            .into(),
        svg,
    })
}

/// Error of the linear classifier in time.
pub fn classifier(_epoch: u64) -> Result<Panel, IllustrationError> {
    let model = Classification::new(0.5, 1.5, 0.1)?;
    let (mut test, mut train) = (vec![], vec![]);
    for i in 0..80 {
        let t = 0.02 * 1.1f64.powi(i);
        let margin = model.at(t)?;
        test.push((t, margin.test_error));
        train.push((t, margin.train_error));
    }
    let chart = Chart {
        x: Scale::logarithmic(0.02, 40.0),
        y: Scale::linear(0.0, 0.5),
    };
    let lines = [
        Line::full(&test, PREDICTED, "new samples"),
        Line::dashed(&train, THEORY, "training samples"),
    ];
    let svg = drawn(&chart, ["t", "share of wrong labels"], &lines, &[], "");
    Ok(Panel {
        caption: "Gradient flow on labels of a two-mean mixture, limits: c = 0.5, |μ|² = 1.5, s₀ = 0.1. The test error rises \
                  again while the training error falls."
            .into(),
        svg,
    })
}
