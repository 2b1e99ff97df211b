//! Files of the reference writers (fixtures/weights/make.py), number for number.

use super::{expected, fixture, onnx};
use rmt_verify::network::weights::{Dtype, Format, Skip, Weights, WeightsError};
use std::io::Cursor;

/// Type, shape and all numbers of a tensor.
#[track_caller]
fn assert_holds(file: &str, name: &str, dtype: &Dtype, matrix: (usize, usize)) {
    let mut weights = Weights::open(&fixture(file)).unwrap();
    let position = weights.find(name).unwrap();
    let tensor = &weights.tensors()[position];
    assert_eq!(&tensor.dtype, dtype, "{file}: {name}");
    assert_eq!(tensor.matrix_shape(), Ok(matrix), "{file}: {name}");
    let values = weights.load(position).unwrap();
    assert_eq!(values, expected(matrix.0, matrix.1), "{file}: {name}");
}

const TYPES: [(&str, Dtype); 4] = [
    ("f64", Dtype::F64),
    ("f32", Dtype::F32),
    ("f16", Dtype::F16),
    ("bf16", Dtype::Bf16),
];

#[test]
fn safetensors_of_all_floating_types_are_read_exactly() {
    for (name, dtype) in TYPES {
        assert_holds("types.safetensors", name, &dtype, (4, 3));
    }
    assert_holds("types.safetensors", "kernel", &Dtype::F32, (2, 6));
}

#[test]
fn onnx_initialisers_are_read_from_raw_and_from_typed_fields() {
    for (name, dtype) in TYPES {
        assert_holds("types.onnx", &format!("raw_{name}"), &dtype, (4, 3));
        assert_holds("types.onnx", &format!("listed_{name}"), &dtype, (4, 3));
    }
    assert_holds("types.onnx", "kernel", &Dtype::F32, (2, 6));
}

#[test]
fn typed_fields_of_onnx_are_read_unpacked_too() {
    // dims 1 and 2, data_type FLOAT, name "w", and two float_data of one number each.
    let mut tensor = vec![0x08, 1, 0x08, 2, 0x10, 1, 0x42, 1, b'w'];
    for number in [1.5f32, -2.25] {
        tensor.push(4 << 3 | 5);
        tensor.extend(number.to_le_bytes());
    }
    let mut weights = Weights::read(Cursor::new(onnx(&tensor))).unwrap();
    assert_eq!(weights.tensors()[0].name, "w");
    assert_eq!(weights.load(0).unwrap(), [1.5, -2.25]);
}

#[test]
fn npy_is_read_in_both_orders_and_both_endiannesses() {
    assert_holds("f32.npy", "array", &Dtype::F32, (4, 3));
    assert_holds("version_2.npy", "array", &Dtype::F16, (4, 3));
    assert_holds("big_endian.npy", "array", &Dtype::F32, (4, 3));
    assert_holds("fortran.npy", "array", &Dtype::F64, (4, 3));
    assert_holds("fortran_kernel.npy", "array", &Dtype::F32, (2, 6));
}

#[test]
fn npz_is_read_stored_and_deflated() {
    for file in ["stored.npz", "deflated.npz"] {
        assert_holds(file, "f64", &Dtype::F64, (4, 3));
        assert_holds(file, "f16", &Dtype::F16, (4, 3));
        assert_holds(file, "kernel", &Dtype::F32, (2, 6));
    }
}

#[test]
fn format_is_told_by_the_content_and_not_by_the_name() {
    for (file, format) in [
        ("types.safetensors", Format::Safetensors),
        ("f32.npy", Format::Npy),
        ("stored.npz", Format::Npz),
    ] {
        let content = Cursor::new(super::bytes(file));
        let weights = Weights::with_extension(content, Some("onnx")).unwrap();
        assert_eq!(weights.format(), format, "{file}");
    }
    // A model of ONNX has no magic number; without an extension its usual first field tells it.
    let weights = Weights::read(Cursor::new(super::bytes("types.onnx"))).unwrap();
    assert_eq!(weights.format(), Format::Onnx);
}

#[test]
fn tensors_that_are_no_matrices_say_why() {
    #[track_caller]
    fn assert_skipped(file: &str, name: &str, skip: &Skip) {
        let weights = Weights::open(&fixture(file)).unwrap();
        let position = weights.find(name).unwrap();
        let tensor = &weights.tensors()[position];
        assert_eq!(tensor.matrix_shape().as_ref(), Err(skip), "{file}: {name}");
    }
    assert_skipped("types.safetensors", "bias", &Skip::Dimensions(1));
    assert_skipped("types.safetensors", "steps", &Skip::NotFloating);
    assert_skipped("types.onnx", "steps", &Skip::NotFloating);
    assert_skipped("types.onnx", "external", &Skip::External);
    assert_skipped("stored.npz", "objects", &Skip::Pickle);
    assert_skipped("deflated.npz", "count", &Skip::NotFloating);
}

#[test]
fn numbers_that_are_not_in_the_file_are_refused_by_name() {
    let mut weights = Weights::open(&fixture("types.onnx")).unwrap();
    let position = weights.find("external").unwrap();
    let error = weights.load(position).unwrap_err();
    assert!(matches!(&error, WeightsError::External { name } if name == "external"));
    let error = weights.find("wieght").unwrap_err().to_string();
    assert!(
        error.contains("wieght") && error.contains("raw_f64"),
        "{error}"
    );
}

#[test]
fn objects_in_an_archive_are_never_unpickled() {
    let mut weights = Weights::open(&fixture("stored.npz")).unwrap();
    let position = weights.find("objects").unwrap();
    assert!(matches!(weights.load(position), Err(WeightsError::Pickle)));
}
