//! `rmt-verify appendix-a` from outside.

use super::{Ran, assert_one_line_misuse, run_with};
use std::path::Path;

fn appendix(arguments: &[&str]) -> Ran {
    let whole: Vec<&str> = ["appendix-a"].iter().chain(arguments).copied().collect();
    run_with(&whole, &[("RMT_DATA", "")])
}

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/digits");

#[test]
fn one_and_two_threads_leave_equal_files_and_say_which_data_were_used() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut outputs = Vec::new();
    for (folder, jobs) in folders.iter().zip(["1", "2"]) {
        let out = folder.path().to_str().unwrap();
        let line = [
            "--widths", "30,150", "--epochs", "1", "--data", DIGITS, "--out", out, "--jobs", jobs,
        ];
        let output = appendix(&line);
        assert_eq!(output.code, 1, "two widths cannot confirm growth");
        assert!(output.out.contains("fixtures/digits"));
        outputs.push(output.out);
    }
    assert_eq!(outputs[0], outputs[1]);
    for name in [
        "appendix-a.json",
        "n0030-seed0.safetensors",
        "n0150-seed0.safetensors",
    ] {
        let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
        assert!(read(folders[0].path()) == read(folders[1].path()), "{name}");
    }
}

#[test]
fn bad_input_is_one_line_and_exit_code_two() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let empty = folder.path().to_str().unwrap();
    for (arguments, says) in [
        (
            vec!["--widths", "1", "--out", out],
            "a width must be in 2, …, 10000, not 1",
        ),
        (
            vec!["--widths", "99999999999", "--out", out],
            "not 99999999999",
        ),
        (vec!["--widths", "20,20", "--out", out], "given twice"),
        (vec!["--widths", "-3", "--out", out], "-3"),
        (vec!["--epochs", "0", "--out", out], "at least one epoch"),
        (vec!["--widths", "20"], "--out"),
        (
            vec!["--data", empty, "--out", out],
            "train-images-idx3-ubyte",
        ),
        (vec!["--data", "/nonexistent", "--out", out], "/nonexistent"),
    ] {
        assert_one_line_misuse(&appendix(&arguments), &[says]);
        assert!(!Path::new(out).exists(), "nothing is written");
    }
}
