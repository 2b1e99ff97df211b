//! Where the level of a claim goes: looks, then cells, then inputs, evenly, in this file only.

use super::{Cell, Experiment, Tail};
use crate::confidence::split_level;

/// Looks planned in advance. Every further one doubles the replicates.
pub const LOOKS: u32 = 3;

/// How the level α of a claim is spent: α/(looks·cells) a cell and look, split evenly over the
/// inputs of the cell.
///
/// The union bound over looks, cells and inputs needs no independence. Certain observables cannot
/// miss, so they and cells made of them alone get no share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    alpha: f64,
    looks: u32,
    uncertain_cells: usize,
}

impl Levels {
    /// The levels of a list of cells.
    #[must_use]
    pub fn new<'a>(
        alpha: f64,
        looks: u32,
        cells: impl IntoIterator<Item = &'a Cell>,
        experiments: &[Experiment],
    ) -> Self {
        let uncertain_cells = cells
            .into_iter()
            .filter(|cell| uncertain_inputs(cell, experiments) > 0)
            .count();
        Self {
            alpha,
            looks,
            uncertain_cells,
        }
    }

    /// The level of each input's interval in this cell, at each look.
    #[must_use]
    pub fn input(&self, cell: &Cell, experiments: &[Experiment]) -> f64 {
        let parts = u64::from(self.looks)
            * self.uncertain_cells.max(1) as u64
            * uncertain_inputs(cell, experiments).max(1) as u64;
        split_level(self.alpha, parts)
    }

    /// What is spent in all: α, or 0 when nothing can miss.
    #[must_use]
    pub fn spent(&self) -> f64 {
        if self.uncertain_cells == 0 {
            0.0
        } else {
            self.alpha
        }
    }
}

/// Number of inputs of a cell whose intervals can miss. Invalid indices are the design check's.
pub(super) fn uncertain_inputs(cell: &Cell, experiments: &[Experiment]) -> usize {
    cell.estimator
        .inputs
        .iter()
        .filter_map(|input| input.find(experiments))
        .filter(|observable| observable.tail != Tail::Certain)
        .count()
}
