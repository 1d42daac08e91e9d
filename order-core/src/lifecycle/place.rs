//! Placing: the first decision of an order's life.

use super::decision::{Decision, HoldChange};
use super::lines::{check_items, open};
use super::{Change, Effect, Event, Refusal};
use crate::access::Actor;
use crate::model::{
    Currency, Fulfillment, KioskId, LimitOverride, LineId, Note, NoticeKind, Order, OrderCode, OrderCustomer,
    OrderId, OrderItem, OrderWarning, PaymentStatus, Policy, PosTask, PosTrack, Revision, Status, StoreId,
    VendorLabel, Version, sum_items,
};
use crate::rules::{Problems, codes};
use chrono::{DateTime, Utc};

/// An order about to be placed: checked, priced, with its ids drawn.
#[derive(Debug, Clone)]
pub struct Placement {
    /// Its id.
    pub id: OrderId,
    /// Its spoken code.
    pub code: OrderCode,
    /// Its store.
    pub store: StoreId,
    /// The store's POS; none without.
    pub vendor: Option<VendorLabel>,
    /// The kiosk it came from.
    pub kiosk: Option<KioskId>,
    /// Who orders.
    pub customer: OrderCustomer,
    /// The lines, priced; they are numbered here.
    pub items: Vec<OrderItem>,
    /// What the prices are in.
    pub currency: Currency,
    /// How it is handed over.
    pub fulfillment: Fulfillment,
    /// A coupon.
    pub discount_code: Option<String>,
    /// For the staff.
    pub note: Option<Note>,
    /// What staff should know about how it was taken.
    pub warnings: Vec<OrderWarning>,
    /// The soft limits that the one who places it lets it pass over, and why.
    pub overrides: Option<Waiver>,
}

/// Soft limits that somebody lets an order pass over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The rules, by id.
    pub rules: Vec<String>,
    /// Why.
    pub note: Note,
}

/// Places an order: the order, and the decision whose one event holds it.
///
/// It begins in `VERIFICATION_PENDING` where the store verifies first or the customer is medical, because
/// nobody has seen a card yet.
///
/// # Errors
/// [`Refusal::Invalid`] when there is nothing in it, a line holds or costs less than nothing, or the sum does
/// not fit.
pub fn place(
    placement: Placement,
    policy: &Policy,
    actor: &Actor,
    at: DateTime<Utc>,
) -> Result<(Order, Decision), Refusal> {
    let Placement {
        id,
        code,
        store,
        vendor,
        kiosk,
        customer,
        mut items,
        currency,
        fulfillment,
        discount_code,
        note,
        warnings,
        overrides,
    } = placement;
    if items.is_empty() {
        let problem = Problems::one(codes::NO_ITEMS, "items", "an order needs at least one item");
        return Err(Refusal::Invalid(problem));
    }
    for (number, item) in (1..).zip(&mut items) {
        item.id = LineId::new(number);
        open(item, currency);
    }
    check_items(&items)?;
    let totals = sum_items(&items, currency).map_err(|_| {
        Refusal::Invalid(Problems::one(codes::AMOUNT_TOO_LARGE, "items", "the sum of the order does not fit"))
    })?;
    let last_line = items.iter().map(|item| item.id).fold(LineId::default(), LineId::max);
    let verify = policy.verify_first || customer.kind.is_medical();
    let overrides: Vec<LimitOverride> = overrides
        .into_iter()
        .map(|waiver| LimitOverride { rules: waiver.rules, by: actor.id.clone(), at, note: waiver.note })
        .collect();
    let order = Order {
        id,
        code,
        store,
        kiosk,
        version: Version::new(1),
        revision: Revision::new(1),
        status: if verify { Status::VerificationPending } else { Status::AwaitingProcessing },
        reason: None,
        pos: PosTrack::new(vendor),
        payment: PaymentStatus::Unpaid,
        items,
        last_line,
        totals,
        quoted: totals,
        customer,
        fulfillment,
        discount_code,
        note,
        picker: None,
        id_check: None,
        printed: None,
        cancel_requested: false,
        canceled_at: None,
        completed_at: None,
        warnings,
        overrides,
        created_at: at,
        updated_at: at,
    };
    let event = Event {
        order: id,
        revision: order.revision,
        at,
        actor: actor.clone(),
        reason: None,
        note: None,
        change: Change::Submitted(Box::new(order.clone())),
    };
    let effects = order.pos.vendor.iter().map(|_| Effect::Pos(PosTask::Create)).collect();
    let mut notices = vec![(NoticeKind::Submitted, Vec::new())];
    if !order.overrides.is_empty() {
        notices.push((NoticeKind::LimitOverridden, Vec::new()));
    }
    Ok((order, Decision { events: vec![event], effects, notices, holds: HoldChange::Retake }))
}
