//! Reader of safetensors: 8 bytes with the length of the header, the header in JSON, the numbers.

use super::decode::header;
use super::tensor::{Layout, Place};
use super::{Dtype, Metadata, Tensor, WeightsError};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use std::collections::HashSet;
use std::io::{Read, Seek};

/// The reference implementation refuses longer headers.
const LONGEST_HEADER: u64 = 100_000_000;

/// The key of the header that is no tensor.
pub(super) const METADATA: &str = "__metadata__";

/// The tensors in the order of the header, and the value of `__metadata__`.
pub(super) fn list<R: Read + Seek>(
    source: &mut R,
    length: u64,
) -> Result<(Vec<Tensor>, Metadata), WeightsError> {
    let Some(room) = length.checked_sub(8) else {
        return Err(WeightsError::Truncated {
            what: "the length of the header".to_owned(),
            declared: 8,
            held: length,
        });
    };
    let mut declared = [0; 8];
    source.read_exact(&mut declared)?;
    let declared = u64::from_le_bytes(declared);
    let text = header(source, declared, room, LONGEST_HEADER)?;
    let header: Header = serde_json::from_slice(&text).map_err(|error| WeightsError::Header {
        reason: error.to_string(),
    })?;
    let begin = 8 + declared;
    let tensors = header
        .entries
        .into_iter()
        .map(|(name, entry)| tensor(name, entry, begin))
        .collect::<Result<Vec<_>, _>>()?;
    check_cover(&tensors, begin, room - declared)?;
    Ok((tensors, header.metadata))
}

fn tensor(name: String, entry: Entry, begin: u64) -> Result<Tensor, WeightsError> {
    let (from, to) = entry.data_offsets;
    let (Some(length), Some(from)) = (to.checked_sub(from), begin.checked_add(from)) else {
        return Err(WeightsError::Header {
            reason: format!("tensor \"{name}\" has the data_offsets [{from}, {to}]"),
        });
    };
    let tensor = Tensor {
        name,
        shape: entry.shape,
        dtype: dtype(&entry.dtype),
        place: Place::Bytes {
            begin: from,
            length,
            layout: Layout::PLAIN,
        },
    };
    tensor.check_bytes(length)?;
    Ok(tensor)
}

fn dtype(name: &str) -> Dtype {
    match name {
        "F64" => Dtype::F64,
        "F32" => Dtype::F32,
        "F16" => Dtype::F16,
        "BF16" => Dtype::Bf16,
        other => Dtype::Other(other.to_owned()),
    }
}

/// The format's promise: every byte after the header belongs to exactly one tensor.
fn check_cover(tensors: &[Tensor], begin: u64, held: u64) -> Result<(), WeightsError> {
    let mut parts: Vec<(u64, u64, &str)> = tensors
        .iter()
        .filter_map(|tensor| match tensor.place {
            Place::Bytes {
                begin: from,
                length,
                ..
            } => Some((from - begin, length, &*tensor.name)),
            _ => None,
        })
        .collect();
    parts.sort_unstable();
    let mut expected = 0u64;
    for (from, length, name) in parts {
        if from != expected {
            return Err(WeightsError::NotContiguous {
                name: name.to_owned(),
                begin: from,
                expected,
            });
        }
        expected = expected.saturating_add(length);
        if expected > held {
            return Err(WeightsError::Truncated {
                what: format!("tensor \"{name}\""),
                declared: length,
                held: held - from,
            });
        }
    }
    match held - expected {
        0 => Ok(()),
        extra => Err(WeightsError::Trailing { extra }),
    }
}

/// One entry of the header.
#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

/// The header, in its own order: a map would lose it, and would hide two entries of one name.
struct Header {
    entries: Vec<(String, Entry)>,
    metadata: Metadata,
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Header;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut header = Header {
            entries: Vec::new(),
            metadata: None,
        };
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !seen.insert(name.clone()) {
                let twice = WeightsError::Duplicate { name };
                return Err(serde::de::Error::custom(twice));
            }
            if name == METADATA {
                header.metadata = Some(map.next_value()?);
            } else {
                header.entries.push((name, map.next_value()?));
            }
        }
        Ok(header)
    }
}
