//! Training every net of a sweep, once.

use super::count::{COVERAGE, CountError, Counted};
use super::growth::{Growth, Observation, growth, passing_shuffles};
use super::{Settings, output};
use crate::ensemble::StreamKey;
use crate::network::bulk::{Analyser, Options};
use crate::network::data::{CLASSES, DataError, Dataset, below};
use crate::network::mlp::{Layer, Mlp};
use crate::network::tensors::{Tensors, TensorsError};
use crate::network::training::{
    CheckpointError, EpochRecord, Protocol, Training, TrainingError, extract, insert,
};
use crate::report::{Folder, FolderError};
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The N × N layer of three.
const MIDDLE: usize = 1;
/// Random orders of the counts that are judged as rivals.
const SHUFFLES: u64 = 10_000;
/// Level of the interval for the share of them that passes.
const SHUFFLE_LEVEL: f64 = 1e-6;

/// Why a sweep ended early. What was trained so far is kept and used by the next run.
#[derive(Debug, Error)]
pub enum SweepError {
    /// There are no data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A net could not be trained.
    #[error("N = {width}, seed {seed}: {reason}")]
    Training {
        /// N.
        width: usize,
        /// From 0.
        seed: usize,
        /// What happened.
        reason: TrainingError,
    },
    /// A state could not be saved, or the one in the folder is of another run.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Weights could not be written or read.
    #[error(transparent)]
    Tensors(#[from] TensorsError),
    /// Weights in the folder are not of this run.
    #[error("{} holds {reason}; another folder keeps both runs", path.display())]
    OtherRun {
        /// The file.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// A table could not be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Singular values could not be counted.
    #[error("N = {width}, seed {seed}: {reason}")]
    Count {
        /// N.
        width: usize,
        /// From 0.
        seed: usize,
        /// What happened.
        reason: CountError,
    },
}

/// What a caller is told while nets are trained.
pub trait Hooks: Sync {
    /// A net begins, or goes on after `epochs` epochs; `position` of `total` from 0.
    fn net_started(&self, width: usize, seed: usize, epochs: usize, position: usize, total: usize);
    /// Images of the epoch that are done, and all.
    fn advanced(&self, done: usize, total: usize);
    /// An epoch is done, the first of which is 1.
    fn epoch_finished(&self, epoch: usize, record: &EpochRecord);
    /// A net is trained and its singular values are counted.
    fn net_finished(&self, record: &NetRecord);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Hooks for Quiet {
    fn net_started(&self, _: usize, _: usize, _: usize, _: usize, _: usize) {}
    fn advanced(&self, _: usize, _: usize) {}
    fn epoch_finished(&self, _: usize, _: &EpochRecord) {}
    fn net_finished(&self, _: &NetRecord) {}
}

/// One net.
#[derive(Debug, Clone, Serialize)]
pub struct NetRecord {
    /// N.
    pub width: usize,
    /// From 0.
    pub seed: usize,
    /// The last epoch.
    pub last: EpochRecord,
    /// W(0).
    pub initial: Counted,
    /// W.
    pub trained: Counted,
    /// W with its entries in random order: the same bulk, no structure.
    pub shuffled: Counted,
}

/// A wrong version of the claim's data, which must show no growth.
#[derive(Debug, Clone, Serialize)]
pub struct RivalRecord {
    /// What is wrong.
    pub name: &'static str,
    /// What its counts say.
    pub growth: Growth,
    /// Whether it was caught: anything but CONFIRMED.
    pub caught: bool,
}

/// Orders of the trained counts over the widths, as rivals.
#[derive(Debug, Clone, Serialize)]
pub struct ShuffleRecord {
    /// Orders drawn.
    pub drawn: u64,
    /// Those that pass the rank test.
    pub passing: u64,
    /// Interval of the share that passes, at a level of 1e-6.
    pub share: (f64, f64),
    /// Whether the share is compatible with the level of the test.
    pub caught: bool,
}

/// A sweep, whole or up to the net that was trained last.
#[derive(Debug, Clone, Serialize)]
pub struct Sweep {
    /// What was asked for.
    pub settings: Settings,
    /// Which data were used.
    pub data: String,
    /// Pixels of an image.
    pub inputs: usize,
    /// Training and test images.
    pub images: (usize, usize),
    /// Nets, by width and seed.
    pub nets: Vec<NetRecord>,
    /// Whether all nets are there.
    pub complete: bool,
    /// The verdict on "the count grows with N".
    pub verdict: Verdict,
    /// What it rests on; `None` when there are no counts at two widths.
    pub growth: Option<Growth>,
    /// Wrong versions.
    pub rivals: Vec<RivalRecord>,
    /// The counts in random order.
    pub shuffles: Option<ShuffleRecord>,
}

impl Sweep {
    fn of(settings: &Settings, data: &Dataset, nets: &[NetRecord]) -> Self {
        let judged = |pick: fn(&NetRecord) -> &Counted| {
            let counts: Vec<Observation> = nets
                .iter()
                .map(|net| pick(net).observation(net.width))
                .collect();
            Some((growth(&counts).ok()?, counts))
        };
        let trained = judged(|net| &net.trained);
        let rival = |name, pick| {
            let (growth, _) = judged(pick)?;
            Some(RivalRecord {
                name,
                caught: growth.verdict != Verdict::Confirmed,
                growth,
            })
        };
        let rivals = [
            rival("untrained nets", |net| &net.initial),
            rival("entries of W in random order", |net| &net.shuffled),
        ];
        let shuffles = trained.as_ref().map(|(_, counts)| {
            let (passing, share) =
                passing_shuffles(counts, SHUFFLES, settings.root(), SHUFFLE_LEVEL);
            ShuffleRecord {
                drawn: SHUFFLES,
                passing,
                caught: share.lo() <= super::LEVEL,
                share: (share.lo(), share.hi()),
            }
        });
        let complete = nets.len() == settings.widths().len() * settings.seeds();
        let growth = trained.map(|(growth, _)| growth);
        Self {
            settings: settings.clone(),
            data: data.name.clone(),
            inputs: data.inputs(),
            images: (data.train.count(), data.test.count()),
            nets: nets.to_vec(),
            complete,
            // Half a sweep was not what the level was stated for.
            verdict: growth
                .filter(|_| complete)
                .map_or(Verdict::Undecided, |growth| growth.verdict),
            growth,
            rivals: rivals.into_iter().flatten().collect(),
            shuffles,
        }
    }

    /// Whether growth is confirmed, and every wrong version was caught.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.verdict == Verdict::Confirmed
            && self.rivals.len() == 2
            && self.rivals.iter().all(|rival| rival.caught)
            && self
                .shuffles
                .as_ref()
                .is_some_and(|shuffles| shuffles.caught)
    }
}

/// What the weight file says beside the weights.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    data: String,
    fingerprint: u64,
    protocol: Protocol,
    root: u64,
    seed: usize,
    sizes: Vec<usize>,
    history: Vec<EpochRecord>,
}

/// Trains the nets that the folder does not hold yet, narrow ones first, and writes for each
/// `nWIDTH-seedSEED.safetensors` with `initial.K.weight`, `initial.K.bias`, `trained.K.weight`,
/// `trained.K.bias` for the layers K = 0, 1, 2; and after each net the tables and the picture.
///
/// A net that was interrupted goes on after its last whole epoch. Bits do not depend on the number
/// of threads, on interruptions, or on the other nets of the sweep.
///
/// # Errors
/// When a file cannot be written, or one in the folder belongs to another run.
pub fn run(
    settings: &Settings,
    data: &Dataset,
    folder: &Folder,
    hooks: &dyn Hooks,
) -> Result<Sweep, SweepError> {
    let total = settings.widths().len() * settings.seeds();
    let mut nets = Vec::with_capacity(total);
    for width in settings.widths() {
        for seed in 0..settings.seeds() {
            let job = Job {
                settings,
                data,
                width: *width,
                seed,
            };
            let record = job.run(folder.path(), nets.len(), total, hooks)?;
            hooks.net_finished(&record);
            nets.push(record);
            let sweep = Sweep::of(settings, data, &nets);
            folder.write("appendix-a.csv", &output::csv(&sweep))?;
            folder.write("appendix-a.txt", &output::text(&sweep))?;
            folder.write("appendix-a.json", &output::json(&sweep))?;
            folder.write("appendix-a.svg", &output::picture(&sweep))?;
        }
    }
    Ok(Sweep::of(settings, data, &nets))
}

/// One net of a sweep.
struct Job<'a> {
    settings: &'a Settings,
    data: &'a Dataset,
    width: usize,
    seed: usize,
}

