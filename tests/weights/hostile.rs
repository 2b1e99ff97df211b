//! Files that lie: each is refused for its own reason, in one line, before anything is allocated.

use super::{bytes, field, fixture, npy, onnx, refusal, safetensors};
use rmt_verify::network::weights::{Weights, WeightsError};
use std::io::Cursor;

/// Matches a variant.
macro_rules! assert_refused {
    ($file:expr, $variant:pat $(if $condition:expr)?) => {{
        let error = refusal(&$file);
        assert!(matches!(error, $variant $(if $condition)?), "{error}");
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }};
}

const F32: &str = r#"{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}"#;

#[test]
fn files_of_nothing_or_of_something_else_are_refused() {
    assert_refused!([], WeightsError::EmptyFile);
    assert_refused!(*b"GGUF\x03\0\0\0", WeightsError::UnknownFormat { .. });
    assert_refused!(*b"\x80\x02}q\x00.", WeightsError::Pickle);
    assert_refused!(bytes("objects.npy"), WeightsError::Pickle);
    let folder = Weights::open(&fixture("")).unwrap_err();
    assert!(matches!(folder, WeightsError::NotAFile), "{folder}");
    let missing = Weights::open(&fixture("no.npy")).unwrap_err();
    assert!(matches!(missing, WeightsError::Io(_)), "{missing}");
}

#[test]
fn zip_archives_of_pytorch_are_refused_as_pickles() {
    // The stored entry `objects.npy` renamed, in its two headers.
    let mut file = bytes("stored.npz");
    let old = b"objects.npy";
    let places: Vec<usize> = (0..file.len() - old.len())
        .filter(|at| file[*at..].starts_with(old))
        .collect();
    assert_eq!(places.len(), 2);
    for at in places {
        file[at..at + old.len()].copy_from_slice(b"ar/data.pkl");
    }
    assert_refused!(file, WeightsError::Pickle);
}

#[test]
fn headers_longer_than_the_file_are_refused_unread() {
    for declared in [100, 1 << 40, u64::MAX] {
        let mut file = safetensors(F32, 24);
        file[..8].copy_from_slice(&u64::to_le_bytes(declared));
        assert_refused!(file, WeightsError::Truncated { declared: d, .. } if d == declared);
    }
    let mut file = b"\x93NUMPY\x02\x00".to_vec();
    file.extend(u32::MAX.to_le_bytes());
    file.extend([b' '; 64]);
    assert_refused!(
        file,
        WeightsError::Truncated {
            declared: 0xffff_ffff,
            ..
        }
    );
}

#[test]
fn every_truncation_of_a_file_is_refused() {
    // An archive keeps its directory at the end, and a model of ONNX is one field.
    for name in [
        "types.safetensors",
        "f32.npy",
        "version_2.npy",
        "stored.npz",
        "deflated.npz",
    ] {
        let file = bytes(name);
        for length in 0..file.len() {
            refusal(&file[..length]);
        }
    }
}

#[test]
fn shapes_that_contradict_the_data_are_refused() {
    for (shape, dtype) in [
        ("[2,4]", "F32"),
        ("[2,3]", "F64"),
        ("[2,3]", "BF16"),
        ("[]", "F32"),
    ] {
        let header = F32.replace("[2,3]", shape).replace("F32", dtype);
        assert_refused!(
            safetensors(&header, 24),
            WeightsError::SizeMismatch { held: 24, .. }
        );
    }
    for shape in ["[4294967296,4294967296]", "[0,4294967296,4294967296]"] {
        let header = F32.replace("[2,3]", shape);
        assert_refused!(safetensors(&header, 24), WeightsError::ShapeOverflow { .. });
    }
    for shape in ["(2, 4)", "(6,)  ", "(1, 1)"] {
        let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
        assert_refused!(npy(&header, 24), WeightsError::SizeMismatch { .. });
    }
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), }";
    assert_refused!(npy(header, 24), WeightsError::ShapeOverflow { .. });
    // dims 2 and 4, data_type FLOAT, raw_data of 24 bytes.
    let mut tensor = vec![0x08, 2, 0x08, 4, 0x10, 1];
    tensor.extend(field(9, &[0; 24]));
    assert_refused!(
        onnx(&tensor),
        WeightsError::SizeMismatch {
            needed: 32,
            held: 24,
            ..
        }
    );
    // A negative extent takes ten bytes.
    let negative = [&[0x08][..], &[0xff; 9], &[0x01, 0x10, 1]].concat();
    assert_refused!(
        onnx(&negative),
        WeightsError::Onnx {
            reason: "a tensor of negative extent",
            ..
        }
    );
}

