//! Input without eigenvalues.

use super::*;

#[test]
fn entries_that_are_not_finite_are_refused_and_spoil_no_companion() {
    let good = Tridiagonal {
        diagonal: vec![1.0, 2.0, 3.0],
        off_diagonal: vec![0.5, 0.25],
    };
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let (mut on, mut beside) = (good.clone(), good.clone());
        on.diagonal[2] = bad;
        beside.off_diagonal[1] = bad;
        let refused = |r: &Result<Spectrum, SpectrumError>, row: usize| {
            let Err(SpectrumError::EntryNotFinite { index, value }) = r else {
                panic!("{r:?}")
            };
            assert_eq!((*index, value.to_bits()), (row, bad.to_bits()));
        };
        refused(&on.eigenvalues(), 2);
        refused(&beside.eigenvalues(), 1);
        let batch = [good.clone(), on, good.clone(), beside, good.clone()];
        let results = Tridiagonal::eigenvalues_of(&batch);
        refused(&results[1], 2);
        refused(&results[3], 1);
        for i in [0, 2, 4] {
            assert_eq!(results[i], good.eigenvalues());
        }
        let mut m = DMatrix::identity(3, 3);
        m[(1, 1)] = bad;
        let w = Hermitian::Real(m);
        let error = Native.eigenvalues(&w);
        assert!(
            matches!(error, Err(SpectrumError::Hermitian(_))),
            "{error:?}"
        );
        let identity = Hermitian::Real(DMatrix::identity(3, 3));
        let results = Native.eigenvalues_of(&[w, identity]);
        assert!(results[0].is_err());
        assert_eq!(results[1].as_ref().unwrap().eigenvalues(), [1.0; 3]);
    }
}

#[test]
fn no_rows_and_eigenvalues_beyond_the_largest_number_are_errors() {
    let empty = Tridiagonal {
        diagonal: vec![],
        off_diagonal: vec![],
    };
    assert_eq!(empty.eigenvalues(), Err(SpectrumError::Empty));
    // 1.5e308 ± 1.5e308
    let huge = Tridiagonal {
        diagonal: vec![1.5e308; 2],
        off_diagonal: vec![1.5e308],
    };
    let error = huge.eigenvalues();
    assert!(
        matches!(error, Err(SpectrumError::NotFinite { index: 0, value }) if value == f64::INFINITY),
        "{error:?}"
    );
}
