//! Labelled images: Fashion-MNIST, or a smaller real set that ships with the crate.

mod idx;

pub use idx::{CLASSES, IdxError, Images, labels};

use crate::ensemble::StreamKey;
use rand_chacha::rand_core::Rng;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Where Debian's package `dataset-fashion-mnist` puts its files.
pub const DEBIAN: &str = "/usr/share/datasets/fashion-mnist";
/// A folder with idx files, before [`DEBIAN`] is tried.
pub const VARIABLE: &str = "RMT_DATA";

/// The four files of a data set; each may also end in `.gz`.
pub const FILES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// The set that ships with the crate, see `fixtures/digits/README.md`.
const DIGITS: [(&str, &[u8]); 4] = [
    (
        "train-images-idx3-ubyte.gz",
        include_bytes!("../../fixtures/digits/train-images-idx3-ubyte.gz"),
    ),
    (
        "train-labels-idx1-ubyte.gz",
        include_bytes!("../../fixtures/digits/train-labels-idx1-ubyte.gz"),
    ),
    (
        "t10k-images-idx3-ubyte.gz",
        include_bytes!("../../fixtures/digits/t10k-images-idx3-ubyte.gz"),
    ),
    (
        "t10k-labels-idx1-ubyte.gz",
        include_bytes!("../../fixtures/digits/t10k-labels-idx1-ubyte.gz"),
    ),
];

/// Why there is no data set.
#[derive(Debug, Error)]
pub enum DataError {
    /// A file is not there.
    #[error("{} holds neither {name} nor {name}.gz", folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// The file.
        name: &'static str,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    NotReadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {reason}", path.display())]
    NotIdx {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: IdxError,
    },
    /// Images and labels do not belong together.
    #[error("{}: {images} images and {labels} labels in the {part} part", folder.display())]
    CountsDiffer {
        /// The folder.
        folder: PathBuf,
        /// Training or test.
        part: &'static str,
        /// Images.
        images: usize,
        /// Labels.
        labels: usize,
    },
    /// Training and test images do not belong together.
    #[error("{}: training images are {train:?} and test images {test:?}", folder.display())]
    ShapesDiffer {
        /// The folder.
        folder: PathBuf,
        /// Rows and columns.
        train: (usize, usize),
        /// Rows and columns.
        test: (usize, usize),
    },
}

/// Images with their labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The images.
    pub images: Images,
    /// A label 0, …, 9 for each.
    pub labels: Vec<u8>,
}

impl Labelled {
    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.labels.len()
    }
}

/// A training part and a test part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Which one, for reports.
    pub name: String,
    /// To learn from.
    pub train: Labelled,
    /// To be judged by.
    pub test: Labelled,
}

