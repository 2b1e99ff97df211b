//! The leader and its ranks, event by event.

use super::{Forecast, Machine, Policy, Work};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};
use std::ops::Range;

/// Time since the start, or a span of it: whole numbers add up to the same in any order.
pub(super) type Nanos = u64;

pub(super) fn nanos(seconds: f64) -> Nanos {
    assert!(
        (0.0..=1e9).contains(&seconds),
        "{seconds} s is no time to spend"
    );
    (seconds * 1e9).round() as Nanos
}

pub(super) fn seconds(nanos: impl Into<u128>) -> f64 {
    nanos.into() as f64 / 1e9
}

#[derive(Debug)]
pub(super) struct Run<'a> {
    machine: &'a Machine,
    latency: Nanos,
    handling: Nanos,
    per_unit: Nanos,
    order: Nanos,
    short: Nanos,
    claims: Vec<Claim>,
    batches: Vec<Experiment>,
    /// Experiments with the units that are not handed out.
    queue: VecDeque<(usize, u64)>,
    /// Claims that were opened, or are about to be.
    opened: usize,
    /// Time of the message loop.
    now: Nanos,
    /// How much of it was not rest.
    busy: Nanos,
    /// When the last unit was handed out.
    dry: Nanos,
    messages: u64,
    plans: u128,
    /// What the leader's second thread does, and how long it still needs.
    own: Option<(Doing, Nanos)>,
    /// The leader is the first.
    ranks: Vec<Rank>,
    /// Ranks without an order.
    idle: BTreeSet<usize>,
    /// Ranks that may have one ahead.
    wanting: BTreeSet<usize>,
    /// Messages to the leader: when, from whom.
    arrivals: BinaryHeap<Reverse<(Nanos, usize)>>,
}

#[derive(Debug)]
struct Claim {
    opening: Nanos,
    judging: Nanos,
    batches: Range<usize>,
    /// Units without a result.
    missing: u64,
}

#[derive(Debug)]
struct Experiment {
    claim: usize,
    units: u64,
    cost: Nanos,
    /// What was reported: time and units.
    learnt: (Nanos, u64),
}

#[derive(Debug, Default)]
struct Rank {
    /// When the last of its orders is done.
    free: Nanos,
    /// What its orders that are out should take, the oldest first; nothing for one whose experiment
    /// is new.
    orders: VecDeque<Option<Nanos>>,
    /// Its reports on the way, oldest first.
    reports: VecDeque<Vec<Drawn>>,
    /// Claims whose plans it holds, the latest last.
    plans: VecDeque<usize>,
}

/// Units of one experiment and what they took, the plan included.
#[derive(Debug)]
struct Drawn {
    batch: usize,
    units: u64,
    spent: Nanos,
}

#[derive(Debug, Clone, Copy)]
enum Doing {
    Open(usize),
    Draw(usize),
    Judge,
}

impl Rank {
    /// Whether the plan has to be built.
    fn lacks(&mut self, claim: usize, held: usize) -> bool {
        let found = self.plans.iter().rposition(|&other| other == claim);
        if let Some(place) = found {
            self.plans.remove(place);
        }
        self.plans.push_back(claim);
        if self.plans.len() > held {
            self.plans.pop_front();
        }
        found.is_none()
    }
}

impl<'a> Run<'a> {
    pub fn new(work: &Work, machine: &'a Machine) -> Self {
        assert!(
            machine.ranks > 0 && machine.ahead > 0 && machine.units_of_order > 0,
            "nobody would compute on {machine:?}"
        );
        let mut batches = vec![];
        let mut claims = vec![];
        for (index, claim) in work.claims.iter().enumerate() {
            let first = batches.len();
            let experiments = claim.trials.iter().flatten();
            batches.extend(experiments.map(|batch| Experiment {
                claim: index,
                units: batch.units,
                cost: nanos(batch.seconds),
                learnt: (0, 0),
            }));
            claims.push(Claim {
                opening: nanos(claim.opening),
                judging: nanos(claim.judging),
                batches: first..batches.len(),
                missing: batches[first..].iter().map(|batch| batch.units).sum(),
            });
        }
        Self {
            machine,
            latency: nanos(machine.latency),
            handling: nanos(machine.handling),
            per_unit: nanos(machine.per_unit),
            order: nanos(machine.order),
            short: nanos(machine.short),
            claims,
            batches,
            queue: VecDeque::new(),
            opened: 0,
            now: 0,
            busy: 0,
            dry: 0,
            messages: 0,
            plans: 0,
            own: None,
            ranks: (0..machine.ranks).map(|_| Rank::default()).collect(),
            idle: BTreeSet::new(),
            wanting: BTreeSet::new(),
            arrivals: BinaryHeap::new(),
        }
    }

