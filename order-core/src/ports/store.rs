//! Where orders are kept: the write path. One transaction takes everything a decision brings.

use std::fmt::{self, Debug};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use super::Sku;
use crate::lifecycle::{Effect, Event};
use crate::model::{InvalidId, Order, OrderCode, OrderId, OrderKey, Pause, Revision, StoreId};

/// A place in the log of all events of all orders; later commits have later places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its place.
    pub position: Position,
    /// The store of its order.
    pub store: StoreId,
    /// The event.
    pub event: Event,
}

/// The key by which a client recognises its own submission: 1 to 255 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Checks and wraps.
    ///
    /// # Errors
    /// [`InvalidId`] unless it is 1 to 255 visible ASCII characters.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
        let text = text.into();
        if (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(InvalidId::new("idempotency key", "1 to 255 visible ASCII characters"))
        }
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0
    }
}

impl Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdempotencyKey(…)")
    }
}

/// What a client submitted under a key. Keys are scoped to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The key.
    pub key: IdempotencyKey,
    /// A digest of what was submitted, to tell a repeat from another order under the same key.
    pub fingerprint: [u8; 32],
    /// The order it led to.
    pub order: OrderId,
}

/// The id of a row in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectId(pub Uuid);

/// Work to be written into the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEffect {
    /// Its id; a UUIDv7, so that work of one order sorts in the order it was decided.
    pub id: EffectId,
    /// What to do.
    pub effect: Effect,
    /// Not before this moment.
    pub due: DateTime<Utc>,
}

/// Stock set aside for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Of what.
    pub sku: Sku,
    /// How much.
    pub quantity: Decimal,
    /// How much the source said there is; `None` when it is not known and nothing is to be checked.
    pub available: Option<Decimal>,
    /// When the source was asked. Holds that the POS took over before that are in its figure already.
    pub as_of: DateTime<Utc>,
}

/// What becomes of an order's holds. Declarative, so that repeating it changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Holds {
    /// They stay.
    #[default]
    Keep,
    /// They become exactly these. Refused as a whole when one of them exceeds what is left.
    Set(Vec<Hold>),
    /// The POS sets the stock aside itself since this moment. They count on until a stock figure is younger.
    HandedOver(DateTime<Utc>),
    /// They end.
    Release,
}

/// How a claimed piece of work ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It is done with; the row goes.
    Done,
    /// It goes on, and the claim holds until then. What is written along with it is written only by the
    /// claim's latest holder.
    Extend {
        /// When the claim ends.
        until: DateTime<Utc>,
    },
    /// It is to be tried again.
    Again {
        /// Not before this moment.
        due: DateTime<Utc>,
        /// Whether the count of attempts starts over.
        fresh: bool,
    },
}

/// The end of one claim, or its continuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// Which row.
    pub effect: EffectId,
    /// The token of the claim; a claim that was overtaken no longer settles anything.
    pub token: u64,
    /// How it ended.
    pub settlement: Settlement,
}

/// A pick-up slot with a bounded number of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When it begins.
    pub from: DateTime<Utc>,
    /// How many orders it takes; no bound when not given.
    pub capacity: Option<u32>,
}

/// What ties an order to others, to be compared and noted in the transaction that writes it.
///
/// A commit with ties and events files its order under these keys and marks it with the place of its last event; one
/// without events only compares. An order keeps the keys it was filed under, and the moment it was placed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ties {
    /// What the customer's orders are found by. Keys that were not known before are added by later commits.
    pub customer: Vec<OrderKey>,
    /// The mark of the customer's orders as it was read with [`OrderStore::standing`] from `since` on. When it has
    /// grown since, somebody ordered for the same customer meanwhile, and the decision is to be taken anew. Nothing is
    /// compared when not given.
    pub seen: Option<Position>,
    /// How far back the mark was read.
    pub since: DateTime<Utc>,
    /// What else its orders are counted by, such as the kiosk; noted with a new order only.
    pub counted: Vec<OrderKey>,
    /// The slot a new order takes a place in. Canceled and removed orders take none. One that is taken up again has
    /// its place again, even in a slot that filled meanwhile: only staff do that, and capacity does not bind them.
    pub slot: Option<Slot>,
}

/// What to find out about a store before an order is decided.
#[derive(Debug, Clone)]
pub struct StandingQuery {
    /// The store.
    pub store: StoreId,
    /// What the customer's orders are found by; none finds none.
    pub customer: Vec<OrderKey>,
    /// Orders placed at or after.
    pub since: DateTime<Utc>,
    /// To be counted: orders with this key, placed at or after that moment, whatever became of them.
    pub counts: Vec<(OrderKey, DateTime<Utc>)>,
    /// The slot whose orders are to be counted.
    pub slot: Option<DateTime<Utc>>,
}

/// How things stand in a store for one customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The customer's orders, earliest first: all that share a key, but for canceled and removed ones.
    pub orders: Vec<Order>,
    /// The mark to hand back with the commit: the highest of all orders that share a key and were placed since then,
    /// whatever became of them; zero when there is none.
    pub mark: Position,
    /// The counts asked for, in the same order.
    pub counts: Vec<u64>,
    /// How many orders are in the slot asked for; canceled and removed ones are not.
    pub in_slot: u64,
    /// Whether the store takes no orders for a while.
    pub pause: Option<Pause>,
}

