//! One table a theorem: theory values, tolerances, and the estimates of a tiny run at epoch 0.
//!
//! A table that changed shows that a number moved, not that it was right: what is right, the claims
//! decide (`tests/claims.rs`). Numbers are compared with tolerance ([`comparator`]), since the last bits
//! of eigenvalues depend on the processor. `cargo insta review`, or `INSTA_UPDATE=always cargo test
//! --test regression`, accepts what moved; CONTRIBUTING tells how to read it first.

mod comparator;

use comparator::{Numeric, SEPARATOR};
use rayon::prelude::*;
use rmt_verify::claims::{Claim, registry};
use rmt_verify::confidence::{Confidence, Summary};
use rmt_verify::design::{Cell, Experiment, Input, Tail, Tier, grade_of};
use rmt_verify::ensemble::StreamKey;
use rmt_verify::statements::{Kind, Statements};

/// Replicates of each experiment.
const REPLICATES: u64 = 8;
/// Larger matrices are drawn this often.
const REPLICATES_OF_LARGE: u64 = 2;
/// N of what is called large.
const LARGE: usize = 64;

/// Tests by name, each with the claim that it tabulates, and their list.
macro_rules! theorems {
    ($($name:ident: $id:literal,)*) => {
        const THEOREMS: &[&str] = &[$($id),*];
        $(
            #[test]
            fn $name() {
                assert_unmoved(stringify!($name), $id);
            }
        )*
    };
}

// Adding a theorem is one line here, and its table accepted once.
theorems! {
    proposition_3_1: "abk/proposition-3.1",
    proposition_3_1_gue: "abk/proposition-3.1-gue",
    proposition_3_1_large: "abk/proposition-3.1-large",
    proposition_3_1_rate: "abk/proposition-3.1-rate",
    lemma_3_2: "abk/lemma-3.2",
    proposition_3_3: "abk/proposition-3.3",
    proposition_3_3_discrete: "abk/proposition-3.3-discrete",
    proposition_3_3_rate: "abk/proposition-3.3-rate",
    lemma_3_4: "abk/lemma-3.4",
    lemma_4_1: "abk/lemma-4.1",
    mass_inversion: "abk/mass-inversion",
    lemma_4_2: "abk/lemma-4.2",
    theorem_2_1: "abk/theorem-2.1",
    theorem_2_2: "abk/theorem-2.2",
    theorem_2_2_worst: "abk/theorem-2.2-worst",
    semicircle: "background/semicircle",
    semicircle_large: "background/semicircle-large",
    pastur: "background/pastur",
    pastur_rate: "background/pastur-rate",
    peche: "background/peche",
    peche_goe: "background/peche-goe",
    capitaine: "background/capitaine",
    huang: "background/huang",
    norm_inconsistency: "lm/norm-inconsistency",
    anisotropic: "lm/anisotropic",
    marchenko_pastur: "lm/marchenko-pastur",
    second_order: "lm/second-order",
    separable: "lm/separable",
    deformed_wigner: "lm/deformed-wigner",
    covariance_spike: "lm/covariance-spike",
    information_plus_noise: "lm/information-plus-noise",
    trace_clt: "lm/trace-clt",
    log_determinant: "lm/log-determinant",
    eigenvector_overlaps: "lm/eigenvector-overlaps",
    ridge_risk: "lm/ridge-risk",
    optimal_ridge: "lm/optimal-ridge",
    ridgeless_exact: "lm/ridgeless-exact",
    ridgeless_general: "lm/ridgeless-general",
    scaling_laws: "lm/scaling-laws",
    gradient_flow: "lm/gradient-flow",
    early_stopping: "lm/early-stopping",
    taylor_kernel: "lm/taylor-kernel",
    hermite_kernel: "lm/hermite-kernel",
    deep_ck: "lm/deep-ck",
    pennington_worah: "lm/pennington-worah",
    uncentred_spike: "lm/uncentred-spike",
    random_features: "lm/random-features",
    double_descent: "lm/double-descent",
    deep_ntk: "lm/deep-ntk",
    finite_width_ck: "lm/finite-width-ck",
    finite_width_ntk: "lm/finite-width-ntk",
    spike_propagation: "lm/spike-propagation",
    classification_flow: "lm/classification-flow",
    features_flow: "lm/features-flow",
    ntk_flow: "lm/ntk-flow",
    features_flow_test: "lm/features-flow-test",
}

