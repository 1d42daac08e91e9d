//! When may be ordered: opening hours, cut-off, pick-up slots; how often; and whether the store takes orders at all.

use chrono::{DateTime, Utc};

use super::{Problems, codes};
use crate::model::{Fulfillment, OrderCustomer, Store};
use crate::ports::{Slot, Standing};

/// Checks the moment of an order and the one it is wanted for; gives the slot it takes a place in.
pub(super) fn check_time(
    store: &Store,
    fulfillment: &Fulfillment,
    now: DateTime<Utc>,
    in_slot: u64,
    problems: &mut Problems,
) -> Option<Slot> {
    let _ = (store, fulfillment, now, in_slot, problems);
    None
}

/// The slot a wish falls into, before anything is known about how full it is.
pub(crate) fn slot_of(store: &Store, fulfillment: &Fulfillment) -> Option<Slot> {
    let _ = (store, fulfillment);
    None
}

/// Checks that the store takes orders, and how many this kiosk and this phone have placed.
/// `per_kiosk` and `per_phone` are how many they placed within the time the store's rates name.
pub(super) fn check_ordering(
    store: &Store,
    standing: &Standing,
    per_kiosk: Option<u64>,
    per_phone: Option<u64>,
    now: DateTime<Utc>,
    problems: &mut Problems,
) {
    let _ = (store, standing, per_kiosk, per_phone, now, codes::REQUIRED, problems);
}

/// Checks that the customer has no open order, where one is all they may have.
pub(super) fn check_one_open(
    store: &Store,
    customer: &OrderCustomer,
    standing: &Standing,
    pos_insists: bool,
    problems: &mut Problems,
) {
    let _ = (store, customer, standing, pos_insists, problems);
}
