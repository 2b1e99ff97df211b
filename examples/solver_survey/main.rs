//! Every eigenvalue solver over N, in one run: time, time/N³, ratio to the best peer, fitted exponent.
//!
//!     cargo run --release --example solver_survey
//!     RMT_LAPACK=… cargo run --release --example solver_survey --features lapack -- --out target/survey
//!
//! `benches/peers/setup.sh` fetches Intel's library and prints `RMT_LAPACK`. The solvers take turns
//! inside every round, so that what disturbs the machine disturbs all of them; every answer is
//! checked before anything is timed. docs/solvers.md explains the result.

mod arguments;
mod clock;
mod fit;
mod measure;
mod picture;
mod tables;

#[path = "../../benches/common/solvers.rs"]
mod solvers;

use arguments::Arguments;
use clap::Parser;
use measure::{Mode, Survey};
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    arguments.check()?;
    let solvers = solvers::solvers();
    println!("{}", tables::conditions(&arguments));
    let mut surveys = Vec::new();
    for &mode in &arguments.modes() {
        let survey = Survey::run(mode, &solvers, &arguments);
        println!("{}", tables::all(&survey));
        surveys.push(survey);
    }
    if let Some(folder) = &arguments.out {
        write(folder, &surveys)?;
    }
    Ok(())
}

fn write(folder: &Path, surveys: &[Survey]) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("survey.csv"), tables::csv(surveys)?)?;
    for survey in surveys {
        let name = match survey.mode {
            Mode::Single => "single.svg",
            Mode::Batch => "batch.svg",
        };
        fs::write(folder.join(name), picture::times(survey)?)?;
    }
    println!("Written to {}.", folder.display());
    Ok(())
}
