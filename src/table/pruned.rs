//! What pruning did to the tensors of a file.

use super::layers::{named, shape, shape_word};
use super::{arrange, lines, plural, ruled, significant};
use crate::network::prune::{Fate, PrunedFile};

/// A row for every matrix, and the sums.
#[must_use]
pub fn pruned_table(file: &PrunedFile) -> String {
    let mut table = ruled(&[
        "tensor\nshape, type",
        "verdict",
        "edge",
        "rank",
        "energy kept",
        "parameters",
    ]);
    let (mut before, mut after, mut pruned) = (0, 0, 0);
    for tensor in &file.tensors {
        let Some(analysis) = &tensor.analysis else {
            continue;
        };
        let edge = analysis
            .bulk()
            .map_or_else(String::new, |bulk| significant(bulk.edge().value, 3));
        let count: usize = tensor.shape.iter().product();
        before += count;
        let (rank, energy, parameters) = match &tensor.fate {
            Fate::Kept { reason } => {
                after += count;
                (format!("kept: {reason}"), String::new(), count.to_string())
            }
            Fate::Pruned {
                rank,
                energy,
                parameters,
                ..
            } => {
                pruned += 1;
                after += parameters;
                (
                    format!("{rank} of {}", analysis.rows.min(analysis.columns)),
                    format!("{:.1} %", 100.0 * energy),
                    format!("{count} → {parameters}"),
                )
            }
        };
        table.add_row([
            format!("{}\n{} {}", tensor.name, shape(&tensor.shape), tensor.dtype),
            shape_word(&analysis.shape),
            edge,
            rank,
            energy,
            parameters,
        ]);
    }
    arrange(&mut table, &[2, 4, 5]);
    let mut text = String::new();
    if table.row_count() > 0 {
        text.push_str(&lines(&table).join("\n"));
        text.push('\n');
    }
    for tensor in file
        .tensors
        .iter()
        .filter(|tensor| tensor.analysis.is_none())
    {
        // Vectors are no news: nobody asked for them by name.
        if let (Fate::Kept { reason }, 2 | 4) = (&tensor.fate, tensor.shape.len()) {
            text.push_str(&format!("kept {}: {reason}\n", tensor.name));
        }
    }
    text.push_str(&format!(
        "{} pruned; parameters of the matrices: {before} before, {after} after\n",
        plural(pruned, "tensor")
    ));
    if !file.left_out.is_empty() {
        let names: Vec<&str> = file.left_out.iter().map(String::as_str).collect();
        let lead = format!(
            "left out {} that cannot be read as floating-point numbers:",
            plural(names.len(), "tensor")
        );
        text.push_str(&named(lead, &names));
    }
    text
}
