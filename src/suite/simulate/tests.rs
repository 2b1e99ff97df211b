use super::run::{nanos, seconds};
use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn batch(units: u64, seconds: f64) -> Batch {
    Batch { units, seconds }
}

/// A claim of one trial whose plan and verdict cost nothing.
fn claim(batches: &[Batch]) -> ClaimWork {
    ClaimWork {
        trials: vec![batches.to_vec()],
        ..ClaimWork::default()
    }
}

fn one(batches: &[Batch]) -> Work {
    Work {
        claims: vec![claim(batches)],
    }
}

/// Whoever is idle takes the next unit: no orders ahead, no orders of several units.
fn list_scheduling(ranks: usize) -> Machine {
    Machine {
        ahead: 1,
        units_of_order: 1,
        ..Machine::ideal(ranks)
    }
}

/// Messages, records, plans and verdicts take their time.
fn costly(ranks: usize) -> Machine {
    Machine {
        latency: 0.003,
        handling: 0.001,
        per_unit: 0.0005,
        ..Machine::ideal(ranks)
    }
}

#[test]
fn equal_units_take_their_rounds() {
    for (units, ranks) in [(1, 1), (7, 1), (7, 2), (8, 2), (3, 5), (1000, 7), (1001, 7)] {
        let forecast = simulate(&one(&[batch(units, 0.7)]), &list_scheduling(ranks));
        let rounds = units.div_ceil(ranks as u64);
        assert_eq!(forecast.wall, seconds(rounds * nanos(0.7)));
        assert_eq!(forecast.core, seconds(units * nanos(0.7)));
        assert_eq!(forecast.longest_unit, 0.7);
        assert_eq!(forecast.leader_busy, 0.0);
    }
}

#[test]
fn a_long_unit_bounds_the_wall_below() {
    let work = one(&[batch(1000, 0.01), batch(1, 60.0)]);
    let machine = Machine {
        policy: Policy::LongestFirst,
        ..list_scheduling(100)
    };
    assert_eq!(simulate(&work, &machine).wall, 60.0);
    assert_eq!(simulate(&work, &list_scheduling(100)).wall, 60.1);
}

/// Orders ahead however long they are. Nine units of 5 s, of which the first teaches how long.
#[test]
fn a_rank_that_holds_an_order_ahead_may_keep_it_from_idle_ones() {
    let work = one(&[batch(3, 5.0), batch(6, 4.0)]);
    let eager = Machine {
        short: 1e6,
        ..Machine::ideal(3)
    };
    assert_eq!(simulate(&work, &list_scheduling(3)).wall, 13.0);
    assert_eq!(simulate(&work, &Machine::ideal(3)).wall, 13.0);
    assert!(simulate(&work, &eager).wall >= 13.0);
    let ends = |short| {
        let works = (1..60).map(|units| one(&[batch(40, 1.5), batch(units, 30.0)]));
        let machine = Machine {
            short,
            ..Machine::ideal(7)
        };
        works
            .map(|work| simulate(&work, &machine).wall)
            .sum::<f64>()
    };
    assert!(ends(1.0) < ends(1e6), "{} {}", ends(1.0), ends(1e6));
}

/// Graham's example: K(K − 1) units of 1 s, then one of K seconds.
#[test]
fn the_worst_list_costs_two_minus_one_over_k_and_longest_first_nothing() {
    for k in 2..9_u32 {
        let (k, seconds) = (u64::from(k), f64::from(k));
        let work = one(&[batch(k * (k - 1), 1.0), batch(1, seconds)]);
        let machine = list_scheduling(k as usize);
        assert_eq!(simulate(&work, &machine).wall, 2.0 * seconds - 1.0);
        let policy = Policy::LongestFirst;
        let machine = Machine { policy, ..machine };
        assert_eq!(simulate(&work, &machine).wall, seconds);
        assert_eq!(simulate(&work, &machine).efficiency, 1.0);
    }
}

/// The smallest example in which longest first is not best: 7 s instead of 3 + 3 = 2 + 2 + 2.
#[test]
fn longest_first_is_not_always_best() {
    let machine = Machine {
        policy: Policy::LongestFirst,
        ..list_scheduling(2)
    };
    let work = one(&[batch(3, 2.0), batch(2, 3.0)]);
    assert_eq!(simulate(&work, &machine).wall, 7.0);
}

