//! How the order reaches the customer.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The way of handing over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfillmentKind {
    /// The customer collects it in the store.
    #[default]
    Pickup,
    /// A driver brings it.
    Delivery,
}

impl FulfillmentKind {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pickup => "pickup",
            Self::Delivery => "delivery",
        }
    }
}

/// How and when the order is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fulfillment {
    /// The way of handing over.
    #[serde(rename = "type")]
    pub kind: FulfillmentKind,
    /// When the customer wants to come; as soon as it is ready when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_at: Option<DateTime<Utc>>,
}
