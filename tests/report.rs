//! Rendering, on a synthetic ledger (`fixtures/synthetic`: invented numbers, every kind of verdict).

use rmt_verify::claim::{Source, Statement, Strength};
use rmt_verify::ledger::Ledger;
use rmt_verify::report::{Timings, html};
use std::path::{Path, PathBuf};

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

mod ledger {
    use super::{fixture, synthetic};
    use rmt_verify::ledger::{Ledger, LedgerError};
    use serde_json::Value;

    #[test]
    fn reading_and_writing_keeps_every_field() {
        let text = std::fs::read_to_string(fixture("ledger.json")).unwrap();
        let before: Value = serde_json::from_str(&text).unwrap();
        let after: Value = serde_json::from_str(&synthetic().to_json()).unwrap();
        assert_eq!(before, after);
    }

    #[test]
    fn estimate_that_does_not_exist_is_null() {
        let ledger = synthetic();
        let cell = &ledger.claims[4].cells[0];
        assert!(cell.estimate.is_nan() && cell.halfwidth.is_nan());
        assert!(ledger.to_json().contains("\"estimate\": null"));
    }

    #[test]
    fn file_with_other_fields_is_not_a_ledger() {
        let error = Ledger::read(&fixture("timings.json")).unwrap_err();
        assert!(matches!(error, LedgerError::NotALedger { .. }), "{error}");
    }

    #[test]
    fn passing_needs_a_confirmed_claim_and_no_rival_left() {
        let mut ledger = synthetic();
        let passed: Vec<bool> = ledger.claims.iter().map(|claim| claim.passed()).collect();
        assert_eq!(passed, [true, true, true, false, false]);
        ledger.claims[0].rivals[0].verdict = rmt_verify::verdict::Verdict::Undecided;
        assert!(!ledger.claims[0].passed());
    }
}

mod tables {
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
            claim.id =
                "abk/a-rather-long-name-of-a-claim-about-the-equation-before-the-limit".into();
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
}

mod page {
    use super::{count, fixture, page, statements, synthetic, timings};
    use rmt_verify::plot::escape;
    use rmt_verify::report::{Timings, html};

    #[test]
    fn same_run_gives_the_same_bytes() {
        assert_eq!(page(), page());
    }

    #[test]
    fn timings_change_nothing_but_timings() {
        let mut slower: Timings = timings();
        slower.seconds = 99.0;
        slower
            .claims
            .iter_mut()
            .for_each(|claim| claim.seconds = 9.25);
        let first = page();
        let second = html(&synthetic(), &statements(), Some(&slower));
        assert_eq!(first.lines().count(), second.lines().count());
        for (a, b) in first.lines().zip(second.lines()).filter(|(a, b)| a != b) {
            assert!(a.contains(" s") && b.contains(" s"), "{a}\n{b}");
        }
        let none = html(&synthetic(), &statements(), None);
        assert!(!none.contains("412 032 samples"));
    }

    #[test]
    fn nothing_comes_from_the_network() {
        let page = page();
        for forbidden in [
            "<script",
            "<link",
            "<iframe",
            "<img",
            "src=",
            "href=\"http",
            "url(",
            "@import",
        ] {
            assert!(!page.contains(forbidden), "{forbidden} is in the page");
        }
    }

    #[test]
    fn text_is_escaped() {
        let page = page();
        assert!(page.contains("the truth &lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(page.contains("Ward &lt; 1 &amp; &quot;sure&quot;"));
        assert_eq!(
            escape("<a href='b'>\"&"),
            "&lt;a href=&#39;b&#39;&gt;&quot;&amp;"
        );
    }

    /// Every element that is opened is closed, in the right order.
    #[test]
    fn markup_is_balanced() {
        let page = page();
        let mut open: Vec<&str> = Vec::new();
        for piece in page.split('<').skip(1) {
            let tag = piece.split('>').next().unwrap();
            let name = tag.split_whitespace().next().unwrap().trim_end_matches('/');
            if let Some(closed) = name.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "closed in the wrong order");
            } else if !tag.ends_with('/') && !["!DOCTYPE", "meta", "br"].contains(&name) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?} stay open");
    }

