//! Rendering, on a synthetic ledger (`fixtures/synthetic`: invented numbers, every kind of verdict).

mod document;
mod folder;
mod formulas;
mod illustrated;
mod ledger;
mod page;
mod pictures;
mod tables;

use rmt_verify::claim::{Source, Statement, Strength};
use rmt_verify::ledger::Ledger;
use rmt_verify::report::{Timings, html};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/synthetic")
        .join(name)
}

fn synthetic() -> Ledger {
    Ledger::read(&fixture("ledger.json")).expect("the synthetic ledger is a ledger")
}

/// The theorems of the paper, with cells and twins such as their claims have.
fn theorems() -> Ledger {
    Ledger::read(&fixture("theorems.json")).expect("the synthetic ledger is a ledger")
}

/// Their report, which takes a second to draw.
fn document() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| html(&theorems(), &[], None))
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

fn page() -> String {
    html(&synthetic(), &statements(), Some(&timings()))
}

fn count(haystack: &str, needle: &str) -> usize {
    haystack.matches(needle).count()
}
