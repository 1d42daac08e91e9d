//! The shapes of requests and answers, for the OpenAPI document. The order crates know nothing of OpenAPI, so
//! their types are described here; a test holds these shapes against what the types really write.
#![expect(dead_code, reason = "shapes are read by the document's generator and never made")]

mod menu;
mod order;
pub(crate) mod refusals;
mod request;

use chrono::{DateTime, Utc};
use order_core::access::Role;
use order_core::lifecycle::ActionKind;
use order_core::model::{PosState, ProductClass, ReasonCode, Status};
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

pub(crate) use menu::*;
pub(crate) use order::*;
pub(crate) use request::*;

/// Words that the core lists itself, so that the document cannot fall behind.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $what:literal = $all:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = $all.iter().map(|word| word.as_str());
                let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
                words.description(Some($what)).into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

words! {
    /// The business status.
    StatusWord: "What the store is doing with the order." = Status::ALL;
    /// The POS axis.
    PosStateWord: "Where the order stands on its way into the POS." = PosState::ALL;
    /// Why something was done.
    ReasonWord: "Why something was done." = ReasonCode::ALL;
    /// The role of an actor.
    RoleWord: "In which role somebody acted." = Role::ALL;
    /// What purchase limits take a product for.
    ClassWord: "What purchase limits take a product for." = ProductClass::ALL;
    /// What may be asked of an order.
    ActionWord: "What can be asked of an order." = ActionKind::ALL;
}

/// An answer that is not a success (RFC 9457).
#[derive(ToSchema)]
pub(crate) struct ProblemDocument {
    /// Which kind of problem, such as `/problems/stale-version`.
    r#type: String,
    /// The kind in words.
    title: String,
    /// The HTTP status again.
    status: u16,
    /// What exactly.
    detail: Option<String>,
    /// What is wrong with the input: everything at once.
    errors: Option<Vec<Violation>>,
}

/// One thing that is wrong with an input.
#[derive(ToSchema)]
pub(crate) struct Violation {
    /// A stable code, such as `out_of_stock`.
    code: String,
    /// Where, such as `items.0.quantity`.
    path: String,
    /// In words.
    message: String,
}

/// A decimal number as text, so that no reader rounds it.
#[derive(ToSchema)]
#[schema(value_type = String, example = "12.50", pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
pub(crate) struct Amount(String);

/// Whole units, or a weight in grams.
pub(crate) struct Quantity;

impl PartialSchema for Quantity {
    fn schema() -> RefOr<Schema> {
        let units = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let grams = ObjectBuilder::new().property("grams", Amount::schema()).required("grams");
        OneOfBuilder::new()
            .description(Some("Whole units, or a weight in grams."))
            .item(units)
            .item(grams)
            .into()
    }
}

impl ToSchema for Quantity {}

/// Sums of an order or a quote.
#[derive(ToSchema)]
pub(crate) struct Totals {
    /// All lines before discount and tax.
    subtotal: Amount,
    /// Taken off.
    discount: Amount,
    /// All taxes.
    tax: Amount,
    /// To pay.
    total: Amount,
    /// ISO 4217.
    currency: String,
}

/// Adult use, medical, or for a patient.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum CustomerKind {
    /// Adult use.
    Adult,
    /// With a medical card.
    Medical,
    /// Buys for a medical patient.
    Caregiver,
}

/// Where the customer lives.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Residency {
    /// In the store's jurisdiction.
    Resident,
    /// Elsewhere.
    Visitor,
}

/// A medical card, as far as the customer gave it.
#[derive(ToSchema)]
pub(crate) struct MedicalCard {
    /// Its number.
    number: Option<String>,
    /// The last day it is valid, YYYY-MM-DD.
    expires_on: Option<String>,
}

/// Who orders.
#[derive(ToSchema)]
pub(crate) struct OrderCustomer {
    /// The customer's id in the POS, when known.
    id: Option<String>,
    /// Given name.
    first_name: String,
    /// Family name.
    last_name: String,
    /// Ten digits.
    phone: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// YYYY-MM-DD.
    birth_date: Option<String>,
    /// Adult, medical or caregiver.
    r#type: CustomerKind,
    /// Where they live, when they said so.
    residency: Option<Residency>,
    /// Their medical card, when they gave it.
    medical_card: Option<MedicalCard>,
}

/// Pick-up or delivery.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum FulfillmentKind {
    /// In the store.
    Pickup,
    /// To the door.
    Delivery,
}

/// How the order is handed over.
#[derive(ToSchema)]
pub(crate) struct Fulfillment {
    /// Which way.
    r#type: FulfillmentKind,
    /// When the customer wants to come; as soon as it is ready when not given.
    pickup_at: Option<DateTime<Utc>>,
}
