//! Pruning as theory has it: what is kept, what it costs, and which wrong versions that tells apart.

use faer::{Mat, MatRef};
use rmt_verify::confidence::binomial;
use rmt_verify::ensemble::{StreamKey, standard_normal};
use rmt_verify::network::prune::{LowRank, PruneError, factored, hard, shrink, shrunken};

/// |⟨û, u⟩||⟨v̂, v⟩| and y for a planted θ in units of σ, from Benaych-Georges and Nadakuditi (2012), section 3.1.
fn outlier(theta: f64, ratio: f64) -> (f64, f64) {
    let s = theta * theta;
    let left = 1.0 - ratio * (1.0 + s) / (s * (s + ratio));
    let right = 1.0 - (ratio + s) / (s * (s + 1.0));
    let y = ((1.0 + s) * (ratio + s) / s).sqrt();
    (y, (left * right).sqrt())
}

#[test]
fn shrinkage_is_the_planted_strength_times_both_overlaps() {
    // ‖η ûv̂ᵀ − θ uvᵀ‖² = η² − 2ηθ⟨û, u⟩⟨v̂, v⟩ + θ² is least there: a second road to the formula.
    for ratio in [0.01, 0.3, 0.5, 1.0f64] {
        for excess in [1.001, 1.1, 2.0, 30.0] {
            let theta = ratio.powf(0.25) * excess;
            let (y, overlaps) = outlier(theta, ratio);
            for sigma in [1.0, 0.03] {
                let eta = shrunken(sigma * y, sigma, ratio);
                let best = sigma * theta * overlaps;
                assert!(
                    (eta - best).abs() < 1e-12 * sigma * y,
                    "{ratio} {theta} {sigma}: {eta} and {best}"
                );
            }
        }
    }
}

#[test]
fn shrinkage_is_scale_equivariant_to_the_ends_of_the_range() {
    for power in [-900, -300, 300, 900] {
        let unit = 2f64.powi(power);
        assert_eq!(
            shrunken(3.0 * unit, unit, 0.5),
            unit * shrunken(3.0, 1.0, 0.5)
        );
    }
}

const ROWS: usize = 120;
const COLUMNS: usize = 60;
/// In units of σ; the least that can be seen is β^{1/4} = 0.84, and y(2.4) = 2.72 lies below twice the edge, 3.41.
const PLANTED: [f64; 3] = [2.4, 1.8, 1.3];
const SIGMA: f64 = 0.7;

/// S of rank 3 with Haar-like singular vectors, and S + R.
fn planted(replicate: u64) -> (Mat<f64>, Mat<f64>) {
    let key = StreamKey {
        epoch: 0,
        claim: "test/prune".into(),
        law: "gaussian".into(),
        n: ROWS,
        signal: "rank 3".into(),
    };
    let mut rng = key.generator(replicate);
    let mut normal = |rows, columns| {
        let mut w = Mat::zeros(rows, columns);
        for j in 0..columns {
            for i in 0..rows {
                w[(i, j)] = standard_normal(&mut rng);
            }
        }
        w
    };
    let left = normal(ROWS, PLANTED.len()).qr().compute_thin_Q();
    let right = normal(COLUMNS, PLANTED.len()).qr().compute_thin_Q();
    let scaled = Mat::from_fn(ROWS, PLANTED.len(), |i, k| {
        left[(i, k)] * SIGMA * PLANTED[k]
    });
    let signal = scaled * right.transpose();
    let noise = normal(ROWS, COLUMNS);
    let entry = SIGMA / (ROWS as f64).sqrt();
    let w = Mat::from_fn(ROWS, COLUMNS, |i, j| signal[(i, j)] + entry * noise[(i, j)]);
    (signal, w)
}

fn loss(estimate: &LowRank, signal: MatRef<'_, f64>) -> f64 {
    (estimate.matrix() - signal).squared_norm_l2()
}

#[test]
fn shrinkage_beats_the_edge_and_the_edge_beats_its_half_and_its_double() {
    const REPLICATES: u64 = 48;
    let edge = SIGMA * (1.0 + (COLUMNS as f64 / ROWS as f64).sqrt());
    let (mut worse, mut sum) = ([0u64; 3], 0.0);
    for replicate in 0..REPLICATES {
        let (signal, w) = planted(replicate);
        let at = |factor: f64| loss(&hard(w.as_ref(), factor * edge).unwrap(), signal.as_ref());
        let best = loss(&shrink(w.as_ref(), SIGMA).unwrap(), signal.as_ref());
        let losses = [best, at(1.0), at(0.5), at(2.0)];
        // Shrinkage against the edge, and the edge against its rivals, draw by draw.
        worse[0] += u64::from(losses[0] >= losses[1]);
        worse[1] += u64::from(losses[1] >= losses[2]);
        worse[2] += u64::from(losses[1] >= losses[3]);
        sum += best;
    }
    // The better one wins in more than two draws of three, at level 1e-6 each.
    for (name, count) in [
        "shrinkage loses",
        "half the edge wins",
        "twice the edge wins",
    ]
    .iter()
    .zip(worse)
    {
        let interval = binomial(count, REPLICATES, 1e-6).unwrap();
        assert!(
            interval.hi() < 1.0 / 3.0,
            "{name} in {count} of {REPLICATES} draws"
        );
    }
    // Σ θ²(1 − overlaps²) σ² is the limit of the loss. A wrong η has a larger one: by a tenth
    // already when values keep half of what noise added to them.
    let limit: f64 = PLANTED
        .iter()
        .map(|theta| {
            let (_, overlaps) = outlier(*theta, COLUMNS as f64 / ROWS as f64);
            (SIGMA * theta).powi(2) * (1.0 - overlaps * overlaps)
        })
        .sum();
    let ratio = sum / REPLICATES as f64 / limit;
    assert!((0.95..1.1).contains(&ratio), "{ratio}");
}

