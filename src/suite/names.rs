//! Near matches for names that do not exist.

/// Up to three of `known` that are close to `name`: they contain it, or few edits apart.
pub(super) fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut scored: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let edits = edit_distance(&wanted, &lower);
            if !wanted.is_empty() && lower.contains(&wanted) {
                Some((0, candidate))
            } else {
                (edits <= 2.max(lower.len() / 3)).then_some((edits, candidate))
            }
        })
        .collect();
    scored.sort();
    scored.dedup();
    scored.into_iter().take(3).map(|(_, s)| s.into()).collect()
}

/// Levenshtein's distance: insertions, deletions and substitutions of one character.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// `; did you mean a, b?`, or nothing.
pub(super) fn suggestion(near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", near.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_distance_counts_single_edits() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("abc", "abc"), 0);
    }

    #[test]
    fn near_finds_typing_errors_and_parts_of_names() {
        let known = ["abk/proposition-3.1", "abk/proposition-3.3", "abk/ward"];
        assert_eq!(near("abk/propositoin-3.1", known)[0], "abk/proposition-3.1");
        assert_eq!(near("WARD", known), ["abk/ward"]);
        assert!(near("something else entirely", known).is_empty());
    }
}
