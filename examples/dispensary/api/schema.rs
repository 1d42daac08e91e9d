//! The shapes of requests and answers, for the OpenAPI document. The order crates know nothing of OpenAPI, so
//! their types are described here; a test holds these shapes against what the types really write.
#![expect(dead_code, reason = "shapes are read by the document's generator and never made")]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use order_core::access::Role;
use order_core::lifecycle::ActionKind;
use order_core::model::{PosState, ReasonCode, Status};
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

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

/// Adult use or medical.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum CustomerKind {
    /// Adult use.
    Adult,
    /// With a medical card.
    Medical,
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
    /// Adult or medical.
    r#type: CustomerKind,
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
}

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

/// An order as a kiosk asks for it.
#[derive(ToSchema)]
pub(crate) struct OrderDraft {
    /// Who orders.
    customer: OrderCustomer,
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
}

/// New lines for an order: what is not listed is taken off.
#[derive(ToSchema)]
pub(crate) struct ItemsChange {
    /// The version of the order that was seen.
    version: u64,
    /// The lines.
    #[schema(min_items = 1)]
    items: Vec<LineDraft>,
    /// A word about it.
    note: Option<String>,
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

/// What the POS said, or what went wrong on the way there.
#[derive(ToSchema)]
pub(crate) struct PosProblem {
    /// The kind of failure, such as `unreachable`.
    kind: String,
    /// The vendor's own code.
    vendor_code: Option<String>,
    /// For people.
    detail: String,
}

/// What was to be done at the POS.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum PosTaskWord {
    /// Create the order.
    Create,
    /// Change its lines.
    Update,
    /// Set its status.
    SetStatus,
    /// Tell that it is paid.
    MarkPaid,
    /// Cancel it.
    Cancel,
    /// Read it.
    Follow,
}

/// Why a person is needed.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum AttentionCode {
    /// The POS read it and said no.
    Refused,
    /// Nobody can tell whether it arrived.
    CannotTell,
    /// All tries are used up.
    Unreachable,
    /// The POS does not take our credentials.
    Unauthorized,
    /// The POS cannot do that.
    Unsupported,
    /// The POS holds something else than was asked for.
    Mismatch,
}

/// An order that a person has to look at.
#[derive(ToSchema)]
pub(crate) struct Attention {
    /// Why.
    code: AttentionCode,
    /// What was to be done.
    task: PosTaskWord,
    /// With `set_status`: which.
    #[schema(value_type = Option<StatusWord>)]
    status: Option<Status>,
    /// What is known.
    problem: PosProblem,
    /// Whether the order may be in the POS all the same.
    maybe_there: bool,
    /// Since when.
    since: DateTime<Utc>,
}

/// Where the POS holds something else than we do.
#[derive(ToSchema)]
pub(crate) struct Difference {
    /// Of what.
    field: String,
    /// What we hold.
    ours: String,
    /// What the POS holds.
    theirs: String,
}

/// The POS side of an order.
#[derive(ToSchema)]
pub(crate) struct PosTrack {
    /// Which POS.
    vendor: Option<String>,
    /// How far.
    #[schema(value_type = PosStateWord)]
    state: PosState,
    /// The order's id there.
    id: Option<String>,
    /// The order's number there.
    number: Option<String>,
    /// The POS's own word for the status.
    status: Option<String>,
    /// Why a person is needed.
    attention: Option<Attention>,
    /// The last failure, while it is being tried again.
    problem: Option<PosProblem>,
    /// What the POS says it costs.
    totals: Option<Totals>,
    /// Where the POS holds something else.
    differences: Option<Vec<Difference>>,
    /// How many changes of ours still have to reach the POS.
    pending: Option<u32>,
    /// How often it was tried.
    tries: Option<u32>,
    /// Whether a person vouched for it.
    vouched: Option<bool>,
    /// When it was read last.
    read_at: Option<DateTime<Utc>>,
}

/// A line of an order.
#[derive(ToSchema)]
pub(crate) struct OrderItem {
    /// Its number in the order.
    id: u32,
    /// The product.
    product_id: String,
    /// Its size.
    variant_id: Option<String>,
    /// What it is called.
    name: String,
    /// Its size in words.
    size: Option<String>,
    /// Its category.
    category: Option<String>,
    /// How much was ordered.
    quantity: Quantity,
    /// Price per unit or gram before tax.
    unit_price: Amount,
    /// The line before discount and tax.
    line_total: Amount,
    /// Taken off.
    discount: Amount,
    /// The rates that apply.
    tax_rates: Option<Vec<Amount>>,
    /// The line's tax.
    tax: Amount,
    /// How far it is gathered.
    pick: PickState,
    /// How much there was, when short.
    supplied: Option<Quantity>,
    /// What is given instead, when substituted.
    substitute: Option<Substitute>,
}

