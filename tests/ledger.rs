//! The ledger of statements leaves nothing out: every number of the paper has a claim or a reason,
//! every claim of the registry belongs to a statement, and `docs/claims.md` says so.

use rmt_verify::claims::registry;
use rmt_verify::design::Tier;
use rmt_verify::statements::{Equation, Fault, Locus, Place, Statements, StatementsError};
use rmt_verify::table::listing;

/// Labels that must be in the ledger: the paper's, and the sharper facts that go beyond it.
const LABELS: [&str; 20] = [
    "Capitaine et al.",
    "Huang",
    "Assumption 1",
    "Assumption 2",
    "Assumption 3",
    "Theorem 2.1",
    "Theorem 2.2",
    "Remark 1",
    "Proposition 3.1",
    "Lemma 3.2",
    "Proposition 3.3",
    "Lemma 3.4",
    "Lemma 4.1",
    "Lemma 4.2",
    "Appendix A",
    "beyond: constant of the 1/N term",
    "beyond: average over spikes",
    "beyond: fluctuations of an outlier",
    "beyond: eigenvector of an outlier",
    "beyond: edge of the bulk",
];

/// Our numbers for the statements of the second paper; those without a star are testable.
const SECOND: &str = "A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 B1 B2 B3 B4 B5 C0a C0b C1* C2 C4 C5 D1 D2 D3 \
                      E1 E2 E3 E4 E5 F1 F2 F3 F4";

/// The places of [`SECOND`], and whether each is testable.
fn second() -> impl Iterator<Item = (Place, bool)> {
    SECOND.split_whitespace().map(|number| {
        let label = format!("LM {}", number.trim_end_matches('*'));
        (Place::Label(label), !number.ends_with('*'))
    })
}

/// The last equation number of each section that the paper's text refers to. Numbers are
/// consecutive, so all from 1 on must be in the ledger.
const LAST: [(&str, u32); 6] = [
    ("1", 13),
    ("2", 5),
    ("3", 21),
    ("4", 45),
    ("5", 10),
    ("B", 39),
];

/// Numbers whose content is known: an entry of kind `lost` does not do for them.
const KNOWN: &str = "(1.2)–(1.3), (1.6)–(1.9), (1.12)–(1.13), (2.1)–(2.2), (2.5), (3.2), (3.6)–(3.8), \
                     (3.10)–(3.21), (4.3)–(4.5), (4.12)–(4.23), (4.25)–(4.26), (4.34)–(4.45), \
                     (5.4)–(5.10), (B.13)–(B.15), (B.17)–(B.31)";

/// Numbers and labels whose statement is testable: only a claim does for them.
const TESTABLE: &str = "(1.7), (1.9), (1.12), Capitaine et al., Huang, Assumption 1, Assumption 2, \
                        Assumption 3, Theorem 2.1, Theorem 2.2, Remark 1, Proposition 3.1, Lemma 3.2, \
                        Proposition 3.3, Lemma 3.4, Lemma 4.1, Lemma 4.2, (2.1), (2.5), (3.2), \
                        (3.6)–(3.8), (3.10)–(3.21), (4.5), (4.12)–(4.23), (4.25)–(4.26), \
                        (4.34)–(4.36), (B.13)–(B.15), (B.17)–(B.31)";

fn required() -> Vec<Place> {
    let labels = LABELS.iter().map(|&label| Place::Label(label.into()));
    let numbers = LAST.iter().flat_map(|&(section, last)| {
        (1..=last).map(move |number| {
            Place::Equation(Equation {
                section: section.into(),
                number,
            })
        })
    });
    let second = second().map(|(place, _)| place);
    labels.chain(numbers).chain(second).collect()
}

fn places(locus: &str) -> Vec<Place> {
    locus.parse::<Locus>().unwrap().places().to_vec()
}

/// Required places that no statement has.
fn missing(statements: &Statements) -> Vec<String> {
    required()
        .iter()
        .filter(|place| statements.at(place).is_none())
        .map(ToString::to_string)
        .collect()
}

#[test]
fn every_number_of_the_paper_has_a_claim_or_a_reason() {
    let statements = Statements::built_in();
    assert_eq!(missing(&statements), Vec::<String>::new());
    let (covered, excepted) = statements.covered_and_excepted();
    println!("{covered} statements covered, {excepted} excepted");
}

#[test]
fn statements_whose_content_is_known_are_not_listed_as_lost() {
    let statements = Statements::built_in();
    for place in places(KNOWN) {
        let kind = statements.at(&place).unwrap().kind.name();
        assert_ne!(kind, "lost", "{place}");
    }
}

