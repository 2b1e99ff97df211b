//! A run of the suite on many processes, simulated: the wall time and the efficiency to expect.
//!
//! Events are discrete and time counts whole nanoseconds: a forecast has the same bits everywhere.
//! What is modelled is the run of the processes of an MPI job:
//!
//! - The leader's message loop is one server. It takes every message that has arrived, then fills up
//!   the ranks one after the other, then rests until the next message. Messages wait meanwhile, also
//!   while it opens or judges a claim.
//! - Its own units are drawn on a second thread of the same core, which stands still while the loop
//!   is busy. Either thread opens the next claim when it finds the queue empty, and judges a claim
//!   when it takes in the last unit of it.
//! - An order is as many units as [`Machine::order`] says, judged by the mean of what was reported.
//!   As there, reports include the time in which a rank built the plan, and what the leader draws
//!   itself teaches it nothing.
//! - A rank works off its orders as they come and builds a plan whenever it does not hold it.
//!
//! Left out: further looks (rare, and they come of the results), failures, the time in which a rank
//! reads what is run, and that a long report waits for its receiver. The rests between two looks for
//! messages belong to [`Machine::latency`].

mod run;
#[cfg(test)]
mod tests;

use run::Run;

/// What a run has to do, in the order in which claims are opened.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Work {
    /// The claims.
    pub claims: Vec<ClaimWork>,
}

/// What one claim has to do at its first look.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClaimWork {
    /// Seconds that building the plan takes: the leader when it opens the claim, every other rank
    /// before its first unit.
    pub opening: f64,
    /// The experiments of each trial.
    pub trials: Vec<Vec<Batch>>,
    /// Seconds from the last result to the verdict.
    pub judging: f64,
}

/// An experiment: units that cost the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Batch {
    /// How many.
    pub units: u64,
    /// Core-seconds of one.
    pub seconds: f64,
}

/// The order of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// Claim by claim; the next one is opened when the queue is empty. What the suite does.
    #[default]
    ByClaim,
    /// The leader opens all claims before it hands out anything; then the costliest units first, as
    /// if their costs were known.
    LongestFirst,
}

/// The processes that share a run, and how the leader hands out the units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Machine {
    /// Processes of one core, the leader among them.
    pub ranks: usize,
    /// Seconds from sending a message until its receiver looks at it.
    pub latency: f64,
    /// Seconds that the leader spends on a message, sent or received.
    pub handling: f64,
    /// Seconds that the leader spends on a finished unit: journal, merging.
    pub per_unit: f64,
    /// Orders that a rank has at a time, at most.
    pub ahead: usize,
    /// A rank gets an order ahead only while those in its hand will take no longer than these seconds.
    pub short: f64,
    /// Seconds that an order should keep a rank busy for.
    pub order: f64,
    /// Units of an order at most.
    pub units_of_order: usize,
    /// Plans that a rank holds at a time; the one not used for longest is built anew when needed.
    pub held: usize,
    /// Whether the leader draws units as well. Alone it does in any case.
    pub leader_computes: bool,
    /// The order of the queue.
    pub policy: Policy,
}

/// What to expect of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Forecast {
    /// Seconds from start to end.
    pub wall: f64,
    /// Core-seconds of all units.
    pub core: f64,
    /// core/(ranks·wall), at most 1; 1 when there is nothing to do.
    pub efficiency: f64,
    /// Share of the wall time in which the leader's message loop is busy, also by opening and judging.
    pub leader_busy: f64,
    /// Core-seconds of the costliest unit.
    pub longest_unit: f64,
    /// Messages sent, by the leader or to it.
    pub messages: u64,
    /// Core-seconds that all ranks spend on building plans.
    pub plans: f64,
    /// Seconds from handing out the last unit to the end: some ranks are idle then.
    pub tail: f64,
}

impl Machine {
    /// Processes whose messages and records cost nothing, with the settings of the suite.
    #[must_use]
    pub fn ideal(ranks: usize) -> Self {
        Self {
            ranks,
            latency: 0.0,
            handling: 0.0,
            per_unit: 0.0,
            ahead: 2,
            short: 1.0,
            order: 0.1,
            units_of_order: 64,
            held: 8,
            leader_computes: true,
            policy: Policy::ByClaim,
        }
    }
}

/// The run of this work on these processes.
///
/// # Panics   when a time is negative or beyond 10⁹ s, or when there are no ranks or no orders
///
/// # Examples
/// Three units of 2 s on two processes take two rounds, of which one rank idles in the second:
///
///     # use rmt_verify::suite::simulate::{Batch, ClaimWork, Machine, Work, simulate};
///     let trials = vec![vec![Batch { units: 3, seconds: 2.0 }]];
///     let claim = ClaimWork { trials, ..ClaimWork::default() };
///     let forecast = simulate(&Work { claims: vec![claim] }, &Machine::ideal(2));
///     assert_eq!((forecast.wall, forecast.efficiency), (4.0, 0.75));
pub fn simulate(work: &Work, machine: &Machine) -> Forecast {
    let mut run = Run::new(work, machine);
    run.begin();
    while !run.is_over() {
        run.rest();
        run.step();
    }
    run.end()
}
