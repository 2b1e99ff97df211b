//! How fast the replicates of Proposition 3.1 are drawn: seconds per 1000, on all cores.
//!
//!     cargo run --release --example replicates [-- N [REPLICATES]]
//!
//! The counterpart of benches/peers/proposition_3_1.py, which does the same with NumPy and SciPy. As in
//! the claim `abk/proposition-3.1`, a replicate draws W = R/√N + S, R from the GOE, and yields
//! Tr (W − z)⁻¹ at two points; streams, collection and sums are those of every claim.

use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;
use rmt_verify::design::{Experiment, Input, Observable, Replicate, Tail};
use rmt_verify::ensemble::{Deformed, Ensemble, Signal, SignalShape};
use rmt_verify::evidence::{Evidence, Silent, streams};
use rmt_verify::measure::UpperHalf;
use rmt_verify::statistic::{Part, lipschitz};
use std::error::Error;
use std::time::Instant;

/// Medians of this many rounds.
const ROUNDS: u64 = 5;

/// The points and signals of the claim.
fn points() -> [UpperHalf; 2] {
    [Complex64::new(0.5, 1.5), Complex64::new(0.0, 2.0)]
        .map(|z| UpperHalf::new(z).expect("Im z > 0"))
}

fn signals() -> [Signal; 3] {
    [
        SignalShape::Zero,
        SignalShape::Atoms(vec![(-0.4, 0.75), (1.2, 0.25)]),
        SignalShape::Uniform { lo: -1.0, hi: 1.0 },
    ]
    .map(Signal::diagonal)
}

fn experiment(signal: Signal, n: usize, replicates: usize) -> Experiment {
    let ensemble = Ensemble::goe();
    let name = signal.name();
    let model = Deformed { ensemble, signal };
    let proxy = model.variance_proxy().expect("known for Gaussian entries");
    let observables = points().into_iter().flat_map(|z| {
        Part::BOTH.map(|part| Observable {
            name: format!("{} Tr G({})", part.name(), z.get()),
            tail: Tail::SubGaussian {
                variance_proxy: proxy * lipschitz(part, z).powi(2),
            },
            typical: 0.0,
        })
    });
    let draw = move |rng: &mut ChaCha8Rng| Ok(model.sample(n, rng)?);
    Experiment {
        law: ensemble.name(),
        signal: name,
        n,
        replicates,
        observables: observables.collect(),
        replicate: Replicate::reduced(draw, |_, t, _| {
            let traces = t.resolvent_traces_at(&points().map(UpperHalf::get));
            Ok(traces
                .iter()
                .flat_map(|(trace, _)| [trace.re, trace.im])
                .collect())
        }),
    }
}

fn argument(position: usize, default: usize) -> Result<usize, String> {
    match std::env::args().nth(position) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .ok()
            .filter(|&number| number > 0)
            .ok_or_else(|| format!("{text:?} is no positive number")),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (n, replicates) = (argument(1, 100)?, argument(2, 3000)?);
    let each = replicates.div_ceil(signals().len());
    let experiments: Vec<Experiment> = signals()
        .map(|signal| experiment(signal, n, each))
        .into_iter()
        .collect();
    let total = each * experiments.len();
    println!(
        "N = {n}, {total} replicates, {} threads",
        rayon::current_num_threads()
    );

    let mut seconds = Vec::new();
    let mut last = None;
    for round in 0..ROUNDS {
        let start = Instant::now();
        // A round is an epoch: fresh streams.
        let drawn = Evidence::collect(&experiments, 1, &streams(round, "peers"), &Silent)?;
        seconds.push(start.elapsed().as_secs_f64());
        last = Some(drawn);
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    println!(
        "crate: {:.4} s per 1000 replicates",
        1000.0 * median / total as f64
    );

    let evidence = last.expect("there was a round");
    for (e, experiment) in experiments.iter().enumerate() {
        for (j, z) in points().iter().enumerate() {
            let part = |k: usize| {
                let summary = evidence.summary(Input::new(e, 2 * j + k));
                let count = summary.count() as f64;
                let error = (summary.squared_deviations() / (count - 1.0) / count).sqrt();
                format!("{:.4} ± {error:.4}", summary.mean())
            };
            let name = &experiment.signal;
            println!("{name} E Tr G({}) = {}, {} i", z.get(), part(0), part(1));
        }
    }
    Ok(())
}
