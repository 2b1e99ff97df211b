//! The bulk fit: noise is recognised at the stated rate, planted spikes are found and measured, what does not fit is said
//! not to, and wrong versions of each step fail the same checks. The table over twenty shapes is
//! tests/network_bulk_calibration.rs.

use rmt_verify::confidence::binomial_upper_tail;
use rmt_verify::ensemble::{EntryLaw, StreamKey};
use rmt_verify::network::bulk::{
    Analyser, Analysis, BulkError, Degeneracy, EdgeLaw, Method, Options, OutlierMap, Shape,
    SingularLaw, SingularValues, analyse, noise_gram, upper_quantile,
};
use rmt_verify::spectrum::Tridiagonal;

/// A check fails by chance with at most this probability.
const CHANCE: f64 = 1e-6;

fn key(what: &str) -> StreamKey {
    StreamKey {
        epoch: 0,
        claim: "tests/network_bulk".into(),
        law: what.into(),
        n: 0,
        signal: String::new(),
    }
}

/// Singular values of pure n × m noise with standard entries.
fn noise(n: usize, m: usize, count: u64) -> Vec<SingularValues> {
    let key = key(&format!("noise {n} x {m}"));
    let grams: Vec<_> = (0..count)
        .map(|r| noise_gram(n, m, &mut key.generator(r)))
        .collect();
    let spectra = Tridiagonal::eigenvalues_of(&grams).into_iter();
    spectra
        .map(|s| {
            let values = s
                .unwrap()
                .eigenvalues()
                .iter()
                .map(|x| x.max(0.0).sqrt())
                .collect();
            SingularValues::new(values, n, m).unwrap()
        })
        .collect()
}

/// diag(θ₁, θ₂, …) + X/√n with entries of one law.
fn planted(n: usize, m: usize, theta: &[f64], law: EntryLaw, replicate: u64) -> faer::Mat<f64> {
    let mut entries = vec![0.0; n * m];
    law.fill(&mut key("planted").generator(replicate), &mut entries);
    let root = (n as f64).sqrt();
    faer::Mat::from_fn(n, m, |i, j| {
        let signal = if i == j {
            theta.get(i).copied().unwrap_or(0.0)
        } else {
            0.0
        };
        signal + entries[i + n * j] / root
    })
}

/// Ideal noise: the quantiles of the law at (i − ½)/m.
fn ideal(n: usize, m: usize) -> Vec<f64> {
    let law = SingularLaw::new(m as f64 / n as f64).unwrap();
    (0..m)
        .map(|i| law.quantile((i as f64 + 0.5) / m as f64))
        .collect()
}

fn verdict(values: Vec<f64>, n: usize, m: usize) -> Analysis {
    analyse(
        &SingularValues::new(values, n, m).unwrap(),
        &Options::default(),
    )
    .unwrap()
}

/// E tr BᵀB = nm and E tr (BᵀB)² = nm(n + m + 1). One degree of freedom more or less is seen.
#[test]
fn fresh_noise_has_the_moments_of_a_gaussian_matrix() {
    let (n, m, count) = (9, 6, 4000u64);
    let (nf, mf, count_f) = (n as f64, m as f64, count as f64);
    let key = key("moments");
    let (mut first, mut second) = (0.0, 0.0);
    for r in 0..count {
        let t = noise_gram(n, m, &mut key.generator(r));
        first += t.diagonal.iter().sum::<f64>() / count_f;
        let squares = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>();
        second += (squares(&t.diagonal) + 2.0 * squares(&t.off_diagonal)) / count_f;
    }
    // Var tr = 2nm; the second by its value, 210² here, of which the sample mean keeps 1/√4000.
    assert!(
        (first - nf * mf).abs() < 6.0 * (2.0 * nf * mf / count_f).sqrt(),
        "{first}"
    );
    let expected = nf * mf * (nf + mf + 1.0);
    assert!(
        (second - expected).abs() < 6.0 * 0.5 * expected / count_f.sqrt(),
        "{second} {expected}"
    );
}

/// Shapes of the quick check of the level, with replicates; thin ones for the exponent of the margin.
const SHAPES: [(usize, usize, u64); 6] = [
    (10, 10, 2000),
    (16, 16, 1000),
    (20, 10, 500),
    (30, 30, 300),
    (100, 10, 500),
    (400, 8, 1000),
];

/// Alarms of a rule on pure noise.
#[derive(Default)]
struct Alarms {
    trials: u64,
    alarms: u64,
}

impl Alarms {
    fn count(&mut self, alarm: bool) {
        self.trials += 1;
        self.alarms += u64::from(alarm);
    }

    /// Most that the probability of so many can be, if the rate is `level`.
    fn chance(&self, level: f64) -> f64 {
        binomial_upper_tail(self.alarms, self.trials, level)
    }
}