/// Everything one decision brings, to be written in one transaction, or not at all.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The snapshot after the events.
    pub order: Order,
    /// The revision the decision was made on; `None` for a new order.
    pub expected: Option<Revision>,
    /// What happened, in order, revisions contiguous.
    pub events: Vec<Event>,
    /// What is to be done because of it.
    pub effects: Vec<NewEffect>,
    /// The key a new order was submitted under.
    pub submission: Option<Submission>,
    /// What becomes of the stock set aside.
    pub holds: Holds,
    /// What ties the order to others of its customer, kiosk and slot.
    pub ties: Option<Ties>,
    /// The piece of work whose outcome this is.
    pub settle: Option<Settle>,
}

/// A commit that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The place of the last event in the log; the store's last place when there was no event.
    pub position: Position,
}

/// What to claim.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The moment; work due later stays.
    pub now: DateTime<Utc>,
    /// How long the claim holds before others may take the work over.
    pub lease: Duration,
    /// The most pieces.
    pub limit: usize,
    /// Stores to leave out, because enough of their work is under way.
    pub skip: Vec<StoreId>,
}

/// A claimed piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The row.
    pub id: EffectId,
    /// The order.
    pub order: OrderId,
    /// Its store.
    pub store: StoreId,
    /// What to do.
    pub effect: Effect,
    /// How often it has been claimed since it was written or last made fresh, this time included.
    pub attempts: u32,
    /// Fencing token: grows with every claim of the row, and only its latest holder may settle.
    pub token: u64,
    /// When the work was first due.
    pub due: DateTime<Utc>,
}

/// Why a store did not do as asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else changed the order first. Load it again and decide again.
    #[error("the order has changed: expected revision {expected}, found {actual}")]
    Conflict {
        /// The revision the decision was made on.
        expected: Revision,
        /// The revision there is.
        actual: Revision,
    },
    /// The key was used before.
    #[error("the idempotency key was used before")]
    KeyUsed(Box<Submission>),
    /// The spoken code is taken. Draw another.
    #[error("the order code is taken; draw another")]
    CodeTaken,
    /// An order with this id exists. Draw another.
    #[error("the order id is taken; draw another")]
    IdTaken,
    /// Not enough is left.
    #[error("not enough stock is left")]
    OutOfStock {
        /// Of what.
        sku: Sku,
        /// How much is left for this order.
        left: Decimal,
    },
    /// Another order of the same customer was written meanwhile. Read how things stand again and decide again.
    #[error("another order of the same customer was written meanwhile; decide again")]
    CustomerBusy,
    /// The slot was taken meanwhile.
    #[error("the pick-up slot is full")]
    SlotFull,
    /// The claim was overtaken; its outcome is void.
    #[error("the lease on this piece of work was lost to another worker")]
    LeaseLost,
    /// No such order.
    #[error("no such order")]
    NotFound,
    /// The store cannot be used now; the same call may work later.
    #[error("the order store is not available now: {0}")]
    Unavailable(String),
    /// What is stored cannot be read, or is not what it must be.
    #[error("the order store is damaged or of another version: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// Whether the same call may succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// Keeps orders, their events, the outbox, idempotency keys and stock holds.
///
/// Promises: a commit is all or nothing and durable when it returns; revisions are compared, and so are the marks of
/// a customer's orders and the places of a slot where [`Ties`] say so; the log is append-only and read in order
/// without gaps that later fill; a claim excludes others until its lease ends; work in
/// [`crate::lifecycle::Lane::Pos`] of one order is claimed strictly first come, first served.
///
/// A commit is refused for the first of these that applies: its key was used, its lease was lost, its id or code is
/// taken, its order is missing or of another revision, the customer is busy, the slot is full, stock is short.
#[async_trait]
pub trait OrderStore: Send + Sync + Debug {
    /// The order with this id.
    async fn load(&self, id: OrderId) -> Result<Option<Order>, StoreError>;

    /// The order with this spoken code.
    async fn load_by_code(&self, code: OrderCode) -> Result<Option<Order>, StoreError>;

    /// What was submitted under this key.
    async fn submission(
        &self,
        store: &StoreId,
        key: &IdempotencyKey,
    ) -> Result<Option<Submission>, StoreError>;

    /// Writes one decision.
    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError>;

    /// Takes pieces of work that are due and unclaimed, or whose claim has run out, oldest first.
    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError>;

    /// Ends a claim without an event.
    async fn settle(&self, settle: Settle) -> Result<(), StoreError>;

    /// When the next piece of work is due or its lease runs out; none when the outbox is empty.
    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// Events after a place, of one store or of all, oldest first.
    async fn events_after(
        &self,
        store: Option<&StoreId>,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError>;

    /// All events of one order, oldest first.
    async fn history(&self, id: OrderId) -> Result<Vec<Recorded>, StoreError>;

    /// How much of each is set aside by orders other than `except` and not contained in a stock figure taken at
    /// that moment, in the same order.
    async fn held(
        &self,
        store: &StoreId,
        except: Option<OrderId>,
        figures: &[(Sku, DateTime<Utc>)],
    ) -> Result<Vec<Decimal>, StoreError>;

    /// How things stand for a customer, a kiosk, a slot and the store as a whole, all at one moment.
    async fn standing(&self, query: &StandingQuery) -> Result<Standing, StoreError>;

    /// Notes that the store takes no orders for a while, in place of any pause before; none ends it. Kept until then,
    /// also beyond its end: whether it holds is for whoever reads it to say.
    async fn set_pause(&self, store: &StoreId, pause: Option<Pause>) -> Result<(), StoreError>;
}
