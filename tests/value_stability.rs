//! The draws themselves. A change here is value-breaking: it changes every ledger, has its own
//! heading in the changelog, and is never made to turn a verdict.

use rmt_verify::ensemble::{Ensemble, EntryLaw, Hermitian, StreamKey, open_uniform};

fn key() -> StreamKey {
    StreamKey {
        epoch: 0,
        claim: "value-stability".into(),
        law: "goe".into(),
        n: 3,
        signal: "zero".into(),
    }
}

#[test]
fn seed_is_pinned() {
    let hex: String = key().seed().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(
        hex,
        "dff75688af7e05a27f36970c631d407e540f488306bec1b20819480017f256fd"
    );
}

#[test]
fn first_uniforms_of_two_replicates_are_pinned() {
    let numerators = |replicate| -> [u64; 3] {
        let mut rng = key().generator(replicate);
        std::array::from_fn(|_| (open_uniform(&mut rng) * (1u64 << 53) as f64) as u64)
    };
    assert_eq!(
        numerators(0),
        [5891813408072111, 6888723060973451, 1067466776060649]
    );
    assert_eq!(
        numerators(1),
        [5834642185148897, 5995252762848677, 5177648151605853]
    );
}

#[test]
fn first_draws_of_every_law_are_pinned_to_the_bit() {
    let draws = |law: EntryLaw| -> [f64; 3] {
        let mut rng = key().generator(0);
        std::array::from_fn(|_| law.sample(&mut rng))
    };
    assert_eq!(
        draws(EntryLaw::Gaussian),
        [0.3964750374587755, 0.7218345423633815, -1.1824549302520653]
    );
    assert_eq!(
        draws(EntryLaw::Uniform),
        [0.5338966602025322, 0.9173006730475056, -1.3215110517051196]
    );
    assert_eq!(
        draws(EntryLaw::HalfNormal),
        [0.24009465247104853, 0.6456264720096008, -1.0762931978065047]
    );
    assert_eq!(draws(EntryLaw::Rademacher), [1.0, 1.0, -1.0]);
    assert_eq!(draws(EntryLaw::SkewedTwoPoint), [-0.5, -0.5, -0.5]);
    assert_eq!(
        draws(EntryLaw::HeavyTailed),
        [0.48810118900420474, 0.7267574841625659, -1.0807052350047652]
    );
}

#[test]
fn first_matrices_are_pinned_to_the_bit() {
    let lower = |ensemble: Ensemble| match ensemble.noise(2, &mut key().generator(0)).unwrap() {
        Hermitian::Real(m) => vec![m[(0, 0)], m[(1, 0)], m[(1, 1)]],
        Hermitian::Complex(m) => vec![m[(0, 0)].re, m[(1, 0)].re, m[(1, 0)].im, m[(1, 1)].re],
    };
    assert_eq!(
        lower(Ensemble::goe()),
        [0.3964750374587755, 0.5104140997998352, -1.1824549302520653]
    );
    assert_eq!(
        lower(Ensemble::gue()),
        [
            0.28035018755829055,
            0.36091727118169076,
            -0.5912274651260326,
            -0.09725767063428191
        ]
    );
}
