//! Weight files: safetensors, npy, npz and the initialisers of ONNX.
//!
//! Opening a file reads its headers only; the numbers of one tensor are read when they are asked
//! for, so that memory is bounded by the largest tensor. A file is not trusted: nothing is
//! allocated on the strength of a size that the length of the file does not bear out, and Python's
//! pickles, which are programs, are never read.

mod decode;
mod dtype;
mod error;
mod npy;
mod npz;
mod onnx;
mod protobuf;
mod safetensors;
mod tensor;
mod write;

pub use dtype::Dtype;
pub use error::WeightsError;
pub use tensor::{Skip, Tensor};
pub use write::{Rewrite, write_npy};

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// The container of the tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Hugging Face's safetensors.
    Safetensors,
    /// One array of NumPy.
    Npy,
    /// A zip archive of arrays of NumPy.
    Npz,
    /// A model of ONNX: its graph's initialisers.
    Onnx,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safetensors => "safetensors",
            Self::Npy => "npy",
            Self::Npz => "npz",
            Self::Onnx => "ONNX",
        })
    }
}

/// A file of tensors, open for reading.
///
/// # Examples
/// ```
/// use rmt_verify::network::weights::{Dtype, Weights, write_npy};
/// let mut file = Vec::new();
/// write_npy(&mut file, &Dtype::F32, &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
/// let mut weights = Weights::read(std::io::Cursor::new(file)).unwrap();
/// assert_eq!(weights.tensors()[0].matrix_shape(), Ok((2, 3)));
/// assert_eq!(weights.load(0).unwrap(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// ```
pub struct Weights<R> {
    format: Format,
    source: Source<R>,
    tensors: Vec<Tensor>,
    metadata: Metadata,
}

enum Source<R> {
    Plain(BufReader<R>),
    Archive(Box<npz::Archive<R>>),
}

/// The value of `__metadata__` in a safetensors file, as it stands there; formats without it have none.
type Metadata = Option<serde_json::Value>;

impl Weights<File> {
    /// Opens a file and reads what it holds, not the numbers.
    ///
    /// The format is told by the content; the extension decides only where the content does not.
    ///
    /// # Errors
    /// When the file cannot be read, is in no format known here, or contradicts itself.
    pub fn open(path: &Path) -> Result<Self, WeightsError> {
        // Before opening it: that would wait for the other end of a pipe.
        if !std::fs::metadata(path)?.is_file() {
            return Err(WeightsError::NotAFile);
        }
        let file = File::open(path)?;
        Self::with_extension(file, path.extension().and_then(OsStr::to_str))
    }
}

impl<R: Read + Seek> Weights<R> {
    /// [`Weights::open`] for anything that can be read from any position.
    ///
    /// # Errors
    /// See [`Weights::open`].
    pub fn read(source: R) -> Result<Self, WeightsError> {
        Self::with_extension(source, None)
    }

    /// [`Weights::read`] with the extension that the file's name has.
    ///
    /// # Errors
    /// See [`Weights::open`].
    pub fn with_extension(mut source: R, extension: Option<&str>) -> Result<Self, WeightsError> {
        let length = source.seek(SeekFrom::End(0))?;
        source.seek(SeekFrom::Start(0))?;
        let mut start = Vec::with_capacity(16);
        source.by_ref().take(16).read_to_end(&mut start)?;
        source.seek(SeekFrom::Start(0))?;
        let format = recognise(&start, extension)?;
        if format == Format::Npz {
            let (archive, tensors) = npz::list(source, length)?;
            return Ok(Self {
                format,
                source: Source::Archive(Box::new(archive)),
                tensors,
                metadata: None,
            });
        }
        let mut source = BufReader::new(source);
        let (tensors, metadata) = match format {
            Format::Safetensors => safetensors::list(&mut source, length)?,
            Format::Onnx => (onnx::list(&mut source, length)?, None),
            Format::Npy | Format::Npz => (vec![npy::list(&mut source, length)?], None),
        };
        Ok(Self {
            format,
            source: Source::Plain(source),
            tensors,
            metadata,
        })
    }

    /// What the content says it is.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The tensors, in the order of the file's header.
    #[must_use]
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// The position of a tensor among [`Weights::tensors`].
    ///
    /// # Errors
    /// When no tensor has the name.
    pub fn find(&self, name: &str) -> Result<usize, WeightsError> {
        self.tensors
            .iter()
            .position(|tensor| tensor.name == name)
            .ok_or_else(|| WeightsError::NoSuchTensor {
                name: name.to_owned(),
                known: self.tensors.iter().map(|t| t.name.clone()).collect(),
            })
    }

    /// The numbers of a tensor, the last index running fastest, converted to f64 without loss.
    ///
    /// # Errors
    /// When the tensor holds no floating-point numbers, or an infinity or NaN among them, or when
    /// the file cannot be read.
    ///
    /// # Panics
    /// When there is no such position.
    pub fn load(&mut self, position: usize) -> Result<Vec<f64>, WeightsError> {
        let values = self.load_any(position)?;
        let tensor = &self.tensors[position];
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(index) => Err(WeightsError::NotFinite {
                name: tensor.name.clone(),
                value: values[index],
                position: tensor.unravel(index),
            }),
        }
    }

    /// [`Weights::load`] for numbers that are only to be copied: NaN may be among them.
    fn load_any(&mut self, position: usize) -> Result<Vec<f64>, WeightsError> {
        let tensor = &self.tensors[position];
        match &mut self.source {
            Source::Archive(archive) => npz::load(archive, tensor),
            Source::Plain(source) => match self.format {
                Format::Onnx => onnx::load(source, tensor),
                _ => tensor.load_plain(source),
            },
        }
    }
}

impl<R> fmt::Debug for Weights<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Weights")
            .field("format", &self.format)
            .field("tensors", &self.tensors)
            .finish_non_exhaustive()
    }
}

fn recognise(start: &[u8], extension: Option<&str>) -> Result<Format, WeightsError> {
    if start.is_empty() {
        return Err(WeightsError::EmptyFile);
    }
    if start.starts_with(npy::MAGIC) {
        return Ok(Format::Npy);
    }
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return Ok(Format::Npz);
    }
    // A pickle begins with its protocol, which is 2 or more since Python 2.3.
    if start[0] == 0x80
        && start
            .get(1)
            .is_some_and(|protocol| (2..=5).contains(protocol))
    {
        return Err(WeightsError::Pickle);
    }
    // The length of the header and then the header, which is a JSON object.
    if start.get(8) == Some(&b'{') {
        return Ok(Format::Safetensors);
    }
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("safetensors") => Ok(Format::Safetensors),
        Some("npy") => Ok(Format::Npy),
        Some("npz") => Ok(Format::Npz),
        Some("onnx") => Ok(Format::Onnx),
        // The version of the format comes first in what exporters write.
        _ if start[0] == 0x08 => Ok(Format::Onnx),
        _ => Err(WeightsError::UnknownFormat {
            start: start[..start.len().min(8)].escape_ascii().to_string(),
        }),
    }
}
