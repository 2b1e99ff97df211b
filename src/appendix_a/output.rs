//! A sweep as CSV, text, JSON and a picture.

use super::{Counted, LEVEL, NetRecord, Sweep, least_level};
use crate::network::bulk::Shape;
use crate::plot::{CountPoint, CountSeries, count_picture};
use crate::table::{arrange, level, lines, ruled, shape_word, significant};
use crate::verdict::Verdict;

/// One line a net, the header first.
///
/// # Panics
/// Never: writing into memory does not fail.
#[must_use]
pub fn csv(sweep: &Sweep) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["n".to_owned(), "seed".to_owned()];
    header.extend(["epochs", "test_accuracy", "test_loss", "training_accuracy"].map(String::from));
    for kind in ["initial", "trained", "shuffled"] {
        let fields = [
            "count",
            "low",
            "high",
            "sigma",
            "distance",
            "p_value",
            "shape",
            "threshold",
            "largest",
        ];
        header.extend(fields.map(|field| format!("{kind}_{field}")));
    }
    let mut put = |row: Vec<String>| writer.write_record(row).expect("memory does not fail");
    put(header);
    for net in &sweep.nets {
        let mut row = vec![
            net.width.to_string(),
            net.seed.to_string(),
            sweep.settings.epochs().to_string(),
            net.last.test_accuracy.to_string(),
            net.last.test_loss.to_string(),
            net.last.training_accuracy.to_string(),
        ];
        for counted in [&net.initial, &net.trained, &net.shuffled] {
            row.extend([
                counted.count.to_string(),
                counted.low.to_string(),
                counted.high.to_string(),
                counted.sigma.to_string(),
                counted.distance.to_string(),
                counted.p_value.to_string(),
                word(counted.shape),
                counted.threshold.to_string(),
                counted.largest.to_string(),
            ]);
        }
        put(row);
    }
    let bytes = writer.into_inner().expect("memory does not fail");
    String::from_utf8(bytes).expect("fields are UTF-8")
}

/// Everything, as one indented JSON object.
///
/// # Panics
/// Never: a sweep has a JSON form.
#[must_use]
pub fn json(sweep: &Sweep) -> String {
    let mut text = serde_json::to_string_pretty(sweep).expect("a sweep is plain fields");
    text.push('\n');
    text
}

/// The table and the verdict, for people.
#[must_use]
pub fn text(sweep: &Sweep) -> String {
    let protocol = sweep.settings.protocol();
    let mut text = format!(
        "Data: {}, {} training and {} test images.\n\
         Nets {} × N × N × {}: {} epochs, rate {}, momentum {}, batches of {}; root of streams {}.\n\
         Counted: singular values of the N × N layer beyond the noise bulk.\n",
        sweep.data,
        sweep.images.0,
        sweep.images.1,
        sweep.inputs,
        crate::network::data::CLASSES,
        sweep.settings.epochs(),
        protocol.rate,
        protocol.momentum,
        protocol.batch,
        sweep.settings.root(),
    );
    let mut table = ruled(&[
        "N", "seed", "accuracy", "at start", "after", "interval", "σ", "distance", "p", "shape",
    ]);
    for net in &sweep.nets {
        let after = &net.trained;
        table.add_row([
            net.width.to_string(),
            net.seed.to_string(),
            format!("{:.4}", net.last.test_accuracy),
            net.initial.count.to_string(),
            after.count.to_string(),
            format!("{}–{}", after.low, after.high),
            significant(after.sigma, 4),
            significant(after.distance, 2),
            significant(after.p_value, 1),
            word(after.shape),
        ]);
    }
    arrange(&mut table, &[0, 1, 2, 3, 4, 5, 6, 7, 8]);
    text += &(lines(&table).join("\n") + "\n");
    if sweep.settings.seeds() > 1 {
        text += &over_seeds(sweep);
    }
    text += &verdict(sweep);
    text
}

/// The shape in words, degenerate ones alike.
fn word(shape: Shape) -> String {
    match shape {
        Shape::Degenerate(_) => "degenerate".into(),
        shape => shape_word(&shape),
    }
}

