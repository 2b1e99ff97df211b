//! One tensor of a file: what it is and where its numbers are.

use super::decode::{self, ByteOrder};
use super::{Dtype, WeightsError};
use std::fmt;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// A tensor of a weight file, without its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Its name in the file; an npy file has no name for its array, which is then `array`.
    pub name: String,
    /// Its shape, as stored.
    pub shape: Vec<usize>,
    /// The type of its elements.
    pub dtype: Dtype,
    pub(super) place: Place,
}

/// Where the numbers of a tensor are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Bytes of the file, `length` of them from `begin` on.
    Bytes {
        begin: u64,
        length: u64,
        layout: Layout,
    },
    /// An entry of a zip archive.
    Entry { index: usize },
    /// A message of a protobuf file.
    Message { begin: u64, end: u64 },
    /// Another file.
    External,
    /// Python objects.
    Pickle,
}

/// How elements follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub order: ByteOrder,
    /// The first index runs fastest.
    pub fortran: bool,
}

impl Layout {
    /// Little-endian, the last index running fastest.
    pub const PLAIN: Self = Self {
        order: ByteOrder::Little,
        fortran: false,
    };
}

/// Why a tensor is not looked at as a matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// A number, a vector, or 3 or more than 4 dimensions.
    Dimensions(usize),
    /// No elements.
    Empty,
    /// Integers, truth values, text, quantised numbers.
    NotFloating,
    /// Its numbers are in another file.
    External,
    /// Python objects.
    Pickle,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dimensions(1) => f.write_str("a vector"),
            Self::Dimensions(0) => f.write_str("a number"),
            Self::Dimensions(count) => write!(f, "{count} dimensions, neither 2 nor 4"),
            Self::Empty => f.write_str("no elements"),
            Self::NotFloating => f.write_str("no floating-point numbers"),
            Self::External => f.write_str("external data: the numbers are in another file"),
            Self::Pickle => f.write_str("pickled Python objects, which are never read"),
        }
    }
}

impl Tensor {
    /// Rows and columns of the matrix that a tensor is: itself when it has two dimensions, and
    /// out × (in·height·width) when it has four, as the kernels of a convolution do.
    ///
    /// # Errors
    /// When it is no matrix.
    pub fn matrix_shape(&self) -> Result<(usize, usize), Skip> {
        match self.place {
            Place::External => return Err(Skip::External),
            Place::Pickle => return Err(Skip::Pickle),
            _ => {}
        }
        if self.dtype.size().is_none() {
            return Err(Skip::NotFloating);
        }
        if !matches!(self.shape.len(), 2 | 4) {
            return Err(Skip::Dimensions(self.shape.len()));
        }
        if self.shape.contains(&0) {
            return Err(Skip::Empty);
        }
        Ok((self.shape[0], self.shape[1..].iter().product()))
    }

    /// The number of elements.
    ///
    /// # Panics
    /// Never for a tensor of an open file: its shape was checked.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Bytes that shape and type ask for.
    pub(super) fn bytes(&self) -> Result<u64, WeightsError> {
        let count = element_count(&self.name, &self.shape)?;
        let bytes = count.checked_mul(self.dtype.size().unwrap_or(1) as u64);
        bytes.ok_or_else(|| overflow(&self.name, &self.shape))
    }

    /// Shape and type ask for exactly the bytes that are there.
    pub(super) fn check_bytes(&self, held: u64) -> Result<(), WeightsError> {
        let needed = self.bytes()?;
        if self.dtype.size().is_some() && needed != held {
            return Err(WeightsError::SizeMismatch {
                name: self.name.clone(),
                dtype: self.dtype.clone(),
                shape: self.shape.clone(),
                needed,
                held,
            });
        }
        Ok(())
    }

    /// The indices of the element that stands at a position.
    pub(super) fn unravel(&self, mut position: usize) -> Vec<usize> {
        let mut indices: Vec<usize> = self
            .shape
            .iter()
            .rev()
            .map(|extent| {
                let index = position % extent;
                position /= extent;
                index
            })
            .collect();
        indices.reverse();
        indices
    }

    /// The numbers, where they are bytes of the file.
    pub(super) fn load_plain<R: Read + Seek>(
        &self,
        source: &mut BufReader<R>,
    ) -> Result<Vec<f64>, WeightsError> {
        let Place::Bytes { begin, layout, .. } = self.place else {
            return Err(self.no_numbers());
        };
        if self.dtype.size().is_none() {
            return Err(self.no_numbers());
        }
        source.seek(SeekFrom::Start(begin))?;
        self.decode(source, layout)
    }

    /// The numbers at the head of a stream.
    pub(super) fn decode(
        &self,
        source: impl Read,
        layout: Layout,
    ) -> Result<Vec<f64>, WeightsError> {
        let values = decode::floats(source, self.count(), &self.dtype, layout.order)?;
        Ok(if layout.fortran {
            decode::last_index_fastest(&values, &self.shape)
        } else {
            values
        })
    }

    pub(super) fn no_numbers(&self) -> WeightsError {
        match self.place {
            Place::External => WeightsError::External {
                name: self.name.clone(),
            },
            Place::Pickle => WeightsError::Pickle,
            _ => WeightsError::NotFloating {
                name: self.name.clone(),
                dtype: self.dtype.clone(),
            },
        }
    }
}

/// The product of a shape. It fits a `usize` as well, so that [`Tensor::count`] cannot overflow.
fn element_count(name: &str, shape: &[usize]) -> Result<u64, WeightsError> {
    // An extent of 0 does not excuse the others: products of parts of the shape are formed too.
    shape
        .iter()
        .try_fold(1usize, |product, extent| {
            product.checked_mul((*extent).max(1))
        })
        .map(|_| shape.iter().product::<usize>() as u64)
        .ok_or_else(|| overflow(name, shape))
}

fn overflow(name: &str, shape: &[usize]) -> WeightsError {
    WeightsError::ShapeOverflow {
        name: name.to_owned(),
        shape: shape.to_vec(),
    }
}
