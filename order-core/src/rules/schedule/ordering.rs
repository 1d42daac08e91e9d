//! Whether the store takes orders at all, and how many from whom.

use chrono::{DateTime, Utc};

use super::words;
use crate::model::{Capabilities, OrderCustomer, Rate, Status, Store};
use crate::ports::Standing;
use crate::rules::customer::proves_identity;
use crate::rules::{Problems, codes, same_customer};

/// Checks that the store takes orders, and how many this kiosk and this phone have placed.
/// `per_kiosk` and `per_phone` are how many they placed within the time the store's rates name.
pub(in crate::rules) fn check_ordering(
    store: &Store,
    standing: &Standing,
    per_kiosk: Option<u64>,
    per_phone: Option<u64>,
    now: DateTime<Utc>,
    problems: &mut Problems,
) {
    if let Some(pause) = standing.pause.as_ref().filter(|pause| pause.holds_at(now)) {
        let message = match pause.until {
            Some(until) => {
                format!("the store takes no orders until {}", words::moment(store.time_zone, until, now))
            }
            None => "the store takes no orders at the moment; see a staff member".to_owned(),
        };
        problems.add(codes::STORE_PAUSED, "store", message);
    }
    let ordering = &store.rules.ordering;
    for (placed, rate, path, who) in [
        (per_kiosk, ordering.per_kiosk, "kiosk", "one kiosk"),
        (per_phone, ordering.per_phone, "customer.phone", "one phone number"),
    ] {
        let (Some(placed), Some(Rate { orders, minutes })) = (placed, rate) else { continue };
        if placed >= u64::from(orders) {
            let (most, time) = (words::counted(orders, "order"), words::minutes(minutes));
            let message = format!(
                "{who} may place {most} in {time}; try again later, in {time} at the latest, or see a staff member"
            );
            problems.add(codes::TOO_MANY_ORDERS, path, message);
        }
    }
}

/// Checks that the customer has no open order, where one is all they may have.
///
/// Every open order counts, also one that is being picked or waits to be collected: what the store, or its POS, wants
/// is one at a time. One that can still be added to is named first, since that is what helps. A code lets whoever
/// knows it see the order, so it is told only to somebody who gave the order's birth date, card or customer id too;
/// a phone number or an e-mail address alone may be another's.
pub(in crate::rules) fn check_one_open(
    store: &Store,
    customer: &OrderCustomer,
    standing: &Standing,
    pos: Option<Capabilities>,
    problems: &mut Problems,
) {
    if !store.rules.ordering.one_open_order && !pos.is_some_and(|able| able.one_open_order) {
        return;
    }
    let mut open = standing
        .orders
        .iter()
        .filter(|order| order.status.is_open() && same_customer(customer, &order.customer))
        .peekable();
    let Some(first) = open.peek().copied() else { return };
    let early = |status| matches!(status, Status::VerificationPending | Status::AwaitingProcessing);
    if !proves_identity(customer, &first.customer) {
        let message = "there is an open order with this phone or e-mail already: see a staff member";
        problems.add(codes::OPEN_ORDER_EXISTS, "customer", message);
        return;
    }
    let message = match open.find(|order| early(order.status) && order.pos_lets_lines_change(pos)) {
        Some(order) => {
            format!("there is an open order already: add to order {} instead of placing another", order.code)
        }
        None => format!(
            "there is an open order already, and it can no longer be added to: see a staff member about order {}",
            first.code
        ),
    };
    problems.add(codes::OPEN_ORDER_EXISTS, "customer", message);
}
