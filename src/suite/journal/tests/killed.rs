//! A writer that is killed, in a process of its own: this test's program, started anew.

use super::*;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Where the started writer finds the name of its journal.
const JOURNAL: &str = "RMT_VERIFY_TEST_JOURNAL";

/// The records differ in content and length.
fn record(number: usize) -> Vec<u8> {
    let seed = u8::try_from(number % 251).unwrap();
    vec![seed; number * 7919 % 5000]
}

#[test]
#[ignore = "the writer that the other test kills"]
fn writer() {
    let Some(path) = std::env::var_os(JOURNAL) else {
        return;
    };
    let (mut journal, opened) = Journal::open(Path::new(&path)).unwrap();
    for number in opened.records.len().. {
        journal.append(&record(number)).unwrap();
        println!("\nappended {number}");
    }
}

fn start_writer(path: &Path) -> Child {
    let (_, module) = module_path!().split_once("::").unwrap();
    // A started program holds all files of this one for a moment, with their locks.
    let _alone = SPAWNING.write().unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg(format!("{module}::writer"))
        .env(JOURNAL, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_writer_loses_nothing_that_was_appended_and_leaves_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    drop(Journal::create(&path, b"run 7").unwrap());
    let mut appended = 0;
    for round in 1..=8 {
        let mut writer = start_writer(&path);
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let mut numbers = lines.filter_map(|line| {
            let number = line.unwrap().strip_prefix("appended ")?.parse::<usize>();
            Some(number.unwrap())
        });
        numbers.by_ref().take(round).for_each(drop);
        assert!(matches!(
            Journal::open(&path),
            Err(JournalError::Locked { .. })
        ));
        writer.kill().unwrap();
        // What it said before it died.
        let last = numbers.last();
        writer.wait().unwrap();

        let (journal, opened) = Journal::open(&path).unwrap();
        assert!(opened.records.len() >= appended + round, "round {round}");
        if let Some(last) = last {
            assert!(opened.records.len() > last, "round {round}");
        }
        for (number, payload) in opened.records.iter().enumerate() {
            assert!(*payload == record(number), "record {number}");
        }
        appended = opened.records.len();
        drop(journal);
    }
}
