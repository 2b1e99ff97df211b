//! The command line as a user meets it: exit codes, one clear line for bad input, JSON, files.
//! Nothing here runs the suite; `.ci/run` does.

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What a run of the binary left.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run(arguments: &[&str]) -> Ran {
    run_with(arguments, &[])
}

fn run_with(arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let output = Command::cargo_bin("rmt-verify")
        .unwrap()
        .env_remove("RMT_TIER")
        .envs(environment.iter().copied())
        .args(arguments)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Exit code 2, nothing on standard output, one line on standard error that says what is wrong.
#[track_caller]
fn assert_misuse(arguments: &[&str], says: &[&str]) {
    assert_one_line_misuse(&run(arguments), says);
}

#[track_caller]
fn assert_one_line_misuse(ran: &Ran, says: &[&str]) {
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(ran.out, "");
    assert!(ran.err.starts_with("rmt-verify: "), "{:?}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{:?}", ran.err);
    for word in says {
        assert!(ran.err.contains(word), "{word:?} is not in {:?}", ran.err);
    }
}

/// A folder holding the synthetic ledger.
fn folder_with_ledger(name: &str) -> PathBuf {
    let folder = fresh_folder(name);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/synthetic");
    for file in ["ledger.json", "timings.json"] {
        std::fs::copy(fixtures.join(file), folder.join(file)).unwrap();
    }
    folder
}

fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

mod bad_input_to_predict_is_one_line {
    use super::assert_misuse;

    #[test]
    fn unknown_kind_of_measure() {
        assert_misuse(&["predict", "--nu", "triangle:0,1"], &["triangle"]);
    }

    #[test]
    fn atom_without_weight() {
        assert_misuse(&["predict", "--nu", "atoms:1,2"], &["1"]);
    }

    #[test]
    fn number_that_is_none() {
        assert_misuse(&["predict", "--nu", "uniform:-1,abc"], &["abc"]);
    }

    #[test]
    fn empty_spec() {
        assert_misuse(&["predict", "--nu", ""], &[]);
    }

    #[test]
    fn weights_that_do_not_sum_to_1() {
        assert_misuse(&["predict", "--nu", "atoms:-1=0.5,1=0.6"], &["1.1"]);
    }

    #[test]
    fn eigenvalue_file_that_is_missing() {
        assert_misuse(
            &["predict", "--nu", "file:/no/such/file.txt"],
            &["/no/such/file.txt"],
        );
    }

    #[test]
    fn eigenvalue_file_without_eigenvalues() {
        let folder = super::fresh_folder("empty-eigenvalues");
        let path = folder.join("empty.txt");
        std::fs::write(&path, "\n").unwrap();
        assert_misuse(
            &["predict", "--nu", &format!("file:{}", path.display())],
            &[],
        );
    }

    #[test]
    fn sigma_zero() {
        assert_misuse(&["predict", "--nu", "atoms:0=1", "--sigma", "0"], &["0"]);
    }

    #[test]
    fn sigma_negative() {
        assert_misuse(&["predict", "--nu", "atoms:0=1", "--sigma", "-1"], &["-1"]);
    }

    #[test]
    fn sigma_not_a_number() {
        assert_misuse(
            &["predict", "--nu", "atoms:0=1", "--sigma", "NaN"],
            &["NaN"],
        );
    }

    #[test]
    fn z_below_the_real_axis() {
        assert_misuse(&["predict", "--nu", "atoms:0=1", "--at", "0.5,-1"], &["-1"]);
    }

    #[test]
    fn z_with_one_part() {
        assert_misuse(&["predict", "--nu", "atoms:0=1", "--at", "0.5"], &["RE,IM"]);
    }

    #[test]
    fn z_not_finite() {
        assert_misuse(&["predict", "--nu", "atoms:0=1", "--at", "inf,1"], &["inf"]);
    }

    #[test]
    fn spike_inside_the_support() {
        assert_misuse(
            &["predict", "--nu", "uniform:-1,1", "--spike", "0.25"],
            &["0.25"],
        );
    }

    #[test]
    fn density_grid_of_no_points() {
        assert_misuse(
            &["predict", "--nu", "atoms:0=1", "--density", "-3,3,0"],
            &["0"],
        );
    }

    #[test]
    fn density_grid_backwards() {
        assert_misuse(
            &["predict", "--nu", "atoms:0=1", "--density", "3,-3,10"],
            &["3"],
        );
    }

    #[test]
    fn density_grid_with_two_fields() {
        assert_misuse(
            &["predict", "--nu", "atoms:0=1", "--density", "-3,3"],
            &["LO,HI,POINTS"],
        );
    }

    #[test]
    fn no_measure() {
        assert_misuse(&["predict"], &["--nu"]);
    }
}

mod bad_input_to_verify_is_one_line {
    use super::{assert_misuse, assert_one_line_misuse, fresh_folder, names, run_with};

    #[test]
    fn no_command() {
        assert_misuse(&[], &["verify", "--help"]);
    }

    #[test]
    fn unknown_command() {
        assert_misuse(&["verfy"], &["verfy"]);
    }

    #[test]
    fn unknown_option() {
        assert_misuse(&["verify", "--seed", "3"], &["--seed"]);
    }

    #[test]
    fn unknown_claim() {
        assert_misuse(&["verify", "abk/theorem-99"], &["abk/theorem-99"]);
    }

    #[test]
    fn unknown_claim_leaves_no_folder() {
        let parent = fresh_folder("unknown-claim");
        let folder = parent.join("out");
        let out = folder.to_str().unwrap();
        assert_misuse(&["verify", "abk/theorem-99", "--out", out], &[]);
        assert!(names(&parent).is_empty());
    }

    #[test]
    fn unknown_rival() {
        assert_misuse(&["verify", "--plant", "no such rival"], &["no such rival"]);
    }

    #[test]
    fn unknown_tier() {
        assert_misuse(&["verify", "--tier", "fast"], &["fast", "quick"]);
    }

    #[test]
    fn unknown_tier_in_the_environment() {
        let ran = run_with(&["verify"], &[("RMT_TIER", "fast")]);
        assert_one_line_misuse(&ran, &["RMT_TIER", "fast"]);
    }

    #[test]
    fn epoch_that_is_no_number() {
        assert_misuse(&["verify", "--epoch", "-1"], &["epoch"]);
    }

    #[test]
    fn no_threads() {
        assert_misuse(&["verify", "--jobs", "0"], &["0", "at least 1"]);
    }

    /// Root may write everywhere, so the folder is asked for below a file.
    #[test]
    fn unwritable_folder_is_found_before_the_run() {
        let folder = fresh_folder("unwritable");
        let file = folder.join("file");
        std::fs::write(&file, "").unwrap();
        let out = file.join("out");
        assert_misuse(
            &["verify", "--tier", "deep", "--out", out.to_str().unwrap()],
            &[out.to_str().unwrap()],
        );
        assert_eq!(names(&folder), ["file"]);
    }
}

mod predict {
    use super::{Value, run};

    fn object(arguments: &[&str]) -> Value {
        let ran = run(arguments);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(ran.err, "");
        serde_json::from_str(&ran.out).expect("one JSON object")
    }

    fn keys(value: &Value) -> Vec<&str> {
        value
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect()
    }

    #[test]
    fn json_has_the_fields_of_the_design() {
        let mut arguments = vec!["predict", "--nu", "atoms:-1=0.5,1=0.5", "--sigma", "0.5"];
        arguments.extend([
            "--at", "-0.5,1", "--at", "0,0", "--spike", "-1.2", "--spike", "4",
        ]);
        arguments.extend(["--density", "-2,2,5", "--json"]);
        let answer = object(&arguments);
        for key in ["nu", "sigma", "support", "stieltjes", "spikes", "density"] {
            assert!(keys(&answer).contains(&key), "{key} is missing");
        }
        assert_eq!(answer["nu"], "atoms:-1=0.5,1=0.5");
        assert_eq!(answer["sigma"], 0.5);
        assert_eq!(answer["support"].as_array().unwrap().len(), 2);
        assert_eq!(answer["stieltjes"].as_array().unwrap().len(), 2);
        let first = &answer["stieltjes"][0];
        assert_eq!(first["z"], serde_json::json!([-0.5, 1.0]));
        for key in ["s", "omega", "error_bound"] {
            assert!(keys(first).contains(&key), "{key} is missing");
        }
        let spikes = answer["spikes"].as_array().unwrap();
        assert_eq!(spikes[0]["theta"], -1.2);
        for key in ["fate", "location", "slope", "overlap", "goe_variance"] {
            assert!(keys(&spikes[0]).contains(&key), "{key} is missing");
        }
        assert_eq!(answer["density"].as_array().unwrap().len(), 5);
        assert_eq!(answer["density"][0][0], -2.0);
    }

    /// S = 0, σ = 1: support [−2, 2], s(i) = i(√5 − 1)/2, Φ(2) = 2.5, overlap 1 − 1/4, variance 2(1 − 1/4).
    #[test]
    fn semicircle_comes_out_as_by_hand() {
        let mut arguments = vec!["predict", "--nu", "atoms:0=1", "--at", "0,1"];
        arguments.extend(["--spike", "2", "--spike", "0.5", "--json"]);
        let answer = object(&arguments);
        let near = |value: &Value, wanted: f64| {
            let value = value.as_f64().unwrap();
            assert!((value - wanted).abs() < 1e-12, "{value} is not {wanted}");
        };
        near(&answer["support"][0][0], -2.0);
        near(&answer["support"][0][1], 2.0);
        near(&answer["stieltjes"][0]["s"][1], (5f64.sqrt() - 1.0) / 2.0);
        assert_eq!(answer["spikes"][0]["fate"], "separates");
        near(&answer["spikes"][0]["location"], 2.5);
        near(&answer["spikes"][0]["slope"], 0.75);
        near(&answer["spikes"][0]["overlap"], 0.75);
        near(&answer["spikes"][0]["goe_variance"], 1.5);
        assert_eq!(answer["spikes"][1]["fate"], "absorbed");
        near(&answer["spikes"][1]["location"], 2.0);
    }

    #[test]
    fn sigma_is_the_standard_deviation() {
        let answer = object(&["predict", "--nu", "atoms:0=1", "--sigma", "3", "--json"]);
        let edge = answer["support"][0][1].as_f64().unwrap();
        assert!((edge - 6.0).abs() < 1e-11);
    }

    #[test]
    fn text_is_for_people() {
        let ran = run(&["predict", "--nu", "atoms:0=1", "--spike", "2"]);
        assert_eq!(ran.code, 0);
        assert!(
            ran.out.contains("separates") && ran.out.contains("2.5"),
            "{}",
            ran.out
        );
        assert!(ran.out.lines().all(|line| line.chars().count() <= 100));
    }

    #[test]
    fn eigenvalues_come_from_a_file() {
        let folder = super::fresh_folder("eigenvalues");
        let path = folder.join("ones.txt");
        std::fs::write(&path, "1\n1\n").unwrap();
        let spec = format!("file:{}", path.display());
        let answer = object(&["predict", "--nu", &spec, "--json"]);
        assert!((answer["support"][0][1].as_f64().unwrap() - 3.0).abs() < 1e-12);
    }
}

mod claims {
    use super::{Value, assert_misuse, run};

    fn object() -> Value {
        let ran = run(&["claims", "--json"]);
        assert_eq!(ran.code, 0);
        serde_json::from_str(&ran.out).unwrap()
    }

    #[test]
    fn every_claim_is_listed_with_source_and_at_least_two_rivals() {
        let text = run(&["claims"]).out;
        for claim in object()["claims"].as_array().unwrap() {
            let id = claim["id"].as_str().unwrap();
            assert!(text.contains(id), "{id} is not in the text");
            assert!(
                !claim["source"]["locus"].as_str().unwrap().is_empty(),
                "{id}"
            );
            assert!(claim["cells"].as_u64().unwrap() > 0, "{id} has no cells");
            assert!(claim["rivals"].as_array().unwrap().len() >= 2, "{id}");
        }
    }

    #[test]
    fn every_statement_is_listed_with_claims_or_a_reason() {
        let list = object();
        let statements = list["statements"].as_array().unwrap();
        assert!(statements.len() > 40, "{}", statements.len());
        let text = run(&["claims"]).out;
        for statement in statements {
            let locus = statement["locus"].as_str().unwrap();
            // Long places are broken over lines.
            let first = locus.split([' ', ',']).next().unwrap();
            assert!(text.contains(first), "{locus} is not in the text");
            let claims = statement["claims"].as_array().unwrap();
            let reason = statement["exception"].as_str();
            assert_eq!(claims.is_empty(), reason.is_some(), "{locus}");
        }
    }

    #[test]
    fn lines_are_at_most_a_hundred_columns() {
        for line in run(&["claims"]).out.lines() {
            let columns = line.chars().count();
            assert!(columns <= 100, "{columns}: {line}");
        }
    }

    /// `.ci/run` takes the first claim and its first rival from the indentation.
    #[test]
    fn first_claim_and_rival_stand_where_ci_looks_for_them() {
        let out = run(&["claims", "--json"]).out;
        let list = object();
        let first = &list["claims"][0];
        let lines: Vec<&str> = out.lines().collect();
        let at = |start: &str| {
            let place = lines
                .iter()
                .position(|line| line.starts_with(start))
                .unwrap();
            let value = lines[place]
                .trim_start_matches(start)
                .trim_end_matches("\",");
            (place, value.to_owned())
        };
        let (id_at, id) = at("      \"id\": \"");
        let (name_at, name) = at("          \"name\": \"");
        assert!(id_at < name_at);
        assert_eq!(id, first["id"].as_str().unwrap());
        assert_eq!(name, first["rivals"][0]["name"].as_str().unwrap());
    }

    #[test]
    fn json_and_markdown_at_once() {
        assert_misuse(&["claims", "--json", "--markdown"], &["--markdown"]);
    }

    /// The pipe is closed before anything was read.
    #[test]
    fn closed_pipe_is_no_error() {
        use std::process::{Command, Stdio};
        let binary = assert_cmd::cargo::cargo_bin("rmt-verify");
        let mut child = Command::new(binary)
            .args(["claims", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
}

mod report {
    use super::{assert_misuse, folder_with_ledger, fresh_folder, names, run};

    #[test]
    fn page_is_rendered_again_from_the_ledger() {
        let folder = folder_with_ledger("report");
        let ran = run(&["report", folder.to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(
            names(&folder),
            ["ledger.json", "report.html", "timings.json"]
        );
        let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
        assert!(page.contains("synthetic/trend") && page.contains("</html>"));
    }

    #[test]
    fn folder_without_a_ledger() {
        let folder = fresh_folder("no-ledger");
        assert_misuse(&["report", folder.to_str().unwrap()], &["ledger.json"]);
        assert!(names(&folder).is_empty());
    }

    #[test]
    fn ledger_that_is_cut_off() {
        let folder = folder_with_ledger("cut-ledger");
        let path = folder.join("ledger.json");
        let text = std::fs::read_to_string(&path).unwrap();
        let half = text.char_indices().nth(5000).unwrap().0;
        std::fs::write(&path, &text[..half]).unwrap();
        assert_misuse(
            &["report", folder.to_str().unwrap()],
            &["ledger.json", "line"],
        );
        assert!(!names(&folder).contains(&"report.html".to_owned()));
    }

    #[test]
    fn ledger_with_a_verdict_that_does_not_exist() {
        let folder = folder_with_ledger("odd-ledger");
        let path = folder.join("ledger.json");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"confirmed\"", "\"probably\"")).unwrap();
        assert_misuse(&["report", folder.to_str().unwrap()], &["probably"]);
    }

    #[test]
    fn timings_that_are_broken() {
        let folder = folder_with_ledger("odd-timings");
        std::fs::write(folder.join("timings.json"), "{").unwrap();
        assert_misuse(&["report", folder.to_str().unwrap()], &["timings.json"]);
    }
}
