//! Files cut at every byte, with every bit flipped, and with records where they do not belong.

use super::*;
use proptest::sample::Index;

const IDENTITY_OF_RUN: &[u8] = b"run 7";
const RECORDS: [&[u8]; 5] = [b"one", b"", b"a longer record", b"four", b"five"];

/// The bytes of a journal, and where each record begins; at last, where the next one would.
fn bytes(identity: &[u8], records: &[&[u8]]) -> (Vec<u8>, Vec<usize>) {
    let mut bytes = frame::header(identity).unwrap();
    let mut starts = vec![bytes.len()];
    for record in records {
        let position = bytes.len() as u64;
        bytes.extend(frame::record(frame::seed(identity), position, record).unwrap());
        starts.push(bytes.len());
    }
    (bytes, starts)
}

/// What is read from these bytes.
fn scanned(bytes: &[u8]) -> Result<Opened, JournalError> {
    let mut held = Collected::default();
    let size = bytes.len() as u64;
    let scan = scan::scan(bytes, size, Path::new("out/journal"), |entry| {
        held.add(entry);
        Ok(())
    })?;
    Ok(held.opened(scan))
}

/// Asserts that the bytes are refused, and says where and why.
#[track_caller]
fn damage(bytes: &[u8]) -> (u64, Damage) {
    match scanned(bytes) {
        Err(JournalError::Corrupt { position, what, .. }) => (position, what),
        other => panic!("{other:?} from {}", bytes.escape_ascii()),
    }
}

#[test]
fn a_file_cut_anywhere_keeps_its_whole_records_and_goes_on() {
    let (whole, starts) = bytes(IDENTITY_OF_RUN, &RECORDS);
    let (_folder, path) = place();
    for cut in starts[0]..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let kept = starts[1..].iter().filter(|&&end| end <= cut).count();
        let expected = held(
            IDENTITY_OF_RUN,
            &RECORDS[..kept],
            (cut - starts[kept]) as u64,
        );

        assert_eq!(Journal::read(&path).unwrap(), expected);
        assert_eq!(
            fs::read(&path).unwrap(),
            whole[..cut],
            "reading cuts at {cut}"
        );
        let (mut journal, opened) = Journal::open(&path).unwrap();
        assert_eq!(opened, expected);
        assert_eq!(fs::read(&path).unwrap(), whole[..starts[kept]]);

        for record in &RECORDS[kept..] {
            journal.append(record).unwrap();
        }
        assert_eq!(fs::read(&path).unwrap(), whole, "cut at {cut}");
    }
}

#[test]
fn a_file_cut_before_its_first_record_is_refused_at_0() {
    let (whole, starts) = bytes(IDENTITY_OF_RUN, &RECORDS);
    for cut in 0..starts[0] {
        let size = cut as u64;
        assert_eq!(damage(&whole[..cut]), (0, Damage::Headless { size }));
    }
    assert_eq!(
        scanned(b"").unwrap_err().to_string(),
        "out/journal is damaged at byte 0: the file has 0 bytes and ends before the name of its \
         run does"
    );
}

#[test]
fn a_file_with_any_bit_flipped_is_refused_in_time_and_left_alone() {
    let (whole, starts) = bytes(IDENTITY_OF_RUN, &RECORDS);
    let (_folder, path) = place();
    for bit in 0..8 * whole.len() {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &flipped).unwrap();
        let Err(JournalError::Corrupt { position, .. }) = Journal::open(&path) else {
            panic!("accepted with bit {bit} flipped");
        };
        // Exactly the record that holds the bit; in the magic, byte 0.
        let start = [0, IDENTITY_POSITION].into_iter().chain(starts.clone());
        let expected = start.take_while(|&start| start <= bit / 8).last().unwrap();
        assert_eq!(position, expected as u64, "bit {bit}");
        assert_eq!(fs::read(&path).unwrap(), flipped, "bit {bit}");
    }
}

const IDENTITY_POSITION: usize = 8;

