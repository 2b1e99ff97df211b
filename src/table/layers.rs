//! The layers of a weight file, two lines each.

use super::{WIDTH, arrange, lines, plural, ruled, significant};
use crate::network::bulk::{Analysis, Degeneracy, Shape};
use crate::network::layers::{Layer, Reason, Survey};
use std::collections::BTreeMap;

/// Spikes that are written out; the others are in the JSON and in the picture.
const SHOWN: usize = 2;
/// Names of skipped tensors that are written out, for each reason.
const NAMED: usize = 4;

/// A row for every matrix, then what was skipped and why.
#[must_use]
pub fn layer_table(survey: &Survey) -> String {
    let mut table = ruled(&[
        "tensor\nshape, type",
        "σ",
        "edge\nthreshold",
        "distance\np",
        "count",
        "largest ← planted",
        "verdict",
    ]);
    let mut skipped: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut rows = 0;
    for layer in &survey.layers {
        if let Some(Reason::Skipped(reason)) = &layer.reason {
            skipped.entry(reason).or_default().push(&layer.name);
            continue;
        }
        rows += 1;
        table.add_row(row(layer));
    }
    arrange(&mut table, &[1, 2, 3, 4]);
    let mut text = String::new();
    if rows > 0 {
        text.push_str(&lines(&table).join("\n"));
        text.push('\n');
    }
    for (reason, names) in skipped {
        let lead = format!("skipped {}, {reason}:", plural(names.len(), "tensor"));
        text.push_str(&named(lead, &names));
    }
    text
}

/// The lead and the first names, in lines that end where a name does.
pub(super) fn named(lead: String, names: &[&str]) -> String {
    let shown = names.len().min(NAMED);
    let (mut text, mut line) = (String::new(), lead);
    for (index, name) in names[..shown].iter().enumerate() {
        let end = match index + 1 {
            last if last < shown => ",",
            _ if shown < names.len() => ", …",
            _ => "",
        };
        let word = format!("{name}{end}");
        if line.chars().count() + 1 + word.chars().count() > usize::from(WIDTH) {
            text.push_str(&line);
            text.push('\n');
            line = " ".to_owned();
        }
        line.push(' ');
        line.push_str(&word);
    }
    text + &line + "\n"
}

fn row(layer: &Layer) -> [String; 7] {
    let name = format!("{}\n{} {}", layer.name, shape(&layer.shape), layer.dtype);
    let blank = String::new;
    let Some(analysis) = &layer.analysis else {
        let reason = match &layer.reason {
            Some(Reason::Failed(reason) | Reason::Skipped(reason)) => reason.clone(),
            None => blank(),
        };
        return [
            name,
            blank(),
            blank(),
            blank(),
            blank(),
            blank(),
            format!("not analysed: {reason}"),
        ];
    };
    let (sigma, edges, distance) = match analysis.bulk() {
        None => (blank(), blank(), blank()),
        Some(bulk) => (
            significant(bulk.sigma().value, 3),
            format!(
                "{}\n{}",
                significant(bulk.edge().value, 3),
                significant(bulk.threshold(), 3)
            ),
            format!(
                "{}\n{}",
                significant(bulk.distance(), 2),
                significant(bulk.p_value(), 2)
            ),
        ),
    };
    [
        name,
        sigma,
        edges,
        distance,
        analysis
            .count
            .map_or_else(|| "—".to_owned(), |count| count.to_string()),
        largest(analysis),
        shape_word(&analysis.shape),
    ]
}

/// `4 × 3`.
pub(crate) fn shape(extents: &[usize]) -> String {
    let words: Vec<String> = extents.iter().map(usize::to_string).collect();
    words.join("×")
}

/// The largest values, each with the strength that it stands for.
fn largest(analysis: &Analysis) -> String {
    if analysis.spikes.is_empty() {
        return significant(analysis.largest, 3);
    }
    let spikes = analysis.spikes.iter().take(SHOWN).map(|spike| {
        let strength = significant(spike.strength.value, 3);
        format!("{} ← {strength}", significant(spike.value, 3))
    });
    spikes.collect::<Vec<_>>().join("\n")
}

/// A verdict in words.
#[must_use]
pub fn shape_word(shape: &Shape) -> String {
    match shape {
        Shape::RandomLike => "random-like",
        Shape::BulkPlusSpikes => "bulk plus spikes",
        Shape::DilatedBulk => "dilated bulk",
        Shape::BulkDecay => "bulk decay",
        Shape::HeavyTailed => "heavy-tailed",
        Shape::Unexplained => "unexplained",
        Shape::Degenerate(Degeneracy::TooFew) => "too few values",
        Shape::Degenerate(Degeneracy::Zero) => "zero",
        Shape::Degenerate(Degeneracy::AllEqual) => "all values equal",
        Shape::Degenerate(Degeneracy::RankDeficient { rank }) => {
            return format!("rank {rank} only");
        }
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_in_lines_of_the_width_and_no_more_than_a_few() {
        let long = "n".repeat(60);
        let names = [long.as_str(), "b", long.as_str(), "d", "e"];
        let text = named("skipped:".to_owned(), &names);
        assert_eq!(text, format!("skipped: {long}, b,\n  {long}, d, …\n"));
        assert_eq!(named("skipped:".to_owned(), &["a", "b"]), "skipped: a, b\n");
    }
}