#[test]
fn pure_noise_shows_spikes_at_no_more_than_the_stated_rate() {
    let options = Options {
        level: 0.01,
        epoch: 1,
        ..Options::default()
    };
    let quantile = upper_quantile(options.level);
    let [mut ours, mut plain, mut none, mut misprint] = [(); 4].map(|()| Alarms::default());
    for (n, m, count) in SHAPES {
        let analyser = Analyser::new(n, m, &options).unwrap();
        let edge = EdgeLaw::new(n, m);
        let end = 1.0 + (m as f64 / n as f64).sqrt();
        // The margin that [`EdgeLaw`] has, and its share that is left by the misprint.
        let margin = edge.threshold(quantile) - edge.centre;
        let left = end.powi(4) / 3.0 / end.powf(4.0 / 3.0);
        for spectrum in noise(n, m, count) {
            let fit = analyser.analyse(&spectrum).unwrap().fit.unwrap();
            let top = spectrum.values()[0] / fit.sigma.value;
            ours.count(fit.beyond > 0);
            // What alarms us alarms the rivals: the value was taken out before σ was fitted again.
            let alarm = fit.beyond > 0;
            let scaled = top * top * n as f64;
            none.count(alarm || top > end);
            if n == m {
                plain.count(alarm || scaled > edge.threshold(quantile));
            }
            if n > 5 * m {
                misprint.count(alarm || scaled > edge.centre + left * margin);
            }
        }
    }
    assert!(ours.chance(0.01) > CHANCE, "{} alarms", ours.alarms);
    // σ̂ taken for σ, no margin at all, (1 + √γ)⁴/3 for (1 + √γ)^{4/3}: each fails the same check, though
    // the first is tried on square shapes only and the last on thin ones.
    for (name, rival) in [("plain", plain), ("none", none), ("misprint", misprint)] {
        assert!(
            rival.chance(0.01) < CHANCE,
            "{name}: {} alarms",
            rival.alarms
        );
    }
}

/// The false alarms that `analyse` states for a shape are those of other noise of this shape.
#[test]
fn the_stated_rate_of_false_alarms_is_that_of_fresh_noise() {
    let options = Options {
        level: 0.2,
        ..Options::default()
    };
    let analyser = Analyser::new(40, 20, &options).unwrap();
    let spectra = noise(40, 20, 400);
    let first = analyser.analyse(&spectra[0]).unwrap().fit.unwrap();
    let alarm = |s: &&SingularValues| analyser.analyse(s).unwrap().fit.unwrap().beyond > 0;
    let rate = spectra.iter().filter(alarm).count() as f64 / spectra.len() as f64;
    // The margin is on the safe side of the level, and both rates have standard errors of 0.03.
    assert!(
        rate <= 0.2 + 0.1 && (rate - first.false_alarms.value).abs() < 0.15,
        "{rate}"
    );
    assert!(first.false_alarms.lo <= first.false_alarms.value);
    assert!(first.false_alarms.value <= first.false_alarms.hi);
}

/// Two spikes above the threshold by more than six standard deviations are always found, the count is right but for the
/// alarms of the noise (1 %) and of the fit (1 %), and the intervals of the strength cover at 95 %, for three laws
/// of the entries. The rival takes the observed value for the strength.
#[test]
fn planted_spikes_are_found_and_their_strength_is_recovered() {
    let (n, m, theta) = (90, 60, [3.0, 2.2]);
    let analyser = Analyser::new(n, m, &Options::default()).unwrap();
    let laws = [EntryLaw::Gaussian, EntryLaw::Uniform, EntryLaw::Rademacher];
    let (mut matrices, mut wrong) = (0, 0);
    let (mut misses, mut rival_misses, mut trials) = (0, 0, 0);
    for (r, law) in (0..120).zip(laws.into_iter().cycle()) {
        let w = planted(n, m, &theta, law, r);
        let spectrum = SingularValues::of(w.as_ref()).unwrap();
        let found = analyser.analyse(&spectrum).unwrap();
        assert!(found.fit.unwrap().beyond >= 2, "{law:?} {r}: {found:?}");
        matrices += 1;
        wrong += u64::from(found.count != Some(2));
        for (spike, theta) in found.spikes.iter().zip(theta) {
            let (lo, hi) = (spike.strength.lo, spike.strength.hi);
            let covers = |shift: f64| lo + shift <= theta && theta <= hi + shift;
            trials += 1;
            misses += u64::from(!covers(0.0));
            rival_misses += u64::from(!covers(spike.value - spike.strength.value));
        }
    }
    let tail = |misses: u64| binomial_upper_tail(misses, trials, 0.05);
    assert!(
        binomial_upper_tail(wrong, matrices, 0.02) > CHANCE,
        "{wrong} wrong counts"
    );
    assert!(tail(misses) > CHANCE, "{misses} misses in {trials}");
    assert!(
        tail(rival_misses) < CHANCE,
        "{rival_misses} of the rival in {trials}"
    );
}

