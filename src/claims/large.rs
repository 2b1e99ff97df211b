//! Shared by the claims about noise alone at sizes that no dense matrix reaches: theory at S = 0 in closed form,
//! and experiments on the rows of the tridiagonal form, in O(N) operations and O(1) memory a replicate.

mod noise;
mod pair;
mod rows;

pub(super) use noise::Noise;
pub(super) use pair::{Claimed, GOE, GUE, Pair, Quantity, Site};
pub(super) use rows::{Drawn, POINTS, Statistic};

use rows::traces;

use super::stieltjes_equation::z;
use crate::ensemble::Ensemble;
use crate::measure::UpperHalf;

/// σz in place of z, so that every σ shows the same picture; rounded, so that tables show z in full.
fn scaled(ensemble: &Ensemble, re: f64, im: f64) -> UpperHalf {
    let at = |x: f64| (1e6 * x * ensemble.sigma()).round() / 1e6;
    z(at(re), at(im))
}
