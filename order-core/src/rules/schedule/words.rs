//! Times as a kiosk says them.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::hours::wall_clock;

/// A moment as it is said at another: `today 9:00 AM`, within the week `Monday 9:00 AM`, then with the date.
pub(super) fn moment(zone: Tz, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (at, today) = (wall_clock(zone, at), wall_clock(zone, now).date());
    let pattern = match at.date().signed_duration_since(today).num_days() {
        0 => "today %-I:%M %p",
        1..=6 => "%A %-I:%M %p",
        _ => "%A, %B %-d, %-I:%M %p",
    };
    at.format(pattern).to_string()
}

/// A day with its date.
pub(super) fn day(day: NaiveDate) -> String {
    day.format("%A, %B %-d").to_string()
}

/// A length of time in the largest unit it is whole in.
pub(super) fn minutes(minutes: u32) -> String {
    match minutes {
        1440.. if minutes.is_multiple_of(1440) => counted(minutes / 1440, "day"),
        60.. if minutes.is_multiple_of(60) => counted(minutes / 60, "hour"),
        _ => counted(minutes, "minute"),
    }
}

/// So many of something.
pub(super) fn counted(count: u32, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
