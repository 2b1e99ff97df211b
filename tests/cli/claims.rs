//! `claims`: what is covered.

use super::{Value, assert_misuse, run};
use std::sync::OnceLock;

/// What `claims` prints, asked once: every plan of every claim is made for it.
fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| run(&["claims"]).out)
}

/// The same for `claims --json`.
fn json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| {
        let ran = run(&["claims", "--json"]);
        assert_eq!(ran.code, 0);
        ran.out
    })
}

fn object() -> Value {
    serde_json::from_str(json()).unwrap()
}

#[test]
fn every_claim_is_listed_with_source_and_at_least_two_rivals() {
    let text = text();
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
    let text = text();
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
    for line in text().lines() {
        let columns = line.chars().count();
        assert!(columns <= 100, "{columns}: {line}");
    }
}

/// `.ci/run` takes the first claim and its first rival from the indentation.
#[test]
fn first_claim_and_rival_stand_where_ci_looks_for_them() {
    let list = object();
    let first = &list["claims"][0];
    let lines: Vec<&str> = json().lines().collect();
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
