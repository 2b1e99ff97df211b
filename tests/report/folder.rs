//! The folder of a run.

use super::{Path, synthetic, timings};
use rmt_verify::report::{Folder, FolderError, Timings, csv_name};

fn fresh(name: &str) -> std::path::PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        std::fs::remove_dir_all(&path).unwrap();
    }
    path
}

#[test]
fn run_leaves_its_files_and_no_temporary_ones() {
    let path = fresh("folder-run").join("made/on/the/way");
    let folder = Folder::open(&path).unwrap();
    let ledger = synthetic();
    folder.write_run(&ledger, &timings()).unwrap();
    folder.write_run(&ledger, &timings()).unwrap();
    let mut names: Vec<String> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut wanted: Vec<String> = ledger.claims.iter().map(csv_name).collect();
    wanted.extend(["ledger.json".to_owned(), "timings.json".to_owned()]);
    wanted.sort();
    assert_eq!(names, wanted);
    assert_eq!(
        std::fs::read_to_string(path.join("ledger.json")).unwrap(),
        ledger.to_json()
    );
    assert_eq!(Timings::read(folder.path()).unwrap(), Some(timings()));
}

#[test]
fn folder_below_a_file_cannot_be_made() {
    let path = fresh("folder-below");
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("file"), "").unwrap();
    let error = Folder::open(&path.join("file/out")).unwrap_err();
    assert!(matches!(error, FolderError::NotMade { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn files_are_readable_by_those_whom_the_umask_lets() {
    use std::os::unix::fs::PermissionsExt;
    let path = fresh("folder-mode");
    let folder = Folder::open(&path).unwrap();
    folder.write("by-us", "text").unwrap();
    std::fs::write(path.join("by-std"), "text").unwrap();
    let mode = |name: &str| path.join(name).metadata().unwrap().permissions().mode();
    assert_eq!(mode("by-us"), mode("by-std"));
}

#[test]
fn csv_is_named_after_its_claim() {
    let mut claim = synthetic().claims[0].clone();
    claim.id = "abk/proposition-3.1".into();
    assert_eq!(csv_name(&claim), "abk-proposition-3.1.csv");
    claim.id = "../../etc/passwd".into();
    assert!(!csv_name(&claim).contains('/'));
}
