//! Treez's JSON: what we send, strict, and what we read, tolerant (Treez 9.4, 9.9).
//!
//! What is read derives no `Debug`: it holds people.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;

use crate::transport::{Literal, Number, OneOrMany};

/// A text that may be written as a number or a boolean; none for null, empty, `N/A` and structures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Word(pub(super) Option<String>);

impl Word {
    pub(super) fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.as_str().is_some_and(|text| text.eq_ignore_ascii_case(word))
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let text: Cow<'_, str> = match raw.as_bytes().first() {
            Some(b'"') => Cow::Owned(serde_json::from_str(raw).map_err(de::Error::custom)?),
            Some(b'{' | b'[' | b'n') | None => return Ok(Self(None)),
            _ => Cow::Borrowed(raw),
        };
        let text = text.trim();
        let missing = text.is_empty() || text.eq_ignore_ascii_case("n/a");
        Ok(Self((!missing).then(|| text.to_owned())))
    }
}

/// An object, or nothing where something else stands.
#[derive(Clone)]
pub(super) struct Maybe<T>(pub(super) Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        OneOrMany::deserialize(deserializer).map(|all| Self(all.0.into_iter().next()))
    }
}

/// The envelope around every answer (Treez 6). `T` is what `data` or `ticketList` holds.
#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub(super) struct Envelope<T> {
    #[serde(default, rename = "resultCode")]
    pub(super) result_code: Word,
    #[serde(default, rename = "resultReason")]
    pub(super) reason: Word,
    #[serde(default, rename = "resultDetail")]
    pub(super) detail: Word,
    #[serde(default)]
    data: Option<OneOrMany<T>>,
    #[serde(default, rename = "ticketList")]
    tickets: Option<OneOrMany<T>>,
}

impl<T> Envelope<T> {
    /// Everything the answer holds, wherever it stands (Treez 4.3); none when it has no place for it at all.
    pub(super) fn told(self) -> Option<Vec<T>> {
        match (self.data, self.tickets) {
            (None, None) => None,
            (data, tickets) => Some([data, tickets].into_iter().flatten().flat_map(|part| part.0).collect()),
        }
    }

    /// Everything the answer holds.
    pub(super) fn all(self) -> Vec<T> {
        self.told().unwrap_or_default()
    }
}

/// The envelope without what is in it, for a body that cannot be read any further.
#[derive(Deserialize)]
pub(super) struct Bare {
    #[serde(default, rename = "resultCode")]
    pub(super) result_code: Word,
    #[serde(default, rename = "resultReason")]
    pub(super) reason: Word,
    #[serde(default, rename = "resultDetail")]
    pub(super) detail: Word,
}

/// The token's fields stand in the envelope itself (Treez 2a).
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    #[serde(default)]
    pub(super) access_token: Word,
    #[serde(default)]
    pub(super) expires_in: Literal,
    #[serde(default)]
    pub(super) expires_at: Word,
}

/// A ticket as Treez tells it (Treez 4.3).
#[derive(Clone, Deserialize)]
pub(super) struct Ticket {
    #[serde(default, rename = "type")]
    pub(super) kind: Word,
    #[serde(default)]
    pub(super) ticket_id: Word,
    #[serde(default)]
    pub(super) order_number: Word,
    #[serde(default)]
    pub(super) external_order_number: Word,
    #[serde(default)]
    pub(super) order_source: Word,
    #[serde(default)]
    pub(super) revenue_source: Word,
    #[serde(default)]
    pub(super) customer_id: Word,
    #[serde(default)]
    pub(super) order_status: Word,
    #[serde(default)]
    pub(super) payment_status: Word,
    #[serde(default)]
    pub(super) date_created: Word,
    #[serde(default)]
    pub(super) last_updated_at: Word,
    #[serde(default)]
    pub(super) scheduled_date: Word,
    #[serde(default)]
    pub(super) ticket_note: Word,
    #[serde(default)]
    pub(super) tax_total: Literal,
    #[serde(default)]
    pub(super) discount_total: Literal,
    #[serde(default)]
    pub(super) total: Literal,
    #[serde(default)]
    pub(super) items: OneOrMany<Item>,
    #[serde(default)]
    pub(super) fees: OneOrMany<Fee>,
    #[serde(default)]
    pub(super) payments: OneOrMany<PaymentSeen>,
    #[serde(default)]
    pub(super) purchase_limit: Maybe<BTreeMap<String, Word>>,
}

/// A line of a ticket.
#[derive(Clone, Deserialize)]
pub(super) struct Item {
    #[serde(default)]
    pub(super) product_id: Word,
    #[serde(default)]
    pub(super) size_id: Word,
    #[serde(default)]
    pub(super) product_type: Word,
    #[serde(default)]
    pub(super) product_subtype: Word,
    #[serde(default)]
    pub(super) quantity: Literal,
    #[serde(default)]
    pub(super) inventory_type: Word,
    #[serde(default)]
    pub(super) location_name: Word,
    #[serde(default)]
    pub(super) apply_automatic_discounts: Word,
}

/// A fee of a ticket.
#[derive(Clone, Deserialize)]
pub(super) struct Fee {
    #[serde(default, rename = "type")]
    pub(super) kind: Word,
    #[serde(default)]
    pub(super) total_amount: Literal,
}

/// That a payment is on a ticket; what it was is the register's affair.
#[derive(Clone, Deserialize)]
pub(super) struct PaymentSeen {}

