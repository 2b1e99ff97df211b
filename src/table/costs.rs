//! What a run will cost.

use super::{arrange, lines, plural, ruled, significant};
use crate::suite::ClaimCost;
use crate::suite::simulate::Forecast;

/// A row a claim in the order of the run, and the sums.
#[must_use]
pub fn cost_table(costs: &[ClaimCost]) -> String {
    let mut table = ruled(&[
        "claim",
        "largest N",
        "replicates",
        "units",
        "longest unit",
        "core-hours",
    ]);
    for cost in costs {
        let largest = cost.experiments.iter().map(|e| e.n).max();
        table.add_row([
            cost.id.clone(),
            largest.map_or_else(String::new, |n| n.to_string()),
            cost.replicates().to_string(),
            cost.units().to_string(),
            format!("{} s", significant(cost.longest_unit(), 2)),
            significant(cost.core_seconds() / 3600.0, 2),
        ]);
    }
    arrange(&mut table, &[1, 2, 3, 4, 5]);
    let mut text = lines(&table).join("\n") + "\n";
    let core: f64 = costs.iter().map(ClaimCost::core_seconds).sum();
    let units: u64 = costs.iter().map(ClaimCost::units).sum();
    let longest = costs.iter().map(ClaimCost::longest_unit);
    text += &format!(
        "{}, {units} units of work, {} core-hours at the first look; longest unit {} s\n\
         a claim that is undecided then draws as much again, and twice as much at its third look\n",
        plural(costs.len(), "claim"),
        significant(core / 3600.0, 3),
        significant(longest.fold(0.0, f64::max), 2)
    );
    text
}

/// What a simulated run on so many processes would take.
#[must_use]
pub fn forecast_line(ranks: usize, forecast: &Forecast) -> String {
    format!(
        "on {}: {} h, efficiency {:.3}, the leader busy for {:.1} % of the time with {} messages\n",
        plural(ranks, "MPI rank"),
        significant(forecast.wall / 3600.0, 3),
        forecast.efficiency,
        100.0 * forecast.leader_busy,
        forecast.messages
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::simulate::simulate;
    use crate::suite::{ExperimentCost, cluster_of, work};

    /// Half an hour of units of 18 s, and a claim that only plans.
    fn costs() -> Vec<ClaimCost> {
        let experiment = ExperimentCost {
            stage: "claim".into(),
            law: "goe".into(),
            signal: "zero".into(),
            n: 400,
            replicates: 1800,
            units: 100,
            seconds: 1.0,
            timed: 3,
        };
        let cost = |id: &str, experiments| ClaimCost {
            id: id.into(),
            planning: 0.0,
            experiments,
        };
        vec![
            cost("tests/idle", vec![]),
            cost("tests/busy", vec![experiment]),
        ]
    }

    #[test]
    fn costs_are_told_in_core_hours() {
        let text = cost_table(&costs());
        let row = text
            .lines()
            .find(|line| line.contains("tests/busy"))
            .unwrap();
        let words: Vec<_> = row.split_whitespace().collect();
        assert_eq!(
            words,
            ["tests/busy", "400", "1800", "100", "18", "s", "0.50"]
        );
        assert!(text.contains("2 claims, 100 units of work, 0.500 core-hours"));
    }

    #[test]
    fn a_forecast_tells_hours_and_efficiency() {
        let forecast = simulate(&work(&costs()), &cluster_of(10));
        let line = forecast_line(10, &forecast);
        assert!(
            line.starts_with("on 10 MPI ranks: 0.0500 h, efficiency 1.000"),
            "{line}"
        );
    }
}
