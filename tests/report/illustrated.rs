//! What each theorem looks like.

use super::{count, document, theorems};
use rmt_verify::plot::{envelope_panels, illustrations, parameter_panels};

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
    let page = document();
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
