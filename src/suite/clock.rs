//! What a unit of work costs.

/// Processor time of the current thread since it was started: what a unit costs, also on a machine that
/// is busy with other things. Where the system does not tell, time on the wall.
///
/// Work that a replicate hands to other threads is not seen; few do.
#[derive(Debug, Clone, Copy)]
pub(super) struct CoreClock(Reading);

#[cfg(target_os = "linux")]
type Reading = f64;

#[cfg(not(target_os = "linux"))]
type Reading = std::time::Instant;

#[cfg(target_os = "linux")]
fn read() -> Reading {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

#[cfg(not(target_os = "linux"))]
fn read() -> Reading {
    std::time::Instant::now()
}

impl CoreClock {
    pub fn start() -> Self {
        Self(read())
    }

    /// Seconds since the start, on the thread that started it.
    pub fn seconds(self) -> f64 {
        #[cfg(target_os = "linux")]
        return (read() - self.0).max(0.0);
        #[cfg(not(target_os = "linux"))]
        return self.0.elapsed().as_secs_f64();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn sleep_is_not_paid_for_and_work_is() {
        let (wall, clock) = (std::time::Instant::now(), CoreClock::start());
        std::thread::sleep(std::time::Duration::from_millis(50));
        let asleep = clock.seconds();
        assert!(asleep < wall.elapsed().as_secs_f64());
        let sum = (0..1_000_000_u64).fold(0, |a, b| a ^ std::hint::black_box(b));
        std::hint::black_box(sum);
        assert!(clock.seconds() > asleep);
    }
}
