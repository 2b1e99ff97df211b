//! Reader of npy: a magic number, a version, a header that is a Python dictionary, the numbers.
//!
//! The dictionary is parsed by hand. A general parser of Python literals descends as deep as the
//! input nests, and a hostile header of brackets then overflows the stack.

use super::decode::{ByteOrder, header};
use super::tensor::{Layout, Place};
use super::{Dtype, Tensor, WeightsError};
use std::io::Read;

pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// NumPy itself refuses headers longer than 10 000 characters.
const LONGEST_HEADER: u64 = 10_000;
/// NumPy arrays have at most 64 dimensions.
const MOST_DIMENSIONS: usize = 64;

/// The array of a file of this length.
pub(super) fn list(source: &mut impl Read, length: u64) -> Result<Tensor, WeightsError> {
    let head = Head::read(source, length)?;
    let held = length - head.length;
    let tensor = head.tensor("array".to_owned(), held);
    if tensor.place == Place::Pickle {
        return Err(WeightsError::Pickle);
    }
    tensor.check_bytes(held)?;
    Ok(tensor)
}

/// What stands before the numbers.
#[derive(Debug)]
pub(super) struct Head {
    /// Bytes before the first number.
    pub length: u64,
    pub layout: Layout,
    dtype: Dtype,
    shape: Vec<usize>,
    pickled: bool,
}

impl Head {
    /// Reads a head from a stream of `length` bytes.
    pub fn read(source: &mut impl Read, length: u64) -> Result<Self, WeightsError> {
        let mut fixed = [0; 8];
        read(source, &mut fixed, length, 0)?;
        if !fixed.starts_with(MAGIC) {
            return Err(broken("no NumPy array"));
        }
        let (declared, before) = match fixed[6] {
            1 => {
                let mut bytes = [0; 2];
                read(source, &mut bytes, length, 8)?;
                (u64::from(u16::from_le_bytes(bytes)), 10)
            }
            2 | 3 => {
                let mut bytes = [0; 4];
                read(source, &mut bytes, length, 8)?;
                (u64::from(u32::from_le_bytes(bytes)), 12)
            }
            version => return Err(broken(&format!("version {version} of npy"))),
        };
        let room = length.saturating_sub(before);
        let text = header(source, declared, room, LONGEST_HEADER)?;
        // Latin-1 in version 1 and UTF-8 in version 3; what is read here is ASCII in both.
        let text = String::from_utf8_lossy(&text);
        Dictionary { rest: &text }.parse(before + declared)
    }

    /// The array as a tensor of this name, its numbers the `held` bytes that follow the head.
    pub fn tensor(&self, name: String, held: u64) -> Tensor {
        Tensor {
            name,
            shape: self.shape.clone(),
            dtype: self.dtype.clone(),
            place: if self.pickled {
                Place::Pickle
            } else {
                Place::Bytes {
                    begin: self.length,
                    length: held,
                    layout: self.layout,
                }
            },
        }
    }
}

fn read(
    source: &mut impl Read,
    bytes: &mut [u8],
    length: u64,
    at: u64,
) -> Result<(), WeightsError> {
    if at + bytes.len() as u64 > length {
        return Err(WeightsError::Truncated {
            what: "a header".to_owned(),
            declared: at + bytes.len() as u64,
            held: length,
        });
    }
    Ok(source.read_exact(bytes)?)
}

fn broken(reason: &str) -> WeightsError {
    WeightsError::Header {
        reason: reason.to_owned(),
    }
}

/// What is left of `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
struct Dictionary<'a> {
    rest: &'a str,
}

impl<'a> Dictionary<'a> {
    fn parse(mut self, length: u64) -> Result<Head, WeightsError> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.expect('{')?;
        while !self.take('}') {
            let key = self.text()?;
            self.expect(':')?;
            let twice = match key {
                "descr" => descr.replace(self.descr()?).is_some(),
                "fortran_order" => fortran.replace(self.truth()?).is_some(),
                "shape" => shape.replace(self.shape()?).is_some(),
                other => return Err(broken(&format!("unknown key '{other}'"))),
            };
            if twice {
                return Err(broken(&format!("'{key}' stands there twice")));
            }
            if !self.take(',') {
                self.expect('}')?;
                break;
            }
        }
        if !self.rest.trim().is_empty() {
            return Err(broken("text after the dictionary"));
        }
        let missing = |key: &str| broken(&format!("'{key}' is missing"));
        let descr = descr.ok_or_else(|| missing("descr"))?;
        let (dtype, order) = dtype(descr);
        Ok(Head {
            length,
            layout: Layout {
                order,
                fortran: fortran.ok_or_else(|| missing("fortran_order"))?,
            },
            // `|O`, or fields that may be objects too: numpy.load would unpickle them.
            pickled: descr.contains('O'),
            dtype,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }

    fn take(&mut self, token: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: char) -> Result<(), WeightsError> {
        if self.take(token) {
            return Ok(());
        }
        let found: String = self.rest.chars().take(12).collect();
        Err(broken(&format!(
            "'{token}' expected before \"{}\"",
            found.escape_debug()
        )))
    }

    fn text(&mut self) -> Result<&'a str, WeightsError> {
        let quote = if self.take('"') {
            '"'
        } else {
            self.expect('\'')?;
            '\''
        };
        let (text, rest) = self
            .rest
            .split_once(quote)
            .ok_or_else(|| broken("a text without an end"))?;
        self.rest = rest;
        Ok(text)
    }

    /// A text, or the list of fields of a record as it stands.
    fn descr(&mut self) -> Result<&'a str, WeightsError> {
        self.rest = self.rest.trim_start();
        if !self.rest.starts_with('[') {
            return self.text();
        }
        let mut depth = 0usize;
        for (at, c) in self.rest.char_indices() {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let (list, rest) = self.rest.split_at(at + 1);
                self.rest = rest;
                return Ok(list);
            }
        }
        Err(broken("a list without an end"))
    }

    fn truth(&mut self) -> Result<bool, WeightsError> {
        self.rest = self.rest.trim_start();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(broken("'fortran_order' is neither True nor False"))
    }

    fn shape(&mut self) -> Result<Vec<usize>, WeightsError> {
        self.expect('(')?;
        let mut shape = Vec::new();
        while !self.take(')') {
            self.rest = self.rest.trim_start();
            let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = self.rest.split_at(digits);
            let extent = number
                .parse()
                .map_err(|_| broken(&format!("'shape' has the extent \"{number}\"")))?;
            // Python 2 wrote long integers with an L.
            self.rest = rest.strip_prefix('L').unwrap_or(rest);
            shape.push(extent);
            if shape.len() > MOST_DIMENSIONS {
                return Err(broken("more than 64 dimensions"));
            }
            if !self.take(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(shape)
    }
}

fn dtype(descr: &str) -> (Dtype, ByteOrder) {
    let order = if descr.starts_with('>') {
        ByteOrder::Big
    } else {
        ByteOrder::Little
    };
    let dtype = match descr.trim_start_matches(['<', '>', '=', '|']) {
        "f8" => Dtype::F64,
        "f4" => Dtype::F32,
        "f2" => Dtype::F16,
        _ => Dtype::Other(descr.to_owned()),
    };
    (dtype, order)
}
