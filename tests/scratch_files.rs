#![allow(dead_code, unused_imports)]
pub use rmt_verify::*;
#[path = "/work/wt/files/src/network"] pub mod network { pub mod weights; }
