//! Opening hours on days of every kind.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use order_core::model::OpeningHours;
use order_core::rules::{is_open, next_open, span_at, store_day};
use serde_json::{Value, json};

use super::{HONOLULU, NEW_YORK, daily, utc};

fn hours(json: Value) -> OpeningHours {
    serde_json::from_value(json).unwrap()
}

fn span(hours: &OpeningHours, zone: Tz, at: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    span_at(hours, zone, utc(at))
}

fn between(open: &str, close: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((utc(open), utc(close)))
}

#[test]
fn opening_counts_and_closing_does_not() {
    let hours = hours(daily("09:00:00", "17:00:00"));
    for (at, open) in [
        ("2026-03-02T13:59:59Z", false),
        ("2026-03-02T14:00:00Z", true),
        ("2026-03-02T21:59:59Z", true),
        ("2026-03-02T22:00:00Z", false),
    ] {
        assert_eq!(is_open(&hours, NEW_YORK, utc(at)), open, "{at}");
        assert_eq!(span(&hours, NEW_YORK, at).is_some(), open, "{at}");
    }
    assert_eq!(next_open(&hours, NEW_YORK, utc("2026-03-02T22:00:00Z")), Some(utc("2026-03-03T14:00:00Z")));
    let inside = utc("2026-03-02T15:00:00Z");
    assert_eq!(next_open(&hours, NEW_YORK, inside), Some(inside), "it is open now");
}

#[test]
fn one_moment_is_day_in_new_york_and_morning_in_honolulu() {
    let hours = hours(daily("09:00:00", "17:00:00"));
    let at = utc("2026-07-01T18:30:00Z");
    assert!(is_open(&hours, NEW_YORK, at));
    assert!(!is_open(&hours, HONOLULU, at));
    assert_eq!(next_open(&hours, HONOLULU, at), Some(utc("2026-07-01T19:00:00Z")));
    // Summer time moves one of them.
    let winter = utc("2026-01-01T00:00:00Z");
    assert_eq!(next_open(&hours, NEW_YORK, winter), Some(utc("2026-01-01T14:00:00Z")));
    assert_eq!(next_open(&hours, NEW_YORK, utc("2026-07-01T00:00:00Z")), Some(utc("2026-07-01T13:00:00Z")));
    assert_eq!(
        next_open(&hours, HONOLULU, winter),
        Some(utc("2026-01-01T00:00:00Z")),
        "14:00 the day before"
    );
    let at = utc("2026-01-01T05:30:00Z");
    assert_eq!(store_day(NEW_YORK, at).to_string(), "2026-01-01");
    assert_eq!(store_day(HONOLULU, at).to_string(), "2025-12-31");
}

