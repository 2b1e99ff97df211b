//! Reduction of a self-adjoint matrix to tridiagonal form, T = Q*WQ, without Q.
//!
//! Two paths for real matrices, chosen by N ([`Reduction::for_size`]):
//!
//! * [`Reduction::Fused`]: Householder's reduction, one column a step, in a single sweep over the
//!   lower triangle a step. The sweep makes the rank-two correction left from the step before and
//!   multiplies the corrected matrix with the next Householder vector, so that an entry is loaded
//!   and stored once a step. The triangle is packed; while it fits a core's second-level cache
//!   nothing is faster here.
//! * [`Reduction::ThroughBand`]: to a band of half-width 32 first, by QR factorisations of panels and
//!   block updates (all of it matrix products), then from the band to tridiagonal form by chasing
//!   bulges within the cache.

mod band;
mod chase;
mod fused;
mod lanes;
mod panel;

use lanes::Lanes;

/// How a real symmetric matrix is brought to tridiagonal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// One sweep over the packed lower triangle a step.
    Fused,
    /// Full to band by blocks, band to tridiagonal by bulge chasing.
    ThroughBand,
}

impl Reduction {
    /// Every path.
    pub const ALL: [Self; 2] = [Self::Fused, Self::ThroughBand];

    /// The path taken at size N: `Fused` below N = 1000, `ThroughBand` from there on.
    #[must_use]
    pub fn for_size(n: usize) -> Self {
        if n < 1000 {
            Self::Fused
        } else {
            Self::ThroughBand
        }
    }

    /// (T_ii), (T_{i,i+1} ≥ 0) of the symmetric matrix of size `n` whose columns are `a`.
    pub(super) fn apply(
        self,
        a: &[f64],
        n: usize,
        workspace: &mut ReductionWorkspace,
    ) -> (Vec<f64>, Vec<f64>) {
        match self {
            Self::Fused => fused::reduce(a, n, workspace),
            Self::ThroughBand => band::reduced_to_band(a, n).tridiagonal(),
        }
    }
}

/// Memory that reductions of small matrices use again and again.
///
/// What it holds never changes a result.
#[derive(Debug, Clone, Default)]
pub struct ReductionWorkspace {
    tiles: Vec<fused::Tile>,
    starts: Vec<usize>,
    vectors: [Vec<Lanes>; 5],
}
