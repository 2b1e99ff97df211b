//! The sweep of Appendix A: the test for growth, files, resumption.

use rmt_verify::appendix_a::{
    Growth, GrowthError, Hooks, LEVEL, NetRecord, Observation, Settings, SettingsError, SweepError,
    growth, least_level, passing_shuffles, run,
};
use rmt_verify::network::data::Dataset;
use rmt_verify::network::training::{EpochRecord, Protocol};
use rmt_verify::report::Folder;
use rmt_verify::verdict::Verdict;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts at widths 100, 200, … with intervals ± slack.
fn at_widths(counts: &[usize], slack: usize) -> Vec<Observation> {
    let widths = (1..).map(|k| 100 * k);
    widths
        .zip(counts)
        .map(|(width, count)| observation(width, *count, slack))
        .collect()
}

fn observation(width: usize, count: usize, slack: usize) -> Observation {
    Observation {
        width,
        count,
        low: count.saturating_sub(slack),
        high: count + slack,
    }
}

fn judged(counts: &[usize], slack: usize) -> Growth {
    growth(&at_widths(counts, slack)).unwrap()
}

fn permutations(items: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
    if from == items.len() {
        return visit(items);
    }
    for k in from..items.len() {
        items.swap(from, k);
        permutations(items, from + 1, visit);
        items.swap(from, k);
    }
}

#[test]
fn p_values_are_those_of_all_orders_of_the_counts() {
    // Two nets at N = 100, one at 200, three at 300.
    let widths = [100, 100, 200, 300, 300, 300];
    let nets = |counts: &[usize]| -> Vec<Observation> {
        widths
            .iter()
            .zip(counts)
            .map(|(width, count)| observation(*width, *count, 0))
            .collect()
    };
    let mut frequencies = BTreeMap::<usize, usize>::new();
    let mut total = 0;
    permutations(&mut (0..6).collect(), 0, &mut |order| {
        let mut growing = 0;
        for i in 0..6 {
            growing += (0..6)
                .filter(|j| widths[i] < widths[*j] && order[i] < order[*j])
                .count();
        }
        *frequencies.entry(growing).or_default() += 1;
        total += 1;
    });
    for counts in [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 1, 0, 5, 2, 4]] {
        let found = growth(&nets(&counts)).unwrap();
        let tail = |k| frequencies.range(k..).map(|(_, f)| f).sum::<usize>() as f64 / total as f64;
        assert_eq!(found.pairs, 11);
        assert!((found.p_growing - tail(found.growing)).abs() < 1e-12);
        assert!((found.p_shrinking - tail(found.shrinking)).abs() < 1e-12);
    }
}

#[test]
fn least_level_is_one_over_the_number_of_orders() {
    for (widths, seeds, orders) in [(5, 1, 120.0), (4, 1, 24.0), (3, 2, 90.0), (2, 5, 252.0)] {
        assert!((least_level(widths, seeds) * orders - 1.0f64).abs() < 1e-12);
    }
}

#[test]
fn growing_counts_are_confirmed_and_falling_or_constant_ones_refuted() {
    assert_eq!(judged(&[10, 20, 30, 40, 50], 2).verdict, Verdict::Confirmed);
    assert_eq!(judged(&[50, 40, 30, 20, 10], 2).verdict, Verdict::Refuted);
    assert_eq!(judged(&[0, 0, 0, 0, 0], 0).verdict, Verdict::Refuted);
    // A wrong sign or ties that count as growth would confirm this.
    assert!(judged(&[7, 7, 7, 7, 7], 0).p_growing > 1.0 - 1e-12);
}

#[test]
fn few_widths_or_wide_intervals_leave_growth_undecided() {
    let four = judged(&[10, 20, 30, 40], 0);
    assert_eq!(four.verdict, Verdict::Undecided, "1/24 is above the level");
    let wide = judged(&[10, 11, 12, 13, 14], 6);
    assert!(wide.p_growing <= LEVEL && wide.slope.low < 0.0);
    assert_eq!(wide.verdict, Verdict::Undecided);
}

#[test]
fn slope_is_exact_on_a_line_and_its_interval_is_the_worst_choice() {
    let line = judged(&[3, 5, 7, 9, 11], 1);
    assert!((line.slope.value - 2.0).abs() < 1e-12);
    // Offsets −2, …, 2 over their squares 10: each end moves by Σ|offset|/10.
    assert!((line.slope.low - 1.4).abs() < 1e-12 && (line.slope.high - 2.6).abs() < 1e-12);
}

#[test]
fn counts_in_random_order_pass_no_more_often_than_the_level() {
    let observations = at_widths(&[10, 20, 30, 40, 50], 0);
    let (passing, share) = passing_shuffles(&observations, 100_000, 0, 1e-9);
    // Of 120 orders one passes.
    assert!(share.covers(1.0 / 120.0), "{passing}");
    assert!(!share.covers(LEVEL * 1.5) && share.lo() <= LEVEL);
}

