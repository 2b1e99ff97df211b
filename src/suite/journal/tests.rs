mod damage;
mod killed;

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;
use std::sync::{RwLock, RwLockReadGuard};
use tempfile::TempDir;

/// Held for reading by tests that use a journal, for writing while one starts a program.
static SPAWNING: RwLock<()> = RwLock::new(());

/// A folder that is removed with this.
struct Folder {
    folder: TempDir,
    _no_spawning: RwLockReadGuard<'static, ()>,
}

impl Folder {
    fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A folder, and the name of a journal in it.
fn place() -> (Folder, PathBuf) {
    let folder = Folder {
        folder: tempfile::tempdir().unwrap(),
        _no_spawning: SPAWNING.read().unwrap(),
    };
    let path = folder.path().join("journal");
    (folder, path)
}

/// A new journal with these records, closed again.
fn write(path: &Path, identity: &[u8], records: &[&[u8]]) {
    let mut journal = Journal::create(path, identity).unwrap();
    for record in records {
        journal.append(record).unwrap();
    }
}

fn held(identity: &[u8], records: &[&[u8]], dropped: u64) -> Opened {
    Opened {
        identity: identity.to_vec(),
        records: records.iter().map(|record| record.to_vec()).collect(),
        dropped,
    }
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn format_1_has_these_bytes() {
    let (_folder, path) = place();
    write(&path, b"run 7", &[b"one", b""]);
    // Computed with Python's struct and zlib.crc32 from the tables in the module's documentation.
    let expected = [
        0x72, 0x6d, 0x74, 0x2d, 0x6a, 0x6e, 0x6c, 0x01, // rmt-jnl 1
        0x05, 0x00, 0x00, 0x00, 0x99, 0xcd, 0x69, 0xdd, 0xdc, 0x4b, 0x00, 0x5d, // 5
        0x72, 0x75, 0x6e, 0x20, 0x37, // run 7
        0x03, 0x00, 0x00, 0x00, 0xc1, 0xae, 0x96, 0x51, 0xc1, 0xdd, 0xe9, 0xc3, // 3
        0x6f, 0x6e, 0x65, // one
        0x00, 0x00, 0x00, 0x00, 0x44, 0x7b, 0xaf, 0xcc, 0x44, 0x7b, 0xaf, 0xcc, // 0
    ];
    assert_eq!(fs::read(&path).unwrap(), expected);
}

#[test]
fn a_new_journal_is_the_only_file_in_its_folder_and_holds_its_identity() {
    let (folder, path) = place();
    let journal = Journal::create(&path, b"run 7").unwrap();
    assert_eq!(journal.path(), path);
    assert_eq!(names(folder.path()), ["journal"]);
    assert_eq!(Journal::read(&path).unwrap(), held(b"run 7", &[], 0));
}

#[test]
fn an_empty_identity_and_empty_records_are_kept() {
    let (_folder, path) = place();
    write(&path, b"", &[b"", b"", b""]);
    assert_eq!(
        Journal::read(&path).unwrap(),
        held(b"", &[b"", b"", b""], 0)
    );
}

#[test]
fn records_are_appended_after_reopening() {
    let (_folder, path) = place();
    write(&path, b"run 7", &[b"one"]);
    let (mut journal, opened) = Journal::open(&path).unwrap();
    assert_eq!(opened, held(b"run 7", &[b"one"], 0));
    journal.append(b"two").unwrap();
    journal.sync().unwrap();
    drop(journal);
    let (_journal, opened) = Journal::open(&path).unwrap();
    assert_eq!(opened, held(b"run 7", &[b"one", b"two"], 0));
}

#[test]
fn entries_are_shown_in_order_and_counted() {
    let (_folder, path) = place();
    write(&path, b"run 7", &[b"one", b"two"]);
    let mut shown = Vec::new();
    let scan = Journal::read_with(&path, |entry| {
        shown.push(match entry {
            Entry::Identity(identity) => format!("identity {}", identity.escape_ascii()),
            Entry::Record(payload) => format!("record {}", payload.escape_ascii()),
        });
        Ok(())
    })
    .unwrap();
    assert_eq!(shown, ["identity run 7", "record one", "record two"]);
    assert_eq!((scan.records, scan.dropped), (2, 0));
    assert_eq!(scan.end, fs::metadata(&path).unwrap().len());
}

#[test]
fn a_refused_entry_is_named_by_its_position_and_nothing_is_cut() {
    let (_folder, path) = place();
    write(&path, b"run 7", &[b"one", b"two", b"three"]);
    let mut bytes = fs::read(&path).unwrap();
    bytes.pop();
    fs::write(&path, &bytes).unwrap();

    let failure = Journal::open_with(&path, |entry| match entry {
        Entry::Record(b"two") => Err("no such unit".into()),
        _ => Ok(()),
    })
    .unwrap_err();
    // 8 of magic, 12 + 5 of the identity, 12 + 3 of the first record.
    assert!(matches!(
        failure,
        JournalError::Refused { position: 40, .. }
    ));
    assert_eq!(
        failure.to_string(),
        format!(
            "cannot use the record at byte 40 of {}: no such unit",
            path.display()
        )
    );
    assert_eq!(fs::read(&path).unwrap(), bytes);

    let failure = Journal::open_with(&path, |_| Err("another run".into())).unwrap_err();
    assert!(matches!(failure, JournalError::Refused { position: 8, .. }));
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_journal_is_used_by_one_run_at_a_time() {
    let (_folder, path) = place();
    let mut journal = Journal::create(&path, b"run 7").unwrap();
    let failure = Journal::open(&path).unwrap_err();
    assert!(matches!(failure, JournalError::Locked { .. }));
    assert_eq!(
        failure.to_string(),
        format!("another run is using {}", path.display())
    );
    journal.append(b"one").unwrap();
    drop(journal);

    let (journal, _) = Journal::open(&path).unwrap();
    assert!(matches!(
        Journal::open(&path),
        Err(JournalError::Locked { .. })
    ));
    assert_eq!(Journal::read(&path).unwrap(), held(b"run 7", &[b"one"], 0));
    drop(journal);
    let _ = Journal::open(&path).unwrap();
}

#[test]
fn a_journal_is_not_replaced() {
    let (folder, path) = place();
    write(&path, b"run 7", &[b"one"]);
    let before = fs::read(&path).unwrap();
    let failure = Journal::create(&path, b"run 8").unwrap_err();
    assert!(matches!(failure, JournalError::Exists { .. }));
    assert_eq!(
        failure.to_string(),
        format!("{} already exists and is not replaced", path.display())
    );
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(names(folder.path()), ["journal"]);
}

#[test]
fn of_two_runs_that_create_one_journal_one_succeeds() {
    for _ in 0..20 {
        let (_folder, path) = place();
        let made: usize = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| Journal::create(&path, b"run 7").is_ok()))
                .collect();
            runs.into_iter()
                .map(|run| usize::from(run.join().unwrap()))
                .sum()
        });
        assert_eq!(made, 1);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_lost_its_name_is_not_continued() {
    let (folder, path) = place();
    let other = folder.path().join("other");
    write(&path, b"run 7", &[b"one"]);
    write(&other, b"run 8", &[]);
    let file = File::open(&path).unwrap();
    assert!(has_name(&file, &path).unwrap());
    fs::rename(&other, &path).unwrap();
    assert!(!has_name(&file, &path).unwrap());
    let (_journal, opened) = Journal::open(&path).unwrap();
    assert_eq!(opened.identity, b"run 8");
}

#[test]
fn a_folder_is_not_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for failure in [
        Journal::open(path).unwrap_err(),
        Journal::read(path).unwrap_err(),
    ] {
        assert!(matches!(failure, JournalError::NotAFile { .. }));
        assert_eq!(
            failure.to_string(),
            format!("{} is not a file", path.display())
        );
    }
    assert!(matches!(
        Journal::create(path, b"run 7"),
        Err(JournalError::Exists { .. })
    ));
}

