//! Wrong solvers exceed the thresholds.

use super::*;

/// Textbook QL iteration: implicit shifts, explicit rotations, b_i set to 0 when |b_i| ≤ `negligible`·‖T‖.
fn textbook(t: &Tridiagonal, negligible: f64) -> Spectrum {
    let n = t.n();
    let mut a = t.diagonal.clone();
    let mut b = t.off_diagonal.clone();
    let scale = a.iter().chain(&b).fold(0.0, |m: f64, x| m.max(x.abs()));
    let mut top = 0;
    for _ in 0..100 * n {
        b.iter_mut()
            .filter(|x| x.abs() <= negligible * scale)
            .for_each(|x| *x = 0.0);
        while top + 1 < n && b[top] == 0.0 {
            top += 1;
        }
        if top + 1 >= n {
            return Spectrum::from_unsorted(a).unwrap();
        }
        let bottom = (top..n - 1).find(|&i| b[i] == 0.0).unwrap_or(n - 1);
        let half = 0.5 * (a[top + 1] - a[top]);
        let shift = a[top] - b[top] * b[top] / (half + half.hypot(b[top]).copysign(half));
        let (mut x, mut z) = (a[bottom] - shift, b[bottom - 1]);
        for i in (top..bottom).rev() {
            let r = x.hypot(z);
            let (c, s) = if r == 0.0 { (1.0, 0.0) } else { (x / r, z / r) };
            if i + 1 < bottom {
                b[i + 1] = r;
            }
            let (lower, upper, beside) = (a[i + 1], a[i], b[i]);
            a[i + 1] = c * c * lower + 2.0 * c * s * beside + s * s * upper;
            a[i] = s * s * lower - 2.0 * c * s * beside + c * c * upper;
            b[i] = (c * c - s * s) * beside + c * s * (upper - lower);
            if i > top {
                (x, z) = (b[i], s * b[i - 1]);
                b[i - 1] *= c;
            }
        }
    }
    panic!("no convergence");
}

#[test]
fn coarse_deflation_exceeds_the_threshold_and_fine_deflation_does_not() {
    for n in [33, 64, 129] {
        let t = kinds::glued(n, 1e-8);
        let fine = tridiagonal::outside_brackets(&t, &textbook(&t, 2f64.powi(-54)));
        let coarse = tridiagonal::outside_brackets(&t, &textbook(&t, 1e-8));
        println!("N = {n}: {fine:.3} against {coarse:.3}");
        assert!(fine <= ITERATION && coarse > 10.0 * ITERATION);
    }
}

#[test]
fn half_of_the_matrix_exceeds_the_threshold() {
    for n in SIZES.into_iter().filter(|&n| n > 1) {
        for (name, spectrum) in kinds::spectra(n) {
            let exact = Spectrum::from_unsorted(spectrum.clone()).unwrap();
            // Multiples of the identity have nothing beside the diagonal to forget.
            if exact.eigenvalues()[0] - exact.eigenvalues()[n - 1] < 0.5 {
                continue;
            }
            let [w, _] = kinds::rotated(name, spectrum);
            let Hermitian::Real(m) = &w else {
                unreachable!("a real rotation")
            };
            let half = DMatrix::from_fn(n, n, |i, j| m[(i, j)] * if i == j { 1.0 } else { 0.5 });
            let found = Native.eigenvalues(&Hermitian::real(half).unwrap()).unwrap();
            let ratio = ratio(found.distance(&exact), n, norm(&exact));
            assert!(ratio > 1000.0 * FULL, "{name}, N = {n}: {ratio}");
        }
    }
}

#[test]
fn a_wrong_pivot_or_a_lost_row_exceeds_the_threshold() {
    for n in [16, 64] {
        for (name, t, exact) in kinds::solved(n).split_off(2) {
            let mut lost = t.clone();
            lost.off_diagonal[n / 2] = 0.0;
            let mut moved = t.clone();
            moved.diagonal[n / 3] += 1e-9;
            for wrong in [lost, moved] {
                let ratio = ratio(
                    wrong.eigenvalues().unwrap().distance(&exact),
                    n,
                    norm(&exact),
                );
                assert!(ratio > ITERATION, "{name}, N = {n}: {ratio}");
            }
        }
    }
}
