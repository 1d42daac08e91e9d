//! What callers send.

use chrono::{DateTime, Utc};
use order_core::lifecycle::ActionKind;
use order_core::model::ReasonCode;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    ActionWord, Amount, Content, CustomerKind, Fulfillment, Order, ProblemDocument, Quantity, ReasonWord,
    Residency,
};

/// A wanted line.
#[derive(ToSchema)]
pub(crate) struct LineDraft {
    /// The product.
    product_id: String,
    /// Its size, where the product has sizes.
    variant_id: Option<String>,
    /// Units, or grams of what is sold by weight.
    #[schema(exclusive_minimum = 0.0)]
    quantity: f64,
}

/// Who orders, as a kiosk asks.
#[derive(ToSchema)]
pub(crate) struct CustomerDraft {
    /// The customer's id in the POS, when known.
    id: Option<String>,
    /// Given name.
    first_name: String,
    /// Family name.
    last_name: String,
    /// A ten-digit US number, in any usual form.
    phone: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// YYYY-MM-DD.
    birth_date: Option<String>,
    /// Adult, medical or caregiver.
    r#type: CustomerKind,
    /// Where they live, where purchase limits differ for visitors.
    residency: Option<Residency>,
    /// The number of their medical card.
    #[schema(max_length = 64)]
    medical_card: Option<String>,
    /// The last day that card is valid, YYYY-MM-DD.
    medical_card_expires: Option<String>,
}

/// An order as a kiosk asks for it.
#[derive(ToSchema)]
pub(crate) struct OrderDraft {
    /// Who orders.
    customer: CustomerDraft,
    /// What.
    #[schema(min_items = 1)]
    items: Vec<LineDraft>,
    /// How it is handed over; pick-up when not given.
    fulfillment: Option<Fulfillment>,
    /// A coupon.
    #[schema(max_length = 64)]
    discount_code: Option<String>,
    /// For the staff.
    #[schema(max_length = 500)]
    note: Option<String>,
    /// The total that the customer was shown; they are asked again when it has moved.
    expected_total: Option<Amount>,
    /// A manager lets the order pass over soft limits, and says why.
    #[schema(max_length = 500)]
    override_note: Option<String>,
}

/// From when until when kiosks are refused.
#[derive(ToSchema)]
pub(crate) struct PauseRequest {
    /// Until when; until somebody ends it when not given.
    until: Option<DateTime<Utc>>,
}

/// New lines for an order.
#[derive(ToSchema)]
pub(crate) struct ItemsChange {
    /// The version of the order that was seen.
    version: u64,
    /// The lines.
    #[schema(min_items = 1)]
    items: Vec<LineDraft>,
    /// A word about it.
    note: Option<String>,
    /// A manager lets the order pass over soft limits; the note says why.
    r#override: Option<bool>,
}

/// How far a line is gathered.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum PickState {
    /// Not yet.
    Open,
    /// As ordered.
    Picked,
    /// Less than ordered.
    Short,
    /// Something else instead.
    Substituted,
    /// Taken off.
    Removed,
}

/// What is given instead.
#[derive(ToSchema)]
pub(crate) struct Substitute {
    /// The product.
    product_id: String,
    /// Its size.
    variant_id: Option<String>,
    /// What it is called.
    name: String,
    /// What a unit of it costs.
    unit_price: Amount,
    /// What is in it, as the menu says; never sent.
    content: Option<Content>,
    /// Whether the customer agreed.
    consent: bool,
}

/// What became of one line.
#[derive(ToSchema)]
pub(crate) struct LinePick {
    /// The line's number.
    line: u32,
    /// What became of it.
    pick: PickState,
    /// How much there is; with `short` only.
    supplied: Option<Quantity>,
    /// What is given instead; with `substituted` only.
    substitute: Option<Substitute>,
}

/// Something asked of an order.
#[derive(ToSchema)]
pub(crate) struct ActionRequest {
    /// What. Not every word is for people: amending, merging and the POS side have calls of their own.
    #[schema(value_type = ActionWord)]
    action: ActionKind,
    /// The version of the order that was seen.
    version: u64,
    /// Why, where the action needs a reason.
    #[schema(value_type = Option<ReasonWord>)]
    reason: Option<ReasonCode>,
    /// A word about it, where the action needs one.
    #[schema(max_length = 500)]
    note: Option<String>,
    /// With `complete`: the ID was seen at hand-over.
    id_checked: Option<bool>,
    /// With `pack`, `complete` and `reopen`: a manager lets the order pass over soft limits; the note says why.
    r#override: Option<bool>,
    /// With `pick`: which lines; without it every open line is gathered.
    lines: Option<Vec<LinePick>>,
    /// With `mark_printed`: the print's own id.
    printed_id: Option<String>,
}

/// One action for many orders.
#[derive(ToSchema)]
pub(crate) struct BatchRequest {
    /// The orders.
    #[schema(min_items = 1, max_items = 200)]
    ids: Vec<Uuid>,
    /// What.
    #[schema(value_type = ActionWord)]
    action: ActionKind,
    /// Why.
    #[schema(value_type = Option<ReasonWord>)]
    reason: Option<ReasonCode>,
    /// A word about it.
    note: Option<String>,
    /// With `complete`: the IDs were seen at hand-over.
    id_checked: Option<bool>,
}

/// What became of one order of a batch.
#[derive(ToSchema)]
pub(crate) struct BatchEntry {
    /// The order.
    id: Uuid,
    /// Whether it was done.
    ok: bool,
    /// The order after it.
    order: Option<Order>,
    /// Why not.
    problem: Option<ProblemDocument>,
}

/// What a person does about the POS side.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum PosDeed {
    /// Try again what failed.
    Retry,
    /// The order was found there: `id`.
    Link,
    /// The order was keyed in by hand: `number`.
    Manual,
}

/// What a person says about the POS side.
#[derive(ToSchema)]
pub(crate) struct PosRequest {
    /// What.
    action: PosDeed,
    /// The order's id in the POS; with `link`.
    id: Option<String>,
    /// The order's number in the POS; with `manual`, and with `link` when known.
    number: Option<String>,
    /// A word about it.
    note: Option<String>,
}
