//! One run on the processes of an MPI job.
//!
//! Rank 0 owns the run: it hands out units, takes the results as they finish, keeps the journal and
//! judges, and computes units itself meanwhile. Every other rank computes on one thread what it is
//! sent. Only rank 0 touches the file system.
//!
//! When a rank dies, MPI ends the whole job (no MPI that Debian ships goes on without it); the journal
//! then lets the next job go on.

use super::campaign::Campaign;
use super::clock::CoreClock;
use super::plans::Plans;
use super::run::settle;
use super::store::{self, Identity};
use super::task::Task;
use super::threads::compute;
use super::{Hooks, Outcome, Run, SuiteError};
use crate::claims::Claim;
use crate::confidence::Summary;
use crate::evidence::EvidenceError;
use mpi::Threading;
use mpi::environment::Universe;
use mpi::point_to_point::{Destination, MatchedReceiveVec, Source};
use mpi::topology::{Communicator, SimpleCommunicator};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::Path;
use std::time::Duration;

/// Rank that leads.
const LEADER: i32 = 0;

/// Orders that a rank has at a time at most: it computes one while the next one waits for it.
const AHEAD: usize = 2;

/// Seconds of work in hand above which no order is sent ahead: the way of a message is nothing to them,
/// and at the end others would be idle while it waits.
const SHORT: f64 = 1.0;

/// What an order should keep a rank busy for, in seconds, as far as units cut it so.
const ORDER: f64 = 0.1;

/// Units of an order at most: so short a message is buffered, hence no two processes wait for each
/// other.
const UNITS: usize = 64;

/// Bytes of a message that is buffered at most; an order of [`UNITS`] units has less than half of it.
const BUFFERED: usize = 4096;

/// Buffered messages to one rank at a time at most: what is run, its orders, the end.
const OUTSTANDING: usize = AHEAD + 2;

/// Bytes that MPI may add to a buffered message (`MPI_BSEND_OVERHEAD`, 96 to 128), amply.
const ENVELOPE: usize = 512;

/// Between two looks for messages: asking all the time would keep a core busy.
const PAUSE: Duration = Duration::from_micros(200);

/// Leader to rank.
#[derive(Debug, Serialize, Deserialize)]
enum Order {
    /// What is run, as JSON text of its identity.
    Begin(String),
    /// Draw these.
    Draw(Vec<Task>),
    /// It is over.
    End,
}

/// Rank to leader.
#[derive(Debug, Serialize, Deserialize)]
enum Report {
    /// Ready to work, with these vector instructions.
    Ready(String),
    /// What was drawn for one order.
    Drawn(Vec<Drawn>),
    /// Cannot take part.
    Unable(String),
}

/// A task, its summaries or the error in words, its core-seconds.
type Drawn = (Task, Result<Vec<Summary>, String>, f64);

/// The processes of an MPI job.
#[allow(missing_debug_implementations)]
pub struct Cluster {
    // Ends the use of MPI when it is dropped.
    _universe: Universe,
    world: SimpleCommunicator,
    traffic: Cell<Traffic>,
}

/// Messages of one process, sent and received, and the core-seconds that it spent on them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Traffic {
    /// How many.
    pub messages: u64,
    /// Core-seconds to encode and send, or receive and decode them.
    pub seconds: f64,
}

impl Cluster {
    /// Joins the job that this process was started in. To be called once, by the main thread, which
    /// then calls all that follows.
    ///
    /// # Errors
    /// When MPI does not start or knows no threads.
    pub fn join() -> Result<Self, SuiteError> {
        let (mut universe, threading) = mpi::initialize_with_threading(Threading::Funneled)
            .ok_or_else(|| SuiteError::Cluster("MPI is in use already".into()))?;
        if threading < Threading::Funneled {
            return Err(SuiteError::Cluster("this MPI allows no threads".into()));
        }
        let world = universe.world();
        if world.rank() == LEADER {
            let ranks = world.size() as usize;
            universe.set_buffer_size(ranks * OUTSTANDING * (BUFFERED + ENVELOPE));
        }
        Ok(Self {
            _universe: universe,
            world,
            traffic: Cell::default(),
        })
    }