/// Where money stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum PaymentStatus {
    /// Nothing yet.
    Unpaid,
    /// Under way.
    Pending,
    /// Taken.
    Paid,
    /// Given back.
    Refunded,
    /// Voided.
    Voided,
    /// Did not work.
    Failed,
}

/// Who saw the ID, and when.
#[derive(ToSchema)]
pub(crate) struct IdCheck {
    /// Who.
    by: String,
    /// When.
    at: DateTime<Utc>,
}

/// When a ticket was printed.
#[derive(ToSchema)]
pub(crate) struct Printed {
    /// The print's own id.
    id: Option<String>,
    /// When.
    at: DateTime<Utc>,
}

/// An order.
#[derive(ToSchema)]
pub(crate) struct Order {
    /// Our id.
    id: Uuid,
    /// The short code that is called out.
    code: String,
    /// The store.
    store: String,
    /// The kiosk it came from.
    kiosk: Option<String>,
    /// Counts changes that people must have seen before they act; name it with every write.
    version: u64,
    /// Counts every change.
    revision: u64,
    /// What the store is doing with it.
    #[schema(value_type = StatusWord)]
    status: Status,
    /// Why it was cancelled or moved back.
    #[schema(value_type = Option<ReasonWord>)]
    reason: Option<ReasonCode>,
    /// The POS side.
    pos: PosTrack,
    /// Where money stands.
    payment: PaymentStatus,
    /// The lines.
    items: Vec<OrderItem>,
    /// The sums now.
    totals: Totals,
    /// The sums that the customer was shown.
    quoted: Totals,
    /// Who ordered.
    customer: OrderCustomer,
    /// How it is handed over.
    fulfillment: Fulfillment,
    /// The coupon entered.
    discount_code: Option<String>,
    /// The customer's words.
    note: Option<String>,
    /// Who picks.
    picker: Option<String>,
    /// Who saw the ID.
    id_check: Option<IdCheck>,
    /// When a ticket was printed.
    printed: Option<Printed>,
    /// Whether staff asked a manager to cancel.
    cancel_requested: Option<bool>,
    /// When it was cancelled.
    canceled_at: Option<DateTime<Utc>>,
    /// When it was placed.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
    /// What its status and the caller's role allow next; where one order was asked for. Whether it works is
    /// decided when it is done.
    actions: Option<Vec<NextAction>>,
}

/// What an action needs besides the version.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum NeedWord {
    /// Nothing.
    Nothing,
    /// A reason.
    Reason,
    /// A reason and a note.
    ReasonAndNote,
}

/// Something the caller may do next.
#[derive(ToSchema)]
pub(crate) struct NextAction {
    /// What.
    #[schema(value_type = ActionWord)]
    action: ActionKind,
    /// What it needs.
    need: NeedWord,
}

/// A page of orders.
#[derive(ToSchema)]
pub(crate) struct OrderPage {
    /// The orders.
    orders: Vec<Order>,
    /// Where the next page begins; absent on the last one.
    next_cursor: Option<String>,
    /// How many orders the filters other than `status` leave, by status; zeros are left out.
    counts: BTreeMap<String, u64>,
}

/// Who acted.
#[derive(ToSchema)]
pub(crate) struct Actor {
    /// In which role.
    #[schema(value_type = RoleWord)]
    role: Role,
    /// Who.
    id: String,
}

/// One entry of a timeline.
#[derive(ToSchema)]
pub(crate) struct TimelineEntry {
    /// Where in the store's whole log.
    position: u64,
    /// When.
    at: DateTime<Utc>,
    /// Who.
    actor: Actor,
    /// What, such as `started`.
    event: String,
    /// From which state.
    from: Option<String>,
    /// To which state.
    to: Option<String>,
    /// Why.
    #[schema(value_type = Option<ReasonWord>)]
    reason: Option<ReasonCode>,
    /// A word about it.
    note: Option<String>,
    /// What else is known; differs by event.
    data: Option<Value>,
}

/// How much there is.
#[derive(ToSchema)]
pub(crate) struct Stock {
    /// How much.
    quantity: Amount,
    /// Whether it may be more.
    at_least: Option<bool>,
    /// When that was so.
    as_of: DateTime<Utc>,
}

/// One size of a product.
#[derive(ToSchema)]
pub(crate) struct Variant {
    /// Its id.
    id: String,
    /// In words.
    size: String,
    /// Before tax.
    price: Amount,
    /// How much there is; absent when nobody knows.
    stock: Option<Stock>,
}

