use super::*;
use rmt_verify::measure::SpectralMeasure;

fn atoms(pairs: &[(f64, f64)]) -> Signal {
    Signal::diagonal(SignalShape::Atoms(pairs.to_vec()))
}

#[test]
fn multiplicities_are_exact_when_they_can_be() {
    let s = atoms(&[(-1.0, 0.1), (0.0, 0.3), (2.0, 0.6)])
        .eigenvalues(30)
        .unwrap();
    let count = |x: f64| s.iter().filter(|&&y| y == x).count();
    assert_eq!((count(-1.0), count(0.0), count(2.0)), (3, 9, 18));
}

#[test]
fn largest_remainders_go_first_and_ties_to_the_earlier_atom() {
    let s = atoms(&[(1.0, 0.5), (-1.0, 0.5)]).eigenvalues(5).unwrap();
    assert_eq!(s, [1.0, 1.0, 1.0, -1.0, -1.0]);
    let s = atoms(&[(1.0, 0.26), (2.0, 0.37), (3.0, 0.37)])
        .eigenvalues(4)
        .unwrap();
    assert_eq!(s, [3.0, 2.0, 2.0, 1.0]); // 1.04, 1.48, 1.48: one more for 2
}

#[test]
fn esd_and_limit_agree_as_n_grows() {
    let signal = Signal::diagonal(SignalShape::Uniform { lo: -2.0, hi: 2.0 });
    let z = Complex64::new(0.3, 0.8);
    let error = |n| {
        let (a, b) = (signal.esd(n).unwrap(), signal.limit().unwrap());
        (a.stieltjes(z) - b.stieltjes(z)).norm()
    };
    // Midpoint rule: |∫f − Σ| ≤ (hi − lo)²/(24 n²) sup|f″|, f″ = 2/(t − z)³.
    for n in [10, 100] {
        let bound = 16.0 / (24.0 * (n * n) as f64) * 2.0 / 0.8f64.powi(3);
        assert!(error(n) <= bound, "{n}");
    }
    let atoms = atoms(&[(-1.0, 0.5), (1.0, 0.5)]);
    assert_eq!(atoms.esd(6).unwrap(), atoms.limit().unwrap());
    assert_eq!(Signal::zero().esd(7).unwrap().point_masses(), [(0.0, 1.0)]);
    let quantiles = Signal::diagonal(SignalShape::Quantiles(signal.limit().unwrap()));
    let pairs = quantiles.eigenvalues(9).unwrap();
    for (a, b) in pairs.iter().zip(signal.eigenvalues(9).unwrap()) {
        assert!((a - b).abs() < 1e-14);
    }
}

#[test]
fn ill_posed_signals_are_errors() {
    let weight = |w| atoms(&[(0.0, w), (1.0, 0.5)]).eigenvalues(4).unwrap_err();
    assert_eq!(weight(0.4), EnsembleError::WeightsNotOne { sum: 0.9 });
    assert_eq!(
        weight(-0.5),
        EnsembleError::WeightNotPositive {
            location: 0.0,
            weight: -0.5
        }
    );
    let list = Signal::diagonal(SignalShape::Prescribed(vec![1.0, 2.0]));
    assert_eq!(list.eigenvalues(2).unwrap(), [2.0, 1.0]);
    assert_eq!(
        list.eigenvalues(3),
        Err(EnsembleError::WrongNumber { n: 3, found: 2 })
    );
    assert_eq!(list.eigenvalues(0), Err(EnsembleError::SizeZero));
    let infinite = Signal::diagonal(SignalShape::Prescribed(vec![f64::INFINITY]));
    assert!(matches!(
        infinite.eigenvalues(1),
        Err(EnsembleError::EigenvalueNotFinite { value }) if value == f64::INFINITY
    ));
    let empty = Signal::diagonal(SignalShape::Uniform { lo: 1.0, hi: 1.0 });
    assert_eq!(
        empty.eigenvalues(2),
        Err(EnsembleError::IntervalEmpty { lo: 1.0, hi: 1.0 })
    );
    assert!(empty.limit().is_err());
}

proptest! {
    #[test]
    fn multiplicities_sum_to_n_and_miss_by_less_than_one(
        weights in prop::collection::vec(0.01f64..1.0, 1..8), n in 1usize..300,
    ) {
        let total: f64 = weights.iter().sum();
        let pairs: Vec<_> = weights.iter().enumerate()
            .map(|(i, w)| (i as f64, w / total)).collect();
        let s = atoms(&pairs).eigenvalues(n).unwrap();
        prop_assert_eq!(s.len(), n);
        for (x, w) in pairs {
            let count = s.iter().filter(|&&y| y == x).count() as f64;
            prop_assert!((count - n as f64 * w).abs() < 1.0);
        }
    }
}

