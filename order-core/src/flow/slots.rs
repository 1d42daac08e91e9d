//! The pick-up times a kiosk may offer.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::build::OrderFlow;
use super::error::FlowError;
use crate::access::{Caller, Permission};
use crate::model::StoreId;
use crate::ports::StandingQuery;
use crate::rules::slots;

/// The most pick-up times told at once.
const MOST: usize = 100;

/// A pick-up time with a place left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PickupTime {
    /// From when; what an order names as its `pickup_at`.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// How many orders it still takes; none where the store sets no bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<u64>,
}

impl OrderFlow {
    /// The pick-up times that may be chosen now, earliest first, full ones left out. Empty where the store offers
    /// none. Whether there is still a place is decided when the order is placed.
    ///
    /// # Errors
    /// [`FlowError::NoSuchStore`] also for another's store; [`FlowError::Forbidden`].
    pub async fn pickup_times(&self, caller: &Caller, store: &StoreId) -> Result<Vec<PickupTime>, FlowError> {
        let setup = self.store_for(caller, Permission::Quote, store)?;
        let now = self.0.clock.now();
        let capacity = setup.store.rules.ordering.slots.and_then(|slots| slots.capacity);
        let mut times = Vec::new();
        for slot in slots(&setup.store, now, MOST) {
            let left = match capacity {
                None => None,
                Some(capacity) => {
                    let query = StandingQuery {
                        store: store.clone(),
                        customer: Vec::new(),
                        since: now,
                        counts: Vec::new(),
                        slot: Some(slot.from),
                    };
                    let taken = self.0.orders.standing(&query).await?.in_slot;
                    Some(u64::from(capacity).saturating_sub(taken))
                }
            };
            if left != Some(0) {
                times.push(PickupTime { from: slot.from, until: slot.until, left });
            }
        }
        Ok(times)
    }
}
