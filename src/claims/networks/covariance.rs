//! Sample covariance matrices: the first part of \[LM\], our A0 to A9.

mod anisotropic;
mod bounds;
mod deformed_wigner;
mod information_noise;
mod log_determinant;
mod marchenko_pastur;
mod model;
mod norm_inconsistency;
mod overlaps;
mod second_order;
mod separable;
mod spike;
mod trace_fluctuation;

use crate::claims::Claim;

/// All of them, in the order of the report.
pub(crate) fn claims() -> Vec<Claim> {
    vec![
        anisotropic::claim(),
        second_order::claim(),
        trace_fluctuation::claim(),
        spike::claim(),
        log_determinant::claim(),
        overlaps::claim(),
        separable::claim(),
        information_noise::claim(),
        deformed_wigner::claim(),
        norm_inconsistency::claim(),
        marchenko_pastur::claim(),
    ]
}
