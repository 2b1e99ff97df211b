//! The command line.

use super::clock::Clock;
use super::measure::Mode;
use clap::Parser;
use std::path::PathBuf;

/// Times every eigenvalue solver over N, all in one run.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// Matrix sizes N, ascending.
    #[arg(
        long,
        value_delimiter = ',',
        default_values_t = [16, 32, 64, 100, 128, 200, 256, 400, 800]
    )]
    pub sizes: Vec<usize>,
    /// One matrix at a time, batches of replicates, or both when absent.
    #[arg(long, value_enum)]
    pub mode: Option<Mode>,
    /// Seconds a size and mode, all solvers together; three rounds are run in any case.
    #[arg(long, default_value_t = 2.0)]
    pub seconds: f64,
    /// Replicates in a batch (fewer at large N: see the table).
    #[arg(long, default_value_t = 16)]
    pub batch: usize,
    /// Threads over which a batch is spread; every matrix is solved on one.
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
    /// Time on the clock, or the processor time of the thread (Linux), which a busy machine spoils less.
    #[arg(long, value_enum, default_value_t = Clock::Wall)]
    pub clock: Clock,
    /// Solvers whose names contain one of these, case ignored; all when absent.
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// Folder for survey.csv and the pictures.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

impl Arguments {
    /// The modes to run.
    pub fn modes(&self) -> Vec<Mode> {
        self.mode
            .map_or_else(|| vec![Mode::Single, Mode::Batch], |mode| vec![mode])
    }

    /// Refuses what cannot be run as asked.
    pub fn check(&self) -> Result<(), String> {
        let ascending = self.sizes.windows(2).all(|pair| pair[0] < pair[1]);
        if self.sizes.is_empty() || self.sizes[0] == 0 || !ascending {
            return Err(format!("sizes {:?} must ascend from 1 on", self.sizes));
        }
        if !(self.seconds > 0.0 && self.seconds.is_finite()) {
            return Err(format!("{} seconds must be positive", self.seconds));
        }
        if self.batch == 0 || self.threads == 0 {
            return Err("a batch needs at least one matrix and one thread".into());
        }
        if self.clock == Clock::Cpu {
            if self.threads > 1 {
                return Err("the processor time of one thread says nothing about several".into());
            }
            Clock::Cpu.check()?;
        }
        Ok(())
    }

    /// Whether a solver takes part.
    pub fn includes(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.only.is_empty()
            || self
                .only
                .iter()
                .any(|part| name.contains(&part.to_lowercase()))
    }
}
