//! Pictures of judged cells, as SVG text.
//!
//! One sign language everywhere: a pale band is the outer tolerance θ ± τ (what is called
//! agreement), a darker one the inner tolerance θ ± τ0 (the honest remainder at this N), the line
//! in their middle the theory value θ. An estimate is a dot with its confidence interval; colour
//! and shape both tell its verdict.

mod canvas;
mod cells;
mod chart;
mod counts;
mod envelope;
mod illustrations;
mod layer;
mod parameters;
mod sizes;
mod twins;

pub use canvas::escape;
pub use cells::{cell_picture, overview};
pub use counts::{CountPoint, CountSeries, count_picture};
pub use envelope::envelope_panels;
pub use illustrations::{IllustrationError, illustrations};
pub use layer::layer_picture;
pub use parameters::{Limit, Panel, parameter, parameter_panels};
pub use sizes::{SizePanel, size_panels};
pub use twins::{Twin, twin_picture};
