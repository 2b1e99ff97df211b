use super::*;
use nalgebra::dmatrix;

#[test]
fn constructors_name_the_offending_entry() {
    let i = Complex64::i();
    assert_eq!(
        Hermitian::real(nalgebra::DMatrix::zeros(2, 3)),
        Err(HermitianError::NotSquare {
            rows: 2,
            columns: 3
        })
    );
    assert_eq!(
        Hermitian::real(nalgebra::DMatrix::zeros(0, 0)),
        Err(HermitianError::Empty)
    );
    assert!(matches!(
        Hermitian::real(dmatrix![1.0, f64::NAN; 0.0, 1.0]),
        Err(HermitianError::NotFinite {
            row: 0,
            column: 1,
            ..
        })
    ));
    assert_eq!(
        Hermitian::real(dmatrix![1.0, 2.0; 3.0, 1.0]),
        Err(HermitianError::NotSelfAdjoint {
            row: 1,
            column: 0,
            value: 3.0.into(),
            mirrored: 2.0.into(),
        })
    );
    assert!(matches!(
        Hermitian::complex(dmatrix![i]),
        Err(HermitianError::NotSelfAdjoint {
            row: 0,
            column: 0,
            ..
        })
    ));
    let w = Hermitian::complex(dmatrix![Complex64::ONE, i; -i, Complex64::ZERO]).unwrap();
    assert_eq!((w.n(), w.trace(), w.frobenius_squared()), (2, 1.0, 3.0));
    assert_eq!(w.row_sum_norm(), 2.0);
}

#[test]
fn from_lower_ignores_the_upper_triangle() {
    let w = Hermitian::from_lower(Hermitian::Real(dmatrix![1.0, 9.0; 3.0, 4.0])).unwrap();
    assert_eq!(w, Hermitian::Real(dmatrix![1.0, 3.0; 3.0, 4.0]));
}
