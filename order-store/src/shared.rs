//! What every store here decides alike, so that they cannot drift apart.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_core::model::{Order, Pause, Revision, Status};
use order_core::ports::{Commit, Hold, Holds, Position, Sku, StoreError};
use rust_decimal::Decimal;

/// The most orders on one page of a search.
pub(crate) const MAX_PAGE: usize = 500;

/// What no longer counts as one of a customer's orders, nor takes a place in a slot.
pub(crate) const GONE: [Status; 2] = [Status::Canceled, Status::Removed];

/// A moment as stores compare it.
pub(crate) const fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// The moment back from its stored form.
pub(crate) fn moment(micros: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::Corrupt("a stored moment is out of range".into()))
}

/// When a lease taken at `now` ends; the last representable moment when it is longer than time.
pub(crate) fn lease_end(now: DateTime<Utc>, lease: Duration) -> i64 {
    let lease = i64::try_from(lease.as_micros()).unwrap_or(i64::MAX);
    micros(now).saturating_add(lease).min(micros(DateTime::<Utc>::MAX_UTC))
}

/// Refuses a commit that no store may write, whatever it holds already.
pub(crate) fn check_shape(commit: &Commit) -> Result<(), StoreError> {
    let wrong = |what: &str| Err(StoreError::Corrupt(format!("the commit is not well formed: {what}")));
    if commit.expected.is_none() && commit.events.is_empty() {
        return wrong("a new order needs its first event");
    }
    let mut revision = commit.expected.unwrap_or_default();
    for event in &commit.events {
        revision = revision.next();
        if event.order != commit.order.id {
            return wrong("an event belongs to another order");
        }
        if event.revision != revision {
            return wrong("the revisions of its events do not follow on from the expected revision");
        }
    }
    if commit.order.revision != revision {
        return wrong("the snapshot's revision is not that of its last event");
    }
    if commit.submission.as_ref().is_some_and(|submission| submission.order != commit.order.id) {
        return wrong("the submission names another order");
    }
    if let Holds::Set(holds) = &commit.holds
        && holds.iter().any(|hold| hold.quantity.is_sign_negative() && !hold.quantity.is_zero())
    {
        return wrong("a hold is negative");
    }
    Ok(())
}

/// Refuses a snapshot that turns an order into another one.
pub(crate) fn check_identity(same_store: bool, same_code: bool) -> Result<(), StoreError> {
    if same_store && same_code {
        Ok(())
    } else {
        Err(StoreError::Corrupt(
            "the commit is not well formed: an order keeps its store and its code".into(),
        ))
    }
}

/// Compares revisions.
pub(crate) fn check_revision(expected: Revision, actual: Revision) -> Result<(), StoreError> {
    if expected == actual { Ok(()) } else { Err(StoreError::Conflict { expected, actual }) }
}

/// Whether a customer's orders are still as they were seen.
pub(crate) fn check_mark(seen: Position, mark: Position) -> Result<(), StoreError> {
    if mark > seen { Err(StoreError::CustomerBusy) } else { Ok(()) }
}

/// Whether a slot takes one more.
pub(crate) fn check_slot(capacity: u32, taken: u64) -> Result<(), StoreError> {
    if taken < u64::from(capacity) { Ok(()) } else { Err(StoreError::SlotFull) }
}

/// Sorts by when orders were placed.
pub(crate) fn earliest_first(orders: &mut [Order]) {
    orders.sort_unstable_by_key(|order| (micros(order.created_at), order.id));
}

/// A pause from its stored form.
pub(crate) fn pause((since, until): (i64, Option<i64>)) -> Result<Pause, StoreError> {
    Ok(Pause { since: moment(since)?, until: until.map(moment).transpose()? })
}

/// The whole quantity wanted of each sku: several lines of one sku add up.
pub(crate) fn wanted(holds: &[Hold]) -> BTreeMap<&Sku, Decimal> {
    let mut wanted = BTreeMap::new();
    for hold in holds {
        let sum: &mut Decimal = wanted.entry(&hold.sku).or_default();
        *sum = sum.saturating_add(hold.quantity);
    }
    wanted
}

/// Whether the quantity wanted fits beside what others hold.
pub(crate) fn check_stock(
    sku: &Sku,
    available: Decimal,
    others: Decimal,
    wanted: Decimal,
) -> Result<(), StoreError> {
    if others.saturating_add(wanted) <= available {
        return Ok(());
    }
    Err(StoreError::OutOfStock {
        sku: sku.clone(),
        left: available.saturating_sub(others).max(Decimal::ZERO),
    })
}

/// Whether a hold is not contained in a stock figure taken at `as_of`.
#[cfg(feature = "memory")]
pub(crate) fn still_counts(handed_over: Option<i64>, as_of: i64) -> bool {
    handed_over.is_none_or(|at| at >= as_of)
}

/// Lower case character by character, so that a part of a text folds to a part of the folded text; white
/// space and control characters become single spaces.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

/// Everything an order can be found by, one field a line. A folded query has no line breaks, so it never
/// matches across fields.
pub(crate) fn haystack(order: &Order) -> String {
    let customer = &order.customer;
    let code = order.code.to_string();
    let mut text = format!("{}\n{}", fold(&code), fold(&code.replace('-', "")));
    let name = format!("{} {}", customer.first_name.reveal(), customer.last_name.reveal());
    let fields = [
        order.pos.number.as_deref(),
        Some(name.as_str()),
        customer.phone.as_ref().map(|phone| phone.reveal()),
        customer.email.as_ref().map(|email| email.reveal()),
    ];
    let products = order.items.iter().flat_map(|item| {
        [Some(item.name.as_str()), item.substitute.as_ref().map(|substitute| substitute.name.as_str())]
    });
    for field in fields.into_iter().chain(products).flatten() {
        text.push('\n');
        text.push_str(&fold(field));
    }
    text
}

/// What is looked for; none when the text says nothing.
pub(crate) fn needle(text: Option<&str>) -> Option<String> {
    text.map(fold).filter(|folded| !folded.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_keeps_parts_parts() {
        assert_eq!(fold("  Élan\tVITAL \n"), "élan vital");
        assert!(fold("ΟΔΟΣ ΣΟΦΙΑΣ").contains(&fold("ΟΔΟΣ")));
        assert_eq!(needle(Some(" \n ")), None);
    }

    #[test]
    fn a_lease_longer_than_time_ends_at_its_end() {
        let end = lease_end(DateTime::<Utc>::MIN_UTC, Duration::MAX);
        assert!(moment(end).is_ok());
    }
}
