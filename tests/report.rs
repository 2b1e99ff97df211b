//! Rendering, on a synthetic ledger (`fixtures/synthetic`: invented numbers, every kind of verdict).

use rmt_verify::claim::{Source, Statement, Strength};
use rmt_verify::ledger::Ledger;
use rmt_verify::report::{Timings, html};
use rmt_verify::table;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/synthetic")
        .join(name)
}

fn synthetic() -> Ledger {
    Ledger::read(&fixture("ledger.json")).expect("the synthetic ledger is a ledger")
}

fn timings() -> Timings {
    let text = std::fs::read_to_string(fixture("timings.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn statements() -> Vec<Statement> {
    let source = Source {
        work: "abk",
        locus: "Proposition 3.1, (3.2)",
    };
    vec![
        Statement {
            id: "synthetic/sharp",
            title: "Synthetic: the defect of the Stieltjes equation",
            statement: "",
            formula: r"N\bigl(\mathbb{E}\,s_N(z) - s_{\nu_N}(z + \mathbb{E}\,s_N(z))\bigr) \to r(z) = \tfrac12\, s_\nu''(\omega) \left[ \frac{1}{1 - s_\nu'(\omega)} + (v_d - 2) + \kappa_4\, s_\nu'(\omega) \right]",
            meaning: "Nothing: these numbers are invented to show how a report looks.",
            source,
            strength: Strength::Sharp,
        },
        Statement {
            id: "synthetic/exact",
            title: "Synthetic: Ward's identity",
            statement: "",
            formula: r"\sum_{j=1}^N |G_{ij}(z)|^2 = \frac{\operatorname{Im} G_{ii}(z)}{\operatorname{Im} z}",
            meaning: "Nothing.",
            source,
            strength: Strength::Exact,
        },
    ]
}

#[test]
fn page_for_screenshots() {
    let page = html(&synthetic(), &statements(), Some(&timings()));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("synthetic.html");
    std::fs::write(path, page).unwrap();
}

#[test]
fn tables_show() {
    let ledger = synthetic();
    println!("{}", table::verdict_table(&ledger));
}
