//! What one replicate costs: uniforms, draws, matrices stored and not stored, reduction, resolvent
//! traces. Every stage beside the one it replaces or the one it is a part of, in nanoseconds an
//! entry (the reciprocal of the throughput shown).

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{
    Deformed, Ensemble, EntryLaw, Signal, StreamKey, WIDTH, open_uniform, open_uniforms,
    standard_normal,
};
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

/// Uniforms and draws: one by one, and many at a time.
fn draws(c: &mut Criterion) {
    let mut group = c.benchmark_group("draws");
    group
        .throughput(Throughput::Elements(DRAWS as u64))
        .measurement_time(Duration::from_secs(2));
    let mut out = vec![0.0; DRAWS];
    let mut rng = generator(1);
    for law in EntryLaw::ALL {
        let mut twin = rng.clone();
        law.fill(&mut rng, &mut out);
        assert!(out.iter().all(|x| *x == law.sample(&mut twin)));
    }
    group.bench_function("open_uniform, one by one", |b| {
        b.iter(|| (0..DRAWS).map(|_| open_uniform(&mut rng)).sum::<f64>());
    });
    group.bench_function("open_uniforms", |b| {
        b.iter(|| open_uniforms(&mut rng, black_box(&mut out)));
    });
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

/// A matrix, its draws alone, and the eigenvalues that it is drawn for.
fn noise(c: &mut Criterion) {
    let mut group = c.benchmark_group("noise");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(2));
    for n in [32, 64, 100, 128, 256, 400, 800] {
        let mut rng = generator(n);
        let mut triangle = vec![0.0; n * (n + 1) / 2];
        group.throughput(Throughput::Elements(triangle.len() as u64));
        group.bench_function(BenchmarkId::new("draws of a triangle", n), |b| {
            b.iter(|| EntryLaw::Gaussian.fill(&mut rng, black_box(&mut triangle)));
        });
        for ensemble in [Ensemble::goe(), Ensemble::gue()] {
            group.bench_function(BenchmarkId::new(ensemble.name(), n), |b| {
                b.iter(|| ensemble.noise(n, &mut rng).unwrap());
            });
        }
        let w = Ensemble::goe().noise(n, &mut rng).unwrap();
        group.bench_function(BenchmarkId::new("eigenvalues of goe", n), |b| {
            b.iter(|| Faer.eigenvalues(black_box(&w)).unwrap());
        });
    }
    group.finish();
}

/// WX, N × 8, of a matrix that is made anew for every product; one thread. Throughput in entries of
/// the triangle.
fn implicit(c: &mut Criterion) {
    let mut group = c.benchmark_group("implicit-product");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(3));
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    for n in [1000, 4000] {
        let model = Deformed {
            ensemble: Ensemble::goe(),
            signal: Signal::zero(),
        };
        let w = model.implicit(n, &generator(n)).unwrap();
        let x = vec![[1.0; WIDTH]; n];
        let mut y = x.clone();
        group.throughput(Throughput::Elements((n * (n + 1) / 2) as u64));
        group.bench_function(BenchmarkId::from_parameter(n), |b| {
            one.install(|| b.iter(|| w.multiply(black_box(&x), &mut y)));
        });
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

criterion_group!(benches, draws, noise, implicit, resolvent_trace);
criterion_main!(benches);
