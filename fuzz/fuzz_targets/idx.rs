#![no_main]

#[path = "../../src/network/data/idx.rs"]
#[allow(dead_code)]
mod idx;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    if let Ok(images) = idx::Images::parse(file) {
        assert_eq!(images.count() * images.size(), images.pixels().len());
        assert_eq!(images.image(images.count() - 1).len(), images.size());
    }
    if let Ok(labels) = idx::labels(file) {
        assert!(
            labels
                .iter()
                .all(|label| usize::from(*label) < idx::CLASSES)
        );
    }
});
