//! Tr (W − z)⁻¹ at eight points: from the tridiagonal form, and from the eigenvalues of each solver.

mod common;

use common::solvers::solvers;
use common::{goe, group, sizes};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use num_complex::Complex64;
use rmt_verify::spectrum::{Hermitian, Tridiagonal};
use std::hint::black_box;

const SIZES: [usize; 7] = [16, 32, 64, 128, 256, 400, 800];

/// As the claims have them: near the spectrum [−2, 2] and beyond, Im z ≥ ½.
fn points() -> [Complex64; 8] {
    std::array::from_fn(|k| Complex64::new(-2.0 + 0.6 * k as f64, 0.5 + 0.25 * (k % 3) as f64))
}

fn traces_of(t: &Tridiagonal, points: &[Complex64]) -> Vec<Complex64> {
    t.resolvent_traces_at(points)
        .into_iter()
        .map(|(trace, _)| trace)
        .collect()
}

fn from_tridiagonal(w: &Hermitian, points: &[Complex64]) -> Vec<Complex64> {
    traces_of(&Tridiagonal::reduce(w).unwrap(), points)
}

fn traces(c: &mut Criterion) {
    let points = points();
    let solvers = solvers();
    let mut group = group(c, "resolvent trace, 8 points");
    for n in sizes(&SIZES) {
        let w = goe(n);
        let by_reduction = from_tridiagonal(&w, &points);
        group.bench_with_input(BenchmarkId::new("tridiagonal", n), &w, |b, w| {
            b.iter(|| from_tridiagonal(black_box(w), &points));
        });
        let t = Tridiagonal::reduce(&w).unwrap();
        group.bench_with_input(
            BenchmarkId::new("tridiagonal, points alone", n),
            &t,
            |b, t| {
                b.iter(|| traces_of(black_box(t), &points));
            },
        );
        for solver in solvers.iter().filter(|solver| solver.sizes.contains(&n)) {
            let by_values = |w: &Hermitian| {
                let spectrum = solver.values(w).unwrap();
                points.map(|z| spectrum.resolvent_trace(z))
            };
            // Eigenvalues off by η‖W‖_F move the trace by N η‖W‖_F/Im² z: both routes have η = 8Nε.
            let norm = w.frobenius_squared().sqrt();
            for ((z, a), b) in points.iter().zip(&by_reduction).zip(by_values(&w)) {
                let size = n as f64;
                let allowed = 16.0 * size * size * f64::EPSILON * norm / (z.im * z.im);
                assert!(
                    (a - b).norm() <= allowed,
                    "{} at N = {n}, z = {z}",
                    solver.name
                );
            }
            let id = BenchmarkId::new(format!("eigenvalues of {}", solver.name), n);
            group.bench_with_input(id, &w, |b, w| b.iter(|| by_values(black_box(w))));
        }
    }
    group.finish();
}

criterion_group!(benches, traces);
criterion_main!(benches);
