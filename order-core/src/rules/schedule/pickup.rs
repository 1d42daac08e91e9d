//! The moment an order is placed, and the one it is wanted for.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Serialize;

use super::hours::{close_after, moments, next_open, opening_day, store_day, wall_clock};
use super::words;
use crate::model::{Fulfillment, OrderingRules, Store};
use crate::ports::Slot;
use crate::rules::{Problems, codes};

const PICKUP: &str = "fulfillment.pickup_at";
const DAY: u32 = 24 * 60;
/// A time chosen a moment ago is not over yet: clocks differ, and a basket takes a while to be sent.
const GRACE: TimeDelta = TimeDelta::minutes(1);
/// The most days for which pick-up times are listed.
const LISTED_DAYS: u32 = 366;

/// A pick-up time on offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OfferedSlot {
    /// When it begins; what an order names as `fulfillment.pickup_at`.
    pub from: DateTime<Utc>,
    /// When it ends, at the latest with the opening.
    pub until: DateTime<Utc>,
    /// How many orders it takes; no bound when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
}

/// Why a pick-up time will not do.
enum Wrong {
    Past,
    TooSoon,
    TooFar(NaiveDate),
    Closed,
    PastCutOff(DateTime<Utc>),
    NotOffered,
}

/// Checks the moment of an order and the one it is wanted for; gives the slot it takes a place in.
pub(in crate::rules) fn check_time(
    store: &Store,
    fulfillment: &Fulfillment,
    now: DateTime<Utc>,
    in_slot: u64,
    problems: &mut Problems,
) -> Option<Slot> {
    let Some(at) = fulfillment.pickup_at else {
        check_now(store, now, problems);
        return None;
    };
    let slot = slot_of(store, fulfillment);
    match check_pickup(store, at, now) {
        Err(wrong) => explain(store, &wrong, at, now, problems),
        Ok(()) => {
            let capacity = slot.and_then(|slot| slot.capacity);
            if capacity.is_some_and(|capacity| in_slot >= u64::from(capacity)) {
                problems.add(codes::SLOT_FULL, PICKUP, "all places of that pick-up time are taken");
            }
        }
    }
    slot
}

/// The slot that a wish falls into, before anything is known about how full it is. None without slots, and none
/// for an order that is wanted as soon as it is ready: such an order takes no place.
pub(crate) fn slot_of(store: &Store, fulfillment: &Fulfillment) -> Option<Slot> {
    let rules = store.rules.ordering.slots?;
    let at = fulfillment.pickup_at?;
    let local = wall_clock(store.time_zone, at);
    let minute = minute_of(local.time());
    let begin = local.date().and_time(time_of(minute - minute.checked_rem(rules.minutes)?)?);
    let (first, last) = moments(store.time_zone, begin)?;
    let from = if last <= at { last } else { first };
    Some(Slot { from, capacity: rules.capacity })
}

/// The pick-up times that may be chosen now, earliest first: at most `most`, and none where the store offers no
/// slots. How full each is, is not looked at.
///
/// [`check`](crate::rules::check) takes every one of them at this moment, as long as it has a place left.
pub fn slots(store: &Store, now: DateTime<Utc>, most: usize) -> Vec<OfferedSlot> {
    let mut offered = Vec::new();
    let Some(rules) =
        store.rules.ordering.slots.filter(|rules| rules.minutes > 0 && rules.capacity != Some(0))
    else {
        return offered;
    };
    let hours = store.rules.hours.as_ref();
    // A day earlier, for a clock that is put back across midnight; a day later, for an opening that goes on
    // past midnight of the last day.
    let day_of = |at| store_day(store.time_zone, at);
    let first = day_of(later(now, rules.lead_minutes)).pred_opt().unwrap_or(NaiveDate::MIN);
    let ahead = Days::new(u64::from(rules.days_ahead.min(LISTED_DAYS)) + 1);
    let last = day_of(now).checked_add_days(ahead).unwrap_or(NaiveDate::MAX);
    let mut found_before = false;
    for day in first.iter_days().take_while(|day| *day <= last) {
        // Where a clock is put back across midnight, the first times of a day lie before the last of the day before:
        // one day more is looked at.
        let found = offered.len() >= most;
        if found && found_before {
            break;
        }
        found_before = found;
        // An opening reaches into the next day, and into the one after where a clock is put back across midnight.
        let begins = [Some(day), day.pred_opt(), day.pred_opt().and_then(|day| day.pred_opt())];
        if hours.is_some_and(|hours| begins.into_iter().flatten().all(|day| hours.on(day).is_empty())) {
            continue;
        }
        for minute in (0..DAY).step_by(usize::try_from(rules.minutes).unwrap_or(usize::MAX)) {
            let begin = time_of(minute).and_then(|time| moments(store.time_zone, day.and_time(time)));
            let Some((first, last)) = begin else { continue };
            let both = [Some(first), Some(last).filter(|last| *last != first)];
            for from in both.into_iter().flatten().filter(|from| *from >= now) {
                if check_pickup(store, from, now).is_ok() {
                    offered.push(OfferedSlot {
                        from,
                        until: end_of(store, from, rules.minutes),
                        capacity: rules.capacity,
                    });
                }
            }
        }
        // Times that fall into a gap are one, and those that come twice are not in order.
        offered.sort_unstable_by_key(|slot| slot.from);
        offered.dedup_by_key(|slot| slot.from);
    }
    offered.truncate(most);
    offered
}

