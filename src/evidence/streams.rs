//! Where the random numbers of the replicates come from, and that none come twice.

use super::{EvidenceError, Place};
use crate::design::Experiment;
use crate::ensemble::StreamKey;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Where the generators of an experiment come from.
pub type Streams<'a> = dyn Fn(&Experiment) -> Generators<'a> + Sync + 'a;

/// Index of the replicate in, generator out.
pub type Generators<'a> = Box<dyn Fn(u64) -> ChaCha8Rng + Send + Sync + 'a>;

/// The streams of one claim (or rival, `claim#rival`) in one epoch.
pub fn streams(
    epoch: u64,
    claim: &str,
) -> impl Fn(&Experiment) -> Generators<'static> + Sync + use<> {
    let claim = claim.to_owned();
    move |experiment| {
        let key = StreamKey {
            epoch,
            claim: claim.clone(),
            law: experiment.law.clone(),
            n: experiment.n,
            signal: experiment.signal.clone(),
        };
        Box::new(key.generators())
    }
}

/// That the streams of the first replicates differ by their first 128 bits: by chance two of 10⁷
/// agree with probability 2⁻⁸².
///
/// On one thread: callers hold a lock, and a thread that waits for others may begin other work.
pub(super) fn check(
    experiment: &Experiment,
    replicates: u64,
    generator: &Generators<'_>,
) -> Result<(), EvidenceError> {
    let mut fingerprints: Vec<(u128, u64)> = (0..replicates)
        .map(|replicate| {
            let mut stream = generator(replicate);
            let high = u128::from(stream.next_u64()) << 64;
            (high | u128::from(stream.next_u64()), replicate)
        })
        .collect();
    fingerprints.sort_unstable();
    match fingerprints.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        None => Ok(()),
        Some(pair) => Err(EvidenceError::RepeatedStream {
            place: Place::of(experiment, pair[1].1),
            earlier: pair[0].1,
        }),
    }
}
