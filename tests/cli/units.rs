//! Runs that are cut into pieces, by shards, signals and kills, end with the bytes of one that is not.

use super::{assert_misuse, fresh_folder, names, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Half a second of work: an identity, a limit, events.
const CLAIMS: [&str; 3] = ["abk/ward", "lm/marchenko-pastur", "lm/norm-inconsistency"];

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rmt-verify"));
    command
        .env_remove("RMT_TIER")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// `verify` of the claims, kept in a folder.
fn verify_in(folder: &Path, more: &[&str]) -> Command {
    let mut arguments = vec!["verify"];
    arguments.extend(CLAIMS);
    arguments.extend(["--out", text(folder)]);
    arguments.extend(more);
    command(&arguments)
}

fn resume(folder: &Path) -> Command {
    command(&["verify", "--resume", text(folder)])
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path of a test is text")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The ledger of a run that nothing disturbed, and how long that took.
fn undisturbed() -> &'static (String, Duration) {
    static LEDGER: OnceLock<(String, Duration)> = OnceLock::new();
    LEDGER.get_or_init(|| {
        // cargo-nextest has a process for every test, and they share the parent folder.
        let folder = fresh_folder(&format!("undisturbed-{}", std::process::id()));
        let started = Instant::now();
        let output = verify_in(&folder, &[]).output().unwrap();
        let elapsed = started.elapsed();
        assert!(output.status.success(), "{}", errors(&output));
        assert!(!names(&folder).contains(&"journal".to_owned()));
        let ledger = ledger(&folder);
        fs::remove_dir_all(&folder).unwrap();
        (ledger, elapsed)
    })
}

fn ledger(folder: &Path) -> String {
    fs::read_to_string(folder.join("ledger.json")).unwrap()
}

/// Finishes what is in a folder and compares.
#[track_caller]
fn assert_ends_well(folder: &Path) {
    let output = resume(folder).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    assert_eq!(ledger(folder), undisturbed().0);
    assert!(!names(folder).contains(&"journal".to_owned()));
}

/// Merges pieces that are all there, and compares.
#[track_caller]
fn assert_merged(pieces: [&str; 3], whole: &Path) {
    let [a, b, c] = pieces;
    let merged = run(&["merge", a, b, c, "--out", text(whole)]);
    assert_eq!(merged.code, 0, "{}", merged.err);
    assert!(merged.out.contains("3 claims confirmed"), "{}", merged.out);
    assert_eq!(ledger(whole), undisturbed().0);
}

/// Waits until the journal has some bytes.
fn until_kept(folder: &Path, bytes: u64) {
    let journal = folder.join("journal");
    let deadline = Instant::now() + Duration::from_secs(60);
    while fs::metadata(&journal).map_or(0, |m| m.len()) < bytes {
        assert!(Instant::now() < deadline, "nothing was kept for a minute");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A run that was killed when its journal had so many bytes.
fn killed_at(name: &str, bytes: u64) -> PathBuf {
    let folder = fresh_folder(name);
    let mut child = verify_in(&folder, &["--jobs", "1"]).spawn().unwrap();
    until_kept(&folder, bytes);
    kill(&mut child);
    folder
}

/// As kill −9.
fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// What a fresh or interrupted run may leave: a journal, or a whole ledger, and a temporary file that
/// nobody mistakes for either.
#[track_caller]
fn assert_nothing_half_written(folder: &Path) {
    let names = names(folder);
    let names: Vec<_> = names
        .iter()
        .filter(|name| !name.starts_with(".rmt-verify-"))
        .collect();
    if names.iter().any(|name| *name == "ledger.json") {
        assert_eq!(ledger(folder), undisturbed().0);
    } else {
        assert!(
            names.iter().all(|name| *name == "journal"),
            "{names:?} without a ledger"
        );
    }
}

/// `RMT_KILLS` kills (default 5), ten a run, at moments spread evenly by a Weyl sequence.
#[test]
fn killed_at_many_moments_a_run_ends_with_the_same_ledger() {
    let kills: usize = match std::env::var("RMT_KILLS") {
        Ok(number) => number.parse().expect("RMT_KILLS is a number"),
        Err(_) => 5,
    };
    let whole = undisturbed().1;
    let mut folder = fresh_folder("killed");
    let (mut begun, mut finished) = (false, 0);
    for index in 0..kills {
        if index % 10 == 0 && index > 0 {
            if !names(&folder).contains(&"ledger.json".to_owned()) {
                assert_ends_well(&folder);
            }
            finished += 1;
            folder = fresh_folder(&format!("killed-{finished}"));
            begun = false;
        }
        let mut child = if begun {
            resume(&folder)
        } else {
            verify_in(&folder, &[])
        }
        .spawn()
        .unwrap();
        let moment = (index as f64 + 1.0) * 0.618_033_988_749_894_9 % 1.0;
        std::thread::sleep(whole.mul_f64(moment / 4.0));
        kill(&mut child);
        assert_nothing_half_written(&folder);
        begun = names(&folder).contains(&"journal".to_owned());
        if !begun && names(&folder).contains(&"ledger.json".to_owned()) {
            folder = fresh_folder(&format!("killed-early-{index}"));
        }
    }
    if begun {
        assert_ends_well(&folder);
    }
}

#[test]
#[cfg(unix)]
fn a_signal_ends_a_run_that_can_go_on() {
    for signal in ["-TERM", "-INT"] {
        let folder = fresh_folder(&format!("signal{signal}"));
        let child = verify_in(&folder, &["--jobs", "1"]).spawn().unwrap();
        until_kept(&folder, 500);
        let sent = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{}", errors(&output));
        let says = errors(&output);
        assert!(says.contains("--resume"), "{says}");
        assert_eq!(says.lines().count(), 1, "{says}");
        assert_eq!(names(&folder), ["journal"]);
        assert_ends_well(&folder);
    }
}

/// Files may not grow beyond a few kilobytes: writing fails as it does on a full disk, by an error in
/// the middle of a record.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_a_run_that_can_go_on() {
    let folder = fresh_folder("full-disk");
    let program = env!("CARGO_BIN_EXE_rmt-verify");
    let script = format!(
        "trap '' XFSZ; ulimit -f 8; exec {program} verify {} --out {}",
        CLAIMS.join(" "),
        text(&folder)
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    let says = errors(&output);
    assert!(
        says.contains("journal") && says.contains("too large"),
        "{says}"
    );
    assert_eq!(says.lines().count(), 1, "{says}");
    assert_eq!(names(&folder), ["journal"]);
    assert!(fs::metadata(folder.join("journal")).unwrap().len() <= 8 << 10);
    assert_ends_well(&folder);
}

#[test]
fn a_folder_serves_one_run_at_a_time() {
    let folder = fresh_folder("two-runs");
    let mut child = verify_in(&folder, &["--jobs", "1"]).spawn().unwrap();
    until_kept(&folder, 200);
    assert_misuse(
        &["verify", "--resume", text(&folder)],
        &["another run is using"],
    );
    assert_misuse(
        &["verify", "abk/ward", "--out", text(&folder)],
        &["unfinished run", "--resume"],
    );
    kill(&mut child);
    assert_ends_well(&folder);
}

#[test]
fn a_torn_last_record_is_dropped_and_any_other_damage_refused() {
    let folder = killed_at("damaged", 2000);
    let journal = folder.join("journal");
    let whole = fs::read(&journal).unwrap();
    for place in [0, 40, whole.len() / 2] {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x10;
        fs::write(&journal, &damaged).unwrap();
        assert_misuse(
            &["verify", "--resume", text(&folder)],
            &["damaged at byte", "journal"],
        );
        assert_eq!(fs::read(&journal).unwrap(), damaged);
    }
    fs::write(&journal, &whole[..whole.len() - 3]).unwrap();
    assert_ends_well(&folder);
}

#[test]
fn shards_merge_into_the_ledger_of_one_run() {
    let parent = fresh_folder("shards");
    let folders: Vec<PathBuf> = (1..=3).map(|i| parent.join(i.to_string())).collect();
    for (index, folder) in folders.iter().enumerate() {
        let shard = format!("{}/3", index + 1);
        let output = verify_in(folder, &["--shard", &shard]).output().unwrap();
        assert!(output.status.success(), "{}", errors(&output));
        assert_eq!(names(folder), ["journal"]);
    }
    let [first, second, third] = [0, 1, 2].map(|i| text(&folders[i]));
    let whole = parent.join("whole");
    assert_merged([third, first, second], &whole);

    // One shard is missing: what is there is kept, and the rest can be computed.
    let part = parent.join("part");
    assert_misuse(
        &["merge", first, third, "--out", text(&part)],
        &["are merged", "are missing", "--resume"],
    );
    assert_eq!(names(&part), ["journal"]);
    // The rest, in two shards.
    let rests = [1, 2].map(|index| {
        let rest = parent.join(format!("rest-{index}"));
        let shard = format!("{index}/2");
        let resume = ["verify", "--resume", text(&part), "--shard", &shard];
        let ran = run(&[&resume[..], &["--out", text(&rest)]].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains(text(&part)), "{}", ran.out);
        rest
    });
    let all = parent.join("all");
    assert_merged([text(&part), text(&rests[0]), text(&rests[1])], &all);
    assert_ends_well(&part);
}

#[test]
fn pieces_of_different_runs_do_not_merge() {
    let parent = fresh_folder("strangers");
    let [a, b] = ["a", "b"].map(|name| parent.join(name));
    for (folder, epoch) in [(&a, "0"), (&b, "1")] {
        let shard = ["--shard", "1/50", "--epoch", epoch];
        let output = verify_in(folder, &shard).output().unwrap();
        assert!(output.status.success(), "{}", errors(&output));
    }
    let out = parent.join("out");
    assert_misuse(
        &["merge", text(&a), text(&b), "--out", text(&out)],
        &["different runs"],
    );
    assert!(!out.exists());
}

#[test]
fn finished_runs_of_different_claims_merge_into_the_ledger_of_one_run() {
    let parent = fresh_folder("finished-runs");
    let folders: Vec<PathBuf> = (0..3).map(|i| parent.join(i.to_string())).collect();
    for (claim, folder) in CLAIMS.iter().zip(&folders) {
        let ran = run(&["verify", claim, "--out", text(folder)]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    let [first, second, third] = [0, 1, 2].map(|i| text(&folders[i]));
    let whole = parent.join("whole");
    assert_merged([third, first, second], &whole);
    assert!(names(&whole).contains(&"report.html".to_owned()));

    let out = parent.join("out");
    assert_misuse(
        &["merge", first, third, first, "--out", text(&out)],
        &[CLAIMS[0], "is judged both in"],
    );
    let other = parent.join("other");
    let ran = run(&["verify", CLAIMS[1], "--epoch", "1", "--out", text(&other)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_misuse(
        &["merge", first, text(&other), "--out", text(&out)],
        &["different runs"],
    );
    assert!(!out.exists());
}

#[test]
fn misuse_of_pieces_is_one_clear_line() {
    let empty = fresh_folder("nothing-to-resume");
    let folder = text(&empty);
    assert_misuse(&["verify", "--resume", folder], &["no unfinished run"]);
    assert_misuse(&["merge", folder, "--out", folder], &["no unfinished run"]);
    assert_misuse(&["verify", "--shard", "1/3"], &["--out"]);
    for shard in ["0/3", "4/3", "1", "x/y"] {
        let arguments = ["verify", "--out", folder, "--shard", shard];
        assert_misuse(&arguments, &[shard, "1 ≤ I ≤ N"]);
    }
    assert_misuse(
        &["verify", "--resume", folder, "--tier", "deep"],
        &["--tier"],
    );
    assert_misuse(
        &["verify", "--resume", folder, "--out", folder],
        &["--out goes with --shard"],
    );
    assert!(names(&empty).is_empty());
    let done = fresh_folder("finished");
    fs::write(done.join("ledger.json"), "{}").unwrap();
    assert_misuse(&["verify", "--resume", text(&done)], &["is complete"]);
    fs::write(done.join("journal"), "no journal at all").unwrap();
    assert_misuse(&["verify", "--resume", text(&done)], &["journal"]);
}

#[test]
fn a_plan_tells_the_cost_and_runs_nothing() {
    let folder = fresh_folder("plan");
    let arguments = [
        "verify",
        "lm/marchenko-pastur",
        "--plan",
        "--out",
        text(&folder),
    ];
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("lm/marchenko-pastur") && ran.out.contains("core-hours"));
    assert_eq!(names(&folder), ["plan.json"]);
    let plan: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("plan.json")).unwrap()).unwrap();
    let experiments = plan[0]["experiments"].as_array().unwrap();
    assert!(!experiments.is_empty());
    for experiment in experiments {
        assert!(experiment["seconds"].as_f64().unwrap() > 0.0);
        assert!(experiment["units"].as_u64().unwrap() >= 1);
    }
}

#[test]
fn a_process_of_an_mpi_job_says_that_it_was_built_without() {
    if cfg!(feature = "mpi") {
        return;
    }
    let ran = super::run_with(&["verify", "abk/ward"], &[("OMPI_COMM_WORLD_RANK", "0")]);
    super::assert_one_line_misuse(&ran, &["--features mpi", "--shard"]);
}
