//! What one replicate costs: draws, matrices, reduction, resolvent traces.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{Ensemble, EntryLaw, StreamKey, standard_normal};
use rmt_verify::spectrum::{Eigensolver, Faer, Tridiagonal};
use std::hint::black_box;
use std::time::Duration;

const SIZES: [usize; 4] = [32, 64, 128, 256];
const DRAWS: usize = 4096;

fn generator(n: usize) -> ChaCha8Rng {
    StreamKey {
        epoch: 0,
        claim: "bench/sampling".into(),
        law: "goe".into(),
        n,
        signal: "zero".into(),
    }
    .generator(0)
}

fn draws(c: &mut Criterion) {
    let mut group = c.benchmark_group("draws");
    group
        .throughput(Throughput::Elements(DRAWS as u64))
        .measurement_time(Duration::from_secs(2));
    let mut out = vec![0.0; DRAWS];
    let mut rng = generator(1);
    group.bench_function("standard_normal, one by one", |b| {
        b.iter(|| (0..DRAWS).map(|_| standard_normal(&mut rng)).sum::<f64>());
    });
    for law in EntryLaw::ALL {
        group.bench_function(BenchmarkId::new("fill", law.name()), |b| {
            b.iter(|| law.fill(&mut rng, black_box(&mut out)));
        });
    }
    group.finish();
}

fn noise(c: &mut Criterion) {
    let mut group = c.benchmark_group("noise");
    group.measurement_time(Duration::from_secs(2));
    for n in SIZES {
        for ensemble in [Ensemble::goe(), Ensemble::gue()] {
            let mut rng = generator(n);
            group.bench_function(BenchmarkId::new(ensemble.name(), n), |b| {
                b.iter(|| ensemble.noise(n, &mut rng).unwrap());
            });
        }
    }
    group.finish();
}

/// Tr (W − z)⁻¹ at one point by both routes.
fn resolvent_trace(c: &mut Criterion) {
    let z = Complex64::new(0.5, 1.0);
    let mut group = c.benchmark_group("resolvent-trace");
    group
        .sample_size(30)
        .measurement_time(Duration::from_secs(2));
    for n in SIZES {
        for ensemble in [Ensemble::goe(), Ensemble::gue()] {
            let w = ensemble.noise(n, &mut generator(n)).unwrap();
            let by_reduction = Tridiagonal::reduce(&w).unwrap().resolvent_trace(z);
            let by_values = Faer.eigenvalues(&w).unwrap().resolvent_trace(z);
            assert!((by_reduction - by_values).norm() < 1e-12 * by_values.norm());
            let name = ensemble.name();
            group.bench_function(BenchmarkId::new(format!("{name}/tridiagonal"), n), |b| {
                b.iter(|| {
                    Tridiagonal::reduce(black_box(&w))
                        .unwrap()
                        .resolvent_trace(z)
                });
            });
            group.bench_function(BenchmarkId::new(format!("{name}/eigenvalues"), n), |b| {
                b.iter(|| Faer.eigenvalues(black_box(&w)).unwrap().resolvent_trace(z));
            });
            let t = Tridiagonal::reduce(&w).unwrap();
            group.bench_function(BenchmarkId::new(format!("{name}/point"), n), |b| {
                b.iter(|| black_box(&t).resolvent_trace(z));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, draws, noise, resolvent_trace);
criterion_main!(benches);
