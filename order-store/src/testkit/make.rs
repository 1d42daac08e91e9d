//! Orders, events and commits to test with, made by hand and the same on every run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_core::access::{Actor, Role};
use order_core::lifecycle::{Change, Effect, Event, Notice};
use order_core::model::{
    ActorId, Audience, Channel, Content, Currency, Fulfillment, LineId, NoticeKind, Order, OrderCode,
    OrderCustomer, OrderId, OrderItem, OrderKey, PaymentStatus, PickState, PosTask, PosTrack, ProductId,
    Quantity, Revision, Status, StoreId, Totals, VariantId, VendorLabel, Version,
};
use order_core::ports::{
    Claim, Commit, EffectId, Hold, Holds, IdSource, IdempotencyKey, NewEffect, Sku, StandingQuery,
    Submission, Ties,
};
use rust_decimal::Decimal;

/// Seconds after a fixed moment in 2026.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + seconds, 0).expect("a moment in range")
}

/// A store id.
pub fn store(name: &str) -> StoreId {
    StoreId::new(name).expect("a store id")
}

/// A sku, of a product alone or of a `product/variant`.
pub fn sku(name: &str) -> Sku {
    let (product, variant) = match name.split_once('/') {
        Some((product, variant)) => (product, Some(variant)),
        None => (name, None),
    };
    Sku {
        product: ProductId::new(product).expect("a product id"),
        variant: variant.map(|variant| VariantId::new(variant).expect("a variant id")),
    }
}

/// An idempotency key.
pub fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).expect("a key")
}

/// A customer.
pub fn customer(first: &str, last: &str) -> OrderCustomer {
    OrderCustomer { first_name: first.into(), last_name: last.into(), ..OrderCustomer::default() }
}

/// The key of a phone number.
pub fn phone(number: &str) -> OrderKey {
    OrderKey::phone(&number.into())
}

/// Ties to a customer's orders, without a mark to be compared.
pub fn ties(customer: &[OrderKey]) -> Ties {
    Ties { customer: customer.to_vec(), ..Ties::default() }
}

/// Asks a store how things stand for a customer.
pub fn asks(of: &str, customer: &[OrderKey], since: DateTime<Utc>) -> StandingQuery {
    StandingQuery { store: store(of), customer: customer.to_vec(), since, counts: Vec::new(), slot: None }
}

/// Makes what a test needs. Its ids sort in the order they are drawn, also within one moment.
#[derive(Debug, Default)]
pub struct Maker {
    drawn: AtomicU64,
}

impl IdSource for Maker {
    fn random(&self) -> u64 {
        self.drawn.fetch_add(1, Ordering::Relaxed)
    }
}

impl Maker {
    /// One whose ids begin at the beginning.
    pub fn new() -> Self {
        Self::default()
    }

    /// One whose ids begin after `drawn` others, so that two makers do not draw the same.
    pub const fn after(drawn: u64) -> Self {
        Self { drawn: AtomicU64::new(drawn) }
    }

    /// A new order placed at a moment: one line, two units, awaiting processing, queued for the POS.
    pub fn order(&self, of: &str, placed: DateTime<Utc>) -> Order {
        let totals =
            Totals::of(Decimal::from(20), Decimal::ZERO, Decimal::new(160, 2), Currency::USD).expect("small");
        // An odd factor permutes the 40 bits, so that codes are all different and look nothing like ids.
        let code = OrderCode::from_random(self.random().wrapping_mul(0x9E_3779_B97F));
        Order {
            id: OrderId::new(self.uuid(placed)),
            code,
            store: store(of),
            kiosk: None,
            version: Version::new(1),
            revision: Revision::new(1),
            status: Status::AwaitingProcessing,
            reason: None,
            pos: PosTrack::new(Some(VendorLabel::new("anypos").expect("a label"))),
            payment: PaymentStatus::Unpaid,
            items: vec![OrderItem {
                id: LineId::new(1),
                product_id: ProductId::new("p1").expect("a product id"),
                variant_id: None,
                name: "Blue Dream".into(),
                size: Some("3.5 g".into()),
                category: Some("flower".into()),
                content: Content::default(),
                quantity: Quantity::Units(2),
                unit_price: Decimal::new(1000, 2),
                tax_included: false,
                line_total: Decimal::new(2000, 2),
                discount: Decimal::ZERO,
                discount_agreed: None,
                tax_rates: vec![Decimal::new(8, 2)],
                tax: Decimal::new(160, 2),
                pick: PickState::Open,
                supplied: None,
                substitute: None,
            }],
            last_line: LineId::new(1),
            totals,
            quoted: totals,
            customer: customer("Ada", "Byron"),
            fulfillment: Fulfillment::default(),
            discount_code: None,
            note: None,
            picker: None,
            id_check: None,
            printed: None,
            cancel_requested: false,
            canceled_at: None,
            completed_at: None,
            warnings: Vec::new(),
            overrides: Vec::new(),
            created_at: placed,
            updated_at: placed,
        }
    }