#[test]
fn a_saturated_leader_sets_the_pace() {
    let machine = Machine {
        handling: 0.01,
        units_of_order: 1,
        leader_computes: false,
        ..Machine::ideal(200)
    };
    let forecast = simulate(&one(&[batch(10_000, 0.1)]), &machine);
    assert_eq!(forecast.messages, 2 * 10_000 + 3 * 199);
    let handled = forecast.messages as f64 * machine.handling;
    assert!((forecast.wall / handled - 1.0).abs() < 0.01, "{forecast:?}");
    assert!(forecast.leader_busy > 0.99, "{forecast:?}");
}

#[test]
fn the_leader_computes_only_while_no_message_is_handled() {
    // Begin and Ready, an order and its report, the end: five messages while its own 3 s run.
    let machine = Machine {
        handling: 0.25,
        ahead: 1,
        ..Machine::ideal(2)
    };
    let forecast = simulate(&one(&[batch(1, 1.0), batch(1, 3.0)]), &machine);
    assert_eq!(forecast.messages, 5);
    assert_eq!(forecast.wall, 3.0 + 5.0 * 0.25);
    assert_eq!(forecast.leader_busy, 1.25 / 4.25);
}

#[test]
fn an_order_ahead_hides_the_way_of_the_messages() {
    let machine = Machine {
        latency: 0.25,
        leader_computes: false,
        ..Machine::ideal(2)
    };
    let work = one(&[batch(10, 2.0)]);
    // What is run and that the rank is ready; then there and back again, for the first order, which
    // tells how long they take, and once or for every other.
    let eager = Machine {
        short: 10.0,
        ..machine
    };
    assert_eq!(simulate(&work, &eager).wall, 0.5 + 2.5 + 9.0 * 2.0 + 0.5);
    let ahead = 1;
    let forecast = simulate(&work, &Machine { ahead, ..machine });
    assert_eq!(forecast.wall, 0.5 + 10.0 * (2.0 + 0.5));
}

#[test]
fn plans_records_and_verdicts_delay_the_next_order() {
    let machine = Machine {
        per_unit: 0.125,
        leader_computes: false,
        ..list_scheduling(2)
    };
    let costs = ClaimWork {
        opening: 0.5,
        judging: 0.25,
        ..claim(&[batch(3, 1.0)])
    };
    let work = Work {
        claims: vec![costs.clone(), costs],
    };
    // The leader builds the plan, then the rank; a result is taken in before the next order is sent.
    let wall = 2.0 * (0.5 + 0.5 + 3.0 * (1.0 + 0.125) + 0.25);
    let forecast = simulate(&work, &machine);
    assert_eq!(forecast.wall, wall);
    assert_eq!(forecast.leader_busy * wall, 2.0 * (0.5 + 0.375 + 0.25));
    assert_eq!(forecast.plans, 2.0);
    assert_eq!(forecast.tail, 1.0 + 0.125 + 0.25);
}

#[test]
fn the_second_thread_opens_and_judges_while_the_loop_rests() {
    // The rank takes 10 s for its one unit; the leader draws the other, then the second claim.
    let first = ClaimWork {
        judging: 0.5,
        ..claim(&[batch(1, 10.0), batch(1, 1.0)])
    };
    let second = ClaimWork {
        opening: 2.0,
        judging: 3.0,
        ..claim(&[batch(1, 1.0)])
    };
    let work = Work {
        claims: vec![first, second],
    };
    let forecast = simulate(&work, &list_scheduling(2));
    assert_eq!(forecast.wall, 10.5);
    assert_eq!(forecast.leader_busy, 0.5 / 10.5);
    assert_eq!((forecast.plans, forecast.tail), (2.0, 10.5 - 3.0));
}

#[test]
fn a_rank_that_waits_gets_its_share_of_what_the_second_thread_opens() {
    let second = ClaimWork {
        opening: 2.0,
        ..claim(&[batch(2, 4.0)])
    };
    let work = Work {
        claims: vec![claim(&[batch(1, 2.0), batch(1, 1.0)]), second],
    };
    // Open at 3 s; the rank, idle since 2 s, builds the plan as well before it draws one of the two.
    assert_eq!(simulate(&work, &list_scheduling(2)).wall, 3.0 + 2.0 + 4.0);
}

#[test]
fn short_units_travel_together_once_their_cost_is_known() {
    let machine = Machine {
        leader_computes: false,
        ..Machine::ideal(2)
    };
    // Two orders of one unit, each of an unknown cost; then 64 of 1 ms.
    let forecast = simulate(&one(&[batch(2 + 640, 0.001)]), &machine);
    assert_eq!(forecast.messages, 2 * (2 + 10) + 3);
    // 0.1 s are 10 units of 10 ms, 1 of 300 ms.
    let forecast = simulate(&one(&[batch(2 + 640, 0.01)]), &machine);
    assert_eq!(forecast.messages, 2 * (2 + 64) + 3);
    let forecast = simulate(&one(&[batch(2 + 640, 0.3)]), &machine);
    assert_eq!(forecast.messages, 2 * (2 + 640) + 3);
}

