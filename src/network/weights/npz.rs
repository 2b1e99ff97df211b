//! Reader of npz: a zip archive of npy files, stored or deflated.

use super::npy::Head;
use super::tensor::Place;
use super::{Tensor, WeightsError};
use std::collections::HashSet;
use std::io::{BufReader, Read, Seek};
use zip::ZipArchive;
use zip::result::ZipError;

pub(super) type Archive<R> = ZipArchive<BufReader<R>>;

/// Deflate makes at most 1032 bytes of one; an entry that promises more lies.
const DEFLATE_LIMIT: u64 = 1032;

/// The arrays of an archive, by reading their headers.
pub(super) fn list<R: Read + Seek>(
    source: R,
    length: u64,
) -> Result<(Archive<R>, Vec<Tensor>), WeightsError> {
    let mut archive = ZipArchive::new(BufReader::new(source)).map_err(broken)?;
    for name in archive.file_names() {
        // PyTorch's files are zip archives around a `data.pkl`.
        if name.map_err(broken)?.ends_with(".pkl") {
            return Err(WeightsError::Pickle);
        }
    }
    let mut tensors = Vec::new();
    let mut seen = HashSet::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(broken)?;
        let name = entry.name().map_err(broken)?;
        let Some(name) = name.strip_suffix(".npy").map(str::to_owned) else {
            continue;
        };
        let (declared, held) = (entry.size(), entry.compressed_size());
        if held > length || declared > held.saturating_mul(DEFLATE_LIMIT) {
            return Err(WeightsError::Truncated {
                what: format!("array \"{name}\""),
                declared,
                held,
            });
        }
        let head = Head::read(&mut entry, declared)?;
        let held = declared - head.length;
        let mut tensor = head.tensor(name, held);
        if tensor.place != Place::Pickle {
            tensor.check_bytes(held)?;
            tensor.place = Place::Entry { index };
        }
        if !seen.insert(tensor.name.clone()) {
            return Err(WeightsError::Duplicate { name: tensor.name });
        }
        tensors.push(tensor);
    }
    if tensors.is_empty() {
        return Err(WeightsError::NoArrays);
    }
    Ok((archive, tensors))
}

/// The numbers of one array.
pub(super) fn load<R: Read + Seek>(
    archive: &mut Archive<R>,
    tensor: &Tensor,
) -> Result<Vec<f64>, WeightsError> {
    let (Place::Entry { index }, Some(_)) = (&tensor.place, tensor.dtype.size()) else {
        return Err(tensor.no_numbers());
    };
    let mut entry = archive.by_index(*index).map_err(broken)?;
    let length = entry.size();
    let head = Head::read(&mut entry, length)?;
    let values = tensor.decode(&mut entry, head.layout)?;
    // The checksum is compared at the end of the entry and not before.
    std::io::copy(&mut entry.take(1), &mut std::io::sink())?;
    Ok(values)
}

fn broken(error: ZipError) -> WeightsError {
    match error {
        ZipError::Io(reason) => WeightsError::Io(reason),
        other => WeightsError::Zip {
            reason: other.to_string(),
        },
    }
}