/// By the piece or by weight.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum SoldBy {
    /// By the piece.
    Unit,
    /// By the gram.
    Gram,
}

/// What a store sells.
#[derive(ToSchema)]
pub(crate) struct Product {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
    /// Who makes it.
    brand: Option<String>,
    /// Its category.
    category: String,
    /// Its size, where it has only one.
    size: Option<String>,
    /// Before tax.
    price: Amount,
    /// By the piece or by weight.
    sold_by: SoldBy,
    /// What it weighs.
    weight_grams: Option<Amount>,
    /// What is in it.
    thc_mg: Option<Amount>,
    /// What is in it.
    cbd_mg: Option<Amount>,
    /// For medical customers only.
    medical_only: bool,
    /// Whether it is for sale.
    published: bool,
    /// How much there is; absent when nobody knows.
    stock: Option<Stock>,
    /// Its sizes.
    variants: Option<Vec<Variant>>,
}

/// What a page needs to know about a store.
#[derive(ToSchema)]
pub(crate) struct StoreInfo {
    /// What customers know it as.
    name: String,
    /// Where it is.
    address: Option<String>,
    /// IANA name.
    time_zone: String,
    /// Whether coupons can be looked up.
    coupons: bool,
}

/// A store's menu.
#[derive(ToSchema)]
pub(crate) struct Menu {
    /// What it sells.
    products: Vec<Product>,
    /// In which currency.
    currency: String,
    /// Whose menu it is.
    store: StoreInfo,
}

/// A line of a quote.
#[derive(ToSchema)]
pub(crate) struct QuotedLine {
    /// The product.
    product_id: String,
    /// Its size.
    variant_id: Option<String>,
    /// What it is called.
    name: String,
    /// How much.
    quantity: Quantity,
    /// Price per unit or gram before tax.
    unit_price: Amount,
    /// The line before tax.
    line_total: Amount,
}

/// How much of a purchase limit a basket uses.
#[derive(ToSchema)]
pub(crate) struct LimitUse {
    /// Which limit.
    name: String,
    /// How much of it.
    used: Amount,
    /// Out of how much.
    allowed: Amount,
}

/// Whose sums a quote shows.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum QuoteSource {
    /// The POS's.
    Pos,
    /// Our own.
    Store,
}

/// What a basket costs.
#[derive(ToSchema)]
pub(crate) struct Quote {
    /// The lines.
    items: Vec<QuotedLine>,
    /// The sums.
    totals: Totals,
    /// Whose sums they are.
    source: QuoteSource,
    /// The purchase limits the POS reported.
    limits: Vec<LimitUse>,
    /// True when our own sums are shown.
    estimate: bool,
}

/// A coupon the POS knows.
#[derive(ToSchema)]
pub(crate) struct Coupon {
    /// Its code.
    code: String,
    /// What it gives, for people.
    title: String,
}

/// A line as its customer sees it.
#[derive(ToSchema)]
pub(crate) struct CustomerLine {
    /// What it is called.
    name: String,
    /// Its size in words.
    size: Option<String>,
    /// How much.
    quantity: Quantity,
    /// The line before tax.
    line_total: Amount,
    /// How far it is gathered.
    pick: PickState,
}

/// An order as its customer sees it.
#[derive(ToSchema)]
pub(crate) struct CustomerOrder {
    /// Its code.
    code: String,
    /// What the store is doing with it.
    #[schema(value_type = StatusWord)]
    status: Status,
    /// Why it was cancelled.
    #[schema(value_type = Option<ReasonWord>)]
    reason: Option<ReasonCode>,
    /// What the customer is called by: first name and initial.
    called: String,
    /// The lines.
    items: Vec<CustomerLine>,
    /// The sums.
    totals: Totals,
    /// Where money stands.
    payment: PaymentStatus,
    /// Whether something is stuck that staff will mend.
    staff_will_help: bool,
    /// When it was placed.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
}

/// That the process answers.
#[derive(ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: String,
}

/// Work that waits.
#[derive(ToSchema)]
pub(crate) struct Outbox {
    /// How much.
    waiting: u64,
    /// How much of it is due.
    due: u64,
    /// Since when.
    oldest_due: Option<DateTime<Utc>>,
}

/// Whether the host can do its work.
#[derive(ToSchema)]
pub(crate) struct Readiness {
    /// `ok`, or what is not.
    status: String,
    /// Work that waits; absent when the order store does not answer.
    outbox: Option<Outbox>,
}