/// A customer as Treez tells it (Treez 3).
#[derive(Deserialize)]
pub(super) struct Customer {
    #[serde(default)]
    pub(super) customer_id: Word,
    #[serde(default)]
    pub(super) status: Word,
    #[serde(default)]
    pub(super) verification_status: Word,
    #[serde(default)]
    pub(super) first_name: Word,
    #[serde(default)]
    pub(super) last_name: Word,
    #[serde(default)]
    pub(super) birthday: Word,
    #[serde(default)]
    pub(super) email: Word,
    #[serde(default)]
    pub(super) phone: Word,
    #[serde(default)]
    pub(super) patient_type: Word,
    #[serde(default)]
    pub(super) banned: Word,
    #[serde(default)]
    pub(super) merged_into_customer_id: Word,
}

/// A page of products (Treez 5).
#[derive(Deserialize)]
pub(super) struct ProductList {
    #[serde(default)]
    pub(super) product_list: OneOrMany<ProductSeen>,
    #[serde(default)]
    pub(super) page_count: Literal,
}

/// A product as Treez tells it (Treez 5).
#[derive(Deserialize)]
pub(super) struct ProductSeen {
    #[serde(default)]
    pub(super) product_id: Word,
    #[serde(default)]
    pub(super) product_status: Word,
    #[serde(default)]
    pub(super) sellable_quantity: Literal,
    #[serde(default)]
    pub(super) sellable_quantity_detail: OneOrMany<Pool>,
    #[serde(default)]
    pub(super) category_type: Word,
    #[serde(default)]
    pub(super) product_configurable_fields: Maybe<ProductFields>,
    #[serde(default)]
    pub(super) pricing: Maybe<Pricing>,
    #[serde(default)]
    pub(super) e_commerce: Maybe<Ecommerce>,
}

/// A part of a product's stock.
#[derive(Deserialize)]
pub(super) struct Pool {
    #[serde(default)]
    pub(super) inventory_type: Word,
}

/// What the store may word itself.
#[derive(Deserialize)]
pub(super) struct ProductFields {
    #[serde(default)]
    pub(super) name: Word,
    #[serde(default)]
    pub(super) brand: Word,
    #[serde(default)]
    pub(super) size: Word,
    #[serde(default)]
    pub(super) amount: Literal,
    #[serde(default)]
    pub(super) uom: Word,
    #[serde(default)]
    pub(super) total_mg_thc: Literal,
    #[serde(default)]
    pub(super) total_mg_cbd: Literal,
}

/// Prices, in dollars.
#[derive(Deserialize)]
pub(super) struct Pricing {
    #[serde(default)]
    pub(super) price_type: Word,
    #[serde(default)]
    pub(super) price_sell: Literal,
}

/// How the product shows on a menu.
#[derive(Deserialize)]
pub(super) struct Ecommerce {
    #[serde(default)]
    pub(super) menu_title: Word,
    #[serde(default)]
    pub(super) hide_from_menu: Word,
}

/// A ticket to be created, priced or changed (Treez 4.2, 4.4).
#[derive(Clone, Serialize)]
pub(super) struct TicketRequest {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) order_source: String,
    pub(super) order_status: String,
    pub(super) revenue_source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) customer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) external_order_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ticket_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scheduled_date: Option<String>,
    pub(super) items: Vec<ItemRequest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fees: Vec<FeeRequest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) payments: Vec<PaymentRequest>,
}

/// A line of a [`TicketRequest`].
#[derive(Clone, Serialize)]
pub(super) struct ItemRequest {
    pub(super) size_id: String,
    pub(super) quantity: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inventory_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) apply_automatic_discounts: Option<bool>,
}

/// A fee of a [`TicketRequest`].
#[derive(Clone, Serialize)]
pub(super) struct FeeRequest {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) total_amount: Number,
}

/// A payment of a [`TicketRequest`]; only an update may carry one.
#[derive(Clone, Serialize)]
pub(super) struct PaymentRequest {
    pub(super) payment_source: &'static str,
    pub(super) payment_method: String,
    pub(super) amount_paid: Number,
}

/// A customer to be created (Treez 3).
#[derive(Serialize)]
pub(super) struct CustomerRequest<'a> {
    pub(super) first_name: &'a str,
    pub(super) last_name: &'a str,
    pub(super) birthday: &'a str,
    pub(super) patient_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_drift() {
        let word = |json: &str| serde_json::from_str::<Word>(json).unwrap().0;
        assert_eq!(word("4711").as_deref(), Some("4711"));
        assert_eq!(word("\" 4711 \"").as_deref(), Some("4711"));
        assert_eq!(word("true").as_deref(), Some("true"));
        for missing in ["null", "\"\"", "\"N/A\"", "\"n/a\"", "{\"a\":1}", "[]"] {
            assert_eq!(word(missing), None, "{missing}");
        }
    }

    #[test]
    fn an_object_may_be_missing_or_something_else() {
        let limits = |json: &str| {
            let json = format!(r#"{{"purchase_limit":{json}}}"#);
            serde_json::from_str::<Ticket>(&json).unwrap().purchase_limit.0.map(|limits| limits.len())
        };
        assert_eq!(limits(r#"{"plant":"0/6","x":null}"#), Some(2));
        for nothing in ["null", "\"none\"", "7", "[]"] {
            assert_eq!(limits(nothing), None, "{nothing}");
        }
    }
}
