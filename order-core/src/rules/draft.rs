//! An order as a customer asks for it, before anything is checked.

use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use super::Problems;
use crate::model::{CustomerKind, FulfillmentKind, Personal, Residency};

/// Who orders.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CustomerDraft {
    /// The customer's id in the POS, when the kiosk found it.
    pub id: Option<String>,
    /// Given name.
    pub first_name: Personal,
    /// Family name.
    pub last_name: Personal,
    /// Phone, in any usual form.
    pub phone: Option<Personal>,
    /// E-mail.
    pub email: Option<Personal>,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: Option<Personal>,
    /// Adult-use, medical or caregiver.
    pub kind: CustomerKind,
    /// Where they live, when they said so.
    pub residency: Option<Residency>,
    /// The number of their medical card.
    pub medical_card: Option<Personal>,
    /// The last day that card is valid, `YYYY-MM-DD`.
    pub medical_card_expires: Option<Personal>,
}

/// What and how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DraftLine {
    /// The product.
    pub product_id: String,
    /// Its size, where the catalogue distinguishes them.
    pub variant_id: Option<String>,
    /// Units, or grams for a product sold by weight.
    pub quantity: Decimal,
}

/// An order as it is asked for. Nothing in it is trusted; it never names a price.
///
/// People write names and numbers into notes, so `Debug` does not show the note.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct OrderDraft {
    /// Who orders.
    pub customer: CustomerDraft,
    /// What.
    pub items: Vec<DraftLine>,
    /// How it is to be handed over.
    pub fulfillment: FulfillmentKind,
    /// A coupon.
    pub discount_code: Option<String>,
    /// For the staff.
    pub note: Option<String>,
    /// When the customer wants to come, RFC 3339.
    pub pickup_at: Option<String>,
    /// The total that the customer was shown, to be asked again when it has moved. Never a price.
    pub expected_total: Option<Decimal>,
    /// A manager lets the order pass over soft limits, and says why.
    pub override_note: Option<String>,
    /// What could not be read of it, so that it is told along with everything else.
    #[serde(skip)]
    pub unread: Problems,
}

impl fmt::Debug for OrderDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderDraft")
            .field("customer", &self.customer)
            .field("items", &self.items)
            .field("fulfillment", &self.fulfillment)
            .field("discount_code", &self.discount_code)
            .field("note", &self.note.as_ref().map(|_| "[note]"))
            .field("pickup_at", &self.pickup_at)
            .field("expected_total", &self.expected_total)
            .field("override_note", &self.override_note.as_ref().map(|_| "[note]"))
            .field("unread", &self.unread)
            .finish()
    }
}
