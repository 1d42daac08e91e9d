//! The business status: what the store is doing with the order.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::InvalidId;

/// The business status of an order. Meaning is added by reason codes, never by new words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Waits until staff have seen an ID or a medical card.
    VerificationPending,
    /// Waits for staff to start.
    AwaitingProcessing,
    /// Somebody is picking it.
    InProcess,
    /// Packed, waits for the customer.
    PackedReady,
    /// With the driver.
    OutForDelivery,
    /// Handed over.
    Completed,
    /// Will not be handed over.
    Canceled,
    /// A voided, duplicate or test record, hidden from normal lists.
    Removed,
}

impl Status {
    /// All, in the order an order usually passes them.
    pub const ALL: [Self; 8] = [
        Self::VerificationPending,
        Self::AwaitingProcessing,
        Self::InProcess,
        Self::PackedReady,
        Self::OutForDelivery,
        Self::Completed,
        Self::Canceled,
        Self::Removed,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerificationPending => "VERIFICATION_PENDING",
            Self::AwaitingProcessing => "AWAITING_PROCESSING",
            Self::InProcess => "IN_PROCESS",
            Self::PackedReady => "PACKED_READY",
            Self::OutForDelivery => "OUT_FOR_DELIVERY",
            Self::Completed => "COMPLETED",
            Self::Canceled => "CANCELED",
            Self::Removed => "REMOVED",
        }
    }

    /// Whether the order still wants something from the store.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Completed | Self::Canceled | Self::Removed)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(InvalidId::new("status", "one of the eight status words, such as IN_PROCESS"))
    }
}
