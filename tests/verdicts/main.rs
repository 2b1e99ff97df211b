//! The verdict's rules and its two error rates, evidence that does not depend on threads, and the
//! suite from plan to ledger, all on synthetic truth.

mod error_rates;
mod evidence;
mod rules;
mod suite;
mod units;

use rand_chacha::ChaCha8Rng;
use rmt_verify::design::{Cell, Estimator, Experiment, Input, Observable, Replicate, Tail};
use rmt_verify::ensemble::standard_normal;

/// One observable with the given tail; `draw` gets the generator and the replicate's index.
fn experiment(
    law: &str,
    replicates: usize,
    tail: Tail,
    typical: f64,
    draw: impl Fn(&mut ChaCha8Rng, u64) -> f64 + Send + Sync + 'static,
) -> Experiment {
    Experiment {
        law: law.into(),
        signal: "none".into(),
        n: 1,
        replicates,
        observables: vec![Observable {
            name: "x".into(),
            tail,
            typical,
        }],
        replicate: Replicate::alone(move |rng, index| Ok(vec![draw(rng, index)])),
    }
}

/// Normal with this mean and variance 1.
fn shifted_normal(law: &str, mean: f64, replicates: usize) -> Experiment {
    let tail = Tail::SubGaussian {
        variance_proxy: 1.0,
    };
    experiment(law, replicates, tail, mean, move |rng, _| {
        mean + standard_normal(rng)
    })
}

fn cell(theory: f64, inner: f64, outer: f64, estimator: Estimator) -> Cell {
    Cell {
        law: "synthetic".into(),
        signal: "none".into(),
        n: 1,
        point: "mean".into(),
        theory,
        inner,
        outer,
        estimator,
    }
}

fn mean_cell(theory: f64, inner: f64, outer: f64) -> Cell {
    cell(theory, inner, outer, Estimator::mean(Input::new(0, 0)))
}
