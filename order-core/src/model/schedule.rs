//! Whether what a store decided about its times makes sense.

use chrono::{NaiveDate, NaiveTime, Timelike as _};
use thiserror::Error;

use super::{OpenSpan, OpeningHours, OrderingRules, Rate};

const DAY_MINUTES: u32 = 24 * 60;
const DAY_SECONDS: u32 = DAY_MINUTES * 60;
/// The most days ahead.
const MOST_DAYS_AHEAD: u32 = 366;
/// How many days ahead may be wished for where no slots are set.
const DAYS_AHEAD_WITHOUT_SLOTS: u32 = 1;

/// Why a store's times make no sense.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// Two spans of opening hours overlap. Those that touch do not.
    #[error("the opening hours overlap on {0}")]
    Overlap(String),
    /// The cut-off is longer than a day.
    #[error("a cut-off of {0} minutes is longer than a day")]
    CutOffTooLong(u32),
    /// A slot has no length.
    #[error("a pick-up slot must be at least one minute long")]
    EmptySlot,
    /// Slots are counted from midnight, so the last one of a day would be cut short.
    #[error("pick-up slots of {0} minutes do not divide the day; take 10, 15, 20, 30 or 60, for example")]
    UnevenSlot(u32),
    /// A slot takes no order.
    #[error("a pick-up slot must take at least one order; leave the capacity out for no bound")]
    NoCapacity,
    /// Further ahead than a year.
    #[error("{0} days ahead are too many; {MOST_DAYS_AHEAD} are the most")]
    TooManyDaysAhead(u32),
    /// The store needs longer to prepare than may be ordered ahead, so that no slot would ever be on offer.
    #[error("a lead of {0} minutes leaves no pick-up time within the days ahead")]
    LeadTooLong(u32),
    /// A rate lets no order through, or counts over no time.
    #[error("{0}: a rate must allow at least one order in at least one minute")]
    EmptyRate(&'static str),
}

impl OpeningHours {
    /// Whether the hours make sense. A day without a span is a day closed, and a store may be closed on every day.
    ///
    /// # Errors
    /// [`ScheduleError::Overlap`]
    pub fn check(&self) -> Result<(), ScheduleError> {
        let week = [
            ("Monday", &self.mon),
            ("Tuesday", &self.tue),
            ("Wednesday", &self.wed),
            ("Thursday", &self.thu),
            ("Friday", &self.fri),
            ("Saturday", &self.sat),
            ("Sunday", &self.sun),
        ];
        let next = week.iter().cycle().skip(1);
        for ((name, spans), (_, following)) in week.iter().zip(next) {
            if overlap(spans, following) {
                return Err(ScheduleError::Overlap((*name).to_owned()));
            }
        }
        for (day, spans) in &self.exceptions {
            let on = |day: Option<NaiveDate>| day.map_or(&[][..], |day| self.on(day));
            if overlap(spans, on(day.succ_opt())) || spill_over(on(day.pred_opt()), spans) {
                return Err(ScheduleError::Overlap(day.to_string()));
            }
        }
        Ok(())
    }
}

impl OrderingRules {
    /// How many days ahead of today an order may be wanted, in the store's time. Where no slots are set that is one:
    /// today or tomorrow, about as long as an order is kept.
    pub fn days_ahead(&self) -> u32 {
        self.slots.map_or(DAYS_AHEAD_WITHOUT_SLOTS, |slots| slots.days_ahead)
    }

    /// Whether the rules make sense.
    ///
    /// # Errors
    /// [`ScheduleError`], the first that is found.
    pub fn check(&self) -> Result<(), ScheduleError> {
        if self.cut_off_minutes > DAY_MINUTES {
            return Err(ScheduleError::CutOffTooLong(self.cut_off_minutes));
        }
        if let Some(slots) = self.slots {
            if slots.minutes == 0 {
                return Err(ScheduleError::EmptySlot);
            }
            if !DAY_MINUTES.is_multiple_of(slots.minutes) {
                return Err(ScheduleError::UnevenSlot(slots.minutes));
            }
            if slots.capacity == Some(0) {
                return Err(ScheduleError::NoCapacity);
            }
            if slots.days_ahead > MOST_DAYS_AHEAD {
                return Err(ScheduleError::TooManyDaysAhead(slots.days_ahead));
            }
            if slots.lead_minutes >= (slots.days_ahead + 1) * DAY_MINUTES {
                return Err(ScheduleError::LeadTooLong(slots.lead_minutes));
            }
        }
        let empty = |rate: Option<Rate>| rate.is_some_and(|rate| rate.orders == 0 || rate.minutes == 0);
        for (name, rate) in [("per_kiosk", self.per_kiosk), ("per_phone", self.per_phone)] {
            if empty(rate) {
                return Err(ScheduleError::EmptyRate(name));
            }
        }
        Ok(())
    }
}

/// From when until when, in seconds of the day it begins on.
fn bounds(span: &OpenSpan) -> (u32, u32) {
    let seconds = |time: NaiveTime| time.num_seconds_from_midnight();
    let (open, close) = (seconds(span.open), seconds(span.close));
    (open, if span.close > span.open { close } else { close + DAY_SECONDS })
}

/// Whether spans of one day overlap each other, or run into those of the next.
fn overlap(spans: &[OpenSpan], next: &[OpenSpan]) -> bool {
    let each_other = spans.iter().enumerate().any(|(at, one)| {
        let (open, close) = bounds(one);
        spans.iter().skip(at + 1).map(bounds).any(|(from, until)| open < until && from < close)
    });
    each_other || spill_over(spans, next)
}

/// Whether spans of one day run into those of the next.
fn spill_over(spans: &[OpenSpan], next: &[OpenSpan]) -> bool {
    let latest = spans.iter().map(|span| bounds(span).1).max().unwrap_or_default();
    next.iter().any(|span| bounds(span).0 + DAY_SECONDS < latest)
}