    #[test]
    fn every_claim_is_listed_explained_and_linked() {
        let page = page();
        for claim in &synthetic().claims {
            let anchor = claim.id.replace('/', "-");
            // In the contents and in the table of verdicts.
            assert!(
                count(&page, &format!("href=\"#{anchor}\"")) >= 2,
                "{anchor}"
            );
            assert_eq!(count(&page, &format!("id=\"{anchor}\"")), 1, "{anchor}");
            for rival in &claim.rivals {
                let words = escape(rival.name.split(['_', '^']).next().unwrap());
                assert!(page.contains(&format!("<tr><td>{words}")), "{}", rival.name);
            }
        }
        assert!(page.contains("Nothing: these numbers are invented"));
    }

    #[test]
    fn every_cell_has_its_numbers() {
        let page = page();
        let cells: usize = synthetic()
            .claims
            .iter()
            .map(|claim| claim.cells.len())
            .sum();
        let rows = page
            .split("<table class=\"numbers\">")
            .skip(1)
            .map(|rest| count(rest.split("</table>").next().unwrap(), "<tr><td>"))
            .sum::<usize>();
        assert_eq!(rows, cells);
    }

    #[test]
    fn budget_and_error_rates_are_stated() {
        let page = page();
        assert!(page.contains("refuted with probability at most α"));
        assert!(page.contains("budget of 10<sup>−6</sup>"));
    }

    #[test]
    fn surviving_rival_and_claim_that_was_not_judged_stand_out() {
        let page = page();
        assert!(page.contains("survives (confirmed)"));
        assert!(page.contains("Nothing was judged"));
    }

    #[test]
    fn formulas_are_formulas() {
        assert_eq!(count(&page(), "<math"), 2);
        assert!(page().contains("<mfrac"));
        assert!(!page().contains("merror"));
    }

    #[test]
    fn screenshot_is_left_for_the_eye() {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("synthetic.html");
        std::fs::write(&path, page()).unwrap();
        assert!(path.exists() && fixture("make.py").exists());
        let path = path.with_file_name("theorems.html");
        std::fs::write(&path, html(&super::theorems(), &[], None)).unwrap();
        assert!(path.exists());
    }
}

mod document {
    use super::{count, page, synthetic, theorems};
    use rmt_verify::ledger::{CellRecord, ClaimRecord, Ledger};
    use rmt_verify::report::html;
    use rmt_verify::statements::Statements;

    fn document() -> String {
        html(&theorems(), &[], None)
    }

    fn section<'a>(page: &'a str, id: &str) -> &'a str {
        let start = page
            .find(&format!("id=\"{id}\""))
            .expect("the section exists");
        page[start..].split("</section>").next().unwrap()
    }

    #[test]
    fn every_link_has_its_one_target() {
        for page in [page(), document()] {
            let links: Vec<&str> = page
                .split("href=\"#")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap())
                .collect();
            assert!(links.len() > 10);
            for link in links {
                assert_eq!(count(&page, &format!(" id=\"{link}\"")), 1, "{link}");
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
        let map = section(&page, "map");
        let numbered = Statements::abk();
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
            section(&page, "map")
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
        assert_eq!(count(&page, "What each hypothesis is for"), claims.len());
        assert!(claims.len() >= 8);
        let worst = section(&page, "abk-theorem-2.2-worst");
        assert!(worst.contains("dropped: k/N → 0.2") && worst.contains("dropped: Φ′(θ) ≤ 0"));
        assert!(!page_without_twins().contains("What each hypothesis is for"));
    }

    fn page_without_twins() -> String {
        page()
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
        let text = section(&page, "background-pastur");
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
        for page in [page(), document()] {
            for svg in page.split("<svg ").skip(1) {
                let svg = svg.split("</svg>").next().unwrap();
                assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
            }
        }
    }

    #[test]
    fn same_ledger_gives_the_same_bytes() {
        assert_eq!(document(), document());
    }
}

/// What each theorem looks like.
mod illustrated {
    use super::{count, theorems};
    use rmt_verify::plot::{envelope_panels, illustrations, parameter_panels};
    use rmt_verify::report::html;

    fn claim(id: &str) -> rmt_verify::ledger::ClaimRecord {
        let ledger = theorems();
        ledger
            .claims
            .into_iter()
            .find(|claim| claim.id == id)
            .unwrap()
    }

