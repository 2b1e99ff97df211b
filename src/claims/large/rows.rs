//! Experiments on the rows of the tridiagonal form.

use super::Noise;
use crate::claims::common::point;
use crate::design::{Experiment, Observable, Replicate, Tail};
use crate::ensemble::{Ensemble, Signal, TridiagonalModel, TridiagonalRow, standard_normal};
use crate::free::finite_size::Expansion;
use crate::measure::UpperHalf;
use crate::spectrum::TraceStream;
use crate::statistic::{
    Part, controlled_log_determinant, controlled_trace, lipschitz, log_lipschitz,
};
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;

/// Points at which one replicate is observed.
pub(in crate::claims) const POINTS: usize = 4;

/// What is observed at every z.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::claims) enum Statistic {
    /// Tr(W − z)⁻¹.
    Trace,
    /// Tr log(W − z).
    LogDeterminant,
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::claims) enum Drawn {
    /// R/√N.
    Noise,
    /// R/√N + θe₁e₁ᵀ: S is not 0, though its ESD is as close to δ₀ as N allows.
    Spiked(f64),
    /// χ_{β(N−j−1)} for χ_{β(N−j)} beside the diagonal: in law the model of size N − 1 shrunk by
    /// √(1 − 1/N), and one diagonal entry apart from it.
    Short,
}

impl Statistic {
    /// The statistic with its control variate, whose mean is 0.
    fn controlled(self, value: Complex64, z: UpperHalf, noise_trace: f64) -> Complex64 {
        match self {
            Self::Trace => controlled_trace(value, z, noise_trace),
            Self::LogDeterminant => controlled_log_determinant(value, z, noise_trace),
        }
    }

    fn lipschitz(self, part: Part, z: UpperHalf) -> f64 {
        match self {
            Self::Trace => lipschitz(part, z),
            Self::LogDeterminant => log_lipschitz(z),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Trace => "Tr G",
            Self::LogDeterminant => "Tr log(W − z)",
        }
    }

    /// Its mean for what is drawn.
    ///
    /// A spike multiplies det(W − z) by 1 + θG_11 and adds θG_11′/(1 + θG_11) to −Tr G: s_μ for G_11, which is off by order
    /// N^{-1/2} at random, with a variance of about |K|²|s|⁴/N: means are off by order θ²|K|²|s|⁴/N, for which ten times that
    /// is allowed. The entry apart from [`Drawn::Short`] has variance 2σ²/(βN), of which the effect is allowed for too.
    pub fn mean(self, drawn: Drawn, ensemble: &Ensemble, n: usize, z: UpperHalf) -> Expansion {
        let of = |ensemble: &Ensemble, n: usize| {
            let noise = Noise::new(ensemble, n, z);
            match self {
                Self::Trace => noise.mean_trace(),
                Self::LogDeterminant => noise.mean_log_determinant(),
            }
        };
        let (whole, at) = (of(ensemble, n), z.get());
        match drawn {
            Drawn::Noise => whole,
            Drawn::Spiked(theta) => {
                let noise = Noise::new(ensemble, n, z);
                let s = noise.s();
                // s′ = s²/(1 − σ²s²)
                let slope = s * s / (1.0 - (ensemble.sigma() * s).powi(2));
                let value = match self {
                    Self::Trace => -theta * slope / (1.0 + theta * s),
                    Self::LogDeterminant => (1.0 + theta * s).ln(),
                };
                // In units of σ.
                let (g, k) = (ensemble.sigma() * s, slope / (s * s));
                let size = (theta / ensemble.sigma() * (k * g * g).norm()).powi(2);
                let order = 10.0 * size / (n as f64 * at.im.min(1.0));
                Expansion {
                    value: whole.value + value,
                    remainder: whole.remainder + order,
                }
            }
            Drawn::Short => {
                let rest = of(&shrunk(ensemble, n), n - 1);
                let value = match self {
                    Self::Trace => -at.inv(),
                    Self::LogDeterminant => (-at).ln(),
                };
                let variance = 2.0 * ensemble.sigma().powi(2) / n as f64;
                Expansion {
                    value: rest.value + value,
                    remainder: rest.remainder + variance / at.im.powi(3).min(at.im.powi(2)),
                }
            }
        }
    }
}

