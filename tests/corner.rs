//! The truncated form against the whole matrix from the same stream.

use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{Ensemble, StreamKey, TridiagonalModel};
use rmt_verify::spectrum::{Corner, Tridiagonal};

/// ε, as claims use it.
const FAILURE: f64 = 1e-12;

fn generator(n: usize, replicate: u64) -> ChaCha8Rng {
    StreamKey {
        epoch: 0,
        claim: "corner".into(),
        law: String::new(),
        n,
        signal: String::new(),
    }
    .generator(replicate)
}

fn ensembles() -> [Ensemble; 2] {
    [Ensemble::goe(), Ensemble::gue().with_sigma(0.8)]
}

/// Below, in, and above the critical window θ = σ(1 + wN^{-1/3}).
fn spikes(n: usize) -> Vec<f64> {
    let window = |w: f64| 1.0 + w * (n as f64).powf(-1.0 / 3.0);
    let mut spikes: Vec<f64> = [-3.0, -1.0, 0.0, 1.0, 3.0].map(window).into();
    spikes.extend([0.0, 0.5, 1.5, 4.0]);
    spikes
}

fn whole(model: &TridiagonalModel, n: usize, replicate: u64, theta: f64) -> Tridiagonal {
    let mut entries = model
        .sample_by_rows(n, &mut generator(n, replicate))
        .unwrap();
    entries.add_spike(theta);
    entries.into()
}

/// Every eigenvalue of the whole matrix lies between the bounds of its corner, on both sides of the
/// transition and in its window, for the first four of them and three sizes.
#[test]
fn corner_encloses_the_eigenvalues_of_the_whole_matrix() {
    for (n, replicates) in [(1_000, 8), (10_000, 3), (100_000, 1)] {
        let tolerance = 1e-6 * (n as f64).powf(-2.0 / 3.0);
        for ensemble in ensembles() {
            let model = TridiagonalModel::new(&ensemble).unwrap();
            for replicate in 0..replicates {
                let mut rng = generator(n, replicate);
                let mut corner = Corner::new(&model, n, FAILURE, &mut rng).unwrap();
                for spike in spikes(n) {
                    let theta = spike * ensemble.sigma();
                    corner.set_spike(theta);
                    let t = whole(&model, n, replicate, theta);
                    for index in [0, 3] {
                        let found = corner.eigenvalue(index, tolerance).unwrap();
                        let known = t.eigenvalue(index, 1e-14).unwrap();
                        let name = format!("{} N = {n}, θ = {theta}, {index}", ensemble.name());
                        assert!(found.upper - found.lower <= tolerance, "{name}: {found:?}");
                        assert!(
                            found.lower <= known.value + known.error_bound
                                && known.value - known.error_bound <= found.upper,
                            "{name}: {found:?} {known:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn counts_of_the_corner_are_those_of_the_whole_matrix() {
    let n = 20_000;
    let model = TridiagonalModel::new(&Ensemble::goe()).unwrap();
    for replicate in 0..5 {
        let t = whole(&model, n, replicate, 1.2);
        let mut rng = generator(n, replicate);
        let mut corner = Corner::new(&model, n, FAILURE, &mut rng).unwrap();
        corner.set_spike(1.2);
        for x in [2.5, 2.02, 2.0, 1.99, 1.95] {
            let (count, _) = corner.count_above(x).unwrap();
            assert_eq!(count, t.count_above(x).unwrap().0, "{x}");
        }
    }
}

/// M/N^{1/3} stays bounded at the edge, M itself for outliers.
#[test]
fn rows_needed_grow_like_the_cube_root_at_the_edge_and_not_at_all_above_it() {
    let model = TridiagonalModel::new(&Ensemble::goe()).unwrap();
    let needed = |n: usize, theta: f64| {
        let mut rng = generator(n, 0);
        let mut corner = Corner::new(&model, n, FAILURE, &mut rng).unwrap();
        corner.set_spike(theta);
        let tolerance = 1e-6 * (n as f64).powf(-2.0 / 3.0);
        corner.eigenvalue(0, tolerance).unwrap().rows
    };
    for n in [1_000_000, 1_000_000_000] {
        let scale = (n as f64).cbrt();
        for theta in [0.0, 1.0] {
            let rows = needed(n, theta) as f64;
            // x = 12, what the edge unit, the cut and steps by a half add to it.
            assert!(
                (10.0 * scale..40.0 * scale).contains(&rows),
                "{n} {theta}: {rows}"
            );
        }
    }
    // (σ/θ)^{2M} must fall below the tolerance, which is N^{-2/3}.
    assert!(needed(1_000_000_000_000, 2.0) <= 150);
}

/// A corner of 64 rows is right about an outlier and wrong about the edge; the bounds know.
#[test]
fn corner_that_is_too_small_is_not_believed() {
    let n = 100_000;
    let model = TridiagonalModel::new(&Ensemble::gue()).unwrap();
    for (theta, enough) in [(3.0, true), (0.0, false)] {
        let known = whole(&model, n, 7, theta).largest(1e-12).unwrap().value;
        let mut rng = generator(n, 7);
        let mut corner = Corner::new(&model, n, FAILURE, &mut rng).unwrap();
        corner.set_spike(theta);
        let alone = corner.inner().largest(1e-12).unwrap().value;
        assert_eq!((known - alone).abs() < 1e-10, enough, "{known} {alone}");
        assert_eq!(alone > corner.floor(), enough);
        let found = corner.eigenvalue(0, 1e-9).unwrap();
        assert!((found.lower - known).abs() < 1.1e-9);
        assert_eq!(found.rows == 64, enough);
    }
}
