//! Orders and what belongs to them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use order_core::access::Role;
use order_core::lifecycle::ActionKind;
use order_core::model::{PosState, ReasonCode, Status};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    ActionWord, Amount, Content, Fulfillment, OrderCustomer, OrderWarning, PickState, PosStateWord, Quantity,
    ReasonWord, RoleWord, StatusWord, Substitute, Totals,
};

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
    /// Since when it is followed.
    followed_since: Option<DateTime<Utc>>,
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
    /// What is in one unit or gram.
    content: Option<Content>,
    /// How much was ordered.
    quantity: Quantity,
    /// Price per unit or gram; before tax unless `tax_included`.
    unit_price: Amount,
    /// Whether the price has the taxes in it.
    tax_included: Option<bool>,
    /// The line before discount and tax.
    line_total: Amount,
    /// Taken off.
    discount: Amount,
    /// What was agreed to be taken off, where that is more than the line now comes to.
    discount_agreed: Option<Amount>,
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

/// That a manager let an order pass over soft limits.
#[derive(ToSchema)]
pub(crate) struct LimitOverride {
    /// Which rules.
    rules: Vec<String>,
    /// Who.
    by: String,
    /// When.
    at: DateTime<Utc>,
    /// Why.
    note: String,
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
    /// The highest line number given out so far.
    last_line: u32,
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
    /// When it was handed over.
    completed_at: Option<DateTime<Utc>>,
    /// What staff should know about how it was taken.
    warnings: Option<Vec<OrderWarning>>,
    /// The soft limits it was let pass over.
    overrides: Option<Vec<LimitOverride>>,
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