    #[test]
    fn every_theorem_has_its_picture() {
        let page = html(&theorems(), &[], None);
        for (id, shown) in [
            ("background/semicircle", "histogram of eigenvalues"),
            ("background/pastur", "histogram of eigenvalues"),
            (
                "background/capitaine",
                "location of the eigenvalue of a spike",
            ),
            ("background/huang", "histogram of eigenvalues"),
            ("background/peche", "λ₁ against θ"),
            ("background/peche-goe", "λ₁ against θ"),
            ("background/tracy-widom-goe", "P against x"),
            ("abk/theorem-2.1", "the transported and the untransported"),
            ("abk/theorem-2.2", "histogram of eigenvalues"),
            (
                "abk/theorem-2.2-worst",
                "error against N, with its envelope",
            ),
        ] {
            let anchor = format!("id=\"{}\"", id.replace('/', "-"));
            let section = page[page.find(&anchor).unwrap()..]
                .split("</section>")
                .next()
                .unwrap();
            assert!(
                section.contains(&format!("aria-label=\"{shown}")) || section.contains(shown),
                "{id}"
            );
            assert!(section.contains("What it looks like"), "{id}");
        }
        assert!(!page.contains("could not be drawn"));
    }

    #[test]
    fn illustrations_are_the_same_for_one_epoch_and_others_for_another() {
        let draw = |epoch| {
            let mut panels = illustrations("background/semicircle", epoch);
            panels.remove(0).unwrap().svg
        };
        assert_eq!(draw(0), draw(0));
        assert_ne!(draw(0), draw(1));
        assert!(illustrations("abk/ward", 0).is_empty());
    }

    /// 24 spikes, and one mark in the legend.
    #[test]
    fn every_spike_has_its_mark_and_its_eigenvalue() {
        let panel = illustrations("abk/theorem-2.2", 0).remove(0).unwrap();
        let triangles = count(&panel.svg, "<polygon");
        assert_eq!(triangles, 24 + 1);
    }

    #[test]
    fn transition_is_drawn_with_its_limit() {
        let limit = rmt_verify::plot::Limit {
            name: "a limit",
            value: |theta| theta,
        };
        let cells = claim("background/peche").cells;
        let with = parameter_panels(&cells, Some(limit));
        let without = parameter_panels(&cells, None);
        assert_eq!((with.len(), without.len()), (1, 1));
        assert!(with[0].svg.contains("a limit") && !without[0].svg.contains("a limit"));
        // Seven estimates and the one of the legend.
        assert_eq!(count(&without[0].svg, "<circle"), 8);
    }

    #[test]
    fn curve_needs_four_points_of_one_law_and_size() {
        let mut cells = claim("background/peche").cells;
        assert!(parameter_panels(&cells[..3], None).is_empty());
        cells[0].n = 100;
        cells[1].law = "goe".into();
        assert_eq!(parameter_panels(&cells, None).len(), 1);
        cells[2].estimate = f64::NAN;
        cells[3].point = "λ₁ at 1.5".into();
        assert!(parameter_panels(&cells, None).is_empty());
    }

    #[test]
    fn envelope_needs_two_sizes_and_positive_errors() {
        let cells = claim("abk/theorem-2.2-worst").cells;
        let panels = envelope_panels(&cells, "worst spike");
        assert_eq!(panels.len(), 1);
        assert!(panels[0].svg.contains("k = 14") || panels[0].svg.contains("k = 5"));
        assert!(envelope_panels(&cells[..1], "worst spike").is_empty());
        assert!(envelope_panels(&cells, "best spike").is_empty());
    }
}

mod formulas {
    use rmt_verify::claims::registry;
    use rmt_verify::report::mathml;

    #[test]
    fn every_formula_of_the_registry_can_be_shown() {
        for claim in registry() {
            let formula = claim.statement.formula;
            let shown =
                mathml(formula).unwrap_or_else(|error| panic!("{}: {error}", claim.statement.id));
            assert!(
                shown.starts_with("<math") && !shown.contains("merror"),
                "{shown}"
            );
        }
    }

    #[test]
    fn broken_formula_is_an_error_and_not_red_ink() {
        let error = mathml(r"\frac{1").unwrap_err();
        assert_eq!(error.latex, r"\frac{1");
        assert!(!error.to_string().is_empty());
    }
}

mod pictures {
    use super::{count, synthetic};
    use rmt_verify::ledger::CellRecord;
    use rmt_verify::plot::{cell_picture, overview, size_panels};

