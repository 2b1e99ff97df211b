//! Wrong versions of Lemma 4.2, and twins without one of its hypotheses.

use super::super::outlier_measure::{Prediction, Row, Setting, transported};
use super::super::stieltjes_equation::Theory;
use super::super::violated;
use super::deterministic::WRONG;
use super::{AGREEMENT, Judged, points};
use crate::design::{Cell, Experiment, Rival, RivalCell, Side, Tier};
use crate::ensemble::{Ensemble, Violation};
use crate::measure::{SpectralMeasure, UpperHalf};
use crate::statistic::Part;
use num_complex::Complex64;

/// Rivals that put another limit in place of ω′ s_κ(ω), on the claim's samples.
pub(super) fn theory(rows: &[Judged]) -> Vec<Rival> {
    let omitted = |row: &Row, z| Some(row.setting.kappa_jet(row.setting.transported(z).omega).0);
    let untransported = |row: &Row, z: UpperHalf| Some(row.setting.kappa_jet(z.get()).0);
    let positive = |row: &Row, z| {
        let at = row.setting.transported(z);
        let parts = row.setting.positive_parts();
        let sum: Complex64 = parts
            .iter()
            .map(|(a, part)| part.stieltjes_jet(at.omega).value * *a)
            .sum();
        Some(at.omega_prime * sum)
    };
    let semicircle = |row: &Row, z| {
        let zero = SpectralMeasure::atoms(&[(0.0, 1.0)]).expect("one atom");
        let general = row.setting.nu().point_masses() != zero.point_masses();
        let at = transported(zero, row.setting.sigma, z);
        general.then(|| at.omega_prime * row.setting.kappa_jet(at.omega).0)
    };
    vec![
        other_limit(WRONG[0], rows, omitted),
        other_limit(WRONG[1], rows, untransported),
        other_limit(WRONG[2], rows, positive),
        other_limit("ω of the semicircle for a general bulk", rows, semicircle),
        miscounted(rows),
    ]
}

/// Adds the cells without noise to the rivals that have the same name, or makes them rivals.
pub(super) fn add_deterministic(rivals: &mut Vec<Rival>, wrong: [Vec<RivalCell>; WRONG.len()]) {
    for (name, cells) in WRONG.iter().zip(wrong) {
        match rivals.iter_mut().find(|rival| rival.name == *name) {
            Some(rival) => rival.cells.extend(cells),
            None => rivals.push(on_the_same(name, cells)),
        }
    }
}

fn on_the_same(name: &str, cells: Vec<RivalCell>) -> Rival {
    Rival {
        name: name.into(),
        side: Side::Theory,
        experiments: vec![],
        cells,
    }
}

/// Every row, z and part.
fn each(
    rows: &[Judged],
    f: impl Fn(usize, &Judged, usize, Part) -> Option<RivalCell>,
) -> Vec<RivalCell> {
    let mut cells = vec![];
    for (e, judged) in rows.iter().enumerate() {
        for j in 0..judged.row.zs.len() {
            cells.extend(
                Part::BOTH
                    .into_iter()
                    .filter_map(|part| f(e, judged, j, part)),
            );
        }
    }
    cells
}

/// The theory at this N with `wrong` in place of ω′ s_κ(ω), where the rival differs.
fn other_limit(
    name: &str,
    rows: &[Judged],
    wrong: impl Fn(&Row, UpperHalf) -> Option<Complex64>,
) -> Rival {
    let cells = each(rows, |e, judged, j, part| {
        let z = judged.row.zs[j];
        let change = wrong(&judged.row, z)? - judged.row.limit(j);
        let cell = judged.cell(e, j, part, false);
        let right = cell.theory;
        Some(RivalCell {
            expected: right,
            uncertainty: cell.inner,
            cell: Cell {
                theory: right + part.of(change),
                ..cell
            },
        })
    });
    on_the_same(name, cells)
}

