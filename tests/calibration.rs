//! The rates of wrong verdicts of real claims, measured over fresh epochs against the stated ones.
//!
//! The suite's own levels (7.8e-9 a claim, 1e-6 a rival) are too small to be measured. So claims of
//! the registry are run here by the same code at α = β = 0.2 and with as many replicates as that takes:
//! a true claim must be refuted in at most 20 % of the epochs, and a rival that the design calls
//! visible must survive in at most 20 %. A count whose probability under the stated rate is ≤ 1e-6
//! fails. Every test has a twin with a broken interval or design that the same count catches.
//!
//! `tests/coverage.rs` does this for single intervals and `tests/verdicts` for single cells, both on
//! synthetic laws; here whole claims are judged on their own matrices, with α split over cells and
//! looks. `RMT_TIER=standard` takes more epochs.

use rayon::prelude::*;
use rmt_verify::claims::registry;
use rmt_verify::confidence::{Confidence, binomial_upper_tail, planned_halfwidth};
use rmt_verify::design::{
    Cell, Estimator, Experiment, Input, LOOKS, Levels, Plan, Rival, Side, Tier, grade_of,
};
use rmt_verify::evidence::{Evidence, Silent, streams};
use rmt_verify::verdict::{Trial, Verdict, judge_all};

/// α of a claim.
const ALPHA: f64 = 0.2;
/// β: how often a visible rival may survive.
const BETA: f64 = 0.2;
/// Epochs of the suite start at 0; these are others.
const FIRST_EPOCH: u64 = 1_000_000;

fn epochs() -> u64 {
    match Tier::from_environment().expect("a tier") {
        Tier::Quick => 300,
        Tier::Standard => 2_000,
        Tier::Deep => 20_000,
    }
}

fn happens_more_often_than(rate: f64, count: u64) -> bool {
    binomial_upper_tail(count, epochs(), rate) <= 1e-6
}

/// In how many epochs something happens.
fn count(happens: impl Fn(u64) -> bool + Sync) -> u64 {
    (0..epochs())
        .into_par_iter()
        .filter(|epoch| happens(FIRST_EPOCH + epoch))
        .count() as u64
}

fn plan(id: &str) -> Plan {
    let claim = registry().into_iter().find(|c| c.statement.id == id);
    (claim.unwrap_or_else(|| panic!("no claim {id}")).plan)(Tier::Quick)
}

/// The signal of the cells that are run: full rank, no symmetry, and S = 0 would hide its part.
const SIGNAL: &str = "atoms:-0.4=0.75,1.2=0.25";

/// A claim's cells at one size of matrices and one signal.
struct Part {
    id: &'static str,
    experiments: Vec<Experiment>,
    cells: Vec<Cell>,
}

impl Part {
    fn new(id: &'static str, n: usize, replicates: usize) -> Self {
        Self::of(id, replicates, |experiment| {
            experiment.n == n && experiment.signal == SIGNAL
        })
    }

    fn of(id: &'static str, replicates: usize, is_in: impl Fn(&Experiment) -> bool) -> Self {
        let plan = plan(id);
        let mut place = vec![None; plan.experiments.len()];
        let mut experiments = vec![];
        for (old, mut experiment) in plan.experiments.into_iter().enumerate() {
            if is_in(&experiment) {
                place[old] = Some(experiments.len());
                experiment.replicates = replicates;
                experiments.push(experiment);
            }
        }
        let cells: Vec<Cell> = plan
            .cells
            .into_iter()
            .filter_map(|mut cell| {
                for input in &mut cell.estimator.inputs {
                    *input = Input::new(place[input.experiment]?, input.observable);
                }
                Some(cell)
            })
            .collect();
        assert!(!cells.is_empty(), "{id} has no such cells");
        Self {
            id,
            experiments,
            cells,
        }
    }

    /// Epochs in which the true claim is refuted, when α is split for a claim of level `alpha`.
    fn false_alarms(&self, alpha: f64) -> u64 {
        let cells: Vec<&Cell> = self.cells.iter().collect();
        let levels = Levels::new(alpha, LOOKS, cells.iter().copied(), &self.experiments);
        count(|epoch| {
            let streams = streams(epoch, self.id);
            Trial::run(&cells, &self.experiments, &levels, LOOKS, &streams, &Silent)
                .expect("a trial")
                .verdict
                == Verdict::Refuted
        })
    }