    /// Tells the ranks what is run; they answer when they are ready.
    pub fn begin(&mut self) {
        for rank in 1..self.ranks.len() {
            self.message();
            let ready = self.now + 2 * self.latency;
            self.ranks[rank].orders.push_back(None);
            self.ranks[rank].reports.push_back(vec![]);
            self.arrivals.push(Reverse((ready, rank)));
        }
        if self.machine.policy == Policy::LongestFirst {
            while let Some((claim, time)) = self.next_claim() {
                self.spend(time);
                self.open(claim);
            }
            let batches = &self.batches;
            let longest_first = |&(batch, _): &(usize, u64)| Reverse(batches[batch].cost);
            self.queue.make_contiguous().sort_by_key(longest_first);
        }
    }

    pub fn is_over(&self) -> bool {
        let all = self.opened == self.claims.len() && self.queue.is_empty();
        all && self.own.is_none() && self.arrivals.is_empty()
    }

    /// Tells the ranks that it is over.
    ///
    /// # Panics   when results are missing
    pub fn end(mut self) -> Forecast {
        let complete = self.claims.iter().all(|claim| claim.missing == 0);
        assert!(complete, "the run ended before all units were drawn");
        (1..self.ranks.len()).for_each(|_| self.message());
        let batches = self.batches.iter().filter(|batch| batch.units > 0);
        let core: u128 = batches
            .clone()
            .map(|batch| u128::from(batch.units) * u128::from(batch.cost))
            .sum();
        let of_wall = |part: u128, ranks: usize| match u128::from(self.now) * ranks as u128 {
            0 => None,
            wall => Some(part as f64 / wall as f64),
        };
        Forecast {
            wall: seconds(self.now),
            core: seconds(core),
            efficiency: of_wall(core, self.ranks.len()).unwrap_or(1.0),
            leader_busy: of_wall(self.busy.into(), 1).unwrap_or(0.0),
            longest_unit: seconds(batches.map(|batch| batch.cost).max().unwrap_or(0)),
            messages: self.messages,
            plans: seconds(self.plans),
            tail: seconds(self.now - self.dry),
        }
    }

    /// The message loop is busy: nothing else happens on the leader's core.
    fn spend(&mut self, time: Nanos) {
        self.now += time;
        self.busy += time;
    }

    fn message(&mut self) {
        self.messages += 1;
        self.spend(self.handling);
    }

    /// The claim to open next, and how long that takes whoever does it.
    fn next_claim(&mut self) -> Option<(usize, Nanos)> {
        let index = self.opened;
        let claim = self.claims.get(index)?;
        let judging = if claim.missing == 0 { claim.judging } else { 0 };
        self.opened += 1;
        self.plans += u128::from(claim.opening);
        Some((index, claim.opening + judging))
    }

    /// Its plan is built.
    fn open(&mut self, claim: usize) {
        self.ranks[0].lacks(claim, self.machine.held);
        let batches = self.claims[claim].batches.clone();
        let news = batches.map(|batch| (batch, self.batches[batch].units));
        self.queue.extend(news.filter(|&(_, units)| units > 0));
    }

    /// The next unit of the queue, by its experiment.
    fn pop(&mut self) -> Option<usize> {
        let (batch, units) = self.queue.front_mut()?;
        let batch = *batch;
        *units -= 1;
        if *units == 0 {
            self.queue.pop_front();
        }
        self.dry = self.now;
        Some(batch)
    }

    /// Time for a unit on a rank, with that for the plan if it lacks it.
    fn time_on(&mut self, rank: usize, batch: usize) -> Nanos {
        let Experiment { claim, cost, .. } = self.batches[batch];
        if !self.ranks[rank].lacks(claim, self.machine.held) {
            return cost;
        }
        let opening = self.claims[claim].opening;
        self.plans += u128::from(opening);
        cost + opening
    }

    /// Takes in results: how long judging takes if nothing is missing any more.
    fn complete(&mut self, batch: usize, units: u64) -> Nanos {
        let claim = &mut self.claims[self.batches[batch].claim];
        claim.missing -= units;
        if claim.missing == 0 { claim.judging } else { 0 }
    }

