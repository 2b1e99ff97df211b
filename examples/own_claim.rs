//! A claim of one's own, from statement to verdict.
//!
//!     cargo run --release --example own_claim
//!
//! For GOE, E (1/N) Tr W² = 1 + 1/N exactly. The variance of (1/N) Tr W² is 4 (N + 1)/N³, also exact,
//! so the mean gets an interval of the grade "variance bound". Two wrong versions must fail: one that
//! forgets 1/N, and data with entries 5 % too large.

use rmt_verify::claim::{Source, Statement, Strength};
use rmt_verify::claims::Claim;
use rmt_verify::design::{
    Cell, Estimator, Experiment, Input, Observable, Plan, Replicate, Rival, RivalCell, Side, Tail,
    Tier,
};
use rmt_verify::ensemble::{Ensemble, EntryLaw};
use rmt_verify::evidence::Silent;
use rmt_verify::suite::{Settings, Suite};
use rmt_verify::table::{detail_table, summary, verdict_table};

const N: usize = 24;
const TOLERANCE: f64 = 0.01;

fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "example/second-moment",
            title: "The second moment of GOE",
            statement: "E (1/N) Tr W² = 1 + 1/N for every N.",
            formula: r"\mathbb{E}\,\tfrac1N \operatorname{Tr} W^2 = 1 + \tfrac1N",
            meaning: "The diagonal has twice the variance of the rest.",
            source: Source {
                work: "example",
                locus: "by hand",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

/// Draws (1/N) Tr W² for entries of standard deviation σ.
fn second_moment(sigma: f64) -> Experiment {
    let goe = Ensemble::Wigner {
        law: EntryLaw::Gaussian,
        diagonal_variance: 2.0,
        sigma,
    };
    let n = N as f64;
    Experiment {
        law: goe.name(),
        signal: "zero".into(),
        n: N,
        replicates: 16_000,
        observables: vec![Observable {
            name: "(1/N) Tr W²".into(),
            tail: Tail::Variance {
                bound: sigma.powi(4) * 4.0 * (n + 1.0) / n.powi(3),
            },
            typical: 1.0,
        }],
        replicate: Replicate::alone(move |rng, _| {
            Ok(vec![goe.noise(N, rng)?.frobenius_squared() / n])
        }),
    }
}

/// The mean of the only observable against a theory value.
fn cell(theory: f64) -> Cell {
    Cell {
        law: "goe".into(),
        signal: "zero".into(),
        n: N,
        point: "second moment".into(),
        theory,
        inner: 0.0,
        outer: TOLERANCE,
        estimator: Estimator::mean(Input::new(0, 0)),
    }
}

fn plan(_: Tier) -> Plan {
    let right = 1.0 + 1.0 / N as f64;
    let rival = |name: &str, side, experiments, theory, expected| Rival {
        name: name.into(),
        side,
        experiments,
        cells: vec![RivalCell {
            cell: cell(theory),
            expected,
            uncertainty: 0.0,
        }],
    };
    let louder = 1.05;
    Plan {
        experiments: vec![second_moment(1.0)],
        cells: vec![cell(right)],
        rivals: vec![
            rival("without 1/N", Side::Theory, vec![], 1.0, right),
            rival(
                "entries 5 % too large",
                Side::Data,
                vec![second_moment(louder)],
                right,
                louder * louder * right,
            ),
        ],
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let outcome = Suite::run(&[claim()], &Settings::default(), &Silent)?;
    for failure in &outcome.failures {
        println!("{failure}");
    }
    print!("{}", verdict_table(&outcome.ledger));
    print!("{}", detail_table(&outcome.ledger.claims[0]));
    print!("{}", summary(&outcome.ledger, Some(outcome.replicates())));
    if outcome.passed() {
        Ok(())
    } else {
        Err("the claim was not confirmed".into())
    }
}