#[test]
fn parts_kept_and_removed_add_up_and_are_orthogonal() {
    let (_, w) = planted(1000);
    let kept = hard(w.as_ref(), 1.0).unwrap();
    let removed = kept.removed_from(w.as_ref());
    assert!((kept.matrix() + &removed - &w).norm_max() < 1e-14);
    let energies = kept.matrix().squared_norm_l2() + removed.squared_norm_l2();
    assert!((energies / w.squared_norm_l2() - 1.0).abs() < 1e-12);
    let ratio = kept.matrix().squared_norm_l2() / w.squared_norm_l2();
    assert!((kept.energy_kept() - ratio).abs() < 1e-12);
    // The removed part has no singular value beyond the edge, the kept one none below.
    assert!(hard(removed.as_ref(), 1.0).unwrap().rank() == 0);
    assert_eq!(
        hard(kept.matrix().as_ref(), 1.0).unwrap().rank(),
        kept.rank()
    );
    assert!(kept.values().iter().all(|y| *y > 1.0));
}

#[test]
fn factors_multiply_to_the_matrix_and_are_offered_only_when_smaller() {
    let (_, w) = planted(1001);
    for transposed in [false, true] {
        let w = if transposed {
            w.transpose().to_owned()
        } else {
            w.clone()
        };
        let small = shrink(w.as_ref(), SIGMA).unwrap();
        let (left, right) = factored(&small).unwrap();
        assert_eq!((left.nrows(), right.ncols()), (w.nrows(), w.ncols()));
        assert_eq!(
            left.ncols() * (left.nrows() + right.ncols()),
            small.factored_parameters()
        );
        assert!((&left * &right - small.matrix()).norm_max() < 1e-14);
        // 120·60/180 = 40: with 40 terms nothing is saved.
        let values = hard(w.as_ref(), 0.0).unwrap().values().to_vec();
        let of_rank = |rank: usize| hard(w.as_ref(), values[rank]).unwrap();
        assert!(factored(&of_rank(39)).is_some());
        assert!(factored(&of_rank(40)).is_none());
    }
}

#[test]
fn edges_of_the_domain() {
    let zero = Mat::<f64>::zeros(3, 2);
    assert_eq!(hard(zero.as_ref(), 0.0).unwrap().rank(), 0);
    assert_eq!(hard(zero.as_ref(), 0.0).unwrap().energy_kept(), 1.0);
    assert_eq!(shrink(zero.as_ref(), 0.0).unwrap().matrix(), zero);
    let one = Mat::from_fn(1, 1, |_, _| -2.0);
    let kept = hard(one.as_ref(), 1.0).unwrap().matrix();
    assert!(
        (kept - &one).norm_max() < 1e-15,
        "one unit in the last place is 4e-16"
    );
    assert_eq!(hard(one.as_ref(), 2.1).unwrap().rank(), 0);
    let empty = Mat::<f64>::zeros(0, 2);
    assert!(matches!(
        hard(empty.as_ref(), 1.0),
        Err(PruneError::Empty { .. })
    ));
    let mut nan = zero.clone();
    nan[(2, 1)] = f64::NAN;
    assert!(matches!(
        shrink(nan.as_ref(), 1.0),
        Err(PruneError::EntryNotFinite {
            row: 2,
            column: 1,
            ..
        })
    ));
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            hard(zero.as_ref(), wrong),
            Err(PruneError::NotALength { .. })
        ));
        assert!(matches!(
            shrink(zero.as_ref(), wrong),
            Err(PruneError::NotALength { .. })
        ));
    }
    // faer scales by itself; the energy is not squared away.
    for unit in [1e-180, 1e180] {
        let w = Mat::from_fn(
            2,
            2,
            |i, j| if i == j { unit * (1.0 + i as f64) } else { 0.0 },
        );
        let kept = hard(w.as_ref(), 1.5 * unit).unwrap();
        assert_eq!(kept.rank(), 1);
        assert!((kept.energy_kept() - 0.8).abs() < 1e-12);
    }
}
