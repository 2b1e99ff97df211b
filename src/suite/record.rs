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
            uncertainty: wrong.uncertainty,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::confidence::{Confidence, Grade};
    use crate::design::{Estimator, RivalCell, Side};

    fn wrong(theory: f64, outer: f64) -> RivalCell {
        RivalCell {
            cell: Cell {
                law: "goe".into(),
                signal: "zero".into(),
                n: 64,
                point: format!("θ = {theory}"),
                theory,
                inner: 0.1,
                outer,
                estimator: Estimator {
                    inputs: vec![],
                    map: Box::new(|inputs| inputs[0]),
                },
            },
            expected: 1.0 + theory,
            uncertainty: 0.0,
        }
    }

    fn judged(estimate: f64) -> Judged {
        let confidence = Confidence {
            estimate,
            halfwidth: 0.1,
            grade: Grade::Proved,
        };
        Judged {
            confidence,
            replicates: 9,
            verdict: Verdict::Refuted,
        }
    }

    fn rival(cells: Vec<RivalCell>) -> Rival {
        Rival {
            name: "wrong".into(),
            side: Side::Theory,
            experiments: vec![],
            cells,
        }
    }

    #[test]
    fn witness_is_the_cell_that_misses_by_most_tolerances() {
        // Misses of 0.8, 1.8 and 3.8 are 4, 9 and 1.9 outer tolerances.
        let wrong = rival(vec![wrong(0.0, 0.2), wrong(-1.0, 0.2), wrong(5.0, 2.0)]);
        let record = of_rival(&wrong, Verdict::Refuted, &[1.0, 1.0, 1.0].map(judged));
        let witness = record.witness.expect("three cells were judged");
        assert_eq!((witness.cell.theory, witness.cell.estimate), (-1.0, 1.0));
        assert_eq!((witness.expected, witness.cell.replicates), (0.0, 9));
    }

    #[test]
    fn rival_that_was_not_judged_has_no_witness() {
        let record = of_rival(&rival(vec![wrong(0.0, 0.2)]), Verdict::Undecided, &[]);
        assert_eq!(record.witness, None);
        assert_eq!(record.distance, 1.0);
    }
}
