//! `dispensary tour`, as somebody runs it who has just fetched the code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;

use support::run;

fn mails(data_dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(data_dir.join("mail")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(".eml")).collect()
}

/// The rows of the summary: store, code, ours, theirs, total, their total.
fn summary(told: &str) -> Vec<Vec<&str>> {
    let (_, table) = told.split_once("ours                 POS").expect("a summary");
    let rows = table.lines().skip(1).take_while(|line| !line.is_empty());
    rows.map(|line| line.split_whitespace().collect()).collect()
}

#[test]
fn one_order_goes_from_kiosk_to_hand_over() {
    let folder = tempfile::tempdir().unwrap();
    let done = run("dispensary", &["tour", "--data-dir", folder.path().to_str().unwrap()], &[]);
    assert!(done.success, "{}\n{}", done.stdout, done.stderr);
    let rows = summary(&done.stdout);
    assert_eq!(rows.len(), 1, "{}", done.stdout);
    let [store, _, ours, theirs, total, pos_total] = rows[0][..] else { panic!("{rows:?}") };
    assert_eq!((store, ours, theirs), ("treez", "COMPLETED", "COMPLETED"));
    assert_eq!(total, pos_total);
    assert_eq!(mails(folder.path()).len(), 2, "one to the staff, one to the customer");
    assert!(done.stderr.is_empty(), "{}", done.stderr);
}

#[test]
fn every_demo_order_can_be_played() {
    let folder = tempfile::tempdir().unwrap();
    let done = run("dispensary", &["tour", "--all", "--data-dir", folder.path().to_str().unwrap()], &[]);
    assert!(done.success, "{}\n{}", done.stdout, done.stderr);
    let rows = summary(&done.stdout);
    assert_eq!(rows.len(), 30);
    for row in &rows {
        assert_eq!((row[2], row[3]), ("COMPLETED", "COMPLETED"), "{row:?}");
        assert_eq!(row[4], row[5], "{row:?}");
    }
    assert!(done.stderr.is_empty(), "{}", done.stderr);
}