/// What the nets of each width have in common.
fn over_seeds(sweep: &Sweep) -> String {
    let mut table = ruled(&[
        "N",
        "nets",
        "accuracy",
        "at start",
        "after",
        "least to most",
    ]);
    for nets in sweep.nets.chunk_by(|a, b| a.width == b.width) {
        let mean =
            |f: &dyn Fn(&NetRecord) -> f64| nets.iter().map(f).sum::<f64>() / nets.len() as f64;
        let low = nets.iter().map(|net| net.trained.low).min();
        let high = nets.iter().map(|net| net.trained.high).max();
        table.add_row([
            nets[0].width.to_string(),
            nets.len().to_string(),
            format!("{:.4}", mean(&|net| net.last.test_accuracy)),
            format!("{:.1}", mean(&|net| net.initial.count as f64)),
            format!("{:.1}", mean(&|net| net.trained.count as f64)),
            format!("{}–{}", low.unwrap_or(0), high.unwrap_or(0)),
        ]);
    }
    arrange(&mut table, &[0, 1, 2, 3, 4, 5]);
    lines(&table).join("\n") + "\n"
}

fn verdict(sweep: &Sweep) -> String {
    let mut text = String::new();
    let (widths, seeds) = (sweep.settings.widths().len(), sweep.settings.seeds());
    let least = least_level(widths, seeds);
    let unfit = sweep.nets.iter().filter(|net| !net.trained.fits()).count();
    if unfit > 0 {
        text += &format!(
            "For {unfit} of {} trained nets noise with a sharp edge is not the whole bulk: there the number is of \
             values beyond its edge, not of spikes.\n",
            sweep.nets.len()
        );
    }
    if let Some(growth) = &sweep.growth {
        let slope = growth.slope;
        text += &format!(
            "The count grows with N: {}. {} of {} pairs grow, {} shrink: p = {}; slope {} a hundred \
             units (at least {}, at most {}).\n",
            sweep.verdict,
            growth.growing,
            growth.pairs,
            growth.shrinking,
            level(growth.p_growing),
            significant(slope.value, 3),
            significant(slope.low, 3),
            significant(slope.high, 3),
        );
    } else {
        text += &format!(
            "The count grows with N: {}, for want of counts at two widths.\n",
            sweep.verdict
        );
    }
    if !sweep.complete {
        text += "Nets are still missing.\n";
    }
    if least > LEVEL && sweep.verdict == Verdict::Undecided {
        text += &format!(
            "{widths} widths × {seeds} seeds cannot confirm growth at level {LEVEL}: the least p is {}. \
             Take more widths or seeds.\n",
            level(least)
        );
    }
    for rival in &sweep.rivals {
        let outcome = if rival.caught {
            "shows no growth"
        } else {
            "SHOWS GROWTH"
        };
        text += &format!(
            "Rival, {}: {outcome} (p = {}, slope {}).\n",
            rival.name,
            level(rival.growth.p_growing),
            significant(rival.growth.slope.value, 3),
        );
    }
    if let Some(shuffles) = &sweep.shuffles {
        let outcome = if shuffles.caught {
            "as it should be"
        } else {
            "TOO OFTEN"
        };
        text += &format!(
            "Rival, counts in random order over N: {} of {} pass the rank test, {outcome} at level {LEVEL}.\n",
            shuffles.passing, shuffles.drawn,
        );
    }
    text
}

/// The count against N: trained, untrained, and with entries in random order.
#[must_use]
pub fn picture(sweep: &Sweep) -> String {
    let series = |name, pick: fn(&NetRecord) -> &Counted| CountSeries {
        name,
        points: sweep
            .nets
            .iter()
            .map(|net| CountPoint {
                size: net.width as f64,
                count: pick(net).count as f64,
                interval: (pick(net).low as f64, pick(net).high as f64),
            })
            .collect(),
    };
    let trained = format!("after {} epochs", sweep.settings.epochs());
    count_picture(
        &[
            series(&trained, |net| &net.trained),
            series("untrained", |net| &net.initial),
            series("entries in random order", |net| &net.shuffled),
        ],
        "width N",
        "singular values beyond the noise bulk",
        "Number of singular values of the middle layer beyond the noise bulk, against its width",
    )
}
