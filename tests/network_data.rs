//! Reading idx files: what is whole is read, what is not is named.

use flate2::{Compression, write::GzEncoder};
use rmt_verify::network::data::{DataError, Dataset, FILES, IdxError, Images, labels};
use std::io::Write;
use std::path::Path;

fn idx(magic: u32, numbers: &[u32], data: &[u8]) -> Vec<u8> {
    let words = std::iter::once(&magic).chain(numbers);
    let mut bytes: Vec<u8> = words.flat_map(|word| word.to_be_bytes()).collect();
    bytes.extend(data);
    bytes
}

fn images(count: u32, data: &[u8]) -> Vec<u8> {
    idx(0x803, &[count, 2, 3], data)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const DATA: [u8; 12] = [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255];

#[test]
fn images_are_read_row_by_row_plain_or_packed() {
    let file = images(2, &DATA);
    for bytes in [file.clone(), packed(&file)] {
        let read = Images::parse(&bytes).unwrap();
        assert_eq!((read.count(), read.shape()), (2, (2, 3)));
        assert_eq!(read.image(1), &DATA[6..]);
    }
}

#[test]
fn every_truncation_is_an_error_plain_or_packed() {
    let file = images(2, &DATA);
    for whole in [file.clone(), packed(&file)] {
        for length in 0..whole.len() {
            assert!(Images::parse(&whole[..length]).is_err(), "{length} bytes");
        }
    }
    let file = idx(0x801, &[3], &[1, 2, 3]);
    for whole in [file.clone(), packed(&file)] {
        for length in 0..whole.len() {
            assert!(labels(&whole[..length]).is_err(), "{length} bytes");
        }
    }
}

#[test]
fn bytes_after_the_data_are_an_error() {
    let mut file = images(2, &DATA);
    file.push(0);
    let trailing = Err(IdxError::Trailing { promised: 12 });
    assert_eq!(Images::parse(&file), trailing);
    assert_eq!(Images::parse(&packed(&file)), trailing);
    let mut behind_the_stream = packed(&images(2, &DATA));
    behind_the_stream.push(0);
    assert_eq!(Images::parse(&behind_the_stream), trailing);
}

#[test]
fn damaged_checksum_is_an_error() {
    let mut file = packed(&images(2, &DATA));
    let checksum = file.len() - 8;
    file[checksum] ^= 1;
    assert!(matches!(Images::parse(&file), Err(IdxError::Gzip { .. })));
}

#[test]
fn swapped_files_are_told_from_foreign_ones() {
    let (pictures, names) = (images(2, &DATA), idx(0x801, &[1], &[7]));
    assert!(matches!(
        Images::parse(&names),
        Err(IdxError::Swapped {
            wanted: "images",
            ..
        })
    ));
    assert!(matches!(
        labels(&pictures),
        Err(IdxError::Swapped {
            wanted: "labels",
            ..
        })
    ));
    let foreign = labels(b"PK\x03\x04 and so on");
    assert_eq!(foreign, Err(IdxError::NotIdx { magic: 0x504b_0304 }));
}

#[test]
fn label_ten_is_an_error_that_tells_where() {
    let error = labels(&idx(0x801, &[3], &[9, 0, 10]));
    assert_eq!(
        error,
        Err(IdxError::LabelTooLarge {
            label: 10,
            index: 2
        })
    );
}

#[test]
fn lying_headers_are_refused_before_memory_is_taken() {
    let lie = idx(0x803, &[u32::MAX, u32::MAX, u32::MAX], &DATA);
    for bytes in [lie.clone(), packed(&lie)] {
        assert!(matches!(
            Images::parse(&bytes),
            Err(IdxError::Truncated { .. })
        ));
    }
    // 2³² − 1 labels would fit into memory here, but not into the file.
    let lie = packed(&idx(0x801, &[u32::MAX], &[1]));
    assert!(matches!(
        labels(&lie),
        Err(IdxError::Truncated { at_most: true, .. })
    ));
    let none = Images::parse(&idx(0x803, &[0, 28, 28], &[]));
    assert!(matches!(none, Err(IdxError::Empty { .. })));
}

fn folder_with(change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in FILES {
        let bytes = if name.contains("images") {
            images(2, &DATA)
        } else {
            idx(0x801, &[2], &[3, 4])
        };
        if let Some(bytes) = change(name, bytes) {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
    }
    folder
}

fn message(folder: &Path) -> String {
    Dataset::read(folder).unwrap_err().to_string()
}

#[test]
fn folder_of_four_files_is_a_data_set_and_errors_name_the_file() {
    let whole = folder_with(|_, bytes| Some(bytes));
    let set = Dataset::read(whole.path()).unwrap();
    assert_eq!(
        (set.inputs(), set.train.labels.as_slice()),
        (6, &[3, 4][..])
    );

    let missing = folder_with(|name, bytes| (name != FILES[3]).then_some(bytes));
    assert!(matches!(
        Dataset::read(missing.path()),
        Err(DataError::Missing { name, .. }) if name == FILES[3]
    ));
    let short = folder_with(|name, mut bytes| {
        if name == FILES[2] {
            bytes.pop();
        }
        Some(bytes)
    });
    let text = message(short.path());
    assert!(
        text.contains(FILES[2]) && text.contains("12") && text.contains("11"),
        "{text}"
    );
    let unequal = folder_with(|name, bytes| {
        Some(if name == FILES[1] {
            idx(0x801, &[1], &[3])
        } else {
            bytes
        })
    });
    assert!(message(unequal.path()).contains("2 images and 1 labels in the training part"));
    let shapes = folder_with(|name, bytes| {
        Some(if name == FILES[2] {
            idx(0x803, &[2, 3, 2], &DATA)
        } else {
            bytes
        })
    });
    assert!(message(shapes.path()).contains("(2, 3)"));
}

#[test]
fn digits_are_built_in_and_balanced() {
    let digits = Dataset::digits();
    assert_eq!(
        (digits.train.count(), digits.test.count(), digits.inputs()),
        (1297, 500, 64)
    );
    for class in 0..10 {
        let count = |labels: &[u8]| labels.iter().filter(|label| **label == class).count();
        assert!((120..140).contains(&count(&digits.train.labels)), "{class}");
        assert!((40..60).contains(&count(&digits.test.labels)), "{class}");
    }
    // The first image of the set is a zero: a ring with an empty middle.
    let image = digits.train.images.image(0);
    assert_eq!(digits.train.labels[0], 0);
    assert_eq!((image[3 * 8 + 3], image[3 * 8 + 2]), (0, 191));
}

#[test]
fn fashion_mnist_has_its_known_counts_where_it_is_installed() {
    let folder = Path::new(rmt_verify::network::data::DEBIAN);
    if !folder.is_dir() {
        eprintln!(
            "no {}: install the Debian package dataset-fashion-mnist",
            folder.display()
        );
        return;
    }
    let set = Dataset::read(folder).unwrap();
    assert_eq!(
        (set.train.count(), set.test.count(), set.inputs()),
        (60_000, 10_000, 784)
    );
    assert_eq!(&set.train.labels[..5], [9, 0, 0, 3, 0]);
    for class in 0..10 {
        let count = |labels: &[u8]| labels.iter().filter(|label| **label == class).count();
        assert_eq!(
            (count(&set.train.labels), count(&set.test.labels)),
            (6000, 1000)
        );
    }
}

#[test]
fn random_labels_replace_the_stated_share() {
    let digits = Dataset::digits();
    let noisy = digits.with_random_labels(0.4, 0);
    let pairs = digits.train.labels.iter().zip(&noisy.train.labels);
    let changed = pairs.filter(|(old, new)| old != new).count();
    // Bin(1297, 0.36) is outside 350..=585 with probability below 1e-10.
    assert!((350..=585).contains(&changed), "{changed}");
    assert_eq!(noisy.test, digits.test);
    assert_eq!(digits.with_random_labels(0.0, 0).train, digits.train);
    assert_ne!(noisy.fingerprint(), digits.fingerprint());
}
