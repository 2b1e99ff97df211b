//! Pictures of cells.

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