    /// Whether this process leads: it owns the run, its folder and the output.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.world.rank() == LEADER
    }

    /// Number of processes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.world.size() as usize
    }

    /// Ends all processes of the job at once, whatever they compute.
    pub fn abort(&self, code: i32) -> ! {
        self.world.abort(code)
    }

    /// What this process has sent and received so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.traffic.get()
    }

    fn count(&self, clock: CoreClock) {
        let Traffic { messages, seconds } = self.traffic.get();
        self.traffic.set(Traffic {
            messages: messages + 1,
            seconds: seconds + clock.seconds(),
        });
    }

    /// The leader's messages are buffered. A plain send returns when the receiver looks for messages,
    /// hence at the end of its order, and keeps a core busy until then: Open MPI does so in shared
    /// memory from 256 bytes on.
    fn send(&self, rank: i32, message: &impl Serialize) {
        let clock = CoreClock::start();
        let bytes = postcard::to_stdvec(message).expect("messages are plain fields");
        let receiver = self.world.process_at_rank(rank);
        if self.leads() && bytes.len() <= BUFFERED {
            receiver.buffered_send(&bytes[..]);
        } else {
            receiver.send(&bytes[..]);
        }
        self.count(clock);
    }

    /// A message that has arrived, with its sender.
    fn receive<T: DeserializeOwned>(&self) -> Result<Option<(i32, T)>, SuiteError> {
        let clock = CoreClock::start();
        let Some(arrived) = self.world.any_process().immediate_matched_probe() else {
            return Ok(None);
        };
        let (bytes, status) = arrived.matched_receive_vec::<u8>();
        let message = postcard::from_bytes(&bytes).map_err(|reason| {
            SuiteError::Cluster(format!(
                "rank {} speaks another version of this program: {reason}",
                status.source_rank()
            ))
        })?;
        self.count(clock);
        Ok(Some((status.source_rank(), message)))
    }

    /// Computes what rank 0 orders, until it ends the run.
    ///
    /// # Errors
    /// When the orders cannot be understood or carried out.
    pub fn serve(&self, registry: &[Claim]) -> Result<(), SuiteError> {
        let order = self.next_order()?;
        let Order::Begin(identity) = order else {
            return Ok(());
        };
        let identity: Identity = serde_json::from_str(&identity)
            .map_err(|reason| SuiteError::Cluster(reason.to_string()))?;
        let (claims, settings) = match settle(Path::new("rank 0"), &identity, registry) {
            Ok(settled) => settled,
            Err(error) => {
                self.send(LEADER, &Report::Unable(error.to_string()));
                return Err(error);
            }
        };
        let plans = Plans::new(&claims, &settings);
        // Some replicates are parallel themselves: here they have one thread as well.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        self.send(LEADER, &Report::Ready(store::instructions()));
        while let Order::Draw(tasks) = self.next_order()? {
            let drawn = pool.install(|| tasks.iter().map(|task| draw(&plans, task)).collect());
            self.send(LEADER, &Report::Drawn(drawn));
        }
        Ok(())
    }

    fn next_order(&self) -> Result<Order, SuiteError> {
        loop {
            if let Some((_, order)) = self.receive()? {
                return Ok(order);
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Runs on all processes and judges. The other ranks [`serve`](Self::serve) meanwhile.
    ///
    /// # Errors
    /// As [`Run::execute`]; also when a rank cannot take part. Other ranks may then still compute:
    /// [`abort`](Self::abort) ends them.
    pub fn lead(&self, run: Run, hooks: &dyn Hooks) -> Result<Outcome, SuiteError> {
        let identity = serde_json::to_string(&run.identity()).expect("plain fields");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        run.with_campaign(hooks, |campaign| {
            for rank in 1..self.world.size() {
                self.send(rank, &Order::Begin(identity.clone()));
            }
            std::thread::scope(|scope| {
                scope.spawn(|| pool.install(|| compute_until_over(campaign)));
                let mut ranks = Ranks::default();
                while !campaign.is_over() {
                    if let Err(error) = self.step(campaign, &mut ranks) {
                        campaign.fail(error);
                    }
                }
            });
            // A rank that is not ready yet has time to read it; those of a run that failed may compute
            // for long, and the caller ends them.
            if !campaign.has_failed() && !campaign.cancelled() {
                for rank in 1..self.world.size() {
                    self.send(rank, &Order::End);
                }
            }
        })
    }

    /// Takes what has arrived and sends what is wanted; rests when there is neither.
    fn step(&self, campaign: &Campaign<'_>, ranks: &mut Ranks) -> Result<(), SuiteError> {
        let mut idle = true;
        while let Some((rank, report)) = self.receive()? {
            idle = false;
            match report {
                Report::Ready(instructions) => {
                    ranks.instructions.insert(instructions);
                    ranks.orders.insert(rank, VecDeque::new());
                }
                Report::Drawn(drawn) => {
                    ranks.orders.entry(rank).or_default().pop_front();
                    for (task, result, seconds) in drawn {
                        ranks.pace.learn(&task, seconds);
                        campaign.advanced(task.unit.count);
                        let result = result.map_err(|message| EvidenceError::Elsewhere { message });
                        campaign.complete(&task, result, seconds);
                    }
                }
                Report::Unable(reason) => {
                    return Err(SuiteError::Cluster(format!("rank {rank}: {reason}")));
                }
            }
        }
        // Nobody gets a second order while another has none.
        for ahead in 0..AHEAD {
            for (&rank, orders) in &mut ranks.orders {
                let short = orders.iter().all(|seconds| seconds.is_some()) // of experiments that are known
                    && orders.iter().flatten().sum::<f64>() <= SHORT;
                if orders.len() != ahead || !short {
                    continue;
                }
                let (tasks, seconds) = ranks.pace.order(campaign);
                if tasks.is_empty() {
                    break;
                }
                idle = false;
                orders.push_back(seconds);
                self.send(rank, &Order::Draw(tasks));
            }
        }
        if idle {
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}

fn draw(plans: &Plans<'_>, task: &Task) -> Drawn {
    let (result, seconds) = plans.draw(task, &|_| (), &|| false);
    (*task, result.map_err(|error| error.to_string()), seconds)
}

/// The leader's own share of the units.
fn compute_until_over(campaign: &Campaign<'_>) {
    while !campaign.is_over() {
        match campaign.take() {
            Some(task) => compute(campaign, &task),
            None => std::thread::sleep(PAUSE),
        }
    }
}

/// What the leader knows of the others.
#[derive(Debug, Default)]
struct Ranks {
    /// Seconds that the orders of each rank should take, the oldest first; nothing where that is not
    /// known.
    orders: BTreeMap<i32, VecDeque<Option<f64>>>,
    instructions: BTreeSet<String>,
    pace: Pace,
}

/// How long replicates took so far, by claim, trial and experiment.
#[derive(Debug, Default)]
struct Pace(HashMap<(usize, usize, usize), (f64, u64)>);

impl Pace {
    fn learn(&mut self, task: &Task, seconds: f64) {
        let (total, replicates) = self.0.entry(Self::key(task)).or_default();
        *total += seconds;
        *replicates += task.unit.count;
    }

    fn key(task: &Task) -> (usize, usize, usize) {
        (task.claim, task.trial, task.unit.experiment)
    }

    /// Tasks that will take about as long as an order should, and how long; of an experiment that is
    /// new, one, and nobody knows.
    fn order(&self, campaign: &Campaign<'_>) -> (Vec<Task>, Option<f64>) {
        let mut tasks = vec![];
        let (mut seconds, mut known) = (0.0, true);
        while seconds < ORDER && tasks.len() < UNITS {
            let Some(task) = campaign.take() else { break };
            seconds += match self.0.get(&Self::key(&task)) {
                Some((total, replicates)) => total / *replicates as f64 * task.unit.count as f64,
                None => {
                    known = false;
                    ORDER
                }
            };
            tasks.push(task);
        }
        (tasks, known.then_some(seconds))
    }
}
