//! Solves of s = s_ν(z + s) for ν with N atoms, over points z: the crate's certified solver, and the
//! iteration s ← s_ν(z + s) that the theory of the equation suggests.

mod common;

use common::{group, sizes};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use num_complex::Complex64;
use rmt_verify::free::FreeConvolution;
use rmt_verify::measure::{SpectralMeasure, UpperHalf};
use std::hint::black_box;

const SIZES: [usize; 5] = [16, 64, 256, 1024, 4096];
const HEIGHTS: [f64; 2] = [1.0, 0.1];
const POINTS: usize = 16;

/// Across the bulk of ν ⊞ semicircle(1), ν uniform on [−1, 1], and beyond.
fn line(height: f64) -> Vec<UpperHalf> {
    (0..POINTS)
        .map(|k| Complex64::new(-3.0 + 6.0 * k as f64 / (POINTS - 1) as f64, height))
        .map(|z| UpperHalf::new(z).unwrap())
        .collect()
}

fn iterated(atoms: &[f64], z: Complex64) -> Complex64 {
    // |s_ν(ω) − s_ν(ω′)| ≤ q|ω − ω′| with q < 1 near the solution, so a step of 1e-13 stops at most
    // 1e-13 q/(1 − q) away from it.
    let mut s = Complex64::i();
    for _ in 0..100_000 {
        let omega = z + s;
        let next = atoms.iter().map(|t| (t - omega).inv()).sum::<Complex64>() / atoms.len() as f64;
        let step = (next - s).norm();
        s = next;
        if step < 1e-13 {
            return s;
        }
    }
    panic!("no convergence at z = {z}");
}

fn solves(c: &mut Criterion) {
    for height in HEIGHTS {
        let points = line(height);
        let mut group = group(c, &format!("subordination, Im z = {height}"));
        group.throughput(Throughput::Elements(POINTS as u64));
        for n in sizes(&SIZES) {
            let atoms: Vec<f64> = (0..n)
                .map(|i| -1.0 + (2 * i + 1) as f64 / n as f64)
                .collect();
            let nu = SpectralMeasure::empirical(atoms.clone()).unwrap();
            let mu = FreeConvolution::new(nu, 1.0).unwrap();
            for &z in &points {
                let solved = mu.subordination(z).unwrap();
                let distance = (solved.s - iterated(&atoms, z.get())).norm();
                // Im z ≤ 1 bounds 1 − q from below by Im z/(Im z + Im s) ≥ Im z/2.
                let allowed = solved.error_bound + 1e-13 * 2.0 / height + 1e-15 * n as f64;
                assert!(
                    distance <= allowed,
                    "N = {n}, z = {}: {distance:e}",
                    z.get()
                );
            }
            group.bench_with_input(BenchmarkId::new("certified", n), &mu, |b, mu| {
                b.iter(|| {
                    points
                        .iter()
                        .map(|&z| black_box(mu).subordination(z).unwrap().s)
                        .sum::<Complex64>()
                });
            });
            group.bench_with_input(BenchmarkId::new("iterated", n), &atoms, |b, atoms| {
                b.iter(|| {
                    points
                        .iter()
                        .map(|z| iterated(black_box(atoms), z.get()))
                        .sum::<Complex64>()
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, solves);
criterion_main!(benches);
