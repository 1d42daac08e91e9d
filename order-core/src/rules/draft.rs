//! An order as a customer asks for it, before anything is checked.

use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::model::{CustomerKind, FulfillmentKind, Personal};

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
    /// Adult-use or medical.
    pub kind: CustomerKind,
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
}

impl fmt::Debug for OrderDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderDraft")
            .field("customer", &self.customer)
            .field("items", &self.items)
            .field("fulfillment", &self.fulfillment)
            .field("discount_code", &self.discount_code)
            .field("note", &self.note.as_ref().map(|_| "[note]"))
            .finish()
    }
}
