//! Whether `verify` runs in this process alone or as one of an MPI job.

#[cfg(feature = "mpi")]
use super::interrupt::INTERRUPTED;
use super::{Found, Misuse};
#[cfg(feature = "mpi")]
use rmt_verify::suite::Traffic;
use rmt_verify::suite::{Hooks, Outcome, Run, SuiteError};

/// Set by Open MPI, MPICH and Slurm for every process of a job.
const STARTED_BY_MPI: [&str; 3] = ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"];

fn started_by_mpi() -> bool {
    STARTED_BY_MPI
        .iter()
        .any(|name| std::env::var_os(name).is_some())
}

/// The processes that compute a run.
pub struct Processes {
    #[cfg(feature = "mpi")]
    cluster: Option<rmt_verify::suite::Cluster>,
}

#[cfg(not(feature = "mpi"))]
impl Processes {
    /// This process.
    pub fn join(_: Option<usize>) -> Result<Option<Self>, Misuse> {
        if started_by_mpi() {
            return Err(Misuse::new(
                "started as one of several processes by MPI, but built without it: build with --features mpi, or use --shard",
            ));
        }
        Ok(Some(Self {}))
    }

    pub fn execute(&self, run: Run, hooks: &dyn Hooks) -> Result<Outcome, SuiteError> {
        run.execute(hooks)
    }

    /// What was found, when the others need not be told.
    pub fn leave(self, found: Result<Found, Misuse>) -> Result<Found, Misuse> {
        found
    }

    /// Threads that compute, where that is not up to the run.
    pub fn jobs(&self, jobs: Option<usize>) -> Option<usize> {
        jobs
    }
}

#[cfg(feature = "mpi")]
impl Processes {
    /// Joins the MPI job if there is one. A process that does not lead serves until the run is over, and
    /// has nothing to do then.
    pub fn join(jobs: Option<usize>) -> Result<Option<Self>, Misuse> {
        if !started_by_mpi() {
            return Ok(Some(Self { cluster: None }));
        }
        let cluster = rmt_verify::suite::Cluster::join().map_err(Misuse::new)?;
        if !cluster.leads() {
            let served = cluster.serve(&rmt_verify::claims::registry());
            return served.map(|()| None).map_err(Misuse::new);
        }
        if jobs.is_some_and(|jobs| jobs != 1) {
            let error = "a process of an MPI job computes on one thread: start more processes instead of --jobs";
            let leading = Self {
                cluster: Some(cluster),
            };
            return leading.leave(Err(Misuse::new(error))).map(|_| None);
        }
        Ok(Some(Self {
            cluster: Some(cluster),
        }))
    }

    pub fn execute(&self, run: Run, hooks: &dyn Hooks) -> Result<Outcome, SuiteError> {
        match &self.cluster {
            None => run.execute(hooks),
            Some(cluster) => cluster.lead(run, hooks),
        }
    }

    /// What was found; where that is no verdict, the other processes wait or compute in vain, and the
    /// job ends here.
    pub fn leave(self, found: Result<Found, Misuse>) -> Result<Found, Misuse> {
        let Some(cluster) = self.cluster else {
            return found;
        };
        match &found {
            Ok(Found::AllConfirmed | Found::NotConfirmed) => {
                let Traffic { messages, seconds } = cluster.traffic();
                eprintln!("rank 0: {messages} messages, {seconds:.2} core-seconds spent on them");
                found
            }
            Ok(Found::Interrupted) => cluster.abort(INTERRUPTED.into()),
            Err(reason) => {
                eprintln!("rmt-verify: {reason}");
                cluster.abort(2)
            }
        }
    }

    /// Threads that compute, where that is not up to the run.
    pub fn jobs(&self, jobs: Option<usize>) -> Option<usize> {
        match &self.cluster {
            None => jobs,
            Some(cluster) => Some(cluster.size()),
        }
    }
}
