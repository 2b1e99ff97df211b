//! Rendering, on a synthetic ledger (`fixtures/synthetic`: invented numbers, every kind of verdict).

use rmt_verify::ledger::Ledger;
use rmt_verify::table;
use std::path::Path;

fn synthetic() -> Ledger {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/synthetic/ledger.json");
    Ledger::read(&path).expect("the synthetic ledger is a ledger")
}

#[test]
fn tables_show() {
    let ledger = synthetic();
    println!("{}", table::verdict_table(&ledger));
    println!("{}", table::detail_table(&ledger.claims[1]));
    println!("{}", table::detail_table(&ledger.claims[3]));
    println!("{}", table::detail_table(&ledger.claims[4]));
    println!("{}", table::summary(&ledger, Some(123456)));
}
