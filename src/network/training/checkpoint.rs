//! The state between two epochs, in a file.

use super::{EpochRecord, Protocol, Training};
use crate::network::data::Dataset;
use crate::network::mlp::{Layer, Mlp};
use crate::network::tensors::{Tensors, TensorsError};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why training cannot go on from a file.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// The file cannot be written or read.
    #[error(transparent)]
    Tensors(#[from] TensorsError),
    /// The file is sound and not a checkpoint.
    #[error("{} is no checkpoint: {reason}", path.display())]
    NotCheckpoint {
        /// The file.
        path: PathBuf,
        /// What is missing or different.
        reason: String,
    },
    /// The checkpoint is of another training.
    #[error("{} is a checkpoint of another training: its {what} differs", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
}

/// What a checkpoint says beside the arrays.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    data: u64,
    protocol: Protocol,
    seed: u64,
    replicate: u64,
    sizes: Vec<usize>,
    symmetric: Option<usize>,
    history: Vec<EpochRecord>,
}

impl Training {
    /// Writes weights, velocities, what chooses the order of the images, and what the epochs did.
    /// The file appears whole or not at all.
    ///
    /// # Errors
    /// When the system refuses.
    ///
    /// # Panics
    /// Never: the note has a JSON form.
    pub fn save(&self, path: &Path, data: &Dataset) -> Result<(), CheckpointError> {
        let note = Note {
            data: data.fingerprint(),
            ..self.note()
        };
        let mut tensors = Tensors {
            note: serde_json::to_string(&note).expect("the note is plain fields"),
            ..Tensors::default()
        };
        insert(&mut tensors, "net", &self.net.layers);
        insert(&mut tensors, "velocity", &self.velocity);
        Ok(tensors.write(path)?)
    }

    /// Goes on from the file if there is one, and returns whether there was.
    ///
    /// # Errors
    /// When the file is damaged, or of another net, protocol, seed or data set: training never goes
    /// on from a state it would not have reached itself.
    pub fn resume(&mut self, path: &Path, data: &Dataset) -> Result<bool, CheckpointError> {
        let Some(mut tensors) = Tensors::read(path)? else {
            return Ok(false);
        };
        let wrong = |reason: String| CheckpointError::NotCheckpoint {
            path: path.to_owned(),
            reason,
        };
        let note: Note =
            serde_json::from_str(&tensors.note).map_err(|error| wrong(error.to_string()))?;
        let own = self.note();
        for (same, what) in [
            (note.sizes == own.sizes, "net"),
            (note.symmetric == own.symmetric, "net"),
            (note.protocol == own.protocol, "protocol"),
            (note.seed == own.seed, "seed"),
            (note.replicate == own.replicate, "replicate"),
            (note.data == data.fingerprint(), "data set"),
        ] {
            if !same {
                return Err(CheckpointError::Other {
                    path: path.to_owned(),
                    what,
                });
            }
        }
        let layers = extract(&mut tensors, "net", &note.sizes).map_err(wrong)?;
        let velocity = extract(&mut tensors, "velocity", &note.sizes).map_err(wrong)?;
        self.net = Mlp {
            layers,
            symmetric: note.symmetric,
        };
        self.velocity = velocity;
        self.history = note.history;
        Ok(true)
    }

    fn note(&self) -> Note {
        Note {
            data: 0,
            protocol: self.protocol,
            seed: self.seed,
            replicate: self.replicate,
            sizes: self.net.sizes(),
            symmetric: self.net.symmetric,
            history: self.history.clone(),
        }
    }
}

/// Adds `PREFIX.K.weight` and `PREFIX.K.bias` for each layer K, from 0.
pub fn insert(tensors: &mut Tensors, prefix: &str, layers: &[Layer<f32>]) {
    for (index, layer) in layers.iter().enumerate() {
        let shape = vec![layer.outputs, layer.inputs];
        tensors.insert(
            format!("{prefix}.{index}.weight"),
            shape,
            layer.weights.clone(),
        );
        let shape = vec![layer.outputs];
        tensors.insert(
            format!("{prefix}.{index}.bias"),
            shape,
            layer.biases.clone(),
        );
    }
}

/// Takes them out again.
///
/// # Errors
/// What is wrong, when they are not there in these sizes.
pub fn extract(
    tensors: &mut Tensors,
    prefix: &str,
    sizes: &[usize],
) -> Result<Vec<Layer<f32>>, String> {
    let pairs = sizes.windows(2).enumerate();
    pairs
        .map(|(index, pair)| {
            let (inputs, outputs) = (pair[0], pair[1]);
            Ok(Layer {
                inputs,
                outputs,
                weights: tensors.take(&format!("{prefix}.{index}.weight"), &[outputs, inputs])?,
                biases: tensors.take(&format!("{prefix}.{index}.bias"), &[outputs])?,
            })
        })
        .collect()
}
