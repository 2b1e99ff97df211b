//! The tasks of a campaign on the threads of this process.

use super::campaign::Campaign;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Computes until nothing is left, on the threads of the current pool.
pub(super) fn work(campaign: &Campaign<'_>) {
    let crew = Crew {
        campaign,
        most: rayon::current_num_threads(),
        working: AtomicUsize::new(0),
    };
    rayon::scope(|scope| crew.call(scope));
}

struct Crew<'a, 'b> {
    campaign: &'a Campaign<'b>,
    most: usize,
    /// Loops that run or are about to.
    working: AtomicUsize,
}

impl Crew<'_, '_> {
    /// Starts loops on idle threads. Never more than there are threads: some replicates are parallel
    /// themselves, and a thread that waits for its helpers must not begin a loop in between.
    fn call<'scope>(&'scope self, scope: &rayon::Scope<'scope>) {
        while self
            .working
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
                (n < self.most).then_some(n + 1)
            })
            .is_ok()
        {
            scope.spawn(|scope| self.toil(scope));
        }
    }

    fn toil<'scope>(&'scope self, scope: &rayon::Scope<'scope>) {
        while let Some(task) = self.campaign.take() {
            // Others may have found the queue empty before it was filled.
            if self.campaign.waiting() > 0 {
                self.call(scope);
            }
            compute(self.campaign, &task);
        }
        self.working.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Draws a task and hands in what it yielded.
pub(super) fn compute(campaign: &Campaign<'_>, task: &super::task::Task) {
    let (result, seconds) = campaign
        .plans
        .draw(task, &|count| campaign.advanced(count), &|| {
            campaign.cancelled()
        });
    campaign.complete(task, result, seconds);
}
