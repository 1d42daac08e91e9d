//! Why something was done.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::InvalidId;

/// Why an order was cancelled, sent back, forced on or removed. A closed list, so that figures can be made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The customer asked for it.
    CustomerRequest,
    /// The shelf does not have it.
    OutOfStock,
    /// The payment did not work out.
    Payment,
    /// A purchase limit stands against it.
    ComplianceLimit,
    /// The ID, the age or the medical card did not pass.
    FailedVerification,
    /// Nobody came for it in time.
    NotCollected,
    /// The store's own doing: closing, outage, mistake.
    StoreOperations,
    /// The same order exists already.
    Duplicate,
    /// The POS refused it.
    PosRejected,
    /// It was a test.
    Test,
}

impl ReasonCode {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::CustomerRequest,
        Self::OutOfStock,
        Self::Payment,
        Self::ComplianceLimit,
        Self::FailedVerification,
        Self::NotCollected,
        Self::StoreOperations,
        Self::Duplicate,
        Self::PosRejected,
        Self::Test,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerRequest => "customer_request",
            Self::OutOfStock => "out_of_stock",
            Self::Payment => "payment",
            Self::ComplianceLimit => "compliance_limit",
            Self::FailedVerification => "failed_verification",
            Self::NotCollected => "not_collected",
            Self::StoreOperations => "store_operations",
            Self::Duplicate => "duplicate",
            Self::PosRejected => "pos_rejected",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ReasonCode {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or(InvalidId::new("reason", "one of the ten reason codes, such as customer_request"))
    }
}