    /// The same cells with intervals of another width.
    fn narrowed(mut self, factor: f64) -> Self {
        self.cells = self
            .cells
            .into_iter()
            .map(|cell| {
                let Estimator { inputs, map } = cell.estimator;
                let narrow = move |c: &[Confidence]| {
                    let honest = map(c);
                    Confidence {
                        halfwidth: factor * honest.halfwidth,
                        ..honest
                    }
                };
                Cell {
                    estimator: Estimator::general(inputs, Box::new(narrow)),
                    ..cell
                }
            })
            .collect();
        self
    }
}

/// All four kinds of interval: Catoni with known variances, sub-Gaussian through a nonlinear map,
/// empirical Bernstein on sure bounds, and Catoni with bounds of variances.
fn parts() -> [Part; 4] {
    [
        Part::new("abk/second-moment", 4, 64),
        Part::new("abk/proposition-3.1", 16, 8),
        Part::new("abk/proposition-3.3-discrete", 16, 8),
        Part::new("abk/poincare", 4, 32),
    ]
}

#[test]
fn true_claims_are_refuted_at_most_as_often_as_alpha_says() {
    for part in parts() {
        let alarms = part.false_alarms(ALPHA);
        println!(
            "{}: {} cells, {alarms} false alarms in {} epochs at level {ALPHA}",
            part.id,
            part.cells.len(),
            epochs()
        );
        assert!(
            !happens_more_often_than(ALPHA, alarms),
            "{}: {alarms}",
            part.id
        );
    }
}

#[test]
fn intervals_of_half_the_width_are_caught() {
    let alarms = Part::new("abk/second-moment", 4, 64)
        .narrowed(0.5)
        .false_alarms(ALPHA);
    println!("half the width: {alarms} false alarms in {}", epochs());
    assert!(happens_more_often_than(ALPHA, alarms), "{alarms}");
}

#[test]
fn a_level_that_is_not_split_over_cells_and_looks_is_caught() {
    // All signals: the more cells, the more there is to split.
    let part = Part::of("abk/second-moment", 32, |experiment| experiment.n == 4);
    let unsplit = ALPHA * f64::from(LOOKS) * part.cells.len() as f64;
    let alarms = part.false_alarms(unsplit);
    println!("no split: {alarms} false alarms in {}", epochs());
    assert!(happens_more_often_than(ALPHA, alarms), "{alarms}");
}

/// Halfwidth that the design reckons with, as `Plan::check` does but at other levels.
fn planned_width(cell: &Cell, experiments: &[Experiment], level: f64, miss: f64) -> f64 {
    let inputs: Vec<Confidence> = cell
        .estimator
        .inputs
        .iter()
        .map(|input| {
            let observable = input.find(experiments).expect("an observable");
            let m = experiments[input.experiment].replicates as u64;
            let (tail, typical) = (&observable.tail, observable.typical);
            Confidence {
                estimate: typical,
                halfwidth: planned_halfwidth(tail, typical, m, level, miss)
                    .unwrap_or(f64::INFINITY),
                grade: grade_of(tail),
            }
        })
        .collect();
    cell.estimator.estimate(&inputs).halfwidth
}

/// h_α and h_β of a rival's only cell.
fn widths(cell: &Cell, experiments: &[Experiment]) -> (f64, f64) {
    let levels = Levels::new(ALPHA, LOOKS, [cell], experiments);
    let miss = BETA / (2 * cell.estimator.inputs.len()) as f64;
    let level = levels.input(cell, experiments);
    (
        planned_width(cell, experiments, level, miss),
        planned_width(cell, experiments, miss, miss),
    )
}

/// Epochs in which the part's only cell, its theory moved away by `distance`, is not refuted at the
/// first look.
fn missed(part: &Part, distance: f64) -> u64 {
    let cell = &part.cells[0];
    let wrong = Cell {
        law: cell.law.clone(),
        signal: cell.signal.clone(),
        n: cell.n,
        point: cell.point.clone(),
        theory: cell.theory + distance,
        inner: cell.inner,
        outer: cell.outer,
        estimator: Estimator::mean(cell.estimator.inputs[0]),
    };
    let levels = Levels::new(ALPHA, LOOKS, [&wrong], &part.experiments);
    count(|epoch| {
        let streams = streams(epoch, part.id);
        let evidence = Evidence::collect(&part.experiments, 1, &streams, &Silent).expect("draws");
        let judged = judge_all(&[&wrong], &part.experiments, &evidence, &levels).expect("cells");
        judged[0].verdict != Verdict::Refuted
    })
}

