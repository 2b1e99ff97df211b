//! `analyze` and `prune` as a user meets them.

use super::{assert_misuse, fresh_folder, run};
use rmt_verify::ensemble::{StreamKey, standard_normal};
use rmt_verify::network::weights::{Dtype, Rewrite, Weights, write_npy};
use serde_json::Value;
use std::io::Cursor;
use std::path::Path;

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/weights");
    folder.join(name).to_str().unwrap().to_owned()
}

const ROWS: usize = 96;
const COLUMNS: usize = 64;

/// Noise of σ = 0.5 and one planted direction of strength 2: y = 2.13 where the edge is 0.91. And
/// noise alone, a vector, a NaN.
fn small_net(folder: &Path) -> String {
    let key = |signal: &str| StreamKey {
        epoch: 0,
        claim: "test/weights-cli".into(),
        law: "gaussian".into(),
        n: ROWS,
        signal: signal.into(),
    };
    let noise = |name: &str| -> Vec<f64> {
        let mut rng = key(name).generator(0);
        let entry = 0.5 / (ROWS as f64).sqrt();
        (0..ROWS * COLUMNS)
            .map(|_| entry * standard_normal(&mut rng))
            .collect()
    };
    let mut spiked = noise("spiked");
    let each = 2.0 / ((ROWS * COLUMNS) as f64).sqrt();
    spiked.iter_mut().for_each(|w| *w += each);
    let mut broken = noise("broken");
    broken[COLUMNS + 3] = f64::NAN;

    let mut seed = Vec::new();
    write_npy(&mut seed, &Dtype::F32, &[0], &[]).unwrap();
    let mut weights = Weights::read(Cursor::new(seed)).unwrap();
    let mut rewrite = Rewrite::new().unwrap();
    let matrix = [ROWS, COLUMNS];
    let mut put = |name: &str, dtype: &Dtype, shape: &[usize], values: &[f64]| {
        rewrite.put(0, name, dtype, shape, values).unwrap();
    };
    put("spiked", &Dtype::F32, &matrix, &spiked);
    put("noise", &Dtype::F32, &[ROWS, 16, 2, 2], &noise("noise"));
    put("bias", &Dtype::F32, &[ROWS], &spiked[..ROWS]);
    put("broken", &Dtype::F64, &matrix, &broken);
    let path = folder.join("net.safetensors");
    let file = std::fs::File::create(&path).unwrap();
    rewrite.write_safetensors(&mut weights, file).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn analyze_tells_spikes_from_noise_and_says_why_the_rest_is_not_analysed() {
    let folder = fresh_folder("analyze");
    let net = small_net(&folder);
    let out = folder.join("report");
    let ran = run(&["analyze", &net, "--out", out.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for says in [
        "bulk plus spikes",
        "random-like",
        "96×16×2×2",
        "\"broken\" has NaN",
        "a vector: bias",
    ] {
        assert!(ran.out.contains(says), "{says:?} is not in\n{}", ran.out);
    }
    assert!(
        ran.out.lines().all(|line| line.chars().count() <= 100),
        "{}",
        ran.out
    );

    let json = run(&["analyze", &net, "--json"]);
    let printed: Value = serde_json::from_str(&json.out).unwrap();
    let kept: Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("analysis.json")).unwrap()).unwrap();
    assert_eq!(printed, kept);
    let tensor = |name: &str| {
        let tensors = printed["tensors"].as_array().unwrap();
        tensors
            .iter()
            .find(|tensor| tensor["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(tensor("spiked")["analysis"]["count"], 1);
    assert_eq!(tensor("noise")["analysis"]["count"], 0);
    assert_eq!(tensor("broken")["reason"]["kind"], "failed");
    assert_eq!(tensor("bias")["reason"]["kind"], "skipped");
    let fit = &tensor("spiked")["analysis"]["fit"];
    assert!(
        (fit["sigma"]["value"].as_f64().unwrap() - 0.5).abs() < 0.03,
        "{fit}"
    );
    let strength = &tensor("spiked")["analysis"]["spikes"][0]["strength"];
    assert!(
        (strength["value"].as_f64().unwrap() - 2.0).abs() < 0.2,
        "{strength}"
    );

    let mut files: Vec<_> = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            "001-spiked.svg",
            "002-noise.svg",
            "analysis.json",
            "index.html"
        ]
    );
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert_eq!(page.matches("<svg ").count(), 2);
    assert!(
        !page.contains("http://")
            || page.matches("http://").count() == page.matches("http://www.w3.org/").count()
    );
}

#[test]
fn prune_keeps_the_spike_and_the_result_loads_again() {
    let folder = fresh_folder("prune");
    let net = small_net(&folder);
    let pruned = folder.join("pruned.safetensors");
    let path = pruned.to_str().unwrap();
    let ran = run(&["prune", &net, "--out", path, "--factored"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("1 of 64") && ran.out.contains("6144 → 160"),
        "{}",
        ran.out
    );
    let mut weights = Weights::open(&pruned).unwrap();
    let names: Vec<&str> = weights
        .tensors()
        .iter()
        .map(|tensor| tensor.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["spiked.left", "spiked.right", "noise", "bias", "broken"]
    );
    // Both factors together are the planted direction: all entries alike.
    let left = weights.load(0).unwrap();
    let right = weights.load(1).unwrap();
    let mean = left.iter().sum::<f64>() * right.iter().sum::<f64>() / (ROWS * COLUMNS) as f64;
    let planted = 2.0 / ((ROWS * COLUMNS) as f64).sqrt();
    assert!((mean / planted - 1.0).abs() < 0.1, "{mean} and {planted}");
    // A second run finds the same.
    let ran = run(&["analyze", path, "--tensor", "noise"]);
    assert_eq!(ran.code, 0, "{}", ran.err);

    let shrunk = folder.join("shrunk.safetensors");
    let ran = run(&[
        "prune",
        &net,
        "--out",
        shrunk.to_str().unwrap(),
        "--method",
        "shrink",
        "--tensor",
        "spiked",
        "--json",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let printed: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(printed["pruner"]["method"]["kind"], "shrink");
    assert_eq!(printed["tensors"][0]["fate"]["kind"], "pruned");
    assert_eq!(printed["tensors"][0]["fate"]["rank"], 1);
    let mut before = Weights::open(Path::new(&net)).unwrap();
    let mut after = Weights::open(&shrunk).unwrap();
    assert_eq!(after.load(1).unwrap(), before.load(1).unwrap());
    assert_ne!(after.load(0).unwrap(), before.load(0).unwrap());
    assert_eq!(after.tensors()[0].shape, [ROWS, COLUMNS]);
}

#[test]
fn prune_writes_one_tensor_as_npy() {
    let folder = fresh_folder("prune-npy");
    let net = small_net(&folder);
    let out = folder.join("w.npy");
    let ran = run(&[
        "prune",
        &net,
        "--out",
        out.to_str().unwrap(),
        "--tensor",
        "spiked",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut weights = Weights::open(&out).unwrap();
    assert_eq!(weights.tensors()[0].dtype, Dtype::F32);
    assert_eq!(weights.load(0).unwrap().len(), ROWS * COLUMNS);
}

#[test]
fn files_that_cannot_be_read_are_misuse_in_one_line() {
    assert_misuse(
        &["analyze", "/no/such/file.npy"],
        &["/no/such/file.npy", "No such file"],
    );
    assert_misuse(&["analyze", &fixture("")], &["not a file"]);
    assert_misuse(
        &["analyze", &fixture("make.py")],
        &["neither safetensors, npy, npz nor ONNX"],
    );
    assert_misuse(
        &["analyze", &fixture("objects.npy")],
        &["pickle", "refused"],
    );
    let tensor = ["analyze", &fixture("types.safetensors"), "--tensor", "f46"];
    assert_misuse(&tensor, &["\"f46\"", "f64"]);
    let folder = fresh_folder("truncated");
    let file = std::fs::read(fixture("types.safetensors")).unwrap();
    let path = folder.join("cut.safetensors");
    std::fs::write(&path, &file[..file.len() - 1]).unwrap();
    assert_misuse(
        &["analyze", path.to_str().unwrap()],
        &["cut.safetensors", "declared"],
    );
}

#[test]
fn prune_refuses_what_it_cannot_write_and_leaves_nothing_behind() {
    let folder = fresh_folder("refused");
    let net = small_net(&folder);
    let out = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    assert_misuse(
        &["prune", &net, "--out", &out("w.pt")],
        &[".safetensors or .npy"],
    );
    assert_misuse(&["prune", &net, "--out", &out("w.npy")], &["--tensor"]);
    assert_misuse(
        &[
            "prune",
            &net,
            "--out",
            &out("w.npy"),
            "--tensor",
            "bias",
            "--factored",
        ],
        &["--factored"],
    );
    assert_misuse(
        &[
            "prune",
            &net,
            "--out",
            &out("w.safetensors"),
            "--factor",
            "-1",
        ],
        &["-1"],
    );
    let both = [
        "prune",
        &net,
        "--out",
        &out("w.safetensors"),
        "--method",
        "shrink",
        "--factor",
        "2",
    ];
    assert_misuse(&both, &["--factor"]);
    // An array that is no float cannot be written as npy; the temporary file goes too.
    let halves = fixture("types.safetensors");
    assert_misuse(
        &["prune", &halves, "--out", &out("w.npy"), "--tensor", "bf16"],
        &["bf16"],
    );
    let left: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["net.safetensors"]);
}

#[test]
fn small_fixtures_of_all_formats_are_analysed() {
    for name in [
        "types.safetensors",
        "f32.npy",
        "stored.npz",
        "deflated.npz",
        "types.onnx",
    ] {
        let ran = run(&["analyze", &fixture(name)]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        assert!(ran.out.contains("too few values"), "{name}:\n{}", ran.out);
    }
}
