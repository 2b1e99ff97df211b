//! Weights of real networks, when they are there: fixtures/weights/fetch.sh puts them into a folder, and
//! RMT_WEIGHTS names it.

use rmt_verify::network::weights::{Dtype, Format, Weights};
use std::path::PathBuf;

/// A file in the folder, or `None` with a line that says so.
fn real(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("RMT_WEIGHTS").map(|folder| PathBuf::from(folder).join(name));
    let found = path.filter(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: no {name} in RMT_WEIGHTS (fixtures/weights/fetch.sh gets it)");
    }
    found
}

/// Σw² of some matrices, computed with the packages `onnx` and `safetensors` of Python.
#[track_caller]
fn assert_energies(weights: &mut Weights<std::fs::File>, energies: &[(&str, (usize, usize), f64)]) {
    for (name, shape, energy) in energies {
        let position = weights.find(name).unwrap();
        assert_eq!(
            weights.tensors()[position].matrix_shape(),
            Ok(*shape),
            "{name}"
        );
        assert_eq!(weights.tensors()[position].dtype, Dtype::F32, "{name}");
        let values = weights.load(position).unwrap();
        let sum: f64 = values.iter().map(|x| x * x).sum();
        assert!(
            (sum / energy - 1.0).abs() < 1e-10,
            "{name}: {sum} and {energy}"
        );
    }
}

#[test]
fn magika_is_read_as_onnx_reads_it() {
    let Some(path) = real("magika.onnx") else {
        return;
    };
    let mut weights = Weights::open(&path).unwrap();
    assert_eq!(weights.format(), Format::Onnx);
    assert_eq!(weights.tensors().len(), 36);
    let prefix = "jax2tf_get_logits_/pjit_get_logits_/MagikaV2/Conv_0/transpose_3:0";
    assert_energies(
        &mut weights,
        &[
            (prefix, (512, 1280), 9923.727589918994),
            (
                "jax2tf_get_logits_/Const_24:0",
                (512, 214),
                1572.9873078404064,
            ),
        ],
    );
}

#[test]
fn minilm_is_read_as_safetensors_reads_it() {
    let Some(path) = real("minilm.safetensors") else {
        return;
    };
    let mut weights = Weights::open(&path).unwrap();
    assert_eq!(weights.format(), Format::Safetensors);
    assert_eq!(weights.tensors().len(), 104);
    assert_energies(
        &mut weights,
        &[
            ("pooler.dense.weight", (384, 384), 12.206442295995561),
            (
                "encoder.layer.3.intermediate.dense.weight",
                (1536, 384),
                2472.5817045306376,
            ),
        ],
    );
}
