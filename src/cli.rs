//! The command line. Exit codes: 0 all confirmed, 1 not, 2 misuse, 130 interrupted.

mod analyze;
mod appendix_a;
mod args;
mod claims;
mod interrupt;
mod merge;
mod output;
mod plan;
mod predict;
mod processes;
mod progress;
mod prune;
mod report;
mod verify;

use args::{Args, Command};
use clap::Parser;
use clap::error::ErrorKind;
use output::print;
use std::ffi::OsString;
use std::process::ExitCode;

/// What a command that could do its work found.
pub enum Found {
    /// Everything asked for holds.
    AllConfirmed,
    /// Something was refuted or undecided, or a rival survived.
    NotConfirmed,
    /// A signal asked to stop.
    Interrupted,
}

/// A question that cannot be answered as put, in one line.
#[derive(Debug)]
pub struct Misuse(String);

impl Misuse {
    /// Any error, on one line whatever its source wrote.
    pub fn new(reason: impl std::fmt::Display) -> Self {
        let text = reason.to_string();
        Self(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl std::fmt::Display for Misuse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs one command.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let outcome = match Args::try_parse_from(arguments) {
        Ok(args) => dispatch(args.command),
        Err(error) => explain(&error),
    };
    match outcome {
        Ok(Found::AllConfirmed) => ExitCode::SUCCESS,
        Ok(Found::NotConfirmed) => ExitCode::from(1),
        Ok(Found::Interrupted) => ExitCode::from(interrupt::INTERRUPTED),
        Err(reason) => {
            eprintln!("rmt-verify: {reason}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(command: Command) -> Result<Found, Misuse> {
    match command {
        Command::Verify(args) if args.plan => plan::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Claims(args) => claims::run(&args),
        Command::Predict(args) => predict::run(args),
        Command::Report(args) => report::run(&args),
        Command::AppendixA(args) => appendix_a::run(&args),
        Command::Analyze(args) => analyze::run(&args),
        Command::Prune(args) => prune::run(&args),
    }
}

/// Help and version are answers; anything else clap has to say becomes one line.
fn explain(error: &clap::Error) -> Result<Found, Misuse> {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            print(&text)?;
            Ok(Found::AllConfirmed)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Err(Misuse::new(
            "no command given; `rmt-verify verify` runs all claims, `rmt-verify --help` lists the rest",
        )),
        _ => {
            let first = text.split("\n\n").next().unwrap_or_default();
            let reason = first.trim_start_matches("error: ");
            Err(Misuse::new(format!("{reason} (try --help)")))
        }
    }
}
