//! What a customer may see of their own order.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    Order, OrderCode, OrderItem, PaymentStatus, Personal, PickState, Quantity, ReasonCode, Status, Totals,
};

/// A line as the customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerLine {
    /// What it is called.
    pub name: String,
    /// The size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// How much was ordered.
    pub quantity: Quantity,
    /// Its sum before tax.
    pub line_total: Decimal,
    /// How far it is gathered.
    pub pick: PickState,
}

impl From<&OrderItem> for CustomerLine {
    fn from(item: &OrderItem) -> Self {
        Self {
            name: item.name.clone(),
            size: item.size.clone(),
            quantity: item.quantity,
            line_total: item.line_total,
            pick: item.pick,
        }
    }
}

/// An order as its customer may see it: no staff names, no POS internals, no contact data.
///
/// Anyone who knows the code can ask for it, so it names the customer only as they are called out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerOrder {
    /// The code to be called by.
    pub code: OrderCode,
    /// The business status.
    pub status: Status,
    /// Why it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonCode>,
    /// How the customer is called out: first name and initial.
    pub called: Personal,
    /// The lines.
    pub items: Vec<CustomerLine>,
    /// The sums.
    pub totals: Totals,
    /// Where the money stands.
    pub payment: PaymentStatus,
    /// True when staff have to sort something out with the POS; the order stands all the same.
    pub staff_will_help: bool,
    /// When it was placed.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<&Order> for CustomerOrder {
    fn from(order: &Order) -> Self {
        Self {
            code: order.code,
            status: order.status,
            reason: order.reason,
            called: order.customer.called(),
            items: order.items.iter().map(CustomerLine::from).collect(),
            totals: order.totals,
            payment: order.payment,
            staff_will_help: order.status.is_open() && order.pos.state.needs_person(),
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}