impl Dataset {
    /// The set in the folder that is given; else in the folder that the variable `RMT_DATA` names;
    /// else Fashion-MNIST where Debian puts it; else the digits that ship with the crate.
    ///
    /// # Errors
    /// When a folder that was asked for does not hold a set, or any file that is there is damaged.
    /// The smaller set replaces Fashion-MNIST only where no folder was named and none is there.
    pub fn find(folder: Option<&Path>) -> Result<Self, DataError> {
        let named = folder.map(Path::to_owned).or_else(|| {
            let set = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty());
            set.map(PathBuf::from)
        });
        match named {
            Some(folder) => Self::read(&folder),
            None if Path::new(DEBIAN).is_dir() => Ok(Self {
                name: format!("Fashion-MNIST ({DEBIAN})"),
                ..Self::read(Path::new(DEBIAN))?
            }),
            None => Ok(Self::digits()),
        }
    }

    /// The four idx files of a folder, named by the folder.
    ///
    /// # Errors
    /// When a file is missing or damaged, or files do not fit one another.
    pub fn read(folder: &Path) -> Result<Self, DataError> {
        let mut files = Vec::with_capacity(FILES.len());
        for name in FILES {
            files.push(read_file(folder, name)?);
        }
        let [a, b, c, d] = &files[..] else {
            unreachable!("four files were read");
        };
        Self::assemble(
            folder.display().to_string(),
            folder,
            [a, b, c, d].map(|(path, bytes)| (path.as_path(), bytes.as_slice())),
        )
    }

    /// Handwritten digits, 1797 images of 8 × 8 pixels: the first 1297 to learn from, the other 500
    /// to be judged by.
    ///
    /// # Source   Alpaydin and Kaynak (1998), test part of "Optical recognition of handwritten
    /// digits", UCI Machine Learning Repository, CC BY 4.0
    ///
    /// # Panics
    /// Never: a test reads the files.
    #[must_use]
    pub fn digits() -> Self {
        Self::assemble(
            "UCI handwritten digits, 8 × 8 (built in)".to_owned(),
            Path::new("fixtures/digits"),
            DIGITS.map(|(name, bytes)| (Path::new(name), bytes)),
        )
        .expect("the files in fixtures/digits are whole")
    }

    fn assemble(
        name: String,
        folder: &Path,
        files: [(&Path, &[u8]); 4],
    ) -> Result<Self, DataError> {
        let damaged = |path: &Path, reason| DataError::NotIdx {
            path: path.to_owned(),
            reason,
        };
        let images = |index: usize| {
            let (path, bytes) = files[index];
            Images::parse(bytes).map_err(|reason| damaged(path, reason))
        };
        let labels = |index: usize| {
            let (path, bytes) = files[index];
            labels(bytes).map_err(|reason| damaged(path, reason))
        };
        let set = Self {
            name,
            train: Labelled {
                images: images(0)?,
                labels: labels(1)?,
            },
            test: Labelled {
                images: images(2)?,
                labels: labels(3)?,
            },
        };
        for (part, held) in [("training", &set.train), ("test", &set.test)] {
            if held.images.count() != held.labels.len() {
                return Err(DataError::CountsDiffer {
                    folder: folder.to_owned(),
                    part,
                    images: held.images.count(),
                    labels: held.labels.len(),
                });
            }
        }
        let (train, test) = (set.train.images.shape(), set.test.images.shape());
        if train != test {
            return Err(DataError::ShapesDiffer {
                folder: folder.to_owned(),
                train,
                test,
            });
        }
        Ok(set)
    }

    /// Pixels of an image.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.train.images.size()
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        CLASSES
    }

    /// The same set with each training label replaced, with probability `share`, by one of the ten
    /// with equal chances (the old one among them).
    ///
    /// # Panics
    /// When `share` is not in [0, 1].
    #[must_use]
    pub fn with_random_labels(&self, share: f64, epoch: u64) -> Self {
        assert!((0.0..=1.0).contains(&share), "a share, not {share}");
        let mut rng = StreamKey {
            epoch,
            claim: "network/data".into(),
            law: "random labels".into(),
            n: self.train.count(),
            signal: "none".into(),
        }
        .generator(0);
        let mut set = self.clone();
        set.name = format!("{}, {share} of the training labels random", self.name);
        for label in &mut set.train.labels {
            let replaced = crate::ensemble::open_uniform(&mut rng) < share;
            let random = below(&mut rng, CLASSES as u64) as u8;
            if replaced {
                *label = random;
            }
        }
        set
    }

    /// A number that tells data sets apart: FNV-1a (64 bits) of all labels and pixels.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let parts = [&self.train, &self.test];
        let bytes = parts
            .iter()
            .flat_map(|part| part.labels.iter().chain(part.images.pixels()));
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        })
    }
}

/// A number 0, …, bound − 1.
///
/// # Accuracy  each has probability 1/bound up to 2⁻⁶⁴
pub(crate) fn below(rng: &mut rand_chacha::ChaCha8Rng, bound: u64) -> u64 {
    ((u128::from(rng.next_u64()) * u128::from(bound)) >> 64) as u64
}

/// The file with its path, plain or `.gz`.
fn read_file(folder: &Path, name: &'static str) -> Result<(PathBuf, Vec<u8>), DataError> {
    for path in [folder.join(name), folder.join(format!("{name}.gz"))] {
        match std::fs::read(&path) {
            Ok(bytes) => return Ok((path, bytes)),
            Err(reason) if reason.kind() == std::io::ErrorKind::NotFound => {}
            Err(reason) => return Err(DataError::NotReadable { path, reason }),
        }
    }
    Err(DataError::Missing {
        folder: folder.to_owned(),
        name,
    })
}
