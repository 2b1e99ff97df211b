//! Planted spikes are found and measured.

use crate::{CHANCE, planted};
use rmt_verify::confidence::binomial_upper_tail;
use rmt_verify::ensemble::EntryLaw;
use rmt_verify::network::bulk::{
    Analyser, Method, Options, OutlierMap, Shape, SingularValues, analyse,
};

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
