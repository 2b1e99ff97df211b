//! Matrices that are reduced together in SIMD lanes.

use super::*;

fn drawn(test: &str, sizes: impl IntoIterator<Item = usize>) -> Vec<Hermitian> {
    let ensembles = ensembles();
    let of = |(i, n): (usize, usize)| {
        let ensemble = ensembles[i % ensembles.len()];
        ensemble.noise(n, &mut generator(test, i as u64)).unwrap()
    };
    sizes.into_iter().enumerate().map(of).collect()
}

/// For every size one matrix of the GOE and one of the GUE.
fn pairs(test: &str, sizes: impl IntoIterator<Item = usize>) -> Vec<Hermitian> {
    let of = |n: usize| {
        [Ensemble::goe(), Ensemble::gue()]
            .map(|ensemble| ensemble.noise(n, &mut generator(test, n as u64)).unwrap())
    };
    sizes.into_iter().flat_map(of).collect()
}

fn reduced(all: &[Hermitian]) -> Vec<Result<Tridiagonal, SpectrumError>> {
    Tridiagonal::reduce_all(&all.iter().collect::<Vec<_>>())
}

/// T is similar to W up to 8N rounding errors of its norm, each solver's own error included twice.
fn assert_similar(w: &Hermitian, t: &Tridiagonal) {
    let n = t.n();
    let mut dense = DMatrix::from_diagonal(&t.diagonal.clone().into());
    for (i, b) in t.off_diagonal.iter().enumerate() {
        assert!(*b >= 0.0);
        (dense[(i, i + 1)], dense[(i + 1, i)]) = (*b, *b);
    }
    let form = Faer.eigenvalues(&Hermitian::real(dense).unwrap()).unwrap();
    let known = Nalgebra.eigenvalues(w).unwrap();
    let allowed = 24.0 * n as f64 * f64::EPSILON * w.frobenius_squared().sqrt();
    assert!(form.distance(&known) <= allowed, "N = {n}");
}

#[test]
fn forms_are_similar_to_their_matrices_at_every_size() {
    let sizes = (1..=20).chain([31, 32, 33, 55, 56, 57, 97, 127, 128, 129]);
    let mut all = drawn("similar", sizes.clone());
    all.extend(pairs("similar", sizes));
    for (w, t) in all.iter().zip(reduced(&all)) {
        assert_similar(w, &t.unwrap());
    }
}

#[test]
fn bits_of_a_form_depend_on_its_matrix_alone() {
    // Groups of every length, sizes mixed, real and complex.
    let all = drawn("alone", (0..41).map(|i| [5, 12, 12, 33, 12][i % 5]));
    let together = reduced(&all);
    for (w, t) in all.iter().zip(&together) {
        assert_eq!(&Tridiagonal::reduce_all(&[w])[0], t);
    }
    let backwards: Vec<&Hermitian> = all.iter().rev().collect();
    let backwards = Tridiagonal::reduce_all(&backwards);
    assert!(backwards.iter().eq(together.iter().rev()));
}

#[test]
fn first_unit_vector_stays_where_it_is() {
    for (w, t) in drawn("first", [1, 2, 7, 40, 64])
        .iter()
        .zip(reduced(&drawn("first", [1, 2, 7, 40, 64])))
    {
        let t = t.unwrap();
        let first = match w {
            Hermitian::Real(m) => m[(0, 0)],
            Hermitian::Complex(m) => m[(0, 0)].re,
        };
        assert_eq!(t.diagonal[0], first);
    }
}

#[test]
fn a_matrix_that_cannot_be_reduced_is_an_error_for_itself_only() {
    let mut all = drawn("broken", [9; 10]);
    all[2] = Hermitian::Real(DMatrix::repeat(9, 9, f64::NAN));
    all[4] = Hermitian::Real(DMatrix::zeros(0, 0));
    let identity = DMatrix::<Complex64>::identity(9, 9);
    let wrong = |at: (usize, usize), z: Complex64| {
        let mut m = identity.clone();
        m[at] = z;
        Hermitian::Complex(m)
    };
    all[6] = wrong((7, 3), Complex64::new(0.0, f64::NAN));
    all[7] = wrong((3, 7), Complex64::new(0.0, 1e-300));
    all[8] = wrong((8, 8), Complex64::new(1.0, 0.125));
    all[9] = wrong((0, 0), Complex64::new(f64::INFINITY, 0.0));
    let forms = reduced(&all);
    for i in 6..10 {
        let expected = all[i].check().unwrap_err().to_string();
        match &forms[i] {
            Err(SpectrumError::Hermitian(e)) => assert_eq!(e.to_string(), expected),
            form => panic!("{i}: {form:?}"),
        }
    }
    assert!(matches!(
        forms[2],
        Err(SpectrumError::Hermitian(HermitianError::NotFinite { .. }))
    ));
    assert!(matches!(
        forms[4],
        Err(SpectrumError::Hermitian(HermitianError::Empty))
    ));
    for i in [0, 1, 3, 5] {
        assert_eq!(forms[i], Tridiagonal::reduce_all(&[&all[i]])[0]);
        assert!(forms[i].is_ok());
    }
    assert!(Tridiagonal::reduce_all(&[]).is_empty());
}