/// The second moment law by law. Its mean is the theory value exactly, so that the whole distance is
/// what the design allows for.
fn second_moments() -> Vec<Part> {
    let laws = Part::new("abk/second-moment", 4, 64).cells.len();
    (0..laws)
        .map(|law| {
            let mut part = Part::new("abk/second-moment", 4, 64);
            let mut cell = part.cells.swap_remove(law);
            let experiment = cell.estimator.inputs[0].experiment;
            cell.estimator = Estimator::mean(Input::new(0, 0));
            Part {
                experiments: vec![part.experiments.swap_remove(experiment)],
                cells: vec![cell],
                ..part
            }
        })
        .collect()
}

#[test]
fn rivals_at_the_distance_of_the_design_survive_at_most_as_often_as_beta_says() {
    for part in second_moments() {
        let cell = &part.cells[0];
        let (h_alpha, h_beta) = widths(cell, &part.experiments);
        let visible = missed(&part, cell.inner + (h_alpha + h_beta) * (1.0 + 1e-9));
        println!("{}: missed {visible} of {}", cell.law, epochs());
        assert!(
            !happens_more_often_than(BETA, visible),
            "{}: {visible}",
            cell.law
        );
    }
}

/// A design without h_β puts the rival where half of the intervals reach back to θ.
#[test]
fn a_design_that_forgets_the_spread_of_the_estimate_is_caught() {
    let part = &second_moments()[0];
    let (h_alpha, _) = widths(&part.cells[0], &part.experiments);
    let missed = missed(part, part.cells[0].inner + h_alpha);
    println!("no spread: missed {missed} of {}", epochs());
    assert!(happens_more_often_than(BETA, missed), "{missed}");
}

/// A rival of the registry on its own data, with the fewest replicates (a power of √2, at least 8)
/// that the design admits at these levels, times `share`.
struct OwnData {
    stream: String,
    rival: Rival,
}

impl OwnData {
    fn new(id: &str, name: &str, share: f64) -> Self {
        let rivals = plan(id).rivals;
        let mut rival = rivals
            .into_iter()
            .find(|rival| rival.name == name)
            .unwrap_or_else(|| panic!("no rival {name}"));
        assert_ne!(rival.side, Side::Theory, "{name} has no data of its own");
        let mut replicates = 8.0;
        while !Self::visible(&mut rival, replicates) {
            replicates *= std::f64::consts::SQRT_2;
        }
        set_replicates(&mut rival, (share * replicates).max(2.0));
        Self {
            stream: format!("{id}#{name}"),
            rival,
        }
    }

    /// As in `Plan::check`: some cell has |expected − θ| − uncertainty − τ0 > h_α + h_β.
    fn visible(rival: &mut Rival, replicates: f64) -> bool {
        set_replicates(rival, replicates);
        let levels = rival.levels(ALPHA, LOOKS, &rival.experiments);
        rival.cells.iter().any(|one| {
            let cell = &one.cell;
            let gap = (one.expected - cell.theory).abs() - one.uncertainty - cell.inner;
            let miss = BETA / (2 * cell.estimator.inputs.len()) as f64;
            let level = levels.input(cell, &rival.experiments);
            gap > planned_width(cell, &rival.experiments, level, miss)
                + planned_width(cell, &rival.experiments, miss, miss)
        })
    }

    /// Epochs in which it is not refuted at the first look.
    fn missed(&self) -> u64 {
        let rival = &self.rival;
        let cells: Vec<&Cell> = rival.cells.iter().map(|c| &c.cell).collect();
        let levels = rival.levels(ALPHA, LOOKS, &rival.experiments);
        count(|epoch| {
            let streams = streams(epoch, &self.stream);
            Trial::run(&cells, &rival.experiments, &levels, 1, &streams, &Silent)
                .expect("a trial")
                .verdict
                != Verdict::Refuted
        })
    }
}

fn set_replicates(rival: &mut Rival, replicates: f64) {
    for experiment in &mut rival.experiments {
        experiment.replicates = replicates as usize;
    }
}

#[test]
fn rivals_on_their_own_data_survive_at_most_as_often_as_beta_says() {
    let rival = OwnData::new("abk/second-moment", "variance 1.05", 1.0);
    let missed = rival.missed();
    println!(
        "variance 1.05: {} replicates, missed {missed} of {}",
        rival.rival.experiments[0].replicates,
        epochs()
    );
    assert!(!happens_more_often_than(BETA, missed), "{missed}");
}

#[test]
fn a_rival_with_a_tenth_of_its_replicates_is_missed_and_caught() {
    let missed = OwnData::new("abk/second-moment", "variance 1.05", 0.1).missed();
    println!("a tenth of the replicates: missed {missed} of {}", epochs());
    assert!(happens_more_often_than(BETA, missed), "{missed}");
}
