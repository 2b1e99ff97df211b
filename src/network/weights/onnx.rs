//! Reader of the initialisers of an ONNX model: ModelProto.graph.initializer.

use super::decode::{self, ByteOrder};
use super::protobuf::{Field, Message, Value};
use super::tensor::Place;
use super::{Dtype, Tensor, WeightsError};
use half::{bf16, f16};
use std::collections::HashSet;
use std::io::{BufReader, Read, Seek, SeekFrom};

// Numbers of fields in onnx.proto3.
const GRAPH: u64 = 7;
const INITIALIZER: u64 = 5;
const DIMS: u64 = 1;
const DATA_TYPE: u64 = 2;
const FLOAT_DATA: u64 = 4;
const INT32_DATA: u64 = 5;
const NAME: u64 = 8;
const RAW_DATA: u64 = 9;
const DOUBLE_DATA: u64 = 10;
const EXTERNAL_DATA: u64 = 13;
const DATA_LOCATION: u64 = 14;

const LONGEST_NAME: u64 = 1 << 16;
const MOST_DIMENSIONS: usize = 64;

/// The initialisers of the model that the file is.
pub(super) fn list<R: Read + Seek>(
    source: &mut BufReader<R>,
    length: u64,
) -> Result<Vec<Tensor>, WeightsError> {
    let graphs = parts(source, (0, length), GRAPH)?;
    if graphs.is_empty() {
        return Err(WeightsError::Onnx {
            reason: "no graph",
            at: length,
        });
    }
    let mut tensors: Vec<Tensor> = Vec::new();
    let mut seen = HashSet::new();
    for graph in graphs {
        for place in parts(source, graph, INITIALIZER)? {
            let tensor = Declared::read(source, place)?.tensor(tensors.len(), place)?;
            if !seen.insert(tensor.name.clone()) {
                return Err(WeightsError::Duplicate { name: tensor.name });
            }
            tensors.push(tensor);
        }
    }
    Ok(tensors)
}

/// Where the messages of one field are.
fn parts<R: Read + Seek>(
    source: &mut BufReader<R>,
    (begin, end): (u64, u64),
    wanted: u64,
) -> Result<Vec<(u64, u64)>, WeightsError> {
    let mut message = Message::new(source, begin, end)?;
    let mut found = Vec::new();
    while let Some(Field { number, value }) = message.next()? {
        match value {
            Value::Bytes { begin, end } if number == wanted => found.push((begin, end)),
            _ => {}
        }
    }
    Ok(found)
}

/// What a TensorProto says before its numbers are read.
#[derive(Default)]
struct Declared {
    name: String,
    dims: Vec<u64>,
    data_type: u64,
    external: bool,
    /// Bytes in each of the fields that may hold the numbers.
    raw: Option<u64>,
    floats: u64,
    doubles: u64,
    /// Numbers in int32_data, where halves are kept one a number.
    integers: u64,
}

impl Declared {
    fn read<R: Read + Seek>(
        source: &mut BufReader<R>,
        (begin, end): (u64, u64),
    ) -> Result<Self, WeightsError> {
        let mut declared = Self::default();
        let mut message = Message::new(source, begin, end)?;
        while let Some(Field { number, value }) = message.next()? {
            match (number, value) {
                (DIMS, Value::Integer(extent)) => declared.dims.push(extent),
                (DIMS, Value::Bytes { begin, end }) => {
                    let dims = &mut declared.dims;
                    Message::new(message.source(), begin, end)?.packed(|extent| {
                        // One more than allowed is enough to see that there are too many.
                        if dims.len() <= MOST_DIMENSIONS {
                            dims.push(extent);
                        }
                    })?;
                    message.resume()?;
                }
                (DATA_TYPE, Value::Integer(code)) => declared.data_type = code,
                (NAME, Value::Bytes { begin, end }) => {
                    declared.name = text(message.source(), begin, end)?;
                    message.resume()?;
                }
                (RAW_DATA, Value::Bytes { begin, end }) => declared.raw = Some(end - begin),
                (FLOAT_DATA, value) => declared.floats += value.length(),
                (DOUBLE_DATA, value) => declared.doubles += value.length(),
                (INT32_DATA, Value::Integer(_)) => declared.integers += 1,
                (INT32_DATA, Value::Bytes { begin, end }) => {
                    let count = &mut declared.integers;
                    Message::new(message.source(), begin, end)?.packed(|_| *count += 1)?;
                    message.resume()?;
                }
                (DATA_LOCATION, Value::Integer(place)) => declared.external |= place == 1,
                (EXTERNAL_DATA, _) => declared.external = true,
                _ => {}
            }
            if declared.dims.len() > MOST_DIMENSIONS {
                return Err(WeightsError::Onnx {
                    reason: "a tensor of more than 64 dimensions",
                    at: begin,
                });
            }
        }
        Ok(declared)
    }

