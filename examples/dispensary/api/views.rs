//! What is shown that is not itself a type of the core.

use order_core::access::{Actor, Role};
use order_core::flow::{BatchResult, QuoteSource, StoreSetup};
use order_core::lifecycle::{ActionKind, Change, Guard, Need, actions, row_for};
use order_core::model::{FulfillmentKind, Note, Order, OrderId, ReasonCode};
use order_core::ports::Recorded;
use order_core::rules::Problems;
use serde::Serialize;
use serde_json::{Value, json};

use super::Problem;

/// One entry of a timeline.
#[derive(Debug, Serialize)]
pub(crate) struct TimelineEntry {
    position: u64,
    at: chrono::DateTime<chrono::Utc>,
    actor: Actor,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

impl From<Recorded> for TimelineEntry {
    fn from(Recorded { position, event, .. }: Recorded) -> Self {
        let name = event.change.name();
        let (from, to) = match &event.change {
            Change::Submitted(order) => (None, Some(order.status.to_string())),
            Change::Moved { from, to, .. } => (Some(from.to_string()), Some(to.to_string())),
            Change::Payment { from, to, .. } => {
                (Some(from.as_str().to_owned()), Some(to.as_str().to_owned()))
            }
            Change::Pos { state, .. } => (None, Some(state.as_str().to_owned())),
            _ => (None, None),
        };
        let data = match &event.change {
            Change::LimitOverridden { rules } => Some(json!({ "rules": rules })),
            Change::Picked { lines, .. } => Some(json!({ "lines": lines })),
            Change::LinesChanged { changes, .. } => Some(json!({ "changes": changes })),
            Change::Pos { change, .. } => {
                serde_json::to_value(change).ok().and_then(|change| change.get("with").cloned())
            }
            Change::Notified { kind, audience, channel } => {
                Some(json!({ "kind": kind, "audience": audience, "channel": channel }))
            }
            Change::NotifyFailed { kind, audience, channel, detail } => {
                Some(json!({ "kind": kind, "audience": audience, "channel": channel, "detail": detail }))
            }
            _ => None,
        };
        Self {
            position: position.0,
            at: event.at,
            actor: event.actor,
            event: name,
            from,
            to,
            reason: event.reason,
            note: event.note,
            data,
        }
    }
}

/// What became of one order of a batch.
#[derive(Debug, Serialize)]
pub(crate) struct BatchEntry {
    id: OrderId,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

impl From<BatchResult> for BatchEntry {
    fn from(BatchResult { id, outcome }: BatchResult) -> Self {
        match outcome {
            Ok(order) => Self { id, ok: true, order: Some(order), problem: None },
            Err(error) => Self { id, ok: false, order: None, problem: Some(error.into()) },
        }
    }
}

/// A price, as the contract writes it, with whose sums it shows.
#[derive(Debug, Serialize)]
pub(crate) struct QuoteView {
    #[serde(flatten)]
    quote: order_core::flow::Quote,
    /// True when our own sums are shown although the store has a POS that prices.
    estimate: bool,
}

impl QuoteView {
    /// What stands against the basket.
    pub(crate) const fn problems(&self) -> &Problems {
        &self.quote.problems
    }
}

impl From<order_core::flow::Quote> for QuoteView {
    fn from(quote: order_core::flow::Quote) -> Self {
        Self { estimate: quote.source == QuoteSource::Store, quote }
    }
}

/// What a page needs to know about a store.
#[derive(Debug, Serialize)]
pub(crate) struct StoreInfo {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    time_zone: chrono_tz::Tz,
    coupons: bool,
    paused: bool,
}

impl StoreInfo {
    /// The store as it is set up, and whether kiosks are refused now.
    pub(crate) fn new(StoreSetup { store, pos, .. }: &StoreSetup, paused: bool) -> Self {
        Self {
            name: store.name.clone(),
            address: store.address.clone(),
            time_zone: store.time_zone,
            coupons: pos.as_ref().is_some_and(|pos| pos.capabilities().coupon),
            paused,
        }
    }
}

/// An order, with what its reader may do next.
#[derive(Debug, Serialize)]
pub(crate) struct OrderView {
    #[serde(flatten)]
    order: Order,
    actions: Vec<NextAction>,
}

/// Something that may be done next.
#[derive(Debug, Serialize)]
struct NextAction {
    action: ActionKind,
    need: &'static str,
}

impl OrderView {
    /// The order as this role sees it. What the order as a whole rules out for good is not offered; what only
    /// has to wait is, because the refusal says what for.
    pub(crate) fn new(order: Order, role: Role) -> Self {
        let pickup = order.fulfillment.kind == FulfillmentKind::Pickup;
        let next = |action| {
            let row = row_for(action, order.status, role)?;
            let need = match row.need {
                Need::Nothing => "nothing",
                Need::Reason => "reason",
                Need::ReasonAndNote => "reason_and_note",
            };
            (!(pickup && row.guards.contains(&Guard::IsDelivery))).then_some(NextAction { action, need })
        };
        let actions = actions(order.status, role).into_iter().filter_map(next).collect();
        Self { order, actions }
    }
}
