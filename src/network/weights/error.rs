//! What can be wrong with a weight file.

use super::Dtype;
use thiserror::Error;

/// Why a weight file or a tensor in it cannot be used.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The system cannot read it.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A folder or a device.
    #[error("not a file")]
    NotAFile,
    /// No byte in it.
    #[error("the file is empty")]
    EmptyFile,
    /// None of the formats.
    #[error("neither safetensors, npy, npz nor ONNX: it begins with \"{start}\"")]
    UnknownFormat {
        /// The first bytes.
        start: String,
    },
    /// Python objects, as in PyTorch's .pt, .pth and .bin.
    #[error(
        "a Python pickle (PyTorch's .pt, .pth and .bin are such): reading one runs the program in it, so it is \
         refused; save the tensors as safetensors"
    )]
    Pickle,
    /// A zip archive without arrays.
    #[error("a zip archive without one .npy array in it")]
    NoArrays,
    /// The archive contradicts itself.
    #[error("broken zip archive: {reason}")]
    Zip {
        /// What the reader of archives says.
        reason: String,
    },
    /// A part that is declared longer than the file.
    #[error("{what} of {declared} bytes is declared where the file holds {held}")]
    Truncated {
        /// The part.
        what: String,
        /// Its declared length.
        declared: u64,
        /// What is there.
        held: u64,
    },
    /// A header beyond all reason.
    #[error("{what} of {declared} bytes; more than {limit} is refused")]
    TooLong {
        /// The part.
        what: &'static str,
        /// Its declared length.
        declared: u64,
        /// The most that is read.
        limit: u64,
    },
    /// A header that does not parse.
    #[error("broken header: {reason}")]
    Header {
        /// Where and why.
        reason: String,
    },
    /// A broken message of ONNX.
    #[error("not a model of ONNX, or a broken one: {reason} at byte {at}")]
    Onnx {
        /// What is wrong.
        reason: &'static str,
        /// Where.
        at: u64,
    },
    /// Two tensors of one name.
    #[error("two tensors have the name \"{name}\"")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A shape whose size is no number of bytes.
    #[error("tensor \"{name}\": the shape {shape:?} has more elements than any file")]
    ShapeOverflow {
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A shape that contradicts the data.
    #[error(
        "tensor \"{name}\": {dtype} of shape {shape:?} takes {needed} bytes, and the file holds {held} for it"
    )]
    SizeMismatch {
        /// The tensor.
        name: String,
        /// Its type.
        dtype: Dtype,
        /// Its shape.
        shape: Vec<usize>,
        /// Bytes by shape and type.
        needed: u64,
        /// Bytes there.
        held: u64,
    },
    /// Tensors that overlap, or bytes that belong to none.
    #[error(
        "tensor \"{name}\" begins at byte {begin} of the data, and the one before it ends at {expected}"
    )]
    NotContiguous {
        /// The tensor.
        name: String,
        /// Its first byte.
        begin: u64,
        /// Where it should begin.
        expected: u64,
    },
    /// Bytes after the last tensor.
    #[error("{extra} bytes follow the last tensor")]
    Trailing {
        /// How many.
        extra: u64,
    },
    /// No tensor has the name.
    #[error("no tensor has the name \"{name}\"; there are {}", listed(known))]
    NoSuchTensor {
        /// The name asked for.
        name: String,
        /// All names.
        known: Vec<String>,
    },
    /// Numbers that are not there.
    #[error(
        "tensor \"{name}\" keeps its numbers in another file (external data of ONNX), which is not read"
    )]
    External {
        /// The tensor.
        name: String,
    },
    /// No floating-point numbers.
    #[error("tensor \"{name}\" holds {dtype}, not floating-point numbers")]
    NotFloating {
        /// The tensor.
        name: String,
        /// Its type.
        dtype: Dtype,
    },
    /// NaN or an infinity.
    #[error("tensor \"{name}\" has {value} at position {position:?}")]
    NotFinite {
        /// The tensor.
        name: String,
        /// NaN or ±∞.
        value: f64,
        /// The indices, from 0.
        position: Vec<usize>,
    },
}

/// Some names, enough to see what was meant.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = names
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.is_empty() {
        text = "none".to_owned();
    } else if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}