#[test]
fn a_missing_file_or_folder_is_named() {
    let (_folder, path) = place();
    for failure in [
        Journal::open(&path).unwrap_err(),
        Journal::read(&path).unwrap_err(),
    ] {
        assert!(matches!(failure, JournalError::NotRead { .. }));
        let start = format!("cannot open {}: ", path.display());
        assert!(failure.to_string().starts_with(&start), "{failure}");
    }
    // Missing, and then a file.
    for _ in 0..2 {
        let failure = Journal::create(&path.join("journal"), b"run 7").unwrap_err();
        assert!(matches!(failure, JournalError::NotMade { .. }));
        let start = format!("cannot make {}: ", path.join("journal").display());
        assert!(failure.to_string().starts_with(&start), "{failure}");
        fs::write(&path, "").unwrap();
    }
}

/// The superuser may write everywhere but here.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_in_is_named() {
    let path = Path::new("/proc/journal");
    let failure = Journal::create(path, b"run 7").unwrap_err();
    assert!(matches!(failure, JournalError::NotMade { .. }), "{failure}");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_or_file_is_named_unless_the_system_lets_us() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = place();
    write(&path, b"run 7", &[b"one"]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let superuser = OpenOptions::new().write(true).open(&path).is_ok();

    let created = Journal::create(&folder.path().join("another"), b"run 8");
    let opened = Journal::open(&path);
    if superuser {
        assert!(created.is_ok() && opened.is_ok());
    } else {
        assert!(matches!(created, Err(JournalError::NotMade { .. })));
        assert!(matches!(opened, Err(JournalError::NotRead { .. })));
    }
    assert_eq!(Journal::read(&path).unwrap().records, [b"one"]);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_record_beyond_the_limit_is_refused_and_the_journal_goes_on() {
    let (_folder, path) = place();
    let mut journal = Journal::create(&path, b"run 7").unwrap();
    // Zeroed pages that are never touched: the length is looked at first.
    let long = vec![0; MAX_RECORD + 1];
    let failure = journal.append(&long).unwrap_err();
    assert!(matches!(
        failure,
        JournalError::TooLong { length, .. } if length == MAX_RECORD + 1
    ));
    journal.append(b"one").unwrap();
    assert!(matches!(
        Journal::create(&path.with_extension("2"), &long),
        Err(JournalError::TooLong { .. })
    ));
    assert_eq!(Journal::read(&path).unwrap(), held(b"run 7", &[b"one"], 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_appended_in_any_number_of_runs_is_read_back(
        identity in vec(any::<u8>(), 0..40),
        runs in vec(vec(vec(any::<u8>(), 0..300), 0..5), 0..5),
    ) {
        let (_folder, path) = place();
        drop(Journal::create(&path, &identity).unwrap());
        let mut records = Vec::new();
        for run in runs {
            let (mut journal, opened) = Journal::open(&path).unwrap();
            prop_assert_eq!(&opened.records, &records);
            for record in run {
                journal.append(&record).unwrap();
                records.push(record);
            }
        }
        let expected = Opened { identity, records, dropped: 0 };
        prop_assert_eq!(Journal::read(&path).unwrap(), expected);
    }
}
