//! The iteration alone: closed forms, Sturm brackets, batches.

use super::*;

fn scaled(t: &Tridiagonal, k: i32) -> Tridiagonal {
    let times = |v: &[f64]| v.iter().map(|&x| times(x, k)).collect();
    Tridiagonal {
        diagonal: times(&t.diagonal),
        off_diagonal: times(&t.off_diagonal),
    }
}

#[test]
fn known_spectra_are_met_within_one_unit() {
    for n in SIZES {
        for (name, t, exact) in kinds::solved(n) {
            for k in SCALES {
                let found = times_spectrum(&scaled(&t, k).eigenvalues().unwrap(), -k);
                let ratio = ratio(found.distance(&exact), n, norm(&exact));
                println!("{name}, N = {n}, 2^{k}: {ratio:.3}");
                assert!(ratio <= ITERATION, "{name}, N = {n}, 2^{k}: {ratio}");
            }
        }
    }
}

/// How far values are outside proved brackets, in units of Nε‖T‖.
pub fn outside_brackets(t: &Tridiagonal, found: &Spectrum) -> f64 {
    let n = t.n();
    let located: Vec<_> = (0..n).map(|i| t.eigenvalue(i, 0.0).unwrap()).collect();
    let norm = located.iter().fold(0.0, |a: f64, l| a.max(l.value.abs()));
    let pairs = found.eigenvalues().iter().zip(&located);
    pairs
        .map(|(x, l)| ratio((x - l.value).abs() - l.error_bound, n, norm))
        .fold(0.0, f64::max)
}

#[test]
fn all_kinds_agree_with_proved_brackets() {
    for n in SIZES {
        for (name, t) in kinds::tridiagonals(n) {
            for k in SCALES {
                let found = times_spectrum(&scaled(&t, k).eigenvalues().unwrap(), -k);
                let ratio = outside_brackets(&t, &found);
                println!("{name}, N = {n}, 2^{k}: {ratio:.3}");
                assert!(ratio <= ITERATION, "{name}, N = {n}, 2^{k}: {ratio}");
            }
        }
    }
}

#[test]
fn scaling_by_a_power_of_two_changes_no_bit() {
    for (name, t) in kinds::tridiagonals(33) {
        let base = t.eigenvalues().unwrap();
        for k in [-300, -1, 7, 512] {
            let found = scaled(&t, k).eigenvalues().unwrap();
            assert_eq!(found, times_spectrum(&base, k), "{name}, 2^{k}");
        }
    }
}

#[test]
fn batches_return_the_bits_of_single_calls_whatever_the_company() {
    let mut batch: Vec<Tridiagonal> = vec![];
    for n in SIZES {
        batch.extend(kinds::tridiagonals(n).into_iter().map(|(_, t)| t));
    }
    // Sizes and kinds mixed: multiplication by a unit modulo a prime above the length.
    let prime = 10_007;
    assert!(batch.len() < prime);
    let mixed: Vec<Tridiagonal> = (1..prime)
        .map(|i| i * 5003 % prime)
        .filter_map(|i| batch.get(i - 1).cloned())
        .collect();
    assert_eq!(mixed.len(), batch.len());
    for some in [
        &batch[..],
        &mixed,
        &mixed[..9],
        &mixed[..3],
        &mixed[..2],
        &mixed[..1],
        &[],
    ] {
        let together = Tridiagonal::eigenvalues_of(some);
        assert_eq!(together.len(), some.len());
        for (t, found) in some.iter().zip(together) {
            let alone = t.eigenvalues().unwrap();
            let bits = |s: &Spectrum| {
                s.eigenvalues()
                    .iter()
                    .map(|x| x.to_bits())
                    .collect::<Vec<_>>()
            };
            assert_eq!(bits(&found.unwrap()), bits(&alone));
        }
    }
}
