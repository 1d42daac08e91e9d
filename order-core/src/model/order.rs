//! The order itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ActorId, Capabilities, Fulfillment, KioskId, LineId, Note, OrderCode, OrderCustomer, OrderId, OrderItem,
    PaymentStatus, PickState, PosState, PosTrack, ProductId, ReasonCode, Revision, Status, StoreId, Totals,
    VariantId, Version,
};

/// That somebody saw the customer's ID. Who and when; never a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdCheck {
    /// Who saw it.
    pub by: ActorId,
    /// When.
    pub at: DateTime<Utc>,
}

/// That a ticket was printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// The printer's or relay's own id of the print, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What staff should know about how an order was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderWarning {
    /// A stock figure was older than the store trusts: look at the shelf first.
    StaleStock,
    /// Several customers in the POS fit: ask who it is.
    AmbiguousCustomer,
}

/// That a manager let an order pass over soft limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitOverride {
    /// The rules, by id.
    pub rules: Vec<String>,
    /// Who.
    pub by: ActorId,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub note: Note,
}

/// An order as it stands now: the sum of its events.
///
/// Its JSON is also the shape hosts show to staff. Money fields are decimal strings in
/// `totals.currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Our id.
    pub id: OrderId,
    /// The short code the customer is called by.
    pub code: OrderCode,
    /// The store it belongs to.
    pub store: StoreId,
    /// The kiosk it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kiosk: Option<KioskId>,
    /// How often it changed in a way people must have seen before they act.
    pub version: Version,
    /// How many events it has had.
    pub revision: Revision,
    /// The business status.
    pub status: Status,
    /// Why it is cancelled or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonCode>,
    /// Where it stands with the POS.
    pub pos: PosTrack,
    /// Where the money stands.
    pub payment: PaymentStatus,
    /// The lines.
    pub items: Vec<OrderItem>,
    /// The highest line number ever given out, so that none comes back with another meaning.
    #[serde(default)]
    pub last_line: LineId,
    /// The sums.
    pub totals: Totals,
    /// The sums the customer agreed to when ordering.
    pub quoted: Totals,
    /// Who ordered.
    pub customer: OrderCustomer,
    /// How it is handed over.
    pub fulfillment: Fulfillment,
    /// The coupon entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_code: Option<String>,
    /// What the customer wants staff to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// Who is picking it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picker: Option<ActorId>,
    /// That the ID was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_check: Option<IdCheck>,
    /// That it was printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub printed: Option<Printed>,
    /// Staff asked a manager to cancel it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancel_requested: bool,
    /// When it was cancelled, for the reopening window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canceled_at: Option<DateTime<Utc>>,
    /// When it was handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<DateTime<Utc>>,
    /// What staff should know about how it was taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<OrderWarning>,
    /// The soft limits it was let pass over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<LimitOverride>,
    /// When it was placed.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Order {
    /// The line with this number.
    pub fn item(&self, id: LineId) -> Option<&OrderItem> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The live line of this product in this size.
    pub fn line_of(&self, product: &ProductId, variant: Option<&VariantId>) -> Option<&OrderItem> {
        self.items
            .iter()
            .find(|item| item.pick != PickState::Removed && item.is_same_product(product, variant))
    }

    /// The first line number never used in this order.
    pub fn next_line(&self) -> LineId {
        self.items.iter().map(|item| item.id).fold(self.last_line, LineId::max).next()
    }

    /// Whether the prices of its lines have the tax in them.
    pub fn tax_included(&self) -> bool {
        self.items.iter().any(|item| item.tax_included)
    }

    /// Whether the POS, being able to do this, lets lines be added or changed: it does not have the order yet, or can
    /// edit it.
    pub fn pos_lets_lines_change(&self, able: Option<Capabilities>) -> bool {
        match self.pos.state {
            PosState::NotRequired | PosState::Queued | PosState::Retrying => true,
            PosState::Sending | PosState::Unknown | PosState::Accepted | PosState::UpdatePending => {
                able.is_some_and(|able| able.edit)
            }
            // A refused order is corrected here and then sent again.
            PosState::Rejected | PosState::Attention => self.pos.id.is_none(),
            _ => false,
        }
    }

    /// Whether a person must look: at the POS side, or at a cancel that staff asked for.
    pub fn needs_attention(&self) -> bool {
        self.pos.state.needs_person()
            || self.pos.attention.is_some()
            || (self.cancel_requested && self.status.is_open())
    }
}
