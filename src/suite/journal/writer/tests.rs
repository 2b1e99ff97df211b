use super::super::{Entry, frame, scan};
use super::*;

/// A file on a disk that fills up and, if asked to, refuses more than that.
#[derive(Default)]
struct Disk {
    bytes: Vec<u8>,
    /// How many more bytes there is room for.
    room: usize,
    refuses_cuts: bool,
    refuses_syncs: bool,
    writes: usize,
    syncs: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        let fitting = bytes.len().min(self.room);
        if fitting == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.room -= fitting;
        self.bytes.extend(&bytes[..fitting]);
        Ok(fitting)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Storage for Disk {
    fn cut(&mut self, size: u64) -> io::Result<()> {
        if self.refuses_cuts {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let size = usize::try_from(size).unwrap();
        self.room += self.bytes.len() - size;
        self.bytes.truncate(size);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.syncs += 1;
        if self.refuses_syncs {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        Ok(())
    }
}

/// A journal without records on a disk with so much room, which is not waited for.
fn writer(room: usize) -> Writer<Disk> {
    let bytes = frame::header(b"run 7").unwrap();
    let end = bytes.len() as u64;
    let disk = Disk {
        bytes,
        room,
        ..Disk::default()
    };
    Writer {
        pause: Duration::MAX,
        ..Writer::new(disk, Path::new("out/journal"), frame::seed(b"run 7"), end)
    }
}

/// The records on the disk, and the bytes of a torn one.
fn records(disk: &Disk) -> (Vec<Vec<u8>>, u64) {
    let mut records = Vec::new();
    let size = disk.bytes.len() as u64;
    let scan = scan::scan(&disk.bytes[..], size, Path::new("out/journal"), |entry| {
        if let Entry::Record(payload) = entry {
            records.push(payload.to_vec());
        }
        Ok(())
    });
    (records, scan.unwrap().dropped)
}

#[test]
fn a_record_is_one_write() {
    let mut writer = writer(usize::MAX);
    for payload in [&b"one"[..], b"", &[7; 100_000]] {
        writer.append(payload).unwrap();
    }
    assert_eq!((writer.storage.writes, writer.storage.syncs), (3, 0));
}

#[test]
fn a_full_disk_keeps_the_earlier_records_and_goes_on_when_there_is_room() {
    let record = 12 + 3;
    for room in record..2 * record {
        let mut writer = writer(room);
        writer.append(b"one").unwrap();
        let failure = writer.append(b"two").unwrap_err();
        assert!(matches!(failure, JournalError::NotWritten { .. }));
        assert_eq!(
            failure.to_string(),
            format!(
                "cannot write out/journal: {}; the finished units in it are kept",
                io::Error::from(io::ErrorKind::StorageFull)
            )
        );
        assert_eq!(records(&writer.storage), (vec![b"one".to_vec()], 0));

        writer.append(b"two").unwrap_err();
        writer.storage.room = usize::MAX / 2;
        writer.append(b"two").unwrap();
        let both = vec![b"one".to_vec(), b"two".to_vec()];
        assert_eq!(records(&writer.storage), (both, 0));
    }
}

#[test]
fn what_cannot_be_cut_is_read_as_torn_and_cut_before_the_next_record() {
    let record = 12 + 3;
    for part in 0..record {
        let mut writer = writer(record + part);
        writer.append(b"one").unwrap();
        writer.storage.refuses_cuts = true;
        writer.append(b"two").unwrap_err();
        let torn = (vec![b"one".to_vec()], part as u64);
        assert_eq!(records(&writer.storage), torn);

        // Room alone does not help: a record after a torn one could not be read.
        writer.storage.room = usize::MAX / 2;
        let failure = writer.append(b"two").unwrap_err();
        assert!(matches!(failure, JournalError::NotWritten { .. }));
        assert_eq!(records(&writer.storage), torn);

        writer.storage.refuses_cuts = false;
        writer.append(b"2").unwrap();
        let both = vec![b"one".to_vec(), b"2".to_vec()];
        assert_eq!(records(&writer.storage), (both, 0));
    }
}

#[test]
fn appends_wait_for_the_disk_once_in_the_pause() {
    let mut writer = writer(usize::MAX);
    writer.append(b"one").unwrap();
    assert_eq!(writer.storage.syncs, 0);
    let before = writer.synced;
    writer.pause = Duration::ZERO;
    writer.append(b"two").unwrap();
    assert_eq!(writer.storage.syncs, 1);
    assert!(writer.synced > before, "the pause begins anew");
    writer.pause = Duration::from_secs(3600);
    writer.append(b"three").unwrap();
    assert_eq!(writer.storage.syncs, 1);
    writer.sync().unwrap();
    assert_eq!(writer.storage.syncs, 2);
}

#[test]
fn a_record_that_cannot_be_synced_is_cut_off() {
    let mut writer = writer(usize::MAX / 2);
    writer.append(b"one").unwrap();
    writer.pause = Duration::ZERO;
    writer.storage.refuses_syncs = true;
    for failure in [
        writer.append(b"two").unwrap_err(),
        writer.sync().unwrap_err(),
    ] {
        assert!(matches!(failure, JournalError::NotSynced { .. }));
        assert_eq!(
            failure.to_string(),
            format!(
                "cannot sync out/journal: {}; the units finished in the last seconds may not be \
                 on the disk",
                io::Error::from(io::ErrorKind::QuotaExceeded)
            )
        );
    }
    assert_eq!(records(&writer.storage), (vec![b"one".to_vec()], 0));

    writer.storage.refuses_syncs = false;
    writer.append(b"two").unwrap();
    assert_eq!(records(&writer.storage).0.len(), 2);
}
