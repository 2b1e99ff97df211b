//! The idx format of MNIST and its successors, plain or gzip.
//!
//! ```text
//! images: 00 00 08 03 | count | rows | columns | one byte a pixel, row by row
//! labels: 00 00 08 01 | count | one byte a label
//! ```
//! Numbers are four bytes, big endian.

use flate2::bufread::GzDecoder;
use std::io::Read;
use thiserror::Error;

/// Labels are 0, …, CLASSES − 1 in every data set of this family.
pub const CLASSES: usize = 10;

const IMAGES: u32 = 0x0000_0803;
const LABELS: u32 = 0x0000_0801;
/// Deflate cannot make more than this many bytes of one.
const MOST_INFLATION: u64 = 1032;

/// Why bytes are not the idx file that was wanted.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum IdxError {
    /// It does not even hold a header.
    #[error("{held} bytes are too few for an idx header of {needed}")]
    HeaderTruncated {
        /// Bytes there are.
        held: u64,
        /// Bytes of the header.
        needed: u64,
    },
    /// It is something else.
    #[error(
        "not an idx file: it begins with {magic:#010x}, and images with 0x00000803, labels with 0x00000801"
    )]
    NotIdx {
        /// The first four bytes.
        magic: u32,
    },
    /// Labels stand where images should, or the other way round.
    #[error("{wanted} were expected and these are {found}: are two files swapped?")]
    Swapped {
        /// What was asked for.
        wanted: &'static str,
        /// What the file holds.
        found: &'static str,
    },
    /// A count, a number of rows or of columns is 0.
    #[error("the header promises nothing: {count} items of {rows} × {columns}")]
    Empty {
        /// Items.
        count: u32,
        /// Rows of each.
        rows: u32,
        /// Columns of each.
        columns: u32,
    },
    /// The header promises more than the file can hold.
    #[error("the header promises {promised} bytes of data and the file holds {held}{}", if *.at_most { " at most" } else { "" })]
    Truncated {
        /// By the header.
        promised: u128,
        /// In the file; for compressed data that were not unpacked, a bound.
        held: u64,
        /// Whether `held` is a bound only.
        at_most: bool,
    },
    /// Something follows the data.
    #[error("bytes follow the {promised} bytes of data that the header promises")]
    Trailing {
        /// By the header.
        promised: u64,
    },
    /// No label of ten classes.
    #[error("label {label} of item {index} is not one of 0, …, 9")]
    LabelTooLarge {
        /// The label.
        label: u8,
        /// Its place, from 0.
        index: usize,
    },
    /// The gzip stream is damaged.
    #[error("the gzip stream is damaged: {reason}")]
    Gzip {
        /// What the decoder says.
        reason: String,
    },
}

/// Grey images of one size, one byte a pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    rows: usize,
    columns: usize,
    pixels: Vec<u8>,
}

impl Images {
    /// Reads an idx file of images.
    ///
    /// # Errors
    /// When the bytes are no such file, from the first to the last. Nothing larger than the data
    /// that are there is allocated.
    pub fn parse(bytes: &[u8]) -> Result<Self, IdxError> {
        let mut source = Source::of(bytes);
        source.magic(IMAGES)?;
        let [count, rows, columns] = source.numbers()?;
        if count == 0 || rows == 0 || columns == 0 {
            return Err(IdxError::Empty {
                count,
                rows,
                columns,
            });
        }
        let pixels = source.data(u128::from(count) * u128::from(rows) * u128::from(columns))?;
        Ok(Self {
            rows: rows as usize,
            columns: columns as usize,
            pixels,
        })
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.pixels.len() / self.size()
    }

    /// Pixels of an image.
    #[must_use]
    pub fn size(&self) -> usize {
        self.rows * self.columns
    }

    /// Rows and columns of an image.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// The pixels of one image, row by row.
    ///
    /// # Panics
    /// When there is no image of that index.
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        &self.pixels[index * self.size()..(index + 1) * self.size()]
    }

    /// All pixels, image after image.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// Reads an idx file of labels 0, …, 9.
