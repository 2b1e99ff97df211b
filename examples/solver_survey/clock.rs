//! Two clocks.

use clap::ValueEnum;
use std::fs;
use std::sync::OnceLock;
use std::time::Instant;

const SCHEDULER: &str = "/proc/thread-self/schedstat";

/// What is read before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Clock {
    /// The time that passes.
    Wall,
    /// The time this thread was on a processor, from Linux's scheduler.
    Cpu,
}

impl Clock {
    /// Seconds from an arbitrary start.
    pub fn now(self) -> f64 {
        match self {
            Self::Wall => {
                static START: OnceLock<Instant> = OnceLock::new();
                START.get_or_init(Instant::now).elapsed().as_secs_f64()
            }
            Self::Cpu => {
                // The scheduler brings its account up to date when a thread yields.
                std::thread::yield_now();
                nanoseconds().expect("checked at the start") as f64 * 1e-9
            }
        }
    }

    /// A turn lasts at least this many seconds, so that reading the clock (up to 100 µs for the
    /// scheduler's, with the change of threads) costs about one per cent at most.
    pub fn turn(self) -> f64 {
        match self {
            Self::Wall => 3e-4,
            Self::Cpu => 1e-2,
        }
    }

    /// Whether this clock can be read here.
    pub fn check(self) -> Result<(), String> {
        match self {
            Self::Wall => Ok(()),
            Self::Cpu => nanoseconds()
                .map(|_| ())
                .ok_or_else(|| format!("{SCHEDULER} cannot be read: use --clock wall")),
        }
    }
}

/// The first number of the file: time on a processor.
fn nanoseconds() -> Option<u64> {
    let text = fs::read_to_string(SCHEDULER).ok()?;
    text.split_whitespace().next()?.parse().ok()
}
