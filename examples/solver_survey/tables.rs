//! What is printed: Markdown tables, and the numbers as CSV.

use super::arguments::Arguments;
use super::clock::Clock;
use super::fit::{Estimate, exponent, median, ratio};
use super::measure::{Mode, Size, Survey};
use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};
use std::fs;

/// From here on the second exponent is fitted.
const LARGE: usize = 256;

/// What the numbers depend on.
pub fn conditions(arguments: &Arguments) -> String {
    let processor = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split(':').nth(1)?.trim().to_owned())
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let clock = match arguments.clock {
        Clock::Wall => "time on the clock",
        Clock::Cpu => "processor time",
    };
    let mut text = format!(
        "GOE, real symmetric, values only. {processor}{}; {clock}, medians of rounds in which all solvers \
         take turns; {} thread(s).\n",
        instructions(),
        arguments.threads,
    );
    for line in peers() {
        text += &line;
        text.push('\n');
    }
    text
}

#[cfg(target_arch = "x86_64")]
fn instructions() -> &'static str {
    if is_x86_feature_detected!("avx512f") {
        ", AVX-512"
    } else if is_x86_feature_detected!("avx2") {
        ", AVX2"
    } else {
        ""
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn instructions() -> &'static str {
    ""
}

/// Which processor OpenBLAS believes to run on: a wrong guess makes the comparison unfair.
#[cfg(feature = "lapack")]
fn peers() -> Vec<String> {
    use rmt_verify::spectrum::Eigensolver;
    let libraries = super::solvers::lapacks();
    if libraries.is_empty() {
        return vec!["No LAPACK: RMT_LAPACK names no library.".into()];
    }
    libraries
        .iter()
        .filter_map(|lapack| {
            let core = lapack.core()?;
            Some(format!(
                "{} takes this processor for {core} (OPENBLAS_CORETYPE overrules it).",
                lapack.name()
            ))
        })
        .collect()
}

#[cfg(not(feature = "lapack"))]
fn peers() -> Vec<String> {
    vec!["No LAPACK: built without the feature `lapack`.".into()]
}

/// Every table of a mode.
pub fn all(survey: &Survey) -> String {
    let heading = match survey.mode {
        Mode::Single => "One matrix at a time",
        Mode::Batch => "Batches of replicates, one a thread",
    };
    let cubed = |size: &Size, solver: usize| {
        let time = median(&size.of(solver)?.rounds).value;
        Some(significant(time * 1e9 / (size.n as f64).powi(3)))
    };
    let milliseconds = |size: &Size, solver: usize| {
        Some(significant(median(&size.of(solver)?.rounds).value * 1e3))
    };
    let against = |size: &Size, solver: usize| {
        let best = best_peer(survey, size)?;
        Some(bounds(ratio(
            &size.of(solver)?.rounds,
            &size.of(best)?.rounds,
        )))
    };
    format!(
        "{heading}: milliseconds a matrix\n\n{}\n\nTime/N³ in nanoseconds\n\n{}\n\nRatio to the best peer, with a \
         95 % interval of the median\n\n{}\n\nExponent p of time ≈ c·N^p with a 95 % interval\n\n{}\n",
        by_size(survey, &milliseconds),
        by_size(survey, &cubed),
        by_size(survey, &against),
        exponents(survey),
    )
}

/// The peer with the smallest median.
fn best_peer(survey: &Survey, size: &Size) -> Option<usize> {
    size.series
        .iter()
        .filter(|series| !survey.solvers[series.solver].1)
        .min_by(|a, b| {
            let time = |rounds: &[f64]| median(rounds).value;
            time(&a.rounds).total_cmp(&time(&b.rounds))
        })
        .map(|series| series.solver)
}

type Entry<'a> = dyn Fn(&Size, usize) -> Option<String> + 'a;

/// A row for every N, a column for every solver.
fn by_size(survey: &Survey, entry: &Entry) -> Table {
    let mut heading = vec!["N".to_owned(), "rounds".to_owned()];
    if survey.mode == Mode::Batch {
        heading.push("batch".into());
    }
    heading.extend(survey.solvers.iter().map(|(name, _)| name.clone()));
    let mut table = new_table(heading);
    for size in &survey.sizes {
        let rounds = size.series.first().map_or(0, |series| series.rounds.len());
        let mut row = vec![size.n.to_string(), rounds.to_string()];
        if survey.mode == Mode::Batch {
            row.push(size.batch.to_string());
        }
        row.extend((0..survey.solvers.len()).map(|k| entry(size, k).unwrap_or_default()));
        table.add_row(row);
    }
    right(table)
}

fn exponents(survey: &Survey) -> Table {
    let large = format!("N ≥ {LARGE}");
    let mut table = new_table(vec!["solver".into(), "all N".into(), large]);
    for (k, (name, _)) in survey.solvers.iter().enumerate() {
        let fitted = |from: usize| {
            let points: Vec<(f64, f64)> = survey
                .sizes
                .iter()
                .filter(|size| size.n >= from)
                .filter_map(|size| Some((size.n as f64, median(&size.of(k)?.rounds).value)))
                .collect();
            exponent(&points).map(bounds).unwrap_or_default()
        };
        table.add_row(vec![name.clone(), fitted(1), fitted(LARGE)]);
    }
    right(table)
}

fn new_table(heading: Vec<String>) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(heading);
    table
}

fn right(mut table: Table) -> Table {
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Three digits.
fn significant(x: f64) -> String {
    let decimals = 2 - x.abs().log10().floor() as i32;
    format!("{x:.*}", decimals.clamp(0, 9) as usize)
}

fn bounds(estimate: Estimate) -> String {
    let Estimate { value, lo, hi } = estimate;
    format!("{value:.2} [{lo:.2}, {hi:.2}]")
}

/// One line for every mode, N and solver.
pub fn csv(surveys: &[Survey]) -> Result<String, Box<dyn std::error::Error>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record([
        "mode",
        "n",
        "batch",
        "solver",
        "ours",
        "rounds",
        "minimum_s",
        "median_s",
        "median_lo_s",
        "median_hi_s",
    ])?;
    for survey in surveys {
        for size in &survey.sizes {
            for series in &size.series {
                let (name, ours) = &survey.solvers[series.solver];
                let middle = median(&series.rounds);
                let least = series.rounds.iter().copied().fold(f64::INFINITY, f64::min);
                let seconds = [least, middle.value, middle.lo, middle.hi];
                let mut record = vec![
                    survey.mode.name().to_owned(),
                    size.n.to_string(),
                    size.batch.to_string(),
                    name.clone(),
                    ours.to_string(),
                    series.rounds.len().to_string(),
                ];
                record.extend(seconds.map(|s| format!("{s:.4e}")));
                out.write_record(record)?;
            }
        }
    }
    Ok(String::from_utf8(out.into_inner()?)?)
}
