//! The measurement: rounds in which all solvers take turns.

use super::arguments::Arguments;
use super::clock::Clock;
use super::solvers::{Solver, check};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use rmt_verify::ensemble::{Ensemble, StreamKey};
use rmt_verify::spectrum::{Hermitian, Spectrum};
use std::hint::black_box;

/// How matrices come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// One at a time.
    Single,
    /// Replicates together, one a thread, as the claims draw them.
    Batch,
}

impl Mode {
    /// For tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Batch => "batch",
        }
    }
}

/// One solver at one N.
pub struct Series {
    /// Its place among the solvers of the survey.
    pub solver: usize,
    /// Seconds a matrix, one number a round.
    pub rounds: Vec<f64>,
}

/// All solvers at one N.
pub struct Size {
    /// N.
    pub n: usize,
    /// Matrices in a batch.
    pub batch: usize,
    /// One entry for every solver that takes part at this N.
    pub series: Vec<Series>,
}

impl Size {
    /// The times of a solver.
    pub fn of(&self, solver: usize) -> Option<&Series> {
        self.series.iter().find(|series| series.solver == solver)
    }
}

/// One mode, all sizes.
pub struct Survey {
    /// How matrices came.
    pub mode: Mode,
    /// Names, and whether it is this crate's own.
    pub solvers: Vec<(String, bool)>,
    /// Ascending N.
    pub sizes: Vec<Size>,
}

/// Rounds at least, whatever they cost.
const FEWEST: usize = 3;
/// Rounds at most: medians of more do not help.
const MOST: usize = 301;
/// A batch has at most so many, over N³, matrices: 16 at N = 800.
const BATCH_WORK: usize = 1 << 33;
/// But so many for every thread, whatever they cost: fewer than three are solved one after the other, and a batch would
/// be measured that has nothing of a batch.
const SMALLEST_BATCH: usize = 4;

impl Survey {
    pub fn run(mode: Mode, solvers: &[Solver], arguments: &Arguments) -> Self {
        let pool = (arguments.threads > 1).then(|| {
            ThreadPoolBuilder::new()
                .num_threads(arguments.threads)
                .build()
                .expect("threads can be started")
        });
        let entrants: Vec<&Solver> = solvers
            .iter()
            .filter(|solver| arguments.includes(&solver.name))
            .collect();
        let sizes = arguments
            .sizes
            .iter()
            .map(|&n| measured(mode, n, &entrants, arguments, pool.as_ref()))
            .collect();
        Self {
            mode,
            solvers: entrants.iter().map(|s| (s.name.clone(), s.ours)).collect(),
            sizes,
        }
    }
}

/// Replicates of the GOE.
fn matrices(n: usize, count: usize) -> Vec<Hermitian> {
    let key = StreamKey {
        epoch: 0,
        claim: "solver survey".into(),
        law: "goe".into(),
        n,
        signal: "zero".into(),
    };
    (0..count as u64)
        .map(|replicate| Ensemble::goe().noise(n, &mut key.generator(replicate)))
        .collect::<Result<_, _>>()
        .expect("N ≥ 1")
}

fn measured(
    mode: Mode,
    n: usize,
    solvers: &[&Solver],
    arguments: &Arguments,
    pool: Option<&ThreadPool>,
) -> Size {
    let fitting = BATCH_WORK / n.pow(3);
    let batch = arguments
        .batch
        .min(fitting.max(SMALLEST_BATCH * arguments.threads));
    let matrices = matrices(n, batch);
    let turn = |solver: &Solver, round: usize| match (mode, pool) {
        // Another matrix every round: branches and caches do not know it by heart.
        (Mode::Single, _) => {
            let w = &matrices[round % batch];
            black_box(
                solver
                    .values(black_box(w))
                    .expect("it has been solved before"),
            );
        }
        (Mode::Batch, None) => {
            black_box(solver.values_of(black_box(&matrices)).expect("as above"));
        }
        (Mode::Batch, Some(pool)) => pool.install(|| {
            let share = batch.div_ceil(arguments.threads);
            matrices.par_chunks(share).for_each(|chunk| {
                black_box(solver.values_of(black_box(chunk)).expect("as above"));
            });
        }),
    };
    let matrices_a_turn = match mode {
        Mode::Single => 1,
        Mode::Batch => batch,
    };

    let bar = bar(mode, n);
    let mut reference: Option<Vec<Spectrum>> = None;
    // Solver, its place, calls in a turn.
    let mut entrants: Vec<(&Solver, usize, usize)> = Vec::new();
    let mut round_lasts = 0.0;
    for (place, solver) in solvers.iter().enumerate() {
        if !solver.sizes.contains(&n) {
            continue;
        }
        bar.set_message(format!("checking {}", solver.name));
        let found = solver
            .values_of(&matrices)
            .unwrap_or_else(|error| panic!("{} at N = {n}: {error}", solver.name));
        let reference = reference.get_or_insert_with(|| found.clone());
        for ((w, found), reference) in matrices.iter().zip(&found).zip(reference.iter()) {
            check(&solver.name, w, found, reference);
        }
        // Now warm; the fastest of three, since a disturbed one would make turns too short. Where
        // one call is a turn anyway, one will do.
        let trials = if n <= 400 { 3 } else { 1 };
        let call = (0..trials)
            .map(|round| {
                let start = Clock::Wall.now();
                turn(solver, round);
                Clock::Wall.now() - start
            })
            .fold(f64::INFINITY, f64::min);
        let calls = (arguments.clock.turn() / call).ceil().max(1.0);
        round_lasts += call * calls;
        entrants.push((solver, place, calls as usize));
    }
    let rounds = ((arguments.seconds / round_lasts) as usize).clamp(FEWEST, MOST);

    let mut series: Vec<Series> = entrants
        .iter()
        .map(|&(_, solver, _)| Series {
            solver,
            rounds: Vec::with_capacity(rounds),
        })
        .collect();
    bar.set_length(rounds as u64);
    for round in 0..rounds {
        for k in 0..entrants.len() {
            // Nobody comes first in every round, nor always after the same one.
            let k = if round % 2 == 0 {
                k
            } else {
                entrants.len() - 1 - k
            };
            let k = (k + round) % entrants.len();
            let (solver, _, calls) = entrants[k];
            let start = arguments.clock.now();
            for _ in 0..calls {
                turn(solver, round);
            }
            let elapsed = arguments.clock.now() - start;
            series[k]
                .rounds
                .push(elapsed / (calls * matrices_a_turn) as f64);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Size { n, batch, series }
}

/// On a terminal only: indicatif draws nothing elsewhere.
fn bar(mode: Mode, n: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_msg} {bar:24} {pos:>4}/{len}")
        .expect("the template is well formed");
    ProgressBar::new(1)
        .with_style(style)
        .with_prefix(format!("{}, N = {n}", mode.name()))
}
