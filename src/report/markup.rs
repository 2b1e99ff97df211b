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

/// A sentence of Unicode mathematics, escaped, with `s_N` and `N^{-1/2}` as true indices and powers.
pub fn prose(sentence: &str) -> String {
    let mut html = String::new();
    let mut rest = sentence;
    while let Some(position) = rest.find(['_', '^']) {
        let (before, from) = rest.split_at(position);
        html.push_str(&escape(before));
        let (mark, after) = from.split_at(1);
        let length = index_length(after);
        // A mark that follows nothing, or that nothing follows, is just a character.
        let follows_index = before.is_empty() && html.ends_with('>');
        let has_base = follows_index || before.ends_with(|c: char| !c.is_whitespace());
        if length == 0 || !has_base {
            html.push_str(mark);
            rest = after;
            continue;
        }
        let (index, tail) = after.split_at(length);
        let inner = index
            .strip_prefix('{')
            .map_or(index, |braced| braced.trim_end_matches('}'));
        let tag = if mark == "_" { "sub" } else { "sup" };
        let shown = prose(inner).replace('-', "−");
        html.push_str(&format!("<{tag}>{shown}</{tag}>"));
        rest = tail;
    }
    html.push_str(&escape(rest));
    html
}

/// Letters of an index without braces, such as `max`.
const LONGEST_INDEX: usize = 3;

/// Bytes of the index or power at the start of `text`: `{…}`, `(…)`, or letters and digits.
fn index_length(text: &str) -> usize {
    for (open, close) in [('{', '}'), ('(', ')')] {
        if text.starts_with(open) {
            return text.find(close).map_or(0, |end| end + 1);
        }
    }
    // Not the superscripts ² and ³, which Unicode counts as numeric.
    let end = text.find(|c: char| !c.is_alphabetic() && !c.is_ascii_digit());
    let word = &text[..end.unwrap_or(text.len())];
    // Longer ones are names of files and functions.
    if word.chars().count() > LONGEST_INDEX {
        0
    } else {
        word.len()
    }
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
        "Pastur" => "Pastur, Theor. Math. Phys. 10 (1972)",
        "Péché" | "peche06" => "Péché, Probab. Theory Relat. Fields 134 (2006)",
        "CDFF" => "Capitaine, Donati-Martin, Féral and Février, Electron. J. Probab. 16 (2011)",
        "BGN" => "Benaych-Georges and Nadakuditi, Adv. Math. 227 (2011)",
        "CDF" => "Capitaine, Donati-Martin and Féral, Ann. Probab. 37 (2009)",
        "Capitaine–Péché" => "Capitaine and Péché, Probab. Theory Relat. Fields 165 (2016)",
        "Lee–Schnelli" => "Lee and Schnelli, Rev. Math. Phys. 27 (2015)",
        "Huang" => "Huang, Random Matrices Theory Appl. 7 (2018)",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_and_powers_are_raised_and_lowered() {
        assert_eq!(prose("s_N(z)"), "s<sub>N</sub>(z)");
        assert_eq!(prose("N^{-1/2} < 1"), "N<sup>−1/2</sup> &lt; 1");
        assert_eq!(prose("G^(i)_jj"), "G<sup>(i)</sup><sub>jj</sub>");
        assert_eq!(prose("R_ij² = 0"), "R<sub>ij</sub>² = 0");
        assert_eq!(prose("s_{ν_N}(z)"), "s<sub>ν<sub>N</sub></sub>(z)");
    }

    #[test]
    fn marks_without_base_or_index_stay() {
        assert_eq!(prose("a _b ^ c_"), "a _b ^ c_");
        assert_eq!(prose("x_{open"), "x_{open");
        assert_eq!(
            prose("tests/reference_measure.rs"),
            "tests/reference_measure.rs"
        );
    }

    #[test]
    fn numbers_get_true_minus_signs_and_powers_of_ten() {
        assert_eq!(number("-1.2e-7"), "−1.2·10<sup>−7</sup>");
        assert_eq!(number("1e-6"), "10<sup>−6</sup>");
        assert_eq!(number("-0.224 ± 0.010"), "−0.224 ± 0.010");
    }
}
