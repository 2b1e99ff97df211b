//! Shared by the benchmarks: inputs with seeds, sizes, how long a group may take.
#![allow(dead_code)] // each benchmark uses a part of it

pub mod solvers;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};
use rmt_verify::ensemble::{Deformed, Ensemble, Signal, SignalShape, StreamKey};
use rmt_verify::spectrum::Hermitian;
use std::time::Duration;

/// Largest N of the short set.
const SHORT: usize = 128;

/// Whether `RMT_BENCH=short` asks for the short set: every group with N ≤ 128, a few tenths of a
/// second each.
pub fn short() -> bool {
    match std::env::var("RMT_BENCH") {
        Err(_) => false,
        Ok(set) if set == "short" => true,
        Ok(set) => panic!("RMT_BENCH = {set:?}: the only set besides the full one is \"short\""),
    }
}

/// The sizes to run.
pub fn sizes(all: &[usize]) -> Vec<usize> {
    let last = if short() { SHORT } else { usize::MAX };
    all.iter().copied().filter(|&n| n <= last).collect()
}

/// A group whose members take about two seconds each at most.
pub fn group<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    if short() {
        group
            .warm_up_time(Duration::from_millis(50))
            .measurement_time(Duration::from_millis(200));
    } else {
        group
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2));
    }
    group
}

/// One matrix of the GOE, normalised to the spectrum [−2, 2].
pub fn goe(n: usize) -> Hermitian {
    goe_replicate(n, 0)
}

/// One of many such matrices.
pub fn goe_replicate(n: usize, replicate: u64) -> Hermitian {
    draw(n, Signal::zero(), replicate)
}

/// The GOE with `spikes`, all above 1, each of which pulls out an eigenvalue.
pub fn spiked(n: usize, spikes: &[f64]) -> Hermitian {
    let shape = SignalShape::Spiked {
        bulk: Box::new(SignalShape::Zero),
        spikes: spikes.to_vec(),
    };
    draw(n, Signal::diagonal(shape), 0)
}

fn draw(n: usize, signal: Signal, replicate: u64) -> Hermitian {
    let key = StreamKey {
        epoch: 0,
        claim: "bench".into(),
        law: "goe".into(),
        n,
        signal: signal.name(),
    };
    let ensemble = Ensemble::goe();
    Deformed { ensemble, signal }
        .sample(n, &mut key.generator(replicate))
        .expect("a size and a signal that exist")
}
