//! From trials to records of the ledger.

use crate::claim::Statement;
use crate::design::{Cell, Rival};
use crate::ledger::{CellRecord, ClaimRecord, RivalRecord, SourceRecord, WitnessRecord};
use crate::verdict::{Judged, Verdict};

/// A claim of which nothing was drawn: undecided, no looks, no cells.
pub(super) fn undrawn(statement: &Statement, alpha: f64, rivals: &[Rival]) -> ClaimRecord {
    ClaimRecord {
        id: statement.id.into(),
        statement: statement.statement.into(),
        source: SourceRecord {
            work: statement.source.work.into(),
            locus: statement.source.locus.into(),
        },
        strength: statement.strength,
        verdict: Verdict::Undecided,
        looks: 0,
        alpha,
        cells: Vec::new(),
        rivals: rivals
            .iter()
            .map(|rival| of_rival(rival, Verdict::Undecided, &[]))
            .collect(),
    }
}

pub(super) fn of_cell(cell: &Cell, judged: &Judged) -> CellRecord {
    CellRecord {
        law: cell.law.clone(),
        signal: cell.signal.clone(),
        n: cell.n,
        point: cell.point.clone(),
        theory: cell.theory,
        estimate: judged.confidence.estimate,
        halfwidth: judged.confidence.halfwidth,
        inner: cell.inner,
        outer: cell.outer,
        replicates: judged.replicates,
        grade: judged.confidence.grade,
        verdict: judged.verdict,
    }
}

/// `judged` are the rival's cells at its last look, in order; none when its trial failed.
pub(super) fn of_rival(rival: &Rival, verdict: Verdict, judged: &[Judged]) -> RivalRecord {
    let distance = rival.distance();
    RivalRecord {
        name: rival.name.clone(),
        side: rival.side,
        // A design error may have let a number through that JSON cannot hold.
        distance: if distance.is_finite() { distance } else { 0.0 },
        verdict,
        witness: witness(rival, judged),
    }
}

/// The cell whose interval misses its inner tolerance by most; the first of equals.
fn witness(rival: &Rival, judged: &[Judged]) -> Option<WitnessRecord> {
    rival
        .cells
        .iter()
        .zip(judged)
        .map(|(wrong, judged)| WitnessRecord {
            expected: wrong.expected,
            cell: of_cell(&wrong.cell, judged),
        })
        .reduce(|clearest, next| {
            if next.cell.miss() > clearest.cell.miss() {
                next
            } else {
                clearest
            }
        })
}
