//! The theorems of random matrix theory as executable, falsifiable claims.
//!
//! The crate reads left to right; a module uses only what stands above it in this list:
//! claim → measure, free, tracy_widom, equivalent → ensemble → spectrum → statistic → confidence → network → design →
//! evidence → verdict → ledger, claims, statements → suite, table, plot, report → appendix_a.

pub mod claim;

pub mod measure;

pub mod free;

pub mod tracy_widom;

pub mod equivalent;

pub mod predict;

pub mod ensemble;

pub mod spectrum;

pub mod statistic;

pub mod confidence;

pub mod network;

pub mod design;

pub mod evidence;

pub mod verdict;

pub mod ledger;

pub mod claims;

pub mod statements;

pub mod suite;

pub mod table;

pub mod plot;

pub mod report;

pub mod appendix_a;
