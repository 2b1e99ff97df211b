//! The band model against dense matrices, and its eigenvalues by inertia.

use nalgebra::DMatrix;
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{
    Band, BandEntries, BandModel, Deformed, Ensemble, Signal, SignalShape, StreamKey,
};
use rmt_verify::spectrum::{
    BandCorner, CornerError, Eigensolver, Faer, Hermitian, LocateError, Tridiagonal,
};

fn generator(test: &str, replicate: u64) -> ChaCha8Rng {
    StreamKey {
        epoch: 0,
        claim: test.into(),
        law: String::new(),
        n: 0,
        signal: String::new(),
    }
    .generator(replicate)
}

fn sample(ensemble: Ensemble, n: usize, r: usize, spikes: &[f64], rng: &mut ChaCha8Rng) -> Band {
    let mut band = BandModel::new(&ensemble, r)
        .unwrap()
        .sample(n, rng)
        .unwrap();
    band.add_spikes(spikes).unwrap();
    band
}

/// The same B as a full matrix.
fn dense(band: &Band) -> Hermitian {
    let n = band.n();
    match band {
        Band::Real(b) => {
            let mut m = DMatrix::from_diagonal(&b.diagonal.clone().into());
            for (index, x) in b.below.iter().enumerate() {
                let (j, i) = (
                    index / b.half_width,
                    index / b.half_width + index % b.half_width + 1,
                );
                if i < n {
                    (m[(i, j)], m[(j, i)]) = (*x, *x);
                }
            }
            Hermitian::real(m).unwrap()
        }
        Band::Complex(b) => {
            let mut m = DMatrix::<Complex64>::zeros(n, n);
            for (j, a) in b.diagonal.iter().enumerate() {
                m[(j, j)].re = *a;
            }
            for (index, x) in b.below.iter().enumerate() {
                let (j, i) = (
                    index / b.half_width,
                    index / b.half_width + index % b.half_width + 1,
                );
                if i < n {
                    (m[(i, j)], m[(j, i)]) = (*x, x.conj());
                }
            }
            Hermitian::from_lower(Hermitian::Complex(m)).unwrap()
        }
    }
}

mod law {
    use super::*;

    /// Two normal laws whose variances differ by a factor 2, as those of the outliers of the GOE and the GUE do,
    /// are 0.083 apart: M makes 1.2 times the width of the bands 0.056.
    const M: usize = 20_000;

    /// sup |F_M − G_M| of two samples.
    fn kolmogorov(mut x: Vec<f64>, mut y: Vec<f64>) -> f64 {
        x.sort_by(f64::total_cmp);
        y.sort_by(f64::total_cmp);
        let below = |list: &[f64], at: f64| list.partition_point(|&v| v <= at) as f64;
        let gap = |at: &f64| (below(&x, *at) - below(&y, *at)).abs() / M as f64;
        x.iter().chain(&y).map(gap).fold(0.0, f64::max)
    }

    /// Two Dvoretzky–Kiefer–Wolfowitz bands at level 1e-9 each.
    fn band_width() -> f64 {
        2.0 * ((2e9f64).ln() / (2.0 * M as f64)).sqrt()
    }

    /// The first three eigenvalues of M matrices.
    fn top(mut draw: impl FnMut(&mut ChaCha8Rng) -> Hermitian, stream: &str) -> [Vec<f64>; 3] {
        let mut all = [vec![], vec![], vec![]];
        for replicate in 0..M {
            let w = draw(&mut generator(stream, replicate as u64));
            let spectrum = Faer.eigenvalues(&w).unwrap();
            for (list, value) in all.iter_mut().zip(spectrum.eigenvalues()) {
                list.push(*value);
            }
        }
        all
    }

    fn from_dense(ensemble: Ensemble, n: usize, spikes: &[f64]) -> [Vec<f64>; 3] {
        let mut values = vec![0.0; n];
        values[..spikes.len()].copy_from_slice(spikes);
        let signal = Signal::diagonal(SignalShape::Prescribed(values));
        let model = Deformed { ensemble, signal };
        top(|rng| model.sample(n, rng).unwrap(), "dense")
    }

    #[test]
    fn top_eigenvalues_have_the_law_of_the_dense_ensemble() {
        for (ensemble, n, spikes) in [
            (Ensemble::goe(), 7, &[2.0, 1.5][..]),
            (Ensemble::gue().with_sigma(0.7), 7, &[1.4, 1.0, -1.0]),
        ] {
            let r = spikes.len();
            let full = from_dense(ensemble, n, spikes);
            let short = top(|rng| dense(&sample(ensemble, n, r, spikes, rng)), "band");
            for (k, (a, b)) in full.into_iter().zip(short).enumerate() {
                let distance = kolmogorov(a, b);
                assert!(
                    distance < band_width(),
                    "{} λ_{k}: {distance}",
                    ensemble.name()
                );
            }
        }
    }

