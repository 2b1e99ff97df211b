//! `report`: from a ledger to a document.

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
