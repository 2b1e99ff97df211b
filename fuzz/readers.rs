//! The readers of weight files, and what every target asks of them.

#[path = "../src/network"]
pub mod network {
    pub mod weights;
}

use network::weights::{Format, Rewrite, Weights};
use std::io::Cursor;

/// Opens a file and reads every tensor: each gives as many numbers as its shape says, or an error. What can be read
/// can be written as safetensors, and holds the same numbers then.
pub fn exercise(file: &[u8], format: Format, extension: &str) {
    let Ok(mut weights) = Weights::with_extension(Cursor::new(file), Some(extension)) else {
        return;
    };
    if weights.format() != format {
        return;
    }
    let mut read = Vec::new();
    for position in 0..weights.tensors().len() {
        let tensor = weights.tensors()[position].clone();
        let loaded = weights.load(position);
        if let Ok((rows, columns)) = tensor.matrix_shape() {
            assert_eq!(rows * columns, tensor.count());
        }
        if let Ok(values) = loaded {
            assert_eq!(values.len(), tensor.count());
            read.push((tensor.name, values));
        }
    }
    let mut copy = Vec::new();
    if Rewrite::new()
        .unwrap()
        .write_safetensors(&mut weights, &mut copy)
        .is_ok()
    {
        let mut copied = Weights::read(Cursor::new(copy)).expect("what was written can be read");
        for (name, values) in read {
            let position = copied.find(&name).expect("no tensor is lost");
            assert_eq!(
                copied.load(position).expect("numbers are written"),
                values,
                "{name}"
            );
        }
    }
}
