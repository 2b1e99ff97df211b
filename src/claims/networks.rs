//! Claims of the second paper: high-dimensional equivalents of linear models and networks.

use super::Claim;

/// All of them, in the order of the report.
pub(super) fn claims() -> Vec<Claim> {
    Vec::new()
}
