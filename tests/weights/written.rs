//! What we write is read by others: here the crate `safetensors`, in fixtures/weights/check.py Python's.

use super::{bytes, expected, fixture};
use rmt_verify::network::weights::{Dtype, Rewrite, Weights, WeightsError, write_npy};
use safetensors::SafeTensors;
use std::io::Cursor;

fn rewritten(
    file: &str,
    change: impl FnOnce(&mut Rewrite, &Weights<std::fs::File>),
) -> (Vec<u8>, Vec<String>) {
    let mut weights = Weights::open(&fixture(file)).unwrap();
    let mut rewrite = Rewrite::new().unwrap();
    change(&mut rewrite, &weights);
    let mut out = Vec::new();
    let left_out = rewrite.write_safetensors(&mut weights, &mut out).unwrap();
    (out, left_out)
}

/// Name, type, shape and bytes of the tensors, by the reference implementation.
fn contents(file: &[u8]) -> Vec<(String, String, Vec<usize>, Vec<u8>)> {
    let read = SafeTensors::deserialize(file).unwrap();
    let mut tensors: Vec<_> = read
        .tensors()
        .into_iter()
        .map(|(name, view)| {
            let dtype = format!("{:?}", view.dtype());
            (name, dtype, view.shape().to_vec(), view.data().to_vec())
        })
        .collect();
    tensors.sort();
    tensors
}

#[test]
fn safetensors_with_nothing_replaced_holds_the_same_bytes_order_and_metadata() {
    let original = bytes("types.safetensors");
    let (copy, left_out) = rewritten("types.safetensors", |_, _| {});
    assert_eq!(contents(&copy), contents(&original));
    assert!(left_out.is_empty());
    let (_, ours) = SafeTensors::read_metadata(&copy).unwrap();
    let (_, theirs) = SafeTensors::read_metadata(&original).unwrap();
    assert_eq!(ours.metadata(), theirs.metadata());
    assert!(theirs.metadata().is_some());
    assert_eq!(ours.offset_keys(), theirs.offset_keys());
    let names = |file: Vec<u8>| -> Vec<String> {
        let weights = Weights::read(Cursor::new(file)).unwrap();
        weights
            .tensors()
            .iter()
            .map(|tensor| tensor.name.clone())
            .collect()
    };
    assert_eq!(names(copy), names(original));
}

#[test]
fn numbers_keep_their_order_where_the_header_has_another() {
    let header = r#"{"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#;
    let mut original = super::safetensors(header, 3);
    let begin = original.len() - 3;
    original[begin..].copy_from_slice(b"abb");
    let mut weights = Weights::read(Cursor::new(&original)).unwrap();
    let mut copy = Vec::new();
    let rewrite = Rewrite::new().unwrap();
    rewrite.write_safetensors(&mut weights, &mut copy).unwrap();
    assert!(copy.ends_with(b"abb"), "{}", copy.escape_ascii());
    assert_eq!(contents(&copy), contents(&original));
    let copied = Weights::read(Cursor::new(copy)).unwrap();
    assert_eq!(copied.tensors()[0].name, "b");
}

#[test]
fn replaced_tensors_are_the_only_ones_that_change() {
    let values: Vec<f64> = (0..12).map(|k| f64::from(k) / 8.0).collect();
    let (file, _) = rewritten("types.safetensors", |rewrite, weights| {
        let position = weights.find("bf16").unwrap();
        rewrite
            .put(position, "bf16", &Dtype::Bf16, &[4, 3], &values)
            .unwrap();
        let position = weights.find("f32").unwrap();
        rewrite
            .put(position, "f32.left", &Dtype::F32, &[4, 1], &values[..4])
            .unwrap();
        rewrite
            .put(position, "f32.right", &Dtype::F32, &[1, 3], &values[4..7])
            .unwrap();
    });
    let (before, after) = (contents(&bytes("types.safetensors")), contents(&file));
    let untouched = |name: &str| !name.starts_with("bf16") && !name.starts_with("f32");
    for tensor in before.iter().filter(|tensor| untouched(&tensor.0)) {
        assert!(after.contains(tensor), "{}", tensor.0);
    }
    assert_eq!(after.len(), before.len() + 1);
    let mut weights = Weights::read(Cursor::new(file)).unwrap();
    for (name, expected) in [
        ("bf16", &values[..]),
        ("f32.left", &values[..4]),
        ("f32.right", &values[4..7]),
    ] {
        let position = weights.find(name).unwrap();
        assert_eq!(weights.load(position).unwrap(), expected);
    }
}

#[test]
fn other_formats_are_written_as_safetensors_without_what_is_no_float() {
    for (file, missing) in [
        ("stored.npz", &["count", "objects"][..]),
        ("types.onnx", &["steps", "external"][..]),
        ("fortran.npy", &[][..]),
    ] {
        let (copy, left_out) = rewritten(file, |_, _| {});
        assert_eq!(left_out, missing, "{file}");
        let mut from = Weights::open(&fixture(file)).unwrap();
        let mut to = Weights::read(Cursor::new(&copy)).unwrap();
        assert_eq!(to.tensors().len() + missing.len(), from.tensors().len());
        assert_eq!(contents(&copy).len(), to.tensors().len());
        for position in 0..to.tensors().len() {
            let tensor = to.tensors()[position].clone();
            let original = from.find(&tensor.name).unwrap();
            assert_eq!(tensor.dtype, from.tensors()[original].dtype);
            assert_eq!(tensor.shape, from.tensors()[original].shape);
            assert_eq!(to.load(position).unwrap(), from.load(original).unwrap());
        }
    }
}

#[test]
fn names_that_would_stand_twice_are_refused() {
    let mut weights = Weights::open(&fixture("types.safetensors")).unwrap();
    let mut rewrite = Rewrite::new().unwrap();
    let position = weights.find("f16").unwrap();
    rewrite
        .put(position, "f32", &Dtype::F32, &[1], &[0.0])
        .unwrap();
    let error = rewrite
        .write_safetensors(&mut weights, Vec::new())
        .unwrap_err();
    assert!(
        matches!(&error, WeightsError::Duplicate { name } if name == "f32"),
        "{error}"
    );
}

#[test]
fn npy_is_byte_for_byte_what_numpy_writes() {
    let mut file = Vec::new();
    write_npy(&mut file, &Dtype::F32, &[4, 3], &expected(4, 3)).unwrap();
    assert_eq!(file, bytes("f32.npy"));
    for shape in [&[][..], &[1], &[0, 3]] {
        let values = vec![0.5; shape.iter().product()];
        let mut file = Vec::new();
        write_npy(&mut file, &Dtype::F64, shape, &values).unwrap();
        let mut weights = Weights::read(Cursor::new(file)).unwrap();
        assert_eq!(weights.tensors()[0].shape, shape);
        assert_eq!(weights.load(0).unwrap(), values);
    }
    let wrong = write_npy(Vec::new(), &Dtype::F32, &[5], &expected(4, 3));
    assert!(matches!(wrong, Err(WeightsError::SizeMismatch { .. })));
    let bf16 = write_npy(Vec::new(), &Dtype::Bf16, &[4, 3], &expected(4, 3));
    assert!(matches!(bf16, Err(WeightsError::NotFloating { .. })));
}