/// σ√(1 − 1/N) for σ.
fn shrunk(ensemble: &Ensemble, n: usize) -> Ensemble {
    let factor = ((n - 1) as f64 / n as f64).sqrt();
    ensemble.with_sigma(ensemble.sigma() * factor)
}

impl Drawn {
    /// Streams one matrix through; returns the trace of its noise.
    fn stream(
        self,
        model: &TridiagonalModel,
        n: usize,
        traces: &mut TraceStream<POINTS>,
        rng: &mut ChaCha8Rng,
    ) -> Result<f64, crate::ensemble::TridiagonalError> {
        let mut spike = 0.0;
        match self {
            Self::Noise => traces.extend(model.rows(n, rng)?),
            Self::Spiked(theta) => {
                spike = theta;
                let mut rows = model.rows(n, rng)?;
                if let Some(first) = rows.next() {
                    traces.push(TridiagonalRow {
                        diagonal: first.diagonal + theta,
                        ..first
                    });
                }
                traces.extend(rows);
            }
            Self::Short => {
                // `model` is the one of the shrunk noise.
                traces.extend(model.rows(n - 1, rng)?);
                let scale = (2.0 / (model.beta() * (n - 1) as f64)).sqrt() * model.sigma();
                traces.push(TridiagonalRow {
                    diagonal: scale * standard_normal(rng),
                    off_diagonal: 0.0,
                });
            }
        }
        Ok(traces.trace() - spike)
    }
}

/// Re and Im at each z, sub-Gaussian with the proxy of the dense ensemble, of which T has the eigenvalues.
fn observables(
    statistic: Statistic,
    drawn: Drawn,
    ensemble: &Ensemble,
    n: usize,
    zs: &[UpperHalf],
) -> Vec<Observable> {
    let v = ensemble.variance_proxy().expect("Gaussian entries");
    zs.iter()
        .flat_map(|&z| {
            let mean = statistic.mean(drawn, ensemble, n, z).value;
            Part::BOTH.map(|part| Observable {
                name: format!(
                    "{} {}, z = {}",
                    part.name(),
                    statistic.name(),
                    point(z.get())
                ),
                tail: Tail::SubGaussian {
                    variance_proxy: v * statistic.lipschitz(part, z).powi(2),
                },
                typical: part.of(mean),
            })
        })
        .collect()
}

/// Replicates of Re and Im of the controlled statistic at each z.
pub(in crate::claims) fn traces(
    statistic: Statistic,
    drawn: Drawn,
    ensemble: Ensemble,
    n: usize,
    replicates: usize,
    zs: [UpperHalf; POINTS],
) -> Experiment {
    let noise = match drawn {
        Drawn::Short => shrunk(&ensemble, n),
        _ => ensemble,
    };
    let model = TridiagonalModel::new(&noise).expect("the claims draw GOE and GUE");
    Experiment {
        law: ensemble.name(),
        signal: Signal::zero().name(),
        n,
        replicates,
        observables: observables(statistic, drawn, &ensemble, n, &zs),
        replicate: Replicate::alone(move |rng, _| {
            let mut traces = TraceStream::new(zs);
            let noise_trace = drawn.stream(&model, n, &mut traces, rng)?;
            let values = match statistic {
                Statistic::Trace => traces.resolvents(),
                Statistic::LogDeterminant => traces.log_determinants(),
            };
            let observed = values.into_iter().zip(zs).flat_map(|(value, z)| {
                let value = statistic.controlled(value, z, noise_trace);
                Part::BOTH.map(|part| part.of(value))
            });
            Ok(observed.collect())
        }),
    }
}