#[test]
fn every_rank_builds_every_plan_that_it_meets() {
    let claims = vec![
        ClaimWork {
            opening: 0.5,
            ..claim(&[batch(100, 0.1)])
        };
        12
    ];
    let work = Work { claims };
    let forecast = simulate(&work, &Machine::ideal(3));
    assert_eq!(forecast.plans, 3.0 * 12.0 * 0.5);
    // The leader opens more claims than it holds plans of, and builds each of them twice.
    let machine = Machine {
        policy: Policy::LongestFirst,
        ..Machine::ideal(3)
    };
    assert_eq!(simulate(&work, &machine).plans, 4.0 * 12.0 * 0.5);
}

/// Of nine plans in turn a rank holds the last eight, hence never the one it needs.
#[test]
fn a_forgotten_plan_is_built_again() {
    let costs = [1.0, 2.0, 3.0];
    let batches = costs.map(|seconds| batch(1, seconds));
    let opening = 0.5;
    let claims = vec![
        ClaimWork {
            opening,
            ..claim(&batches)
        };
        9
    ];
    let machine = Machine {
        policy: Policy::LongestFirst,
        ..Machine::ideal(1)
    };
    let work = Work { claims };
    let forecast = simulate(&work, &machine);
    assert_eq!(forecast.plans, 4.0 * 9.0 * opening);
    let held = 9;
    let forecast = simulate(&work, &Machine { held, ..machine });
    assert_eq!(forecast.plans, 9.0 * opening);
}

#[test]
fn a_plan_in_use_counts_once_among_those_held() {
    let first = claim(&[batch(3, 8.0)]);
    let second = claim(&[batch(1, 9.0), batch(1, 7.0)]);
    let claims = [first, second].map(|claim| ClaimWork {
        opening: 0.5,
        ..claim
    });
    let machine = Machine {
        held: 2,
        policy: Policy::LongestFirst,
        ..Machine::ideal(1)
    };
    let work = Work {
        claims: claims.to_vec(),
    };
    assert_eq!(simulate(&work, &machine).plans, 2.0 * 0.5);
}

#[test]
fn nothing_to_do_takes_no_time() {
    let nothing = Work::default();
    let empty = one(&[batch(0, 1.0)]);
    for work in [nothing, empty] {
        for ranks in [1, 2, 100] {
            let forecast = simulate(&work, &Machine::ideal(ranks));
            assert_eq!((forecast.wall, forecast.core), (0.0, 0.0));
            assert_eq!((forecast.efficiency, forecast.longest_unit), (1.0, 0.0));
        }
    }
}

#[test]
fn claims_without_units_are_opened_and_judged() {
    let nothing = ClaimWork {
        opening: 2.0,
        trials: vec![],
        judging: 1.0,
    };
    let work = Work {
        claims: vec![nothing.clone(), claim(&[batch(1, 5.0)]), nothing],
    };
    for policy in [Policy::ByClaim, Policy::LongestFirst] {
        let machine = Machine {
            policy,
            ..Machine::ideal(1)
        };
        assert_eq!(simulate(&work, &machine).wall, 11.0);
    }
}

#[test]
fn units_of_no_time_end() {
    for leader_computes in [false, true] {
        let machine = Machine {
            leader_computes,
            ..Machine::ideal(4)
        };
        let forecast = simulate(&one(&[batch(1000, 0.0)]), &machine);
        assert_eq!((forecast.wall, forecast.efficiency), (0.0, 1.0));
    }
}

#[test]
#[should_panic(expected = "-1 s is no time to spend")]
fn negative_times_are_refused() {
    let _ = simulate(&one(&[batch(1, -1.0)]), &Machine::ideal(1));
}

#[test]
#[should_panic(expected = "nobody would compute")]
fn no_ranks_are_refused() {
    let _ = simulate(&Work::default(), &Machine::ideal(0));
}

fn some_batch() -> impl Strategy<Value = Batch> {
    (0..40_u64, 0.0..3.0_f64).prop_map(|(units, power)| batch(units, 10_f64.powf(power - 2.0)))
}

