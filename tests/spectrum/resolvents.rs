//! Resolvents by solving.

use super::*;

#[test]
fn inverts_the_shifted_matrix_and_has_the_trace_of_the_spectrum() {
    let z = Complex64::new(0.4, 0.5);
    for ensemble in ensembles() {
        for n in [1, 2, 25] {
            let w = ensemble
                .noise(n, &mut generator("resolvent", n as u64))
                .unwrap();
            let g = resolvent(&w, z);
            let identity = DMatrix::<Complex64>::identity(n, n);
            let product = (w.to_complex() - &identity * z) * &g;
            assert!((product - identity).norm() < 1e-12);
            let expected = Faer.eigenvalues(&w).unwrap().resolvent_trace(z);
            assert!((g.trace() - expected).norm() < 1e-12 * expected.norm().max(1.0));
        }
    }
}

#[test]
fn rotates_with_the_matrix() {
    let w = Ensemble::gue()
        .noise(6, &mut generator("rotation", 0))
        .unwrap();
    let u = haar_unitary(6, &mut generator("rotation", 1));
    let z = Complex64::new(-0.2, 1.0);
    let turned = &u * w.to_complex() * u.adjoint();
    let turned = Hermitian::from_lower(Hermitian::Complex(turned)).unwrap();
    let expected = &u * resolvent(&w, z) * u.adjoint();
    assert!((resolvent(&turned, z) - expected).norm() < 1e-13);
    let o = haar_orthogonal(6, &mut generator("rotation", 2));
    assert!((o.determinant().abs() - 1.0).abs() < 1e-14);
}
