//! Small pieces of HTML.

use crate::claim::Strength;
use crate::confidence::Grade;
use crate::plot::escape;
use crate::table;
use crate::verdict::Verdict;

/// Text, escaped.
pub fn text(content: &str) -> String {
    escape(content)
}

/// A number as printed by [`table`], with a true minus sign and powers of ten.
pub fn number(printed: &str) -> String {
    let escaped = escape(printed).replace('-', "−");
    match escaped.split_once('e') {
        Some(("1", power)) => format!("10<sup>{power}</sup>"),
        Some((mantissa, power)) if mantissa.ends_with(|c: char| c.is_ascii_digit()) => {
            // "1 ± 2e-9": only the last number carries the power, which is what was printed.
            format!("{mantissa}·10<sup>{power}</sup>")
        }
        _ => escaped,
    }
}

/// A coloured word for the verdict on a claim or cell.
pub fn verdict(verdict: Verdict) -> String {
    let (class, word) = match verdict {
        Verdict::Confirmed => ("confirmed", "confirmed"),
        Verdict::Refuted => ("refuted", "refuted"),
        Verdict::Undecided => ("undecided", "undecided"),
    };
    format!("<span class=\"verdict {class}\">{word}</span>")
}

/// A coloured word for the fate of a rival: to be refuted is what is wanted.
pub fn rival_verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Refuted => "<span class=\"verdict confirmed\">rejected</span>".to_owned(),
        other => format!(
            "<span class=\"verdict refuted\">survives ({})</span>",
            table::verdict_word(other).to_lowercase()
        ),
    }
}

/// The anchor of a claim.
pub fn anchor(id: &str) -> String {
    id.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect()
}

/// The work behind a citation key.
pub fn work(key: &str) -> &str {
    match key {
        "abk" => "Afanasiev, Berlyand and Kiyashko, arXiv:2507.12182",
        "lm" => "Liao and Mahoney, arXiv:2506.13139",
        other => other,
    }
}

/// What a strength is worth.
pub fn strength_meaning(strength: Strength) -> &'static str {
    match strength {
        Strength::Exact => {
            "identity or inequality with explicit constants, true at every N; a violation refutes the statement or the code"
        }
        Strength::Sharp => {
            "limit whose next order is known or bounded in advance; a violation refutes the theorem together with its remainder"
        }
        Strength::Trend => "contrast or envelope over a grid of N; evidence only",
    }
}

/// Why an interval of a grade covers.
pub fn grade_meaning(grade: Grade) -> &'static str {
    match grade {
        Grade::Identity => "no mean is estimated: the statement holds for every replicate or not",
        Grade::Proved => "sub-Gaussian, with a variance proxy that is a theorem about the ensemble",
        Grade::Exact => {
            "binomial or distribution-free interval, exact at every number of replicates"
        }
        Grade::Bounded => {
            "sure bounds of the statistic and its empirical variance (empirical Bernstein)"
        }
        Grade::VarianceBound => "a proved bound of the variance only (Catoni's estimator)",
    }
}
