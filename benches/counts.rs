//! #{i : λ_i > x} between the bulk and the outliers: by inertia, from the tridiagonal form, and from
//! the eigenvalues of each solver.

mod common;

use common::solvers::solvers;
use common::{group, sizes, spiked};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rmt_verify::spectrum::{Hermitian, Tridiagonal, inertia};
use std::hint::black_box;

const SIZES: [usize; 7] = [64, 128, 256, 400, 800, 1600, 3200];
/// Spikes θ with outliers near θ + 1/θ: 2.9, 3.33, 3.61.
const SPIKES: [f64; 3] = [2.5, 3.0, 3.3];
/// Between the edge 2 of the bulk and the first outlier, far from both.
const GAP: f64 = 2.5;

fn tridiagonal(w: &Hermitian) -> usize {
    Tridiagonal::reduce(w).unwrap().count_above(GAP).unwrap().0
}

/// Eigenvalues within this of `GAP` may be counted either way: there are none.
const TOLERANCE: f64 = 1e-3;

fn by_inertia(w: &Hermitian) -> usize {
    let counted = inertia::count_above(w, GAP, TOLERANCE).unwrap();
    assert!(counted.distance <= TOLERANCE);
    counted.count
}

fn counts(c: &mut Criterion) {
    let solvers = solvers();
    let mut group = group(c, "outlier count");
    for n in sizes(&SIZES) {
        let w = spiked(n, &SPIKES);
        let expected = SPIKES.len();
        assert_eq!(tridiagonal(&w), expected, "N = {n}");
        group.bench_with_input(BenchmarkId::new("tridiagonal", n), &w, |b, w| {
            b.iter(|| tridiagonal(black_box(w)));
        });
        assert_eq!(by_inertia(&w), expected, "inertia at N = {n}");
        group.bench_with_input(BenchmarkId::new("inertia", n), &w, |b, w| {
            b.iter(|| by_inertia(black_box(w)));
        });
        for solver in solvers.iter().filter(|solver| solver.sizes.contains(&n)) {
            let count = |w: &Hermitian| {
                let spectrum = solver.values(w).unwrap();
                spectrum.eigenvalues().partition_point(|&x| x > GAP)
            };
            assert_eq!(count(&w), expected, "{} at N = {n}", solver.name);
            let id = BenchmarkId::new(format!("eigenvalues of {}", solver.name), n);
            group.bench_with_input(id, &w, |b, w| b.iter(|| count(black_box(w))));
        }
    }
    group.finish();
}

criterion_group!(benches, counts);
criterion_main!(benches);
