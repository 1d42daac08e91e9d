//! The page on problems holds what the table of codes says, and each code is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;

use order_core::rules::{Problems, codes};

#[test]
fn the_page_says_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/problems.md");
    let page = format!(
        "# Problems\n\nGenerated from the table of codes; change the table and run\n\
         `UPDATE_DOCS=1 cargo test -p order-core --test problems`.\n\n\
         Every problem has a code, a path to the field and a message for people. Codes keep their meaning.\n\n{}",
        codes::table()
    );
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/problems.md is not what the table says; run: UPDATE_DOCS=1 cargo test -p order-core --test problems"
    );
}

#[test]
fn every_code_is_one_and_says_what_it_means_and_what_helps() {
    let mut seen = BTreeSet::new();
    for code in codes::ALL {
        assert!(seen.insert(code.code), "{} is there twice", code.code);
        let plain = |c: char| c.is_ascii_lowercase() || c == '_';
        assert!(code.code.chars().all(plain), "{}", code.code);
        for text in [code.meaning, code.remedy] {
            // A bar would end the cell.
            assert!(text.ends_with('.') && !text.contains('|'), "{}: {text}", code.code);
        }
    }
}

#[test]
fn a_place_keeps_one_problem_and_every_limit() {
    let mut problems = Problems::new();
    problems.add(codes::OUT_OF_STOCK, "items.0.quantity", "only 3 left");
    problems.add(codes::QUANTITY_NOT_WHOLE, "items.0.quantity", "not a whole number");
    problems.add(codes::LIMIT_EXCEEDED, "items.0.quantity", "flower");
    problems.add(codes::LIMIT_EXCEEDED, "items.0.quantity", "everything");
    problems.add(codes::LIMIT_EXCEEDED, "items.0.quantity", "everything");
    let mut all = Problems::one(codes::LIMIT_EXCEEDED_SOFT, "items.0.quantity", "the store's");
    all.extend(problems);
    let found: Vec<_> = all.iter().map(|problem| (problem.code, problem.message.as_ref())).collect();
    let expected = [
        (codes::LIMIT_EXCEEDED_SOFT, "the store's"),
        (codes::OUT_OF_STOCK, "only 3 left"),
        (codes::LIMIT_EXCEEDED, "flower"),
        (codes::LIMIT_EXCEEDED, "everything"),
    ];
    assert_eq!(found, expected);
}
