//! Verdicts, and what is no spectrum.

use crate::{ideal, noise, verdict};
use rmt_verify::network::bulk::{
    Analyser, BulkError, Degeneracy, Method, Options, Shape, SingularValues, analyse,
};

#[test]
fn degenerate_spectra_are_called_so_and_have_no_count() {
    let of = |values: Vec<f64>, n, m| {
        let found = verdict(values, n, m);
        assert!(found.count.is_none() && found.fit.is_none() && found.spikes.is_empty());
        found.shape
    };
    let too_few = Shape::Degenerate(Degeneracy::TooFew);
    assert_eq!(of(vec![1.0], 1, 1), too_few);
    assert_eq!(of(vec![1.0], 1, 1000), too_few);
    assert_eq!(of(vec![1.0; 7], 7, 1000), too_few);
    assert_eq!(
        of(vec![0.0; 50], 50, 50),
        Shape::Degenerate(Degeneracy::Zero)
    );
    assert_eq!(of(vec![0.0], 1, 1), Shape::Degenerate(Degeneracy::Zero));
    let mut rank_one = vec![1e-17; 50];
    rank_one[7] = 3.0;
    let deficient = Degeneracy::RankDeficient { rank: 1 };
    assert_eq!(of(rank_one, 50, 50), Shape::Degenerate(deficient));
    assert_eq!(
        of(vec![0.7; 50], 50, 50),
        Shape::Degenerate(Degeneracy::AllEqual)
    );
    // A constant matrix has rank one, and its other singular values are rounding errors.
    let constant = faer::Mat::from_fn(60, 30, |_, _| 0.1);
    let spectrum = SingularValues::of(constant.as_ref()).unwrap();
    let found = analyse(&spectrum, &Options::default()).unwrap();
    assert_eq!(found.shape, Shape::Degenerate(deficient));
}

#[test]
fn what_is_no_spectrum_is_refused_with_the_offending_value() {
    let new = |values: &[f64], n, m| SingularValues::new(values.to_vec(), n, m).unwrap_err();
    assert_eq!(
        new(&[], 0, 5),
        BulkError::Empty {
            rows: 0,
            columns: 5
        }
    );
    assert_eq!(
        new(&[1.0], 2, 3),
        BulkError::WrongNumber {
            expected: 2,
            found: 1
        }
    );
    assert_eq!(
        new(&[1.0, -2.0], 2, 3),
        BulkError::ValueInvalid {
            index: 1,
            value: -2.0
        }
    );
    assert!(matches!(
        new(&[f64::NAN, 1.0], 2, 2),
        BulkError::ValueInvalid { index: 0, .. }
    ));
    let mut w = faer::Mat::<f64>::zeros(3, 2);
    w[(2, 1)] = f64::NAN;
    let error = SingularValues::of(w.as_ref()).unwrap_err();
    assert!(matches!(
        error,
        BulkError::EntryNotFinite {
            row: 2,
            column: 1,
            ..
        }
    ));
    let spectrum = SingularValues::new(ideal(20, 10), 20, 10).unwrap();
    for options in [
        Options {
            level: 0.0,
            ..Options::default()
        },
        Options {
            coverage: 1.0,
            ..Options::default()
        },
        Options {
            replicates: 3,
            ..Options::default()
        },
        Options {
            method: Method::Bema { trim: 0.5 },
            ..Options::default()
        },
        Options {
            method: Method::Bema { trim: f64::NAN },
            ..Options::default()
        },
    ] {
        assert!(analyse(&spectrum, &options).is_err(), "{options:?}");
    }
    let other = Analyser::new(10, 20, &Options::default()).unwrap();
    assert!(matches!(
        other.analyse(&spectrum),
        Err(BulkError::ShapeMismatch { .. })
    ));
}

#[test]
fn each_shape_is_recognised_and_only_fitting_ones_have_a_count() {
    let (n, m) = (300, 300);
    let noise = verdict(ideal(n, m), n, m);
    assert_eq!((noise.shape, noise.count), (Shape::RandomLike, Some(0)));

    let mut spiked = ideal(n, m);
    spiked[290..]
        .iter_mut()
        .zip(3..)
        .for_each(|(y, k)| *y = k as f64);
    let spiked = verdict(spiked, n, m);
    assert_eq!(
        (spiked.shape, spiked.count),
        (Shape::BulkPlusSpikes, Some(10))
    );

    // Twenty values go on beyond the edge 2.
    let mut decay = ideal(280, 280);
    decay.extend((1..=20).map(|k| 2.03 + 0.012 * f64::from(k)));
    let decay = verdict(decay, n, m);
    assert_eq!((decay.shape, decay.count), (Shape::BulkDecay, None));

    // P(λ > x) = x^{−3/2}, λ = y².
    let heavy = (0..m)
        .map(|i| ((i as f64 + 0.5) / m as f64).powf(-1.0 / 3.0))
        .collect();
    let heavy = verdict(heavy, n, m);
    assert_eq!((heavy.shape, heavy.count), (Shape::HeavyTailed, None));
    assert!((heavy.tail.unwrap().exponent - 2.5).abs() < 0.2);

    // Two separate groups.
    let groups = (0..m)
        .map(|i| if i % 2 == 0 { 1.0 } else { 3.0 } + 1e-3 * i as f64)
        .collect();
    let groups = verdict(groups, n, m);
    assert_eq!((groups.shape, groups.count), (Shape::Unexplained, None));
}

/// A matrix with very long rows: all singular values lie in a narrow bulk.
#[test]
fn a_thin_matrix_has_a_narrow_bulk_and_no_spike() {
    let (n, m) = (100_000, 12);
    let spectrum = &noise(n, m, 1)[0];
    let found = analyse(spectrum, &Options::default()).unwrap();
    assert_eq!(found.shape, Shape::RandomLike);
    let fit = found.fit.unwrap();
    assert!(fit.edge.value / fit.lower_edge < 1.03);
    // Entries have variance 1 = σ²/n.
    assert!((fit.sigma.value / (n as f64).sqrt() - 1.0).abs() < 0.01);
}

#[test]
fn repeated_values_are_no_trouble() {
    let mut values = ideal(100, 50);
    let middle = values[25];
    values[24..26].fill(middle);
    values[48] = 5.0;
    values[49] = 5.0;
    let found = verdict(values, 100, 50);
    assert_eq!(found.count, Some(2));
    assert_eq!(found.spikes[0], found.spikes[1]);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| verdict(ideal(60, 30), 60, 30))
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn the_density_of_the_fit_has_mass_one_in_the_units_of_the_values() {
    let values = ideal(80, 40).into_iter().map(|y| 0.01 * y).collect();
    let fit = verdict(values, 80, 40).fit.unwrap();
    let (lo, hi) = (fit.lower_edge, fit.edge.value);
    let steps = 20_000;
    let step = (hi - lo) / steps as f64;
    let mass: f64 = (0..steps)
        .map(|i| step * fit.density(lo + step * (i as f64 + 0.5)))
        .sum();
    assert!((mass - 1.0).abs() < 1e-4, "{mass}");
    assert!((hi / 0.01 - (1.0 + 0.5f64.sqrt())).abs() < 0.02);
}