    fn tensor(self, index: usize, (begin, end): (u64, u64)) -> Result<Tensor, WeightsError> {
        let held = self.held();
        let extents = self
            .dims
            .iter()
            .map(|extent| usize::try_from(*extent as i64));
        let shape = extents
            .collect::<Result<_, _>>()
            .map_err(|_| WeightsError::Onnx {
                reason: "a tensor of negative extent",
                at: begin,
            })?;
        let tensor = Tensor {
            name: if self.name.is_empty() {
                format!("initializer {index}")
            } else {
                self.name
            },
            shape,
            dtype: dtype(self.data_type),
            place: if self.external {
                Place::External
            } else {
                Place::Message { begin, end }
            },
        };
        if self.external {
            tensor.bytes()?;
        } else {
            tensor.check_bytes(held)?;
        }
        Ok(tensor)
    }

    /// Bytes that the numbers take by themselves.
    fn held(&self) -> u64 {
        match (self.raw, dtype(self.data_type)) {
            (Some(raw), _) => raw,
            (None, Dtype::F32) => self.floats,
            (None, Dtype::F64) => self.doubles,
            (None, Dtype::F16 | Dtype::Bf16) => 2 * self.integers,
            (None, Dtype::Other(_)) => 0,
        }
    }
}

impl Value {
    fn length(self) -> u64 {
        match self {
            Self::Integer(_) => 0,
            Self::Fixed { begin, end } | Self::Bytes { begin, end } => end - begin,
        }
    }
}

fn text<R: Read + Seek>(
    source: &mut BufReader<R>,
    begin: u64,
    end: u64,
) -> Result<String, WeightsError> {
    if end - begin > LONGEST_NAME {
        return Err(WeightsError::TooLong {
            what: "the name of a tensor",
            declared: end - begin,
            limit: LONGEST_NAME,
        });
    }
    let mut bytes = vec![0; (end - begin) as usize];
    source.seek(SeekFrom::Start(begin))?;
    source.read_exact(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The numbers of an initialiser.
pub(super) fn load<R: Read + Seek>(
    source: &mut BufReader<R>,
    tensor: &Tensor,
) -> Result<Vec<f64>, WeightsError> {
    let (Place::Message { begin, end }, Some(_)) = (&tensor.place, tensor.dtype.size()) else {
        return Err(tensor.no_numbers());
    };
    let mut raw = None;
    let mut values = Vec::new();
    let mut message = Message::new(source, *begin, *end)?;
    while let Some(Field { number, value }) = message.next()? {
        match (number, &tensor.dtype, value) {
            (RAW_DATA, _, Value::Bytes { begin, end }) => raw = Some((begin, end)),
            (FLOAT_DATA, Dtype::F32, value) | (DOUBLE_DATA, Dtype::F64, value) => {
                append(message.source(), value, &tensor.dtype, &mut values)?;
                message.resume()?;
            }
            (INT32_DATA, Dtype::F16 | Dtype::Bf16, Value::Integer(bits)) => {
                values.push(narrow(bits, &tensor.dtype));
            }
            (INT32_DATA, Dtype::F16 | Dtype::Bf16, Value::Bytes { begin, end }) => {
                Message::new(message.source(), begin, end)?
                    .packed(|bits| values.push(narrow(bits, &tensor.dtype)))?;
                message.resume()?;
            }
            _ => {}
        }
    }
    if let Some((begin, _)) = raw {
        source.seek(SeekFrom::Start(begin))?;
        return decode::floats(source, tensor.count(), &tensor.dtype, ByteOrder::Little);
    }
    // Packed parts may each hold half a number though their lengths add up.
    if values.len() != tensor.count() {
        return Err(WeightsError::Onnx {
            reason: "a field of packed numbers that ends inside one",
            at: *end,
        });
    }
    Ok(values)
}

/// Little-endian numbers, packed or one alone.
fn append<R: Read + Seek>(
    source: &mut BufReader<R>,
    value: Value,
    dtype: &Dtype,
    values: &mut Vec<f64>,
) -> Result<(), WeightsError> {
    let (Value::Fixed { begin, end } | Value::Bytes { begin, end }) = value else {
        return Ok(());
    };
    source.seek(SeekFrom::Start(begin))?;
    let count = (end - begin) as usize / dtype.size().unwrap_or(1);
    let part = decode::floats(source, count, dtype, ByteOrder::Little)?;
    values.extend(part);
    Ok(())
}

/// The half-precision number in the low 16 bits.
fn narrow(bits: u64, dtype: &Dtype) -> f64 {
    match dtype {
        Dtype::Bf16 => bf16::from_bits(bits as u16).to_f64(),
        _ => f16::from_bits(bits as u16).to_f64(),
    }
}

fn dtype(code: u64) -> Dtype {
    let other = match code {
        1 => return Dtype::F32,
        10 => return Dtype::F16,
        11 => return Dtype::F64,
        16 => return Dtype::Bf16,
        2 => "u8",
        3 => "i8",
        4 => "u16",
        5 => "i16",
        6 => "i32",
        7 => "i64",
        8 => "text",
        9 => "bool",
        12 => "u32",
        13 => "u64",
        14 => "complex64",
        15 => "complex128",
        unnamed => return Dtype::Other(format!("type {unnamed} of ONNX")),
    };
    Dtype::Other(other.to_owned())
}