///
/// # Errors
/// As [`Images::parse`], and when a label is greater than 9.
pub fn labels(bytes: &[u8]) -> Result<Vec<u8>, IdxError> {
    let mut source = Source::of(bytes);
    source.magic(LABELS)?;
    let [count] = source.numbers()?;
    if count == 0 {
        return Err(IdxError::Empty {
            count,
            rows: 1,
            columns: 1,
        });
    }
    let labels = source.data(u128::from(count))?;
    match labels
        .iter()
        .position(|label| usize::from(*label) >= CLASSES)
    {
        Some(index) => Err(IdxError::LabelTooLarge {
            label: labels[index],
            index,
        }),
        None => Ok(labels),
    }
}

/// Bytes that are read from the first on, unpacked on the way if they are gzip.
enum Source<'a> {
    Plain(&'a [u8]),
    Packed {
        decoder: Box<GzDecoder<&'a [u8]>>,
        /// Length before unpacking.
        packed: u64,
    },
}

impl<'a> Source<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            Self::Packed {
                decoder: Box::new(GzDecoder::new(bytes)),
                packed: bytes.len() as u64,
            }
        } else {
            Self::Plain(bytes)
        }
    }

    fn magic(&mut self, wanted: u32) -> Result<(), IdxError> {
        let [magic] = self.numbers()?;
        let name = |magic| match magic {
            IMAGES => Some("images"),
            LABELS => Some("labels"),
            _ => None,
        };
        match name(magic) {
            None => Err(IdxError::NotIdx { magic }),
            Some(found) if magic != wanted => Err(IdxError::Swapped {
                wanted: name(wanted).unwrap_or_default(),
                found,
            }),
            Some(_) => Ok(()),
        }
    }

    fn numbers<const K: usize>(&mut self) -> Result<[u32; K], IdxError> {
        let header = self.take(4 * K as u64)?;
        if header.len() < 4 * K {
            return Err(IdxError::HeaderTruncated {
                held: header.len() as u64,
                needed: 4 * K as u64,
            });
        }
        let (words, _) = header.as_chunks::<4>();
        Ok(std::array::from_fn(|k| u32::from_be_bytes(words[k])))
    }

    /// Exactly as many bytes as are promised, and the end of the file behind them.
    fn data(&mut self, promised: u128) -> Result<Vec<u8>, IdxError> {
        let (held, at_most) = match self {
            Self::Plain(rest) => (rest.len() as u64, false),
            Self::Packed { packed, .. } => (packed.saturating_mul(MOST_INFLATION), true),
        };
        if promised > u128::from(held) {
            return Err(IdxError::Truncated {
                promised,
                held,
                at_most,
            });
        }
        let promised = promised as u64;
        // One byte more: what follows the data, and for gzip the checksum behind them, is read too.
        let mut data = self.take(promised.saturating_add(1))?;
        if data.len() as u64 > promised {
            return Err(IdxError::Trailing { promised });
        }
        if (data.len() as u64) < promised {
            return Err(IdxError::Truncated {
                promised: promised.into(),
                held: data.len() as u64,
                at_most: false,
            });
        }
        if let Self::Packed { decoder, .. } = self
            && !decoder.get_ref().is_empty()
        {
            return Err(IdxError::Trailing { promised });
        }
        data.shrink_to_fit();
        Ok(data)
    }

    /// Up to `most` bytes; memory grows with what is there and not with what is asked for.
    fn take(&mut self, most: u64) -> Result<Vec<u8>, IdxError> {
        let mut out = Vec::new();
        match self {
            Self::Plain(rest) => {
                let taken = rest.len().min(usize::try_from(most).unwrap_or(usize::MAX));
                let (now, later) = rest.split_at(taken);
                out.extend_from_slice(now);
                *rest = later;
            }
            Self::Packed { decoder, .. } => {
                decoder
                    .by_ref()
                    .take(most)
                    .read_to_end(&mut out)
                    .map_err(|reason| IdxError::Gzip {
                        reason: reason.to_string(),
                    })?;
            }
        }
        Ok(out)
    }
}
