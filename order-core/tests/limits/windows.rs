//! Days and spans of days: when the clocks change, at midnight, at the ends of months, and far from Greenwich.

use chrono::{DateTime, Utc};
use chrono_tz::{America, Pacific, Tz};
use order_core::model::CustomerKind;
use order_core::rules::limits::{LimitAsk, LimitBook, Purchase};

use super::basket::{book_of, lines, outcome, time};
use super::flower;

/// Whether two orders of 6 g each count together where 10 g are allowed.
fn together(book: &LimitBook, zone: Tz, one: DateTime<Utc>, other: DateTime<Utc>) -> bool {
    let six = || lines("1 flower 6g", true);
    let asked = |at, past| {
        let others = [Purchase { at: Some(past), lines: six() }];
        let ask =
            LimitAsk { kind: CustomerKind::Adult, residency: None, at, zone, lines: &six(), others: &others };
        outcome(&book.assess(&ask)) != "ok"
    };
    let found = asked(one, other);
    assert_eq!(found, asked(other, one), "whichever of the two is asked about");
    found
}

#[test]
fn a_day_is_the_stores_calendar_day() {
    let book = book_of(&flower("10 g", "\"day\""));
    let (new_york, honolulu) = (America::New_York, Pacific::Honolulu);
    for (zone, one, other, same) in [
        // A spring day of 23 hours, and the one after.
        (new_york, "2026-03-08T00:00:00-05:00", "2026-03-08T23:59:59-04:00", true),
        (new_york, "2026-03-08T23:59:59-04:00", "2026-03-09T00:00:00-04:00", false),
        (new_york, "2026-03-07T23:59:59-05:00", "2026-03-08T00:00:00-05:00", false),
        // An autumn day of 25 hours: more than 24 hours apart and still one day, either side of the hour told twice.
        (new_york, "2026-11-01T00:00:00-04:00", "2026-11-01T23:59:59-05:00", true),
        (new_york, "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00", true),
        (new_york, "2026-11-01T23:59:59-05:00", "2026-11-02T00:00:00-05:00", false),
        // Midnight at the ends of months and years, and on a leap day.
        (new_york, "2026-04-30T23:59:59-04:00", "2026-05-01T00:00:00-04:00", false),
        (new_york, "2026-12-31T23:59:59-05:00", "2027-01-01T00:00:00-05:00", false),
        (new_york, "2028-02-29T00:00:00-05:00", "2028-02-29T23:59:59-05:00", true),
        (new_york, "2028-02-28T23:59:59-05:00", "2028-02-29T00:00:00-05:00", false),
        (new_york, "2028-02-29T23:59:59-05:00", "2028-03-01T00:00:00-05:00", false),
        // One moment is another day in Honolulu than in New York, and days of Greenwich mean nothing.
        (honolulu, "2026-07-01T23:59:00Z", "2026-07-02T00:01:00Z", true),
        (honolulu, "2026-07-02T09:59:59Z", "2026-07-02T10:00:00Z", false),
        (new_york, "2026-07-02T09:59:59Z", "2026-07-02T10:00:00Z", true),
        (honolulu, "2026-03-08T00:00:00-10:00", "2026-03-08T23:59:59-10:00", true),
    ] {
        assert_eq!(together(&book, zone, time(one), time(other)), same, "{zone}: {one} and {other}");
    }
}

#[test]
fn a_span_of_days_ends_at_the_same_time_by_the_clock() {
    let book = book_of(&flower("10 g", "{ rolling_days = 30 }"));
    assert_eq!(book.reach_days(), 30);
    let (new_york, honolulu) = (America::New_York, Pacific::Honolulu);
    for (zone, one, other, same) in [
        (new_york, "2026-06-01T12:00:00-04:00", "2026-07-01T11:59:59-04:00", true),
        (new_york, "2026-06-01T12:00:00-04:00", "2026-07-01T12:00:00-04:00", false),
        // Over the change of clocks, an hour less or more has passed.
        (new_york, "2026-02-20T12:00:00-05:00", "2026-03-22T11:59:59-04:00", true),
        (new_york, "2026-02-20T12:00:00-05:00", "2026-03-22T12:00:00-04:00", false),
        (new_york, "2026-10-15T12:00:00-04:00", "2026-11-14T11:59:59-05:00", true),
        (new_york, "2026-10-15T12:00:00-04:00", "2026-11-14T12:00:00-05:00", false),
        // February has 28 days, or 29.
        (honolulu, "2027-02-01T09:00:00-10:00", "2027-03-03T08:59:59-10:00", true),
        (honolulu, "2027-02-01T09:00:00-10:00", "2027-03-03T09:00:00-10:00", false),
        (honolulu, "2028-02-01T09:00:00-10:00", "2028-03-02T08:59:59-10:00", true),
        (honolulu, "2028-02-01T09:00:00-10:00", "2028-03-02T09:00:00-10:00", false),
    ] {
        assert_eq!(together(&book, zone, time(one), time(other)), same, "{zone}: {one} and {other}");
    }
}