    /// Spikes that a band is too narrow for, and the other β.
    #[test]
    fn the_comparison_of_laws_sees_wrong_models() {
        let (n, spikes) = (7, [2.0, 1.5]);
        let [_, second, _] = from_dense(Ensemble::goe(), n, &spikes);
        let outside = |rng: &mut ChaCha8Rng| {
            let mut band = sample(Ensemble::goe(), n, 1, &[2.0], rng);
            if let Band::Real(b) = &mut band {
                b.diagonal[1] += 1.5;
            }
            dense(&band)
        };
        let [_, wrong, _] = top(outside, "outside");
        assert!(kolmogorov(second.clone(), wrong) > 1.2 * band_width());
        let unitary = |rng: &mut ChaCha8Rng| dense(&sample(Ensemble::gue(), n, 2, &spikes, rng));
        let [_, wrong, _] = top(unitary, "unitary");
        assert!(kolmogorov(second, wrong) > 1.2 * band_width());
    }

    /// Φ(θ) = θ + 1/θ for both spikes of a GOE and a GUE of size 10⁵; √N(λ − Φ) has variance at most 2(1 − θ⁻²) < 2.
    #[test]
    fn two_spikes_in_a_large_matrix_give_their_two_outliers() {
        let n = 100_000;
        for ensemble in [Ensemble::goe(), Ensemble::gue()] {
            let band = sample(ensemble, n, 2, &[3.0, 1.8], &mut generator("large", 0));
            for (index, theta) in [3.0f64, 1.8].into_iter().enumerate() {
                let found = band.eigenvalue(index, 1e-9).unwrap();
                assert!(found.error_bound <= 1e-9);
                let error = (found.value - theta - 1.0 / theta).abs();
                assert!(error < 7.0 * (2.0 / n as f64).sqrt(), "{theta}: {error}");
            }
            assert_eq!(band.count_above(2.1).unwrap().0, 2);
        }
    }
}

mod inertia {
    use super::*;

    fn examples() -> Vec<Band> {
        let mut all = vec![];
        for (replicate, n) in [1, 2, 3, 4, 17, 60].into_iter().enumerate() {
            for r in [1, 2, 3, 5] {
                for ensemble in [Ensemble::goe(), Ensemble::gue().with_sigma(3.0)] {
                    let rng = &mut generator("inertia", replicate as u64);
                    let spikes = [4.0, -3.0, 2.5, 1.0, 0.5];
                    all.push(sample(ensemble, n, r, &spikes[..r.min(n)], rng));
                }
            }
        }
        all
    }

    #[test]
    fn counts_are_those_of_the_dense_spectrum_within_their_bounds() {
        let mut widest = 0.0f64;
        for band in examples() {
            let spectrum = Faer.eigenvalues(&dense(&band)).unwrap();
            let values = spectrum.eigenvalues();
            let mut points: Vec<f64> = values.windows(2).map(|w| 0.5 * (w[0] + w[1])).collect();
            points.extend([values[0] + 0.1, values[values.len() - 1] - 0.1]);
            points.extend([0.0, band.diagonal()[0]]);
            for x in points {
                let (count, eta) = band.count_above(x).unwrap();
                let beyond = |x: f64| values.iter().filter(|&&v| v > x).count();
                let slack = eta + 1e-12;
                assert!(beyond(x + slack) <= count && count <= beyond(x - slack));
                if x != 0.0 && x != band.diagonal()[0] {
                    widest = widest.max(eta);
                }
            }
        }
        assert!(widest < 1e-8, "{widest:e}");
    }

    #[test]
    fn eigenvalues_agree_with_the_dense_solver_within_their_bounds() {
        for band in examples() {
            let w = dense(&band);
            let spectrum = Faer.eigenvalues(&w).unwrap();
            let solver = 8.0 * w.n() as f64 * f64::EPSILON * w.frobenius_squared().sqrt();
            for index in [0, w.n() / 2, w.n() - 1] {
                let found = band.eigenvalue(index, 1e-11).unwrap();
                let gap = (found.value - spectrum.eigenvalues()[index]).abs();
                assert!(
                    gap <= found.error_bound + solver,
                    "{gap:e} > {:e}",
                    found.error_bound
                );
                assert!(found.error_bound < 1e-9, "{:e}", found.error_bound);
            }
        }
    }

    /// r = 1: the same counts as the tridiagonal form with the same entries.
    #[test]
    fn bands_of_half_width_one_are_tridiagonal() {
        let band = sample(Ensemble::goe(), 300, 1, &[1.3], &mut generator("one", 0));
        let Band::Real(b) = &band else {
            panic!("the GOE is real");
        };
        let t = Tridiagonal {
            diagonal: b.diagonal.clone(),
            off_diagonal: b.below[..299].to_vec(),
        };
        for i in -25..25 {
            let x = 0.1 * f64::from(i) + 0.037;
            assert_eq!(band.count_above(x).unwrap().0, t.count_above(x).unwrap().0);
        }
        let (a, b) = (band.largest(1e-12).unwrap(), t.largest(1e-12).unwrap());
        assert!((a.value - b.value).abs() <= a.error_bound + b.error_bound);
    }

