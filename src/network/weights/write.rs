//! Writers: npy, and safetensors from any weight file with some of its tensors replaced.

use super::decode;
use super::safetensors::METADATA;
use super::tensor::{Layout, Place};
use super::{Dtype, Format, Tensor, Weights, WeightsError};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

/// Writes one array as npy, version 1, rounded to the type. Layout: last index fastest.
///
/// # Errors
/// When the type is none of those that are read (npy has no bf16 either), when shape and numbers
/// disagree, or when writing fails.
pub fn write_npy(
    mut out: impl Write,
    dtype: &Dtype,
    shape: &[usize],
    values: &[f64],
) -> Result<(), WeightsError> {
    let descr = match dtype {
        Dtype::F64 => "<f8",
        Dtype::F32 => "<f4",
        Dtype::F16 => "<f2",
        Dtype::Bf16 | Dtype::Other(_) => {
            return Err(WeightsError::NotFloating {
                name: "array".to_owned(),
                dtype: dtype.clone(),
            });
        }
    };
    let bytes = encoded("array", dtype, shape, values)?;
    let extents: Vec<String> = shape.iter().map(usize::to_string).collect();
    // A tuple of one needs its comma.
    let comma = if shape.len() == 1 { "," } else { "" };
    let shape = format!("({}{comma})", extents.join(", "));
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    // The numbers begin at a multiple of 64 bytes, after a line feed.
    let unpadded = 10 + header.len() + 1;
    header.push_str(&" ".repeat(unpadded.next_multiple_of(64) - unpadded));
    header.push('\n');
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&(header.len() as u16).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    out.write_all(&bytes)?;
    Ok(out.flush()?)
}

/// Tensors that are to take the place of others when a file is written again.
///
/// The new numbers wait in a temporary file, so that memory is bounded by the largest tensor here
/// too.
#[derive(Debug)]
pub struct Rewrite {
    scratch: File,
    /// By the position that they replace; their numbers are bytes of the scratch file.
    parts: BTreeMap<usize, Vec<Tensor>>,
}

impl Rewrite {
    /// Nothing replaced.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn new() -> Result<Self, WeightsError> {
        Ok(Self {
            scratch: tempfile::tempfile()?,
            parts: BTreeMap::new(),
        })
    }

    /// Adds a tensor to those that take the place of the one at `position`, rounded to `dtype`.
    ///
    /// # Errors
    /// When the type is none of those that are read, when shape and numbers disagree, or when the
    /// temporary file cannot be written.
    pub fn put(
        &mut self,
        position: usize,
        name: &str,
        dtype: &Dtype,
        shape: &[usize],
        values: &[f64],
    ) -> Result<(), WeightsError> {
        let bytes = encoded(name, dtype, shape, values)?;
        let begin = self.scratch.seek(SeekFrom::End(0))?;
        self.scratch.write_all(&bytes)?;
        let tensor = Tensor {
            name: name.to_owned(),
            shape: shape.to_vec(),
            dtype: dtype.clone(),
            place: Place::Bytes {
                begin,
                length: bytes.len() as u64,
                layout: Layout::PLAIN,
            },
        };
        self.parts.entry(position).or_default().push(tensor);
        Ok(())
    }

    /// Writes all tensors of a file as safetensors, the replaced ones by what replaces them.
    ///
    /// From safetensors the metadata, the order and the bytes of all other tensors are kept. From
    /// other formats the tensors of floating-point numbers are written; the names of those that
    /// are left out are returned.
    ///
    /// # Errors
    /// When two tensors would have one name, or when reading or writing fails.
    pub fn write_safetensors<R: Read + Seek>(
        mut self,
        weights: &mut Weights<R>,
        mut out: impl Write,
    ) -> Result<Vec<String>, WeightsError> {
        let plan = self.plan(weights)?;
        let header = self.header(weights, &plan)?;
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        for item in &plan.items {
            match item {
                Item::Kept(position) => copy_tensor(weights, *position, &mut out)?,
                Item::New(position, index) => {
                    let place = &self.parts[position][*index].place;
                    copy_bytes(&mut self.scratch, place, &mut out)?;
                }
            }
        }
        out.flush()?;
        Ok(plan.left_out)
    }

    /// What is written, in the order of the numbers.
    fn plan<R: Read + Seek>(&self, weights: &Weights<R>) -> Result<Plan, WeightsError> {
        let mut order: Vec<usize> = (0..weights.tensors.len()).collect();
        if weights.format == Format::Safetensors {
            order.sort_by_key(|position| match weights.tensors[*position].place {
                Place::Bytes { begin, length, .. } => (begin, length, *position),
                _ => unreachable!("all tensors of a safetensors file are bytes of it"),
            });
        }
        let mut plan = Plan::default();
        let mut seen = HashSet::new();
        for position in order {
            let tensor = &weights.tensors[position];
            if let Some(parts) = self.parts.get(&position) {
                plan.items
                    .extend((0..parts.len()).map(|index| Item::New(position, index)));
            } else if weights.format == Format::Safetensors || readable(tensor) {
                plan.items.push(Item::Kept(position));
            } else {
                plan.left_out.push(tensor.name.clone());
            }
        }
        for item in &plan.items {
            let name = &self.tensor(weights, item).name;
            if name == METADATA {
                return Err(WeightsError::Header {
                    reason: format!("safetensors has no tensor of the name \"{METADATA}\""),
                });
            }
            if !seen.insert(name) {
                return Err(WeightsError::Duplicate { name: name.clone() });
            }
        }
        Ok(plan)
    }

    fn tensor<'a, R>(&'a self, weights: &'a Weights<R>, item: &Item) -> &'a Tensor {
        match item {
            Item::Kept(position) => &weights.tensors[*position],
            Item::New(position, index) => &self.parts[position][*index],
        }
    }

    fn header<R: Read + Seek>(
        &self,
        weights: &mut Weights<R>,
        plan: &Plan,
    ) -> Result<Vec<u8>, WeightsError> {
        let mut entries: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut begin = 0;
        for item in &plan.items {
            let tensor = self.tensor(weights, item);
            let end = begin + tensor.stored_bytes()?;
            let (Item::Kept(position) | Item::New(position, _)) = item;
            entries.entry(*position).or_default().push(format!(
                "{}:{}",
                json!(tensor.name),
                json!({
                    "dtype": name_in_safetensors(&tensor.dtype),
                    "shape": tensor.shape,
                    "data_offsets": [begin, end],
                })
            ));
            begin = end;
        }
        let metadata = weights
            .metadata
            .iter()
            .map(|value| format!("\"{METADATA}\":{value}"));
        let parts: Vec<String> = metadata.chain(entries.into_values().flatten()).collect();
        let mut header = format!("{{{}}}", parts.join(",")).into_bytes();
        // The reference implementation begins the numbers at a multiple of 8.
        header.resize(header.len().next_multiple_of(8), b' ');
        Ok(header)
    }
}