    #[test]
    fn panel_for_every_law_signal_and_point_with_two_sizes_or_more() {
        let ledger = synthetic();
        let panels = size_panels(&ledger.claims[0].cells);
        assert_eq!(panels.len(), 216 / 3);
        assert!(panels.iter().all(|panel| panel.svg.starts_with("<svg ")));
        assert!(size_panels(&ledger.claims[0].cells[..1]).is_empty());
        assert!(size_panels(&ledger.claims[4].cells).is_empty());
    }

    #[test]
    fn shape_and_colour_tell_the_verdict() {
        let ledger = synthetic();
        let cells: Vec<&CellRecord> = ledger.claims[3].cells.iter().collect();
        let bad = cell_picture(&cells);
        let good = cell_picture(&cells[..1]);
        // The legend alone has one mark of each kind.
        assert!(count(&bad, "#C84B00") > count(&good, "#C84B00"));
        assert!(good.contains("−0.223 ± 0.010"));
    }

    /// θ at the middle of the axis, θ + τ on the tick, and what is beyond the axis as an arrow.
    #[test]
    fn estimate_is_drawn_where_it_is() {
        let ledger = synthetic();
        let mut cell = ledger.claims[3].cells[0].clone();
        let dots = |cell: &CellRecord| -> Vec<i32> {
            cell_picture(&[cell])
                .split("<circle cx=\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
                .collect()
        };
        let legend = 3;
        cell.estimate = cell.theory;
        assert_eq!(dots(&cell)[legend..], [495]);
        cell.estimate = cell.theory + cell.outer;
        assert_eq!(dots(&cell)[legend..], [617]);
        cell.estimate = cell.theory - cell.outer;
        assert_eq!(dots(&cell)[legend..], [373]);
        cell.estimate = cell.theory + 50.0 * cell.outer;
        assert_eq!(dots(&cell).len(), legend);
        assert!(cell_picture(&[&cell]).contains("<polygon"));
    }

    #[test]
    fn tolerance_zero_and_missing_estimates_are_drawn_without_nonsense() {
        let ledger = synthetic();
        let mut cell = ledger.claims[4].cells[0].clone();
        assert!(cell_picture(&[&cell]).contains("not judged"));
        cell.estimate = cell.theory;
        cell.halfwidth = 0.0;
        (cell.inner, cell.outer) = (0.0, 0.0);
        for svg in [cell_picture(&[&cell]), overview(&[cell.clone()])] {
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}

mod folder {
    use super::{Path, synthetic, timings};
    use rmt_verify::report::{Folder, FolderError, csv_name};

    fn fresh(name: &str) -> std::path::PathBuf {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path).unwrap();
        }
        path
    }

    #[test]
    fn run_leaves_its_files_and_no_temporary_ones() {
        let path = fresh("folder-run").join("made/on/the/way");
        let folder = Folder::open(&path).unwrap();
        let ledger = synthetic();
        folder.write_run(&ledger, &timings()).unwrap();
        folder.write_run(&ledger, &timings()).unwrap();
        let mut names: Vec<String> = std::fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let mut wanted: Vec<String> = ledger.claims.iter().map(csv_name).collect();
        wanted.extend(["ledger.json".to_owned(), "timings.json".to_owned()]);
        wanted.sort();
        assert_eq!(names, wanted);
        assert_eq!(
            std::fs::read_to_string(path.join("ledger.json")).unwrap(),
            ledger.to_json()
        );
        assert_eq!(folder.timings().unwrap(), Some(timings()));
    }

    #[test]
    fn folder_below_a_file_cannot_be_made() {
        let path = fresh("folder-below");
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("file"), "").unwrap();
        let error = Folder::open(&path.join("file/out")).unwrap_err();
        assert!(matches!(error, FolderError::NotMade { .. }), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn files_are_readable_by_those_whom_the_umask_lets() {
        use std::os::unix::fs::PermissionsExt;
        let path = fresh("folder-mode");
        let folder = Folder::open(&path).unwrap();
        folder.write("by-us", "text").unwrap();
        std::fs::write(path.join("by-std"), "text").unwrap();
        let mode = |name: &str| path.join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode("by-us"), mode("by-std"));
    }

    #[test]
    fn csv_is_named_after_its_claim() {
        let mut claim = synthetic().claims[0].clone();
        claim.id = "abk/proposition-3.1".into();
        assert_eq!(csv_name(&claim), "abk-proposition-3.1.csv");
        claim.id = "../../etc/passwd".into();
        assert!(!csv_name(&claim).contains('/'));
    }
}
