//! Contents, map, theorem and twins.

use super::{count, page, synthetic, theorems};
use rmt_verify::ledger::{CellRecord, ClaimRecord, Ledger};
use rmt_verify::report::html;
use rmt_verify::statements::Statements;

fn document() -> &'static str {
    super::document()
}

fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page
        .find(&format!("id=\"{id}\""))
        .expect("the section exists");
    page[start..].split("</section>").next().unwrap()
}

#[test]
fn every_link_has_its_one_target() {
    for page in [page().as_str(), document()] {
        let links: Vec<&str> = page
            .split("href=\"#")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert!(links.len() > 10);
        for link in links {
            assert_eq!(count(page, &format!(" id=\"{link}\"")), 1, "{link}");
        }
    }
}

#[test]
fn contents_stand_before_verdicts_map_and_claims() {
    let page = document();
    let at = |needle: &str| page.find(needle).unwrap_or_else(|| panic!("{needle}"));
    let order = [
        at("<nav class=\"contents\">"),
        at("id=\"verdicts\""),
        at("id=\"map\""),
        at("id=\"worth\""),
        at("id=\"part-background\""),
        at("id=\"part-section-2\""),
        at("id=\"part-beyond\""),
    ];
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn every_statement_of_the_paper_is_on_the_map() {
    let page = document();
    let map = section(page, "map");
    let numbered = Statements::built_in();
    for statement in numbered.iter() {
        let locus = rmt_verify::plot::escape(&statement.locus.to_string());
        assert!(map.contains(&format!(">{locus}</td>")), "{locus}");
    }
    let (_, excepted) = numbered.covered_and_excepted();
    assert_eq!(count(map, "Not tested. "), excepted);
    assert!(excepted > 0);
}

#[test]
fn map_shows_verdict_and_margin_of_claims_that_ran_and_names_the_others() {
    let page = document();
    let row = |id: &str| {
        section(page, "map")
            .split("<tr>")
            .find(|row| row.contains(&format!("<code>{id}</code>")))
            .unwrap_or_else(|| panic!("{id} is not on the map"))
            .to_owned()
    };
    // |0.312 − 0.31| + 0.01 of 0.05 is 0.24.
    let pastur = row("background/pastur");
    assert!(
        pastur.contains("confirmed") && pastur.contains(">0.76<"),
        "{pastur}"
    );
    assert!(row("abk/lemma-4.1").contains("not in this run"));
}

#[test]
fn margin_is_the_way_to_the_bound_as_a_share_of_it() {
    let mut cell: CellRecord = theorems().claims[1].cells[0].clone();
    (cell.theory, cell.estimate, cell.halfwidth) = (1.0, 1.5, 0.25);
    (cell.inner, cell.outer) = (0.1, 1.0);
    assert_eq!(cell.margin(), 0.25);
    assert!((cell.miss() - 0.15).abs() < 1e-15);
    (cell.estimate, cell.halfwidth, cell.outer) = (1.0, 0.0, 0.0);
    assert_eq!(cell.margin(), 1.0);
    cell.estimate = 1.5;
    assert_eq!(cell.margin(), f64::NEG_INFINITY);
    cell.estimate = f64::NAN;
    assert!(cell.margin().is_nan());
}

#[test]
fn tightest_cell_is_the_one_nearest_to_its_bounds() {
    let ledger = synthetic();
    let (margin, cell) = ledger.claims[3].tightest().unwrap();
    assert_eq!(cell.n, 64);
    assert!((margin - (1.0 - 0.1 / 0.06)).abs() < 1e-12);
    assert!(ledger.claims[4].tightest().is_none());
}

fn with_twins(ledger: &Ledger) -> Vec<&ClaimRecord> {
    let hypothesis = |claim: &&ClaimRecord| {
        claim
            .rivals
            .iter()
            .any(|rival| rival.side == rmt_verify::design::Side::Hypothesis)
    };
    ledger.claims.iter().filter(hypothesis).collect()
}

#[test]
fn theorem_and_twins_stand_side_by_side() {
    let (page, ledger) = (document(), theorems());
    let claims = with_twins(&ledger);
    assert_eq!(count(page, "What each hypothesis is for"), claims.len());
    assert!(claims.len() >= 8);
    let worst = section(page, "abk-theorem-2.2-worst");
    assert!(worst.contains("dropped: k/N → 0.2") && worst.contains("dropped: Φ′(θ) ≤ 0"));
    // The other ledger has no rival of that kind.
    assert!(!super::page().contains("What each hypothesis is for"));
}

#[test]
fn rivals_show_the_numbers_that_refuted_them() {
    let (page, ledger) = (document(), theorems());
    let claim = ledger
        .claims
        .iter()
        .find(|c| c.id == "background/pastur")
        .unwrap();
    let witness = claim.rivals[0].witness.as_ref().unwrap();
    // θ moved by 0.2: |0.312 − 0.51| − 0.01 − 0.01.
    assert!((witness.cell.theory - 0.51).abs() < 1e-12);
    let text = section(page, "background-pastur");
    let row = text
        .split("<tr>")
        .find(|row| row.contains("weight ω′ omitted"))
        .unwrap();
    assert!(row.contains(">0.510<") && row.contains(">0.18<"), "{row}");
}

#[test]
fn ledger_without_witnesses_can_still_be_read_and_shown() {
    let text = theorems().to_json();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for claim in value["claims"].as_array_mut().unwrap() {
        for rival in claim["rivals"].as_array_mut().unwrap() {
            rival.as_object_mut().unwrap().remove("witness");
        }
    }
    let old: Ledger = serde_json::from_value(value).unwrap();
    let page = html(&old, &[], None);
    assert!(page.contains("planned at a distance of"));
    assert!(!page.contains("What each hypothesis is for"));
}

#[test]
fn no_number_of_a_picture_is_missing() {
    for page in [page().as_str(), document()] {
        for svg in page.split("<svg ").skip(1) {
            let svg = svg.split("</svg>").next().unwrap();
            assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
        }
    }
}

#[test]
fn same_ledger_gives_the_same_bytes() {
    assert_eq!(document(), html(&theorems(), &[], None));
}
