//! All eigenvalues of a GOE matrix, without vectors, by every solver.

mod common;

use common::solvers::{check, solvers};
use common::{goe, group, sizes};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;

const SIZES: [usize; 9] = [16, 32, 64, 100, 128, 256, 400, 800, 1600];

fn values_only(c: &mut Criterion) {
    let solvers = solvers();
    let mut group = group(c, "eigenvalues");
    for n in sizes(&SIZES) {
        let w = goe(n);
        let reference = solvers[0].values(&w).unwrap();
        for solver in solvers.iter().filter(|solver| solver.sizes.contains(&n)) {
            check(&solver.name, &w, &solver.values(&w).unwrap(), &reference);
            group.bench_with_input(BenchmarkId::new(&solver.name, n), &w, |b, w| {
                b.iter(|| solver.values(black_box(w)).unwrap());
            });
        }
    }
    group.finish();
}

/// Sixteen matrices one after the other or together, on one thread; criterion shows the throughput.
fn batches(c: &mut Criterion) {
    const BATCH: usize = 16;
    const LARGEST: usize = 400;
    let solvers = solvers();
    let mut group = group(c, "eigenvalues, batch of 16");
    group.throughput(criterion::Throughput::Elements(BATCH as u64));
    for n in sizes(&SIZES).into_iter().filter(|&n| n <= LARGEST) {
        let batch: Vec<_> = (0..BATCH as u64)
            .map(|k| common::goe_replicate(n, k))
            .collect();
        let reference = solvers[0].values_of(&batch).unwrap();
        for solver in solvers.iter().filter(|solver| solver.sizes.contains(&n)) {
            let found = solver.values_of(&batch).unwrap();
            for ((w, found), reference) in batch.iter().zip(&found).zip(&reference) {
                check(&solver.name, w, found, reference);
            }
            group.bench_with_input(BenchmarkId::new(&solver.name, n), &batch, |b, batch| {
                b.iter(|| solver.values_of(black_box(batch)).unwrap());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, values_only, batches);
criterion_main!(benches);
