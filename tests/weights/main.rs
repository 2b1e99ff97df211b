//! Weight files: what other programs wrote is read exactly, and no file does harm.

mod hostile;
mod mutations;
mod read;
mod real;
mod written;

use rmt_verify::network::weights::{Weights, WeightsError};
use std::io::Cursor;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/weights")
        .join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

/// What the file says is wrong with it.
#[track_caller]
fn refusal(file: &[u8]) -> WeightsError {
    match Weights::read(Cursor::new(file)) {
        Ok(weights) => panic!("{weights:?} was read"),
        Err(error) => error,
    }
}

/// a[i, j] = (i + 1)/4 − j/2, as fixtures/weights/make.py has it.
fn expected(rows: usize, columns: usize) -> Vec<f64> {
    (0..rows * columns)
        .map(|k| ((k / columns + 1) as f64) / 4.0 - ((k % columns) as f64) / 2.0)
        .collect()
}

/// A safetensors file of a header and data.
fn safetensors(header: &str, data: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(vec![0; data]);
    file
}

/// An npy file of version 1.
fn npy(header: &str, data: usize) -> Vec<u8> {
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(vec![0; data]);
    file
}

/// A field of a protobuf message that holds bytes.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut message = vec![number << 3 | 2];
    let mut length = content.len();
    while length >= 0x80 {
        message.push(length as u8 | 0x80);
        length >>= 7;
    }
    message.push(length as u8);
    message.extend(content);
    message
}

/// A model of ONNX around the fields of one initialiser.
fn onnx(tensor: &[u8]) -> Vec<u8> {
    let mut file = vec![0x08, 0x08];
    file.extend(field(7, &field(5, tensor)));
    file
}
