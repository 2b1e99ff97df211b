//! Eigenvalues only, faer against nalgebra, GOE.

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use rmt_verify::ensemble::{Ensemble, StreamKey};
use rmt_verify::spectrum::{Eigensolver, Faer, Hermitian, Nalgebra, trace_checks};
use std::hint::black_box;
use std::time::Duration;

const SIZES: [usize; 6] = [50, 100, 200, 400, 800, 1600];
const SOLVERS: [&dyn Eigensolver; 2] = [&Faer, &Nalgebra];

fn matrix(n: usize) -> Hermitian {
    let key = StreamKey {
        epoch: 0,
        claim: "bench/eigenvalues".into(),
        law: "goe".into(),
        n,
        signal: "zero".into(),
    };
    Ensemble::goe().noise(n, &mut key.generator(0)).unwrap()
}

fn values_only(c: &mut Criterion) {
    let mut group = c.benchmark_group("eigenvalues/values-only");
    for n in SIZES {
        let w = matrix(n);
        // A wrong answer is not worth timing.
        let reference = Faer.eigenvalues(&w).unwrap();
        for solver in SOLVERS {
            let s = solver.eigenvalues(&w).unwrap();
            trace_checks(&w, &s).unwrap();
            assert!(s.distance(&reference) < 1e-12 * n as f64);
        }
        // A solve at N = 1600 takes seconds: ten of them a solver, once each.
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(if n <= 200 { 20 } else { 10 })
            .warm_up_time(Duration::from_millis(if n <= 400 { 500 } else { 1 }))
            .measurement_time(Duration::from_secs(2));
        for solver in SOLVERS {
            group.bench_with_input(BenchmarkId::new(solver.name(), n), &w, |b, w| {
                b.iter(|| solver.eigenvalues(black_box(w)).unwrap());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, values_only);
criterion_main!(benches);