#[test]
fn trends_over_nothing_are_errors() {
    let one_width = [observation(100, 1, 0), observation(100, 2, 0)];
    assert_eq!(growth(&one_width), Err(GrowthError::OneWidth));
    let outside = Observation {
        low: 3,
        ..observation(100, 1, 0)
    };
    assert!(matches!(
        growth(&[outside]),
        Err(GrowthError::IntervalInvalid { count: 1, .. })
    ));
    let with = |widths: &[usize], epochs, seeds| {
        Settings::new(widths.to_vec(), epochs, seeds, Protocol::default(), 0).map(|_| ())
    };
    assert_eq!(with(&[], 1, 1), Err(SettingsError::NoWidths));
    assert_eq!(
        with(&[1], 1, 1),
        Err(SettingsError::WidthInvalid { width: 1 })
    );
    let most = usize::MAX;
    assert_eq!(
        with(&[most], 1, 1),
        Err(SettingsError::WidthInvalid { width: most })
    );
    assert_eq!(
        with(&[9, 8, 9], 1, 1),
        Err(SettingsError::WidthRepeated { width: 9 })
    );
    assert_eq!(with(&[9], 0, 1), Err(SettingsError::NoEpochs));
    assert_eq!(with(&[9], 1, 0), Err(SettingsError::NoSeeds));
}

/// Counts epochs, and stops by a panic after some of them: an interruption.
#[derive(Default)]
struct Watch {
    epochs: AtomicUsize,
    stop_after: Option<usize>,
}

impl Hooks for Watch {
    fn net_started(&self, _: usize, _: usize, _: usize, _: usize, _: usize) {}
    fn advanced(&self, _: usize, _: usize) {
        if self.stop_after == Some(self.epochs.load(Ordering::Relaxed)) {
            panic!("interrupted");
        }
    }
    fn epoch_finished(&self, _: usize, _: &EpochRecord) {
        self.epochs.fetch_add(1, Ordering::Relaxed);
    }
    fn net_finished(&self, _: &NetRecord) {}
}

fn settings(epochs: usize) -> Settings {
    Settings::new(vec![40, 24], epochs, 1, Protocol::default(), 0).unwrap()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn interrupted_sweep_ends_with_the_files_of_an_uninterrupted_one() {
    let data = Dataset::digits();
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let watch = Watch::default();
    let sweep = run(
        &settings(3),
        &data,
        &Folder::open(whole.path()).unwrap(),
        &watch,
    )
    .unwrap();
    assert_eq!((sweep.nets.len(), sweep.complete), (2, true));
    assert_eq!(watch.epochs.into_inner(), 6);
    let expected = files(whole.path());
    let names: Vec<&str> = expected.keys().map(String::as_str).collect();
    let tables = [
        "appendix-a.csv",
        "appendix-a.json",
        "appendix-a.svg",
        "appendix-a.txt",
    ];
    assert_eq!(names[..4], tables);
    assert_eq!(
        names[4..],
        ["n0024-seed0.safetensors", "n0040-seed0.safetensors"]
    );

    let folder = Folder::open(broken.path()).unwrap();
    // In the second epoch of the first net, and in the third of the second.
    for (stop_after, done) in [(1, 1), (4, 4)] {
        let watch = Watch {
            stop_after: Some(stop_after),
            ..Watch::default()
        };
        let interrupted =
            std::panic::AssertUnwindSafe(|| run(&settings(3), &data, &folder, &watch));
        assert!(std::panic::catch_unwind(interrupted).is_err());
        assert_eq!(watch.epochs.into_inner(), done);
    }
    let watch = Watch::default();
    run(&settings(3), &data, &folder, &watch).unwrap();
    assert_eq!(
        watch.epochs.into_inner(),
        1,
        "only the last epoch was missing"
    );
    assert_eq!(files(broken.path()), expected);

    let watch = Watch::default();
    run(&settings(3), &data, &folder, &watch).unwrap();
    assert_eq!(watch.epochs.into_inner(), 0, "nothing is trained again");
    assert_eq!(files(broken.path()), expected);

    // Another run does not touch the folder.
    let other = run(&settings(2), &data, &folder, &Watch::default());
    assert!(
        matches!(other, Err(SweepError::OtherRun { .. })),
        "{other:?}"
    );
    assert_eq!(files(broken.path()), expected);
}

#[test]
fn table_and_csv_have_a_row_a_net_and_weights_are_those_of_the_net() {
    let data = Dataset::digits();
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(vec![24], 2, 2, Protocol::default(), 5).unwrap();
    let sweep = run(
        &settings,
        &data,
        &Folder::open(folder.path()).unwrap(),
        &Watch::default(),
    )
    .unwrap();
    let files = files(folder.path());
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    assert_eq!(text("appendix-a.csv").lines().count(), 3);
    assert_eq!(sweep.verdict, Verdict::Undecided, "one width has no trend");
    assert!(text("appendix-a.txt").contains("UNDECIDED") && !sweep.passed());
    assert!(text("appendix-a.txt").contains(&data.name));
    assert!(text("appendix-a.svg").starts_with("<svg "));
    let bytes = &files["n0024-seed1.safetensors"];
    let stored = safetensors::SafeTensors::deserialize(bytes).unwrap();
    let middle = stored.tensor("initial.1.weight").unwrap();
    assert_eq!(middle.shape(), [24, 24]);
    let net = rmt_verify::network::mlp::Mlp::<f32>::new(&[64, 24, 24, 10], 5, 1).unwrap();
    let expected: Vec<u8> = net.layers()[1]
        .weights()
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    assert_eq!(middle.data(), expected);
    assert_ne!(stored.tensor("trained.1.weight").unwrap().data(), expected);
}
