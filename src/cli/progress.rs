//! A progress bar on standard error, on a terminal only.

use super::interrupt::Interrupt;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rmt_verify::evidence::Progress;
use rmt_verify::ledger::ClaimRecord;
use rmt_verify::suite::Hooks;
use rmt_verify::table::verdict_word;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A bar without a length yet, hidden unless standard error is a terminal.
pub fn on_terminal() -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{prefix} {wide_msg} {bar:24} {pos:>7}/{len}")
        .expect("the template is well formed");
    ProgressBar::with_draw_target(None, target).with_style(style)
}

/// Shows what is worked on and how far it is; one line stays for every claim that is done.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    interrupt: Option<Interrupt>,
    judged: AtomicUsize,
    stage: Mutex<String>,
    /// Milliseconds from the start to the latest redrawing of the replicates.
    drawn: AtomicU64,
    started: Instant,
}

impl Bar {
    /// Hidden unless standard error is a terminal.
    pub fn new() -> Self {
        Self {
            bar: on_terminal(),
            interrupt: None,
            judged: AtomicUsize::new(0),
            stage: Mutex::default(),
            drawn: AtomicU64::new(0),
            started: Instant::now(),
        }
    }

    /// As [`Bar::new`]; the run that it is shown to ends when a signal asks for it.
    pub fn until(interrupt: &Interrupt) -> Self {
        Self {
            interrupt: Some(interrupt.clone()),
            ..Self::new()
        }
    }

    /// Which of several things is worked on.
    pub fn working_on(&self, name: &str, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
        self.bar.set_message(name.to_owned());
    }

    /// Wipes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// What is drawn now; only for show, so a panic elsewhere does no harm.
    fn stage(&self) -> MutexGuard<'_, String> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Bar {
    fn advanced(&self, done: u64, total: u64) {
        if self.bar.is_hidden() {
            return;
        }
        // Replicates may take microseconds.
        let now = self.started.elapsed().as_millis() as u64;
        let drawn = self.drawn.load(Ordering::Relaxed);
        if now >= drawn + 100 {
            self.drawn.store(now, Ordering::Relaxed);
            let message = format!("{}, {done} of {total} replicates", self.stage());
            self.bar.set_message(message);
        }
    }

    fn cancelled(&self) -> bool {
        self.interrupt.as_ref().is_some_and(Interrupt::asked)
    }
}

impl Hooks for Bar {
    fn claim_started(&self, _: &str, _: usize, total: usize) {
        self.bar.set_length(total as u64);
    }

    fn stage_started(&self, id: &str, stage: &str) {
        *self.stage() = if stage == "claim" {
            id.to_owned()
        } else {
            format!("{id}, rival {stage}")
        };
    }

    fn claim_finished(&self, record: &ClaimRecord, elapsed: Duration) {
        let judged = 1 + self.judged.fetch_add(1, Ordering::Relaxed);
        self.bar.set_position(judged as u64);
        self.bar.println(format!(
            "{:9}  {}  {:.1} s",
            verdict_word(record.verdict),
            record.id,
            elapsed.as_secs_f64()
        ));
    }
}
