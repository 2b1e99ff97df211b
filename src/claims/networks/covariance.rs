//! Sample covariance matrices: the first part of \[LM\], our A0 to A9.

mod anisotropic;
mod bounds;
mod log_determinant;
mod model;
mod overlaps;
mod second_order;
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
    ]
}
