//! The payment axis.

use serde::{Deserialize, Serialize};

/// Where the money of an order stands. We never move money; we record what we are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Nothing paid yet.
    #[default]
    Unpaid,
    /// A payment is under way.
    Pending,
    /// Paid in full.
    Paid,
    /// Paid back.
    Refunded,
    /// Taken back before it settled.
    Voided,
    /// A payment was tried and did not go through.
    Failed,
}

impl PaymentStatus {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Refunded => "refunded",
            Self::Voided => "voided",
            Self::Failed => "failed",
        }
    }

    /// The states that may follow: unpaid, pending, paid, then refunded or voided; a failure may be retried.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Unpaid => &[Self::Pending, Self::Paid, Self::Failed],
            Self::Pending => &[Self::Paid, Self::Failed, Self::Voided],
            Self::Failed => &[Self::Pending, Self::Paid],
            Self::Paid => &[Self::Refunded, Self::Voided],
            Self::Refunded | Self::Voided => &[],
        }
    }
}
