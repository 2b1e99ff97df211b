//! LaTeX formulas as MathML.

use pulldown_latex::config::DisplayMode;
use pulldown_latex::{Parser, RenderConfig, Storage, push_mathml};
use thiserror::Error;

/// Why a formula cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the formula {latex:?} is not understood: {reason}")]
pub struct FormulaError {
    /// The formula.
    pub latex: String,
    /// What the parser says.
    pub reason: String,
}

/// Display mathematics as a `<math>` element.
///
/// # Errors
/// When the LaTeX does not parse. (The renderer alone would print the error into the page.)
pub fn mathml(latex: &str) -> Result<String, FormulaError> {
    let complain = |reason: String| FormulaError {
        latex: latex.to_owned(),
        reason,
    };
    let storage = Storage::new();
    let events: Result<Vec<_>, _> = Parser::new(latex, &storage).collect();
    let events = events.map_err(|error| complain(error.to_string()))?;
    let config = RenderConfig {
        display_mode: DisplayMode::Block,
        ..RenderConfig::default()
    };
    let mut text = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut text, events, config).map_err(|error| complain(error.to_string()))?;
    // The renderer escapes the entity that it makes of a control space.
    Ok(text
        .replace("&amp;nbsp;", "\u{a0}")
        .replace("&nbsp;", "\u{a0}"))
}
