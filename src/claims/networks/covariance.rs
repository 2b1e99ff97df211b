//! Sample covariance matrices: the first part of \[LM\], our A0 to A9.

mod anisotropic;
mod bounds;
mod model;

use crate::claims::Claim;

/// All of them, in the order of the report.
pub(crate) fn claims() -> Vec<Claim> {
    vec![anisotropic::claim()]
}
