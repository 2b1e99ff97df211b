//! Tables for the terminal and as CSV.

use super::synthetic;
use rmt_verify::table::{self, WIDTH};

fn assert_fits(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= usize::from(WIDTH), "{line}");
    }
}

#[test]
fn verdict_table_is_as_expected() {
    let text = table::verdict_table(&synthetic());
    assert_fits(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn verdict_table_fits_whatever_the_names() {
    let mut ledger = synthetic();
    for claim in &mut ledger.claims {
        claim.id = "abk/a-rather-long-name-of-a-claim-about-the-equation-before-the-limit".into();
        claim.source.locus = "Proposition 3.1 and Proposition 3.3, (3.2), (3.20)".into();
    }
    assert_fits(&table::verdict_table(&ledger));
}

#[test]
fn detail_table_has_a_row_for_every_cell_and_rival() {
    let ledger = synthetic();
    let claim = &ledger.claims[3];
    let text = table::detail_table(claim);
    assert_fits(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn summary_counts_and_names_what_failed() {
    let text = table::summary(&synthetic(), Some(412_032));
    assert_fits(text.split("NOT").next().unwrap());
    insta::assert_snapshot!(text);
}

#[test]
fn csv_holds_every_digit_of_every_cell() {
    let ledger = synthetic();
    for claim in &ledger.claims {
        let text = table::cells_csv(claim);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<rmt_verify::ledger::CellRecord> =
            reader.deserialize().map(Result::unwrap).collect();
        assert_eq!(rows.len(), claim.cells.len());
        for (row, cell) in rows.iter().zip(&claim.cells) {
            let same = row == cell || (row.estimate.is_nan() && cell.estimate.is_nan());
            assert!(same, "{row:?}\n{cell:?}");
        }
    }
}

#[test]
fn csv_columns_are_the_fields_of_a_cell() {
    let text = table::cells_csv(&synthetic().claims[1]);
    assert_eq!(
        text.lines().next().unwrap(),
        "law,signal,n,point,theory,estimate,halfwidth,inner,outer,replicates,grade,verdict"
    );
}