/// k + 1 for k in the estimator.
fn miscounted(rows: &[Judged]) -> Rival {
    let cells = each(rows, |e, judged, j, part| {
        let cell = judged.cell(e, j, part, false);
        let k = judged.row.k as f64;
        Some(RivalCell {
            expected: cell.theory * k / (k + 1.0),
            uncertainty: cell.inner,
            cell: Cell {
                estimator: judged.row.estimator(e, j, part, k + 1.0),
                ..cell
            },
        })
    });
    on_the_same(WRONG[3], cells)
}

/// GOE, spikes right of a zero bulk, N = 64, with a hypothesis dropped; judged by the limit, with the
/// tolerance that k = 8 has there. Equal sums over rows need a bulk to be seen, see the derivation.
pub(super) fn twins(tier: Tier) -> Vec<Rival> {
    let judged = |setting: Setting| {
        let zs = points(&setting);
        Judged {
            row: Row::new(setting, Ensemble::goe(), 64, 8, &zs),
            agreement: AGREEMENT,
        }
    };
    let (zero, spread) = (judged(Setting::right()), judged(Setting::both_sides()));
    let [unequal, equal, correlated] = [
        violated::UNEQUAL_ROWS,
        violated::EQUAL_ROWS,
        violated::CORRELATED,
    ];
    let mut twins = vec![
        other_k("k/N → 0.4", &zero, 24, 64),
        violated_twin("variance profile, unequal row sums", &zero, unequal),
        violated_twin("variance profile, equal row sums", &spread, equal),
        violated_twin("correlated entries", &zero, correlated),
    ];
    if tier != Tier::Quick {
        twins.push(other_k("bounded k: k = 1 at every N", &zero, 1, 16_384));
    }
    twins
}

fn other_k(name: &str, judged: &Judged, k: usize, replicates: usize) -> Rival {
    let drawn = judged.row.with_k(k);
    let mut experiment = drawn.experiment();
    experiment.replicates = replicates;
    let expected = (0..drawn.zs.len()).map(|j| drawn.prediction(j)).collect();
    twin(name, judged, &drawn, experiment, expected)
}

/// `expected` is the mean of m̂ at each z.
fn twin(
    name: &str,
    judged: &Judged,
    drawn: &Row,
    experiment: Experiment,
    expected: Vec<Prediction>,
) -> Rival {
    let mut cells = vec![];
    for (j, expected) in expected.into_iter().enumerate() {
        for part in Part::BOTH {
            cells.push(RivalCell {
                cell: Cell {
                    law: experiment.law.clone(),
                    signal: experiment.signal.clone(),
                    estimator: drawn.estimator(0, j, part, drawn.k as f64),
                    ..judged.cell(0, j, part, true)
                },
                expected: part.of(expected.value),
                uncertainty: expected.remainder,
            });
        }
    }
    Rival {
        name: name.into(),
        side: Side::Hypothesis,
        experiments: vec![experiment],
        cells,
    }
}

/// Noise that breaks a hypothesis. Its trace is N times the solution of its own equation; of the next
/// order, O(1), it is reckoned to have at most six times what the GOE has: that order is a sum of
/// third powers of variances, most of them far below the largest.
fn violated_twin(name: &str, judged: &Judged, violation: Violation) -> Rival {
    let row = &judged.row;
    let model = row.model();
    let mut experiment = violated::traces(violation, &model, &row.zs, 512);
    experiment.signal = row.setting.name(row.k);
    let values = model.signal_eigenvalues();
    let expected = (0..row.zs.len())
        .map(|j| {
            let z = row.zs[j];
            let trace = violated::leading_trace(violation, &values, z.get());
            let own = Theory::of(&model, z);
            let order_one = (own.mean_trace().value - own.s * row.n as f64).norm();
            Prediction {
                value: (trace - row.bulk_trace(j)) / row.k as f64,
                remainder: 6.0 * order_one / row.k as f64,
            }
        })
        .collect();
    twin(name, judged, row, experiment, expected)
}