/// Theorems, lemmas and background results without a table.
fn without_table(tables: &[&str]) -> Vec<String> {
    let mut missing: Vec<String> = Statements::built_in()
        .iter()
        .filter(|s| matches!(s.kind, Kind::Theorem | Kind::Lemma | Kind::Background))
        .flat_map(|s| s.claims().to_vec())
        .filter(|id| !tables.contains(&id.as_str()))
        .collect();
    missing.dedup();
    missing
}

#[test]
fn every_theorem_of_the_ledger_has_a_table() {
    assert_eq!(without_table(THEOREMS), Vec::<String>::new());
    let without_first = without_table(&THEOREMS[1..]);
    assert_eq!(without_first, [THEOREMS[0]]);
}

#[track_caller]
fn assert_unmoved(name: &str, id: &str) {
    let claim = registry()
        .into_iter()
        .find(|claim| claim.statement.id == id)
        .unwrap_or_else(|| panic!("no claim {id}"));
    let mut settings = insta::Settings::clone_current();
    settings.set_comparator(Box::new(Numeric));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, table(&claim)));
}

/// One row a cell: law, signal, N, point, θ, τ0, τ, estimate.
fn table(claim: &Claim) -> String {
    let plan = (claim.plan)(Tier::Quick);
    let summaries = draw(claim.statement.id, &plan.experiments);
    let header = ["law", "signal", "N", "point", "θ", "τ0", "τ", "estimate"];
    let mut lines = vec![header.join(SEPARATOR)];
    for cell in &plan.cells {
        let row = [
            cell.law.clone(),
            cell.signal.clone(),
            cell.n.to_string(),
            cell.point.clone(),
            digits(cell.theory, 10, 1e-12),
            digits(cell.inner, 10, 1e-12),
            digits(cell.outer, 10, 1e-12),
            digits(estimate(cell, &plan.experiments, &summaries), 7, 1e-9),
        ];
        lines.push(row.join(SEPARATOR));
    }
    lines.join("\n")
}

/// Summaries of all observables of all experiments, on the claim's own streams.
fn draw(id: &str, experiments: &[Experiment]) -> Vec<Vec<Summary>> {
    experiments
        .par_iter()
        .map(|experiment| {
            let key = StreamKey {
                epoch: 0,
                claim: id.into(),
                law: experiment.law.clone(),
                n: experiment.n,
                signal: experiment.signal.clone(),
            };
            let mut summaries = vec![Summary::new(); experiment.observables.len()];
            let replicates = if experiment.n > LARGE {
                REPLICATES_OF_LARGE
            } else {
                REPLICATES
            };
            for replicate in 0..replicates {
                let unit = (key.generator(replicate), replicate);
                let values = experiment.replicate.values(&mut [unit]).remove(0);
                for (summary, value) in summaries.iter_mut().zip(values.expect("a replicate")) {
                    summary.push(value);
                }
            }
            summaries
        })
        .collect()
}

/// The cell's estimator at the sample means; at the largest value where the statement is about every
/// replicate.
fn estimate(cell: &Cell, experiments: &[Experiment], summaries: &[Vec<Summary>]) -> f64 {
    let at = |input: &Input| {
        let tail = &experiments[input.experiment].observables[input.observable].tail;
        let summary = &summaries[input.experiment][input.observable];
        Confidence {
            estimate: match tail {
                Tail::Certain => summary.max(),
                _ => summary.mean(),
            },
            halfwidth: 0.0,
            grade: grade_of(tail),
        }
    };
    let inputs: Vec<Confidence> = cell.estimator.inputs.iter().map(at).collect();
    cell.estimator.estimate(&inputs).estimate
}

/// This many significant digits; what is below `residue`, rounding of a 0, is 0.
fn digits(x: f64, digits: usize, residue: f64) -> String {
    if x.abs() < residue {
        "0".into()
    } else {
        format!("{x:.*e}", digits - 1)
    }
}