    /// Takes what has arrived and sends what is wanted.
    pub fn step(&mut self) {
        while let Some(&Reverse((time, rank))) = self.arrivals.peek()
            && time <= self.now
        {
            self.arrivals.pop();
            self.receive(rank);
        }
        // Nobody has two orders while another has none.
        while let Some(&rank) = self.idle.first().or(self.wanting.first()) {
            let Some((units, time)) = self.next_order() else {
                break;
            };
            self.message();
            self.send(rank, &units, time);
        }
    }

    /// Sorts a rank by what it has in its hand.
    fn place(&mut self, rank: usize) {
        let orders = &self.ranks[rank].orders;
        let time = orders.iter().try_fold(0, |sum, time| Some(sum + (*time)?));
        let short = time.is_some_and(|time: Nanos| time <= self.short);
        self.idle.remove(&rank);
        self.wanting.remove(&rank);
        if orders.is_empty() {
            self.idle.insert(rank);
        } else if short && orders.len() < self.machine.ahead {
            self.wanting.insert(rank);
        }
    }

    fn receive(&mut self, rank: usize) {
        self.message();
        self.ranks[rank].orders.pop_front();
        self.place(rank);
        let report = self.ranks[rank].reports.pop_front();
        for drawn in report.expect("it is on the way") {
            let learnt = &mut self.batches[drawn.batch].learnt;
            *learnt = (learnt.0 + drawn.spent, learnt.1 + drawn.units);
            self.spend(drawn.units * self.per_unit);
            let judging = self.complete(drawn.batch, drawn.units);
            self.spend(judging);
        }
    }

    /// Units that will take about as long as an order should, and how long; of an experiment that is
    /// new, one, and nobody knows.
    fn next_order(&mut self) -> Option<(Vec<usize>, Option<Nanos>)> {
        let mut units = vec![];
        let (mut time, mut known) = (0, true);
        while units.is_empty() || time < self.order && units.len() < self.machine.units_of_order {
            let Some(batch) = self.pop() else {
                let Some((claim, opening)) = self.next_claim() else {
                    break;
                };
                self.spend(opening);
                self.open(claim);
                continue;
            };
            let (spent, drawn) = self.batches[batch].learnt;
            known &= drawn > 0;
            time += spent.checked_div(drawn).unwrap_or(self.order);
            units.push(batch);
        }
        (!units.is_empty()).then(|| (units, known.then_some(time)))
    }

    /// Nothing else will come between: when the order is done is known at once.
    fn send(&mut self, rank: usize, units: &[usize], time: Option<Nanos>) {
        let mut free = self.ranks[rank].free.max(self.now + self.latency);
        let mut report = vec![];
        for alike in units.chunk_by(|a, b| a == b) {
            let batch = alike[0];
            let spent = alike.iter().map(|_| self.time_on(rank, batch)).sum();
            free += spent;
            report.push(Drawn {
                batch,
                units: alike.len() as u64,
                spent,
            });
        }
        let rank_sent = &mut self.ranks[rank];
        rank_sent.free = free;
        rank_sent.orders.push_back(time);
        rank_sent.reports.push_back(report);
        self.arrivals.push(Reverse((free + self.latency, rank)));
        self.place(rank);
    }

    /// The message loop has nothing to do until the next message, or until a claim that the second
    /// thread opens has units for a rank that waits; the second thread works meanwhile.
    pub fn rest(&mut self) {
        let until = self.arrivals.peek().map(|&Reverse((time, _))| time);
        let gap = |now: Nanos| until.map_or(Nanos::MAX, |time| time.saturating_sub(now));
        while gap(self.now) > 0 {
            let Some((doing, left)) = self.own.take().or_else(|| self.own_next()) else {
                self.now = until.unwrap_or(self.now);
                return;
            };
            let worked = left.min(gap(self.now));
            self.now += worked;
            if worked < left {
                self.own = Some((doing, left - worked));
                return;
            }
            match doing {
                Doing::Open(claim) => {
                    self.open(claim);
                    if !self.idle.is_empty() || !self.wanting.is_empty() {
                        return;
                    }
                }
                Doing::Draw(batch) => {
                    let judging = self.complete(batch, 1);
                    self.own = (judging > 0).then_some((Doing::Judge, judging));
                }
                Doing::Judge => {}
            }
        }
    }

    fn own_next(&mut self) -> Option<(Doing, Nanos)> {
        if !self.machine.leader_computes && self.ranks.len() > 1 {
            return None;
        }
        if let Some(batch) = self.pop() {
            let time = self.time_on(0, batch) + self.per_unit;
            return Some((Doing::Draw(batch), time));
        }
        let (claim, time) = self.next_claim()?;
        Some((Doing::Open(claim), time))
    }
}