#[derive(Default)]
struct Plan {
    items: Vec<Item>,
    left_out: Vec<String>,
}

enum Item {
    /// A tensor of the file.
    Kept(usize),
    /// The position that it replaces, and which of the parts there.
    New(usize, usize),
}

/// Its numbers can be read.
fn readable(tensor: &Tensor) -> bool {
    tensor.dtype.size().is_some() && !matches!(tensor.place, Place::External | Place::Pickle)
}

impl Tensor {
    /// The length of its numbers in a safetensors file.
    fn stored_bytes(&self) -> Result<u64, WeightsError> {
        match self.place {
            // Also for types whose size is not known here.
            Place::Bytes { length, .. } => Ok(length),
            _ => self.bytes(),
        }
    }
}

fn copy_tensor<R: Read + Seek>(
    weights: &mut Weights<R>,
    position: usize,
    out: &mut impl Write,
) -> Result<(), WeightsError> {
    if let (Format::Safetensors, super::Source::Plain(source)) =
        (weights.format, &mut weights.source)
    {
        return copy_bytes(source, &weights.tensors[position].place, out);
    }
    let values = weights.load_any(position)?;
    let tensor = &weights.tensors[position];
    let bytes = encoded(&tensor.name, &tensor.dtype, &tensor.shape, &values)?;
    Ok(out.write_all(&bytes)?)
}

fn copy_bytes(
    source: &mut (impl Read + Seek),
    place: &Place,
    out: &mut impl Write,
) -> Result<(), WeightsError> {
    if let Place::Bytes { begin, length, .. } = *place {
        source.seek(SeekFrom::Start(begin))?;
        let copied = std::io::copy(&mut source.take(length), out)?;
        if copied != length {
            return Err(WeightsError::Truncated {
                what: "a tensor".to_owned(),
                declared: length,
                held: copied,
            });
        }
    }
    Ok(())
}

fn encoded(
    name: &str,
    dtype: &Dtype,
    shape: &[usize],
    values: &[f64],
) -> Result<Vec<u8>, WeightsError> {
    let tensor = Tensor {
        name: name.to_owned(),
        shape: shape.to_vec(),
        dtype: dtype.clone(),
        place: Place::External,
    };
    let bytes = decode::encode(values, dtype).ok_or_else(|| WeightsError::NotFloating {
        name: name.to_owned(),
        dtype: dtype.clone(),
    })?;
    tensor.check_bytes(bytes.len() as u64)?;
    Ok(bytes)
}

fn name_in_safetensors(dtype: &Dtype) -> &str {
    match dtype {
        Dtype::F64 => "F64",
        Dtype::F32 => "F32",
        Dtype::F16 => "F16",
        Dtype::Bf16 => "BF16",
        Dtype::Other(name) => name,
    }
}
