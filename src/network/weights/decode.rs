//! Bytes to numbers and back.

use super::{Dtype, WeightsError};
use half::{bf16, f16};
use std::io::{ErrorKind, Read};

/// The order of the bytes of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

/// Bytes read at a time; a multiple of every element size.
const CHUNK: usize = 1 << 16;
/// Numbers for which room is made before any is read.
const ROOM: usize = 1 << 16;

/// The next `declared` bytes of a source that holds `room` more, at most `limit`: no room is made before both are known.
pub(super) fn header(
    source: &mut impl Read,
    declared: u64,
    room: u64,
    limit: u64,
) -> Result<Vec<u8>, WeightsError> {
    if declared > room {
        return Err(WeightsError::Truncated {
            what: "a header".to_owned(),
            declared,
            held: room,
        });
    }
    if declared > limit {
        return Err(WeightsError::TooLong {
            what: "a header",
            declared,
            limit,
        });
    }
    let mut text = vec![0; declared as usize];
    source.read_exact(&mut text)?;
    Ok(text)
}

/// The next `count` numbers. Room grows with what was read, never with what was promised.
pub(super) fn floats(
    mut source: impl Read,
    count: usize,
    dtype: &Dtype,
    order: ByteOrder,
) -> Result<Vec<f64>, WeightsError> {
    let size = dtype.size().unwrap_or(1);
    let mut values = Vec::with_capacity(count.min(ROOM));
    let mut buffer = vec![0; CHUNK.min(count.saturating_mul(size))];
    while values.len() < count {
        let left = count - values.len();
        let bytes = &mut buffer[..CHUNK.min(left.saturating_mul(size))];
        source
            .read_exact(bytes)
            .map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => WeightsError::Truncated {
                    what: "a tensor".to_owned(),
                    declared: count as u64 * size as u64,
                    held: values.len() as u64 * size as u64,
                },
                _ => WeightsError::Io(error),
            })?;
        if values.len() == values.capacity() {
            values.reserve_exact(values.len().min(left));
        }
        if order == ByteOrder::Big {
            bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
        append(bytes, dtype, &mut values);
    }
    Ok(values)
}

/// Little-endian bytes, a whole number of elements.
fn append(bytes: &[u8], dtype: &Dtype, values: &mut Vec<f64>) {
    match dtype {
        Dtype::F64 => {
            let (numbers, _) = bytes.as_chunks::<8>();
            values.extend(numbers.iter().map(|b| f64::from_le_bytes(*b)));
        }
        Dtype::F32 => {
            let (numbers, _) = bytes.as_chunks::<4>();
            values.extend(numbers.iter().map(|b| f64::from(f32::from_le_bytes(*b))));
        }
        Dtype::F16 => {
            let (numbers, _) = bytes.as_chunks::<2>();
            values.extend(numbers.iter().map(|b| f16::from_le_bytes(*b).to_f64()));
        }
        Dtype::Bf16 => {
            let (numbers, _) = bytes.as_chunks::<2>();
            values.extend(numbers.iter().map(|b| bf16::from_le_bytes(*b).to_f64()));
        }
        Dtype::Other(_) => unreachable!("only floating-point types are decoded"),
    }
}

/// Rounds numbers to a type, little-endian. `None` for types that are not written.
pub(super) fn encode(values: &[f64], dtype: &Dtype) -> Option<Vec<u8>> {
    Some(match dtype {
        Dtype::F64 => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Dtype::F32 => values
            .iter()
            .flat_map(|x| (*x as f32).to_le_bytes())
            .collect(),
        Dtype::F16 => values
            .iter()
            .flat_map(|x| f16::from_f64(*x).to_le_bytes())
            .collect(),
        Dtype::Bf16 => values
            .iter()
            .flat_map(|x| bf16::from_f64(*x).to_le_bytes())
            .collect(),
        Dtype::Other(_) => return None,
    })
}

/// The same tensor with the last index running fastest, from one with the first doing so.
pub(super) fn last_index_fastest(values: &[f64], shape: &[usize]) -> Vec<f64> {
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = 1;
    for extent in shape {
        strides.push(stride);
        stride *= extent;
    }
    let mut index = vec![0; shape.len()];
    let mut from = 0;
    let mut ordered = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        ordered.push(values[from]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            from += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            from -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    ordered
}
