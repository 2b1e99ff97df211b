#![no_main]

use libfuzzer_sys::fuzz_target;
use readers::exercise;
use readers::network::weights::Format;

fuzz_target!(|file: &[u8]| exercise(file, Format::Safetensors, "safetensors"));
