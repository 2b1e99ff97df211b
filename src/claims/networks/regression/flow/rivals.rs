//! Wrong flows.

use super::super::setting::{Setting, mistaken};
use super::{COARSE, Judged, Row, experiment, measured, theory, theory_with};
use crate::claims::common::{cell, on_own_samples, on_same_samples};
use crate::design::{Plan, Replicate, Rival, RivalCell, Side};

/// ∮∮ without 1/(1 − T): the two integrals separate, Σβ_j²λ_j((e^{−tĈ})_jj)².
fn without_denominator(setting: &Setting, time: f64) -> f64 {
    let decay = setting.model().decay(time).expect("a time");
    let left = |lambda: f64| decay.iter().find(|d| d.0 == lambda).expect("its own λ").1;
    let terms = setting.features.iter();
    terms.map(|&(l, b)| b * l * left(l).powi(2)).sum()
}

pub(super) fn rivals(plan: &Plan, rows: &[Row], judged: &[Judged], margin: f64) -> Vec<Rival> {
    let other = |name: &str, kind: usize, wrong: &dyn Fn(&Setting, f64) -> Option<f64>| {
        let cells = judged
            .iter()
            .zip(&plan.cells)
            .filter(|(j, _)| j.kind == kind);
        let cells = cells.filter_map(|(j, right)| {
            let wrong = wrong(&rows[j.e].setting, j.time)?;
            Some(mistaken(&plan.experiments, (j.e, j.o), right, wrong))
        });
        on_same_samples(name, cells.collect())
    };
    let flow = |s: &Setting, time: f64| s.model().flow(time).expect("a time");
    let mut all = vec![
        other("e^{−tx} for e^{−2tx}", 0, &|s, t| {
            Some(flow(s, 0.5 * t).bias)
        }),
        other("no denominator", 0, &|s, t| Some(without_denominator(s, t))),
        other("population flow: βᵀCe^{−2tC}β", 0, &|s, t| {
            Some(
                s.features
                    .iter()
                    .map(|(l, b)| b * l * libm::exp(-2.0 * t * l))
                    .sum(),
            )
        }),
        other("variance of the end: no (1 − e^{−tx})²", 1, &|s, _| {
            s.model().ridgeless().ok().map(|r| r.variance.value)
        }),
        other("ridge 1/t for the flow", 1, &|s, t| {
            Some(s.model().ridge(1.0 / t).expect("a ridge").variance.value)
        }),
        other("training error without 1 − c", 2, &|s, t| {
            Some(flow(s, t).train - s.noise * (1.0 - s.p() as f64 / s.n as f64))
        }),
    ];
    // At the margin of the quick tier only C = I tells it.
    if margin < COARSE {
        all.push(other("no denominator, general C", 0, &|s, t| {
            (s.name != "isotropic").then(|| without_denominator(s, t))
        }));
    }
    if rows.iter().any(|row| row.fine) {
        let fine: Vec<bool> = rows.iter().map(|row| row.fine).collect();
        let cells = judged.iter().zip(&plan.cells);
        let cells = cells.filter(|(j, _)| fine[j.e] && j.kind == 0);
        let cells = cells.map(|(j, right)| {
            let normal = theory_with(&rows[j.e].setting, j.time, 0.0)[0].0;
            mistaken(&plan.experiments, (j.e, j.o), right, normal)
        });
        all.push(on_same_samples("1/n term without κ₄, ±1", cells.collect()));
    }
    all.push(copies(rows, margin));
    all
}

/// Every sample twice: the bias of n/2 samples, judged as that of n.
fn copies(rows: &[Row], margin: f64) -> Rival {
    let full = &rows[0].setting;
    let time = rows[0].times[0];
    let half = Setting {
        n: full.n / 2,
        ..full.clone()
    };
    let mut own = experiment(&Row {
        setting: half.clone(),
        times: vec![time],
        fine: false,
    });
    own.signal = format!("{}, each sample twice", own.signal);
    own.observables.truncate(1);
    own.n = full.n;
    own.replicates = 1024;
    let (samples, distinct) = (half.samples(), half.clone());
    own.replicate = Replicate::alone(move |rng, _| {
        let x = samples.draw(rng);
        Ok(measured(&distinct, &[time], &x)?[..1].to_vec())
    });
    let (right, (expected, uncertainty)) = (theory(full, time)[0], theory(&half, time)[0]);
    let experiments = vec![own];
    let cells = vec![RivalCell {
        cell: cell(
            &experiments,
            (0, 0),
            right.0,
            right.1,
            right.1 + margin * right.0,
        ),
        expected,
        uncertainty,
    }];
    on_own_samples("each sample twice", Side::Hypothesis, experiments, cells)
}