#[test]
fn what_can_be_tested_has_claims() {
    let statements = Statements::built_in();
    let second = second().filter(|(_, testable)| *testable);
    for place in places(TESTABLE)
        .into_iter()
        .chain(second.map(|(place, _)| place))
    {
        let statement = statements.at(&place).unwrap();
        assert_eq!(statement.exception(), None, "{place}");
    }
}

#[test]
fn claims_of_the_ledger_and_of_the_registry_are_the_same() {
    let registry = registry();
    let faults = Statements::built_in().faults(registry.iter().map(|claim| &claim.statement));
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn reasons_are_sentences() {
    for statement in Statements::built_in().iter() {
        if let Some(reason) = statement.exception() {
            let words = reason.split_whitespace().count();
            assert!(reason.ends_with('.') && words >= 8, "{}", statement.locus);
        }
    }
}

/// A reason that sends the reader to a claim sends them to one that exists.
#[test]
fn claims_that_reasons_speak_of_exist() {
    let registry = registry();
    for statement in Statements::built_in().iter() {
        let reason = statement.exception().unwrap_or_default();
        for word in reason.split(|c: char| c.is_whitespace() || ",:;".contains(c)) {
            let word = word.trim_end_matches('.');
            if ["abk/", "background/", "lm/"]
                .iter()
                .any(|key| word.starts_with(key))
            {
                assert!(
                    registry.iter().any(|claim| claim.statement.id == word),
                    "{}: {word}",
                    statement.locus
                );
            }
        }
    }
}

#[test]
fn page_of_claims_is_up_to_date() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/claims.md");
    let page = std::fs::read_to_string(path).unwrap_or_default();
    let expected = listing(&registry(), &Statements::built_in(), Tier::Quick).markdown();
    let differs = expected.lines().zip(page.lines()).find(|(a, b)| a != b);
    assert!(
        page == expected,
        "run `cargo run -- claims --markdown > docs/claims.md`; first difference: {differs:?}"
    );
}

mod wrong_ledgers_are_refused {
    use super::{Fault, Place, Statements, StatementsError, missing, registry};

    fn ledger(entries: &[&str]) -> String {
        let mut text = "[[section]]\ntitle = \"1\"\n".to_owned();
        for entry in entries {
            text.push_str(
                "[[section.statement]]\ntitle = \"t\"\nstatement = \"s\"\nkind = \"lemma\"\n",
            );
            text.push_str(entry);
            text.push('\n');
        }
        text
    }

    fn parse(entries: &[&str]) -> Result<Statements, StatementsError> {
        Statements::parse(&ledger(entries))
    }

    const WARD: &str = "locus = \"(1.1)\"\nclaims = [\"abk/ward\"]";

    #[test]
    fn neither_claim_nor_exception() {
        let error = parse(&[WARD, "locus = \"(1.2)\""]).unwrap_err();
        let locus = "(1.2)".into();
        assert_eq!(error, StatementsError::Uncovered { locus });
    }

    #[test]
    fn claim_and_exception() {
        let error = parse(&[&format!("{WARD}\nexception = \"no\"")]).unwrap_err();
        let locus = "(1.1)".into();
        assert_eq!(error, StatementsError::ClaimsAndException { locus });
    }

    #[test]
    fn empty_reason() {
        for reason in ["", " \\n "] {
            let entry = format!("locus = \"(1.2)\"\nexception = \"{reason}\"");
            let error = parse(&[WARD, &entry]).unwrap_err();
            let (locus, field) = ("(1.2)".into(), "exception");
            assert_eq!(error, StatementsError::Empty { locus, field });
        }
    }

    #[test]
    fn empty_list_of_claims() {
        let error = parse(&["locus = \"(1.2)\"\nclaims = []"]).unwrap_err();
        let (locus, field) = ("(1.2)".into(), "claims");
        assert_eq!(error, StatementsError::Empty { locus, field });
    }

    #[test]
    fn empty_statement() {
        let text = ledger(&[WARD]).replace("statement = \"s\"", "statement = \"\"");
        let error = Statements::parse(&text).unwrap_err();
        let (locus, field) = ("(1.1)".into(), "statement");
        assert_eq!(error, StatementsError::Empty { locus, field });
    }

    #[test]
    fn claim_named_twice() {
        let error = parse(&["locus = \"(1.1)\"\nclaims = [\"abk/ward\", \"abk/ward\"]"]);
        let (locus, id) = ("(1.1)".into(), "abk/ward".into());
        assert_eq!(
            error.unwrap_err(),
            StatementsError::ClaimTwice { locus, id }
        );
    }

    #[test]
    fn locus_named_twice() {
        let error = parse(&[WARD, "locus = \"Lemma 9, (1.1)\"\nexception = \"no\""]);
        let expected = StatementsError::PlaceTwice {
            place: "(1.1)".into(),
            first: "(1.1)".into(),
            second: "Lemma 9, (1.1)".into(),
        };
        assert_eq!(error.unwrap_err(), expected);
    }

