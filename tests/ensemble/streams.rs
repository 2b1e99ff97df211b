use super::*;
use std::collections::HashSet;

fn first_draws(rng: &mut ChaCha8Rng) -> [u64; 4] {
    std::array::from_fn(|_| open_uniform(rng).to_bits())
}

/// Indices of two equal streams, if any: the check that a repeated stream cannot pass.
fn repeated(streams: &[[u64; 4]]) -> Option<[u64; 4]> {
    let mut seen = HashSet::new();
    streams.iter().find(|s| !seen.insert(**s)).copied()
}

#[test]
fn every_field_and_every_replicate_has_its_own_stream() {
    let base = key("a");
    let mut keys = vec![base.clone()];
    keys.push(StreamKey {
        epoch: 1,
        ..base.clone()
    });
    keys.push(StreamKey {
        claim: "b".into(),
        ..base.clone()
    });
    keys.push(StreamKey {
        law: "gue".into(),
        ..base.clone()
    });
    keys.push(StreamKey {
        n: 9,
        ..base.clone()
    });
    keys.push(StreamKey {
        signal: "zer".into(),
        ..base.clone()
    });
    // The same letters split differently over the fields.
    keys.push(StreamKey {
        claim: "ag".into(),
        law: "oe".into(),
        ..base.clone()
    });
    keys.push(StreamKey {
        claim: "".into(),
        law: "agoe".into(),
        ..base
    });
    let streams: Vec<_> = keys
        .iter()
        .flat_map(|k| (0..200).map(|r| first_draws(&mut k.generator(r))))
        .collect();
    assert_eq!(repeated(&streams), None);
}

#[test]
fn a_generator_that_forgets_its_replicate_is_caught() {
    let streams: Vec<_> = (0..3)
        .map(|_| first_draws(&mut key("a").generator(0)))
        .collect();
    assert!(repeated(&streams).is_some());
}

#[test]
fn trailing_zero_bytes_change_the_key() {
    let with = |signal: &str| {
        StreamKey {
            signal: signal.into(),
            ..key("a")
        }
        .seed()
    };
    assert_ne!(with("z"), with("z\0"));
}

#[test]
fn streams_do_not_overlap_one_another() {
    // Neighbouring replicates share no word within 2¹⁶ draws (2⁻¹² chance for random words).
    let mut words = HashSet::new();
    for replicate in 0..2 {
        let mut rng = key("a").generator(replicate);
        for _ in 0..1 << 16 {
            words.insert(open_uniform(&mut rng).to_bits());
        }
    }
    assert!(words.len() >= (2 << 16) - 2);
}