#[test]
fn haar_matrices_are_orthogonal_and_have_no_preferred_sign() {
    for n in [1, 2, 5, 40] {
        let q = haar_orthogonal(n, &mut generator("haar"));
        assert!((q.transpose() * &q - nalgebra::DMatrix::identity(n, n)).norm() < 1e-13);
        let u = haar_unitary(n, &mut generator("haar"));
        assert!((u.adjoint() * &u - nalgebra::DMatrix::identity(n, n)).norm() < 1e-13);
    }
    // E Q_ij = 0 for every entry, also on the diagonal, where Householder's QR without the
    // sign fix has a preferred sign. |Q_ij| ≤ 1: Hoeffding at level 1e-6 a test.
    let (n, m) = (4, 10_000);
    let mut rng = generator("haar signs");
    let mut sum = nalgebra::DMatrix::<f64>::zeros(n, n);
    let mut unitary = nalgebra::DMatrix::<Complex64>::zeros(n, n);
    for _ in 0..m {
        sum += haar_orthogonal(n, &mut rng);
        unitary += haar_unitary(n, &mut rng);
    }
    let bound = (2.0 * (2.0f64 * 16.0 * 3.0 / 1e-6).ln() / m as f64).sqrt();
    for (x, z) in sum.iter().zip(unitary.iter()) {
        assert!((x / m as f64).abs() < bound);
        assert!((z.re / m as f64).abs() < bound && (z.im / m as f64).abs() < bound);
    }
    // The unfixed Q has E|Q_11| ≈ 0.4 with one sign: five times the bound.
    assert!(bound < 0.08);
}

#[test]
fn a_haar_basis_keeps_the_eigenvalues() {
    use rmt_verify::spectrum::{Eigensolver, Faer};
    let signal = Signal::haar(SignalShape::Uniform { lo: -1.0, hi: 3.0 });
    let rng = &mut generator("haar signal");
    for s in [
        signal.matrix(30, rng).unwrap(),
        signal.complex_matrix(30, rng).unwrap(),
    ] {
        s.check().unwrap();
        let found = Faer.eigenvalues(&s).unwrap();
        for (a, b) in found
            .eigenvalues()
            .iter()
            .zip(signal.eigenvalues(30).unwrap())
        {
            assert!((a - b).abs() < 1e-13);
        }
    }
    assert_eq!(signal.basis, Basis::Haar);
}

#[test]
fn spiked_signals_are_a_bulk_and_their_spikes() {
    let bulk = SignalShape::Uniform { lo: -1.0, hi: 1.0 };
    let spiked = |spikes: Vec<f64>| {
        let bulk = Box::new(bulk.clone());
        Signal::diagonal(SignalShape::Spiked { bulk, spikes })
    };
    let one = spiked(vec![-2.0, 3.0]);
    let mut expected = Signal::diagonal(bulk.clone()).eigenvalues(8).unwrap();
    expected.insert(0, 3.0);
    expected.push(-2.0);
    assert_eq!(one.eigenvalues(10).unwrap(), expected);
    assert_eq!(
        one.limit().unwrap(),
        SpectralMeasure::uniform(-1.0, 1.0).unwrap()
    );
    assert_eq!(
        one.eigenvalues(2).unwrap_err(),
        EnsembleError::NoBulk { n: 2, spikes: 2 }
    );
}

#[test]
fn names_of_spiked_signals_tell_them_apart() {
    let name = |bulk: SignalShape, spikes: Vec<f64>| {
        let bulk = Box::new(bulk);
        Signal::diagonal(SignalShape::Spiked { bulk, spikes }).name()
    };
    let zero = || SignalShape::Zero;
    assert_eq!(name(zero(), vec![1.5, -2.0]), "zero with spikes 1.5,-2");
    let many: Vec<f64> = (0..9).map(f64::from).collect();
    let mut other = many.clone();
    other[8] = 8.5;
    assert_ne!(name(zero(), many.clone()), name(zero(), other));
    let uniform = SignalShape::Uniform { lo: -1.0, hi: 1.0 };
    assert_ne!(name(zero(), many.clone()), name(uniform, many));
}

#[test]
fn weights_that_are_zero_negative_or_infinite_are_refused() {
    for weight in [0.0, -0.25, f64::INFINITY, f64::NAN] {
        let signal = atoms(&[(1.0, 0.5), (2.0, weight), (3.0, 0.5)]);
        let refused = signal.eigenvalues(4);
        assert!(
            matches!(refused, Err(EnsembleError::WeightNotPositive { location, .. }) if location == 2.0),
            "{weight}"
        );
    }
}

#[test]
fn prescribed_signals_are_named_by_their_values_or_by_a_fingerprint_of_many() {
    let name = |values: Vec<f64>| Signal::diagonal(SignalShape::Prescribed(values)).name();
    assert_eq!(name(vec![1.5, -2.0]), "prescribed:1.5,-2");
    let six: Vec<f64> = (0..6).map(f64::from).collect();
    assert_eq!(name(six.clone()), "prescribed:0,1,2,3,4,5");
    let seven = |last: f64| name([six.clone(), vec![last]].concat());
    assert!(seven(6.0).starts_with("prescribed:7-values-"));
    assert_eq!(seven(6.0), seven(6.0));
    assert_ne!(seven(6.0), seven(7.0));
}
