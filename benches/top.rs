//! λ₁ ≥ … ≥ λ_k: by Sturm counts on the tridiagonal form, and from all eigenvalues of each solver.

mod common;

use common::solvers::solvers;
use common::{goe, group, sizes};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rmt_verify::spectrum::{Hermitian, Located, Tridiagonal};
use std::hint::black_box;

const SIZES: [usize; 6] = [64, 128, 256, 400, 800, 1600];
const K: usize = 5;
const TOLERANCE: f64 = 1e-10;

fn located(t: &Tridiagonal) -> Vec<Located> {
    t.top(K, TOLERANCE).unwrap()
}

fn top(c: &mut Criterion) {
    let solvers = solvers();
    let mut group = group(c, "top 5");
    for n in sizes(&SIZES) {
        let w = goe(n);
        let t = Tridiagonal::reduce(&w).unwrap();
        let by_counts = located(&t);
        group.bench_with_input(BenchmarkId::new("tridiagonal", n), &w, |b, w| {
            b.iter(|| located(&Tridiagonal::reduce(black_box(w)).unwrap()));
        });
        group.bench_with_input(
            BenchmarkId::new("tridiagonal, counts alone", n),
            &t,
            |b, t| {
                b.iter(|| located(black_box(t)));
            },
        );
        for solver in solvers.iter().filter(|solver| solver.sizes.contains(&n)) {
            let all = |w: &Hermitian| solver.values(w).unwrap().eigenvalues()[..K].to_vec();
            // The reduction and the solver are each within 8Nε‖W‖_F of W.
            let rounding = 16.0 * n as f64 * f64::EPSILON * w.frobenius_squared().sqrt();
            for (located, value) in by_counts.iter().zip(all(&w)) {
                let distance = (located.value - value).abs();
                assert!(
                    distance <= located.error_bound + rounding,
                    "{} at N = {n}: {distance:e}",
                    solver.name
                );
            }
            let id = BenchmarkId::new(format!("eigenvalues of {}", solver.name), n);
            group.bench_with_input(id, &w, |b, w| b.iter(|| all(black_box(w))));
        }
    }
    group.finish();
}

criterion_group!(benches, top);
criterion_main!(benches);
