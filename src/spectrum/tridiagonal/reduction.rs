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

// Kernels number their registers: one index into several arrays reads better than their zip.
#![allow(clippy::needless_range_loop)]

mod band;
mod chase;
mod fused;
mod lanes;
mod panel;

use lanes::Lanes;
pub(super) use lanes::NEGLIGIBLE;

/// How a real symmetric matrix is brought to tridiagonal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// One sweep over the packed lower triangle a step. Lanes in a fixed order and fused products
    /// throughout: the bits do not depend on the processor.
    Fused,
    /// Full to band by blocks, band to tridiagonal by bulge chasing. faer's matrix products choose
    /// their order of summation by the processor, and with it the last bits.
    ThroughBand,
}

impl Reduction {
    /// Every path.
    pub const ALL: [Self; 2] = [Self::Fused, Self::ThroughBand];

    /// The path taken at size N: `Fused` below N = 1000, `ThroughBand` from there on.
    ///
    /// CPU time of the reduction alone over that of Intel's whole `dsyevd` (values only, version
    /// 2026.2), best of many interleaved calls, one thread, N = 3200 best of three:
    ///
    /// ```text
    ///    N    dsyevd  its dsytrd   faer  before  Fused  ThroughBand
    ///   16  0.014 ms        0.36   0.57    0.28   0.16         0.94
    ///   32  0.041 ms        0.28   0.56    0.34   0.14         0.55
    ///   64  0.153 ms        0.27   0.65    0.57   0.14         1.32
    ///  100   0.49 ms        0.29   0.87    0.85   0.18         1.23
    ///  128   0.71 ms        0.29   0.59    0.76   0.16         0.81
    ///  256    3.2 ms        0.53   0.57    1.17   0.25         0.70
    ///  400    9.3 ms        0.60   0.57    1.79   0.32         0.68
    ///  800     74 ms        0.79   0.67    2.05   0.36         0.48
    /// 1200    158 ms                              0.86         0.75
    /// 1600    317 ms                              1.28         0.81
    /// 3200   2324 ms                                           0.96
    /// ```
    ///
    /// Measured in November 2026 on two cores that other programs kept busy, which halves the speed of
    /// everything here; ratios are what to read. "Before" is the fused sweep this one replaced, as
    /// the compiler makes it for any x86-64 processor. The crossing lies between 1000 (0.48 against
    /// 0.55) and 1200, and the two differ by less than 1.2 there.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ of T's entries would hide differences: bits of all of them.
    fn bits((diagonal, off_diagonal): (Vec<f64>, Vec<f64>)) -> Vec<u64> {
        let entries = diagonal.iter().chain(&off_diagonal);
        entries.map(|x| x.to_bits()).collect()
    }

    fn symmetric(n: usize) -> Vec<f64> {
        let entry = |k: usize| {
            let (i, j) = (k % n, k / n);
            ((i * j + i + j) as f64).sin()
        };
        (0..n * n).map(entry).collect()
    }

    #[test]
    fn bits_do_not_depend_on_the_width_of_the_registers() {
        for n in [1, 7, 8, 40, 61] {
            let a = symmetric(n);
            let widest = Reduction::Fused.apply(&a, n, &mut ReductionWorkspace::default());
            let scalar = fused::reduce_in_scalars(&a, n, &mut ReductionWorkspace::default());
            assert_eq!(bits(widest), bits(scalar), "N = {n}");
        }
    }
}
