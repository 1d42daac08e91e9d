//! The shipped rule sets: at, under and over each cap, from the text of their sources; and the page about them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../basket/mod.rs"]
mod basket;
mod day;
mod page;
mod sale;
mod sets;

use basket::{assess, book, outcome, time};

/// Who buys, what, and what comes of it.
type Case = (&'static str, &'static str, &'static str);

/// Asks about each of at least twelve baskets on an ordinary day in 2026.
fn table(jurisdiction: &str, cases: &[Case]) {
    assert!(cases.len() >= 12, "{jurisdiction} has only {} cases", cases.len());
    let book = book(&[jurisdiction]);
    let (at, zone) = (time("2026-03-18T18:00:00Z"), chrono_tz::America::Chicago);
    let mut wrong = Vec::new();
    for (customer, basket, expected) in cases {
        let report = assess(&book, customer, basket, at, zone);
        let found = outcome(&report);
        if found != *expected {
            wrong.push(format!("{customer}, {basket}: expected {expected}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{jurisdiction}:\n{}", wrong.join("\n"));
}