    /// [[0, 1], [1, 0]] at x = 0: the first pivot vanishes, and nothing is claimed beyond the bound.
    #[test]
    fn vanishing_pivots_widen_the_bound_instead_of_the_error() {
        let band = Band::Real(BandEntries {
            half_width: 1,
            diagonal: vec![0.0, 0.0],
            below: vec![1.0, 0.0],
        });
        let (count, eta) = band.count_above(0.0).unwrap();
        assert!(count == 1 || eta >= 1.0);
        for index in [0, 1] {
            let found = band.eigenvalue(index, 1e-12).unwrap();
            let exact = [1.0, -1.0][index];
            assert!((found.value - exact).abs() <= found.error_bound);
            assert!(found.error_bound < 1e-10);
        }
    }

    #[test]
    fn ill_posed_questions_are_errors() {
        let band = Band::Real(BandEntries {
            half_width: 1,
            diagonal: vec![0.0, f64::NAN],
            below: vec![1.0, 0.0],
        });
        assert!(matches!(
            band.largest(1e-9).unwrap_err(),
            LocateError::NotFinite { .. }
        ));
        assert!(band.count_above(0.0).is_err());
        let one = sample(Ensemble::goe(), 1, 1, &[], &mut generator("one", 0));
        assert_eq!(
            one.eigenvalue(1, 1e-9).unwrap_err(),
            LocateError::NoSuchIndex { index: 1, n: 1 }
        );
    }
}

mod corner {
    use super::*;

    /// The whole band matrix and its corner from one stream, two spikes on both sides of the threshold and at it.
    #[test]
    fn corner_encloses_the_eigenvalues_of_the_whole_band() {
        let n = 3000;
        let window = 1.0 + (n as f64).powf(-1.0 / 3.0);
        for ensemble in [Ensemble::goe(), Ensemble::gue().with_sigma(0.8)] {
            let model = BandModel::new(&ensemble, 2).unwrap();
            for (replicate, spikes) in [[2.0, 1.6], [1.5, 0.5], [window, 1.0], [0.0, 0.0]]
                .into_iter()
                .enumerate()
            {
                let spikes = spikes.map(|x| x * ensemble.sigma());
                let stream = || generator("band corner", replicate as u64);
                let whole = sample(ensemble, n, 2, &spikes, &mut stream());
                let mut rng = stream();
                let mut corner = BandCorner::new(&model, n, &spikes, 1e-12, &mut rng).unwrap();
                for index in [0, 1] {
                    let found = corner.eigenvalue(index, 1e-8).unwrap();
                    let known = whole.eigenvalue(index, 1e-12).unwrap();
                    assert!(found.upper - found.lower <= 1e-8, "{found:?}");
                    assert!(
                        found.lower <= known.value + known.error_bound
                            && known.value - known.error_bound <= found.upper,
                        "{} {spikes:?} {index}: {found:?} {known:?}",
                        ensemble.name()
                    );
                }
                assert!(corner.columns() < n);
            }
        }
    }

    /// Two outliers of a trillion rows; wider bands need more of them.
    #[test]
    fn outliers_of_a_huge_matrix_need_a_number_of_columns_that_does_not_depend_on_its_size() {
        let model = BandModel::new(&Ensemble::goe(), 3).unwrap();
        let mut columns = vec![];
        for n in [1_000_000, 1_000_000_000_000] {
            let mut rng = generator("huge", 0);
            let mut corner = BandCorner::new(&model, n, &[3.0, 2.0, 0.5], 1e-12, &mut rng).unwrap();
            for (index, theta) in [3.0f64, 2.0].into_iter().enumerate() {
                let found = corner.eigenvalue(index, 1e-9).unwrap();
                let error = (found.lower - theta - 1.0 / theta).abs();
                assert!(error < 7.0 * (2.0 / n as f64).sqrt(), "{theta}: {error}");
                columns.push(found.rows);
            }
        }
        assert!(columns[0] == columns[2] && columns[3] <= 256, "{columns:?}");
    }

    #[test]
    fn ill_posed_corners_are_errors() {
        let model = BandModel::new(&Ensemble::goe(), 2).unwrap();
        let rng = &mut generator("errors", 0);
        let error = BandCorner::new(&model, 100, &[], 0.0, rng).unwrap_err();
        assert!(matches!(error, CornerError::FailureOutside { .. }));
        assert!(BandCorner::new(&model, 100, &[1.0; 3], 0.5, rng).is_err());
        assert!(BandCorner::new(&model, 0, &[], 0.5, rng).is_err());
    }
}