    #[test]
    fn ranges_that_overlap() {
        let entries = [
            "locus = \"(4.12)–(4.18)\"\nexception = \"no\"",
            "locus = \"(4.18)–(4.20)\"\nexception = \"no\"",
        ];
        let error = parse(&entries).unwrap_err().to_string();
        assert!(error.starts_with("(4.18) is in"), "{error}");
    }

    #[test]
    fn locus_that_cannot_be_read() {
        let error = parse(&["locus = \"(4.18\"\nexception = \"no\""]).unwrap_err();
        assert!(matches!(error, StatementsError::Locus(_)), "{error}");
    }

    #[test]
    fn unknown_kind_and_unknown_field() {
        let text = ledger(&[WARD]);
        for broken in [
            text.replace("\"lemma\"", "\"conjecture\""),
            text.replace("claims", "claim"),
        ] {
            let error = Statements::parse(&broken).unwrap_err();
            assert!(matches!(error, StatementsError::Syntax(_)), "{error}");
        }
    }

    #[test]
    fn number_that_is_left_out() {
        let statements = parse(&[WARD, "locus = \"Lemma 3.2\"\nexception = \"no\""]).unwrap();
        let missing = missing(&statements);
        assert!(missing.contains(&"(4.17)".into()) && missing.contains(&"Lemma 4.2".into()));
        assert!(!missing.contains(&"(1.1)".into()) && !missing.contains(&"Lemma 3.2".into()));
        assert!(statements.at(&Place::Label("Lemma 3.2".into())).is_some());
    }

    #[test]
    fn claim_that_does_not_exist_and_claims_that_nothing_cites() {
        let statements = parse(&[WARD, "locus = \"(1.2)\"\nclaims = [\"abk/no-such\"]"]).unwrap();
        let registry = registry();
        let faults = statements.faults(registry.iter().map(|claim| &claim.statement));
        let (locus, id) = ("(1.2)".into(), "abk/no-such".into());
        assert_eq!(faults[0], Fault::UnknownClaim { locus, id });
        let id = "abk/lemma-3.2".into();
        assert!(faults.contains(&Fault::UncitedClaim { id }));
        assert_eq!(faults.len(), registry.len());
    }
}

mod listing_of_a_made_up_ledger {
    use super::{Statements, Tier, listing, registry};
    use rmt_verify::table::Listing;

    const TEXT: &str = r#"
        [[section]]
        title = "1. First"
        [[section.statement]]
        locus = "(1.1)–(1.3), Lemma 9"
        title = "Row sums"
        statement = "|s_N| ≤ 1/Im z."
        kind = "lemma"
        claims = ["abk/ward", "abk/no-such"]
        [[section]]
        title = "2. Second"
        [[section.statement]]
        locus = "(2.1)"
        title = "Order"
        statement = "λ₁ ≥ … ≥ λ_N."
        kind = "definition"
        exception = "A convention."
    "#;

    fn made_up() -> Listing {
        let ward: Vec<_> = registry()
            .into_iter()
            .filter(|claim| claim.statement.id == "abk/ward")
            .collect();
        listing(&ward, &Statements::parse(TEXT).unwrap(), Tier::Quick)
    }

    #[test]
    fn claims_come_with_their_number_of_rivals() {
        let list = made_up();
        let rivals = list.claims[0].rivals.len();
        let claims = &list.statements[0].claims;
        assert_eq!(claims[0].rivals, Some(rivals));
        assert_eq!(claims[1].rivals, None);
        assert_eq!(list.covered_and_excepted(), (1, 1));
        assert_eq!(list.rivals(), rivals);
    }

    #[test]
    fn text_has_a_table_for_each_section_with_claims_and_reasons() {
        let list = made_up();
        let text = list.text();
        let covered = format!("abk/ward  {} rivals", list.rivals());
        let unknown = "abk/no-such  not in the registry";
        for part in [
            "1. First\n",
            "2. Second\n",
            &covered,
            unknown,
            "— A convention.",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        let count = format!(
            "2 statements: 1 covered, 1 excepted; 1 claim with {} rivals",
            list.rivals()
        );
        assert!(text.contains(&count), "{text}");
    }

    #[test]
    fn page_links_claims_that_exist_and_keeps_bars_inside_their_cells() {
        let page = made_up().markdown();
        assert!(page.contains("[`abk/ward`](#abkward)"));
        assert!(page.contains("`abk/no-such` (not in the registry)"));
        let row = page.lines().find(|line| line.contains("Row sums")).unwrap();
        let unescaped = row.replace("\\|", "").matches('|').count();
        assert_eq!(unescaped, 4, "{row}");
        assert!(page.contains("\n## abk/ward\n"));
    }
}
