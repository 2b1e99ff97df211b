//! `rmt-verify analyze`.

use super::args::AnalyzeArgs;
use super::output::{folder, print, print_json};
use super::progress::Bar;
use super::{Found, Misuse};
use rmt_verify::network::bulk::{Method, Options};
use rmt_verify::network::layers::Survey;
use rmt_verify::network::weights::{Weights, WeightsError};
use rmt_verify::report::{layer_pictures, layers_html};
use rmt_verify::table::layer_table;
use serde_json::json;
use std::io::{Read, Seek};
use std::path::Path;

pub fn run(args: &AnalyzeArgs) -> Result<Found, Misuse> {
    let says = |error: WeightsError| in_file(&args.file, &error);
    let mut weights = Weights::open(&args.file).map_err(says)?;
    let positions = positions(&weights, &args.tensors).map_err(says)?;
    let folder = folder(args.out.as_deref())?;

    let bar = Bar::new();
    let options = Options {
        method: match args.sigma.as_str() {
            "median" => Method::Median,
            _ => Method::default(),
        },
        dilated: args.law == "dilated",
        ..Options::default()
    };
    let survey = Survey::of(&mut weights, &positions, &options, |done, tensor| {
        bar.working_on(&tensor.name, done, positions.len());
    });
    bar.finish();

    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let value = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "file": name,
        "format": survey.format,
        "options": survey.options,
        "tensors": survey.layers,
    });
    if let Some(folder) = &folder {
        let mut text = serde_json::to_string_pretty(&value).map_err(Misuse::new)?;
        text.push('\n');
        folder.write("analysis.json", &text).map_err(Misuse::new)?;
        for (picture, svg) in layer_pictures(&survey) {
            folder.write(&picture, &svg).map_err(Misuse::new)?;
        }
        let page = layers_html(&name, &survey);
        folder.write("index.html", &page).map_err(Misuse::new)?;
        eprintln!("report: {}", folder.path().join("index.html").display());
    }
    if args.json {
        print_json(&value)?;
    } else {
        print(&layer_table(&survey))?;
    }
    Ok(Found::AllConfirmed)
}

/// A complaint with the name of the file in front.
pub fn in_file(file: &Path, error: &WeightsError) -> Misuse {
    Misuse::new(format!("{}: {error}", file.display()))
}

/// The named tensors, or all.
pub fn positions<R: Read + Seek>(
    weights: &Weights<R>,
    names: &[String],
) -> Result<Vec<usize>, WeightsError> {
    if names.is_empty() {
        return Ok((0..weights.tensors().len()).collect());
    }
    names.iter().map(|name| weights.find(name)).collect()
}
