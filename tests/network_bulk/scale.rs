//! What must not matter: orientation, scale, threads.

use crate::{ideal, planted, verdict};
use rmt_verify::ensemble::EntryLaw;
use rmt_verify::network::bulk::{Options, SingularValues, analyse};

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