#[test]
fn a_flipped_bit_in_a_torn_file_never_changes_or_hides_a_whole_record() {
    let (whole, starts) = bytes(IDENTITY_OF_RUN, &RECORDS);
    for cut in starts[0]..whole.len() {
        let kept = starts[1..].iter().filter(|&&end| end <= cut).count();
        for bit in 0..8 * cut {
            let mut flipped = whole[..cut].to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            match scanned(&flipped) {
                // Only in the tail, which is dropped.
                Ok(opened) => {
                    assert!(bit / 8 >= starts[kept], "cut at {cut}, bit {bit}");
                    assert_eq!(opened.records, RECORDS[..kept], "cut at {cut}, bit {bit}");
                }
                Err(JournalError::Corrupt { position, .. }) => {
                    assert!(position <= bit as u64 / 8, "cut at {cut}, bit {bit}");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn records_that_change_places_are_refused() {
    let (whole, starts) = bytes(IDENTITY_OF_RUN, &RECORDS);
    // The last two are of one length, so only what is in them can tell them apart.
    let (fourth, fifth) = whole[starts[3]..].split_at(starts[4] - starts[3]);
    let swapped = [&whole[..starts[3]], fifth, fourth].concat();
    assert_eq!(damage(&swapped), (starts[3] as u64, Damage::Head));

    // Even if they leave their heads behind.
    let (head, checked) = (8, 8 + 4 + 4);
    let mut swapped = whole.clone();
    for byte in head..checked {
        swapped.swap(starts[3] + byte, starts[4] + byte);
    }
    assert_eq!(damage(&swapped), (starts[3] as u64, Damage::Payload));
}

#[test]
fn a_repeated_and_a_missing_record_are_refused() {
    let (whole, starts) = bytes(IDENTITY_OF_RUN, &RECORDS);
    for (start, end) in starts.iter().zip(&starts[1..]) {
        let repeated = [&whole[..*end], &whole[*start..]].concat();
        assert_eq!(damage(&repeated), (*end as u64, Damage::Head));
        // Missing at the end, it cannot be told from one that was never written.
        if *end < whole.len() {
            let missing = [&whole[..*start], &whole[*end..]].concat();
            assert_eq!(damage(&missing), (*start as u64, Damage::Head));
        }
    }
}

#[test]
fn a_record_of_another_run_is_refused_even_in_its_place() {
    let (ours, starts) = bytes(IDENTITY_OF_RUN, &RECORDS);
    let (theirs, _) = bytes(b"run 8", &RECORDS);
    assert_eq!(ours.len(), theirs.len());
    for (start, end) in starts.iter().zip(&starts[1..]) {
        let mixed = [&ours[..*start], &theirs[*start..*end], &ours[*end..]].concat();
        assert_eq!(damage(&mixed), (*start as u64, Damage::Head));
    }
    // The same for the identity: the records are then those of another run.
    let mixed = [&theirs[..starts[0]], &ours[starts[0]..]].concat();
    assert_eq!(damage(&mixed), (starts[0] as u64, Damage::Head));
}

#[test]
fn bytes_that_follow_the_last_record_are_refused() {
    let (whole, _) = bytes(IDENTITY_OF_RUN, &RECORDS);
    // As file systems leave them that grow a file before they fill it.
    for zeros in [8, 12, 4096] {
        let longer = [whole.clone(), vec![0; zeros]].concat();
        assert_eq!(damage(&longer), (whole.len() as u64, Damage::Head));
    }
}

#[test]
fn what_is_no_journal_is_told_from_another_format() {
    let (mut whole, _) = bytes(IDENTITY_OF_RUN, &RECORDS);
    whole[7] = 2;
    assert_eq!(damage(&whole), (0, Damage::OtherFormat { found: 2 }));
    assert_eq!(
        scanned(&whole).unwrap_err().to_string(),
        "out/journal is damaged at byte 0: its format is 2; this version reads 1"
    );
    assert_eq!(damage(b"{\"claims\": []}"), (0, Damage::NotAJournal));
}

#[test]
fn a_head_that_checks_and_asks_for_too_much_is_refused() {
    let (mut file, starts) = bytes(IDENTITY_OF_RUN, &[]);
    let (position, length) = (starts[0] as u64, u32::MAX);
    file.extend(length.to_le_bytes());
    let checksum = frame::head_checksum(frame::seed(IDENTITY_OF_RUN), position, length);
    file.extend(checksum.to_le_bytes());
    assert_eq!(damage(&file), (position, Damage::Length { length }));
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_not_taken_for_torn() {
    let (whole, _) = bytes(IDENTITY_OF_RUN, &RECORDS);
    let path = Path::new("out/journal");
    let size = whole.len() as u64;
    let failure = scan::scan(&whole[..whole.len() - 1], size, path, |_| Ok(())).unwrap_err();
    assert!(matches!(failure, JournalError::NotRead { .. }));
}

#[test]
fn damage_is_told_in_one_line() {
    let (mut whole, starts) = bytes(IDENTITY_OF_RUN, &RECORDS);
    *whole.last_mut().unwrap() ^= 1;
    assert_eq!(
        scanned(&whole).unwrap_err().to_string(),
        format!(
            "out/journal is damaged at byte {}: the checksum of the record does not match",
            starts[4]
        )
    );
}

proptest! {
    #[test]
    fn any_journal_cut_anywhere_keeps_its_whole_records(
        identity in vec(any::<u8>(), 0..40),
        records in vec(vec(any::<u8>(), 0..100), 0..8),
        cut in any::<Index>(),
    ) {
        let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        let (whole, starts) = bytes(&identity, &records);
        let cut = starts[0] + cut.index(whole.len() - starts[0] + 1);
        let kept = starts[1..].iter().filter(|&&end| end <= cut).count();
        let expected = held(&identity, &records[..kept], (cut - starts[kept]) as u64);
        prop_assert_eq!(scanned(&whole[..cut]).unwrap(), expected);
    }

    #[test]
    fn any_journal_with_a_changed_stretch_is_never_read_as_another(
        identity in vec(any::<u8>(), 0..40),
        records in vec(vec(any::<u8>(), 0..100), 0..8),
        start in any::<Index>(),
        stretch in vec(any::<u8>(), 1..40),
    ) {
        let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        let (whole, starts) = bytes(&identity, &records);
        let start = start.index(whole.len());
        let mut changed = whole.clone();
        for (byte, new) in changed[start..].iter_mut().zip(&stretch) {
            *byte = *new;
        }
        let first = changed.iter().zip(&whole).position(|(new, old)| new != old);
        match scanned(&changed) {
            Ok(opened) => {
                prop_assert_eq!(first, None);
                prop_assert_eq!(opened, held(&identity, &records, 0));
            }
            Err(JournalError::Corrupt { position, .. }) => {
                let first = first.expect("an unchanged journal is refused");
                let begins = [0, 8].into_iter().chain(starts).take_while(|&begin| begin <= first);
                prop_assert_eq!(position, begins.last().unwrap() as u64);
            }
            Err(other) => panic!("{other}"),
        }
    }
}