impl Job<'_> {
    fn run(
        &self,
        folder: &Path,
        position: usize,
        total: usize,
        hooks: &dyn Hooks,
    ) -> Result<NetRecord, SweepError> {
        let path = folder.join(format!("{}.safetensors", self.name()));
        let started = |epochs| hooks.net_started(self.width, self.seed, epochs, position, total);
        let (initial, trained, history) = match self.finished(&path)? {
            Some(finished) => {
                started(self.settings.epochs);
                finished
            }
            None => self.train(folder, &path, started, hooks)?,
        };
        let failed = |reason| SweepError::Count {
            width: self.width,
            seed: self.seed,
            reason,
        };
        let options = Options {
            coverage: COVERAGE,
            // One rule for all widths: values beyond the edge of noise.
            dilated: false,
            epoch: self.settings.root(),
            ..Options::default()
        };
        let analyser = Analyser::new(self.width, self.width, &options)
            .map_err(|reason| failed(CountError::Bulk(reason)))?;
        let counted = |weights: &[f32]| Counted::of(weights, self.width, &analyser).map_err(failed);
        let (before, after) = (initial[MIDDLE].weights(), trained[MIDDLE].weights());
        Ok(NetRecord {
            width: self.width,
            seed: self.seed,
            last: *history.last().expect("a sweep has epochs"),
            initial: counted(before)?,
            trained: counted(after)?,
            shuffled: counted(&self.shuffled(after))?,
        })
    }

    fn name(&self) -> String {
        format!("n{:04}-seed{}", self.width, self.seed)
    }

    fn sizes(&self) -> [usize; 4] {
        [self.data.inputs(), self.width, self.width, CLASSES]
    }

    fn note(&self, history: &[EpochRecord]) -> Note {
        Note {
            data: self.data.name.clone(),
            fingerprint: self.data.fingerprint(),
            protocol: self.settings.protocol(),
            root: self.settings.root(),
            seed: self.seed,
            sizes: self.sizes().to_vec(),
            history: history.to_vec(),
        }
    }

    /// The net in the folder, if it is there.
    #[allow(clippy::type_complexity, reason = "three results, used in one place")]
    fn finished(
        &self,
        path: &Path,
    ) -> Result<Option<(Vec<Layer<f32>>, Vec<Layer<f32>>, Vec<EpochRecord>)>, SweepError> {
        let Some(mut tensors) = Tensors::read(path)? else {
            return Ok(None);
        };
        let other = |reason: String| SweepError::OtherRun {
            path: path.to_owned(),
            reason,
        };
        let note: Note = serde_json::from_str(&tensors.note)
            .map_err(|error| other(format!("something else ({error})")))?;
        let own = self.note(&note.history);
        for (same, what) in [
            (note.fingerprint == own.fingerprint, "another data set"),
            (note.protocol == own.protocol, "another protocol"),
            (
                note.root == own.root && note.seed == own.seed,
                "another seed",
            ),
            (note.sizes == own.sizes, "a net of other sizes"),
        ] {
            if !same {
                return Err(other(format!("a net of {what}")));
            }
        }
        if note.history.len() != self.settings.epochs() {
            return Err(other(format!(
                "a net of {} epochs and not {}",
                note.history.len(),
                self.settings.epochs()
            )));
        }
        let initial = extract(&mut tensors, "initial", &own.sizes).map_err(other)?;
        let trained = extract(&mut tensors, "trained", &own.sizes).map_err(other)?;
        Ok(Some((initial, trained, note.history)))
    }

    #[allow(clippy::type_complexity, reason = "three results, used in one place")]
    fn train(
        &self,
        folder: &Path,
        path: &Path,
        started: impl Fn(usize),
        hooks: &dyn Hooks,
    ) -> Result<(Vec<Layer<f32>>, Vec<Layer<f32>>, Vec<EpochRecord>), SweepError> {
        let failed = |reason| SweepError::Training {
            width: self.width,
            seed: self.seed,
            reason,
        };
        let (root, seed) = (self.settings.root(), self.seed as u64);
        let net = Mlp::<f32>::new(&self.sizes(), root, seed).map_err(|e| failed(e.into()))?;
        let initial = net.layers().to_vec();
        let mut training =
            Training::new(net, self.settings.protocol(), root, seed).map_err(failed)?;
        let state = folder.join(format!("{}.checkpoint.safetensors", self.name()));
        training.resume(&state, self.data)?;
        if training.epochs() > self.settings.epochs() {
            return Err(SweepError::OtherRun {
                path: state,
                reason: format!("a net after {} epochs", training.epochs()),
            });
        }
        started(training.epochs());
        while training.epochs() < self.settings.epochs() {
            let record = training
                .epoch(self.data, |done, total| hooks.advanced(done, total))
                .map_err(failed)?;
            hooks.epoch_finished(training.epochs(), &record);
            training.save(&state, self.data)?;
        }
        let history = training.history().to_vec();
        let trained = training.into_net().into_layers();
        let mut tensors = Tensors {
            note: serde_json::to_string(&self.note(&history)).expect("the note is plain fields"),
            ..Tensors::default()
        };
        insert(&mut tensors, "initial", &initial);
        insert(&mut tensors, "trained", &trained);
        tensors.write(path)?;
        // The weights are safe; a state that stays behind would do no harm either.
        let _ = std::fs::remove_file(&state);
        Ok((initial, trained, history))
    }

    /// The same entries in random order.
    fn shuffled(&self, weights: &[f32]) -> Vec<f32> {
        let mut rng = StreamKey {
            epoch: self.settings.root(),
            claim: "network/appendix-a".into(),
            law: "shuffled entries".into(),
            n: self.width,
            signal: "none".into(),
        }
        .generator(self.seed as u64);
        let mut shuffled = weights.to_vec();
        for last in (1..shuffled.len()).rev() {
            shuffled.swap(last, below(&mut rng, last as u64 + 1) as usize);
        }
        shuffled
    }
}
