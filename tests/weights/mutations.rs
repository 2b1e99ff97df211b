//! Any change of a good file gives a result or an error, never a panic. The fuzz targets in fuzz/
//! search deeper and longer.

use super::bytes;
use proptest::prelude::*;
use rmt_verify::network::weights::Weights;
use std::io::Cursor;

/// What a mutation does to a place in a file.
#[derive(Debug, Clone)]
enum Change {
    Set(u8),
    Flip(u8),
    Insert(Vec<u8>),
    Remove(usize),
    Truncate,
    Repeat(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<u8>().prop_map(Change::Set),
        (0u8..8).prop_map(Change::Flip),
        prop::collection::vec(any::<u8>(), 1..9).prop_map(Change::Insert),
        (1usize..40).prop_map(Change::Remove),
        Just(Change::Truncate),
        (1usize..60).prop_map(Change::Repeat),
    ]
}

fn apply(file: &mut Vec<u8>, place: usize, change: &Change) {
    if file.is_empty() {
        return;
    }
    let at = place % file.len();
    match change {
        Change::Set(byte) => file[at] = *byte,
        Change::Flip(bit) => file[at] ^= 1 << bit,
        Change::Insert(new) => drop(file.splice(at..at, new.iter().copied())),
        Change::Remove(count) => drop(file.drain(at..(at + count).min(file.len()))),
        Change::Truncate => file.truncate(at),
        Change::Repeat(count) => {
            let part = file[at..(at + count).min(file.len())].to_vec();
            drop(file.splice(at..at, part));
        }
    }
}

/// Opens and reads everything there is. A number read is a number of the file, in every shape.
fn read_all(file: Vec<u8>) {
    let length = file.len();
    let Ok(mut weights) = Weights::read(Cursor::new(file)) else {
        return;
    };
    for position in 0..weights.tensors().len() {
        if let Ok(values) = weights.load(position) {
            let tensor = &weights.tensors()[position];
            assert_eq!(values.len(), tensor.count());
            // Deflated data is the only kind that grows.
            assert!(
                values.len() <= 1032 * length,
                "{} numbers from {length} bytes",
                values.len()
            );
        }
    }
}

const FILES: [&str; 9] = [
    "types.safetensors",
    "f32.npy",
    "fortran_kernel.npy",
    "version_2.npy",
    "big_endian.npy",
    "objects.npy",
    "stored.npz",
    "deflated.npz",
    "types.onnx",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files_never_panic(
        name in prop::sample::select(&FILES[..]),
        changes in prop::collection::vec((any::<usize>(), change()), 1..5),
    ) {
        let mut file = bytes(name);
        for (place, change) in &changes {
            // Half of the places are in the first 300 bytes, where headers are.
            let place = if place % 2 == 0 { place / 2 } else { place / 2 % 300 };
            apply(&mut file, place, change);
        }
        read_all(file);
    }
}
