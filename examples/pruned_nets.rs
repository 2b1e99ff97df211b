//! What pruning at the edge of the bulk does to trained nets: accuracy before and after, of the part
//! that was removed, and with two in five training labels drawn at random.
//!
//!     cargo run --release --example pruned_nets
//!     cargo run --release --example pruned_nets -- /usr/share/datasets/fashion-mnist 200,400 10
//!
//! Arguments: a folder with the idx files (default: the digits that ship with the crate), widths,
//! epochs. Only the square layer is pruned.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};
use faer::Mat;
use rmt_verify::network::bulk::{Options, SingularValues, analyse};
use rmt_verify::network::data::Dataset;
use rmt_verify::network::mlp::Mlp;
use rmt_verify::network::prune::{LowRank, hard, shrink};
use rmt_verify::network::training::{Protocol, Training};
use std::error::Error;
use std::path::Path;

/// The square layer.
const MIDDLE: usize = 1;
/// Share of the training labels that are drawn at random in the second half of the table.
const RANDOM: f64 = 0.4;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let data = match arguments.next() {
        Some(folder) => Dataset::read(Path::new(&folder))?,
        None => Dataset::digits(),
    };
    let widths = arguments.next().unwrap_or_else(|| "128,256".into());
    let epochs: usize = arguments.next().as_deref().unwrap_or("25").parse()?;
    println!(
        "{}: accuracy on {} test images, in per cent",
        data.name,
        data.test.count()
    );
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header([
        "random labels",
        "N",
        "edge",
        "kept",
        "whole",
        "pruned",
        "shrunk",
        "edge/2",
        "edge·2",
        "removed alone",
    ]);
    for (labels, data) in [
        ("0 %", data.clone()),
        ("40 %", data.with_random_labels(RANDOM, 0)),
    ] {
        for width in widths.split(',') {
            let row = row(&data, width.trim().parse()?, epochs)?;
            table.add_row([labels.to_owned()].into_iter().chain(row));
        }
    }
    table
        .column_iter_mut()
        .for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    println!("{table}");
    Ok(())
}

fn row(data: &Dataset, width: usize, epochs: usize) -> Result<Vec<String>, Box<dyn Error>> {
    let net = Mlp::<f32>::new(&[data.inputs(), width, width, data.classes()], 0, 0)?;
    let mut training = Training::new(net, Protocol::default(), 0, 0)?;
    for _ in 0..epochs {
        training.epoch(data, |_, _| {})?;
    }
    let net = training.into_net();
    let weights = net.layers()[MIDDLE].weights();
    let w = Mat::from_fn(width, width, |i, j| f64::from(weights[i * width + j]));
    let analysis = analyse(&SingularValues::of(w.as_ref())?, &Options::default())?;
    let fit = analysis.fit.ok_or("no bulk was found")?;
    let edge = fit.edge.value;

    let accuracy = |w: &Mat<f64>| {
        let weights = (0..width * width).map(|k| w[(k / width, k % width)] as f32);
        let score = net
            .clone()
            .with_weights(MIDDLE, weights.collect())
            .score(&data.test);
        format!("{:.1}", 100.0 * score.accuracy())
    };
    let of = |kept: &LowRank| accuracy(&kept.matrix());
    let pruned = hard(w.as_ref(), edge)?;
    Ok(vec![
        width.to_string(),
        format!("{edge:.3}"),
        pruned.rank().to_string(),
        accuracy(&w),
        of(&pruned),
        of(&shrink(w.as_ref(), fit.sigma.value)?),
        of(&hard(w.as_ref(), 0.5 * edge)?),
        of(&hard(w.as_ref(), 2.0 * edge)?),
        accuracy(&pruned.removed_from(w.as_ref())),
    ])
}
