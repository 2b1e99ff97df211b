//! Designs: what will be drawn, what will be judged, and whether it can be seen at all.
//!
//! A [`Plan`] is written before any number is drawn. It lists experiments (who draws what, how
//! often), cells (which theory value is compared with which function of the means, within which
//! tolerances) and rivals (wrong versions that the same code must refute).

mod check;
mod estimator;
mod level;
mod replicate;
mod tier;

pub use check::{DesignError, FALSE_PASS, LEAST_RIVALS, grade_of};
pub use level::{LOOKS, Levels};
pub use replicate::{Measure, Replicate};
pub use tier::TierError;

use crate::confidence::Confidence;

/// How long one is ready to wait. Every tier has its own design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// Part of `cargo test`: seconds a claim.
    Quick,
    /// Up to 15 minutes for the suite.
    Standard,
    /// Hours.
    Deep,
}

/// What is known in advance about the law of one observable, hence which interval its mean gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tail {
    /// log E exp(t(X − EX)) ≤ t² v/2. Grade *proved*.
    SubGaussian {
        /// The variance proxy v.
        variance_proxy: f64,
    },
    /// Var X ≤ `bound`. Grade *variance-bound* (Catoni).
    Variance {
        /// Upper bound of the variance.
        bound: f64,
    },
    /// lo ≤ X ≤ hi surely. Grade *bounded* (empirical Bernstein).
    Bounded {
        /// Sure lower bound.
        lo: f64,
        /// Sure upper bound.
        hi: f64,
        /// The variance that the design check reckons with; no interval uses it.
        design_variance: f64,
    },
    /// X ∈ {0, 1}. Grade *exact* (Kullback–Leibler–Chernoff).
    Indicator,
    /// The statement is about every replicate, not about a mean: the estimate is the largest
    /// value seen and has no halfwidth. Grade *identity*. X must be made so that larger is worse.
    Certain,
}

/// One number that every replicate of an experiment yields.
#[derive(Debug, Clone, PartialEq)]
pub struct Observable {
    /// Name for tables, such as `Im Tr G(0.5+1i)`.
    pub name: String,
    /// What is known about its law.
    pub tail: Tail,
    /// Value near which the design check linearises nonlinear estimators. No verdict uses it.
    pub typical: f64,
}

/// Anything that goes wrong inside one replicate (solver, trace check).
pub type ReplicateError = Box<dyn std::error::Error + Send + Sync>;

/// Independent replicates of one random object.
pub struct Experiment {
    /// Ensemble in words, such as `goe`; part of the stream key.
    pub law: String,
    /// Signal family in words, such as `two-atom`; part of the stream key.
    pub signal: String,
    /// Matrix size N.
    pub n: usize,
    /// Replicates at the first look; each further look doubles the total.
    pub replicates: usize,
    /// What each replicate yields.
    pub observables: Vec<Observable>,
    /// How.
    pub replicate: Replicate,
}

/// Position of an observable in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Index into the experiments.
    pub experiment: usize,
    /// Index into that experiment's observables.
    pub observable: usize,
}

/// Maps the confidence intervals of the inputs' means to that of the cell's quantity.
pub type EstimatorMap = Box<dyn Fn(&[Confidence]) -> Confidence + Send + Sync>;

/// A function of means, with the confidence carried through.
pub struct Estimator {
    /// The means that enter.
    pub inputs: Vec<Input>,
    /// How they enter. The level of the cell is split evenly over the inputs.
    pub map: EstimatorMap,
}

/// One comparison of theory and estimate.
pub struct Cell {
    /// Ensemble in words.
    pub law: String,
    /// Signal in words.
    pub signal: String,
    /// Matrix size N (the largest that enters, for contrasts over N).
    pub n: usize,
    /// Where, such as `Im, z = 0.5+1i`.
    pub point: String,
    /// Theory value θ.
    pub theory: f64,
    /// Inner tolerance τ0: the honest remainder at this N.
    pub inner: f64,
    /// Outer tolerance τ ≥ τ0: what is called agreement.
    pub outer: f64,
    /// Its estimate.
    pub estimator: Estimator,
}

/// What a rival gets wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Another theory value or estimator, judged on the claim's own samples.
    Theory,
    /// Other data, judged with the claim's theory.
    Data,
    /// A hypothesis of the theorem is dropped in the data.
    Hypothesis,
}

/// A cell of a rival, with where its estimate will be.
#[derive(Debug)]
pub struct RivalCell {
    /// The (wrong) comparison.
    pub cell: Cell,
    /// Where the estimate converges to, by the right theory for the data that are drawn.
    pub expected: f64,
    /// How far off `expected` may be.
    pub uncertainty: f64,
}

/// A wrong version that must be REFUTED.
#[derive(Debug)]
pub struct Rival {
    /// A few words, such as `variance 1.05`.
    pub name: String,
    /// What it gets wrong.
    pub side: Side,
    /// Its own experiments; empty when it is judged on the claim's.
    pub experiments: Vec<Experiment>,
    /// Its comparisons; inputs index its own experiments if it has any, else the claim's.
    pub cells: Vec<RivalCell>,
}

/// Everything a claim will do, fixed before a number is drawn.
#[derive(Debug, Default)]
pub struct Plan {
    /// What is drawn.
    pub experiments: Vec<Experiment>,
    /// What is judged.
    pub cells: Vec<Cell>,
    /// What must fail.
    pub rivals: Vec<Rival>,
}
