//! Ctrl-C and requests to terminate.

use super::Misuse;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code of a process that a signal stopped: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;

/// Whether the user, or the scheduler of a cluster, wants the run to stop.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on the first SIGINT, SIGTERM or SIGHUP asks to stop, a second one stops at once.
    pub fn watch() -> Result<Self, Misuse> {
        let asked = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&asked);
        ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(INTERRUPTED.into());
            }
        })
        .map_err(|reason| Misuse::new(format!("cannot watch for interrupts: {reason}")))?;
        Ok(Self(asked))
    }

    /// Whether to stop.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