#[test]
fn tensors_of_safetensors_must_cover_the_data_once() {
    let two = |first: &str, second: &str| {
        format!(
            r#"{{"a":{{"dtype":"F32","shape":[2],"data_offsets":{first}}},"b":{{"dtype":"F32","shape":[2],"data_offsets":{second}}}}}"#
        )
    };
    assert!(Weights::read(Cursor::new(safetensors(&two("[8,16]", "[0,8]"), 16))).is_ok());
    assert_refused!(
        safetensors(&two("[0,8]", "[4,12]"), 16),
        WeightsError::NotContiguous { begin: 4, .. }
    );
    assert_refused!(
        safetensors(&two("[0,8]", "[12,20]"), 20),
        WeightsError::NotContiguous { begin: 12, .. }
    );
    assert_refused!(
        safetensors(&two("[0,8]", "[8,16]"), 20),
        WeightsError::Trailing { extra: 4 }
    );
    assert_refused!(
        safetensors(&two("[0,8]", "[8,16]"), 12),
        WeightsError::Truncated { .. }
    );
    let huge = u64::MAX;
    let wrapped = two(&format!("[{},{huge}]", huge - 8), "[0,8]");
    assert_refused!(safetensors(&wrapped, 16), WeightsError::Header { .. });
    let twice = two("[0,8]", "[8,16]").replace("\"b\"", "\"a\"");
    assert_refused!(safetensors(&twice, 16), WeightsError::Header { .. });
}

#[test]
fn headers_that_nest_without_end_do_not_exhaust_the_stack() {
    let json = format!(r#"{{"__metadata__":{}"#, "[".repeat(100_000));
    assert_refused!(safetensors(&json, 0), WeightsError::Header { .. });
    let python = format!("{{'descr': {}", "[".repeat(9_000));
    assert_refused!(npy(&python, 0), WeightsError::Header { .. });
}

#[test]
fn npy_headers_that_are_no_dictionary_of_an_array_are_refused() {
    for header in [
        "",
        "{}",
        "{'descr': '<f4', 'shape': (2,), }",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 2}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} and more",
        "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'size': 1}",
    ] {
        assert_refused!(npy(header, 8), WeightsError::Header { .. });
    }
}

#[test]
fn broken_models_of_onnx_say_where() {
    assert_refused!(
        [0x08, 0x08],
        WeightsError::Onnx {
            reason: "no graph",
            ..
        }
    );
    assert_refused!(
        [0x08, 0x08, 0x3a, 0x7f, 0x00],
        WeightsError::Onnx { at: 4, .. }
    );
    assert_refused!([0x08, 0x08, 0x3b], WeightsError::Onnx { .. });
    assert_refused!([0x08; 12], WeightsError::Onnx { .. });
    assert_refused!(
        onnx(&field(8, &[b'n'; 70_000])),
        WeightsError::TooLong { .. }
    );
    // Two packed parts of 6 and 2 bytes: two numbers by their lengths, and neither whole.
    let mut tensor = vec![0x08, 1, 0x08, 2, 0x10, 1];
    tensor.extend(field(4, &[0; 6]));
    tensor.extend(field(4, &[0; 2]));
    let mut weights = Weights::read(Cursor::new(onnx(&tensor))).unwrap();
    assert!(matches!(weights.load(0), Err(WeightsError::Onnx { .. })));
}

#[test]
fn nan_and_infinity_are_named_with_their_place() {
    let mut file = bytes("types.safetensors");
    let mut weights = Weights::read(Cursor::new(file.clone())).unwrap();
    let position = weights.find("f64").unwrap();
    // The largest alignment comes first among the numbers: f64 at its beginning or after the i64.
    let pattern = (0.25f64 * 4.0).to_le_bytes();
    let at = file
        .windows(8)
        .position(|window| window == pattern)
        .unwrap();
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(weights.load(position).unwrap()[9], 1.0);
        file[at..at + 8].copy_from_slice(&wrong.to_le_bytes());
        let mut broken = Weights::read(Cursor::new(file.clone())).unwrap();
        match broken.load(position) {
            Err(WeightsError::NotFinite {
                name,
                value,
                position,
            }) => {
                assert_eq!((name.as_str(), position), ("f64", vec![3, 0]));
                assert_eq!(value.to_bits(), wrong.to_bits());
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn damaged_archives_are_refused_by_their_checksum() {
    let mut file = bytes("stored.npz");
    let pattern = 1f64.to_le_bytes();
    let at = file
        .windows(8)
        .position(|window| window == pattern)
        .unwrap();
    file[at + 3] ^= 1;
    let mut weights = Weights::read(Cursor::new(file)).unwrap();
    let position = weights.find("f64").unwrap();
    assert!(weights.load(position).is_err());
}
