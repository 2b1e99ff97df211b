//! From trials to records of the ledger.

use crate::claim::Statement;
use crate::design::{Cell, Rival};
use crate::ledger::{CellRecord, ClaimRecord, RivalRecord, SourceRecord};
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
            .map(|rival| of_rival(rival, Verdict::Undecided))
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

pub(super) fn of_rival(rival: &Rival, verdict: Verdict) -> RivalRecord {
    let distance = rival.distance();
    RivalRecord {
        name: rival.name.clone(),
        side: rival.side,
        // A design error may have let a number through that JSON cannot hold.
        distance: if distance.is_finite() { distance } else { 0.0 },
        verdict,
    }
}
