//! Tables are equal when their words are and their numbers nearly are.

use insta::Comparator;
use insta::Snapshot;
use insta::internals::SnapshotContents;

/// Between columns. Formulas contain the ordinary bar.
pub const SEPARATOR: &str = " │ ";

/// Columns before the first number: law, signal, N, point.
const WORDS: usize = 4;
/// θ, τ0 and τ are deterministic; libraries for elementary functions differ in the last bits.
const EXACT: Tolerance = Tolerance {
    relative: 1e-9,
    absolute: 1e-12,
};
/// Eigenvalue bits depend on the width of the processor's vectors, and cancellation magnifies them.
const SAMPLED: Tolerance = Tolerance {
    relative: 1e-6,
    absolute: 1e-6,
};

/// Two numbers are near if either allowance covers their difference.
struct Tolerance {
    relative: f64,
    absolute: f64,
}

impl Tolerance {
    fn covers(&self, a: f64, b: f64) -> bool {
        (a - b).abs() <= self.absolute.max(self.relative * a.abs().max(b.abs()))
    }
}

/// Compares tables with tolerance for numbers, everything else exactly.
#[derive(Debug, Clone, Copy)]
pub struct Numeric;

impl Comparator for Numeric {
    fn matches(&self, reference: &Snapshot, test: &Snapshot) -> bool {
        match (reference.contents(), test.contents()) {
            (SnapshotContents::Text(old), SnapshotContents::Text(new)) => {
                same_table(&old.to_string(), &new.to_string())
            }
            _ => false,
        }
    }

    fn dyn_clone(&self) -> Box<dyn Comparator> {
        Box::new(*self)
    }
}

fn same_table(old: &str, new: &str) -> bool {
    let rows = |text: &str| text.trim().lines().count();
    rows(old) == rows(new) && old.trim().lines().zip(new.trim().lines()).all(same_row)
}

fn same_row((old, new): (&str, &str)) -> bool {
    let (old, new): (Vec<&str>, Vec<&str>) = (
        old.split(SEPARATOR).collect(),
        new.split(SEPARATOR).collect(),
    );
    let last = new.len().saturating_sub(1);
    old.len() == new.len()
        && old.iter().zip(&new).enumerate().all(|(column, (a, b))| {
            let tolerance = if column == last { SAMPLED } else { EXACT };
            a == b || column >= WORDS && same_number(a, b, &tolerance)
        })
}

fn same_number(old: &str, new: &str, tolerance: &Tolerance) -> bool {
    match (old.parse(), new.parse()) {
        (Ok(a), Ok(b)) => tolerance.covers(a, b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::same_table;

    const OLD: &str = "law │ signal │ N │ point │ θ │ τ0 │ τ │ estimate\n\
                       goe │ zero │ 16 │ |s|, z = 2i │ 1.5e0 │ 0 │ 2.0e2 │ 4.0e-1";

    fn changed(from: &str, to: &str) -> bool {
        let new = OLD.replace(from, to);
        assert_ne!(new, OLD);
        !same_table(OLD, &new)
    }

    #[test]
    fn equal_tables_are_equal() {
        assert!(same_table(OLD, OLD));
    }

    #[test]
    fn rounding_is_no_change() {
        assert!(!changed("1.5e0", "1.5000000009e0"));
        assert!(!changed("2.0e2", "2.000000001e2"));
        assert!(!changed("4.0e-1", "4.000009e-1"));
        assert!(!changed("│ 0 │", "│ 8e-13 │"));
    }

    #[test]
    fn moved_numbers_are_seen() {
        assert!(changed("1.5e0", "1.500000003e0"));
        assert!(changed("2.0e2", "2.00000001e2"));
        assert!(changed("4.0e-1", "4.00002e-1"));
        assert!(changed("│ 0 │", "│ 3e-12 │"));
        assert!(changed("4.0e-1", "NaN"));
    }

    #[test]
    fn words_sizes_and_rows_are_compared_exactly() {
        assert!(changed("goe", "gue"));
        assert!(changed("zero", "two-atom"));
        assert!(changed("│ 16 │", "│ 17 │"));
        assert!(changed("2i", "3i"));
        assert!(changed(" │ 4.0e-1", ""));
        assert!(changed("estimate", "mean"));
        assert!(!same_table(OLD, &format!("{OLD}\n{OLD}")));
    }
}