fn end_of(store: &Store, from: DateTime<Utc>, minutes: u32) -> DateTime<Utc> {
    let until = later(from, minutes);
    let close = store.rules.hours.as_ref().and_then(|hours| close_after(hours, store.time_zone, from, until));
    close.map_or(until, |close| close.min(until))
}

/// An order that is wanted as soon as it is ready: the store must be open, and not about to close.
fn check_now(store: &Store, now: DateTime<Utc>, problems: &mut Problems) {
    let OrderingRules { cut_off_minutes, when_closed, .. } = store.rules.ordering;
    let Some(hours) = store.rules.hours.as_ref().filter(|_| !when_closed) else { return };
    let last = later(now, cut_off_minutes);
    match close_after(hours, store.time_zone, now, last) {
        None => {
            let message = opens(store, "the store is closed now", "it", now, now);
            problems.add(codes::STORE_CLOSED, "fulfillment", message);
        }
        Some(close) if close <= last => {
            let message =
                opens(store, "the last orders before closing have been taken", "the store", close, now);
            problems.add(codes::PAST_CUT_OFF, "fulfillment", message);
        }
        Some(_) => {}
    }
}

/// Whether an order placed now may be wanted for this moment. The store need not be open now: a time in an opening
/// to come is what the wish is for.
fn check_pickup(store: &Store, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Wrong> {
    let OrderingRules { cut_off_minutes, slots, .. } = store.rules.ordering;
    let (zone, hours) = (store.time_zone, store.rules.hours.as_ref());
    if at.signed_duration_since(now) < -GRACE {
        return Err(Wrong::Past);
    }
    let lead = slots.map_or(0, |slots| slots.lead_minutes);
    if lead > 0 && at < later(now, lead) {
        return Err(Wrong::TooSoon);
    }
    let days = Days::new(u64::from(store.rules.ordering.days_ahead()));
    let last = store_day(zone, now).checked_add_days(days).unwrap_or(NaiveDate::MAX);
    if store_day(zone, at) > last && opening_day(hours, zone, at) > last {
        return Err(Wrong::TooFar(last));
    }
    if let Some(hours) = hours {
        let taken_until = later(now, cut_off_minutes);
        let close = close_after(hours, zone, at, taken_until).ok_or(Wrong::Closed)?;
        if close <= taken_until {
            return Err(Wrong::PastCutOff(close));
        }
    }
    if slots.is_some() {
        let wish = Fulfillment { pickup_at: Some(at), ..Fulfillment::default() };
        if slot_of(store, &wish).is_none_or(|slot| slot.from != at) {
            return Err(Wrong::NotOffered);
        }
    }
    Ok(())
}

fn explain(store: &Store, wrong: &Wrong, at: DateTime<Utc>, now: DateTime<Utc>, problems: &mut Problems) {
    let slots = store.rules.ordering.slots;
    let (code, message) = match wrong {
        Wrong::Past => (codes::PICKUP_IN_PAST, "that pick-up time is over; choose a later one".to_owned()),
        Wrong::TooSoon => {
            let lead = words::minutes(slots.map_or(0, |slots| slots.lead_minutes));
            (
                codes::PICKUP_TOO_SOON,
                format!("the store needs {lead} to prepare an order; choose a later time"),
            )
        }
        Wrong::TooFar(last) if *last == store_day(store.time_zone, now) => {
            (codes::PICKUP_TOO_FAR, "choose a pick-up time today".to_owned())
        }
        Wrong::TooFar(last) => {
            (codes::PICKUP_TOO_FAR, format!("choose a pick-up time until {}", words::day(*last)))
        }
        Wrong::Closed => (codes::STORE_CLOSED, opens(store, "the store is closed then", "it", at, now)),
        Wrong::PastCutOff(close) => {
            let what = "the last orders for that day have been taken";
            (codes::PAST_CUT_OFF, opens(store, what, "the store", *close, now))
        }
        Wrong::NotOffered => {
            let every = words::minutes(slots.map_or(0, |slots| slots.minutes));
            (
                codes::PICKUP_NOT_OFFERED,
                format!("choose one of the pick-up times on offer, one every {every}"),
            )
        }
    };
    problems.add(code, PICKUP, message);
}

/// A sentence with the next opening behind it, in the store's time.
fn opens(store: &Store, what: &str, who: &str, after: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let next = store.rules.hours.as_ref().and_then(|hours| next_open(hours, store.time_zone, after));
    match next {
        Some(next) => format!("{what}; {who} opens {}", words::moment(store.time_zone, next, now)),
        None => what.to_owned(),
    }
}

fn later(at: DateTime<Utc>, minutes: u32) -> DateTime<Utc> {
    at.checked_add_signed(TimeDelta::minutes(i64::from(minutes))).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn minute_of(time: NaiveTime) -> u32 {
    use chrono::Timelike as _;
    time.num_seconds_from_midnight() / 60
}

fn time_of(minute: u32) -> Option<NaiveTime> {
    NaiveTime::from_hms_opt(minute / 60, minute % 60, 0)
}