#[test]
fn matrices_without_anything_to_reflect_keep_their_entries() {
    let diagonal = Hermitian::Real(DMatrix::from_diagonal(&vec![3.0, -1.0, 0.5, 2.0].into()));
    let mut banded = DMatrix::zeros(4, 4);
    for (i, b) in [1.0, -2.0, 0.25].into_iter().enumerate() {
        (banded[(i, i + 1)], banded[(i + 1, i)]) = (b, b);
    }
    let banded = Hermitian::Real(banded);
    let zero = Hermitian::Real(DMatrix::zeros(4, 4));
    let forms = Tridiagonal::reduce_all(&[&diagonal, &banded, &zero]);
    let form = |i: usize| forms[i].clone().unwrap();
    assert_eq!(form(0).diagonal, [3.0, -1.0, 0.5, 2.0]);
    assert_eq!(form(0).off_diagonal, [0.0; 3]);
    assert_eq!(form(1).diagonal, [0.0; 4]);
    assert_eq!(form(1).off_diagonal, [1.0, 2.0, 0.25]);
    assert_eq!(
        (form(2).diagonal, form(2).off_diagonal),
        (vec![0.0; 4], vec![0.0; 3])
    );
}

#[test]
fn phases_off_the_diagonal_become_moduli() {
    let mut m = DMatrix::<Complex64>::zeros(4, 4);
    for (i, (re, im)) in [(3.0, -4.0), (0.0, 2.0), (-0.25, 0.0)]
        .into_iter()
        .enumerate()
    {
        m[(i, i)] = Complex64::new(i as f64, 0.0);
        m[(i + 1, i)] = Complex64::new(re, im);
        m[(i, i + 1)] = Complex64::new(re, -im);
    }
    let t = reduced(&[Hermitian::Complex(m)]).remove(0).unwrap();
    assert_eq!(t.diagonal, [0.0, 1.0, 2.0, 0.0]);
    assert_eq!(t.off_diagonal, [5.0, 2.0, 0.25]);
}

/// Where sums of squares underflow in part, a reflection computed from them would not be one.
#[test]
fn entries_whose_squares_underflow_count_as_zero() {
    let all = pairs("underflow", [30, 31, 32, 33]);
    for (w, part) in all.iter().zip([
        1e-155, 1e-155, 1e-158, 1e-158, 1e-160, 1e-160, 1e-162, 1e-162,
    ]) {
        let n = w.n();
        // The column to be reflected first. What a wrong reflection would spoil is the rest.
        let small = |i: usize, j: usize| i.min(j) == 0 && i != j;
        let with = |part: f64| match w {
            Hermitian::Real(m) => Hermitian::Real(DMatrix::from_fn(n, n, |i, j| {
                m[(i, j)] * if small(i, j) { part } else { 1.0 }
            })),
            Hermitian::Complex(m) => Hermitian::Complex(DMatrix::from_fn(n, n, |i, j| {
                m[(i, j)] * if small(i, j) { part } else { 1.0 }
            })),
        };
        let t = reduced(&[with(part)]).remove(0).unwrap();
        assert_similar(&with(0.0), &t);
    }
}

/// The first entry below the diagonal is tiny, those below it are not.
#[test]
fn a_tiny_entry_has_no_phase() {
    for part in [0.0, 1e-150, 1e-155, 1e-158, 1e-160, 1e-162] {
        for w in &pairs("phase", [2, 9]) {
            let z = Complex64::new(-2.0, 0.5) * part;
            let with = |z: Complex64| match w {
                Hermitian::Real(m) => {
                    let mut m = m.clone();
                    (m[(1, 0)], m[(0, 1)]) = (z.re, z.re);
                    Hermitian::Real(m)
                }
                Hermitian::Complex(m) => {
                    let mut m = m.clone();
                    (m[(1, 0)], m[(0, 1)]) = (z, z.conj());
                    Hermitian::Complex(m)
                }
            };
            let t = reduced(&[with(z)]).remove(0).unwrap();
            assert_similar(&with(Complex64::ZERO), &t);
        }
    }
}

/// Far outside the range in which squares are safe the single reduction takes over.
#[test]
fn sizes_of_entries_do_not_matter() {
    for w in &pairs("scaled", [12]) {
        let unit = Faer.eigenvalues(w).unwrap();
        for power in [-480, -270, 0, 270] {
            let factor = 2f64.powi(power);
            let scaled = match w {
                Hermitian::Real(m) => Hermitian::Real(m * factor),
                Hermitian::Complex(m) => Hermitian::Complex(m.map(|z| z * factor)),
            };
            let t = Tridiagonal::reduce_all(&[&scaled]).remove(0).unwrap();
            let largest = t.largest(0.0).unwrap().value / factor;
            let off = (largest - unit.eigenvalues()[0]).abs();
            assert!(off < 1e-13, "2^{power}: {largest}");
        }
    }
}