fn some_claim() -> impl Strategy<Value = ClaimWork> {
    (0.0..0.5, vec(vec(some_batch(), 0..4), 0..4), 0.0..0.2).prop_map(
        |(opening, trials, judging)| ClaimWork {
            opening,
            trials,
            judging,
        },
    )
}

fn some_work() -> impl Strategy<Value = Work> {
    vec(some_claim(), 0..12).prop_map(|claims| Work { claims })
}

/// The same units, without plans and verdicts.
fn bare(work: &Work) -> Work {
    let claims = work.claims.iter();
    let claims = claims.map(|claim| ClaimWork {
        trials: claim.trials.clone(),
        ..ClaimWork::default()
    });
    Work {
        claims: claims.collect(),
    }
}

fn some_policy() -> impl Strategy<Value = Policy> {
    prop_oneof![Just(Policy::ByClaim), Just(Policy::LongestFirst)]
}

fn some_machine() -> impl Strategy<Value = Machine> {
    let settings = (1..4_usize, 1..70_usize, any::<bool>(), some_policy());
    (1..40_usize, settings).prop_map(
        |(ranks, (ahead, units_of_order, leader_computes, policy))| Machine {
            ahead,
            units_of_order,
            leader_computes,
            policy,
            ..costly(ranks)
        },
    )
}

/// Room for the rounding of seconds, which are counted in whole nanoseconds.
const ROUNDING: f64 = 1e-9;

proptest! {
    #[test]
    fn no_run_is_faster_than_its_work(work in some_work(), machine in some_machine()) {
        let forecast = simulate(&work, &machine);
        prop_assert!(forecast.wall + ROUNDING >= forecast.core / machine.ranks as f64);
        prop_assert!(forecast.wall >= forecast.longest_unit);
        prop_assert!((0.0..=1.0).contains(&forecast.efficiency));
        prop_assert!((0.0..=1.0).contains(&forecast.leader_busy));
        prop_assert!((0.0..=forecast.wall).contains(&forecast.tail));
        let opening: f64 = work.claims.iter().map(|claim| claim.opening).sum();
        prop_assert!(forecast.plans + ROUNDING * 12.0 >= opening);
        let handled = forecast.messages as f64 * machine.handling;
        prop_assert!(forecast.wall * (1.0 + ROUNDING) >= handled);
    }

    #[test]
    fn the_same_run_has_the_same_forecast(work in some_work(), machine in some_machine()) {
        prop_assert_eq!(simulate(&work, &machine), simulate(&work, &machine));
    }

    #[test]
    fn one_rank_does_one_thing_after_the_other(work in some_work()) {
        let machine = costly(1);
        let forecast = simulate(&work, &machine);
        let per_claim = |claim: &ClaimWork| {
            let units: u64 = claim.trials.iter().flatten().map(|batch| batch.units).sum();
            claim.opening + claim.judging + units as f64 * machine.per_unit
        };
        let overhead: f64 = work.claims.iter().map(per_claim).sum();
        prop_assert!((forecast.wall - forecast.core - overhead).abs() < 1e3 * ROUNDING);
        prop_assert_eq!((forecast.messages, forecast.leader_busy), (0, 0.0));
    }

    /// Graham: wall ≤ core/K + (1 − 1/K)·longest, hence ≤ (2 − 1/K)·optimum, whatever the order.
    #[test]
    fn list_scheduling_is_within_grahams_bound(
        work in some_work(),
        ranks in 1..40_usize,
        policy in some_policy(),
    ) {
        let machine = Machine { policy, ..list_scheduling(ranks) };
        let forecast = simulate(&bare(&work), &machine);
        let k = ranks as f64;
        let optimum = forecast.longest_unit.max(forecast.core / k);
        let bound = forecast.core / k + (1.0 - 1.0 / k) * forecast.longest_unit;
        prop_assert!(forecast.wall <= bound + ROUNDING);
        prop_assert!(forecast.wall <= (2.0 - 1.0 / k) * optimum + ROUNDING);
    }

    /// Nobody is idle before the last unit is handed out; then a rank has this many units at most.
    #[test]
    fn orders_ahead_cost_at_most_their_units(work in some_work(), ranks in 1..40_usize) {
        let machine = Machine { units_of_order: 1, ..Machine::ideal(ranks) };
        let forecast = simulate(&bare(&work), &machine);
        prop_assert!(forecast.tail <= machine.ahead as f64 * forecast.longest_unit + ROUNDING);
        let bound = forecast.core / ranks as f64 + forecast.tail;
        prop_assert!(forecast.wall <= bound + ROUNDING);
    }
}