    /// The event that makes `revision` of an order.
    pub fn event(&self, order: &Order, revision: u64, change: Change) -> Event {
        Event {
            order: order.id,
            revision: Revision::new(revision),
            at: order.updated_at,
            actor: Actor::new(Role::Staff, ActorId::new("sam").expect("an actor id")),
            reason: None,
            note: None,
            change,
        }
    }

    /// The commit that places an order: one event, nothing else.
    pub fn place(&self, order: &Order) -> Commit {
        let mut order = order.clone();
        order.revision = Revision::new(1);
        let event = self.event(&order, 1, Change::Submitted(Box::new(order.clone())));
        Commit { expected: None, events: vec![event], ..self.quiet(&order) }
    }

    /// The commit of one more event on an order, with a change to its snapshot.
    pub fn step(&self, order: &Order, change: impl FnOnce(&mut Order)) -> Commit {
        let mut after = order.clone();
        after.revision = order.revision.next();
        after.updated_at = order.updated_at + Duration::from_secs(1);
        change(&mut after);
        let event = self.event(&after, after.revision.get(), Change::Printed { id: None });
        Commit { expected: Some(order.revision), events: vec![event], ..self.quiet(&after) }
    }

    /// The commit of no event on an order.
    pub fn quiet(&self, order: &Order) -> Commit {
        Commit {
            order: order.clone(),
            expected: Some(order.revision),
            events: Vec::new(),
            effects: Vec::new(),
            submission: None,
            holds: Holds::Keep,
            ties: None,
            settle: None,
        }
    }

    /// A submission of an order under a key.
    pub fn submission(&self, order: &Order, text: &str) -> Submission {
        Submission { key: key(text), fingerprint: [7; 32], order: order.id }
    }

    /// A piece of work.
    pub fn work(&self, effect: Effect, due: DateTime<Utc>) -> NewEffect {
        NewEffect { id: EffectId(self.uuid(due)), effect, due }
    }

    /// A change to be made in the POS.
    pub fn pos(&self, task: PosTask, due: DateTime<Utc>) -> NewEffect {
        // Ids of work sort as they are drawn, whenever it is due.
        NewEffect { id: EffectId(self.uuid(at(0))), effect: Effect::Pos(task), due }
    }

    /// A message to be sent.
    pub fn notice(&self, due: DateTime<Utc>) -> NewEffect {
        let notice = Notice {
            kind: NoticeKind::Submitted,
            audience: Audience::Customer,
            channel: Channel::Email,
            revision: Revision::new(1),
            changes: Vec::new(),
        };
        self.work(Effect::Notify(notice), due)
    }

    /// A hold of some units; `available` is what the source said there is at `as_of`.
    pub fn hold(&self, name: &str, units: u32, available: Option<u32>, as_of: DateTime<Utc>) -> Hold {
        Hold { sku: sku(name), quantity: units.into(), available: available.map(Decimal::from), as_of }
    }

    /// A claim of up to ten pieces for a minute.
    pub fn claim(&self, now: DateTime<Utc>) -> Claim {
        Claim { now, lease: Duration::from_secs(60), limit: 10, skip: Vec::new() }
    }
}
