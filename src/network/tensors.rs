//! Arrays of f32 with a note, in one safetensors file that appears whole or not at all.

use safetensors::{Dtype, SafeTensors, serialize, tensor::TensorView};
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The key of the note in the metadata of the file. There is only one: with more, their order in
/// the file, and so its bytes, would change from run to run.
const NOTE: &str = "rmt-verify";

/// Why a file of arrays cannot be written or read.
#[derive(Debug, Error)]
pub enum TensorsError {
    /// The system refuses.
    #[error("cannot write {}: {reason}", path.display())]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The system refuses.
    #[error("cannot read {}: {reason}", path.display())]
    NotRead {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The file is damaged, or something else.
    #[error("{} is no safetensors file: {reason}", path.display())]
    NotSafetensors {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// The file is sound and not one of ours.
    #[error("{} was not written by rmt-verify: {reason}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is missing or different.
        reason: String,
    },
}

/// One array, the last index fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Lengths of the axes.
    pub shape: Vec<usize>,
    /// The entries.
    pub values: Vec<f32>,
}

/// Arrays by name, and a note.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tensors {
    /// The arrays.
    pub tensors: BTreeMap<String, Tensor>,
    /// What they are, for the program that wrote them.
    pub note: String,
}

impl Tensors {
    /// Adds an array.
    ///
    /// # Panics
    /// When the shape does not fit the number of entries.
    pub fn insert(&mut self, name: String, shape: Vec<usize>, values: Vec<f32>) {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        self.tensors.insert(name, Tensor { shape, values });
    }

    /// The bytes of the file. Equal arrays and notes give equal bytes.
    ///
    /// # Panics
    /// Never: shapes fit their data.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let data: Vec<Vec<u8>> = self
            .tensors
            .values()
            .map(|tensor| tensor.values.iter().flat_map(|x| x.to_le_bytes()).collect())
            .collect();
        let views = self
            .tensors
            .iter()
            .zip(&data)
            .map(|((name, tensor), bytes)| {
                let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
                    .expect("shapes were checked at insertion");
                (name.as_str(), view)
            });
        let note = HashMap::from([(NOTE.to_owned(), self.note.clone())]);
        serialize(views, Some(note)).expect("shapes were checked at insertion")
    }

    /// Writes the file under a temporary name and renames it.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(&self, path: &Path) -> Result<(), TensorsError> {
        let failed = |reason| TensorsError::NotWritten {
            path: path.to_owned(),
            reason,
        };
        let folder = path.parent().filter(|parent| *parent != Path::new(""));
        let builder = &mut tempfile::Builder::new();
        // Renaming keeps the mode of the temporary file, which is private by default.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder
            .prefix(".rmt-verify-")
            .tempfile_in(folder.unwrap_or(Path::new(".")))
            .map_err(failed)?;
        file.write_all(&self.to_bytes())
            .and_then(|()| file.as_file().sync_all())
            .map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Reads a file that [`Tensors::write`] wrote; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read or is something else.
    pub fn read(path: &Path) -> Result<Option<Self>, TensorsError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(reason) if reason.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(reason) => {
                return Err(TensorsError::NotRead {
                    path: path.to_owned(),
                    reason,
                });
            }
        };
        let damaged = |reason: safetensors::SafeTensorError| TensorsError::NotSafetensors {
            path: path.to_owned(),
            reason: reason.to_string(),
        };
        let foreign = |reason: String| TensorsError::Foreign {
            path: path.to_owned(),
            reason,
        };
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(damaged)?;
        let note = metadata
            .metadata()
            .as_ref()
            .and_then(|notes| notes.get(NOTE))
            .ok_or_else(|| foreign(format!("its metadata have no key {NOTE}")))?
            .clone();
        let mut tensors = BTreeMap::new();
        for (name, view) in SafeTensors::deserialize(&bytes).map_err(damaged)?.tensors() {
            if view.dtype() != Dtype::F32 {
                return Err(foreign(format!("{name} is {:?} and not F32", view.dtype())));
            }
            let words = view.data().as_chunks::<4>().0;
            let values = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
            let shape = view.shape().to_vec();
            tensors.insert(name, Tensor { shape, values });
        }
        Ok(Some(Self { tensors, note }))
    }

    /// Takes an array of a shape out.
    ///
    /// # Errors
    /// What is wrong, when it is not there in that shape or an entry is not finite.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let tensor = self
            .tensors
            .remove(name)
            .ok_or_else(|| format!("{name} is missing"))?;
        if tensor.shape != shape {
            return Err(format!("{name} is {:?} and not {shape:?}", tensor.shape));
        }
        match tensor.values.iter().position(|x| !x.is_finite()) {
            Some(place) => Err(format!(
                "entry {place} of {name} is {}",
                tensor.values[place]
            )),
            None => Ok(tensor.values),
        }
    }
}
