//! Evidence: what the replicates said. The only loop over sizes and replicates is here.
//!
//! Every replicate has a generator of its own, results are put in the order of their indices and
//! then summed one by one, so that no number depends on the threads, nor on how the work is cut.

use crate::confidence::Summary;
use crate::design::{Experiment, Input, ReplicateError, Tail};
use crate::ensemble::StreamKey;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use thiserror::Error;

/// Replicates whose values are held before they are summed: bounds the memory, changes no number.
const WAVE: usize = 1 << 14;

/// Where one replicate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Law of its experiment.
    pub law: String,
    /// Signal of its experiment.
    pub signal: String,
    /// Matrix size.
    pub n: usize,
    /// Index of the replicate.
    pub replicate: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}, {}, N = {}, replicate {}",
            self.law, self.signal, self.n, self.replicate
        )
    }
}

/// Why there is no evidence.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// The replicate itself failed.
    #[error("{place}: {source}")]
    Replicate {
        /// Which.
        place: Place,
        /// Why.
        source: ReplicateError,
    },
    /// More or fewer values than observables.
    #[error("{place}: {found} values for {expected} observables")]
    WrongLength {
        /// Which.
        place: Place,
        /// Values returned.
        found: usize,
        /// Observables declared.
        expected: usize,
    },
    /// NaN or an infinity.
    #[error("{place}: {observable} = {value}")]
    NotFinite {
        /// Which.
        place: Place,
        /// Name of the observable.
        observable: String,
        /// Its value.
        value: f64,
    },
    /// A replicate that draws nothing is no random variable, so M of them are not M.
    #[error("{place}: nothing was drawn from the generator")]
    IgnoresGenerator {
        /// Which.
        place: Place,
    },
    /// Two replicates got the same random numbers.
    #[error("{place}: same random numbers as replicate {earlier}")]
    RepeatedStream {
        /// The later one.
        place: Place,
        /// Index of the earlier one.
        earlier: u64,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// Told about progress from many threads at once.
pub trait Progress: Sync {
    /// `done` of `total` replicates of this look are finished.
    fn advanced(&self, done: u64, total: u64) {
        let _ = (done, total);
    }

    /// Whether to stop before the next replicate.
    fn cancelled(&self) -> bool {
        false
    }
}

/// No progress is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}

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

/// Summaries of all observables of all experiments.
#[derive(Debug, Clone)]
pub struct Evidence {
    collected: Vec<Collected>,
}

#[derive(Debug, Clone)]
struct Collected {
    replicates: u64,
    summaries: Vec<Summary>,
    /// First 128 bits of every stream, with the replicate that got it.
    fingerprints: Vec<(u128, u64)>,
}

/// Index of the experiment, index of the replicate.
type Unit = (usize, u64);

impl Evidence {
    /// Nothing drawn yet.
    #[must_use]
    pub fn none(experiments: &[Experiment]) -> Self {
        let summary = |tail: &Tail| match tail {
            Tail::Variance { .. } => Summary::keeping_samples(),
            _ => Summary::new(),
        };
        let collected = experiments
            .iter()
            .map(|experiment| Collected {
                replicates: 0,
                summaries: experiment
                    .observables
                    .iter()
                    .map(|observable| summary(&observable.tail))
                    .collect(),
                fingerprints: Vec::new(),
            })
            .collect();
        Self { collected }
    }

    /// All replicates up to this look (1, 2, …): look l has 2^{l−1} times the first one's.
    pub fn collect(
        experiments: &[Experiment],
        look: u32,
        streams: &Streams<'_>,
        progress: &dyn Progress,
    ) -> Result<Self, EvidenceError> {
        let mut evidence = Self::none(experiments);
        evidence.extend(experiments, look, streams, progress)?;
        Ok(evidence)
    }

    /// The replicates that are missing to this look; indices go on, so the streams are fresh.
    pub fn extend(
        &mut self,
        experiments: &[Experiment],
        look: u32,
        streams: &Streams<'_>,
        progress: &dyn Progress,
    ) -> Result<(), EvidenceError> {
        let units: Vec<Unit> = experiments
            .iter()
            .zip(&self.collected)
            .enumerate()
            .flat_map(|(index, (experiment, collected))| {
                let total = (experiment.replicates as u64) << (look - 1);
                (collected.replicates..total).map(move |replicate| (index, replicate))
            })
            .collect();
        let total = units.len() as u64;
        let done = AtomicU64::new(0);
        let generators: Vec<_> = experiments.iter().map(streams).collect();
        for wave in units.chunks(WAVE) {
            let drawn = draw(experiments, wave, &generators, progress, &done, total)?;
            for (&(index, replicate), (values, fingerprint)) in wave.iter().zip(drawn) {
                let collected = &mut self.collected[index];
                collected.replicates += 1;
                collected.fingerprints.push((fingerprint, replicate));
                for (summary, value) in collected.summaries.iter_mut().zip(values) {
                    summary.push(value);
                }
            }
        }
        for (experiment, collected) in experiments.iter().zip(&mut self.collected) {
            check_streams(experiment, &mut collected.fingerprints)?;
        }
        Ok(())
    }

    /// Summary of an observable.
    ///
    /// # Panics   when the input is not one of the experiments' (the design check sees to it)
    #[must_use]
    pub fn summary(&self, input: Input) -> &Summary {
        &self.collected[input.experiment].summaries[input.observable]
    }

    /// Replicates of one experiment.
    #[must_use]
    pub fn replicates(&self, experiment: usize) -> u64 {
        self.collected[experiment].replicates
    }

    /// Replicates of all experiments.
    #[must_use]
    pub fn total_replicates(&self) -> u64 {
        self.collected.iter().map(|c| c.replicates).sum()
    }
}

/// Values and fingerprints of the units, in order, or the error of the first unit that has one.
fn draw(
    experiments: &[Experiment],
    wave: &[Unit],
    generators: &[Generators<'_>],
    progress: &dyn Progress,
    done: &AtomicU64,
    total: u64,
) -> Result<Vec<(Vec<f64>, u128)>, EvidenceError> {
    // Groups after a failed unit are skipped, those before it still run: the error reported is that
    // of the smallest index, whatever the threads did.
    let first_failure = AtomicUsize::new(usize::MAX);
    let mut position = 0;
    let mut groups = vec![];
    for same in wave.chunk_by(|a, b| a.0 == b.0) {
        let experiment = &experiments[same[0].0];
        for group in same.chunks(experiment.replicate.group_size(experiment.n)) {
            groups.push((position, experiment, group));
            position += group.len();
        }
    }
    let outcomes: Vec<Vec<Result<_, EvidenceError>>> = groups
        .par_iter()
        .map(|&(position, experiment, group)| {
            if position > first_failure.load(Ordering::Relaxed) {
                return vec![];
            }
            let outcomes = if progress.cancelled() {
                vec![Err(EvidenceError::Cancelled)]
            } else {
                draw_group(experiment, group, &generators[group[0].0])
            };
            if let Some(failed) = outcomes.iter().position(Result::is_err) {
                first_failure.fetch_min(position + failed, Ordering::Relaxed);
            }
            let finished = group.len() as u64;
            progress.advanced(
                done.fetch_add(finished, Ordering::Relaxed) + finished,
                total,
            );
            outcomes
        })
        .collect();
    // A skipped group stands behind an error, where the collection has already stopped.
    outcomes.into_iter().flatten().collect()
}

fn draw_group(
    experiment: &Experiment,
    group: &[Unit],
    generator: &Generators<'_>,
) -> Vec<Result<(Vec<f64>, u128), EvidenceError>> {
    let fresh = group
        .iter()
        .map(|&(_, replicate)| (generator(replicate), replicate));
    let mut units: Vec<(ChaCha8Rng, u64)> = fresh.collect();
    let marks: Vec<_> = units.iter().map(|(rng, _)| Mark::of(rng)).collect();
    let values = experiment.replicate.values(&mut units);
    let judged = units.iter().zip(marks).zip(values);
    judged
        .map(|(((rng, replicate), mark), values)| {
            let values = checked(
                experiment,
                *replicate,
                values,
                mark.start != rng.get_word_pos(),
            )?;
            Ok((values, mark.fingerprint))
        })
        .collect()
}

/// Where a generator stands before it is used.
struct Mark {
    start: u128,
    fingerprint: u128,
}

impl Mark {
    fn of(rng: &ChaCha8Rng) -> Self {
        let mut peek = rng.clone();
        Self {
            start: rng.get_word_pos(),
            fingerprint: (u128::from(peek.next_u64()) << 64) | u128::from(peek.next_u64()),
        }
    }
}

fn checked(
    experiment: &Experiment,
    replicate: u64,
    values: Result<Vec<f64>, ReplicateError>,
    drew: bool,
) -> Result<Vec<f64>, EvidenceError> {
    let place = || Place {
        law: experiment.law.clone(),
        signal: experiment.signal.clone(),
        n: experiment.n,
        replicate,
    };
    let values = values.map_err(|source| EvidenceError::Replicate {
        place: place(),
        source,
    })?;
    if values.len() != experiment.observables.len() {
        return Err(EvidenceError::WrongLength {
            place: place(),
            found: values.len(),
            expected: experiment.observables.len(),
        });
    }
    for (observable, &value) in experiment.observables.iter().zip(&values) {
        if !value.is_finite() {
            return Err(EvidenceError::NotFinite {
                place: place(),
                observable: observable.name.clone(),
                value,
            });
        }
    }
    let random = experiment
        .observables
        .iter()
        .any(|observable| observable.tail != Tail::Certain);
    if random && !drew {
        return Err(EvidenceError::IgnoresGenerator { place: place() });
    }
    Ok(values)
}

/// Equal fingerprints are equal streams: by chance two of 10⁷ agree with probability 2⁻⁸².
fn check_streams(
    experiment: &Experiment,
    fingerprints: &mut [(u128, u64)],
) -> Result<(), EvidenceError> {
    fingerprints.sort_unstable();
    match fingerprints.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        None => Ok(()),
        Some(pair) => Err(EvidenceError::RepeatedStream {
            place: Place {
                law: experiment.law.clone(),
                signal: experiment.signal.clone(),
                n: experiment.n,
                replicate: pair[1].1,
            },
            earlier: pair[0].1,
        }),
    }
}
