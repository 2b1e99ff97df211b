//! Reduction and iteration together, against prescribed spectra and certified enclosures.

use super::*;

const SOLVERS: [&dyn Eigensolver; 2] = [&Native, &Faer];

#[test]
fn prescribed_spectra_are_met_within_five_units() {
    for n in SIZES {
        for (name, spectrum) in kinds::spectra(n) {
            let exact = Spectrum::from_unsorted(spectrum.clone()).unwrap();
            for w in kinds::rotated(name, spectrum) {
                for solver in SOLVERS {
                    let found = solver.eigenvalues(&w).unwrap();
                    let ratio = ratio(found.distance(&exact), n, norm(&exact));
                    let solver = solver.name();
                    println!("{name}, {solver}, N = {n}: {ratio:.3}");
                    assert!(ratio <= FULL, "{name}, {solver}, N = {n}: {ratio}");
                }
            }
        }
    }
}

/// The enclosure must be narrow too, or agreement with it would say little: a few N^{3/2}ε‖W‖ from its rounding bounds
/// (γ_N‖W‖‖V‖_F with ‖V‖_F = √N), and the residual of the solver. A complex inner product is two real ones of twice
/// the length, with twice the sum of moduli in its bound: four times as much.
fn widest(w: &Hermitian, norm: f64) -> f64 {
    let size = w.n() as f64 + 4.0;
    let field = match w {
        Hermitian::Real(_) => 1.0,
        Hermitian::Complex(_) => 4.0,
    };
    8.0 * field * size * size.sqrt() * f64::EPSILON * norm
}

#[test]
fn all_kinds_agree_with_certified_enclosures() {
    for n in SIZES {
        for (name, w) in kinds::full(n) {
            let eigen = Faer.eigen(&w).unwrap();
            let norm = norm(&eigen.spectrum);
            for k in SCALES {
                let scaled = times_matrix(&w, k);
                let moved = Eigen {
                    spectrum: times_spectrum(&eigen.spectrum, k),
                    vectors: eigen.vectors.clone(),
                };
                let certificate = times(certify(&scaled, &moved), -k);
                // The bound's own allowance for underflow, N² of the least normal numbers; scaled up again with
                // the matrix 0, which has no size to be scaled to.
                let least = times(f64::MIN_POSITIVE, if norm == 0.0 { 0.max(-k) } else { 0 });
                let underflow = 4.0 * (n * n) as f64 * least;
                assert!(
                    certificate <= widest(&w, norm) + underflow,
                    "{name}, N = {n}, 2^{k}: enclosure {certificate:e}"
                );
                let native = Native.eigenvalues(&scaled).unwrap();
                trace_checks(&scaled, &native).unwrap();
                let off = times_spectrum(&native, -k).distance(&eigen.spectrum);
                let ratio = ratio(off - certificate, n, norm);
                println!("{name}, N = {n}, 2^{k}: {ratio:.3}, enclosure {certificate:.1e}");
                assert!(ratio <= FULL, "{name}, N = {n}, 2^{k}: {ratio}");
            }
        }
    }
}

#[test]
fn values_from_a_batch_depend_on_their_matrix_alone() {
    for n in [1, 5, 33] {
        let batch: Vec<Hermitian> = kinds::full(n).into_iter().map(|(_, w)| w).collect();
        for solver in SOLVERS {
            for (w, found) in batch.iter().zip(solver.eigenvalues_of(&batch)) {
                let alone = solver.eigenvalues_of(std::slice::from_ref(w)).remove(0);
                assert_eq!(found, alone, "{}, N = {n}", solver.name());
                // Another order of summation.
                let (found, single) = (found.unwrap(), solver.eigenvalues(w).unwrap());
                let ratio = ratio(found.distance(&single), n, norm(&single));
                assert!(ratio <= FULL, "{}, N = {n}: {ratio}", solver.name());
            }
        }
    }
}