#[test]
fn a_whole_day_has_23_or_25_hours_when_the_clock_is_changed() {
    let sundays = hours(json!({"sun": [{"open": "00:00:00", "close": "00:00:00"}]}));
    assert_eq!(
        span(&sundays, NEW_YORK, "2026-03-08T12:00:00Z"),
        between("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
    );
    assert_eq!(
        span(&sundays, NEW_YORK, "2026-11-01T12:00:00Z"),
        between("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
    );
    assert_eq!(
        span(&sundays, HONOLULU, "2026-03-08T12:00:00Z"),
        between("2026-03-08T10:00:00Z", "2026-03-09T10:00:00Z"),
    );
}

#[test]
fn a_time_that_is_left_out_is_the_first_after_the_gap() {
    let opens = hours(json!({"sun": [{"open": "02:30:00", "close": "10:00:00"}]}));
    assert_eq!(
        next_open(&opens, NEW_YORK, utc("2026-03-08T00:00:00Z")),
        Some(utc("2026-03-08T07:00:00Z")),
        "3:00 in summer time"
    );
    let closes = hours(json!({"sun": [{"open": "01:00:00", "close": "02:30:00"}]}));
    assert_eq!(
        span(&closes, NEW_YORK, "2026-03-08T06:30:00Z"),
        between("2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z"),
    );
    // Nothing is left of it on that day; it opens a week later.
    let inside = hours(json!({"sun": [{"open": "02:10:00", "close": "02:45:00"}]}));
    assert_eq!(next_open(&inside, NEW_YORK, utc("2026-03-07T00:00:00Z")), Some(utc("2026-03-15T06:10:00Z")));
}

#[test]
fn of_a_time_that_comes_twice_opening_takes_the_first_and_closing_the_second() {
    let opens = hours(json!({"sun": [{"open": "01:30:00", "close": "10:00:00"}]}));
    assert_eq!(
        span(&opens, NEW_YORK, "2026-11-01T06:15:00Z"),
        between("2026-11-01T05:30:00Z", "2026-11-01T15:00:00Z"),
    );
    let closes = hours(json!({"sun": [{"open": "00:00:00", "close": "01:30:00"}]}));
    assert_eq!(
        span(&closes, NEW_YORK, "2026-11-01T05:45:00Z"),
        between("2026-11-01T04:00:00Z", "2026-11-01T06:30:00Z"),
    );
    // A clock that is put back across midnight: the new day begins, and the old one comes again.
    let saturday = hours(json!({"sun": [{"open": "00:00:00", "close": "12:00:00"}]}));
    let zone = Tz::America__St_Johns;
    assert_eq!(
        span(&saturday, zone, "2010-11-07T02:45:00Z"),
        between("2010-11-07T02:30:00Z", "2010-11-07T15:30:00Z"),
    );
}

#[test]
fn a_midnight_that_does_not_exist_opens_a_whole_day_at_one() {
    let saturdays = hours(json!({"sun": [{"open": "00:00:00", "close": "00:00:00"}]}));
    assert_eq!(
        span(&saturdays, Tz::America__Sao_Paulo, "2018-11-04T12:00:00Z"),
        between("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
    );
    // Samoa had no 30 December 2011 at all.
    let daily = hours(daily("09:00:00", "17:00:00"));
    assert_eq!(
        next_open(&daily, Tz::Pacific__Apia, utc("2011-12-30T03:00:00Z")),
        Some(utc("2011-12-30T19:00:00Z")),
        "from Thursday evening to Saturday morning"
    );
}

#[test]
fn a_span_over_midnight_belongs_to_the_day_it_begins_on() {
    let mut bar = hours(json!({"fri": [{"open": "20:00:00", "close": "02:00:00"}]}));
    let night = between("2026-06-06T00:00:00Z", "2026-06-06T06:00:00Z");
    assert_eq!(span(&bar, NEW_YORK, "2026-06-06T05:59:59Z"), night);
    assert_eq!(span(&bar, NEW_YORK, "2026-06-06T06:00:00Z"), None);
    // A holiday on the next day does not send anybody home at midnight, one on the day itself does.
    bar.exceptions.insert("2026-06-06".parse().unwrap(), Vec::new());
    assert_eq!(span(&bar, NEW_YORK, "2026-06-06T05:59:59Z"), night);
    bar.exceptions.insert("2026-06-05".parse().unwrap(), Vec::new());
    assert_eq!(span(&bar, NEW_YORK, "2026-06-06T05:59:59Z"), None);
    assert_eq!(next_open(&bar, NEW_YORK, utc("2026-06-05T12:00:00Z")), Some(utc("2026-06-13T00:00:00Z")));
}

#[test]
fn a_day_may_be_split_and_days_may_differ() {
    let mut split = hours(json!({
        "tue": [{"open": "14:00:00", "close": "18:00:00"}, {"open": "09:00:00", "close": "12:00:00"}],
        "exceptions": {"2026-12-24": [{"open": "09:00:00", "close": "12:00:00"}], "2026-12-22": []},
    }));
    assert_eq!(next_open(&split, NEW_YORK, utc("2026-12-15T05:00:00Z")), Some(utc("2026-12-15T14:00:00Z")));
    assert_eq!(next_open(&split, NEW_YORK, utc("2026-12-15T17:00:00Z")), Some(utc("2026-12-15T19:00:00Z")));
    assert_eq!(
        next_open(&split, NEW_YORK, utc("2026-12-15T23:00:00Z")),
        Some(utc("2026-12-24T14:00:00Z")),
        "closed on the 22nd, open on a Thursday"
    );
    let whole = serde_json::from_value(json!([{"open": "00:00:00", "close": "00:00:00"}])).unwrap();
    split.exceptions.insert("2026-12-31".parse().unwrap(), whole);
    assert_eq!(
        span(&split, NEW_YORK, "2027-01-01T04:59:59Z"),
        between("2026-12-31T05:00:00Z", "2027-01-01T05:00:00Z"),
    );
}

#[test]
fn months_end_and_leap_days_come() {
    let mut hours = hours(daily("22:00:00", "01:00:00"));
    // Into 29 February, and from it into March.
    for (at, open, close) in [
        ("2028-02-29T05:30:00Z", "2028-02-29T03:00:00Z", "2028-02-29T06:00:00Z"),
        ("2028-03-01T05:30:00Z", "2028-03-01T03:00:00Z", "2028-03-01T06:00:00Z"),
        ("2027-03-01T05:30:00Z", "2027-03-01T03:00:00Z", "2027-03-01T06:00:00Z"),
        ("2027-01-01T05:30:00Z", "2027-01-01T03:00:00Z", "2027-01-01T06:00:00Z"),
    ] {
        assert_eq!(span(&hours, NEW_YORK, at), between(open, close), "{at}");
    }
    hours.exceptions.insert("2028-02-29".parse().unwrap(), Vec::new());
    assert_eq!(span(&hours, NEW_YORK, "2028-03-01T05:30:00Z"), None);
    assert_eq!(next_open(&hours, NEW_YORK, utc("2028-02-29T06:00:00Z")), Some(utc("2028-03-02T03:00:00Z")));
}

#[test]
fn spans_that_touch_are_one_opening() {
    let hours = hours(json!({
        "mon": [{"open": "08:00:00", "close": "12:00:00"}, {"open": "12:00:00", "close": "00:00:00"}],
        "tue": [{"open": "00:00:00", "close": "03:00:00"}],
    }));
    let night = between("2026-06-01T12:00:00Z", "2026-06-02T07:00:00Z");
    for at in ["2026-06-01T12:00:00Z", "2026-06-01T15:59:59Z", "2026-06-02T04:00:00Z", "2026-06-02T06:59:59Z"]
    {
        assert_eq!(span(&hours, NEW_YORK, at), night, "{at}");
    }
    let always: OpeningHours = serde_json::from_value(daily("00:00:00", "00:00:00")).unwrap();
    let at = utc("2026-03-08T06:59:59Z");
    let (open, close) = span_at(&always, NEW_YORK, at).unwrap();
    assert!(open <= at - TimeDelta::days(7) && close >= at + TimeDelta::days(7));
    assert!(open >= at - TimeDelta::days(9) && close <= at + TimeDelta::days(9), "it is cut somewhere");
}

#[test]
fn who_never_opens_is_not_waited_for() {
    let never = OpeningHours::default();
    let at = utc("2026-03-08T12:00:00Z");
    assert_eq!((is_open(&never, NEW_YORK, at), next_open(&never, NEW_YORK, at)), (false, None));
    let once = |day: &str| hours(json!({"exceptions": {day: [{"open": "09:00:00", "close": "17:00:00"}]}}));
    assert_eq!(next_open(&once("2027-04-11"), NEW_YORK, at), Some(utc("2027-04-11T13:00:00Z")));
    assert_eq!(next_open(&once("2027-04-15"), NEW_YORK, at), None, "that is too far ahead to be told");
}
