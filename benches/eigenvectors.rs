//! Eigenvalues and eigenvectors of a GOE matrix, by every solver that has both.

mod common;

use common::{goe, group, sizes};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rmt_verify::spectrum::{Eigendecomposition, Faer, Nalgebra, certify};
use std::hint::black_box;

const SIZES: [usize; 7] = [16, 32, 64, 128, 256, 400, 800];

fn solvers() -> Vec<Box<dyn Eigendecomposition>> {
    #[allow(unused_mut)] // peers only with the feature
    let mut all: Vec<Box<dyn Eigendecomposition>> = vec![Box::new(Faer), Box::new(Nalgebra)];
    #[cfg(feature = "lapack")]
    for lapack in common::solvers::lapacks() {
        all.push(Box::new(lapack));
    }
    all
}

fn with_vectors(c: &mut Criterion) {
    let mut group = group(c, "eigenvectors");
    for n in sizes(&SIZES) {
        let w = goe(n);
        for solver in solvers() {
            // The certificate bounds every eigenvalue's error. Residual and defect of orthogonality of
            // a backward stable solver are O(Nε‖W‖); 8 as in `trace_checks`, and the a-priori
            // rounding bounds inside the certificate, γ_N‖W‖‖V‖_F ≤ N^{3/2}ε‖W‖, come on top.
            let bound = certify(&w, &solver.eigen(&w).unwrap());
            let size = n as f64;
            let allowed =
                (8.0 * size + size.powf(1.5)) * f64::EPSILON * w.frobenius_squared().sqrt();
            assert!(
                bound <= allowed,
                "{} at N = {n}: certified only to {bound:e}, allowed {allowed:e}",
                solver.name()
            );
            group.bench_with_input(BenchmarkId::new(solver.name(), n), &w, |b, w| {
                b.iter(|| solver.eigen(black_box(w)).unwrap());
            });
        }
        // What proving the bound costs, to be compared with the solve.
        let eigen = Faer.eigen(&w).unwrap();
        group.bench_with_input(BenchmarkId::new("certificate", n), &w, |b, w| {
            b.iter(|| certify(black_box(w), black_box(&eigen)));
        });
    }
    group.finish();
}

criterion_group!(benches, with_vectors);
criterion_main!(benches);
