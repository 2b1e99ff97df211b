//! Noise on a signal of full rank: what was planted is recovered, and the law of noise alone fails.

use rmt_verify::ensemble::{EntryLaw, StreamKey};
use rmt_verify::network::bulk::{
    Analyser, Analysis, DilatedFit, Options, Shape, SingularValues, analyse,
};

/// n × m, strength in units of σ, share of the singular values that have it.
#[derive(Debug, Clone, Copy)]
struct Planted {
    n: usize,
    m: usize,
    share: f64,
    strength: f64,
    sigma: f64,
}

impl Planted {
    /// σ(S + X/√n), S with the planted values and further ones `spikes`.
    fn spectrum(&self, spikes: &[f64], law: EntryLaw, r: u64) -> SingularValues {
        let &Self { n, m, .. } = self;
        let key = StreamKey {
            epoch: 0,
            claim: "tests/network_bulk_dilated".into(),
            law: law.name().into(),
            n,
            signal: format!("{self:?} {spikes:?}"),
        };
        let mut entries = vec![0.0; n * m];
        law.fill(&mut key.generator(r), &mut entries);
        let planted = (self.share * m as f64).round() as usize;
        let root = (n as f64).sqrt();
        let w = faer::Mat::from_fn(n, m, |i, j| {
            let signal = match (i == j, spikes.get(j)) {
                (false, _) => 0.0,
                (true, Some(theta)) => *theta,
                (true, None) if j < planted + spikes.len() => self.strength,
                _ => 0.0,
            };
            self.sigma * (signal + entries[i + n * j] / root)
        });
        SingularValues::of(w.as_ref()).unwrap()
    }

    fn edge(&self) -> f64 {
        use rmt_verify::network::bulk::DilatedLaw;
        let ratio = self.m as f64 / self.n as f64;
        let law = DilatedLaw::new(ratio, self.share, self.strength).unwrap();
        self.sigma * law.upper_edge()
    }
}

const WIDE: Planted = Planted {
    n: 150,
    m: 120,
    share: 0.4,
    strength: 2.0,
    sigma: 0.3,
};

fn fit(analysis: &Analysis) -> &DilatedFit {
    analysis.dilated.as_ref().expect("noise alone does not fit")
}

/// Four matrices: a 95 % interval misses more than two of them with probability 5e-4.
#[test]
fn planted_noise_and_edge_lie_in_their_intervals() {
    let (mut sigma_misses, mut edge_misses) = (0, 0);
    let options = Options {
        replicates: 39,
        ..Options::default()
    };
    let analyser = Analyser::new(150, 120, &options).unwrap();
    for r in 0..4 {
        let found = analyser
            .analyse(&WIDE.spectrum(&[], EntryLaw::Gaussian, r))
            .unwrap();
        assert_eq!(found.shape, Shape::DilatedBulk, "{found:?}");
        let found = fit(&found);
        sigma_misses += u32::from(!(found.sigma.lo <= 0.3 && 0.3 <= found.sigma.hi));
        edge_misses += u32::from(!(found.edge.lo <= WIDE.edge() && WIDE.edge() <= found.edge.hi));
        // Intervals that say something.
        assert!(found.sigma.hi - found.sigma.lo < 0.06, "{found:?}");
        assert!(found.edge.hi - found.edge.lo < 0.06, "{found:?}");
    }
    assert!(sigma_misses <= 2, "σ: {sigma_misses}");
    assert!(edge_misses <= 2, "edge: {edge_misses}");
}

/// Two spikes beyond the dilated bulk are found and mapped back. The law of noise alone does not fit: its verdict
/// has no count, or another one.
#[test]
fn spikes_beyond_a_dilated_bulk_are_found_by_its_own_law_only() {
    let values = WIDE.spectrum(&[5.0, 4.0], EntryLaw::Gaussian, 77);
    let found = analyse(&values, &Options::default()).unwrap();
    assert_eq!(
        (found.shape, found.count),
        (Shape::DilatedBulk, Some(2)),
        "{found:?}"
    );
    for (spike, planted) in found.spikes.iter().zip([1.5, 1.2]) {
        assert!((spike.strength.value - planted).abs() < 0.1, "{spike:?}");
        assert!(
            spike.row_overlap > 0.8 && spike.column_overlap > 0.8,
            "{spike:?}"
        );
    }
    let alone = Options {
        dilated: false,
        ..Options::default()
    };
    let alone = analyse(&values, &alone).unwrap();
    assert_ne!(alone.count, Some(2), "{alone:?}");
    assert_eq!(alone.dilated, None);
    assert!(alone.fit.unwrap().distance > 2.0 * fit(&found).distance);
}

#[test]
fn what_noise_alone_explains_is_not_dilated() {
    let pure = Planted {
        strength: 0.0,
        ..WIDE
    };
    let found = analyse(
        &pure.spectrum(&[], EntryLaw::Gaussian, 5),
        &Options::default(),
    )
    .unwrap();
    assert_eq!((found.shape, found.dilated), (Shape::RandomLike, None));
}

/// Powers of two are exact.
#[test]
fn scale_changes_the_units_only() {
    let small = Planted {
        n: 75,
        m: 60,
        ..WIDE
    };
    let values = small.spectrum(&[4.0], EntryLaw::Gaussian, 3);
    let scaled: Vec<f64> = values.values().iter().map(|y| 1024.0 * y).collect();
    let scaled = SingularValues::new(scaled, 75, 60).unwrap();
    let options = Options {
        replicates: 19,
        ..Options::default()
    };
    let of = |s: &SingularValues| analyse(s, &options).unwrap();
    let (one, other) = (of(&values), of(&scaled));
    assert_eq!(one.count, other.count);
    let (a, b) = (fit(&one), fit(&other));
    assert_eq!(a.edge.value * 1024.0, b.edge.value);
    assert_eq!(
        (a.distance, a.p_value, a.share),
        (b.distance, b.p_value, b.share)
    );
}
