//! Bad input to `verify` is one clear line.

use super::{assert_misuse, assert_one_line_misuse, fresh_folder, names, run_with};

#[test]
fn no_command() {
    assert_misuse(&[], &["verify", "--help"]);
}

#[test]
fn unknown_command() {
    assert_misuse(&["verfy"], &["verfy"]);
}

#[test]
fn unknown_option() {
    assert_misuse(&["verify", "--seed", "3"], &["--seed"]);
}

#[test]
fn unknown_claim() {
    assert_misuse(&["verify", "abk/theorem-99"], &["abk/theorem-99"]);
}

#[test]
fn unknown_claim_leaves_no_folder() {
    let parent = fresh_folder("unknown-claim");
    let folder = parent.join("out");
    let out = folder.to_str().unwrap();
    assert_misuse(&["verify", "abk/theorem-99", "--out", out], &[]);
    assert!(names(&parent).is_empty());
}

#[test]
fn unknown_rival() {
    let planted = ["verify", "abk/ward", "--plant", "no such rival"];
    assert_misuse(&planted, &["no such rival"]);
}

#[test]
fn unknown_tier() {
    assert_misuse(&["verify", "--tier", "fast"], &["fast", "quick"]);
}

#[test]
fn unknown_tier_in_the_environment() {
    let ran = run_with(&["verify"], &[("RMT_TIER", "fast")]);
    assert_one_line_misuse(&ran, &["RMT_TIER", "fast"]);
}

#[test]
fn epoch_that_is_no_number() {
    assert_misuse(&["verify", "--epoch", "-1"], &["epoch"]);
}

#[test]
fn no_threads() {
    assert_misuse(&["verify", "--jobs", "0"], &["0", "at least 1"]);
}

/// Root may write everywhere, so the folder is asked for below a file.
#[test]
fn unwritable_folder_is_found_before_the_run() {
    let folder = fresh_folder("unwritable");
    let file = folder.join("file");
    std::fs::write(&file, "").unwrap();
    let out = file.join("out");
    assert_misuse(
        &["verify", "--tier", "deep", "--out", out.to_str().unwrap()],
        &[out.to_str().unwrap()],
    );
    assert_eq!(names(&folder), ["file"]);
}
