//! Noise on a signal of full rank: what was planted is recovered, and the law of noise alone fails.

use rmt_verify::ensemble::{EntryLaw, StreamKey};
use rmt_verify::network::bulk::{DilatedFit, Options, SingularValues, analyse, fit_dilated};

const SHARE: f64 = 0.4;

/// σ(S + X/√n), S with SHARE·m singular values `strength` and further ones `spikes`.
fn spectrum(
    n: usize,
    m: usize,
    strength: f64,
    spikes: &[f64],
    sigma: f64,
    r: u64,
) -> SingularValues {
    let key = StreamKey {
        epoch: 0,
        claim: "tests/network_bulk_dilated".into(),
        law: "gaussian".into(),
        n,
        signal: String::new(),
    };
    let mut entries = vec![0.0; n * m];
    EntryLaw::Gaussian.fill(&mut key.generator(r), &mut entries);
    let planted = (SHARE * m as f64).round() as usize;
    let root = (n as f64).sqrt();
    let w = faer::Mat::from_fn(n, m, |i, j| {
        let signal = match (i == j, spikes.get(j)) {
            (false, _) => 0.0,
            (true, Some(theta)) => *theta,
            (true, None) if j < planted + spikes.len() => strength,
            _ => 0.0,
        };
        sigma * (signal + entries[i + n * j] / root)
    });
    SingularValues::of(w.as_ref()).unwrap()
}

fn fit(spectrum: &SingularValues) -> DilatedFit {
    fit_dilated(spectrum, SHARE, &Options::default())
        .unwrap()
        .unwrap()
}

/// σ = 0.3 and strength 2σ, six matrices: 95 % intervals miss more than three of them with probability 9e-5.
#[test]
fn planted_sigma_and_strength_lie_in_their_intervals() {
    let (mut sigma_misses, mut strength_misses) = (0, 0);
    for r in 0..6 {
        let found = fit(&spectrum(150, 120, 2.0, &[], 0.3, r));
        sigma_misses += u32::from(!(found.sigma.lo <= 0.3 && 0.3 <= found.sigma.hi));
        strength_misses += u32::from(!(found.strength.lo <= 0.6 && 0.6 <= found.strength.hi));
        // Intervals that say something.
        assert!(found.sigma.hi - found.sigma.lo < 0.05, "{found:?}");
        assert!(found.strength.hi - found.strength.lo < 0.12, "{found:?}");
    }
    assert!(sigma_misses <= 3, "σ: {sigma_misses}");
    assert!(strength_misses <= 3, "strength: {strength_misses}");
}

/// Two spikes beyond the dilated bulk are found and mapped back. The law of noise alone does not fit: its verdict
/// has no count, or another one.
#[test]
fn spikes_beyond_a_dilated_bulk_are_found_by_its_own_law_only() {
    let values = spectrum(150, 120, 2.0, &[5.0, 4.0], 1.0, 77);
    let found = fit(&values);
    assert_eq!(found.beyond, 2, "{found:?}");
    for (theta, planted) in found.spikes.iter().zip([5.0, 4.0]) {
        assert!((theta - planted).abs() < 0.35, "{found:?}");
    }
    assert!(found.distance < 0.03, "{found:?}");
    let alone = analyse(&values, &Options::default()).unwrap();
    assert_ne!(alone.count, Some(2), "{alone:?}");
    assert!(alone.fit.unwrap().distance > 2.0 * found.distance);
}

/// Pure noise: the edge is that of noise, whatever strength was fitted; no value lies beyond.
#[test]
fn pure_noise_has_the_edge_of_noise() {
    let found = fit(&spectrum(150, 120, 0.0, &[], 1.0, 5));
    assert_eq!(found.beyond, 0);
    assert!(
        (found.edge - (1.0 + 0.8f64.sqrt())).abs() < 0.08,
        "{found:?}"
    );
    assert!(found.strength.value < 1.0, "{found:?}");
}

#[test]
fn degenerate_spectra_and_shares_out_of_range_have_no_fit() {
    let zero = SingularValues::new(vec![0.0; 20], 20, 20).unwrap();
    assert_eq!(fit_dilated(&zero, 0.5, &Options::default()), Ok(None));
    for share in [0.0, -1.0, 1.5, f64::NAN] {
        assert!(fit_dilated(&zero, share, &Options::default()).is_err());
    }
}
