//! Opening hours as moments: what a clock on the store's wall means in UTC, also on the days it is changed.

use chrono::{DateTime, Days, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use crate::model::OpeningHours;

/// How many days [`next_open`] looks ahead.
const SEARCH_DAYS: usize = 400;
/// How far [`span_at`] follows an opening either way.
const REACH: TimeDelta = TimeDelta::days(7);

/// The date in the store's zone.
pub fn store_day(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    wall_clock(zone, at).date()
}

/// What the clock on the store's wall shows. At the very ends of the calendar it shows UTC.
pub(super) fn wall_clock(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    let utc = at.naive_utc();
    utc.checked_add_offset(zone.offset_from_utc_datetime(&utc).fix()).unwrap_or(utc)
}

/// The first and the last moment at which that clock shows this: two when it is put back over it, the first after
/// the gap when it is put forward over it. None beyond the ends of the calendar.
pub(super) fn moments(zone: Tz, local: NaiveDateTime) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => Some((at.to_utc(), at.to_utc())),
        MappedLocalTime::Ambiguous(one, other) => Some((one.min(other).to_utc(), one.max(other).to_utc())),
        MappedLocalTime::None => {
            let after = GapInfo::new(&local, &zone)?.end?.to_utc();
            Some((after, after))
        }
    }
}

/// The spans that begin on this day, as moments; those that fall into a gap have no length and are left out.
fn begun_on(
    hours: &OpeningHours,
    zone: Tz,
    day: NaiveDate,
) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
    hours.on(day).iter().filter_map(move |span| {
        let ends = if span.close > span.open { day } else { day.succ_opt()? };
        let (open, _) = moments(zone, day.and_time(span.open))?;
        let (_, close) = moments(zone, ends.and_time(span.close))?;
        (open < close).then_some((open, close))
    })
}

/// The days on which a span must begin to be under way at this moment. One would think of two; a clock that is put
/// back across midnight makes it four.
fn days_around(zone: Tz, at: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
    let first = store_day(zone, at).checked_sub_days(Days::new(2)).unwrap_or(NaiveDate::MIN);
    first.iter_days().take(4)
}

fn around(
    hours: &OpeningHours,
    zone: Tz,
    at: DateTime<Utc>,
) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
    days_around(zone, at).flat_map(move |day| begun_on(hours, zone, day))
}

/// Whether the store is open. The moment of opening counts, the moment of closing does not.
pub fn is_open(hours: &OpeningHours, zone: Tz, at: DateTime<Utc>) -> bool {
    around(hours, zone, at).any(|(open, close)| open <= at && at < close)
}

/// The opening under way at this moment, from when until when; none while the store is closed.
///
/// Spans that touch are one opening, so a store that is open round the clock does not close at midnight. An opening
/// is followed for about a week either way and cut there.
pub fn span_at(hours: &OpeningHours, zone: Tz, at: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let enough = at.checked_add_signed(REACH).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let close = close_after(hours, zone, at, enough)?;
    let enough = at.checked_sub_signed(REACH).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let mut open = at;
    while let Some(earlier) = around(hours, zone, open)
        .filter(|(from, until)| *from < open && open <= *until)
        .map(|(from, _)| from)
        .min()
    {
        open = earlier;
        if open < enough {
            break;
        }
    }
    Some((open, close))
}

/// When the opening under way at this moment ends; none while the store is closed. It is followed no further than
/// needed to tell that it ends after `enough`.
pub(super) fn close_after(
    hours: &OpeningHours,
    zone: Tz,
    at: DateTime<Utc>,
    enough: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let runs_at = |at: DateTime<Utc>| {
        around(hours, zone, at)
            .filter(|(open, close)| *open <= at && at < *close)
            .map(|(_, close)| close)
            .max()
    };
    let mut close = runs_at(at)?;
    while close <= enough {
        match runs_at(close) {
            Some(later) => close = later,
            None => break,
        }
    }
    Some(close)
}

/// The first moment, from this one on, at which the store is open: this one itself when it is open now. None when it
/// does not open within 400 days.
pub fn next_open(hours: &OpeningHours, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let first = days_around(zone, after).next()?;
    first.iter_days().take(SEARCH_DAYS + 3).find_map(|day| {
        begun_on(hours, zone, day).filter(|(_, close)| *close > after).map(|(open, _)| open.max(after)).min()
    })
}

/// The day whose opening this moment falls into: after midnight that is the day before for as long as its span goes
/// on. While the store is closed, the date.
pub(super) fn opening_day(hours: Option<&OpeningHours>, zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    let begun = hours.and_then(|hours| {
        days_around(zone, at)
            .find(|day| begun_on(hours, zone, *day).any(|(open, close)| open <= at && at < close))
    });
    begun.unwrap_or_else(|| store_day(zone, at))
}
