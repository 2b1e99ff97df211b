//! `rmt-verify prune`.

use super::analyze::{in_file, positions};
use super::args::PruneArgs;
use super::output::{print, print_json};
use super::progress::Bar;
use super::{Found, Misuse};
use rmt_verify::network::bulk::Options;
use rmt_verify::network::prune::{Method, PrunedFile, Pruner};
use rmt_verify::network::weights::{Weights, WeightsError};
use rmt_verify::table::pruned_table;
use serde_json::json;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use tempfile::NamedTempFile;

pub fn run(args: &PruneArgs) -> Result<Found, Misuse> {
    let pruner = Pruner {
        method: method(args)?,
        factored: args.factored,
        options: Options::default(),
    };
    let npy = match args
        .out
        .extension()
        .and_then(|extension| extension.to_str())
    {
        Some("npy") => true,
        Some("safetensors") => false,
        _ => return Err(Misuse::new("--out must end in .safetensors or .npy")),
    };
    if npy && args.factored {
        return Err(Misuse::new(
            "--factored makes two arrays of one: --out must end in .safetensors",
        ));
    }
    let says = |error: WeightsError| in_file(&args.file, &error);
    let mut weights = Weights::open(&args.file).map_err(says)?;
    let chosen = positions(&weights, &args.tensors).map_err(says)?;
    if npy && chosen.len() != 1 {
        return Err(Misuse::new(format!(
            "an npy file holds one array, and {} are to be written: choose one by --tensor",
            chosen.len()
        )));
    }

    let bar = Bar::new();
    let total = chosen.len();
    let file = whole(&args.out, |out| {
        let out = BufWriter::new(out);
        let pruned = if npy {
            pruner.write_npy(&mut weights, chosen[0], out)
        } else {
            let mut done = 0;
            let named = (!args.tensors.is_empty()).then_some(&chosen[..]);
            pruner.write_safetensors(&mut weights, named, out, |_, tensor| {
                bar.working_on(&tensor.name, done, total);
                done += 1;
            })
        };
        pruned.map_err(says)
    })?;
    bar.finish();
    if args.json {
        print_json(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "pruner": pruner,
            "tensors": file.tensors,
            "left_out": file.left_out,
        }))?;
    } else {
        print(&pruned_table(&file))?;
    }
    Ok(Found::AllConfirmed)
}

fn method(args: &PruneArgs) -> Result<Method, Misuse> {
    match (args.method.as_str(), args.factor) {
        ("hard", factor) => {
            let factor = factor.unwrap_or(1.0);
            if factor.is_finite() && factor >= 0.0 {
                Ok(Method::Hard { factor })
            } else {
                Err(Misuse::new(format!(
                    "--factor {factor} must be finite and at least 0"
                )))
            }
        }
        (_, None) => Ok(Method::Shrink),
        (_, Some(_)) => Err(Misuse::new(
            "--factor belongs to --method hard; shrinkage has no threshold to choose",
        )),
    }
}

/// A file that appears whole or not at all.
fn whole(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<PrunedFile, Misuse>,
) -> Result<PrunedFile, Misuse> {
    let cannot =
        |reason: std::io::Error| Misuse::new(format!("cannot write {}: {reason}", path.display()));
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let builder = &mut tempfile::Builder::new();
    // Renaming keeps the mode of the temporary file, which is private by default.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file: NamedTempFile = builder
        .prefix(".rmt-verify-")
        .tempfile_in(folder)
        .map_err(cannot)?;
    let result = write(file.as_file_mut())?;
    file.persist(path)
        .map_err(|failure| cannot(failure.error))?;
    Ok(result)
}