/// n·Var(y) is the mean of the overlaps: 1 − 1/θ² at γ = 1, here 0.75. The rival, σ² without it, is 1.
#[test]
fn outliers_fluctuate_as_stated() {
    let (n, count) = (60, 400u64);
    let values: Vec<f64> = (0..count)
        .map(|r| {
            let w = planted(n, n, &[2.0], EntryLaw::Gaussian, 10_000 + r);
            SingularValues::of(w.as_ref()).unwrap().values()[0]
        })
        .collect();
    let mean = values.iter().sum::<f64>() / count as f64;
    let variance = values.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (count - 1) as f64;
    let map = OutlierMap::new(1.0);
    assert!((map.variance(2.0) - 0.75).abs() < 1e-15);
    let scaled = n as f64 * variance;
    // The standard error is √(2/400) = 7 %: 4 of them are 0.21.
    assert!((scaled - 0.75).abs() < 0.21, "{scaled}");
    assert!((mean - 2.5).abs() < 0.03, "{mean}");
}

#[test]
fn the_outlier_map_is_inverted_and_its_slope_is_its_derivative() {
    for gamma in [1e-4, 0.3, 1.0] {
        let map = OutlierMap::new(gamma);
        for factor in [1.01, 1.5, 4.0, 1e3] {
            let theta = factor * map.least_strength();
            let back = map.strength(map.location(theta)).unwrap();
            assert!((back / theta - 1.0).abs() < 1e-9, "{gamma} {theta}: {back}");
            let h = 1e-6 * theta;
            let slope = (map.location(theta + h) - map.location(theta - h)) / (2.0 * h);
            assert!((map.slope(theta) - slope).abs() < 1e-5, "{gamma} {theta}");
        }
        assert_eq!(map.strength(1.0 + gamma.sqrt()), None);
        assert_eq!(map.overlaps(map.least_strength()), (0.0, 0.0));
    }
}

/// Twelve spikes among 100 values: the fit that leaves them in overestimates σ by far more than its interval.
#[test]
fn sigma_does_not_suffer_from_many_spikes() {
    let theta: Vec<f64> = (0..12).map(|i| 3.0 + i as f64).collect();
    let w = planted(150, 100, &theta, EntryLaw::Gaussian, 0);
    let spectrum = SingularValues::of(w.as_ref()).unwrap();
    for method in [Method::default(), Method::Median] {
        let found = analyse(
            &spectrum,
            &Options {
                method,
                ..Options::default()
            },
        )
        .unwrap();
        assert_eq!(
            (found.count, found.shape),
            (Some(12), Shape::BulkPlusSpikes)
        );
        let sigma = found.fit.unwrap().sigma;
        assert!(sigma.lo <= 1.0 && 1.0 <= sigma.hi, "{method:?} {sigma:?}");
    }
    let squares: f64 = spectrum.values().iter().map(|y| y * y).sum();
    assert!((squares / 100.0).sqrt() > 2.0);
}

#[test]
fn transposed_matrices_give_the_same_with_sides_exchanged() {
    let w = planted(40, 90, &[2.5], EntryLaw::Gaussian, 3);
    let a = analyse(
        &SingularValues::of(w.as_ref()).unwrap(),
        &Options::default(),
    )
    .unwrap();
    let b = analyse(
        &SingularValues::of(w.transpose()).unwrap(),
        &Options::default(),
    )
    .unwrap();
    let (x, y) = (a.spikes[0], b.spikes[0]);
    assert!((x.strength.value - y.strength.value).abs() < 1e-12);
    assert_eq!((a.count, a.shape), (b.count, b.shape));
    // The short side has the larger overlap.
    assert!((x.row_overlap - y.column_overlap).abs() < 1e-12);
    assert!(x.row_overlap > x.column_overlap);
}

#[test]
fn powers_of_two_scale_everything_exactly() {
    let mut values = ideal(60, 40);
    values[39] = 4.0;
    let one = verdict(values.clone(), 60, 40);
    for exponent in [-660, -30, 1, 660] {
        // 2^±660 is about 1e±199.
        let factor = 2f64.powi(exponent);
        let scaled = verdict(values.iter().map(|y| y * factor).collect(), 60, 40);
        let (a, b) = (one.fit.unwrap(), scaled.fit.unwrap());
        assert_eq!((one.shape, one.count), (scaled.shape, scaled.count));
        assert_eq!(a.sigma.value * factor, b.sigma.value);
        assert_eq!(
            (a.threshold * factor, a.distance),
            (b.threshold, b.distance)
        );
        assert_eq!(
            one.spikes[0].strength.lo * factor,
            scaled.spikes[0].strength.lo
        );
        assert_eq!(one.spikes[0].row_overlap, scaled.spikes[0].row_overlap);
    }
}

#[test]
fn matrices_of_any_scale_have_singular_values() {
    for scale in [1e-200, 1e200] {
        let w = faer::Mat::from_fn(30, 20, |i, j| {
            scale * (1.0 + ((i * 31 + j * 17) % 23) as f64)
        });
        let unit = faer::Mat::from_fn(30, 20, |i, j| w[(i, j)] / scale);
        let (a, b) = (
            SingularValues::of(w.as_ref()).unwrap(),
            SingularValues::of(unit.as_ref()).unwrap(),
        );
        assert!((a.values()[0] / scale / b.values()[0] - 1.0).abs() < 1e-13);
    }
}

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
