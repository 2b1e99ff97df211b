//! A progress bar on standard error, on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rmt_verify::evidence::Progress;
use rmt_verify::ledger::ClaimRecord;
use rmt_verify::suite::Hooks;
use rmt_verify::table::verdict_word;
use std::io::IsTerminal;
use std::time::Duration;

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

/// Shows which claim is drawn, and how far it is; one line stays for every claim that is done.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// Hidden unless standard error is a terminal.
    pub fn new() -> Self {
        Self { bar: on_terminal() }
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
}

impl Progress for Bar {
    fn advanced(&self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
    }
}

impl Hooks for Bar {
    fn claim_started(&self, id: &str, position: usize, total: usize) {
        self.bar.set_prefix(format!("[{}/{total}]", position + 1));
        self.bar.set_message(id.to_owned());
    }

    fn stage_started(&self, id: &str, stage: &str) {
        let message = if stage == "claim" {
            id.to_owned()
        } else {
            format!("{id}, rival {stage}")
        };
        self.bar.set_message(message);
    }

    fn claim_finished(&self, record: &ClaimRecord, elapsed: Duration) {
        self.bar.println(format!(
            "{:9}  {}  {:.1} s",
            verdict_word(record.verdict),
            record.id,
            elapsed.as_secs_f64()
        ));
    }
}
