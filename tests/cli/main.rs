//! The command line as a user meets it: exit codes, one clear line for bad input, JSON, files.
//! Nothing here runs the suite; `.ci/run` does.

mod appendix_a;
mod claims;
mod predict;
mod predict_equivalents;
mod predict_misuse;
mod report;
mod units;
mod verify_misuse;
mod weights;

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What a run of the binary left.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run(arguments: &[&str]) -> Ran {
    run_with(arguments, &[])
}

fn run_with(arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let output = Command::cargo_bin("rmt-verify")
        .unwrap()
        .env_remove("RMT_TIER")
        .envs(environment.iter().copied())
        .args(arguments)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Exit code 2, nothing on standard output, one line on standard error that says what is wrong.
#[track_caller]
fn assert_misuse(arguments: &[&str], says: &[&str]) {
    assert_one_line_misuse(&run(arguments), says);
}

#[track_caller]
fn assert_one_line_misuse(ran: &Ran, says: &[&str]) {
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(ran.out, "");
    assert!(ran.err.starts_with("rmt-verify: "), "{:?}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{:?}", ran.err);
    for word in says {
        assert!(ran.err.contains(word), "{word:?} is not in {:?}", ran.err);
    }
}

/// A folder holding the synthetic ledger.
fn folder_with_ledger(name: &str) -> PathBuf {
    let folder = fresh_folder(name);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/synthetic");
    for file in ["ledger.json", "timings.json"] {
        std::fs::copy(fixtures.join(file), folder.join(file)).unwrap();
    }
    folder
}

fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
