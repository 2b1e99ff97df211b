//! The page as HTML.

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
    let timed = |line: &str| {
        line.contains(" s<") || line.contains(" s on") || line.contains("core-seconds")
    };
    for (a, b) in first.lines().zip(second.lines()).filter(|(a, b)| a != b) {
        assert!(timed(a) && timed(b), "{a}\n{b}");
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
    std::fs::write(&path, super::document()).unwrap();
    assert!(path.exists());
}
