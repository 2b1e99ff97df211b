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
    let sizes = (1..=20).chain([31, 32, 33, 63, 64, 65, 97, 160, 161]);
    let all = drawn("similar", sizes);
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
    let mut all = drawn("broken", [9; 6]);
    all[2] = Hermitian::Real(DMatrix::repeat(9, 9, f64::NAN));
    all[4] = Hermitian::Real(DMatrix::zeros(0, 0));
    let forms = reduced(&all);
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

/// Far outside the range in which squares are safe the single reduction takes over.
#[test]
fn sizes_of_entries_do_not_matter() {
    let w = &drawn("scaled", [12])[0];
    let Hermitian::Real(m) = w else {
        panic!("the first law is real")
    };
    let unit = Faer.eigenvalues(w).unwrap();
    for power in [-160, -90, 0, 90] {
        let factor = 2f64.powi(power * 3);
        let scaled = Hermitian::Real(m * factor);
        let t = Tridiagonal::reduce_all(&[&scaled]).remove(0).unwrap();
        let largest = t.largest(0.0).unwrap().value / factor;
        assert!(
            (largest - unit.eigenvalues()[0]).abs() < 1e-13,
            "2^{}: {largest}",
            3 * power
        );
    }
}