fn asked(book: &LimitBook, ours: &str, others: &[(Option<&str>, &str)]) -> String {
    let others: Vec<_> = others
        .iter()
        .map(|(at, basket)| Purchase { at: at.map(time), lines: lines(basket, false) })
        .collect();
    let (at, zone) = (time("2026-06-15T12:00:00-04:00"), America::New_York);
    let ours = lines(ours, true);
    let kind = CustomerKind::Adult;
    outcome(&book.assess(&LimitAsk { kind, residency: None, at, zone, lines: &ours, others: &others }))
}

#[test]
fn every_span_that_holds_the_order_counts_and_no_two_are_mixed() {
    let book = book_of(&flower("10 g", "{ rolling_days = 7 }"));
    let (before, early) = (Some("2026-06-10T12:00:00-04:00"), Some("2026-06-08T12:00:00-04:00"));
    let (after, late) = (Some("2026-06-16T12:00:00-04:00"), Some("2026-06-20T12:00:00-04:00"));
    // Before and after are six days apart: one span holds all three.
    assert_eq!(asked(&book, "1 flower 4g", &[(before, "1 flower 3g"), (after, "1 flower 3g")]), "ok");
    assert_eq!(
        asked(&book, "1 flower 4g", &[(before, "1 flower 3g"), (after, "1 flower 3.1g")]),
        "over flower"
    );
    // Ten days apart: no span holds both, though each shares one with this order.
    assert_eq!(asked(&book, "1 flower 4g", &[(before, "1 flower 6g"), (late, "1 flower 6g")]), "ok");
    assert_eq!(asked(&book, "1 flower 4g", &[(late, "1 flower 6.1g")]), "over flower");
    assert_eq!(
        asked(&book, "1 flower 4g", &[(after, "1 flower 3g"), (late, "1 flower 3.1g")]),
        "over flower"
    );
    // Out of reach.
    assert_eq!(asked(&book, "1 flower 4g", &[(early, "1 flower 10g")]), "ok");
    // Collected at any time: in every span.
    let any = (None, "1 flower 3g");
    assert_eq!(asked(&book, "1 flower 4g", &[any, (before, "1 flower 3g"), (late, "1 flower 3g")]), "ok");
    assert_eq!(asked(&book, "1 flower 4g", &[any, (late, "1 flower 3.1g")]), "over flower");
}

#[test]
fn one_order_stands_alone_and_unknown_content_elsewhere_does_not_block_it() {
    let sale = book_of(&flower("10 g", "\"transaction\""));
    assert_eq!((sale.reach_days(), sale.is_empty()), (0, false));
    assert_eq!(asked(&sale, "1 flower 10g", &[(None, "1 flower 10g")]), "ok");
    let day = book_of(&flower("10 g", "\"day\""));
    assert_eq!(day.reach_days(), 1);
    assert_eq!(asked(&day, "1 flower 6g", &[(None, "1 flower, 1 something, 1 flower 4g")]), "ok");
    assert_eq!(asked(&day, "1 flower 6g", &[(None, "1 flower, 1 something, 1 flower 4.1g")]), "over flower");
    // An order that adds nothing to a limit that is over already is not to blame.
    assert_eq!(asked(&day, "1 accessory", &[(None, "1 flower 11g")]), "ok");
    // Neither is a line of which nothing is left.
    assert_eq!(asked(&day, "0 flower, 0 something, 0 seed, 1 flower 1g", &[]), "ok");
}
